package dev.orrery.artifact;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// A path of a file within its owner: `reports/data.html`. What could mean anything else than a
/// plain relative name is refused, and never repaired.
///
/// @param text its segments, joined by `/`
public record SafePath(String text) {
  private static final int LENGTH_MAX = 1_024;
  private static final int SEGMENTS_MAX = 64;
  private static final int SEGMENT_BYTES_MAX = 255;

  /// What a second decoding would turn into a dot, a slash, a backslash, a NUL or another `%`.
  private static final Pattern ENCODED = Pattern.compile("(?i)%(2e|2f|5c|00|25|u|c0|c1|e0%80)");

  /// Controls, format characters (among them those that turn the direction of text), line and
  /// paragraph separators, unpaired surrogates, private use, and what ends a path in a URL.
  private static final Pattern HIDDEN =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}\\p{Co}\\p{Cn}\\\\#?]");

  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*");

  /// @throws Problem BAD_ARTIFACT_PATH
  public SafePath {
    if (text.length() > LENGTH_MAX) throw invalid(text, "it is too long");
    if (text.isEmpty()) throw invalid(text, "it is empty");
    if (HIDDEN.matcher(text).find()) {
      throw invalid(text, "it holds a character that may not stand there");
    }
    if (ENCODED.matcher(text).find()) throw invalid(text, "it is encoded twice");
    if (!Normalizer.isNormalized(text, Normalizer.Form.NFC)) {
      throw invalid(text, "it is not in Unicode's form NFC");
    }
    String[] segments = text.split("/", -1);
    if (segments.length > SEGMENTS_MAX) throw invalid(text, "it is too deep");
    if (SCHEME.matcher(segments[0]).matches()) {
      throw invalid(text, "it begins like a drive or a URL");
    }
    if (segments[0].startsWith("~")) throw invalid(text, "it begins with '~'");
    for (String segment : segments) check(text, segment);
  }

  private static void check(String text, String segment) {
    if (segment.isBlank()) throw invalid(text, "a segment of it is empty");
    // Dots that are dressed up, as "..;", ". ." or "..." mean a folder to some and a name to
    // others.
    if (segment.replaceAll("[. ;]", "").isEmpty()) {
      throw invalid(text, "a segment of it has nothing but dots");
    }
    if (segment.startsWith("..;") || segment.startsWith(".;")) {
      throw invalid(text, "a segment of it has nothing but dots");
    }
    if (segment.getBytes(StandardCharsets.UTF_8).length > SEGMENT_BYTES_MAX) {
      throw invalid(text, "a segment of it is too long");
    }
  }

  private static Problem invalid(String text, String why) {
    return new Problem(
        Fault.BAD_ARTIFACT_PATH,
        "Invalid path: '%s': %s".formatted(Texts.shown(text), why),
        "Give a relative path such as reports/data.json, without '..', '\\', '#' or '?'");
  }

  /// The last segment.
  public String name() {
    return text.substring(text.lastIndexOf('/') + 1);
  }

  /// The path without its last segment; empty at the top.
  String parent() {
    return parent(text);
  }

  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  /// The folders above, from the nearest to the topmost.
  List<String> folders() {
    List<String> folders = new ArrayList<>();
    for (String at = parent(); !at.isEmpty(); at = parent(at)) folders.add(at);
    return folders;
  }

  @Override
  public String toString() {
    return text;
  }
}
