package dev.orrery.inference;

import dev.orrery.base.Texts;
import dev.orrery.model.Tensor;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What the protocols of rows have in common around a model's answer.
final class Asking {
  /// Where a caller says who it is: a header, or a parameter of the Open Inference Protocol.
  static final String KEY = "orrery-key";

  private Asking() {}

  /// The caller's key, wherever it stands.
  ///
  /// @throws dev.orrery.base.Problem of kind INVALID if it stands in both and differs
  static String key(String header, String parameter) {
    if (parameter.isEmpty() || header.isBlank() || header.equals(parameter)) {
      return parameter.isEmpty() ? header : parameter;
    }
    throw JsonIn.bad(
        "the caller is '%s' in the header and '%s' in the parameter %s"
            .formatted(Texts.shown(header), Texts.shown(parameter), KEY),
        "Send the key once, or the same in both");
  }

  static Servable.Result ask(
      Servable servable,
      Optional<String> version,
      SequencedMap<String, Tensor> inputs,
      Request request) {
    String key = request.header(KEY).orElse("");
    return servable.infer(new Servable.Call(version, inputs, key, 0));
  }

  static Response answered(Request request, String version, JsonOut json) {
    return OipRoutes.compressed(
        request, new Response(200, Response.JSON, json.bytes(), Map.of("orrery-version", version)));
  }
}
