package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the folder of an MLflow model wants of the Python that runs it, by its `MLmodel`.
///
/// @param mlflow the version of mlflow that wrote it; null where it does not say
/// @param python the version of Python that it was made with; null where it does not say
/// @param hasRequirements whether a `requirements.txt` lies in it
public record PythonNeeds(
    @Nullable String mlflow, @Nullable String python, boolean hasRequirements) {
  private static final Pattern VERSION = Pattern.compile("[0-9][0-9A-Za-z.+]{0,40}");

  /// @throws Problem of kind INVALID or UNSUPPORTED if the folder holds no such model
  public static PythonNeeds of(Path folder) {
    MlflowModel.read(folder);
    Path file = folder.resolve("MLmodel");
    ModelYaml top;
    try {
      top = ModelYaml.read(Files.readString(file), file, Fault.BAD_MODEL_FILE);
    } catch (IOException e) {
      throw new Problem(Fault.BAD_MODEL_FILE, file + " cannot be read", "Check its permissions")
          .because(e);
    }
    ModelYaml flavors = top.find("flavors");
    ModelYaml function = flavors == null ? null : flavors.find("python_function");
    return new PythonNeeds(
        version(top.find("mlflow_version")),
        version(function == null ? null : function.find("python_version")),
        Files.isRegularFile(folder.resolve("requirements.txt")));
  }

  private static @Nullable String version(@Nullable ModelYaml written) {
    if (written == null) return null;
    String text = written.text();
    if (VERSION.matcher(text).matches()) return text;
    throw written.bad("'%s' is no version".formatted(Texts.shown(text)));
  }
}
