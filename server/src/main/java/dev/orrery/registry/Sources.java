package dev.orrery.registry;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.lineage.Node;
import dev.orrery.sql.Tx;
import dev.orrery.tracking.LoggedModel;
import dev.orrery.tracking.LoggedModels;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where a version's files are: what may be said of that, and where it leads.
///
/// A source is kept as text and never opened as a path or an address. A local path is refused
/// always: no client may point at the files of this machine.
final class Sources {
  private static final int LENGTH_MAX = 8_000;
  private static final int DECODED_MAX = 10;
  private static final Pattern SCHEME =
      Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*):.*", Pattern.DOTALL);
  private static final Pattern LOGGED = Pattern.compile("models:/(m-[0-9a-f]{32})/?");
  private static final Pattern REGISTERED =
      Pattern.compile("models:/(?<name>[^/@]+)(?:/(?<version>[^/@]+)|@(?<alias>[^/@]+))/?");

  /// A source with what it leads to.
  ///
  /// @param parent the version that is copied; null if none is
  record Resolved(
      String storage, @Nullable String run, @Nullable String loggedModel, @Nullable Node parent) {}

  private Sources() {}

  /// @param prompt whether a prompt is registered, whose source means nothing
  /// @throws Problem BAD_SOURCE if the source may not be one
  static Resolved resolve(
      Tx tx, Models models, LoggedModels logged, String source, boolean prompt, boolean byModel) {
    if (source.length() > LENGTH_MAX) throw bad(source, "It is too long", "Shorten it");
    if (prompt) return new Resolved(source, null, null, null);
    check(source, byModel);
    Matcher ofLogged = LOGGED.matcher(source);
    if (ofLogged.matches()) {
      String id = ofLogged.group(1);
      try {
        LoggedModel found = logged.get(tx, id);
        return new Resolved(found.artifactUri(), found.sourceRun(), id, null);
      } catch (Problem e) {
        throw unreachable(source, e.what()).because(e);
      }
    }
    Matcher ofVersion = REGISTERED.matcher(source);
    if (ofVersion.matches()) return ofVersion(tx, models, source, ofVersion);
    if (source.toLowerCase(Locale.ROOT).startsWith("models:")) {
      throw unreachable(source, "it names no logged model and no version");
    }
    return new Resolved(source, null, null, null);
  }

  private static Resolved ofVersion(Tx tx, Models models, String source, Matcher parts) {
    try {
      String alias = parts.group("alias");
      RegisteredVersion version =
          models.find(
              tx, parts.group("name"), alias == null ? parts.group("version") : "@" + alias);
      return new Resolved(version.storage(), version.run(), version.loggedModel(), version.node());
    } catch (Problem e) {
      throw unreachable(source, e.what()).because(e);
    }
  }

  private static void check(String source, boolean byModel) {
    String decoded = decoded(source);
    Matcher scheme = SCHEME.matcher(decoded);
    String named = scheme.matches() ? scheme.group(1).toLowerCase(Locale.ROOT) : "";
    if (named.isEmpty() || named.length() == 1 || named.equals("file") || named.equals("local")) {
      String by = byModel ? "model_id" : "run_id";
      throw bad(
          source,
          "To use a local path as a model version source, the %s request parameter has to be"
                  .formatted(by)
              + " specified and the local path has to be contained within the artifact directory of"
              + " the run specified by the "
              + by,
          "Log the files to the run, and register runs:/RUN/PATH");
    }
    if (named.equals("jar") || source.matches("(?i)(runs|mlflow-artifacts):/*")) {
      throw bad(source, "It names no files", "Log the files to a run, and register runs:/RUN/PATH");
    }
    boolean climbs = decoded.indexOf('\0') >= 0 || decoded.indexOf('\\') >= 0;
    for (String segment : decoded.split("[/?#;]", -1)) climbs |= segment.equals("..");
    if (climbs || decoded.chars().anyMatch(Character::isISOControl)) {
      throw bad(
          source,
          "If supplying a source as an http, https, local file path, ftp, objectstore, or"
              + " mlflow-artifacts uri, an absolute path must be provided without relative path"
              + " references present. Please provide an absolute path",
          "Name the files by a run: runs:/RUN/PATH");
    }
  }

  private static String decoded(String source) {
    String decoded = source;
    for (int i = 0; i < DECODED_MAX; i++) {
      String once;
      try {
        once = URLDecoder.decode(decoded, StandardCharsets.UTF_8);
      } catch (IllegalArgumentException _) {
        return decoded;
      }
      if (once.equals(decoded)) return decoded;
      decoded = once;
    }
    throw bad(source, "It is encoded too often", "Write it plainly");
  }

  private static Problem bad(String source, String why, String remedy) {
    return new Problem(
        Fault.BAD_SOURCE,
        "Invalid model version source: '%s'. %s".formatted(Texts.shown(source), why),
        remedy);
  }

  private static Problem unreachable(String source, String why) {
    return new Problem(
        Fault.BAD_SOURCE,
        "Unable to fetch model from model URI source artifact location '%s'. Error: %s"
            .formatted(Texts.shown(source), why),
        "Name a logged model, models:/m-..., or a version, models:/NAME/1");
  }
}
