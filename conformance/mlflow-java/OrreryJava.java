import dev.orrery.client.ActiveRun;
import dev.orrery.client.Experiment;
import dev.orrery.client.FileInfo;
import dev.orrery.client.LoggedModel;
import dev.orrery.client.Metric;
import dev.orrery.client.MetricLog;
import dev.orrery.client.ModelVersion;
import dev.orrery.client.OrreryClient;
import dev.orrery.client.OrreryException;
import dev.orrery.client.Run;
import dev.orrery.client.Search;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What people do with our own client, on the server that MLflow's client was on.
final class OrreryJava {
  private final Conformance.Server server;
  private final OrreryClient client;
  private final Path work;

  private OrreryJava(Conformance.Server server, Path work) {
    this.server = server;
    this.client = OrreryClient.connect(server.address());
    this.work = work;
  }

  static void run(Conformance.Server server, Path work) {
    var checks = new OrreryJava(server, work);
    Conformance.check("client: experiments live", checks::experiments);
    Conformance.check("client: runs live", checks::runs);
    Conformance.check("client: an active run ends by itself", checks::activeRun);
    Conformance.check("client: a long history is whole", checks::history);
    Conformance.check("client: runs are searched in pages", checks::search);
    Conformance.check("client: datasets are inputs", checks::inputs);
    Conformance.check("client: errors tell code and status", checks::errors);
    Conformance.check("client: files go up and down without Python", checks::artifacts);
    Conformance.check("client: a large file goes up in parts", checks::parts);
    Conformance.check("client: models, versions, stages, aliases", checks::registry);
    Conformance.check("client: logged models", checks::loggedModels);
    Conformance.check("client: any other call", checks::otherCalls);
    Conformance.check("client: a metric log survives a killed server", checks::killed);
    Conformance.check("client: what is left is sent by the next log", checks::spilled);
  }

  private Run begin() {
    String experiment = client.experiments().create(Conformance.fresh("java"));
    return client.runs().create(experiment, "run", Map.of());
  }

  private void experiments() {
    String name = Conformance.fresh("java");
    Experiment made = client.experiments().named(name);
    Conformance.eq(client.experiments().named(name).id(), made.id());
    client.experiments().tag(made.id(), "k", "v");
    client.experiments().tag(made.id(), "gone", "v");
    client.experiments().untag(made.id(), "gone");
    Conformance.eq(client.experiments().get(made.id()).tags(), Map.of("k", "v"));
    client.experiments().rename(made.id(), name + "-later");
    Conformance.eq(client.experiments().find(name), Optional.empty());
    client.experiments().delete(made.id());
    Conformance.eq(client.experiments().get(made.id()).lifecycle(), "deleted");
    client.experiments().restore(made.id());
    Search search = Search.filter("name = '" + name + "-later'");
    Conformance.eq(client.experiments().all(search).get(0).id(), made.id());
  }

  private void runs() {
    Run run = begin();
    client.runs().param(run.id(), "p", "v");
    client.runs().metric(run.id(), new Metric("m", Double.NaN, Instant.ofEpochMilli(7), -3));
    client.runs().tag(run.id(), "t", "w é 漢字 \"\\\n");
    client.runs().rename(run.id(), "other");
    client.runs().end(run.id(), Run.Status.KILLED);
    Run now = client.runs().get(run.id());
    Conformance.eq(now.name(), "other");
    Conformance.eq(now.status(), Run.Status.KILLED);
    Conformance.eq(now.params(), Map.of("p", "v"));
    Conformance.that(Double.isNaN(now.metric("m").orElseThrow()), "NaN is lost");
    Conformance.eq(now.latest().get("m").step(), -3L);
    Conformance.eq(now.tags().get("t"), "w é 漢字 \"\\\n");
    client.runs().delete(run.id());
    Conformance.eq(client.runs().get(run.id()).lifecycle(), "deleted");
    client.runs().restore(run.id());
  }

  private void activeRun() throws Exception {
    Path file = Files.writeString(work.resolve("note.txt"), "a note");
    String outer;
    String inner;
    try (ActiveRun run = client.start(Conformance.fresh("java"), "outer")) {
      outer = run.id();
      run.params(Map.of("a", "1", "b", "2"));
      run.metrics(Map.of("x", 1.0, "y", 2.0), 4);
      run.tag("t", "v");
      run.artifact(file);
      try (ActiveRun child = run.child("inner")) {
        inner = child.id();
        child.end(Run.Status.FAILED);
      }
    }
    Conformance.eq(client.runs().get(outer).status(), Run.Status.FINISHED);
    Conformance.eq(client.runs().get(outer).params().size(), 2);
    Conformance.eq(client.runs().get(inner).status(), Run.Status.FAILED);
    Conformance.eq(client.runs().get(inner).tags().get("mlflow.parentRunId"), outer);
    Conformance.eq(client.artifacts().list(outer, "").get(0), new FileInfo("note.txt", false, 6));
  }

