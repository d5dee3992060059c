package dev.orrery.serving;

import dev.orrery.base.Semver;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What an endpoint serves, by version, and how its trial stands: what the console and `orrery
/// deploy status` show.
///
/// @param strategy how the project releases a new version
/// @param trial `canary`, `shadow` or `ab_test` if one runs
/// @param rehearsal what a running rehearsal does to the champion
/// @param configuration the digest of what the champion was deployed with
/// @param pending the blocks of the project's files that differ from it: they take effect with the
///   next deployment
public record DeploymentStatus(
    String endpoint,
    String strategy,
    @Nullable String trial,
    @Nullable Semver champion,
    @Nullable Semver before,
    List<Share> shares,
    @Nullable CanaryView canary,
    @Nullable ShadowReport shadow,
    ExperimentJudge.@Nullable Progress experiment,
    Chaos.@Nullable Plan rehearsal,
    ServeBlock.@Nullable Fallback fallback,
    String logged,
    @Nullable String configuration,
    List<String> pending) {
  /// A version's part of the traffic, and how it has fared since it was loaded into this process.
  ///
  /// @param role `champion`, `canary`, `shadow`, a variant's name, or `fallback`
  /// @param perSecond requests a second over the last minute
  public record Share(
      Semver version,
      String role,
      double percent,
      long answered,
      long failed,
      @Nullable Double p50Ms,
      @Nullable Double p95Ms,
      @Nullable Double p99Ms,
      double perSecond,
      double threshold) {
    static Share of(Loaded loaded, String role, double percent) {
      return new Share(
          loaded.version(),
          role,
          percent,
          loaded.answered().get(),
          loaded.failed().get(),
          finite(loaded.latencies().quantileMillis(0.5)),
          finite(loaded.latencies().quantileMillis(0.95)),
          finite(loaded.latencies().quantileMillis(0.99)),
          loaded.rate().perSecond(),
          loaded.model().threshold());
    }
  }

  /// A canary's steps and what its rules find.
  ///
  /// @param nextAt when the present step has lasted
  public record CanaryView(
      Semver version,
      List<Integer> steps,
      int step,
      Instant since,
      Instant nextAt,
      List<CanaryJudge.Finding> findings) {}

  static DeploymentStatus of(
      ServeBlock present,
      @Nullable Live now,
      Trials trials,
      Chaos chaos,
      List<String> pending,
      Instant instant) {
    ServeBlock serve = now == null ? present : now.terms().serve();
    Traffic traffic = now == null ? null : now.traffic();
    return new DeploymentStatus(
        serve.endpoint(),
        present.strategy().word(),
        traffic == null ? null : trial(traffic).orElse(null),
        traffic == null ? null : traffic.champion(),
        traffic == null || traffic.stack().size() < 2
            ? null
            : traffic.stack().get(traffic.stack().size() - 2),
        now == null ? List.of() : shares(now),
        now == null ? null : canary(now.terms().trial(), now, trials, instant),
        now == null ? null : trials.shadow(now).orElse(null),
        now == null ? null : trials.progress(now, instant).orElse(null),
        chaos.plan().orElse(null),
        serve.fallback(),
        serve.logged().name().toLowerCase(java.util.Locale.ROOT),
        traffic == null ? null : traffic.blueprint(),
        pending);
  }

  private static Optional<String> trial(Traffic traffic) {
    if (traffic.canary() != null) return Optional.of("canary");
    if (traffic.candidate() != null) return Optional.of("shadow");
    return traffic.experiment() != null ? Optional.of("ab_test") : Optional.empty();
  }

  private static @Nullable CanaryView canary(
      ServeBlock serve, Live now, Trials trials, Instant instant) {
    Traffic.Canary canary = now.traffic().canary();
    if (canary == null) return null;
    return new CanaryView(
        canary.version(),
        serve.steps(),
        canary.step(),
        canary.since(),
        canary.stepSince().plus(serve.hold()),
        trials.findings(now, instant));
  }

  /// The versions in use, the champion first.
  static List<Share> shares(Live now) {
    var shares = new ArrayList<Share>();
    Map<Semver, Loaded> others = now.others();
    Traffic traffic = now.traffic();
    Traffic.Canary canary = traffic.canary();
    Traffic.Experiment experiment = traffic.experiment();
    double champion = 100;
    if (canary != null) champion -= canary.percent();
    String role = Live.CHAMPION;
    if (experiment != null && experiment.verdict() == null) {
      champion = experiment.test().control().percent();
      role = experiment.test().control().name();
    }
    shares.add(Share.of(now.champion(), role, champion));
    if (canary != null) add(shares, others.get(canary.version()), Live.CANARY, canary.percent());
    if (experiment != null) {
      for (AbTest.Variant variant : experiment.test().variants()) {
        if (variant == experiment.test().control() || variant.version() == null) continue;
        add(
            shares,
            others.get(variant.version()),
            variant.name(),
            experiment.verdict() == null ? variant.percent() : 0);
      }
    }
    add(shares, now.candidate(), "shadow", 0);
    if (now.shadow() != now.champion()) add(shares, now.shadow(), "shadow", 0);
    add(shares, now.fallback(), Scoring.FALLBACK, 0);
    return List.copyOf(shares);
  }

  private static void add(
      List<Share> shares, @Nullable Loaded loaded, String role, double percent) {
    if (loaded == null) return;
    if (percent == 0 && shares.stream().anyMatch(s -> s.version().equals(loaded.version()))) return;
    shares.add(Share.of(loaded, role, percent));
  }

  static @Nullable Double finite(double x) {
    return Double.isFinite(x) ? x : null;
  }
}
