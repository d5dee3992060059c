package dev.orrery.engine;

import dev.orrery.engine.Table.Column;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The columns of one of many tables that have the same names: the names are shared, so that no map
/// is filled for a table of one row.
public final class Columns extends AbstractMap<String, Column>
    implements SequencedMap<String, Column> {
  /// Names in their order.
  public static final class Names {
    private final List<String> names;
    private final Map<String, Integer> places = new HashMap<>();

    public Names(Collection<String> names) {
      this.names = List.copyOf(names);
      for (String name : this.names) {
        if (places.put(name, places.size()) != null) {
          throw new IllegalArgumentException("two columns " + name);
        }
      }
    }

    public int size() {
      return names.size();
    }

    public List<String> list() {
      return names;
    }

    /// The place of a name; -1 if it is none of these.
    public int place(String name) {
      return places.getOrDefault(name, -1);
    }
  }

  private final Names names;
  private final Column[] columns;

  /// @param columns one for each name, in their order; not copied
  public Columns(Names names, Column[] columns) {
    if (columns.length != names.size()) {
      throw new IllegalArgumentException(
          "%d columns for %d names".formatted(columns.length, names.size()));
    }
    this.names = names;
    this.columns = columns;
  }

  /// The same object for tables that share it.
  public Names names() {
    return names;
  }

  /// The columns themselves, not a copy.
  Column[] inOrder() {
    return columns;
  }

  /// The column at a place.
  public Column at(int place) {
    return columns[place];
  }

  @Override
  public int size() {
    return columns.length;
  }

  @Override
  public boolean containsKey(@Nullable Object name) {
    return name instanceof String text && names.place(text) >= 0;
  }

  @Override
  public @Nullable Column get(@Nullable Object name) {
    int place = name instanceof String text ? names.place(text) : -1;
    return place < 0 ? null : columns[place];
  }

  @Override
  public void forEach(BiConsumer<? super String, ? super Column> each) {
    for (int i = 0; i < columns.length; i++) each.accept(names.names.get(i), columns[i]);
  }

  @Override
  public Set<String> keySet() {
    return Collections.unmodifiableSet(names.places.isEmpty() ? Set.of() : keys());
  }

  private Set<String> keys() {
    return new AbstractSet<>() {
      @Override
      public Iterator<String> iterator() {
        return names.names.iterator();
      }

      @Override
      public int size() {
        return columns.length;
      }

      @Override
      public boolean contains(@Nullable Object name) {
        return containsKey(name);
      }
    };
  }

  @Override
  public Collection<Column> values() {
    return new AbstractList<>() {
      @Override
      public Column get(int place) {
        return columns[place];
      }

      @Override
      public int size() {
        return columns.length;
      }
    };
  }

  @Override
  public Set<Entry<String, Column>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<Entry<String, Column>> iterator() {
        return new Iterator<>() {
          private int next;

          @Override
          public boolean hasNext() {
            return next < columns.length;
          }

          @Override
          public Entry<String, Column> next() {
            if (!hasNext()) throw new java.util.NoSuchElementException();
            int place = next++;
            return Map.entry(names.names.get(place), columns[place]);
          }
        };
      }

      @Override
      public int size() {
        return columns.length;
      }
    };
  }

  @Override
  public SequencedMap<String, Column> reversed() {
    return Collections.unmodifiableSequencedMap(new LinkedHashMap<>(this)).reversed();
  }
}
