package dev.orrery.model;

import dev.orrery.model.OnnxGraph.Node;
import dev.orrery.model.OnnxGraph.Value;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Takes the ZipMap out of a graph, so that its output is the matrix of probabilities `[rows,
/// classes]` in the order of the classes, not a list of maps: a tensor server has no maps, and
/// making them costs more than the model.
final class OnnxZipMap {
  /// A part of the file and what stands there instead.
  private record Change(int start, int end, byte[] instead) {}

  private OnnxZipMap() {}

  /// The bytes with every ZipMap replaced by an Identity; the same bytes if there is none.
  static byte[] without(byte[] bytes, OnnxGraph.Model model) {
    Map<String, Integer> classes = new HashMap<>();
    List<Change> changes = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      if (!node.op().equals("ZipMap") || !node.domain().equals("ai.onnx.ml")) continue;
      if (node.inputs().size() != 1 || node.outputs().size() != 1) {
        throw node.bad("has not one input and one output");
      }
      int count =
          node.integers("classlabels_int64s").length + node.texts("classlabels_strings").size();
      if (count == 0) throw node.bad("names no classes");
      classes.put(node.outputs().getFirst(), count);
      changes.add(new Change(node.start(), node.end(), identity(node)));
    }
    if (changes.isEmpty()) return bytes;
    for (Value output : model.graph().outputs()) {
      Integer count = classes.get(output.name());
      if (count != null) {
        changes.add(new Change(output.start(), output.end(), matrix(output.name(), count)));
      }
    }
    return apply(bytes, changes);
  }

  private static byte[] apply(byte[] bytes, List<Change> changes) {
    var in = new ProtoReader(bytes);
    var out = new ByteArrayOutputStream(bytes.length);
    while (in.next()) {
      int start = in.start();
      boolean isGraph = in.field() == 7;
      if (!isGraph) {
        in.skip();
        out.write(bytes, start, in.position() - start);
        continue;
      }
      var inner = in.message();
      int from = inner.position();
      int end = in.position();
      var graph = new ByteArrayOutputStream(end - from);
      changes.sort(Comparator.comparingInt(Change::start));
      for (Change change : changes) {
        graph.write(bytes, from, change.start() - from);
        graph.writeBytes(change.instead());
        from = change.end();
      }
      graph.write(bytes, from, end - from);
      out.writeBytes(field(7, graph.toByteArray()));
    }
    return out.toByteArray();
  }

  private static byte[] identity(Node node) {
    return field(
        1,
        join(
            text(1, node.inputs().getFirst()),
            text(2, node.outputs().getFirst()),
            text(4, "Identity")));
  }

  private static byte[] matrix(String name, int classes) {
    byte[] rows = field(1, text(2, "rows"));
    byte[] columns = field(1, number(1, classes));
    byte[] dense = join(number(1, 1), field(2, join(rows, columns)));
    return field(12, join(text(1, name), field(2, field(1, dense))));
  }

  private static byte[] text(int field, String text) {
    return field(field, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] number(int field, long value) {
    var out = new ByteArrayOutputStream();
    varint(out, (long) field << 3);
    varint(out, value);
    return out.toByteArray();
  }

  private static byte[] field(int field, byte[] content) {
    var out = new ByteArrayOutputStream(content.length + 10);
    varint(out, (long) field << 3 | 2);
    varint(out, content.length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) out.writeBytes(part);
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long left = value;
    while ((left & ~0x7fL) != 0) {
      out.write((int) (left & 0x7f | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }
}
