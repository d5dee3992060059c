package dev.orrery.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.orrery.mlflow.Answer;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.web.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;

/// A whole history, however long, as MLflow answers it: read and sent piece by piece, each from
/// where the one before ended.
final class HistoryStream {
  private static final int PIECE = 10_000;
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final Metric BEFORE_ALL =
      new Metric("", Double.NEGATIVE_INFINITY, Long.MIN_VALUE, Instant.ofEpochMilli(-1));

  private final Db db;
  private final String run;
  private final String key;

  /// How many of the first points are left out.
  private long skipped;

  private Metric last = BEFORE_ALL;

  HistoryStream(Db db, String run, String key, long offset) {
    this.db = db;
    this.run = run;
    this.key = key;
    this.skipped = offset;
  }

  Response response() {
    Long series = db.read(tx -> MetricStore.series(tx, run, key)).orElse(null);
    if (series == null) return Response.jsonBytes(Answer.bytes(Answer.of()));
    var first = new Piece();
    int read = first.read(series);
    if (read < PIECE) return Response.jsonBytes(first.whole());
    return Response.written(Response.JSON, out -> write(out, series, first));
  }

  private void write(OutputStream out, long series, Piece first) throws IOException {
    out.write("{\"metrics\":[".getBytes(UTF_8));
    Piece piece = first;
    boolean begun = false;
    for (int read = PIECE; ; read = piece.read(series)) {
      if (piece.points > 0) {
        if (begun) out.write(',');
        begun = true;
        piece.bytes.writeTo(out);
      }
      if (read < PIECE) break;
      piece = new Piece();
    }
    out.write("]}".getBytes(UTF_8));
  }

  /// Some points as JSON, parted by commas.
  private final class Piece {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);
    private int points;

    /// @return how many points were read
    int read(long series) {
      int[] read = {0};
      db.read(tx -> {
        try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
          json.setRootValueSeparator(new SerializedString(","));
          MetricStore.after(tx, series, last, PIECE, row -> point(json, row, read));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        return read;
      });
      return read[0];
    }

    private void point(JsonGenerator json, Row row, int[] read) {
      double value = row.flag("is_nan") ? Double.NaN : row.number("value");
      last = new Metric(key, value, row.whole("step"), row.instant("at"));
      read[0]++;
      if (skipped > 0) {
        skipped--;
        return;
      }
      points++;
      try {
        MetricRoutes.write(json, key, last);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    byte[] whole() {
      if (points == 0) return Answer.bytes(Answer.of());
      return ("{\"metrics\":[" + bytes.toString(UTF_8) + "]}").getBytes(UTF_8);
    }
  }
}
