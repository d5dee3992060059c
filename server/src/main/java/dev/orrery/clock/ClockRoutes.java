package dev.orrery.clock;

import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.web.Lane;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/// `/api/v1/clock`: reads the clock, and moves it if it is virtual.
public final class ClockRoutes {
  private static final Duration WAIT = Duration.ofSeconds(20);

  private ClockRoutes() {}

  private record Move(@Nullable String to) {
    Instant wanted() {
      if (to == null) throw bad("the body has no 'to'");
      try {
        return Instant.parse(to);
      } catch (DateTimeParseException e) {
        throw bad("'%s' is not a moment".formatted(Texts.shown(to))).because(e);
      }
    }

    private static Problem bad(String what) {
      return new Problem(Fault.BAD_JSON, what, "Send {\"to\":\"2001-03-02T00:00:00Z\"}");
    }
  }

  public static void add(Routes routes, Clockwork clock) {
    routes.get(
        "/api/v1/clock?wait",
        Permission.VIEW,
        RouteOptions.in(Lane.ADMIN),
        request -> Response.json(request.flag("wait") ? clock.settle(WAIT) : clock.state()));
    routes.post(
        "/api/v1/clock",
        Permission.ADMIN,
        RouteOptions.in(Lane.ADMIN),
        request -> Response.json(clock.advance(request.json(Move.class).wanted(), WAIT)));
  }
}
