package dev.orrery.registry;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Somebody who wants to be told what happens to models.
///
/// @param events such as `model_version.created`
/// @param secret what deliveries are signed with; it is never told to anyone
record Webhook(
    String id,
    String name,
    @Nullable String description,
    String url,
    List<String> events,
    @Nullable String secret,
    Status status,
    Instant createdAt,
    Instant updatedAt) {
  enum Status {
    ACTIVE,
    DISABLED
  }

  Webhook {
    events = List.copyOf(events);
  }

  @Override
  public String toString() {
    return "webhook " + id;
  }
}
