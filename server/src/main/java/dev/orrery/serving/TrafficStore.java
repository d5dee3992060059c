package dev.orrery.serving;

import dev.orrery.base.Json;
import dev.orrery.base.Semver;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// All SQL over `endpoint` and `deployment`.
final class TrafficStore {
  private final Db db;

  TrafficStore(Db db) {
    this.db = db;
  }

  Optional<Traffic> load(String endpoint) {
    return db.first(
        "select state from endpoint where name = ?",
        row -> Json.read(row.text("state"), Traffic.class),
        endpoint);
  }

  void save(Tx tx, String endpoint, Traffic traffic, Instant at) {
    tx.update(
        """
        insert into endpoint (name, state, updated_at)
        values (?, ?, ?)
        on conflict (name) do update set state = excluded.state, updated_at = excluded.updated_at
        """,
        endpoint,
        Json.text(traffic),
        at);
  }

  void record(Tx tx, String endpoint, Deployment move) {
    tx.update(
        """
        insert into deployment
          (endpoint, seq, kind, version, previous, percent, who, why, at, blueprint)
        values (?,
          (select coalesce(max(seq), 0) + 1 from deployment where endpoint = ?),
          ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        endpoint,
        endpoint,
        move.kind(),
        move.version().toString(),
        move.previous() == null ? null : move.previous().toString(),
        move.percent(),
        move.who(),
        move.why(),
        move.at(),
        move.configuration());
  }

  /// Keeps what a version is deployed with, and the columns that a request has then.
  void keep(Tx tx, String endpoint, Blueprint blueprint, Collection<String> inputs) {
    tx.update(
        """
        insert into blueprint (digest, body)
        values (?, ?)
        on conflict (digest) do nothing
        """,
        blueprint.digest().hex(),
        blueprint.text());
    for (String name : inputs) {
      tx.update(
          """
          insert into request_column (endpoint, name)
          values (?, ?)
          on conflict (endpoint, name) do nothing
          """,
          endpoint,
          name);
    }
  }

  Optional<Blueprint> blueprint(String digest) {
    return db.first(
        "select body from blueprint where digest = ?",
        row -> Blueprint.read(row.text("body")),
        digest);
  }

  /// What a version was last deployed with at an endpoint.
  Optional<String> lastBlueprint(String endpoint, Semver version) {
    return db.first(
        """
        select blueprint
        from deployment
        where endpoint = ? and version = ? and blueprint is not null
        order by seq desc
        limit 1
        """,
        row -> row.text("blueprint"),
        endpoint,
        version.toString());
  }

  /// Every column that requests to an endpoint have had.
  Set<String> inputs(String endpoint) {
    return Set.copyOf(
        db.query(
            "select name from request_column where endpoint = ?",
            row -> row.text("name"),
            endpoint));
  }

  /// The moves of an endpoint, newest first.
  List<Deployment> moves(String endpoint, int limit) {
    return db.query(
        """
        select kind, version, previous, percent, who, why, at, blueprint
        from deployment
        where endpoint = ?
        order by seq desc
        limit ?
        """,
        TrafficStore::move,
        endpoint,
        limit);
  }

  private static Deployment move(Row row) {
    String previous = row.textOrNull("previous");
    return new Deployment(
        Deployment.Kind.valueOf(row.text("kind")),
        Semver.parse(row.text("version")),
        previous == null ? null : Semver.parse(previous),
        (int) row.whole("percent"),
        row.text("who"),
        row.text("why"),
        row.instant("at"),
        row.textOrNull("blueprint"));
  }
}
