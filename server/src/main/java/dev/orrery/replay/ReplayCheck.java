package dev.orrery.replay;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/// Holds a ledger against a server: whatever the server acknowledged, it must still have. For one
/// thread and one use, but for [#stop()].
public final class ReplayCheck {
  private static final int EXAMPLES_MAX = 10;
  private static final int LOOKUP = 1_000;

  private final Recording recording;
  private final Path path;
  private final Depth depth;
  private final Server server;

  /// How many of the acknowledged predictions are looked up.
  public enum Depth {
    /// The first and the last of every batch: a request is logged whole or not at all.
    ENDS,
    EVERY
  }

  /// What a check found.
  ///
  /// @param acknowledged predictions, by the ledger
  /// @param looked how many of them were looked up one by one
  /// @param lost how many of those the server does not have
  /// @param examples some of the lost
  /// @param stored predictions, by the server's own count
  /// @param told outcomes that the server had acknowledged before it answered a later batch
  /// @param known outcomes, by the server's own count
  /// @param complete whether the ledger says that the whole recording was played
  public record Result(
      long acknowledged,
      long looked,
      long lost,
      List<UUID> examples,
      long stored,
      long told,
      long known,
      boolean complete) {
    /// Whether nothing that was acknowledged is missing.
    public boolean isSound() {
      return lost == 0 && stored >= acknowledged && known >= told;
    }
  }

  /// How far a check is.
  ///
  /// @param left how much longer it will take at this pace
  public record Looked(long looked, long of, Duration left) {}

  /// @param recording what the ledger is of
  public ReplayCheck(Recording recording, Path ledger, URI address, Depth depth) {
    this.recording = recording;
    this.path = ledger;
    this.depth = depth;
    this.server = new Server(address, Duration.ofSeconds(30));
  }

  /// Looks everything up, many predictions in one request.
  ///
  /// @throws Problem INTERRUPTED if it was stopped
  public Result check(Consumer<Looked> progress) {
    try (server;
        Ledger ledger = Ledger.read(path)) {
      List<UUID> asked = asked(ledger);
      List<UUID> lost = new ArrayList<>();
      long began = System.nanoTime();
      for (int from = 0; from < asked.size(); from += LOOKUP) {
        int to = Math.min(asked.size(), from + LOOKUP);
        lost.addAll(server.missing(asked.subList(from, to)));
        double nanos = (double) (System.nanoTime() - began) / to * (asked.size() - to);
        progress.accept(new Looked(to, asked.size(), Duration.ofNanos((long) nanos)));
      }
      JsonNode counts = server.get("/api/v1/endpoints/" + ledger.plan().endpoint());
      return new Result(
          ledger.rows(),
          asked.size(),
          lost.size(),
          List.copyOf(lost.subList(0, Math.min(EXAMPLES_MAX, lost.size()))),
          counts.path("predictions").asLong(),
          recording.firstTold(ledger.next()),
          counts.path("outcomes").asLong(),
          ledger.next() == ledger.plan().batches());
    }
  }

  private List<UUID> asked(Ledger ledger) {
    List<UUID> asked = new ArrayList<>();
    for (Ledger.Batch batch : ledger.acknowledged()) {
      int last = batch.firstRow() + batch.rows() - 1;
      int step = depth == Depth.EVERY ? 1 : Math.max(1, batch.rows() - 1);
      for (int row = batch.firstRow(); row <= last; row += step) {
        asked.add(new UUID(ledger.ids()[2 * row], ledger.ids()[2 * row + 1]));
      }
    }
    return asked;
  }

  /// Ends a check that another thread makes, within the time of one request.
  public void stop() {
    server.stop();
  }
}
