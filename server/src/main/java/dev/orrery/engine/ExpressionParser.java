package dev.orrery.engine;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Expression.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Reads the text of an [Expression]; at most 2,000 characters and 50 levels deep.
final class ExpressionParser {
  private static final int LENGTH_MAX = 2_000;
  private static final int DEPTH_MAX = 50;
  private static final Set<String> COMPARISONS =
      Set.of("=", "==", "<>", "!=", "<", "<=", ">", ">=");

  private final String text;
  private final List<String> tokens;
  private int next;
  private int depth;

  ExpressionParser(String text) {
    if (text.length() > LENGTH_MAX) {
      throw new Problem(
          Fault.BAD_EXPRESSION,
          "a formula has %d characters".formatted(text.length()),
          "Keep it to %d".formatted(LENGTH_MAX));
    }
    this.text = text;
    this.tokens = tokens();
  }

  Node whole() {
    Node node = or();
    if (next < tokens.size()) throw bad("'%s' is not expected here".formatted(tokens.get(next)));
    return node;
  }

  private Node or() {
    if (++depth > DEPTH_MAX) throw bad("it is nested too deep");
    Node left = and();
    while (takeWord("or")) left = call("or", left, and());
    depth--;
    return left;
  }

  private Node and() {
    Node left = not();
    while (takeWord("and")) left = call("and", left, not());
    return left;
  }

  private Node not() {
    boolean negated = false;
    while (takeWord("not")) negated = !negated;
    Node inner = comparison();
    return negated ? call("not", inner) : inner;
  }

  private Node comparison() {
    Node left = sum();
    if (takeWord("is")) {
      boolean not = takeWord("not");
      expectWord("null");
      Node test = call("is_null", left);
      return not ? call("not", test) : test;
    }
    boolean not = takeWord("not");
    if (takeWord("between")) {
      Node low = sum();
      expectWord("and");
      Node between = call("and", call(">=", left, low), call("<=", left, sum()));
      return not ? call("not", between) : between;
    }
    if (takeWord("in")) {
      expect("(");
      Node any = call("=", left, sum());
      while (take(",")) any = call("or", any, call("=", left, sum()));
      expect(")");
      return not ? call("not", any) : any;
    }
    if (not) throw bad("after 'not' comes 'between' or 'in' here");
    if (next < tokens.size() && COMPARISONS.contains(tokens.get(next))) {
      String operator = tokens.get(next++);
      String plain =
          switch (operator) {
            case "==" -> "=";
            case "!=" -> "<>";
            default -> operator;
          };
      return call(plain, left, sum());
    }
    return left;
  }

  private Node sum() {
    Node left = product();
    while (true) {
      if (take("+")) left = call("+", left, product());
      else if (take("-")) left = call("-", left, product());
      else return left;
    }
  }

  private Node product() {
    Node left = unary();
    while (true) {
      if (take("*")) left = call("*", left, unary());
      else if (take("/")) left = call("/", left, unary());
      else if (take("%")) left = call("%", left, unary());
      else return left;
    }
  }

  private Node unary() {
    if (++depth > DEPTH_MAX) throw bad("it is nested too deep");
    Node node = take("-") ? call("-", new Node.Literal(0.0), unary()) : primary();
    depth--;
    return node;
  }

  private Node primary() {
    if (take("(")) {
      Node inner = or();
      expect(")");
      return inner;
    }
    if (next == tokens.size()) throw bad("it ends too early");
    String token = tokens.get(next++);
    char first = token.charAt(0);
    if (Character.isDigit(first) || first == '.') return number(token);
    if (first == '\'')
      return new Node.Literal(token.substring(1, token.length() - 1).replace("''", "'"));
    if (first == '"') return new Node.Name(token.substring(1, token.length() - 1));
    if (!Character.isLetter(first) && first != '_') {
      throw bad("'%s' is not expected here".formatted(token));
    }
    String word = token.toLowerCase(Locale.ROOT);
    if (word.equals("true")) return new Node.Literal(1.0);
    if (word.equals("false")) return new Node.Literal(0.0);
    if (word.equals("case")) return cases();
    if (word.equals("cast") && take("(")) return cast();
    if (take("(")) return function(word);
    return new Node.Name(token);
  }

