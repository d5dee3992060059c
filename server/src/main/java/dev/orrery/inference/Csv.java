package dev.orrery.inference;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Comma-separated values as RFC 4180 has them.
final class Csv {
  private Csv() {}

  /// All lines, blank ones left out; a field that is empty and not quoted is null.
  ///
  /// @throws dev.orrery.base.Problem of kind INVALID if a quote does not end
  static List<List<@Nullable String>> rows(String text) {
    List<List<@Nullable String>> rows = new ArrayList<>();
    List<@Nullable String> row = new ArrayList<>();
    var field = new StringBuilder();
    boolean quoted = false;
    boolean inside = false;
    int length = text.length();
    for (int at = text.startsWith("\uFEFF") ? 1 : 0; at <= length; at++) {
      boolean end = at == length;
      char c = end ? '\n' : text.charAt(at);
      if (inside) {
        if (end) throw JsonIn.bad("a quote of the CSV does not end", "Close it");
        if (c != '"') {
          field.append(c);
        } else if (at + 1 < length && text.charAt(at + 1) == '"') {
          field.append('"');
          at++;
        } else {
          inside = false;
        }
      } else if (c == '"' && field.isEmpty()) {
        inside = true;
        quoted = true;
      } else if (c == ',' || c == '\n') {
        boolean blank = field.isEmpty() && !quoted;
        if (c == ',' || !blank || !row.isEmpty()) row.add(blank ? null : field.toString());
        field.setLength(0);
        quoted = false;
        if (c == '\n' && !row.isEmpty()) {
          rows.add(row);
          row = new ArrayList<>();
        }
      } else if (c != '\r' || at + 1 < length && text.charAt(at + 1) != '\n') {
        field.append(c);
      }
    }
    return rows;
  }
}
