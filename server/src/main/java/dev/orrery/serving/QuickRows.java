package dev.orrery.serving;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.orrery.base.Problem;
import dev.orrery.engine.Columns;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.engine.Table.Type;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads one row, in the forms in which nearly all requests come, straight from the parser into
/// columns. What it does not know, or would refuse, it leaves to [RequestRows], which says why;
/// what it reads, that would read alike.
///
/// @param time the place of the row's time; -1 if it has none
record QuickRows(Columns.Names names, Type[] types, int time) {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(100).maxNumberLength(400).build())
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  static Column[] columns(Type[] types, int rows) {
    Column[] columns = new Column[types.length];
    for (int i = 0; i < types.length; i++) {
      columns[i] =
          switch (types[i]) {
            case NUMBER -> new Numbers(new double[rows]);
            case TIME -> new Times(new long[rows]);
            case STRING -> new Strings(new String[rows]);
          };
    }
    return columns;
  }

  /// @param now the time of a named row that has none, in microseconds
  /// @return null if the body is not one row of the usual forms
  @Nullable Table read(byte[] body, long now) {
    try (JsonParser parser = FACTORY.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) return null;
      String first = parser.nextFieldName();
      if (first == null) return null;
      Column[] columns = columns(types, 1);
      boolean read;
      if (names.place(first) >= 0) {
        read = named(parser, first, columns, now);
      } else {
        read =
            switch (first) {
              case "rows" -> rows(parser, columns, now);
              case "features" -> features(parser, columns);
              default -> false;
            };
        read = read && parser.nextToken() == JsonToken.END_OBJECT;
      }
      if (!read || parser.nextToken() != null) return null;
      return new Table(new Columns(names, columns), 1);
    } catch (IOException | Problem e) {
      return null;
    }
  }

  private boolean rows(JsonParser parser, Column[] columns, long now) throws IOException {
    return parser.nextToken() == JsonToken.START_ARRAY
        && parser.nextToken() == JsonToken.START_OBJECT
        && named(parser, parser.nextFieldName(), columns, now)
        && parser.nextToken() == JsonToken.END_ARRAY;
  }

  private boolean features(JsonParser parser, Column[] columns) throws IOException {
    if (parser.nextToken() != JsonToken.START_ARRAY) return false;
    JsonToken token = parser.nextToken();
    boolean nested = token == JsonToken.START_ARRAY;
    if (nested) token = parser.nextToken();
    for (int place = 0; place < columns.length; place++, token = parser.nextToken()) {
      if (!set(parser, token, columns[place])) return false;
    }
    if (token != JsonToken.END_ARRAY) return false;
    return !nested || parser.nextToken() == JsonToken.END_ARRAY;
  }

  /// The fields of one row to its end, each once, in any order.
  private boolean named(JsonParser parser, @Nullable String first, Column[] columns, long now)
      throws IOException {
    boolean[] seen = new boolean[columns.length];
    int found = 0;
    int next = 0;
    for (String name = first; name != null; name = parser.nextFieldName()) {
      int place =
          next < columns.length && names.list().get(next).equals(name) ? next : names.place(name);
      if (place < 0 || seen[place]) return false;
      if (!set(parser, parser.nextToken(), columns[place])) return false;
      seen[place] = true;
      found++;
      next = place + 1;
    }
    if (parser.currentToken() != JsonToken.END_OBJECT) return false;
    if (found == columns.length) return true;
    if (found < columns.length - 1 || time < 0 || seen[time]) return false;
    ((Times) columns[time]).micros()[0] = now;
    return true;
  }

  private static boolean set(JsonParser parser, JsonToken token, Column column) throws IOException {
    switch (column) {
      case Numbers(double[] values) -> {
        if (token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT) {
          values[0] = parser.getDoubleValue();
          return Double.isFinite(values[0]);
        }
        values[0] = Double.NaN;
      }
      case Times(long[] micros) -> {
        if (token == JsonToken.VALUE_STRING) {
          micros[0] = RequestRows.time("", 0, parser.getText());
          return true;
        }
        micros[0] = Times.NONE;
      }
      case Strings strings -> {
        if (token == JsonToken.VALUE_STRING) {
          String text = parser.getText();
          strings.values()[0] = text;
          return RequestRows.isText(text);
        }
      }
    }
    return token == JsonToken.VALUE_NULL;
  }
}
