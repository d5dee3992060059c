package dev.orrery.pipeline;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.project.Project;
import dev.orrery.tracking.Tracking;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The definitions that a candidate was trained on, kept with its run: whoever serves it computes
/// its features by them, whatever the project's files say by then.
public final class TrainedOn {
  private static final String PATH = "definitions.json";

  private TrainedOn() {}

  static void note(Tracking tracking, String run, Project project) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("data", project.data().json());
    json.set("features", project.features().json());
    tracking.putArtifact(run, PATH, Json.pretty(json).getBytes(StandardCharsets.UTF_8));
  }

  /// The `data` and `features` blocks of a run as JSON; empty if an older program trained it.
  public static Optional<String> read(Tracking tracking, String run) {
    try {
      return Optional.of(new String(tracking.readArtifact(run, PATH), StandardCharsets.UTF_8));
    } catch (Problem e) {
      if (e.kind() == Problem.Kind.NOT_FOUND) return Optional.empty();
      throw e;
    }
  }
}
