package dev.orrery.project;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Place;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The text of one definition, with its Python clothes taken off.
///
/// @param file its path from the project's folder
/// @param text what stands in it, where `name =` and a docstring before it have become spaces, so
///   that every line and column is where it was
/// @param isPython whether there was a `name =`
/// @param digest of the file's bytes
record Source(Path file, String text, boolean isPython, Digest digest) {
  static final int BYTES_MAX = 1_000_000;

  /// @throws Problem of kind INVALID if the file cannot be read, is too large, or is not UTF-8
  static Source read(Path folder, Path file) {
    byte[] bytes = bytes(folder, file);
    String text = decoded(bytes, file);
    String bare = PythonLiteral.bared(text);
    boolean isPython = !bare.equals(text);
    return new Source(file, isPython ? bare : text, isPython, Digest.of(bytes));
  }

  private static byte[] bytes(Path folder, Path file) {
    try (InputStream in = Files.newInputStream(folder.resolve(file))) {
      byte[] bytes = in.readNBytes(BYTES_MAX + 1);
      if (bytes.length <= BYTES_MAX) return bytes;
      throw new Problem(
              Fault.DEFINITION_TOO_LARGE,
              "%s is larger than %d bytes".formatted(Texts.shown(file.toString()), BYTES_MAX),
              "Split it, or check that it is a definition and not data")
          .at(new Place(file, 1, 1, 1));
    } catch (IOException e) {
      throw new Problem(
              Fault.UNREADABLE_DEFINITION,
              "cannot read %s (%s)"
                  .formatted(Texts.shown(file.toString()), e.getClass().getSimpleName()),
              "Check that it is a file and that you may read it")
          .because(e);
    }
  }

  private static String decoded(byte[] bytes, Path file) {
    int start = bytes.length >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB ? 3 : 0;
    ByteBuffer rest = ByteBuffer.wrap(bytes, start, bytes.length - start);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(rest).toString();
    } catch (CharacterCodingException e) {
      String before = new String(bytes, 0, rest.position(), StandardCharsets.UTF_8);
      throw new Problem(
              Fault.YAML_SYNTAX,
              "%s is not UTF-8 text".formatted(Texts.shown(file.toString())),
              "Save it as UTF-8")
          .at(place(file, before, before.codePointCount(0, before.length())))
          .because(e);
    }
  }

  /// The place of the code point with this index.
  Place place(int codePoint) {
    return place(file, text, codePoint);
  }

  private static Place place(Path file, String text, int codePoint) {
    int line = 1;
    int column = 1;
    int[] points = text.codePoints().limit(codePoint).toArray();
    for (int point : points) {
      column = point == '\n' ? 1 : column + 1;
      if (point == '\n') line++;
    }
    return new Place(file, line, column, 1);
  }
}
