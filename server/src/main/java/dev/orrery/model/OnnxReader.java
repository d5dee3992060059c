package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.model.OnnxGraph.Attribute;
import dev.orrery.model.OnnxGraph.Constant;
import dev.orrery.model.OnnxGraph.Function;
import dev.orrery.model.OnnxGraph.Node;
import dev.orrery.model.OnnxGraph.Type;
import dev.orrery.model.OnnxGraph.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the bytes of an ONNX file (`onnx.proto`, IR versions 3 to 20) strictly.
///
/// Limits: 200,000 nodes, 8 graphs within each other, 1,000 functions. Nothing outside the file is
/// opened: external data are refused.
final class OnnxReader {
  static final int NODES_MAX = 200_000;
  static final int DEPTH_MAX = 8;
  private static final int FUNCTIONS_MAX = 1_000;
  private static final int NAME_MAX = 4_096;

  private int nodes;

  private OnnxReader() {}

  /// Whether bytes may be an ONNX file: they begin with an IR version, as every writer does it.
  static boolean mayBe(byte[] bytes) {
    return bytes.length > 2 && bytes[0] == 0x08 && bytes[1] > 0;
  }

  /// @throws Problem of kind INVALID or UNSUPPORTED that says what is wrong with the file
  static OnnxGraph.Model read(byte[] bytes) {
    return new OnnxReader().model(new ProtoReader(bytes));
  }

