package dev.orrery.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Damaged and hostile files: each is refused with a reason, or harmless.
class OnnxDamageTest {
  private static final String[] NAMES = {
    "logistic", "churn_pipeline", "network", "convolutions", "nearest_neighbours", "svm_classifier"
  };

  private int refused;
  private int scored;

  @Test
  void a_file_cut_short_anywhere_is_refused() {
    for (String name : NAMES) {
      byte[] whole = OnnxTest.file(name);
      for (int i = 0; i < 40; i++) {
        byte[] cut = java.util.Arrays.copyOf(whole, whole.length * i / 40);
        assertThatThrownBy(() -> ModelFile.read(cut).close())
            .as("%s cut to %d bytes", name, cut.length)
            .isInstanceOf(Problem.class);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void flipped_bits_are_refused_or_harmless(long seed) {
    var random = new SplittableRandom(seed);
    for (String name : NAMES) {
      byte[] whole = OnnxTest.file(name);
      for (int i = 0; i < 20; i++) {
        byte[] flipped = whole.clone();
        for (int n = random.nextInt(1, 5); n > 0; n--) {
          flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
        }
        answer(flipped);
      }
    }
    assertThat(refused).isPositive();
    assertThat(scored).isPositive();
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void lying_numbers_are_refused_or_harmless(long seed) {
    var random = new SplittableRandom(seed);
    for (String name : NAMES) {
      byte[] whole = OnnxTest.file(name);
      for (int i = 0; i < 20; i++) {
        byte[] lying = whole.clone();
        int at = random.nextInt(lying.length - 5);
        lying[at] = (byte) 0xff;
        if (random.nextBoolean()) lying[at + 1] = (byte) 0xff;
        if (random.nextBoolean()) lying[at + 2] = 0x7f;
        answer(lying);
      }
    }
    assertThat(refused).isPositive();
  }

  private void answer(byte[] bytes) {
    try (Scorer scorer = ModelFile.read(bytes)) {
      var unused = scorer.score(OnnxTest.rows(scorer, 2, 1, true));
      scored++;
    } catch (Problem e) {
      assertThat(e.what()).isNotBlank();
      refused++;
    }
  }

  @Test
  void hostile_graphs_are_refused_by_name_of_what_is_wrong() {
    byte[] input = value(11, "x");
    byte[] output = value(12, "y");
    said("circle", graph(node("Relu", "", "z", "y"), node("Relu", "", "y", "z"), input, output));
    said("which nothing gives", graph(node("Relu", "", "w", "y"), input, output));
    said(
        "given already",
        graph(node("Relu", "", "x", "y"), node("Tanh", "", "x", "y"), input, output));
    said("given by no node", graph(node("Relu", "", "x", "z"), input, output));
    said("operators of 'evil.ops'", graph(node("Run", "evil.ops", "x", "y"), input, output));
    said("no input", graph(output, field(5, tensor("y", 2))));
    said(
        "lie outside the file",
        graph(
            node("Add", "", "x", "w", "y"),
            input,
            output,
            field(5, join(tensor("w", 0), number(14, 1)))));
    said(
        "lie outside the file",
        graph(
            node("Add", "", "x", "w", "y"),
            input,
            output,
            field(5, join(tensor("w", 0), field(13, text(1, "location"))))));
    said(
        "where its shape asks for",
        graph(
            node("Add", "", "x", "w", "y"),
            input,
            output,
            field(5, join(number(1, 1 << 20), tensor("w", 3)))));
    said(
        "too large",
        graph(
            node("Add", "", "x", "w", "y"),
            input,
            output,
            field(5, join(number(1, 1 << 30), number(1, 1 << 30), tensor("w", 3)))));
    said(
        "more than 268,435,456 elements",
        graph(node("Expand", "", "x", "s", "y"), input, output, field(5, sizes("s", 1L << 40))));
    said("ONNX Runtime refuses", graph(node("NoSuchOperator", "", "x", "y"), input, output));
    said("graphs lie in each other", nested(20));
    said("has no graph", model(new byte[0], false));
  }

  @Test
  void a_graph_that_is_sound_is_scored(@org.junit.jupiter.api.io.TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("sound.onnx");
    Files.write(file, graph(node("Relu", "", "x", "y"), value(11, "x"), value(12, "y")));
    try (Scorer scorer = ModelFile.read(file)) {
      var rows = new java.util.LinkedHashMap<String, Tensor>();
      rows.put("x", Tensor.of(new float[] {-1, 2}, 1, 2));
      assertThat(OnnxTest.named("y", scorer.score(rows)).data()).isEqualTo(new float[] {0, 2});
    }
  }

  private static void said(String what, byte[] file) {
    assertThatThrownBy(() -> ModelFile.read(file).close())
        .isInstanceOf(Problem.class)
        .hasMessageContaining(what);
  }

  private static byte[] nested(int depth) {
    byte[] graph = join(text(2, "g"));
    for (int i = 0; i < depth; i++) {
      byte[] attribute = join(text(1, "then_branch"), number(20, 5), field(6, graph));
      graph = field(1, join(text(1, "x"), text(2, "y"), text(4, "If"), field(5, attribute)));
    }
    return graph(graph, value(11, "x"), value(12, "y"));
  }

  private static byte[] graph(byte[]... parts) {
    return model(join(parts), true);
  }

  private static byte[] model(byte[] graph, boolean hasGraph) {
    byte[] opset = field(8, join(text(1, ""), number(2, 17)));
    return hasGraph ? join(number(1, 8), field(7, graph), opset) : join(number(1, 8), opset);
  }

  private static byte[] node(String op, String domain, String... names) {
    var out = new ByteArrayOutputStream();
    for (int i = 0; i < names.length; i++) {
      out.writeBytes(text(i == names.length - 1 ? 2 : 1, names[i]));
    }
    out.writeBytes(text(4, op));
    out.writeBytes(text(7, domain));
    return field(1, out.toByteArray());
  }

  private static byte[] value(int field, String name) {
    byte[] shape = join(field(1, text(2, "rows")), field(1, number(1, 2)));
    byte[] dense = field(1, join(number(1, 1), field(2, shape)));
    return field(field, join(text(1, name), field(2, dense)));
  }

  private static byte[] tensor(String name, int count) {
    byte[] dims = count == 0 ? new byte[0] : number(1, count);
    return join(dims, number(2, 1), text(8, name), field(9, new byte[count * 4]));
  }

  private static byte[] sizes(String name, long length) {
    return join(number(1, 1), number(2, 7), text(8, name), number(7, length));
  }

  private static byte[] text(int field, String text) {
    return field(field, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] number(int field, long value) {
    var out = new ByteArrayOutputStream();
    varint(out, (long) field << 3);
    varint(out, value);
    return out.toByteArray();
  }

  private static byte[] field(int field, byte[] content) {
    var out = new ByteArrayOutputStream();
    varint(out, (long) field << 3 | 2);
    varint(out, content.length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) out.writeBytes(part);
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long left = value;
    while ((left & ~0x7fL) != 0) {
      out.write((int) (left & 0x7f | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }
}
