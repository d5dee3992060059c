package dev.orrery.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.access.Audit;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.base.VirtualClock;
import dev.orrery.blob.Blobs;
import dev.orrery.data.DataVersion;
import dev.orrery.data.Dataset;
import dev.orrery.data.DatasetBlock;
import dev.orrery.data.Datasets;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.lineage.Lineage;
import dev.orrery.model.ModelPackage;
import dev.orrery.model.Preprocessor;
import dev.orrery.model.Rule;
import dev.orrery.project.Project;
import dev.orrery.registry.Registry;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
  private static final Instant START = Instant.parse("2001-01-11T00:00:00Z");
  private static final Semver V1 = Semver.FIRST;
  private static final Semver V2 = new Semver(1, 0, 1);
  private static final Semver V3 = new Semver(1, 0, 2);
  private static final String YAML =
      """
      orrery: 1
      project: flights
      data:
        flights:
          path: flights.parquet
          time: date
          target: { late: "delay >= 15" }
          known_at: "date + to_minutes(60)"
          contract: { max_null_ratio: 0.0, ranges: { distance: [1, 6000] } }
      features:
        route: { from: flights, columns: { distance: distance, origin: origin } }
        recent: { from: flights, entity: origin, windows: [2h], columns: { late_share: "mean(late)", flights: "count(*)" } }
      serve: { endpoint: late, canary: { steps: [10, 50, 100], hold: 12h }, shadow: first }
      """;

  @TempDir Path folder;
  private final VirtualClock clock = new VirtualClock(START);
  private final Engine engine = new Engine(2, "500MB");
  private Db db;
  private Datasets datasets;
  private Project project;
  private Dataset dataset;
  private DataVersion history;
  private Endpoint endpoint;

  @BeforeEach
  void open() throws Exception {
    Files.writeString(folder.resolve("orrery.yaml"), YAML);
    engine.write(rows(240), folder.resolve("flights.parquet"));
    db = Databases.SQLITE.fresh();
    project = Project.load(folder);
    dataset = Objects.requireNonNull(DatasetBlock.read(project.data()).get("flights"));
    datasets = new Datasets(db, blobs(), engine, folder, clock);
    history = datasets.ingest(dataset, folder, START);
    endpoint = reopened();
  }

  @AfterEach
  void close() {
    endpoint.close();
    engine.close();
    db.close();
  }

  @Test
  void without_a_version_it_says_so() {
    assertThatThrownBy(() -> predict(row("ATL", 100, 0)))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("no model version is deployed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"features\":[\"2001-01-11T00:30:00Z\",500,\"ATL\"]}",
        "{\"features\":[[\"2001-01-11T00:30:00Z\",500,\"ATL\"]]}",
        "{\"rows\":[{\"date\":\"2001-01-11T00:30:00Z\",\"distance\":500,\"origin\":\"ATL\"}]}",
        "{\"date\":\"2001-01-11 00:30:00\",\"distance\":500,\"origin\":\"ATL\"}",
        "{\"distance\":500,\"origin\":\"ATL\"}"
      })
  void each_form_of_a_request_is_answered_and_logged(String body) {
    deploy(V1);
    Answer answer = predict(body);

    assertThat(answer.version()).isEqualTo("1.0.0");
    assertThat(answer.ids()).hasSize(1);
    assertThat(answer.ids().getFirst().version()).isEqualTo(7);
    Prediction logged = endpoint.find(answer.ids().getFirst());
    assertThat(logged.score()).isEqualTo(answer.score()[0]);
    assertThat(logged.row()).containsEntry("distance", 500.0).containsEntry("origin", "ATL");
    assertThat(logged.actual()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{}",
        "{\"rows\":[]}",
        "{\"rows\":{}}",
        "{\"rows\":[1]}",
        "{\"features\":[\"2001-01-11T00:30:00Z\",500]}",
        "{\"features\":[\"2001-01-11T00:30:00Z\",500,\"ATL\",1]}",
        "{\"features\":[500,\"ATL\",\"2001-01-11T00:30:00Z\"]}",
        "{\"features\":[[\"2001-01-11T00:30:00Z\",500,\"ATL\"]],\"extra\":1}",
        "{\"date\":\"2001-01-11T00:30:00Z\",\"distance\":500}",
        "{\"date\":\"2001-01-11T00:30:00Z\",\"distance\":500,\"origin\":\"ATL\",\"delay\":3}",
        "{\"date\":\"yesterday\",\"distance\":500,\"origin\":\"ATL\"}",
        "{\"date\":7,\"distance\":500,\"origin\":\"ATL\"}",
        "{\"date\":\"2001-01-11T00:30:00Z\",\"distance\":\"500\",\"origin\":\"ATL\"}",
        "{\"date\":\"2001-01-11T00:30:00Z\",\"distance\":1e999,\"origin\":\"ATL\"}",
        "{\"date\":\"2001-01-11T00:30:00Z\",\"distance\":500,\"origin\":3}",
        "{\"date\":\"2001-01-11T00:30:00Z\",\"distance\":true,\"origin\":\"ATL\"}",
        "{\"date\":\"2001-01-11T00:30:00Z\",\"distance\":null,\"origin\":\"ATL\"}",
        "{\"date\":\"2001-01-11T00:30:00Z\",\"distance\":9000,\"origin\":\"ATL\"}"
      })
  void a_bad_row_is_refused_and_nothing_is_logged(String body) {
    deploy(V1);
    assertThatThrownBy(() -> predict(body)).isInstanceOf(Problem.class);
    assertThat(endpoint.predictionCount()).isZero();
  }

  @Test
  void the_same_key_is_answered_alike_and_logged_once_even_after_a_restart() {
    deploy(V1);
    Answer one = predict(row("ATL", 100, 0), "k1");
    Answer two = predict(row("ATL", 100, 0), "k1");
    endpoint.close();
    endpoint = reopened();
    Answer three = predict(row("ATL", 100, 0), "k1");

    assertThat(two.ids()).isEqualTo(one.ids());
    assertThat(three.ids()).isEqualTo(one.ids());
    assertThat(endpoint.predictionCount()).isEqualTo(1);
    assertThatThrownBy(() -> predict(row("ORD", 100, 0), "k1"))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("was used for another body");
  }

  @Test
  void an_outcome_is_stored_once_and_joined() {
    deploy(V1);
    UUID id = predict(row("ATL", 100, 0)).ids().getFirst();

    assertThat(outcome(id, "{\"delay\":20}", 60)).isEqualTo(1);
    assertThat(outcome(id, "{\"delay\":20}", 60)).isZero();
    assertThat(outcome(id, "{\"delay\":20.0}", 60)).isZero();
    assertThatThrownBy(() -> outcome(id, "{\"delay\":21}", 60))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("has the outcome {\"delay\":20} already");
    assertThat(endpoint.find(id).actual()).isEqualTo(1.0);
    assertThat(endpoint.outcomeCount()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"outcomes\":[]}",
        "{\"outcomes\":[{\"id\":\"x\",\"actual\":1}]}",
        "{\"outcomes\":[{\"id\":\"00000000-0000-7000-8000-000000000000\",\"actual\":1}]}",
        "{\"outcomes\":[{\"id\":\"ID\"}]}",
        "{\"outcomes\":[{\"id\":\"ID\",\"actual\":7}]}",
        "{\"outcomes\":[{\"id\":\"ID\",\"actual\":{\"distance\":7}}]}",
        "{\"outcomes\":[{\"id\":\"ID\",\"actual\":{\"delay\":\"much\"}}]}",
        "{\"outcomes\":[{\"id\":\"ID\",\"actual\":1,\"known_at\":\"soon\"}]}",
        "{\"outcomes\":[{\"id\":\"ID\",\"actual\":1,\"known_at\":\"1969-07-20T20:17:00Z\"}]}",
        "{\"outcomes\":[{\"id\":\"ID\",\"actual\":1,\"known_at\":\"2999-01-01T00:00:00Z\"}]}",
        "{\"outcomes\":[{\"id\":\"ID\",\"actual\":\"yes\"}]}",
        "{\"outcomes\":[{\"id\":\"ID\",\"actual\":{\"delay\":true}}]}",
        "{\"outcomes\":[{\"id\":\"ID\",\"actual\":1,\"when\":\"2001-01-11\"}]}",
        "{\"outcomes\":[{\"id\":\"ID\",\"actual\":1},{\"id\":\"ID\",\"actual\":0}]}"
      })
  void a_bad_outcome_is_refused_and_none_of_its_request_stored(String body) {
    deploy(V1);
    UUID id = predict(row("ATL", 100, 0)).ids().getFirst();
    assertThatThrownBy(() ->
            endpoint.outcomes(
                Json.tree(body.replace("ID", id.toString()).getBytes(StandardCharsets.UTF_8))))
        .isInstanceOf(Problem.class);
    assertThat(endpoint.outcomeCount()).isZero();
  }

  @Test
  void an_outcome_that_arrives_early_is_not_seen_by_rows_before_it() {
    deploy(V1);
    UUID id = predict(row("ZZZ", 100, 0)).ids().getFirst();
    outcome(id, "{\"delay\":90}", 60);

    Prediction before = endpoint.find(predict(row("ZZZ", 100, 59)).ids().getFirst());
    Prediction after = endpoint.find(predict(row("ZZZ", 100, 60)).ids().getFirst());

    assertThat(before.features()).containsEntry("recent.flights_2h", 0.0);
    assertThat(after.features()).containsEntry("recent.flights_2h", 1.0);
    assertThat(after.features()).containsEntry("recent.late_share_2h", 1.0);
  }

  @Test
  void what_was_answered_live_is_what_training_computes_from_history_and_outcomes() {
    deploy(V1);
    var ids = new ArrayList<UUID>();
    for (int i = 0; i < 40; i++) {
      UUID id = predict(row(i % 3 == 0 ? "ORD" : "ATL", 100 + i, 10 * i)).ids().getFirst();
      outcome(id, "{\"delay\":%d}".formatted(i), 10 * i + 45);
      ids.add(id);
      if (i == 20) {
        endpoint.close();
        endpoint = reopened();
      }
    }
    clock.advance(START.plus(Duration.ofDays(1)));
    Table live = endpoint.liveRows(Instant.EPOCH, clock.instant(), history.schema());
    DataVersion all = datasets.append(dataset, history, live, clock.instant(), "predictions");
    Table features =
        FeatureBlock.compile(project.features(), dataset, all.schema())
            .history(dataset.complete(datasets.read(all)));

    assertThat(all.rows()).isEqualTo(history.rows() + 40);
    for (int i = 0; i < 40; i++) {
      int row = (int) history.rows() + i;
      Prediction logged = endpoint.find(ids.get(i));
      for (String name : features.names()) {
        assertThat(logged.features()).containsEntry(name, features.column(name).value(row));
      }
    }
  }

  @Test
  void a_better_canary_goes_up_by_steps_and_is_promoted_and_two_rollbacks_go_two_back() {
    deploy(V1);
    deploy(V2);
    play(V2);
    assertThat(endpoint.traffic().orElseThrow().champion()).isEqualTo(V2);
    deploy(V3);
    play(V3);

    assertThat(endpoint.traffic().orElseThrow().champion()).isEqualTo(V3);
    assertThat(endpoint.traffic().orElseThrow().shadow()).isEqualTo(V1);
    assertThat(endpoint.moves(100).reversed().stream().map(Deployment::kind))
        .containsExactly(
            Deployment.Kind.DEPLOYED,
            Deployment.Kind.CANARY_STARTED,
            Deployment.Kind.CANARY_STEPPED,
            Deployment.Kind.CANARY_STEPPED,
            Deployment.Kind.PROMOTED,
            Deployment.Kind.CANARY_STARTED,
            Deployment.Kind.CANARY_STEPPED,
            Deployment.Kind.CANARY_STEPPED,
            Deployment.Kind.PROMOTED);
    endpoint.rollback("test", "one");
    assertThat(endpoint.traffic().orElseThrow().champion()).isEqualTo(V2);
    endpoint.close();
    endpoint = reopened();
    endpoint.rollback("test", "two");
    assertThat(endpoint.traffic().orElseThrow().champion()).isEqualTo(V1);
    assertThat(predict(row("ATL", 100, 5000)).version()).isEqualTo("1.0.0");
    assertThatThrownBy(() -> endpoint.rollback("test", "three"))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("is the first version");
  }

  @Test
  void a_worse_canary_is_aborted_and_the_champion_stays() {
    deploy(V2);
    deploy(V1);
    play(V1);

    assertThat(endpoint.traffic().orElseThrow().champion()).isEqualTo(V2);
    assertThat(endpoint.moves(1).getFirst().kind()).isEqualTo(Deployment.Kind.ABORTED);
    assertThat(endpoint.moves(1).getFirst().why()).contains("log_loss");
  }

  @Test
  void the_shadow_scores_what_others_answered_and_after_a_restart_only_what_it_had_not() {
    deploy(V1);
    deploy(V2);
    play(V2);
    for (int i = 0; i < 10; i++) predict(row("ATL", 200, 6000 + i));
    endpoint.catchUpShadow();
    endpoint.close();
    endpoint = reopened();
    for (int i = 10; i < 20; i++) predict(row("ATL", 200, 6000 + i));
    endpoint.catchUpShadow();
    ScoredRows rows =
        endpoint.scored(
            START.plus(Duration.ofMinutes(6000)), START.plus(Duration.ofMinutes(6020)), START);

    assertThat(rows.rows()).isEqualTo(20);
    double[] shadow = rows.shadow().get("1.0.0");
    assertThat(shadow).isEqualTo(model(V1).score(rows.features()));
    assertThat(rows.known()).isZero();
  }

  @Test
  void a_long_span_is_read_in_parts_with_the_same_rows() {
    deploy(V1);
    deploy(V2);
    play(V2);
    endpoint.catchUpShadow();
    Instant until = clock.instant();
    ScoredRows whole = endpoint.scored(START, until, START.plus(Duration.ofHours(30)));
    var served = new ArrayList<Double>();
    var actual = new ArrayList<Double>();
    endpoint.eachScored(
        START,
        until,
        START.plus(Duration.ofHours(30)),
        part -> {
          for (double score : part.served()) served.add(score);
          for (double target : part.actual()) actual.add(target);
        });
    assertThat(served).hasSize(whole.rows()).hasSize(800);
    assertThat(served.stream().mapToDouble(d -> d).toArray()).isEqualTo(whole.served());
    assertThat(actual.stream().mapToDouble(d -> d).toArray()).isEqualTo(whole.actual());
    assertThat(whole.known()).isBetween(500, 700);
  }

  /// Plays 40 hours of rows with outcomes, every half hour, ticking on the way.
  private void play(Semver version) {
    assertThat(Objects.requireNonNull(endpoint.traffic().orElseThrow().canary()).version())
        .isEqualTo(version);
    long from = Duration.between(START, clock.instant()).toMinutes();
    for (long minute = from; minute < from + 40 * 60; minute += 30) {
      var ids = new ArrayList<UUID>();
      for (int i = 0; i < 10; i++) {
        String origin = i % 2 == 0 ? "ATL" : "ORD";
        UUID id = predict(row(origin, i < 5 ? 4000 : 100, minute + i)).ids().getFirst();
        ids.add(id);
        // Long flights are late: what the second version knows and the first does not.
        outcome(id, "{\"delay\":%d}".formatted(i < 5 ? 30 : 0), minute + i + 20);
      }
      clock.advance(START.plus(Duration.ofMinutes(minute + 30)));
      endpoint.tick();
    }
  }

  private void deploy(Semver version) {
    endpoint.deploy(version, history.id(), "test", "a test");
  }

  private Blobs blobs() {
    return Blobs.folder(folder.resolve("blobs"));
  }

  private Endpoint reopened() {
    return Endpoint.open(
        new Endpoint.Setup(
            folder.resolve("log"),
            db,
            new Audit(db, clock),
            new Lineage(db),
            new Registry(db, blobs(), new Lineage(db), clock).promotions(),
            datasets,
            "late",
            () -> Blueprint.of(project),
            "late",
            this::model,
            clock));
  }

  /// Version 1.0.0 knows nothing; the others know better and better that long flights are late.
  private ModelPackage model(Semver version) {
    Table features =
        FeatureBlock.compile(project.features(), dataset, history.schema())
            .history(dataset.complete(datasets.read(history)));
    Preprocessor preprocessor = Preprocessor.fit(features);
    double sure = version.equals(V1) ? 0.5 : version.equals(V2) ? 0.8 : 0.95;
    var rule =
        new Rule(
            Rule.Condition.parse("route.distance > 1000"),
            preprocessor.signature().index("route.distance"),
            sure,
            1 - sure);
    var card = new ModelPackage.Card("late", 0.5, null, new LinkedHashMap<>());
    return ModelPackage.of(preprocessor, rule, card, List.of(), features.pick(new int[] {0, 1, 2}));
  }

  private static String row(String origin, int distance, long minute) {
    return "{\"rows\":[{\"date\":\"%s\",\"distance\":%d,\"origin\":\"%s\"}]}"
        .formatted(START.plus(Duration.ofMinutes(minute)), distance, origin);
  }

  private Answer predict(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return endpoint.predict(bytes, Optional.empty());
  }

  private Answer predict(String body, String key) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return endpoint.predict(bytes, Optional.of(key));
  }

  private int outcome(UUID id, String actual, long minute) {
    String body =
        "{\"outcomes\":[{\"id\":\"%s\",\"actual\":%s,\"known_at\":\"%s\"}]}"
            .formatted(id, actual, START.plus(Duration.ofMinutes(minute)));
    return endpoint.outcomes(Json.tree(body.getBytes(StandardCharsets.UTF_8)));
  }

  private static Table rows(int n) {
    long[] date = new long[n];
    double[] delay = new double[n];
    double[] distance = new double[n];
    String[] origin = new String[n];
    for (int i = 0; i < n; i++) {
      date[i] = START.minus(Duration.ofHours(n - i)).getEpochSecond() * 1_000_000;
      delay[i] = i % 5 == 0 ? 40 : 0;
      distance[i] = 100 + i;
      origin[i] = i % 2 == 0 ? "ATL" : "ORD";
    }
    SequencedMap<String, Column> columns = new LinkedHashMap<>();
    columns.put("date", new Times(date));
    columns.put("delay", new Numbers(delay));
    columns.put("distance", new Numbers(distance));
    columns.put("origin", new Strings(origin));
    return Table.of(columns);
  }
}
