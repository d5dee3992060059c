package dev.orrery.bench;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// JMH, run from here: each benchmark in a process of its own.
final class Jmh {
  /// Where the processes of JMH find what was prepared for them.
  static final String WORK = "orrery.bench.work";

  private Jmh() {}

  /// @return scores by `method` or, with a parameter, `method/parameter`
  static Map<String, Double> run(Class<?> benchmarks, Plan plan) throws RunnerException {
    // ONNX Runtime does not survive a command line of many thousand bytes.
    System.setProperty("jmh.separateClasspathJAR", "true");
    TimeValue time = TimeValue.milliseconds(plan.isQuick() ? 200 : 1_000);
    var options =
        new OptionsBuilder()
            .include("\\." + benchmarks.getSimpleName() + "\\.")
            .forks(1)
            .warmupIterations(plan.isQuick() ? 2 : 5)
            .warmupTime(time)
            .measurementIterations(plan.isQuick() ? 3 : 5)
            .measurementTime(time)
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .jvmArgsAppend(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + plan.work(),
                "-Dorrery.root=" + plan.repository(),
                "-D" + WORK + "=" + plan.work())
            .build();
    var scores = new HashMap<String, Double>();
    for (RunResult result : new Runner(options).run()) {
      String method = result.getPrimaryResult().getLabel();
      var keys = result.getParams().getParamsKeys();
      String name =
          keys.isEmpty()
              ? method
              : method + "/" + result.getParams().getParam(keys.iterator().next());
      scores.put(name, result.getPrimaryResult().getScore());
    }
    return scores;
  }

  static double score(Map<String, Double> scores, String name) {
    Double score = scores.get(name);
    if (score == null) throw new IllegalStateException("JMH did not measure " + name);
    return score;
  }

  static Path work() {
    return Path.of(System.getProperty(WORK, "."));
  }
}
