package dev.orrery.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The models are made by `conformance/onnx/models.py`.
class OnnxTest {
  private static final float[] ODD = {
    0f,
    -0f,
    1f,
    -1f,
    1e-38f,
    -1e-38f,
    1e-45f,
    88f,
    -88f,
    104f,
    -104f,
    1e6f,
    -1e6f,
    20f,
    -20f,
    9.01f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY
  };

  static byte[] file(String name) {
    try (var in = OnnxTest.class.getResourceAsStream("/onnx/" + name + ".onnx")) {
      return java.util.Objects.requireNonNull(in).readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /// Rows for the inputs of a model: random numbers and, when asked, odd ones; texts of which some
  /// are unseen.
  static SequencedMap<String, Tensor> rows(Scorer scorer, int rows, long seed, boolean isOdd) {
    var random = new SplittableRandom(seed);
    String[] words = {"Seoul", "Busan", "Jeju", "Daegu", "free", "pro", "team", "Mars", "", "서울"};
    var values = new LinkedHashMap<String, Tensor>();
    for (Port port : scorer.inputs()) {
      long[] shape = port.shape().stream().mapToLong(n -> n < 0 ? rows : n).toArray();
      int count = (int) Tensor.count(shape);
      if (port.type() == Datatype.BYTES) {
        byte[][] texts = new byte[count][];
        for (int i = 0; i < count; i++) {
          texts[i] = words[random.nextInt(words.length)].getBytes(StandardCharsets.UTF_8);
        }
        values.put(port.name(), new Tensor(Datatype.BYTES, shape, texts));
      } else if (port.type() == Datatype.FP32) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
          numbers[i] =
              isOdd && random.nextInt(3) == 0
                  ? ODD[random.nextInt(ODD.length)]
                  : (float) random.nextGaussian() * (isOdd ? 50 : 1);
        }
        values.put(port.name(), Tensor.of(numbers, shape));
      } else if (port.type() == Datatype.FP64) {
        values.put(port.name(), Tensor.of(random.doubles(count, -2, 2).toArray(), shape));
      } else {
        int[] numbers = random.ints(count, -99, 99).toArray();
        values.put(port.name(), new Tensor(Datatype.INT32, shape, numbers));
      }
    }
    return values;
  }

  /// A tensor of an answer that must be there.
  static Tensor named(String name, SequencedMap<String, Tensor> answer) {
    return java.util.Objects.requireNonNull(answer.get(name), name);
  }

