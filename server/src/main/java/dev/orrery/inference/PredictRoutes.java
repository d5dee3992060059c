package dev.orrery.inference;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.orrery.access.Permission;
import dev.orrery.base.Texts;
import dev.orrery.model.Port;
import dev.orrery.model.Tensor;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The plain protocols: `POST /predict` of the model that answers by default, and TorchServe's
/// `/predictions/{model}`.
final class PredictRoutes {
  private PredictRoutes() {}

  /// `/predictions`, for every server.
  static void add(Routes routes, Catalog catalog) {
    for (String path : List.of("/predictions/{model}", "/predictions/{model}/{version}")) {
      routes.post(
          path,
          Permission.PREDICT,
          OipRoutes.options(),
          request -> {
            Servable servable = catalog.get(request.path("model"));
            Servable.Result result = ask(servable, OipRoutes.version(request), request);
            JsonOut out = new JsonOut(256, JsonOut.Odd.STRICT);
            Answers.rows(out, result.outputs(), false);
            return Asking.answered(request, result.version(), out);
          });
    }
  }

  /// `/predict`, where no endpoint of a project answers it.
  static void addPredict(Routes routes, Catalog catalog) {
    RouteOptions options = OipRoutes.options().withEventLoop(request -> isQuick(catalog, request));
    routes.post(
        "/predict?model&version",
        Permission.PREDICT,
        options,
        request -> predict(request.query("model").map(catalog::get), catalog, request));
    routes.post(
        "/endpoints/{name}/predict",
        Permission.PREDICT,
        OipRoutes.options(),
        request -> predict(Optional.of(catalog.get(request.path("name"))), catalog, request));
  }

  private static boolean isQuick(Catalog catalog, Request request) {
    int length = request.body().length;
    if (length > OipRoutes.QUICK_BYTES_MAX || !request.parameters().isEmpty()) return false;
    Servable servable = catalog.defaultOrNull();
    return servable != null && servable.isQuick(length);
  }

  private static Response predict(Optional<Servable> named, Catalog catalog, Request request) {
    Servable servable = named.isPresent() ? named.get() : catalog.theDefault();
    Servable.Result result = ask(servable, request.query("version"), request);
    JsonOut out = new JsonOut(256, JsonOut.Odd.STRICT);
    out.put('{');
    for (Map.Entry<String, Tensor> output : result.outputs().entrySet()) {
      out.string(output.getKey()).put(':');
      int unused = TensorJson.nested(out, output.getValue(), 0, 0);
      out.put(',');
    }
    out.raw("\"model\":").string(servable.name());
    out.raw(",\"version\":").string(result.version()).put('}');
    return Asking.answered(request, result.version(), out);
  }

  private static Servable.Result ask(Servable servable, Optional<String> version, Request request) {
    long began = System.nanoTime();
    Servable.Metadata model = servable.metadata(version);
    SequencedMap<String, Tensor> inputs = quickly(model, request.body());
    if (inputs == null) inputs = read(new RowReader(model), JsonIn.tree(request.body()));
    long parsed = System.nanoTime();
    Servable.Result result = Asking.ask(servable, version, inputs, request);
    servable.statistics(result.version()).input.add(parsed - began);
    return result;
  }

  /// `{"features": [...]}` and nothing else, read straight into the numbers of the only matrix;
  /// null if the request is another one.
  private static @Nullable SequencedMap<String, Tensor> quickly(
      Servable.Metadata model, byte[] body) {
    if (model.inputs().size() != 1) return null;
    Port port = model.inputs().getFirst();
    if (!port.type().isNumeric() || model.features().contains("features")) return null;
    Tensor read = JsonIn.read(body, 0, body.length, parser -> features(parser, port, body.length));
    if (read == null) return null;
    var only = new LinkedHashMap<String, Tensor>();
    only.put(port.name(), read);
    return Fit.fit(model, only);
  }

  private static @Nullable Tensor features(JsonParser parser, Port port, int length)
      throws IOException {
    Tensor tensor = null;
    boolean other = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      if (field.equals("features") && tensor == null && value == JsonToken.START_ARRAY) {
        tensor = TensorJson.read(parser, port.name(), port.type(), null, length / 2 + 1);
      } else {
        other = true;
        parser.skipChildren();
      }
    }
    return other ? null : tensor;
  }

  /// The other forms: `features` and `rows`, also under their names in other protocols, and one row
  /// of named columns.
  private static SequencedMap<String, Tensor> read(RowReader reader, JsonNode body) {
    for (String form : List.of("rows", "features", "instances")) {
      if (!body.has(form) || Fit.names(reader.model()).contains(form)) continue;
      if (body.size() > 1) {
        throw JsonIn.bad(
            "'%s' does not stand alone".formatted(form), "Send it and nothing beside it");
      }
      JsonNode rows = body.get(form);
      boolean one = form.equals("features") && !(rows.size() > 0 && rows.get(0).isContainerNode());
      return reader.rows(one ? JsonNodeFactory.instance.arrayNode().add(rows) : rows, form);
    }
    if (body.isEmpty()) {
      throw JsonIn.bad(
          "the request is empty",
          "Send {\"features\": [...]}, {\"rows\": [{...}]} or the columns of one row: "
              + Texts.shown(String.join(", ", Fit.names(reader.model()))));
    }
    return reader.objects(JsonNodeFactory.instance.arrayNode().add(body));
  }
}
