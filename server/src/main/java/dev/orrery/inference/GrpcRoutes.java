package dev.orrery.inference;

import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.model.Port;
import dev.orrery.model.Tensor;
import dev.orrery.web.Grpc;
import dev.orrery.web.Lane;
import dev.orrery.web.Request;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicInteger;

/// The inference service of the Open Inference Protocol over gRPC, with its extensions for streams,
/// configuration, statistics and the repository; and the health service of gRPC.
///
/// The numbers of the fields are those of `grpc_service.proto` and `grpc_predict_v2.proto`.
final class GrpcRoutes {
  private static final String SERVICE = "/inference.GRPCInferenceService/";
  private static final int STREAMS_MAX = 64;

  private final Catalog catalog;
  private final AtomicInteger streams = new AtomicInteger();

  private GrpcRoutes(Catalog catalog) {
    this.catalog = catalog;
  }

  static void add(Routes routes, Catalog catalog) {
    var all = new GrpcRoutes(catalog);
    RouteOptions quick = RouteOptions.body(1 << 16).withEventLoop();
    RouteOptions small = RouteOptions.body(1 << 16);
    RouteOptions infer = OipRoutes.options().withAnyContentType().withEventLoop(all::isQuick);
    unary(routes, "ServerLive", Permission.PUBLIC, quick, _ -> new ProtoOut().flag(1, true));
    unary(
        routes,
        "ServerReady",
        Permission.PUBLIC,
        quick,
        _ -> new ProtoOut().flag(1, catalog.ready()));
    unary(routes, "ModelReady", Permission.VIEW, small, all::modelReady);
    unary(routes, "ServerMetadata", Permission.VIEW, small, _ -> serverMetadata());
    unary(routes, "ModelMetadata", Permission.VIEW, small, all::modelMetadata);
    unary(routes, "ModelConfig", Permission.VIEW, small, all::modelConfig);
    unary(routes, "ModelStatistics", Permission.VIEW, small, all::modelStatistics);
    unary(routes, "RepositoryIndex", Permission.VIEW, small, all::index);
    unary(routes, "RepositoryModelLoad", Permission.OPERATE, small, in -> all.move(in, true));
    unary(routes, "RepositoryModelUnload", Permission.OPERATE, small, in -> all.move(in, false));
    Grpc.unary(
        routes,
        SERVICE + "ModelInfer",
        Permission.PREDICT,
        infer,
        (message, request) -> all.infer(message, request.header(Asking.KEY).orElse("")).toBytes());
    Grpc.streaming(
        routes,
        SERVICE + "ModelStreamInfer",
        Permission.PREDICT,
        RouteOptions.streamed(1L << 40).withLane(Lane.INFERENCE),
        all::stream);
    unspoken(routes, SERVICE);
    health(routes, catalog, quick);
  }

  /// Answers the fields of one message with a message.
  private interface Method {
    ProtoOut answer(ProtoIn in);
  }

  private static void unary(
      Routes routes, String name, Permission permission, RouteOptions options, Method method) {
    Grpc.unary(
        routes,
        SERVICE + name,
        permission,
        options,
        (message, _) -> method.answer(new ProtoIn(message)).toBytes());
  }

  private static void unspoken(Routes routes, String service) {
    Grpc.unary(
        routes,
        service + "{method}",
        Permission.PUBLIC,
        RouteOptions.DEFAULT,
        (_, request) -> {
          throw new Problem(
              Fault.NOT_SPOKEN_HERE,
              "the method %s is not spoken here".formatted(Texts.shown(request.path("method"))),
              "Send tensors in the request: shared memory, traces and logs are not set from here");
        });
  }

