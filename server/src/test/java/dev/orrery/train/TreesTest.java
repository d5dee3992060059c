package dev.orrery.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.ml.lightgbm.PredictionType;
import dev.orrery.model.Trees;
import io.github.metarank.lightgbm4j.LGBMBooster;
import io.github.metarank.lightgbm4j.LGBMDataset;
import io.github.metarank.lightgbm4j.LGBMException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Our walk of LightGBM's trees against LightGBM itself, bit by bit.
class TreesTest {
  private static final int WIDTH = 6;

  /// lightgbm4j unpacks its library over a fixed file of the temporary folder, which another
  /// process may be running; here it gets a folder of this process alone.
  @BeforeAll
  static void the_library_is_unpacked_where_no_other_process_runs_it(@TempDir Path own)
      throws Exception {
    String shared = System.getProperty("java.io.tmpdir", "/tmp");
    System.setProperty("java.io.tmpdir", own.toString());
    try {
      LGBMBooster.loadNative();
    } finally {
      System.setProperty("java.io.tmpdir", shared);
    }
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @CsvSource({
    "objective=binary num_leaves=31,1",
    "objective=binary num_leaves=63 categorical_feature=4;5,2",
    "objective=binary num_leaves=63 use_missing=false categorical_feature=5,3",
    "objective=binary num_leaves=15 zero_as_missing=true,4",
    "objective=binary num_leaves=63 zero_as_missing=true categorical_feature=4;5,5",
    "objective=regression num_leaves=127 max_bin=1023 min_data_in_leaf=2,6",
    "objective=regression num_leaves=2,7",
    "objective=regression reg_sqrt=true num_leaves=31 categorical_feature=4,8",
    "objective=poisson num_leaves=31,9",
    "objective=binary sigmoid=0.7 num_leaves=40 max_depth=4,10",
    "objective=cross_entropy num_leaves=31 categorical_feature=5,11",
    "objective=binary boosting=dart num_leaves=31 categorical_feature=5,12",
    "objective=binary num_leaves=31 min_data_in_leaf=100000,13",
    "objective=binary num_leaves=63 max_cat_to_onehot=64 categorical_feature=4;5,14"
  })
  void margins_are_bit_equal_to_lightgbm_and_scores_within_two_ulp(String parameters, long seed)
      throws Exception {
    String text = train(parameters.replace(';', ','), seed);
    Trees trees = new Trees(text);
    double[] rows = rows(text, seed);
    int count = rows.length / WIDTH;
    try (LGBMBooster booster = LGBMBooster.loadModelFromString(text)) {
      double[] raw =
          booster.predictForMat(
              rows, count, WIDTH, true, PredictionType.C_API_PREDICT_RAW_SCORE, "num_threads=1");
      double[] normal =
          booster.predictForMat(
              rows, count, WIDTH, true, PredictionType.C_API_PREDICT_NORMAL, "num_threads=1");
      double[] margins = new double[count];
      double[] scores = new double[count];
      trees.margins(rows, WIDTH, margins);
      trees.score(rows, WIDTH, scores);
      double[] row = new double[WIDTH];
      for (int i = 0; i < count; i++) {
        System.arraycopy(rows, i * WIDTH, row, 0, WIDTH);
        String at = "row " + i + ": " + java.util.Arrays.toString(row);
        assertThat(bits(margins[i])).as(at).isEqualTo(bits(raw[i]));
        assertThat(bits(trees.margin(row))).as(at).isEqualTo(bits(raw[i]));
        assertThat(Math.abs(scores[i] - normal[i]))
            .as(at)
            .isLessThanOrEqualTo(2 * Math.ulp(normal[i]));
        assertThat(trees.score(row)).isEqualTo(scores[i]);
      }
    }
  }

  @Test
  void a_text_without_its_parameters_scores_the_same_in_lightgbm() throws Exception {
    String text = train("objective=binary num_leaves=31", 5);
    Trees trees = new Trees(text);
    assertThat(text).contains("[num_threads: ");
    assertThat(trees.text()).doesNotContain("[num_threads: ").contains("[num_leaves: 31]");
    double[] rows = rows(text, 5);
    try (LGBMBooster first = LGBMBooster.loadModelFromString(text);
        LGBMBooster second = LGBMBooster.loadModelFromString(trees.text())) {
      assertThat(raw(second, rows)).isEqualTo(raw(first, rows));
    }
  }

  private static double[] raw(LGBMBooster booster, double[] rows) throws LGBMException {
    return booster.predictForMat(
        rows, rows.length / WIDTH, WIDTH, true, PredictionType.C_API_PREDICT_RAW_SCORE);
  }

  private static long bits(double x) {
    return Double.doubleToRawLongBits(x);
  }

  /// A model of two numeric features, one with missing values, one mostly zero, and two of few and
  /// many categories.
  private static String train(String parameters, long seed) throws LGBMException {
    int count = 3_000;
    SplittableRandom random = new SplittableRandom(seed);
    double[] rows = new double[count * WIDTH];
    float[] label = new float[count];
    for (int i = 0; i < count; i++) {
      int at = i * WIDTH;
      rows[at] = random.nextDouble(-1, 1);
      rows[at + 1] = random.nextInt(100) * Math.pow(10, random.nextInt(-3, 4));
      rows[at + 2] = random.nextInt(4) == 0 ? Double.NaN : random.nextGaussian();
      rows[at + 3] = random.nextInt(3) > 0 ? 0 : random.nextGaussian();
      rows[at + 4] = random.nextInt(8);
      rows[at + 5] = random.nextInt(20) == 0 ? Double.NaN : random.nextInt(200);
      double margin =
          rows[at]
              + (Double.isNaN(rows[at + 2]) ? 0.7 : rows[at + 2])
              + Math.abs(rows[at + 3])
              + (rows[at + 4] % 3)
              + (Double.isNaN(rows[at + 5]) ? -1 : (rows[at + 5] % 7) / 3)
              + random.nextGaussian() / 2;
      boolean shares = parameters.contains("binary") || parameters.contains("cross");
      label[i] = shares ? (margin > 1.5 ? 1 : 0) : (float) Math.max(0, margin);
    }
    String all =
        "metric=none verbosity=-1 deterministic=true force_row_wise=true num_threads=1 "
            + "min_data_per_group=5 cat_smooth=1 seed="
            + seed
            + " "
            + parameters;
    try (LGBMDataset data = LGBMDataset.createFromMat(rows, count, WIDTH, true, all, null)) {
      data.setField("label", label);
      try (LGBMBooster booster = LGBMBooster.create(data, all)) {
        for (int i = 0; i < 30; i++) booster.updateOneIter();
        return booster.saveModelToString(0, -1, LGBMBooster.FeatureImportanceType.GAIN);
      }
    }
  }

  /// Random rows, and rows at, just under and just over every threshold, and rows of what is not a
  /// proper number.
  private static double[] rows(String text, long seed) {
    List<Double> values = new ArrayList<>();
    Matcher matcher = Pattern.compile("(?m)^threshold=(.*)$").matcher(text);
    while (matcher.find()) {
      for (String word : matcher.group(1).split(" ")) {
        if (!word.isEmpty() && !word.equals("inf")) values.add(Double.parseDouble(word));
      }
    }
    int thresholds = values.size();
    for (int i = 0; i < thresholds; i++) {
      values.add(Math.nextUp(values.get(i)));
      values.add(Math.nextDown(values.get(i)));
    }
    double zero = 1.0000000180025095e-35;
    double[] odd = {
      Double.NaN,
      0.0,
      -0.0,
      Double.MIN_VALUE,
      -Double.MIN_VALUE,
      1e-40,
      -1e-40,
      zero,
      -zero,
      Math.nextUp(zero),
      Math.nextDown(zero),
      -Math.nextUp(zero),
      1e300,
      -1e300,
      Double.MAX_VALUE,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      -1,
      -0.5,
      0.5,
      199.9,
      200,
      255,
      256,
      1e6,
      2147483647.0,
      2147483648.0,
      4294967296.0,
      -2147483649.0,
      1e18,
      31,
      32,
      33,
      63,
      64
    };
    for (double x : odd) values.add(x);
    SplittableRandom random = new SplittableRandom(seed + 1);
    int count = 5_003;
    double[] rows = new double[count * WIDTH];
    for (int i = 0; i < rows.length; i++) {
      rows[i] =
          switch (random.nextInt(4)) {
            case 0 -> odd[random.nextInt(odd.length)];
            case 1 -> random.nextInt(-2, 210);
            case 2 -> random.nextGaussian();
            default -> values.get(random.nextInt(values.size()));
          };
    }
    return rows;
  }
}
