package dev.orrery.mlflow;

import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;

/// What may stand as a key or a value in MLflow's messages, with its words for what may not.
public final class KeyRules {
  public static final int KEY_MAX = 250;

  private static final Pattern CHARACTERS =
      Pattern.compile("[/\\w.\\- :]*", Pattern.UNICODE_CHARACTER_CLASS);

  private KeyRules() {}

  /// Refuses a key of other characters, or one that is not its own normal form as a path.
  ///
  /// @param path where it stands: `metrics[3].key`
  public static void check(String key, String path) {
    if (isPlain(key)) return;
    if (!CHARACTERS.matcher(key).matches()) {
      throw invalid(
          path,
          key,
          "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.),"
              + " spaces ( ), colon(:) and slashes (/)");
    }
    String normal = normal(key);
    boolean isOutside = normal.equals(".") || normal.startsWith("..") || normal.startsWith("/");
    if (isOutside || !normal.equals(key)) {
      throw invalid(
          path,
          key,
          "Names may be treated as files in certain cases, and must not resolve to other names"
              + " when treated as such. This name would resolve to '%s'"
                  .formatted(Texts.shown(normal)));
    }
  }

  /// Refuses a key that [#check] would, or one of more than 250 characters.
  ///
  /// @param noun how MLflow calls it in its message: `Param key`
  public static void check(String key, String path, String noun) {
    check(key, path);
    checkLength(key, KEY_MAX, noun);
  }

  public static void checkLength(String text, int max, String noun) {
    if (text.length() > max) {
      throw new Problem(
          Fault.BAD_MESSAGE,
          "'%s' exceeds the maximum length of %d characters".formatted(noun, max),
          "It has %,d".formatted(text.length()));
    }
  }

  /// The beginning of a text that is too long, never half a character.
  public static String truncated(String text, int max) {
    if (text.length() <= max) return text;
    int end = Character.isHighSurrogate(text.charAt(max - 1)) ? max - 1 : max;
    return text.substring(0, end);
  }

  public static Problem invalid(String path, String value, String why) {
    return new Problem(
        Fault.BAD_MESSAGE,
        "Invalid value %s for parameter '%s' supplied: %s"
            .formatted(Json.text(Texts.shown(value)), path, why),
        "See the API docs for more information about request parameters");
  }

  /// Whether a key is of letters, digits and the like alone: nearly every one is.
  private static boolean isPlain(String key) {
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      boolean plain =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      if (!plain) return false;
    }
    return !key.isEmpty();
  }

  /// As POSIX normalises a path.
  private static String normal(String path) {
    int slashes =
        path.startsWith("//") && !path.startsWith("///") ? 2 : path.startsWith("/") ? 1 : 0;
    Deque<String> steps = new ArrayDeque<>();
    for (String step : path.split("/")) {
      if (step.isEmpty() || step.equals(".")) continue;
      boolean climbs = step.equals("..");
      if (climbs && !steps.isEmpty() && !steps.getLast().equals("..")) steps.removeLast();
      else if (!climbs || slashes == 0) steps.add(step);
    }
    String normal = "/".repeat(slashes) + String.join("/", steps);
    return normal.isEmpty() ? "." : normal;
  }
}
