package dev.orrery.registry;

import dev.orrery.base.Semver.Bump;
import dev.orrery.base.Texts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a model was made of, as far as its version depends on it.
///
/// @param kind the architecture: `lightgbm`, `logistic_regression`
/// @param parameters of the training, without what differs from run to run
/// @param features what the model takes, in its order
/// @param inputs what a caller must send, in the order of the signature
/// @param featuresVersion the version of the features' definitions
public record Make(
    String kind,
    SortedMap<String, String> parameters,
    List<Field> features,
    List<Field> inputs,
    String featuresVersion) {
  private static final int TOLD_MAX = 5;
  private static final int TEXT_MAX = 60;

  /// A column with its type.
  public record Field(String name, String type) {}

  public Make {
    parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
    features = List.copyOf(features);
    inputs = List.copyOf(inputs);
  }

  /// What changed from one make to the next, and what that asks of the version.
  ///
  /// @param reasons in words, at least one
  public record Change(Bump bump, List<String> reasons) {
    public Change {
      reasons = List.copyOf(reasons);
    }

    /// `minor: new feature route.hour`.
    String told() {
      return bump.name().toLowerCase(Locale.ROOT) + ": " + String.join("; ", reasons);
    }
  }

  /// The part of the version that moves from this make to a later one.
  public Bump to(Make later) {
    return change(later).bump();
  }

  /// What changed from this make to a later one.
  ///
  /// MAJOR: another architecture; other inputs, in whatever way (callers may send them by place); a
  /// feature that went or changed its type. MINOR: a feature more, a feature defined otherwise,
  /// other parameters. PATCH: the same again, on other rows or by mended code.
  public Change change(Make later) {
    List<String> major = new ArrayList<>();
    List<String> minor = new ArrayList<>();
    if (!kind.equals(later.kind)) {
      major.add("another architecture, %s instead of %s".formatted(later.kind, kind));
    }
    if (!inputs.equals(later.inputs)) major.add("other inputs: " + told(inputs, later.inputs));
    List<Field> gone = features.stream().filter(f -> !later.features.contains(f)).toList();
    if (!gone.isEmpty()) major.add("features that went or changed: " + names(gone));
    List<Field> added = later.features.stream().filter(f -> !features.contains(f)).toList();
    if (!added.isEmpty()) minor.add("new features: " + names(added));
    else if (!featuresVersion.equals(later.featuresVersion)) {
      minor.add("features defined otherwise, %s".formatted(later.featuresVersion));
    }
    List<String> parameters = parameters(later);
    if (!parameters.isEmpty()) minor.add("other parameters: " + String.join(", ", parameters));
    if (!major.isEmpty()) {
      major.addAll(minor);
      return new Change(Bump.MAJOR, major);
    }
    if (!minor.isEmpty()) return new Change(Bump.MINOR, minor);
    return new Change(Bump.PATCH, List.of("trained again, made of the same"));
  }

  /// The same where one or both may be unknown: then nothing asks for more than a patch.
  static Change change(@Nullable Make before, @Nullable Make later) {
    if (before != null && later != null) return before.change(later);
    return new Change(Bump.PATCH, List.of("what it was made of is not known"));
  }

  private List<String> parameters(Make later) {
    List<String> changes = new ArrayList<>();
    var all = new TreeMap<>(parameters);
    all.putAll(later.parameters);
    for (String name : all.keySet()) {
      String was = parameters.getOrDefault(name, "unset");
      String becomes = later.parameters.getOrDefault(name, "unset");
      if (!was.equals(becomes) && changes.size() < TOLD_MAX) {
        changes.add("%s %s -> %s".formatted(name, brief(was), brief(becomes)));
      }
    }
    return changes;
  }

  private static String told(List<Field> before, List<Field> later) {
    List<Field> added = later.stream().filter(f -> !before.contains(f)).toList();
    List<Field> gone = before.stream().filter(f -> !later.contains(f)).toList();
    if (added.isEmpty() && gone.isEmpty()) return "in another order";
    if (added.isEmpty()) return "without " + names(gone);
    return gone.isEmpty() ? "also " + names(added) : names(added) + " instead of " + names(gone);
  }

  private static String names(List<Field> fields) {
    String named =
        fields.stream()
            .limit(TOLD_MAX)
            .map(f -> brief(f.name() + " (" + f.type() + ")"))
            .collect(java.util.stream.Collectors.joining(", "));
    return fields.size() > TOLD_MAX ? named + ", ..." : named;
  }

  private static String brief(String text) {
    return Texts.shown(text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX) + "..." : text);
  }
}
