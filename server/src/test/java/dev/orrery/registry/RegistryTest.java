package dev.orrery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Name;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.blob.Blobs;
import dev.orrery.lineage.Edge;
import dev.orrery.lineage.Lineage;
import dev.orrery.lineage.Node;
import dev.orrery.registry.Make.Field;
import dev.orrery.registry.ModelVersion.State;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Databases.class)
class RegistryTest {
  private static final Name MODEL = new Name("late-arrival");
  private static final Instant NOON = Instant.parse("2001-03-01T12:00:00Z");
  private static final JsonNode GATES =
      Json.tree("[{\"name\":\"auc_roc\",\"state\":\"passed\"}]".getBytes(StandardCharsets.UTF_8));

  @Parameter Databases database = Databases.SQLITE;
  @TempDir Path folder;
  private Db db;
  private Lineage lineage;
  private Registry registry;
  private Digest blob;

  @BeforeEach
  void open() {
    db = database.fresh();
    Blobs blobs = Blobs.folder(folder.resolve("blobs"));
    blob = blobs.put(new byte[] {1});
    lineage = new Lineage(db);
    registry = new Registry(db, blobs, lineage, InstantSource.fixed(NOON));
  }

  @AfterEach
  void close() {
    db.close();
  }

  private Draft draft(String run, int trees) {
    var make =
        new Make(
            "lightgbm",
            new TreeMap<>(Map.of("trees", Integer.toString(trees))),
            List.of(new Field("route.distance", "number")),
            List.of(new Field("distance", "number")),
            "1.0.0");
    var metrics = new TreeMap<>(Map.of("auc_roc", 0.74, "odd", Double.NaN));
    return new Draft(
        MODEL,
        null,
        make,
        blob,
        blob,
        "flights@1.0.0",
        "1.0.0",
        "src-0123456789ab",
        run,
        GATES,
        metrics,
        List.of("first"));
  }

  @Test
  void a_version_is_numbered_by_what_changed_and_found_again_whole() {
    ModelVersion first = registry.register(draft("r1", 200));
    ModelVersion retrained = registry.register(draft("r2", 200));
    ModelVersion tuned = registry.register(draft("r3", 300));

    assertThat(first.id()).isEqualTo("late-arrival@1.0.0");
    assertThat(retrained.version()).isEqualTo(new Semver(1, 0, 1));
    assertThat(tuned.version()).isEqualTo(new Semver(1, 1, 0));
    assertThat(tuned.parent()).isEqualTo(new Semver(1, 0, 1));
    assertThat(registry.get(MODEL, first.version())).isEqualTo(first);
    assertThat(registry.list(MODEL, 10)).containsExactly(tuned, retrained, first);
    assertThat(registry.latest(MODEL)).contains(tuned);
    assertThat(registry.names()).containsExactly(MODEL);
    assertThat(registry.find(MODEL, new Semver(9, 9, 9))).isEmpty();
    assertThat(registry.latest(new Name("other"))).isEmpty();
  }

  @Test
  void a_version_without_its_evidence_is_refused_and_told_all_that_it_lacks() {
    Draft whole = draft("r1", 200);
    var bare =
        new Draft(
            MODEL,
            null,
            whole.make(),
            blob,
            blob,
            null,
            " ",
            null,
            null,
            Json.MAPPER.createArrayNode(),
            whole.metrics(),
            List.of());
    assertThatThrownBy(() -> registry.register(bare))
        .isInstanceOfSatisfying(
            Problem.class, p -> assertThat(p.fault()).isEqualTo(Fault.VERSION_INCOMPLETE))
        .hasMessageContaining(
            "lacks its data version, features version, code version, run, gate results");
    assertThat(registry.list(MODEL, 10)).isEmpty();
  }

  @Test
  void a_version_is_linked_to_what_it_was_made_from() {
    ModelVersion version = registry.register(draft("r1", 200));
    assertThat(lineage.up(version.node()))
        .extracting(Edge::from)
        .containsExactlyInAnyOrder(
            new Node("data", "flights@1.0.0"),
            new Node("features", "1.0.0"),
            new Node("code", "src-0123456789ab"),
            new Node("run", "r1"));
  }

  @Test
  void a_run_gives_one_version_however_often_it_is_registered() {
    ModelVersion version = registry.register(draft("r1", 200));
    assertThat(registry.register(draft("r1", 200))).isEqualTo(version);
    assertThat(registry.list(MODEL, 10)).hasSize(1);
  }

  @Test
  void a_version_renews_its_parent_and_not_what_was_registered_last() {
    registry.register(draft("r1", 200));
    registry.register(draft("r2", 300));
    Draft next = draft("r3", 200);
    var renewal =
        new Draft(
            MODEL,
            Semver.FIRST,
            next.make(),
            blob,
            blob,
            next.dataVersion(),
            next.featuresVersion(),
            next.codeVersion(),
            "r3",
            GATES,
            next.metrics(),
            List.of("data_drift"));
    assertThat(registry.register(renewal).version()).isEqualTo(new Semver(1, 0, 1));
  }

  @Test
  void what_is_rejected_stays_so_and_what_is_archived_can_return() {
    ModelVersion version = registry.register(draft("r1", 200));
    registry.mark(MODEL, version.version(), State.ARCHIVED, null);
    registry.mark(MODEL, version.version(), State.REGISTERED, null);
    registry.mark(MODEL, version.version(), State.REJECTED, "log loss 0.51, champion 0.49");
    ModelVersion rejected = registry.get(MODEL, version.version());
    assertThat(rejected.state()).isEqualTo(State.REJECTED);
    assertThat(rejected.stateReason()).isEqualTo("log loss 0.51, champion 0.49");
    assertThatThrownBy(() -> registry.mark(MODEL, version.version(), State.REGISTERED, null))
        .hasMessageContaining("was rejected: log loss 0.51, champion 0.49");
  }

  @Test
  void a_model_whose_bytes_are_not_stored_is_refused() {
    Draft whole = draft("r1", 200);
    Digest unknown = Digest.of("nothing");
    var without =
        new Draft(
            MODEL,
            null,
            whole.make(),
            unknown,
            unknown,
            whole.dataVersion(),
            whole.featuresVersion(),
            whole.codeVersion(),
            "r1",
            GATES,
            whole.metrics(),
            List.of());
    assertThatThrownBy(() -> registry.register(without)).isInstanceOf(Problem.class);
  }
}
