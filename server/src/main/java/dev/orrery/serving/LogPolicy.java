package dev.orrery.serving;

import dev.orrery.base.Digest;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Strings;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// How much of a prediction the log keeps, by the project's `serve.log`.
///
/// Whatever it is, the row's time, the score, the decision and the version stay. Without features
/// neither drift nor a canary's metrics can be computed, and without the row's columns what became
/// known of it is no row to train on.
final class LogPolicy {
  /// The column that stands for all others.
  static final String DIGEST = "digest";

  private LogPolicy() {}

  static Frame.Predictions kept(Frame.Predictions frame, ServeBlock.Logged logged, String time) {
    if (logged == ServeBlock.Logged.FULL) return frame;
    SequencedMap<String, Column> features = new LinkedHashMap<>();
    if (logged == ServeBlock.Logged.DIGEST) features.put(DIGEST, digests(frame.features()));
    SequencedMap<String, Column> raw = new LinkedHashMap<>();
    raw.put(time, frame.raw().column(time));
    return new Frame.Predictions(
        frame.at(),
        frame.mark(),
        frame.key(),
        frame.bodyHash(),
        frame.version(),
        frame.arm(),
        new Table(raw, frame.rows()),
        new Table(features, frame.rows()),
        frame.scores(),
        frame.predictions(),
        frame.micros(),
        frame.unit());
  }

  /// The first 128 bits of each row's SHA-256, over names and values in the order of the features.
  private static Strings digests(Table features) {
    String[] digests = new String[features.rows()];
    for (int row = 0; row < digests.length; row++) {
      var text = new StringBuilder();
      for (var column : features.columns().entrySet()) {
        text.append(column.getKey())
            .append('\u001f')
            .append(column.getValue().value(row))
            .append('\u001e');
      }
      digests[row] =
          Digest.of(text.toString().getBytes(StandardCharsets.UTF_8)).hex().substring(0, 32);
    }
    return new Strings(digests);
  }
}
