package dev.orrery.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.blob.Blobs;
import dev.orrery.data.Contract.Range;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Expression;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.engine.Table.Type;
import dev.orrery.sql.Db;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetsTest {
  private static final Instant START = Instant.parse("2001-01-01T00:00:00Z");
  private static final Instant END = Instant.parse("2001-02-01T00:00:00Z");

  @TempDir Path folder;
  private Db db;
  private Engine engine;
  private Datasets datasets;

  @BeforeEach
  void open() {
    db = Db.sqlite(folder.resolve("orrery.db"));
    db.migrate();
    engine = new Engine(2, "500MB");
    datasets =
        new Datasets(
            db,
            Blobs.folder(folder.resolve("blobs")),
            engine,
            folder.resolve("scratch"),
            InstantSource.fixed(END));
  }

  @AfterEach
  void close() {
    engine.close();
    db.close();
  }

  @Test
  void the_same_rows_are_the_same_version() {
    write(rows(100, 0));
    DataVersion one = datasets.ingest(dataset(10), folder, END);
    DataVersion two = datasets.ingest(dataset(10), folder, END);

    assertThat(one.version()).isEqualTo(Semver.FIRST);
    assertThat(two).isEqualTo(one);
    assertThat(datasets.newest("flights", 10)).hasSize(1);
    assertThat(datasets.get("flights@1.0.0")).isEqualTo(one);
  }

  @Test
  void rows_that_were_not_known_yet_do_not_exist_yet() {
    write(rows(100, 0));
    Instant early = START.plusSeconds(50 * 3600 + 1800);

    DataVersion version = datasets.ingest(dataset(10), folder, early);

    // Row i flies at hour i and is known an hour later.
    assertThat(version.rows()).isEqualTo(50);
    assertThat(version.knownUntil()).isEqualTo(early);
  }

  @Test
  void appended_rows_make_a_minor_version_that_keeps_the_parts_before_it() {
    write(rows(100, 0));
    DataVersion one = datasets.ingest(dataset(10), folder, END);
    Table more =
        dataset(10).complete(rows(20, 200)).select(List.of("date", "delay", "origin", "_known_at"));

    DataVersion two = datasets.append(dataset(10), one, more, END, "predictions");

    assertThat(two.version()).isEqualTo(new Semver(1, 1, 0));
    assertThat(two.parts()).startsWith(one.parts().getFirst()).hasSize(2);
    assertThat(datasets.read(two).rows()).isEqualTo(120);
    assertThat(datasets.append(dataset(10), one, more, END, "predictions")).isEqualTo(two);
    assertThat(datasets.append(dataset(10), two, more.pick(new int[0]), END, "none"))
        .isEqualTo(two);
  }

  @Test
  void too_few_rows_stop_the_ingest() {
    write(rows(5, 0));
    assertRefused("row_count: there are 5 rows, and must be >= 10");
  }

  @Test
  void a_value_out_of_range_is_named_with_its_column_and_rows() {
    Table rows = rows(100, 0);
    rows.numbers("delay")[17] = 9_999;
    write(rows);
    assertRefused("value_range: 1 row of column 'delay' is outside", "(row 17: 9999)");
  }

  @Test
  void an_infinite_number_is_named_with_its_column_and_rows_whatever_the_contract_says() {
    Table rows = rows(100, 0);
    rows.numbers("delay")[17] = Double.NEGATIVE_INFINITY;
    write(rows);
    assertRefused("finite: 1 row of column 'delay' is not finite", "(row 17: -Infinity)");
  }

  @Test
  void rows_that_are_not_known_yet_are_counted() {
    write(rows(100, 0));
    assertThatThrownBy(
            () -> datasets.ingest(dataset(10), folder, Instant.parse("1999-01-01T00:00:00Z")))
        .hasMessageContaining("has 100 rows, and the outcomes of none of them are known at 1999");
  }

  @Test
  void a_missing_value_is_named_with_its_column_and_rows() {
    Table rows = rows(100, 0);
    rows.strings("origin")[3] = null;
    write(rows);
    assertRefused("null_ratio: the share of missing values of column 'origin' is 0.01", "(row 3)");
  }

  @Test
  void a_text_that_does_not_match_is_named_with_its_column_and_rows() {
    Table rows = rows(100, 0);
    rows.strings("origin")[3] = "Atlanta";
    write(rows);
    assertRefused("pattern: 1 row of column 'origin' does not match", "(row 3: Atlanta)");
  }

  @Test
  void a_missing_column_is_named_with_the_nearest_one() {
    Table rows = rows(100, 0);
    write(rows.select(List.of("date", "origin")).with("delays", rows.column("delay")));
    assertRefused("Missing columns: {delay}", "Did you mean 'delays'");
  }

  @Test
  void a_column_of_another_type_is_refused() {
    Table rows = rows(100, 0);
    write(rows.with("origin", rows.column("delay")));
    assertRefused("origin");
  }

  @Test
  void a_profile_tells_what_the_columns_hold() {
    write(rows(100, 0));
    Profile profile = datasets.ingest(dataset(10), folder, END).profile();

    assertThat(profile.rows()).isEqualTo(100);
    Profile.ColumnProfile delay = profile.columns().get(1);
    assertThat(delay.name()).isEqualTo("delay");
    assertThat(delay.mean()).isEqualTo(4.5);
    assertThat(delay.distinct()).isEqualTo(10);
    assertThat(profile.columns().get(2).top().getFirst().rows()).isEqualTo(50);
  }

  private void assertRefused(String... told) {
    assertThatThrownBy(() -> datasets.ingest(dataset(10), folder, END))
        .isInstanceOf(Problem.class)
        .hasMessageContainingAll(told);
    assertThat(datasets.newest("flights", 10)).isEmpty();
  }

  private void write(Table rows) {
    engine.write(rows, folder.resolve("flights.parquet"));
  }

  private static Dataset dataset(long minRows) {
    SequencedMap<String, Expression> targets = new LinkedHashMap<>();
    targets.put("late", Expression.parse("delay >= 5"));
    return new Dataset(
        "flights",
        "flights.parquet",
        "date",
        targets,
        Expression.parse("date + to_minutes(60)"),
        new Contract(
            minRows,
            0,
            new LinkedHashMap<>(),
            new LinkedHashMap<>(Map.of("delay", new Range(-300, 3000))),
            new LinkedHashMap<>(Map.of("origin", Pattern.compile("[A-Z]{3}"))),
            new LinkedHashMap<>(Map.of("delay", Type.NUMBER, "origin", Type.STRING)),
            List.of()));
  }

  private static Table rows(int n, int firstHour) {
    long[] date = new long[n];
    double[] delay = new double[n];
    String[] origin = new String[n];
    for (int i = 0; i < n; i++) {
      date[i] = (START.getEpochSecond() + (firstHour + i) * 3600L) * 1_000_000;
      delay[i] = i % 10;
      origin[i] = i % 2 == 0 ? "ATL" : "ORD";
    }
    SequencedMap<String, Column> columns = new LinkedHashMap<>();
    columns.put("date", new Times(date));
    columns.put("delay", new Numbers(delay));
    columns.put("origin", new Strings(origin));
    return Table.of(columns);
  }
}
