import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.mlflow.api.proto.Service.CreateExperiment;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.ExperimentTag;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.ActiveRun;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowContext;

/// What people do with org.mlflow:mlflow-client.
final class MlflowJava {
  private final MlflowClient client;
  private final Path work;

  private MlflowJava(MlflowClient client, Path work) {
    this.client = client;
    this.work = work;
  }

  static void run(Conformance.Server server, Path work) {
    try (var client = new MlflowClient(server.address())) {
      var checks = new MlflowJava(client, work);
      Conformance.check("mlflow-client: experiments live", checks::experiments);
      Conformance.check("mlflow-client: experiments are searched in pages", checks::search);
      Conformance.check("mlflow-client: runs live", checks::runs);
      Conformance.check("mlflow-client: parameters, metrics and tags", checks::logging);
      Conformance.check("mlflow-client: batches", checks::batches);
      Conformance.check("mlflow-client: a long history is whole", checks::history);
      Conformance.check("mlflow-client: runs are searched in pages", checks::searchRuns);
      Conformance.check("mlflow-client: runs are deleted and restored", checks::deleted);
      Conformance.check("mlflow-client: the fluent context", checks::context);
      Conformance.check("mlflow-client: errors", checks::errors);
      Conformance.check("mlflow-client: the registry", checks::registry);
      Conformance.check("mlflow-client: artifacts, by its Python", checks::artifacts);
    }
  }

  private String experiment() {
    return client.createExperiment(Conformance.fresh("mlflow-java"));
  }

  private String run(String experiment) {
    return client.createRun(experiment).getRunId();
  }

  private void experiments() {
    String name = Conformance.fresh("mlflow-java");
    String id =
        client.createExperiment(
            CreateExperiment.newBuilder()
                .setName(name)
                .addTags(ExperimentTag.newBuilder().setKey("k").setValue("v"))
                .build());
    Conformance.eq(client.getExperiment(id).getName(), name);
    Conformance.eq(client.getExperiment(id).getTags(0).getValue(), "v");
    Conformance.eq(client.getExperimentByName(name).orElseThrow().getExperimentId(), id);
    Conformance.that(client.getExperimentByName("nothing here").isEmpty(), "found nothing");
    client.renameExperiment(id, name + "-later");
    client.setExperimentTag(id, "t", "w");
    Conformance.eq(client.getExperiment(id).getName(), name + "-later");
    client.deleteExperiment(id);
    Conformance.eq(client.getExperiment(id).getLifecycleStage(), "deleted");
    client.restoreExperiment(id);
    Conformance.eq(client.getExperiment(id).getLifecycleStage(), "active");
  }

  private void search() {
    String mark = Conformance.fresh("page");
    for (int i = 0; i < 3; i++) client.createExperiment(mark + "-" + i);
    var page =
        client.searchExperiments(
            "name LIKE '" + mark + "-%'", ViewType.ACTIVE_ONLY, 2, List.of("name ASC"));
    Conformance.eq(page.getItems().get(0).getName(), mark + "-0");
    Conformance.eq(page.getPageSize(), 2);
    Conformance.that(page.hasNextPage(), "there is no second page");
    Conformance.eq(page.getNextPage().getItems().iterator().next().getName(), mark + "-2");
  }

  private void runs() {
    String experiment = experiment();
    var request = CreateRun.newBuilder().setExperimentId(experiment).setRunName("named");
    var made = client.createRun(request.setStartTime(5).setUserId("ada").build());
    var info = client.getRun(made.getRunId()).getInfo();
    Conformance.eq(info.getRunName(), "named");
    Conformance.eq(info.getRunUuid(), made.getRunId());
    Conformance.eq(info.getStartTime(), 5L);
    Conformance.eq(info.getUserId(), "ada");
    Conformance.eq(info.getStatus(), RunStatus.RUNNING);
    client.setTerminated(made.getRunId());
    Conformance.eq(client.getRun(made.getRunId()).getInfo().getStatus(), RunStatus.FINISHED);
    client.setTerminated(made.getRunId(), RunStatus.FAILED, 77);
    Conformance.eq(client.getRun(made.getRunId()).getInfo().getEndTime(), 77L);
    Conformance.eq(client.listRunInfos(experiment).size(), 1);
  }

