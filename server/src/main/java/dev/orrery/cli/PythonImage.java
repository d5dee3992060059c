package dev.orrery.cli;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.model.PythonNeeds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The lines of a Dockerfile by which models of Python are served: Python with a venv that has
/// mlflow and what the models' `requirements.txt` name.
///
/// @param models what each wants, by the name of its folder; none where all models run in the JVM
record PythonImage(SequencedMap<String, PythonNeeds> models) {
  static final PythonImage NONE = new PythonImage(new LinkedHashMap<>());

  private static final Pattern FOLDER = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}");

  /// @param sources model files, and folders of MLflow models
  /// @throws Problem of kind INVALID if one image cannot serve them all
  static PythonImage of(List<Path> sources) {
    var models = new LinkedHashMap<String, PythonNeeds>();
    var versions = new TreeSet<String>();
    for (Path source : sources) {
      if (!Files.isDirectory(source)) continue;
      String name = String.valueOf(source.getFileName());
      if (!FOLDER.matcher(name).matches()) {
        throw new Problem(
            Fault.BAD_COMMAND,
            "a model's folder is called '%s'".formatted(Texts.shown(name)),
            "Rename it: letters, digits and . _ -");
      }
      PythonNeeds needs = PythonNeeds.of(source);
      if (needs.mlflow() != null) versions.add(needs.mlflow());
      models.put(name, needs);
    }
    if (versions.size() > 1) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "the models were written by mlflow %s, and an image has one"
              .formatted(String.join(" and ", versions)),
          "Package them one by one, each with --out and --image of its own");
    }
    return new PythonImage(models);
  }

  boolean isNeeded() {
    return !models.isEmpty();
  }

  /// Python itself; libgomp is what LightGBM and XGBoost load.
  String system() {
    if (!isNeeded()) return "";
    return """
    RUN apt-get update \\
     && apt-get install -y --no-install-recommends python3 python3-venv libgomp1 \\
     && rm -rf /var/lib/apt/lists/*
    """;
  }

  /// What the models import, for which they have been copied below a folder already.
  String packages(String home) {
    if (!isNeeded()) return "";
    var text = new StringBuilder();
    for (Map.Entry<String, PythonNeeds> model : models.entrySet()) {
      String python = model.getValue().python();
      if (python == null) continue;
      text.append(
          "# %s was made with Python %s; pickles may want that very minor version.\n"
              .formatted(model.getKey(), python));
    }
    text.append("RUN python3 -m venv /opt/python \\\n");
    text.append(" && /opt/python/bin/pip install --no-cache-dir");
    models.forEach((name, needs) -> {
      if (needs.hasRequirements()) {
        text.append(" -r %s/%s/requirements.txt".formatted(home, name));
      }
    });
    String pinned =
        models.values().stream()
            .map(PythonNeeds::mlflow)
            .filter(java.util.Objects::nonNull)
            .findFirst()
            .map(version -> "mlflow==" + version)
            .orElse("mlflow");
    return text.append(" ")
        .append(pinned)
        .append("\nENV ORRERY_PYTHON=/opt/python/bin/python\n")
        .toString();
  }
}