  private OnnxGraph.Model model(ProtoReader in) {
    long version = 0;
    String producer = "";
    Map<String, Long> opsets = new LinkedHashMap<>();
    OnnxGraph graph = null;
    Map<String, Function> functions = new LinkedHashMap<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> version = in.integer();
        case 2 -> producer = name(in);
        case 7 -> {
          if (graph != null) throw bad("it has two graphs");
          graph = graph(in.message(), 0);
        }
        case 8 -> opset(in.message(), opsets);
        case 20 -> throw unsupported("it holds how to train it", "Export it for inference");
        case 25 -> {
          Function function = function(in.message());
          if (functions.put(function.domain() + ":" + function.name(), function) != null) {
            throw bad("the function '%s' is there twice".formatted(Texts.shown(function.name())));
          }
          if (functions.size() > FUNCTIONS_MAX) {
            throw bad("it has more than %,d functions".formatted(FUNCTIONS_MAX));
          }
        }
        default -> in.skip();
      }
    }
    if (version < 3 || version > 20) throw bad("its IR version is %d".formatted(version));
    if (graph == null) throw bad("it has no graph");
    if (opsets.isEmpty()) throw bad("it names no operator set");
    return new OnnxGraph.Model(version, producer, opsets, graph, functions);
  }

  private static void opset(ProtoReader in, Map<String, Long> opsets) {
    String domain = "";
    long version = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> domain = name(in);
        case 2 -> version = in.integer();
        default -> in.skip();
      }
    }
    if (version < 1 || version > 1_000) {
      throw bad("the operator set '%s' has the version %d".formatted(Texts.shown(domain), version));
    }
    opsets.put(domain, version);
  }

  private OnnxGraph graph(ProtoReader in, int depth) {
    if (depth > DEPTH_MAX) throw bad("more than %d graphs lie in each other".formatted(DEPTH_MAX));
    String name = "";
    List<Node> own = new ArrayList<>();
    Map<String, Constant> constants = new LinkedHashMap<>();
    List<Value> inputs = new ArrayList<>();
    List<Value> outputs = new ArrayList<>();
    while (in.next()) {
      int start = in.start();
      switch (in.field()) {
        case 1 -> {
          ProtoReader message = in.message();
          own.add(node(message, depth, start, in.position()));
        }
        case 2 -> name = name(in);
        case 5 -> {
          Constant constant = tensor(in.message());
          if (constants.put(constant.name(), constant) != null) {
            throw bad("the name '%s' is given twice".formatted(Texts.shown(constant.name())));
          }
        }
        case 11 -> inputs.add(value(in.message(), start, in.position()));
        case 12 -> outputs.add(value(in.message(), start, in.position()));
        case 15 -> throw unsupported("it has sparse initialisers", "Export it with dense ones");
        default -> in.skip();
      }
    }
    return new OnnxGraph(name, own, constants, inputs, outputs);
  }

  private Function function(ProtoReader in) {
    String name = "";
    String domain = "";
    List<String> inputs = new ArrayList<>();
    List<Node> own = new ArrayList<>();
    while (in.next()) {
      int start = in.start();
      switch (in.field()) {
        case 1 -> name = name(in);
        case 4 -> inputs.add(name(in));
        case 7 -> own.add(node(in.message(), 0, start, in.position()));
        case 10 -> domain = name(in);
        default -> in.skip();
      }
    }
    return new Function(domain, name, inputs, own);
  }

  private Node node(ProtoReader in, int depth, int start, int end) {
    if (++nodes > NODES_MAX) throw bad("it has more than %,d nodes".formatted(NODES_MAX));
    String name = "";
    String op = "";
    String domain = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> inputs.add(name(in));
        case 2 -> outputs.add(name(in));
        case 3 -> name = name(in);
        case 4 -> op = name(in);
        case 5 -> {
          Attribute attribute = attribute(in.message(), depth);
          if (attributes.put(attribute.name(), attribute) != null) {
            throw bad("a node gives the attribute '%s' twice".formatted(attribute.name()));
          }
        }
        case 7 -> domain = name(in);
        default -> in.skip();
      }
    }
    if (op.isEmpty()) throw bad("a node has no operator");
    String own = domain.equals("ai.onnx") ? "" : domain;
    return new Node(
        name, op, own, List.copyOf(inputs), List.copyOf(outputs), attributes, start, end);
  }

  private Attribute attribute(ProtoReader in, int depth) {
    String name = "";
    int type = 0;
    float number = 0;
    long integer = 0;
    String text = "";
    Constant tensor = null;
    List<OnnxGraph> graphs = new ArrayList<>();
    var floats = new Numbers.Floats();
    var integers = new Numbers.Longs();
    List<String> texts = new ArrayList<>();
    boolean isReference = false;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = name(in);
        case 2 -> number = in.float32();
        case 3 -> integer = in.integer();
        // Bytes, which are texts in every operator that is read here.
        case 4 -> text = new String(in.bytes(), StandardCharsets.UTF_8);
        case 5 -> tensor = tensor(in.message());
        case 6, 11 -> graphs.add(graph(in.message(), depth + 1));
        case 7 -> in.floats(floats);
        case 8 -> in.integers(integers);
        case 9 -> texts.add(new String(in.bytes(), StandardCharsets.UTF_8));
        case 10 -> tensor(in.message());
        case 20 -> type = in.small();
        case 21 -> {
          in.skip();
          isReference = true;
        }
        case 22, 23 -> throw unsupported("it has sparse tensors", "Export it with dense ones");
        default -> in.skip();
      }
    }
    if (name.isEmpty()) throw bad("an attribute has no name");
    if (type < 0 || type > 14) throw bad("the attribute '%s' is of no known type".formatted(name));
    return new Attribute(
        name,
        type,
        number,
        integer,
        text,
        tensor,
        graphs,
        floats.array(),
        integers.array(),
        texts,
        isReference);
  }

  private static Value value(ProtoReader in, int start, int end) {
    String name = "";
    Type type = null;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = name(in);
        case 2 -> type = type(in.message());
        default -> in.skip();
      }
    }
    return new Value(name, type, start, end);
  }

  private static Type type(ProtoReader in) {
    Type type = new Type.Other("a value without a type");
    while (in.next()) {
      switch (in.field()) {
        case 1 -> type = dense(in.message());
        case 4, 5, 8, 9 -> {
          type =
              new Type.Other(
                  switch (in.field()) {
                    case 4 -> "a sequence";
                    case 5 -> "a map";
                    case 8 -> "a sparse tensor";
                    default -> "an optional value";
                  });
          in.skip();
        }
        default -> in.skip();
      }
    }
    return type;
  }

  private static Type dense(ProtoReader in) {
    int elements = 0;
    List<Long> shape = null;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> elements = in.small();
        case 2 -> shape = shape(in.message());
        default -> in.skip();
      }
    }
    return new Type.Dense(elements, shape);
  }

  private static List<Long> shape(ProtoReader in) {
    List<Long> shape = new ArrayList<>();
    while (in.next()) {
      if (in.field() != 1) {
        in.skip();
        continue;
      }
      long length = -1;
      ProtoReader dim = in.message();
      while (dim.next()) {
        if (dim.field() == 1) length = dim.integer();
        else dim.skip();
      }
      if (length < -1 || length > Integer.MAX_VALUE || shape.size() == 32) {
        throw bad("a shape has the dimension %d, or more than 32 of them".formatted(length));
      }
      // Some writers say 0 for an open length.
      shape.add(length == 0 ? -1 : length);
    }
    return shape;
  }

  private static Constant tensor(ProtoReader in) {
    return new OnnxTensorReader().read(in);
  }

  /// A name of anything; they are short.
  static String name(ProtoReader in) {
    String name = in.text();
    if (name.length() > NAME_MAX || name.indexOf('\0') >= 0) {
      throw bad("a name has %,d characters, or a zero in it".formatted(name.length()));
    }
    return name;
  }

  static Problem bad(String why) {
    return new Problem(
        Fault.BAD_MODEL_FILE,
        "the ONNX file is damaged: %s".formatted(why),
        "Take the file again from where it was made");
  }

  static Problem unsupported(String why, String remedy) {
    return new Problem(
        Fault.UNSUPPORTED_MODEL, "the ONNX file is not served: %s".formatted(why), remedy);
  }
}
