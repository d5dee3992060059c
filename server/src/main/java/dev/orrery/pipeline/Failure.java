package dev.orrery.pipeline;

import dev.orrery.base.Problem;

/// What went wrong, kept for people.
///
/// @param fault its number, such as `ORR-0400`
/// @param what is wrong
/// @param hint what to do about it
/// @param place the file, line and column where it stands; empty if it stands in no file
public record Failure(String fault, String what, String hint, String place) {
  static Failure of(Problem problem) {
    return new Failure(
        problem.fault().code(),
        problem.what(),
        problem.remedy(),
        problem.place().map(Object::toString).orElse(""));
  }
}