  private static void health(Routes routes, Catalog catalog, RouteOptions options) {
    String service = "/grpc.health.v1.Health/";
    Grpc.unary(
        routes,
        service + "Check",
        Permission.PUBLIC,
        options,
        (message, _) -> {
          String asked = "";
          ProtoIn in = new ProtoIn(message);
          int field;
          while ((field = in.next()) != 0) {
            if (field == 1) asked = in.string();
            else in.skip();
          }
          if (!asked.isEmpty() && !asked.equals("inference.GRPCInferenceService")) {
            throw Problem.notFound("service", Texts.shown(asked), "Ask for the empty name");
          }
          return new ProtoOut().number(1, catalog.ready() ? 1 : 2).toBytes();
        });
    unspoken(routes, service);
  }

  /// Whether a network thread answers a request for inference. The model's name comes first.
  private boolean isQuick(Request request) {
    byte[] body = request.body();
    if (body.length > OipRoutes.QUICK_BYTES_MAX || body.length < 8) return false;
    int length = body[6];
    if (body[0] != 0 || body[5] != 0x0a || length <= 0 || length > body.length - 7) return false;
    String name = new String(body, 7, length, java.nio.charset.StandardCharsets.UTF_8);
    Servable servable = catalog.find(name);
    return servable != null && servable.isQuick(body.length);
  }

  /// A model and a version, as most requests name them in their fields 1 and 2.
  private record Named(String name, Optional<String> version) {
    static Named read(ProtoIn in) {
      String name = "";
      String version = "";
      int field;
      while ((field = in.next()) != 0) {
        switch (field) {
          case 1 -> name = in.string();
          case 2 -> version = in.string();
          default -> in.skip();
        }
      }
      return new Named(name, given(version));
    }
  }

  private static Optional<String> given(String version) {
    return version.isEmpty() ? Optional.empty() : Optional.of(version);
  }

  private ProtoOut modelReady(ProtoIn in) {
    Named asked = Named.read(in);
    return new ProtoOut().flag(1, catalog.get(asked.name()).ready(asked.version()));
  }

  private static ProtoOut serverMetadata() {
    return new ProtoOut()
        .string(1, "orrery")
        .string(2, InferenceRoutes.version())
        .strings(3, OipRoutes.EXTENSIONS);
  }

  private Servable.Metadata metadata(Named asked) {
    return catalog.get(asked.name()).metadata(asked.version());
  }

  private ProtoOut modelMetadata(ProtoIn in) {
    Servable.Metadata model = metadata(Named.read(in));
    ProtoOut out = new ProtoOut().string(1, model.name()).strings(2, model.versions());
    out.string(3, model.platform());
    model.inputs().forEach(port -> out.message(4, spec(port)));
    model.outputs().forEach(port -> out.message(5, spec(port)));
    return out;
  }

  private static long[] shape(Port port) {
    return port.shape().stream().mapToLong(Long::longValue).toArray();
  }

  private static ProtoOut spec(Port port) {
    return new ProtoOut()
        .string(1, port.name())
        .string(2, port.type().name())
        .numbers(3, shape(port));
  }

  private ProtoOut modelConfig(ProtoIn in) {
    Servable.Metadata model = metadata(Named.read(in));
    ProtoOut config = new ProtoOut().string(1, model.name()).string(2, model.platform());
    for (Port port : model.inputs()) {
      config.message(
          5,
          new ProtoOut()
              .string(1, port.name())
              .number(2, configType(port))
              .numbers(4, shape(port)));
    }
    for (Port port : model.outputs()) {
      config.message(
          6,
          new ProtoOut()
              .string(1, port.name())
              .number(2, configType(port))
              .numbers(3, shape(port)));
    }
    return new ProtoOut().message(1, config.string(17, "orrery"));
  }

  /// The number of a type in `model_config.proto`.
  private static int configType(Port port) {
    return switch (port.type()) {
      case BOOL -> 1;
      case UINT8 -> 2;
      case UINT16 -> 3;
      case UINT32 -> 4;
      case UINT64 -> 5;
      case INT8 -> 6;
      case INT16 -> 7;
      case INT32 -> 8;
      case INT64 -> 9;
      case FP16 -> 10;
      case FP32 -> 11;
      case FP64 -> 12;
      case BYTES -> 13;
      case BF16 -> 14;
    };
  }

