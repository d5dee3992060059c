package dev.orrery.model;

import dev.orrery.model.OnnxGraph.Node;
import dev.orrery.model.PlainOp.Kind;
import dev.orrery.model.PlainOp.Prepared;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/// Linear models, scalers, encoders and small networks of an ONNX file, scored in plain Java: no
/// native library, no memory outside the heap, nothing to close.
///
/// A graph fits if every operator is one of [PlainMath] or [PlainEncoders], over types and ranks
/// that they take, and if it has at most a million weights. Results are those of ONNX Runtime but
/// for the last bits of a float: its vectors add in another order, and its `tanh`, `exp` and
/// logistic function are approximations.
final class OnnxPlain implements Scorer {
  private static final int WEIGHTS_MAX = 1_000_000;
  private static final int NODES_MAX = 500;

  /// An operator with the places of its inputs and outputs among the values; -1 for none.
  private record Step(PlainOp op, int[] in, int[] out) {}

  private final List<Port> inputs;
  private final List<Port> outputs;
  private final List<Step> steps = new ArrayList<>();
  private final @Nullable PlainValue[] start;
  private final int[] given;
  private final int[] asked;
  private final PlainColumns columns;

  /// What a graph comes to while it is put together.
  private static final class Assembly {
    final Map<String, Integer> places = new HashMap<>();
    final List<Kind> kinds = new ArrayList<>();
    final List<@Nullable PlainValue> constants = new ArrayList<>();
    final PlainColumns columns = new PlainColumns();

    int add(String name, Kind kind, @Nullable PlainValue constant) {
      places.put(name, kinds.size());
      kinds.add(kind);
      constants.add(constant);
      return kinds.size() - 1;
    }
  }

  /// Whether every operator of the graph is known here.
  static boolean fits(Onnx.Checked checked) {
    return assemble(checked, new ArrayList<>()) != null;
  }

  OnnxPlain(Onnx.Checked checked) {
    OnnxGraph graph = checked.model().graph();
    Assembly assembly = assemble(checked, steps);
    if (assembly == null) throw new IllegalArgumentException("the graph does not fit");
    this.inputs = Onnx.inputs(graph);
    List<Port> shaped = new ArrayList<>();
    for (Port port : Onnx.outputs(graph)) shaped.add(shaped(port, assembly));
    this.outputs = Onnx.scoreFirst(shaped);
    this.given = places(inputs, assembly);
    this.asked = places(outputs, assembly);
    this.columns = assembly.columns;
    this.start = assembly.constants.toArray(PlainValue[]::new);
  }

  private static Port shaped(Port port, Assembly assembly) {
    Kind kind = assembly.kinds.get(place(port, assembly));
    if (port.shape().size() == kind.rank()) return port;
    long[] open = new long[kind.rank()];
    java.util.Arrays.fill(open, -1);
    return Port.of(port.name(), kind.type(), open);
  }

  private static int[] places(List<Port> ports, Assembly assembly) {
    return ports.stream().mapToInt(port -> place(port, assembly)).toArray();
  }

  private static int place(Port port, Assembly assembly) {
    return java.util.Objects.requireNonNull(assembly.places.get(port.name()));
  }

  /// Prepares every node; null if one of them is not for us.
  private static @Nullable Assembly assemble(Onnx.Checked checked, List<Step> steps) {
    OnnxGraph graph = checked.model().graph();
    var assembly = new Assembly();
    if (checked.nodes().size() > NODES_MAX || !checked.model().functions().isEmpty()) return null;
    for (Port port : Onnx.inputs(graph)) {
      if (!isKnown(port.type()) || port.shape().size() > 4) return null;
      int unused = assembly.add(port.name(), new Kind(port.type(), port.shape().size()), null);
      assembly.columns.given(port);
    }
    long weights = 0;
    for (OnnxGraph.Constant constant : graph.constants().values()) {
      Datatype type = OnnxGraph.datatype(constant.type());
      weights += constant.count();
      if (type == null || !isKnown(type) || weights > WEIGHTS_MAX) return null;
      int unused =
          assembly.add(
              constant.name(),
              new Kind(type, constant.dims().length),
              PlainValue.constant(constant, type));
    }
    for (Node node : checked.nodes()) {
      if (!step(node, checked.model(), assembly, steps)) return null;
    }
    for (Port port : Onnx.outputs(graph)) {
      if (assembly.kinds.get(place(port, assembly)).type() != port.type()) return null;
    }
    return assembly;
  }

  private static boolean step(
      Node node, OnnxGraph.Model model, Assembly assembly, List<Step> steps) {
    int count = node.inputs().size();
    int[] in = new int[count];
    Kind[] kinds = new Kind[count];
    @Nullable PlainValue[] constants = new PlainValue[count];
    for (int i = 0; i < count; i++) {
      Integer place = assembly.places.get(node.inputs().get(i));
      if (place == null) return false;
      in[i] = place;
      kinds[i] = assembly.kinds.get(place);
      constants[i] = assembly.constants.get(place);
    }
    Prepared prepared =
        node.domain().equals("ai.onnx.ml")
            ? PlainEncoders.prepare(node, kinds, assembly.columns.encoded(node, kinds))
            : node.domain().isEmpty()
                ? PlainMath.prepare(node, kinds, constants, model.opset())
                : null;
    if (prepared == null || node.outputs().size() > prepared.gives().length) return false;
    assembly.columns.made(node, constants);
    int[] out = new int[node.outputs().size()];
    for (int i = 0; i < out.length; i++) {
      String name = node.outputs().get(i);
      out[i] = name.isEmpty() ? -1 : assembly.add(name, prepared.gives()[i], null);
    }
    steps.add(new Step(prepared.op(), in, out));
    return true;
  }

  private static boolean isKnown(Datatype type) {
    return switch (type) {
      case FP32, FP64, INT64, INT32, BOOL, BYTES -> true;
      default -> false;
    };
  }

  @Override
  public String platform() {
    return Onnx.PLATFORM;
  }

  @Override
  public List<Port> inputs() {
    return inputs;
  }

  @Override
  public List<Port> outputs() {
    return outputs;
  }

  @Override
  public List<String> categories() {
    return columns.encoded();
  }

  @Override
  public void tellUnseen(ObjIntConsumer<String> told) {
    columns.tell(told);
  }

  @Override
  public SequencedMap<String, Tensor> score(SequencedMap<String, Tensor> rows) {
    @Nullable PlainValue[] values = start.clone();
    for (int i = 0; i < given.length; i++) {
      Port port = inputs.get(i);
      Tensor tensor = java.util.Objects.requireNonNull(rows.get(port.name()));
      values[given[i]] = PlainValue.of(tensor, port.type());
    }
    for (Step step : steps) {
      PlainValue[] in = new PlainValue[step.in().length];
      for (int i = 0; i < in.length; i++) {
        in[i] = java.util.Objects.requireNonNull(values[step.in()[i]]);
      }
      PlainValue[] out = step.op().apply(in);
      for (int i = 0; i < step.out().length; i++) {
        if (step.out()[i] >= 0) values[step.out()[i]] = out[i];
      }
    }
    var answer = new LinkedHashMap<String, Tensor>();
    for (int i = 0; i < asked.length; i++) {
      PlainValue value = java.util.Objects.requireNonNull(values[asked[i]]);
      answer.put(outputs.get(i).name(), value.tensor());
    }
    return answer;
  }
}
