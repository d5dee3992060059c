package dev.orrery.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.model.Datatype;
import dev.orrery.model.Port;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.Routes;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The extensions of the Open Inference Protocol for what stands around inference: which models
/// there are, loading and unloading, statistics, configuration.
final class RepositoryRoutes {
  private RepositoryRoutes() {}

  static void add(Routes routes, Catalog catalog) {
    for (String root : List.of("/v2/repository", "/v2/repository/{repository}")) {
      routes.post(
          root + "/index",
          Permission.VIEW,
          request -> Response.json(index(catalog, readyOnly(request))));
      routes.post(
          root + "/models/{model}/load",
          Permission.OPERATE,
          request -> {
            load(catalog, request.path("model"), body(request).path("parameters"));
            return Response.json(JsonNodeFactory.instance.objectNode());
          });
      routes.post(
          root + "/models/{model}/unload",
          Permission.OPERATE,
          request -> {
            JsonNode unused = body(request);
            catalog.get(request.path("model")).unload();
            return Response.json(JsonNodeFactory.instance.objectNode());
          });
    }
    routes.get(
        "/v2/models/stats",
        Permission.VIEW,
        _ -> Response.json(statistics(catalog.all(), Optional.empty())));
    for (String path : List.of("/v2/models/{model}", "/v2/models/{model}/versions/{version}")) {
      routes.get(
          path + "/stats",
          Permission.VIEW,
          request ->
              Response.json(
                  statistics(
                      List.of(catalog.get(request.path("model"))), OipRoutes.version(request))));
      routes.get(
          path + "/config",
          Permission.VIEW,
          request ->
              Response.json(
                  config(catalog.get(request.path("model")).metadata(OipRoutes.version(request)))));
    }
  }

  private static JsonNode body(Request request) {
    return request.body().length == 0
        ? JsonNodeFactory.instance.objectNode()
        : JsonIn.tree(request.body());
  }

  private static boolean readyOnly(Request request) {
    JsonNode ready = body(request).path("ready");
    if (ready.isMissingNode() || ready.isNull()) return false;
    if (ready.isBoolean()) return ready.booleanValue();
    throw JsonIn.bad("'ready' is neither true nor false", "Send one of the two, or nothing");
  }

  /// Every version of every model with its state.
  static ArrayNode index(Catalog catalog, boolean readyOnly) {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (Servable servable : catalog.all()) {
      for (Servable.Version version : servable.versions()) {
        if (readyOnly && version.state() != Servable.State.READY) continue;
        all.addObject()
            .put("name", servable.name())
            .put("version", version.version())
            .put("state", version.state().name())
            .put("reason", version.reason());
      }
    }
    return all;
  }

  /// Loads a model anew.
  ///
  /// @param parameters of the request; those that would bring a model along are refused
  static void load(Catalog catalog, String name, JsonNode parameters) {
    for (String key : (Iterable<String>) parameters::fieldNames) refuse(key);
    catalog.load(name);
  }

  static void refuse(String parameter) {
    if (!parameter.equals("config") && !parameter.startsWith("file:")) return;
    throw new Problem(
        Fault.NOT_SPOKEN_HERE,
        "models are loaded from their files, and '%s' would bring another"
            .formatted(Texts.shown(parameter)),
        "Put the file where the server reads it, and load the model by its name");
  }

  static ObjectNode statistics(List<Servable> servables, Optional<String> only) {
    ObjectNode all = JsonNodeFactory.instance.objectNode();
    ArrayNode stats = all.putArray("model_stats");
    for (Servable servable : servables) {
      if (only.isPresent()) {
        statistics(stats.addObject(), servable, only.get());
      } else {
        for (Servable.Version version : servable.versions()) {
          statistics(stats.addObject(), servable, version.version());
        }
      }
    }
    return all;
  }

  private static void statistics(ObjectNode into, Servable servable, String version) {
    Statistics s = servable.statistics(version);
    into.put("name", servable.name()).put("version", version);
    into.put("last_inference", s.lastMillis());
    into.put("inference_count", s.inferenceCount()).put("execution_count", s.executionCount());
    ObjectNode inference = into.putObject("inference_stats");
    named(s).forEach((name, timed) -> duration(inference.putObject(name), timed));
    ArrayNode batches = into.putArray("batch_stats");
    s.batches()
        .forEach((size, batch) -> {
          ObjectNode one = batches.addObject().put("batch_size", size);
          duration(one.putObject("compute_input"), batch.input);
          duration(one.putObject("compute_infer"), batch.infer);
          duration(one.putObject("compute_output"), batch.output);
        });
    into.putArray("memory_usage");
    into.putObject("response_stats");
  }

  /// In the order of the protocol.
  static Map<String, Statistics.Timed> named(Statistics s) {
    var all = new java.util.LinkedHashMap<String, Statistics.Timed>();
    all.put("success", s.success);
    all.put("fail", s.fail);
    all.put("queue", s.queue);
    all.put("compute_input", s.input);
    all.put("compute_infer", s.infer);
    all.put("compute_output", s.output);
    all.put("cache_hit", s.cacheHit);
    all.put("cache_miss", s.cacheMiss);
    return all;
  }

  private static void duration(ObjectNode into, Statistics.Timed timed) {
    Statistics.Duration read = timed.read();
    into.put("count", read.count()).put("ns", read.ns());
  }

  /// What model servers' tools read of a model's configuration.
  static ObjectNode config(Servable.Metadata model) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("name", model.name()).put("platform", model.platform()).put("backend", "orrery");
    config.put("max_batch_size", 0);
    config.putObject("version_policy").putObject("all");
    ports(config.putArray("input"), model.inputs());
    ports(config.putArray("output"), model.outputs());
    return config;
  }

  private static void ports(ArrayNode into, List<Port> ports) {
    for (Port port : ports) {
      ObjectNode one = into.addObject().put("name", port.name());
      one.put("data_type", dataType(port.type()));
      ArrayNode dims = one.putArray("dims");
      port.shape().forEach(dims::add);
    }
  }

  static String dataType(Datatype type) {
    return "TYPE_" + (type == Datatype.BYTES ? "STRING" : type.name());
  }
}
