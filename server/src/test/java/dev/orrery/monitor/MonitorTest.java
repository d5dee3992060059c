package dev.orrery.monitor;

import static dev.orrery.monitor.FakeService.START;
import static dev.orrery.monitor.FakeService.V1;
import static dev.orrery.monitor.FakeService.V2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Json;
import dev.orrery.monitor.DayPerformance.Series;
import dev.orrery.monitor.FakeService.Answered;
import dev.orrery.monitor.Finding.Kind;
import dev.orrery.monitor.Finding.Severity;
import dev.orrery.monitor.MonitorBlock.Rule;
import dev.orrery.serving.Deployment;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import dev.orrery.stats.Drift;
import dev.orrery.stats.KolmogorovSmirnov;
import dev.orrery.stats.Reference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Databases.class)
class MonitorTest {
  private static final List<String> TABLES =
      List.of("monitor_check", "daily_performance", "feature_count", "drift_check", "finding");

  @Parameter Databases databases = Databases.SQLITE;
  private final FakeService service = new FakeService(1);
  private Db db;

  @BeforeEach
  void open() {
    db = databases.fresh();
  }

  @AfterEach
  void close() {
    db.close();
  }

  private static MonitorBlock block(SequencedMap<String, Rule> model) {
    return new MonitorBlock(
        MonitorBlock.EVERY,
        MonitorBlock.WINDOW,
        model,
        new LinkedHashMap<>(),
        new LinkedHashMap<>());
  }

  private static MonitorBlock auc(double least) {
    return block(new LinkedHashMap<>(Map.of("auc_roc", new Rule(least, false))));
  }

  private Monitor monitor(Db store, MonitorBlock block) {
    return new Monitor(store, service, block, Map::of);
  }

  private static Instant day(int day) {
    return START.plus(Duration.ofDays(day));
  }

  /// Every row of the monitor's tables, in order.
  private static List<String> dump(Db store) {
    var all = new ArrayList<String>();
    for (String table : TABLES) {
      String columns =
          switch (table) {
            case "monitor_check" ->
                "period_start || ' ' || champion || ' ' || state || ' ' || predictions || ' ' ||"
                    + " drift || ' ' || outcomes || ' ' || figures";
            case "daily_performance" ->
                "period_start || ' ' || series || ' ' || known_by || ' ' || predictions || ' ' ||"
                    + " true_positives || ' ' || coalesce(auc_roc, -1) || ' ' ||"
                    + " coalesce(log_loss, -1) || ' ' || coalesce(brier, -1) || cells";
            case "feature_count" ->
                "period_start || ' ' || version || ' ' || row_count || ' ' || counts";
            case "drift_check" ->
                "period_end || ' ' || feature || ' ' || champion || ' ' || state || ' ' ||"
                    + " coalesce(psi, -1) || ' ' || coalesce(ks, -1) || ' ' || coalesce(p_value,"
                    + " -1)";
            default ->
                "kind || ' ' || subject || ' ' || opened_at || ' ' || updated_at || ' ' ||"
                    + " coalesce(resolved_at, -1) || ' ' || severity || message || value";
          };
      all.addAll(
          store.query(
              "select %s as line from %s order by 1".formatted(columns, table),
              row -> table + ": " + row.text("line")));
    }
    return all;
  }

  @Test
  void the_figures_of_a_day_are_those_computed_directly_from_its_rows() {
    for (int day = 0; day < 6; day++) service.day(day, 400, day < 3 ? "1.0.0" : "1.0.1", 0, 0.3);
    List<Check> checks = monitor(db, auc(0.5)).check(day(6));

    assertThat(checks).hasSize(6);
    List<DayPerformance> days = monitor(db, auc(0.5)).days(START, 100);
    for (int day = 0; day < 6; day++) {
      // Outcomes come up to two and a half days late; a day is looked at three times.
      Instant knownBy = day(Math.min(6, day + 3));
      List<Answered> rows = service.picked(day(day), day(day + 1));
      same(find(days, day, Series.SERVED), rows, knownBy, Answered::score);
      same(find(days, day, Series.FIRST), rows, knownBy, FakeService::first);
    }
    Check last = checks.getLast();
    double[] figures = direct(service.picked(START, day(6)), day(6), Answered::score);
    // The last days' outcomes are known by the end; the earlier ones' were, three days after.
    assertThat(last.figures().get("auc_roc")).isCloseTo(figures[0], within(1e-3));
    assertThat(last.latencyP99()).isBetween(9.5, 10.0);
    assertThat(last.latencyP50()).isBetween(4.5, 6.5);
  }

