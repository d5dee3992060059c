package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.damaged;
import static dev.orrery.scorer.BadModelException.require;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads UBJSON (draft 12, big-endian) strictly: see [Doc]. No length is believed before it is held
/// against the bytes that are left, and no key may stand twice in an object.
final class UbjReader {
  private static final int DEPTH_MAX = 64;
  private static final int NO_TYPE = 0;

  private final ByteBuffer in;

  private UbjReader(byte[] bytes) {
    this.in = ByteBuffer.wrap(bytes);
  }

  static Object read(byte[] bytes) {
    UbjReader reader = new UbjReader(bytes);
    Object value = reader.value(reader.marker(), 0);
    require(!reader.in.hasRemaining(), "something follows its end");
    return value;
  }

  private Object value(int marker, int depth) {
    require(depth < DEPTH_MAX, "it is nested too deeply");
    return switch (marker) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case 'S' -> text(length(marker()));
      case 'H' -> highPrecision();
      case 'C' -> String.valueOf((char) (byte) integer('i'));
      case 'T' -> 1.0;
      case 'F' -> 0.0;
      case 'Z' -> Doc.NULL;
      default -> number(marker);
    };
  }

  private Double number(int marker) {
    return switch (marker) {
      case 'd' -> {
        need(4);
        yield (double) in.getFloat();
      }
      case 'D' -> {
        need(8);
        yield in.getDouble();
      }
      default -> (double) integer(marker);
    };
  }

  private long integer(int marker) {
    need(size(marker));
    return switch (marker) {
      case 'i' -> in.get();
      case 'U' -> Byte.toUnsignedInt(in.get());
      case 'I' -> in.getShort();
      case 'l' -> in.getInt();
      default -> in.getLong();
    };
  }

  /// Bytes of one number.
  private static int size(int marker) {
    return switch (marker) {
      case 'i', 'U' -> 1;
      case 'I' -> 2;
      case 'l', 'd' -> 4;
      case 'L', 'D' -> 8;
      default -> throw damaged("there is no type of marker " + marker);
    };
  }

  private Double highPrecision() {
    try {
      return Double.parseDouble(text(length(marker())));
    } catch (NumberFormatException e) {
      throw damaged("a number of high precision is none");
    }
  }

  private int length(int marker) {
    require(marker != 'd' && marker != 'D', "a length is not a whole number");
    long length = integer(marker);
    require(
        length >= 0 && length <= in.remaining(),
        "a length of " + length + " is more than what is left");
    return (int) length;
  }

  private String text(int length) {
    need(length);
    String text = new String(in.array(), in.position(), length, StandardCharsets.UTF_8);
    in.position(in.position() + length);
    return text;
  }

  private Map<String, Object> object(int depth) {
    int type = type();
    int count = count(type);
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i != count; i++) {
      int marker = marker();
      if (count < 0 && marker == '}') return object;
      String key = text(length(marker));
      Object value = value(type == NO_TYPE ? marker() : type, depth + 1);
      require(object.put(key, value) == null, "a key stands twice in an object");
    }
    return object;
  }

  private Object array(int depth) {
    int type = type();
    int count = count(type);
    if (type != NO_TYPE) {
      require((long) count * size(type) <= in.remaining(), "a list is longer than what is left");
      double[] numbers = new double[count];
      for (int i = 0; i < count; i++) numbers[i] = number(type);
      return numbers;
    }
    List<Object> list = new ArrayList<>();
    double[] numbers = new double[4];
    int filled = 0;
    for (int i = 0; i != count; i++) {
      int marker = marker();
      if (count < 0 && marker == ']') break;
      Object value = value(marker, depth + 1);
      if (list.isEmpty() && value instanceof Double number) {
        if (filled == numbers.length) numbers = Arrays.copyOf(numbers, filled * 2);
        numbers[filled++] = number;
      } else {
        require(filled == 0, "a list holds numbers and other things");
        list.add(value);
      }
    }
    return list.isEmpty() ? Arrays.copyOf(numbers, filled) : list;
  }

  /// The type that all elements of a container have, of numbers only; none by default.
  private int type() {
    if (!follows('$')) return NO_TYPE;
    in.get();
    int type = marker();
    size(type);
    require(follows('#'), "a typed container has no length");
    return type;
  }

  /// How many elements a container has; -1 where its end is marked.
  private int count(int type) {
    if (!follows('#')) return -1;
    in.get();
    int length = length(marker());
    require(type != NO_TYPE || length <= in.remaining(), "a list is longer than what is left");
    return length;
  }

  private boolean follows(char c) {
    need(1);
    return in.get(in.position()) == c;
  }

  /// The next marker; those that mean nothing are passed over.
  private int marker() {
    int marker;
    do {
      need(1);
      marker = in.get();
    } while (marker == 'N');
    return marker;
  }

  private void need(int bytes) {
    require(bytes <= in.remaining(), "it is cut short");
  }
}
