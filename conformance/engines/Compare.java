import dev.orrery.scorer.BadModelException;
import dev.orrery.scorer.Scorer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;

/// Holds our scores of the models that `models.py` wrote against those of their own libraries:
/// margins bit by bit, scores within 2 ulp (of floats, where the library gives floats), ONNX within
/// what ONNX Runtime differs from itself.
class Compare {
  private static final double ULPS_MAX = 2;

  private static int passed;
  private static int failed;
  private static long rowsInAll;

  private Compare() {}

  public static void main(String[] args) throws IOException {
    System.out.printf(
        "%-32s %9s %7s %8s %13s %12s %9s%n",
        "model", "rows", "trees", "outputs", "margins differ", "score, ulp", "spread");
    try (var folders = Files.list(Path.of(args[0]))) {
      for (Path folder : folders.sorted().toList()) compare(folder);
    }
    System.out.printf("%,d rows. %d passed, %d failed%n", rowsInAll, passed, failed);
    System.exit(failed == 0 ? 0 : 1);
  }

  private static void compare(Path folder) throws IOException {
    var properties = new Properties();
    try (var in = Files.newInputStream(folder.resolve("properties"))) {
      properties.load(in);
    }
    String kind = properties.getProperty("kind");
    int width = Integer.parseInt(properties.getProperty("width"));
    int count = Integer.parseInt(properties.getProperty("rows"));
    double[] rows = doubles(folder.resolve("rows"));
    Scorer scorer;
    try {
      scorer = Scorer.read(folder.resolve("model"));
    } catch (BadModelException e) {
      failed++;
      System.out.printf("%-32s %s%n", folder.getFileName(), e.getMessage());
      return;
    }
    texts(scorer, folder, properties.getProperty("texts", ""), rows, width);
    rowsInAll += count;
    double[] scores = new double[count * scorer.outputs()];
    int[] labels = new int[count];
    scorer.scores(rows, width, scores, labels);
    boolean good = sameOneByOne(scorer, rows, width, scores);
    String margins = "-";
    if (Files.exists(folder.resolve("margin"))) {
      int different = margins(scorer, rows, width, doubles(folder.resolve("margin")));
      good &= different == 0;
      margins = Integer.toString(different);
    }
    double[] expected = doubles(folder.resolve("score"));
    good &= expected.length == scores.length;
    double[] low = expected;
    double[] high = expected;
    double spread = 0;
    boolean floats = !kind.equals("lightgbm");
    if (kind.equals("onnx")) {
      low = doubles(folder.resolve("low"));
      high = doubles(folder.resolve("high"));
      for (int i = 0; i < low.length; i++) {
        spread = Math.max(spread, ulps(low[i], high[i], floats));
      }
      good &= sameLabels(folder, labels);
    }
    double most = 0;
    for (int i = 0; i < Math.min(scores.length, expected.length); i++) {
      double ours = scores[i];
      boolean within = ours >= low[i] && ours <= high[i];
      if (within || Double.doubleToLongBits(ours) == Double.doubleToLongBits(low[i])) continue;
      double off = Math.min(ulps(ours, low[i], floats), ulps(ours, high[i], floats));
      most = Math.max(most, off);
    }
    good &= most <= Math.max(ULPS_MAX, spread);
    if (good) passed++;
    else failed++;
    System.out.printf(
        "%-32s %,9d %7d %8d %13s %12.4g %9.4g%s%n",
        folder.getFileName(),
        count,
        scorer.trees(),
        scorer.outputs(),
        margins,
        most,
        spread,
        good ? "" : "  FAILED");
  }

  /// Puts the codes of texts in the place of their numbers.
  private static void texts(Scorer scorer, Path folder, String places, double[] rows, int width)
      throws IOException {
    if (places.isEmpty()) return;
    String[] texts = Files.readString(folder.resolve("texts")).split("\0", -1);
    for (String place : places.split(",")) {
      int at = Integer.parseInt(place);
      for (int i = at; i < rows.length; i += width) {
        rows[i] = scorer.code(at, Double.isNaN(rows[i]) ? null : texts[(int) rows[i]]);
      }
    }
  }

  /// How many margins differ in any bit. XGBoost's are floats.
  private static int margins(Scorer scorer, double[] rows, int width, double[] expected) {
    double[] margins = new double[rows.length / width * scorer.groups()];
    scorer.margins(rows, width, margins);
    if (margins.length != expected.length) return Math.max(margins.length, expected.length);
    int different = 0;
    for (int i = 0; i < margins.length; i++) {
      if (Double.doubleToLongBits(margins[i]) != Double.doubleToLongBits(expected[i])) different++;
    }
    return different;
  }

  /// Whether rows alone get the scores that they get among others.
  private static boolean sameOneByOne(Scorer scorer, double[] rows, int width, double[] scores) {
    int outputs = scorer.outputs();
    for (int i = 0; i < Math.min(2_000, rows.length / width); i++) {
      double[] one = scorer.scores(Arrays.copyOfRange(rows, i * width, (i + 1) * width));
      if (!Arrays.equals(one, Arrays.copyOfRange(scores, i * outputs, (i + 1) * outputs))) {
        System.out.println("row " + i + " alone differs");
        return false;
      }
    }
    return true;
  }

  private static boolean sameLabels(Path folder, int[] ours) throws IOException {
    Path file = folder.resolve("label");
    if (!Files.exists(file)) return true;
    var expected = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int different = 0;
    for (int label : ours) {
      int wanted = expected.getInt();
      if (wanted >= 0 && wanted != label) different++;
    }
    if (different > 0) System.out.println(different + " labels differ");
    return different == 0;
  }

  private static double ulps(double a, double b, boolean floats) {
    if (Double.isNaN(a) || Double.isNaN(b)) {
      return Double.isNaN(a) && Double.isNaN(b) ? 0 : Double.POSITIVE_INFINITY;
    }
    if (a == b) return 0;
    double least = Math.min(Math.abs(a), Math.abs(b));
    return Math.abs(a - b) / (floats ? Math.ulp((float) least) : Math.ulp(least));
  }

  private static double[] doubles(Path file) throws IOException {
    var buffer = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[buffer.remaining() / Double.BYTES];
    buffer.asDoubleBuffer().get(values);
    return values;
  }
}
