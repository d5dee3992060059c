package dev.orrery.tracking;

import dev.orrery.access.Permission;
import dev.orrery.artifact.Artifacts;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.filter.Filter;
import dev.orrery.filter.Grammar;
import dev.orrery.filter.Key;
import dev.orrery.filter.SqlText;
import dev.orrery.filter.Vocabulary;
import dev.orrery.filter.Vocabulary.Entity;
import dev.orrery.filter.Vocabulary.Field;
import dev.orrery.mlflow.PageToken;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import dev.orrery.web.Once;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.Routes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// `/api/v1`: experiments, and the search over everything.
public final class ExperimentApi {
  private static final int PAGE = 200;
  private static final int PAGE_MAX = 1_000;
  private static final int NAME_MAX = 500;
  private static final List<String> VIEWS = List.of("active", "deleted", "all");
  private static final int HITS = 20;
  private static final int HITS_MAX = 200;

  static final Vocabulary WORDS =
      Vocabulary.of(
          "experiment",
          Entity.fixed(Key.ATTRIBUTE, "attributes", "attr", "experiment")
              .with("name", Field.LISTED)
              .with("experiment_id", Field.LISTED, "id")
              .with("creation_time", Field.TIME, "created_at")
              .with("last_update_time", Field.TIME, "updated_at"),
          Entity.free("tag", Field.LISTED, "tags"));

  private static final Map<String, String> COLUMNS =
      Map.of(
          "name", "e.name",
          "experiment_id", "cast(e.id as text)",
          "creation_time", "e.created_at",
          "last_update_time", "e.updated_at");

  /// An experiment, with how many active runs it has.
  record View(
      String id,
      String name,
      String lifecycle,
      Instant createdAt,
      Instant updatedAt,
      Map<String, String> tags,
      long runs) {}

  private record New(@Nullable String name, @Nullable Map<String, String> tags) {}

  private record Page(List<View> experiments, @Nullable String next) {}

  private record Hits(List<TextSearch.Hit> hits) {}

  private ExperimentApi() {}

  /// @return the search over everything, for other parts to add what they keep
  public static TextSearch add(
      Routes routes, Db db, Artifacts artifacts, Once once, InstantSource clock) {
    var search = new TextSearch(db, artifacts);
    routes.post(
        "/api/v1/experiments",
        Permission.EDIT,
        request -> {
          New made = request.json(New.class);
          String name = Objects.requireNonNullElse(made.name(), "");
          Map<String, String> tags = Objects.requireNonNullElse(made.tags(), Map.of());
          return once.write(
              request,
              tx -> {
                var experiment = Experiments.create(tx, name, "", tags, clock.instant());
                return Response.created(Map.of("id", experiment.id(), "name", name));
              });
        });
    routes.post(
        "/api/v1/experiments/{id}/tags",
        Permission.EDIT,
        request -> {
          New set = request.json(New.class);
          String id = request.path("id");
          Map<String, String> tags = Objects.requireNonNullElse(set.tags(), Map.of());
          return once.write(
              request,
              tx -> {
                tags.forEach((key, value) -> Experiments.setTag(tx, id, key, value));
                return Response.json(Map.of("id", id));
              });
        });
    routes.delete(
        "/api/v1/experiments/{id}?free_name",
        Permission.EDIT,
        request -> {
          boolean freesName = request.flag("free_name");
          String id = request.path("id");
          return once.write(
              request, tx -> Response.json(deleted(tx, id, freesName, clock.instant())));
        });
    routes.post(
        "/api/v1/experiments/{id}/restore",
        Permission.EDIT,
        request -> {
          String id = request.path("id");
          String name = request.body().length == 0 ? null : request.json(New.class).name();
          return once.write(request, tx -> Response.json(restored(tx, id, name, clock.instant())));
        });
    routes.get(
        "/api/v1/experiments?limit&page&view&filter",
        Permission.VIEW,
        request -> Response.json(db.read(tx -> page(tx, request))));
    routes.get(
        "/api/v1/search?q&kind&limit",
        Permission.VIEW,
        request ->
            Response.json(
                new Hits(
                    search.find(
                        request.query("q", ""),
                        request.query("kind").orElse(null),
                        request.number("limit", HITS, 1, HITS_MAX)))));
    return search;
  }

