package dev.orrery.monitor;

import dev.orrery.base.Semver;
import dev.orrery.serving.ScoredRows;
import org.jspecify.annotations.Nullable;

/// The first version, beside which all others are seen.
///
/// @param threshold a score at or over it predicts the positive class
record First(Semver version, double threshold) {
  /// What it says of rows: what it answered, or scored as the shadow; NaN where neither.
  double[] scores(ScoredRows rows) {
    String name = version.toString();
    double @Nullable [] shadow = rows.shadow().get(name);
    double[] scores = new double[rows.rows()];
    for (int i = 0; i < scores.length; i++) {
      if (rows.version()[i].equals(name)) scores[i] = rows.served()[i];
      else scores[i] = shadow == null ? Double.NaN : shadow[i];
    }
    return scores;
  }

  int decision(double score) {
    return score >= threshold ? 1 : 0;
  }
}