  private ProtoOut modelStatistics(ProtoIn in) {
    Named asked = Named.read(in);
    ProtoOut out = new ProtoOut();
    List<Servable> servables =
        asked.name().isEmpty() ? catalog.all() : List.of(catalog.get(asked.name()));
    for (Servable servable : servables) {
      if (asked.version().isPresent()) {
        out.message(1, statistics(servable, asked.version().get()));
      } else {
        for (Servable.Version version : servable.versions()) {
          out.message(1, statistics(servable, version.version()));
        }
      }
    }
    return out;
  }

  private static ProtoOut statistics(Servable servable, String version) {
    Statistics s = servable.statistics(version);
    ProtoOut inference = new ProtoOut();
    int field = 0;
    for (Statistics.Timed timed : RepositoryRoutes.named(s).values()) {
      inference.message(++field, duration(timed));
    }
    ProtoOut out = new ProtoOut().string(1, servable.name()).string(2, version);
    out.number(3, s.lastMillis()).number(4, s.inferenceCount()).number(5, s.executionCount());
    out.message(6, inference);
    s.batches()
        .forEach((size, batch) ->
            out.message(
                7,
                new ProtoOut()
                    .number(1, size)
                    .message(2, duration(batch.input))
                    .message(3, duration(batch.infer))
                    .message(4, duration(batch.output))));
    return out;
  }

  private static ProtoOut duration(Statistics.Timed timed) {
    Statistics.Duration read = timed.read();
    return new ProtoOut().number(1, read.count()).number(2, read.ns());
  }

  private ProtoOut index(ProtoIn in) {
    boolean ready = false;
    int field;
    while ((field = in.next()) != 0) {
      if (field == 2) ready = in.number() != 0;
      else in.skip();
    }
    ProtoOut out = new ProtoOut();
    RepositoryRoutes.index(catalog, ready)
        .forEach(one ->
            out.message(
                1,
                new ProtoOut()
                    .string(1, one.get("name").textValue())
                    .string(2, one.get("version").textValue())
                    .string(3, one.get("state").textValue())
                    .string(4, one.get("reason").textValue())));
    return out;
  }

  private ProtoOut move(ProtoIn in, boolean load) {
    String name = "";
    int field;
    while ((field = in.next()) != 0) {
      switch (field) {
        case 2 -> name = in.string();
        case 3 -> {
          ProtoIn parameter = in.part();
          int inner;
          while ((inner = parameter.next()) != 0) {
            if (inner == 1) RepositoryRoutes.refuse(parameter.string());
            else parameter.skip();
          }
        }
        default -> in.skip();
      }
    }
    if (load) catalog.load(name);
    else catalog.get(name).unload();
    return new ProtoOut();
  }

  private void stream(Grpc.Incoming incoming, Grpc.Outgoing outgoing) throws IOException {
    if (streams.incrementAndGet() > STREAMS_MAX) {
      streams.decrementAndGet();
      throw new Problem(
          Fault.BUSY, "too many streams are open", "End another, or send single requests");
    }
    try {
      byte[] message;
      while ((message = incoming.next()) != null) {
        ProtoOut answer;
        try {
          answer = new ProtoOut().message(2, infer(message, ""));
        } catch (Problem e) {
          answer = new ProtoOut().string(1, String.valueOf(e.getMessage()));
        }
        outgoing.send(answer.toBytes());
      }
    } finally {
      streams.decrementAndGet();
    }
  }

  /// What a request for inference holds.
  private static final class Asked {
    String model = "";
    String version = "";
    String id = "";
    String key = "";
    long timeoutNanos;
    final List<GrpcTensors.Spec> specs = new ArrayList<>();
    final List<String> outputs = new ArrayList<>();
    final List<byte[]> raw = new ArrayList<>();

