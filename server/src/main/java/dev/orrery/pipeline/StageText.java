package dev.orrery.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A stage's result in a few words.
public final class StageText {
  private StageText() {}

  /// @return null where there is nothing to tell yet
  public static @Nullable String of(StageRun stage) {
    if (stage.failure() != null) return stage.failure().what();
    JsonNode output = stage.output();
    if (output == null) return null;
    return switch (stage.stage()) {
      case DATA ->
          "%s, %,d rows".formatted(output.path("version").asText(), output.path("rows").asLong());
      case FEATURES ->
          "version %s, %d features"
              .formatted(output.path("version").asText(), output.path("features").size());
      case TRAIN -> trained(output);
      case GATE -> gated(output);
      case REGISTER -> output.path("version").asText();
      case DEPLOY -> output.path("done").asText();
    };
  }

  private static String trained(JsonNode output) {
    var text = new StringBuilder();
    for (JsonNode model : output.path("models")) {
      if (!text.isEmpty()) text.append(", ");
      text.append(model.path("kind").asText());
      JsonNode auc = model.path("metrics").path("auc_roc");
      if (auc.isNumber()) text.append(String.format(Locale.ROOT, " %.4f", auc.asDouble()));
    }
    return text.toString();
  }

  private static String gated(JsonNode output) {
    JsonNode rejections = output.path("rejections");
    if (!rejections.isEmpty()) return "rejected: " + rejections.get(0).asText();
    int passed = 0;
    int unknown = 0;
    for (JsonNode result : output.path("results")) {
      String state = result.path("state").asText();
      if (state.equals("PASSED")) passed++;
      else if (state.equals("UNKNOWN")) unknown++;
    }
    return "%s: %d passed, %d unknown"
        .formatted(output.path("candidate").path("kind").asText(), passed, unknown);
  }
}
