package dev.orrery.filter;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds the keys that a text names in a vocabulary, and tells the nearest where there is none.
final class Keys {
  /// A key, and how it may be used.
  record Found(Key key, Vocabulary.Field field) {}

  private final String text;
  private final Vocabulary words;
  private final Fault fault;

  Keys(String text, Vocabulary words, Fault fault) {
    this.text = text;
    this.words = words;
    this.fault = fault;
  }

  Found find(Token token) {
    boolean canBeName =
        token.sort() == Token.Sort.WORD
            || (token.sort() == Token.Sort.STRING && text.charAt(token.at()) == '"');
    if (!canBeName) {
      throw bad(token, null, "Write a key of a " + words.noun() + ": " + known());
    }
    String rest = token.rest();
    if (rest == null) return attribute(token, token.text());
    Optional<Vocabulary.Entity> entity = words.called(token.text());
    if (entity.isEmpty()) {
      throw bad(
          token,
          "Invalid entity type '%s'".formatted(Texts.shown(token.text())),
          Texts.didYouMean(token.text(), entityNames()));
    }
    return field(token, entity.get(), rest);
  }

  private Found field(Token token, Vocabulary.Entity entity, String name) {
    Vocabulary.Field any = entity.any();
    if (any != null) {
      if (name.isBlank()) throw bad(token, null, "Write a name after the dot");
      return new Found(new Key(entity.name(), name), any);
    }
    Optional<Found> found = fixed(entity, name);
    if (found.isPresent()) return found.get();
    throw bad(
        token,
        "Invalid %s key '%s' specified".formatted(entity.name(), Texts.shown(name)),
        Texts.didYouMean(name, entity.fields().keySet()));
  }

  private Found attribute(Token token, String name) {
    Optional<Found> found = words.called(Key.ATTRIBUTE).flatMap(entity -> fixed(entity, name));
    if (found.isPresent()) return found.get();
    String what = "Invalid attribute key '%s' specified".formatted(Texts.shown(name));
    Optional<String> near = Texts.nearest(name, words.beginnings());
    if (near.isPresent()) throw bad(token, what, "Did you mean '%s'".formatted(near.get()));
    List<String> prefixed = new ArrayList<>();
    for (Vocabulary.Entity entity : words.entities()) {
      if (entity.any() != null) prefixed.add(entity.shown() + "." + Texts.shown(name));
    }
    throw bad(
        token,
        what,
        prefixed.isEmpty() ? known() : "Did you mean " + String.join(" or ", prefixed));
  }

  private static Optional<Found> fixed(Vocabulary.Entity entity, String name) {
    Optional<String> called = entity.fieldCalled(name);
    if (called.isEmpty()) return Optional.empty();
    Vocabulary.Field field = entity.fields().get(called.get());
    return field == null
        ? Optional.empty()
        : Optional.of(new Found(new Key(entity.name(), called.get()), field));
  }

  /// A key as a user would write it.
  String shown(Key key) {
    return words
        .called(key.entity())
        .map(entity -> entity.shown() + "." + Texts.shown(key.name()))
        .orElse(key.toString());
  }

  private String known() {
    return String.join(", ", words.beginnings());
  }

  private List<String> entityNames() {
    return words.entities().stream().map(Vocabulary.Entity::shown).toList();
  }

  private Problem bad(Token token, @Nullable String what, String remedy) {
    return Lexer.bad(text, fault, token.at(), token.end(), what, remedy);
  }
}
