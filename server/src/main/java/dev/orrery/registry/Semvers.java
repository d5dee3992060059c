package dev.orrery.registry;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.base.Semver.Bump;
import dev.orrery.sql.Tx;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Gives versions their semantic version: from what changed, or as wished if that is not less.
final class Semvers {
  private Semvers() {}

  /// @param reason what the version tells of
  record Given(Semver version, String reason) {}

  /// The version that the next one follows: the newest.
  private static Optional<RegisteredVersion> parent(Tx tx, String model) {
    return ModelStore.versions(tx, model, 1).stream().findFirst();
  }

  /// The version that the evidence gives.
  static Given derived(
      List<Semver> taken, Optional<Semver> parent, Optional<Make> before, @Nullable Make make) {
    if (parent.isEmpty()) {
      String reason = "the first version";
      return new Given(taken.isEmpty() ? Semver.FIRST : afterAll(taken), reason);
    }
    Make.Change change = Make.change(before.orElse(null), make);
    return new Given(Registry.next(taken, parent.get(), change.bump()), change.told());
  }

  static Given give(Tx tx, Models.Wish wish) {
    List<Semver> taken = ModelStore.semvers(tx, wish.model());
    Optional<RegisteredVersion> parent = parent(tx, wish.model());
    Given given =
        derived(
            taken,
            parent.map(RegisteredVersion::semver),
            parent.map(RegisteredVersion::make),
            wish.make());
    Semver derived = given.version();
    Semver wished = wish.semver();
    if (wished == null) return new Given(derived, given.reason());
    if (taken.contains(wished)) {
      throw new Problem(
          Fault.BUMP_TOO_SMALL,
          "%s@%s is taken".formatted(wish.model(), wished),
          "Take %s or a later one".formatted(derived));
    }
    if (wished.compareTo(derived) < 0) {
      throw new Problem(
          Fault.BUMP_TOO_SMALL,
          "%s@%s tells of less than what changed: %s asks for at least %s"
              .formatted(wish.model(), wished, given.reason(), derived),
          "Take %s or a later one, or leave the version to the evidence".formatted(derived));
    }
    if (wished.equals(derived)) return new Given(wished, given.reason());
    String why = wish.why();
    if (why == null || why.isBlank()) {
      throw new Problem(
          Fault.BUMP_TOO_SMALL,
          "%s@%s tells of more than what changed: %s gives %s"
              .formatted(wish.model(), wished, given.reason(), derived),
          "Give a reason for it, or leave the version to the evidence");
    }
    return new Given(wished, why + " (" + given.reason() + ")");
  }

  private static Semver afterAll(List<Semver> taken) {
    return taken.stream().max(Semver::compareTo).orElseThrow().next(Bump.MAJOR);
  }
}
