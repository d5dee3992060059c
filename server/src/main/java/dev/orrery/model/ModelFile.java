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

  /// Reads a file and checks its structure before anything of it is run.
  ///
  /// @throws Problem of kind INVALID, UNSUPPORTED or TOO_LARGE that says what is wrong with it
  public static Scorer read(Path file) {
    try {
      if (Files.size(file) > BYTES_MAX) {
        throw new Problem(
            Fault.BAD_MODEL_FILE,
            "%s has %,d bytes".formatted(file, Files.size(file)),
            "Serve files of at most 2 GiB");
      }
      return read(Files.readAllBytes(file));
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
    if (startsWith(bytes, "tree\n") || startsWith(bytes, "{")) return TreesScorer.read(bytes);
    if (bytes.length > 1 && bytes[0] == 8) {
      // The version of ONNX's own format stands first.
      Optional<Scorer> trees = OnnxTrees.fits(bytes);
      if (trees.isPresent()) return trees.get();
      throw new Problem(
          Fault.UNSUPPORTED_MODEL,
          "the ONNX model is not one of trees",
          "Give an ensemble of trees");
    }
    throw new Problem(
        Fault.BAD_MODEL_FILE,
        "the file begins with '%s', which is no model known here"
            .formatted(
                Texts.shown(
                    new String(bytes, 0, Math.min(16, bytes.length), StandardCharsets.ISO_8859_1))),
        "Give LightGBM's text, XGBoost's JSON or UBJ, or ONNX");
  }

  private static boolean startsWith(byte[] bytes, String text) {
    byte[] start = text.getBytes(StandardCharsets.US_ASCII);
    return bytes.length >= start.length
        && java.util.Arrays.equals(bytes, 0, start.length, start, 0, start.length);
  }
}
