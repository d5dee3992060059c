package dev.orrery.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.filter.Vocabulary.Entity;
import dev.orrery.filter.Vocabulary.Field;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {
  static final Vocabulary RUNS =
      Vocabulary.of(
          "run",
          Entity.fixed(Key.ATTRIBUTE, "attributes", "attr", "run")
              .with("run_id", Field.LISTED)
              .with("run_name", Field.TEXT, "run name")
              .with("status", Field.TEXT)
              .with("start_time", Field.TIME, "created"),
          Entity.free("metric", Field.NUMBER, "metrics"),
          Entity.free("param", Field.LISTED, "params", "parameter", "parameters"),
          Entity.free("tag", Field.TEXT, "tags"),
          Entity.fixed("dataset", "datasets").with("name", Field.LISTED.unordered()));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "metrics.auc > 0.8 | metric.auc > 0.8",
        "metric.auc>=-1e3 | metric.auc >= -1000.0",
        "metrics.`my metric` != .5 | metric.my metric != 0.5",
        "metrics.\"a.b\" = 1 | metric.a.b = 1.0",
        "tags.mlflow.source.name = \"x\" | tag.mlflow.source.name = 'x'",
        "tag.`mlflow.note.content` ilike '%it''s%' | tag.mlflow.note.content ILIKE '%it's%'",
        "params.lr='0.1' AND parameter.m LIKE 'a_' | (param.lr = '0.1' AND param.m LIKE 'a_')",
        "run_id in ('a', \"b\") and status = 'FINISHED' | (attribute.run_id IN [a, b] AND"
            + " attribute.status = 'FINISHED')",
        "attributes.`Run name` = 'x' | attribute.run_name = 'x'",
        "`run name` = 'x' | attribute.run_name = 'x'",
        "\"run name\" = 'x' | attribute.run_name = 'x'",
        "attr.created > 1700000000000 | attribute.start_time > 1.7E12",
        "datasets.name NOT IN ('a',) | dataset.name NOT IN [a]",
        "params.a/b-c:d = 'x' | param.a/b-c:d = 'x'",
        "Metrics.step = 5 and RUN_ID = 'x' | (metric.step = 5.0 AND attribute.run_id = 'x')",
      })
  void mlflow_filters_are_read_as_its_clients_write_them(String text, String shown) {
    Filter filter = Filter.parse(text, RUNS, Grammar.MLFLOW).orElseThrow();
    assertThat(shown(filter)).isEqualTo(shown);
    assertThat(Filter.parse(text, RUNS, Grammar.FULL).orElseThrow()).isEqualTo(filter);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "metrics.a > 1 or metrics.b > 1 and not metrics.c > 1 | (metric.a > 1.0 OR (metric.b > 1.0"
            + " AND NOT metric.c > 1.0))",
        "(metrics.a > 1 OR metrics.b > 1) and params.depth in (8, 10) | ((metric.a > 1.0 OR"
            + " metric.b > 1.0) AND param.depth IN [8, 10])",
        "not (tags.x = 'y' or tags.x = 'z') | NOT (tag.x = 'y' OR tag.x = 'z')",
        "params.lr = 0.10 | param.lr = '0.10'",
        "tags.x not like 'a%' | NOT tag.x LIKE 'a%'",
        "start_time >= '2026-11-21' | attribute.start_time >= 1.7952192E12",
        "start_time >= '2026-11-21T01:00:00+01:00' | attribute.start_time >= 1.7952192E12",
      })
  void the_full_grammar_adds_or_not_parentheses_numbers_and_dates(String text, String shown) {
    assertThat(shown(Filter.parse(text, RUNS, Grammar.FULL).orElseThrow())).isEqualTo(shown);
    assertThatThrownBy(() -> Filter.parse(text, RUNS, Grammar.MLFLOW)).isInstanceOf(Problem.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "metrics.auc >> 1 | Invalid clause(s) in filter string at character 13: '>>'",
        "metrics.auc == 1 | Write = for equality",
        "metrics.auc > 'x' | Expected numeric value type for metrics.auc at character 15: ''x''",
        "metrics.auc > 1.2.3 | Expected numeric value type",
        "params.lr = 0.1 | Expected a quoted string value for params.lr at character 13: '0.1'",
        "params.lr > '1' | Invalid comparison operator > for params.lr at character 11: '>'",
        "metrics.auc LIKE 'x' | Compare metrics.auc by one of =, !=, >, >=, <, <=",
        "metrics.auc > | at its end, after 'metrics.auc >'",
        "metrics.auc | After a key stands one of =",
        "metric.auc > 1 AND | at its end",
        "AND metric.auc > 1 | Invalid attribute key 'AND' specified at character 1",
        "metric.auc > 1 metric.b > 1 | Join comparisons by AND",
        "metrix.auc > 1 | Invalid entity type 'metrix' at character 1: 'metrix.auc'. Did you mean"
            + " 'metrics'",
        "stat = 'x' | Invalid attribute key 'stat' specified at character 1: 'stat'.",
        "statu = 'x' | Did you mean 'status'",
        "auc > 1 | Did you mean metrics.auc or params.auc or tags.auc",
        "dataset.nam = 'x' | Invalid dataset key 'nam' specified at character 1: 'dataset.nam'. Did"
            + " you mean 'name'",
        "tags.x = 'y | Close the quote",
        "metrics. > 1 | Write a name after the dot",
        "metrics.`` > 1 | Write a name after the dot",
        "run_id IN 'a' | Write a list",
        "run_id IN () | Expected a quoted string value",
        "run_id IN ('a' 'b') | Separate values by commas",
        "status IN ('a') | Invalid comparison operator IN",
        "metrics.a > 1 OR metrics.b > 1 | OR is not part of MLflow's grammar",
        "(metrics.a > 1) | A parenthesis is not part",
        "metrics.a > 1; drop table run | at character 14: ';'",
        "'metrics' > 1 | Write a key of a run: attributes, run_id",
      })
  void mistakes_are_told_with_their_place_and_what_to_write(String text, String told) {
    assertThatThrownBy(() -> Filter.parse(text, RUNS, Grammar.MLFLOW))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.fault()).isEqualTo(Fault.BAD_FILTER))
        .hasMessageContaining(told);
  }

  @Test
  void an_empty_filter_is_none() {
    assertThat(Filter.parse(null, RUNS, Grammar.MLFLOW)).isEmpty();
    assertThat(Filter.parse(" \n", RUNS, Grammar.MLFLOW)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not metrics.a > 1",
        "(",
        "run_id in ('",
      })
  void what_is_too_large_is_refused_without_a_stack_overflow(String piece) {
    String tail = piece.startsWith("run_id") ? "','".repeat(10_001) + "')" : "";
    String text =
        piece.startsWith("not")
            ? "not ".repeat(51) + "metrics.a > 1"
            : piece.startsWith("(") ? "(".repeat(90_000) : piece + tail;
    assertThatThrownBy(() -> Filter.parse(text, RUNS, Grammar.FULL))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> assertThat(problem.fault()).isEqualTo(Fault.FILTER_TOO_LARGE));
  }

  @Test
  void the_limits_themselves_are_allowed() {
    String most = "metrics.a > 1" + " and metrics.a > 1".repeat(199);
    assertThat(Filter.parse(most, RUNS, Grammar.MLFLOW)).isPresent();
    assertThatThrownBy(() -> Filter.parse(most + " and metrics.a > 1", RUNS, Grammar.MLFLOW))
        .hasMessageContaining("more than 200 comparisons");
    assertThatThrownBy(() -> Filter.parse("x".repeat(200_001), RUNS, Grammar.MLFLOW))
        .hasMessageContaining("200001 characters");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void no_text_brings_anything_but_a_filter_or_a_problem(long seed) {
    var random = new Random(seed);
    String[] pieces = {
      "metrics", ".", "`", "\"", "'", "auc", " ", " AND ", " or ", "not ", "in", "(", ")", ",",
      "=", "!", ">", "<", "like", "1", "-", "e", "run_id", "\u0000", "\ud83d", "\ude00", "é", "\\",
      "%", ";", "0.5", "tags.a", "params.b = 'c'", "start_time > '", "2026-13-45", "\n"
    };
    for (int round = 0; round < 5_000; round++) {
      var text = new StringBuilder();
      for (int i = random.nextInt(14); i >= 0; i--) {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
      for (Grammar grammar : Grammar.values()) {
        try {
          Filter.parse(text.toString(), RUNS, grammar);
          Order.parse(List.of(text.toString()), RUNS);
        } catch (Problem problem) {
          assertThat(problem.fault())
              .isIn(Fault.BAD_FILTER, Fault.BAD_ORDER, Fault.FILTER_TOO_LARGE);
        }
      }
    }
  }

  @Test
  void orders_are_a_key_and_at_most_a_direction() {
    assertThat(
            Order.parse(
                List.of("metrics.auc DESC", "start_time", "params.`my p` asc", "tags.a.b desc"),
                RUNS))
        .containsExactly(
            new Order(new Key("metric", "auc"), true),
            new Order(new Key("attribute", "start_time"), false),
            new Order(new Key("param", "my p"), false),
            new Order(new Key("tag", "a.b"), true));
    assertThatThrownBy(() -> Order.parse(List.of("start_time", "attribute.created desc"), RUNS))
        .hasMessageContaining("duplicate fields");
    assertThatThrownBy(() -> Order.parse(List.of("start_time down"), RUNS))
        .hasMessageContaining("Invalid order_by clause at character 12: 'down'");
    assertThatThrownBy(() -> Order.parse(List.of("start_time desc desc"), RUNS))
        .hasMessageContaining("Give one key and one direction");
    assertThatThrownBy(() -> Order.parse(List.of("dataset.name"), RUNS))
        .hasMessageContaining("Order by another key");
    assertThatThrownBy(() -> Order.parse(List.of(""), RUNS)).isInstanceOf(Problem.class);
  }

  @ParameterizedTest
  @EnumSource(Databases.class)
  void like_minds_case_and_ilike_does_not_on_both_databases(Databases databases) {
    try (Db db = databases.bare()) {
      db.write(tx -> {
        tx.update("create table thing (name text not null)");
        for (String name : List.of("Abc", "abc", "a_c", "a\\c", "xyz")) {
          tx.update("insert into thing (name) values (?)", name);
        }
        return null;
      });
      assertThat(found(db, "name like 'a%'")).containsExactlyInAnyOrder("abc", "a_c", "a\\c");
      assertThat(found(db, "name ilike 'A_C'"))
          .containsExactlyInAnyOrder("Abc", "abc", "a_c", "a\\c");
      assertThat(found(db, "name like 'a\\c'")).containsExactly("a\\c");
      assertThat(found(db, "not (name in ('abc', 'Abc') or name = 'xyz')"))
          .containsExactlyInAnyOrder("a_c", "a\\c");
      assertThat(found(db, "name not in ('abc') and name != 'xyz' and name like '%b%'"))
          .containsExactly("Abc");
    }
  }

  private static List<String> found(Db db, String text) {
    Vocabulary words =
        Vocabulary.of("thing", Entity.fixed(Key.ATTRIBUTE).with("name", Field.LISTED));
    Filter filter = Filter.parse(text, words, Grammar.FULL).orElseThrow();
    SqlText where = SqlText.where(filter, one -> SqlText.compare("name", one.op(), one.value()));
    return db.read(tx ->
        tx.query(
            "select name from thing where " + where.sql(),
            row -> row.text("name"),
            where.args().toArray()));
  }

  private static String shown(Filter filter) {
    return switch (filter) {
      case Filter.And and -> "(" + joined(" AND ", and.of()) + ")";
      case Filter.Or or -> "(" + joined(" OR ", or.of()) + ")";
      case Filter.Not not -> "NOT " + shown(not.of());
      case Filter.Compare one ->
          one.key()
              + " "
              + one.op().text()
              + " "
              + switch (one.value()) {
                case Value.Text text -> "'" + text.text() + "'";
                case Value.Number number -> Double.toString(number.number());
                case Value.Texts texts -> texts.texts().toString();
              };
    };
  }

  private static String joined(String between, List<Filter> parts) {
    var texts = new ArrayList<String>();
    for (Filter part : parts) texts.add(shown(part));
    return String.join(between, texts);
  }
}