  private void history() {
    Run run = begin();
    for (int b = 0; b < 30; b++) {
      int from = b * 1_000;
      List<Metric> points =
          IntStream.range(from, from + 1_000)
              .mapToObj(i -> new Metric("m", i, Instant.ofEpochMilli(i), i))
              .toList();
      client.runs().batch(run.id(), points, Map.of(), Map.of());
    }
    List<Metric> all = client.runs().history(run.id(), "m");
    Conformance.eq(all.size(), 30_000);
    Conformance.eq(all.get(29_999).step(), 29_999L);
  }

  private void search() {
    String experiment = client.experiments().create(Conformance.fresh("java"));
    for (int i = 0; i < 5; i++) {
      Run run = client.runs().create(experiment, "r" + i, Map.of());
      client.runs().metric(run.id(), "m", i, 0);
    }
    Search search = Search.filter("metrics.m > 0").order("metrics.m DESC").most(2);
    List<Run> found = client.runs().all(List.of(experiment), search);
    Conformance.eq(found.stream().map(Run::name).toList(), List.of("r4", "r3", "r2", "r1"));
  }

  private void inputs() {
    Run run = begin();
    Run.Dataset data = new Run.Dataset("flights", "d1", "local", "{}", "training");
    client.runs().input(run.id(), data, null, "{\"rows\": 3}");
    Conformance.eq(client.runs().get(run.id()).datasets(), List.of(data));
  }

  private void errors() throws Exception {
    Conformance.fails("RESOURCE_DOES_NOT_EXIST", () -> client.runs().get("0".repeat(32)));
    Conformance.fails("RESOURCE_ALREADY_EXISTS", () -> client.experiments().create("Default"));
    Run run = begin();
    client.runs().param(run.id(), "p", "1");
    Conformance.fails("Changing param values", () -> client.runs().param(run.id(), "p", "2"));
    try {
      client.runs().get("0".repeat(32));
    } catch (OrreryException e) {
      Conformance.that(e.isNotFound() && !e.isTransient() && e.status() == 404, "" + e.status());
    }
  }

  private void artifacts() throws Exception {
    Run run = begin();
    Path top = Files.createDirectories(work.resolve("tree/sub dir"));
    Files.writeString(top.resolve("ä & +.txt"), "deep");
    Files.writeString(work.resolve("tree/empty"), "");
    client.artifacts().uploadFolder(run.id(), "data", work.resolve("tree"));
    client.artifacts().upload(run.id(), "bytes.bin", new byte[] {0, 1, 2});
    Conformance.eq(
        client.artifacts().tree(run.id(), "").stream().map(FileInfo::path).sorted().toList(),
        List.of("bytes.bin", "data/empty", "data/sub dir/ä & +.txt"));
    Path down = client.artifacts().downloadFolder(run.id(), "data", work.resolve("down"));
    Conformance.eq(Files.readString(down.resolve("sub dir/ä & +.txt")), "deep");
    try (var in = client.artifacts().open(run.id(), "bytes.bin")) {
      Conformance.eq(in.readAllBytes().length, 3);
    }
    client.artifacts().delete(run.id(), "data");
    Conformance.eq(client.artifacts().tree(run.id(), "").size(), 1);
    Conformance.fails(
        "", () -> client.artifacts().download(run.id(), "none", work.resolve("none")));
    Conformance.that(!Files.exists(work.resolve("none")), "half a file is left");
  }

  private void parts() throws Exception {
    Run run = begin();
    Path file = work.resolve("large.bin");
    byte[] bytes = new byte[70_000_001];
    new Random(1).nextBytes(bytes);
    Files.write(file, bytes);
    client.artifacts().upload(run.id(), "models/large.bin", file);
    Path down = client.artifacts().download(run.id(), "models/large.bin", work.resolve("back.bin"));
    Conformance.that(Files.mismatch(file, down) == -1, "other bytes came back");
    Files.delete(file);
    Files.delete(down);
  }

