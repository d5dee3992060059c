package dev.orrery.base;

import dev.orrery.base.Problem.Kind;

/// Every numbered failure of Orrery: its kind, what it means, and what to do about it.
///
/// The one list. A number is never reused and never changes its meaning; the reference page of
/// errors is generated from here. Hundreds belong to parts, from the ground up.
public enum Fault {
  // 1-99: base
  BAD_NAME(1, Kind.INVALID, "A name has a character or a length that is not allowed"),
  BAD_QUANTITY(2, Kind.INVALID, "A quantity has no number, or a unit that is not known"),
  BAD_JSON(3, Kind.INVALID, "A text is not the JSON that is expected here"),
  BAD_VERSION(4, Kind.INVALID, "A version is not of the form 1.2.3"),
  CLOCK_BACKWARD(5, Kind.CONFLICT, "The virtual clock moves forward only"),
  NO_VIRTUAL_CLOCK(6, Kind.CONFLICT, "The server runs on the real clock, which cannot be moved"),
  NOT_FOUND(7, Kind.NOT_FOUND, "A name that was used names nothing here"),
  INTERNAL(8, Kind.INTERNAL, "A bug in Orrery"),
  INTERRUPTED(9, Kind.UNAVAILABLE, "The work was interrupted before it was done"),

  // 250-299: engine
  NO_SUCH_FILE(250, Kind.NOT_FOUND, "A file that was named does not exist or cannot be opened"),
  UNREADABLE_TABLE(251, Kind.INVALID, "A data file is damaged or not of a known format"),
  CANNOT_WRITE_TABLE(252, Kind.STORAGE_FULL, "A table cannot be written to disk"),
  BAD_QUERY(253, Kind.INVALID, "A query over tables cannot be answered"),
  TABLE_TOO_LARGE(254, Kind.TOO_LARGE, "A table has more rows than fit in memory"),
  BAD_EXPRESSION(255, Kind.INVALID, "An expression cannot be read, or its types do not fit");

  private final int number;
  private final Kind kind;
  private final String meaning;

  Fault(int number, Kind kind, String meaning) {
    this.number = number;
    this.kind = kind;
    this.meaning = meaning;
  }

  /// The number as people see it: `ORR-0142`.
  public String code() {
    return "ORR-%04d".formatted(number);
  }

  public Kind kind() {
    return kind;
  }

  public String meaning() {
    return meaning;
  }
}
