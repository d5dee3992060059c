package dev.orrery.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Models trained on data frames with columns of the type `category`, against `predict(DataFrame)`
/// of LightGBM 4.7.0 and XGBoost 3.2.0; made by `conformance/engines/frames.py`. The columns: x,
/// region (whole numbers), city (texts), and of LightGBM flag (booleans), half (numbers), then
/// grade (whole numbers).
class CategoriesTest {
  private static final int CITY = 2;

  private static String lightgbm() throws IOException {
    return new String(Fixtures.model("lightgbm-frame"), StandardCharsets.UTF_8);
  }

  /// The fixture with another list of categories behind it.
  private static byte[] lightgbm(String lists) throws IOException {
    String text = lightgbm();
    String trees = text.substring(0, text.lastIndexOf("\npandas_categorical:"));
    return (trees + "\npandas_categorical:" + lists + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] replaced(String text, String from, String to) {
    assertThat(text).contains(from);
    return text.replace(from, to).getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "lightgbm-frame, 6, 2",
    "lightgbm-frame-ordered, 7, 2 3",
    "xgboost-frame, 4, 2",
    "xgboost-frame-ubj, 4, 2"
  })
  void margins_of_values_are_bit_equal_to_those_of_the_library(String name, int width, String texts)
      throws IOException {
    Scorer scorer = Scorer.read(Fixtures.model(name));
    assertThat(scorer.hasCategories()).isTrue();
    assertThat(scorer.width()).isEqualTo(width);
    assertThat(scorer.isCategory(0)).isFalse();
    for (int place = 1; place < width; place++) assertThat(scorer.isCategory(place)).isTrue();
    double[][] answers = Fixtures.answers(name);
    assertThat(answers.length).isEqualTo(60);
    double[] rows = new double[answers.length * width];
    for (int i = 0; i < answers.length; i++) {
      double[] row = Arrays.copyOf(answers[i], width);
      for (String place : texts.split(" ")) {
        int at = Integer.parseInt(place);
        assertThat(scorer.isText(at)).isTrue();
        row[at] = scorer.code(at, Double.isNaN(row[at]) ? null : Fixtures.text((int) row[at]));
      }
      assertThat(scorer.margin(row)).isEqualTo(answers[i][width]);
      System.arraycopy(row, 0, rows, i * width, width);
    }
    double[] given = rows.clone();
    double[] margins = new double[answers.length];
    scorer.margins(rows, width, margins);
    for (int i = 0; i < margins.length; i++) assertThat(margins[i]).isEqualTo(answers[i][width]);
    assertThat(rows).isEqualTo(given);
  }

  @Test
  void what_lightgbm_has_not_seen_is_missing() throws IOException {
    Scorer scorer = Scorer.read(Fixtures.model("lightgbm-frame"));
    assertThat(scorer.code(CITY, "nowhere")).isNaN();
    assertThat(scorer.code(CITY, null)).isNaN();
    assertThat(scorer.code(CITY, "seoul")).isNotNaN();
    double[] known = {0.5, 5, scorer.code(CITY, "seoul"), 1, 0.1, 12};
    double[] unseen = known.clone();
    unseen[1] = 7;
    double[] missing = known.clone();
    missing[1] = Double.NaN;
    assertThat(scorer.margin(unseen)).isEqualTo(scorer.margin(missing));
    assertThat(scorer.margin(known)).isNotEqualTo(scorer.margin(missing));
  }

  @Test
  void what_xgboost_has_not_seen_is_refused() throws IOException {
    Scorer scorer = Scorer.read(Fixtures.model("xgboost-frame"));
    assertThatThrownBy(() -> scorer.code(CITY, "대구"))
        .isInstanceOfSatisfying(
            UnknownCategoryException.class,
            e -> {
              assertThat(e.place()).isEqualTo(CITY);
              assertThat(e.value()).isEqualTo("대구");
            });
    double[] row = {0.5, 7, scorer.code(CITY, "seoul"), 12};
    assertThatThrownBy(() -> scorer.score(row))
        .isInstanceOf(UnknownCategoryException.class)
        .hasMessageContaining("'7'");
    row[1] = Double.NaN;
    assertThat(scorer.score(row)).isFinite();
  }

  @Test
  void both_zeros_are_one_category() throws IOException {
    Scorer scorer = Scorer.read(Fixtures.model("lightgbm-frame"));
    double[] row = {0.5, 5, Double.NaN, 1, 0.0, 12};
    double plus = scorer.margin(row);
    row[4] = -0.0;
    assertThat(scorer.margin(row)).isEqualTo(plus);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]"})
  void a_file_without_lists_takes_codes(String lists) throws IOException {
    Scorer scorer = Scorer.read(lightgbm(lists));
    assertThat(scorer.hasCategories()).isFalse();
    assertThat(scorer.isText(CITY)).isFalse();
    assertThat(scorer.isCategory(CITY)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[1,2]",
        "{}",
        "3",
        "[1,2]",
        "[\"a\"]",
        "[[[1]],[2],[3],[4],[5]]",
        "[[1,\"a\"],[2],[3],[4],[5]]",
        "[[\"a\",1],[2],[3],[4],[5]]",
        "[[null],[2],[3],[4],[5]]",
        "[[NaN],[2],[3],[4],[5]]",
        "[[1]]\n[[2]]",
        "[[],[],[],[],[],[],[]]"
      })
  void lists_that_are_none_are_refused(String lists) {
    assertThatThrownBy(() -> Scorer.read(lightgbm(lists))).isInstanceOf(BadModelException.class);
  }

