package dev.orrery.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Runs the benchmarks and prints their table.
final class Bench {
  /// A load average over this at the start means that others use the machine too.
  private static final double LOAD_OF_A_QUIET_MACHINE = 0.5;

  private Bench() {}

  /// Several figures that are measured together.
  private interface Group {
    List<Line> measure(Plan plan) throws Exception;
  }

  /// Only measured when it is named: it needs a peer that weighs half a gigabyte.
  private static final String MLFLOW = "mlflow";

  /// Only measured when it is named: its store takes minutes to make, and 3 GB of the disk.
  private static final String SCALE = "scale";

  private static final Set<String> NAMED = Set.of(MLFLOW, SCALE);

  private static final Map<String, Group> GROUPS = groups();

  private static Map<String, Group> groups() {
    var groups = new LinkedHashMap<String, Group>();
    groups.put("scoring", ScoringBench::measure);
    groups.put("features", FeaturesBench::measure);
    groups.put("http", HttpBench::measure);
    groups.put("writes", WritesBench::measure);
    groups.put("logs", LogBench::measure);
    groups.put(SCALE, ScaleBench::measure);
    groups.put(MLFLOW, MlflowBench::measure);
    return groups;
  }

  public static void main(String[] args) throws Exception {
    Path repository = Path.of(System.getProperty("orrery.root", ".")).toAbsolutePath().normalize();
    boolean isQuick = false;
    var names = new ArrayList<String>();
    for (String arg : args) {
      if (arg.equals("--quick")) {
        isQuick = true;
      } else if (GROUPS.containsKey(arg)) {
        names.add(arg);
      } else {
        System.err.printf("bench: '%s' is none of --quick, %s%n", arg, GROUPS.keySet());
        System.exit(2);
      }
    }
    Plan plan = new Plan(isQuick, repository, repository.resolve("bench/target/work"));
    String machine = machine(isQuick);
    var lines = new ArrayList<Line>();
    for (var group : GROUPS.entrySet()) {
      if (names.isEmpty() ? NAMED.contains(group.getKey()) : !names.contains(group.getKey())) {
        continue;
      }
      System.err.println("measuring " + group.getKey() + " ...");
      empty(plan.work());
      Files.createDirectories(plan.work());
      try {
        lines.addAll(group.getValue().measure(plan));
      } finally {
        empty(plan.work());
      }
    }
    System.out.println(machine);
    System.out.println();
    System.out.print(Table.of(lines));
  }

  private static String machine(boolean isQuick) throws IOException {
    var system = ManagementFactory.getOperatingSystemMXBean();
    double load = system.getSystemLoadAverage();
    return "%s, %d cores; JDK %s; commit %s%s; load before the run %.1f%s"
        .formatted(
            processor(),
            system.getAvailableProcessors(),
            Runtime.version(),
            System.getProperty("orrery.commit", "unknown"),
            isQuick ? "; --quick" : "",
            load,
            load > LOAD_OF_A_QUIET_MACHINE
                ? " (shared with other work: read ratios, not figures)"
                : "");
  }

  private static String processor() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(info)) return System.getProperty("os.arch", "unknown");
    try (var lines = Files.lines(info)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse(System.getProperty("os.arch", "unknown"));
    }
  }

  private static void empty(Path folder) throws IOException {
    if (!Files.exists(folder)) return;
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
    }
  }
}
