package dev.orrery.scorer;

/// A model's file that is not scored: what is wrong with it, and what to do about it.
public final class BadModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int SHOWN_MAX = 100;

  /// Why a file is not scored.
  public enum Kind {
    /// It does not hold together.
    DAMAGED,
    /// It is whole, and of a sort that is not scored here.
    UNSUPPORTED
  }

  private final Kind kind;
  private final String what;
  private final String remedy;

  private BadModelException(Kind kind, String what, String remedy) {
    super(what + ". " + remedy + ".");
    this.kind = kind;
    this.what = what;
    this.remedy = remedy;
  }

  public Kind kind() {
    return kind;
  }

  /// What is wrong, without a full stop.
  public String what() {
    return what;
  }

  /// What to do about it, without a full stop.
  public String remedy() {
    return remedy;
  }

  static BadModelException damaged(String what) {
    return new BadModelException(
        Kind.DAMAGED,
        "the model is damaged: " + what,
        "Take the file from the run that made it, or train again");
  }

  static BadModelException unsupported(String what, String remedy) {
    return new BadModelException(
        Kind.UNSUPPORTED, "a model of this sort is not scored here: " + what, remedy);
  }

  static void require(boolean holds, String otherwise) {
    if (!holds) throw damaged(otherwise);
  }

  /// A text from a file, made fit to stand in a message.
  static String shown(String text) {
    String cut = text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "...";
    return cut.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
  }
}
