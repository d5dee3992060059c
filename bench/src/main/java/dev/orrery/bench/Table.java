package dev.orrery.bench;

import java.util.ArrayList;
import java.util.List;

/// Lines laid out as Markdown that reads well as it is.
final class Table {
  private static final String[] HEAD = {
    "what", "unit", "ours", "beside", "theirs", "times better", "bar"
  };
  private static final List<Integer> RIGHT = List.of(2, 4, 5);

  private Table() {}

  static String of(List<Line> lines) {
    List<String[]> rows = new ArrayList<>();
    rows.add(HEAD);
    lines.forEach(line -> rows.add(line.cells()));
    int[] widths = new int[HEAD.length];
    for (String[] row : rows) {
      for (int c = 0; c < row.length; c++) widths[c] = Math.max(widths[c], row[c].length());
    }
    var text = new StringBuilder();
    for (String[] row : rows) {
      for (int c = 0; c < row.length; c++) {
        String gap = " ".repeat(widths[c] - row[c].length());
        text.append("| ").append(RIGHT.contains(c) ? gap + row[c] : row[c] + gap).append(' ');
      }
      text.append("|\n");
      if (row == HEAD) text.append(rule(widths));
    }
    return text.toString();
  }

  private static String rule(int[] widths) {
    var text = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      text.append('|').append("-".repeat(widths[c] + 1)).append(RIGHT.contains(c) ? ':' : '-');
    }
    return text.append("|\n").toString();
  }
}
