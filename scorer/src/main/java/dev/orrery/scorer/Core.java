package dev.orrery.scorer;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A model as read from a file: what its values are called, its margins, and their link.
///
/// @param features names of the values of a row; empty where the file has none
/// @param face what the file calls its input and outputs; null where it does not
/// @param codes of texts, by the place of a value; [#NUMBER] where a value is a number
record Core(
    List<String> features,
    Margins margins,
    Link link,
    @Nullable Face face,
    List<Map<String, Integer>> codes) {
  /// Stands in [#codes] for a value that is no text.
  static final Map<String, Integer> NUMBER = Map.of();

  Core(List<String> features, Margins margins, Link link) {
    this(features, margins, link, null, List.of());
  }

  Core(List<String> features, Margins margins, Link link, @Nullable Face face) {
    this(features, margins, link, face, List.of());
  }

  Core withCodes(List<Map<String, Integer>> told) {
    return new Core(List.copyOf(features), margins, link, face, List.copyOf(told));
  }
}
