package dev.orrery.scorer;

/// A value that is none of the categories which a model was trained on, where its library refuses
/// such a row.
public final class UnknownCategoryException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int place;
  private final String value;

  UnknownCategoryException(int place, String value) {
    super(
        "value %d of a row is '%s', which is no category that training saw. Give NaN for a missing one."
            .formatted(place, BadModelException.shown(value)));
    this.place = place;
    this.value = BadModelException.shown(value);
  }

  /// The place of the value in its row.
  public int place() {
    return place;
  }

  /// The value, fit to stand in a message.
  public String value() {
    return value;
  }
}
