package dev.orrery.model;

import java.util.List;
import java.util.SequencedMap;
import java.util.function.ObjIntConsumer;

/// A model of any format, ready to answer: tensors in, tensors out. Safe for use by many threads.
///
/// The first dimension of every input and output counts the rows. The first output is the score.
public interface Scorer extends AutoCloseable {
  /// The format it came in, as protocols name it: `lightgbm_text`, `xgboost_json`, `onnx_onnxv1`.
  String platform();

  List<Port> inputs();

  List<Port> outputs();

  /// Answers one request.
  ///
  /// @param inputs every tensor of [#inputs()] by name, within its shape; of its type, or of
  ///   another numeric one where it is numeric; not changed
  /// @return every tensor of [#outputs()], in their order
  /// @throws dev.orrery.base.Problem of kind INVALID if the values cannot be scored
  SequencedMap<String, Tensor> score(SequencedMap<String, Tensor> inputs);

  /// Names of the single values of a row, where the model's file tells them; else empty.
  default List<String> features() {
    return List.of();
  }

  /// The features whose texts of training the file names, and whose other texts it scores in a
  /// bucket of their own.
  default List<String> categories() {
    return List.of();
  }

  /// Names of the parameters that an MLflow signature declares; they are not passed on.
  default List<String> params() {
    return List.of();
  }

  /// Has it tell, from now on, of a feature of [#categories()] and how many rows of a request had a
  /// text that training had not seen.
  default void tellUnseen(ObjIntConsumer<String> told) {}

  /// Gives back memory that the garbage collector does not see; calls that run are ended first.
  @Override
  default void close() {}
}
