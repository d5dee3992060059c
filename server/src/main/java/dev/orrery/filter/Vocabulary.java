package dev.orrery.filter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which keys exist for a kind of thing, and how each may be compared and ordered by.
///
/// @param noun what is searched, for messages: `run`
public record Vocabulary(String noun, List<Entity> entities) {
  /// What a key holds.
  public enum Type {
    TEXT,
    NUMBER,
    /// Milliseconds since 1970.
    TIME
  }

  /// How a key may be used.
  public record Field(Type type, Set<Op> ops, boolean isOrderable) {
    public static final Field TEXT = new Field(Type.TEXT, Op.TEXTS, true);
    public static final Field LISTED = new Field(Type.TEXT, Op.LISTS, true);
    public static final Field NUMBER = new Field(Type.NUMBER, Op.NUMBERS, true);
    public static final Field TIME = new Field(Type.TIME, Op.NUMBERS, true);

    public Field unordered() {
      return new Field(type, ops, false);
    }

    /// May be ordered by, and not compared.
    public Field onlyOrdered() {
      return new Field(type, Set.of(), true);
    }
  }

  /// A family of keys.
  ///
  /// @param aliases under which it is written too: `metrics` for `metric`
  /// @param any how every key of it may be used, where its names are free; else null
  /// @param fields its names where they are fixed; case does not matter in them
  /// @param fieldAliases other names of these, in lower case
  public record Entity(
      String name,
      List<String> aliases,
      @Nullable Field any,
      Map<String, Field> fields,
      Map<String, String> fieldAliases) {
    public Entity {
      aliases = List.copyOf(aliases);
      fields = new LinkedHashMap<>(fields);
      fieldAliases = new LinkedHashMap<>(fieldAliases);
    }

    /// A family whose names users choose.
    public static Entity free(String name, Field any, String... aliases) {
      return new Entity(name, List.of(aliases), any, Map.of(), Map.of());
    }

    /// A family with fixed names, to be given by [#with].
    public static Entity fixed(String name, String... aliases) {
      return new Entity(name, List.of(aliases), null, Map.of(), Map.of());
    }

    public Entity with(String field, Field use, String... otherNames) {
      var more = new LinkedHashMap<>(fields);
      more.put(field, use);
      var moreAliases = new LinkedHashMap<>(fieldAliases);
      for (String other : otherNames) moreAliases.put(other.toLowerCase(Locale.ROOT), field);
      return new Entity(name, aliases, any, more, moreAliases);
    }

    boolean isCalled(String word) {
      return name.equalsIgnoreCase(word) || aliases.stream().anyMatch(word::equalsIgnoreCase);
    }

    /// The name of the field as it stands in [#fields], if there is one so called.
    Optional<String> fieldCalled(String word) {
      String lower = word.toLowerCase(Locale.ROOT);
      if (fields.containsKey(lower)) return Optional.of(lower);
      return Optional.ofNullable(fieldAliases.get(lower));
    }

    /// As it is written most: the plural where there is one.
    String shown() {
      return aliases.stream().filter(alias -> alias.equals(name + "s")).findFirst().orElse(name);
    }
  }

  public Vocabulary {
    entities = List.copyOf(entities);
  }

  public static Vocabulary of(String noun, Entity... entities) {
    return new Vocabulary(noun, List.of(entities));
  }

  Optional<Entity> called(String word) {
    return entities.stream().filter(entity -> entity.isCalled(word)).findFirst();
  }

  /// The words a key can begin with.
  List<String> beginnings() {
    var words = new LinkedHashSet<String>();
    for (Entity entity : entities) {
      words.add(entity.shown());
      if (entity.name().equals(Key.ATTRIBUTE)) words.addAll(entity.fields().keySet());
    }
    return new ArrayList<>(words);
  }
}
