package dev.orrery.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Json;
import dev.orrery.lineage.Edge;
import dev.orrery.lineage.Lineage;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Models and versions as `/api/v1/models` shows them.
final class ModelViews {
  /// @param latest the newest version; null if there is none
  /// @param production null if none is
  record ModelView(
      String name,
      @Nullable String description,
      boolean project,
      SequencedMap<String, String> tags,
      SequencedMap<String, Long> aliases,
      long versions,
      @Nullable VersionView latest,
      @Nullable VersionView production,
      String createdAt,
      String updatedAt) {}

  /// @param by who registered it
  /// @param gates the results of its gates; empty if it has none
  /// @param manifest null if its files are not kept here
  record VersionView(
      String model,
      long version,
      String semver,
      String semverReason,
      String stage,
      List<String> aliases,
      String status,
      @Nullable String runId,
      @Nullable String loggedModel,
      String source,
      String createdAt,
      String updatedAt,
      String by,
      @Nullable String kind,
      JsonNode gates,
      JsonNode metrics,
      LineageView lineage,
      @Nullable ManifestView manifest,
      List<MoveStore.Approval> approvals,
      SequencedMap<String, String> tags,
      @Nullable String description) {}

  /// What is known of what led to a version.
  record LineageView(
      @Nullable String data,
      @Nullable String features,
      @Nullable String code,
      @Nullable String run,
      List<String> parents) {}

  record ManifestView(String digest, long files, long bytes, boolean signed) {}

  private final Lineage lineage;

  ModelViews(Lineage lineage) {
    this.lineage = lineage;
  }

  ModelView model(Tx tx, RegisteredModel model) {
    List<RegisteredVersion> latest = ModelStore.latest(tx, model.name());
    Optional<RegisteredVersion> production =
        latest.stream().filter(v -> v.stage() == Stage.PRODUCTION).findFirst();
    return new ModelView(
        model.name(),
        model.description(),
        model.project(),
        model.tags(),
        model.aliases(),
        ModelStore.count(tx, model.name()),
        latest.isEmpty() ? null : version(tx, latest.getLast()),
        production.map(found -> version(tx, found)).orElse(null),
        model.createdAt().toString(),
        model.updatedAt().toString());
  }

  VersionView version(Tx tx, RegisteredVersion version) {
    Optional<ModelVersion> made = VersionStore.byNumber(tx, version.model(), version.version());
    Make make = version.make();
    return new VersionView(
        version.model(),
        version.version(),
        version.semver().toString(),
        version.reason(),
        version.stage().word(),
        version.aliases(),
        version.status(),
        version.run(),
        version.loggedModel(),
        version.source(),
        version.createdAt().toString(),
        version.updatedAt().toString(),
        version.who(),
        make == null ? made.map(m -> m.make().kind()).orElse(null) : make.kind(),
        made.map(ModelVersion::gates).orElseGet(Json.MAPPER::createArrayNode),
        made.<JsonNode>map(m -> Json.MAPPER.valueToTree(m.metrics()))
            .orElseGet(Json.MAPPER::createObjectNode),
        lineage(tx, version),
        Manifests.find(tx, version.model(), version.version())
            .map(m -> new ManifestView(m.digest().hex(), m.files(), m.bytes(), true))
            .orElse(null),
        MoveStore.approvals(tx, version.model(), version.version()),
        version.tags(),
        version.description());
  }

  LineageView lineage(Tx tx, RegisteredVersion version) {
    String data = null;
    String features = null;
    String code = null;
    String run = version.run();
    List<String> parents = new ArrayList<>();
    for (Edge edge : lineage.into(tx, version.node())) {
      String id = edge.from().id();
      switch (edge.from().kind()) {
        case "data" -> data = data == null ? id : data + ", " + id;
        case "features" -> features = id;
        case "code" -> code = id;
        case "run" -> run = id;
        case "model", "logged_model" -> parents.add(id);
        default -> {
          // Others are for the graph.
        }
      }
    }
    return new LineageView(data, features, code, run, parents);
  }
}
