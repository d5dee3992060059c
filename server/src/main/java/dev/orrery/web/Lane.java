package dev.orrery.web;

/// A bounded class of work: a flood of one class leaves the others their room.
///
/// What finds its lane full waits in a short queue, and what finds the queue full is refused with
/// 503 and the word when to come again.
public enum Lane {
  READS(128, 1_024),
  WRITES(512, 2_048),
  INFERENCE(256, 2_048),
  ARTIFACTS(32, 256),
  ADMIN(64, 256);

  private final int running;
  private final int waiting;

  Lane(int running, int waiting) {
    this.running = running;
    this.waiting = waiting;
  }

  /// How many requests may run at once.
  int runningMax() {
    return running;
  }

  /// How many more may wait for their turn.
  int waitingMax() {
    return waiting;
  }
}
