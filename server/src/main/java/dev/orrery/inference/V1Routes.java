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
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// TensorFlow Serving's REST, whose paths are read whatever their case, and KServe's V1, which has
/// the same form and is answered by the same words.
final class V1Routes {
  private static final Pattern PATH =
      Pattern.compile(
          "models/([^/:]+)(?:/versions/([^/:]+)|/labels/([^/:]+))?(?::([a-z]+)|/(metadata))?",
          Pattern.CASE_INSENSITIVE);

  private final Catalog catalog;

  private V1Routes(Catalog catalog) {
    this.catalog = catalog;
  }

  static void add(Routes routes, Catalog catalog) {
    var v1 = new V1Routes(catalog);
    for (String root : List.of("/v1", "/V1")) {
      routes.get(root + "/{path...}", Permission.VIEW, v1::get);
      routes.post(root + "/{path...}", Permission.PREDICT, OipRoutes.options(), v1::post);
    }
  }

  /// What a path names.
  private record Target(
      Servable servable, Optional<String> version, String verb, boolean metadata) {}

  private Target target(Request request) {
    String path = request.path("path");
    Matcher found = PATH.matcher(path);
    if (!found.matches()) {
      throw new Problem(
          Fault.NO_SUCH_ROUTE,
          "nothing is answered at %s".formatted(Texts.shown(request.path())),
          "Ask /v1/models/NAME, or post to /v1/models/NAME:predict");
    }
    Servable servable = catalog.get(found.group(1));
    Optional<String> version = Optional.ofNullable(found.group(2));
    String label = found.group(3);
    if (label != null && !label.equals("latest") && !label.equals("stable")) {
      throw new Problem(
          Fault.UNKNOWN_MODEL,
          "'%s' has no label '%s'".formatted(servable.name(), Texts.shown(label)),
          Texts.didYouMean(label, List.of("latest", "stable")));
    }
    String verb = found.group(4);
    return new Target(
        servable,
        version,
        verb == null ? "" : verb.toLowerCase(Locale.ROOT),
        found.group(5) != null);
  }

  private Response get(Request request) {
    if (request.path("path").equalsIgnoreCase("models")) {
      ObjectNode all = JsonNodeFactory.instance.objectNode();
      ArrayNode names = all.putArray("models");
      catalog.all().forEach(servable -> names.add(servable.name()));
      return Response.json(all);
    }
    Target target = target(request);
    if (!target.verb().isEmpty()) {
      throw new Problem(
          Fault.WRONG_METHOD, ":%s is posted to".formatted(target.verb()), "Use POST");
    }
    return Response.json(
        target.metadata()
            ? metadata(target.servable().metadata(target.version()))
            : status(target.servable(), target.version()));
  }

  /// TensorFlow Serving's keys and KServe's.
  private static ObjectNode status(Servable servable, Optional<String> version) {
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    ArrayNode versions = status.putArray("model_version_status");
    for (Servable.Version one : servable.versions()) {
      if (version.isPresent() && !version.get().equals(one.version())) continue;
      boolean ready = one.state() == Servable.State.READY;
      ObjectNode told = versions.addObject().put("version", one.version());
      told.put(
          "state",
          switch (one.state()) {
            case READY -> "AVAILABLE";
            case LOADING -> "LOADING";
            case UNLOADING -> "UNLOADING";
            case UNAVAILABLE -> "END";
          });
      told.putObject("status")
          .put("error_code", ready || one.reason().isEmpty() ? "OK" : "UNKNOWN")
          .put("error_message", one.reason());
    }
    if (version.isPresent() && versions.isEmpty()) {
      throw new Problem(
          Fault.UNKNOWN_MODEL,
          "'%s' has no version %s".formatted(servable.name(), Texts.shown(version.get())),
          "Ask /v1/models/%s which there are".formatted(servable.name()));
    }
    return status
        .put("name", servable.name())
        .put("ready", !versions.isEmpty() && servable.ready(version));
  }

  private static ObjectNode metadata(Servable.Metadata model) {
    ObjectNode told = JsonNodeFactory.instance.objectNode();
    told.putObject("model_spec")
        .put("name", model.name())
        .put("signature_name", "")
        .put("version", model.versions().isEmpty() ? "" : model.versions().getFirst());
    ObjectNode signature =
        told.putObject("metadata")
            .putObject("signature_def")
            .putObject("signature_def")
            .putObject("serving_default");
    ports(signature.putObject("inputs"), model.inputs());
    ports(signature.putObject("outputs"), model.outputs());
    signature.put("method_name", "tensorflow/serving/predict");
    return told;
  }

