package dev.orrery.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.orrery.scorer.Scorer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// The same 100 trees of depth 8, as ONNX and as XGBoost's JSON, scored by ONNX Runtime, xgboost4j
/// and ours, each on one thread.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PeersBench {
  private static final int ROWS = 1_000;
  private static final int WIDTH = 28;

  private Scorer onnx;
  private Scorer xgboost;
  private OrtSession session;
  private Booster booster;
  private FloatBuffer one;
  private OnnxTensor oneTensor;
  private OnnxTensor allTensor;
  private double[] rows;
  private double[][] each;
  private float[] floats;
  private float[][] eachFloats;
  private int next;

  @Setup
  public void load() throws IOException, OrtException, XGBoostError {
    var trees = new SameTrees(Files.readString(Jmh.work().resolve("numbers.txt")), WIDTH);
    byte[] onnxModel = trees.onnx();
    byte[] xgboostModel = trees.xgboost();
    onnx = Scorer.read(onnxModel);
    xgboost = Scorer.read(xgboostModel);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Jmh.work().resolve("numbers.rows")));
    rows = new double[ROWS * WIDTH];
    bytes.asDoubleBuffer().get(rows);
    floats = new float[rows.length];
    for (int i = 0; i < rows.length; i++) floats[i] = (float) rows[i];
    each = new double[ROWS][];
    eachFloats = new float[ROWS][];
    for (int i = 0; i < ROWS; i++) {
      each[i] = Arrays.copyOfRange(rows, i * WIDTH, (i + 1) * WIDTH);
      eachFloats[i] = Arrays.copyOfRange(floats, i * WIDTH, (i + 1) * WIDTH);
    }
    var environment = OrtEnvironment.getEnvironment();
    try (var options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      session = environment.createSession(onnxModel, options);
    }
    one = buffer(WIDTH);
    oneTensor = OnnxTensor.createTensor(environment, one, new long[] {1, WIDTH});
    FloatBuffer all = buffer(rows.length);
    all.put(0, floats);
    allTensor = OnnxTensor.createTensor(environment, all, new long[] {ROWS, WIDTH});
    booster = XGBoost.loadModel(new ByteArrayInputStream(xgboostModel));
    booster.setParam("nthread", 1);
    check();
  }

  private static FloatBuffer buffer(int length) {
    return ByteBuffer.allocateDirect(4 * length).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /// All of them walk the same trees.
  private void check() throws OrtException, XGBoostError {
    float theirs = row_by_onnxruntime();
    next--;
    if ((float) onnx.score(each[next + 1]) != theirs) throw new IllegalStateException("ONNX");
    next = 0;
    float other = row_by_xgboost4j()[0][0];
    if ((float) xgboost.score(each[next]) != other) throw new IllegalStateException("XGBoost");
  }

  @TearDown
  public void close() throws OrtException {
    oneTensor.close();
    allTensor.close();
    session.close();
    booster.dispose();
  }

  private int next() {
    next = next + 1 == ROWS ? 0 : next + 1;
    return next;
  }

  @Benchmark
  public double row_by_ours_onnx() {
    return onnx.score(each[next()]);
  }

  @Benchmark
  public double row_by_ours_xgboost() {
    return xgboost.score(each[next()]);
  }

  /// With a tensor over memory of its own that is filled anew.
  @Benchmark
  public float row_by_onnxruntime() throws OrtException {
    one.put(0, eachFloats[next()]);
    try (var result = session.run(Map.of("x", oneTensor))) {
      return ((OnnxTensor) result.get(0)).getFloatBuffer().get(0);
    }
  }

  @Benchmark
  public float[][] row_by_xgboost4j() throws XGBoostError {
    return booster.inplace_predict(eachFloats[next()], 1, WIDTH, Float.NaN);
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public double[] batch_by_ours_onnx() {
    double[] scores = new double[ROWS];
    onnx.scores(rows, WIDTH, scores);
    return scores;
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public double[] batch_by_ours_xgboost() {
    double[] scores = new double[ROWS];
    xgboost.scores(rows, WIDTH, scores);
    return scores;
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public FloatBuffer batch_by_onnxruntime() throws OrtException {
    try (var result = session.run(Map.of("x", allTensor))) {
      return ((OnnxTensor) result.get(0)).getFloatBuffer();
    }
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public float[][] batch_by_xgboost4j() throws XGBoostError {
    return booster.inplace_predict(floats, ROWS, WIDTH, Float.NaN);
  }
}
