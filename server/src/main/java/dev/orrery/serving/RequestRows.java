package dev.orrery.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.data.Contract;
import dev.orrery.engine.Columns;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.engine.Table.Type;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// Reads the rows of a request into a table of the endpoint's input columns, strictly: every column
/// there, no other, each of its type and within the contract.
///
/// What is sent as nearly everybody sends it, [QuickRows] reads; anything else, and above all what
/// is wrong, is read here, with words for it.
final class RequestRows {
  static final int ROWS_MAX = PredictionId.ROWS_MAX;
  static final int TEXT_MAX = 1_000;

  /// Where a request says who asks, beside its rows.
  private static final String KEY = "key";

  private static final int KEY_MAX = 200;

  /// What a time looks like that need not be looked at by a formatter.
  private static final String PLAIN_TIME = "0000-00-00T00:00:00Z";

  private final SequencedMap<String, Type> inputs;
  private final Set<String> ignored;
  private final String time;
  private final Contract contract;
  private final Columns.Names names;
  private final Type[] types;

  /// By the places of the columns.
  private final boolean[] mayMiss;

  private final QuickRows quick;

  /// @param inputs the raw columns a row must have, in the signature's order
  /// @param time the column of the row's time; where a named row lacks it, it is now
  /// @param ignored columns that other deployments take: beside the inputs they are let pass
  RequestRows(
      SequencedMap<String, Type> inputs, String time, Contract contract, Set<String> ignored) {
    this.inputs = inputs;
    this.ignored = Set.copyOf(ignored);
    this.time = time;
    // Outcomes are not in a request, and its own rules say what may be missing from it.
    this.contract = contract.ofRows(inputs.keySet());
    this.names = new Columns.Names(inputs.keySet());
    this.types = inputs.values().toArray(Type[]::new);
    this.mayMiss = new boolean[types.length];
    for (int i = 0; i < types.length; i++) {
      String name = names.list().get(i);
      mayMiss[i] = this.contract.maxNullRatio(name) > 0 && !name.equals(time);
    }
    this.quick = new QuickRows(names, types, names.place(time));
  }

  SequencedMap<String, Type> inputs() {
    return inputs;
  }

  /// What is asked about, and by whom.
  record Asked(Table rows, Endpoint.Call call) {}

  /// Rows of a body, in any of the forms of [#read(JsonNode, Instant)], and the call with the
  /// caller's key if it stands beside them.
  Asked read(byte[] body, Instant now, Endpoint.Call call) {
    Table rows = quick.read(body, micros(now));
    if (rows != null) return new Asked(checked(rows), call);
    JsonNode tree = Json.tree(body);
    return new Asked(read(tree, now), called(tree, call));
  }

  /// @throws Problem of kind INVALID if the key beside the rows is none, or another than the
  ///   header's
  private Endpoint.Call called(JsonNode body, Endpoint.Call call) {
    JsonNode key = body.get(KEY);
    if (key == null || inputs.containsKey(KEY)) return call;
    if (!key.isTextual() || key.textValue().isBlank()) {
      throw bad(
          "'key' is %s".formatted(Texts.shown(key.toString())),
          "Send the caller's key as a text, or leave it out");
    }
    String own = requireKey("key", key.textValue());
    String header = call.caller().orElse(own);
    if (!header.equals(own)) {
      throw bad(
          "the caller is '%s' in the header Orrery-Key and '%s' in the body"
              .formatted(Texts.shown(header), Texts.shown(own)),
          "Send the key once, or the same in both");
    }
    return new Endpoint.Call(call.idempotency(), Optional.of(own), call.isRehearsal());
  }

  /// A key as a caller may write one.
  ///
  /// @param where it stands, for people
  static String requireKey(String where, String key) {
    if (key.length() <= KEY_MAX) return key;
    throw bad(
        "the %s has %d characters".formatted(where, key.length()),
        "Use at most %d".formatted(KEY_MAX));
  }

  /// Rows in any of the forms: `{"features":[...]}` (one row, or a list of rows),
  /// `{"rows":[{...}]}`, or one object of named columns.
  ///
  /// Beside `features` and `rows` the caller's own `key` may stand, where no input is called so.
  ///
  /// @throws Problem of kind INVALID or TOO_LARGE that names row and column
  Table read(JsonNode body, Instant now) {
    if (!body.isObject()) {
      throw bad("the body is not a JSON object", "Send {\"rows\":[{column: value}]}");
    }
    if (body.has("features") && !inputs.containsKey("features")) {
      onlyKey(body, "features");
      JsonNode features = body.get("features");
      boolean several = features.isArray() && !features.isEmpty() && features.get(0).isArray();
      return positional(several ? elements(features) : List.of(features));
    }
    if (body.has("rows") && !inputs.containsKey("rows")) {
      onlyKey(body, "rows");
      if (!body.get("rows").isArray()) {
        throw bad("'rows' is not a list", "Send {\"rows\":[{column: value}]}");
      }
      return named(elements(body.get("rows")), now);
    }
    return named(List.of(body), now);
  }

