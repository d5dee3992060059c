package dev.orrery.scorecard;

import dev.orrery.data.DataVersion;
import dev.orrery.lineage.Edge;
import dev.orrery.registry.ModelVersion;
import dev.orrery.serving.Prediction;
import java.time.Instant;
import java.util.List;

/// Where one prediction comes from: the exact version that answered, and all that it was made from.
///
/// @param edges everything upstream, nearest first
public record Origin(
    Prediction prediction,
    ModelVersion version,
    Data data,
    String features,
    String code,
    String run,
    List<Edge> edges) {
  /// The data version in a few words.
  public record Data(
      String id, String digest, long rows, Instant from, Instant to, Instant knownUntil) {
    static Data of(DataVersion version) {
      return new Data(
          version.id(),
          version.digest().hex(),
          version.rows(),
          version.from(),
          version.to(),
          version.knownUntil());
    }
  }
}
