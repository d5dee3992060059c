package dev.orrery.cli;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.model.ModelFile;
import dev.orrery.model.Scorer;
import dev.orrery.project.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `orrery deploy package [MODEL...]`: writes a folder from which the project, or model files by
/// themselves, run in containers, with this very program.
final class DeployPackageCommand extends Command {
  private static final int REPLICAS_MAX = 1_000;
  private static final int MEMORY_MIN = 256;
  private static final int MEMORY_MAX = 16 << 20;

  @Parameters(arity = "0..*", paramLabel = "MODEL", descriptionKey = "orrery.deploy.package.models")
  List<Path> models = List.of();

  @Option(names = "--docker", descriptionKey = "orrery.deploy.package.docker")
  boolean docker;

  @Option(names = "--compose", descriptionKey = "orrery.deploy.package.compose")
  boolean compose;

  @Option(names = "--k8s", descriptionKey = "orrery.deploy.package.k8s")
  boolean kubernetes;

  @Option(names = "--out", paramLabel = "DIR", descriptionKey = "orrery.deploy.package.out")
  Path out = Path.of("deploy");

  @Option(names = "--image", paramLabel = "NAME", descriptionKey = "orrery.deploy.package.image")
  @Nullable String image;

  @Option(names = "--replicas", paramLabel = "N", descriptionKey = "orrery.deploy.package.replicas")
  @Nullable Integer replicas;

  @Option(names = "--memory", paramLabel = "MB", descriptionKey = "orrery.deploy.package.memory")
  int memory = 2_048;

  @Option(names = "--force", descriptionKey = "orrery.deploy.package.force")
  boolean force;

  @Override
  int run(Terminal terminal) throws IOException {
    if (memory < MEMORY_MIN || memory > MEMORY_MAX) {
      throw new Problem(
          Fault.BAD_COMMAND,
          memory < MEMORY_MIN
              ? "--memory is %d MB, too little for a server's program and its heap"
                  .formatted(memory)
              : "--memory is %,d MB, more than a container has".formatted(memory),
          "Give --memory %d to %,d; 2048 is usual".formatted(MEMORY_MIN, MEMORY_MAX));
    }
    Path folder = terminal.folder().resolve(out).normalize();
    Path home = home(terminal);
    Packaging packaging = models.isEmpty() ? ofProject(home) : ofModels(terminal);
    SequencedMap<String, String> files =
        packaging.files(docker || !kubernetes, compose, kubernetes);
    for (String file : files.keySet()) {
      if (Files.exists(folder.resolve(file)) && !force) {
        throw new Problem(
            Fault.ALREADY_THERE,
            "%s is there already".formatted(Texts.shown(folder.resolve(file).toString())),
            "Name another folder by --out, or replace its files by --force");
      }
    }
    packaging.write(folder, files);
    if (terminal.isJson()) {
      terminal.json(Map.of("folder", folder.toString(), "files", List.copyOf(files.keySet())));
    } else {
      files
          .keySet()
          .forEach(f -> terminal.print(terminal.text("deploy.package.wrote", out.resolve(f))));
      terminal.say(terminal.text("deploy.package.next", packaging.next(out, compose, kubernetes)));
    }
    return ExitCode.OK;
  }

  private Packaging ofProject(Path home) {
    if (!Project.isIn(home)) {
      throw new Problem(
          Fault.NO_PROJECT,
          "%s is no project, and no model file is named".formatted(Texts.shown(home.toString())),
          "Go to a project's folder, or name model files: orrery deploy package model.txt --k8s");
    }
    if (replicas != null && replicas != 1) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "a project runs in one replica, which owns its store; %d were asked for"
              .formatted(replicas),
          "Drop --replicas, or package model files by themselves, which scale");
    }
    String name = label(Project.load(home).name().text());
    return Packaging.ofProject(name, image(name), memory, home);
  }

  private Packaging ofModels(Terminal terminal) {
    List<Path> files = models.stream().map(terminal.folder()::resolve).toList();
    for (Path file : files) {
      // What would not be served is not packaged either.
      try (Scorer scorer = ModelFile.read(file)) {
        terminal.say("%s  %s".formatted(file.getFileName(), scorer.platform()));
      }
    }
    int most = replicas == null ? 10 : replicas;
    if (most < 1 || most > REPLICAS_MAX) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "%,d replicas are not written".formatted(most),
          "Give --replicas 1 to %,d".formatted(REPLICAS_MAX));
    }
    String stem = String.valueOf(files.getFirst().getFileName()).replaceFirst("\\..*", "");
    String name = label(stem);
    return Packaging.ofModels(name, image(name), memory, files, most);
  }

  private String image(String name) {
    String chosen = image == null ? name + ":0.1.0" : image;
    if (chosen.matches("[a-z0-9][a-z0-9._/:-]{0,254}")) return chosen;
    throw new Problem(
        Fault.BAD_COMMAND,
        "'%s' is not the name of an image".formatted(Texts.shown(chosen)),
        "Write it as name:tag, in small letters");
  }

  /// A name as Kubernetes takes it: small letters, digits and `-`, at most 50.
  private static String label(String name) {
    String label = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    label = label.substring(0, Math.min(50, label.length())).replaceAll("^[-0-9]+|-+$", "");
    return label.isEmpty() ? "model" : label;
  }
}
