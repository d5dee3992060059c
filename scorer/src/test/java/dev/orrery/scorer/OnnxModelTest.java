package dev.orrery.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// ONNX models written by hand: one stump, and what may be wrong with it or around it.
class OnnxModelTest {
  /// What the stump is made of; a test changes some of it.
  private static final class Stump {
    long[] trees = {0, 0, 0};
    long[] nodes = {0, 1, 2};
    long[] features = {0, 0, 0};
    long[] yes = {1, 0, 0};
    long[] no = {2, 0, 0};
    String[] modes = {"BRANCH_LEQ", "LEAF", "LEAF"};
    float[] values = {0.5f, 0, 0};
    long[] leafTrees = {0, 0};
    long[] leafNodes = {1, 2};
    long[] ids = {0, 0};
    float[] weights = {1, 2};
    String op = "TreeEnsembleRegressor";
    String domain = "ai.onnx.ml";
    long type = 1;
    long columns = 1;
    byte[] more = {};
    long version = 3;

    byte[] model() {
      byte[] node =
          join(
              text(1, "x"),
              text(2, "y"),
              text(4, op),
              text(7, domain),
              numbers("nodes_treeids", trees),
              numbers("nodes_nodeids", nodes),
              numbers("nodes_featureids", features),
              numbers("nodes_truenodeids", yes),
              numbers("nodes_falsenodeids", no),
              texts("nodes_modes", modes),
              reals("nodes_values", values),
              numbers("target_treeids", leafTrees),
              numbers("target_nodeids", leafNodes),
              numbers("target_ids", ids),
              reals("target_weights", weights));
      byte[] graph =
          join(message(1, node), more, message(11, value("x", type)), message(12, value("y", 1)));
      byte[] opset = join(text(1, "ai.onnx.ml"), varint(2, version));
      return join(varint(1, 8), message(7, graph), message(8, opset));
    }

    private byte[] value(String name, long of) {
      byte[] shape = join(message(1, text(2, "N")), message(1, varint(1, columns)));
      byte[] tensor = join(varint(1, of), message(2, shape));
      return join(text(1, name), message(2, message(1, tensor)));
    }
  }

