package dev.orrery.cli;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The languages in which commands speak.
enum Language {
  EN,
  KO;

  static Optional<Language> named(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "en" -> Optional.of(EN);
      case "ko" -> Optional.of(KO);
      default -> Optional.empty();
    };
  }

  /// The language of this environment: `ORRERY_LANG`, then the locale's, then English.
  static Language of(Map<String, String> environment) {
    for (String variable : new String[] {"ORRERY_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
      String value = environment.getOrDefault(variable, "");
      if (!value.isEmpty()) return value.startsWith("ko") ? KO : EN;
    }
    return EN;
  }

  /// What `ORRERY_LANG` asks for that is not spoken here, if it asks for such.
  static Optional<String> unspoken(Map<String, String> environment) {
    String value = environment.getOrDefault("ORRERY_LANG", "");
    boolean isKnown = value.isEmpty() || named(value.split("[_.-]", 2)[0]).isPresent();
    return isKnown ? Optional.empty() : Optional.of(value);
  }

  String file() {
    return "messages_" + name().toLowerCase(Locale.ROOT) + ".properties";
  }
}
