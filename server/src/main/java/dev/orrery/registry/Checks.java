package dev.orrery.registry;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What names, tags and aliases may be, in the words that MLflow's clients know.
final class Checks {
  private static final int NAME_MAX = 256;
  private static final int KEY_MAX = 250;
  private static final int VALUE_MAX = 100_000;
  private static final int ALIAS_MAX = 255;
  private static final int DESCRIPTION_MAX = 100_000;
  private static final Pattern KEY =
      Pattern.compile("[/\\w.\\- :]*", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern ALIAS = Pattern.compile("[\\w\\-]*");
  private static final Pattern VERSION_ALIAS = Pattern.compile("[vV]\\d+");

  private Checks() {}

  static void name(String name) {
    if (name.isBlank()) {
      throw bad("Registered model name cannot be empty", "Give the model a name");
    }
    if (name.length() > NAME_MAX
        || name.contains("/")
        || name.contains(":")
        || name.chars().anyMatch(Character::isISOControl)) {
      throw bad(
          "Invalid registered model name: '%s'".formatted(Texts.shown(name)),
          "Use at most %d characters, none of them '/', ':' or a control character"
              .formatted(NAME_MAX));
    }
  }

  static void tag(String key, String value) {
    key(key);
    if (value.length() > VALUE_MAX) {
      throw bad(
          "'value' exceeds the maximum length of %d characters".formatted(VALUE_MAX),
          "Store long texts as artifacts");
    }
  }

  static void key(String key) {
    if (key.isEmpty()) throw bad("Tag name cannot be empty", "Give the tag a name");
    if (key.length() > KEY_MAX) {
      throw bad(
          "'key' exceeds the maximum length of %d characters".formatted(KEY_MAX), "Shorten it");
    }
    if (!KEY.matcher(key).matches()) {
      throw bad(
          "Invalid value \"%s\" for parameter 'key' supplied: Names may only contain"
                  .formatted(Texts.shown(key))
              + " alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colons(:)"
              + " and slashes (/)",
          "Rename the tag");
    }
    if (isNoPath(key)) {
      throw bad(
          "Invalid value \"%s\" for parameter 'key' supplied: Names must be unique paths when"
                  .formatted(Texts.shown(key))
              + " normalised",
          "Rename the tag");
    }
  }

  private static boolean isNoPath(String key) {
    if (key.startsWith("/") || key.endsWith("/")) return true;
    for (String segment : key.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) return true;
    }
    return false;
  }

  static void alias(String alias) {
    if (alias.isEmpty()) {
      throw badAlias("Registered model alias name cannot be empty", "Give the alias a name");
    }
    if (!ALIAS.matcher(alias).matches()) {
      throw badAlias(
          "Invalid alias name: '%s'".formatted(Texts.shown(alias)),
          "Names may only contain alphanumerics, underscores (_), and dashes (-)");
    }
    if (alias.length() > ALIAS_MAX) {
      throw badAlias(
          "Registered model alias name exceeds the maximum length of %d characters"
              .formatted(ALIAS_MAX),
          "Shorten it");
    }
    if (alias.toLowerCase(Locale.ROOT).equals("latest")) {
      throw badAlias("'latest' alias name (case insensitive) is reserved", "Choose another name");
    }
    if (VERSION_ALIAS.matcher(alias).matches()) {
      throw badAlias("Version alias name '%s' is reserved".formatted(alias), "Choose another name");
    }
  }

  static void description(@Nullable String text) {
    if (text != null && text.length() > DESCRIPTION_MAX) {
      throw bad(
          "a description has more than %,d characters".formatted(DESCRIPTION_MAX), "Shorten it");
    }
  }

  /// The number of a version.
  static long version(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw bad(
              "Parameter 'version' must be an integer, got '%s'".formatted(Texts.shown(text)),
              "Give the number of a version")
          .because(e);
    }
  }

  static Problem bad(String what, String remedy) {
    return new Problem(Fault.BAD_MODEL, what, remedy);
  }

  private static Problem badAlias(String what, String remedy) {
    return new Problem(Fault.BAD_ALIAS, what, remedy);
  }
}
