package dev.orrery.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// A part of what a search found, and the token of the next part.
public record Page<T>(List<T> items, Optional<String> next) {
  public Page {
    items = List.copyOf(items);
  }

  static <T> Page<T> of(Fields answer, String name, Function<Fields, T> reader) {
    return new Page<>(answer.list(name, reader), answer.found("next_page_token"));
  }

  /// All parts, one call after the other.
  static <T> List<T> all(Function<Optional<String>, Page<T>> ask) {
    List<T> all = new ArrayList<>();
    Optional<String> token = Optional.empty();
    do {
      Page<T> page = ask.apply(token);
      all.addAll(page.items());
      token = page.next();
    } while (token.isPresent());
    return List.copyOf(all);
  }
}
