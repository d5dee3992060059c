package dev.orrery.scorecard;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The console's first page.
public record Overview(
    @Nullable String project,
    @Nullable String endpoint,
    Clock clock,
    List<Stage> stages,
    @Nullable Performance performance,
    List<Version> versions,
    List<Found> findings,
    List<Criteria.Line> criteria,
    @Nullable Live live,
    List<Retraining> retrains,
    List<Next> next) {
  public record Clock(boolean virtual, Instant now) {}

  /// One station of the loop.
  ///
  /// @param id `data`, `features`, `train`, `gate`, `register`, `deploy`, `monitor`, `retrain`
  /// @param state `ok`, `running`, `failed`, `waiting`, `unknown`
  public record Stage(String id, String state, @Nullable String detail, @Nullable Instant at) {}

  /// A metric by day, of what was served and of the first version on the same rows.
  public record Performance(
      String metric,
      List<String> days,
      List<@Nullable Double> served,
      List<@Nullable Double> first,
      @Nullable String firstVersion,
      @Nullable Double threshold,
      List<Mark> marks) {}

  /// @param kind `drift`, `retrain`, `promotion`, `rejection`, `rollback`
  public record Mark(Instant at, String kind, String label, @Nullable String version) {}

  /// @param state `champion`, `canary`, `shadow`, `archived`, `rejected`, `registered`
  /// @param traffic its share of the requests, 0 to 1
  public record Version(
      String version,
      String state,
      double traffic,
      Instant registeredAt,
      List<String> reasons,
      @Nullable Double aucRoc,
      String dataVersion,
      String run) {}

  public record Found(
      String id,
      Instant at,
      String kind,
      String severity,
      String subject,
      String message,
      double value,
      double threshold) {}

  public record Live(
      long predictions,
      long outcomes,
      @Nullable Double ratePerS,
      @Nullable Double p50Ms,
      @Nullable Double p99Ms,
      long errors) {}

  public record Retraining(
      Instant at,
      List<String> reasons,
      @Nullable String from,
      @Nullable String to,
      @Nullable Boolean promoted) {}

  public record Next(String text, String command) {}
}
