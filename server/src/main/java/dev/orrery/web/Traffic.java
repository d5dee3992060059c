package dev.orrery.web;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Times every answer and has it noted in the access log, if there is one; and at level debug in
/// the log of the server.
final class Traffic {
  private static final Logger LOG = LoggerFactory.getLogger("dev.orrery.web.access");

  /// One timer of a route for each class of status, made when first needed.
  static final class Timers {
    private final Meters.@Nullable Exemplified[] byClass = new Meters.@Nullable Exemplified[6];
  }

  private final Meters meters;
  private final @Nullable AccessLog log;
  private final Timers unrouted = new Timers();

  Traffic(Meters meters, @Nullable AccessLog log) {
    this.meters = meters;
    this.log = log;
  }

  void answered(Exchange exchange, Response given, long nanos) {
    RouteTree.Leaf leaf = exchange.leaf;
    int status = given.status();
    Timers timers = leaf == null ? unrouted : leaf.timers;
    int kind = status / 100;
    Meters.Exemplified timer = timers.byClass[kind];
    if (timer == null) {
      timer =
          meters.exemplifiedTimer(
              "http.requests",
              "Answers by route and class of status, from the end of the headers on",
              "method",
              leaf == null ? "any" : leaf.route.method(),
              "route",
              leaf == null ? "none" : leaf.route.pattern(),
              "status",
              kind + "xx");
      timers.byClass[kind] = timer;
    }
    timer.nanos(nanos, () -> labels(exchange));
    if (log != null) log.answered(exchange, given, nanos);
    if (LOG.isDebugEnabled()) {
      LOG.debug("{} {} {} {} us", exchange.method, exchange.path, status, nanos / 1_000);
    }
  }

  private static String @Nullable [] labels(Exchange exchange) {
    Trace trace = Trace.of(exchange.headers.get(Trace.HEADER));
    return trace == null ? null : trace.labels();
  }
}
