package dev.orrery.bench;

import com.microsoft.ml.lightgbm.PredictionType;
import dev.orrery.engine.Table;
import dev.orrery.model.ModelPackage;
import dev.orrery.model.Trees;
import dev.orrery.train.Candidate;
import dev.orrery.train.TrainOptions;
import dev.orrery.train.Trainer;
import dev.orrery.train.Training;
import io.github.metarank.lightgbm4j.LGBMBooster;
import io.github.metarank.lightgbm4j.LGBMException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// How long the trees take for a row, on one thread: every prediction waits for it once.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ScoringBench {
  private static final int ROWS = 1_000;
  private static final int TRAINING_ROWS = 60_000;
  private static final String FLIGHTS = "flights";
  private static final String NUMBERS = "numbers";

  /// `flights`: 200 trees of 63 leaves, with categories. `numbers`: 100 trees of depth 8 with 120
  /// leaves over 28 numbers, on which the peers were measured.
  @Param({FLIGHTS, NUMBERS})
  public String model = FLIGHTS;

  private Trees trees;
  private LGBMBooster booster;
  private double[] rows;
  private double[][] each;
  private int next;

  @Setup
  public void load() throws IOException, LGBMException {
    String text = Files.readString(Jmh.work().resolve(model + ".txt"));
    trees = new Trees(text);
    booster = LGBMBooster.loadModelFromString(text);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Jmh.work().resolve(model + ".rows")));
    rows = new double[bytes.capacity() / Double.BYTES];
    bytes.asDoubleBuffer().get(rows);
    int width = trees.width();
    each = new double[ROWS][];
    for (int i = 0; i < ROWS; i++) each[i] = Arrays.copyOfRange(rows, i * width, (i + 1) * width);
  }

  @TearDown
  public void close() throws LGBMException {
    booster.close();
  }

  private double[] row() {
    next = next + 1 == ROWS ? 0 : next + 1;
    return each[next];
  }

  @Benchmark
  public double row_by_ours() {
    return trees.score(row());
  }

  @Benchmark
  public double row_by_lightgbm() throws LGBMException {
    return booster.predictForMatSingleRow(row(), PredictionType.C_API_PREDICT_NORMAL);
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public double[] batch_by_ours() {
    double[] scores = new double[ROWS];
    trees.score(rows, trees.width(), scores);
    return scores;
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public double[] batch_by_lightgbm() throws LGBMException {
    return booster.predictForMat(
        rows, ROWS, trees.width(), true, PredictionType.C_API_PREDICT_NORMAL, "num_threads=1");
  }

  static List<Line> measure(Plan plan) throws Exception {
    train(plan);
    var scores = Jmh.run(ScoringBench.class, plan);
    var lines = new ArrayList<Line>();
    for (String model : List.of(FLIGHTS, NUMBERS)) {
      String trees = model.equals(FLIGHTS) ? "200 trees of 63 leaves" : "100 trees of depth 8";
      for (String size : List.of("row", "batch")) {
        lines.add(
            Line.time(
                "score %s, %s".formatted(size.equals("row") ? "1 row" : "1,000 rows", trees),
                "ns/row",
                Jmh.score(scores, size + "_by_ours/" + model),
                "lightgbm4j",
                Jmh.score(scores, size + "_by_lightgbm/" + model)));
      }
    }
    var peers = Jmh.run(PeersBench.class, plan);
    for (String peer : List.of("onnxruntime", "xgboost4j")) {
      String format = peer.equals("onnxruntime") ? "onnx" : "xgboost";
      for (String size : List.of("row", "batch")) {
        lines.add(
            Line.time(
                "score %s, the same as %s"
                    .formatted(size.equals("row") ? "1 row" : "1,000 rows", format),
                "ns/row",
                Jmh.score(peers, size + "_by_ours_" + format),
                peer,
                Jmh.score(peers, size + "_by_" + peer)));
      }
    }
    return lines;
  }

  private static void train(Plan plan) throws IOException {
    Flights flights = Flights.load(plan.flights(), TRAINING_ROWS + ROWS);
    Table features = flights.features().history(flights.rows());
    double[] late = flights.rows().numbers("late");
    write(plan.work(), FLIGHTS, features, late, trees(200, 63, -1));

    var random = new SplittableRandom(42);
    int count = TRAINING_ROWS + ROWS;
    double[] target = new double[count];
    var columns = new LinkedHashMap<String, Table.Column>();
    for (int j = 0; j < 28; j++) {
      double[] values = new double[count];
      for (int i = 0; i < count; i++) {
        values[i] = (float) random.nextGaussian();
        target[i] += j % 2 == 0 ? values[i] * Math.cos(j) : values[i] * values[i] * Math.sin(j);
      }
      columns.put("x" + j, new Table.Numbers(values));
    }
    for (int i = 0; i < count; i++) target[i] = target[i] + random.nextGaussian() > 0 ? 1 : 0;
    write(plan.work(), NUMBERS, Table.of(columns), target, trees(100, 120, 8));
  }

  private static Candidate.LightGbm trees(int trees, int leaves, int depth) {
    return new Candidate.LightGbm(trees, leaves, 0.1, depth, 20, 1, 1, 0, 0, 255);
  }

  /// Trains on all rows but the last, and writes the model and those.
  private static void write(
      Path folder, String name, Table features, double[] target, Candidate candidate)
      throws IOException {
    int[] first = IntStream.range(0, TRAINING_ROWS).toArray();
    int[] last = IntStream.range(TRAINING_ROWS, TRAINING_ROWS + ROWS).toArray();
    int threads = Runtime.getRuntime().availableProcessors();
    ModelPackage fitted =
        Trainer.fit(
            candidate,
            Training.bare(features.pick(first), Arrays.copyOf(target, TRAINING_ROWS)),
            new TrainOptions(42, threads));
    Files.writeString(folder.resolve(name + ".txt"), ((Trees) fitted.model()).text());
    double[] rows = fitted.preprocessor().encode(features.pick(last));
    ByteBuffer bytes = ByteBuffer.allocate(rows.length * Double.BYTES);
    bytes.asDoubleBuffer().put(rows);
    Files.write(folder.resolve(name + ".rows"), bytes.array());
  }
}
