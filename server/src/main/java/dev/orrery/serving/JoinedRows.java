package dev.orrery.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.data.Dataset;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.engine.Table.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Predictions' rows joined with what became known of them, as rows of the dataset.
final class JoinedRows {
  private final Dataset dataset;
  private final SequencedMap<String, Type> raw;

  /// @param raw the dataset's columns with their types
  JoinedRows(Dataset dataset, SequencedMap<String, Type> raw) {
    this.dataset = dataset;
    this.raw = raw;
  }

  /// One joined row.
  record Joined(Table row, int index, double target, ObjectNode detail, long knownAtMillis) {}

  /// The rows with these raw columns and [Dataset#KNOWN_AT]; what was not sent is missing.
  static Table raw(SequencedMap<String, Type> types, List<Joined> rows) {
    SequencedMap<String, Column> columns = new LinkedHashMap<>();
    for (Map.Entry<String, Type> column : types.entrySet()) {
      if (!column.getKey().equals(Dataset.KNOWN_AT)) {
        columns.put(column.getKey(), column(column.getKey(), column.getValue(), rows));
      }
    }
    long[] known = new long[rows.size()];
    for (int i = 0; i < known.length; i++) known[i] = rows.get(i).knownAtMillis() * 1_000;
    columns.put(Dataset.KNOWN_AT, new Times(known));
    return new Table(columns, rows.size());
  }

  /// The same with the targets, which stand as they were sent where their formula gives none.
  Table events(List<Joined> rows) {
    Table events = dataset.complete(raw(raw, rows));
    String target = dataset.targets().firstEntry().getKey();
    double[] values = events.numbers(target).clone();
    for (int i = 0; i < values.length; i++) {
      if (rows.get(i).detail().isEmpty()) values[i] = rows.get(i).target();
    }
    return events.with(target, new Numbers(values));
  }

  /// The rows whose own columns the log has kept.
  List<Joined> kept(List<Joined> rows) {
    var inputs = dataset.inputs(raw).keySet();
    return rows.stream().filter(row -> row.row().names().containsAll(inputs)).toList();
  }

  /// The rows whose outcome columns were all sent: those that can become training data.
  List<Joined> whole(List<Joined> rows) {
    var whole = new ArrayList<Joined>(rows.size());
    for (Joined row : kept(rows)) {
      if (dataset.outcomes().stream().allMatch(row.detail()::has)) whole.add(row);
    }
    return whole;
  }

  private static Column column(String name, Type type, List<Joined> rows) {
    int n = rows.size();
    return switch (type) {
      case NUMBER -> {
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
          Object value = value(name, rows.get(i));
          values[i] = value instanceof Number number ? number.doubleValue() : Double.NaN;
        }
        yield new Numbers(values);
      }
      case TIME -> {
        long[] values = new long[n];
        for (int i = 0; i < n; i++) {
          Joined row = rows.get(i);
          values[i] = row.row().has(name) ? row.row().micros(name)[row.index()] : Times.NONE;
        }
        yield new Times(values);
      }
      case STRING -> {
        @Nullable String[] values = new String[n];
        for (int i = 0; i < n; i++) {
          values[i] = value(name, rows.get(i)) instanceof String text ? text : null;
        }
        yield new Strings(values);
      }
    };
  }

  private static @Nullable Object value(String name, Joined row) {
    if (row.row().has(name)) return row.row().column(name).value(row.index());
    JsonNode sent = row.detail().get(name);
    if (sent == null || sent.isNull()) return null;
    if (sent.isTextual()) return sent.textValue();
    if (sent.isBoolean()) return sent.booleanValue() ? 1.0 : 0.0;
    return sent.doubleValue();
  }
}
