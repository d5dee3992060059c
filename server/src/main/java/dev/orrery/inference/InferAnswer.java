package dev.orrery.inference;

import dev.orrery.base.Texts;
import dev.orrery.model.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// The answer of the Open Inference Protocol: JSON, with the binary tensors behind it.
///
/// @param headerLength how many bytes are JSON; -1 if all are
record InferAnswer(byte[] body, int headerLength) {
  /// Those of the outputs that are asked for, in the order in which they are.
  ///
  /// @throws dev.orrery.base.Problem of kind INVALID for one that there is not
  static SequencedMap<String, Tensor> chosen(
      SequencedMap<String, Tensor> outputs, List<String> asked) {
    var chosen = new LinkedHashMap<String, Tensor>();
    for (String name : asked) {
      Tensor tensor = outputs.get(name);
      if (tensor == null) {
        throw JsonIn.bad(
            "there is no output '%s'".formatted(Texts.shown(name)),
            Texts.didYouMean(name, outputs.keySet()));
      }
      chosen.put(name, tensor);
    }
    return chosen;
  }

  static InferAnswer of(String model, Servable.Result result, InferRequest request) {
    List<InferRequest.Requested> asked = request.outputs();
    SequencedMap<String, Tensor> outputs =
        asked == null
            ? result.outputs()
            : chosen(result.outputs(), asked.stream().map(InferRequest.Requested::name).toList());
    JsonOut out = new JsonOut(capacity(outputs), JsonOut.Odd.STRICT);
    out.raw("{\"model_name\":").string(model);
    out.raw(",\"model_version\":").string(result.version());
    String id = request.id();
    if (id != null) out.raw(",\"id\":").string(id);
    out.raw(",\"outputs\":[");
    List<Tensor> behind = new ArrayList<>(0);
    int more = 0;
    boolean first = true;
    int place = 0;
    for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
      if (!first) out.put(',');
      first = false;
      Tensor tensor = output.getValue();
      head(out, output.getKey(), tensor);
      Boolean own = asked == null ? null : asked.get(place).binary();
      place++;
      if (own == null ? request.binary() : own) {
        int length = TensorBytes.length(tensor);
        out.raw(",\"parameters\":{\"binary_data_size\":").number((long) length).raw("}}");
        behind.add(tensor);
        more = Math.addExact(more, length);
      } else {
        out.raw(",\"data\":[");
        TensorJson.write(out, tensor, 0, Math.toIntExact(tensor.count()));
        out.raw("]}");
      }
    }
    out.raw("]}");
    if (behind.isEmpty()) return new InferAnswer(out.bytes(), -1);
    int json = out.length();
    byte[] body = out.bytes(more);
    ByteBuffer rest = ByteBuffer.wrap(body, json, more).order(ByteOrder.LITTLE_ENDIAN);
    behind.forEach(tensor -> TensorBytes.write(tensor, rest));
    return new InferAnswer(body, json);
  }

  private static int capacity(SequencedMap<String, Tensor> outputs) {
    long count = 0;
    for (Tensor tensor : outputs.values()) count += tensor.count();
    return (int) Math.min(1 << 20, 160 + 96L * outputs.size() + 20 * count);
  }

  private static void head(JsonOut out, String name, Tensor tensor) {
    out.raw("{\"name\":").string(name);
    out.raw(",\"datatype\":\"").raw(tensor.type().name());
    out.raw("\",\"shape\":[");
    for (int i = 0; i < tensor.shape().length; i++) {
      if (i > 0) out.put(',');
      out.number(tensor.shape()[i]);
    }
    out.put(']');
  }
}
