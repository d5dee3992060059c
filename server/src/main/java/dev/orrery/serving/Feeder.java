package dev.orrery.serving;

import dev.orrery.base.Semver;
import java.util.Collection;

/// Gives what versions are fed by. Used under the lock of [Releases].
interface Feeder {
  /// What a version would be deployed with now: the project's `serve` block, and the data and
  /// features that it was trained on.
  ///
  /// @throws dev.orrery.base.Problem if the project's definitions cannot be read
  Blueprint present(Semver version);

  /// The feed of a version, filled with all that is known; one that is in use already is given
  /// again.
  ///
  /// @param history the data version whose rows came before the endpoint's first prediction
  /// @throws dev.orrery.base.Problem if it cannot be made of what is stored
  Feed feed(Semver version, Blueprint by, String history);

  /// Lets all other feeds go.
  void keep(Collection<Feed> needed);
}
