package dev.orrery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.access.Audit;
import dev.orrery.artifact.Artifacts;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.blob.Blobs;
import dev.orrery.jobs.Jobs;
import dev.orrery.lineage.Edge;
import dev.orrery.lineage.Lineage;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import dev.orrery.tracking.LoggedModel;
import dev.orrery.tracking.LoggedModels;
import dev.orrery.tracking.Tracking;
import dev.orrery.web.Outbound;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Versions that plain clients register: what is read from their runs and files.
@ParameterizedClass
@EnumSource(Databases.class)
class EvidenceTest {
  private static final String MODEL = "churn";
  private static final String AGE = "{\"type\": \"double\", \"name\": \"age\", \"required\": true}";
  private static final String PLAN =
      ", {\"type\": \"string\", \"name\": \"plan\", \"required\": false}";
  private static final String CITY =
      ", {\"type\": \"string\", \"name\": \"city\", \"required\": true}";

  @Parameter Databases database = Databases.SQLITE;
  @TempDir Path folder;
  private Db db;
  private Lineage lineage;
  private Tracking tracking;
  private Artifacts artifacts;
  private LoggedModels logged;
  private Registry registry;

  @BeforeEach
  void open() {
    InstantSource clock = InstantSource.system();
    db = database.fresh();
    Blobs blobs = Blobs.folder(folder.resolve("blobs"));
    lineage = new Lineage(db);
    tracking = new Tracking(db, blobs, clock);
    artifacts = new Artifacts(db, blobs, clock, Tracking::requireOwner);
    logged = new LoggedModels(clock);
    registry =
        Registry.open(
            new Registry.Setup(
                db,
                blobs,
                lineage,
                new Audit(db, clock),
                new Jobs(db, clock),
                artifacts,
                logged,
                folder.resolve("keys"),
                new Outbound(List.of()),
                Rules.NONE,
                clock,
                clock));
    db.write(tx -> registry.models().create(tx, MODEL, null, new TreeMap<>()));
  }

  @AfterEach
  void close() {
    db.close();
  }

  private static byte[] mlmodel(String flavour, String columns) {
    return """
    artifact_path: model
    flavors:
      python_function:
        loader_module: mlflow.%s
        python_version: 3.11.4
      %s:
        code: null
    mlflow_version: 3.6.0
    signature:
      inputs: '[%s]'
      outputs: '[{"type": "long", "required": true}]'
      params: null
    """
        .formatted(flavour, flavour, columns)
        .getBytes(StandardCharsets.UTF_8);
  }

  private String run(String flavour, String type, String depth, String columns) {
    String run = tracking.start("churn", "train", Map.of("mlflow.source.git.commit", "4f2c")).id();
    tracking.logParams(
        run, Map.of("model_type", type, "max_depth", depth, "data_version", "churn@1." + run));
    tracking.putArtifact(run, "model/MLmodel", mlmodel(flavour, columns));
    tracking.putArtifact(run, "model/model.pkl", run.getBytes(StandardCharsets.UTF_8));
    return run;
  }

  private RegisteredVersion register(String source, @Nullable String run, String... semver) {
    return db.write(tx ->
        registry
            .registrar()
            .register(
                tx,
                new Registrar.Asked(
                    MODEL,
                    source,
                    run,
                    null,
                    null,
                    null,
                    new TreeMap<>(),
                    semver.length > 0 ? Semver.parse(semver[0]) : null,
                    semver.length > 1 ? semver[1] : null),
                "ann"));
  }

  private RegisteredVersion ofRun(String flavour, String type, String depth, String columns) {
    String run = run(flavour, type, depth, columns);
    return register("runs:/" + run + "/model", run);
  }

