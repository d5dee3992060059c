package dev.orrery.model;

import java.util.List;

/// An input or an output of a model.
///
/// @param shape the length of each dimension, -1 where it varies; the first one counts the rows
public record Port(String name, Datatype type, List<Long> shape) {
  public Port {
    shape = List.copyOf(shape);
  }

  /// A port whose shape stands as numbers: `of("input", FP64, -1, 28)`.
  public static Port of(String name, Datatype type, long... shape) {
    return new Port(name, type, java.util.Arrays.stream(shape).boxed().toList());
  }
}
