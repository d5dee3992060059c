package dev.orrery.filter;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.ArrayList;
import java.util.List;

/// Reads a filter by descent: `OR` binds least, then `AND`, then `NOT`.
final class Parser {
  static final int LENGTH_MAX = 200_000;
  static final int COMPARISONS_MAX = 200;
  static final int VALUES_MAX = 10_000;
  static final int DEPTH_MAX = 50;

  private final String text;
  private final Keys keys;
  private final Grammar grammar;
  private final List<Token> tokens;
  private int next;
  private int comparisons;
  private int values;

  Parser(String text, Vocabulary words, Grammar grammar) {
    if (text.length() > LENGTH_MAX) {
      throw large("%d characters".formatted(text.length()), "Use at most %d".formatted(LENGTH_MAX));
    }
    int nul = text.indexOf('\0');
    if (nul >= 0) {
      throw Lexer.bad(
          text, Fault.BAD_FILTER, nul, nul + 1, null, "Write no NUL; nothing stored holds one");
    }
    this.text = text;
    this.grammar = grammar;
    this.keys = new Keys(text, words, Fault.BAD_FILTER);
    this.tokens = new Lexer(text, Fault.BAD_FILTER).tokens();
  }

  Filter filter() {
    Filter filter = or(0);
    Token after = tokens.get(next);
    if (after.sort() != Token.Sort.END) {
      throw bad(
          after,
          after.sort() == Token.Sort.CLOSE
              ? "Remove it, or open a parenthesis before"
              : "Join comparisons by " + (isFull() ? "AND or OR" : "AND"));
    }
    return filter;
  }

  private Filter or(int depth) {
    var parts = new ArrayList<Filter>();
    parts.add(and(depth));
    while (tokens.get(next).is("OR")) {
      demandFull("OR");
      next++;
      parts.add(and(depth));
    }
    return parts.size() == 1 ? parts.getFirst() : new Filter.Or(parts);
  }

  private Filter and(int depth) {
    var parts = new ArrayList<Filter>();
    parts.add(one(depth));
    while (tokens.get(next).is("AND")) {
      next++;
      parts.add(one(depth));
    }
    return parts.size() == 1 ? parts.getFirst() : new Filter.And(parts);
  }

  private Filter one(int depth) {
    if (depth > DEPTH_MAX) {
      throw large("a depth of more than %d".formatted(DEPTH_MAX), "Nest it less deeply");
    }
    Token token = tokens.get(next);
    if (token.is("NOT")) {
      demandFull("NOT");
      next++;
      return new Filter.Not(one(depth + 1));
    }
    if (token.sort() == Token.Sort.OPEN) {
      demandFull("A parenthesis");
      next++;
      Filter inner = or(depth + 1);
      if (tokens.get(next).sort() != Token.Sort.CLOSE) {
        throw bad(tokens.get(next), "Close the parenthesis of character " + (token.at() + 1));
      }
      next++;
      return inner;
    }
    return comparison();
  }

  private Filter comparison() {
    if (++comparisons > COMPARISONS_MAX) {
      throw large(
          "more than %d comparisons".formatted(COMPARISONS_MAX), "Split it into several searches");
    }
    Token subject = tokens.get(next);
    Keys.Found found = keys.find(subject);
    next++;
    Token sign = tokens.get(next++);
    boolean isNegated = sign.is("NOT");
    Token word = isNegated ? tokens.get(next++) : sign;
    Op op = op(sign, word, isNegated);
    if (!found.field().ops().contains(op)) {
      throw wrongOp(found, sign, op);
    }
    Value value = op == Op.IN || op == Op.NOT_IN ? list(found) : value(found);
    var compare = new Filter.Compare(found.key(), op, value);
    return isNegated && op != Op.NOT_IN ? new Filter.Not(compare) : compare;
  }

  private Op op(Token sign, Token word, boolean isNegated) {
    if (word.is("IN")) return isNegated ? Op.NOT_IN : Op.IN;
    if (word.is("LIKE") || word.is("ILIKE")) {
      if (isNegated) demandFull(sign, "NOT before " + word.text());
      return word.is("LIKE") ? Op.LIKE : Op.ILIKE;
    }
    if (!isNegated && sign.sort() == Token.Sort.OPERATOR) {
      for (Op op : Op.values()) {
        if (op.text().equals(sign.text())) return op;
      }
    }
    throw bad(
        isNegated ? word : sign,
        switch (sign.text()) {
          case "==" -> "Write = for equality";
          case "<>" -> "Write != for inequality";
          case "=>" -> "Write >=";
          case "=<" -> "Write <=";
          default -> "After a key stands one of =, !=, >, >=, <, <=, LIKE, ILIKE, IN, NOT IN";
        });
  }

