package dev.orrery.cli;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The files that run something in containers, made of templates.
///
/// The server listens on loopback in its container, and a gateway beside it, in the same network,
/// has the TLS and the password: so nothing is open to the outside without either.
///
/// @param content what goes into the image besides the program: `project` or `models`
/// @param sources the project's folder, or the model files
/// @param replicas at most; 0 for a project, whose one server owns its store
record Packaging(
    String name, String image, int memory, String content, List<Path> sources, int replicas) {
  private static final String BASE = "eclipse-temurin:25-jre";
  private static final String GATEWAY = "nginxinc/nginx-unprivileged:1.29";
  private static final String HOME = "/srv/orrery";
  private static final long BYTES_MAX = 2L << 30;
  private static final Set<String> LEFT_OUT = Set.of(".orrery", ".git", "node_modules");

  static Packaging ofProject(String name, String image, int memory, Path home) {
    return new Packaging(name, image, memory, "project", List.of(home), 0);
  }

  static Packaging ofModels(String name, String image, int memory, List<Path> files, int replicas) {
    return new Packaging(name, image, memory, "models", files, replicas);
  }

  /// The texts to write, by their place in the folder.
  SequencedMap<String, String> files(boolean docker, boolean compose, boolean kubernetes) {
    var values = values();
    var files = new LinkedHashMap<String, String>();
    if (docker || compose || kubernetes) files.put("Dockerfile", filled("Dockerfile", values));
    if (compose || kubernetes) files.put("gateway.conf", filled("gateway.conf", values));
    if (compose) files.put("compose.yaml", filled("compose.yaml", values));
    if (kubernetes) {
      values.put("gateway_conf", filled("gateway.conf", values).indent(4).stripTrailing());
      files.put("kubernetes.yaml", filled("kubernetes.yaml", values));
    }
    return files;
  }

  /// What to type next.
  String next(Path out, boolean compose, boolean kubernetes) {
    String build = "docker build -t %s %s".formatted(image, out);
    if (compose) return "docker compose -f %s up --build".formatted(out.resolve("compose.yaml"));
    if (kubernetes) return build + " && kubectl apply -f " + out.resolve("kubernetes.yaml");
    return build + " && docker run --network host " + image;
  }

  private Map<String, String> values() {
    boolean project = replicas == 0;
    var values = new HashMap<String, String>();
    values.put("name", name);
    values.put("service", project ? "orrery" : "models");
    values.put("image", image);
    values.put("base", BASE);
    values.put("gateway", GATEWAY);
    values.put("home", HOME);
    values.put("content", content);
    values.put("memory", Integer.toString(memory));
    PythonImage python = project ? PythonImage.NONE : PythonImage.of(sources);
    values.put("python", python.system());
    values.put("packages", python.packages(HOME));
    // Python has its memory beside the heap.
    values.put("heap", python.isNeeded() ? "30" : "60");
    values.put(
        "command",
        arguments().stream().map(word -> "\"" + word + "\"").collect(Collectors.joining(", ")));
    values.put(
        "store",
        project
            ? "    volumes:\n      - store:%s/.orrery\nvolumes:\n  store: {}".formatted(HOME)
            : "");
    values.put("kind", project ? "StatefulSet" : "Deployment");
    values.put(
        "scale",
        project
            ? "  serviceName: %s\n  replicas: 1".formatted(name)
            : "  strategy:\n    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}");
    values.put(
        "mounts",
        project
            ? "            - {name: store, mountPath: %s/.orrery}".formatted(HOME)
            : "            # The models are in the image; nothing is kept.");
    values.put("rest", project ? claim() : scaling());
    return values;
  }

  private List<String> arguments() {
    if (replicas == 0) return List.of("up", "--home", HOME, "--port", "8080");
    var words = new java.util.ArrayList<>(List.of("serve"));
    for (Path file : sources) words.add(HOME + "/" + file.getFileName());
    words.addAll(List.of("--port", "8080"));
    return words;
  }

  private static String claim() {
    return """
    volumeClaimTemplates:
      - metadata:
          name: store
        spec:
          accessModes: [ReadWriteOncePod]
          resources:
            requests: {storage: 20Gi}\
    """
        .indent(2)
        .stripTrailing();
  }

  private String scaling() {
    return """
    ---
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata:
      name: %1$s
      labels: {app.kubernetes.io/name: %1$s, app.kubernetes.io/managed-by: orrery}
    spec:
      scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %1$s}
      minReplicas: %2$d
      maxReplicas: %3$d
      metrics:
        - type: Resource
          resource:
            name: cpu
            target: {type: Utilization, averageUtilization: 70}
      behavior:
        scaleDown: {stabilizationWindowSeconds: 300}
    ---
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata:
      name: %1$s
      labels: {app.kubernetes.io/name: %1$s, app.kubernetes.io/managed-by: orrery}
    spec:
      maxUnavailable: 1
      selector:
        matchLabels: {app.kubernetes.io/name: %1$s}\
    """
        .formatted(name, Math.min(2, replicas), replicas);
  }

  private static String filled(String template, Map<String, String> values) {
    String text;
    try (InputStream in = Packaging.class.getResourceAsStream("package/" + template)) {
      if (in == null) throw new IllegalStateException("no template " + template);
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    for (var value : values.entrySet()) {
      text = text.replace("{{" + value.getKey() + "}}", value.getValue());
    }
    return text.stripTrailing() + "\n";
  }

  /// Writes the texts, the program and what it serves.
  void write(Path folder, Map<String, String> files) {
    try {
      Files.createDirectories(folder);
      copyProgram(folder.resolve("app"));
      Path into = folder.resolve(content);
      if (replicas == 0) {
        copyFolder(sources.getFirst(), into, folder);
      } else {
        Files.createDirectories(into);
        for (Path file : sources) {
          Path copy = into.resolve(file.getFileName());
          if (Files.isDirectory(file)) copyFolder(file, copy, folder);
          else Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        }
      }
      for (var file : files.entrySet()) {
        Files.writeString(folder.resolve(file.getKey()), file.getValue());
      }
    } catch (IOException e) {
      throw new Problem(
              Fault.CANNOT_WRITE,
              "%s cannot be written (%s)".formatted(Texts.shown(folder.toString()), e.getMessage()),
              "Check the folder and the free space")
          .because(e);
    }
  }

  /// This program's own jar, with the libraries beside it.
  private static void copyProgram(Path app) throws IOException {
    Path jar = program();
    if (jar == null) {
      throw new Problem(
          Fault.CANNOT_WRITE,
          "this program does not run from its jar, so it cannot be packaged",
          "Use the launcher: ./orrery deploy package");
    }
    Files.createDirectories(app.resolve("lib"));
    Files.copy(jar, app.resolve("orrery.jar"), StandardCopyOption.REPLACE_EXISTING);
    try (var libraries = Files.list(jar.resolveSibling("lib"))) {
      for (Path library : (Iterable<Path>) libraries::iterator) {
        Files.copy(
            library,
            app.resolve("lib").resolve(library.getFileName()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static @Nullable Path program() {
    try {
      var source = Packaging.class.getProtectionDomain().getCodeSource();
      if (source == null) return null;
      Path path = Path.of(source.getLocation().toURI());
      return Files.isRegularFile(path) ? path : null;
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Everything of a project but its store, its history and what is being written; or of a model's
  /// folder.
  private static void copyFolder(Path home, Path into, Path folder) throws IOException {
    Path own = home.toAbsolutePath().normalize();
    Path written = folder.toAbsolutePath().normalize();
    Files.walkFileTree(
        own,
        new SimpleFileVisitor<>() {
          private long bytes;

          @Override
          public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes is)
              throws IOException {
            boolean left = LEFT_OUT.contains(String.valueOf(at.getFileName()));
            if (at.equals(written) || (left && !at.equals(own))) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(into.resolve(own.relativize(at).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path at, BasicFileAttributes is) throws IOException {
            if (!is.isRegularFile()) return FileVisitResult.CONTINUE;
            bytes += is.size();
            if (bytes > BYTES_MAX) {
              throw new Problem(
                  Fault.CANNOT_WRITE,
                  "%s holds more than 2 GiB".formatted(Texts.shown(own.toString())),
                  "Move what is no definition, no data and no model out of it");
            }
            Files.copy(
                at,
                into.resolve(own.relativize(at).toString()),
                StandardCopyOption.REPLACE_EXISTING);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
