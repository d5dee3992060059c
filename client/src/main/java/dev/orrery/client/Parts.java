package dev.orrery.client;

import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Sends a large file in parts. A part that fails is sent again by itself, for as long as the
/// client is patient; the file appears on the server when all are there, or not at all.
final class Parts {
  /// Smaller files go in one piece.
  static final long FROM_BYTES = 64L << 20;

  private static final String MPU = "/api/2.0/mlflow-artifacts/mpu/";
  private static final long PART_BYTES_MIN = 16L << 20;
  private static final int PARTS_MAX = 1_000;

  private final Http http;

  Parts(Http http) {
    this.http = http;
  }

  /// @param at the folder that the file goes to, as it stands in an address
  /// @return false if the server takes no parts: then the file has to go in one piece
  boolean upload(String at, String path, Path file, long size) {
    long partBytes = Math.max(PART_BYTES_MIN, (size + PARTS_MAX - 1) / PARTS_MAX);
    int count = (int) ((size + partBytes - 1) / partBytes);
    String name = path.substring(path.lastIndexOf('/') + 1);
    Fields made;
    try {
      made = ask("create", at, Map.of("path", name, "num_parts", count));
    } catch (OrreryException e) {
      if (e.status() == 501 || e.status() == 404 || e.status() == 405) return false;
      throw e;
    }
    String upload = made.text("upload_id");
    try {
      List<Map<String, Object>> sent = new ArrayList<>();
      for (Fields credential : made.list("credentials", c -> c)) {
        sent.add(send(credential, file, size, partBytes));
      }
      ask("complete", at, Map.of("path", name, "upload_id", upload, "parts", sent));
    } catch (OrreryException e) {
      abort(at, name, upload, e);
      throw e;
    }
    return true;
  }

  private Map<String, Object> send(Fields credential, Path file, long size, long partBytes) {
    long number = credential.whole("part_number");
    long from = (number - 1) * partBytes;
    long length = Math.min(partBytes, size - from);
    Map<String, String> headers = new LinkedHashMap<>();
    credential.object("headers").values().forEach((k, v) -> headers.put("" + k, "" + v));
    HttpResponse<InputStream> answer =
        http.put(credential.text("url"), () -> Slice.of(file, from, length), headers);
    String etag = answer.headers().firstValue("ETag").orElse("");
    return Map.of("part_number", number, "etag", etag, "url", credential.text("url"));
  }

  private void abort(String at, String name, String upload, OrreryException why) {
    try {
      ask("abort", at, Map.of("path", name, "upload_id", upload));
    } catch (OrreryException e) {
      why.addSuppressed(e);
    }
  }

  private Fields ask(String step, String at, Map<String, ?> body) {
    return Fields.of(http.call("POST", MPU + step + at, Json.write(body)));
  }
}