  private Problem wrongOp(Keys.Found found, Token sign, Op op) {
    String shown = keys.shown(found.key());
    if (found.field().ops().isEmpty()) {
      return Lexer.bad(
          text,
          Fault.BAD_FILTER,
          sign.at(),
          sign.end(),
          "Invalid clause(s) in filter string: %s can only be ordered by,".formatted(shown),
          "Filter by another key");
    }
    return Lexer.bad(
        text,
        Fault.BAD_FILTER,
        sign.at(),
        sign.end(),
        "Invalid comparison operator %s for %s".formatted(op.text(), shown),
        "Compare %s by one of %s".formatted(shown, Op.listed(found.field().ops())));
  }

  private Value list(Keys.Found found) {
    Token open = tokens.get(next++);
    if (open.sort() != Token.Sort.OPEN) {
      throw bad(open, "Write a list: ('a', 'b')");
    }
    var texts = new ArrayList<String>();
    while (true) {
      Token item = tokens.get(next++);
      if (++values > VALUES_MAX) {
        throw large("more than %d values in lists".formatted(VALUES_MAX), "Split the list");
      }
      texts.add(text(found, item));
      Token after = tokens.get(next++);
      if (after.sort() == Token.Sort.CLOSE) return new Value.Texts(texts);
      if (after.sort() != Token.Sort.COMMA)
        throw bad(after, "Separate values by commas, and end the list with )");
      if (tokens.get(next).sort() == Token.Sort.CLOSE) {
        next++;
        return new Value.Texts(texts);
      }
    }
  }

  private Value value(Keys.Found found) {
    Token token = tokens.get(next++);
    return switch (found.field().type()) {
      case TEXT -> new Value.Text(text(found, token));
      case NUMBER -> number(found, token);
      case TIME ->
          isFull() && token.sort() == Token.Sort.STRING
              ? new Value.Number(Times.millis(token.text(), () -> badTime(found, token)))
              : number(found, token);
    };
  }

  private String text(Keys.Found found, Token token) {
    if (token.sort() == Token.Sort.STRING) return token.text();
    if (isFull() && token.sort() == Token.Sort.NUMBER) return token.text();
    throw Lexer.bad(
        text,
        Fault.BAD_FILTER,
        token.at(),
        token.end(),
        "Expected a quoted string value for %s".formatted(keys.shown(found.key())),
        "Put the value in quotes, such as 'my-value'");
  }

  private Value number(Keys.Found found, Token token) {
    if (token.sort() == Token.Sort.NUMBER) {
      try {
        return new Value.Number(Double.parseDouble(token.text()));
      } catch (NumberFormatException _) {
        // Told below: something such as 1.2.3 or 5x.
      }
    }
    throw Lexer.bad(
        text,
        Fault.BAD_FILTER,
        token.at(),
        token.end(),
        "Expected numeric value type for %s".formatted(keys.shown(found.key())),
        "Write a number without quotes, such as 0.9");
  }

  private Problem badTime(Keys.Found found, Token token) {
    return Lexer.bad(
        text,
        Fault.BAD_FILTER,
        token.at(),
        token.end(),
        "%s is compared with what is no time".formatted(keys.shown(found.key())),
        "Write milliseconds since 1970, or a date such as '2026-11-21' or '2026-11-21T08:00:00Z'");
  }

  private boolean isFull() {
    return grammar == Grammar.FULL;
  }

  private void demandFull(String what) {
    demandFull(tokens.get(next), what);
  }

  private void demandFull(Token token, String what) {
    if (isFull()) return;
    throw bad(
        token,
        "%s is not part of MLflow's grammar, which joins comparisons by AND; /api/v1 has it"
            .formatted(what));
  }

  private Problem bad(Token token, String remedy) {
    return Lexer.bad(text, Fault.BAD_FILTER, token.at(), token.end(), null, remedy);
  }

  private static Problem large(String what, String remedy) {
    return new Problem(Fault.FILTER_TOO_LARGE, "a filter has " + what, remedy);
  }
}
