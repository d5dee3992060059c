package dev.orrery.base;

import java.nio.file.Path;

/// A place in a text file: the file, and a line and column that both count from 1.
///
/// @param length how many characters of the line are meant, at least 1
public record Place(Path file, int line, int column, int length) {
  public Place {
    length = Math.max(length, 1);
  }

  @Override
  public String toString() {
    return "%s:%d:%d".formatted(file, line, column);
  }
}
