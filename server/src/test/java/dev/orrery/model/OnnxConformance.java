package dev.orrery.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Run by `conformance/onnx/run`: scores model files that Python made and holds the answers against
/// Python's (`cases FOLDER`); loads and unloads models many times (`soak FOLDER N`); times one row
/// and many on one and two threads (`time FOLDER`).
final class OnnxConformance {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// How far an answer may be off, in units in the last place of the larger of 1 and the largest
  /// answer: the same as between two runs of the runtime on different processors.
  private static final double UNITS_MAX = 16;

  private int passed;
  private int failed;

  private OnnxConformance() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    var run = new OnnxConformance();
    switch (args[0]) {
      case "cases" -> run.cases(folder);
      case "soak" -> run.soak(folder, Integer.parseInt(args[2]));
      case "time" -> time(folder);
      default -> throw new IllegalArgumentException(args[0]);
    }
    System.out.printf("%d passed, %d failed%n", run.passed, run.failed);
    System.exit(run.failed == 0 ? 0 : 1);
  }

  private void cases(Path folder) throws IOException {
    List<Path> cases;
    try (var files = Files.list(folder)) {
      cases = files.filter(f -> f.toString().endsWith(".json")).sorted().toList();
    }
    for (Path file : cases) {
      String name = file.getFileName().toString().replace(".json", "");
      Path model = folder.resolve(name + ".onnx");
      if (!Files.exists(model)) model = folder.resolve(name);
      JsonNode wanted = JSON.readTree(file.toFile());
      try (Scorer scorer = ModelFile.read(model)) {
        compare(name, scorer, wanted);
        passed++;
      } catch (RuntimeException | AssertionError e) {
        failed++;
        System.out.printf("FAILED %s: %s%n", name, e);
      }
    }
  }

  private static void compare(String name, Scorer scorer, JsonNode wanted) {
    var answer = scorer.score(tensors(wanted.get("inputs")));
    double worst = 0;
    for (var entry : tensors(wanted.get("outputs")).entrySet()) {
      Tensor ours = java.util.Objects.requireNonNull(answer.get(entry.getKey()), entry.getKey());
      Tensor theirs = entry.getValue();
      if (ours.type() != theirs.type()) throw new AssertionError(ours.type() + " " + theirs.type());
      if (!java.util.Arrays.equals(ours.shape(), theirs.shape())) {
        throw new AssertionError(java.util.Arrays.toString(ours.shape()));
      }
      if (!ours.type().isFloating()) {
        for (int i = 0; i < ours.count(); i++) {
          Object a = java.lang.reflect.Array.get(ours.data(), i);
          Object b = java.lang.reflect.Array.get(theirs.data(), i);
          if (!java.util.Objects.deepEquals(a, b)) throw new AssertionError("label of row " + i);
        }
        continue;
      }
      double[] a = ours.doubles();
      double[] b = theirs.doubles();
      double largest = 1;
      for (double x : b) if (Double.isFinite(x)) largest = Math.max(largest, Math.abs(x));
      double unit = ours.type() == Datatype.FP64 ? Math.ulp(largest) : Math.ulp((float) largest);
      for (int i = 0; i < a.length; i++) {
        if (a[i] == b[i] || Double.isNaN(a[i]) && Double.isNaN(b[i])) continue;
        double units = Math.abs(a[i] - b[i]) / unit;
        if (!(units <= UNITS_MAX))
          throw new AssertionError("row %d: %s for %s".formatted(i, a[i], b[i]));
        worst = Math.max(worst, units);
      }
    }
    System.out.printf(
        "%-28s %-12s largest difference %.1f units%n",
        name, scorer.getClass().getSimpleName().replace("Scorer", ""), worst);
  }

  private static SequencedMap<String, Tensor> tensors(JsonNode written) {
    var tensors = new LinkedHashMap<String, Tensor>();
    for (var e : written.properties()) tensors.put(e.getKey(), tensor(e.getValue()));
    return tensors;
  }

  private static Tensor tensor(JsonNode written) {
    Datatype type = Datatype.of(written.get("datatype").asText());
    JsonNode data = written.get("data");
    long[] shape = new long[written.get("shape").size()];
    for (int i = 0; i < shape.length; i++) shape[i] = written.get("shape").get(i).asLong();
    int n = data.size();
    Object values =
        switch (type) {
          case BYTES -> new byte[n][];
          case FP32 -> new float[n];
          case FP64 -> new double[n];
          case INT32 -> new int[n];
          default -> new long[n];
        };
    for (int i = 0; i < n; i++) {
      JsonNode x = data.get(i);
      switch (values) {
        case byte[][] own -> own[i] = x.asText().getBytes(StandardCharsets.UTF_8);
        case float[] own -> own[i] = x.isNull() ? Float.NaN : (float) x.asDouble();
        case double[] own -> own[i] = x.isNull() ? Double.NaN : x.asDouble();
        case int[] own -> own[i] = x.asInt();
        default -> ((long[]) values)[i] = x.asLong();
      }
    }
    return new Tensor(type, shape, values);
  }

  /// Memory of the process must not grow with the number of loads: after a tenth of them it has
  /// reached its height.
  private void soak(Path folder, int loads) throws IOException {
    List<Path> models = new ArrayList<>();
    try (var files = Files.list(folder)) {
      files.filter(f -> f.toString().matches(".*\\.(onnx|txt)")).sorted().forEach(models::add);
    }
    for (Path model : models) {
      byte[] bytes = Files.readAllBytes(model);
      long start = 0;
      for (int i = 0; i < loads; i++) {
        try (Scorer scorer = ModelFile.read(bytes)) {
          var unused = scorer.score(OnnxTest.rows(scorer, 2, 1, false));
        }
        if (i == loads / 10) start = resident();
      }
      long end = resident();
      boolean isFlat = end - start < 24;
      if (isFlat) passed++;
      else failed++;
      System.out.printf(
          "%s %-28s %,d loads, resident %d MB after a tenth, %d MB at the end%n",
          isFlat ? "      " : "FAILED", model.getFileName(), loads, start, end);
    }
  }

  private static long resident() throws IOException {
    System.gc();
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
    }
    return 0;
  }

  private static void time(Path folder) throws Exception {
    for (String name :
        new String[] {"logistic", "churn_pipeline", "mlp_classifier", "network", "convolutions"}) {
      Onnx.Checked checked = Onnx.check(Files.readAllBytes(folder.resolve(name + ".onnx")));
      try (var runtime = new OnnxScorer(checked)) {
        String plain = "-";
        if (OnnxPlain.fits(checked)) plain = micros(new OnnxPlain(checked), 1);
        System.out.printf(
            "%-18s us a row: plain Java %s, ONNX Runtime %s, rows a second on one and two threads"
                + " %s%n",
            name, plain, micros(runtime, 1), rate(runtime));
      }
    }
  }

  private static String micros(Scorer scorer, int rows) {
    var asked = OnnxTest.rows(scorer, rows, 1, false);
    double best = Double.MAX_VALUE;
    for (int round = 0; round < 12; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < 5_000; i++) {
        var unused = scorer.score(asked);
      }
      best = Math.min(best, (System.nanoTime() - start) / 5_000e3);
    }
    return "%.2f".formatted(best);
  }

  private static String rate(Scorer scorer) throws InterruptedException {
    var asked = OnnxTest.rows(scorer, 1, 1, false);
    StringBuilder rates = new StringBuilder();
    for (int threads = 1; threads <= 2; threads++) {
      List<Thread> all = new ArrayList<>();
      long start = System.nanoTime();
      for (int t = 0; t < threads; t++) {
        all.add(
            Thread.ofPlatform()
                .start(() -> {
                  for (int i = 0; i < 30_000; i++) {
                    var unused = scorer.score(asked);
                  }
                }));
      }
      for (Thread thread : all) thread.join();
      double seconds = (System.nanoTime() - start) / 1e9;
      rates.append(threads == 1 ? "" : ", ").append("%,.0f".formatted(threads * 30_000 / seconds));
    }
    return rates.toString();
  }
}
