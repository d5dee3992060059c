package dev.orrery.client;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// How often and how patiently a call is tried again, as MLflow's clients do it.
///
/// Tried again are calls without an answer and answers 408, 429, 500, 502, 503 and 504; a server's
/// `Retry-After` is honoured up to [#longest].
///
/// @param most how many times after the first; 0 for never
/// @param first the wait before the first; each later one is twice as long
/// @param longest no wait is longer
/// @param away how long a server is tried for to which no connection can be made, in all
public record Retries(int most, Duration first, Duration longest, Duration away) {
  static final Set<Integer> STATUSES = Set.of(408, 429, 500, 502, 503, 504);

  private static final Duration AWAY = Duration.ofSeconds(30);

  /// Seven times, over about two minutes; a server that nobody listens for is given up within 30 s.
  public static final Retries DEFAULT =
      new Retries(7, Duration.ofSeconds(1), Duration.ofSeconds(60));

  /// Not once.
  public static final Retries NONE = new Retries(0, Duration.ZERO, Duration.ZERO);

  public Retries {
    if (most < 0) throw new IllegalArgumentException("most is " + most);
    if (first.isNegative() || longest.isNegative() || away.isNegative()) {
      throw new IllegalArgumentException("waits are not negative");
    }
  }

  /// With 30 s for a server to which no connection can be made.
  public Retries(int most, Duration first, Duration longest) {
    this(most, first, longest, AWAY);
  }

  /// The wait before a try, with up to a fifth of jitter, so that clients do not come all at once.
  ///
  /// @param attempt 1 for the first repetition
  /// @param asked what the server asked for, in seconds; negative if it did not
  Duration before(int attempt, long asked) {
    if (asked >= 0) {
      Duration wanted = Duration.ofSeconds(asked);
      return wanted.compareTo(longest) > 0 ? longest : wanted;
    }
    double wait = first.toMillis() * Math.pow(2, attempt - 1);
    double jitter = 1 + ThreadLocalRandom.current().nextDouble() / 5;
    return Duration.ofMillis((long) Math.min(wait * jitter, longest.toMillis()));
  }
}