  @Test
  void the_five_versions_of_the_founding_example_from_what_clients_log() {
    List<RegisteredVersion> versions = new ArrayList<>();
    versions.add(ofRun("sklearn", "RandomForestClassifier", "10", AGE));
    versions.add(ofRun("sklearn", "RandomForestClassifier", "10", AGE));
    versions.add(ofRun("sklearn", "RandomForestClassifier", "10", AGE + PLAN));
    versions.add(ofRun("sklearn", "RandomForestClassifier", "15", AGE + PLAN));
    versions.add(ofRun("xgboost", "XGBClassifier", "15", AGE + PLAN));
    assertThat(versions)
        .extracting(v -> v.semver().toString())
        .containsExactly("1.0.0", "1.0.1", "1.1.0", "1.2.0", "2.0.0");
    assertThat(versions)
        .extracting(RegisteredVersion::reason)
        .containsExactly(
            "the first version",
            "patch: trained again, made of the same",
            "minor: new features: plan (string)",
            "minor: other parameters: max_depth 10 -> 15",
            "major: another architecture, xgboost XGBClassifier instead of sklearn"
                + " RandomForestClassifier");
  }

  @Test
  void a_column_that_callers_must_send_is_a_major() {
    ofRun("sklearn", "RandomForestClassifier", "10", AGE);
    RegisteredVersion more = ofRun("sklearn", "RandomForestClassifier", "10", AGE + CITY);
    assertThat(more.semver()).isEqualTo(new Semver(2, 0, 0));
    assertThat(more.reason()).startsWith("major: other inputs: also city (string)");
  }

  @Test
  void a_smaller_version_than_the_evidence_is_refused_and_a_greater_one_needs_a_reason() {
    ofRun("sklearn", "RandomForestClassifier", "10", AGE);
    String run = run("sklearn", "RandomForestClassifier", "15", AGE);
    String source = "runs:/" + run + "/model";
    for (String small : List.of("1.0.1", "1.0.0", "0.9.0")) {
      assertThatThrownBy(() -> register(source, run, small))
          .isInstanceOfSatisfying(
              Problem.class, e -> assertThat(e.fault()).isEqualTo(Fault.BUMP_TOO_SMALL));
    }
    assertThatThrownBy(() -> register(source, run, "2.0.0")).hasMessageContaining("Give a reason");
    RegisteredVersion greater = register(source, run, "2.0.0", "the contract with callers ends");
    assertThat(greater.semver()).isEqualTo(new Semver(2, 0, 0));
    assertThat(greater.version()).as("numbers of refused ones are not used up").isEqualTo(2);
    assertThat(greater.reason())
        .startsWith("the contract with callers ends (minor: other parameters");
  }

  @Test
  void a_logged_model_is_registered_with_its_run_and_told_of_it() {
    String run = run("sklearn", "RandomForestClassifier", "10", AGE);
    LoggedModel model =
        db.write(tx ->
            logged.create(
                tx,
                "0",
                "mlflow-artifacts:/0",
                "model",
                null,
                run,
                Map.of("max_depth", "10"),
                Map.of()));
    artifacts.put("model/" + model.id(), "MLmodel", mlmodel("sklearn", AGE));
    RegisteredVersion version = register("models:/" + model.id(), null);
    assertThat(version.source()).isEqualTo("models:/" + model.id());
    assertThat(version.storage()).isEqualTo(model.artifactUri());
    assertThat(version.run()).isEqualTo(run);
    assertThat(version.loggedModel()).isEqualTo(model.id());
    assertThat(db.read(tx -> logged.get(tx, model.id())).tags().get("mlflow.modelVersions"))
        .isEqualTo("[{\"name\":\"churn\",\"version\":1}]");
    RegisteredVersion copy = register("models:/churn/1", run);
    assertThat(copy.storage()).isEqualTo(model.artifactUri());
    assertThat(lineage.up(copy.node()).stream().map(Edge::from)).contains(version.node());
  }

  @Test
  void a_version_is_linked_to_what_its_run_says_of_it() {
    RegisteredVersion version = ofRun("sklearn", "RandomForestClassifier", "10", AGE);
    assertThat(lineage.up(version.node()))
        .extracting(edge -> edge.from().kind())
        .containsExactlyInAnyOrder("code", "data", "run");
    db.write(tx -> registry.models().rename(tx, MODEL, "churn 2"));
    RegisteredVersion renamed = registry.models().version("churn 2", 1);
    assertThat(lineage.up(renamed.node())).hasSize(3);
  }

  @Test
  void what_nobody_tells_of_is_a_patch() {
    register("runs:/run_id/model", "run_id");
    RegisteredVersion next = register("s3://bucket/model", null);
    assertThat(next.semver()).isEqualTo(new Semver(1, 0, 1));
    assertThat(next.reason()).isEqualTo("patch: what it was made of is not known");
    assertThat(db.read(tx -> Manifests.find(tx, MODEL, 1)).isEmpty()).isTrue();
  }

