package dev.orrery.registry;

import dev.orrery.base.Json;
import dev.orrery.base.Semver;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// All SQL of registered models and their versions, but searches and moves.
final class ModelStore {
  /// The stage of a tombstone.
  static final String DELETED = "Deleted";

  static final String MODEL_COLUMNS = "name, description, project, created_at, updated_at";

  static final String VERSION_COLUMNS =
      """
      model, version, description, who, source, storage, run, logged_model, run_link, stage, status,
      status_message, major, minor, patch, semver_reason, make, created_at, updated_at\
      """;

  private static final int TAGS_MAX = 10_000;

  private ModelStore() {}

  // models

  static void insert(
      Tx tx, String name, @Nullable String description, boolean project, Instant now) {
    tx.update(
        """
        insert into registered_model (name, description, project, next, created_at, updated_at)
        values (?, ?, ?, 1, ?, ?)
        """,
        name,
        description,
        project,
        now,
        now);
  }

  static Optional<RegisteredModel> model(Tx tx, String name) {
    return tx.first(
        """
        select name, description, project, created_at, updated_at
        from registered_model
        where name = ?
        """,
        row -> model(tx, row),
        name);
  }

  /// Reads the model of a row with [#MODEL_COLUMNS], and its tags and aliases.
  static RegisteredModel model(Tx tx, Row row) {
    String name = row.text("name");
    return new RegisteredModel(
        name,
        row.textOrNull("description"),
        row.flag("project"),
        row.instant("created_at"),
        row.instant("updated_at"),
        modelTags(tx, name),
        aliases(tx, name));
  }

  static SortedMap<String, String> modelTags(Tx tx, String model) {
    var tags = new TreeMap<String, String>();
    tx.query(
        """
        select name, value from registered_model_tag
        where model = ?
        limit ?
        """,
        row -> tags.put(row.text("name"), row.text("value")),
        model,
        TAGS_MAX);
    return tags;
  }

  static SortedMap<String, Long> aliases(Tx tx, String model) {
    var aliases = new TreeMap<String, Long>();
    tx.query(
        """
        select alias, version from registered_alias
        where model = ?
        limit ?
        """,
        row -> aliases.put(row.text("alias"), row.whole("version")),
        model,
        TAGS_MAX);
    return aliases;
  }

  static void touch(Tx tx, String model, Instant now) {
    tx.update("update registered_model set updated_at = ? where name = ?", now, model);
  }

  static void describe(Tx tx, String model, @Nullable String description, Instant now) {
    tx.update(
        "update registered_model set description = ?, updated_at = ? where name = ?",
        description,
        now,
        model);
  }

  static void ownByProject(Tx tx, String model) {
    tx.update("update registered_model set project = 1 where name = ?", model);
  }

  static void rename(Tx tx, String model, String to, Instant now) {
    tx.update(
        "update registered_model set name = ?, updated_at = ? where name = ?", to, now, model);
    tx.update("update registered_version set updated_at = ? where model = ?", now, to);
    tx.update("update model_move set model = ? where model = ?", to, model);
  }

  static void delete(Tx tx, String model) {
    tx.update("delete from registered_model where name = ?", model);
  }

  static void putModelTag(Tx tx, String model, String name, String value) {
    tx.update(
        """
        insert into registered_model_tag (model, name, value)
        values (?, ?, ?)
        on conflict (model, name) do update set value = excluded.value
        """,
        model,
        name,
        value);
  }

  static void deleteModelTag(Tx tx, String model, String name) {
    tx.update("delete from registered_model_tag where model = ? and name = ?", model, name);
  }

  // versions

  /// Takes the model's next number.
  static long next(Tx tx, String model, Instant now) {
    tx.update(
        "update registered_model set next = next + 1, updated_at = ? where name = ?", now, model);
    return tx.first(
            "select next - 1 as taken from registered_model where name = ?",
            row -> row.whole("taken"),
            model)
        .orElseThrow();
  }

