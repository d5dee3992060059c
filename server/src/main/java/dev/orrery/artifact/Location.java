package dev.orrery.artifact;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.List;
import java.util.regex.Pattern;

/// Where MLflow's clients say that files lie, parsed: whose they are, and the path within.
///
/// A path such as `0/4f2.../artifacts/model/MLmodel` or `0/models/m-7a1.../artifacts/MLmodel`, also
/// behind further folders, as experiments may choose their own location. Any other path belongs to
/// nobody in particular.
///
/// @param path empty for the top of the owner
public record Location(String owner, String path) {
  private static final String SCHEME = "mlflow-artifacts:";
  private static final Pattern RUN = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern MODEL = Pattern.compile("m-[0-9a-f]{32}");

  /// @param path as it stands behind `/mlflow-artifacts/artifacts/`, decoded; empty for the top
  /// @throws Problem BAD_ARTIFACT_PATH
  public static Location of(String path) {
    if (path.isEmpty()) return new Location(Artifacts.SHARED, "");
    List<String> segments = List.of(new SafePath(path).text().split("/", -1));
    for (int i = 1; i < segments.size(); i++) {
      if (!segments.get(i).equals("artifacts")) continue;
      String id = segments.get(i - 1);
      String rest = String.join("/", segments.subList(i + 1, segments.size()));
      if (RUN.matcher(id).matches()) return new Location("run/" + id, rest);
      boolean inModels = i >= 2 && segments.get(i - 2).equals("models");
      if (inModels && MODEL.matcher(id).matches()) return new Location("model/" + id, rest);
    }
    return new Location(Artifacts.SHARED, path);
  }

  /// @param uri such as `mlflow-artifacts:/0/4f2.../artifacts/model`
  /// @throws Problem FOREIGN_LOCATION if it lies elsewhere
  public static Location ofUri(String uri) {
    if (!uri.startsWith(SCHEME)) {
      throw new Problem(
          Fault.FOREIGN_LOCATION,
          "the artifacts lie at '%s'".formatted(Texts.shown(uri)),
          "Read them there; this server has what lies at " + SCHEME + "/");
    }
    String rest = uri.substring(SCHEME.length());
    if (rest.startsWith("//")) {
      int slash = rest.indexOf('/', 2);
      rest = slash < 0 ? "" : rest.substring(slash);
    }
    return of(rest.startsWith("/") ? rest.substring(1) : rest);
  }

  /// A place below this one.
  ///
  /// @param more empty for this one
  public Location at(String more) {
    if (more.isEmpty()) return this;
    return new Location(owner, path.isEmpty() ? more : path + "/" + more);
  }
}
