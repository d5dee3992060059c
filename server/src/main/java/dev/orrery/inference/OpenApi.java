package dev.orrery.inference;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Problem;
import dev.orrery.model.Datatype;
import dev.orrery.model.Port;
import dev.orrery.web.Route;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `/openapi.json`: every route, and for each model the requests that its signature allows.
final class OpenApi {
  private static final Pattern VARIABLE = Pattern.compile("\\{([a-zA-Z_]+)(?:\\.\\.\\.)?}");

  private OpenApi() {}

  static ObjectNode of(List<Route> routes, Catalog catalog) {
    ObjectNode api = JsonNodeFactory.instance.objectNode();
    api.put("openapi", "3.1.0");
    api.putObject("info").put("title", "Orrery").put("version", InferenceRoutes.version());
    ObjectNode paths = api.putObject("paths");
    for (Servable servable : catalog.all()) {
      try {
        model(paths, servable.metadata(Optional.empty()));
      } catch (Problem e) {
        // One that is not ready has no signature to tell of; its paths come when it is.
        continue;
      }
    }
    for (Route route : routes) route(paths, route);
    return api;
  }

  private static void route(ObjectNode paths, Route route) {
    // gRPC's paths are no REST.
    if (route.pattern().startsWith("/inference.") || route.pattern().startsWith("/grpc.")) return;
    String path = route.pattern().replace("...}", "}");
    String method = route.method().toLowerCase(Locale.ROOT);
    if (paths.path(path).has(method)) return;
    ObjectNode operation = paths.withObjectProperty(path).putObject(method);
    Matcher variables = VARIABLE.matcher(route.pattern());
    ArrayNode parameters = JsonNodeFactory.instance.arrayNode();
    while (variables.find()) {
      parameters
          .addObject()
          .put("name", variables.group(1))
          .put("in", "path")
          .put("required", true)
          .putObject("schema")
          .put("type", "string");
    }
    if (!parameters.isEmpty()) operation.set("parameters", parameters);
    operation.put("x-permission", route.permission().name().toLowerCase(Locale.ROOT));
    operation.putObject("responses").putObject("default").put("description", "The answer");
  }

  private static void model(ObjectNode paths, Servable.Metadata model) {
    ObjectNode v2 = post(paths, "/v2/models/%s/infer".formatted(model.name()), model);
    ObjectNode input = v2.putObject("properties").putObject("inputs").put("type", "array");
    ArrayNode forms = input.putObject("items").putArray("oneOf");
    model.inputs().forEach(port -> tensor(forms.addObject(), port));
    v2.putArray("required").add("inputs");

    ObjectNode v1 = post(paths, "/v1/models/%s:predict".formatted(model.name()), model);
    ObjectNode instances = v1.putObject("properties").putObject("instances");
    row(instances.put("type", "array").putObject("items"), model);
    v1.putArray("required").add("instances");

    ObjectNode predictions = post(paths, "/predictions/%s".formatted(model.name()), model);
    ObjectNode rows = predictions.putObject("properties").putObject("rows");
    row(rows.put("type", "array").putObject("items"), model);
  }

  /// The schema of the body of a request.
  private static ObjectNode post(ObjectNode paths, String path, Servable.Metadata model) {
    ObjectNode operation = paths.putObject(path).putObject("post");
    operation.put("summary", "Ask %s (%s)".formatted(model.name(), model.platform()));
    operation.put("x-permission", "predict");
    ObjectNode responses = operation.putObject("responses");
    responses.putObject("200").put("description", "The answer");
    responses.putObject("400").put("description", "The request does not fit the signature");
    responses.putObject("429").put("description", "The model is busy; come again");
    ObjectNode body = operation.putObject("requestBody").put("required", true);
    ObjectNode schema = body.putObject("content").putObject("application/json").putObject("schema");
    return schema.put("type", "object");
  }

  private static void tensor(ObjectNode into, Port port) {
    into.put("type", "object");
    ObjectNode properties = into.putObject("properties");
    properties.putObject("name").put("const", port.name());
    properties.putObject("datatype").put("const", port.type().name());
    ObjectNode shape = properties.putObject("shape").put("type", "array");
    shape.putObject("items").put("type", "integer").put("minimum", 0);
    shape.put("minItems", port.shape().size()).put("maxItems", port.shape().size());
    properties.putObject("data").put("type", "array");
    into.putArray("required").add("name").add("datatype").add("shape");
  }

  /// One row by the names of its columns.
  private static void row(ObjectNode into, Servable.Metadata model) {
    into.put("type", "object").put("additionalProperties", false);
    ObjectNode properties = into.putObject("properties");
    ArrayNode required = into.putArray("required");
    var reader = new RowReader(model);
    for (String name : Fit.names(model)) {
      ArrayNode types = properties.putObject(name).putArray("type");
      Datatype type = reader.type(name);
      types.add(type == Datatype.BYTES ? "string" : type.isFloating() ? "number" : "integer");
      types.add("null");
      required.add(name);
    }
  }
}
