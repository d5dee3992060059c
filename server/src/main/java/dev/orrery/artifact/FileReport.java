package dev.orrery.artifact;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// How far a look through files that another part keeps has come, and what it found.
///
/// @param checked how many files have been read so far
/// @param bytes read so far
/// @param damages how many places are damaged; the first 1,000 are listed
public record FileReport(long checked, long of, long bytes, long damages, List<Damaged> damaged) {
  private static final int LISTED_MAX = 1_000;

  /// @param what is wrong and where, the file's name included
  public record Damaged(String file, String what) {}

  /// Reads every file of a kind, in bounded memory, and finds what is damaged.
  @FunctionalInterface
  public interface Look {
    /// @param told how far it has come, now and then
    FileReport run(Consumer<FileReport> told);
  }

  public static FileReport begin(long files) {
    return new FileReport(0, files, 0, 0, List.of());
  }

  /// After one more file.
  public FileReport with(long size, List<Damaged> found) {
    return new FileReport(
        checked + 1,
        of,
        bytes + size,
        damages + found.size(),
        found.isEmpty()
            ? damaged
            : Stream.concat(damaged.stream(), found.stream()).limit(LISTED_MAX).toList());
  }
}
