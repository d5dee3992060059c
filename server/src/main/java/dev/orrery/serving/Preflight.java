package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.pipeline.Libraries;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// Whether a version would run here as it did where it was trained.
///
/// @param differences in words, such as `java is 26 here, and was 25 when it was trained`
/// @param unrecorded what its training did not record, so that it cannot be compared
public record Preflight(
    Semver version, String history, List<String> differences, List<String> unrecorded) {
  public Preflight {
    differences = List.copyOf(differences);
    unrecorded = List.copyOf(unrecorded);
  }

  /// @param features the digest of the features that the endpoint computes; null before the first
  ///   version
  static Preflight of(Semver version, Endpoint.Models models, @Nullable String features) {
    Optional<Made> made = models.made(version);
    if (made.isEmpty()) {
      return new Preflight(version, "", List.of(), List.of("its training"));
    }
    return of(version, made.get(), Libraries.here(), features);
  }

  static Preflight of(
      Semver version, Made made, SortedMap<String, String> here, @Nullable String features) {
    var differences = new ArrayList<String>();
    var unrecorded = new ArrayList<String>();
    for (Map.Entry<String, String> one : here.entrySet()) {
      String then = made.surroundings().get(one.getKey());
      if (then == null) unrecorded.add(one.getKey());
      else if (!then.equals(one.getValue())) {
        differences.add(
            "%s is %s here, and was %s when it was trained"
                .formatted(one.getKey(), one.getValue(), then));
      }
    }
    if (made.features() == null) unrecorded.add("features");
    else if (features != null && !made.features().equals(features)) {
      differences.add(
          "features are %s here, and were %s when it was trained"
              .formatted(brief(features), brief(made.features())));
    }
    return new Preflight(version, made.history(), differences, unrecorded);
  }

  private static String brief(String digest) {
    return digest.substring(0, Math.min(12, digest.length()));
  }

  /// @throws Problem MADE_ELSEWHERE or BAD_PARAMETER
  void require(DeployOrder order) {
    if (order.force() && (order.why() == null || order.why().isBlank())) {
      throw new Problem(
          Fault.BAD_PARAMETER,
          "a deployment is forced without a reason",
          "Say why: --force --why TEXT");
    }
    if (!order.force()) require();
  }

  /// @throws Problem MADE_ELSEWHERE
  void require() {
    if (differences.isEmpty()) return;
    throw new Problem(
        Fault.MADE_ELSEWHERE,
        "%s was made elsewhere: %s".formatted(version, String.join("; ", differences)),
        "Train it again here, or deploy it all the same: orrery deploy start %s --force --why TEXT"
            .formatted(version));
  }

  /// The reason for the record, with what was overridden.
  String why(DeployOrder order) {
    String why = order.why() == null ? "by request" : order.why();
    return order.force() ? why + overridden() : why;
  }

  /// What a reason for the record ends with, where a version is deployed all the same.
  String overridden() {
    return differences.isEmpty()
        ? ""
        : " [forced although %s]".formatted(String.join("; ", differences));
  }
}