  @Test
  void lists_of_another_number_than_the_categorical_features_are_refused() {
    String six = "[1,2,3,4,5,6,7,8]";
    String many = "[" + "\"a\"" + "]";
    for (String lists : new String[] {"[" + six + "]", "[" + six + "," + many + "]"}) {
      assertThatThrownBy(() -> Scorer.read(lightgbm(lists)))
          .isInstanceOfSatisfying(
              BadModelException.class,
              e -> assertThat(e.kind()).isEqualTo(BadModelException.Kind.UNSUPPORTED))
          .hasMessageContaining("does not say which");
    }
  }

  @Test
  void a_list_shorter_than_the_codes_of_its_feature_is_refused() throws IOException {
    byte[] model = replaced(lightgbm(), "[false, true]", "[false]");
    assertThatThrownBy(() -> Scorer.read(model)).hasMessageContaining("does not say which");
  }

  @Test
  void an_ordered_category_that_could_be_another_column_is_refused() throws IOException {
    String text = new String(Fixtures.model("lightgbm-frame-ordered"), StandardCharsets.UTF_8);
    assertThat(text).contains("max_feature_idx=6\n", " grade\n", " [0:5]\n");
    String wider = text.replace("max_feature_idx=6\n", "max_feature_idx=7\n");
    wider = wider.replace(" grade\n", " grade more\n");
    // A column of 0 and 1 may be the codes of an ordered category; one of other numbers may not.
    String like = wider.replace(" [0:5]\n", " [0:5] [0:1]\n");
    String unlike = wider.replace(" [0:5]\n", " [0:5] [0:1.5]\n");
    assertThatThrownBy(() -> Scorer.read(like.getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("does not say which");
    Scorer scorer = Scorer.read(unlike.getBytes(StandardCharsets.UTF_8));
    assertThat(scorer.isCategory(6)).isTrue();
    assertThat(scorer.isCategory(7)).isFalse();
  }

  @Test
  void categories_that_stand_twice_or_are_no_doubles_are_refused() throws IOException {
    String text = lightgbm();
    assertThatThrownBy(() -> Scorer.read(replaced(text, "\"busan\"", "\"seoul\"")))
        .hasMessageContaining("twice");
    assertThatThrownBy(() -> Scorer.read(replaced(text, "70000, ", "200.0, ")))
        .hasMessageContaining("twice");
    assertThatThrownBy(() -> Scorer.read(replaced(text, "70000, ", "9007199254740993, ")))
        .hasMessageContaining("2^53");
  }

  @Test
  void lists_and_texts_too_long_are_refused() throws IOException {
    String text = lightgbm();
    byte[] longText = replaced(text, "\"busan\"", "\"" + "b".repeat(70_000) + "\"");
    assertThatThrownBy(() -> Scorer.read(longText)).hasMessageContaining("65,536");
    var many = new StringBuilder();
    for (int i = 0; i < 1 << 20; i++) many.append(",").append(100_000 + i);
    byte[] longList = replaced(text, "70000, ", "70000" + many + ", ");
    assertThatThrownBy(() -> Scorer.read(longList)).hasMessageContaining("1,048,576");
    byte[] lists = lightgbm("[" + String.join(",", Collections.nCopies(5_000, "[1]")) + "]");
    assertThatThrownBy(() -> Scorer.read(lists)).hasMessageContaining("4,096");
  }

  @Test
  void xgboosts_texts_beyond_ascii_are_refused_since_it_cuts_them_short() throws IOException {
    String text = new String(Fixtures.model("xgboost-frame"), StandardCharsets.UTF_8);
    String letters = ",115,101,111,117,108";
    assertThatThrownBy(() -> Scorer.read(replaced(text, letters, ",115,101,111,-21,-116")))
        .isInstanceOfSatisfying(
            BadModelException.class,
            e -> assertThat(e.kind()).isEqualTo(BadModelException.Kind.UNSUPPORTED))
        .hasMessageContaining("ASCII");
  }

  @Test
  void xgboosts_offsets_that_lie_are_refused() throws IOException {
    String text = new String(Fixtures.model("xgboost-frame"), StandardCharsets.UTF_8);
    int at = text.indexOf("\"offsets\":[0,");
    assertThat(at).isPositive();
    for (String offsets :
        new String[] {"[-1,", "[1,", "[0,9999999,", "[0,-5,", "[0,0.5,", "[[],"}) {
      byte[] model = replaced(text, "\"offsets\":[0,", "\"offsets\":" + offsets);
      assertThatThrownBy(() -> Scorer.read(model)).isInstanceOf(BadModelException.class);
    }
    assertThatThrownBy(() -> Scorer.read(replaced(text, "\"enc\":[{", "\"enc\":[{},{")))
        .hasMessageContaining("not one list for each feature");
  }
}
