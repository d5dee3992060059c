package dev.orrery.serving;

import dev.orrery.journal.Journal.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Reads what an A/B test has seen from the log, in bounded memory besides one entry a caller.
final class ExperimentScan {
  /// More callers than this are not counted, which the test then says.
  static final int UNITS_MAX = 2_000_000;

  private static final int FRAMES_AT_ONCE = 4_096;
  private static final double TINY = 1e-15;

  private final PredictionLog log;
  private final Outcomes outcomes;
  private final AbTest test;
  private final long knownBy;
  private final SequencedMap<String, ArmTally> arms = new LinkedHashMap<>();
  private final List<Part> parts = new ArrayList<>();
  private long units;

  private record Part(Position at, Frame.Predictions frame, String arm, boolean hasFailed) {}

  private ExperimentScan(PredictionLog log, Outcomes outcomes, AbTest test, Instant knownBy) {
    this.log = log;
    this.outcomes = outcomes;
    this.test = test;
    this.knownBy = knownBy.toEpochMilli();
    test.variants().forEach(variant -> arms.put(variant.name(), new ArmTally()));
  }

  /// What each variant has seen, in their order; outcomes that became usable later than `knownBy`
  /// count as unknown.
  static SequencedMap<String, ArmTally> of(
      PredictionLog log, Outcomes outcomes, Traffic.Experiment experiment, Instant knownBy) {
    var scan = new ExperimentScan(log, outcomes, experiment.test(), knownBy);
    log.read(
        new Position(experiment.segment(), experiment.offset()),
        (at, frame, _) -> {
          if (frame instanceof Frame.Predictions predictions) scan.take(at, predictions);
          return true;
        });
    scan.flush();
    return scan.arms;
  }

  private void take(Position at, Frame.Predictions frame) {
    boolean hasFailed = frame.arm().endsWith(Frame.Predictions.FAILED);
    String arm =
        hasFailed
            ? frame.arm().substring(0, frame.arm().length() - Frame.Predictions.FAILED.length())
            : frame.arm();
    if (!arms.containsKey(arm)) return;
    parts.add(new Part(at, frame, arm, hasFailed));
    if (parts.size() == FRAMES_AT_ONCE) flush();
  }

  private void flush() {
    if (parts.isEmpty()) return;
    var known = outcomes.ofFrames(parts.getFirst().at(), parts.getLast().at());
    for (Part part : parts) {
      ArmTally tally = arms.get(part.arm());
      if (tally == null || units >= UNITS_MAX) continue;
      long unit = part.frame().unit();
      long before = tally.units();
      tally.request(unit, part.hasFailed(), part.frame().micros());
      units += tally.units() - before;
      for (Outcomes.Stored outcome : known.getOrDefault(part.at(), List.of())) {
        if (outcome.effectiveAt() > knownBy) continue;
        double value = value(part.frame(), outcome);
        if (!Double.isNaN(value)) tally.value(unit, value);
      }
    }
    parts.clear();
  }

  /// The primary metric of one row; NaN if its outcome does not tell it.
  private double value(Frame.Predictions frame, Outcomes.Stored outcome) {
    double target = outcome.target();
    double score = frame.scores()[outcome.row()];
    return switch (test.primary()) {
      case AbTest.CONVERSION -> target;
      case "accuracy" -> frame.predictions()[outcome.row()] == target ? 1 : 0;
      case "brier" -> (score - target) * (score - target);
      case "log_loss" -> {
        double share = Math.clamp(score, TINY, 1 - TINY);
        yield target == 1 ? -Math.log(share) : -Math.log1p(-share);
      }
      default -> outcome.detail().path(test.primary()).asDouble(Double.NaN);
    };
  }
}