  private Node number(String token) {
    try {
      return new Node.Literal(Double.parseDouble(token));
    } catch (NumberFormatException _) {
      throw bad("'%s' is not a number".formatted(token));
    }
  }

  private Node cases() {
    var arguments = new ArrayList<Node>();
    while (takeWord("when")) {
      arguments.add(or());
      expectWord("then");
      arguments.add(or());
    }
    if (arguments.isEmpty()) throw bad("'case' has no 'when'");
    expectWord("else");
    arguments.add(or());
    expectWord("end");
    return new Node.Call("case", List.copyOf(arguments));
  }

  private Node cast() {
    Node inner = or();
    expectWord("as");
    if (next == tokens.size()) throw bad("it ends too early");
    String type = tokens.get(next++).toLowerCase(Locale.ROOT);
    expect(")");
    return switch (type) {
      case "integer", "int", "bigint" -> call("round_half_even", inner);
      case "double", "float", "real" -> call("number", inner);
      default -> throw bad("cast to '%s' is not known; use integer or double".formatted(type));
    };
  }

  private Node function(String word) {
    var arguments = new ArrayList<Node>();
    if (!take(")")) {
      do {
        arguments.add(take("*") ? new Node.Literal("*") : or());
      } while (take(","));
      expect(")");
    }
    return new Node.Call(word, List.copyOf(arguments));
  }

  private static Node call(String function, Node... arguments) {
    return new Node.Call(function, List.of(arguments));
  }

  private boolean take(String token) {
    if (next < tokens.size() && tokens.get(next).equals(token)) {
      next++;
      return true;
    }
    return false;
  }

  private boolean takeWord(String word) {
    if (next < tokens.size() && tokens.get(next).equalsIgnoreCase(word)) {
      next++;
      return true;
    }
    return false;
  }

  private void expect(String token) {
    if (!take(token)) throw bad("'%s' is missing".formatted(token));
  }

  private void expectWord(String word) {
    if (!takeWord(word)) throw bad("'%s' is missing".formatted(word));
  }

  private Problem bad(String why) {
    return new Problem(
        Fault.BAD_EXPRESSION,
        "the formula '%s' cannot be read: %s".formatted(Texts.shown(text), Texts.shown(why)),
        "Write it as SQL over the row's columns, such as hour(date) or delay >= 15");
  }

  private List<String> tokens() {
    var found = new ArrayList<String>();
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
        continue;
      }
      int end = tokenEnd(at, c);
      found.add(text.substring(at, end));
      at = end;
    }
    return found;
  }

  private int tokenEnd(int start, char first) {
    int at = start + 1;
    if (Character.isLetter(first) || first == '_') {
      while (at < text.length() && wordPart(text.charAt(at))) at++;
      return at;
    }
    if (Character.isDigit(first) || first == '.') {
      while (at < text.length()
          && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.' || exponent(at))) at++;
      return at;
    }
    if (first == '\'' || first == '"') return quoteEnd(at, first);
    if (at < text.length()
        && Set.of("<=", ">=", "<>", "!=", "==").contains(text.substring(start, at + 1))) {
      return at + 1;
    }
    if ("+-*/%()<>=,".indexOf(first) < 0) {
      throw new Problem(
          Fault.BAD_EXPRESSION,
          "the formula '%s' has the character '%s'".formatted(Texts.shown(text), first),
          "Write it as SQL over the row's columns");
    }
    return at;
  }

  private int quoteEnd(int from, char quote) {
    int at = from;
    while (at < text.length()) {
      if (text.charAt(at) == quote) {
        if (at + 1 < text.length() && text.charAt(at + 1) == quote) at++;
        else return at + 1;
      }
      at++;
    }
    throw new Problem(
        Fault.BAD_EXPRESSION,
        "the formula '%s' has a quote that does not end".formatted(Texts.shown(text)),
        "Close the quote");
  }

  private boolean exponent(int at) {
    char c = text.charAt(at);
    if (c == 'e' || c == 'E') return at + 1 < text.length();
    return (c == '+' || c == '-') && "eE".indexOf(text.charAt(at - 1)) >= 0;
  }

  private static boolean wordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.';
  }
}
