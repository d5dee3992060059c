package dev.orrery.artifact;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.base.ChildJvm;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What [UploadCutTest] shows of small files, shown of one that is longer than an `int` counts if
/// it is asked for: 2 GB and more in the long form, 40 MB in the short one.
class BigUploadTest {
  private static final long BYTES = Long.getLong("orrery.uploads.big-bytes", 40_000_000);
  private static final int CUTS = Integer.getInteger("orrery.uploads.big-cuts", 3);
  private static final int PIECE = 1 << 20;
  private static final String PATH = "/api/2.0/mlflow-artifacts/artifacts/big/f";

  @TempDir Path home;

  private final HttpClient http = HttpClient.newHttpClient();
  private @Nullable ChildJvm server;
  private int port;

  private void start() throws IOException {
    ChildJvm child = ChildJvm.start(UploadCutTest.Server.class, home.resolve("store"));
    server = child;
    port = Integer.parseInt(requireNonNull(child.line()));
    Thread.ofVirtual()
        .start(() -> {
          try {
            for (String line = child.line(); line != null; line = child.line()) {
              System.out.println(line);
            }
          } catch (IOException _) {
            // It is dead.
          }
        });
  }

  @Test
  void a_large_upload_that_is_cut_leaves_the_old_file_and_a_whole_one_is_given_back_whole()
      throws Exception {
    Files.createDirectories(home.resolve("store"));
    Path old = home.resolve("old");
    Path fresh = home.resolve("fresh");
    String oldHex = fill(old, 1);
    String freshHex = fill(fresh, 2);
    Random random = new Random(29);
    start();
    try {
      assertThat(put(old)).isEqualTo(200);
      assertThat(got()).isEqualTo(oldHex);
      for (int cut = 0; cut < CUTS; cut++) {
        cut(fresh, (long) (random.nextDouble() * BYTES), cut % 3);
        if (cut % 3 == 2) start();
        assertThat(got()).as("after cut %d", cut).isEqualTo(oldHex);
      }
      assertThat(put(fresh)).isEqualTo(200);
      assertThat(got()).isEqualTo(freshHex);
      requireNonNull(server).kill();
      start();
      assertThat(got()).isEqualTo(freshHex);
      try (var left = Files.list(home.resolve("store/.orrery/blobs/incoming"))) {
        assertThat(left).isEmpty();
      }
    } finally {
      requireNonNull(server).close();
    }
    System.out.printf("uploads of %,d bytes: %d cut, 0 lost, 0 torn%n", BYTES, CUTS);
  }

  private static String fill(Path file, long seed) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    SplittableRandom random = new SplittableRandom(seed);
    byte[] piece = new byte[PIECE];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long left = BYTES; left > 0; left -= Math.min(left, PIECE)) {
        random.nextBytes(piece);
        int length = (int) Math.min(left, PIECE);
        out.write(piece, 0, length);
        digest.update(piece, 0, length);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /// @param how 0 ends the connection, 1 resets it, 2 kills the server
  private void cut(Path file, long bytes, int how) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", port);
        InputStream in = Files.newInputStream(file)) {
      OutputStream out = socket.getOutputStream();
      String head =
          "PUT %s HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-length: %d\r\n\r\n"
              .formatted(PATH, port, BYTES);
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      for (long left = bytes; left > 0; ) {
        byte[] piece = in.readNBytes((int) Math.min(left, PIECE));
        out.write(piece);
        left -= piece.length;
      }
      out.flush();
      switch (how) {
        case 0 -> socket.shutdownOutput();
        case 1 -> socket.setSoLinger(true, 0);
        default -> requireNonNull(server).kill();
      }
    }
  }

  private int put(Path file) throws Exception {
    return http.send(
            HttpRequest.newBuilder(uri()).PUT(HttpRequest.BodyPublishers.ofFile(file)).build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  /// The digest of what the server gives.
  private String got() throws Exception {
    HttpResponse<InputStream> answer =
        http.send(HttpRequest.newBuilder(uri()).build(), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] piece = new byte[PIECE];
    long length = 0;
    try (InputStream in = answer.body()) {
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        digest.update(piece, 0, read);
        length += read;
      }
    }
    assertThat(length).isEqualTo(BYTES);
    return HexFormat.of().formatHex(digest.digest());
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:%d%s".formatted(port, PATH));
  }
}
