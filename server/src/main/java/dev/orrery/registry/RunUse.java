package dev.orrery.registry;

import dev.orrery.sql.Tx;
import java.util.Optional;

/// Which registered version a run or a logged model is kept for.
public final class RunUse {
  private RunUse() {}

  /// @param id of a run or a logged model
  /// @return such as `version 3 of churn`; empty if no version that is there was made of it
  public static Optional<String> of(Tx tx, String id) {
    Optional<String> registered =
        tx.first(
            """
            select model, version from registered_version
            where stage <> 'Deleted'
              and (run = ? or logged_model = ? or storage like ? or source like ?)
            order by model, version
            limit 1
            """,
            row -> "version %d of %s".formatted(row.whole("version"), row.text("model")),
            id,
            id,
            "%/" + id + "/%",
            "%/" + id + "/%");
    if (registered.isPresent()) return registered;
    return tx.first(
        """
        select model, major, minor, patch from model_version
        where run = ?
        order by model, seq
        limit 1
        """,
        row ->
            "version %d.%d.%d of %s"
                .formatted(
                    row.whole("major"), row.whole("minor"), row.whole("patch"), row.text("model")),
        id);
  }
}
