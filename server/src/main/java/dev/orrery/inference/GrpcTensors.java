package dev.orrery.inference;

import dev.orrery.base.Texts;
import dev.orrery.model.Datatype;
import dev.orrery.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tensors in the messages of the inference service: as typed `contents`, whose fields are 1 bool,
/// 2 int32, 3 int64, 4 uint32, 5 uint64, 6 float, 7 double, 8 bytes.
final class GrpcTensors {
  /// A tensor before its values are known: they may stand in `raw_input_contents`.
  record Spec(String name, Datatype type, long[] shape, @Nullable ProtoIn contents) {}

  private GrpcTensors() {}

  static Spec spec(ProtoIn in) {
    String name = "";
    String type = "";
    long[] shape = {};
    ProtoIn contents = null;
    int field;
    while ((field = in.next()) != 0) {
      switch (field) {
        case 1 -> name = in.string();
        case 2 -> type = in.string();
        case 3 -> shape = dimensions(in, shape);
        case 5 -> contents = in.part();
        default -> in.skip();
      }
    }
    return new Spec(name, Datatype.of(type), shape, contents);
  }

  private static long[] dimensions(ProtoIn in, long[] before) {
    List<Long> all = new ArrayList<>();
    for (long one : before) all.add(one);
    if (in.isPacked()) {
      ProtoIn packed = in.part();
      while (!packed.isDone() && all.size() <= 8) all.add(packed.varint());
    } else {
      all.add(in.number());
    }
    if (all.size() > 8) throw JsonIn.bad("a shape has too many dimensions", "Send at most 8");
    return all.stream().mapToLong(Long::longValue).toArray();
  }

  /// The typed values of a tensor.
  static Tensor typed(Spec spec) {
    int wanted = field(spec.type());
    var values = new Values(spec, Math.toIntExact(Tensor.count(spec.shape())));
    ProtoIn in = spec.contents();
    if (in != null) {
      int field;
      while ((field = in.next()) != 0) {
        if (field != wanted) {
          throw JsonIn.bad(
              "input '%s' is %s, and its contents are of another type"
                  .formatted(Texts.shown(spec.name()), spec.type()),
              "Put the values where the proto file says for the datatype, or send them raw");
        }
        values.read(in);
      }
    }
    return values.tensor();
  }

  /// Which field of the contents a type's values stand in; 0 where it has none.
  static int field(Datatype type) {
    return switch (type) {
      case BOOL -> 1;
      case INT8, INT16, INT32 -> 2;
      case INT64 -> 3;
      case UINT8, UINT16, UINT32 -> 4;
      case UINT64 -> 5;
      case FP32 -> 6;
      case FP64 -> 7;
      case BYTES -> 8;
      case FP16, BF16 -> 0;
    };
  }

  /// Values as they are read.
  private static final class Values {
    private final Spec spec;
    private final int count;
    private int at;
    private final long[] longs;
    private final double[] doubles;
    private final byte[][] texts;

    Values(Spec spec, int count) {
      this.spec = spec;
      this.count = count;
      // No message has more values than bytes; what it claims is not trusted with memory.
      ProtoIn in = spec.contents();
      int most = in == null ? 0 : Math.min(count, in.left());
      int field = field(spec.type());
      longs = new long[field >= 1 && field <= 5 ? most : 0];
      doubles = new double[field == 6 || field == 7 ? most : 0];
      texts = new byte[field == 8 ? most : 0][];
    }

    void read(ProtoIn in) {
      if (spec.type() == Datatype.BYTES) {
        claim(texts.length);
        texts[at++] = in.bytes();
      } else if (in.isPacked()) {
        ProtoIn packed = in.part();
        while (!packed.isDone()) one(packed);
      } else {
        one(in);
      }
    }

    private void one(ProtoIn in) {
      switch (spec.type()) {
        case FP32 -> {
          claim(doubles.length);
          doubles[at++] = Float.intBitsToFloat(in.fixed32());
        }
        case FP64 -> {
          claim(doubles.length);
          doubles[at++] = Double.longBitsToDouble(in.fixed64());
        }
        default -> {
          claim(longs.length);
          longs[at++] = inRange(in.varint());
        }
      }
    }

    private void claim(int room) {
      if (at >= room) throw uneven();
    }

    private dev.orrery.base.Problem uneven() {
      return JsonIn.bad(
          "input '%s' has another number of values than its shape %s says"
              .formatted(Texts.shown(spec.name()), Arrays.toString(spec.shape())),
          "Send as many values as the shape says");
    }

    private long inRange(long value) {
      Datatype type = spec.type();
      boolean fits =
          type == Datatype.UINT64
              || value >= TensorJson.least(type) && value <= TensorJson.most(type);
      if (fits) return value;
      throw JsonIn.bad(
          "input '%s' has the value %d, which is no %s"
              .formatted(Texts.shown(spec.name()), value, type),
          "Send it as a wider datatype");
    }

    Tensor tensor() {
      if (at != count) throw uneven();
      Datatype type = spec.type();
      if (type == Datatype.BYTES) return new Tensor(type, spec.shape(), texts);
      return type.isFloating()
          ? TensorJson.ofDoubles(type, spec.shape(), doubles)
          : TensorJson.ofLongs(type, spec.shape(), longs);
    }
  }

  /// An output; its values in the typed contents unless they go raw.
  static ProtoOut output(String name, Tensor tensor, boolean raw) {
    ProtoOut out = new ProtoOut().string(1, name).string(2, tensor.type().name());
    out.numbers(3, tensor.shape());
    return raw ? out : out.message(5, contents(tensor));
  }

  private static ProtoOut contents(Tensor tensor) {
    ProtoOut out = new ProtoOut();
    int field = field(tensor.type());
    switch (tensor.data()) {
      case byte[][] texts -> {
        for (byte[] text : texts) out.bytes(field, text == null ? new byte[0] : text);
      }
      case float[] own -> out.tensor(field, tensor);
      case double[] own -> out.tensor(field, tensor);
      case long[] own -> out.numbers(field, own);
      default -> out.numbers(field, longs(tensor));
    }
    return out;
  }

  private static long[] longs(Tensor tensor) {
    double[] values = tensor.doubles();
    long[] longs = new long[values.length];
    for (int i = 0; i < longs.length; i++) longs[i] = (long) values[i];
    return longs;
  }

  /// One tensor of `raw_input_contents`.
  static Tensor raw(Spec spec, byte[] bytes) {
    return TensorBytes.read(spec.name(), spec.type(), spec.shape(), bytes, 0, bytes.length);
  }
}
