package dev.orrery.engine;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/// What a CSV file is, before DuckDB reads it, and what is wrong with one that it cannot read.
final class Csv {
  private static final int HEADER_BYTES_MAX = 1 << 20;
  private static final long SCANNED_BYTES_MAX = 1L << 30;
  private static final char[] DELIMITERS = {',', ';', '\t', '|'};

  private Csv() {}

  static boolean isNamedSo(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".csv") || name.endsWith(".tsv") || name.endsWith(".csv.gz");
  }

  /// What parts the columns of a file: of the usual characters the one that its first line has most
  /// of. DuckDB left to guess takes a line with too many fields for the file's shape, and drops
  /// those before it.
  ///
  /// @throws Problem of kind INVALID if the file is no UTF-8 text, or its header names a column
  ///   twice
  static char delimiter(Path file) {
    byte[] start;
    try (InputStream in = open(file)) {
      start = in.readNBytes(HEADER_BYTES_MAX);
    } catch (IOException e) {
      throw unreadable(file, String.valueOf(e.getMessage()), "Give a whole CSV file").because(e);
    }
    requireText(file, start);
    String header =
        new String(start, StandardCharsets.UTF_8)
            .replaceFirst("^\uFEFF", "")
            .lines()
            .findFirst()
            .orElse("");
    String bare = header.replaceAll("\"[^\"]*\"", "");
    char most = ',';
    for (char c : DELIMITERS) if (count(bare, c) > count(bare, most)) most = c;
    requireDistinct(file, header, most);
    return most;
  }

  private static InputStream open(Path file) throws IOException {
    InputStream bytes = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".gz")
        ? new GZIPInputStream(bytes)
        : bytes;
  }

  private static void requireText(Path file, byte[] start) {
    if (start.length >= 2) {
      int mark = (start[0] & 0xFF) << 8 | start[1] & 0xFF;
      if (mark == 0xFFFE || mark == 0xFEFF) {
        throw unreadable(file, "it is UTF-16, not UTF-8", "Save it as UTF-8");
      }
    }
    int line = 1;
    for (byte b : start) {
      if (b == 0) {
        throw unreadable(
            file,
            "it is not text: there is a zero byte in line %d".formatted(line),
            "Give a CSV file in UTF-8, or name a Parquet file so that it ends with .parquet");
      }
      if (b == '\n') line++;
    }
  }

  private static void requireDistinct(Path file, String header, char delimiter) {
    Set<String> seen = new HashSet<>();
    for (String name : fields(header, delimiter)) {
      if (!name.isEmpty() && !seen.add(name)) {
        throw unreadable(
            file,
            "its header names the column '%s' twice".formatted(Texts.shown(name)),
            "Rename one of them");
      }
    }
  }

  private static List<String> fields(String line, char delimiter) {
    List<String> fields = new ArrayList<>();
    var field = new StringBuilder();
    boolean isQuoted = false;
    for (char c : line.toCharArray()) {
      if (c == '"') isQuoted = !isQuoted;
      else if (c == delimiter && !isQuoted) {
        fields.add(field.toString().strip());
        field.setLength(0);
      } else field.append(c);
    }
    fields.add(field.toString().strip());
    return fields;
  }

  /// What is wrong with a file that cannot be read, with its line, where that can be found: bytes
  /// that are no UTF-8, a quote that is never closed, a row with more or fewer fields than the
  /// header.
  static Optional<String> wrong(Path file, char delimiter) {
    var scan = new Scan(delimiter);
    try (InputStream in = open(file)) {
      long bytes = 0;
      for (int b = in.read(); b >= 0 && bytes++ < SCANNED_BYTES_MAX; b = in.read()) {
        Optional<String> found = scan.take(b);
        if (found.isPresent()) return found;
      }
      return scan.end();
    } catch (IOException e) {
      return Optional.of("it ends in the middle: " + e.getMessage());
    }
  }

  /// Looks at one byte after the other.
  private static final class Scan {
    private static final int LINE_BYTES_MAX = 1 << 20;

    private final char delimiter;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final byte[] text = new byte[LINE_BYTES_MAX];
    private int length;
    private boolean isQuoted;
    private int line = 1;
    private int rowLine = 1;
    private int quoteLine;
    private int fields = 1;
    private int wanted;

    Scan(char delimiter) {
      this.delimiter = delimiter;
    }

    Optional<String> take(int b) {
      if (b == '"') {
        isQuoted = !isQuoted;
        quoteLine = line;
      }
      if (b == delimiter && !isQuoted) fields++;
      if (b != '\n') {
        if (length < LINE_BYTES_MAX) text[length++] = (byte) b;
        return Optional.empty();
      }
      Optional<String> found = endOfLine();
      line++;
      length = 0;
      return found;
    }

    private Optional<String> endOfLine() {
      try {
        var unused = decoder.decode(ByteBuffer.wrap(text, 0, length));
      } catch (CharacterCodingException e) {
        return length == LINE_BYTES_MAX
            ? Optional.empty()
            : Optional.of("line %d is not UTF-8".formatted(line));
      }
      if (isQuoted) return Optional.empty();
      boolean isBlank = fields == 1 && (length == 0 || length == 1 && text[0] == '\r');
      int found = fields;
      int at = rowLine;
      fields = 1;
      rowLine = line + 1;
      if (wanted == 0) wanted = found;
      if (found == wanted || isBlank) return Optional.empty();
      return Optional.of(
          "line %d has %d %s, and the header has %d"
              .formatted(at, found, found == 1 ? "field" : "fields", wanted));
    }

    Optional<String> end() {
      if (isQuoted) {
        return Optional.of("line %d opens a quote that is never closed".formatted(quoteLine));
      }
      return length == 0 ? Optional.empty() : endOfLine();
    }
  }

  static Problem unreadable(Path file, String what, String remedy) {
    return new Problem(
        Fault.UNREADABLE_TABLE, "cannot read %s: %s".formatted(file, Texts.shown(what)), remedy);
  }

  private static long count(String text, char wanted) {
    return text.chars().filter(c -> c == wanted).count();
  }
}
