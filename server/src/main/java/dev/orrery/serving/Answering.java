package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Table;
import dev.orrery.journal.Journal.Position;
import dev.orrery.serving.Endpoint.Call;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way of one request: its rows, their features, who answers, the log, the answer.
final class Answering implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Answering.class);
  private static final int LOCKS = 64;
  private static final long QUICK_NANOS = 200_000;
  private static final int TYPICAL_OF = 64;

  /// For `bench/traffic` alone, which measures what the log costs: nothing is kept then.
  private static final boolean UNLOGGED = Boolean.getBoolean("orrery.measure.unlogged");

  private final Endpoint.Setup setup;
  private final PredictionLog log;
  private final Chaos chaos;
  private final Scoring scoring;
  private final Latencies latencies = new Latencies();
  private final Object[] keyLocks = IntStream.range(0, LOCKS).mapToObj(_ -> new Object()).toArray();

  /// What an answer took of late; long until the first ones are known.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private volatile long typicalNanos = 10 * QUICK_NANOS;

  private volatile ServingMeters meters = ServingMeters.NONE;

  Answering(Endpoint.Setup setup, PredictionLog log, Chaos chaos) {
    this.setup = setup;
    this.log = log;
    this.chaos = chaos;
    this.scoring = new Scoring(chaos);
    if (UNLOGGED) LOG.warn("predictions are not logged: this server is being measured");
  }

  void meter(ServingMeters shown) {
    meters = shown;
  }

  /// Whether a request of a few rows will be answered within a fraction of a millisecond and waits
  /// for nobody: then it is answered on the network thread that read it.
  boolean isQuick(Live now) {
    return typicalNanos < QUICK_NANOS
        && now.terms().serve().fallback() == null
        && !chaos.isRunning()
        && !now.terms().isLearning()
        && log.isQuick();
  }

  Latencies latencies() {
    return latencies;
  }

  /// Answers rows, in any of the forms of [RequestRows].
  Answer predict(Live now, byte[] body, Call call) {
    if (call.idempotency().isEmpty()) return answer(now, read(now, body, call), 0);
    String key = call.idempotency().get();
    long hash = Arrays.hashCode(body);
    synchronized (keyLocks[Math.floorMod(key.hashCode(), LOCKS)]) {
      Optional<PredictionLog.Logged> before = log.byKey(key);
      if (before.isPresent()) return again(before.get(), key, hash);
      return answer(now, read(now, body, call), hash);
    }
  }

  private RequestRows.Asked read(Live now, byte[] body, Call call) {
    return now.rows().read(body, setup.clock().instant(), call);
  }

  private Answer answer(Live now, RequestRows.Asked asked, long hash) {
    return answer(now, asked.rows(), asked.call(), hash, null);
  }

  /// Answers rows that came as whole columns; columns that are no input are refused.
  ///
  /// @param asked the version that the request names; null for whoever's turn it is
  Answer predict(Live now, Table columns, Call call, @Nullable Loaded asked) {
    for (String name : columns.names()) {
      if (!now.rows().inputs().containsKey(name)) {
        throw RequestRows.bad(
            "there is no input '%s'".formatted(Texts.shown(name)),
            Texts.didYouMean(name, now.rows().inputs().keySet()));
      }
    }
    Table rows = now.rows().checked(columns.select(List.copyOf(now.rows().inputs().keySet())));
    Call once = new Call(Optional.empty(), call.caller(), call.isRehearsal());
    return answer(now, rows, once, 0, asked);
  }

  /// By what a request is split, and whether its rows are of several callers.
  private record Sticky(String key, boolean mixed) {}

  /// The caller's key: its own, else that of the rows, else the idempotency key, else one drawn for
  /// this request.
  private Sticky sticky(Live now, Table rows, Call call) {
    if (!now.isSplit()) return new Sticky("", false);
    if (call.caller().isPresent()) return new Sticky(call.caller().get(), false);
    String column = now.terms().trial().key();
    if (column != null) {
      String first = String.valueOf(rows.column(column).value(0));
      boolean mixed = rows.column(column).value(0) == null;
      for (int row = 1; row < rows.rows() && !mixed; row++) {
        mixed = !first.equals(String.valueOf(rows.column(column).value(row)));
      }
      if (!mixed) return new Sticky(first, false);
      return new Sticky(call.idempotency().orElseGet(Answering::drawn), true);
    }
    return new Sticky(call.idempotency().orElseGet(Answering::drawn), false);
  }

  private static String drawn() {
    return Long.toHexString(ThreadLocalRandom.current().nextLong());
  }

  private Answer answer(Live now, Table rows, Call call, long hash, @Nullable Loaded asked) {
    long start = System.nanoTime();
    Table features = now.terms().features(rows);
    Sticky sticky = sticky(now, rows, call);
    Scoring.Scored scored;
    try {
      scored =
          asked == null
              ? scoring.score(now, features, sticky.key(), sticky.mixed())
              : scoring.asked(now, features, asked);
    } catch (RuntimeException e) {
      meters.failed(now.champion().version().toString(), System.nanoTime() - start);
      throw e;
    }
    Instant at = setup.clock().instant().truncatedTo(ChronoUnit.MILLIS);
    var frame =
        new Frame.Predictions(
            at,
            ThreadLocalRandom.current().nextInt(1 << 12),
            call.idempotency().orElse(""),
            hash,
            scored.version(),
            scored.arm(),
            rows,
            features,
            scored.scores(),
            scored.predictions(),
            micros(System.nanoTime() - start),
            now.isSplit() ? Live.hash("unit", sticky.key()) : 0);
    Answer answer =
        call.isRehearsal() && chaos.isRunning()
            ? told(List.of(), frame, scored.fallback())
            : logged(now.terms(), frame, scored.fallback());
    long nanos = System.nanoTime() - start;
    // A race between two answers loses one of them, of many.
    typicalNanos += (nanos - typicalNanos) / TYPICAL_OF;
    latencies.add(nanos / 1_000.0);
    Loaded loaded = scored.loaded();
    if (loaded != null) {
      loaded.answered().incrementAndGet();
      loaded.rate().one();
      loaded.latencies().add(nanos / 1_000.0);
      loaded.unseen().count(features, meters);
    }
    meters.answered(scored, nanos, answer.ids());
    return answer;
  }

  /// Begun microseconds: an answer takes time.
  private static int micros(long nanos) {
    return (int) Math.min(Integer.MAX_VALUE, (nanos + 999) / 1_000);
  }

  private Answer logged(Terms terms, Frame.Predictions frame, @Nullable String fallback) {
    Position at =
        UNLOGGED
            ? Position.START
            : log.append(
                LogPolicy.kept(frame, terms.serve().logged(), terms.feed().dataset().time()));
    return told(ids(at, frame), frame, fallback);
  }

  private Answer again(PredictionLog.Logged before, String key, long hash) {
    if (before.frame().bodyHash() != hash) {
      throw new Problem(
          Fault.KEY_REUSED,
          "the Idempotency-Key '%s' was used for another body".formatted(Texts.shown(key)),
          "Use a fresh key for each request that is not a repetition");
    }
    Frame.Predictions frame = before.frame();
    String fallback = frame.arm().equals(Scoring.FALLBACK) ? Scoring.FALLBACK : null;
    return told(ids(before.at(), frame), frame, fallback);
  }

  private static List<UUID> ids(Position at, Frame.Predictions frame) {
    var ids = new ArrayList<UUID>(frame.rows());
    for (int row = 0; row < frame.rows(); row++) {
      ids.add(new PredictionId(at, row, frame.at().toEpochMilli(), frame.mark()).uuid());
    }
    return ids;
  }

  private Answer told(List<UUID> ids, Frame.Predictions frame, @Nullable String fallback) {
    var predictions = new ArrayList<Integer>(frame.rows());
    for (byte prediction : frame.predictions()) predictions.add((int) prediction);
    return new Answer(predictions, frame.scores(), ids, setup.model(), frame.version(), fallback);
  }

  @Override
  public void close() {
    scoring.close();
  }
}
