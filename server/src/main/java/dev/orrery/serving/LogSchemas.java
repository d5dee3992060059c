package dev.orrery.serving;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.engine.Columns;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Type;
import dev.orrery.sql.Db;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// The column names and types that logged tables have, each kept once under a 64-bit id.
final class LogSchemas {
  private final Db db;
  private final Map<Long, Schema> byId = new ConcurrentHashMap<>();

  /// Every schema, to be looked through: a server has a few.
  private final List<Schema> known = new CopyOnWriteArrayList<>();

  /// The columns of tables that were logged, in order.
  ///
  /// @param names shared by the tables that are read, as those that are answered share theirs
  record Schema(long id, Columns.Names names, Type[] types) {
    boolean fits(Columns columns) {
      for (int i = 0; i < types.length; i++) if (types[i] != columns.at(i).type()) return false;
      return true;
    }

    boolean fits(Table table) {
      if (table.columns().size() != types.length) return false;
      int at = 0;
      for (var column : table.columns().entrySet()) {
        if (types[at] != column.getValue().type() || !names.list().get(at).equals(column.getKey()))
          return false;
        at++;
      }
      return true;
    }
  }

  /// Names that were seen of late, as the object they are, and their schema; two of them, for a
  /// request's rows and their features.
  private record Recent(Columns.Names names, Schema schema, @Nullable Recent other) {
    Recent alone() {
      return new Recent(names, schema, null);
    }
  }

  private volatile @Nullable Recent recent;

  LogSchemas(Db db) {
    this.db = db;
    for (String definition :
        db.query("select definition from log_schema limit 10000", row -> row.text("definition"))) {
      remember(read(definition));
    }
  }

  /// The id of a table's columns; a new one is durable before it is used.
  long id(Table table) {
    Recent before = recent;
    if (table.columns() instanceof Columns columns) {
      for (; before != null; before = before.other()) {
        if (before.names() == columns.names() && before.schema().fits(columns)) {
          return before.schema().id();
        }
      }
    }
    for (Schema schema : known) {
      if (!schema.fits(table)) continue;
      if (table.columns() instanceof Columns columns) {
        Recent last = recent;
        recent = new Recent(columns.names(), schema, last == null ? null : last.alone());
      }
      return schema.id();
    }
    var types = new LinkedHashMap<String, Type>();
    table.columns().forEach((name, column) -> types.put(name, column.type()));
    String definition = Json.text(types);
    long id = idOf(types);
    db.update(
        """
        insert into log_schema (id, definition)
        values (?, ?)
        on conflict (id) do nothing
        """,
        id,
        definition);
    remember(types);
    return id;
  }

  Schema columns(long id) {
    Schema columns = byId.get(id);
    if (columns == null) {
      throw new Problem(
          Fault.LOG_DAMAGED,
          "the prediction log names the unknown schema %x".formatted(id),
          "Restore the store from a backup");
    }
    return columns;
  }

  private void remember(SequencedMap<String, Type> types) {
    long id = idOf(types);
    var schema =
        new Schema(id, new Columns.Names(types.keySet()), types.values().toArray(Type[]::new));
    if (byId.put(id, schema) == null) known.add(schema);
  }

  private static long idOf(SequencedMap<String, Type> types) {
    return Long.parseUnsignedLong(Digest.of(Json.text(types)).hex().substring(0, 16), 16);
  }

  private static SequencedMap<String, Type> read(String definition) {
    try {
      return Json.MAPPER.readValue(definition, new TypeReference<LinkedHashMap<String, Type>>() {});
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new Problem(
              Fault.LOG_DAMAGED, "a schema of the prediction log is damaged", "Restore the store")
          .because(e);
    }
  }
}
