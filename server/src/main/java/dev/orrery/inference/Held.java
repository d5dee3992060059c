package dev.orrery.inference;

import dev.orrery.model.Port;
import dev.orrery.model.Scorer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A loaded scorer with those who use it: retired, it is closed when the last of them is done.
final class Held {
  private static final int RETIRED = 1 << 30;

  final Scorer scorer;

  /// What is told of it, once it has been asked for.
  volatile Servable.@Nullable Metadata metadata;

  /// How many values a row has at least; 1 where that varies.
  final long width;

  /// How many use it; [#RETIRED] is added once.
  private final AtomicInteger users = new AtomicInteger();

  Held(Scorer scorer) {
    this.scorer = scorer;
    long values = 0;
    for (Port port : scorer.inputs()) {
      long own = 1;
      for (int i = 1; i < port.shape().size(); i++) own *= Math.max(1, port.shape().get(i));
      values += own;
    }
    this.width = Math.max(1, values);
  }

  /// False if it is retired: take the one that stands in its place.
  boolean take() {
    if ((users.incrementAndGet() & RETIRED) == 0) return true;
    give();
    return false;
  }

  void give() {
    if (users.decrementAndGet() == RETIRED) close();
  }

  void retire() {
    if (users.getAndAdd(RETIRED) == 0) close();
  }

  private void close() {
    // Whoever came too late counts itself in and out again, and must not close it twice.
    if (users.compareAndSet(RETIRED, -RETIRED)) scorer.close();
  }
}
