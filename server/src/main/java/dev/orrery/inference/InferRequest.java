package dev.orrery.inference;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import dev.orrery.base.Texts;
import dev.orrery.model.Datatype;
import dev.orrery.model.Port;
import dev.orrery.model.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// A request of the Open Inference Protocol, as JSON with binary tensors behind it where there are
/// some.
///
/// @param id echoed; null if none was given
/// @param outputs which outputs are asked for; null for all
/// @param binary whether outputs are binary where nothing is said of one of them
/// @param timeoutNanos 0 without one
/// @param key the caller's own, of the parameter `orrery-key`; empty without one
record InferRequest(
    @Nullable String id,
    SequencedMap<String, Tensor> inputs,
    @Nullable List<Requested> outputs,
    boolean binary,
    long timeoutNanos,
    String key) {
  private static final int INPUTS_MAX = 4_096;
  private static final int TEXT_MAX = 1_000;

  /// @param binary null where only the request as a whole says it
  record Requested(String name, @Nullable Boolean binary) {}

  /// Reads a body.
  ///
  /// @param headerLength how many bytes of it are JSON; -1 for all
  /// @throws dev.orrery.base.Problem of kind INVALID or TOO_LARGE
  static InferRequest read(byte[] body, int headerLength) {
    int json = headerLength < 0 ? body.length : headerLength;
    if (json > body.length) {
      throw JsonIn.bad(
          "Inference-Header-Content-Length is %,d, and the body has %,d bytes"
              .formatted(json, body.length),
          "Send the length of the JSON alone");
    }
    Reader reader = new Reader(body, json);
    return JsonIn.read(body, 0, json, reader::request);
  }

  /// A body that is nothing but the bytes of the only input.
  static InferRequest raw(Servable.Metadata model, byte[] body) {
    if (model.inputs().size() != 1) {
      throw JsonIn.bad(
          "a raw request has one tensor, and '%s' takes %d"
              .formatted(model.name(), model.inputs().size()),
          "Send JSON in front, and its length in Inference-Header-Content-Length");
    }
    Port port = model.inputs().getFirst();
    var inputs = new LinkedHashMap<String, Tensor>();
    if (port.type() == Datatype.BYTES) {
      inputs.put(port.name(), new Tensor(Datatype.BYTES, new long[] {1}, new byte[][] {body}));
      return new InferRequest(null, inputs, null, true, 0, "");
    }
    long[] shape = port.shape().stream().mapToLong(Long::longValue).toArray();
    long known = port.type().size();
    int open = -1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] != -1) {
        known *= shape[i];
      } else if (open >= 0) {
        throw JsonIn.bad(
            "a raw request may leave one dimension open, and '%s' has more".formatted(port.name()),
            "Send JSON in front, with the shape");
      } else {
        open = i;
      }
    }
    if (open >= 0) shape[open] = known == 0 ? 0 : body.length / known;
    inputs.put(
        port.name(), TensorBytes.read(port.name(), port.type(), shape, body, 0, body.length));
    return new InferRequest(null, inputs, null, true, 0, "");
  }

  /// What is read so far.
  private static final class Reader {
    private final byte[] body;
    private int tail;
    private @Nullable String id;
    private final SequencedMap<String, Tensor> inputs = new LinkedHashMap<>();
    private @Nullable List<Requested> outputs;
    private boolean binary;
    private long timeoutNanos;
    private String key = "";

    Reader(byte[] body, int tail) {
      this.body = body;
      this.tail = tail;
    }

    InferRequest request(JsonParser parser) throws IOException {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (field) {
          case "id" -> {
            if (value != JsonToken.VALUE_STRING || parser.getTextLength() > TEXT_MAX) {
              throw JsonIn.bad("'id' is no short string", "Send a string of at most 1,000 letters");
            }
            id = parser.getText();
          }
          case "inputs" -> inputs(parser, value);
          case "outputs" -> outputs(parser, value);
          case "parameters" -> parameters(parser, value);
          default -> parser.skipChildren();
        }
      }
      if (inputs.isEmpty()) throw JsonIn.bad("the request has no 'inputs'", "Send a tensor");
      if (tail != body.length) {
        throw JsonIn.bad(
            "%,d bytes follow the tensors".formatted(body.length - tail),
            "Say their size in 'binary_data_size', and the JSON's in"
                + " Inference-Header-Content-Length");
      }
      return new InferRequest(id, inputs, outputs, binary, timeoutNanos, key);
    }

    private void parameters(JsonParser parser, JsonToken start) throws IOException {
      if (start == JsonToken.VALUE_NULL) return;
      if (start != JsonToken.START_OBJECT) {
        throw JsonIn.bad("'parameters' is no object", "Send {\"name\": value}");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (name) {
          case "binary_data_output" -> binary = flag(name, value);
          case "timeout" -> timeoutNanos = micros(parser, value);
          case Asking.KEY -> key = key(parser, value);
          default -> parser.skipChildren();
        }
      }
    }

    private static String key(JsonParser parser, JsonToken value) throws IOException {
      if (value == JsonToken.VALUE_STRING && !parser.getText().isBlank()) return parser.getText();
      throw JsonIn.bad(
          "the parameter '%s' is no text".formatted(Asking.KEY),
          "Send the caller's key as a text, or leave it out");
    }

    /// Microseconds, as a number or as one in a string.
    private static long micros(JsonParser parser, JsonToken value) throws IOException {
      if (value == JsonToken.VALUE_NUMBER_INT || value == JsonToken.VALUE_STRING) {
        try {
          long micros = Long.parseLong(parser.getText());
          if (micros >= 0) return Math.multiplyExact(micros, 1_000L);
        } catch (NumberFormatException | ArithmeticException e) {
          throw badTimeout(parser).because(e);
        }
      }
      throw badTimeout(parser);
    }

    private static dev.orrery.base.Problem badTimeout(JsonParser parser) throws IOException {
      return JsonIn.bad(
          "the timeout is %s".formatted(Texts.shown(String.valueOf(parser.getText()))),
          "Send microseconds, as a whole number");
    }

    private static boolean flag(String name, JsonToken value) {
      if (value == JsonToken.VALUE_TRUE) return true;
      if (value == JsonToken.VALUE_FALSE) return false;
      throw JsonIn.bad("'%s' is neither true nor false".formatted(name), "Send one of the two");
    }

    private void inputs(JsonParser parser, JsonToken start) throws IOException {
      if (start != JsonToken.START_ARRAY) {
        throw JsonIn.bad("'inputs' is no list", "Send a list of tensors");
      }
      JsonToken token;
      while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
        if (token != JsonToken.START_OBJECT) {
          throw JsonIn.bad("an input is no object", "Send {\"name\",\"shape\",\"datatype\",...}");
        }
        if (inputs.size() == INPUTS_MAX) {
          throw JsonIn.bad("there are too many inputs", "Send at most 4,096 at a time");
        }
        input(parser);
      }
    }

    private void input(JsonParser parser) throws IOException {
      String name = null;
      Datatype type = null;
      long[] shape = null;
      long size = -1;
      Tensor tensor = null;
      TokenBuffer later = null;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (field) {
          case "name" -> name = text(parser, value, "name");
          case "datatype" -> type = Datatype.of(text(parser, value, "datatype"));
          case "shape" -> shape = shape(parser, value);
          case "parameters" -> size = size(parser, value);
          case "data" -> {
            if (name != null && type != null && shape != null) {
              tensor = TensorJson.read(parser, name, type, shape, body.length / 2 + 1);
            } else {
              later = new TokenBuffer(parser);
              later.copyCurrentStructure(parser);
            }
          }
          default -> parser.skipChildren();
        }
      }
      if (name == null || type == null || shape == null) {
        throw JsonIn.bad(
            "input '%s' lacks its %s"
                .formatted(
                    Texts.shown(name == null ? "" : name),
                    name == null ? "name" : type == null ? "datatype" : "shape"),
            "Send {\"name\",\"shape\",\"datatype\",\"data\"}");
      }
      if (later != null) {
        try (JsonParser again = later.asParser()) {
          var _ = again.nextToken();
          tensor = TensorJson.read(again, name, type, shape, body.length / 2 + 1);
        }
      }
      if (size >= 0) tensor = behind(name, type, shape, size, tensor);
      if (tensor == null) {
        throw JsonIn.bad(
            "input '%s' has no data".formatted(Texts.shown(name)),
            "Send 'data', or 'binary_data_size' and the bytes behind the JSON");
      }
      if (inputs.putIfAbsent(name, tensor) != null) {
        throw JsonIn.bad(
            "input '%s' stands there twice".formatted(Texts.shown(name)), "Send it once");
      }
    }

    private Tensor behind(
        String name, Datatype type, long[] shape, long size, @Nullable Tensor data) {
      if (data != null) {
        throw JsonIn.bad(
            "input '%s' has both 'data' and 'binary_data_size'".formatted(Texts.shown(name)),
            "Send one of the two");
      }
      if (size > body.length - tail) {
        throw JsonIn.bad(
            "input '%s' has %,d bytes, and %,d follow"
                .formatted(Texts.shown(name), size, body.length - tail),
            "Send as many bytes as 'binary_data_size' says, and the JSON's length in"
                + " Inference-Header-Content-Length");
      }
      Tensor tensor = TensorBytes.read(name, type, shape, body, tail, (int) size);
      tail += (int) size;
      return tensor;
    }

    private static String text(JsonParser parser, JsonToken value, String field)
        throws IOException {
      if (value == JsonToken.VALUE_STRING && parser.getTextLength() <= TEXT_MAX) {
        return parser.getText();
      }
      throw JsonIn.bad("a '%s' is no short string".formatted(field), "Send a string");
    }

    private static long[] shape(JsonParser parser, JsonToken start) throws IOException {
      long[] shape = new long[8];
      int rank = 0;
      if (start == JsonToken.START_ARRAY) {
        JsonToken token;
        while ((token = parser.nextToken()) == JsonToken.VALUE_NUMBER_INT && rank < shape.length) {
          shape[rank++] = parser.getLongValue();
        }
        if (token == JsonToken.END_ARRAY) return java.util.Arrays.copyOf(shape, rank);
      }
      throw JsonIn.bad("a shape is no list of at most 8 whole numbers", "Send [rows, width]");
    }

    private static long size(JsonParser parser, JsonToken start) throws IOException {
      long size = -1;
      if (start == JsonToken.VALUE_NULL) return size;
      if (start != JsonToken.START_OBJECT) {
        throw JsonIn.bad("'parameters' is no object", "Send {\"name\": value}");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (!name.equals("binary_data_size")) {
          parser.skipChildren();
        } else if (value == JsonToken.VALUE_NUMBER_INT && parser.getLongValue() >= 0) {
          size = parser.getLongValue();
        } else {
          throw JsonIn.bad("'binary_data_size' is no number of bytes", "Send 0 or more");
        }
      }
      return size;
    }

    private void outputs(JsonParser parser, JsonToken start) throws IOException {
      if (start == JsonToken.VALUE_NULL) return;
      if (start != JsonToken.START_ARRAY) {
        throw JsonIn.bad("'outputs' is no list", "Send [{\"name\": ...}]");
      }
      List<Requested> asked = new ArrayList<>();
      JsonToken token;
      while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
        if (token != JsonToken.START_OBJECT || asked.size() == INPUTS_MAX) {
          throw JsonIn.bad("an output is no object, or one too many", "Send {\"name\": ...}");
        }
        asked.add(output(parser));
      }
      if (!asked.isEmpty()) outputs = asked;
    }

    private static Requested output(JsonParser parser) throws IOException {
      String name = null;
      Boolean binary = null;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        if (field.equals("name")) {
          name = text(parser, value, "name");
        } else if (field.equals("parameters") && value == JsonToken.START_OBJECT) {
          while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String parameter = parser.currentName();
            JsonToken given = parser.nextToken();
            if (parameter.equals("binary_data")) binary = flag(parameter, given);
            else parser.skipChildren();
          }
        } else {
          parser.skipChildren();
        }
      }
      if (name == null) throw JsonIn.bad("an output has no name", "Send {\"name\": ...}");
      return new Requested(name, binary);
    }
  }
}
