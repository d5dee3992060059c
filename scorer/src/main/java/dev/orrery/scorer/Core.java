package dev.orrery.scorer;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A model as read from a file: what its values are called, its margins, and their link.
///
/// @param features names of the values of a row; empty where the file has none
/// @param face what the file calls its input and outputs; null where it does not
record Core(List<String> features, Margins margins, Link link, @Nullable Face face) {
  Core(List<String> features, Margins margins, Link link) {
    this(features, margins, link, null);
  }
}
