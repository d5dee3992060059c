package dev.orrery.base;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/// A name that people type and that stands in URLs: `late-arrival`, `eu.churn`, `origin_recent`.
public record Name(@JsonValue String text) implements Comparable<Name> {
  private static final int LENGTH_MAX = 200;
  private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Name {
    if (text.length() > LENGTH_MAX || !SHAPE.matcher(text).matches()) {
      throw new Problem(
          Fault.BAD_NAME,
          "'%s' is not a name".formatted(Texts.shown(text)),
          "Use 1 to %d of A-Z, a-z, 0-9 and . _ -, beginning with a letter or digit"
              .formatted(LENGTH_MAX));
    }
  }

  @Override
  public int compareTo(Name other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
