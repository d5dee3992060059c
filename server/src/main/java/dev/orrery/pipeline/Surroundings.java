package dev.orrery.pipeline;

import dev.orrery.project.Project;
import dev.orrery.registry.CodeVersion;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/// What a run ran in: system, Java, libraries, code, and graphics cards where there are any.
final class Surroundings {
  static final String ENV = "orrery.env.";
  private static final Path NVIDIA = Path.of("/proc/driver/nvidia/gpus");

  private Surroundings() {}

  /// As tags of a run.
  static SortedMap<String, String> tags(Project project) {
    var tags = new TreeMap<String, String>();
    tags.put(ENV + "os", property("os.name") + " " + property("os.version"));
    tags.put(ENV + "arch", property("os.arch"));
    tags.put(ENV + "cpus", Integer.toString(Runtime.getRuntime().availableProcessors()));
    tags.put(ENV + "java", property("java.vm.version") + " " + property("java.vendor"));
    tags.put(ENV + "heap_max_bytes", Long.toString(Runtime.getRuntime().maxMemory()));
    library(tags, "lightgbm", io.github.metarank.lightgbm4j.LGBMBooster.class);
    tags.put(ENV + "feature_code", Integer.toString(dev.orrery.feature.FeatureSet.CODE));
    library(tags, "duckdb", org.duckdb.DuckDBDriver.class);
    String code = CodeVersion.of(project.folder(), project.files());
    tags.put(ENV + "commit", code);
    CodeVersion.changes(project.folder(), project.files())
        .ifPresent(digest -> tags.put(ENV + "dirty_digest", digest.hex()));
    String cards = cards();
    if (!cards.isEmpty()) tags.put(ENV + "gpu", cards);
    return tags;
  }

  private static String property(String name) {
    return System.getProperty(name, "?");
  }

  /// The version of a library, from its manifest or from the name of its file.
  private static void library(SortedMap<String, String> tags, String name, Class<?> of) {
    String version = version(of);
    if (!version.isEmpty()) tags.put(ENV + name, version);
  }

  static String version(Class<?> of) {
    Package pack = of.getPackage();
    String version = pack == null ? null : pack.getImplementationVersion();
    return version == null ? ofFile(of) : version;
  }

  private static String ofFile(Class<?> of) {
    try {
      var source = of.getProtectionDomain().getCodeSource();
      if (source == null || source.getLocation() == null) return "";
      Path file = Path.of(source.getLocation().toURI());
      String named = file.getFileName().toString().replaceFirst("^[a-z0-9_]+-", "");
      if (!Files.isRegularFile(file)) return "";
      try (var jar = new JarFile(file.toFile())) {
        Manifest manifest = jar.getManifest();
        String told =
            manifest == null ? null : manifest.getMainAttributes().getValue("Bundle-Version");
        return told == null ? named.replaceFirst("\\.jar$", "") : told;
      }
    } catch (IOException | java.net.URISyntaxException | SecurityException _) {
      return "";
    }
  }

  private static String cards() {
    var names = new StringBuilder();
    try (DirectoryStream<Path> cards = Files.newDirectoryStream(NVIDIA)) {
      for (Path card : cards) {
        for (String line : Files.readAllLines(card.resolve("information"))) {
          if (!line.startsWith("Model:")) continue;
          if (!names.isEmpty()) names.append(", ");
          names.append(line.substring("Model:".length()).strip());
        }
      }
    } catch (IOException | SecurityException _) {
      // No such card, or none that tells its name.
    }
    return names.toString();
  }
}