  private void logging() {
    String run = run(experiment());
    client.logParam(run, "p", "v");
    client.logMetric(run, "m", 1.5);
    client.logMetric(run, "m", 2.5, 100, 3);
    client.logMetric(run, "nan", Double.NaN, 100, 3);
    client.setTag(run, "t", "w");
    client.setTag(run, "gone", "w");
    client.deleteTag(run, "gone");
    var data = client.getRun(run).getData();
    Conformance.eq(data.getParams(0).getValue(), "v");
    Conformance.eq(
        data.getMetricsList().stream()
            .filter(m -> m.getKey().equals("m"))
            .findFirst()
            .get()
            .getStep(),
        3L);
    Conformance.that(
        data.getMetricsList().stream().anyMatch(m -> Double.isNaN(m.getValue())), "NaN is lost");
    Conformance.that(
        data.getTagsList().stream().anyMatch(t -> t.getKey().equals("t")), "the tag is lost");
    Conformance.that(
        data.getTagsList().stream().noneMatch(t -> t.getKey().equals("gone")), "a tag is not gone");
    Conformance.eq(client.getMetricHistory(run, "m").size(), 2);
  }

  private static Metric metric(String key, double value, long step) {
    return Metric.newBuilder().setKey(key).setValue(value).setTimestamp(1).setStep(step).build();
  }

  private void batches() {
    String run = run(experiment());
    client.logBatch(
        run,
        IntStream.range(0, 900).mapToObj(i -> metric("m", i, i)).toList(),
        IntStream.range(0, 50)
            .mapToObj(i -> Param.newBuilder().setKey("p" + i).setValue("" + i).build())
            .toList(),
        List.of(RunTag.newBuilder().setKey("t").setValue("v").build()));
    Conformance.eq(client.getMetricHistory(run, "m").size(), 900);
    Conformance.eq(client.getRun(run).getData().getParamsCount(), 50);
  }

  private void history() {
    String run = run(experiment());
    for (int b = 0; b < 3; b++) {
      int from = b * 1_000;
      client.logBatch(
          run,
          IntStream.range(from, from + 1_000).mapToObj(i -> metric("m", i, i)).toList(),
          List.of(),
          List.of());
    }
    Conformance.eq(client.getMetricHistory(run, "m").size(), 3_000);
  }

  private void searchRuns() {
    String experiment = experiment();
    for (int i = 0; i < 5; i++) {
      String run = run(experiment);
      client.logMetric(run, "m", i);
      client.logParam(run, "p", i % 2 == 0 ? "even" : "odd");
    }
    var page =
        client.searchRuns(
            List.of(experiment),
            "metrics.m >= 1 and params.p = 'even'",
            ViewType.ACTIVE_ONLY,
            1,
            List.of("metrics.m DESC"));
    Conformance.eq(page.getItems().get(0).getData().getMetrics(0).getValue(), 4.0);
    Conformance.eq(
        page.getNextPage().getItems().iterator().next().getData().getMetrics(0).getValue(), 2.0);
    Conformance.eq(client.searchRuns(List.of(experiment), "params.p = 'odd'").size(), 2);
    Conformance.eq(client.searchRuns(List.of(experiment), null).size(), 5);
  }

  private void deleted() throws Exception {
    String experiment = experiment();
    String run = run(experiment);
    client.deleteRun(run);
    Conformance.eq(client.listRunInfos(experiment).size(), 0);
    Conformance.eq(
        client.searchRuns(List.of(experiment), "", ViewType.DELETED_ONLY).get(0).getRunId(), run);
    Conformance.fails("must be in the 'active' state", () -> client.logMetric(run, "m", 1));
    client.restoreRun(run);
    Conformance.eq(client.listRunInfos(experiment).size(), 1);
  }

