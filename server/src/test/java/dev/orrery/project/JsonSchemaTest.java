package dev.orrery.project;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class JsonSchemaTest {
  private static final Path GOLDEN = Path.of("../docs/reference/orrery.schema.json");

  @Test
  void the_published_schema_is_the_one_that_the_check_uses() throws IOException {
    if (System.getenv("ORRERY_GOLDEN") != null) {
      Files.createDirectories(GOLDEN.getParent());
      Files.writeString(GOLDEN, JsonSchema.text());
    }
    assertThat(JsonSchema.text())
        .as("run the test with ORRERY_GOLDEN=1 to write it anew")
        .isEqualTo(Files.readString(GOLDEN));
  }

  @Test
  void a_block_may_be_a_path_and_the_project_may_not() {
    JsonNode schema = Json.tree(JsonSchema.text().getBytes(StandardCharsets.UTF_8));

    assertThat(schema.at("/type").asText()).isEqualTo("object");
    assertThat(schema.at("/additionalProperties").asBoolean(true)).isFalse();
    assertThat(schema.at("/required").toString()).isEqualTo("[\"orrery\",\"project\"]");
    assertThat(schema.at("/properties/problem/anyOf/1/type").asText()).isEqualTo("string");
    assertThat(schema.at("/properties/data/description").asText()).isNotEmpty();
  }
}
