package dev.orrery.blob;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.orrery.base.ChildJvm;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobsTest {
  @TempDir Path folder;
  private Blobs blobs;

  @BeforeEach
  void open() {
    blobs = Blobs.folder(folder);
  }

  @Test
  void bytes_come_back_under_their_sha256() throws IOException {
    Digest digest = blobs.put("hello".getBytes(StandardCharsets.UTF_8));
    assertThat(digest.hex())
        .isEqualTo("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assertThat(blobs.has(digest)).isTrue();
    assertThat(blobs.size(digest)).isEqualTo(5);
    assertThat(blobs.read(digest)).asString().isEqualTo("hello");
    try (InputStream in = blobs.open(digest)) {
      assertThat(in.readAllBytes()).asString().isEqualTo("hello");
    }
    assertThat(Files.readString(blobs.verified(digest))).isEqualTo("hello");
    assertThat(Blobs.folder(folder).read(digest)).asString().isEqualTo("hello");
  }

  @Test
  void a_stream_of_any_length_is_stored_whole() throws IOException {
    Random random = new Random(3);
    for (int length : new int[] {0, 1, 128 * 1024, 128 * 1024 + 1, 3_000_000}) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      Digest digest = blobs.put(new ByteArrayInputStream(bytes));
      assertThat(digest).isEqualTo(Digest.of(bytes));
      assertThat(blobs.read(digest)).isEqualTo(bytes);
    }
    assertNothingIncoming();
  }

  @Test
  void a_missing_blob_is_told() {
    Digest digest = Digest.of("never stored");
    assertThat(blobs.has(digest)).isFalse();
    for (ThrowingCallable look :
        List.<ThrowingCallable>of(
            () -> blobs.read(digest),
            () -> blobs.open(digest).close(),
            () -> blobs.verified(digest),
            () -> blobs.size(digest))) {
      assertThat(fault(look)).isEqualTo(Fault.BLOB_MISSING);
    }
  }

  @Test
  void a_flipped_bit_is_seen_by_every_reader_and_healed_by_storing_again() throws IOException {
    Random random = new Random(5);
    List<Digest> stored = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      byte[] bytes = new byte[1 + random.nextInt(5_000)];
      random.nextBytes(bytes);
      stored.add(blobs.put(bytes));
    }
    Digest hit = stored.get(random.nextInt(20));
    Path file = blobs.verified(hit);
    byte[] good = Files.readAllBytes(file);
    byte[] bad = good.clone();
    bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
    Files.write(file, bad);

    Problem problem = catchThrowableOfType(Problem.class, () -> blobs.read(hit));
    assertThat(problem.fault()).isEqualTo(Fault.BLOB_DAMAGED);
    assertThat(problem).hasMessageContaining(file.toString());
    assertThat(fault(() -> blobs.open(hit).close())).isEqualTo(Fault.BLOB_DAMAGED);
    assertThat(fault(() -> blobs.verified(hit))).isEqualTo(Fault.BLOB_DAMAGED);
    assertThat(blobs.damaged()).containsExactly(hit);

    blobs.put(good);
    assertThat(blobs.read(hit)).isEqualTo(good);
    assertThat(blobs.damaged()).isEmpty();
  }

  @Test
  void racing_puts_and_reads_of_the_same_bytes_all_succeed() throws Exception {
    byte[] bytes = new byte[300_000];
    new Random(7).nextBytes(bytes);
    Digest digest = Digest.of(bytes);
    List<Callable<Digest>> works = new ArrayList<>();
    for (int i = 0; i < 48; i++) {
      int n = i;
      works.add(() ->
          switch (n % 3) {
            case 0 -> blobs.put(bytes);
            case 1 -> blobs.put(new ByteArrayInputStream(bytes));
            default -> blobs.has(digest) ? Digest.of(blobs.read(digest)) : blobs.put(bytes);
          });
    }
    try (var threads = Executors.newFixedThreadPool(12)) {
      for (Future<Digest> result : threads.invokeAll(works)) {
        assertThat(result.get()).isEqualTo(digest);
      }
    }
    assertThat(blobs.read(digest)).isEqualTo(bytes);
    assertNothingIncoming();
  }

  @Test
  void an_upload_that_breaks_off_leaves_nothing() throws IOException {
    InputStream broken =
        new SequenceInputStream(
            new ByteArrayInputStream(new byte[500_000]),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("connection reset");
              }
            });
    Problem problem = catchThrowableOfType(Problem.class, () -> blobs.put(broken));
    assertThat(problem.fault()).isEqualTo(Fault.BLOB_FAILED);
    assertThat(problem).hasMessageContaining("connection reset");
    assertNothingIncoming();
    assertThat(blobs.damaged()).isEmpty();
  }

  /// Stores blobs until it is killed, and prints the digests of those acknowledged.
  static final class Uploader {
    private Uploader() {}

    public static void main(String[] args) {
      Blobs blobs = Blobs.folder(Path.of(args[0]));
      Random random = new Random(11);
      while (true) {
        byte[] bytes = new byte[2_000_000];
        random.nextBytes(bytes);
        System.out.println(blobs.put(new ByteArrayInputStream(bytes)).hex());
      }
    }
  }

  @Test
  void a_killed_upload_is_whole_or_absent_and_its_rest_is_swept() throws Exception {
    List<Digest> acknowledged = new ArrayList<>();
    try (ChildJvm child = ChildJvm.start(Uploader.class, folder)) {
      for (int i = 0; i < 20; i++) acknowledged.add(new Digest(requireNonNull(child.line())));
      child.kill();
    }
    Files.write(folder.resolve("incoming").resolve("cut"), new byte[100]);
    Blobs again = Blobs.folder(folder);
    assertNothingIncoming();
    assertThat(again.damaged()).isEmpty();
    for (Digest digest : acknowledged) assertThat(again.read(digest)).hasSize(2_000_000);
  }

  private void assertNothingIncoming() throws IOException {
    try (var files = Files.list(folder.resolve("incoming"))) {
      assertThat(files).isEmpty();
    }
  }

  private static Fault fault(ThrowingCallable action) {
    return catchThrowableOfType(Problem.class, action).fault();
  }
}
