package dev.orrery.inference;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.access.Permission;
import dev.orrery.base.Problem;
import dev.orrery.model.Datatype;
import dev.orrery.model.Tensor;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `/try`: a form for one row of a model, made from its signature. A page without scripts.
final class TryRoutes {
  private static final int FIELDS_MAX = 500;
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none';"
          + " frame-ancestors 'none'";

  private static final String HEAD =
      """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Try a model</title>
      <style>
      :root { color-scheme: light dark }
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
      label { display: grid; grid-template-columns: 1fr 1fr 5rem; gap: 1rem; margin: .3rem 0 }
      input { font: inherit }
      small { opacity: .7 }
      table { border-collapse: collapse } td, th { padding: .2rem 1rem .2rem 0; text-align: left }
      .wrong { border-left: 4px solid #c33; padding-left: 1rem }
      </style>
      """;

  private TryRoutes() {}

  static void add(Routes routes, Catalog catalog) {
    routes.get("/try", Permission.PREDICT, _ -> page(list(catalog)));
    routes.get(
        "/try/{model}",
        Permission.PREDICT,
        request -> page(form(catalog.get(request.path("model")), Map.of(), "")));
    routes.post(
        "/try/{model}",
        Permission.PREDICT,
        RouteOptions.body(1 << 18).withAnyContentType(),
        request -> answer(catalog.get(request.path("model")), request));
  }

  /// The list of models as the first page of a server that has no console.
  static void addFirstPage(Routes routes, Catalog catalog) {
    routes.get("/", Permission.PREDICT, _ -> page(list(catalog)));
  }

  private static Response page(String body) {
    return new Response(
        200,
        "text/html; charset=utf-8",
        (HEAD + body).getBytes(StandardCharsets.UTF_8),
        // Without it, a browser would not say that the form was this server's own.
        Map.of("content-security-policy", POLICY, "referrer-policy", "same-origin"));
  }

  private static String list(Catalog catalog) {
    var out = new StringBuilder("<h1>Models</h1>\n<ul>\n");
    for (Servable servable : catalog.all()) {
      String name = escaped(servable.name());
      out.append("<li><a href=\"/try/").append(name).append("\">").append(name).append("</a>\n");
    }
    return out.append("</ul>\n<p><a href=\"/openapi.json\">openapi.json</a></p>\n").toString();
  }

  private static String form(Servable servable, Map<String, String> values, String above) {
    Servable.Metadata model = servable.metadata(Optional.empty());
    var reader = new RowReader(model);
    var out = new StringBuilder();
    String name = escaped(servable.name());
    out.append("<p><a href=\"/try\">Models</a></p>\n<h1>").append(name).append("</h1>\n");
    out.append("<p><small>version ").append(escaped(model.versions().getFirst())).append(", ");
    out.append(escaped(model.platform())).append("</small></p>\n").append(above);
    out.append("<form method=\"post\" action=\"/try/").append(name).append("\">\n");
    int fields = 0;
    for (String field : Fit.names(model)) {
      if (fields++ == FIELDS_MAX) break;
      String type = reader.type(field).name();
      String shown = escaped(field);
      out.append("<label>").append(shown).append(" <input name=\"").append(shown).append('"');
      out.append(" value=\"").append(escaped(values.getOrDefault(field, ""))).append('"');
      out.append(" autocomplete=\"off\"> <small>").append(type).append("</small></label>\n");
    }
    return out.append("<p><button>Predict</button> <small>A field left empty is a missing value;")
        .append(" an input with several values takes them between commas.</small></p>\n</form>\n")
        .toString();
  }

  private static Response answer(Servable servable, Request request) {
    Map<String, String> values = fields(request.text());
    Servable.Metadata model = servable.metadata(Optional.empty());
    var reader = new RowReader(model);
    String above;
    try {
      ObjectNode row = JsonNodeFactory.instance.objectNode();
      for (String name : Fit.names(model)) put(row, name, reader.type(name), values.get(name));
      var rows = JsonNodeFactory.instance.arrayNode().add(row);
      Servable.Result result =
          Asking.ask(servable, Optional.empty(), reader.objects(rows), request);
      above = outputs(result);
    } catch (Problem e) {
      above = "<p class=\"wrong\">" + escaped(String.valueOf(e.getMessage())) + "</p>\n";
    }
    return page(form(servable, values, above));
  }

  private static String outputs(Servable.Result result) {
    var out = new StringBuilder("<table>\n");
    for (Map.Entry<String, Tensor> output : result.outputs().entrySet()) {
      var json = new JsonOut(64, JsonOut.Odd.BARE);
      int unused = TensorJson.nested(json, output.getValue(), 0, 0);
      out.append("<tr><th>").append(escaped(output.getKey())).append("<td><code>");
      out.append(escaped(new String(json.bytes(), StandardCharsets.UTF_8)));
      out.append("</code>\n");
    }
    return out.append("</table>\n").toString();
  }

  private static void put(ObjectNode row, String name, Datatype type, @Nullable String text) {
    if (text == null || text.isBlank()) {
      row.putNull(name);
    } else if (type == Datatype.BYTES) {
      row.put(name, text);
    } else if (text.contains(",")) {
      var list = row.putArray(name);
      for (String part : text.split(",", -1)) list.add(number(name, part));
    } else {
      row.put(name, number(name, text));
    }
  }

  private static java.math.BigDecimal number(String name, String text) {
    try {
      String plain = text.strip();
      if (plain.length() <= 400) return new java.math.BigDecimal(plain);
    } catch (NumberFormatException e) {
      throw notANumber(name, text).because(e);
    }
    throw notANumber(name, text);
  }

  private static Problem notANumber(String name, String text) {
    return JsonIn.bad(
        "'%s' is no number for '%s'"
            .formatted(dev.orrery.base.Texts.shown(text), dev.orrery.base.Texts.shown(name)),
        "Write it as 12.5, or leave the field empty where it is missing");
  }

  /// The fields of a form as a browser sends them.
  private static Map<String, String> fields(String body) {
    var fields = new LinkedHashMap<String, String>();
    for (String pair : List.of(body.split("&", FIELDS_MAX + 1))) {
      int equals = pair.indexOf('=');
      if (equals <= 0) continue;
      try {
        fields.put(
            URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      } catch (IllegalArgumentException e) {
        throw JsonIn.bad("the form is damaged", "Send it anew").because(e);
      }
    }
    return fields;
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
