package dev.orrery.scorer;

import java.util.List;

/// What an ONNX model calls its input and its outputs.
///
/// @param input the name of its one input, a matrix of rows
/// @param takesDoubles whether its values are doubles; else floats
/// @param score the name of the output with the scores; empty if there is none
/// @param givesDoubles whether the scores are doubles
/// @param label the name of the output with the labels; empty if there is none
/// @param labels of a classifier, each a Long or a String, in the order of the scores
public record Face(
    String input,
    boolean takesDoubles,
    String score,
    boolean givesDoubles,
    String label,
    List<Object> labels) {
  public Face {
    labels = List.copyOf(labels);
  }
}
