package dev.orrery.replay;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Holds a ledger against a server: whatever the server acknowledged, it must still have.
public final class ReplayCheck {
  private static final int EXAMPLES_MAX = 10;

  private ReplayCheck() {}

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

  /// @param recording what the ledger is of
  public static Result check(Recording recording, Path path, URI address, Depth depth) {
    try (Ledger ledger = Ledger.read(path);
        Server server = new Server(address, Duration.ofSeconds(30))) {
      List<UUID> lost = new ArrayList<>();
      long looked = 0;
      for (Ledger.Batch batch : ledger.acknowledged()) {
        int last = batch.firstRow() + batch.rows() - 1;
        int step = depth == Depth.EVERY ? 1 : Math.max(1, batch.rows() - 1);
        for (int row = batch.firstRow(); row <= last; row += step) {
          UUID id = new UUID(ledger.ids()[2 * row], ledger.ids()[2 * row + 1]);
          if (server.prediction(id).isEmpty()) lost.add(id);
          looked++;
        }
      }
      JsonNode counts = server.get("/api/v1/endpoints/" + ledger.plan().endpoint());
      return new Result(
          ledger.rows(),
          looked,
          lost.size(),
          List.copyOf(lost.subList(0, Math.min(EXAMPLES_MAX, lost.size()))),
          counts.path("predictions").asLong(),
          recording.firstTold(ledger.next()),
          counts.path("outcomes").asLong(),
          ledger.next() == ledger.plan().batches());
    }
  }
}
