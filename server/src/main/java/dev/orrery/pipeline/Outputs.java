package dev.orrery.pipeline;

import dev.orrery.base.Digest;
import dev.orrery.registry.Make.Field;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;

/// What the stages hand on to each other, through their rows.
final class Outputs {
  private Outputs() {}

  /// @param version such as `flights@1.0.0`
  /// @param record the tracking run of the whole pipeline run
  record Data(String version, Digest digest, long rows, Instant knownUntil, String record) {}

  /// @param inputs what a caller must send
  record Features(String version, Digest digest, List<Field> features, List<Field> inputs) {}

  /// One candidate, fitted and measured.
  ///
  /// @param run its tracking run
  /// @param model the digest of its package, and of the blob with it
  /// @param size of the package in bytes
  record Trained(
      String kind,
      SortedMap<String, String> parameters,
      String run,
      Digest model,
      long size,
      SortedMap<String, Double> metrics) {}

  /// @param trainedUntil the last moment at which an outcome that was trained on became known
  record Train(
      Instant trainedUntil,
      Instant validatedFrom,
      Instant validatedUntil,
      long trainingRows,
      long validationRows,
      List<Trained> models) {}

  /// @param champion the id of the version it was compared with; empty for none
  /// @param rejections empty if it was accepted
  record Gate(
      Trained candidate, String champion, List<GateResult> results, List<String> rejections) {}

  record Register(String version) {}

  /// @param done what was done, for people
  record Deploy(String done, Deployer.Rollout rollout) {}
}
