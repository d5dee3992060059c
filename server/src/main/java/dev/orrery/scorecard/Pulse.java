package dev.orrery.scorecard;

import dev.orrery.access.Permission;
import dev.orrery.clock.Clockwork;
import dev.orrery.web.Events;
import dev.orrery.web.Response;
import dev.orrery.web.Routes;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// `/api/v1/events`: tells the open consoles that there is something new to fetch, after every
/// round of the loop's chores.
public final class Pulse {
  private final Set<Events> readers = ConcurrentHashMap.newKeySet();
  private final Clockwork clock;

  private Pulse(Clockwork clock) {
    this.clock = clock;
  }

  private record Beat(Instant now) {}

  public static void add(Routes routes, Clockwork clock) {
    var pulse = new Pulse(clock);
    routes.get("/api/v1/events", Permission.VIEW, _ -> Response.events(pulse::join));
    clock.chore(pulse::beat);
  }

  private void join(Events reader) {
    readers.add(reader);
    reader.onClose(() -> readers.remove(reader));
    reader.send("overview", "overview", new Beat(clock.instant()));
  }

  private void beat() {
    var beat = new Beat(clock.instant());
    for (Events reader : readers) reader.send("overview", "overview", beat);
  }
}
