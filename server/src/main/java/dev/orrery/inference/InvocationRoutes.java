package dev.orrery.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.access.Permission;
import dev.orrery.base.Texts;
import dev.orrery.model.Datatype;
import dev.orrery.model.Tensor;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// MLflow's scoring server: `/invocations` in its four forms of JSON and as CSV, and `/ping`.
final class InvocationRoutes {
  private static final List<String> FORMS =
      List.of("dataframe_split", "dataframe_records", "instances", "inputs");
  private static final Set<String> LLM = Set.of("messages", "prompt", "input");
  private static final byte[] NEWLINE = {'\n'};

  private InvocationRoutes() {}

  static void add(Routes routes, Catalog catalog) {
    routes.get(
        "/ping",
        Permission.PUBLIC,
        RouteOptions.DEFAULT.withEventLoop(),
        _ -> new Response(catalog.ready() ? 200 : 404, Response.JSON, NEWLINE, Map.of()));
    routes.post(
        "/invocations?model",
        Permission.PREDICT,
        OipRoutes.options(),
        request -> invoke(catalog, request));
  }

  private static Response invoke(Catalog catalog, Request request) {
    Optional<Response> refused = refused(request.header("content-type").orElse(""));
    if (refused.isPresent()) return refused.get();
    Servable servable = request.query("model").map(catalog::get).orElseGet(catalog::theDefault);
    var model = servable.metadata(Optional.empty());
    var frames = new RowReader(model, true);
    boolean csv = request.header("content-type").orElse("").startsWith("text/csv");
    SequencedMap<String, Tensor> inputs =
        csv ? csv(frames, request.text()) : json(servable, model, JsonIn.tree(request.body()));
    Servable.Result result = Asking.ask(servable, Optional.empty(), inputs, request);
    JsonOut out = new JsonOut(256, JsonOut.Odd.STRICT);
    out.raw("{\"predictions\":");
    Answers.rows(out, result.outputs(), false);
    return Asking.answered(request, result.version(), out.put('}'));
  }

  /// Types that are not read: only JSON and CSV are, in UTF-8. No type at all counts as JSON.
  private static Optional<Response> refused(String type) {
    if (type.isEmpty()) return Optional.empty();
    String[] parts = type.split(";", -1);
    String media = parts[0].strip().toLowerCase(Locale.ROOT);
    boolean known = media.equals("application/json") || media.equals("text/csv");
    // curl says this of any --data for which no type was given.
    boolean plain = media.equals("application/x-www-form-urlencoded") && parts.length == 1;
    for (int i = 1; i < parts.length; i++) {
      known &= parts[i].strip().toLowerCase(Locale.ROOT).equals("charset=utf-8");
    }
    return known || plain
        ? Optional.empty()
        : Optional.of(
            Response.text(
                415,
                "Content-Type is '%s'. Send application/json or text/csv, in utf-8."
                    .formatted(Texts.shown(type))));
  }

  private static SequencedMap<String, Tensor> json(
      Servable servable, Servable.Metadata model, JsonNode body) {
    String form = null;
    int forms = 0;
    for (String key : (Iterable<String>) body::fieldNames) {
      if (LLM.contains(key)) {
        throw JsonIn.bad(
            "'%s' is a request for a language model".formatted(key),
            "Send one of " + String.join(", ", FORMS));
      }
      if (FORMS.contains(key)) {
        form = key;
        forms++;
      } else if (!key.equals("params")) {
        throw JsonIn.bad(
            "'%s' is not expected here".formatted(Texts.shown(key)), Texts.didYouMean(key, FORMS));
      }
    }
    if (form == null || forms > 1) {
      throw JsonIn.bad(
          "the request has %d of the forms".formatted(forms),
          "Send exactly one of " + String.join(", ", FORMS));
    }
    if (body.has("params")) requireNone(servable, body.get("params"));
    var reader = new RowReader(model);
    var frames = new RowReader(model, true);
    JsonNode given = body.get(form);
    return switch (form) {
      case "dataframe_split" -> split(frames, given);
      case "dataframe_records" -> frames.rows(given, form);
      case "instances" -> reader.rows(given, form);
      default -> given.isObject() ? reader.columns(given) : reader.value(given);
    };
  }

  /// Refuses parameters that the model takes and would not be given; others say nothing to it, and
  /// MLflow lets them pass too.
  private static void requireNone(Servable servable, JsonNode params) {
    if (!params.isObject()) {
      throw JsonIn.bad("'params' is no object", "Send {\"params\": {}}, or leave it out");
    }
    for (String name : servable.params()) {
      if (!params.has(name)) continue;
      throw JsonIn.bad(
          "'%s' takes '%s' by its signature, and params are not supported here"
              .formatted(servable.name(), Texts.shown(name)),
          "Leave it out: the model answers by the default that it was logged with");
    }
  }

  private static SequencedMap<String, Tensor> split(RowReader reader, JsonNode frame) {
    if (!frame.isObject()) {
      throw JsonIn.bad("'dataframe_split' is no object", "Send {\"columns\":[],\"data\":[]}");
    }
    for (String key : (Iterable<String>) frame::fieldNames) {
      if (!Set.of("data", "columns", "index").contains(key)) {
        throw JsonIn.bad(
            "'%s' is not expected in 'dataframe_split'".formatted(Texts.shown(key)),
            "Send columns, index and data");
      }
    }
    JsonNode data = frame.path("data");
    if (!data.isArray() || data.isEmpty()) {
      throw JsonIn.bad("'data' is no list of rows", "Send at least one row");
    }
    JsonNode columns = frame.path("columns");
    if (columns.isMissingNode() || columns.isNull()) return reader.lists(data);
    List<String> names = new ArrayList<>();
    for (JsonNode column : columns) names.add(column.asText());
    return reader.lists(names, data);
  }

  /// CSV with a header line; an empty field that is not quoted is a missing value.
  static SequencedMap<String, Tensor> csv(RowReader reader, String text) {
    List<List<@Nullable String>> rows = Csv.rows(text);
    if (rows.size() < 2) throw JsonIn.bad("the CSV has no rows", "Send a header line and rows");
    List<String> header = rows.getFirst().stream().map(String::valueOf).toList();
    List<Datatype> types = reader.types(header);
    if (new HashSet<>(header).size() < header.size()) {
      String twice =
          header.stream().filter(name -> Collections.frequency(header, name) > 1).findFirst().get();
      throw JsonIn.bad(
          "the column '%s' stands twice in the CSV's header".formatted(Texts.shown(twice)),
          "Send each column once");
    }
    var records = JsonNodeFactory.instance.arrayNode();
    for (int row = 1; row < rows.size(); row++) {
      List<@Nullable String> values = rows.get(row);
      if (values.size() != header.size()) {
        throw JsonIn.bad(
            "row %d has %d fields, and the header %d"
                .formatted(row - 1, values.size(), header.size()),
            "Send as many in each line");
      }
      ObjectNode record = records.addObject();
      for (int i = 0; i < header.size(); i++) {
        String name = header.get(i);
        record.set(name, RowReader.cell(name, types.get(i), values.get(i), row - 1));
      }
    }
    return reader.objects(records);
  }
}
