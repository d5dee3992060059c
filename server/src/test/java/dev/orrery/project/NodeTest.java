package dev.orrery.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import dev.orrery.base.Quantity.Dimension;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeTest {
  @TempDir Path folder;
  private Node node;

  @BeforeEach
  void read() throws IOException {
    String yaml =
        """
        text: hello
        number: 0.85
        whole: 42
        large: 1e400
        flag: true
        span: 12h
        quoted: "0.85"
        list: [1, two]
        nothing: ~
        block: { inner: 1 }
        """;
    node = Folders.yaml(folder, yaml).under("");
  }

  @Test
  void values_are_read_as_what_they_are() {
    assertThat(node.get("text").text()).isEqualTo("hello");
    assertThat(node.get("number").number()).isEqualTo(0.85);
    assertThat(node.get("number").text()).isEqualTo("0.85");
    assertThat(node.get("whole").whole()).isEqualTo(42);
    assertThat(node.get("flag").flag()).isTrue();
    assertThat(node.get("span").span()).isEqualTo(Duration.ofHours(12));
    assertThat(node.get("list").list()).extracting(Node::text).containsExactly("1", "two");
    assertThat(node.get("block").map().keySet()).containsExactly("inner");
    assertThat(node.get("block").get("inner").path()).isEqualTo("block.inner");
    assertThat(node.get("list").list().get(1).path()).isEqualTo("list[1]");
  }

  @Test
  void what_is_absent_or_null_is_not_found_and_has_its_default() {
    assertThat(node.find("nothing")).isEmpty();
    assertThat(node.has("nothing")).isFalse();
    assertThat(node.text("absent", "x")).isEqualTo("x");
    assertThat(node.number("absent", 0.5)).isEqualTo(0.5);
    assertThat(node.whole("whole", 1)).isEqualTo(42);
    assertThat(node.flag("absent", true)).isTrue();
  }

  @Test
  void a_wrong_type_says_what_stands_there_and_what_is_wanted() {
    problem(() -> node.get("text").number(), "text is the text 'hello', not a number", "1:7");
    problem(() -> node.get("quoted").number(), "quoted is the text '0.85', not a number", "7:9");
    problem(() -> node.get("number").whole(), "number is 0.85, not a whole number", "2:9");
    problem(() -> node.get("large").number(), "large is 1e400, not a finite number", "4:8");
    problem(() -> node.get("whole").whole(1, 9), "not a whole number from 1 to 9", "3:8");
    problem(() -> node.get("number").number(1, 2), "not a number from 1 to 2", "2:9");
    problem(() -> node.get("block").text(), "block is a block, not a text", "10:8");
    problem(() -> node.get("list").get("x"), "list is a list, not a block of keys", "8:7");
    problem(() -> node.get("text").flag(), "not true or false", "1:7");
    problem(() -> node.get("text").quantity(), "'hello' is not a quantity", "1:7");
    problem(() -> node.get("span").quantity(Dimension.BYTES), "not a size such as 50MB", "6:7");
    problem(() -> node.get("text").choice(Set.of("hallo")), "Did you mean 'hallo'", "1:7");
  }

  @Test
  void an_unknown_key_names_the_nearest_known_one() {
    problem(
        () -> node.get("block").knownKeys("iner", "outer"),
        "unknown key 'inner' in block. Did you mean 'iner'",
        "10:10");
  }

  @Test
  void a_missing_key_names_its_block() {
    problem(() -> node.get("block").get("x"), "block has no 'x'", "10:8");
    problem(() -> node.get("absent"), "some.yaml has no 'absent'", "1:1");
  }

  @Test
  void json_keeps_order_and_types() {
    assertThat(node.json())
        .hasToString(
            "{\"text\":\"hello\",\"number\":0.85,\"whole\":42,\"large\":\"1e400\",\"flag\":true,"
                + "\"span\":\"12h\",\"quoted\":\"0.85\",\"list\":[1,\"two\"],\"nothing\":null,"
                + "\"block\":{\"inner\":1}}");
  }

  private static void problem(ThrowingCallable call, String what, String place) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Problem.class,
            e -> assertThat(e.place().orElseThrow()).hasToString("some.yaml:" + place))
        .hasMessageContaining(what);
  }
}
