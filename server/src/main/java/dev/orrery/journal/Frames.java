package dev.orrery.journal;

import dev.orrery.base.Problem;
import dev.orrery.journal.Journal.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Reads frames one by one, the file of the last one kept open. For one thread.
public final class Frames implements AutoCloseable {
  private final Journal journal;
  private final Path folder;
  private final int windowBytes;
  private @Nullable Segment segment;
  private int number;
  private long length;

  Frames(Journal journal, Path folder, int windowBytes) {
    this.journal = journal;
    this.folder = folder;
    this.windowBytes = windowBytes;
  }

  /// The payload of a frame that was appended before this call.
  ///
  /// @throws Problem JOURNAL_DAMAGED, naming file and offset, if no sound frame begins there
  public byte[] at(Position at) {
    Path path = OpenSegment.path(folder, at.segment());
    try {
      Segment there = open(path, at);
      byte[] payload = there == null ? null : there.payload(at.offset());
      if (payload == null) {
        throw Segment.damaged(path, at.offset(), "no sound frame begins there");
      }
      return payload;
    } catch (NoSuchFileException _) {
      throw Segment.damaged(path, at.offset(), "it is missing");
    } catch (IOException e) {
      throw Journal.failed(folder, e);
    }
  }

  private @Nullable Segment open(Path path, Position at) throws IOException {
    Segment now = segment;
    if (now != null && number == at.segment() && at.offset() < length) return now;
    close();
    Position until = journal.end();
    length = at.segment() == until.segment() ? until.offset() : Files.size(path);
    number = at.segment();
    segment = Segment.open(path, length, windowBytes);
    return segment;
  }

  @Override
  public void close() {
    Segment last = segment;
    segment = null;
    if (last == null) return;
    try {
      last.close();
    } catch (IOException e) {
      throw Journal.failed(folder, e);
    }
  }
}
