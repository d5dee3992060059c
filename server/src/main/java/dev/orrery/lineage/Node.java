package dev.orrery.lineage;

/// One version of something.
///
/// @param kind `data`, `features`, `code`, `run`, `model`, `deployment`, `prediction`, ...
/// @param id what names it among its kind: `late-arrival@1.0.0`, a digest, a UUID
public record Node(String kind, String id) {
  @Override
  public String toString() {
    return kind + " " + id;
  }
}