  static void insert(Tx tx, RegisteredVersion version) {
    tx.update(
        """
        insert into registered_version
          (model, version, description, who, source, storage, run, logged_model, run_link, stage,
           status, status_message, major, minor, patch, semver_reason, make, created_at, updated_at)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        version.model(),
        version.version(),
        version.description(),
        version.who(),
        version.source(),
        version.storage(),
        version.run(),
        version.loggedModel(),
        version.runLink(),
        version.stage().word(),
        version.status(),
        version.statusMessage(),
        version.semver().major(),
        version.semver().minor(),
        version.semver().patch(),
        version.reason(),
        version.make() == null ? null : Json.text(version.make()),
        version.createdAt(),
        version.updatedAt());
    version
        .tags()
        .forEach((key, value) -> putTag(tx, version.model(), version.version(), key, value));
  }

  /// The version, unless it was deleted.
  static Optional<RegisteredVersion> version(Tx tx, String model, long version) {
    return tx.first(
            "select "
                + VERSION_COLUMNS
                + """

                from registered_version
                where model = ? and version = ? and stage <> 'Deleted'
                """,
            ModelStore::bare,
            model,
            version)
        .map(found ->
            found.with(
                tags(tx, model, version),
                aliases(tx, model).entrySet().stream()
                    .filter(alias -> alias.getValue() == version)
                    .map(Map.Entry::getKey)
                    .toList()));
  }

  /// The number of the version that has this semantic version.
  static Optional<Long> number(Tx tx, String model, Semver semver) {
    return tx.first(
        """
        select version from registered_version
        where model = ? and major = ? and minor = ? and patch = ? and stage <> 'Deleted'
        """,
        row -> row.whole("version"),
        model,
        semver.major(),
        semver.minor(),
        semver.patch());
  }

  static SortedMap<String, String> tags(Tx tx, String model, long version) {
    var tags = new TreeMap<String, String>();
    tx.query(
        """
        select name, value from registered_version_tag
        where model = ? and version = ?
        limit ?
        """,
        row -> tags.put(row.text("name"), row.text("value")),
        model,
        version,
        TAGS_MAX);
    return tags;
  }

  /// The versions with their tags and aliases, in their order.
  static List<RegisteredVersion> whole(Tx tx, List<RegisteredVersion> bare) {
    Map<String, Long> counts = new HashMap<>();
    bare.forEach(version -> counts.merge(version.model(), 1L, Long::sum));
    Map<String, Map<Long, SortedMap<String, String>>> tags = new HashMap<>();
    Map<String, Map<Long, List<String>>> aliases = new HashMap<>();
    counts.forEach((model, count) -> {
      if (count > 1) tags.put(model, tagsOf(tx, model));
      Map<Long, List<String>> byVersion = new HashMap<>();
      aliases(tx, model)
          .forEach((alias, version) ->
              byVersion.computeIfAbsent(version, _ -> new ArrayList<>()).add(alias));
      aliases.put(model, byVersion);
    });
    return bare.stream()
        .map(version -> {
          var known = tags.get(version.model());
          return version.with(
              known == null
                  ? tags(tx, version.model(), version.version())
                  : known.getOrDefault(version.version(), new TreeMap<>()),
              aliases
                  .getOrDefault(version.model(), Map.of())
                  .getOrDefault(version.version(), List.of()));
        })
        .toList();
  }

  private static Map<Long, SortedMap<String, String>> tagsOf(Tx tx, String model) {
    Map<Long, SortedMap<String, String>> tags = new HashMap<>();
    tx.query(
        """
        select version, name, value from registered_version_tag
        where model = ?
        """,
        row ->
            tags.computeIfAbsent(row.whole("version"), _ -> new TreeMap<>())
                .put(row.text("name"), row.text("value")),
        model);
    return tags;
  }

  /// The newest version of each stage that has one, in the order of their numbers.
  static List<RegisteredVersion> latest(Tx tx, String model) {
    return whole(
        tx,
        tx.query(
            "select "
                + VERSION_COLUMNS
                + """

                from registered_version
                where model = ? and version in (
                  select max(version) from registered_version
                  where model = ? and stage <> 'Deleted'
                  group by stage)
                order by version
                """,
            ModelStore::bare,
            model,
            model));
  }

  /// All versions but deleted ones, newest first.
  static List<RegisteredVersion> versions(Tx tx, String model, int limit) {
    return whole(
        tx,
        tx.query(
            "select "
                + VERSION_COLUMNS
                + """

                from registered_version
                where model = ? and stage <> 'Deleted'
                order by version desc
                limit ?
                """,
            ModelStore::bare,
            model,
            limit));
  }

  /// Every semantic version that was given, also of deleted versions.
  static List<Semver> semvers(Tx tx, String model) {
    return tx.query(
        "select major, minor, patch from registered_version where model = ?",
        ModelStore::semver,
        model);
  }

  static long count(Tx tx, String model) {
    return tx.first(
            """
            select count(*) as versions from registered_version
            where model = ? and stage <> 'Deleted'
            """,
            row -> row.whole("versions"),
            model)
        .orElse(0L);
  }

  static void describe(
      Tx tx, String model, long version, @Nullable String description, Instant now) {
    tx.update(
        """
        update registered_version set description = ?, updated_at = ?
        where model = ? and version = ?
        """,
        description,
        now,
        model,
        version);
  }

  static void stage(Tx tx, String model, long version, Stage stage, Instant now) {
    tx.update(
        """
        update registered_version set stage = ?, updated_at = ?
        where model = ? and version = ?
        """,
        stage.word(),
        now,
        model,
        version);
  }

  /// The versions in a stage, but one.
  static List<Long> inStage(Tx tx, String model, Stage stage, long but) {
    return tx.query(
        """
        select version from registered_version
        where model = ? and stage = ? and version <> ?
        order by version
        """,
        row -> row.whole("version"),
        model,
        stage.word(),
        but);
  }

  /// Makes a tombstone of a version: nothing but its numbers stays.
  static void bury(Tx tx, String model, long version, Instant now) {
    tx.update(
        """
        update registered_version
        set stage = 'Deleted', description = null, who = '', source = 'REDACTED-SOURCE-PATH',
          storage = 'REDACTED-SOURCE-PATH', run = 'REDACTED-RUN-ID', logged_model = null,
          run_link = 'REDACTED-RUN-LINK', status_message = null, make = null,
          updated_at = ?
        where model = ? and version = ?
        """,
        now,
        model,
        version);
    tx.update("delete from registered_alias where model = ? and version = ?", model, version);
    tx.update("delete from registered_version_tag where model = ? and version = ?", model, version);
    tx.update("delete from registered_production where model = ? and version = ?", model, version);
    tx.update("delete from model_manifest where model = ? and version = ?", model, version);
  }

  static void putTag(Tx tx, String model, long version, String name, String value) {
    tx.update(
        """
        insert into registered_version_tag (model, version, name, value)
        values (?, ?, ?, ?)
        on conflict (model, version, name) do update set value = excluded.value
        """,
        model,
        version,
        name,
        value);
  }

  static void deleteTag(Tx tx, String model, long version, String name) {
    tx.update(
        "delete from registered_version_tag where model = ? and version = ? and name = ?",
        model,
        version,
        name);
  }

  static void putAlias(Tx tx, String model, String alias, long version) {
    tx.update(
        """
        insert into registered_alias (model, alias, version)
        values (?, ?, ?)
        on conflict (model, alias) do update set version = excluded.version
        """,
        model,
        alias,
        version);
  }

  static void deleteAlias(Tx tx, String model, String alias) {
    tx.update("delete from registered_alias where model = ? and alias = ?", model, alias);
  }

  /// Reads the version of a row with [#VERSION_COLUMNS], without tags and aliases.
  static RegisteredVersion bare(Row row) {
    String make = row.textOrNull("make");
    return new RegisteredVersion(
        row.text("model"),
        row.whole("version"),
        row.textOrNull("description"),
        row.text("who"),
        row.text("source"),
        row.text("storage"),
        row.textOrNull("run"),
        row.textOrNull("logged_model"),
        row.textOrNull("run_link"),
        Stage.of(row.text("stage")),
        row.text("status"),
        row.textOrNull("status_message"),
        semver(row),
        row.text("semver_reason"),
        make == null ? null : Json.read(make, Make.class),
        row.instant("created_at"),
        row.instant("updated_at"),
        new TreeMap<>(),
        List.of());
  }

  private static Semver semver(Row row) {
    return new Semver((int) row.whole("major"), (int) row.whole("minor"), (int) row.whole("patch"));
  }
}
