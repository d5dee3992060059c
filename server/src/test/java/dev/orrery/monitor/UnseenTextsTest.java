package dev.orrery.monitor;

import static dev.orrery.monitor.FakeService.START;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Json;
import dev.orrery.model.Encoding;
import dev.orrery.monitor.FakeService.Answered;
import dev.orrery.monitor.Finding.Kind;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Databases.class)
class UnseenTextsTest {
  @Parameter Databases databases = Databases.SQLITE;
  private final FakeService service = new FakeService(3);
  private Db db;

  @BeforeEach
  void open() {
    db = databases.fresh();
  }

  @AfterEach
  void close() {
    db.close();
  }

  private static Instant day(int day) {
    return START.plus(Duration.ofDays(day));
  }

  private Monitor monitor() {
    var block =
        new MonitorBlock(
            MonitorBlock.EVERY,
            MonitorBlock.WINDOW,
            new LinkedHashMap<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>());
    return new Monitor(db, service, block, java.util.Map::of);
  }

  /// Puts another text into so many rows of a day.
  private void say(int day, int rows, String text) {
    int left = rows;
    for (int i = 0; i < service.rows.size() && left > 0; i++) {
      Answered row = service.rows.get(i);
      boolean isThat = !row.event().isBefore(day(day)) && row.event().isBefore(day(day + 1));
      if (!isThat || !List.of("a", "b", "c", "d").contains(row.c())) continue;
      left--;
      service.rows.set(
          i,
          new Answered(
              row.event(),
              row.x(),
              text,
              row.score(),
              row.shadow(),
              row.version(),
              row.actual(),
              row.knownAt(),
              row.micros()));
    }
    assertThat(left).isZero();
  }

  private List<Finding> found(Monitor monitor, boolean open) {
    return monitor.findings(100, open).stream()
        .filter(finding -> finding.kind() == Kind.UNSEEN_CATEGORIES)
        .toList();
  }

  @Test
  void texts_that_training_had_not_seen_are_found_named_and_resolved() {
    for (int day = 0; day < 20; day++) service.day(day, 500, "1.0.0", 0, 0.3);
    say(2, 40, "zz\nnow");
    say(2, 4, "yy");
    Monitor monitor = monitor();

    monitor.check(day(2));
    assertThat(found(monitor, false)).isEmpty();
    monitor.check(day(3));
    Finding open = found(monitor, true).getFirst();
    assertThat(open.subject()).isEqualTo("c");
    assertThat(open.severity()).isEqualTo(Finding.Severity.WARNING);
    assertThat(open.value()).isEqualTo(44 / 1_500.0);
    assertThat(open.message())
        .isEqualTo(
            "c has texts that training had not seen in 2.933 % of 1500 rows, over 1.000 %;"
                + " most often 'zz?now' (40), 'yy' (4)");
    assertThat(monitor.latest().orElseThrow().figures())
        .containsEntry("unseen_categories", 44 / 1_500.0);
    FeatureDrift drift = monitor.drift("c", 1).getFirst();
    JsonNode told = Json.MAPPER.valueToTree(drift).get("unseen");
    assertThat(told.toString())
        .isEqualTo(
            "{\"texts\":1500,\"unseen\":44,\"most\":{\"yy\":4,\"zz?now\":40},\"share\":%s}"
                .formatted(44 / 1_500.0));

    monitor.check(day(9));
    assertThat(found(monitor, true)).hasSize(1);
    monitor().check(day(10));
    assertThat(found(monitor(), true)).isEmpty();
    assertThat(found(monitor(), false).getFirst().resolvedAt()).isEqualTo(day(10));
  }

  @Test
  void a_model_that_knows_the_text_resolves_the_finding() {
    for (int day = 0; day < 6; day++) service.day(day, 500, "1.0.0", 0, 0.3);
    say(1, 200, "zz");
    Monitor monitor = monitor();
    monitor.check(day(3));
    assertThat(found(monitor, true)).hasSize(1);
    service.knows.add("zz");
    service.moves.add(
        FakeService.move(
            dev.orrery.serving.Deployment.Kind.PROMOTED,
            FakeService.V2,
            day(3).plus(Duration.ofHours(1))));
    monitor.check(day(4));
    assertThat(found(monitor, true)).isEmpty();
  }

  @Test
  void only_the_most_frequent_texts_are_kept_and_all_are_counted() {
    var category = new Encoding.Category(List.of("a"), List.of("seldom"));
    @Nullable String[] values = new @Nullable String[1_000];
    for (int i = 0; i < values.length; i++) values[i] = i % 2 == 0 ? "a" : "t" + i % 100;
    values[0] = "seldom";
    values[1] = null;
    UnseenTexts counted = UnseenTexts.of(category, values);
    assertThat(counted.texts()).isEqualTo(999);
    assertThat(counted.unseen()).isEqualTo(499);
    assertThat(counted.most()).hasSize(UnseenTexts.VALUES_MAX).containsEntry("t3", 10L);
    UnseenTexts twice =
        Objects.requireNonNull(
            UnseenTexts.sum(counted, new UnseenTexts(10, 9, new TreeMap<>(Map.of("t3", 9L)))));
    assertThat(twice.told(1)).isEqualTo("'t3' (19)");
    assertThat(twice.unseen()).isEqualTo(508);
    assertThat(UnseenTexts.sum(null, counted)).isEqualTo(counted);
  }
}
