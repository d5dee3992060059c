package dev.orrery.web;

import java.time.Duration;
import java.util.Set;

/// How the server listens.
///
/// @param host the address to bind; anything but a loopback address is refused
/// @param port 0 for any free one
/// @param connectionsMax connections beyond this one are answered for health alone
/// @param eventLoops network threads
/// @param closeWithin how long [WebServer#close()] waits for what is in flight
/// @param allowedHosts names besides the loopback ones by which requests may ask for this server,
///   without port
/// @param authenticator who sends a request
/// @param ready whether the server answers at once, or 503 until [WebServer#ready(boolean)] is told
public record WebOptions(
    String host,
    int port,
    int connectionsMax,
    int eventLoops,
    Duration closeWithin,
    Set<String> allowedHosts,
    Authenticator authenticator,
    boolean ready,
    Limits limits) {

  /// How patient the server is with the wire.
  ///
  /// @param headWithin how long the headers of a request may take from their first byte
  /// @param bodyGrace how long a body may take before it must arrive at `bodyBytesPerSecondMin`
  /// @param stall how long a reader may take nothing of an answer
  /// @param lingerWithin how long a refused body is read on, so that its sender sees the answer
  public record Limits(
      Duration headWithin,
      Duration bodyGrace,
      int bodyBytesPerSecondMin,
      Duration idle,
      Duration stall,
      Duration lingerWithin) {
    public static final Limits DEFAULT =
        new Limits(
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            1_024,
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofSeconds(3));
  }

  public WebOptions {
    allowedHosts = Set.copyOf(allowedHosts);
  }

  public WebOptions(String host, int port) {
    this(
        host,
        port,
        4_096,
        Runtime.getRuntime().availableProcessors(),
        Duration.ofSeconds(10),
        Set.of(),
        Authenticator.LOCAL,
        true,
        Limits.DEFAULT);
  }

  public WebOptions withAuthenticator(Authenticator other) {
    return new WebOptions(
        host, port, connectionsMax, eventLoops, closeWithin, allowedHosts, other, ready, limits);
  }

  public WebOptions withConnections(int max) {
    return new WebOptions(
        host, port, max, eventLoops, closeWithin, allowedHosts, authenticator, ready, limits);
  }

  public WebOptions withLimits(Limits other) {
    return new WebOptions(
        host,
        port,
        connectionsMax,
        eventLoops,
        closeWithin,
        allowedHosts,
        authenticator,
        ready,
        other);
  }

  public WebOptions withCloseWithin(Duration other) {
    return new WebOptions(
        host, port, connectionsMax, eventLoops, other, allowedHosts, authenticator, ready, limits);
  }

  /// The same, but answering 503 until it is told to be ready.
  public WebOptions notReady() {
    return new WebOptions(
        host,
        port,
        connectionsMax,
        eventLoops,
        closeWithin,
        allowedHosts,
        authenticator,
        false,
        limits);
  }

  /// Any free port of the loopback address.
  public static WebOptions anyPort() {
    return new WebOptions("127.0.0.1", 0);
  }
}
