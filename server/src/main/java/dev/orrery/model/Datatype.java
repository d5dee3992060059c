package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.Arrays;

/// What the elements of a tensor are; the names are those of the Open Inference Protocol.
public enum Datatype {
  BOOL(1),
  UINT8(1),
  UINT16(2),
  UINT32(4),
  UINT64(8),
  INT8(1),
  INT16(2),
  INT32(4),
  INT64(8),
  FP16(2),
  BF16(2),
  FP32(4),
  FP64(8),
  BYTES(0);

  private final int size;

  Datatype(int size) {
    this.size = size;
  }

  /// Bytes of one element in binary; 0 where it varies.
  public int size() {
    return size;
  }

  public boolean isNumeric() {
    return this != BYTES;
  }

  public boolean isFloating() {
    return this == FP16 || this == BF16 || this == FP32 || this == FP64;
  }

  /// @throws Problem of kind INVALID if there is none of this name
  public static Datatype of(String name) {
    for (Datatype type : values()) if (type.name().equals(name)) return type;
    throw new Problem(
        Fault.BAD_TENSOR,
        "there is no datatype '%s'".formatted(Texts.shown(name)),
        Texts.didYouMean(name, Arrays.stream(values()).map(Enum::name).toList()));
  }
}
