package dev.orrery.replay;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.orrery.base.Disk;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// What a replay intended and what it was answered, in a file of lines that only grows:
///
/// ```
/// orrery-replay 1 {"dataset":"flights", ...}
/// session
/// want 0 0 12                      batch, first row, rows
/// have 0 7f3a02c1 1834 250         batch, CRC-32C of its ids, µs of each request, ms of the session
/// ```
///
/// The ids stand in the file beside it, `.ids`, 16 bytes a row; they are written before the line
/// that says so. One process at a time writes a ledger.
final class Ledger implements AutoCloseable {
  private static final String HEAD = "orrery-replay 1 ";

  private final Path path;
  private final Plan plan;
  private final long[] ids;
  private final List<Batch> acknowledged = new ArrayList<>();
  private final List<Long> sessionMillis = new ArrayList<>();
  private final @Nullable FileChannel lines;
  private final @Nullable FileChannel idFile;

  /// A batch that was answered.
  ///
  /// @param micros what each of its requests took
  record Batch(int number, int firstRow, int rows, List<Integer> micros) {}

  private Ledger(Path path, Plan plan, @Nullable FileChannel lines, @Nullable FileChannel idFile) {
    this.path = path;
    this.plan = plan;
    this.ids = new long[2 * plan.rows()];
    this.lines = lines;
    this.idFile = idFile;
  }

  /// Begins a ledger.
  ///
  /// @throws Problem LEDGER_EXISTS if there is one already
  static Ledger begin(Path path, Plan plan) {
    if (isBegun(path)) {
      throw new Problem(
          Fault.LEDGER_EXISTS,
          "a replay has been begun already, says %s".formatted(path),
          "Go on with --resume, or remove it and start on a fresh home");
    }
    Ledger ledger = open(path, plan);
    ledger.line(HEAD + Json.text(plan));
    ledger.session();
    return ledger;
  }

  /// Whether there is a ledger that says of what it is: one that was cut off before counts for
  /// none.
  static boolean isBegun(Path path) {
    try {
      return Files.isRegularFile(path) && wholeLines(path) > 0;
    } catch (IOException e) {
      throw unwritable(path, e);
    }
  }

  /// Takes up a ledger where it stands.
  ///
  /// @throws Problem NOT_FOUND if there is none, LEDGER_EXISTS if it is of another replay or
  ///   another process plays from it, LEDGER_DAMAGED
  static Ledger resume(Path path, Plan plan) {
    List<String> lines = lines(path);
    if (!plan(path, lines).equals(plan)) {
      throw new Problem(
          Fault.LEDGER_EXISTS,
          "%s is the ledger of another replay: %s".formatted(path, lines.getFirst()),
          "Play the same file and window as then, or name another --ledger");
    }
    Ledger ledger = open(path, plan);
    ledger.load(lines);
    ledger.session();
    return ledger;
  }

  /// Reads a ledger without touching it.
  static Ledger read(Path path) {
    List<String> lines = lines(path);
    Ledger ledger = new Ledger(path, plan(path, lines), null, null);
    ledger.load(lines);
    return ledger;
  }

  Plan plan() {
    return plan;
  }

  /// Two longs a row; zero where a row was not answered yet.
  long[] ids() {
    return ids;
  }

  List<Batch> acknowledged() {
    return acknowledged;
  }

  /// The first batch that was not answered.
  int next() {
    return acknowledged.size();
  }

  /// How long the earlier sessions played.
  long earlierMillis() {
    return sessionMillis.stream().limit(sessionMillis.size() - 1L).mapToLong(m -> m).sum();
  }

  long rows() {
    return acknowledged.stream().mapToLong(Batch::rows).sum();
  }

  void want(int batch, int firstRow, int rows) {
    line("want %d %d %d".formatted(batch, firstRow, rows));
  }

  /// Notes that a batch was answered; its ids stand in [#ids()] already.
  ///
  /// @param millis since this session began
  void have(Batch batch, long millis) {
    ByteBuffer bytes = bytes(batch.firstRow(), batch.rows());
    long at = 16L * batch.firstRow();
    try {
      while (bytes.hasRemaining()) at += writable(idFile).write(bytes, at);
    } catch (IOException e) {
      throw unwritable(e);
    }
    String micros = String.join(",", batch.micros().stream().map(String::valueOf).toList());
    line(
        "have %d %08x %s %d"
            .formatted(
                batch.number(),
                checksum(batch.firstRow(), batch.rows()),
                micros.isEmpty() ? "-" : micros,
                millis));
    acknowledged.add(batch);
  }

  private void session() {
    line("session");
    sessionMillis.add(0L);
  }

  private void line(String text) {
    ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        int unused = writable(lines).write(bytes);
      }
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private FileChannel writable(@Nullable FileChannel channel) {
    if (channel == null) throw new IllegalStateException(path + " was opened to be read");
    return channel;
  }

