package dev.orrery.tracking;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.mlflow.KeyRules;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// What is done to experiments, each within a transaction that is at hand.
public final class Experiments {
  private static final int NAME_MAX = 500;
  private static final int LOCATION_MAX = 2_048;
  private static final int TAG_VALUE_MAX = 5_000;

  private Experiments() {}

  /// Makes an experiment.
  ///
  /// @param location where its runs keep artifacts; empty for the usual place
  /// @throws Problem EXPERIMENT_EXISTS if one has the name, deleted or not
  public static Experiment create(
      Tx tx, String name, String location, Map<String, String> tags, Instant now) {
    checkName(name);
    checkLocation(location);
    tags.forEach(Experiments::checkTag);
    ExperimentStore.byName(tx, name).ifPresent(Experiments::taken);
    Experiment made = ExperimentStore.insert(tx, name, location, now);
    tags.forEach((key, value) -> ExperimentStore.putTag(tx, made.number(), key, value));
    return made;
  }

  /// An experiment, deleted or not.
  ///
  /// @throws Problem NOT_FOUND if there is none
  public static Experiment get(Tx tx, String id) {
    return ExperimentStore.byId(tx, number(id)).orElseThrow(() -> unknown(id));
  }

  static Problem notActive(Experiment experiment) {
    return new Problem(
        Fault.NOT_ACTIVE,
        "The experiment %s must be in the 'active' state. Current state is deleted"
            .formatted(experiment.id()),
        "Restore it first");
  }

  /// @throws Problem NOT_FOUND if there is none
  public static Experiment byName(Tx tx, String name) {
    return ExperimentStore.byName(tx, name)
        .orElseThrow(() ->
            new Problem(
                Fault.NOT_FOUND,
                "Could not find experiment with name '%s'".formatted(Texts.shown(name)),
                "List the experiments with experiments/search"));
  }

  /// An experiment that was not deleted.
  ///
  /// @throws Problem NOT_ACTIVE if it was
  private static Experiment active(Tx tx, String id) {
    Experiment experiment = get(tx, id);
    if (!experiment.isActive()) throw notActive(experiment);
    return experiment;
  }

  /// @throws Problem NOT_ACTIVE if it is deleted, EXPERIMENT_EXISTS if another has the name
  public static void rename(Tx tx, String id, String name, Instant now) {
    checkName(name);
    Experiment experiment = get(tx, id);
    if (!experiment.isActive()) {
      throw new Problem(
          Fault.NOT_ACTIVE, "Cannot rename a non-active experiment", "Restore it first");
    }
    if (experiment.name().equals(name)) return;
    ExperimentStore.byName(tx, name).ifPresent(Experiments::taken);
    ExperimentStore.rename(tx, experiment.number(), name, now);
  }

  /// Deletes an experiment softly, and all its runs with it.
  ///
  /// @throws Problem NOT_FOUND if there is none, or it is deleted
  public static void delete(Tx tx, String id, Instant now) {
    Experiment experiment = get(tx, id);
    if (!experiment.isActive()) throw unknown(id);
    ExperimentStore.setLifecycle(tx, experiment.number(), Lifecycle.DELETED, now);
    RunStore.setLifecycles(tx, experiment.number(), Lifecycle.DELETED, now);
  }

  /// Restores an experiment, and all its runs with it.
  ///
  /// @throws Problem NOT_FOUND if there is none that is deleted
  public static void restore(Tx tx, String id, Instant now) {
    Experiment experiment = get(tx, id);
    if (experiment.isActive()) throw unknown(id);
    ExperimentStore.setLifecycle(tx, experiment.number(), Lifecycle.ACTIVE, now);
    RunStore.setLifecycles(tx, experiment.number(), Lifecycle.ACTIVE, null);
  }

  public static void setTag(Tx tx, String id, String key, String value) {
    checkTag(key, value);
    ExperimentStore.putTag(tx, active(tx, id).number(), key, value);
  }

  /// @throws Problem NOT_FOUND if the experiment has no such tag
  public static void deleteTag(Tx tx, String id, String key) {
    if (!ExperimentStore.deleteTag(tx, active(tx, id).number(), key)) {
      throw new Problem(
          Fault.NOT_FOUND,
          "No tag with name: %s in experiment with id %s".formatted(Texts.shown(key), id),
          "Look at the tags of the experiment");
    }
  }

  /// The number that an id may be; none where no experiment can have it.
  static Optional<Long> numberIfAny(String id) {
    return id.matches("[0-9]{1,18}") ? Optional.of(Long.parseLong(id)) : Optional.empty();
  }

  static long number(String id) {
    if (!id.matches("[0-9]{1,18}")) {
      if (id.matches("[a-zA-Z0-9][\\w\\-]{0,63}")) throw unknown(id);
      throw new Problem(
          Fault.BAD_MESSAGE,
          "Invalid experiment ID: '%s'".formatted(Texts.shown(id)),
          "Give the number of an experiment");
    }
    return Long.parseLong(id);
  }

  private static Problem unknown(String id) {
    return new Problem(
        Fault.NOT_FOUND,
        "No Experiment with id=%s exists".formatted(Texts.shown(id)),
        "List the experiments with experiments/search");
  }

  static void checkName(String name) {
    if (name.isEmpty()) {
      throw new Problem(
          Fault.BAD_MESSAGE, "Invalid experiment name: ''", "Give a name that is not empty");
    }
    KeyRules.checkLength(name, NAME_MAX, "name");
  }

  static void checkTag(String key, String value) {
    KeyRules.check(key, "key", "key");
    KeyRules.checkLength(value, TAG_VALUE_MAX, "value");
  }

  private static void checkLocation(String location) {
    if (location.startsWith("runs:")) {
      throw badLocation(
          "Artifact location cannot be a runs:/ URI. Given: '%s'".formatted(Texts.shown(location)));
    }
    if (location.length() > LOCATION_MAX) {
      throw badLocation(
          "Invalid artifact path length. The length of the artifact path cannot be greater than %d"
                  .formatted(LOCATION_MAX)
              + " characters");
    }
    if (location.contains("#") || location.contains(";")) {
      throw badLocation("'artifact_location' URL can't include fragments or params");
    }
    if (location.contains("?") && location.substring(location.indexOf('?')).contains("..")) {
      throw badLocation("Invalid query string: '%s'".formatted(Texts.shown(location)));
    }
    if (location.chars().anyMatch(Character::isISOControl)) {
      throw badLocation("'artifact_location' has a control character");
    }
  }

  private static Problem badLocation(String what) {
    return new Problem(Fault.BAD_MESSAGE, what, "Leave it out to keep artifacts in this server");
  }

  private static void taken(Experiment there) {
    throw new Problem(
        Fault.EXPERIMENT_EXISTS,
        "Experiment(name=%s) already exists".formatted(Texts.shown(there.name())),
        there.isActive()
            ? "Use another name, or the experiment " + there.id()
            : "It is deleted: restore experiment %s, or use another name".formatted(there.id()));
  }
}
