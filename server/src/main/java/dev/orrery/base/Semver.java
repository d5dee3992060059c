package dev.orrery.base;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Comparator;
import java.util.regex.Pattern;

/// A semantic version, `1.2.3`; a leading `v` is read and dropped.
public record Semver(int major, int minor, int patch) implements Comparable<Semver> {
  /// The part of a version that a change moves.
  public enum Bump {
    MAJOR,
    MINOR,
    PATCH
  }

  public static final Semver FIRST = new Semver(1, 0, 0);

  private static final Pattern SHAPE = Pattern.compile("v?(\\d{1,6})\\.(\\d{1,6})\\.(\\d{1,6})");
  private static final Comparator<Semver> ORDER =
      Comparator.comparingInt(Semver::major)
          .thenComparingInt(Semver::minor)
          .thenComparingInt(Semver::patch);

  @JsonCreator
  public static Semver parse(String text) {
    var found = SHAPE.matcher(text);
    if (!found.matches()) {
      throw new Problem(
          Fault.BAD_VERSION,
          "'%s' is not a semantic version".formatted(Texts.shown(text)),
          "Write it as MAJOR.MINOR.PATCH, such as 1.0.0");
    }
    return new Semver(
        Integer.parseInt(found.group(1)),
        Integer.parseInt(found.group(2)),
        Integer.parseInt(found.group(3)));
  }

  public Semver next(Bump bump) {
    return switch (bump) {
      case MAJOR -> new Semver(major + 1, 0, 0);
      case MINOR -> new Semver(major, minor + 1, 0);
      case PATCH -> new Semver(major, minor, patch + 1);
    };
  }

  @Override
  public int compareTo(Semver other) {
    return ORDER.compare(this, other);
  }

  @JsonValue
  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