  private void registry() throws Exception {
    String name = Conformance.fresh("java-model");
    Run run = begin();
    client.artifacts().upload(run.id(), "model/weights", new byte[] {7});
    ModelVersion first = client.models().register(name, run, "model");
    Conformance.eq(first.number(), "1");
    client.models().register(name, run, "model");
    client.models().promote(name, "1", "Production");
    client.models().promote(name, "2", "Production");
    Conformance.eq(client.models().version(name, "1").stage(), "Archived");
    Conformance.eq(client.models().latest(name, "Production").get(0).number(), "2");
    client.models().alias(name, "champion", "1");
    Conformance.eq(client.models().byAlias(name, "champion").number(), "1");
    Conformance.eq(client.models().get(name).aliases(), Map.of("champion", "1"));
    client.models().unalias(name, "champion");
    client.models().tag(name, "k", "v");
    client.models().tagVersion(name, "1", "k", "v");
    client.models().describe(name, "words");
    client.models().describeVersion(name, "1", "of one");
    Conformance.eq(client.models().get(name).description(), "words");
    Conformance.eq(client.models().version(name, "1").tags().get("k"), "v");
    Conformance.eq(
        client.models().versions(name).stream().map(ModelVersion::number).toList(),
        List.of("2", "1"));
    Path down = client.models().download(name, "1", work.resolve("model"));
    try (Stream<Path> files = Files.walk(down)) {
      Conformance.eq(files.filter(Files::isRegularFile).count(), 1L);
    }
    client.models().deleteVersion(name, "1");
    client.models().rename(name, name + "-later");
    client.models().delete(name + "-later");
    Conformance.eq(client.models().find(name + "-later"), Optional.empty());
  }

  private void loggedModels() throws Exception {
    Run run = begin();
    Path folder = Files.createDirectories(work.resolve("logged"));
    Files.writeString(folder.resolve("model.txt"), "tree");
    Map<String, String> params = new HashMap<>();
    for (int i = 0; i < 120; i++) params.put("p" + i, "" + i);
    LoggedModel made = client.loggedModels().log(run, "tree", folder, params);
    Conformance.eq(made.status(), "LOGGED_MODEL_READY");
    Conformance.eq(client.loggedModels().get(made.id()).params(), params);
    client.runs().output(run.id(), made.id(), 1);
    Conformance.eq(client.runs().get(run.id()).outputs(), List.of(made.id()));
    client.runs().metric(run.id(), new Metric("auc", 0.9, Instant.ofEpochMilli(1), 1), made.id());
    Conformance.eq(
        client.loggedModels().search(List.of(run.experimentId()), "metrics.auc > 0.8").get(0).id(),
        made.id());
    client.loggedModels().tag(made.id(), Map.of("k", "v"));
    Conformance.eq(client.loggedModels().get(made.id()).tags().get("k"), "v");
    Path down = client.loggedModels().download(made.id(), work.resolve("logged-down"));
    Conformance.eq(Files.readString(down.resolve("model.txt")), "tree");
    client.loggedModels().delete(made.id());
    Conformance.eq(client.loggedModels().search(List.of(run.experimentId()), ""), List.of());
  }

  private void otherCalls() {
    Conformance.that(client.call("GET", "/version", null).startsWith("3."), "no version");
  }

  private void killed() throws Exception {
    Run run = begin();
    try (MetricLog log = client.metricLog(run.id()).open()) {
      for (int i = 0; i < 60_000; i++) {
        log.log("m", i, i);
        if (i == 20_000) server.kill();
        if (i == 40_000) server.start();
      }
      server.kill();
      server.start();
      Conformance.that(log.flush(Duration.ofMinutes(2)), "not sent: " + log.pending());
    }
    long[] steps = client.runs().history(run.id(), "m").stream().mapToLong(Metric::step).toArray();
    Conformance.eq(steps.length, 60_000);
    Conformance.eq(Arrays.stream(steps).distinct().count(), 60_000L);
  }

  private void spilled() throws Exception {
    Run run = begin();
    Path file = work.resolve("metrics.spill");
    server.kill();
    MetricLog log = client.metricLog(run.id()).capacity(500).spill(file).open();
    for (int i = 0; i < 3_000; i++) log.log("m", i, i);
    MetricLog.Left left = log.close(Duration.ofMillis(500));
    Conformance.eq(left.points(), 3_000L);
    Conformance.eq(left.file(), Optional.of(file));
    server.start();
    client.metricLog(run.id()).spill(file).open().close();
    Conformance.eq(client.runs().history(run.id(), "m").size(), 3_000);
  }
}
