package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A model as some library wrote it into a file. The format is told by the bytes, not by the name.
public final class ModelFile {
  private static final long BYTES_MAX = 2L << 30;

  private ModelFile() {}

  /// Reads a file, or the folder of an MLflow model, and checks its structure before anything of it
  /// is run.
  ///
  /// @throws Problem of kind INVALID, UNSUPPORTED or TOO_LARGE that says what is wrong with it
  public static Scorer read(Path file) {
    try {
      return readUnnamed(file);
    } catch (Problem e) {
      if (e.place().isPresent() || e.what().contains(file.toString())) throw e;
      throw new Problem(
              e.fault(), "%s: %s".formatted(Texts.shown(file.toString()), e.what()), e.remedy())
          .because(e);
    }
  }

  private static Scorer readUnnamed(Path file) {
    if (Files.isDirectory(file)) {
      return new PythonScorer(MlflowModel.read(file), PythonWorker.Settings.of(System.getenv()));
    }
    try {
      if (Files.size(file) > BYTES_MAX) {
        throw new Problem(
            Fault.BAD_MODEL_FILE,
            "%s has %,d bytes".formatted(file, Files.size(file)),
            "Serve files of at most 2 GiB");
      }
      return read(Files.readAllBytes(file), file);
    } catch (IOException e) {
      throw new Problem(
              Fault.BAD_MODEL_FILE,
              "%s cannot be read: %s".formatted(file, e.getMessage()),
              "Give the path of a readable model file")
          .because(e);
    }
  }

  /// The same, of bytes in memory.
  public static Scorer read(byte[] bytes) {
    return read(bytes, Path.of("model"));
  }

  /// @param file where the bytes were read, for messages with a place in it
  private static Scorer read(byte[] bytes, Path file) {
    if (startsWith(bytes, "tree\n") || startsWith(bytes, "{")) return TreesScorer.read(bytes);
    if (OnnxReader.mayBe(bytes)) {
      Optional<Scorer> trees = OnnxTrees.fits(bytes);
      return trees.isPresent() ? trees.get() : Onnx.read(bytes);
    }
    if (RulesScorer.mayBe(bytes)) {
      return new RulesScorer(new String(bytes, StandardCharsets.UTF_8), file);
    }
    throw new Problem(
        Fault.BAD_MODEL_FILE,
        "the file begins with '%s', which is no model known here"
            .formatted(
                Texts.shown(
                    new String(bytes, 0, Math.min(16, bytes.length), StandardCharsets.ISO_8859_1))),
        "Give LightGBM's text, XGBoost's JSON or UBJ, ONNX, rules in YAML, or an MLflow folder");
  }

  private static boolean startsWith(byte[] bytes, String text) {
    byte[] start = text.getBytes(StandardCharsets.US_ASCII);
    return bytes.length >= start.length
        && java.util.Arrays.equals(bytes, 0, start.length, start, 0, start.length);
  }
}
