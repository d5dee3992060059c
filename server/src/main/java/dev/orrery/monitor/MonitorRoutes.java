package dev.orrery.monitor;

import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.monitor.PerformanceReport.By;
import dev.orrery.web.Meters;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.Routes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/// The HTTP face of the [Monitor]: `/api/v1/performance`, `/findings`, `/drift`, `/checks`.
public final class MonitorRoutes {
  private static final int LIMIT_MAX = 10_000;

  private MonitorRoutes() {}

  /// @param monitor gives the project's monitor, or throws that there is none
  /// @param clock by which outcomes count as known
  public static void add(Routes routes, Supplier<Monitor> monitor, InstantSource clock) {
    routes.get(
        "/api/v1/performance?by",
        Permission.VIEW,
        request -> Response.json(monitor.get().performance(by(request), clock.instant())));
    routes.get(
        "/api/v1/performance/checks?limit",
        Permission.VIEW,
        request -> Response.json(monitor.get().days(Instant.EPOCH, limit(request, 1_000))));
    routes.get(
        "/api/v1/checks?limit",
        Permission.VIEW,
        request -> Response.json(monitor.get().checks(limit(request, 100))));
    routes.get(
        "/api/v1/findings?limit&open",
        Permission.VIEW,
        request ->
            Response.json(monitor.get().findings(limit(request, 100), request.flag("open"))));
    routes.get(
        "/api/v1/drift?feature&limit",
        Permission.VIEW,
        request ->
            Response.json(
                request
                    .query("feature")
                    .map(feature -> drift(monitor.get(), feature, limit(request, 100)))
                    .orElseGet(() -> monitor.get().drift())));
  }

  private static List<FeatureDrift> drift(Monitor monitor, String feature, int limit) {
    List<FeatureDrift> found = monitor.drift(feature, limit);
    List<String> known = monitor.drift().stream().map(FeatureDrift::feature).toList();
    if (found.isEmpty() && !known.isEmpty()) {
      throw Problem.notFound("feature", Texts.shown(feature), Texts.didYouMean(feature, known));
    }
    return found;
  }

  /// Shows the newest figures under the names that the founding documents' dashboard asks for; NaN
  /// where they are not known.
  public static void meter(Meters meters, Supplier<Monitor> monitor) {
    meters.plainGauge(
        "model_accuracy",
        "Share of right decisions over the last window of known outcomes",
        () -> figure(monitor, "accuracy"));
    meters.plainGauge(
        "model_auc_roc",
        "ROC AUC over the last window of known outcomes",
        () -> figure(monitor, "auc_roc"));
    meters.plainGauge(
        "data_drift_score",
        "PSI of the feature that is farthest from its training reference",
        () -> figure(monitor, MonitorBlock.PSI));
  }

  private static double figure(Supplier<Monitor> monitor, String name) {
    return monitor.get().latest().map(check -> check.figures().get(name)).orElse(Double.NaN);
  }

  private static int limit(Request request, int otherwise) {
    return request.number("limit", otherwise, 1, LIMIT_MAX);
  }

  private static By by(Request request) {
    String by = request.query("by", "month");
    return switch (by) {
      case "month" -> By.MONTH;
      case "day" -> By.DAY;
      default ->
          throw new Problem(
              Fault.BAD_PARAMETER,
              "by is '%s'".formatted(Texts.shown(by)),
              Texts.didYouMean(by, List.of("month", "day")));
    };
  }
}
