package dev.orrery.scorer;

/// How a node reads the value of its feature, and where it sends a missing one.
///
/// A number goes left if it is at most the node's threshold, a category if its bit is set. The
/// manners of numbers are `2 * what counts as missing + whether that goes left`.
final class Manner {
  /// Nothing counts as missing; NaN is read as 0.
  static final byte NONE = 0;

  /// LightGBM's `zero_as_missing`: NaN, and what is nearly 0.
  static final byte ZERO_RIGHT = 2;

  static final byte ZERO_LEFT = 3;
  static final byte NAN_RIGHT = 4;
  static final byte NAN_LEFT = 5;

  /// LightGBM's categories: NaN, negative and unknown ones go right.
  static final byte CATEGORY = 6;

  /// XGBoost's categories: negative and unknown ones go left; NaN where the node says.
  static final byte CATEGORY_NAN_RIGHT = 7;

  static final byte CATEGORY_NAN_LEFT = 8;

  /// Left if the value is the threshold, which ONNX knows.
  static final byte EQUAL_NAN_RIGHT = 9;

  static final byte EQUAL_NAN_LEFT = 10;

  static final int COUNT = 11;

  private Manner() {}

  static boolean hasBits(int manner) {
    return manner >= CATEGORY;
  }

  static boolean isCategory(int manner) {
    return manner >= CATEGORY && manner <= CATEGORY_NAN_LEFT;
  }

  static boolean isEqual(int manner) {
    return manner >= EQUAL_NAN_RIGHT;
  }

  /// Manners that read a value alike share a slot; where a missing one of them goes stands in the
  /// node's bits.
  static int slot(int manner) {
    return manner == CATEGORY_NAN_LEFT || manner == EQUAL_NAN_LEFT ? manner - 1 : manner;
  }
}
