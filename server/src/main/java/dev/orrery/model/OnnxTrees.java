package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.scorer.BadModelException;
import java.util.Optional;

/// Which ONNX models the own engine scores; the others are for [OnnxPlain] or ONNX Runtime.
final class OnnxTrees {
  private OnnxTrees() {}

  /// A scorer, if the model is one ensemble of trees and no more than a cast, an identity or a
  /// ZipMap around it, or one linear model of one matrix; empty if it is whole and of another sort.
  ///
  /// @throws Problem of kind INVALID if the file is damaged: no runtime should be given it
  static Optional<Scorer> fits(byte[] bytes) {
    // The engine knows ONNX by the version of its format, which every writer puts first.
    if (bytes.length < 3 || bytes[0] != 8) return Optional.empty();
    try {
      return Optional.of(TreesScorer.of(dev.orrery.scorer.Scorer.read(bytes)));
    } catch (BadModelException e) {
      if (e.kind() == BadModelException.Kind.UNSUPPORTED) return Optional.empty();
      throw Trees.problem(e, Fault.BAD_MODEL_FILE);
    }
  }
}