  private static DayPerformance find(List<DayPerformance> days, int day, Series series) {
    return days.stream()
        .filter(d -> d.from().equals(day(day)) && d.series() == series)
        .findFirst()
        .orElseThrow();
  }

  private static void same(
      DayPerformance day, List<Answered> rows, Instant knownBy, ToDoubleFunction<Answered> score) {
    double[] figures = direct(rows, knownBy, score);
    Performance is = day.performance();
    assertThat(day.knownBy()).isEqualTo(knownBy);
    assertThat(is.predictions()).isEqualTo(rows.size());
    assertThat(is.outcomes()).isEqualTo((long) figures[4]);
    assertThat(is.aucRoc()).isCloseTo(figures[0], within(1e-12));
    assertThat(is.logLoss()).isCloseTo(figures[1], within(1e-9));
    assertThat(is.brier()).isCloseTo(figures[2], within(1e-12));
    assertThat(is.accuracy()).isCloseTo(figures[3], within(1e-12));
  }

  /// AUC over all pairs, log loss, Brier score, accuracy, and how many outcomes are known.
  private static double[] direct(
      List<Answered> rows, Instant knownBy, ToDoubleFunction<Answered> score) {
    List<Answered> known = rows.stream().filter(r -> !r.knownAt().isAfter(knownBy)).toList();
    double pairs = 0;
    double right = 0;
    for (Answered a : known) {
      if (a.actual() != 1) continue;
      for (Answered b : known) {
        if (b.actual() != 0) continue;
        pairs++;
        double gap = score.applyAsDouble(a) - score.applyAsDouble(b);
        right += gap > 0 ? 1 : gap == 0 ? 0.5 : 0;
      }
    }
    double loss = 0;
    double brier = 0;
    double hits = 0;
    for (Answered row : known) {
      double p = Math.clamp(score.applyAsDouble(row), Math.ulp(1.0), 1 - Math.ulp(1.0));
      loss -= row.actual() == 1 ? Math.log(p) : Math.log(1 - p);
      brier += Math.pow(score.applyAsDouble(row) - row.actual(), 2);
      hits += FakeService.decision(score.applyAsDouble(row)) == row.actual() ? 1 : 0;
    }
    int n = known.size();
    return new double[] {right / pairs, loss / n, brier / n, hits / n, n};
  }

  @Test
  void drift_is_that_of_all_the_windows_values_at_once() {
    for (int day = 0; day < 12; day++) service.day(day, 300, "1.0.0", day * 0.05, 0.3);
    service.moves.add(FakeService.move(Deployment.Kind.PROMOTED, V2, day(10).plusSeconds(60)));
    Monitor monitor = monitor(db, auc(0.5));
    for (int day = 8; day <= 12; day++) {
      monitor.check(day(day));
      var version = day > 10 ? V2 : V1;
      List<Answered> window = service.picked(day(day - 7), day(day));
      Reference x = service.model(version).references().getFirst();
      double[] now = window.stream().mapToDouble(Answered::x).toArray();
      double[] sample = x.sample().stream().mapToDouble(Double::doubleValue).toArray();
      FeatureDrift drift =
          monitor.drift().stream().filter(f -> f.feature().equals("x")).findFirst().orElseThrow();

      assertThat(drift.to()).isEqualTo(day(day));
      assertThat(drift.champion()).isEqualTo(version);
      assertThat(drift.state()).isEqualTo(FeatureDrift.State.JUDGED);
      assertThat(drift.rows()).isEqualTo(now.length);
      assertThat(drift.psi())
          .isCloseTo(Drift.psi(x.countsArray(), x.bins().counts(now)), within(1e-12));
      assertThat(drift.ks())
          .isCloseTo(KolmogorovSmirnov.of(sample, now).statistic(), within(1e-12));
      Reference c = service.model(version).references().getLast();
      String[] texts = window.stream().map(Answered::c).toArray(String[]::new);
      assertThat(monitor.drift("c", 1).getFirst().psi())
          .isCloseTo(Drift.psi(c.countsArray(), c.bins().counts(texts)), within(1e-12));
    }
  }

  @Test
  void what_becomes_known_after_a_check_changes_nothing_that_it_found() {
    for (int day = 0; day < 9; day++) service.day(day, 200, "1.0.0", 0, 0.3);
    monitor(db, auc(0.7)).check(day(9));
    List<String> before = dump(db);
    service.rows.replaceAll(row ->
        row.knownAt().isAfter(day(9))
            ? new Answered(
                row.event(),
                row.x(),
                row.c(),
                row.score(),
                row.shadow(),
                row.version(),
                1 - row.actual(),
                row.knownAt(),
                row.micros())
            : row);
    try (Db other = databases.fresh()) {
      // The check runs late, when everything is known.
      monitor(other, auc(0.7)).check(day(9).plusSeconds(3_600));
      assertThat(dump(other)).isEqualTo(before);
    }
  }

