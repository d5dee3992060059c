package dev.orrery.serving;

import dev.orrery.stats.ChiSquare;
import dev.orrery.stats.Contrast;
import dev.orrery.stats.Interval;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The statistics of an A/B test: how far it has come, and, once, what it says.
///
/// A share is compared by Newcombe's interval and a mean by Welch's, caller by caller; where a
/// caller has several known values, totals over callers are, by the delta method. Several variants
/// share the 5 % (Bonferroni).
final class ExperimentJudge {
  static final double CONFIDENCE = 0.95;

  /// A split so uneven by chance in fewer than one test of a thousand is no chance.
  static final double SAMPLE_RATIO_LEAST = 0.001;

  private static final double Z_95 = 1.959963984540054;

  private ExperimentJudge() {}

  /// How far a test has come; nothing here says which variant is ahead.
  ///
  /// @param until before which there is no verdict
  /// @param sampleRatio the probability of a split so uneven by chance
  /// @param missing what is still missing for a verdict, in words; empty if nothing is
  record Progress(
      String name,
      String primary,
      Instant since,
      Instant until,
      double daysPassed,
      double daysWanted,
      long minSampleSize,
      List<Arm> arms,
      double sampleRatio,
      List<String> missing,
      @Nullable Verdict verdict) {
    /// @param units callers seen, `known` of them with an outcome
    record Arm(String name, String version, double percent, long units, long known) {}
  }

  static Progress progress(
      Traffic.Experiment experiment, SequencedMap<String, ArmTally> arms, Instant now) {
    AbTest test = experiment.test();
    Instant until = experiment.since().plus(test.duration());
    var told = new ArrayList<Progress.Arm>();
    var missing = new ArrayList<String>();
    if (now.isBefore(until)) missing.add("it runs until " + until);
    for (AbTest.Variant variant : test.variants()) {
      ArmTally tally = arms.getOrDefault(variant.name(), new ArmTally());
      long known = tally.known();
      told.add(
          new Progress.Arm(
              variant.name(),
              String.valueOf(variant.version()),
              variant.percent(),
              tally.units(),
              known));
      if (known < test.minSampleSize()) {
        missing.add(
            "%s has %,d of %,d known outcomes"
                .formatted(variant.name(), known, test.minSampleSize()));
      }
    }
    return new Progress(
        test.name(),
        test.primary(),
        experiment.since(),
        until,
        Math.max(0, (now.toEpochMilli() - experiment.since().toEpochMilli()) / 86_400e3),
        test.duration().toMillis() / 86_400e3,
        test.minSampleSize(),
        List.copyOf(told),
        sampleRatio(test, arms),
        experiment.verdict() == null ? List.copyOf(missing) : List.of(),
        experiment.verdict());
  }

  /// The probability of a split so uneven as that of the units by chance; 1 where there are none.
  static double sampleRatio(AbTest test, SequencedMap<String, ArmTally> arms) {
    long[] expected = new long[test.variants().size()];
    long[] seen = new long[expected.length];
    long total = 0;
    for (int i = 0; i < expected.length; i++) {
      AbTest.Variant variant = test.variants().get(i);
      expected[i] = Math.round(variant.percent() * 100);
      ArmTally tally = arms.get(variant.name());
      seen[i] = tally == null ? 0 : tally.units();
      total += seen[i];
    }
    return total == 0 ? 1 : ChiSquare.goodnessOfFit(expected, seen).probability();
  }

