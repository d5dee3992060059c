package dev.orrery.load;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/// What is offered to a server.
///
/// @param target where every request goes, `http://HOST:PORT/path`
/// @param bodies sent by POST in turn, JSON; if empty, the target is asked by GET
/// @param perSecond how many requests are due in a second, evenly spaced
/// @param warmUp sent at the same rate before, and not counted
/// @param connections kept alive and used in turn; a request that finds all busy waits, and its
///   wait counts
/// @param patience after which a request counts as unanswered
public record LoadPlan(
    URI target,
    List<byte[]> bodies,
    int perSecond,
    Duration warmUp,
    Duration span,
    int connections,
    Duration patience,
    List<String> headers) {
  private static final int RATE_MAX = 100_000;
  private static final int CONNECTIONS_MAX = 4_096;
  private static final Duration SPAN_MAX = Duration.ofHours(1);

  public LoadPlan {
    bodies = List.copyOf(bodies);
    headers = List.copyOf(headers);
    require(
        "http".equals(target.getScheme()) && target.getHost() != null,
        "'%s' is not an address of the form http://HOST:PORT/path".formatted(target),
        "Give the whole address of what is to be asked");
    require(
        perSecond >= 1 && perSecond <= RATE_MAX,
        "a rate of %,d requests a second is not offered".formatted(perSecond),
        "Give 1 to %,d".formatted(RATE_MAX));
    require(
        connections >= 1 && connections <= CONNECTIONS_MAX,
        "%,d connections are not opened".formatted(connections),
        "Give 1 to %,d".formatted(CONNECTIONS_MAX));
    require(
        !span.isNegative() && !span.isZero() && span.compareTo(SPAN_MAX) <= 0,
        "a load of %d s is not offered".formatted(span.toSeconds()),
        "Give 1 s to 1 h");
    for (String header : headers) {
      require(
          header.matches("[!-9;-~]+: ?[ -~]*"),
          "'%s' is no header".formatted(header),
          "Write 'name: value'");
    }
  }

  private static void require(boolean holds, String what, String remedy) {
    if (!holds) throw new Problem(Fault.BAD_COMMAND, what, remedy);
  }

  int port() {
    return target.getPort() < 0 ? 80 : target.getPort();
  }
}