  @Test
  void a_check_that_is_cut_short_and_made_again_gives_the_same_rows() {
    for (int day = 0; day < 12; day++) service.day(day, 150, "1.0.0", day > 8 ? 1 : 0, 0.3);
    service.moves.add(FakeService.move(Deployment.Kind.PROMOTED, V2, day(10).plusSeconds(60)));
    monitor(db, auc(0.9)).check(day(12));
    try (Db other = databases.fresh()) {
      for (int scans = 0; scans < 40; scans += 3) {
        service.scansUntilFailure = scans;
        Monitor monitor = monitor(other, auc(0.9));
        if (scans < 10) {
          assertThatThrownBy(() -> monitor.check(day(12))).hasMessage("killed");
        } else {
          service.scansUntilFailure = Integer.MAX_VALUE;
          monitor.check(day(12));
        }
      }
      assertThat(dump(other)).isEqualTo(dump(db));
      assertThat(monitor(other, auc(0.9)).check(day(12))).isEmpty();
    }
  }

  @Test
  void a_finding_opens_once_is_updated_and_resolves_when_the_window_is_right_again() {
    for (int day = 0; day < 30; day++) {
      service.day(day, 300, "1.0.0", day >= 10 && day < 14 ? 3 : 0, 0.3);
    }
    Monitor monitor = monitor(db, auc(0.5));
    monitor.check(day(10));
    assertThat(monitor.findings(100, false)).isEmpty();

    monitor.check(day(13));
    Finding open = only(monitor, Kind.DATA_DRIFT);
    assertThat(open.subject()).isEqualTo("x");
    assertThat(open.severity()).isEqualTo(Severity.CRITICAL);
    assertThat(open.value()).isGreaterThan(0.25);
    assertThat(open.threshold()).isEqualTo(0.25);
    assertThat(open.openedAt()).isEqualTo(day(11));
    assertThat(open.updatedAt()).isEqualTo(day(13));
    assertThat(open.resolvedAt()).isNull();
    assertThat(open.message()).startsWith("x has drifted: PSI ");

    monitor.check(day(30));
    assertThat(only(monitor, Kind.DATA_DRIFT).resolvedAt()).isEqualTo(day(21));
    assertThat(monitor.findings(100, true)).isEmpty();
  }

