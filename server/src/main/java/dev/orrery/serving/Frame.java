package dev.orrery.serving;

import dev.orrery.engine.Table;
import dev.orrery.journal.Journal.Position;
import java.time.Instant;

/// What is logged.
sealed interface Frame {
  /// One answered request.
  ///
  /// @param at the server's clock when it answered
  /// @param mark 12 random bits, part of the predictions' ids
  /// @param key the caller's idempotency key, or empty
  /// @param bodyHash tells whether a key was used for another body
  /// @param version the model version that answered, whole
  /// @param arm `champion`, `canary`, or a variant of the A/B test that ran; with [#FAILED] behind
  ///   it if its version failed and another answered, and `fallback` if the project's fallback did
  /// @param raw the rows as they were sent, their time included
  /// @param features what the model was given
  /// @param predictions 0 or 1
  /// @param micros from the parsed request to the logged answer
  /// @param unit a hash of the caller's key, by which an A/B test counts; 0 where nothing asked
  record Predictions(
      Instant at,
      int mark,
      String key,
      long bodyHash,
      String version,
      String arm,
      Table raw,
      Table features,
      double[] scores,
      byte[] predictions,
      int micros,
      long unit)
      implements Frame {
    /// Behind an arm whose version did not answer.
    static final String FAILED = ":failed";

    int rows() {
      return scores.length;
    }
  }

  /// What a shadow would have answered to an earlier frame.
  record Shadow(Position of, String version, double[] scores) implements Frame {}
}
