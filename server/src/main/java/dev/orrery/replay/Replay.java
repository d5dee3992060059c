package dev.orrery.replay;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/// Plays a [Recording] against a server. For one thread and one use, but for [#stop()].
public final class Replay {
  private static final int ROWS_MAX = 4_096;
  private static final int OUTCOMES_MAX = 10_000;
  private static final int PROGRESS_EVERY = 8;

  /// Before this no pace can be told.
  private static final long PACE_NANOS = 2_000_000_000L;

  private final Recording recording;
  private final Options options;
  private final Server server;
  private final JsonBytes json = new JsonBytes();
  private long playedHere;
  private long told;
  private long began;

  /// How to play.
  ///
  /// @param resume whether to go on from where the ledger stands
  /// @param patience how long to wait for a server that is not there (yet)
  /// @param spent what the command had done before it began to play
  public record Options(
      URI server, Path ledger, boolean resume, Duration patience, Duration spent) {
    public Options(URI server, Path ledger, boolean resume) {
      this(server, ledger, resume, Duration.ofSeconds(30), Duration.ZERO);
    }
  }

  /// Whether a ledger has been begun, so that its replay can be resumed.
  public static boolean isBegun(Path ledger) {
    return Ledger.isBegun(ledger);
  }

  public Replay(Recording recording, Options options) {
    this.recording = recording;
    this.options = options;
    this.server = new Server(options.server(), options.patience());
  }

  /// Plays to the end.
  ///
  /// @throws Problem INTERRUPTED if it was stopped; UNAVAILABLE if the server went away and did not
  ///   come back in time; otherwise what the server refused
  public Played play(Consumer<Progress> progress) {
    Plan plan = recording.plan();
    try (server;
        Ledger ledger = options.resume() ? Ledger.resume(options.ledger(), plan) : begin(plan)) {
      began = System.nanoTime();
      try {
        return play(ledger, plan, progress);
      } catch (Problem e) {
        // Refused before anything was played: as if it had not been tried.
        boolean isRefused = e.kind() != Problem.Kind.UNAVAILABLE || isNotDeployed(e);
        if (isRefused && !options.resume() && ledger.next() == 0) ledger.discard();
        throw e;
      }
    }
  }

  private static boolean isNotDeployed(Problem e) {
    return e.fault() == Fault.NOTHING_DEPLOYED;
  }

  private Played play(Ledger ledger, Plan plan, Consumer<Progress> progress) {
    int first = ledger.next();
    told = recording.firstTold(first);
    Instant now = takeUp(ledger, first);
    for (int batch = first; batch < plan.batches(); batch++) {
      play(batch, ledger);
      Instant end = recording.end(batch);
      if (end.isAfter(now)) {
        server.advance(end);
        now = end;
      }
      boolean isLast = batch == plan.batches() - 1;
      boolean isTold = batch % PROGRESS_EVERY == 0 && System.nanoTime() - began > PACE_NANOS;
      if (isLast || isTold) progress.accept(progress(batch, first));
    }
    double seconds = (ledger.earlierMillis() + millis()) / 1_000.0;
    return Played.of(told, seconds, ledger);
  }

  /// Begins a ledger, unless the server's clock does not let it be played.
  private Ledger begin(Plan plan) {
    if (!isBegun(options.ledger())) require(server.clock(), plan.start(), true);
    return Ledger.begin(options.ledger(), plan);
  }

  /// Ends a replay that another thread plays, within the time of one request.
  public void stop() {
    server.stop();
  }

  /// Brings the server's clock to where the ledger stands.
  private Instant takeUp(Ledger ledger, int first) {
    Server.Clock clock = server.clock();
    Instant due = recording.start(first);
    require(clock, due, first == 0);
    if (first > 0) requireLast(ledger);
    if (clock.now().isBefore(due)) {
      server.advance(due);
    } else if (!clock.settled()) {
      server.settle();
    }
    return clock.now().isAfter(due) ? clock.now() : due;
  }

  private static void require(Server.Clock clock, Instant due, boolean isFirst) {
    if (!clock.virtual()) {
      throw new Problem(
          Fault.NO_VIRTUAL_CLOCK,
          "the server runs on the real clock, and the recording is of %s".formatted(due),
          "Start it on a fresh home: orrery up --clock virtual --clock-start " + due);
    }
    if (isFirst && clock.now().isAfter(due)) {
      throw new Problem(
          Fault.BAD_REPLAY,
          "the server's clock shows %s, and the replay begins at %s".formatted(clock.now(), due),
          "A clock does not go back: play on a fresh home, or from a later --start");
    }
  }

  /// A server that has lost what it acknowledged is not played on: its store is another one, or was
  /// cut back.
  private void requireLast(Ledger ledger) {
    long rows = ledger.rows();
    if (rows == 0) return;
    int last = (int) (2 * (rows - 1));
    UUID id = new UUID(ledger.ids()[last], ledger.ids()[last + 1]);
    if (server.prediction(id).isEmpty()) {
      throw new Problem(
          Fault.PREDICTIONS_LOST,
          "the server does not have prediction %s, which it acknowledged".formatted(id),
          "Name the --ledger of this home, or start again on a fresh one");
    }
  }

  private void play(int batch, Ledger ledger) {
    int from = recording.firstRow(batch);
    int to = recording.firstRow(batch + 1);
    ledger.want(batch, from, to - from);
    tell(batch, ledger.ids());
    List<Integer> micros = new ArrayList<>();
    for (int at = from; at < to; at += ROWS_MAX) {
      int count = Math.min(ROWS_MAX, to - at);
      recording.rows(json, at, at + count);
      String key = key(batch, (at - from) / ROWS_MAX);
      micros.add((int) server.predict(json, key, ledger.ids(), at, count));
    }
    ledger.have(new Ledger.Batch(batch, from, to - from, List.copyOf(micros)), millis());
    playedHere += to - from;
  }

  private void tell(int batch, long[] ids) {
    int to = recording.firstTold(batch + 1);
    for (int at = recording.firstTold(batch); at < to; at += OUTCOMES_MAX) {
      recording.outcomes(json, at, Math.min(to, at + OUTCOMES_MAX), ids);
      server.tell(json);
    }
    told = to;
  }

  /// Names a request, alike whenever it is sent again.
  private String key(int batch, int part) {
    String key = "replay-%s-%s".formatted(recording.plan().start(), recording.start(batch));
    return part == 0 ? key : key + "-" + part;
  }

  private long millis() {
    return options.spent().toMillis() + (System.nanoTime() - began) / 1_000_000;
  }

  private Progress progress(int batch, int first) {
    double seconds = (System.nanoTime() - began) / 1e9;
    int done = batch + 1 - first;
    int toDo = recording.plan().batches() - batch - 1;
    return new Progress(
        recording.end(batch),
        recording.firstRow(batch + 1),
        told,
        (batch + 1.0) / recording.plan().batches(),
        playedHere / Math.max(seconds, 1e-3),
        Duration.ofMillis((long) (1_000 * seconds / done * toDo)));
  }
}
