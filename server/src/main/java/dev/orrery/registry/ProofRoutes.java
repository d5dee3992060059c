package dev.orrery.registry;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.access.Permission;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.sql.Tx;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.Routes;
import java.nio.charset.StandardCharsets;

/// What proves a version: its card, its manifest with the signature, and the check of both.
final class ProofRoutes {
  private static final String VERSION = "/api/v1/models/{name}/versions/{version}";
  private static final int MOVES = 1_000;

  private final Models models;
  private final Promotions promotions;
  private final ModelViews views;
  private final Manifests manifests;

  private ProofRoutes(Models models, Promotions promotions, ModelViews views, Manifests manifests) {
    this.models = models;
    this.promotions = promotions;
    this.views = views;
    this.manifests = manifests;
  }

  static void add(
      Routes routes, Models models, Promotions promotions, ModelViews views, Manifests manifests) {
    var on = new ProofRoutes(models, promotions, views, manifests);
    routes.get(VERSION + "/card?format", Permission.VIEW, on::card);
    routes.get(VERSION + "/manifest", Permission.VIEW, on::manifest);
    routes.get(VERSION + "/verify", Permission.VIEW, on::verify);
  }

  private Response card(Request request) {
    ModelCard card =
        models
            .db()
            .read(tx -> {
              RegisteredVersion version = found(tx, request);
              return ModelCard.of(
                  views.model(tx, models.get(tx, version.model())),
                  views.version(tx, version),
                  version,
                  promotions.history(tx, version.model(), MOVES),
                  LoadStore.newest(tx, version.model(), version.semver(), ModelCard.LOADS_MAX));
            });
    return switch (request.query("format", "html")) {
      case "html" -> Response.report(card.html());
      case "markdown" ->
          Response.bytes(
              "text/markdown; charset=utf-8", card.markdown().getBytes(StandardCharsets.UTF_8));
      default ->
          throw Checks.bad(
              "the format '%s' is none of a card"
                  .formatted(Texts.shown(request.query("format", ""))),
              "Ask for html or markdown");
    };
  }

  /// The manifest and its signature, as whoever checks it elsewhere needs them.
  private Response manifest(Request request) {
    Manifests.Stored stored =
        models
            .db()
            .read(tx -> {
              RegisteredVersion version = found(tx, request);
              return Manifests.find(tx, version.model(), version.version())
                  .orElseThrow(() ->
                      Problem.notFound(
                          "manifest",
                          Texts.shown(version.id()),
                          "Its files are not kept here: it was registered from another address"));
            });
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.set("manifest", Json.tree(stored.body().getBytes(StandardCharsets.UTF_8)));
    answer.put("payload", stored.body());
    answer.put("sha256", stored.digest().hex());
    answer.put("algorithm", "Ed25519").put("key_id", stored.keyId());
    answer.put("public_key", manifests.publicKey()).put("signature", stored.signature());
    return Response.json(answer);
  }

  private Response verify(Request request) {
    return Response.json(models.db().read(tx -> manifests.verify(tx, found(tx, request))));
  }

  private RegisteredVersion found(Tx tx, Request request) {
    return models.find(tx, request.path("name"), request.path("version"));
  }
}
