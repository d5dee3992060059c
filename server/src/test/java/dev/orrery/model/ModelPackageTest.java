package dev.orrery.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.engine.Table;
import dev.orrery.stats.Reference;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ModelPackageTest {
  private static final double[] NUMBERS = {
    1, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE
  };

  private static final Table TABLE = table();

  private static Table table() {
    var columns = new LinkedHashMap<String, Table.Column>();
    columns.put("x", new Table.Numbers(NUMBERS));
    columns.put("place", new Table.Strings(new String[] {"a", "b", null, "ü\n\"", "a", "a"}));
    return Table.of(columns);
  }

  private static ModelPackage linear() {
    Preprocessor preprocessor = Preprocessor.fit(TABLE);
    double[] weights = new double[Linear.weights(preprocessor)];
    for (int i = 0; i < weights.length; i++) weights[i] = 0.1 * i - 0.2;
    var training = new LinkedHashMap<String, com.fasterxml.jackson.databind.JsonNode>();
    training.put("rows", IntNode.valueOf(6));
    return ModelPackage.of(
        preprocessor,
        new Linear(preprocessor, 0.3, weights),
        new ModelPackage.Card("late", 0.5, null, training),
        List.of(
            Reference.of("x", TABLE.numbers("x")), Reference.of("place", TABLE.strings("place"))),
        TABLE);
  }

  @Test
  void bytes_and_back_keep_everything_even_what_is_no_number() {
    ModelPackage made = linear();
    ModelPackage read = ModelPackage.read(made.bytes());
    assertThat(read.bytes()).isEqualTo(made.bytes());
    assertThat(read.digest()).isEqualTo(made.digest()).isEqualTo(Digest.of(made.bytes()));
    assertThat(read.kind()).isEqualTo("logistic_regression");
    assertThat(read.signature()).isEqualTo(made.signature());
    assertThat(read.card()).isEqualTo(made.card());
    assertThat(read.references()).isEqualTo(made.references());
    assertThat(read.golden().rows().numbers("x")).isEqualTo(NUMBERS);
    assertThat(read.golden().rows().strings("place")).isEqualTo(TABLE.strings("place"));
    assertThat(read.score(TABLE)).isEqualTo(made.score(TABLE)).doesNotContain(Double.NaN);
  }

  /// 1,000 rows: `a` and `b` are frequent, `seldom` is in nine of them.
  private static Encoding.Category places(int distinct) {
    String[] places = new String[1_000];
    for (int i = 0; i < places.length; i++) places[i] = i < 9 ? "seldom" : i % 2 == 0 ? "a" : "b";
    for (int i = 0; i < distinct; i++) places[9 + i] = "one " + i;
    var columns = new LinkedHashMap<String, Table.Column>();
    columns.put("place", new Table.Strings(places));
    return (Encoding.Category) Preprocessor.fit(Table.of(columns)).encodings().getFirst();
  }

  @Test
  void unseen_texts_share_the_bucket_of_rare_ones_and_are_told_from_them() {
    Encoding.Category category = places(0);
    assertThat(category.known()).containsExactly("a", "b");
    assertThat(category.rare()).containsExactly("seldom");
    assertThat(category.code("seldom")).isEqualTo(Encoding.Category.OTHER);
    assertThat(category.code("never")).isEqualTo(Encoding.Category.OTHER);
    assertThat(category.isUnseen("never")).isTrue();
    assertThat(category.isUnseen("seldom")).isFalse();
    assertThat(category.isUnseen("a")).isFalse();
    assertThat(category.isUnseen(null)).isFalse();
  }

  @Test
  void a_package_of_before_tells_nothing_unseen_and_keeps_its_bytes() {
    String text = new String(linear().bytes(), StandardCharsets.UTF_8);
    String before = text.replace(",\"rare\":[]", "");
    assertThat(before).isNotEqualTo(text);
    ModelPackage read = ModelPackage.read(before.getBytes(StandardCharsets.UTF_8));
    var category = (Encoding.Category) read.preprocessor().encodings().get(1);
    assertThat(category.tellsUnseen()).isFalse();
    assertThat(category.isUnseen("never")).isFalse();
    assertThat(new String(read.bytes(), StandardCharsets.UTF_8)).isEqualTo(before);
  }

  @Test
  void a_column_of_very_many_rare_texts_does_not_keep_them() {
    String[] texts = new String[Preprocessor.RARE_MAX + 1];
    for (int i = 0; i < texts.length; i++) texts[i] = "t" + i;
    var columns = new LinkedHashMap<String, Table.Column>();
    columns.put("place", new Table.Strings(texts));
    var category = (Encoding.Category) Preprocessor.fit(Table.of(columns)).encodings().getFirst();
    assertThat(category.tellsUnseen()).isFalse();
    assertThat(places(500).rare()).hasSize(501);
  }

  @Test
  void a_package_cut_short_or_empty_is_refused() {
    byte[] bytes = linear().bytes();
    for (int length = 0; length < bytes.length; length += 11) {
      byte[] cut = java.util.Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> ModelPackage.read(cut))
          .isInstanceOf(Problem.class)
          .extracting(e -> ((Problem) e).fault())
          .isEqualTo(Fault.BAD_PACKAGE);
    }
  }

  @Test
  void flipped_bits_never_end_in_anything_but_a_problem() {
    byte[] bytes = linear().bytes();
    SplittableRandom random = new SplittableRandom(2);
    for (int trial = 0; trial < 2_000; trial++) {
      byte[] flipped = bytes.clone();
      flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        assertThat(ModelPackage.read(flipped).digest()).isNotNull();
      } catch (Problem e) {
        assertThat(e.kind()).isNotEqualTo(Problem.Kind.INTERNAL);
      }
    }
  }

  @Test
  void a_model_that_answers_its_golden_rows_otherwise_is_not_served() {
    String text = new String(linear().bytes(), StandardCharsets.UTF_8);
    String other = text.replace("\"intercept\":0.3", "\"intercept\":0.4");
    assertThat(other).isNotEqualTo(text);
    assertThatThrownBy(() -> ModelPackage.read(other.getBytes(StandardCharsets.UTF_8)))
        .extracting(e -> ((Problem) e).fault())
        .isEqualTo(Fault.GOLDEN_ROWS_DIFFER);
  }

  @Test
  void parts_that_do_not_fit_together_are_refused() {
    Preprocessor preprocessor = Preprocessor.fit(TABLE);
    var card = new ModelPackage.Card("late", 0.5, null, new LinkedHashMap<>());
    assertThatThrownBy(() -> new Linear(preprocessor, 0, new double[1]))
        .isInstanceOf(Problem.class);
    var rule = new Rule(Rule.Condition.parse("place > 1"), 1, 0.5, 0.5);
    assertThatThrownBy(() -> ModelPackage.of(preprocessor, rule, card, List.of(), TABLE))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("no number of its signature");
    Model constant = new Constant(0.5);
    var one = List.of(Reference.of("x", TABLE.numbers("x")));
    assertThatThrownBy(() -> ModelPackage.of(preprocessor, constant, card, one, TABLE))
        .hasMessageContaining("references");
    assertThatThrownBy(() -> new Constant(Double.NaN)).isInstanceOf(Problem.class);
  }

  @Test
  void times_are_no_features() {
    var columns = new LinkedHashMap<String, Table.Column>();
    columns.put("when", new Table.Times(new long[] {1}));
    assertThatThrownBy(() -> Signature.of(Table.of(columns)))
        .hasMessageContaining("feature 'when' is a time");
  }
}
