package dev.orrery.model;

/// An operator with everything that its attributes and constants say, ready to be applied.
@FunctionalInterface
interface PlainOp {
  /// What is known of a value before any row is seen.
  record Kind(Datatype type, int rank) {
    boolean isFloat() {
      return type == Datatype.FP32;
    }

    boolean isFloating() {
      return type == Datatype.FP32 || type == Datatype.FP64;
    }

    boolean isNumber() {
      return type != Datatype.BYTES && type != Datatype.BOOL;
    }
  }

  /// An operator, and what it gives.
  record Prepared(PlainOp op, Kind[] gives) {
    static Prepared of(Datatype type, int rank, Single op) {
      return new Prepared(in -> new PlainValue[] {op.one(in)}, new Kind[] {new Kind(type, rank)});
    }
  }

  /// @param in the operator's inputs, in order; not changed
  PlainValue[] apply(PlainValue[] in);

  /// An operator of one output.
  @FunctionalInterface
  interface Single {
    PlainValue one(PlainValue[] in);
  }
}
