package dev.orrery.cli;

import dev.orrery.base.Disk;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.project.JsonSchema;
import dev.orrery.project.Project;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `orrery init [FOLDER]`: makes a project of an empty folder, or adopts one with `--here`. Nothing
/// that is there is ever overwritten.
final class InitCommand extends Command {
  private static final String SCHEMA = "orrery.schema.json";

  /// What the founding documents call their files, by the block they hold.
  private static final List<String> FOUNDING =
      List.of(
          "problem=problem.yaml,project_definition.py",
          "success=success_criteria.yaml,success_criteria.py",
          "monitor=monitoring.yaml,monitoring_config.py",
          "retrain=retrain.yaml,retrain_config.py");

  @Parameters(arity = "0..1", paramLabel = "FOLDER", descriptionKey = "orrery.init.folder")
  @Nullable Path folder;

  @Option(names = "--here", descriptionKey = "orrery.init.here")
  boolean here;

  @Option(names = "--template", paramLabel = "NAME", descriptionKey = "orrery.init.template")
  String template = "blank";

  @Override
  int run(Terminal terminal) throws IOException {
    if (!template.equals("blank")) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "there is no template '%s'".formatted(Texts.shown(template)),
          Texts.didYouMean(template, Set.of("blank")));
    }
    Path target = target(terminal);
    refuseOccupied(target);
    SequencedMap<String, String> files = new LinkedHashMap<>();
    files.put(Project.FILE, definition(target));
    files.put(SCHEMA, JsonSchema.text());
    if (!Files.exists(target.resolve(".gitignore"))) files.put(".gitignore", ".orrery/\n");
    write(target, files);
    files.keySet().forEach(file -> terminal.print(terminal.text("init.wrote", file)));
    terminal.say(terminal.text("init.next"));
    return ExitCode.OK;
  }

  private Path target(Terminal terminal) {
    Path base = terminal.folder().toAbsolutePath().normalize();
    if (folder != null) return base.resolve(folder).normalize();
    return home != null ? base.resolve(home).normalize() : base;
  }

  private void refuseOccupied(Path target) throws IOException {
    if (Files.exists(target) && !Files.isDirectory(target)) {
      throw new Problem(
          Fault.ALREADY_THERE,
          "%s is a file, not a folder".formatted(Texts.shown(target.toString())),
          "Give a folder, new or empty");
    }
    if (Files.exists(target.resolve(Project.FILE))) {
      throw new Problem(
          Fault.ALREADY_THERE,
          "%s is a project already".formatted(Texts.shown(target.toString())),
          "Edit its %s; 'orrery check' tells whether it is sound".formatted(Project.FILE));
    }
    if (here || !Files.isDirectory(target)) return;
    try (var inside = Files.list(target)) {
      Optional<Path> other =
          inside.filter(f -> !f.getFileName().toString().equals(".git")).findAny();
      if (other.isPresent()) {
        throw new Problem(
            Fault.ALREADY_THERE,
            "%s is not empty".formatted(Texts.shown(target.toString())),
            "Add --here to make a project of it as it is; nothing in it is changed");
      }
    }
  }

  /// The commented file; what lies in the folder already is referred to.
  private static String definition(Path target) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # yaml-language-server: $schema=%s
        orrery: 1
        project: %s

        """
            .formatted(SCHEMA, name(target)));
    for (String founding : FOUNDING) {
      String[] parts = founding.split("=", 2);
      for (String file : parts[1].split(",", -1)) {
        if (!Files.isRegularFile(target.resolve(file))) continue;
        text.append("%s: %s\n".formatted(parts[0], file));
        break;
      }
    }
    Optional<String> data = data(target);
    return text.append(BLANK.replace("data/rows.parquet", data.orElse("data/rows.parquet")))
        .toString();
  }

  /// The first data file in the folder's `data`, if its name needs no quotes.
  private static Optional<String> data(Path target) throws IOException {
    if (!Files.isDirectory(target.resolve("data"))) return Optional.empty();
    try (var files = Files.walk(target.resolve("data"), 3)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> target.relativize(file).toString().replace('\\', '/'))
          .filter(file -> file.matches("[A-Za-z0-9._/-]+\\.(parquet|csv)"))
          .sorted()
          .findFirst();
    }
  }

  private static String name(Path target) {
    String name = String.valueOf(target.getFileName()).toLowerCase(Locale.ROOT);
    String clean = name.replaceAll("[^a-z0-9._-]+", "-").replaceAll("^[^a-z0-9]+|-+$", "");
    if (clean.isEmpty()) return "project";
    // A name of digits alone would be a number in YAML.
    return clean.matches("[0-9.e-]+") ? "project-" + clean : clean;
  }

  private static void write(Path target, SequencedMap<String, String> files) throws IOException {
    Path current = target;
    try {
      Files.createDirectories(target);
      for (var file : files.entrySet()) {
        current = target.resolve(file.getKey());
        Files.writeString(current, file.getValue(), StandardOpenOption.CREATE_NEW);
      }
    } catch (FileAlreadyExistsException e) {
      throw new Problem(
              Fault.ALREADY_THERE,
              "%s is there already".formatted(current),
              "Move it away, or choose another folder")
          .because(e);
    } catch (IOException e) {
      throw new Problem(
              Fault.CANNOT_WRITE,
              "%s cannot be written%s"
                  .formatted(current, Disk.isFull(e) ? ": the disk is full" : ""),
              "Check its permissions and the free space, or choose another folder")
          .because(e);
    }
  }

  private static final String BLANK =
      """
      # Where a block is expected, the path of a file that holds it may stand instead.
      #
      # data:                         # what is learnt from
      #   rows:
      #     path: data/rows.parquet   # Parquet or CSV
      #     time: happened_at         # when a row happened
      #     target: { late: "delay >= 15" }
      #     contract: { min_rows: 1000, max_null_ratio: 0.1 }
      #
      # problem: { ml_problem: { type: binary_classification, target: late } }
      #
      # features:
      #   basics: { from: rows, columns: { hour: "hour(happened_at)" } }
      #
      # model:
      #   name: my-model
      #   candidates: [ majority, logistic_regression, { lightgbm: { trees: 200, leaves: 63 } } ]
      #
      # gates:   { metrics: { auc_roc: 0.7 }, beats: [ majority ] }
      # serve:   { endpoint: my-model, strategy: canary }
      # monitor: { every: 1d, drift_metrics: { psi: { threshold: 0.25, alert_on: above } } }
      # retrain: { policy: { max_psi: 0.25, max_days_without_training: 30 }, cooldown: 14d }
      """;
}