  private static Finding only(Monitor monitor, Kind kind) {
    List<Finding> found =
        monitor.findings(100, false).stream().filter(f -> f.kind() == kind).toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  @Test
  void what_is_found_is_told_as_the_contract_says() {
    for (int day = 0; day < 8; day++) service.day(day, 300, "1.0.0", 3, 0.3);
    Monitor monitor = monitor(db, auc(0.5));
    monitor.check(day(8));

    JsonNode finding = Json.MAPPER.valueToTree(monitor.findings(1, true).getFirst());
    assertThat(finding.get("id").asText()).isEqualTo("data_drift/x/2001-03-08T00:00:00Z");
    assertThat(finding.get("kind").asText()).isEqualTo("data_drift");
    assertThat(finding.get("severity").asText()).isEqualTo("critical");
    assertThat(finding.get("resolved_at").isNull()).isTrue();
    JsonNode line =
        Json.MAPPER.valueToTree(monitor.performance(PerformanceReport.By.MONTH, day(8)).getFirst());
    assertThat(line.get("period").asText()).isEqualTo("2001-03");
    assertThat(line.get("predictions").asInt()).isEqualTo(2_400);
    assertThat(line.get("served_auc").asDouble()).isBetween(0.5, 1.0);
    assertThat(line.get("first_model_auc").asDouble()).isBetween(0.5, 1.0);
    assertThat(line.at("/served/accuracy").asDouble()).isBetween(0.5, 1.0);
    assertThat(line.at("/served/outcomes").asInt()).isEqualTo(line.get("outcomes").asInt());
    JsonNode drift = Json.MAPPER.valueToTree(monitor.drift().getFirst());
    assertThat(drift.get("state").asText()).isEqualTo("judged");
    assertThat(drift.get("p_value").asDouble()).isLessThan(0.05);
  }

  @Test
  void a_window_that_is_not_full_is_not_judged() {
    for (int day = 0; day < 7; day++) service.day(day, 300, "1.0.0", 3, 0.3);
    Monitor monitor = monitor(db, auc(0.5));
    List<Check> six = monitor.check(day(6));
    assertThat(six).extracting(Check::drift).containsOnly(FeatureDrift.State.FILLING);
    assertThat(six).allSatisfy(check -> assertThat(check.figures()).doesNotContainKey("psi"));
    assertThat(monitor.findings(100, false)).isEmpty();
    assertThat(monitor.drift()).allSatisfy(f -> assertThat(f.psi()).isNotNull());

    monitor.check(day(7));
    assertThat(monitor.latest().orElseThrow().drift()).isEqualTo(FeatureDrift.State.JUDGED);
    assertThat(monitor.latest().orElseThrow().figures().get("psi")).isGreaterThan(0.25);
  }

  @Test
  void no_data_is_a_state_of_its_own_and_resolves_nothing() {
    for (int day = 0; day < 8; day++) service.day(day, 200, "1.0.0", 0, 1);
    Monitor monitor = monitor(db, auc(0.9));
    monitor.check(day(8));
    Finding accuracy = only(monitor, Kind.ACCURACY_DEGRADATION);
    assertThat(accuracy.subject()).isEqualTo("auc_roc");
    assertThat(accuracy.value()).isLessThan(0.9);

    List<Check> silent = monitor.check(day(20));
    assertThat(silent).extracting(Check::state).containsOnly(Check.State.NO_DATA);
    Check last = silent.getLast();
    assertThat(last.figures()).isEmpty();
    assertThat(last.latencyP99()).isNull();
    assertThat(last.drift()).isEqualTo(FeatureDrift.State.NO_DATA);
    assertThat(monitor.drift()).allSatisfy(f -> assertThat(f.psi()).isNull());
    assertThat(only(monitor, Kind.ACCURACY_DEGRADATION).resolvedAt()).isNull();
    Finding volume = only(monitor, Kind.VOLUME);
    assertThat(volume.severity()).isEqualTo(Severity.CRITICAL);
    assertThat(volume.openedAt()).isEqualTo(day(9));
    assertThat(volume.message()).contains("no predictions from 2001-03-");
  }

  @Test
  void predictions_without_any_outcome_are_found() {
    for (int day = 0; day < 8; day++) service.day(day, 100, "1.0.0", 0, 1);
    service.rows.replaceAll(row ->
        new Answered(
            row.event(),
            row.x(),
            row.c(),
            row.score(),
            row.shadow(),
            row.version(),
            1,
            day(1_000),
            row.micros()));
    Monitor monitor = monitor(db, auc(0.9));
    monitor.check(day(8));

    assertThat(only(monitor, Kind.NO_OUTCOMES).message())
        .contains("700 predictions")
        .contains("not known");
    assertThat(monitor.latest().orElseThrow().figures()).doesNotContainKey("auc_roc");
    assertThat(monitor.findings(100, false)).noneMatch(f -> f.kind() == Kind.ACCURACY_DEGRADATION);
  }

  @Test
  void nothing_is_due_before_a_first_version_is_deployed() {
    service.moves.clear();
    Monitor monitor = monitor(db, auc(0.5));
    assertThat(monitor.due()).isEmpty();
    assertThat(monitor.check(day(30))).isEmpty();
    assertThat(monitor.performance(PerformanceReport.By.MONTH, day(30))).isEmpty();
  }

  @Test
  void the_report_by_month_pools_the_months_rows_whoever_answered() {
    for (int day = 27; day < 36; day++) {
      service.day(day, 200, day % 2 == 0 ? "1.0.0" : "1.0.1", 0, 0.5);
    }
    List<PerformanceReport.Line> lines =
        monitor(db, auc(0.5)).performance(PerformanceReport.By.MONTH, day(37));

    assertThat(lines)
        .extracting(PerformanceReport.Line::period)
        .containsExactly("2001-03", "2001-04");
    for (int i = 0; i < 2; i++) {
      List<Answered> rows =
          i == 0 ? service.picked(START, day(31)) : service.picked(day(31), day(60));
      PerformanceReport.Line line = lines.get(i);
      assertThat(line.predictions()).isEqualTo(rows.size());
      assertThat(line.servedAuc())
          .isCloseTo(direct(rows, day(37), Answered::score)[0], within(1e-12));
      assertThat(line.firstModelAuc())
          .isCloseTo(direct(rows, day(37), FakeService::first)[0], within(1e-12));
      assertThat(line.outcomes()).isEqualTo((long) direct(rows, day(37), Answered::score)[4]);
      assertThat(line.versions().values().stream().mapToLong(n -> n).sum()).isEqualTo(rows.size());
    }
    assertThat(monitor(db, auc(0.5)).performance(PerformanceReport.By.DAY, day(37))).hasSize(9);
  }
}
