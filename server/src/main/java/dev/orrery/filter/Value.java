package dev.orrery.filter;

import java.util.List;

/// What a key is compared with.
public sealed interface Value {
  record Text(String text) implements Value {}

  /// @param number a time is in milliseconds since 1970
  record Number(double number) implements Value {}

  /// The values of `IN` and `NOT IN`; at least one.
  record Texts(List<String> texts) implements Value {
    public Texts {
      texts = List.copyOf(texts);
    }
  }
}
