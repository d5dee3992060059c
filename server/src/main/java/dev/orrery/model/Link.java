package dev.orrery.model;

/// From a margin to a score. [StrictMath] makes it the same on every machine and in every mode of
/// the virtual machine.
final class Link {
  private Link() {}

  static double logistic(double margin) {
    return 1 / (1 + StrictMath.exp(-margin));
  }
}
