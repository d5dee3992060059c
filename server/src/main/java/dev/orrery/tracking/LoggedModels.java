package dev.orrery.tracking;

import dev.orrery.base.Fault;
import dev.orrery.base.Ids;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.filter.Grammar;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Models that runs log, before and beside the registry: made, filled, finished, measured, found.
///
/// Every call works within a transaction of the caller.
public final class LoggedModels {
  private static final int NAME_MAX = 500;
  private static final int KEY_MAX = 255;
  private static final int VALUES_MAX = 1_000;
  private static final String NOT_IN_NAMES = "/:.%\"'";

  private final InstantSource clock;

  public LoggedModels(InstantSource clock) {
    this.clock = clock;
  }

  /// Makes a model that has no files yet.
  ///
  /// @param location of the experiment's artifacts, under which the model's will stand
  /// @param name one is made up where it is null
  public LoggedModel create(
      Tx tx,
      String experiment,
      String location,
      @Nullable String name,
      @Nullable String type,
      @Nullable String sourceRun,
      Map<String, String> params,
      Map<String, String> tags) {
    if (name != null) checkName(name);
    checkParams(params);
    checkTags(tags);
    Instant now = clock.instant();
    String id = "m-" + Ids.at(now).toString().replace("-", "");
    var model =
        new LoggedModel(
            id,
            experiment,
            name == null ? "model-" + id.substring(id.length() - 8) : name,
            type,
            sourceRun,
            LoggedModel.Status.PENDING,
            null,
            location + "/models/" + id + "/artifacts",
            now,
            now,
            new TreeMap<>(params),
            new TreeMap<>(tags),
            List.of());
    LoggedModelStore.insert(tx, model);
    LoggedModelStore.putParams(tx, id, params);
    LoggedModelStore.putTags(tx, id, tags);
    return model;
  }

  /// @throws Problem NOT_FOUND if there is none, or it was deleted
  public LoggedModel get(Tx tx, String id) {
    return LoggedModelStore.find(tx, id).orElseThrow(() -> unknown(id));
  }

  /// Says whether its files have arrived.
  public LoggedModel finish(Tx tx, String id, LoggedModel.Status status, @Nullable String message) {
    require(tx, id);
    LoggedModelStore.finish(tx, id, status, message, clock.instant());
    return get(tx, id);
  }

  /// Hides a model; its files and rows stay until they are swept.
  public void delete(Tx tx, String id) {
    if (!LoggedModelStore.exists(tx, id)) throw unknown(id);
    LoggedModelStore.delete(tx, id, clock.instant());
  }

  /// Notes parameters. The same value again is fine.
  ///
  /// @throws Problem PARAM_CHANGED if one has another value already; none is noted then
  public void addParams(Tx tx, String id, Map<String, String> params) {
    checkParams(params);
    require(tx, id);
    SortedMap<String, String> before = LoggedModelStore.params(tx, id);
    params.forEach((key, value) -> {
      String noted = before.getOrDefault(key, value);
      if (!noted.equals(value)) {
        throw new Problem(
            Fault.PARAM_CHANGED,
            "Changing param values is not allowed. Param with key='%s' was already logged with value='%s' for model ID='%s'. Attempted logging new value '%s'"
                .formatted(Texts.shown(key), Texts.shown(noted), id, Texts.shown(value)),
            "Log another model for other parameters");
      }
    });
    LoggedModelStore.putParams(tx, id, params);
  }

  public LoggedModel setTags(Tx tx, String id, Map<String, String> tags) {
    checkTags(tags);
    require(tx, id);
    LoggedModelStore.putTags(tx, id, tags);
    LoggedModelStore.touch(tx, id, clock.instant());
    return get(tx, id);
  }

  /// @throws Problem NOT_FOUND if it has no such tag
  public void deleteTag(Tx tx, String id, String name) {
    require(tx, id);
    if (!LoggedModelStore.deleteTag(tx, id, name)) {
      throw new Problem(
          Fault.NOT_FOUND,
          "No tag with key '%s' found for model with ID '%s'".formatted(Texts.shown(name), id),
          "Look at the tags that it has");
    }
    LoggedModelStore.touch(tx, id, clock.instant());
  }

  /// Notes what was measured of models; a point that is noted already is kept once.
  ///
  /// @throws Problem NOT_FOUND if one of the models is unknown
  public void logMetrics(Tx tx, List<ModelMetric> metrics) {
    metrics.stream()
        .map(ModelMetric::model)
        .distinct()
        .forEach(id -> {
          if (!LoggedModelStore.exists(tx, id)) throw unknown(id);
        });
    LoggedModelStore.putMetrics(tx, metrics);
  }

  List<LoggedModel> search(Tx tx, LoggedModelSearch search) {
    return search.run(tx, Grammar.MLFLOW);
  }

  /// @throws Problem NOT_FOUND if there is none, or it was deleted
  static void require(Tx tx, String id) {
    if (LoggedModelStore.find(tx, id).isEmpty()) throw unknown(id);
  }

  static Problem unknown(String id) {
    return new Problem(
        Fault.NOT_FOUND,
        "Logged model with ID '%s' not found".formatted(Texts.shown(id)),
        "Search the logged models of the experiment");
  }

  private static void checkName(String name) {
    boolean fits = !name.isBlank() && name.length() <= NAME_MAX;
    for (int i = 0; fits && i < name.length(); i++) {
      fits = NOT_IN_NAMES.indexOf(name.charAt(i)) < 0 && !Character.isISOControl(name.charAt(i));
    }
    if (fits) return;
    throw new Problem(
        Fault.BAD_KEY,
        "Invalid model name ('%s') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%%', '\"', \"'\")"
            .formatted(Texts.shown(name)),
        "Use 1 to %d other characters".formatted(NAME_MAX));
  }

  private static void checkParams(Map<String, String> params) {
    checkCount(params.size());
    params.forEach((key, value) -> {
      checkKey("param", key);
      Words.checkValue("parameter", key, value, Words.PARAM_MAX);
    });
  }

  private static void checkTags(Map<String, String> tags) {
    checkCount(tags.size());
    tags.forEach((key, value) -> {
      checkKey("tag", key);
      Words.checkValue("tag", key, value, Words.TAG_MAX);
    });
  }

  private static void checkKey(String noun, String key) {
    if (!key.isBlank() && key.length() <= KEY_MAX) return;
    throw new Problem(
        Fault.BAD_KEY,
        "'%s' is not a name for a %s".formatted(Texts.shown(key), noun),
        "Use 1 to %d characters".formatted(KEY_MAX));
  }

  private static void checkCount(int count) {
    if (count <= VALUES_MAX) return;
    throw new Problem(
        Fault.BATCH_TOO_LARGE,
        "a call notes %,d values of a logged model".formatted(count),
        "Send at most %,d at once".formatted(VALUES_MAX));
  }
}
