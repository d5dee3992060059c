package dev.orrery.registry;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonProperty.Access;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What `orrery deploy bench` measured of an endpoint, kept as evidence of the version that
/// answered.
///
/// @param machine where the server ran
/// @param who offered the load
@JsonIgnoreProperties(value = "against", allowGetters = true)
public record LoadTest(String endpoint, Figures figures, String machine, String who, Instant at) {
  /// A generator that was later than this did not offer an even load.
  static final double LATE_MS_MAX = 10;

  /// Fewer requests than this do not show a 99th percentile.
  static final long REQUESTS_MIN = 1_000;

  /// Fewer good answers than this share of the rate, and the endpoint fell behind.
  private static final double KEPT_UP = 0.99;

  /// Milliseconds, from when requests were due.
  public record Spread(
      double p50, double p90, double p95, double p99, double p999, double max, double mean) {}

  /// What the generator counted and timed.
  ///
  /// @param versions good answers by the version that gave them
  /// @param rate requests due in a second, over so many `seconds`
  /// @param perSecond good answers in a second
  /// @param lateMs how late, at most, the generator itself was
  /// @param generator where it ran
  public record Figures(
      SortedMap<String, Long> versions,
      int rate,
      double seconds,
      int connections,
      long offered,
      long answered,
      long failed,
      SortedMap<Integer, Long> statuses,
      double perSecond,
      Spread latency,
      double lateMs,
      String generator) {
    private static final int VERSIONS_MAX = 100;
    private static final int TEXT_MAX = 300;

    /// @throws Problem BAD_LOAD_TEST if the figures cannot be of one load
    public Figures {
      require(versions != null && !versions.isEmpty(), "it names no version that answered");
      require(statuses != null && latency != null && generator != null, "it is not whole");
      require(versions.size() <= VERSIONS_MAX && statuses.size() <= 1_000, "it is too long");
      require(generator.length() <= TEXT_MAX, "the name of its machine is too long");
      versions.keySet().forEach(Semver::parse);
      versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
      statuses = Collections.unmodifiableSortedMap(new TreeMap<>(statuses));
      for (Long count : versions.values())
        require(count != null && count > 0, "a count is not > 0");
      for (Long count : statuses.values())
        require(count != null && count > 0, "a count is not > 0");
      require(rate >= 1 && seconds > 0 && connections >= 1, "nothing was offered");
      require(offered >= 1 && failed >= 0 && answered + failed == offered, "its counts disagree");
      require(sum(statuses) == answered, "its statuses are not those of its answers");
      require(sum(versions) <= answered, "more versions answered than there were answers");
      for (double figure :
          new double[] {seconds, perSecond, lateMs, latency.p50(), latency.p99(), latency.max()}) {
        require(Double.isFinite(figure) && figure >= 0, "a figure is no number, or below 0");
      }
      require(
          latency.p50() <= latency.p99() && latency.p99() <= latency.max(),
          "its percentiles are not in order");
    }

    private static long sum(Map<?, Long> counts) {
      return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private static void require(boolean holds, String what) {
      if (holds) return;
      throw new Problem(
          Fault.BAD_LOAD_TEST,
          "the report of a load does not hold together: " + what,
          "Send what 'orrery deploy bench' measured of this endpoint");
    }

    long good() {
      return statuses.entrySet().stream()
          .filter(status -> status.getKey() / 100 == 2)
          .mapToLong(Map.Entry::getValue)
          .sum();
    }
  }

  /// The machine that this runs on, as reports name it.
  public static String machineHere() {
    return "%d processors, %s %s, Java %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.name", ""),
            System.getProperty("os.arch", ""),
            Runtime.version());
  }

  /// The version that gave most of the good answers.
  public Semver version() {
    return Semver.parse(
        Collections.max(figures.versions().entrySet(), Map.Entry.comparingByValue()).getKey());
  }

  /// Why it is no evidence of [#version()]; empty if it is.
  @JsonProperty(access = Access.READ_ONLY)
  public List<String> against() {
    var against = new ArrayList<String>();
    long bad = figures.offered() - figures.good();
    if (bad > 0) {
      against.add(
          "%,d of %,d requests were refused or unanswered".formatted(bad, figures.offered()));
    }
    if (figures.versions().size() > 1
        || figures.versions().firstEntry().getValue() < figures.good()) {
      against.add("answered by " + String.join(", ", figures.versions().keySet()));
    }
    if (figures.lateMs() > LATE_MS_MAX) {
      against.add(
          String.format(Locale.ROOT, "the generator was up to %.1f ms late", figures.lateMs()));
    }
    if (figures.perSecond() < KEPT_UP * figures.rate()) {
      against.add(
          String.format(
              Locale.ROOT,
              "%.1f good answers a second, where %d were asked for",
              figures.perSecond(),
              figures.rate()));
    }
    if (figures.offered() < REQUESTS_MIN) {
      against.add("%,d requests are too few".formatted(figures.offered()));
    }
    return against;
  }

  /// Whether it is evidence of [#version()].
  public boolean counts() {
    return against().isEmpty();
  }

  /// For people: `deploy bench at 1000/s for 60 s, p99 1.300 ms`.
  public String told() {
    return String.format(
        Locale.ROOT,
        "deploy bench at %d/s for %s s, p99 %.3f ms",
        figures.rate(),
        String.format(Locale.ROOT, "%.1f", figures.seconds()).replaceFirst("\\.0$", ""),
        figures.latency().p99());
  }
}
