package dev.orrery.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// That a stage or an alias went to a version, or left it.
///
/// @param from the stage or version before; empty for none
/// @param to the stage or version after; empty for none
/// @param evidence the gates' results and approvals on which it happened; null for none
public record Move(
    long seq,
    Instant at,
    String who,
    Kind kind,
    long version,
    String from,
    String to,
    String why,
    @Nullable JsonNode evidence) {
  /// What moved.
  public enum Kind {
    STAGE,
    ALIAS,
    REGISTERED,
    DELETED,
    APPROVED;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
