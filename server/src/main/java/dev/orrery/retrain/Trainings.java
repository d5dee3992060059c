package dev.orrery.retrain;

import dev.orrery.base.Semver;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The trainings of the model, whoever asked for them: what retrain asks of the pipeline.
public interface Trainings {
  /// Starts a training that renews the champion on what is known by now, and does not wait for it.
  ///
  /// @param reasons for the record
  /// @throws dev.orrery.base.Problem of kind CONFLICT if one is under way
  Training start(List<String> reasons);

  /// The training that was started last, by whomever.
  Optional<Training> newest();

  /// @throws dev.orrery.base.Problem of kind NOT_FOUND if there is none with this id
  Training get(String id);

  /// The moment as of which the training of a version knew the world, if it is known.
  Optional<Instant> knownUntil(Semver version);

  /// Whether a candidate is not in service only because a person must approve it first.
  boolean waits(Semver candidate);

  /// Told when a candidate was found worse in service than the champion; after a crash perhaps
  /// twice.
  void aborted(Semver candidate, String why);

  /// One training.
  ///
  /// @param candidate the version that it registered, if it came to that
  /// @param why it was rejected, or failed; empty otherwise
  record Training(
      String id, Instant startedAt, State state, @Nullable Semver candidate, String why) {
    /// How a training stands.
    public enum State {
      RUNNING,
      /// Its candidate was given to the endpoint.
      RELEASED,
      /// Its candidate was not good enough.
      REJECTED,
      FAILED
    }
  }
}
