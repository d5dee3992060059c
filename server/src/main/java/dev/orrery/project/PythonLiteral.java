package dev.orrery.project;

/// The founding documents' way to write a definition: `"""docstring"""`, then `name = { ... }`.
///
/// The dictionary itself is a YAML flow mapping; what stands before it is overwritten with spaces.
/// Nothing is ever executed.
final class PythonLiteral {
  private final String text;
  private int at;

  private PythonLiteral(String text) {
    this.text = text;
  }

  /// The text with docstring and `name =` blanked, or the same text if it begins otherwise.
  static String bared(String text) {
    var literal = new PythonLiteral(text);
    int start = literal.valueStart();
    if (start < 0) return text;
    var bare = new StringBuilder(text.length());
    for (int i = 0; i < start; i++) {
      char c = text.charAt(i);
      bare.append(c == '\n' || c == '\r' ? c : ' ');
    }
    return bare.append(text, start, text.length()).toString();
  }

  /// Where the dictionary or list after the first `name =` begins, or -1.
  private int valueStart() {
    skipBlank();
    if (skipDocstring()) skipBlank();
    if (!skipName()) return -1;
    skipSpaces();
    if (at >= text.length() || text.charAt(at) != '=') return -1;
    at++;
    skipSpaces();
    return at < text.length() && "{[".indexOf(text.charAt(at)) >= 0 ? at : -1;
  }

  private void skipBlank() {
    while (at < text.length()) {
      if (text.charAt(at) == '#') {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (Character.isWhitespace(text.charAt(at))) {
        at++;
      } else {
        return;
      }
    }
  }

  private boolean skipDocstring() {
    for (String quotes : new String[] {"\"\"\"", "'''"}) {
      if (!text.startsWith(quotes, at)) continue;
      int end = text.indexOf(quotes, at + 3);
      at = end < 0 ? text.length() : end + 3;
      return true;
    }
    return false;
  }

  private boolean skipName() {
    int start = at;
    while (at < text.length() && isNamePart(text.charAt(at))) at++;
    return at > start && !Character.isDigit(text.charAt(start));
  }

  private void skipSpaces() {
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) at++;
  }

  private static boolean isNamePart(char c) {
    return c == '_' || Character.isLetterOrDigit(c);
  }
}
