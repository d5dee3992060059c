package dev.orrery.tracking;

import java.util.List;

/// Which experiments or runs a search looks at; named as MLflow names them.
enum View {
  ACTIVE_ONLY(List.of(Lifecycle.ACTIVE)),
  DELETED_ONLY(List.of(Lifecycle.DELETED)),
  ALL(List.of(Lifecycle.ACTIVE, Lifecycle.DELETED));

  private final List<Lifecycle> lifecycles;

  View(List<Lifecycle> lifecycles) {
    this.lifecycles = lifecycles;
  }

  /// The stages of life that are seen, as SQL lists them.
  String listed() {
    return String.join(", ", lifecycles.stream().map(l -> "'" + l.text() + "'").toList());
  }
}
