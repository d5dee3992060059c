package dev.orrery.tracking;

import java.util.Locale;

/// Whether something is in use, or was deleted softly and can be restored.
public enum Lifecycle {
  ACTIVE,
  DELETED;

  /// As it is stored and told: `active`.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Lifecycle of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