  @Test
  void a_hostile_mlmodel_tells_nothing() {
    String run = tracking.start("churn", "train", Map.of()).id();
    tracking.putArtifact(
        run,
        "model/MLmodel",
        "a: &x [*x]\n!!java/lang.Runtime {}".getBytes(StandardCharsets.UTF_8));
    assertThat(register("runs:/" + run + "/model", run).semver()).isEqualTo(Semver.FIRST);
    tracking.putArtifact(
        run, "odd/MLmodel", "signature: {inputs: 'no json'}".getBytes(StandardCharsets.UTF_8));
    assertThat(register("runs:/" + run + "/odd", run).reason()).startsWith("patch");
  }

  @Test
  void the_manifest_names_every_file_and_is_signed_by_a_key_that_only_the_server_reads()
      throws Exception {
    RegisteredVersion version = ofRun("sklearn", "RandomForestClassifier", "10", AGE);
    Manifests.Stored stored = db.read(tx -> Manifests.find(tx, MODEL, 1)).orElseThrow();
    assertThat(stored.files()).isEqualTo(2);
    assertThat(stored.body())
        .contains("\"path\":\"MLmodel\"")
        .contains(Digest.of(mlmodel("sklearn", AGE)).hex())
        .contains("\"python_version\":\"3.11.4\"")
        .contains("\"code\":[\"4f2c\"]");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("keys/manifest.key"))))
        .isEqualTo("rw-------");
    Manifests.Report report = db.read(tx -> registry.manifests().verify(tx, version));
    assertThat(report.wrong()).isEmpty();
    assertThat(report.signed()).isTrue();
  }

  private void promote() {
    db.write(
        tx -> registry.promotions().move(tx, MODEL, 1, Stage.PRODUCTION, false, "ann", "a test"));
  }

  private void assertBroken(String why) {
    assertThatThrownBy(this::promote)
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.fault()).isEqualTo(Fault.MANIFEST_BROKEN))
        .hasMessageContaining(why);
    RegisteredVersion version = registry.models().version(MODEL, 1);
    assertThat(version.stage()).isEqualTo(Stage.NONE);
    assertThat(db.read(tx -> registry.manifests().verify(tx, version)).wrong())
        .anyMatch(wrong -> wrong.contains(why));
  }

  @Test
  void files_that_were_replaced_added_or_taken_away_keep_a_version_from_its_stages() {
    String run = run("sklearn", "RandomForestClassifier", "10", AGE);
    RegisteredVersion version = register("runs:/" + run + "/model", run);
    tracking.putArtifact(run, "model/model.pkl", new byte[] {1});
    assertBroken("'model.pkl' was replaced");
    tracking.putArtifact(run, "model/model.pkl", run.getBytes(StandardCharsets.UTF_8));
    tracking.putArtifact(run, "model/evil.pkl", new byte[] {1});
    assertBroken("'evil.pkl' was added");
    artifacts.delete("run/" + run, "model/evil.pkl");
    tracking.putArtifact(run, "elsewhere.txt", new byte[] {1});
    assertThat(version.stage()).isEqualTo(Stage.NONE);
    promote();
  }

  @Test
  void a_manifest_that_was_rewritten_is_seen() {
    ofRun("sklearn", "RandomForestClassifier", "10", AGE);
    db.update("update model_manifest set body = replace(body, 'model.pkl', 'other.pkl')");
    assertBroken("its manifest was changed");
  }

  @Test
  void the_key_of_another_server_signs_nothing_here() throws Exception {
    ofRun("sklearn", "RandomForestClassifier", "10", AGE);
    Files.delete(folder.resolve("keys/manifest.key"));
    db.close();
    // The tables are the same, the key is new: the signer of a registry reads it once.
    Signer other = new Signer(folder.resolve("keys"));
    assertThat(other.isSigned(new byte[] {1}, other.sign(new byte[] {1}))).isTrue();
    assertThat(other.isSigned(new byte[] {2}, other.sign(new byte[] {1}))).isFalse();
  }
}
