package dev.orrery.inference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Parsers of clients' JSON: depth at most 100, numbers at most 400 characters, `NaN`, `Infinity`
/// and `-Infinity` as bare words besides what JSON has.
final class JsonIn {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(100).maxNumberLength(400).build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              FACTORY.rebuild().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(com.fasterxml.jackson.databind.DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
          .build();

  /// Reads what stands at the parser.
  interface Reader<T extends @Nullable Object> {
    T read(JsonParser parser) throws IOException;
  }

  private JsonIn() {}

  /// Reads one value out of bytes.
  ///
  /// @throws Problem of kind INVALID if they are not JSON, or more follows
  static <T extends @Nullable Object> T read(byte[] bytes, int from, int length, Reader<T> reader) {
    try (JsonParser parser = FACTORY.createParser(bytes, from, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw bad("the body is not a JSON object", "Send an object: {...}");
      }
      T value = reader.read(parser);
      if (parser.nextToken() != null) throw bad("something follows the JSON", "Send one object");
      return value;
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /// The tree, for requests that are not of the usual form.
  static JsonNode tree(byte[] bytes) {
    try {
      JsonNode tree = MAPPER.readTree(bytes);
      if (tree == null || !tree.isObject()) {
        throw bad("the body is not a JSON object", "Send an object: {...}");
      }
      return tree;
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  private static Problem malformed(IOException e) {
    String where = "";
    String what = String.valueOf(e.getMessage());
    if (e instanceof JsonProcessingException json) {
      what = Json.said(json);
      if (json.getLocation() != null) {
        where =
            " at line %d, column %d"
                .formatted(json.getLocation().getLineNr(), json.getLocation().getColumnNr());
      }
    }
    return new Problem(
            Fault.BAD_JSON,
            "not JSON%s: %s".formatted(where, Texts.shown(what)),
            "Mend the JSON and send it again")
        .because(e);
  }

  static Problem bad(String what, String remedy) {
    return new Problem(Fault.BAD_INFERENCE, what, remedy);
  }
}