  private static void ports(ObjectNode into, List<Port> ports) {
    for (Port port : ports) {
      ObjectNode one = into.putObject(port.name());
      one.put("dtype", dtype(port.type()));
      ObjectNode shape = one.putObject("tensor_shape");
      ArrayNode dims = shape.putArray("dim");
      for (long length : port.shape()) {
        dims.addObject().put("size", Long.toString(length)).put("name", "");
      }
      shape.put("unknown_rank", false);
      one.put("name", port.name() + ":0");
    }
  }

  private static String dtype(Datatype type) {
    return switch (type) {
      case FP64 -> "DT_DOUBLE";
      case FP32 -> "DT_FLOAT";
      case FP16 -> "DT_HALF";
      case BF16 -> "DT_BFLOAT16";
      case BYTES -> "DT_STRING";
      default -> "DT_" + type.name();
    };
  }

  private Response post(Request request) {
    Target target = target(request);
    return switch (target.verb()) {
      case "predict" -> predict(target, request);
      case "classify", "regress" -> examples(target, request);
      case "explain" ->
          throw new Problem(
              Fault.NO_EXPLAINER,
              "'%s' has no explainer".formatted(target.servable().name()),
              "Ask for predictions with :predict");
      default ->
          throw new Problem(
              Fault.NO_SUCH_ROUTE,
              "there is no '%s' of a model".formatted(Texts.shown(target.verb())),
              "Post to :predict, :classify or :regress");
    };
  }

  private static void checkSignature(JsonNode body) {
    String name = body.path("signature_name").asText("");
    if (name.isEmpty() || name.equals("serving_default")) return;
    throw JsonIn.bad(
        "there is no signature '%s'".formatted(Texts.shown(name)),
        "Leave it out: the one signature is serving_default");
  }

  private static Response predict(Target target, Request request) {
    JsonNode body = JsonIn.tree(request.body());
    checkSignature(body);
    Optional<String> version = target.version();
    var reader = new RowReader(target.servable().metadata(version));
    @Nullable JsonNode instances = body.get("instances");
    @Nullable JsonNode inputs = body.get("inputs");
    if ((instances == null) == (inputs == null)) {
      throw JsonIn.bad(
          instances == null
              ? "the request has neither 'instances' nor 'inputs'"
              : "the request has both 'instances' and 'inputs'",
          "Send one of them");
    }
    SequencedMap<String, dev.orrery.model.Tensor> tensors;
    if (instances != null) {
      tensors = reader.rows(instances, "instances");
    } else {
      boolean named = inputs.isObject() && !(inputs.size() == 1 && inputs.has("b64"));
      tensors = named ? reader.columns(inputs) : reader.value(inputs);
    }
    Servable.Result result = Asking.ask(target.servable(), version, tensors, request);
    JsonOut out = new JsonOut(256, JsonOut.Odd.BARE);
    if (instances != null) {
      out.raw("{\"predictions\":");
      Answers.rows(out, result.outputs(), true);
    } else {
      out.raw("{\"outputs\":");
      Answers.columns(out, result.outputs());
    }
    return Asking.answered(request, result.version(), out.put('}'));
  }

  private static Response examples(Target target, Request request) {
    JsonNode body = JsonIn.tree(request.body());
    checkSignature(body);
    JsonNode examples = body.path("examples");
    JsonNode context = body.path("context");
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (JsonNode example : examples) {
      ObjectNode row = rows.addObject();
      for (String name : (Iterable<String>) context::fieldNames) {
        if (example.has(name)) {
          throw JsonIn.bad(
              "'%s' stands in the context and in an example".formatted(Texts.shown(name)),
              "Send it in one of them");
        }
        row.set(name, single(context.get(name)));
      }
      for (String name : (Iterable<String>) example::fieldNames) {
        row.set(name, single(example.get(name)));
      }
    }
    if (!examples.isArray() || rows.isEmpty()) {
      throw JsonIn.bad("'examples' is no list of objects", "Send [{\"feature\": value}]");
    }
    Optional<String> version = target.version();
    var reader = new RowReader(target.servable().metadata(version));
    Servable.Result result = Asking.ask(target.servable(), version, reader.objects(rows), request);
    JsonOut out = new JsonOut(256, JsonOut.Odd.BARE);
    out.raw("{\"results\":");
    if (target.verb().equals("classify")) Answers.classes(out, result.outputs());
    else Answers.regression(out, result.outputs());
    return Asking.answered(request, result.version(), out.put('}'));
  }

  /// A feature of one value may stand in a list.
  private static JsonNode single(JsonNode value) {
    return value.isArray() && value.size() == 1 ? value.get(0) : value;
  }
}
