package dev.orrery.inference;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.model.Datatype;
import dev.orrery.model.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// The `data` of a tensor as JSON, nested as the shape says or flat.
///
/// Floating tensors take numbers, `null` for a missing value, and NaN and the infinite as bare
/// words or strings. Integers are read as integers, to the last digit.
final class TensorJson {
  private static final BigInteger UINT64_MAX =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private final String name;
  private final Datatype type;
  private final int[] lengths = new int[16];
  private int depths;
  private int count;
  private double[] doubles = {};
  private long[] longs = {};
  private byte[] @Nullable [] texts = {};

  private TensorJson(String name, Datatype type, int expected) {
    this.name = name;
    this.type = type;
    Arrays.fill(lengths, -1);
    switch (kind()) {
      case 0 -> doubles = new double[expected];
      case 1 -> longs = new long[expected];
      default -> texts = new byte[expected][];
    }
  }

  /// 0 for floating, 1 for integers and BOOL, 2 for BYTES.
  private int kind() {
    return type.isFloating() ? 0 : type == Datatype.BYTES ? 2 : 1;
  }

  /// Reads the list that begins at the parser.
  ///
  /// @param shape what the request says; null to take it from the nesting
  /// @param expectedMax how many values the rest of the body could hold
  static Tensor read(
      JsonParser parser, String name, Datatype type, long @Nullable [] shape, int expectedMax)
      throws IOException {
    long expected = shape == null ? 16 : Math.min(Tensor.count(shape), expectedMax);
    var reader = new TensorJson(name, type, (int) Math.max(1, expected));
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      reader.list(parser, 0);
    } else if (shape != null) {
      throw reader.bad("its data is no list", "Send a list, even of one value");
    } else {
      reader.value(parser, parser.currentToken());
    }
    return reader.tensor(shape);
  }

  private void list(JsonParser parser, int depth) throws IOException {
    if (depth >= lengths.length) {
      throw bad("its data is nested %d deep".formatted(depth + 1), "Nest it as the shape says");
    }
    int length = 0;
    boolean nested = false;
    JsonToken token;
    while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
      if (token == null) throw bad("its data does not end", "Send the whole list");
      if (token == JsonToken.START_ARRAY) {
        if (length > 0 && !nested) throw ragged();
        nested = true;
        list(parser, depth + 1);
      } else {
        if (nested) throw ragged();
        value(parser, token);
      }
      length++;
    }
    if (lengths[depth] >= 0 && lengths[depth] != length) throw ragged();
    lengths[depth] = length;
    depths = Math.max(depths, depth + 1);
  }

  private Problem ragged() {
    return bad("its data is ragged", "Nest every row alike, or send the values flat");
  }

  private void value(JsonParser parser, JsonToken token) throws IOException {
    int at = count++;
    switch (kind()) {
      case 0 -> {
        if (at == doubles.length) doubles = Arrays.copyOf(doubles, at * 2);
        doubles[at] = floating(parser, token);
      }
      case 1 -> {
        if (at == longs.length) longs = Arrays.copyOf(longs, at * 2);
        longs[at] = integer(parser, token);
      }
      default -> {
        if (at == texts.length) texts = Arrays.copyOf(texts, at * 2);
        texts[at] = text(parser, token);
      }
    }
  }

  private double floating(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_NUMBER_INT ->
          switch (parser.getNumberType()) {
            case INT -> parser.getIntValue();
            case LONG -> parser.getLongValue();
            default -> parser.getDoubleValue();
          };
      case VALUE_NULL -> Double.NaN;
      case VALUE_STRING -> word(parser.getText());
      case VALUE_TRUE -> 1;
      case VALUE_FALSE -> 0;
      default -> throw wrong(parser, "a number, or null where it is missing");
    };
  }

  private double word(String text) {
    return switch (text) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default ->
          throw bad(
              "its value %d is the text '%s'".formatted(count - 1, Texts.shown(text)),
              "Send a number, or null where it is missing");
    };
  }

  private long integer(JsonParser parser, JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_TRUE) return checked(BigInteger.ONE);
    if (token == JsonToken.VALUE_FALSE) return checked(BigInteger.ZERO);
    if (token == JsonToken.VALUE_NUMBER_INT) {
      JsonParser.NumberType size = parser.getNumberType();
      return size == JsonParser.NumberType.BIG_INTEGER
          ? checked(parser.getBigIntegerValue())
          : checked(parser.getLongValue());
    }
    if (token == JsonToken.VALUE_NUMBER_FLOAT && !parser.isNaN()) {
      BigDecimal value = parser.getDecimalValue();
      boolean small = Math.abs((long) value.precision() - value.scale()) < 40;
      if (small && value.stripTrailingZeros().scale() <= 0) return checked(value.toBigInteger());
    }
    throw wrong(parser, "a whole number; " + type + " has no missing values");
  }

  private long checked(long value) {
    long least = least(type);
    long most = most(type);
    if (value >= least && (value <= most || type == Datatype.UINT64)) return value;
    throw outOfRange(Long.toString(value));
  }

  private long checked(BigInteger value) {
    if (value.bitLength() < 64) return checked(value.longValue());
    if (type == Datatype.UINT64 && value.signum() >= 0 && value.compareTo(UINT64_MAX) <= 0) {
      return value.longValue();
    }
    throw outOfRange(value.toString());
  }

  private Problem outOfRange(String value) {
    return bad(
        "its value %d is %s, which is no %s".formatted(count - 1, Texts.shown(value), type),
        "Send it as a wider datatype");
  }

  static long least(Datatype type) {
    return switch (type) {
      case INT8 -> Byte.MIN_VALUE;
      case INT16 -> Short.MIN_VALUE;
      case INT32 -> Integer.MIN_VALUE;
      case INT64 -> Long.MIN_VALUE;
      default -> 0;
    };
  }

  static long most(Datatype type) {
    return switch (type) {
      case BOOL -> 1;
      case INT8 -> Byte.MAX_VALUE;
      case UINT8 -> 255;
      case INT16 -> Short.MAX_VALUE;
      case UINT16 -> 65_535;
      case INT32 -> Integer.MAX_VALUE;
      case UINT32 -> 0xFFFF_FFFFL;
      default -> Long.MAX_VALUE;
    };
  }

  private byte @Nullable [] text(JsonParser parser, JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_NULL) return null;
    if (token == JsonToken.START_OBJECT) return base64(parser);
    if (token != JsonToken.VALUE_STRING) throw wrong(parser, "a string, or null");
    return parser.getText().getBytes(StandardCharsets.UTF_8);
  }

  /// `{"b64": "..."}`, as TensorFlow Serving has bytes that are no text.
  private byte[] base64(JsonParser parser) throws IOException {
    boolean named =
        parser.nextToken() == JsonToken.FIELD_NAME && parser.currentName().equals("b64");
    if (named && parser.nextToken() == JsonToken.VALUE_STRING) {
      try {
        byte[] bytes = Base64.getDecoder().decode(parser.getText());
        if (parser.nextToken() == JsonToken.END_OBJECT) return bytes;
      } catch (IllegalArgumentException e) {
        throw bad("its value %d is no base64".formatted(count - 1), "Encode it anew").because(e);
      }
    }
    throw bad("its value %d is an object".formatted(count - 1), "Send a string, or {\"b64\": ...}");
  }

  private Problem wrong(JsonParser parser, String wanted) throws IOException {
    String found = String.valueOf(parser.getText());
    return bad(
        "its value %d is %s".formatted(Math.max(0, count - 1), Texts.shown(found)),
        "Send " + wanted);
  }

  private Problem bad(String what, String remedy) {
    return JsonIn.bad("input '%s' does not fit: %s".formatted(Texts.shown(name), what), remedy);
  }

  private Tensor tensor(long @Nullable [] given) {
    long[] shape = given;
    if (shape == null) {
      shape = new long[depths];
      for (int i = 0; i < depths; i++) shape[i] = lengths[i];
    } else if (depths > 1) {
      boolean same = shape.length == depths;
      for (int i = 0; same && i < depths; i++) same = shape[i] == lengths[i];
      if (!same) {
        throw bad(
            "its data is nested as %s, and its shape says %s"
                .formatted(Arrays.toString(Arrays.copyOf(lengths, depths)), Arrays.toString(shape)),
            "Nest it as the shape says, or send the values flat");
      }
    }
    if (Tensor.count(shape) != count) {
      throw bad(
          "it has %,d values, and its shape says %s".formatted(count, Arrays.toString(shape)),
          "Send as many values as the shape says");
    }
    return switch (kind()) {
      case 0 -> ofDoubles(type, shape, doubles.length == count ? doubles : cut(doubles));
      case 1 -> ofLongs(type, shape, longs.length == count ? longs : Arrays.copyOf(longs, count));
      default ->
          new Tensor(type, shape, texts.length == count ? texts : Arrays.copyOf(texts, count));
    };
  }

  private double[] cut(double[] values) {
    return Arrays.copyOf(values, count);
  }

  /// A floating tensor of these values, rounded to its type.
  static Tensor ofDoubles(Datatype type, long[] shape, double[] values) {
    return switch (type) {
      case FP64 -> new Tensor(type, shape, values);
      case FP32 -> {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) floats[i] = (float) values[i];
        yield new Tensor(type, shape, floats);
      }
      case FP16 -> {
        short[] halves = new short[values.length];
        for (int i = 0; i < halves.length; i++) {
          halves[i] = Float.floatToFloat16((float) values[i]);
        }
        yield new Tensor(type, shape, halves);
      }
      default ->
          throw JsonIn.bad("%s has no JSON form".formatted(type), "Send it as a binary tensor");
    };
  }

  /// A tensor of integers or BOOL of values that lie in its range.
  static Tensor ofLongs(Datatype type, long[] shape, long[] values) {
    int count = values.length;
    return switch (type) {
      case INT64, UINT64 -> new Tensor(type, shape, values);
      case INT32, UINT32 -> {
        int[] own = new int[count];
        for (int i = 0; i < count; i++) own[i] = (int) values[i];
        yield new Tensor(type, shape, own);
      }
      case INT16, UINT16 -> {
        short[] own = new short[count];
        for (int i = 0; i < count; i++) own[i] = (short) values[i];
        yield new Tensor(type, shape, own);
      }
      default -> {
        byte[] own = new byte[count];
        for (int i = 0; i < count; i++) own[i] = (byte) values[i];
        yield new Tensor(type, shape, own);
      }
    };
  }

  /// Writes the values of a tensor from `from` on, flat, without brackets.
  static void write(JsonOut out, Tensor tensor, int from, int count) {
    for (int i = from; i < from + count; i++) {
      if (i > from) out.put(',');
      element(out, tensor, i);
    }
  }

  /// Reads a value that has been parsed already, its shape taken from its nesting.
  static Tensor read(JsonNode node, String name, Datatype type) {
    try (JsonParser parser = node.traverse()) {
      var _ = parser.nextToken();
      return read(parser, name, type, null, 16);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Writes a tensor, or the part of it from an element on, nested as its shape from a dimension
  /// on.
  ///
  /// @return the element after it
  static int nested(JsonOut out, Tensor tensor, int dimension, int from) {
    if (dimension == tensor.shape().length) {
      element(out, tensor, from);
      return from + 1;
    }
    out.put('[');
    int at = from;
    for (long i = 0; i < tensor.shape()[dimension]; i++) {
      if (i > 0) out.put(',');
      at = nested(out, tensor, dimension + 1, at);
    }
    out.put(']');
    return at;
  }

  /// Writes one value.
  static void element(JsonOut out, Tensor tensor, int i) {
    switch (tensor.data()) {
      case double[] own -> out.number(own[i]);
      case float[] own -> out.number(own[i]);
      case long[] own -> {
        if (tensor.type() == Datatype.UINT64) out.unsigned(own[i]);
        else out.number(own[i]);
      }
      case int[] own ->
          out.number(
              tensor.type() == Datatype.UINT32 ? Integer.toUnsignedLong(own[i]) : (long) own[i]);
      case short[] own -> {
        switch (tensor.type()) {
          case UINT16 -> out.number((long) Short.toUnsignedInt(own[i]));
          case FP16 -> out.number(Float.float16ToFloat(own[i]));
          case BF16 -> out.number(Float.intBitsToFloat(own[i] << 16));
          default -> out.number((long) own[i]);
        }
      }
      case byte[] own -> {
        if (tensor.type() == Datatype.BOOL) out.raw(own[i] == 0 ? "false" : "true");
        else out.number(tensor.type() == Datatype.INT8 ? (long) own[i] : (long) (own[i] & 0xFF));
      }
      case byte[][] own -> {
        byte[] text = own[i];
        if (text == null) out.raw("null");
        else out.string(text);
      }
      default -> throw new AssertionError(tensor.type());
    }
  }
}
