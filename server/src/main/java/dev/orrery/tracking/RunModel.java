package dev.orrery.tracking;

/// A logged model that a run took or made.
///
/// @param step how far the run was when it made it; 0 for one that it took
public record RunModel(String model, Role role, long step) {
  public enum Role {
    INPUT,
    OUTPUT
  }
}
