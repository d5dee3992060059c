package dev.orrery.pipeline;

import dev.orrery.base.Digest;
import dev.orrery.base.Problem;
import dev.orrery.data.DataVersion;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.feature.FeatureSet;
import dev.orrery.registry.CodeVersion;
import dev.orrery.tracking.RunData;
import dev.orrery.train.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Trains again what a run trained, on the same data, and compares the bytes of the model.
///
/// Only what this pipeline trained can be trained again: of other runs the store knows what it was
/// told, and not how to run them. Nothing is written.
final class Reproduction {
  /// What came of it.
  enum Verdict {
    /// The same bytes.
    SAME,
    /// Trained again, and another model came of it.
    DIFFERENT,
    /// It cannot be trained again here.
    IMPOSSIBLE
  }

  /// @param reasons why not, or what has changed since
  /// @param model the digest of the model that came of it now
  /// @param before the digest of the model that came of it then
  record Told(
      String run,
      String verdict,
      List<String> reasons,
      @Nullable String model,
      @Nullable String before,
      Map<String, Double> metrics) {}

  private final Parts parts;
  private final Recipe recipe;

  Reproduction(Parts parts, Recipe recipe) {
    this.parts = parts;
    this.recipe = recipe;
  }

  Told of(RunData run) {
    if (!"train".equals(run.tags().get("orrery.stage"))) return impossible(run, foreign(run));
    List<String> changes = new ArrayList<>();
    String code = run.tags().get("orrery.env.commit");
    String now = CodeVersion.of(recipe.project().folder(), recipe.project().files());
    if (code != null && !code.equals(now)) {
      changes.add("the code was %s and is %s".formatted(code, now));
    }
    Optional<Candidate> candidate = candidate(run);
    if (candidate.isEmpty()) {
      changes.add(
          "the definitions have no candidate '%s' with its parameters any more; check out the code of then"
              .formatted(run.params().getOrDefault("kind", "?")));
      return impossible(run, changes);
    }
    DataVersion version;
    try {
      version = parts.datasets().get(run.params().getOrDefault("data_version", "?"));
    } catch (Problem e) {
      changes.add("its data are gone: " + e.what());
      return impossible(run, changes);
    }
    FeatureSet set = FeatureBlock.compile(recipe.features(), recipe.dataset(), version.schema());
    String features = parts.featureVersions().of(set).version().toString();
    String before = run.params().getOrDefault("features_version", features);
    if (!before.equals(features)) {
      changes.add("the features were %s and are %s".formatted(before, features));
      return impossible(run, changes);
    }
    return trained(run, candidate.get(), version, set, changes);
  }

  private Told trained(
      RunData run, Candidate candidate, DataVersion version, FeatureSet set, List<String> changes) {
    Recipe seeded = seeded(run);
    Prepared rows =
        Prepared.of(
            parts.datasets().read(version),
            recipe.dataset(),
            recipe.target(),
            set,
            version,
            recipe.validation().holdout(),
            recipe.history());
    Fitting.Fitted fitted =
        new Fitting(seeded, rows, parts.threads(), (_, _) -> {}).fit(candidate, 0, 1);
    Digest model = fitted.model().digest();
    String before = run.params().get("model_digest");
    Verdict verdict = model.hex().equals(before) ? Verdict.SAME : Verdict.DIFFERENT;
    return new Told(
        run.run().id(),
        word(verdict),
        changes,
        model.hex(),
        before,
        fitted.metrics().all(List.of(recipe.successMetric())));
  }

  private Recipe seeded(RunData run) {
    String seed = run.params().get("seed");
    if (seed == null || !seed.matches("-?[0-9]{1,18}")) return recipe;
    return new Recipe(
        recipe.project(),
        recipe.model(),
        recipe.dataset(),
        recipe.features(),
        recipe.target(),
        recipe.successMetric(),
        recipe.candidates(),
        recipe.validation(),
        recipe.history(),
        Long.parseLong(seed),
        recipe.gates());
  }

  private Optional<Candidate> candidate(RunData run) {
    return recipe.candidates().stream()
        .filter(one -> one.kind().equals(run.params().get("kind")))
        .filter(one -> run.params().entrySet().containsAll(Fitting.parameters(one).entrySet()))
        .findFirst();
  }

  private static List<String> foreign(RunData run) {
    List<String> reasons = new ArrayList<>();
    if (run.tags().containsKey(Stages.RUN_TAG)) {
      reasons.add("it is a whole pipeline; name the run of one of its candidates");
      return reasons;
    }
    reasons.add("it was not trained by this project's pipeline, and how to run it is not known");
    String source = run.tags().get("mlflow.source.name");
    String commit = run.tags().get("mlflow.source.git.commit");
    if (source != null) {
      reasons.add(
          "it says that it ran %s%s".formatted(source, commit == null ? "" : " at " + commit));
    }
    return reasons;
  }

  private static Told impossible(RunData run, List<String> reasons) {
    return new Told(
        run.run().id(),
        word(Verdict.IMPOSSIBLE),
        reasons,
        null,
        run.params().get("model_digest"),
        Map.of());
  }

  private static String word(Verdict verdict) {
    return verdict.name().toLowerCase(Locale.ROOT);
  }
}
