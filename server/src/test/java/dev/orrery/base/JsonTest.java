package dev.orrery.base;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'a' 1} ~ at line 1, column 6: Unexpected character ('1'): was expecting a colon",
        "{'a':1 ~ Unexpected end-of-input: expected close marker for Object",
        "{a:1} ~ was expecting double-quote to start field name",
        "[1,] ~ at line 1, column 4: Unexpected character (']')",
        "tru ~ Unrecognized token 'tru'",
        "{'a':01} ~ Leading zeroes not allowed",
        "{'a':NaN} ~ NaN is not JSON"
      })
  void what_is_no_json_is_told_with_its_place_and_in_whole_sentences(String line) {
    String[] parts = line.split(" ~ ", 2);
    String text = parts[0].replace('\'', '"');
    String told = parts[1];
    assertThatThrownBy(() -> Json.tree(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(Problem.class)
        .hasMessageContaining(told)
        .message()
        .doesNotContain("was expecting.")
        .doesNotContain("Source");
  }

  @Test
  void depth_is_limited_and_the_limit_told() {
    byte[] deep = "[".repeat(1_200).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Json.tree(deep))
        .hasMessageContaining("nesting depth (101) exceeds the 100 allowed");
  }
}
