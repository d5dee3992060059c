package dev.orrery.filter;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What is searched for: comparisons, and how they are joined.
public sealed interface Filter {
  record And(List<Filter> of) implements Filter {
    public And {
      of = List.copyOf(of);
    }
  }

  record Or(List<Filter> of) implements Filter {
    public Or {
      of = List.copyOf(of);
    }
  }

  /// Everything else: also what lacks the keys compared within.
  record Not(Filter of) implements Filter {}

  /// What lacks the key does not match, whatever the operator.
  record Compare(Key key, Op op, Value value) implements Filter {}

  /// The filter that a text tells of; none for an empty one.
  ///
  /// @throws dev.orrery.base.Problem BAD_FILTER, with the place, if it is not of the grammar or
  ///   names what the vocabulary does not know; FILTER_TOO_LARGE beyond the limits
  static Optional<Filter> parse(@Nullable String text, Vocabulary words, Grammar grammar) {
    if (text == null || text.isBlank()) return Optional.empty();
    return Optional.of(new Parser(text, words, grammar).filter());
  }

  /// Calls `each` with every comparison, from left to right.
  static void each(Filter filter, Consumer<Compare> each) {
    switch (filter) {
      case And and -> and.of().forEach(part -> each(part, each));
      case Or or -> or.of().forEach(part -> each(part, each));
      case Not not -> each(not.of(), each);
      case Compare compare -> each.accept(compare);
    }
  }
}
