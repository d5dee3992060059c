package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Table;

/// A feature column that a model takes: numbers, or texts of some categories.
public record Input(String name, Table.Type type) {
  public Input {
    if (type == Table.Type.TIME) {
      throw new Problem(
          Fault.FEATURE_TYPE,
          "feature '%s' is a time, and models take numbers and texts".formatted(Texts.shown(name)),
          "Declare numbers made of it, such as hour(...), and leave the time out");
    }
  }
}
