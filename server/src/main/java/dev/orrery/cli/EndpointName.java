package dev.orrery.cli;

import dev.orrery.base.Problem;
import dev.orrery.project.Project;
import java.nio.file.Path;
import java.util.Optional;

/// The name under which a project's model answers.
final class EndpointName {
  private EndpointName() {}

  /// By the project's file; where that cannot be read, the server is asked: a slip of the pen keeps
  /// nobody from a rollback.
  static String of(Terminal terminal, Client client, Path home) {
    try {
      Project project = Project.load(home);
      return project.serve().text("endpoint", project.model().text("name", project.name().text()));
    } catch (Problem e) {
      String served = served(client).orElseThrow(() -> e);
      terminal.complain(terminal.text("endpoint.asked", e.what(), served));
      return served;
    }
  }

  /// What the server says; empty where it has no endpoint.
  static Optional<String> served(Client client) {
    return Optional.ofNullable(client.get("/api/v1/overview").path("endpoint").textValue());
  }
}
