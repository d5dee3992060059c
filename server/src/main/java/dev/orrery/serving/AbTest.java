package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.base.Texts;
import dev.orrery.project.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An A/B test as the project defines it, in the founding documents' keys.
///
/// @param variants the control first; their percentages sum to 100
/// @param primary the metric that decides: `conversion_rate`, `accuracy`, `log_loss`, `brier`, or
///   an outcome column, whose mean it then is
/// @param higherIsBetter which way the primary metric is good
/// @param guardrails what must not become worse: `latency_p99`, `error_rate`
/// @param duration of the loop's clock, before which there is no verdict
/// @param minSampleSize units with a known primary metric, in each variant, before which there is
///   no verdict
/// @param promote whether the winner is promoted by itself
public record AbTest(
    String name,
    List<Variant> variants,
    String primary,
    boolean higherIsBetter,
    List<String> guardrails,
    Duration duration,
    long minSampleSize,
    boolean promote) {
  public static final String CONVERSION = "conversion_rate";
  static final Set<String> GUARDRAILS = Set.of("latency_p99", "error_rate");

  /// Metrics of predictions that are good when they are small.
  private static final Set<String> LOSSES = Set.of("log_loss", "brier");

  private static final Set<String> OF_PREDICTIONS = Set.of("accuracy", "log_loss", "brier");
  private static final int VARIANTS_MAX = 10;
  private static final int NAME_MAX = 100;

  /// One of the versions under test.
  ///
  /// @param version null where it is the one that is deployed (or, of the control, the champion)
  /// @param percent of the units
  public record Variant(String name, @Nullable Semver version, double percent) {}

  public AbTest {
    variants = List.copyOf(variants);
    guardrails = List.copyOf(guardrails);
  }

  Variant control() {
    return variants.getFirst();
  }

  /// The rounded share of a version.
  int percent(Semver version) {
    return variants.stream()
        .filter(variant -> version.equals(variant.version()))
        .mapToInt(variant -> (int) Math.round(variant.percent()))
        .sum();
  }

  /// Whether the primary metric is 0 or 1 of each outcome.
  boolean isBinary() {
    return primary.equals(CONVERSION) || primary.equals("accuracy");
  }

  /// @throws Problem of kind INVALID if the primary metric names nothing that outcomes tell
  void requireMetric(Set<String> outcomeColumns) {
    if (primary.equals(CONVERSION)
        || OF_PREDICTIONS.contains(primary)
        || outcomeColumns.contains(primary)) {
      return;
    }
    var known = new ArrayList<String>(List.of(CONVERSION));
    known.addAll(OF_PREDICTIONS.stream().sorted().toList());
    known.addAll(outcomeColumns);
    throw new Problem(
        Fault.BAD_AB_TEST,
        "the test's primary metric '%s' is told by no outcome".formatted(Texts.shown(primary)),
        Texts.didYouMean(primary, known));
  }

  static AbTest read(Node node) {
    List<Variant> variants = variants(node.get("variants"));
    Node metrics = node.get("metrics");
    String primary = metrics.get("primary").text();
    boolean higher =
        metrics
            .find("direction")
            .map(word -> word.choice(Set.of("higher", "lower")).equals("higher"))
            .orElse(!LOSSES.contains(primary));
    var guardrails = new LinkedHashSet<String>();
    metrics
        .find("secondary")
        .ifPresent(list -> list.list().forEach(word -> guardrails.add(word.choice(GUARDRAILS))));
    String name = node.get("experiment_name").text();
    if (name.isBlank() || name.length() > NAME_MAX) {
      throw node.get("experiment_name")
          .problem(
              Fault.BAD_AB_TEST,
              "the test's name has %d characters".formatted(name.length()),
              "Give it 1 to %d".formatted(NAME_MAX));
    }
    return new AbTest(
        name,
        variants,
        primary,
        higher,
        List.copyOf(guardrails),
        Duration.ofSeconds(Math.round(node.get("duration_days").number(0.001, 3_650) * 86_400)),
        node.get("min_sample_size").whole(2, 1_000_000_000L),
        node.flag("promote", false));
  }

  private static List<Variant> variants(Node node) {
    var variants = new ArrayList<Variant>();
    double sum = 0;
    var versions = new LinkedHashSet<Semver>();
    for (var entry : node.map().entrySet()) {
      Node block = entry.getValue();
      Node percentage = block.get("traffic_percentage");
      double percent = percentage.number(0.01, 99.99);
      // Buckets are hundredths of a percent.
      if (Math.abs(percent * 100 - Math.rint(percent * 100)) > 1e-6) {
        throw percentage.problem(
            Fault.BAD_AB_TEST,
            "%s is %s, finer than 0.01 %%".formatted(percentage.path(), percentage.text()),
            "Write a share in steps of 0.01");
      }
      sum += percent;
      Semver version = block.find("model_version").map(AbTest::version).orElse(null);
      if (version != null && !versions.add(version)) {
        throw block.problem(
            Fault.BAD_AB_TEST,
            "%s has the version %s, as another variant has".formatted(block.path(), version),
            "Give each variant a version of its own");
      }
      variants.add(new Variant(entry.getKey(), version, percent));
    }
    if (variants.size() < 2 || variants.size() > VARIANTS_MAX) {
      throw node.problem(
          Fault.BAD_AB_TEST,
          "%s has %d variants".formatted(node.path(), variants.size()),
          "Name 2 to %d, one of them 'control'".formatted(VARIANTS_MAX));
    }
    if (Math.abs(sum - 100) > 1e-6) {
      throw node.problem(
          Fault.BAD_AB_TEST,
          "the percentages of %s sum to %s, not to 100".formatted(node.path(), plain(sum)),
          "Write shares that sum to 100, such as 50 and 50");
    }
    for (int i = 0; i < variants.size(); i++) {
      if (variants.get(i).name().equals("control")) {
        variants.addFirst(variants.remove(i));
        return variants;
      }
    }
    throw node.problem(
        Fault.BAD_AB_TEST,
        "%s has no variant 'control'".formatted(node.path()),
        "Call the version that others are compared with 'control'");
  }

  private static Semver version(Node node) {
    try {
      return Semver.parse(node.text());
    } catch (Problem e) {
      throw e.place().isPresent() ? e : e.at(node.place());
    }
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }
}
