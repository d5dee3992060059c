package dev.orrery.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Ends a command that takes long when a signal (Ctrl-C, SIGTERM) asks for it: tells it so, waits
/// for it to close what it has open, and then ends the process, in any case and in time.
final class Stopper implements AutoCloseable {
  static final int INTERRUPTED = 130;
  private static final long LAST_WORDS_MILLIS = 300;

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook;
  private volatile Runnable onStop = () -> {};
  private volatile int code = INTERRUPTED;

  /// @param within how long closing may take
  Stopper(Duration within) {
    hook = Thread.ofPlatform().name("orrery-stop").unstarted(() -> stop(within));
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void stop(Duration within) {
    asked.countDown();
    onStop.run();
    try {
      boolean isDone = done.await(within.toMillis(), TimeUnit.MILLISECONDS);
      // Time for the last words of the command.
      Thread.sleep(LAST_WORDS_MILLIS);
      Runtime.getRuntime().halt(isDone ? code : INTERRUPTED);
    } catch (InterruptedException e) {
      Runtime.getRuntime().halt(INTERRUPTED);
    }
  }

  /// What is to be done at once when a signal comes.
  void onStop(Runnable stop) {
    onStop = stop;
    if (isAsked()) stop.run();
  }

  boolean isAsked() {
    return asked.getCount() == 0;
  }

  /// Waits for a signal.
  void await() throws InterruptedException {
    asked.await();
  }

  /// The exit code when everything is closed; 130 unless told.
  void exitWith(int other) {
    code = other;
  }

  /// Says that everything is closed.
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is ending already: the hook only waits for this.
      done.countDown();
    }
  }
}
