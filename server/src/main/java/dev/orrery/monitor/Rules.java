package dev.orrery.monitor;

import dev.orrery.monitor.Finding.Kind;
import dev.orrery.monitor.Finding.Severity;
import dev.orrery.monitor.MonitorBlock.Rule;
import dev.orrery.stats.Drift;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Holds what was measured against the limits.
///
/// Drift has two bands: a warning from 0.1 (or a lower threshold of the project's own), critical
/// from 0.25 (or a higher one). With many rows a test of significance alone fires on any
/// difference, so Kolmogorov-Smirnov's D must be over 0.1 as well. Where the project names no drift
/// metric, both are looked at; where it names some, only those. Texts that training had not seen
/// are always looked at.
final class Rules {
  /// A difference less significant than this is chance.
  static final double P_MAX = 0.05;

  private static final double KS_MAX = 0.1;

  /// The usual share of rows with a text that training had not seen, and the one that is critical.
  static final double UNSEEN_MAX = 0.01;

  private static final double UNSEEN_CRITICAL = 0.10;

  /// A share of fewer texts than this says nothing.
  static final int TEXTS_MIN = 100;

  private static final int UNSEEN_SHOWN = 3;

  /// The volume of a period may be down to a half or up to twice what is usual.
  private static final double VOLUME_FACTOR = 2;

  /// Fewer periods than this do not show what is usual.
  static final int USUAL_PERIODS_MIN = 3;

  private final MonitorBlock block;

  Rules(MonitorBlock block) {
    this.block = block;
  }

  /// Verdicts on features whose drift could be judged.
  List<Verdict> drift(List<FeatureDrift> features) {
    var verdicts = new ArrayList<Verdict>();
    for (FeatureDrift feature : features) {
      if (feature.state() == FeatureDrift.State.JUDGED) verdicts.add(drift(feature));
    }
    return verdicts;
  }

  private Verdict drift(FeatureDrift feature) {
    Rule psiRule = rule(MonitorBlock.PSI, Drift.PSI_MODERATE);
    Rule ksRule = rule(MonitorBlock.KS, KS_MAX);
    String name = feature.feature();
    Double psi = feature.psi();
    if (psiRule != null && psi != null) {
      double warn = Math.min(Drift.PSI_MODERATE, psiRule.threshold());
      double critical = Math.max(Drift.PSI_MAJOR, psiRule.threshold());
      if (psi > warn) {
        boolean major = psi > critical;
        double limit = major ? critical : warn;
        return new Verdict.Bad(
            Kind.DATA_DRIFT,
            name,
            major ? Severity.CRITICAL : Severity.WARNING,
            "%s has drifted: PSI %s, over %s%s".formatted(name, figure(psi), limit, ks(feature)),
            psi,
            limit);
      }
    }
    Double d = feature.ks();
    Double p = feature.pValue();
    if (ksRule != null && d != null && p != null && p < P_MAX && d > ksRule.threshold()) {
      return new Verdict.Bad(
          Kind.DATA_DRIFT,
          name,
          Severity.WARNING,
          "%s has drifted: Kolmogorov-Smirnov D %s over %s, p %.2g"
              .formatted(name, figure(d), ksRule.threshold(), p),
          d,
          ksRule.threshold());
    }
    return new Verdict.Fine(Kind.DATA_DRIFT, name);
  }

  /// The project's rule, or the usual one if it has no rules of drift at all.
  private @Nullable Rule rule(String metric, double usual) {
    boolean named =
        block.drift().containsKey(MonitorBlock.PSI) || block.drift().containsKey(MonitorBlock.KS);
    return named ? block.drift().get(metric) : new Rule(usual, true);
  }

  /// Verdicts on texts that training had not seen, of features with enough texts in the window.
  List<Verdict> unseenTexts(List<FeatureDrift> features) {
    Rule rule = block.drift().getOrDefault(MonitorBlock.UNSEEN, new Rule(UNSEEN_MAX, true));
    var verdicts = new ArrayList<Verdict>();
    for (FeatureDrift feature : features) {
      UnseenTexts unseen = feature.unseen();
      if (unseen == null || unseen.texts() < TEXTS_MIN) continue;
      verdicts.add(unseen(feature.feature(), unseen, rule));
    }
    return verdicts;
  }