  /// Hides an experiment and its runs. Freeing its name lets another have it; what is deleted is
  /// then called `NAME (deleted ID)`.
  private static Map<String, String> deleted(Tx tx, String id, boolean freesName, Instant now) {
    Experiment experiment = Experiments.get(tx, id);
    if (experiment.isActive()) Experiments.delete(tx, id, now);
    if (freesName) {
      String ending = " (deleted %s)".formatted(id);
      String name = experiment.name();
      String kept = name.substring(0, Math.min(name.length(), NAME_MAX - ending.length()));
      if (!name.endsWith(ending)) {
        ExperimentStore.rename(tx, experiment.number(), kept + ending, now);
      }
    }
    Experiment after = Experiments.get(tx, id);
    return Map.of("id", id, "name", after.name(), "lifecycle", after.lifecycle().text());
  }

  /// @param name a new one, where its old one was freed; null to keep what it has
  private static Map<String, String> restored(
      Tx tx, String id, @Nullable String name, Instant now) {
    if (!Experiments.get(tx, id).isActive()) Experiments.restore(tx, id, now);
    if (name != null) Experiments.rename(tx, id, name, now);
    Experiment experiment = Experiments.get(tx, id);
    return Map.of("id", id, "name", experiment.name(), "lifecycle", experiment.lifecycle().text());
  }

  private static Page page(Tx tx, Request request) {
    int limit = request.number("limit", PAGE, 1, PAGE_MAX);
    long offset = PageToken.offset(request.query("page").orElse(null));
    String view = request.query("view", "active");
    if (!VIEWS.contains(view)) {
      throw new Problem(
          Fault.BAD_PARAMETER,
          "view is '%s'".formatted(Texts.shown(view)),
          "Use active, deleted or all");
    }
    List<SqlText> parts = new ArrayList<>();
    if (!view.equals("all")) {
      parts.add(SqlText.of("e.lifecycle = ?", view.equals("deleted") ? "deleted" : "active"));
    }
    Filter.parse(request.query("filter").orElse(null), WORDS, Grammar.FULL)
        .ifPresent(filter -> parts.add(SqlText.where(filter, ExperimentApi::condition)));
    SqlText sql =
        SqlText.of(
                "select e.id, e.name, e.lifecycle, e.created_at, e.updated_at,"
                    + " (select count(*) from run r where r.experiment = e.id"
                    + " and r.lifecycle = 'active') as runs from experiment e")
            .then(
                parts.isEmpty()
                    ? SqlText.of("")
                    : SqlText.of(" where ").then(SqlText.join(" and ", parts)))
            .then(
                " order by e.updated_at desc, e.created_at desc, e.id limit ? offset ?",
                limit + 1,
                offset);
    List<View> found = tx.query(sql.sql(), row -> view(tx, row), sql.args().toArray());
    boolean isMore = found.size() > limit;
    return new Page(
        isMore ? found.subList(0, limit) : found, isMore ? PageToken.of(offset + limit) : null);
  }

  private static SqlText condition(Filter.Compare one) {
    if (one.key().isAttribute()) {
      return SqlText.compare(
          COLUMNS.getOrDefault(one.key().name(), "e.name"), one.op(), one.value());
    }
    return SqlText.of(
            "exists (select 1 from experiment_tag t where t.experiment = e.id and t.name = ? and ",
            one.key().name())
        .then(SqlText.compare("t.value", one.op(), one.value()))
        .then(")");
  }

  private static View view(Tx tx, Row row) {
    long id = row.whole("id");
    return new View(
        Long.toString(id),
        row.text("name"),
        row.text("lifecycle"),
        row.instant("created_at"),
        row.instant("updated_at"),
        ExperimentStore.tags(tx, id),
        row.whole("runs"));
  }
}
