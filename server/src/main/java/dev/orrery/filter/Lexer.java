package dev.orrery.filter;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Cuts a text into its pieces.
///
/// Names may stand in backticks or double quotes, strings in single or double quotes; a quote
/// within is written twice. An unquoted name holds letters, digits and `_ - / :`, and dots after
/// the first.
final class Lexer {
  private static final String MARKS = "_-/:@$#";

  private final String text;
  private final Fault fault;
  private int at;

  Lexer(String text, Fault fault) {
    this.text = text;
    this.fault = fault;
  }

  List<Token> tokens() {
    var tokens = new ArrayList<Token>();
    while (true) {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) at++;
      if (at >= text.length()) {
        tokens.add(new Token(Token.Sort.END, "", null, false, text.length(), text.length()));
        return tokens;
      }
      tokens.add(next());
    }
  }

  private Token next() {
    int from = at;
    char c = text.charAt(at);
    switch (c) {
      case '(':
        return mark(Token.Sort.OPEN, 1);
      case ')':
        return mark(Token.Sort.CLOSE, 1);
      case ',':
        return mark(Token.Sort.COMMA, 1);
      case '=', '<', '>', '!':
        return operator();
      case '\'':
        return new Token(Token.Sort.STRING, quoted(), null, true, from, at);
      case '"', '`':
        return name(from);
      default:
        if (isNumber()) return number();
        if (isWord(c)) return name(from);
        throw bad(from, from + 1, "Put names with such characters in backticks, strings in quotes");
    }
  }

  private Token mark(Token.Sort sort, int length) {
    at += length;
    return new Token(sort, text.substring(at - length, at), null, false, at - length, at);
  }

  private Token operator() {
    int from = at;
    while (at < text.length() && "=<>!".indexOf(text.charAt(at)) >= 0) at++;
    return new Token(Token.Sort.OPERATOR, text.substring(from, at), null, false, from, at);
  }

  private boolean isNumber() {
    int i = at;
    if (text.charAt(i) == '-' || text.charAt(i) == '+') i++;
    if (i < text.length() && text.charAt(i) == '.') i++;
    return i < text.length() && isDigit(text.charAt(i));
  }

  private Token number() {
    int from = at;
    at++;
    while (at < text.length()) {
      char c = text.charAt(at);
      boolean isSign = (c == '-' || c == '+') && "eE".indexOf(text.charAt(at - 1)) >= 0;
      if (!isDigit(c) && c != '.' && c != 'e' && c != 'E' && !isSign) break;
      at++;
    }
    while (at < text.length() && isWord(text.charAt(at))) at++;
    return new Token(Token.Sort.NUMBER, text.substring(from, at), null, false, from, at);
  }

  private Token name(int from) {
    char c = text.charAt(at);
    boolean isQuoted = c == '"' || c == '`';
    String first = isQuoted ? quoted() : run(false);
    if (at >= text.length() || text.charAt(at) != '.') {
      Token.Sort sort = c == '"' ? Token.Sort.STRING : Token.Sort.WORD;
      return new Token(sort, first, null, isQuoted, from, at);
    }
    at++;
    String rest = rest(from);
    return new Token(Token.Sort.WORD, first, rest, isQuoted, from, at);
  }

  private String rest(int from) {
    if (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"' || c == '`') return quoted();
      if (isWord(c)) return run(true);
    }
    throw bad(from, at, "Write a name after the dot");
  }

  private String run(boolean withDots) {
    int from = at;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (!isWord(c) && !(withDots && c == '.')) break;
      at++;
    }
    return text.substring(from, at);
  }

  /// The text between two quotes, the first of which stands here.
  private String quoted() {
    int from = at;
    char quote = text.charAt(at++);
    var inside = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != quote) {
        inside.append(c);
      } else if (at < text.length() && text.charAt(at) == quote) {
        inside.append(quote);
        at++;
      } else {
        return inside.toString();
      }
    }
    throw bad(from, text.length(), "Close the quote with " + quote);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c) || Character.isSurrogate(c) || MARKS.indexOf(c) >= 0;
  }

  private Problem bad(int from, int end, String remedy) {
    return bad(text, fault, from, end, null, remedy);
  }

  /// A mistake in a text: what it is, the characters it stands at, and what to write instead.
  static Problem bad(
      String text, Fault fault, int from, int end, @Nullable String what, String remedy) {
    String clause = fault == Fault.BAD_ORDER ? "order_by clause" : "clause(s) in filter string";
    String place =
        from >= text.length()
            ? "at its end, after '%s'".formatted(Texts.shown(tail(text)))
            : "at character %d: '%s'".formatted(from + 1, Texts.shown(text.substring(from, end)));
    String said = what == null ? "Invalid " + clause : what;
    return new Problem(fault, said + " " + place, remedy);
  }

  private static String tail(String text) {
    return text.substring(Math.max(0, text.length() - 40));
  }
}
