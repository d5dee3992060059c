package dev.orrery.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Damaged and hostile files are refused before any of them is run, or do no harm.
class DamagedFilesTest {
  static Stream<String> names() {
    return Fixtures.NAMES.stream();
  }

  /// Refused with a reason, or scored; anything else is a defect.
  private static boolean isRefused(byte[] file, String what) {
    try {
      Scorer scorer = Scorer.read(file);
      double[] row = new double[scorer.width()];
      for (double fill : new double[] {0, -1e30, 1e30, Double.NaN, 3, Double.POSITIVE_INFINITY}) {
        Arrays.fill(row, fill);
        scorer.scores(row);
      }
      return false;
    } catch (BadModelException e) {
      assertThat(e.what()).isNotBlank();
      assertThat(e.remedy()).isNotBlank();
      return true;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return fail(what, e);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void a_file_cut_short_anywhere_is_refused(String name) throws Exception {
    byte[] whole = Fixtures.model(name);
    // What follows the trees of LightGBM, and the last line's end, is not needed.
    int needed =
        name.equals("lightgbm")
            ? new String(whole, StandardCharsets.ISO_8859_1).indexOf("end of trees\n")
            : whole.length - 1;
    for (int length = 0; length < needed; length += 1 + length / 64) {
      String what = name + " cut at " + length;
      boolean refused = isRefused(Arrays.copyOf(whole, length), what);
      // Of ONNX a whole field may be cut off that it can do without.
      if (!name.startsWith("onnx")) assertThat(refused).as(what).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void flipped_bits_are_refused_or_do_no_harm(String name) throws Exception {
    byte[] whole = Fixtures.model(name);
    var random = new SplittableRandom(name.hashCode());
    int refused = 0;
    for (int trial = 0; trial < 1_500; trial++) {
      byte[] flipped = whole.clone();
      int flips = 1 + random.nextInt(3);
      for (int f = 0; f < flips; f++) {
        flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      }
      if (isRefused(flipped, name + ", trial " + trial)) refused++;
    }
    assertThat(refused).isBetween(1, 1_499);
  }

  @ParameterizedTest
  @MethodSource("names")
  void bytes_put_in_taken_out_or_swapped_do_no_harm(String name) throws Exception {
    byte[] whole = Fixtures.model(name);
    var random = new SplittableRandom(name.hashCode() + 1);
    for (int trial = 0; trial < 300; trial++) {
      int from = random.nextInt(whole.length);
      int length = random.nextInt(Math.min(64, whole.length - from) + 1);
      byte[] piece = Arrays.copyOfRange(whole, from, from + length);
      var to = new java.io.ByteArrayOutputStream();
      int at = random.nextInt(whole.length);
      to.write(whole, 0, at);
      if (trial % 2 == 0) to.writeBytes(piece);
      int next = Math.min(whole.length, at + random.nextInt(32));
      to.write(whole, next, whole.length - next);
      isRefused(to.toByteArray(), name + ", trial " + trial);
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "-1", "255", "65536", "2147483647", "9223372036854775807", "4294967296"})
  void lengths_of_ubj_that_lie_are_refused(long lie) throws Exception {
    byte[] whole = Fixtures.model("xgboost-ubj");
    int refused = 0;
    int lies = 0;
    // Behind it stand whole numbers that are no lengths, and so do the ids of trees.
    int end = new String(whole, StandardCharsets.ISO_8859_1).indexOf("version");
    for (int at = 2; at < end; at++) {
      // A length stands as L and eight bytes, and is short here.
      if (whole[at] != 'L' || ByteBuffer.wrap(whole).getLong(at + 1) >>> 16 != 0) continue;
      if (whole[at - 2] == 'i' && whole[at - 1] == 'd') continue;
      byte[] lying = whole.clone();
      ByteBuffer.wrap(lying).putLong(at + 1, lie);
      if (Arrays.equals(lying, whole)) continue;
      lies++;
      if (isRefused(lying, "the length at " + at)) refused++;
    }
    assertThat(lies).isGreaterThan(100);
    assertThat(refused).isGreaterThan(lies / 2);
    if (lie < 0 || lie > whole.length) assertThat(refused).isEqualTo(lies);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "\"left_children\":[1,|\"left_children\":[0,|lie apart",
        "\"left_children\":[1,|\"left_children\":[2,|lie apart",
        "\"left_children\":[1,|\"left_children\":[99,|lie apart",
        "\"left_children\":[1,|\"left_children\":[-7,|lie apart",
        "\"left_children\":[1,|\"left_children\":[-1,|one child",
        "\"left_children\":[1,|\"left_children\":[1.5,|not a whole number",
        "\"left_children\":[1,|\"left_children\":[1,1,|not one entry for each node",
        "\"left_children\":[1,|\"left_children\":[\"a\",|not a list of numbers",
        "\"left_children\":[1,|\"left_children\":{\"a\":[1,|expected",
        "\"left_children\":[1,3,|\"left_children\":[1,1,|lie apart",
        "\"num_trees\":\"3\"|\"num_trees\":\"4\"|num_trees and trees differ",
        "\"num_feature\":\"8\"|\"num_feature\":\"2\"|names no feature",
        "\"num_feature\":\"8\"|\"num_feature\":\"-8\"|num_feature",
        "\"num_feature\":\"8\"|\"num_feature\":\"99999999999\"|not a whole number",
        "\"num_class\":\"0\"|\"num_class\":\"1000000\"|outputs",
        "\"base_score\":|\"base_score\":1,\"base_score\":|stands twice",
        "\"base_score\":|\"base\":|is missing",
        "\"name\":\"dart\"|\"name\":\"forest\"|booster is 'forest'",
        "\"reg:squarederror\"|\"reg:mine\"|objective is 'reg:mine'",
        "\"tree_info\":[0,|\"tree_info\":[7,|of an output that is not there",
        "\"tree_info\":[0,|\"tree_info\":[-1,|of an output that is not there",
        "\"tree_info\":[0,|\"tree_info\":[2147483647,|of an output that is not there",
        "\"tree_info\":[0,|\"tree_info\":[|tree_info and trees differ",
        "\"weight_drop\":[|\"weight_drop\":[1,|weight_drop and trees differ",
        "\"weight_drop\":[|\"weight_drop\":[NaN,NaN,NaN],\"w\":[|leaf's value is not a number",
        "\"size_leaf_vector\":\"1\"|\"size_leaf_vector\":\"2\"|several outputs each",
        "\"split_type\":[|\"split_type\":[9],\"s\":[|not one entry for each node",
        "\"categories_nodes\":[|\"categories_nodes\":[0,|categories of nodes differ",
        "\"version\":[3,2,0]}|\"version\":[3,2,0]}}|follows its end",
      })
  void a_model_of_xgboost_that_does_not_hold_together_is_refused(String from, String to, String why)
      throws Exception {
    String text = new String(Fixtures.model("xgboost-json"), StandardCharsets.UTF_8);
    assertThat(text).contains(from);
    // Trees have a num_feature too, which is not used.
    int at = from.startsWith("\"num_f") ? text.lastIndexOf(from) : text.indexOf(from);
    String changed = text.substring(0, at) + to + text.substring(at + from.length());
    assertThatThrownBy(() -> Scorer.read(changed.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(BadModelException.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @CsvSource({
    "1 3 5,2 4 6,none",
    "0 3 5,1 4 6,at its root",
    "1 1 5,2 2 6,share a child",
    "1 3 1,2 4 2,share a child",
    "1 3 98,2 4 99,outside the tree",
    "-3 3 5,-2 4 6,outside the tree",
  })
  void trees_of_xgboost_that_are_none_are_refused(String left, String right, String why)
      throws Exception {
    String text = new String(Fixtures.model("xgboost-json"), StandardCharsets.UTF_8);
    String changed =
        text.replaceFirst(
                "\"left_children\":\\[1,3,5", "\"left_children\":[" + left.replace(' ', ','))
            .replaceFirst(
                "\"right_children\":\\[2,4,6", "\"right_children\":[" + right.replace(' ', ','));
    byte[] bytes = changed.getBytes(StandardCharsets.UTF_8);
    if (why.equals("none")) {
      assertThat(isRefused(bytes, why)).isFalse();
      return;
    }
    assertThatThrownBy(() -> Scorer.read(bytes))
        .isInstanceOf(BadModelException.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @MethodSource("bombs")
  void a_bomb_is_refused(byte[] bomb) {
    assertThat(isRefused(bomb, "a bomb")).isTrue();
  }

  /// Short files that ask for much.
  static List<byte[]> bombs() {
    List<byte[]> bombs = new ArrayList<>();
    bombs.add("[".repeat(1_000_000).getBytes(StandardCharsets.US_ASCII));
    bombs.add(("{\"a\":" + "[".repeat(100_000)).getBytes(StandardCharsets.US_ASCII));
    bombs.add("{\"a\":".repeat(50_000).getBytes(StandardCharsets.US_ASCII));
    for (String type : List.of("Z", "T", "N", "[", "{", "d", "S", "C")) {
      String header = "{U\u0001a[$" + type + "#l\u007f\u007f\u007f\u007f";
      bombs.add(header.getBytes(StandardCharsets.ISO_8859_1));
      bombs.add(("{$" + type + "#l\u007f\u007f\u007f\u007f").getBytes(StandardCharsets.ISO_8859_1));
    }
    bombs.add(("{U\u0001a" + "[".repeat(500_000)).getBytes(StandardCharsets.ISO_8859_1));
    bombs.add(new byte[0]);
    bombs.add(new byte[1_000]);
    bombs.add(new byte[] {8, 9, 58, -1, -1, -1, -1, 15});
    return bombs;
  }
}
