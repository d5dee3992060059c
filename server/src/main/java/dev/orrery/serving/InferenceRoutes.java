package dev.orrery.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.access.Permission;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.engine.Table.Type;
import dev.orrery.web.Lane;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The Open Inference Protocol over REST: one input tensor `[n]` (or `[n,1]`) for each raw column;
/// the first output is the score, then the prediction and the ids to join outcomes by.
final class InferenceRoutes {
  private static final Set<String> INTEGERS =
      Set.of("INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64");

  private InferenceRoutes() {}

  static void add(Routes routes, Supplier<Endpoint> endpoint) {
    RouteOptions options = RouteOptions.body(4 << 20).withLane(Lane.INFERENCE).withGzip();
    routes.get("/v2/health/live", Permission.PUBLIC, _ -> Response.json(Map.of("live", true)));
    routes.get(
        "/v2/health/ready",
        Permission.PUBLIC,
        _ -> {
          boolean ready = ready(endpoint);
          return Response.json(ready ? 200 : 503, Map.of("ready", ready));
        });
    routes.get(
        "/v2", Permission.VIEW, _ -> Response.json(new Server("orrery", version(), List.of())));
    for (String path : List.of("/v2/models/{model}", "/v2/models/{model}/versions/{version}")) {
      routes.get(
          path,
          Permission.VIEW,
          request -> Response.json(metadata(named(endpoint.get(), request))));
      routes.get(
          path + "/ready",
          Permission.VIEW,
          request ->
              Response.json(Map.of("name", named(endpoint.get(), request).name(), "ready", true)));
      routes.post(
          path + "/infer",
          Permission.PREDICT,
          options,
          request -> infer(named(endpoint.get(), request), request));
    }
  }

  record Server(String name, String version, List<String> extensions) {}

  record Tensor(String name, String datatype, List<Integer> shape) {}

  record Metadata(
      String name,
      List<String> versions,
      String platform,
      List<Tensor> inputs,
      List<Tensor> outputs) {}

  private static boolean ready(Supplier<Endpoint> endpoint) {
    try {
      return endpoint.get().traffic().isPresent();
    } catch (Problem e) {
      return false;
    }
  }

  private static Endpoint named(Endpoint endpoint, Request request) {
    String name = request.path("model");
    if (!endpoint.name().equals(name)) {
      throw Problem.notFound(
          "model", Texts.shown(name), Texts.didYouMean(name, List.of(endpoint.name())));
    }
    Traffic traffic = endpoint.traffic().orElseThrow(Endpoint::nothing);
    if (request.pattern().contains("{version}")
        && !traffic.champion().toString().equals(request.path("version"))) {
      throw Problem.notFound(
          "version",
          Texts.shown(request.path("version")),
          "The endpoint serves %s; leave the version out".formatted(traffic.champion()));
    }
    return endpoint;
  }

  private static Metadata metadata(Endpoint endpoint) {
    var inputs = new ArrayList<Tensor>();
    endpoint
        .inputs()
        .forEach((name, type) -> inputs.add(new Tensor(name, datatype(type), List.of(-1))));
    return new Metadata(
        endpoint.name(),
        List.of(endpoint.traffic().orElseThrow(Endpoint::nothing).champion().toString()),
        "orrery_package",
        inputs,
        List.of(
            new Tensor("score", "FP64", List.of(-1)),
            new Tensor("prediction", "INT64", List.of(-1)),
            new Tensor("id", "BYTES", List.of(-1))));
  }

  private static String datatype(Type type) {
    return type == Type.NUMBER ? "FP64" : "BYTES";
  }

  private static Response infer(Endpoint endpoint, Request request) {
    if (request.header("inference-header-content-length").isPresent()) {
      throw RequestRows.bad("binary tensors are not taken here", "Send the tensors' data as JSON");
    }
    JsonNode body = request.json();
    Answer answer = endpoint.predict(columns(endpoint.inputs(), body));
    ObjectNode out = Json.MAPPER.createObjectNode();
    out.put("model_name", endpoint.name()).put("model_version", answer.version());
    if (body.path("id").isTextual()) out.set("id", body.get("id"));
    ArrayNode outputs = out.putArray("outputs");
    ArrayNode scores = output(outputs, "score", "FP64", answer.score().length);
    for (double score : answer.score()) scores.add(score);
    ArrayNode predictions = output(outputs, "prediction", "INT64", answer.score().length);
    answer.prediction().forEach(predictions::add);
    ArrayNode ids = output(outputs, "id", "BYTES", answer.score().length);
    answer.ids().forEach(id -> ids.add(id.toString()));
    return Response.json(out).with("orrery-version", answer.version());
  }

