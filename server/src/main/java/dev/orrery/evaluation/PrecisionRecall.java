package dev.orrery.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// Precision and recall at every threshold that parts the rows differently.
///
/// @param points from the highest threshold to the lowest; each threshold is a score
public record PrecisionRecall(List<Point> points) {
  /// What is reached when scores at or over the threshold raise an alarm.
  public record Point(double threshold, double precision, double recall) {}

  public PrecisionRecall {
    points = List.copyOf(points);
  }

  /// @param ascending the rows in ascending order of score
  static PrecisionRecall of(double[] scores, boolean[] positive, int[] ascending) {
    long positives = 0;
    for (boolean p : positive) if (p) positives++;
    List<Point> points = new ArrayList<>();
    long hits = 0;
    long alarms = 0;
    for (int i = ascending.length - 1; i >= 0; ) {
      double score = scores[ascending[i]];
      for (; i >= 0 && scores[ascending[i]] == score; i--) {
        alarms++;
        if (positive[ascending[i]]) hits++;
      }
      double recall = positives == 0 ? Double.NaN : (double) hits / positives;
      points.add(new Point(score, (double) hits / alarms, recall));
    }
    return new PrecisionRecall(points);
  }

  /// The sum of precisions weighted by the steps of recall; empty without positive rows.
  OptionalDouble averagePrecision() {
    double sum = 0;
    double before = 0;
    for (Point point : points) {
      if (Double.isNaN(point.recall())) return OptionalDouble.empty();
      sum += (point.recall() - before) * point.precision();
      before = point.recall();
    }
    return points.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(sum);
  }

  /// The point of highest precision among those of enough recall; of equal ones, that of the
  /// highest recall.
  Optional<Point> bestPrecision(double recall) {
    Point best = null;
    for (Point point : points) {
      if (!(point.recall() >= recall)) continue;
      if (best == null || point.precision() >= best.precision()) best = point;
    }
    return Optional.ofNullable(best);
  }
}
