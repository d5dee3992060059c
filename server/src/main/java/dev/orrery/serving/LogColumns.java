package dev.orrery.serving;

import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Type;
import dev.orrery.journal.Journal.Position;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Logged predictions gathered column by column, as they are read: one row a prediction, its id and
/// when, who answered what and how fast, the columns of the request as they were sent, and the
/// features as `f.NAME`.
///
/// A column has the type in which it came first; where it came in another, or not at all, its value
/// is missing.
final class LogColumns {
  /// The columns that a table of one schema fills; null where a column came in another type before.
  private record Places(@Nullable LogColumn[] columns, Type[] types) {}

  private final LogSchemas schemas;
  private final SequencedMap<String, LogColumn> raw = new LinkedHashMap<>();
  private final SequencedMap<String, LogColumn> features = new LinkedHashMap<>();
  private final Map<Long, Places> rawPlaces = new HashMap<>();
  private final Map<Long, Places> featurePlaces = new HashMap<>();

  private final LogColumn id = new LogColumn(Type.STRING);
  private final LogColumn at = new LogColumn(Type.TIME);
  private final LogColumn version = new LogColumn(Type.STRING);
  private final LogColumn arm = new LogColumn(Type.STRING);
  private final LogColumn score = new LogColumn(Type.NUMBER);
  private final LogColumn prediction = new LogColumn(Type.NUMBER);
  private final LogColumn latency = new LogColumn(Type.NUMBER);
  private final LogColumn segment = new LogColumn(Type.NUMBER);
  private final LogColumn frame = new LogColumn(Type.NUMBER);
  private final LogColumn row = new LogColumn(Type.NUMBER);
  private final List<LogColumn> own =
      List.of(id, at, version, arm, score, prediction, latency, segment, frame, row);
  private static final List<String> OWN_NAMES =
      List.of(
          "id",
          "answered_at",
          "version",
          "arm",
          "score",
          "prediction",
          "latency_ms",
          "at_segment",
          "at_frame",
          "at_row");

  private static final int EXPECTED_MAX = 1 << 20;

  private final boolean featuresOnly;
  private long schemaOfFeatures;

  /// Where the columns of the frame that is read stand.
  private Places sent = new Places(new LogColumn[0], new Type[0]);

  private int[] sentAt = {};
  private int rows;
  private int framesExpected;

  /// How long a new column is made.
  private int expected;

  /// @param featuresOnly rows of one schema of features are taken, and of them nothing else
  LogColumns(LogSchemas schemas, boolean featuresOnly) {
    this.schemas = schemas;
    this.featuresOnly = featuresOnly;
  }

  int rows() {
    return rows;
  }

  /// Tells how many frames will come, so that columns are made as long as they will be.
  void expect(long frames) {
    framesExpected = (int) Math.min(EXPECTED_MAX, frames);
  }

  /// Reads a frame's rows as they were sent; its features come next.
  void raw(FrameCodec.In in, int count) {
    if (rows == 0) expected = (int) Math.min(EXPECTED_MAX, (long) framesExpected * count);
    long schema = in.whole();
    sent = rawPlaces.computeIfAbsent(schema, key -> places(raw, key));
    if (sentAt.length < sent.types.length) sentAt = new int[sent.types.length];
    for (int i = 0; i < sent.types.length; i++) {
      sentAt[i] = in.position();
      if (featuresOnly) pass(in, count, sent.types[i]);
      else read(in, count, sent.types[i], sent.columns[i]);
    }
  }

  /// Reads a frame's features.
  ///
  /// @param hasRepeats whether some may stand among the rows as they were sent
  /// @return false if they are others than those that were taken
  boolean features(FrameCodec.In in, int count, boolean hasRepeats) {
    long schema = in.whole();
    if (featuresOnly && rows > 0 && schema != schemaOfFeatures) return false;
    schemaOfFeatures = schema;
    Places places = featurePlaces.computeIfAbsent(schema, key -> places(features, key));
    byte[] marks = new byte[places.types.length];
    if (hasRepeats) in.marks(marks);
    for (int i = 0; i < places.types.length; i++) {
      int from = Byte.toUnsignedInt(marks[i]) - 1;
      LogColumn into = places.columns[i];
      if (from == Repeats.NONE) {
        read(in, count, places.types[i], into);
      } else if (featuresOnly || into == null || !into.isLike(sent.columns[from], rows, count)) {
        int after = in.position();
        in.position(sentAt[from]);
        read(in, count, places.types[i], into);
        in.position(after);
      }
    }
    return true;
  }

  private void read(FrameCodec.In in, int count, Type type, @Nullable LogColumn into) {
    if (into == null) {
      pass(in, count, type);
      return;
    }
    into.need(rows + count, expected);
    switch (type) {
      case NUMBER -> {
        for (int k = 0; k < count; k++) into.numbers[rows + k] = in.number();
      }
      case TIME -> {
        for (int k = 0; k < count; k++) into.times[rows + k] = in.whole();
      }
      case STRING -> {
        for (int k = 0; k < count; k++) into.texts[rows + k] = in.textOrNull();
      }
    }
  }

  private static void pass(FrameCodec.In in, int count, Type type) {
    if (type == Type.STRING) {
      for (int k = 0; k < count; k++) in.passText();
    } else {
      in.pass(8 * count);
    }
  }

  private Places places(SequencedMap<String, LogColumn> columns, long schema) {
    LogSchemas.Schema known = schemas.columns(schema);
    var found = new @Nullable LogColumn[known.types().length];
    for (int i = 0; i < found.length; i++) {
      Type type = known.types()[i];
      LogColumn column =
          columns.computeIfAbsent(known.names().list().get(i), _ -> new LogColumn(type));
      found[i] = column.type == type ? column : null;
    }
    return new Places(found, known.types());
  }

  /// Ends a frame whose tables were read.
  void frame(Position place, FrameCodec.Head head, double[] scores, byte[] predictions) {
    if (featuresOnly) {
      rows += scores.length;
      return;
    }
    int end = rows + scores.length;
    for (LogColumn column : own) column.need(end, expected);
    long millis = head.millis();
    for (int k = 0; k < scores.length; k++, rows++) {
      id.texts[rows] = new PredictionId(place, k, millis, head.mark()).uuid().toString();
      at.times[rows] = millis * 1_000;
      version.texts[rows] = head.version();
      arm.texts[rows] = head.arm();
      score.numbers[rows] = scores[k];
      prediction.numbers[rows] = predictions[k];
      latency.numbers[rows] = head.micros() / 1e3;
      segment.numbers[rows] = place.segment();
      frame.numbers[rows] = place.offset();
      row.numbers[rows] = k;
    }
  }

  /// The features alone, under their own names.
  Table features() {
    SequencedMap<String, Column> columns = new LinkedHashMap<>();
    features.forEach((name, column) -> columns.put(name, column.column(rows)));
    return new Table(columns, rows);
  }

  /// A feature that was a column of the request in every row is that column, once.
  Table table() {
    SequencedMap<String, Column> columns = new LinkedHashMap<>();
    for (int i = 0; i < own.size(); i++) columns.put(OWN_NAMES.get(i), own.get(i).column(rows));
    raw.forEach((name, column) -> put(columns, name, column.column(rows)));
    features.forEach((name, column) -> put(columns, "f." + name, column.column(rows)));
    return new Table(columns, rows);
  }

  /// A name that is taken gets `row.` in front.
  private static void put(SequencedMap<String, Column> into, String name, Column column) {
    String told = name;
    while (into.containsKey(told)) told = "row." + told;
    into.put(told, column);
  }
}
