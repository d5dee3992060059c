package dev.orrery.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Place;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A problem as people read it (what, where with carets, what to do) and as programs do.
final class ErrorText {
  private static final int WIDTH_MAX = 110;

  private final Terminal terminal;
  private final Path home;

  /// @param home the folder from which places name their files
  ErrorText(Terminal terminal, Path home) {
    this.terminal = terminal;
    this.home = home;
  }

  String of(Problem problem) {
    StringBuilder text = new StringBuilder();
    String head = "%s[%s]".formatted(terminal.text("error"), problem.fault().code());
    text.append(terminal.red(head)).append(": ").append(problem.what()).append('\n');
    problem.place().ifPresent(place -> text.append(located(place)));
    text.append(terminal.bold(terminal.text("hint"))).append(": ").append(problem.remedy());
    return text.toString();
  }

  ObjectNode json(Problem problem) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("code", problem.fault().code());
    json.put("kind", problem.kind().name().toLowerCase(Locale.ROOT));
    json.put("what", problem.what());
    json.put("remedy", problem.remedy());
    problem
        .place()
        .ifPresent(place ->
            json.put("file", place.file().toString())
                .put("line", place.line())
                .put("column", place.column()));
    return json;
  }

  private String located(Place place) {
    String arrow = "  --> %s:%d:%d%n".formatted(shown(place.file()), place.line(), place.column());
    return line(place).map(line -> arrow + pointed(line, place)).orElse(arrow);
  }

  /// The file as one would open it from where the command was called.
  private Path shown(Path file) {
    Path whole = home.resolve(file).toAbsolutePath().normalize();
    Path here = terminal.folder().toAbsolutePath().normalize();
    return whole.startsWith(here) ? here.relativize(whole) : whole;
  }

  private Optional<String> line(Place place) {
    try (var lines = Files.lines(home.resolve(place.file()))) {
      return lines.skip(place.line() - 1L).findFirst();
    } catch (MalformedInputException e) {
      return Optional.empty();
    } catch (IOException | java.io.UncheckedIOException e) {
      return Optional.empty();
    }
  }

  private String pointed(String line, Place place) {
    List<Integer> points = line.codePoints().map(ErrorText::printable).boxed().toList();
    int column = Math.min(place.column() - 1, points.size());
    int from = column < WIDTH_MAX - 20 ? 0 : column - WIDTH_MAX / 2;
    int to = Math.min(points.size(), from + WIDTH_MAX);
    String before = from == 0 ? "" : "...";
    String after = to == points.size() ? "" : "...";
    int length = Math.clamp(place.length(), 1, Math.max(1, to - column));
    String number = Integer.toString(place.line());
    String shown = before + string(points.subList(from, to)) + after;
    int indent = before.length() + width(points.subList(from, column));
    int carets = Math.max(1, width(points.subList(column, Math.min(to, column + length))));
    return " %s | %s%n %s | %s%n"
        .formatted(
            number,
            shown,
            " ".repeat(number.length()),
            " ".repeat(indent) + terminal.red("^".repeat(carets)));
  }

  private static int printable(int point) {
    if (point == '\t') return ' ';
    return Character.isISOControl(point) || Character.getType(point) == Character.FORMAT
        ? '?'
        : point;
  }

  private static String string(List<Integer> points) {
    StringBuilder text = new StringBuilder();
    points.forEach(text::appendCodePoint);
    return text.toString();
  }

  private static int width(List<Integer> points) {
    return points.stream().mapToInt(ErrorText::width).sum();
  }

  /// How many columns of a terminal a character takes: Hangul, Han, kana and pictographs take two.
  private static int width(int point) {
    boolean isWide =
        (point >= 0x1100 && point <= 0x115F)
            || (point >= 0x2E80 && point <= 0xA4CF)
            || (point >= 0xAC00 && point <= 0xD7A3)
            || (point >= 0xF900 && point <= 0xFAFF)
            || (point >= 0xFE30 && point <= 0xFE6F)
            || (point >= 0xFF00 && point <= 0xFF60)
            || (point >= 0xFFE0 && point <= 0xFFE6)
            || (point >= 0x1F300 && point <= 0x1FAFF)
            || (point >= 0x20000 && point <= 0x3FFFD);
    return isWide ? 2 : 1;
  }
}
