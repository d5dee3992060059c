package dev.orrery.inference;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.model.Port;
import dev.orrery.model.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// A named model that answers tensors. Safe for use by many threads.
public interface Servable {
  /// What is told of it.
  ///
  /// @param versions all that may be asked for by name, the one that answers by default first
  /// @param platform the format, such as `lightgbm_text`; `orrery_package` of a project's endpoint
  /// @param inputs one matrix, or one port for each column
  /// @param outputs the score first
  /// @param features names of the columns of a single input matrix, where known; else empty
  record Metadata(
      String name,
      List<String> versions,
      String platform,
      List<Port> inputs,
      List<Port> outputs,
      List<String> features) {
    public Metadata {
      versions = List.copyOf(versions);
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
      features = List.copyOf(features);
    }
  }

  /// A request.
  ///
  /// @param version the version asked for; empty for the one that answers by default
  /// @param inputs every input by its name, each checked against [Metadata#inputs()]
  /// @param key what sticky assignment hashes, as the caller gave it; empty if none
  /// @param timeoutNanos how long the caller waits for it, at most; 0 without a word of it
  record Call(
      Optional<String> version,
      SequencedMap<String, Tensor> inputs,
      String key,
      long timeoutNanos) {
    /// How many rows are asked about.
    long rows() {
      return inputs.isEmpty() ? 0 : inputs.firstEntry().getValue().rows();
    }
  }

  /// An answer.
  ///
  /// @param version which version answered, all of it
  /// @param outputs every output, in the order of the metadata
  record Result(String version, SequencedMap<String, Tensor> outputs) {}

  /// How a version is; the words are those of model servers' clients.
  enum State {
    UNAVAILABLE,
    LOADING,
    READY,
    UNLOADING
  }

  /// A version and its state.
  ///
  /// @param reason why it is not ready, or why a newer load of it failed; else empty
  record Version(String version, State state, String reason) {}

  String name();

  /// @throws dev.orrery.base.Problem of kind NOT_FOUND for a version that is not served, and
  ///   UNAVAILABLE while nothing is
  Metadata metadata(Optional<String> version);

  boolean ready(Optional<String> version);

  /// Every version, ready or not.
  List<Version> versions();

  /// @throws dev.orrery.base.Problem of kind INVALID, NOT_FOUND, LIMITED or UNAVAILABLE
  Result infer(Call call);

  /// What has been counted of a version, new or known.
  Statistics statistics(String version);

  /// Whether a request of so many bytes is answered within microseconds and without ever waiting,
  /// so that a network thread may do it.
  default boolean isQuick(long bytes) {
    return false;
  }

  /// Reads it anew from where it comes, beside the one that answers.
  default void load() {
    throw notManaged();
  }

  /// Gives it back; it is not answered for until it is loaded again.
  default void unload() {
    throw notManaged();
  }

  /// Names of what the model that answers by default may be asked by beside its inputs, by MLflow's
  /// signature.
  default List<String> params() {
    return List.of();
  }

  private Problem notManaged() {
    return new Problem(
        Fault.NOT_MANAGED,
        "'%s' is the endpoint of a project".formatted(name()),
        "Deploy or roll back with 'orrery run' and 'orrery rollback'");
  }
}