  private static ArrayNode output(ArrayNode outputs, String name, String datatype, int rows) {
    ObjectNode output = outputs.addObject().put("name", name).put("datatype", datatype);
    output.putArray("shape").add(rows);
    return output.putArray("data");
  }

  private static Table columns(SequencedMap<String, Type> inputs, JsonNode body) {
    JsonNode tensors = body.path("inputs");
    if (!tensors.isArray() || tensors.isEmpty()) {
      throw RequestRows.bad("the request has no 'inputs'", "Send one tensor for each column");
    }
    SequencedMap<String, Column> columns = new LinkedHashMap<>();
    int rows = -1;
    for (JsonNode tensor : tensors) {
      String name = tensor.path("name").asText("");
      Type type = inputs.get(name);
      if (type == null) {
        throw RequestRows.bad(
            "there is no input '%s'".formatted(Texts.shown(name)),
            Texts.didYouMean(name, inputs.keySet()));
      }
      List<JsonNode> data = data(name, tensor);
      if (rows >= 0 && data.size() != rows) {
        throw RequestRows.bad(
            "input '%s' has %d rows, and the first %d".formatted(name, data.size(), rows),
            "Send as many values for each input");
      }
      rows = data.size();
      if (columns.put(name, column(name, type, tensor.path("datatype").asText(""), data)) != null) {
        throw RequestRows.bad("input '%s' stands there twice".formatted(name), "Send it once");
      }
    }
    for (String name : inputs.keySet()) {
      if (!columns.containsKey(name)) {
        throw RequestRows.bad("the input '%s' is missing".formatted(name), "Send its tensor");
      }
    }
    return new Table(columns, rows);
  }

  private static List<JsonNode> data(String name, JsonNode tensor) {
    JsonNode shape = tensor.path("shape");
    JsonNode data = tensor.path("data");
    long rows = shape.isArray() && !shape.isEmpty() ? shape.get(0).asLong(-1) : -1;
    boolean column = shape.size() == 1 || shape.size() == 2 && shape.get(1).asLong(-1) == 1;
    if (!column || !data.isArray()) {
      throw RequestRows.bad(
          "input '%s' has no data of shape [n] or [n,1]".formatted(name),
          "Send {\"shape\":[n],\"data\":[...]}");
    }
    var flat = new ArrayList<JsonNode>();
    for (JsonNode value : data)
      flat.add(value.isArray() && value.size() == 1 ? value.get(0) : value);
    if (flat.size() != rows) {
      throw RequestRows.bad(
          "input '%s' has %d values, and its shape says %d".formatted(name, flat.size(), rows),
          "Send as many values as the shape says");
    }
    return flat;
  }

  private static Column column(String name, Type type, String datatype, List<JsonNode> data) {
    boolean number =
        datatype.startsWith("FP") || INTEGERS.contains(datatype) || datatype.equals("BOOL");
    if (number != (type == Type.NUMBER) || !number && !datatype.equals("BYTES")) {
      throw RequestRows.bad(
          "input '%s' is %s".formatted(name, Texts.shown(datatype)),
          "Send it as " + datatype(type));
    }
    return switch (type) {
      case NUMBER -> {
        double[] values = new double[data.size()];
        for (int i = 0; i < values.length; i++) values[i] = number(name, i, data.get(i));
        yield new Numbers(values);
      }
      case STRING -> {
        @Nullable String[] values = new String[data.size()];
        for (int i = 0; i < values.length; i++) values[i] = text(name, i, data.get(i));
        yield new Strings(values);
      }
      case TIME -> {
        long[] values = new long[data.size()];
        for (int i = 0; i < values.length; i++) {
          String text = text(name, i, data.get(i));
          values[i] = text == null ? Times.NONE : RequestRows.time(name, i, text);
        }
        yield new Times(values);
      }
    };
  }

  private static double number(String name, int row, JsonNode value) {
    if (value.isNull()) return Double.NaN;
    if (value.isBoolean()) return value.booleanValue() ? 1 : 0;
    if (value.isNumber() && Double.isFinite(value.doubleValue())) return value.doubleValue();
    throw RequestRows.bad(
        "row %d has %s for '%s'".formatted(row, Texts.shown(value.toString()), name),
        "Send a finite number");
  }

  private static @Nullable String text(String name, int row, JsonNode value) {
    if (value.isNull()) return null;
    if (value.isTextual() && value.textValue().length() <= 1_000) return value.textValue();
    throw RequestRows.bad(
        "row %d has %s for '%s'".formatted(row, Texts.shown(value.toString()), name),
        "Send a text of at most 1,000 characters");
  }

  private static String version() {
    String version = InferenceRoutes.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }
}
