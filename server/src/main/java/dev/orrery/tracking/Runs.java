package dev.orrery.tracking;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.Map;

/// What is done to runs, each within a transaction that is at hand.
public final class Runs {
  private Runs() {}

  /// @throws Problem RESOURCE_DOES_NOT_EXIST to MLflow's clients, if there is none
  public static Run get(Tx tx, String id) {
    return RunStore.run(tx, id)
        .orElseThrow(() ->
            new Problem(
                Fault.NOT_FOUND,
                "Run with id=%s not found".formatted(Texts.shown(id)),
                "List the runs of the experiment"));
  }

  /// A run that may be written to: one that was not deleted.
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
  /// @param tags checked before
  static Run start(
      Tx tx,
      Experiment in,
      String id,
      String name,
      String user,
      Instant at,
      Map<String, String> tags) {
    boolean usual = in.location().equals("mlflow-artifacts:/" + in.id());
    String location = "%s/%s/artifacts".formatted(in.location().replaceFirst("/+$", ""), id);
    var run =
        new Run(id, in.id(), name, Run.State.RUNNING, at, null, Lifecycle.ACTIVE, user, location);
    RunStore.insert(tx, run, usual ? "" : location);
    RunStore.putTags(tx, run, tags);
    RunStore.putTags(tx, run, Map.of(Tracking.NAME_TAG, name));
    return run;
  }
}
