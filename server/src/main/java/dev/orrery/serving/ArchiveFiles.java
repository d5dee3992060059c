package dev.orrery.serving;

import dev.orrery.artifact.FileReport;
import dev.orrery.artifact.FileReport.Damaged;
import dev.orrery.base.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The Parquet files of the archive, one a closed segment of the log. A name says the segment and
/// the first 12 digits of the SHA-256 of the bytes, `0000000001-3f9a10c2de44.parquet`: one rename
/// makes file and digest known together. A file of which no digest is known (an older Orrery named
/// them `0000000001.parquet`) counts as not written.
///
/// Safe for use by many threads.
final class ArchiveFiles {
  private static final Logger LOG = LoggerFactory.getLogger(ArchiveFiles.class);
  private static final Pattern NAME = Pattern.compile("(0\\d{9})(?:-([0-9a-f]{12}))?\\.parquet");
  private static final int BUFFER_BYTES = 128 << 10;

  private final Path folder;

  /// Files whose bytes were read and are what was written, as they were then.
  private final Map<Path, State> proven = new ConcurrentHashMap<>();

  private record State(long size, FileTime modified) {
    static State of(Path file) throws IOException {
      var now = Files.readAttributes(file, BasicFileAttributes.class);
      return new State(now.size(), now.lastModifiedTime());
    }
  }

  ArchiveFiles(Path folder) {
    this.folder = folder;
  }

  /// What lies in the folder, by segment: as a rule one file each.
  SortedMap<Integer, List<Path>> found() throws IOException {
    var found = new TreeMap<Integer, List<Path>>();
    if (!Files.isDirectory(folder)) return found;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files.sorted()::iterator) {
        Matcher name = NAME.matcher(name(file));
        if (!name.matches()) continue;
        found.computeIfAbsent(Integer.valueOf(name.group(1)), _ -> new ArrayList<>()).add(file);
      }
    }
    return found;
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  static boolean isSealed(Path file) {
    return digest(file) != null;
  }

  private static @Nullable String digest(Path file) {
    Matcher name = NAME.matcher(name(file));
    return name.matches() ? name.group(2) : null;
  }

  /// The one of a segment's files that is as it was written, if one is; damaged ones are told in
  /// the server's log. A file is read once, and again when its size or time has changed.
  Optional<Path> sound(List<Path> files) {
    for (Path file : files) {
      if (!isSealed(file)) continue;
      try {
        String damage = damage(file);
        if (damage == null) return Optional.of(file);
        LOG.error("{}; it is written again from its segment", damage);
      } catch (NoSuchFileException _) {
        // Taken away since the folder was listed.
      }
    }
    return Optional.empty();
  }

  /// What is wrong with a file, its name included; null if nothing is.
  private @Nullable String damage(Path file) throws NoSuchFileException {
    try {
      State now = State.of(file);
      if (now.equals(proven.get(file))) return null;
      proven.remove(file);
      String digest = read(file);
      if (!digest.equals(digest(file))) {
        return "%s is damaged: the SHA-256 of its bytes begins with %s".formatted(file, digest);
      }
      proven.put(file, now);
      return null;
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      return "%s is damaged: it cannot be read (%s)".formatted(file, e);
    }
  }

  /// The beginning of the digest of a file's bytes.
  private static String read(Path file) throws IOException {
    MessageDigest sha256 = Digest.sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) sha256.update(buffer, 0, n);
    }
    return Digest.finish(sha256).brief();
  }

  /// Gives a file that was just written its name.
  ///
  /// @param instead the segment's files until now
  /// @param keeps whether these are put aside, and not removed
  Path publish(Path draft, int segment, List<Path> instead, boolean keeps) throws IOException {
    try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Path file = folder.resolve("%010d-%s.parquet".formatted(segment, read(draft)));
    State state = State.of(draft);
    for (Path old : instead) {
      proven.remove(old);
      if (keeps) {
        Path aside = folder.resolve(name(old) + ".aside");
        Files.move(old, aside, StandardCopyOption.REPLACE_EXISTING);
        LOG.error("The segment of {} is damaged too; what was in the archive is {}", file, aside);
      } else {
        Files.deleteIfExists(old);
      }
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    proven.put(file, state);
    return file;
  }

  /// Has every file be read again before it is used.
  void forget() {
    proven.clear();
  }

  /// Reads every file whose digest is known. One that is damaged is written again at the next
  /// question.
  FileReport look(Consumer<FileReport> told) {
    List<Path> files = sealed();
    FileReport report = FileReport.begin(files.size());
    for (Path file : files) {
      long size = file.toFile().length();
      proven.remove(file);
      var found = new ArrayList<Damaged>();
      try {
        String damage = damage(file);
        if (damage != null) found.add(new Damaged(file.toString(), damage));
      } catch (NoSuchFileException _) {
        // It is being replaced.
      }
      report = report.with(size, found);
      told.accept(report);
    }
    return report;
  }

  private List<Path> sealed() {
    try {
      return found().values().stream()
          .flatMap(List::stream)
          .filter(ArchiveFiles::isSealed)
          .toList();
    } catch (IOException e) {
      throw LogArchive.failed(folder, e);
    }
  }
}