  private Table positional(List<JsonNode> rows) {
    checkCount(rows.size());
    var builder = new Builder(rows.size());
    int row = 0;
    for (JsonNode values : rows) {
      if (!values.isArray() || values.size() != inputs.size()) {
        throw bad(
            "row %d has %s, and the model takes %d"
                .formatted(
                    row, values.isArray() ? values.size() + " values" : "no list", inputs.size()),
            "Send the values of %s, in this order"
                .formatted(Texts.shown(String.join(", ", inputs.keySet()))));
      }
      for (int at = 0; at < types.length; at++) builder.set(at, row, values.get(at));
      row++;
    }
    return checked(builder.table());
  }

  private Table named(List<JsonNode> rows, Instant now) {
    checkCount(rows.size());
    var builder = new Builder(rows.size());
    int row = 0;
    for (JsonNode values : rows) {
      if (!values.isObject()) {
        throw bad("row %d is not an object".formatted(row), "Send {column: value} for each row");
      }
      int found = 0;
      for (int at = 0; at < types.length; at++) {
        String column = names.list().get(at);
        JsonNode value = values.get(column);
        if (value != null) found++;
        else if (!column.equals(time)) throw missing(row, column, values);
        if (value == null) builder.setTime(at, row, micros(now));
        else builder.set(at, row, value);
      }
      if (found != values.size()) requireKnown(row, values);
      row++;
    }
    return checked(builder.table());
  }

  /// Rows that came as whole columns, as in the Open Inference Protocol.
  Table checked(Table rows) {
    checkCount(rows.rows());
    for (int at = 0; at < types.length; at++) {
      if (mayMiss[at]) continue;
      int row = missing(rows.column(names.list().get(at)));
      if (row < 0) continue;
      throw bad(
          "row %d has no value for '%s'".formatted(row, names.list().get(at)),
          "Send a value; the contract allows none to be missing");
    }
    if (!contract.keepsValues(rows)) keep(contract, inputs.keySet(), rows);
    return rows;
  }

  /// The first row whose value is missing; -1 if none is.
  private static int missing(Column column) {
    switch (column) {
      case Numbers(double[] values) -> {
        for (int i = 0; i < values.length; i++) if (Double.isNaN(values[i])) return i;
      }
      case Times(long[] micros) -> {
        for (int i = 0; i < micros.length; i++) if (micros[i] == Times.NONE) return i;
      }
      case Strings strings -> {
        for (int i = 0; i < strings.rows(); i++) if (strings.values()[i] == null) return i;
      }
    }
    return -1;
  }

  /// Refuses values that no row of the dataset may have: they would be learnt from.
  static void keep(Contract contract, Set<String> columns, Table rows) {
    contract
        .ofValues(columns)
        .breach(rows)
        .ifPresent(breach -> {
          throw new Problem(
              Fault.CONTRACT_BROKEN,
              "the request breaks the contract of the data: " + breach,
              "Send what the contract allows; it stands under 'data' in the project's file");
        });
  }

  private static void checkCount(int rows) {
    if (rows == 0) throw bad("there are no rows", "Send at least one");
    if (rows > ROWS_MAX) {
      throw new Problem(
          Fault.TOO_MANY_ROWS,
          "the request has %,d rows".formatted(rows),
          "Send at most %,d at a time".formatted(ROWS_MAX));
    }
  }

  private void onlyKey(JsonNode body, String key) {
    if (body.size() == 1) return;
    for (var name : (Iterable<String>) body::fieldNames) {
      boolean isCallers = name.equals(KEY) && !inputs.containsKey(KEY);
      if (!name.equals(key) && !isCallers) {
        throw bad("'%s' is not expected beside '%s'".formatted(Texts.shown(name), key), "Drop it");
      }
    }
  }

  private Problem missing(int row, String column, JsonNode values) {
    var names = new ArrayList<String>();
    values.fieldNames().forEachRemaining(names::add);
    names.removeAll(inputs.keySet());
    String hint =
        Texts.nearest(column, names)
            .map(near -> "Did you mean it by '%s'".formatted(Texts.shown(near)))
            .orElse("Send " + Texts.shown(String.join(", ", inputs.keySet())));
    return bad("row %d has no column '%s'".formatted(row, column), hint);
  }

  private void requireKnown(int row, JsonNode values) {
    String name = "";
    for (var field : (Iterable<String>) values::fieldNames) {
      if (!inputs.containsKey(field) && !ignored.contains(field)) name = field;
    }
    if (name.isEmpty() && !values.has("")) return;
    throw bad(
        "row %d has the unknown column '%s'".formatted(row, Texts.shown(name)),
        Texts.didYouMean(name, inputs.keySet()));
  }

