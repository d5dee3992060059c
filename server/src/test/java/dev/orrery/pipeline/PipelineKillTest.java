package dev.orrery.pipeline;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.base.ChildJvm;
import dev.orrery.base.Json;
import dev.orrery.sql.Databases;
import dev.orrery.tracking.Run;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A run whose process is killed goes on in the next one; no finished stage is done twice.
class PipelineKillTest {
  private static final String YAML = Home.YAML.replace("trees: 30", "trees: 300");

  @TempDir Path folder;

  /// Runs what is under way, or a new run, and prints what happens.
  static final class Child {
    private Child() {}

    public static void main(String[] args) {
      Home home = new Home(Path.of(args[0]), Databases.SQLITE.open(args[1]), Home.end(), 2);
      home.pipelines.listen(event -> {
        if (event instanceof PipelineEvent.Progressed p) {
          System.out.println("at " + p.what());
        } else if (event instanceof PipelineEvent.StageEnded e) {
          System.out.println("done " + e.ended().stage() + " " + e.ended().attempt());
        } else if (event instanceof PipelineEvent.RunEnded e) {
          System.out.println("end " + e.ended().state());
        }
      });
      if (home.pipelines.newest(1).isEmpty()) home.pipelines.train(List.of("first"));
      home.jobs.start(1);
      while (true) {
        try {
          Thread.sleep(Duration.ofMinutes(5));
        } catch (InterruptedException e) {
          return;
        }
      }
    }
  }

  @Test
  void kill_9_at_four_moments() throws Exception {
    Home.write(folder, _ -> YAML);
    String address = Databases.SQLITE.address();
    List<String> done = new ArrayList<>();
    for (String moment : List.of("at computing", "at lightgbm: 50 ", "at fold 2", "at judging")) {
      try (ChildJvm child = ChildJvm.start(Child.class, folder, address)) {
        for (String line = child.line(); ; line = child.line()) {
          if (requireNonNull(line).startsWith("done ")) done.add(line);
          if (line.startsWith(moment)) break;
        }
        child.kill();
      }
    }
    try (Home home = new Home(folder, Databases.SQLITE.open(address), Home.end(), 2)) {
      home.jobs.start(1);
      PipelineRun run =
          home.pipelines.await(home.pipelines.newest(1).getFirst().id(), Duration.ofMinutes(2));
      assertThat(run.state()).isEqualTo(PipelineRun.State.SUCCEEDED);
      assertThat(done).containsExactly("done DATA 1", "done FEATURES 1", "done TRAIN 4");
      List<StageRun> stages = home.pipelines.stages(run.id());
      for (Stage stage : Stage.values()) {
        assertThat(stages)
            .filteredOn(s -> s.stage() == stage && s.state() == StageRun.State.FINISHED)
            .hasSize(1);
      }
      assertThat(home.registry.list(run.model(), 10)).hasSize(1);
      assertThat(home.tracking.newest("small-flights", 50))
          .extracting(Run::state)
          .doesNotContain(Run.State.RUNNING);
      assertThat(model(stages)).isEqualTo(undisturbed());
    }
  }

  private String undisturbed() {
    Path other = Home.write(folder.resolve("other"), _ -> YAML);
    try (Home home = new Home(other, Databases.SQLITE.fresh(), Home.end(), 2)) {
      home.jobs.start(1);
      return model(home.pipelines.stages(home.train("first").id()));
    }
  }

  private static String model(List<StageRun> stages) {
    StageRun gate =
        stages.stream().filter(s -> s.stage() == Stage.GATE).reduce((_, b) -> b).orElseThrow();
    return Json.read(Json.text(requireNonNull(gate.output())), Outputs.Gate.class)
        .candidate()
        .model()
        .hex();
  }
}
