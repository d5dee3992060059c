package dev.orrery.retrain;

import dev.orrery.serving.Deployment;
import dev.orrery.serving.Endpoint;
import dev.orrery.serving.Traffic;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What retrain reads of an endpoint.
public interface Service {
  String endpoint();

  /// Empty until a first version is deployed.
  Optional<Traffic> traffic();

  /// The moves of traffic, newest first.
  List<Deployment> moves(int limit);

  /// How many outcomes became usable in (after, until].
  long newRows(Instant after, Instant until);

  static Service of(Endpoint endpoint) {
    return new Service() {
      @Override
      public String endpoint() {
        return endpoint.name();
      }

      @Override
      public Optional<Traffic> traffic() {
        return endpoint.traffic();
      }

      @Override
      public List<Deployment> moves(int limit) {
        return endpoint.moves(limit);
      }

      @Override
      public long newRows(Instant after, Instant until) {
        return endpoint.liveRowCount(after, until);
      }
    };
  }
}
