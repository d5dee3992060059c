package dev.orrery.model;

import dev.orrery.base.Texts;
import dev.orrery.model.OnnxGraph.Constant;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads one tensor of an ONNX file and holds its data against its dimensions and its type.
final class OnnxTensorReader {
  private final Numbers.Longs dims = new Numbers.Longs();
  private final Numbers.Floats floats = new Numbers.Floats();
  private final Numbers.Longs ints = new Numbers.Longs();
  private final Numbers.Longs longs = new Numbers.Longs();
  private final Numbers.Doubles doubles = new Numbers.Doubles();
  private final List<byte[]> texts = new ArrayList<>();
  private byte @Nullable [] raw;
  private String name = "";
  private int type;

  Constant read(ProtoReader in) {
    while (in.next()) {
      switch (in.field()) {
        case 1 -> in.integers(dims);
        case 2 -> type = in.small();
        case 4 -> in.floats(floats);
        case 5 -> in.integers(ints);
        case 6 -> texts.add(in.bytes());
        case 7, 11 -> in.integers(longs);
        case 8 -> name = OnnxReader.name(in);
        case 9 -> raw = in.bytes();
        case 10 -> in.doubles(doubles);
        case 3, 13 ->
            throw OnnxReader.unsupported(
                "the data of '%s' lie outside the file".formatted(Texts.shown(name)),
                "Export the model into one file (onnx.save with save_as_external_data=False)");
        case 14 -> {
          if (in.integer() != 0) {
            throw OnnxReader.unsupported(
                "the data of '%s' lie outside the file".formatted(Texts.shown(name)),
                "Export the model into one file (onnx.save with save_as_external_data=False)");
          }
        }
        default -> in.skip();
      }
    }
    long[] shape = dims.array();
    if (shape.length > 32) throw bad("has %d dimensions".formatted(shape.length));
    for (long length : shape) {
      if (length < 0 || length > Integer.MAX_VALUE) {
        throw bad("has the dimension %d".formatted(length));
      }
    }
    return new Constant(name, type, shape, data(Tensor.count(shape)));
  }

  private @Nullable Object data(long count) {
    Datatype known = OnnxGraph.datatype(type);
    if (known == null) {
      long bits =
          switch (type) {
            case 14 -> 64;
            case 15 -> 128;
            case 17, 18, 19, 20, 24 -> 8;
            case 21, 22, 23 -> 4;
            case 25, 26 -> 2;
            default -> throw bad("is of the type %d".formatted(type));
          };
      if (raw != null) held(raw.length, (count * bits + 7) / 8, "bytes");
      else if (type >= 17 && type != 25) held(ints.size(), (count * bits + 7) / 8, "numbers");
      else throw bad("is of a type that is read from raw bytes only");
      return null;
    }
    if (known == Datatype.BYTES) {
      held(texts.size(), count, "texts");
      return texts.toArray(byte[][]::new);
    }
    if (raw != null) {
      if (floats.size() + ints.size() + longs.size() + doubles.size() > 0) {
        throw bad("has its data twice");
      }
      held(raw.length, count * known.size(), "bytes");
      return ofRaw(known, ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN), (int) count);
    }
    return ofFields(known, count);
  }

  static Object ofRaw(Datatype known, ByteBuffer from, int count) {
    return switch (known.size()) {
      case 1 -> Arrays.copyOf(from.array(), count);
      case 2 -> {
        short[] values = new short[count];
        from.asShortBuffer().get(values);
        yield values;
      }
      case 4 -> {
        if (known == Datatype.FP32) {
          float[] values = new float[count];
          from.asFloatBuffer().get(values);
          yield values;
        }
        int[] values = new int[count];
        from.asIntBuffer().get(values);
        yield values;
      }
      default -> {
        if (known == Datatype.FP64) {
          double[] values = new double[count];
          from.asDoubleBuffer().get(values);
          yield values;
        }
        long[] values = new long[count];
        from.asLongBuffer().get(values);
        yield values;
      }
    };
  }

  private Object ofFields(Datatype known, long count) {
    switch (known) {
      case FP32 -> {
        held(floats.size(), count, "numbers");
        return floats.array();
      }
      case FP64 -> {
        held(doubles.size(), count, "numbers");
        return doubles.array();
      }
      case INT64, UINT64, UINT32 -> {
        held(longs.size(), count, "numbers");
        long[] values = longs.array();
        if (known != Datatype.UINT32) return values;
        int[] narrow = new int[values.length];
        for (int i = 0; i < narrow.length; i++) narrow[i] = (int) values[i];
        return narrow;
      }
      default -> {
        held(ints.size(), count, "numbers");
        return narrow(known, ints.array());
      }
    }
  }

  private Object narrow(Datatype known, long[] values) {
    if (known == Datatype.INT32) {
      int[] narrow = new int[values.length];
      for (int i = 0; i < narrow.length; i++) narrow[i] = (int) values[i];
      return narrow;
    }
    if (known.size() == 2) {
      short[] narrow = new short[values.length];
      for (int i = 0; i < narrow.length; i++) narrow[i] = (short) values[i];
      return narrow;
    }
    byte[] narrow = new byte[values.length];
    for (int i = 0; i < narrow.length; i++) narrow[i] = (byte) values[i];
    return narrow;
  }

  private void held(long there, long wanted, String noun) {
    if (there != wanted) {
      throw bad("has %,d %s where its shape asks for %,d".formatted(there, noun, wanted));
    }
  }

  private dev.orrery.base.Problem bad(String why) {
    return OnnxReader.bad("the tensor '%s' %s".formatted(Texts.shown(name), why));
  }
}
