package dev.orrery.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.engine.Table;
import dev.orrery.model.Encoding;
import dev.orrery.model.Linear;
import dev.orrery.model.ModelPackage;
import dev.orrery.model.Rule;
import dev.orrery.stats.Auc;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainerTest {
  private static final TrainOptions ONE_THREAD = new TrainOptions(42, 1);

  static Stream<Candidate> candidates() {
    return Stream.of(
        new Candidate.Majority(),
        Candidate.ByRule.parse("recent.share > 0.4"),
        Candidate.LogisticRegression.DEFAULT,
        Candidate.LightGbm.of(Map.of("trees", 20.0)),
        Candidate.LightGbm.of(Map.of("trees", 20.0, "row_share", 0.5, "feature_share", 0.5)));
  }

  @ParameterizedTest
  @MethodSource("candidates")
  void the_same_seed_gives_the_same_bytes_on_one_thread_and_on_two(Candidate candidate) {
    Rows rows = Rows.random(30_000, 7);
    ModelPackage one = Trainer.fit(candidate, rows.training(), new TrainOptions(42, 1));
    ModelPackage two = Trainer.fit(candidate, rows.training(), new TrainOptions(42, 2));
    assertThat(two.digest()).isEqualTo(one.digest());
    assertThat(two.bytes()).isEqualTo(one.bytes());
  }

  @ParameterizedTest
  @MethodSource("candidates")
  void a_model_read_back_from_its_bytes_is_the_same_model(Candidate candidate) {
    Rows rows = Rows.random(3_000, 8);
    ModelPackage made =
        Trainer.fit(candidate, rows.training(), ONE_THREAD).withThreshold(0.3, "f1");
    ModelPackage read = ModelPackage.read(made.bytes());
    assertThat(read.digest()).isEqualTo(made.digest());
    assertThat(read.threshold()).isEqualTo(0.3);
    Table others = Rows.random(1_000, 9).features();
    assertThat(read.score(others)).isEqualTo(made.score(others));
    double[] row = new double[made.preprocessor().width()];
    for (int i = 0; i < others.rows(); i += 37) {
      made.preprocessor().encodeRow(others, i, row);
      assertThat(made.score(row)).isEqualTo(made.score(others.pick(new int[] {i}))[0]);
    }
  }

  @ParameterizedTest
  @MethodSource("candidates")
  void rows_that_are_not_trained_on_change_no_fitted_value(Candidate candidate) {
    Rows all = Rows.random(4_000, 10);
    int[] train = new int[3_000];
    for (int i = 0; i < train.length; i++) train[i] = i;
    Rows changed = all.withOthersFrom(3_000, Rows.random(4_000, 11));
    assertThat(changed.features().numbers("number")).isNotEqualTo(all.features().numbers("number"));
    ModelPackage first = Trainer.fit(candidate, all.pick(train).training(), ONE_THREAD);
    ModelPackage second = Trainer.fit(candidate, changed.pick(train).training(), ONE_THREAD);
    assertThat(second.bytes()).isEqualTo(first.bytes());
  }

  @Test
  void majority_says_the_share_of_positives() {
    Rows rows = Rows.random(1_000, 1);
    ModelPackage model = Trainer.fit(new Candidate.Majority(), rows.training(), ONE_THREAD);
    double share = Arrays.stream(rows.target()).average().orElseThrow();
    assertThat(model.score(rows.features())).containsOnly(share);
  }

  @Test
  void a_rule_says_the_share_of_positives_on_its_side_and_missing_does_not_fulfil_it() {
    var columns = new LinkedHashMap<String, Table.Column>();
    columns.put("a.x", new Table.Numbers(new double[] {1, 2, 3, 4, Double.NaN}));
    Table table = Table.of(columns);
    double[] target = {0, 1, 1, 0, 0};
    ModelPackage model =
        Trainer.fit(Candidate.ByRule.parse("x > 2.5"), Training.of(table, target), ONE_THREAD);
    assertThat(model.score(table)).containsExactly(1.0 / 3, 1.0 / 3, 0.5, 0.5, 1.0 / 3);
    assertThat(((Rule) model.model()).condition().column()).isEqualTo("a.x");
  }

  @Test
  void a_rule_over_no_feature_or_over_texts_is_refused_with_the_nearest_name() {
    Training training = Rows.random(500, 1).training();
    assertThatThrownBy(
            () -> Trainer.fit(Candidate.ByRule.parse("recent.shar > 1"), training, ONE_THREAD))
        .isInstanceOf(Problem.class)
        .hasMessage(
            "the rule names 'recent.shar', which is no feature. Did you mean 'recent.share'.");
    assertThatThrownBy(() -> Trainer.fit(Candidate.ByRule.parse("place > 1"), training, ONE_THREAD))
        .hasMessageContaining("holds texts");
    assertThatThrownBy(() -> Candidate.ByRule.parse("place is big"))
        .hasMessageContaining("is not a rule");
    assertThatThrownBy(() -> Candidate.ByRule.parse("x > NaN")).isInstanceOf(Problem.class);
  }

  @Test
  void logistic_regression_stands_where_the_gradient_is_zero() {
    Rows rows = Rows.random(5_000, 3);
    ModelPackage model =
        Trainer.fit(Candidate.LogisticRegression.DEFAULT, rows.training(), ONE_THREAD);
    Linear linear = (Linear) model.model();
    double[] scores = model.score(rows.features());
    double[] encoded = model.preprocessor().encode(rows.features());
    int[] offsets = Linear.offsets(model.preprocessor());
    double[] gradient = linear.weights();
    double intercept = 0;
    for (int i = 0; i < scores.length; i++) {
      double residual = scores[i] - rows.target()[i];
      intercept += residual;
      for (int j = 0; j < model.preprocessor().width(); j++) {
        double x = encoded[i * model.preprocessor().width() + j];
        switch (model.preprocessor().encodings().get(j)) {
          case Encoding.Number number -> {
            if (Double.isNaN(x)) gradient[offsets[j] + 1] += residual;
            else gradient[offsets[j]] += residual * number.standardised(x);
          }
          case Encoding.Category category ->
              gradient[offsets[j] + Linear.place(category, x)] += residual;
        }
      }
    }
    assertThat(intercept).isCloseTo(0, within(0.01));
    assertThat(gradient).hasSizeGreaterThan(8);
    for (double part : gradient) assertThat(part).isCloseTo(0, within(0.01));
  }

  @Test
  void learners_beat_the_rule_and_the_rule_beats_majority() {
    Rows rows = Rows.random(20_000, 4);
    Rows others = Rows.random(20_000, 5);
    List<Double> areas = new ArrayList<>();
    candidates()
        .limit(4)
        .forEach(candidate -> {
          ModelPackage model = Trainer.fit(candidate, rows.training(), ONE_THREAD);
          areas.add(Auc.of(model.score(others.features()), others.positive()));
        });
    assertThat(areas).isSorted();
    assertThat(areas.getFirst()).isEqualTo(0.5);
    assertThat(areas.getLast()).isGreaterThan(0.8);
  }

  @Test
  void an_unseen_category_falls_into_the_bucket_of_the_others() {
    Rows rows = Rows.random(5_000, 6);
    ModelPackage model =
        Trainer.fit(Candidate.LogisticRegression.DEFAULT, rows.training(), ONE_THREAD);
    int place = model.signature().index("place");
    assertThat(model.preprocessor().code(place, "nowhere")).isEqualTo(Encoding.Category.OTHER);
    assertThat(model.preprocessor().code(place, null)).isNaN();
    assertThat(model.preprocessor().code(place, "p1")).isPositive();
    assertThatThrownBy(() -> model.preprocessor().code(0, "12"))
        .hasMessageContaining("takes numbers, and was given a text");
  }

  @Test
  void a_missing_column_or_one_of_another_type_is_named() {
    Rows rows = Rows.random(1_000, 6);
    ModelPackage model = Trainer.fit(new Candidate.Majority(), rows.training(), ONE_THREAD);
    Table less = rows.features().select(List.of("number", "recent.share", "gaps"));
    assertThatThrownBy(() -> model.score(less))
        .hasMessageContaining("the model needs the feature 'place'")
        .extracting(e -> ((Problem) e).fault())
        .isEqualTo(Fault.FEATURE_MISSING);
    Table other = rows.features().with("number", rows.features().column("place"));
    assertThatThrownBy(() -> model.score(other))
        .hasMessageContaining("feature 'number' holds strings");
  }

  @Test
  void targets_that_are_unknown_or_all_alike_are_refused() {
    Rows rows = Rows.random(100, 1);
    double[] unknown = rows.target().clone();
    unknown[17] = Double.NaN;
    assertThatThrownBy(() -> Training.of(rows.features(), unknown))
        .hasMessageContaining("training row 17");
    assertThatThrownBy(() -> Training.of(rows.features(), new double[100]))
        .hasMessageContaining("nothing to tell apart");
  }

  @Test
  void an_unknown_parameter_is_named_with_the_nearest_known_one() {
    assertThatThrownBy(() -> Candidate.LightGbm.of(Map.of("leavs", 3.0)))
        .hasMessage("'leavs' is no parameter of this candidate. Did you mean 'leaves'.");
    assertThatThrownBy(() -> Candidate.LightGbm.of(Map.of("trees", 0.0)))
        .hasMessage("'trees' is 0, out of its range. Give a number from 1 to 100000.");
    assertThatThrownBy(() -> Candidate.LightGbm.of(Map.of("trees", 1.5)))
        .hasMessageContaining("must be a whole number");
  }

  @Test
  void progress_is_told_and_an_interrupt_ends_training_between_iterations() {
    Training training = Rows.random(1_000, 2).training();
    for (Candidate candidate :
        List.of(Candidate.LightGbm.DEFAULT, Candidate.LogisticRegression.DEFAULT)) {
      List<Integer> heard = new ArrayList<>();
      TrainOptions options =
          new TrainOptions(
              1,
              1,
              "late",
              (iteration, _) -> {
                heard.add(iteration);
                if (iteration == 3) Thread.currentThread().interrupt();
              });
      assertThatThrownBy(() -> Trainer.fit(candidate, training, options))
          .extracting(e -> ((Problem) e).fault())
          .isEqualTo(Fault.INTERRUPTED);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(heard).containsExactly(1, 2, 3);
    }
  }

  /// Seeded rows whose outcome depends on all features.
  record Rows(Table features, double[] target) {
    static Rows random(int count, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      double[] number = new double[count];
      double[] share = new double[count];
      double[] gaps = new double[count];
      @Nullable String[] place = new String[count];
      double[] target = new double[count];
      for (int i = 0; i < count; i++) {
        number[i] = random.nextGaussian() * 300 + 1000;
        share[i] = random.nextDouble();
        gaps[i] = random.nextInt(5) == 0 ? Double.NaN : random.nextGaussian();
        int p = random.nextInt(40);
        place[i] = p == 39 ? null : "p" + p;
        double margin =
            (number[i] - 1000) / 300
                + (share[i] > 0.4 ? 1.5 : 0)
                + (Double.isNaN(gaps[i]) ? 1 : gaps[i] * gaps[i] - 1)
                + (p % 5) / 2.0
                - 2;
        target[i] = random.nextDouble() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
      }
      var columns = new LinkedHashMap<String, Table.Column>();
      columns.put("number", new Table.Numbers(number));
      columns.put("recent.share", new Table.Numbers(share));
      columns.put("gaps", new Table.Numbers(gaps));
      columns.put("place", new Table.Strings(place));
      return new Rows(Table.of(columns), target);
    }

    Training training() {
      return Training.of(features, target);
    }

    boolean[] positive() {
      boolean[] positive = new boolean[target.length];
      for (int i = 0; i < target.length; i++) positive[i] = target[i] == 1;
      return positive;
    }

    Rows pick(int[] rows) {
      double[] picked = new double[rows.length];
      for (int i = 0; i < rows.length; i++) picked[i] = target[rows[i]];
      return new Rows(features.pick(rows), picked);
    }

    /// These rows up to a place, and another's from there on.
    Rows withOthersFrom(int from, Rows other) {
      var columns = new LinkedHashMap<String, Table.Column>();
      features
          .columns()
          .forEach((name, column) -> {
            switch (column) {
              case Table.Numbers numbers -> {
                double[] mixed = numbers.values().clone();
                System.arraycopy(
                    other.features.numbers(name), from, mixed, from, mixed.length - from);
                columns.put(name, new Table.Numbers(mixed));
              }
              case Table.Strings strings -> {
                @Nullable String[] mixed = strings.values().clone();
                System.arraycopy(
                    other.features.strings(name), from, mixed, from, mixed.length - from);
                columns.put(name, new Table.Strings(mixed));
              }
              case Table.Times times -> columns.put(name, times);
            }
          });
      double[] mixed = target.clone();
      System.arraycopy(other.target, from, mixed, from, mixed.length - from);
      return new Rows(Table.of(columns), mixed);
    }
  }
}
