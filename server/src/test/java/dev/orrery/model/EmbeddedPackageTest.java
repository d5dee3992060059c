package dev.orrery.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.engine.Table;
import dev.orrery.scorer.Scorer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What the registry keeps of a version is what a user's service scores with the scorer's jar: the
/// same bytes, the same scores to the last bit.
class EmbeddedPackageTest {
  private final Random random = new Random(11);

  private Table table(int rows, List<String> words) {
    double[] x = new double[rows];
    @Nullable String[] c = new String[rows];
    for (int i = 0; i < rows; i++) {
      x[i] = random.nextInt(10) == 0 ? Double.NaN : 100 * random.nextGaussian();
      c[i] = random.nextInt(10) == 0 ? null : words.get(random.nextInt(words.size()));
    }
    var columns = new LinkedHashMap<String, Table.Column>();
    columns.put("x", new Table.Numbers(x));
    columns.put("c", new Table.Strings(c));
    return Table.of(columns);
  }

  @Test
  void a_logistic_regression_scores_alike_in_a_service_of_one_s_own() {
    Table training = table(2_000, List.of("a", "b", "c"));
    Preprocessor preprocessor = Preprocessor.fit(training);
    double[] weights = random.doubles(Linear.weights(preprocessor), -2, 2).toArray();
    ModelPackage made =
        ModelPackage.of(
            preprocessor,
            new Linear(preprocessor, 0.3, weights),
            new ModelPackage.Card("late", 0.5, null, new LinkedHashMap<>()),
            List.of(),
            training.pick(new int[] {0, 1, 2}));

    Scorer scorer = Scorer.read(made.bytes());
    assertThat(scorer.names()).isEqualTo(made.signature().names());
    Table rows = table(3_000, List.of("a", "b", "c", "never", "ü\n\""));
    double[] expected = made.score(rows);
    var own = new ArrayList<Double>();
    for (int i = 0; i < rows.rows(); i++) {
      own.add(
          scorer.score(new double[] {rows.numbers("x")[i], scorer.code(1, rows.strings("c")[i])}));
    }
    assertThat(own)
        .containsExactly(java.util.Arrays.stream(expected).boxed().toArray(Double[]::new));
  }
}
