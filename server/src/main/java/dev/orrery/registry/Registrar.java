package dev.orrery.registry;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.lineage.Lineage;
import dev.orrery.lineage.Node;
import dev.orrery.sql.Tx;
import dev.orrery.tracking.LoggedModels;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// Registers what clients ask for: looks where the source leads, and what the version was made of.
final class Registrar {
  /// The tag of a logged model that names the versions it is registered as.
  private static final String VERSIONS_TAG = "mlflow.modelVersions";

  private static final int VERSIONS_TOLD = 50;

  private final Models models;
  private final Evidence evidence;
  private final Manifests manifests;
  private final LoggedModels logged;
  private final Lineage lineage;
  private final Rules rules;

  Registrar(
      Models models,
      Evidence evidence,
      Manifests manifests,
      LoggedModels logged,
      Lineage lineage,
      Rules rules) {
    this.models = models;
    this.evidence = evidence;
    this.manifests = manifests;
    this.logged = logged;
    this.lineage = lineage;
    this.rules = rules;
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
    Evidence.Found found =
        prompt ? Evidence.NOTHING : evidence.of(tx, resolved.storage(), run, loggedModel);
    if (rules.cover(asked.model()))
      rules.lineage().require(asked.model(), found.lineage().keySet());
    RegisteredVersion version =
        models.register(
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
                found.make(),
                asked.semver(),
                asked.why()),
            who);
    if (prompt) return version;
    found
        .lineage()
        .forEach((kind, ids) -> ids.forEach(id -> link(tx, new Node(kind, id), version)));
    if (resolved.parent() != null) lineage.link(tx, resolved.parent(), version.node(), "copied");
    manifests.make(tx, version, found.lineage(), found.environment());
    if (loggedModel != null) tell(tx, loggedModel, version);
    return version;
  }

  private void link(Tx tx, Node from, RegisteredVersion version) {
    String relation =
        switch (from.kind()) {
          case "data" -> "trained";
          case "features" -> "shaped";
          case "code" -> "built";
          case "logged_model" -> "registered";
          default -> "made";
        };
    lineage.link(tx, from, version.node(), relation);
  }

  /// Notes at a logged model what it is registered as, where MLflow's clients look for it.
  private void tell(Tx tx, String id, RegisteredVersion version) {
    String before = logged.get(tx, id).tags().getOrDefault(VERSIONS_TAG, "[]");
    ArrayNode told = Json.MAPPER.createArrayNode();
    try {
      if (Json.tree(before.getBytes(StandardCharsets.UTF_8)) instanceof ArrayNode list) {
        told.addAll(list);
      }
    } catch (Problem _) {
      // A client wrote something else there; it is begun anew.
    }
    told.addObject().put("name", version.model()).put("version", version.version());
    while (told.size() > VERSIONS_TOLD) told.remove(0);
    logged.setTags(tx, id, Map.of(VERSIONS_TAG, Json.text(told)));
  }
}