  private static Verdict unseen(String feature, UnseenTexts unseen, Rule rule) {
    if (!rule.broken(unseen.share())) return new Verdict.Fine(Kind.UNSEEN_CATEGORIES, feature);
    double critical = Math.max(UNSEEN_CRITICAL, rule.threshold());
    boolean major = unseen.share() > critical;
    return new Verdict.Bad(
        Kind.UNSEEN_CATEGORIES,
        feature,
        major ? Severity.CRITICAL : Severity.WARNING,
        "%s has texts that training had not seen in %s %% of %d rows, over %s %%; most often %s"
            .formatted(
                feature,
                figure(100 * unseen.share()),
                unseen.texts(),
                figure(100 * (major ? critical : rule.threshold())),
                unseen.told(UNSEEN_SHOWN)),
        unseen.share(),
        major ? critical : rule.threshold());
  }

  /// The greatest share of such texts, of the features with enough of them.
  static Optional<Double> unseen(List<FeatureDrift> features) {
    return features.stream()
        .map(FeatureDrift::unseen)
        .filter(unseen -> unseen != null && unseen.texts() >= TEXTS_MIN)
        .map(UnseenTexts::share)
        .max(Double::compare);
  }

  private static String ks(FeatureDrift feature) {
    return feature.ks() == null ? "" : " (Kolmogorov-Smirnov D %s)".formatted(figure(feature.ks()));
  }

  /// Verdicts on metrics over the window, by the project's rules.
  ///
  /// @param figures what could be measured
  List<Verdict> metrics(Map<String, Double> figures) {
    var verdicts = new ArrayList<Verdict>();
    block
        .model()
        .forEach((metric, rule) -> {
          Double value = figures.get(metric);
          if (value != null) verdicts.add(metric(kind(metric), metric, value, rule));
        });
    block
        .system()
        .forEach((metric, rule) -> {
          Double value = figures.get(metric);
          if (value != null) verdicts.add(metric(Kind.SYSTEM, metric, value, rule));
        });
    return verdicts;
  }

  private static Kind kind(String metric) {
    return switch (metric) {
      case MonitorBlock.LATENCY_P50, MonitorBlock.LATENCY_P99 -> Kind.LATENCY;
      case MonitorBlock.ERROR_RATE -> Kind.ERRORS;
      default -> Kind.ACCURACY_DEGRADATION;
    };
  }

  private static Verdict metric(Kind kind, String metric, double value, Rule rule) {
    if (!rule.broken(value)) return new Verdict.Fine(kind, metric);
    return new Verdict.Bad(
        kind,
        metric,
        kind == Kind.ACCURACY_DEGRADATION || kind == Kind.ERRORS
            ? Severity.CRITICAL
            : Severity.WARNING,
        "%s is %s, %s %s"
            .formatted(metric, figure(value), rule.above() ? "above" : "below", rule.threshold()),
        value,
        rule.threshold());
  }

  /// The verdict on how much was asked in a period; null while nothing is usual yet.
  ///
  /// @param before predictions of the periods before it, within the window
  @Nullable Verdict volume(String endpoint, Instant from, long predictions, long[] before) {
    long[] usual = Arrays.stream(before).filter(n -> n > 0).sorted().toArray();
    if (usual.length < USUAL_PERIODS_MIN) return null;
    long median = usual[usual.length / 2];
    if (predictions == 0) {
      return new Verdict.Bad(
          Kind.VOLUME,
          endpoint,
          Severity.CRITICAL,
          "no predictions from %s on; %d a period are usual".formatted(from, median),
          0,
          1);
    }
    double low = median / VOLUME_FACTOR;
    double high = median * VOLUME_FACTOR;
    if (predictions >= low && predictions <= high) return new Verdict.Fine(Kind.VOLUME, endpoint);
    return new Verdict.Bad(
        Kind.VOLUME,
        endpoint,
        Severity.WARNING,
        "%d predictions from %s on; %d a period are usual".formatted(predictions, from, median),
        predictions,
        predictions < low ? low : high);
  }

  /// The verdict on whether outcomes come at all.
  ///
  /// @param predictions of a whole window
  static Verdict outcomes(String endpoint, long predictions, long outcomes) {
    if (outcomes > 0 || predictions == 0) return new Verdict.Fine(Kind.NO_OUTCOMES, endpoint);
    return new Verdict.Bad(
        Kind.NO_OUTCOMES,
        endpoint,
        Severity.WARNING,
        "none of %d predictions has an outcome: how good they are is not known"
            .formatted(predictions),
        0,
        1);
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }
}
