package dev.orrery.monitor;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.evaluation.Metrics;
import dev.orrery.project.Node;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/// What a project wants watched, from its `monitor` block.
///
/// @param every the length of a period
/// @param window how far back each check looks, a whole number of periods
/// @param model rules by the names of [#MODEL_METRICS]
/// @param drift rules for `psi`, `ks_statistic` and `unseen_categories`
/// @param system rules by the names of [#SYSTEM_METRICS]
public record MonitorBlock(
    Duration every,
    Duration window,
    SequencedMap<String, Rule> model,
    SequencedMap<String, Rule> drift,
    SequencedMap<String, Rule> system) {
  public static final Duration EVERY = Duration.ofDays(1);
  public static final Duration WINDOW = Duration.ofDays(7);
  static final int PERIODS_IN_WINDOW_MAX = 400;
  private static final Duration EVERY_MIN = Duration.ofMinutes(1);
  private static final Duration EVERY_MAX = Duration.ofDays(400);

  /// The metrics of predictions against outcomes.
  public static final Set<String> QUALITY_METRICS =
      Collections.unmodifiableSequencedSet(
          new java.util.LinkedHashSet<>(
              List.of("accuracy", "precision", "recall", "f1", "auc_roc", "log_loss", "brier")));

  static final String LATENCY_P50 = "latency_p50";
  static final String LATENCY_P99 = "latency_p99";
  static final String ERROR_RATE = "error_rate";
  static final String PSI = "psi";
  static final String KS = "ks_statistic";
  static final String UNSEEN = "unseen_categories";

  /// What may stand in `model_metrics`: latencies are in milliseconds, the error rate is a share.
  static final List<String> MODEL_METRICS = modelMetrics();

  static final List<String> DRIFT_METRICS = List.of(PSI, KS, UNSEEN);

  /// What may stand in `system_metrics`, in percent.
  static final List<String> SYSTEM_METRICS =
      List.of("cpu_usage", "memory_usage", "gpu_utilization");

  /// One limit.
  ///
  /// @param threshold in the metric's own unit
  /// @param above whether a value above the threshold is bad; else one below it is
  public record Rule(double threshold, boolean above) {
    /// Strictly: a value at the threshold is not broken.
    public boolean broken(double value) {
      return above ? value > threshold : value < threshold;
    }
  }

  public MonitorBlock {
    model = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(model));
    drift = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(drift));
    system = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(system));
  }

  /// How many periods the window has.
  public int periods() {
    return (int) window.dividedBy(every);
  }

  /// @param monitor the block, which may be empty
  /// @throws Problem of kind INVALID with the place of what is wrong
  public static MonitorBlock read(Node monitor) {
    Duration every = monitor.find("every").map(MonitorBlock::period).orElse(EVERY);
    Duration window =
        monitor
            .find("window")
            .map(Node::span)
            .orElseGet(() -> WINDOW.compareTo(every) < 0 ? every : whole(WINDOW, every));
    long periods = window.dividedBy(every);
    if (!every.multipliedBy(periods).equals(window)
        || periods < 1
        || periods > PERIODS_IN_WINDOW_MAX) {
      Node place = monitor.find("window").or(() -> monitor.find("every")).orElse(monitor);
      throw place.problem(
          Fault.BAD_MONITOR_BLOCK,
          "a window of %s is not 1 to %d times %s"
              .formatted(brief(window), PERIODS_IN_WINDOW_MAX, brief(every)),
          "Write a window that is a multiple of 'every', such as every: 1d, window: 7d");
    }
    return new MonitorBlock(
        every,
        window,
        rules(monitor, "model_metrics", MODEL_METRICS),
        rules(monitor, "drift_metrics", DRIFT_METRICS),
        rules(monitor, "system_metrics", SYSTEM_METRICS));
  }

  private static Duration period(Node node) {
    Duration every = node.span();
    if (every.compareTo(EVERY_MIN) >= 0 && every.compareTo(EVERY_MAX) <= 0) return every;
    throw node.problem(
        Fault.BAD_MONITOR_BLOCK,
        "a look every %s is too %s"
            .formatted(node.text(), every.compareTo(EVERY_MIN) < 0 ? "often" : "rare"),
        "Write a time from 1m to 400d, such as 1d");
  }

  private static Duration whole(Duration about, Duration every) {
    return every.multipliedBy(Math.min(PERIODS_IN_WINDOW_MAX, about.dividedBy(every)));
  }

  private static SequencedMap<String, Rule> rules(Node monitor, String key, List<String> known) {
    var rules = new LinkedHashMap<String, Rule>();
    Node block = monitor.find(key).orElse(null);
    if (block == null) return rules;
    for (Map.Entry<String, Node> entry : block.map().entrySet()) {
      if (!known.contains(entry.getKey())) {
        throw entry
            .getValue()
            .problem(
                Fault.BAD_MONITOR_BLOCK,
                "%s has no metric '%s'".formatted(key, Texts.shown(entry.getKey())),
                Texts.didYouMean(entry.getKey(), known));
      }
      rules.put(entry.getKey(), rule(entry.getKey(), entry.getValue()));
    }
    return rules;
  }

  private static Rule rule(String metric, Node node) {
    double factor = node.find("unit").map(unit -> factor(metric, unit)).orElse(1.0);
    double threshold = node.get("threshold").number() * factor;
    if (QUALITY_METRICS.contains(metric)) {
      try {
        Metrics.possible(metric, threshold);
      } catch (Problem e) {
        throw e.at(node.get("threshold").place());
      }
    }
    return new Rule(
        threshold, node.get("alert_on").choice(Set.of("above", "below")).equals("above"));
  }

  /// What turns a threshold in the unit that is written into one in the metric's own unit.
  private static double factor(String metric, Node unit) {
    Map<String, Double> units =
        switch (metric) {
          case LATENCY_P50, LATENCY_P99 -> Map.of("us", 0.001, "ms", 1.0, "s", 1_000.0);
          case "cpu_usage", "memory_usage", "gpu_utilization" -> Map.of("%", 1.0, "share", 100.0);
          default -> Map.of("%", 0.01, "share", 1.0);
        };
    Double factor = units.get(unit.text());
    if (factor == null) {
      throw unit.problem(
          Fault.BAD_MONITOR_BLOCK,
          "%s is not measured in '%s'".formatted(metric, Texts.shown(unit.text())),
          "Use one of " + String.join(", ", units.keySet().stream().sorted().toList()));
    }
    return factor;
  }

  private static List<String> modelMetrics() {
    var all = new java.util.ArrayList<>(QUALITY_METRICS);
    all.addAll(List.of(LATENCY_P50, LATENCY_P99, ERROR_RATE));
    return List.copyOf(all);
  }

  private static String brief(Duration span) {
    return span.toString().substring(2).toLowerCase(java.util.Locale.ROOT);
  }
}