  @Test
  void a_stump_written_by_hand_is_scored() {
    Scorer scorer = Scorer.read(new Stump().model());
    assertThat(scorer.score(new double[] {0.5})).isEqualTo(1);
    assertThat(scorer.score(new double[] {0.5000001})).isEqualTo(2);
    // Rounded to a float before it is compared.
    assertThat(scorer.score(new double[] {Math.nextUp(0.5)})).isEqualTo(1);
    assertThat(scorer.score(new double[] {Double.NaN})).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "BRANCH_LEQ,1,1,2,2",
    "BRANCH_LT,1,2,2,2",
    "BRANCH_GTE,2,1,1,2",
    "BRANCH_GT,2,2,1,2",
    "BRANCH_EQ,2,1,2,2",
    "BRANCH_NEQ,1,2,1,1",
  })
  void each_mode_compares_as_it_says(
      String mode, double under, double on, double over, double missing) {
    var stump = new Stump();
    stump.modes[0] = mode;
    Scorer scorer = Scorer.read(stump.model());
    assertThat(scorer.score(new double[] {Math.nextDown(0.5f)})).isEqualTo(under);
    assertThat(scorer.score(new double[] {0.5})).isEqualTo(on);
    assertThat(scorer.score(new double[] {Math.nextUp(0.5f)})).isEqualTo(over);
    assertThat(scorer.score(new double[] {Double.NEGATIVE_INFINITY})).isEqualTo(under);
    assertThat(scorer.score(new double[] {Double.POSITIVE_INFINITY})).isEqualTo(over);
    assertThat(scorer.score(new double[] {Double.NaN})).isEqualTo(missing);
  }

  @ParameterizedTest
  @CsvSource({
    "circle,DAMAGED,at its root",
    "self,DAMAGED,at its root",
    "shared,DAMAGED,share a child",
    "outside,DAMAGED,outside the tree",
    "feature,DAMAGED,names no feature",
    "negative feature,DAMAGED,names no feature",
    "huge feature,DAMAGED,out of range",
    "twice,DAMAGED,stands twice",
    "short,DAMAGED,differ in length",
    "no leaf,DAMAGED,a leaf has no value",
    "branch weight,DAMAGED,no leaf",
    "lost weight,DAMAGED,not there",
    "nan,DAMAGED,not a number",
    "target,DAMAGED,no class or target",
    "external,DAMAGED,other files",
    "operator,UNSUPPORTED,operator 'MatMul'",
    "domain,UNSUPPORTED,the operator 'TreeEnsembleRegressor'",
    "opset,UNSUPPORTED,version 6",
    "type,UNSUPPORTED,neither floats nor doubles",
    "mode,UNSUPPORTED,BRANCH_MEMBER",
  })
  void what_does_not_hold_together_is_refused(
      String what, BadModelException.Kind kind, String why) {
    var stump = new Stump();
    switch (what) {
      case "circle" -> {
        stump.modes[1] = "BRANCH_LEQ";
        stump.yes[1] = 0;
        stump.no[1] = 2;
        stump.leafTrees = new long[] {0};
        stump.leafNodes = new long[] {2};
        stump.ids = new long[] {0};
        stump.weights = new float[] {1};
      }
      case "self" -> stump.yes[0] = 0;
      case "shared" -> stump.yes[0] = 2;
      case "outside" -> stump.no[0] = 9;
      case "feature" -> stump.features[0] = 1;
      case "negative feature" -> stump.features[0] = -1;
      case "huge feature" -> stump.features[0] = 1L << 40;
      case "twice" -> stump.nodes[2] = 1;
      case "short" -> stump.features = new long[] {0};
      case "no leaf" -> {
        stump.leafTrees = new long[] {0};
        stump.leafNodes = new long[] {1};
        stump.ids = new long[] {0};
        stump.weights = new float[] {1};
      }
      case "branch weight" -> stump.leafNodes[0] = 0;
      case "lost weight" -> stump.leafTrees[0] = 5;
      case "nan" -> stump.weights[1] = Float.NaN;
      case "target" -> stump.ids[1] = 3;
      case "external" -> stump.more = message(5, join(text(8, "w"), varint(14, 1)));
      case "operator" ->
          stump.more = message(1, join(text(1, "y"), text(2, "z"), text(4, "MatMul")));
      case "domain" -> stump.domain = "my.own";
      case "opset" -> stump.version = 6;
      case "type" -> stump.type = 8;
      case "mode" -> stump.modes[0] = "BRANCH_MEMBER";
      default -> throw new IllegalArgumentException(what);
    }
    assertThatThrownBy(() -> Scorer.read(stump.model()))
        .isInstanceOfSatisfying(BadModelException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(why);
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) out.writeBytes(part);
    return out.toByteArray();
  }

  private static byte[] varint(long value) {
    var out = new ByteArrayOutputStream();
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
    return out.toByteArray();
  }

  private static byte[] varint(int field, long value) {
    return join(varint((long) field << 3), varint(value));
  }

  private static byte[] message(int field, byte[] bytes) {
    return join(varint((long) field << 3 | 2), varint(bytes.length), bytes);
  }

  private static byte[] text(int field, String text) {
    return message(field, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] numbers(String name, long[] values) {
    List<byte[]> parts = new ArrayList<>(List.of(text(1, name)));
    for (long value : values) parts.add(varint(8, value));
    parts.add(varint(20, 7));
    return message(5, join(parts.toArray(byte[][]::new)));
  }

  private static byte[] reals(String name, float[] values) {
    var packed = java.nio.ByteBuffer.allocate(4 * values.length);
    packed.order(java.nio.ByteOrder.LITTLE_ENDIAN);
    for (float value : values) packed.putFloat(value);
    return message(5, join(text(1, name), message(7, packed.array()), varint(20, 6)));
  }

  private static byte[] texts(String name, String[] values) {
    List<byte[]> parts = new ArrayList<>(List.of(text(1, name)));
    for (String value : values) parts.add(text(9, value));
    return message(5, join(parts.toArray(byte[][]::new)));
  }
}
