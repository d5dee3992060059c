package dev.orrery.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.sql.Databases;
import dev.orrery.tracking.Run;
import dev.orrery.tracking.RunData;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReproductionTest {
  @TempDir Path folder;

  @Test
  void what_the_pipeline_trained_is_trained_again_to_the_same_bytes_and_else_it_is_told_why_not() {
    Home.write(folder, yaml -> yaml);
    try (Home home = new Home(folder, Databases.SQLITE.fresh(), Home.end(), 2)) {
      home.jobs.start(1);
      home.train("first");
      assertThat(home.tracking.newest("small-flights", 10)).hasSizeGreaterThan(2);
      for (Run run : home.tracking.newest("small-flights", 10)) {
        RunData data = home.tracking.data(run.id());
        assertThat(data.tags())
            .containsKeys("orrery.env.os", "orrery.env.java", "orrery.env.commit");
        Reproduction.Told told = home.pipelines.reproduce(run.id());
        if (data.tags().containsKey("orrery.stage")) {
          assertThat(told.verdict()).as(data.params().toString()).isEqualTo("same");
          assertThat(told.model()).isEqualTo(data.params().get("model_digest"));
          assertThat(Double.parseDouble(data.tags().get("orrery.resource.cpu_seconds")))
              .isNotNegative();
        } else {
          assertThat(told.verdict()).isEqualTo("impossible");
          assertThat(told.reasons().getFirst()).contains("one of its candidates");
        }
      }
      Run foreign =
          home.tracking.start("other", "by hand", Map.of("mlflow.source.name", "train.py"));
      assertThat(home.pipelines.reproduce(foreign.id()).reasons())
          .anyMatch(reason -> reason.contains("not trained by this project"))
          .anyMatch(reason -> reason.contains("train.py"));
      Home.define(folder, Home.YAML.replace("trees: 30", "trees: 20"));
      for (Run run : home.tracking.newest("small-flights", 10)) {
        if (!run.name().equals("lightgbm")) continue;
        Reproduction.Told told = home.pipelines.reproduce(run.id());
        assertThat(told.verdict()).isEqualTo("impossible");
        assertThat(told.reasons()).anyMatch(reason -> reason.contains("no candidate 'lightgbm'"));
      }
    }
  }
}
