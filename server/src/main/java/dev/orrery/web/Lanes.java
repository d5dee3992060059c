package dev.orrery.web;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Who is running and waiting in each lane.
final class Lanes {
  /// Room in one lane.
  static final class Room {
    private final Lane lane;
    private final Semaphore running;
    private final AtomicInteger present = new AtomicInteger();

    private Room(Lane lane) {
      this.lane = lane;
      this.running = new Semaphore(lane.runningMax());
    }

    /// Takes a place, to run or to wait; given back by [#leave()].
    ///
    /// @throws Problem of kind UNAVAILABLE if the queue is full
    void enter() {
      if (present.incrementAndGet() > lane.runningMax() + lane.waitingMax()) {
        present.decrementAndGet();
        throw busy();
      }
    }

    void leave() {
      present.decrementAndGet();
    }

    /// Waits for the turn of one that has entered; ended by [#stop()].
    void run(long withinNanos) throws InterruptedException {
      if (!running.tryAcquire() && !running.tryAcquire(withinNanos, TimeUnit.NANOSECONDS)) {
        throw busy();
      }
    }

    /// The turn at once, for one who may not wait.
    void runNow() {
      if (!running.tryAcquire()) throw busy();
    }

    void stop() {
      running.release();
    }

    int present() {
      return present.get();
    }

    private Problem busy() {
      return new Problem(
          Fault.BUSY,
          "the server has all the %s it can take".formatted(lane.name().toLowerCase(Locale.ROOT)),
          "Send it again in a second");
    }
  }

  private final Map<Lane, Room> rooms = new EnumMap<>(Lane.class);

  Lanes(Meters meters) {
    for (Lane lane : Lane.values()) {
      Room room = new Room(lane);
      rooms.put(lane, room);
      meters.gauge(
          "http.in.flight",
          "Requests that run or wait",
          room::present,
          "lane",
          lane.name().toLowerCase(Locale.ROOT));
    }
  }

  Room room(Lane lane) {
    return Objects.requireNonNull(rooms.get(lane));
  }
}
