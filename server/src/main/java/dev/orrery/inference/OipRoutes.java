package dev.orrery.inference;

import dev.orrery.access.Permission;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.model.Port;
import dev.orrery.model.Tensor;
import dev.orrery.web.Lane;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.zip.GZIPOutputStream;

/// The Open Inference Protocol over REST, with binary tensors and compression.
final class OipRoutes {
  /// The largest request that is read.
  static final int BODY_BYTES_MAX = 32 << 20;

  /// A body beyond this is not answered on a network thread.
  static final int QUICK_BYTES_MAX = 16 << 10;

  static final List<String> EXTENSIONS =
      List.of(
          "binary_tensor_data",
          "parameters",
          "model_repository",
          "model_configuration",
          "statistics");

  private static final int COMPRESS_BYTES_MIN = 4_096;
  private static final String JSON_LENGTH = "inference-header-content-length";

  private OipRoutes() {}

  /// What a server tells of itself.
  record Server(String name, String version, List<String> extensions) {}

  /// Whether a model can answer.
  record Ready(String name, boolean ready) {}

  record TensorSpec(String name, String datatype, List<Long> shape) {
    static TensorSpec of(Port port) {
      return new TensorSpec(port.name(), port.type().name(), port.shape());
    }
  }

  /// What a server tells of a model; `parameters` names the columns of a single matrix.
  record Model(
      String name,
      List<String> versions,
      String platform,
      List<TensorSpec> inputs,
      List<TensorSpec> outputs,
      Map<String, Object> parameters) {
    static Model of(Servable.Metadata model) {
      return new Model(
          model.name(),
          model.versions(),
          model.platform(),
          model.inputs().stream().map(TensorSpec::of).toList(),
          model.outputs().stream().map(TensorSpec::of).toList(),
          model.features().isEmpty() ? Map.of() : Map.of("features", model.features()));
    }
  }

  static void add(Routes routes, Catalog catalog) {
    RouteOptions health = RouteOptions.DEFAULT.withEventLoop();
    routes.get(
        "/v2/health/live", Permission.PUBLIC, health, _ -> Response.json(Map.of("live", true)));
    routes.get(
        "/v2/health/ready",
        Permission.PUBLIC,
        health,
        _ -> {
          boolean ready = catalog.ready();
          return Response.json(ready ? 200 : 503, Map.of("ready", ready));
        });
    routes.get(
        "/v2",
        Permission.VIEW,
        _ -> Response.json(new Server("orrery", InferenceRoutes.version(), EXTENSIONS)));
    RouteOptions infer = options().withEventLoop(request -> isQuick(catalog, request));
    for (String path : List.of("/v2/models/{model}", "/v2/models/{model}/versions/{version}")) {
      routes.get(path, Permission.VIEW, request -> metadata(catalog, request));
      routes.get(path + "/ready", Permission.VIEW, request -> ready(catalog, request));
      routes.post(path + "/infer", Permission.PREDICT, infer, request -> infer(catalog, request));
    }
  }

  /// How requests for inference are read.
  static RouteOptions options() {
    return RouteOptions.body(BODY_BYTES_MAX).withLane(Lane.INFERENCE).withGzip();
  }

  /// Whether a network thread answers it: a small request of a quick model by its name.
  static boolean isQuick(Catalog catalog, Request request) {
    int length = request.body().length;
    if (length > QUICK_BYTES_MAX) return false;
    Servable servable = catalog.find(request.path("model"));
    return servable != null && servable.isQuick(length);
  }

  static Optional<String> version(Request request) {
    return request.pattern().contains("{version}")
        ? Optional.of(request.path("version"))
        : Optional.empty();
  }

  private static Response metadata(Catalog catalog, Request request) {
    return Response.json(Model.of(catalog.get(request.path("model")).metadata(version(request))));
  }

  private static Response ready(Catalog catalog, Request request) {
    Servable servable = catalog.get(request.path("model"));
    boolean ready = servable.ready(version(request));
    return Response.json(ready ? 200 : 503, new Ready(servable.name(), ready));
  }

  private static Response infer(Catalog catalog, Request request) {
    long began = System.nanoTime();
    Servable servable = catalog.get(request.path("model"));
    Optional<String> version = version(request);
    Servable.Metadata model = servable.metadata(version);
    int jsonLength = jsonLength(request);
    byte[] body = request.body();
    InferRequest read =
        jsonLength == 0 ? InferRequest.raw(model, body) : InferRequest.read(body, jsonLength);
    SequencedMap<String, Tensor> inputs = Fit.fit(model, read.inputs());
    String key = Asking.key(request.header(Asking.KEY).orElse(""), read.key());
    long parsed = System.nanoTime();
    Servable.Result result =
        servable.infer(new Servable.Call(version, inputs, key, read.timeoutNanos()));
    long inferred = System.nanoTime();
    InferAnswer answer = InferAnswer.of(servable.name(), result, read);
    Statistics statistics = servable.statistics(result.version());
    statistics.input.add(parsed - began);
    statistics.output.add(System.nanoTime() - inferred);
    return response(request, result.version(), answer);
  }

  private static int jsonLength(Request request) {
    Optional<String> header = request.header(JSON_LENGTH);
    if (header.isEmpty()) return -1;
    try {
      int length = Integer.parseInt(header.get());
      if (length >= 0) return length;
    } catch (NumberFormatException e) {
      throw badLength(header.get()).because(e);
    }
    throw badLength(header.get());
  }

  private static Problem badLength(String header) {
    return JsonIn.bad(
        "Inference-Header-Content-Length is '%s'".formatted(Texts.shown(header)),
        "Send the number of bytes of the JSON");
  }

  private static Response response(Request request, String version, InferAnswer answer) {
    boolean binary = answer.headerLength() >= 0;
    String type = binary ? "application/octet-stream" : Response.JSON;
    byte[] body = answer.body();
    Response response =
        new Response(
            200,
            type,
            body,
            binary
                ? Map.of(
                    "orrery-version", version, JSON_LENGTH, Integer.toString(answer.headerLength()))
                : Map.of("orrery-version", version));
    return body.length >= COMPRESS_BYTES_MIN ? compressed(request, response) : response;
  }

  /// The same, compressed where the caller reads that.
  static Response compressed(Request request, Response response) {
    boolean gzip = request.header("accept-encoding").orElse("").contains("gzip");
    if (!gzip || response.body().length < COMPRESS_BYTES_MIN) return response;
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Response(
            response.status(), response.contentType(), bytes.toByteArray(), response.headers())
        .with("content-encoding", "gzip")
        .with("vary", "accept-encoding");
  }
}
