package dev.orrery.bench;

import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import dev.orrery.access.Permission;
import dev.orrery.web.Lane;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import dev.orrery.web.WebOptions;
import dev.orrery.web.WebServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;

/// A whole Orrery in a process of its own, so that its CPU time is its own; and beside it, on
/// another port, the bare web part that sends back what it is sent.
///
/// Prints both ports, and ends when its standard input does.
final class ServerUnderTest {
  private ServerUnderTest() {}

  public static void main(String[] args) throws IOException {
    var echo = new Routes();
    echo.post(
        "/echo",
        Permission.PREDICT,
        RouteOptions.body(4 << 20).withLane(Lane.INFERENCE),
        request -> Response.jsonBytes(request.body()));
    OrreryOptions options =
        OrreryOptions.of(Path.of(args[0]), 0).withVirtualClock(Instant.parse(args[1]));
    try (Orrery orrery = Orrery.start(options, InstantSource.system());
        WebServer bare = WebServer.start(WebOptions.anyPort(), echo)) {
      System.out.println(orrery.port() + " " + bare.port());
      while (System.in.read() >= 0) {
        // Only the end is of interest.
      }
    }
  }
}
