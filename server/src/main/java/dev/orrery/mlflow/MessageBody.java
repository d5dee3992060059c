package dev.orrery.mlflow;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.web.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Bodies as MLflow reads them: what was encoded twice is decoded twice, and a bare `NaN` is read
/// as one. What is not JSON, or no object, is refused: MLflow takes it for an empty object, and
/// makes a run of a request that was cut off.
final class MessageBody {
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(100)
                          .maxNumberLength(400)
                          .build())
                  .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                  .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /// What Java reads as a double and nobody else does: `1d`, `0x1p3`, spaces.
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

  private MessageBody() {}

  static ObjectNode read(Request request) {
    requireJson(request);
    return parse(request.body());
  }

  /// MLflow refuses a POST or PUT of another type than JSON, whatever its body.
  static void requireJson(Request request) {
    if (!request.method().equals("POST") && !request.method().equals("PUT")) return;
    String type = request.header("content-type").orElse(null);
    if (type == null) {
      throw new Problem(
          Fault.BAD_MESSAGE,
          "Bad Request. Content-Type header is missing",
          "Send Content-Type: application/json");
    }
    if (!type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
      throw new Problem(
          Fault.BAD_MESSAGE,
          "Bad Request. Content-Type must be one of ['application/json']",
          "It was '%s'".formatted(Texts.shown(type)));
    }
  }

  static ObjectNode parse(byte[] body) {
    JsonNode node = tree(body);
    if (node != null && node.isTextual()) {
      node = tree(node.textValue().getBytes(StandardCharsets.UTF_8));
    }
    if (node == null || node.isNull() || node.isMissingNode()) {
      return JsonNodeFactory.instance.objectNode();
    }
    if (!(node instanceof ObjectNode object)) {
      throw new Problem(
          Fault.BAD_MESSAGE,
          "Bad Request. The body is JSON, but no object: it is a %s".formatted(type(node)),
          "Send an object: {...}");
    }
    requireWhole(object);
    return object;
  }

  /// Refuses what no store can keep as it is: NUL, and halves of characters.
  private static void requireWhole(JsonNode node) {
    if (node.isTextual() && !isWhole(node.textValue())) {
      throw new Problem(
          Fault.BAD_MESSAGE,
          "Invalid value '%s': it holds a NUL or half a character"
              .formatted(Texts.shown(node.textValue())),
          "Send whole Unicode characters other than NUL");
    }
    for (JsonNode inner : node) requireWhole(inner);
  }

  static boolean isWhole(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || Character.isLowSurrogate(c)) return false;
      if (Character.isHighSurrogate(c)) {
        if (++i >= text.length() || !Character.isLowSurrogate(text.charAt(i))) return false;
      }
    }
    return true;
  }

  private static @Nullable JsonNode tree(byte[] body) {
    if (body.length == 0) return null;
    try {
      return MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new Problem(
              Fault.BAD_MESSAGE,
              "Bad Request. The body is not JSON (%s%s)"
                  .formatted(
                      Texts.shown(
                          String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("")),
                      at == null
                          ? ""
                          : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr())),
              "Send an object: {...}")
          .because(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The double that a text stands for; null if it stands for none.
  static @Nullable Double number(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "nan" -> Double.NaN;
      case "infinity", "inf" -> Double.POSITIVE_INFINITY;
      case "-infinity", "-inf" -> Double.NEGATIVE_INFINITY;
      case String other when NUMBER.matcher(other).matches() -> Double.valueOf(other);
      default -> null;
    };
  }

  /// The type of a value as Python calls it.
  static String type(JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> "str";
      case BOOLEAN -> "bool";
      case NUMBER -> node.isIntegralNumber() ? "int" : "float";
      case ARRAY -> "list";
      case OBJECT -> "dict";
      default -> "NoneType";
    };
  }
}
