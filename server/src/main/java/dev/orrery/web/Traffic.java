package dev.orrery.web;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Times every answer and writes the access log, which is heard at level debug.
final class Traffic {
  private static final Logger LOG = LoggerFactory.getLogger("dev.orrery.web.access");

  /// One timer of a route for each class of status, made when first needed.
  static final class Timers {
    private final Meters.@Nullable Clocked[] byClass = new Meters.@Nullable Clocked[6];
  }

  private final Meters meters;
  private final Timers unrouted = new Timers();

  Traffic(Meters meters) {
    this.meters = meters;
  }

  void answered(RouteTree.@Nullable Leaf leaf, String method, String path, int status, long nanos) {
    Timers timers = leaf == null ? unrouted : leaf.timers;
    int kind = status / 100;
    Meters.Clocked timer = timers.byClass[kind];
    if (timer == null) {
      timer =
          meters.timer(
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
    timer.nanos(nanos);
    if (LOG.isDebugEnabled()) {
      LOG.debug("{} {} {} {} us", method, path, status, nanos / 1_000);
    }
  }
}