  private static Ledger open(Path path, Plan plan) {
    FileChannel lines = null;
    FileChannel idFile = null;
    boolean isOpen = false;
    try {
      Path folder = path.toAbsolutePath().getParent();
      if (folder != null) Files.createDirectories(folder);
      lines =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (lines.tryLock() == null) throw busy(path);
      // What was cut short in the middle of a line was never acknowledged.
      lines.truncate(wholeLines(path));
      lines.position(lines.size());
      idFile =
          FileChannel.open(
              idPath(path),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      if (lines.size() == 0) idFile.truncate(0);
      isOpen = true;
      return new Ledger(path, plan, lines, idFile);
    } catch (OverlappingFileLockException e) {
      throw busy(path).because(e);
    } catch (IOException e) {
      throw unwritable(path, e);
    } finally {
      if (!isOpen) {
        close(lines);
        close(idFile);
      }
    }
  }

  private static long wholeLines(Path path) throws IOException {
    byte[] text = Files.readAllBytes(path);
    int end = text.length;
    while (end > 0 && text[end - 1] != '\n') end--;
    return end;
  }

  private static Path idPath(Path path) {
    return path.resolveSibling(path.getFileName() + ".ids");
  }

  private static List<String> lines(Path path) {
    try {
      byte[] text = Files.readAllBytes(path);
      String whole = new String(text, 0, (int) wholeLines(path), StandardCharsets.UTF_8);
      return whole.lines().toList();
    } catch (java.nio.file.NoSuchFileException e) {
      throw new Problem(
              Fault.NOT_FOUND, "there is no ledger %s".formatted(path), "Start without --resume")
          .because(e);
    } catch (IOException e) {
      throw damaged(path, "it cannot be read: " + e).because(e);
    }
  }

  private static Plan plan(Path path, List<String> lines) {
    if (lines.isEmpty() || !lines.getFirst().startsWith(HEAD)) {
      throw damaged(path, "its first line is not that of a ledger");
    }
    try {
      return Json.MAPPER.readValue(lines.getFirst().substring(HEAD.length()), Plan.class);
    } catch (JsonProcessingException e) {
      throw damaged(path, "its first line cannot be read").because(e);
    }
  }

  private void load(List<String> lines) {
    loadIds();
    Batch wanted = null;
    for (int i = 1; i < lines.size(); i++) {
      String[] words = lines.get(i).split(" ", -1);
      try {
        switch (words[0]) {
          case "session" -> sessionMillis.add(0L);
          case "want" ->
              wanted =
                  new Batch(
                      Integer.parseInt(words[1]),
                      Integer.parseInt(words[2]),
                      Integer.parseInt(words[3]),
                      List.of());
          case "have" -> {
            if (wanted == null || wanted.number() != Integer.parseInt(words[1])) {
              throw damaged(path, "line %d answers what was not wanted".formatted(i + 1));
            }
            loadBatch(i, words, wanted);
            wanted = null;
          }
          default -> throw damaged(path, "line %d is of no known kind".formatted(i + 1));
        }
      } catch (NumberFormatException | IndexOutOfBoundsException e) {
        throw damaged(path, "line %d cannot be read".formatted(i + 1)).because(e);
      }
    }
    if (sessionMillis.isEmpty()) sessionMillis.add(0L);
    Batch last = acknowledged.isEmpty() ? null : acknowledged.getLast();
    int end = last == null ? 0 : last.firstRow() + last.rows();
    Arrays.fill(ids, 2 * end, ids.length, 0);
  }

  private void loadBatch(int line, String[] words, Batch wanted) {
    List<Integer> micros =
        words[3].equals("-")
            ? List.of()
            : Arrays.stream(words[3].split(",", -1)).map(Integer::valueOf).toList();
    if (wanted.number() != next()) {
      throw damaged(path, "line %d leaves out a batch".formatted(line + 1));
    }
    if (checksum(wanted.firstRow(), wanted.rows()) != Integer.parseUnsignedInt(words[2], 16)) {
      throw damaged(path, "the ids of batch %d are not those answered".formatted(wanted.number()));
    }
    acknowledged.add(new Batch(wanted.number(), wanted.firstRow(), wanted.rows(), micros));
    sessionMillis.set(sessionMillis.size() - 1, Long.parseLong(words[4]));
  }

  private void loadIds() {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(idPath(path)));
      bytes.asLongBuffer().get(ids, 0, Math.min(ids.length, bytes.remaining() / 8));
    } catch (IOException e) {
      throw damaged(path, "its ids cannot be read: " + e).because(e);
    }
  }

  private ByteBuffer bytes(int firstRow, int rows) {
    ByteBuffer bytes = ByteBuffer.allocate(16 * rows);
    bytes.asLongBuffer().put(ids, 2 * firstRow, 2 * rows);
    return bytes;
  }

  private int checksum(int firstRow, int rows) {
    CRC32C crc = new CRC32C();
    crc.update(bytes(firstRow, rows));
    return (int) crc.getValue();
  }

  private static Problem damaged(Path path, String how) {
    return new Problem(
        Fault.LEDGER_DAMAGED,
        "the ledger %s is damaged: %s".formatted(path, how),
        "Restore it, or start again on a fresh home");
  }

  private static Problem busy(Path path) {
    return new Problem(
        Fault.LEDGER_EXISTS,
        "another process plays from the ledger %s".formatted(path),
        "Wait for it, or stop it and go on with --resume");
  }

  private Problem unwritable(IOException e) {
    return unwritable(path, e);
  }

  private static Problem unwritable(Path path, IOException e) {
    return new Problem(
            Fault.LEDGER_UNWRITABLE,
            "the ledger %s cannot be written%s"
                .formatted(path, Disk.isFull(e) ? ": the disk is full" : " (" + e + ")"),
            "Free space, or name another --ledger; nothing beyond it was played")
        .because(e);
  }

  /// Removes the ledger, of which nothing was played.
  void discard() {
    close();
    try {
      Files.deleteIfExists(path);
      Files.deleteIfExists(idPath(path));
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private static void close(@Nullable FileChannel channel) {
    if (channel == null) return;
    try {
      channel.close();
    } catch (IOException _) {
      // What was written is with the operating system already.
    }
  }

  @Override
  public void close() {
    close(lines);
    close(idFile);
  }
}
