package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How the project's A/B test meets the versions that are there.
final class Experiments {
  private Experiments() {}

  /// The test with a version for each variant: the champion is the control, and the version that is
  /// deployed is the one variant that names none.
  ///
  /// @throws Problem BAD_AB_TEST if the test is about other versions
  static AbTest resolved(@Nullable AbTest test, Semver version, Semver champion) {
    if (test == null) {
      throw new Problem(
          Fault.BAD_AB_TEST,
          "the project has no A/B test",
          "Add 'ab_test: ab_test.yaml' to its serve block");
    }
    AbTest.Variant control = test.control();
    if (control.version() != null && !control.version().equals(champion)) {
      throw new Problem(
          Fault.BAD_AB_TEST,
          "the control of the test is %s, and the champion %s"
              .formatted(control.version(), champion),
          "Deploy %s first, or write %s into the test".formatted(control.version(), champion));
    }
    var variants = new ArrayList<AbTest.Variant>();
    var versions = new HashSet<Semver>();
    for (AbTest.Variant variant : test.variants()) {
      Semver its = variant.version();
      if (its == null) its = variant == control ? champion : version;
      if (!versions.add(its)) {
        throw new Problem(
            Fault.BAD_AB_TEST,
            "the variants of the test would have %s twice".formatted(its),
            "Give each its own 'model_version'");
      }
      variants.add(new AbTest.Variant(variant.name(), its, variant.percent()));
    }
    if (!versions.contains(version)) {
      throw new Problem(
          Fault.BAD_AB_TEST,
          "the test is about %s, not about %s".formatted(versions(variants), version),
          "Start it with one of its versions, or write %s into it".formatted(version));
    }
    return new AbTest(
        test.name(),
        variants,
        test.primary(),
        test.higherIsBetter(),
        test.guardrails(),
        test.duration(),
        test.minSampleSize(),
        test.promote());
  }

  private static String versions(List<AbTest.Variant> variants) {
    return String.join(
        ", ", variants.stream().map(variant -> String.valueOf(variant.version())).toList());
  }

  /// The version that a promotion is about.
  ///
  /// @param asked null for the only one under trial, or the winner of a test
  /// @throws Problem NO_TRIAL if there is none, or it is not one of the trial
  static Semver promotable(Traffic traffic, @Nullable Semver asked) {
    Semver trial = traffic.trial();
    if (trial == null) {
      throw new Problem(
          Fault.NO_TRIAL,
          "no version is under trial",
          "Start one with 'orrery deploy start VERSION'");
    }
    Traffic.Experiment experiment = traffic.experiment();
    List<Semver> possible =
        experiment == null
            ? List.of(trial)
            : experiment.test().variants().stream()
                .skip(1)
                .map(variant -> java.util.Objects.requireNonNull(variant.version()))
                .toList();
    if (asked != null) {
      if (possible.contains(asked)) return asked;
      throw new Problem(
          Fault.NO_TRIAL, "%s is not under trial".formatted(asked), "Promote one of " + possible);
    }
    if (experiment != null && experiment.verdict() != null) {
      var winner = experiment.verdict().winner();
      if (winner.isPresent()) return Semver.parse(winner.get().version());
    }
    if (possible.size() == 1) return trial;
    throw new Problem(
        Fault.NO_TRIAL,
        "the test has several versions, and no winner",
        "Name the one to promote: " + possible);
  }
}
