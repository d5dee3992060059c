package dev.orrery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void values_are_read() {
    assertThat(Json.read(" {\"a\": [1, -2.5e3, true, null, \"x\\n\\u00e9\\ud83d\\ude00\"]} "))
        .hasToString("{a=[1, -2500.0, true, null, x\né😀]}");
    assertThat(Json.read("[]")).isEqualTo(List.of());
    assertThat(Json.read("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "[1,]", "{\"a\"}", "tru", "\"open", "1 2", "{a: 1}", "\"\\x\"", "--1"})
  void what_is_not_json_is_refused(String text) {
    assertThatThrownBy(() -> Json.read(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void depth_is_bounded() {
    assertThatThrownBy(() -> Json.read("[".repeat(100_000)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void numbers_that_json_does_not_have_go_in_quotes() {
    assertThat(Json.write(List.of(Double.NaN, Double.POSITIVE_INFINITY, 1.5, 2L)))
        .isEqualTo("[\"NaN\",\"Infinity\",1.5,2]");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void any_text_and_any_double_come_back(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 1_000; i++) {
      double number = Double.longBitsToDouble(random.nextLong());
      if (!Double.isFinite(number)) continue;
      StringBuilder text = new StringBuilder();
      random.ints(random.nextInt(20), 0, 0x3000).forEach(text::appendCodePoint);
      Map<String, Object> map = Map.of("n", number, "t", text.toString());
      assertThat(Json.read(Json.write(map))).isEqualTo(map);
    }
  }
}
