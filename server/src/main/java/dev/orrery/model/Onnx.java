package dev.orrery.model;

import dev.orrery.model.OnnxGraph.Node;
import dev.orrery.model.OnnxGraph.Type;
import java.util.ArrayList;
import java.util.List;

/// ONNX files: read and checked here, then scored in plain Java where every operator is one of
/// [OnnxPlain]'s, else by ONNX Runtime.
final class Onnx {
  static final String PLATFORM = "onnx_onnxv1";

  /// A model that has been read and checked.
  ///
  /// @param bytes the file, without maps in its outputs (see [OnnxZipMap])
  /// @param nodes of the graph, each after those whose values it takes
  record Checked(byte[] bytes, OnnxGraph.Model model, List<Node> nodes) {}

  private Onnx() {}

  /// @throws dev.orrery.base.Problem of kind INVALID or UNSUPPORTED that says what is wrong
  static Scorer read(byte[] bytes) {
    Checked checked = check(bytes);
    return OnnxPlain.fits(checked) ? new OnnxPlain(checked) : new OnnxScorer(checked);
  }

  static Checked check(byte[] bytes) {
    OnnxGraph.Model model = OnnxReader.read(bytes);
    List<Node> nodes = OnnxCheck.ordered(model);
    byte[] flat = OnnxZipMap.without(bytes, model);
    if (flat != bytes) {
      model = OnnxReader.read(flat);
      nodes = OnnxCheck.ordered(model);
    }
    return new Checked(flat, model, nodes);
  }

  /// The inputs that a caller gives: those that the file holds no value for.
  static List<Port> inputs(OnnxGraph graph) {
    List<Port> ports = new ArrayList<>();
    for (OnnxGraph.Value value : graph.inputs()) {
      if (!graph.constants().containsKey(value.name())) ports.add(port(value, "input"));
    }
    if (ports.isEmpty()) throw OnnxReader.bad("it has no input");
    for (Port port : ports) {
      if (port.shape().isEmpty()) {
        throw OnnxReader.unsupported(
            "its input '%s' has no dimensions".formatted(port.name()),
            "Export it with inputs whose first dimension counts the rows");
      }
    }
    return List.copyOf(ports);
  }

  /// The outputs; `shape` is empty where the file does not say.
  static List<Port> outputs(OnnxGraph graph) {
    return graph.outputs().stream().map(value -> port(value, "output")).toList();
  }

  /// The score first: a floating output goes before labels.
  static List<Port> scoreFirst(List<Port> outputs) {
    if (outputs.getFirst().type().isFloating()) return outputs;
    var sorted = new ArrayList<Port>();
    outputs.stream().filter(port -> port.type().isFloating()).findFirst().ifPresent(sorted::add);
    outputs.stream().filter(port -> !sorted.contains(port)).forEach(sorted::add);
    return List.copyOf(sorted);
  }

  private static Port port(OnnxGraph.Value value, String noun) {
    if (!(value.type() instanceof Type.Dense dense)) {
      String what =
          value.type() instanceof Type.Other other ? other.what() : "a value without a type";
      throw OnnxReader.unsupported(
          "its %s '%s' is %s".formatted(noun, value.name(), what), "Export it with tensors alone");
    }
    Datatype type = OnnxGraph.datatype(dense.elements());
    boolean isRun =
        type != null
            && type != Datatype.UINT16
            && type != Datatype.UINT32
            && type != Datatype.UINT64;
    if (type == null || !isRun) {
      throw OnnxReader.unsupported(
          "its %s '%s' is of ONNX's type %d".formatted(noun, value.name(), dense.elements()),
          "Export it with floats, integers, booleans or strings");
    }
    return new Port(value.name(), type, dense.shape() == null ? List.of() : dense.shape());
  }
}
