package dev.orrery.scorecard;

import dev.orrery.access.Permission;
import dev.orrery.base.Name;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.base.Texts;
import dev.orrery.clock.Clockwork;
import dev.orrery.data.Datasets;
import dev.orrery.feature.FeatureVersions;
import dev.orrery.lineage.Edge;
import dev.orrery.lineage.Lineage;
import dev.orrery.lineage.Node;
import dev.orrery.project.Project;
import dev.orrery.registry.ModelVersion;
import dev.orrery.registry.Registry;
import dev.orrery.serving.Endpoint;
import dev.orrery.serving.Prediction;
import dev.orrery.serving.Traffic;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.Routes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/// `/api/v1/overview`, `/api/v1/status`, `/api/v1/lineage`: the scorecard over HTTP.
public final class ScorecardRoutes {
  private static final int DEPTH_MAX = 1_000;
  private static final int VERSIONS_MAX = 10_000;
  private static final String IMPACT = "/impact";

  private ScorecardRoutes() {}

  /// What lineage is read from.
  ///
  /// @param project reads the project's files as they stand; empty where there is no project
  public record Trails(
      Lineage lineage,
      Registry registry,
      Datasets datasets,
      FeatureVersions features,
      Optional<Supplier<Project>> project) {
    private Optional<Definitions> definitions() {
      return project.map(Supplier::get).map(read -> Definitions.of(read, datasets, versions(read)));
    }

    private List<Definitions.Version> versions(Project read) {
      Name model = new Name(read.model().text("name", read.name().text()));
      Map<String, List<Node>> trained = new HashMap<>();
      for (ModelVersion version : registry.list(model, VERSIONS_MAX)) {
        trained
            .computeIfAbsent(version.featuresVersion(), _ -> new ArrayList<>())
            .add(version.node());
      }
      return features.all().stream()
          .map(version ->
              Definitions.Version.of(
                  version, trained.getOrDefault(version.version().toString(), List.of())))
          .toList();
    }
  }

  /// @param scorecard empty where the server has no project
  public static void add(
      Routes routes,
      Optional<Scorecard> scorecard,
      Optional<Endpoint> endpoint,
      Trails trails,
      Clockwork clock) {
    routes.get(
        "/api/v1/overview",
        Permission.VIEW,
        _ -> Response.json(scorecard.map(Scorecard::overview).orElseGet(() -> empty(clock))));
    routes.get(
        "/api/v1/status",
        Permission.VIEW,
        _ -> Response.json(scorecard.map(Scorecard::overview).orElseGet(() -> empty(clock))));
    routes.get(
        "/api/v1/lineage/{kind}/{id...}?depth",
        Permission.VIEW,
        request -> Response.json(lineage(request, endpoint, trails)));
  }

  private static Object lineage(Request request, Optional<Endpoint> endpoint, Trails trails) {
    String kind = request.path("kind");
    boolean impact = request.path("id").endsWith(IMPACT);
    String id =
        request
            .path("id")
            .substring(0, request.path("id").length() - (impact ? IMPACT.length() : 0));
    if (kind.equals("prediction")) {
      Endpoint there =
          endpoint.orElseThrow(
              () -> Problem.notFound("prediction", Texts.shown(id), "This server has no project"));
      return origin(there.find(uuid(id)), trails);
    }
    int depth = request.number("depth", DEPTH_MAX, 1, DEPTH_MAX);
    List<Edge> defined = new ArrayList<>();
    endpoint.ifPresent(there -> serves(there, defined));
    if (Definitions.KINDS.contains(kind)) {
      Definitions definitions =
          trails
              .definitions()
              .orElseThrow(() ->
                  Problem.notFound(kind, Texts.shown(id), "This server has no project with data"));
      Node node = definitions.node(kind, id);
      defined.addAll(definitions.down(node));
      return impact
          ? trails.lineage().impact(node, depth, defined)
          : new Trail(node, definitions.up(node), trails.lineage().down(node, depth, defined));
    }
    Node node = new Node(kind, id);
    if (impact) return trails.lineage().impact(node, depth, defined);
    boolean limited = request.query("depth").isPresent();
    Lineage lineage = trails.lineage();
    var trail =
        new Trail(
            node,
            limited ? lineage.up(node, depth) : lineage.up(node),
            limited ? lineage.down(node, depth) : lineage.down(node));
    if (trail.up().isEmpty() && trail.down().isEmpty()) {
      throw Problem.notFound(
          kind, Texts.shown(id), "Give a kind and an id such as model/late-arrival@1.0.0");
    }
    return trail;
  }

  /// What an endpoint serves at this moment.
  private static void serves(Endpoint endpoint, List<Edge> defined) {
    Traffic traffic = endpoint.traffic().orElse(null);
    if (traffic == null) return;
    var versions = new LinkedHashSet<>(List.of(traffic.champion()));
    if (traffic.canary() != null) versions.add(traffic.canary().version());
    if (traffic.shadow() != null) versions.add(traffic.shadow());
    for (Semver version : versions) {
      Node model = new Node("model", endpoint.model() + "@" + version);
      defined.add(new Edge(model, new Node("endpoint", endpoint.name()), "serves"));
    }
  }

  private record Trail(Node node, List<Edge> up, List<Edge> down) {}

  private static Origin origin(Prediction prediction, Trails trails) {
    ModelVersion version =
        trails.registry().get(new Name(prediction.model()), Semver.parse(prediction.version()));
    return new Origin(
        prediction,
        version,
        Origin.Data.of(trails.datasets().get(version.dataVersion())),
        version.featuresVersion(),
        version.codeVersion(),
        version.run(),
        trails.lineage().up(version.node()));
  }

  private static UUID uuid(String text) {
    try {
      if (text.length() == 36) return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw Problem.notFound("prediction", Texts.shown(text), "Give an id from an answer")
          .because(e);
    }
    throw Problem.notFound("prediction", Texts.shown(text), "Give an id from an answer");
  }

  private static Overview empty(Clockwork clock) {
    return new Overview(
        null,
        null,
        new Overview.Clock(clock.state().virtual(), clock.instant()),
        List.of(),
        null,
        List.of(),
        List.of(),
        List.of(),
        null,
        List.of(),
        List.of(new Overview.Next("Make a project here", "orrery init --here")));
  }
}