  private static List<JsonNode> elements(JsonNode list) {
    checkCount(list.size());
    var elements = new ArrayList<JsonNode>(list.size());
    list.forEach(elements::add);
    return elements;
  }

  static Problem bad(String what, String remedy) {
    return new Problem(Fault.BAD_ROW, what, remedy);
  }

  static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  /// A time as a client writes it: ISO 8601, a zone where it is not UTC, or a date.
  ///
  /// @throws Problem of kind INVALID if it is none, or lies outside the years 1 to 9999
  static long time(String column, int row, String text) {
    long plain = plainTime(text);
    if (plain != Times.NONE) return plain;
    try {
      String iso = text.strip().replace(' ', 'T');
      Instant instant;
      if (iso.length() == 10) {
        instant = LocalDate.parse(iso).atStartOfDay(ZoneOffset.UTC).toInstant();
      } else if (iso.endsWith("Z") || iso.lastIndexOf('+') > 10 || iso.lastIndexOf('-') > 10) {
        instant = OffsetDateTime.parse(iso).toInstant();
      } else {
        instant = LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
      }
      int year = instant.atOffset(ZoneOffset.UTC).getYear();
      if (year >= 1 && year <= 9999) return micros(instant);
    } catch (DateTimeException e) {
      throw notATime(column, row, text).because(e);
    }
    throw notATime(column, row, text);
  }

  /// A time written as [#PLAIN_TIME]; none if it is written otherwise, or does not exist.
  private static long plainTime(String text) {
    if (text.length() != PLAIN_TIME.length()) return Times.NONE;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      char shape = PLAIN_TIME.charAt(i);
      if (shape == '0' ? c < '0' || c > '9' : c != shape) return Times.NONE;
    }
    int year = digits(text, 0, 4);
    int month = digits(text, 5, 7);
    int day = digits(text, 8, 10);
    int hour = digits(text, 11, 13);
    int minute = digits(text, 14, 16);
    int second = digits(text, 17, 19);
    boolean exists =
        year > 0
            && month > 0
            && month <= 12
            && day > 0
            && day <= YearMonth.of(year, month).lengthOfMonth()
            && hour < 24
            && minute < 60
            && second < 60;
    if (!exists) return Times.NONE;
    long seconds = LocalDate.of(year, month, day).toEpochDay() * 86_400;
    return (seconds + hour * 3_600 + minute * 60 + second) * 1_000_000;
  }

  private static int digits(String text, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) value = 10 * value + text.charAt(i) - '0';
    return value;
  }

  private static Problem notATime(String column, int row, String text) {
    return bad(
        "row %d has '%s' for '%s', which is not a time".formatted(row, Texts.shown(text), column),
        "Write it as 2001-03-01T08:05:00Z");
  }

  /// Whether a column can hold it, and the log can write it.
  static boolean isText(String text) {
    return text.length() <= TEXT_MAX && Texts.isWhole(text);
  }

  /// Fills the columns value by value.
  private final class Builder {
    private final Column[] columns;
    private final int rows;

    Builder(int rows) {
      this.rows = rows;
      this.columns = QuickRows.columns(types, rows);
    }

    void setTime(int at, int row, long micros) {
      ((Times) columns[at]).micros()[row] = micros;
    }

    void set(int at, int row, JsonNode value) {
      switch (columns[at]) {
        case Numbers(double[] numbers) -> numbers[row] = number(at, row, value);
        case Times(long[] times) -> {
          if (value.isNull()) times[row] = Times.NONE;
          else if (value.isTextual()) {
            times[row] = time(names.list().get(at), row, value.textValue());
          } else throw wrong(at, row, value, "a time such as \"2001-03-01T08:05:00Z\"");
        }
        case Strings strings -> {
          if (value.isNull()) strings.values()[row] = null;
          else if (value.isTextual() && isText(value.textValue())) {
            strings.values()[row] = value.textValue();
          } else throw wrong(at, row, value, "a text of at most 1,000 whole characters");
        }
      }
    }

    private double number(int at, int row, JsonNode value) {
      if (value.isNull()) return Double.NaN;
      if (value.isNumber() && Double.isFinite(value.doubleValue())) return value.doubleValue();
      throw wrong(at, row, value, "a finite number; true and false of the data are 1 and 0");
    }

    private Problem wrong(int at, int row, JsonNode value, String wanted) {
      return bad(
          "row %d has %s for '%s'"
              .formatted(row, Texts.shown(value.toString()), names.list().get(at)),
          "Send " + wanted);
    }

    Table table() {
      return new Table(new Columns(names, columns), rows);
    }
  }
}
