package dev.orrery.inference;

import dev.orrery.model.Tensor;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What the protocols of rows have in common around a model's answer.
final class Asking {
  private Asking() {}

  static Servable.Result ask(
      Servable servable,
      Optional<String> version,
      SequencedMap<String, Tensor> inputs,
      Request request) {
    String key = request.header("orrery-key").orElse("");
    return servable.infer(new Servable.Call(version, inputs, key, 0));
  }

  static Response answered(Request request, String version, JsonOut json) {
    return OipRoutes.compressed(
        request, new Response(200, Response.JSON, json.bytes(), Map.of("orrery-version", version)));
  }
}
