package dev.orrery.filter;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What is ordered by, and which way.
public record Order(Key key, boolean isDescending) {
  private static final int KEYS_MAX = 50;
  private static final int LENGTH_MAX = 2_000;

  /// The orders that texts such as `metrics.auc DESC` tell of; ascending where none is said.
  ///
  /// @throws Problem BAD_ORDER, with the place, if one is not a known key and at most a direction,
  ///   cannot be ordered by, or comes twice
  public static List<Order> parse(List<String> texts, Vocabulary words) {
    if (texts.size() > KEYS_MAX) {
      throw new Problem(
          Fault.BAD_ORDER,
          "order_by has %d clauses".formatted(texts.size()),
          "Give at most %d".formatted(KEYS_MAX));
    }
    var orders = new ArrayList<Order>();
    Set<Key> seen = new HashSet<>();
    for (String text : texts) {
      Order order = parse(text, words);
      if (!seen.add(order.key())) {
        throw new Problem(
            Fault.BAD_ORDER,
            "`order_by` contains duplicate fields: %s".formatted(order.key()),
            "Name each field once");
      }
      orders.add(order);
    }
    return orders;
  }

  private static Order parse(String text, Vocabulary words) {
    if (text.length() > LENGTH_MAX) {
      throw new Problem(
          Fault.BAD_ORDER,
          "an order_by clause has %d characters".formatted(text.length()),
          "Use at most %d".formatted(LENGTH_MAX));
    }
    List<Token> tokens = new Lexer(text, Fault.BAD_ORDER).tokens();
    Token first = tokens.getFirst();
    Keys.Found found = new Keys(text, words, Fault.BAD_ORDER).find(first);
    if (!found.field().isOrderable()) {
      throw Lexer.bad(text, Fault.BAD_ORDER, first.at(), first.end(), null, "Order by another key");
    }
    boolean isDescending = tokens.get(1).is("DESC");
    boolean hasDirection = isDescending || tokens.get(1).is("ASC");
    Token after = tokens.get(hasDirection ? 2 : 1);
    if (after.sort() != Token.Sort.END) {
      throw Lexer.bad(
          text,
          Fault.BAD_ORDER,
          after.at(),
          after.end(),
          null,
          hasDirection
              ? "Give one key and one direction"
              : "After the key stands ASC, DESC or nothing");
    }
    return new Order(found.key(), isDescending);
  }
}