  /// What users embed is what serves.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "logistic",
        "logistic_multiclass",
        "linear_regression",
        "elastic_net_scaled",
        "imputed_scaled_logistic",
        "normalized_logistic"
      })
  void a_linear_model_is_scored_by_the_embedded_engine_as_the_runtime_scores_it(String name) {
    Scorer engine = ModelFile.read(file(name));
    assertThat(engine).isInstanceOf(TreesScorer.class);
    try (var runtime = new OnnxScorer(Onnx.check(file(name)))) {
      assertThat(engine.platform()).isEqualTo(runtime.platform());
      assertThat(engine.inputs()).isEqualTo(runtime.inputs());
      assertThat(engine.outputs().stream().map(Port::name))
          .isEqualTo(runtime.outputs().stream().map(Port::name).toList());
      for (boolean isOdd : new boolean[] {false, true}) {
        for (int rows : new int[] {1, 3, 257}) {
          var asked = rows(engine, rows, rows, isOdd);
          double unused = held(name, asked, engine.score(asked), runtime.score(asked));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "logistic",
        "logistic_multiclass",
        "linear_regression",
        "elastic_net_scaled",
        "imputed_scaled_logistic",
        "normalized_logistic",
        "churn_pipeline",
        "churn_mlp",
        "ordinal_texts",
        "mlp_classifier",
        "mlp_multiclass_tanh",
        "mlp_regressor",
        "network",
        "doubles",
        "simple"
      })
  void plain_java_answers_what_the_runtime_answers(String name) {
    Onnx.Checked checked = Onnx.check(file(name));
    assertThat(OnnxPlain.fits(checked)).isTrue();
    var plain = new OnnxPlain(checked);
    try (var runtime = new OnnxScorer(checked)) {
      assertThat(plain.inputs()).isEqualTo(runtime.inputs());
      assertThat(plain.outputs().stream().map(Port::name))
          .isEqualTo(runtime.outputs().stream().map(Port::name).toList());
      double worst = 0;
      for (boolean isOdd : new boolean[] {false, true}) {
        for (int rows : new int[] {1, 3, 257, 4_000}) {
          var asked = rows(plain, rows, rows, isOdd);
          var ours = plain.score(asked);
          var theirs = runtime.score(asked);
          worst = Math.max(worst, held(name, asked, ours, theirs));
        }
      }
      System.getLogger("onnx").log(System.Logger.Level.INFO, name + " differs by " + worst);
    }
  }

  /// The largest difference, in units in the last place of the larger of 1 and the largest value. A
  /// row with large numbers may differ in proportion: their products cancel, and the order in which
  /// they are added shows. Labels must be equal unless the classes' scores are as near.
  private static double held(
      String name,
      SequencedMap<String, Tensor> asked,
      SequencedMap<String, Tensor> ours,
      SequencedMap<String, Tensor> theirs) {
    double worst = 0;
    Tensor scores = ours.firstEntry().getValue();
    for (var entry : ours.entrySet()) {
      Tensor mine = entry.getValue();
      Tensor other = named(entry.getKey(), theirs);
      assertThat(mine.type()).isEqualTo(other.type());
      assertThat(mine.shape()).isEqualTo(other.shape());
      if (!mine.type().isFloating()) {
        labels(mine, other, scores);
        continue;
      }
      double[] a = mine.doubles();
      double[] b = other.doubles();
      double largest = 1;
      for (double x : b) if (Double.isFinite(x)) largest = Math.max(largest, Math.abs(x));
      double unit = mine.type() == Datatype.FP64 ? Math.ulp(largest) : Math.ulp((float) largest);
      for (int i = 0; i < a.length; i++) {
        if (Double.isNaN(a[i]) && Double.isNaN(b[i]) || a[i] == b[i]) continue;
        double units = Math.abs(a[i] - b[i]) / unit;
        int row = (int) (i / (mine.count() / mine.rows()));
        double size = largest(asked, row);
        assertThat(units).as("%s: %s for %s", name, a[i], b[i]).isLessThanOrEqualTo(8 * size);
        units /= size;
        worst = Math.max(worst, units);
      }
    }
    return worst;
  }

  /// The largest number of a row, at least 1.
  private static double largest(SequencedMap<String, Tensor> asked, int row) {
    double largest = 1;
    for (Tensor tensor : asked.values()) {
      if (!tensor.type().isFloating()) continue;
      double[] values = tensor.doubles();
      int width = (int) (tensor.count() / tensor.rows());
      for (int i = row * width; i < (row + 1) * width; i++) {
        if (!Double.isNaN(values[i])) largest = Math.max(largest, Math.abs(values[i]));
      }
    }
    return largest;
  }

  private static void labels(Tensor mine, Tensor other, Tensor scores) {
    int width = (int) (scores.count() / Math.max(1, mine.rows()));
    for (int i = 0; i < mine.count(); i++) {
      Object a = java.lang.reflect.Array.get(mine.data(), i);
      Object b = java.lang.reflect.Array.get(other.data(), i);
      boolean isSame = a instanceof byte[] x ? java.util.Arrays.equals(x, (byte[]) b) : a.equals(b);
      if (isSame) continue;
      assertThat(scores.type().isFloating()).as("row %d", i).isTrue();
      double[] row = java.util.Arrays.copyOfRange(scores.doubles(), i * width, (i + 1) * width);
      java.util.Arrays.sort(row);
      assertThat(row[width - 1] - row[width - 2]).as("row %d: %s %s", i, a, b).isLessThan(2e-6);
    }
  }

  @Test
  void probabilities_are_a_matrix_and_come_before_the_labels() {
    Scorer scorer = ModelFile.read(file("churn_pipeline"));
    assertThat(scorer.outputs().getFirst())
        .isEqualTo(Port.of("output_probability", Datatype.FP32, -1, 2));
    assertThat(scorer.outputs().getLast().type()).isEqualTo(Datatype.BYTES);
    var answer = scorer.score(rows(scorer, 5, 1, false));
    float[] both = (float[]) answer.firstEntry().getValue().data();
    for (int i = 0; i < 10; i += 2) assertThat(both[i] + both[i + 1]).isBetween(0.999f, 1.001f);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "svm_classifier",
        "svm_regressor",
        "nearest_neighbours",
        "gaussian_nb",
        "convolutions"
      })
  void what_plain_java_does_not_know_goes_to_the_runtime(String name) {
    assertThat(OnnxPlain.fits(Onnx.check(file(name)))).isFalse();
    try (Scorer scorer = ModelFile.read(file(name))) {
      assertThat(scorer).isInstanceOf(OnnxScorer.class);
      assertThat(scorer.platform()).isEqualTo("onnx_onnxv1");
      for (int rows : new int[] {1, 100, 7, 7, 1}) {
        var asked = rows(scorer, rows, rows, false);
        var answer = scorer.score(asked);
        assertThat(answer.keySet())
            .containsExactlyElementsOf(scorer.outputs().stream().map(Port::name).toList());
        assertThat(answer.values()).allSatisfy(t -> assertThat(t.rows()).isEqualTo(rows));
      }
    }
  }

  @Test
  void many_threads_get_what_one_gets() throws Exception {
    try (Scorer scorer = ModelFile.read(file("convolutions"));
        var pool = Executors.newFixedThreadPool(8)) {
      List<SequencedMap<String, Tensor>> asked = new ArrayList<>();
      List<float[]> expected = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        asked.add(rows(scorer, 1 + i % 5, i, false));
        expected.add((float[]) scorer.score(asked.get(i)).firstEntry().getValue().data());
      }
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int first = t;
        all.add(
            pool.submit(() -> {
              for (int i = 0; i < 400; i++) {
                int which = (first + i) % 16;
                Tensor answer = scorer.score(asked.get(which)).firstEntry().getValue();
                assertThat((float[]) answer.data()).isEqualTo(expected.get(which));
              }
            }));
      }
      for (Future<?> each : all) each.get();
    }
  }

  @Test
  void closing_waits_for_the_calls_that_run_and_later_ones_are_told() throws Exception {
    Scorer scorer = ModelFile.read(file("nearest_neighbours"));
    var asked = rows(scorer, 300, 1, false);
    try (var pool = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        all.add(
            pool.submit(() -> {
              int answered = 0;
              while (true) {
                try {
                  var unused = scorer.score(asked);
                  answered++;
                } catch (Problem e) {
                  assertThat(e.fault()).isEqualTo(Fault.MODEL_NOT_READY);
                  return answered;
                }
              }
            }));
      }
      Thread.sleep(200);
      scorer.close();
      scorer.close();
      for (Future<Integer> each : all) assertThat(each.get()).isPositive();
    }
    assertThatThrownBy(() -> scorer.score(asked)).isInstanceOf(Problem.class);
  }

  @Test
  void numbers_of_other_types_are_taken_and_lossy_ones_are_not() {
    Scorer scorer = ModelFile.read(file("simple"));
    var doubles = new LinkedHashMap<String, Tensor>();
    doubles.put("INPUT0", Tensor.of(new double[16], 1, 16));
    doubles.put("INPUT1", Tensor.of(new long[16], 1, 16));
    assertThat(named("OUTPUT0", scorer.score(doubles)).data()).isEqualTo(new int[16]);
    doubles.put("INPUT0", Tensor.of(new double[] {0.5, 0, 0, 0, 0, 0, 0, 0}, 1, 8));
    assertThatThrownBy(() -> scorer.score(doubles))
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.kind()).isEqualTo(Problem.Kind.INVALID));
  }

  @Test
  void loading_and_unloading_leaves_no_thread_and_no_handle_behind() throws Exception {
    byte[] bytes = file("convolutions");
    long threads = 0;
    long handles = 0;
    for (int i = 0; i < 120; i++) {
      try (Scorer scorer = ModelFile.read(bytes)) {
        assertThat(scorer.score(rows(scorer, 1, i, false))).hasSize(1);
      }
      if (i == 20) {
        threads = count("/proc/self/task");
        handles = count("/proc/self/fd");
      }
    }
    assertThat(count("/proc/self/task") - threads).isLessThan(10);
    assertThat(count("/proc/self/fd") - handles).isLessThan(10);
  }

  private static long count(String folder) throws IOException {
    try (var entries = java.nio.file.Files.list(java.nio.file.Path.of(folder))) {
      return entries.count();
    }
  }
}
