package dev.orrery.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import dev.orrery.model.Datatype;
import dev.orrery.model.Port;
import dev.orrery.model.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tensors as JSON, as bytes and as messages, and how they are fitted to what a model takes.
class TensorsTest {
  private static InferRequest read(String json) {
    return InferRequest.read(json.getBytes(StandardCharsets.UTF_8), -1);
  }

  private static Tensor one(String datatype, String shape, String data) {
    return read("{\"inputs\":[{\"name\":\"x\",\"shape\":%s,\"datatype\":\"%s\",\"data\":%s}]}"
            .formatted(shape, datatype, data))
        .inputs()
        .firstEntry()
        .getValue();
  }

  @Test
  void integers_are_read_to_their_last_digit() {
    assertThat((long[]) one("INT64", "[2]", "[9007199254740993,-9223372036854775808]").data())
        .containsExactly(9007199254740993L, Long.MIN_VALUE);
    assertThat(
            Long.toUnsignedString(
                ((long[]) one("UINT64", "[1]", "[18446744073709551615]").data())[0]))
        .isEqualTo("18446744073709551615");
    assertThat((long[]) one("INT64", "[2]", "[3.0,1e3]").data()).containsExactly(3, 1000);
  }

  @Test
  void a_missing_value_is_null_or_a_word() {
    assertThat((double[]) one("FP64", "[5]", "[null,NaN,\"NaN\",Infinity,-Infinity]").data())
        .containsExactly(
            Double.NaN, Double.NaN, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
    assertThat(((byte[][]) one("BYTES", "[2]", "[null,\"\\u00e9\"]").data())[0]).isNull();
  }

  @Test
  void data_may_stand_before_its_type_and_be_nested_or_flat() {
    InferRequest late =
        read(
            """
            {"inputs":[{"data":[[1,2],[3,4]],"shape":[2,2],"name":"x","datatype":"FP32"}]}
            """);
    assertThat((float[]) late.inputs().firstEntry().getValue().data()).containsExactly(1, 2, 3, 4);
    assertThat((float[]) one("FP32", "[2,2]", "[1,2,3,4]").data()).containsExactly(1, 2, 3, 4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FP64|[2]|[1]",
        "FP64|[2]|[[1],[2,3]]",
        "FP64|[2,2]|[[1,2,3,4]]",
        "FP64|[1]|[\"a\"]",
        "INT8|[1]|[128]",
        "UINT8|[1]|[-1]",
        "INT32|[1]|[null]",
        "INT64|[1]|[9223372036854775808]",
        "UINT64|[1]|[18446744073709551616]",
        "INT64|[1]|[1e400]",
        "BOOL|[1]|[2]",
        "BYTES|[1]|[1]",
        "BF16|[1]|[1]",
        "FP63|[1]|[1]",
        "FP64|[-1]|[1]",
        "FP64|[1.5]|[1]",
        "FP64|[99999999999]|[1]"
      })
  void what_does_not_fit_is_refused(String datatype, String shape, String data) {
    assertThatThrownBy(() -> one(datatype, shape, data)).isInstanceOf(Problem.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{}",
        "{\"inputs\":{}}",
        "{\"inputs\":[1]}",
        "{\"inputs\":[{\"name\":\"x\"}]}",
        "{\"id\":7}",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":[1]}]} {}"
      })
  void a_request_of_another_form_is_refused(String json) {
    assertThatThrownBy(() -> read(json)).isInstanceOf(Problem.class);
  }

  @ParameterizedTest
  @EnumSource(Datatype.class)
  void every_type_survives_the_way_to_bytes_and_back(Datatype type) {
    var random = new Random(7);
    byte[] bytes = new byte[24];
    if (type == Datatype.BYTES) bytes = new byte[] {2, 0, 0, 0, 'a', 'b', 0, 0, 0, 0};
    else random.nextBytes(bytes);
    int count = type == Datatype.BYTES ? 2 : 24 / type.size();
    if (type == Datatype.BOOL) for (int i = 0; i < 24; i++) bytes[i] &= 1;
    Tensor tensor = TensorBytes.read("x", type, new long[] {count}, bytes, 0, bytes.length);
    assertThat(TensorBytes.bytes(tensor)).isEqualTo(bytes);
  }

  @Test
  void bytes_that_lie_about_their_length_are_refused() {
    byte[] lying = {9, 0, 0, 0, 'a'};
    assertThatThrownBy(() -> TensorBytes.read("x", Datatype.BYTES, new long[] {1}, lying, 0, 5))
        .isInstanceOf(Problem.class);
    assertThatThrownBy(
            () -> TensorBytes.read("x", Datatype.FP64, new long[] {1}, new byte[7], 0, 7))
        .isInstanceOf(Problem.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void a_damaged_message_is_refused_and_nothing_else(long seed) {
    var random = new Random(seed);
    ProtoOut inner = new ProtoOut().string(1, "x").string(2, "FP64").numbers(3, new long[] {1, 2});
    byte[] good = new ProtoOut().string(1, "m").message(5, inner).bytes(7, new byte[16]).toBytes();
    for (int i = 0; i < 2_000; i++) {
      byte[] bad = good.clone();
      for (int n = 0; n < 3; n++) bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      var in = new ProtoIn(bad);
      try {
        int field;
        while ((field = in.next()) != 0) {
          if (field == 5) GrpcTensors.spec(in.part());
          else in.skip();
        }
      } catch (Problem expected) {
        assertThat(expected.kind()).isIn(Problem.Kind.INVALID, Problem.Kind.TOO_LARGE);
      }
    }
  }

  @Test
  void numbers_of_messages_are_those_of_protocol_buffers() {
    // 150 as in the description of the encoding: 08 96 01; -1 takes ten bytes.
    assertThat(new ProtoOut().number(1, 150).toBytes()).containsExactly(0x08, 0x96, 0x01);
    assertThat(new ProtoOut().string(2, "testing").toBytes())
        .containsExactly(0x12, 0x07, 't', 'e', 's', 't', 'i', 'n', 'g');
    byte[] minus = new ProtoOut().numbers(4, new long[] {-1}).toBytes();
    assertThat(minus).hasSize(12);
    var in = new ProtoIn(minus);
    assertThat(in.next()).isEqualTo(4);
    assertThat(in.part().varint()).isEqualTo(-1);
  }

  private static final Servable.Metadata MATRIX =
      new Servable.Metadata(
          "m",
          List.of("1"),
          "test",
          List.of(Port.of("input", Datatype.FP64, -1, 2)),
          List.of(Port.of("score", Datatype.FP64, -1)),
          List.of("age", "income"));

  private static final Servable.Metadata COLUMNS =
      new Servable.Metadata(
          "m",
          List.of("1"),
          "test",
          List.of(Port.of("age", Datatype.FP64, -1), Port.of("city", Datatype.BYTES, -1)),
          List.of(Port.of("score", Datatype.FP64, -1)),
          List.of());

  private static SequencedMap<String, Tensor> named(Object... pairs) {
    var named = new LinkedHashMap<String, Tensor>();
    for (int i = 0; i < pairs.length; i += 2) named.put((String) pairs[i], (Tensor) pairs[i + 1]);
    return named;
  }

  @Test
  void columns_become_a_matrix_in_the_model_order() {
    var fitted =
        Fit.fit(
            MATRIX,
            named(
                "income", Tensor.of(new double[] {3, 4}, 2),
                "age", Tensor.of(new double[] {1, 2}, 2)));
    assertThat(fitted.firstEntry().getValue().doubles()).containsExactly(1, 3, 2, 4);
  }

  @Test
  void a_row_alone_is_a_matrix_of_one_row() {
    var fitted = Fit.fit(MATRIX, named("input", Tensor.of(new double[] {1, 2}, 2)));
    assertThat(fitted.firstEntry().getValue().shape()).containsExactly(1, 2);
  }

  @Test
  void a_matrix_becomes_columns_where_the_model_takes_those() {
    byte[][] texts = {bytes("1"), bytes("a"), bytes("2"), bytes("b")};
    var all = new Tensor(Datatype.BYTES, new long[] {2, 2}, texts);
    assertThatThrownBy(() -> Fit.fit(COLUMNS, named("x", all))).hasMessageContaining("BYTES");
    var reader = new RowReader(COLUMNS);
    var fitted = reader.rows(JsonIn.tree(bytes("{\"r\":[[1,\"a\"],[2,null]]}")).get("r"), "r");
    assertThat(fitted.firstEntry().getValue().doubles()).containsExactly(1, 2);
    assertThat(((byte[][]) fitted.lastEntry().getValue().data())[1]).isNull();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void what_is_unknown_or_missing_is_named() {
    Tensor column = Tensor.of(new double[] {1}, 1);
    assertThatThrownBy(() -> Fit.fit(MATRIX, named("age", column, "incme", column)))
        .hasMessageContaining("incme")
        .hasMessageContaining("'income'");
    assertThatThrownBy(() -> Fit.fit(MATRIX, named("age", column)))
        .hasMessageContaining("'income' is missing");
    assertThatThrownBy(() ->
            Fit.fit(MATRIX, named("age", column, "income", Tensor.of(new double[] {1, 2}, 2))))
        .hasMessageContaining("2 rows");
  }

  @Test
  void csv_has_quotes_blanks_and_missing_values() {
    assertThat(Csv.rows("a,b\r\n\"x,\"\"y\"\"\",\n\"\",2\n\n"))
        .containsExactly(
            List.of("a", "b"),
            java.util.Arrays.asList("x,\"y\"", null),
            java.util.Arrays.asList("", "2"));
    assertThatThrownBy(() -> Csv.rows("a\n\"b")).hasMessageContaining("quote");
  }

  @Test
  void numbers_that_json_lacks_are_written_by_the_rule_of_the_protocol() {
    double[] odd = {1.5, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    var strict = new JsonOut(4, JsonOut.Odd.STRICT);
    TensorJson.write(strict, Tensor.of(odd, 4), 0, 4);
    assertThat(strict.bytes()).asString().isEqualTo("1.5,null,1e999,-1e999");
    var bare = new JsonOut(4, JsonOut.Odd.BARE);
    TensorJson.write(bare, Tensor.of(odd, 4), 0, 4);
    assertThat(bare.bytes()).asString().isEqualTo("1.5,NaN,Infinity,-Infinity");
    assertThat(new JsonOut(1, JsonOut.Odd.BARE).string("a\"\\\n\u00e9\u0001").bytes())
        .asString()
        .isEqualTo("\"a\\\"\\\\\\u000a\u00e9\\u0001\"");
  }

  @Test
  void versions_are_ordered_by_their_numbers() {
    var all = new java.util.ArrayList<>(List.of("1.2.0", "10", "1.10.0", "2", "1.2.0-rc1", "v3"));
    all.sort(ModelFiles.NEWEST_FIRST);
    assertThat(all).containsExactly("10", "v3", "2", "1.10.0", "1.2.0-rc1", "1.2.0");
  }
}
