package dev.orrery.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.MissingResourceException;
import java.util.PropertyResourceBundle;
import java.util.ResourceBundle;

/// The commands' own texts in one language.
final class Messages {
  private final ResourceBundle bundle;

  private Messages(ResourceBundle bundle) {
    this.bundle = bundle;
  }

  static Messages in(Language language) {
    try (InputStream in = Messages.class.getResourceAsStream(language.file())) {
      if (in == null) throw new IllegalStateException("no " + language.file());
      return new Messages(
          new PropertyResourceBundle(new InputStreamReader(in, StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ResourceBundle bundle() {
    return bundle;
  }

  /// The text of a key, with the values in place of its `%s`.
  String text(String key, Object... values) {
    try {
      String text = bundle.getString(key);
      return values.length == 0 ? text : text.formatted(values);
    } catch (MissingResourceException e) {
      throw new IllegalStateException("no text for " + key, e);
    }
  }
}
