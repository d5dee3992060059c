package dev.orrery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The staircase drawn in ARCHITECTURE.md, held against the compiled classes.
class StaircaseTest {
  /// From the ground up: a step may use the steps before it, never one after it. A name with a
  /// capital is a class at the top of the house; the others are parts.
  private static final List<String> STAIRCASE =
      List.of(
          "scorer",
          "base",
          "stats",
          "sql",
          "journal",
          "blob",
          "lineage",
          "access",
          "jobs",
          "web",
          "clock",
          "engine",
          "model",
          "project",
          "data",
          "feature",
          "filter",
          "mlflow",
          "artifact",
          "tracking",
          "registry",
          "evaluation",
          "train",
          "pipeline",
          "inference",
          "serving",
          "monitor",
          "retrain",
          "scorecard",
          "Soundness",
          "OrreryOptions",
          "Loop",
          "Storage",
          "Orrery",
          "load",
          "ModelServer",
          "replay",
          "cli",
          "Main");

  private static final Path CLASSES = Path.of("target/classes/dev/orrery");

  /// A class of ours, as it stands in a class name or a type descriptor.
  private static final Pattern OURS =
      Pattern.compile("(?:^|[L(;\\[<])dev/orrery/(\\w+)(?=[/;$<]|$)");

  @Test
  void every_part_looks_only_down_the_staircase() throws IOException {
    Set<String> upward = new TreeSet<>();
    for (Path file : classes()) {
      Path name = CLASSES.relativize(file);
      String own = own(name);
      if (own.equals("package-info")) continue;
      for (var entry : ClassFile.of().parse(file).constantPool()) {
        if (!(entry instanceof Utf8Entry text)) continue;
        var found = OURS.matcher(text.stringValue());
        while (found.find()) {
          if (step(found.group(1)) > step(own)) {
            upward.add(name + " looks up to " + found.group(1));
          }
        }
      }
    }
    assertThat(upward).isEmpty();
  }

  @Test
  void replay_knows_the_server_by_http_only() throws IOException {
    Set<String> known = new TreeSet<>();
    for (Path file : classes()) {
      Path name = CLASSES.relativize(file);
      if (!own(name).equals("replay")) continue;
      for (var entry : ClassFile.of().parse(file).constantPool()) {
        if (!(entry instanceof Utf8Entry text)) continue;
        var found = OURS.matcher(text.stringValue());
        while (found.find()) known.add(found.group(1));
      }
    }
    assertThat(known)
        .as("replay may read files and definitions; everything else it asks over HTTP")
        .isSubsetOf("base", "stats", "engine", "project", "data", "replay");
  }

  private static List<Path> classes() throws IOException {
    try (var files = Files.walk(CLASSES)) {
      return files.filter(f -> f.toString().endsWith(".class")).toList();
    }
  }

  /// The part a class file belongs to, or the top class it is nested in.
  private static String own(Path name) {
    return name.getName(0).toString().replaceFirst("[.$].*", "");
  }

  private static int step(String part) {
    int step = STAIRCASE.indexOf(part);
    if (step < 0) throw new AssertionError("'" + part + "' has no step: add it to STAIRCASE");
    return step;
  }
}
