package dev.orrery.cli;

import java.util.ArrayList;
import java.util.List;

/// Rows of texts under headings, in columns as wide as what they hold; columns that look like
/// numbers stand right.
final class TextTable {
  private static final int WIDTH_MAX = 40;

  private final List<String> heads;
  private final List<List<String>> rows = new ArrayList<>();

  TextTable(List<String> heads) {
    this.heads = List.copyOf(heads);
  }

  void row(List<String> cells) {
    rows.add(cells.stream().map(TextTable::cut).toList());
  }

  List<String> lines(Terminal terminal) {
    List<String> lines = new ArrayList<>();
    int columns = heads.size();
    int[] widths = new int[columns];
    boolean[] isRight = new boolean[columns];
    for (int i = 0; i < columns; i++) {
      widths[i] = width(heads.get(i));
      boolean isNumber = !rows.isEmpty();
      for (List<String> row : rows) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
        isNumber &= row.get(i).matches("|-|NaN|-?[0-9.,]+([eE][-+]?[0-9]+)?");
      }
      isRight[i] = isNumber;
    }
    lines.add(terminal.dim(line(heads, widths, isRight)));
    for (List<String> row : rows) lines.add(line(row, widths, isRight));
    return lines;
  }

  private static String line(List<String> cells, int[] widths, boolean[] isRight) {
    var line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      if (i > 0) line.append("  ");
      String padding = " ".repeat(widths[i] - width(cells.get(i)));
      line.append(isRight[i] ? padding + cells.get(i) : cells.get(i) + padding);
    }
    return line.toString().stripTrailing();
  }

  private static String cut(String cell) {
    String plain = cell.replaceAll("[\\p{Cntrl}\\p{Cf}]", " ");
    return plain.length() <= WIDTH_MAX ? plain : plain.substring(0, WIDTH_MAX - 1) + "…";
  }

  /// Hangul and other wide letters take two columns at a terminal.
  private static int width(String text) {
    return text.codePoints().map(c -> isWide(c) ? 2 : 1).sum();
  }

  private static boolean isWide(int c) {
    return c >= 0x1100
        && (c <= 0x115F
            || (c >= 0x2E80 && c <= 0xA4CF)
            || (c >= 0xAC00 && c <= 0xD7A3)
            || (c >= 0xF900 && c <= 0xFAFF)
            || (c >= 0xFF00 && c <= 0xFF60));
  }
}
