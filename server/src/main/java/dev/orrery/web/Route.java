package dev.orrery.web;

import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One thing the server answers.
///
/// @param pattern a path whose `{name}` segments stand for one segment each; see [Routes]
/// @param takes the query parameters that mean something here
public record Route(
    String method,
    String pattern,
    List<String> takes,
    Permission permission,
    RouteOptions options,
    Handler handler) {
  private static final List<String> OWN = List.of("/api/v1", "/predict", "/endpoints", "/outcomes");

  public Route {
    takes = List.copyOf(takes);
  }

  /// Refuses what means nothing here, for a misspelt parameter would be passed over in silence.
  /// Only on paths of our own and where parameters are named: other protocols' clients send what
  /// they like.
  ///
  /// @throws Problem of kind INVALID that names the nearest
  void admitQuery(Collection<String> sent) {
    if (takes.isEmpty() && OWN.stream().noneMatch(own -> Failures.under(pattern, own))) return;
    for (String name : sent) {
      if (takes.contains(name)) continue;
      throw new Problem(
          Fault.BAD_PARAMETER,
          "'%s' is no parameter of %s %s".formatted(Texts.shown(name), method, pattern),
          takes.isEmpty() ? "Leave it out; it takes none" : Texts.didYouMean(name, takes));
    }
  }

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
