package dev.orrery.serving;

import dev.orrery.inference.UnseenMeters;
import dev.orrery.web.Meters;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What is answered, by version and status, and which arm answered it, as Prometheus shows it.
final class ServingMeters {
  /// More versions or arms than this are counted as `other`.
  private static final int VALUES_MAX = 50;

  private static final String OTHER = "other";

  static final ServingMeters NONE = new ServingMeters(null, "", "");

  private final @Nullable Meters meters;
  private final String endpoint;
  private final String model;
  private final Map<String, Meters.Exemplified> timers = new ConcurrentHashMap<>();
  private final Map<String, Meters.Count> arms = new ConcurrentHashMap<>();
  private final @Nullable UnseenMeters unseen;

  ServingMeters(@Nullable Meters meters, String endpoint, String model) {
    this.meters = meters;
    this.endpoint = endpoint;
    this.model = model;
    this.unseen = meters == null ? null : new UnseenMeters(meters);
  }

  /// Rows whose text of a feature the version that answered had not seen in training. With 0 the
  /// counter is shown from its beginning, as rates need it.
  void unseen(String version, String feature, int rows) {
    if (unseen != null) unseen.add(model, version, feature, rows);
  }

  /// @param ids of the predictions; one of them is kept as what a latency was of, where the caller
  ///   names no trace
  void answered(Scoring.Scored scored, long nanos, List<UUID> ids) {
    if (meters == null) return;
    timed(scored.version(), scored.fallback() == null ? "ok" : Scoring.FALLBACK, nanos, ids);
    String arm = arms.containsKey(scored.arm()) || arms.size() < VALUES_MAX ? scored.arm() : OTHER;
    arms.computeIfAbsent(
            arm,
            name ->
                meters.counter(
                    "predictions.arms",
                    "Requests by who answered them: champion, canary, a variant, the fallback",
                    "endpoint",
                    endpoint,
                    "arm",
                    name))
        .one();
  }

  void failed(String version, long nanos) {
    if (meters != null) timed(version, "failed", nanos, List.of());
  }

  private void timed(String version, String status, long nanos, List<UUID> ids) {
    String key = version + " " + status;
    boolean known = timers.containsKey(key) || timers.size() < VALUES_MAX;
    timers
        .computeIfAbsent(
            known ? key : OTHER + " " + status,
            _ ->
                java.util.Objects.requireNonNull(meters)
                    .exemplifiedTimer(
                        "predictions",
                        "Requests for predictions, from the parsed request to the logged answer",
                        "endpoint",
                        endpoint,
                        "version",
                        known ? version : OTHER,
                        "status",
                        status))
        .nanos(
            nanos,
            () -> ids.isEmpty() ? null : new String[] {"prediction_id", ids.getFirst().toString()});
  }
}
