package dev.orrery.pipeline;

import dev.orrery.base.Digest;
import dev.orrery.base.Json;
import dev.orrery.base.Name;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// All SQL of `pipeline`.
final class PipelineStore {
  private PipelineStore() {}

  static void insert(Tx tx, PipelineRun run) {
    tx.update(
        """
        insert into pipeline_run
          (id, seq, project, model, renews, reasons, known_until, state, rejections, created_at)
        select ?, coalesce(max(seq), 0) + 1, ?, ?, ?, ?, ?, ?, '[]', ?
        from pipeline_run
        """,
        run.id(),
        run.project(),
        run.model(),
        run.renews(),
        Json.text(run.reasons()),
        run.knownUntil(),
        run.state(),
        run.createdAt());
  }

  static Optional<PipelineRun> get(Tx tx, UUID id) {
    return tx.first(
        """
        select id, project, model, renews, reasons, known_until, state, version, rejections,
          failure, created_at, ended_at
        from pipeline_run
        where id = ?
        """,
        PipelineStore::run,
        id);
  }

  static Optional<PipelineRun> open(Tx tx, Name model) {
    return tx.first(
        """
        select id, project, model, renews, reasons, known_until, state, version, rejections,
          failure, created_at, ended_at
        from pipeline_run
        where model = ? and state in ('WAITING', 'RUNNING')
        """,
        PipelineStore::run,
        model);
  }

  /// Every run that is under way.
  static List<PipelineRun> open(Tx tx) {
    return tx.query(
        """
        select id, project, model, renews, reasons, known_until, state, version, rejections,
          failure, created_at, ended_at
        from pipeline_run
        where state in ('WAITING', 'RUNNING')
        order by seq
        """,
        PipelineStore::run);
  }

  static List<PipelineRun> newest(Tx tx, int limit) {
    return tx.query(
        """
        select id, project, model, renews, reasons, known_until, state, version, rejections,
          failure, created_at, ended_at
        from pipeline_run
        order by seq desc
        limit ?
        """,
        PipelineStore::run,
        limit);
  }

  static void running(Tx tx, UUID id) {
    tx.update("update pipeline_run set state = 'RUNNING' where id = ? and state = 'WAITING'", id);
  }

  static void end(Tx tx, PipelineRun run) {
    tx.update(
        """
        update pipeline_run
        set state = ?, version = ?, rejections = ?, failure = ?, ended_at = ?
        where id = ?
        """,
        run.state(),
        run.version(),
        Json.text(run.rejections()),
        run.failure() == null ? null : Json.text(run.failure()),
        run.endedAt(),
        run.id());
  }

  /// The attempts of a run, in their order.
  static List<StageRun> stages(Tx tx, UUID run) {
    return tx.query(
        """
        select pipeline_run, stage, attempt, definitions, state, started_at, ended_at, millis,
          output, failure
        from stage_run
        where pipeline_run = ?
        order by seq
        """,
        PipelineStore::stage,
        run);
  }

  /// The attempts at one stage, newest first.
  static List<StageRun> attempts(Tx tx, UUID run, Stage stage) {
    return tx.query(
        """
        select pipeline_run, stage, attempt, definitions, state, started_at, ended_at, millis,
          output, failure
        from stage_run
        where pipeline_run = ? and stage = ?
        order by attempt desc
        """,
        PipelineStore::stage,
        run,
        stage);
  }

  /// Notes that attempts which still run have ended with their process.
  static void loseRunning(Tx tx, UUID run, Instant now) {
    tx.update(
        """
        update stage_run set state = 'LOST', ended_at = ?
        where pipeline_run = ? and state = 'RUNNING'
        """,
        now,
        run);
  }

  static void begin(Tx tx, StageRun stage) {
    tx.update(
        """
        insert into stage_run
          (pipeline_run, stage, attempt, seq, definitions, state, started_at)
        select ?, ?, ?, coalesce(max(seq), 0) + 1, ?, ?, ?
        from stage_run
        where pipeline_run = ?
        """,
        stage.run(),
        stage.stage(),
        stage.attempt(),
        stage.definitions(),
        stage.state(),
        stage.startedAt(),
        stage.run());
  }

  static void end(Tx tx, StageRun stage) {
    tx.update(
        """
        update stage_run set state = ?, ended_at = ?, millis = ?, output = ?, failure = ?
        where pipeline_run = ? and stage = ? and attempt = ?
        """,
        stage.state(),
        stage.endedAt(),
        stage.millis(),
        stage.output(),
        stage.failure() == null ? null : Json.text(stage.failure()),
        stage.run(),
        stage.stage(),
        stage.attempt());
  }

  private static PipelineRun run(Row row) {
    return new PipelineRun(
        row.id("id"),
        row.text("project"),
        new Name(row.text("model")),
        row.flag("renews"),
        List.of(Json.read(row.text("reasons"), String[].class)),
        row.instant("known_until"),
        PipelineRun.State.valueOf(row.text("state")),
        row.textOrNull("version"),
        List.of(Json.read(row.text("rejections"), String[].class)),
        failure(row.textOrNull("failure")),
        row.instant("created_at"),
        row.instantOrNull("ended_at"));
  }

  private static StageRun stage(Row row) {
    String output = row.textOrNull("output");
    return new StageRun(
        row.id("pipeline_run"),
        Stage.valueOf(row.text("stage")),
        row.whole("attempt"),
        new Digest(row.text("definitions")),
        StageRun.State.valueOf(row.text("state")),
        row.instant("started_at"),
        row.instantOrNull("ended_at"),
        row.wholeOrNull("millis"),
        output == null ? null : Json.tree(output.getBytes(StandardCharsets.UTF_8)),
        failure(row.textOrNull("failure")));
  }

  private static @Nullable Failure failure(@Nullable String text) {
    return text == null ? null : Json.read(text, Failure.class);
  }
}
