package dev.orrery.registry;

import dev.orrery.base.Json;
import dev.orrery.base.Name;
import dev.orrery.base.Semver;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// All SQL of the versions that pipelines register.
final class VersionStore {
  private VersionStore() {}

  static void insert(Tx tx, ModelVersion version) {
    tx.update(
        """
        insert into model_version
          (model, major, minor, patch, seq, run, digest, state, state_reason, state_at,
           created_at, detail)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        version.model(),
        version.version().major(),
        version.version().minor(),
        version.version().patch(),
        version.number(),
        version.run(),
        version.modelDigest(),
        version.state(),
        version.stateReason(),
        version.createdAt(),
        version.createdAt(),
        Json.text(version));
  }

  static Optional<ModelVersion> find(Tx tx, Name model, Semver version) {
    return tx.first(
        """
        select detail, state, state_reason from model_version
        where model = ? and major = ? and minor = ? and patch = ?
        """,
        VersionStore::version,
        model,
        version.major(),
        version.minor(),
        version.patch());
  }

  static Optional<ModelVersion> byRun(Tx tx, Name model, String run) {
    return tx.first(
        """
        select detail, state, state_reason from model_version
        where model = ? and run = ?
        """,
        VersionStore::version,
        model,
        run);
  }

  static Optional<ModelVersion> byNumber(Tx tx, String model, long number) {
    return tx.first(
        """
        select detail, state, state_reason from model_version
        where model = ? and seq = ?
        """,
        VersionStore::version,
        model,
        number);
  }

  /// Gives every version's record, which names its blobs.
  static void details(Tx tx, Consumer<String> each) {
    tx.query(
        "select detail from model_version",
        row -> {
          each.accept(row.text("detail"));
          return true;
        });
  }

  static boolean isPipelines(Tx tx, String model, long number) {
    return tx.first(
            "select seq from model_version where model = ? and seq = ?",
            row -> row.whole("seq"),
            model,
            number)
        .isPresent();
  }

  /// In the order of registration, newest first.
  static List<ModelVersion> newest(Tx tx, Name model, int limit) {
    return tx.query(
        """
        select detail, state, state_reason from model_version
        where model = ?
        order by seq desc
        limit ?
        """,
        VersionStore::version,
        model,
        limit);
  }

  static List<Name> models(Tx tx, int limit) {
    return tx.query(
        """
        select distinct model from model_version
        order by model
        limit ?
        """,
        row -> new Name(row.text("model")),
        limit);
  }

  static void mark(
      Tx tx, ModelVersion version, ModelVersion.State state, @Nullable String reason, Instant now) {
    tx.update(
        """
        update model_version set state = ?, state_reason = ?, state_at = ?
        where model = ? and major = ? and minor = ? and patch = ?
        """,
        state,
        reason,
        now,
        version.model(),
        version.version().major(),
        version.version().minor(),
        version.version().patch());
  }

  private static ModelVersion version(Row row) {
    return Json.read(row.text("detail"), ModelVersion.class)
        .with(ModelVersion.State.valueOf(row.text("state")), row.textOrNull("state_reason"));
  }
}
