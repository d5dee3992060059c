package dev.orrery.inference;

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
      List<String> features) {}

  /// A request.
  ///
  /// @param version the version asked for; empty for the one that answers by default
  /// @param inputs every input by its name, each checked against [Metadata#inputs()]
  /// @param key what sticky assignment hashes, as the caller gave it; empty if none
  record Call(Optional<String> version, SequencedMap<String, Tensor> inputs, String key) {}

  /// An answer.
  ///
  /// @param version which version answered, all of it
  /// @param outputs every output, in the order of the metadata
  record Result(String version, SequencedMap<String, Tensor> outputs) {}

  String name();

  /// @throws dev.orrery.base.Problem of kind NOT_FOUND for a version that is not served, and
  ///   UNAVAILABLE while nothing is
  Metadata metadata(Optional<String> version);

  boolean ready(Optional<String> version);

  /// @throws dev.orrery.base.Problem of kind INVALID, NOT_FOUND, LIMITED or UNAVAILABLE
  Result infer(Call call);
}
