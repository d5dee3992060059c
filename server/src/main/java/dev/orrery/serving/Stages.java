package dev.orrery.serving;

import dev.orrery.base.Semver;
import dev.orrery.registry.ModelVersion;
import dev.orrery.registry.Service;
import dev.orrery.sql.Tx;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An endpoint as the registry moves it: a promotion or a rollback there moves traffic here.
///
/// @param preflight whether a version would run here as where it was made
record Stages(String endpoint, Releases releases, Function<Semver, Preflight> preflight)
    implements Service {
  @Override
  public Optional<Standing> standing() {
    return Optional.ofNullable(releases.live()).map(live -> standing(endpoint, live.traffic()));
  }

  @Override
  public <T> T moving(@Nullable ModelVersion next, boolean force, Supplier<T> write) {
    if (next == null || releases.serves(next.version())) return releases.moving(null, "", write);
    Preflight found = preflight.apply(next.version());
    if (!force) found.require();
    return releases.moving(next, found.overridden(), write);
  }

  @Override
  public Standing deploy(Tx tx, ModelVersion version, String who, String why) {
    return standing(endpoint, releases.deploy(tx, version, who, why));
  }

  @Override
  public Standing rollback(Tx tx, String who, String why) {
    return standing(endpoint, releases.rollback(tx, who, why));
  }

  /// What a move of traffic means for the stages.
  static Moved moved(String endpoint, @Nullable Traffic before, Traffic now, Deployment move) {
    return new Moved(
        before == null ? null : standing(endpoint, before),
        standing(endpoint, now),
        move.kind().name().toLowerCase(Locale.ROOT),
        move.kind() == Deployment.Kind.ROLLED_BACK,
        move.who(),
        move.why());
  }

  /// What was served when the process ended, in case the stages are of an older program.
  static Moved found(String endpoint, Traffic now) {
    Standing standing = standing(endpoint, now);
    return new Moved(null, standing, "found", false, "orrery", "what the endpoint serves");
  }

  private static Standing standing(String endpoint, Traffic traffic) {
    return new Standing(endpoint, traffic.champion(), traffic.trial());
  }
}
