package dev.orrery.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Our small SQL against DuckDB itself, on rows with missing values.
class ExpressionTest {
  private static Engine engine;
  private static Table rows;
  private static java.nio.file.Path file;

  @BeforeAll
  static void writeRows(@TempDir java.nio.file.Path folder) {
    engine = new Engine(2, "500MB");
    rows = randomRows(500, 7);
    file = folder.resolve("rows.parquet");
    engine.write(rows, file);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hour(date)",
        "isodow(date) - 1",
        "isodow(date) > 5",
        "dayofweek(date)",
        "month(date) * 100 + day(date)",
        "dayofyear(date)",
        "delay >= 15",
        "delay + distance / 7.5",
        "-delay * 2 - -1",
        "date + to_minutes(cast(distance / 7.5 + 30 + greatest(delay, 0) as integer))",
        "date - to_hours(2)",
        "date < date + to_minutes(cast(delay as integer))",
        "origin = 'ATL' or delay > 0",
        "origin = 'ATL' and delay > 0",
        "not (origin in ('ATL', 'ORD'))",
        "delay not between -5 and 5",
        "origin is null",
        "delay is not null and origin <> 'DEN'",
        "coalesce(delay, 0)",
        "case when delay > 60 then 2 when delay > 15 then 1 else 0 end",
        "lower(origin)",
        "length(origin)",
        "abs(delay) % 7",
        "least(delay, distance, 3)",
        "round(distance / 7.5)",
        "floor(distance / 7.5) + ceil(delay / 2.0)"
      })
  void a_formula_means_what_it_means_in_DuckDB(String text) {
    Table.Column ours = Expression.parse(text).eval(rows);
    Table theirs = engine.query("select (" + text + ") as v from read_parquet(?)", file.toString());

    assertThat(values(ours)).isEqualTo(values(theirs.column("v")));
  }

  @Test
  void clip_keeps_a_number_between_two_others() {
    assertThat(values(Expression.parse("clip(delay, -30, 180)").eval(rows)))
        .isEqualTo(
            values(
                Expression.parse(
                        "case when delay is null then delay else least(greatest(delay, -30), 180)"
                            + " end")
                    .eval(rows)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1 +",
        "hour(",
        "hour(date",
        "(delay",
        "delay >> 1",
        "delay 'x'",
        "cast(delay as blob)",
        "case when delay then 1",
        "delay; drop table x",
        "hours(date)",
        "hour(delay)",
        "delay + origin",
        "date + date",
        "nosuch + 1",
        "'open",
        "hour(date, date)",
        "delay not 3",
        "origin < 3"
      })
  void what_is_no_formula_is_refused_with_a_remedy(String text) {
    Map<String, Table.Type> types = new LinkedHashMap<>();
    rows.columns().forEach((name, column) -> types.put(name, column.type()));

    assertThatThrownBy(() -> Expression.parse(text).type(types)).isInstanceOf(Problem.class);
  }

  @Test
  void deep_nesting_is_refused() {
    String deep = "(".repeat(400) + "delay" + ")".repeat(400);
    assertThatThrownBy(() -> Expression.parse(deep)).isInstanceOf(Problem.class);
  }

  @Test
  void a_formula_names_the_columns_it_reads() {
    assertThat(Expression.parse("date + to_minutes(cast(distance / 7.5 as integer))").columns())
        .containsExactly("date", "distance");
  }

  @Test
  void a_table_comes_back_from_Parquet_as_it_was_written() {
    Table back = engine.read(file);

    assertThat(back.names()).isEqualTo(rows.names());
    for (String name : rows.names()) {
      assertThat(values(back.column(name))).isEqualTo(values(rows.column(name)));
    }
  }

  @Test
  void a_damaged_file_is_refused(@TempDir java.nio.file.Path folder) throws Exception {
    byte[] bytes = java.nio.file.Files.readAllBytes(file);
    java.nio.file.Path damaged = folder.resolve("damaged.parquet");
    for (int length : new int[] {0, 3, 100, bytes.length / 2, bytes.length - 1}) {
      java.nio.file.Files.write(damaged, java.util.Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> engine.read(damaged))
          .isInstanceOf(Problem.class)
          .hasMessageContaining("damaged.parquet");
    }
  }

  static List<@Nullable Object> values(Table.Column column) {
    var values = new ArrayList<@Nullable Object>();
    for (int i = 0; i < column.rows(); i++) values.add(column.value(i));
    return values;
  }

  private static Table randomRows(int n, long seed) {
    var random = new Random(seed);
    String[] airports = {"ATL", "ORD", "DEN", "Üml"};
    long[] date = new long[n];
    double[] delay = new double[n];
    double[] distance = new double[n];
    @Nullable String[] origin = new String[n];
    for (int i = 0; i < n; i++) {
      date[i] =
          random.nextInt(20) == 0
              ? Times.NONE
              : random.nextLong(-1_000_000_000L, 2_000_000_000L) * 1_000_000;
      delay[i] = random.nextInt(10) == 0 ? Double.NaN : random.nextInt(300) - 100;
      distance[i] = random.nextInt(10) == 0 ? Double.NaN : random.nextInt(3000);
      origin[i] = random.nextInt(10) == 0 ? null : airports[random.nextInt(airports.length)];
    }
    var columns = new LinkedHashMap<String, Table.Column>();
    columns.put("date", new Times(date));
    columns.put("delay", new Numbers(delay));
    columns.put("distance", new Numbers(distance));
    columns.put("origin", new Strings(origin));
    return Table.of(columns);
  }
}
