package dev.orrery.registry;

import dev.orrery.base.Semver;
import dev.orrery.sql.Tx;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// Registers what clients ask for: looks where the source leads, and what the version was made of.
final class Registrar {
  private final Models models;
  private final Sources.Logged logged;

  Registrar(Models models, Sources.Logged logged) {
    this.models = models;
    this.logged = logged;
  }

  /// A version as a client asks for it.
  record Asked(
      String model,
      String source,
      @Nullable String run,
      @Nullable String runLink,
      @Nullable String loggedModel,
      @Nullable String description,
      SortedMap<String, String> tags,
      @Nullable Semver semver,
      @Nullable String why) {}

  RegisteredVersion register(Tx tx, Asked asked, String who) {
    boolean prompt =
        RegisteredModel.isPrompt(asked.tags()) || models.get(tx, asked.model()).isPrompt();
    Sources.Resolved resolved =
        Sources.resolve(tx, models, logged, asked.source(), prompt, asked.loggedModel() != null);
    String run = asked.run() != null ? asked.run() : resolved.run();
    String loggedModel = asked.loggedModel() != null ? asked.loggedModel() : resolved.loggedModel();
    return models.register(
        tx,
        new Models.Wish(
            asked.model(),
            asked.source(),
            resolved.storage(),
            run,
            asked.runLink(),
            loggedModel,
            asked.description(),
            asked.tags(),
            null,
            asked.semver(),
            asked.why()),
        who);
  }
}