    static Asked read(ProtoIn in) {
      var asked = new Asked();
      int field;
      while ((field = in.next()) != 0) {
        switch (field) {
          case 1 -> asked.model = in.string();
          case 2 -> asked.version = in.string();
          case 3 -> asked.id = in.string();
          case 4 -> asked.parameter(in.part());
          case 5 -> asked.specs.add(GrpcTensors.spec(in.part()));
          case 6 -> asked.outputs.add(Named.read(in.part()).name());
          case 7 -> asked.raw.add(in.bytes());
          default -> in.skip();
        }
      }
      return asked;
    }

    /// An entry of the map of parameters; of these the timeout and the caller's key mean something
    /// here.
    private void parameter(ProtoIn in) {
      String name = "";
      ProtoIn value = null;
      int field;
      while ((field = in.next()) != 0) {
        switch (field) {
          case 1 -> name = in.string();
          case 2 -> value = in.part();
          default -> in.skip();
        }
      }
      if (value == null || !name.equals("timeout") && !name.equals(Asking.KEY)) return;
      boolean isKey = name.equals(Asking.KEY);
      while ((field = value.next()) != 0) {
        if (isKey && field == 3) key = value.string();
        else if (!isKey && (field == 2 || field == 5))
          timeoutNanos = Math.max(0, value.number()) * 1_000;
        else value.skip();
      }
    }

    SequencedMap<String, Tensor> inputs() {
      if (!raw.isEmpty() && raw.size() != specs.size()) {
        throw JsonIn.bad(
            "there are %d inputs and %d raw contents".formatted(specs.size(), raw.size()),
            "Send all of them raw, or none");
      }
      var inputs = new LinkedHashMap<String, Tensor>();
      for (int i = 0; i < specs.size(); i++) {
        GrpcTensors.Spec spec = specs.get(i);
        if (!raw.isEmpty() && spec.contents() != null) {
          throw JsonIn.bad(
              "input '%s' has contents, and others are raw".formatted(Texts.shown(spec.name())),
              "Send all of them raw, or none");
        }
        Tensor tensor = raw.isEmpty() ? GrpcTensors.typed(spec) : GrpcTensors.raw(spec, raw.get(i));
        if (inputs.putIfAbsent(spec.name(), tensor) != null) {
          throw JsonIn.bad(
              "input '%s' stands there twice".formatted(Texts.shown(spec.name())), "Send it once");
        }
      }
      return inputs;
    }
  }

  private ProtoOut infer(byte[] message, String header) {
    long began = System.nanoTime();
    Asked asked = Asked.read(new ProtoIn(message));
    Servable servable = catalog.get(asked.model);
    Optional<String> version = given(asked.version);
    SequencedMap<String, Tensor> inputs = Fit.fit(servable.metadata(version), asked.inputs());
    long parsed = System.nanoTime();
    Servable.Result result =
        servable.infer(
            new Servable.Call(version, inputs, Asking.key(header, asked.key), asked.timeoutNanos));
    long inferred = System.nanoTime();
    SequencedMap<String, Tensor> outputs =
        asked.outputs.isEmpty()
            ? result.outputs()
            : InferAnswer.chosen(result.outputs(), asked.outputs);
    boolean raw =
        !asked.raw.isEmpty()
            || outputs.values().stream().anyMatch(t -> GrpcTensors.field(t.type()) == 0);
    ProtoOut out = new ProtoOut().string(1, servable.name()).string(2, result.version());
    out.string(3, asked.id);
    for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
      out.message(5, GrpcTensors.output(output.getKey(), output.getValue(), raw));
    }
    if (raw) for (Tensor tensor : outputs.values()) out.tensor(6, tensor);
    Statistics statistics = servable.statistics(result.version());
    statistics.input.add(parsed - began);
    statistics.output.add(System.nanoTime() - inferred);
    return out;
  }
}
