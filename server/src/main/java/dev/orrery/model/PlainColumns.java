package dev.orrery.model;

import dev.orrery.model.OnnxGraph.Node;
import dev.orrery.model.PlainOp.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/// Which columns of a graph's inputs its values come from, so that what an encoder does not know is
/// told by a name that callers use: `city`, or `input[2]` of a wide input.
final class PlainColumns {
  private static final int WIDTH_MAX = 1_000;
  private static final Set<String> ENCODERS = Set.of("OneHotEncoder", "LabelEncoder");

  /// The columns of each value; the name of the input alone where they are not known one by one.
  private final Map<String, List<String>> columns = new HashMap<>();

  private final Set<String> encoded = new TreeSet<>();
  private volatile ObjIntConsumer<String> told = (_, _) -> {};

  void given(Port port) {
    int rank = port.shape().size();
    long width = rank < 2 ? 1 : port.shape().getLast();
    List<String> names = new ArrayList<>();
    if (rank == 2 && width > 1 && width <= WIDTH_MAX) {
      for (int i = 0; i < width; i++) names.add("%s[%d]".formatted(port.name(), i));
    } else {
      names.add(port.name());
    }
    columns.put(port.name(), names);
  }

  /// What an encoder of texts tells of those it does not know; nothing is told of a column that an
  /// earlier encoder of the graph has told of.
  IntConsumer encoded(Node node, Kind[] in) {
    boolean isEncoder = ENCODERS.contains(node.op()) && in[0].type() == Datatype.BYTES;
    List<String> of = isEncoder ? columns.get(node.inputs().getFirst()) : null;
    if (of == null || of.size() != 1 || !encoded.add(of.getFirst())) return _ -> {};
    String column = of.getFirst();
    return rows -> told.accept(column, rows);
  }

  void made(Node node, @Nullable PlainValue[] constants) {
    List<String> of = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      List<String> from = columns.get(node.inputs().get(i));
      if (from != null && (i == 0 || node.op().equals("Concat"))) of.addAll(from);
    }
    if (node.op().equals("ArrayFeatureExtractor") && constants.length == 2) {
      of = picked(of, constants[1]);
    }
    if (of.isEmpty() || of.size() > WIDTH_MAX) return;
    for (String output : node.outputs()) columns.put(output, of);
  }

  private static List<String> picked(List<String> of, @Nullable PlainValue places) {
    if (places == null || !(places.data() instanceof long[] wanted)) return List.of();
    var picked = new ArrayList<String>();
    for (long place : wanted) {
      if (place >= 0 && place < of.size()) picked.add(of.get((int) place));
    }
    return picked;
  }

  List<String> encoded() {
    return List.copyOf(encoded);
  }

  void tell(ObjIntConsumer<String> to) {
    told = to;
  }
}
