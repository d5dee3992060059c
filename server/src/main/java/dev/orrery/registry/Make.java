package dev.orrery.registry;

import dev.orrery.base.Semver.Bump;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

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
  /// A column with its type.
  public record Field(String name, String type) {}

  public Make {
    parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
    features = List.copyOf(features);
    inputs = List.copyOf(inputs);
  }

  /// The part of the version that moves from this make to a later one.
  ///
  /// MAJOR: another architecture; other inputs, in whatever way (callers may send them by place); a
  /// feature that went or changed its type. MINOR: a feature more, a feature defined otherwise,
  /// other parameters. PATCH: the same again, on other rows or by mended code.
  public Bump to(Make later) {
    boolean compatible =
        kind.equals(later.kind)
            && inputs.equals(later.inputs)
            && later.features.containsAll(features);
    if (!compatible) return Bump.MAJOR;
    boolean same =
        parameters.equals(later.parameters)
            && features.size() == later.features.size()
            && featuresVersion.equals(later.featuresVersion);
    return same ? Bump.PATCH : Bump.MINOR;
  }
}
