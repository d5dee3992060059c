package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.damaged;
import static dev.orrery.scorer.BadModelException.require;
import static dev.orrery.scorer.BadModelException.shown;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The nodes of an ONNX model and what goes in and out, as far as trees and linear models need
/// them.
///
/// @param inputs those that no initializer fills
/// @param constants the initializers by name
/// @param plain whether there is nothing but nodes in the graph: no functions and no sparse tensors
record OnnxGraph(
    List<Value> inputs,
    List<Value> outputs,
    List<Node> nodes,
    Map<String, Constant> constants,
    boolean plain,
    long opset) {
  static final int FLOAT = 1;
  static final int INT32 = 6;
  static final int INT64 = 7;
  static final int STRING = 8;
  static final int BOOL = 9;
  static final int DOUBLE = 11;
  private static final int NODES_MAX = 100_000;

  /// Numbers of fields in onnx.proto.
  private static final int EXTERNAL = 1;

  /// An input or output.
  ///
  /// @param type ONNX's number of the element type; 0 where it is no tensor
  /// @param shape -1 where a dimension varies; empty where it is not told
  record Value(String name, int type, List<Long> shape) {}

  /// A tensor that stands in the file.
  ///
  /// @param data `double[]`, `long[]` or a list of texts; [Doc#NULL] of other types
  record Constant(Object data, long[] shape) {
    /// Its numbers as floats.
    float[] floats(String name) {
      if (!(data instanceof double[] numbers)) {
        throw OnnxModel.other("'" + shown(name) + "' holds no numbers");
      }
      float[] floats = new float[numbers.length];
      for (int i = 0; i < floats.length; i++) floats[i] = (float) numbers[i];
      return floats;
    }
  }

  record Node(
      String op, String domain, List<String> in, List<String> out, Map<String, Object> attributes) {
    /// Whole numbers; empty where there are none.
    long[] integers(String name) {
      Object value = attributes.get(name);
      if (value == null) return new long[0];
      if (value instanceof long[] numbers) return numbers;
      throw damaged("'" + shown(name) + "' is not a list of whole numbers");
    }

    double[] reals(String name) {
      Object value = attributes.get(name);
      if (value == null) return new double[0];
      if (value instanceof double[] numbers) return numbers;
      throw damaged("'" + shown(name) + "' is not a list of numbers");
    }

    @SuppressWarnings("unchecked")
    List<String> texts(String name) {
      Object value = attributes.get(name);
      if (value == null) return List.of();
      if (value instanceof List<?> list) return (List<String>) list;
      throw damaged("'" + shown(name) + "' is not a list of texts");
    }

    String text(String name, String otherwise) {
      Object value = attributes.getOrDefault(name, otherwise);
      if (value instanceof String text) return text;
      throw damaged("'" + shown(name) + "' is not a text");
    }

    long integer(String name, long otherwise) {
      Object value = attributes.getOrDefault(name, otherwise);
      if (value instanceof Long number) return number;
      throw damaged("'" + shown(name) + "' is not a whole number");
    }
  }

  static OnnxGraph read(byte[] bytes) {
    Proto model = Proto.of(bytes);
    Parts parts = new Parts();
    boolean graph = false;
    while (model.next()) {
      switch (model.field()) {
        case 7 -> {
          require(!graph, "it has two graphs");
          graph = true;
          graph(model.message(), parts);
        }
        case 8 -> parts.opset = Math.max(parts.opset, opset(model.message()));
        case 25 -> parts.plain = false;
        default -> {}
      }
    }
    require(graph, "it has no graph");
    parts.inputs.removeIf(input -> parts.constants.containsKey(input.name()));
    return new OnnxGraph(
        List.copyOf(parts.inputs),
        List.copyOf(parts.outputs),
        List.copyOf(parts.nodes),
        Map.copyOf(parts.constants),
        parts.plain,
        parts.opset);
  }

  private static final class Parts {
    final List<Value> inputs = new ArrayList<>();
    final List<Value> outputs = new ArrayList<>();
    final List<Node> nodes = new ArrayList<>();
    final Map<String, Constant> constants = new HashMap<>();
    boolean plain = true;
    long opset;
  }

  /// The version of the operators of machine learning; 0 of others.
  private static long opset(Proto in) {
    String domain = "";
    long version = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> domain = in.text();
        case 2 -> version = in.number();
        default -> {}
      }
    }
    return domain.equals("ai.onnx.ml") ? version : 0;
  }

  private static void graph(Proto in, Parts parts) {
    while (in.next()) {
      switch (in.field()) {
        case 1 -> {
          require(parts.nodes.size() < NODES_MAX, "it has more than 100,000 operators");
          parts.nodes.add(node(in.message()));
        }
        case 5 -> initializer(in.message(), parts.constants);
        case 11 -> parts.inputs.add(value(in.message()));
        case 12 -> parts.outputs.add(value(in.message()));
        case 15 -> parts.plain = false;
        default -> {}
      }
    }
  }

  private static Value value(Proto in) {
    String name = "";
    int[] type = {0};
    List<Long> shape = new ArrayList<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = in.text();
        case 2 -> {
          Proto kind = in.message();
          while (kind.next()) if (kind.field() == 1) tensorType(kind.message(), type, shape);
        }
        default -> {}
      }
    }
    return new Value(name, type[0], List.copyOf(shape));
  }

  private static void tensorType(Proto in, int[] type, List<Long> shape) {
    while (in.next()) {
      switch (in.field()) {
        case 1 -> type[0] = (int) in.number();
        case 2 -> {
          Proto dimensions = in.message();
          while (dimensions.next()) {
            if (dimensions.field() == 1) shape.add(dimension(dimensions.message()));
          }
        }
        default -> {}
      }
    }
  }

  private static long dimension(Proto in) {
    long length = -1;
    while (in.next()) if (in.field() == 1) length = in.number();
    return length;
  }

  private static Node node(Proto in) {
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    Map<String, Object> attributes = new HashMap<>();
    String op = "";
    String domain = "";
    while (in.next()) {
      switch (in.field()) {
        case 1 -> inputs.add(in.text());
        case 2 -> outputs.add(in.text());
        case 4 -> op = in.text();
        case 5 -> attribute(in.message(), attributes);
        case 7 -> domain = in.text();
        default -> {}
      }
    }
    return new Node(op, domain, List.copyOf(inputs), List.copyOf(outputs), attributes);
  }

  /// One attribute, by its type where that is told, else by what is filled.
  private static void attribute(Proto in, Map<String, Object> to) {
    String name = "";
    Object single = null;
    var reals = new Proto.Doubles();
    var numbers = new Proto.Longs();
    List<String> texts = new ArrayList<>();
    long type = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = in.text();
        case 2 -> single = (double) in.real();
        case 3 -> single = in.number();
        case 4 -> single = in.text();
        case 5 -> single = tensor(in.message(), new String[1]).data();
        case 6 -> single = Doc.NULL;
        case 7 -> in.reals(reals);
        case 8 -> in.numbers(numbers);
        case 9 -> texts.add(in.text());
        case 20 -> type = in.number();
        default -> {}
      }
    }
    boolean isReals = type == 6 || reals.values().length > 0;
    boolean isNumbers = type == 7 || numbers.values().length > 0;
    Object value =
        isReals
            ? reals.values()
            : isNumbers
                ? numbers.values()
                : !texts.isEmpty() || single == null ? List.copyOf(texts) : single;
    require(to.put(name, value) == null, "an attribute stands twice");
  }

  private static void initializer(Proto in, Map<String, Constant> to) {
    String[] name = {""};
    Constant constant = tensor(in, name);
    require(to.put(name[0], constant) == null, "an initializer stands twice");
  }

  private static void refuseExternal(Proto in) {
    boolean external = in.field() == 13 || in.field() == 14 && in.number() == EXTERNAL;
    require(!external, "its tensors lie in other files");
  }

  /// A tensor of floats, doubles, whole numbers or texts.
  ///
  /// @param name filled, if it has one
  private static Constant tensor(Proto in, String[] name) {
    var reals = new Proto.Doubles();
    var numbers = new Proto.Longs();
    var shape = new Proto.Longs();
    long type = 0;
    byte[] raw = new byte[0];
    List<String> texts = new ArrayList<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> in.numbers(shape);
        case 2 -> type = in.number();
        case 4 -> in.reals(reals);
        case 5, 7 -> in.numbers(numbers);
        case 6 -> texts.add(in.text());
        case 8 -> name[0] = in.text();
        case 9 -> raw = in.bytes();
        case 10 -> in.doubles(reals);
        case 13, 14 -> refuseExternal(in);
        default -> {}
      }
    }
    ByteBuffer bytes = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    long count = 1;
    for (long length : shape.values()) {
      require(length >= 0 && length < 1 << 28, "a tensor has an impossible shape");
      count = Math.multiplyExact(count, length);
    }
    if (type == FLOAT || type == DOUBLE) {
      int size = type == FLOAT ? 4 : 8;
      require(raw.length % size == 0, "a tensor is cut short");
      while (bytes.hasRemaining()) reals.add(type == FLOAT ? bytes.getFloat() : bytes.getDouble());
      require(reals.values().length == count, "a tensor is not as long as its shape says");
      return new Constant(reals.values(), shape.values());
    }
    if (type == INT64 || type == INT32) {
      int size = type == INT64 ? 8 : 4;
      require(raw.length % size == 0, "a tensor is cut short");
      while (bytes.hasRemaining()) numbers.add(type == INT64 ? bytes.getLong() : bytes.getInt());
      require(numbers.values().length == count, "a tensor is not as long as its shape says");
      return new Constant(numbers.values(), shape.values());
    }
    if (type == STRING) {
      require(texts.size() == count, "a tensor is not as long as its shape says");
      return new Constant(List.copyOf(texts), shape.values());
    }
    return new Constant(Doc.NULL, shape.values());
  }
}
