package dev.orrery.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.orrery.mlflow.Answer;
import dev.orrery.mlflow.PageToken;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.web.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The history of a metric as MLflow answers it: a page of it, or all of it however long, which is
/// read and sent piece by piece, each from where the one before ended.
final class HistoryStream {
  private static final int PIECE = 10_000;
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final byte[] HEAD = "{\"metrics\":[".getBytes(UTF_8);

  private final Db db;
  private final String run;
  private final String key;

  /// How many of the first points are left out.
  private long skipped;

  /// What a point is sorted by: time, step, the value's bits, and 1 if it is not a number.
  private long at = -1;

  private long step = Long.MIN_VALUE;
  private double value = Double.NEGATIVE_INFINITY;
  private boolean isNan;

  /// @param token where to begin, as handed out before
  HistoryStream(Db db, String run, String key, @Nullable String token) {
    this.db = db;
    this.run = run;
    this.key = key;
    List<Long> after = PageToken.row(token, 4).orElse(null);
    if (after == null) {
      this.skipped = PageToken.offset(token);
    } else {
      this.at = after.get(0);
      this.step = after.get(1);
      this.value = Double.longBitsToDouble(after.get(2));
      this.isNan = after.get(3) != 0;
    }
  }

  /// A page of points, with the token of the next if there is one.
  Response page(int size) {
    Long series = series();
    if (series == null) return Response.jsonBytes(Answer.bytes(Answer.of()));
    var piece = new Piece();
    while (piece.points < size && piece.read(series, size - piece.points)) {}
    if (piece.points == 0) return Response.jsonBytes(Answer.bytes(Answer.of()));
    String next =
        PageToken.after(List.of(at, step, Double.doubleToLongBits(value), isNan ? 1L : 0));
    boolean isMore = piece.points == size && new Piece().read(series, 1);
    return Response.jsonBytes(
        piece.whole(isMore ? "],\"next_page_token\":\"" + next + "\"}" : "]}"));
  }

  /// All points.
  Response whole() {
    Long series = series();
    if (series == null) return Response.jsonBytes(Answer.bytes(Answer.of()));
    var first = new Piece();
    if (!first.read(series, PIECE) && first.points == 0) {
      return Response.jsonBytes(Answer.bytes(Answer.of()));
    }
    return first.isLast
        ? Response.jsonBytes(first.whole("]}"))
        : Response.written(Response.JSON, out -> write(out, series, first));
  }

  private @Nullable Long series() {
    return db.read(tx -> MetricStore.series(tx, run, key)).orElse(null);
  }

  private void write(OutputStream out, long series, Piece first) throws IOException {
    out.write(HEAD);
    Piece piece = first;
    boolean begun = false;
    while (true) {
      if (piece.points > 0) {
        if (begun) out.write(',');
        begun = true;
        piece.bytes.writeTo(out);
      }
      if (piece.isLast) break;
      piece = new Piece();
      piece.read(series, PIECE);
    }
    out.write("]}".getBytes(UTF_8));
  }

  /// Some points as JSON, parted by commas.
  private final class Piece {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);
    private final JsonGenerator json = generator(bytes);
    private final SerializedString name = new SerializedString(key);
    private int points;
    private boolean isLast;

    /// Reads on.
    ///
    /// @return whether anything was there
    boolean read(long series, int most) {
      int asked = Math.min(PIECE, most + (int) Math.min(skipped, PIECE));
      int[] read = {0};
      db.read(tx -> {
        MetricStore.after(
            tx,
            series,
            new MetricStore.Place(at, step, value, isNan),
            asked,
            row -> add(row, read));
        return read;
      });
      try {
        json.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      isLast = read[0] < asked;
      return read[0] > 0;
    }

    private void add(Row row, int[] read) {
      read[0]++;
      at = row.whole("at");
      step = row.whole("step");
      value = row.number("value");
      isNan = row.flag("is_nan");
      if (skipped > 0) {
        skipped--;
        return;
      }
      points++;
      try {
        json.writeStartObject();
        json.writeFieldName("key");
        json.writeString(name);
        json.writeFieldName("value");
        Answer.number(json, isNan ? Double.NaN : value);
        json.writeNumberField("timestamp", at);
        json.writeNumberField("step", step);
        json.writeEndObject();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    byte[] whole(String end) {
      byte[] tail = end.getBytes(UTF_8);
      byte[] whole = new byte[HEAD.length + bytes.size() + tail.length];
      System.arraycopy(HEAD, 0, whole, 0, HEAD.length);
      System.arraycopy(bytes.toByteArray(), 0, whole, HEAD.length, bytes.size());
      System.arraycopy(tail, 0, whole, HEAD.length + bytes.size(), tail.length);
      return whole;
    }
  }

  private static JsonGenerator generator(OutputStream out) {
    try {
      JsonGenerator json = FACTORY.createGenerator(out);
      json.setRootValueSeparator(new SerializedString(","));
      return json;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
