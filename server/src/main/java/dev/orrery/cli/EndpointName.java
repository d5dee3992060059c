package dev.orrery.cli;

import dev.orrery.project.Project;
import java.nio.file.Path;

/// The name under which a project's model answers.
final class EndpointName {
  private EndpointName() {}

  static String of(Path home) {
    Project project = Project.load(home);
    return project.serve().text("endpoint", project.model().text("name", project.name().text()));
  }
}