  /// What the test says. To be asked once, when both its time and its sample are reached.
  static Verdict verdict(AbTest test, SequencedMap<String, ArmTally> arms, Instant now) {
    double sampleRatio = sampleRatio(test, arms);
    String problem = null;
    if (sampleRatio < SAMPLE_RATIO_LEAST) {
      problem =
          "the split is not the one asked for (chi-square p = %.2g): something loses or moves callers; no verdict"
              .formatted(sampleRatio);
    }
    long units = arms.values().stream().mapToLong(ArmTally::units).sum();
    if (units >= ExperimentScan.UNITS_MAX) {
      problem =
          "more than %,d callers were seen, which are not counted; no verdict"
              .formatted(ExperimentScan.UNITS_MAX);
    }
    double confidence = 1 - (1 - CONFIDENCE) / (test.variants().size() - 1);
    boolean isSingle = arms.values().stream().allMatch(ArmTally::isSingle);
    ArmTally control = tally(arms, test.control());
    var told = new ArrayList<Verdict.Arm>();
    for (AbTest.Variant variant : test.variants()) {
      ArmTally tally = tally(arms, variant);
      boolean isControl = variant == test.control();
      Interval effect =
          isControl || problem != null
              ? null
              : effect(test, control.clusters(), tally.clusters(), isSingle, confidence);
      told.add(
          new Verdict.Arm(
              variant.name(),
              String.valueOf(variant.version()),
              tally.units(),
              tally.known(),
              tally.clusters().ratio(),
              effect,
              isControl ? Verdict.Result.CONTROL : result(effect, test.higherIsBetter()),
              isControl ? List.of() : broken(test, control, tally)));
    }
    return new Verdict(now, told, sampleRatio, problem);
  }

  private static ArmTally tally(SequencedMap<String, ArmTally> arms, AbTest.Variant variant) {
    return arms.getOrDefault(variant.name(), new ArmTally());
  }

  /// The variant less the control.
  static Interval effect(
      AbTest test,
      Contrast.Clusters control,
      Contrast.Clusters variant,
      boolean isSingle,
      double confidence) {
    if (!isSingle) return Contrast.ofClusters(control, variant, confidence);
    if (test.isBinary()) {
      return Contrast.ofShares(
          Math.round(control.sum()),
          control.units(),
          Math.round(variant.sum()),
          variant.units(),
          confidence);
    }
    return Contrast.ofMeans(group(control), group(variant), confidence);
  }

  private static Contrast.Group group(Contrast.Clusters single) {
    return Contrast.Group.ofSums(single.units(), single.sum(), single.squares());
  }

  static Verdict.Result result(@Nullable Interval effect, boolean higherIsBetter) {
    if (effect == null || Double.isNaN(effect.estimate())) return Verdict.Result.NONE;
    if (effect.above(0)) return higherIsBetter ? Verdict.Result.BETTER : Verdict.Result.WORSE;
    if (effect.below(0)) return higherIsBetter ? Verdict.Result.WORSE : Verdict.Result.BETTER;
    return Verdict.Result.NO_DIFFERENCE;
  }

  /// The guardrails that a variant broke: worse than the control beyond both intervals.
  private static List<String> broken(AbTest test, ArmTally control, ArmTally variant) {
    var broken = new ArrayList<String>();
    if (test.guardrails().contains("error_rate")
        && control.requests() > 0
        && variant.requests() > 0) {
      Interval more =
          Contrast.ofShares(
              control.failed(),
              control.requests(),
              variant.failed(),
              variant.requests(),
              CONFIDENCE);
      if (more.above(0)) {
        broken.add(
            "error_rate %+.4f [%+.4f, %+.4f]".formatted(more.estimate(), more.low(), more.high()));
      }
    }
    if (test.guardrails().contains("latency_p99")) {
      double most = quantile(control, 0.99, Z_95);
      double least = quantile(variant, 0.99, -Z_95);
      if (least > most) {
        broken.add(
            "latency_p99 %.3f ms, of the control %.3f ms"
                .formatted(variant.latencyMillis(0.99), control.latencyMillis(0.99)));
      }
    }
    return broken;
  }

  /// An end of the interval of a quantile by order statistics: distribution-free.
  private static double quantile(ArmTally tally, double share, double z) {
    if (tally.requests() == 0) return Double.NaN;
    return tally.latencyMillis(share + z * Math.sqrt(share * (1 - share) / tally.requests()));
  }
}
