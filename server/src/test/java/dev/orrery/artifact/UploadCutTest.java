package dev.orrery.artifact;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import dev.orrery.base.ChildJvm;
import dev.orrery.base.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Uploads that are cut at a random byte, by a reset, by an end, and by `kill -9` of the server: a
/// file is the old one whole or the new one whole, and nothing is left of what was cut.
///
/// `conformance/uploads` runs the long form.
class UploadCutTest {
  private static final int CUTS = Integer.getInteger("orrery.uploads.cuts", 30);
  private static final int KILL_EVERY = Integer.getInteger("orrery.uploads.kill-every", 10);
  private static final int BYTES_MAX = Integer.getInteger("orrery.uploads.bytes-max", 4_000_000);
  private static final int PATHS = 6;
  private static final String ROOT = "/api/2.0/mlflow-artifacts/artifacts/cut/";

  @TempDir Path home;

  private final HttpClient http = HttpClient.newHttpClient();
  private final byte[] @Nullable [] whole = new byte[PATHS][];
  private @Nullable ChildJvm server;
  private int port;
  private int kills;

  /// A server in a process of its own; it prints its port.
  static final class Server {
    private Server() {}

    public static void main(String[] args) throws InterruptedException {
      var options = OrreryOptions.of(Path.of(args[0]), 0).withReserve(0);
      try (Orrery orrery = Orrery.start(options, InstantSource.system())) {
        System.out.println(orrery.port());
        Thread.currentThread().join();
      }
    }
  }

  private void start() throws IOException {
    ChildJvm child = ChildJvm.start(Server.class, home);
    server = child;
    port = Integer.parseInt(requireNonNull(child.line()));
    // What it says is shown, and does not fill the pipe.
    Thread.ofVirtual().start(() -> tell(child));
  }

  private static void tell(ChildJvm child) {
    try {
      for (String line = child.line(); line != null; line = child.line()) System.out.println(line);
    } catch (IOException _) {
      // It is dead.
    }
  }

  private void kill() throws InterruptedException {
    requireNonNull(server).kill();
    kills++;
  }

  @Test
  void an_upload_that_is_cut_leaves_the_old_file_or_the_new_one_whole() throws Exception {
    Random random = new Random(17);
    int acknowledged = 0;
    start();
    try {
      for (int cut = 0; cut < CUTS; cut++) {
        int at = random.nextInt(PATHS);
        byte[] fresh = new byte[1_000 + random.nextInt(BYTES_MAX)];
        random.nextBytes(fresh);
        if (cut % 3 == 0) {
          assertThat(put(at, fresh).statusCode()).isEqualTo(200);
          whole[at] = fresh.clone();
          acknowledged++;
          random.nextBytes(fresh);
        }
        boolean isKill = cut % KILL_EVERY == KILL_EVERY - 1;
        cut(at, fresh, random.nextInt(fresh.length), isKill, random.nextBoolean());
        if (isKill) start();
        requireWhole(at, fresh);
      }
      race(random);
      ranges(random);
      for (int at = 0; at < PATHS; at++) requireWhole(at, new byte[0]);
      kill();
      start();
      requireNothingLeft("incoming");
      requireNothingLeft("drafts");
      for (int at = 0; at < PATHS; at++) requireWhole(at, new byte[0]);
    } finally {
      requireNonNull(server).close();
    }
    System.out.printf(
        "uploads: %d cut, %d kills, %d acknowledged, 0 lost, 0 torn%n", CUTS, kills, acknowledged);
  }

  private void cut(int at, byte[] bytes, int sent, boolean kill, boolean reset) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      OutputStream out = socket.getOutputStream();
      String head =
          "PUT %sf%d HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-length: %d\r\n\r\n"
              .formatted(ROOT, at, port, bytes.length);
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.write(bytes, 0, sent);
      out.flush();
      if (kill) {
        kill();
      } else if (reset) {
        socket.setSoLinger(true, 0);
      } else {
        socket.shutdownOutput();
      }
    }
  }

  /// Old or new, and if new then by the bytes.
  private void requireWhole(int at, byte[] fresh) throws Exception {
    HttpResponse<byte[]> answer = get(at, null);
    byte[] old = whole[at];
    if (answer.statusCode() == 404) {
      assertThat(old).as("f%d was acknowledged and is gone", at).isNull();
      return;
    }
    assertThat(answer.statusCode()).isEqualTo(200);
    Digest found = Digest.of(answer.body());
    assertThat(answer.headers().firstValue("etag")).contains('"' + found.hex() + '"');
    if (old != null && found.equals(Digest.of(old))) return;
    assertThat(found)
        .as("f%d is neither the old file nor the new one", at)
        .isEqualTo(Digest.of(fresh));
    whole[at] = fresh;
  }

  /// Twelve at once: one of them, whole.
  private void race(Random random) throws Exception {
    List<byte[]> racers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      byte[] bytes = new byte[200_000 + random.nextInt(200_000)];
      random.nextBytes(bytes);
      racers.add(bytes);
    }
    List<Callable<Integer>> puts = new ArrayList<>();
    racers.forEach(bytes -> puts.add(() -> put(0, bytes).statusCode()));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Integer> put : threads.invokeAll(puts)) assertThat(put.get()).isEqualTo(200);
    }
    byte[] won = get(0, null).body();
    assertThat(racers.stream().anyMatch(bytes -> Arrays.equals(bytes, won))).isTrue();
    whole[0] = won;
  }

  /// Ranges that are read while the file is replaced fit to the file that their ETag names.
  private void ranges(Random random) throws Exception {
    var contents = new ConcurrentHashMap<String, byte[]>();
    byte[] first = new byte[500_000];
    random.nextBytes(first);
    contents.put('"' + Digest.of(first).hex() + '"', first);
    put(1, first);
    whole[1] = first;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> writer =
          threads.submit(() -> {
            for (int i = 0; i < 30; i++) {
              byte[] next = new byte[500_000];
              new Random(i).nextBytes(next);
              contents.put('"' + Digest.of(next).hex() + '"', next);
              assertThat(put(1, next).statusCode()).isEqualTo(200);
              whole[1] = next;
            }
            return null;
          });
      while (!writer.isDone()) {
        int from = random.nextInt(499_000);
        HttpResponse<byte[]> part = get(1, "bytes=%d-%d".formatted(from, from + 999));
        assertThat(part.statusCode()).isEqualTo(206);
        byte[] of = requireNonNull(contents.get(part.headers().firstValue("etag").orElseThrow()));
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(of, from, from + 1_000));
      }
      writer.get();
    }
  }

  private void requireNothingLeft(String folder) throws Exception {
    Path left = home.resolve(".orrery/blobs").resolve(folder);
    try (var files = Files.list(left)) {
      assertThat(files).isEmpty();
    }
  }

  private HttpResponse<String> put(int at, byte[] bytes) throws Exception {
    return http.send(
        HttpRequest.newBuilder(uri(at)).PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<byte[]> get(int at, @Nullable String range) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(at));
    if (range != null) request.header("range", range);
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private URI uri(int at) {
    return URI.create("http://127.0.0.1:%d%sf%d".formatted(port, ROOT, at));
  }
}