  private void context() {
    String name = Conformance.fresh("context");
    client.createExperiment(name);
    var context = new MlflowContext(client).setExperimentName(name);
    String[] ids = new String[2];
    context.withActiveRun(
        "outer",
        (ActiveRun outer) -> {
          outer.logParams(Map.of("a", "1", "b", "2"));
          outer.logMetrics(Map.of("x", 1.0, "y", 2.0), 4);
          outer.setTags(Map.of("t", "v"));
          ids[0] = outer.getId();
          ActiveRun inner = context.startRun("inner", outer.getId());
          inner.endRun(RunStatus.KILLED);
          ids[1] = inner.getId();
        });
    var outer = client.getRun(ids[0]);
    Conformance.eq(outer.getInfo().getStatus(), RunStatus.FINISHED);
    Conformance.eq(outer.getData().getParamsCount(), 2);
    var inner = client.getRun(ids[1]);
    Conformance.eq(inner.getInfo().getStatus(), RunStatus.KILLED);
    Conformance.that(
        inner.getData().getTagsList().stream()
            .anyMatch(t -> t.getKey().equals("mlflow.parentRunId") && t.getValue().equals(ids[0])),
        "the parent is not named");
  }

  private void errors() throws Exception {
    Conformance.fails("RESOURCE_DOES_NOT_EXIST", () -> client.getRun("0".repeat(32)));
    Conformance.fails("RESOURCE_ALREADY_EXISTS", () -> client.createExperiment("Default"));
    Conformance.fails(
        "INVALID_PARAMETER_VALUE",
        () -> client.searchRuns(List.of("0"), "no filter", ViewType.ALL));
  }

  private void registry() {
    String name = Conformance.fresh("java-model");
    String run = run(experiment());
    client.sendPost("registered-models/create", "{\"name\":\"" + name + "\"}");
    for (int i = 0; i < 3; i++) {
      client.sendPost(
          "model-versions/create",
          "{\"name\":\"%s\",\"source\":\"%s/model\",\"run_id\":\"%s\"}"
              .formatted(name, client.getRun(run).getInfo().getArtifactUri(), run));
    }
    client.sendPost(
        "model-versions/transition-stage",
        "{\"name\":\"%s\",\"version\":\"2\",\"stage\":\"Production\",\"archive_existing_versions\":true}"
            .formatted(name));
    client.sendPatch(
        "registered-models/update", "{\"name\":\"" + name + "\",\"description\":\"words\"}");
    Conformance.eq(client.getRegisteredModel(name).getDescription(), "words");
    Conformance.eq(client.getModelVersion(name, "2").getCurrentStage(), "Production");
    Conformance.eq(client.getLatestVersions(name, List.of("Production")).get(0).getVersion(), "2");
    Conformance.eq(client.getLatestVersions(name).size(), 2);
    Conformance.that(
        client.getModelVersionDownloadUri(name, "1").endsWith(run + "/artifacts/model"),
        "elsewhere");
    var page =
        client.searchModelVersions("name = '" + name + "'", 2, List.of("version_number ASC"));
    Conformance.eq(page.getItems().size(), 2);
    Conformance.eq(page.getNextPage().getItems().iterator().next().getVersion(), "3");
  }

  private void artifacts() throws Exception {
    Path folder = Files.createDirectories(work.resolve("up/sub"));
    Files.writeString(folder.resolve("deep.txt"), "deep");
    Path file = Files.writeString(work.resolve("one.txt"), "one");
    String run = run(experiment());
    client.logArtifact(run, file.toFile());
    client.logArtifacts(run, work.resolve("up").toFile(), "tree");
    Conformance.eq(
        client.listArtifacts(run).stream().map(f -> f.getPath()).sorted().toList(),
        List.of("one.txt", "tree"));
    File down = client.downloadArtifacts(run, "tree");
    Conformance.eq(Files.readString(down.toPath().resolve("sub/deep.txt")), "deep");
  }
}
