package dev.orrery.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that fills up is an error and not a loss: on a small file system of its own, which only
/// root can make.
class DiskFullTest {
  private static final int SIZE_MB = 96;
  private static final int FILE_BYTES = 3 << 20;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir Path folder;
  private String base = "";

  @Test
  void a_full_disk_refuses_files_before_rows_and_recovers_without_a_restart() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    if (run("mount", "-t", "tmpfs", "-o", "size=%dm".formatted(SIZE_MB), "tmpfs", disk) != 0) {
      System.err.println(
          "SKIPPED: DiskFullTest needs a file system of its own, and only root can mount one");
      Assumptions.abort("no tmpfs could be mounted: run this test as root");
    }
    try {
      fill(disk);
    } finally {
      assertThat(run("umount", "-l", disk)).isZero();
    }
  }

  private void fill(Path disk) throws Exception {
    OrreryOptions options = OrreryOptions.of(disk.resolve("home"), 0).withReserve(8 << 20);
    try (Orrery orrery = Orrery.start(options, InstantSource.system())) {
      base = orrery.address();
      Path reserve = disk.resolve("home/.orrery/reserve");
      until(() -> Files.exists(reserve) && Files.size(reserve) == 8 << 20);

      // Files until there is room for no more.
      List<byte[]> acknowledged = new ArrayList<>();
      HttpResponse<String> answer = putFile(0);
      for (int i = 1; answer.statusCode() == 200; i++) {
        acknowledged.add(content(i - 1));
        answer = putFile(i);
      }
      int files = acknowledged.size();
      assertThat(files).isGreaterThan(10);
      requireFull(answer);
      assertThat(Files.exists(reserve)).isTrue();

      // Rows go on, as far as the room goes that files had to leave alone.
      int rows = 0;
      for (; rows < 20; rows++) assertThat(putRow(rows)).as("row %d", rows).isEqualTo(200);

      // Somebody else takes all that is left: the reserve is given up for rows.
      Path other = disk.resolve("other");
      long left = disk.toFile().getUsableSpace();
      try (OutputStream out = Files.newOutputStream(other)) {
        // Not more than there is now: the reserve may be given up while this is written.
        for (; left > 0; left -= 4_096) out.write(new byte[4_096]);
      } catch (IOException full) {
        assertThat(full).hasMessageContaining("space");
      }
      for (; rows < 220; rows++) assertThat(putRow(rows)).as("row %d", rows).isEqualTo(200);
      assertThat(Files.exists(reserve)).isFalse();
      requireFull(putFile(files));

      // Reading never stopped, and nothing that was acknowledged is gone.
      requireAll(acknowledged);

      // Room again: everything goes on by itself.
      Files.delete(other);
      for (int i = 0; i < 8; i++) {
        var delete = request("/api/2.0/mlflow-artifacts/artifacts/full/f" + i).DELETE().build();
        assertThat(CLIENT.send(delete, HttpResponse.BodyHandlers.ofString()).statusCode())
            .isEqualTo(200);
      }
      HttpResponse<String> collected = post("/api/v1/gc", "{\"grace_seconds\":0}");
      assertThat(collected.body()).contains("\"removed\":8");
      until(() -> putFile(files).statusCode() == 200);
      until(() -> Files.exists(reserve));
      assertThat(putRow(rows)).isEqualTo(200);
      System.out.printf(
          "disk full: %d files and %d rows acknowledged, 0 lost%n", files + 1, rows + 1);
    }
  }

  private void requireAll(List<byte[]> acknowledged) throws Exception {
    for (int i = 0; i < acknowledged.size(); i++) {
      assertThat(get("/api/2.0/mlflow-artifacts/artifacts/full/f" + i))
          .isEqualTo(acknowledged.get(i));
    }
  }

  private static void requireFull(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(507);
    assertThat(answer.body()).contains("RESOURCE_EXHAUSTED").contains("disk");
  }

  private static byte[] content(int number) {
    byte[] bytes = new byte[FILE_BYTES];
    new Random(number).nextBytes(bytes);
    return bytes;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path));
  }

  private HttpResponse<String> putFile(int number) throws Exception {
    return CLIENT.send(
        request("/api/2.0/mlflow-artifacts/artifacts/full/f" + number)
            .PUT(HttpRequest.BodyPublishers.ofByteArray(content(number)))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private byte[] get(String path) throws Exception {
    return CLIENT.send(request(path).build(), HttpResponse.BodyHandlers.ofByteArray()).body();
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return CLIENT.send(
        request(path)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private int putRow(int number) throws Exception {
    return post("/api/2.0/mlflow/experiments/create", "{\"name\":\"row%d\"}".formatted(number))
        .statusCode();
  }

  private interface Check {
    boolean holds() throws Exception;
  }

  private static void until(Check check) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!check.holds()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      Thread.sleep(200);
    }
  }

  private static int run(Object... command) throws Exception {
    List<String> words = new ArrayList<>();
    for (Object word : command) words.add(word.toString());
    try {
      return new ProcessBuilder(words).redirectErrorStream(true).start().waitFor();
    } catch (IOException e) {
      return 127;
    }
  }
}
