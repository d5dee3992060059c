package dev.orrery.base;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A failure that a person can act on: what is wrong, where, and what to do about it.
///
/// Everything a caller did wrong, or that the world did to us, is a `Problem`. Anything else that
/// escapes is a bug in Orrery and is answered as one.
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// What went wrong, in the caller's terms; each kind has one HTTP status and one exit code.
  public enum Kind {
    INVALID,
    DENIED,
    NOT_FOUND,
    CONFLICT,
    GATE_NOT_MET,
    TOO_LARGE,
    UNSUPPORTED,
    LIMITED,
    UNAVAILABLE,
    STORAGE_FULL,
    DATA_LOSS,
    INTERNAL
  }

  private final Fault fault;
  private final String what;
  private final String remedy;
  private final transient @Nullable Place place;

  public Problem(Fault fault, String what, String remedy) {
    this(fault, what, remedy, null, null);
  }

  private Problem(
      Fault fault, String what, String remedy, @Nullable Place place, @Nullable Throwable cause) {
    // To be told to come again, thousands of times a second, must cost less than to be answered.
    super(bare(what) + ". " + bare(remedy) + ".", cause, true, fault.kind() != Kind.LIMITED);
    this.fault = fault;
    this.what = bare(what);
    this.remedy = bare(remedy);
    this.place = place;
  }

  /// Without the full stop that messages of others bring along; an ellipsis stays.
  private static String bare(String text) {
    return text.endsWith(".") && !text.endsWith("..") ? text.substring(0, text.length() - 1) : text;
  }

  public Fault fault() {
    return fault;
  }

  public Kind kind() {
    return fault.kind();
  }

  /// What is wrong, without a full stop.
  public String what() {
    return what;
  }

  /// What to do about it, without a full stop.
  public String remedy() {
    return remedy;
  }

  /// Where in a file it stands, if it stands in one.
  public Optional<Place> place() {
    return Optional.ofNullable(place);
  }

  /// The same problem, with the place where it stands.
  public Problem at(Place where) {
    return new Problem(fault, what, remedy, where, getCause());
  }

  /// The same problem, with what caused it underneath.
  public Problem because(Throwable cause) {
    return new Problem(fault, what, remedy, place, cause);
  }

  /// A name the caller used that names nothing here.
  public static Problem notFound(String noun, String name, String remedy) {
    return new Problem(Fault.NOT_FOUND, "no %s named '%s'".formatted(noun, name), remedy);
  }
}
