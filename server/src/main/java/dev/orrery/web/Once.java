package dev.orrery.web;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import dev.orrery.sql.Work;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Writes that happen once, however often they are sent.
///
/// A request with an `Idempotency-Key` header leaves a row with its answer in the same transaction
/// as its effect. The same request again, of the same caller and within a day, is answered from the
/// row; another request under the key is refused. A request that failed leaves no row and may be
/// sent again.
public final class Once {
  public static final String HEADER = "idempotency-key";

  private static final int KEY_MAX = 255;
  private static final int ROWS_MAX = 200_000;
  private static final int PRUNE_EVERY = 1_000;
  private static final Duration KEPT = Duration.ofHours(24);

  private record Done(String request, Response response) {}

  private final Db db;
  private final InstantSource clock;
  private final AtomicInteger sincePruned = new AtomicInteger(PRUNE_EVERY - 1);

  public Once(Db db, InstantSource clock) {
    this.db = db;
    this.clock = clock;
  }

  /// Does what a request asks and answers it, in one transaction; where it was done before, only
  /// answers.
  ///
  /// @param effect answers whole, not piece by piece; it may run again after a conflict
  /// @throws Problem KEY_TAKEN if the key stands for another request
  public Response write(Request request, Work<Response> effect) {
    String key = request.header(HEADER).orElse(null);
    Work<Response> work = key == null ? effect : keyed(request, checked(key), effect);
    try {
      return db.write(work);
    } catch (Problem problem) {
      if (problem.fault() != Fault.DUPLICATE) throw problem;
      // Another process was first with the same row; a second look finds it and says what it is.
      return db.write(work);
    }
  }

  private Work<Response> keyed(Request request, String key, Work<Response> effect) {
    String principal = request.principal().name();
    String digest = digest(request);
    Instant now = clock.instant();
    boolean prune = sincePruned.incrementAndGet() >= PRUNE_EVERY;
    if (prune) sincePruned.set(0);
    return tx -> {
      if (prune) prune(tx, now);
      Optional<Done> before = find(tx, principal, key, now);
      if (before.isPresent()) {
        if (!before.get().request().equals(digest)) throw taken(key);
        return before.get().response().with("idempotency-replayed", "true");
      }
      Response response = effect.in(tx);
      if (response.live() != null) {
        throw new IllegalStateException("an answer that is written piece by piece is not kept");
      }
      insert(tx, principal, key, digest, response, now);
      return response;
    };
  }

  private static String checked(String key) {
    boolean fits = !key.isBlank() && key.length() <= KEY_MAX;
    for (int i = 0; fits && i < key.length(); i++) {
      fits = key.charAt(i) >= ' ' && key.charAt(i) < 0x7F;
    }
    if (fits) return key;
    throw new Problem(
        Fault.BAD_PARAMETER,
        "the Idempotency-Key '%s' is not one".formatted(Texts.shown(key)),
        "Send 1 to %d printable characters, such as a UUID".formatted(KEY_MAX));
  }

  private static Problem taken(String key) {
    return new Problem(
        Fault.KEY_TAKEN,
        "the Idempotency-Key '%s' was sent with another request".formatted(Texts.shown(key)),
        "Make a new key for each request, and keep it for its retries only");
  }

  private static String digest(Request request) {
    MessageDigest digest = Digest.sha256();
    String target = request.method() + ' ' + request.path() + ' ' + request.parameters() + '\n';
    digest.update(target.getBytes(StandardCharsets.UTF_8));
    digest.update(request.body());
    return Digest.finish(digest).hex();
  }

  private static Optional<Done> find(Tx tx, String principal, String key, Instant now) {
    return tx.first(
        """
        select request, status, type, answer from once
        where principal = ? and once_key = ? and at > ?
        """,
        Once::done,
        principal,
        key,
        now.minus(KEPT));
  }

  private static Done done(Row row) {
    var response =
        new Response(
            (int) row.whole("status"),
            row.text("type"),
            row.text("answer").getBytes(StandardCharsets.UTF_8),
            Map.of());
    return new Done(row.text("request"), response);
  }

  private static void insert(
      Tx tx, String principal, String key, String digest, Response response, Instant now) {
    @Nullable Object[] row = {
      principal,
      key,
      digest,
      response.status(),
      response.contentType(),
      new String(response.body(), StandardCharsets.UTF_8),
      now,
      KEPT.toMillis()
    };
    tx.update(
        """
        insert into once (principal, once_key, request, status, type, answer, at)
        values (?, ?, ?, ?, ?, ?, ?)
        on conflict (principal, once_key) do update
        set request = excluded.request, status = excluded.status, type = excluded.type,
          answer = excluded.answer, at = excluded.at
        where once.at <= excluded.at - ?
        """,
        row);
  }

  /// Forgets what is older than a day, and the oldest of too many.
  private static void prune(Tx tx, Instant now) {
    tx.update("delete from once where at <= ?", now.minus(KEPT));
    tx.first(
            "select at from once order by at desc limit 1 offset ?",
            row -> row.whole("at"),
            ROWS_MAX)
        .ifPresent(at -> tx.update("delete from once where at <= ?", at));
  }
}
