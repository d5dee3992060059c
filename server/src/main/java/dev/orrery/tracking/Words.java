package dev.orrery.tracking;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.regex.Pattern;

/// What may stand as a key or a value. It refuses, and never repairs.
final class Words {
  static final int KEY_MAX = 250;
  static final int PARAM_MAX = 6_000;
  static final int TAG_MAX = 8_000;
  static final int NAME_MAX = 500;

  private static final Pattern KEY = Pattern.compile("[/\\w.\\- :]+");

  private Words() {}

  /// @param noun what it is the key of: `parameter`, `metric`, `tag`
  static void checkKey(String noun, String key) {
    boolean fits = key.length() <= KEY_MAX && KEY.matcher(key).matches() && isPlain(key);
    if (!fits) {
      throw new Problem(
          Fault.BAD_KEY,
          "'%s' is not a name for a %s".formatted(Texts.shown(key), noun),
          "Use 1 to %d letters, digits, spaces and _ . - / :, without '..' or a '/' at an end"
              .formatted(KEY_MAX));
    }
  }

  static void checkValue(String noun, String key, String value, int max) {
    if (value.length() > max) {
      throw new Problem(
          Fault.VALUE_TOO_LONG,
          "the %s '%s' has a value of %,d characters"
              .formatted(noun, Texts.shown(key), value.length()),
          "Keep it to %,d, or store it as an artifact".formatted(max));
    }
  }

  static void checkName(String noun, String name) {
    if (name.isBlank() || name.length() > NAME_MAX) {
      throw new Problem(
          Fault.BAD_KEY,
          "'%s' is not a name for %s".formatted(Texts.shown(name), noun),
          "Use 1 to %d characters".formatted(NAME_MAX));
    }
  }

  /// Whether a key is its own normal form as a path.
  private static boolean isPlain(String key) {
    if (key.isBlank()) return false;
    for (String segment : key.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) return false;
    }
    return true;
  }
}
