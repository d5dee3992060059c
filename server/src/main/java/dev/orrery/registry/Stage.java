package dev.orrery.registry;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;

/// How far a version has come. Any number of versions may stand in a stage, but one in Production.
public enum Stage {
  NONE("None"),
  STAGING("Staging"),
  PRODUCTION("Production"),
  ARCHIVED("Archived");

  private final String word;

  Stage(String word) {
    this.word = word;
  }

  /// As MLflow's clients write it: `None`, `Staging`, ...
  @JsonValue
  public String word() {
    return word;
  }

  /// Whether versions in it are in use.
  public boolean isActive() {
    return this == STAGING || this == PRODUCTION;
  }

  /// @param text in any case
  /// @throws Problem BAD_STAGE if it is none
  public static Stage of(String text) {
    for (Stage stage : values()) if (stage.word.equalsIgnoreCase(text)) return stage;
    throw new Problem(
        Fault.BAD_STAGE,
        "Invalid Model Version stage: %s. Value must be one of None, Staging, Production, Archived"
            .formatted(Texts.shown(text)),
        "Name one of these");
  }
}
