package dev.orrery.filter;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A piece of a filter.
///
/// @param text of a string or a name without its quotes; of a name with a dot what precedes it
/// @param rest what follows the dot of a name, if there is one
/// @param isQuoted whether `text` stood in quotes
/// @param at its first character, from 0
/// @param end the character after its last
record Token(Sort sort, String text, @Nullable String rest, boolean isQuoted, int at, int end) {
  enum Sort {
    /// A keyword, or a key such as metrics.auc.
    WORD,
    STRING,
    NUMBER,
    OPERATOR,
    OPEN,
    CLOSE,
    COMMA,
    END
  }

  boolean is(String keyword) {
    return sort == Sort.WORD
        && !isQuoted
        && rest == null
        && text.toUpperCase(Locale.ROOT).equals(keyword);
  }
}
