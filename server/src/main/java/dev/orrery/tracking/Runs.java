package dev.orrery.tracking;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What is done to runs, each within a transaction that is at hand.
public final class Runs {
  private Runs() {}

  /// @throws Problem NOT_FOUND if there is none
  public static Run get(Tx tx, String id) {
    return RunStore.run(tx, id)
        .orElseThrow(() ->
            new Problem(
                Fault.NOT_FOUND,
                "Run with id=%s not found".formatted(Texts.shown(id)),
                "List the runs of the experiment"));
  }

  /// What a run says of itself, without its metrics.
  public record Told(
      Run run,
      SortedMap<String, String> params,
      SortedMap<String, String> tags,
      List<DatasetInput> datasets) {}

  /// Empty if there is no such run.
  public static Optional<Told> told(Tx tx, String id) {
    return RunStore.run(tx, id)
        .map(run ->
            new Told(
                run,
                RunStore.params(tx, id),
                RunStore.tags(tx, id),
                InputStore.datasets(tx, List.of(id)).getOrDefault(id, List.of())));
  }

  /// A run that may be written to: one that was not deleted.
  ///
  /// @throws Problem NOT_FOUND if there is none, NOT_ACTIVE if it was deleted
  public static Run active(Tx tx, String id) {
    Run run = get(tx, id);
    if (run.isActive()) return run;
    throw new Problem(
        Fault.NOT_ACTIVE,
        "The run %s must be in the 'active' state. Current state is deleted".formatted(id),
        "Restore it first");
  }

  /// Starts a run; its name is kept as a tag too.
  ///
  /// @param in must not be deleted
  /// @param name empty for the one among the tags or, without one, any
  /// @param tags checked before
  static Run start(
      Tx tx,
      Experiment in,
      String id,
      String name,
      String user,
      Instant at,
      Map<String, String> tags) {
    if (!in.isActive()) throw Experiments.notActive(in);
    String tagged = tags.getOrDefault(Tracking.NAME_TAG, "");
    if (!name.isEmpty() && !tagged.isEmpty() && !name.equals(tagged)) {
      throw new Problem(
          Fault.BAD_MESSAGE,
          "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different"
              + " values (run_name='%s', mlflow.runName='%s')"
                  .formatted(Texts.shown(name), Texts.shown(tagged)),
          "Give one of them");
    }
    String called = !name.isEmpty() ? name : tagged.isEmpty() ? RunNames.any() : tagged;
    boolean usual = in.location().equals("mlflow-artifacts:/" + in.id());
    String location = "%s/%s/artifacts".formatted(in.location().replaceFirst("/+$", ""), id);
    var run =
        new Run(id, in.id(), called, Run.State.RUNNING, at, null, Lifecycle.ACTIVE, user, location);
    RunStore.insert(tx, run, usual ? "" : location);
    var all = new LinkedHashMap<>(tags);
    all.put(Tracking.NAME_TAG, called);
    RunStore.putTags(tx, run, all);
    return run;
  }

  /// Changes what is not null of a run; a name that is empty is none.
  static Run update(
      Tx tx,
      String id,
      Run.@Nullable State state,
      @Nullable Instant endedAt,
      @Nullable String name) {
    Run run = active(tx, id);
    RunStore.update(tx, id, state, endedAt);
    if (name != null && !name.isEmpty()) rename(tx, run, name);
    return get(tx, id);
  }

  /// Deletes a run softly; one that is deleted stays so.
  public static void delete(Tx tx, String id, Instant now) {
    if (get(tx, id).isActive()) RunStore.setLifecycle(tx, id, Lifecycle.DELETED, now);
  }

  public static void restore(Tx tx, String id) {
    get(tx, id);
    RunStore.setLifecycle(tx, id, Lifecycle.ACTIVE, null);
  }

  /// Notes all of a batch, or nothing.
  ///
  /// @throws Problem PARAM_CHANGED if a parameter has another value already
  static void log(Tx tx, String id, Batch batch, LoggedModels models) {
    Run run = active(tx, id);
    if (!batch.params().isEmpty()) logParams(tx, run, batch.params());
    MetricStore.put(tx, run, batch.metrics());
    if (!batch.ofModels().isEmpty()) models.logMetrics(tx, batch.ofModels());
    if (!batch.tags().isEmpty()) setTags(tx, run, batch.tags());
  }

  /// Sets tags of a run; the one for its name renames it.
  public static void setTags(Tx tx, Run run, Map<String, String> tags) {
    String name = tags.get(Tracking.NAME_TAG);
    if (name == null) {
      RunStore.putTags(tx, run, tags);
      return;
    }
    var others = new LinkedHashMap<>(tags);
    others.remove(Tracking.NAME_TAG);
    RunStore.putTags(tx, run, others);
    if (!name.isEmpty()) rename(tx, run, name);
  }

  /// @throws Problem NOT_FOUND if the run has no such tag
  static void deleteTag(Tx tx, String id, String key) {
    Run run = active(tx, id);
    if (!RunStore.deleteTag(tx, run.id(), key)) {
      throw new Problem(
          Fault.NOT_FOUND,
          "No tag with name: %s in run with id %s".formatted(Texts.shown(key), id),
          "Look at the tags of the run");
    }
  }

  /// Notes parameters, checked before; the same value again is fine.
  ///
  /// @throws Problem PARAM_CHANGED if one has another value already
  static void logParams(Tx tx, Run run, Map<String, String> params) {
    Map<String, String> before = RunStore.params(tx, run.id(), params.keySet());
    List<String> changed = new ArrayList<>();
    params.forEach((key, value) -> {
      if (!before.getOrDefault(key, value).equals(value)) changed.add(key);
    });
    if (!changed.isEmpty()) throw changed(run, params, before, changed);
    RunStore.putParams(tx, run, params);
  }

  private static Problem changed(
      Run run, Map<String, String> params, Map<String, String> before, List<String> keys) {
    String key = keys.getFirst();
    String what =
        params.size() == 1
            ? "Param with key='%s' was already logged with value='%s' for run ID='%s'. Attempted logging new value '%s'"
                .formatted(
                    key,
                    Texts.shown(before.getOrDefault(key, "")),
                    run.id(),
                    Texts.shown(params.getOrDefault(key, "")))
            : "Params were already logged='[%s]' for run ID='%s'"
                .formatted(
                    keys.stream()
                        .map(k ->
                            "{'key': '%s', 'old_value': '%s', 'new_value': '%s'}"
                                .formatted(
                                    k,
                                    Texts.shown(before.getOrDefault(k, "")),
                                    Texts.shown(params.getOrDefault(k, ""))))
                        .collect(Collectors.joining(", ")),
                    run.id());
    return new Problem(
        Fault.PARAM_CHANGED,
        "Changing param values is not allowed. " + what,
        "Start a new run for other parameters");
  }

  private static void rename(Tx tx, Run run, String name) {
    RunStore.rename(tx, run.id(), name);
    RunStore.putTags(tx, run, Map.of(Tracking.NAME_TAG, name));
  }
}
