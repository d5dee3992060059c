package dev.orrery.pipeline;

import dev.orrery.base.Digest;
import dev.orrery.base.Name;
import dev.orrery.data.Dataset;
import dev.orrery.project.Node;
import dev.orrery.project.Project;
import dev.orrery.train.Candidate;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a project's definitions say of its pipeline, checked.
///
/// @param target what is predicted: one of the dataset's targets
/// @param successMetric the metric that decides between candidates, and whose threshold is served
/// @param candidates what is trained, baselines first
/// @param history how far back from the validation rows are trained on; null: all
record Recipe(
    Project project,
    Name model,
    Dataset dataset,
    Node features,
    String target,
    String successMetric,
    List<Candidate> candidates,
    Validation validation,
    @Nullable Duration history,
    long seed,
    GateRules gates) {
  /// How candidates are measured.
  ///
  /// @param holdout the span of event time before now whose rows validate
  /// @param folds of cross-validation; 0: none
  /// @param foldsOnRetrain the same when a model is renewed
  /// @param rows the most recent training rows that cross-validation goes through
  record Validation(Duration holdout, int folds, int foldsOnRetrain, int rows) {
    static final Validation USUAL = new Validation(Duration.ofDays(4), 5, 0, 100_000);

    int folds(boolean renews) {
      return renews ? foldsOnRetrain : folds;
    }
  }

  Recipe {
    candidates = List.copyOf(candidates);
  }

  Digest definitions() {
    return project.digest();
  }

  /// The candidates to train when a champion of this kind is renewed: the same kind, and the
  /// baselines; all of them if the recipe no longer has its kind.
  List<Candidate> renewing(String kind) {
    List<Candidate> kept =
        candidates.stream().filter(c -> isBaseline(c) || c.kind().equals(kind)).toList();
    boolean hasKind = candidates.stream().anyMatch(c -> c.kind().equals(kind));
    return hasKind ? kept : candidates;
  }

  /// Whether a candidate is there to be beaten.
  static boolean isBaseline(Candidate candidate) {
    return switch (candidate) {
      case Candidate.Majority _, Candidate.ByRule _ -> true;
      case Candidate.LogisticRegression _, Candidate.LightGbm _ -> false;
    };
  }
}
