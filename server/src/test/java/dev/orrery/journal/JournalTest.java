package dev.orrery.journal;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.orrery.base.ChildJvm;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.journal.Journal.Position;
import dev.orrery.journal.Journal.Sync;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class JournalTest {
  private static final long SEGMENT_BYTES_MAX = 4_096;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void frames_come_back_in_order_by_position_and_after_opening_again(Sync sync) {
    Random random = new Random(1);
    List<byte[]> payloads = new ArrayList<>();
    List<Position> positions = new ArrayList<>();
    try (Journal journal = open(sync)) {
      for (int i = 0; i < 200; i++) {
        byte[] payload = new byte[random.nextInt(300)];
        random.nextBytes(payload);
        payloads.add(payload);
        positions.add(journal.append(payload));
      }
      assertThat(positions).isSorted().doesNotHaveDuplicates();
      assertThat(journal.segments().size()).isGreaterThan(3);
      assertFrames(journal, payloads);
    }
    try (Journal journal = open(sync)) {
      assertFrames(journal, payloads);
      for (int i = 0; i < 200; i++) {
        assertThat(journal.frame(positions.get(i))).isEqualTo(payloads.get(i));
      }
      byte[] more = {1, 2, 3};
      assertThat(journal.append(more)).isGreaterThan(positions.getLast());
      payloads.add(more);
      assertFrames(journal, payloads);
    }
  }

  @ParameterizedTest
  @EnumSource
  void reading_goes_on_from_where_it_stopped(Sync sync) {
    try (Journal journal = open(sync)) {
      List<String> read = new ArrayList<>();
      Position[] next = {Position.START};
      for (int i = 0; i < 300; i++) {
        journal.append(bytes("frame " + i));
        if (i % 7 != 0) continue;
        journal.read(
            next[0],
            (_, payload, behind) -> {
              read.add(text(payload));
              next[0] = behind;
              return read.size() % 5 != 0;
            });
      }
      journal.read(
          next[0],
          (_, payload, behind) -> {
            read.add(text(payload));
            next[0] = behind;
            return true;
          });
      assertThat(read).hasSize(300).startsWith("frame 0", "frame 1").endsWith("frame 299");
      assertThat(read).doesNotHaveDuplicates();
      assertThat(next[0]).isEqualTo(journal.end());
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_tail_torn_at_any_byte_is_cut_and_nothing_before_it(Sync sync) throws IOException {
    byte[] last = bytes("the last frame, which is torn");
    Position at;
    try (Journal journal = open(sync)) {
      journal.append(bytes("first"));
      journal.append(bytes("second"));
      at = journal.append(last);
    }
    Path segment = segment(1);
    byte[] whole = Files.readAllBytes(segment);
    for (int cut = (int) at.offset(); cut < whole.length; cut++) {
      Files.write(segment, Arrays.copyOf(whole, cut));
      try (Journal journal = open(sync)) {
        assertThat(journal.end()).as("cut at %d", cut).isEqualTo(at);
        assertFrames(journal, List.of(bytes("first"), bytes("second")));
        journal.append(bytes("third"));
        assertFrames(journal, List.of(bytes("first"), bytes("second"), bytes("third")));
      }
    }
    for (int from = (int) at.offset(); from < whole.length; from++) {
      byte[] zeroed = whole.clone();
      Arrays.fill(zeroed, from, zeroed.length, (byte) 0);
      Files.write(segment, zeroed);
      try (Journal journal = open(sync)) {
        assertThat(journal.end()).as("zero from %d", from).isEqualTo(at);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_header_torn_at_any_byte_is_made_anew(Sync sync) throws IOException {
    for (int length = 0; length < Segment.HEADER_BYTES; length++) {
      Files.write(segment(1), Arrays.copyOf(Segment.header(7), length));
      try (Journal journal = open(sync)) {
        journal.append(bytes("x"));
        assertFrames(journal, List.of(bytes("x")));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void a_flipped_bit_is_told_and_hides_no_other_frame(long seed) throws IOException {
    Random random = new Random(seed);
    List<Position> positions = new ArrayList<>();
    List<byte[]> payloads = new ArrayList<>();
    try (Journal journal = open(Sync.WITHIN_A_SECOND)) {
      for (int i = 0; i < 100; i++) {
        byte[] payload = new byte[20 + random.nextInt(200)];
        random.nextBytes(payload);
        payloads.add(payload);
        positions.add(journal.append(payload));
      }
    }
    int hit = random.nextInt(99);
    Position at = positions.get(hit);
    flip(segment(at.segment()), at.offset() + random.nextInt(32), random.nextInt(8));

    try (Journal journal = open(Sync.WITHIN_A_SECOND)) {
      Problem problem = catchThrowableOfType(Problem.class, () -> frames(journal));
      assertThat(problem.fault()).isEqualTo(Fault.JOURNAL_DAMAGED);
      assertThat(problem)
          .hasMessageContaining("%010d.seg".formatted(at.segment()))
          .hasMessageContaining("byte " + at.offset() + ":");
      assertThatThrownBy(() -> journal.frame(at)).hasMessage(problem.getMessage());

      for (int i = 0; i < 100; i++) {
        if (i != hit) assertThat(journal.frame(positions.get(i))).isEqualTo(payloads.get(i));
      }
      Patient reader = new Patient();
      journal.read(Position.START, reader);
      payloads.remove(hit);
      assertThat(reader.read).containsExactlyElementsOf(payloads);
      assertThat(reader.damaged).containsExactly(at);

      Position more = journal.append(bytes("more"));
      assertThat(journal.frame(more)).isEqualTo(bytes("more"));
    }
  }

  @Test
  void a_segment_without_its_header_or_its_file_is_told() throws IOException {
    List<Position> positions = new ArrayList<>();
    try (Journal journal = open(Sync.WITHIN_A_SECOND)) {
      for (int i = 0; i < 100; i++) positions.add(journal.append(new byte[200]));
    }
    assertThat(positions.getLast().segment()).isGreaterThan(3);
    flip(segment(2), 3, 0);
    Files.delete(segment(3));
    try (Journal journal = open(Sync.WITHIN_A_SECOND)) {
      Patient reader = new Patient();
      journal.read(Position.START, reader);
      assertThat(reader.damaged)
          .containsExactly(
              new Position(2, Segment.HEADER_BYTES), new Position(3, Segment.HEADER_BYTES));
      assertThat(reader.read)
          .hasSize(
              (int) positions.stream().filter(p -> p.segment() != 2 && p.segment() != 3).count());
    }
  }

  @Test
  void a_payload_cannot_pose_as_a_frame() throws IOException {
    byte[] forged = new byte[Journal.ROOM + 6];
    System.arraycopy(bytes("forged"), 0, forged, Journal.ROOM, 6);
    Segment.frame(Segment.freshSalt(), forged, forged.length);
    Position at;
    try (Journal journal = open(Sync.EACH)) {
      at = journal.append(ByteBuffer.allocate(100).put(forged).array());
    }
    byte[] whole = Files.readAllBytes(segment(1));
    Files.write(segment(1), Arrays.copyOf(whole, whole.length - 1));
    try (Journal journal = open(Sync.EACH)) {
      assertThat(journal.end()).isEqualTo(at);
      assertFrames(journal, List.of());
    }
  }

  @ParameterizedTest
  @EnumSource
  void threads_append_at_the_same_time_and_lose_nothing(Sync sync) throws Exception {
    try (Journal journal = Journal.open(folder, sync, 100_000)) {
      List<Callable<Position>> appends = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        byte[] payload = bytes("frame " + i);
        appends.add(() -> journal.append(payload));
      }
      List<Future<Position>> positions;
      try (var threads = Executors.newFixedThreadPool(16)) {
        positions = threads.invokeAll(appends);
      }
      for (int i = 0; i < positions.size(); i++) {
        assertThat(journal.frame(positions.get(i).get())).isEqualTo(bytes("frame " + i));
      }
      assertThat(frames(journal)).hasSize(2_000);
    }
  }

  @ParameterizedTest
  @EnumSource
  void an_interrupted_thread_does_not_close_the_journal_under_the_others(Sync sync) {
    try (Journal journal = open(sync)) {
      Thread.currentThread().interrupt();
      journal.append(bytes("a"));
      for (int i = 0; i < 50; i++) journal.append(new byte[500]);
      assertThat(frames(journal)).hasSize(51);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void a_full_disk_refuses_the_frame_and_says_so() throws IOException {
    Path full = Path.of("/dev/full");
    if (!Files.exists(full)) return;
    Files.createSymbolicLink(segment(1), full);
    assertThat(catchThrowableOfType(Problem.class, () -> open(Sync.EACH).close()).fault())
        .isEqualTo(Fault.JOURNAL_FULL);
    Files.delete(segment(1));
  }

  @ParameterizedTest
  @EnumSource
  void a_frame_beyond_the_limit_is_refused_and_the_journal_goes_on(Sync sync) {
    try (Journal journal = open(sync)) {
      byte[] large = new byte[Segment.PAYLOAD_BYTES_MAX + 1];
      assertThat(catchThrowableOfType(Problem.class, () -> journal.append(large)).fault())
          .isEqualTo(Fault.FRAME_TOO_LARGE);
      byte[] largest = new byte[Segment.PAYLOAD_BYTES_MAX];
      Position at = journal.append(largest);
      journal.append(bytes("after"));
      assertThat(journal.frame(at)).hasSize(Segment.PAYLOAD_BYTES_MAX);
    }
  }

  @Test
  void a_closed_journal_refuses() {
    Journal journal = open(Sync.EACH);
    journal.close();
    journal.close();
    assertThat(catchThrowableOfType(Problem.class, () -> journal.append(bytes("x"))).fault())
        .isEqualTo(Fault.JOURNAL_FAILED);
  }

  @Test
  void space_is_taken_beforehand_and_given_back_when_a_segment_ends() throws IOException {
    try (Journal journal = open(Sync.WITHIN_A_SECOND)) {
      journal.append(bytes("first"));
      assertThat(Files.size(segment(1))).isEqualTo(SEGMENT_BYTES_MAX);
      while (journal.end().segment() == 1) journal.append(bytes("more"));
      assertThat(Files.size(segment(1)))
          .isBetween(SEGMENT_BYTES_MAX * 3 / 4, SEGMENT_BYTES_MAX + 16);
      assertThat(Files.size(segment(2))).isEqualTo(SEGMENT_BYTES_MAX);
      assertThat(frames(journal)).hasSizeGreaterThan(150);
    }
    assertThat(Files.size(segment(2))).isEqualTo(Segment.HEADER_BYTES + 4 + Journal.ROOM);
  }

  /// The next segment is made while the one before it still takes frames: a crash then leaves both.
  @ParameterizedTest
  @CsvSource({"0, 0", "7, 0", "16, 0", "4096, 0", "4096, 5", "4096, 17"})
  void a_segment_that_was_made_beforehand_and_not_used_is_removed(
      int length, int torn, @TempDir Path crashed) throws IOException {
    List<byte[]> all = new ArrayList<>(List.of(bytes("first"), bytes("second")));
    byte[] present;
    try (Journal journal = open(Sync.WITHIN_A_SECOND)) {
      for (byte[] frame : all) journal.append(frame);
      int end = (int) journal.end().offset();
      journal.append(bytes("torn by the crash"));
      present = Files.readAllBytes(segment(1));
      Arrays.fill(present, end + torn, present.length, (byte) 0);
    }
    Files.write(crashed.resolve("0000000001.seg"), present);
    byte[] next = Arrays.copyOf(Segment.header(7), Math.max(length, Segment.HEADER_BYTES));
    Files.write(crashed.resolve("0000000002.seg"), Arrays.copyOf(next, length));
    try (Journal journal = Journal.open(crashed, Sync.WITHIN_A_SECOND, SEGMENT_BYTES_MAX)) {
      assertThat(journal.segments()).containsExactly(1);
      all.add(bytes("third"));
      assertThat(journal.append(bytes("third")).segment()).isEqualTo(1);
      assertFrames(journal, all);
    }
  }

  @Test
  void a_segment_without_frames_behind_one_that_was_ended_is_kept() throws IOException {
    Files.write(segment(2), Segment.header(7));
    try (Journal journal = open(Sync.EACH)) {
      assertThat(journal.end().segment()).isEqualTo(2);
    }
    Files.delete(segment(2));
    List<byte[]> all = List.of(bytes("first"), bytes("second"));
    try (Journal journal = open(Sync.WITHIN_A_SECOND)) {
      for (byte[] frame : all) journal.append(frame);
    }
    Files.write(segment(2), Arrays.copyOf(Segment.header(7), (int) SEGMENT_BYTES_MAX));
    try (Journal journal = open(Sync.WITHIN_A_SECOND)) {
      assertThat(journal.end().segment()).isEqualTo(2);
      assertFrames(journal, all);
    }
  }

  @Test
  void a_frame_larger_than_what_is_left_of_the_taken_space_is_written_behind_it() {
    byte[] large = new byte[(int) SEGMENT_BYTES_MAX];
    Arrays.fill(large, (byte) 7);
    List<byte[]> all = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      try (Journal journal = open(Sync.WITHIN_A_SECOND)) {
        for (byte[] frame : List.of(bytes("small"), large, bytes("behind"))) {
          journal.append(frame);
          all.add(frame);
        }
        assertFrames(journal, all);
      }
    }
  }

  /// Appends from four threads until it is killed, and prints what was acknowledged.
  static final class Appender {
    private Appender() {}

    public static void main(String[] args) {
      Journal journal = Journal.open(Path.of(args[0]), Sync.valueOf(args[1]), 50_000);
      for (int t = 0; t < 4; t++) {
        String name = args[2] + "-" + t + "-";
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i < 1_000_000; i++) {
                journal.append(bytes((name + i + " ").repeat(20)));
                System.out.println(name + i);
              }
            });
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void every_acknowledged_frame_survives_kill_9(Sync sync) throws Exception {
    Random random = new Random(9);
    List<String> acknowledged = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      try (ChildJvm child = ChildJvm.start(Appender.class, folder, sync, round)) {
        int lines = 50 + random.nextInt(2_000);
        for (int i = 0; i < lines; i++) acknowledged.add(requireNonNull(child.line()));
        child.kill();
        // What stood in the pipe was acknowledged too; its last line may be torn.
        List<String> rest = new ArrayList<>();
        for (String line = child.line(); line != null; line = child.line()) rest.add(line);
        if (!rest.isEmpty()) rest.removeLast();
        acknowledged.addAll(rest);
      }
    }
    try (Journal journal = Journal.open(folder, sync, 50_000)) {
      List<String> found =
          frames(journal).stream().map(payload -> text(payload).split(" ", 2)[0]).toList();
      assertThat(found).doesNotHaveDuplicates().containsAll(acknowledged);
    }
  }

  private Journal open(Sync sync) {
    return Journal.open(folder, sync, SEGMENT_BYTES_MAX);
  }

  private Path segment(int number) {
    return folder.resolve("%010d.seg".formatted(number));
  }

  private static final class Patient implements FrameReader {
    final List<byte[]> read = new ArrayList<>();
    final List<Position> damaged = new ArrayList<>();

    @Override
    public boolean on(Position at, byte[] payload, Position next) {
      return read.add(payload);
    }

    @Override
    public boolean damaged(Position at, Position next, Problem problem) {
      return damaged.add(at);
    }
  }

  private static List<byte[]> frames(Journal journal) {
    List<byte[]> frames = new ArrayList<>();
    journal.read(Position.START, (_, payload, _) -> frames.add(payload));
    return frames;
  }

  private static void assertFrames(Journal journal, List<byte[]> expected) {
    assertThat(frames(journal)).containsExactlyElementsOf(expected);
  }

  private static void flip(Path file, long offset, int bit) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(offset);
      int was = bytes.read();
      bytes.seek(offset);
      bytes.write(was ^ 1 << bit);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
