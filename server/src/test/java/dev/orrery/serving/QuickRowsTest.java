package dev.orrery.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.data.Contract;
import dev.orrery.engine.Columns;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.engine.Table.Type;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SequencedMap;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What is read the quick way is what the careful way reads; what the careful way refuses, the
/// quick way does not read.
class QuickRowsTest {
  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
  private static final List<String> VALUES =
      List.of(
          "1",
          "-0",
          "0.1",
          "1e5",
          "123456789012345678901234567890",
          "9007199254740993",
          "2.2250738585072014e-308",
          "1e999",
          "null",
          "true",
          "\"JFK\"",
          "\"2001-03-01T08:05:00Z\"",
          "\"2001-03-01\"",
          "\"é\\u0041\"",
          "\"\\ud83d\\ude00\"",
          "\"\\ud83d\"",
          "\"x\\ude00\\ud83d\"",
          "\"" + "x".repeat(1_001) + "\"",
          "[]",
          "[1]",
          "{}",
          "NaN",
          "01",
          "1.",
          "");

  private static final SequencedMap<String, Type> INPUTS = new LinkedHashMap<>();

  static {
    INPUTS.put("date", Type.TIME);
    INPUTS.put("distance", Type.NUMBER);
    INPUTS.put("origin", Type.STRING);
    INPUTS.put("delay", Type.NUMBER);
  }

  private final RequestRows careful =
      new RequestRows(
          INPUTS, "date", Contract.ofRules(new LinkedHashMap<>(), new LinkedHashMap<>()), Set.of());
  private final QuickRows quick =
      new QuickRows(new Columns.Names(INPUTS.keySet()), INPUTS.values().toArray(Type[]::new), 0);

  @Test
  void requests_of_the_usual_forms_are_read_quickly() {
    for (String body :
        List.of(
            "{\"date\":\"2001-03-01T08:05:00Z\",\"distance\":602,\"origin\":\"ATL\",\"delay\":-1.5}",
            "{\"delay\":null,\"origin\":\"ATL\",\"distance\":602}",
            "{\"rows\":[{\"date\":\"2001-03-01\",\"distance\":1,\"origin\":null,\"delay\":2}]}",
            "{\"features\":[\"2001-03-01T08:05:00Z\",602,\"ATL\",1]}",
            "{\"features\":[[\"2001-03-01T08:05:00Z\",602,\"ATL\",1]]}")) {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      assertThat(quick.read(bytes, RequestRows.micros(NOW))).as(body).isNotNull();
      assertSame(body, bytes);
    }
  }

  @Test
  void half_of_a_surrogate_pair_is_refused_for_the_log_could_not_write_it() {
    String body = "{\"features\":[\"2001-03-01T08:05:00Z\",602,\"A%s\",1]}";
    for (String half : List.of("\\ud83d", "\\ude00", "\\ud83dx", "\\ude00\\ud83d")) {
      byte[] bytes = body.formatted(half).getBytes(StandardCharsets.UTF_8);
      assertThat(quick.read(bytes, RequestRows.micros(NOW))).as(half).isNull();
      assertThatThrownBy(() -> careful.read(Json.tree(bytes), NOW))
          .as(half)
          .hasMessageContaining("'origin'");
    }
    byte[] whole = body.formatted("\\ud83d\\ude00").getBytes(StandardCharsets.UTF_8);
    Table read = quick.read(whole, RequestRows.micros(NOW));
    assertThat(Objects.requireNonNull(read).strings("origin")).containsExactly("A\ud83d\ude00");
  }

  @Test
  void twenty_thousand_bodies_are_read_alike_or_left_to_the_careful_way() {
    Random random = new Random(11);
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      String body = body(random);
      if (assertSame(body, body.getBytes(StandardCharsets.UTF_8))) read++;
    }
    assertThat(read).isGreaterThan(1_000);
  }

  private static String body(Random random) {
    List<String> names = new ArrayList<>(INPUTS.keySet());
    if (random.nextInt(10) == 0) names.add(random.nextBoolean() ? "more" : "origin");
    if (random.nextInt(5) == 0) names.remove(random.nextInt(names.size()));
    if (random.nextBoolean()) Collections.shuffle(names, random);
    boolean list = random.nextInt(4) == 0;
    List<String> parts = new ArrayList<>();
    for (String name : names) {
      String value =
          switch (random.nextInt(12)) {
            case 0 -> VALUES.get(random.nextInt(VALUES.size()));
            default ->
                switch (INPUTS.getOrDefault(name, Type.NUMBER)) {
                  case NUMBER ->
                      random.nextInt(9) == 0
                          ? "null"
                          : random.nextBoolean()
                              ? "" + random.nextInt(5_000)
                              : "" + random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
                  case TIME -> "\"2001-03-%02dT08:05:00Z\"".formatted(1 + random.nextInt(33));
                  case STRING -> "\"A" + random.nextInt(100) + "\"";
                };
          };
      parts.add(list ? value : "\"%s\":%s".formatted(name, value));
    }
    String row = String.join(random.nextInt(20) == 0 ? " ,\n" : ",", parts);
    String body =
        list
            ? "{\"features\":%s}"
                .formatted(random.nextBoolean() ? "[" + row + "]" : "[[" + row + "]]")
            : random.nextInt(3) == 0 ? "{\"rows\":[{" + row + "}]}" : "{" + row + "}";
    if (random.nextInt(12) == 0) {
      int at = random.nextInt(body.length());
      body =
          random.nextBoolean()
              ? body.substring(0, at)
              : body.substring(0, at) + "\"[]{},:x0".charAt(random.nextInt(9)) + body.substring(at);
    }
    return body;
  }

  /// @return whether it was read quickly
  private boolean assertSame(String body, byte[] bytes) {
    Table rows = quick.read(bytes, RequestRows.micros(NOW));
    if (rows == null) return false;
    Table expected;
    try {
      expected = careful.read(Json.tree(bytes), NOW);
    } catch (Problem problem) {
      // What the contract says of missing values is checked behind the quick way, too.
      assertThat(problem.getMessage()).as(body).contains("has no value for");
      return false;
    }
    assertThat(rows.names()).as(body).isEqualTo(expected.names());
    rows.columns()
        .forEach((name, column) -> {
          boolean same =
              switch (column) {
                case Numbers(double[] values) -> Arrays.equals(values, expected.numbers(name));
                case Times(long[] micros) -> Arrays.equals(micros, expected.micros(name));
                case Strings strings -> Arrays.equals(strings.values(), expected.strings(name));
              };
          assertThat(same).as("%s of %s", name, body).isTrue();
        });
    return true;
  }
}
