package dev.orrery.web;

import dev.orrery.access.Permission;
import org.jspecify.annotations.Nullable;

/// One thing the server answers.
///
/// @param pattern a path whose `{name}` segments stand for one segment each; see [Routes]
public record Route(
    String method, String pattern, Permission permission, RouteOptions options, Handler handler) {

  /// The lane that the options name, or the one that fits the permission.
  Lane lane() {
    @Nullable Lane chosen = options.lane();
    if (chosen != null) return chosen;
    return switch (permission) {
      case PREDICT -> Lane.INFERENCE;
      case OPERATE, ADMIN -> Lane.ADMIN;
      case EDIT -> Lane.WRITES;
      case VIEW, PUBLIC -> Lane.READS;
    };
  }
}
