package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A graph of an ONNX model as it stands in the file.
///
/// @param nodes in the order of the file, which is one in which they can be computed
/// @param constants the initialisers by name
record OnnxGraph(
    String name,
    List<Node> nodes,
    Map<String, Constant> constants,
    List<Value> inputs,
    List<Value> outputs) {

  /// A model: the graph, with the versions of the operator sets that it is written for.
  ///
  /// @param opsets version by domain; `""` is ONNX's own
  /// @param functions bodies of operators that the model defines itself, by `domain:name`
  record Model(
      long irVersion,
      String producer,
      Map<String, Long> opsets,
      OnnxGraph graph,
      Map<String, Function> functions) {

    /// The version of ONNX's own operators.
    long opset() {
      return opsets.getOrDefault("", opsets.getOrDefault("ai.onnx", 1L));
    }
  }

  record Function(String domain, String name, List<String> inputs, List<Node> nodes) {}

  /// One operator at its place.
  ///
  /// @param inputs names of values, empty where an optional one is left out
  record Node(
      String name,
      String op,
      String domain,
      List<String> inputs,
      List<String> outputs,
      Map<String, Attribute> attributes,
      int start,
      int end) {

    /// How a message names it.
    String shown() {
      return name.isEmpty() ? op : "%s '%s'".formatted(op, Texts.shown(name));
    }

    boolean has(String attribute) {
      return attributes.containsKey(attribute);
    }

    long integer(String attribute, long otherwise) {
      Attribute found = attributes.get(attribute);
      return found == null ? otherwise : found.integer();
    }

    float number(String attribute, float otherwise) {
      Attribute found = attributes.get(attribute);
      return found == null ? otherwise : found.number();
    }

    String text(String attribute, String otherwise) {
      Attribute found = attributes.get(attribute);
      return found == null ? otherwise : found.text();
    }

    float[] floats(String attribute) {
      Attribute found = attributes.get(attribute);
      return found == null ? new float[0] : found.floats();
    }

    long[] integers(String attribute) {
      Attribute found = attributes.get(attribute);
      return found == null ? new long[0] : found.integers();
    }

    List<String> texts(String attribute) {
      Attribute found = attributes.get(attribute);
      return found == null ? List.of() : found.texts();
    }

    Problem bad(String why) {
      return new Problem(
          Fault.BAD_MODEL_FILE,
          "the node %s %s".formatted(shown(), why),
          "Make the ONNX file again; it does not fit together");
    }
  }

  /// An attribute; only what its type says is filled.
  ///
  /// @param type ONNX's number: 1 float, 2 int, 3 string, 4 tensor, 5 graph, 6 floats, 7 ints, 8
  ///   strings, 9 tensors, 10 graphs
  record Attribute(
      String name,
      int type,
      float number,
      long integer,
      String text,
      @Nullable Constant tensor,
      List<OnnxGraph> graphs,
      float[] floats,
      long[] integers,
      List<String> texts,
      boolean isReference) {}

  /// A tensor that stands in the file.
  ///
  /// @param type ONNX's number of the element type
  /// @param dims its shape
  /// @param data as [Tensor#data()]; null for a type that is not read here (the bytes are checked
  ///   all the same)
  record Constant(String name, int type, long[] dims, @Nullable Object data) {
    long count() {
      return Tensor.count(dims);
    }
  }

  /// A name with a type.
  ///
  /// @param type what it is; null where the file does not say
  record Value(String name, @Nullable Type type, int start, int end) {}

  /// The type of a value.
  sealed interface Type {
    /// @param elements ONNX's number of the element type
    /// @param shape -1 where a length is open; null if not even the rank is told
    record Dense(int elements, @Nullable List<Long> shape) implements Type {}

    /// A sequence, a map, an optional or a sparse tensor: not of a tensor server.
    record Other(String what) implements Type {}
  }

  /// The datatype of ONNX's number; null for those that no protocol carries.
  static @Nullable Datatype datatype(int number) {
    return switch (number) {
      case 1 -> Datatype.FP32;
      case 2 -> Datatype.UINT8;
      case 3 -> Datatype.INT8;
      case 4 -> Datatype.UINT16;
      case 5 -> Datatype.INT16;
      case 6 -> Datatype.INT32;
      case 7 -> Datatype.INT64;
      case 8 -> Datatype.BYTES;
      case 9 -> Datatype.BOOL;
      case 10 -> Datatype.FP16;
      case 11 -> Datatype.FP64;
      case 12 -> Datatype.UINT32;
      case 13 -> Datatype.UINT64;
      case 16 -> Datatype.BF16;
      default -> null;
    };
  }
}
