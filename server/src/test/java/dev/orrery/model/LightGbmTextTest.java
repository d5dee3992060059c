package dev.orrery.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Damaged and hostile model texts are refused before any of them is walked.
class LightGbmTextTest {
  /// Three leaves, the second node categorical: x0 <= 0.5 goes on to x1 in {0, 2}.
  private static final String TREE =
      """
      num_leaves=3
      num_cat=1
      split_feature=0 1
      split_gain=2 1
      threshold=0.5 0
      decision_type=2 1
      left_child=1 -1
      right_child=-2 -3
      leaf_value=0.25 -0.5 1
      leaf_weight=1 1 1
      leaf_count=1 1 1
      internal_value=0 0
      internal_weight=0 0
      internal_count=3 2
      cat_boundaries=0 1
      cat_threshold=5
      is_linear=0
      shrinkage=0.1


      """;

  private static String text(String tree) {
    String block = "Tree=0\n" + tree;
    return """
    tree
    version=v4
    num_class=1
    num_tree_per_iteration=1
    label_index=0
    max_feature_idx=1
    objective=binary sigmoid:1
    feature_names=a b
    feature_infos=[0:1] 0:1:2
    tree_sizes=%d

    """
            .formatted(block.length())
        + block
        + """
        end of trees

        feature_importances:
        a=1

        parameters:
        [num_threads: 2]
        [num_leaves: 3]

        end of parameters

        pandas_categorical:null
        """;
  }

  @Test
  void a_tree_written_by_hand_is_walked() {
    Trees trees = new Trees(text(TREE));
    assertThat(trees.margin(new double[] {0.5, 0})).isEqualTo(0.25);
    assertThat(trees.margin(new double[] {0.5, 2.9})).isEqualTo(0.25);
    assertThat(trees.margin(new double[] {0.5, 1})).isEqualTo(1);
    assertThat(trees.margin(new double[] {0.5, 31})).isEqualTo(1);
    assertThat(trees.margin(new double[] {0.5, 32})).isEqualTo(1);
    assertThat(trees.margin(new double[] {0.5, -1})).isEqualTo(1);
    assertThat(trees.margin(new double[] {0.5, Double.NaN})).isEqualTo(1);
    assertThat(trees.margin(new double[] {Math.nextUp(0.5), 0})).isEqualTo(-0.5);
    assertThat(trees.margin(new double[] {Double.NaN, 0})).isEqualTo(0.25);
    assertThat(trees.score(new double[] {0.5, 1})).isEqualTo(1 / (1 + StrictMath.exp(-1)));
    assertThat(trees.text()).doesNotContain("num_threads").contains("[num_leaves: 3]");
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "left_child=1 -1|left_child=2 -1|points outside",
        "left_child=1 -1|left_child=1 -9|points outside",
        "left_child=1 -1|left_child=0 -1|back at the root",
        "left_child=1 -1|left_child=1 1|share a child",
        "right_child=-2 -3|right_child=-2 -1|share a child",
        "left_child=1 -1|left_child=-1 1|cannot be reached",
        "left_child=1 -1|left_child=1|has 1 entries, not 2",
        "left_child=1 -1|left_child=1 -1 -1|has 3 entries, not 2",
        "left_child=1 -1|left_child=1 -2147483649|not a whole number",
        "split_feature=0 1|split_feature=0 2|names no feature",
        "split_feature=0 1|split_feature=0 -1|names no feature",
        "split_feature=0 1|split_feature=|has 2 entries, not 0",
        "threshold=0.5 0|threshold=nan 0|not a number",
        "threshold=0.5 0|threshold=0.5 1|names no bitset",
        "threshold=0.5 0|threshold=0.5 -1|names no bitset",
        "threshold=0.5 0|threshold=0.5 0.5|names no bitset",
        "decision_type=2 1|decision_type=2 16|decision type",
        "decision_type=2 1|decision_type=14 1|decision type",
        "decision_type=2 1|decision_type=2 -1|decision type",
        "leaf_value=0.25 -0.5 1|leaf_value=0.25 nan 1|not a number",
        "leaf_value=0.25 -0.5 1|leaf_value=0.25 -0.5|differ",
        "num_leaves=3|num_leaves=99999999|99999999 leaves",
        "num_leaves=3|num_leaves=0|0 leaves",
        "num_leaves=3|num_leaves=1|differ",
        "num_cat=1|num_cat=2|differ",
        "num_cat=1|num_cat=-1|differ",
        "cat_boundaries=0 1|cat_boundaries=0 2|do not fill",
        "cat_boundaries=0 1|cat_boundaries=1 1|do not begin at 0",
        "cat_boundaries=0 1|cat_boundaries=0 -1|overlap",
        "cat_threshold=5|cat_threshold=5 5|do not fill",
        "cat_threshold=5|cat_threshold=x|not a number",
        "num_cat=1|num_cat=1\u2028num_cat=1|not a whole number",
        "is_linear=0|is_linear=1|linear",
      })
  void a_tree_that_does_not_hold_together_is_refused(String from, String to, String why) {
    assertThat(TREE).contains(from);
    assertThatThrownBy(() -> new Trees(text(TREE.replace(from, to))))
        .isInstanceOf(Problem.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "num_class=1|num_class=3|numbers of outputs",
        "num_tree_per_iteration=1|num_tree_per_iteration=3|numbers of outputs",
        "version=v4|version=v9|version",
        "objective=binary sigmoid:1|objective=nothing known|objective",
        "objective=binary sigmoid:1|objective=binary sigmoid:-1|slope",
        "max_feature_idx=1|max_feature_idx=2|differ",
        "tree_sizes=|tree_sizes=1|not as long as stated",
        "end of trees|end of tree|cut short",
        "end of parameters|end|cut short",
        "Tree=0|Tree=7|out of order",
      })
  void a_text_of_another_sort_is_refused(String from, String to, String why) {
    String text = text(TREE);
    assertThat(text).contains(from);
    assertThatThrownBy(() -> new Trees(text.replace(from, to)))
        .isInstanceOf(Problem.class)
        .hasMessageContaining(why);
  }

  @Test
  void a_text_cut_short_anywhere_in_its_trees_is_refused() {
    String text = text(TREE);
    int end = text.indexOf("end of trees") + "end of trees".length();
    for (int length = 0; length <= end; length++) {
      String cut = text.substring(0, length);
      assertThatThrownBy(() -> new Trees(cut)).isInstanceOf(Problem.class);
    }
  }

  @Test
  void flipped_bits_are_refused_or_leave_a_model_whose_walks_end() {
    byte[] bytes = text(TREE).getBytes(StandardCharsets.ISO_8859_1);
    SplittableRandom random = new SplittableRandom(1);
    for (int trial = 0; trial < 20_000; trial++) {
      byte[] flipped = bytes.clone();
      flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        Trees trees = new Trees(new String(flipped, StandardCharsets.ISO_8859_1));
        trees.margin(new double[Math.max(2, trees.width())]);
      } catch (Problem e) {
        assertThat(e.fault()).isIn(Fault.BAD_MODEL_TEXT, Fault.UNSUPPORTED_MODEL);
      } catch (RuntimeException e) {
        fail("trial " + trial, e);
      }
    }
  }

  @Test
  void a_row_with_too_few_features_is_refused() {
    Trees trees = new Trees(text(TREE));
    assertThatThrownBy(() -> trees.score(new double[1])).isInstanceOf(Problem.class);
  }
}
