package dev.orrery.inference;

import dev.orrery.web.Meters;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// `model_unseen_categories_total`: answered rows with a text that the model had not seen in
/// training, by model, version and feature.
public final class UnseenMeters {
  /// More versions than this, or features of one, are counted as `other`.
  private static final int VERSIONS_MAX = 50;

  private static final int FEATURES_MAX = 100;
  private static final String OTHER = "other";

  private record Served(String model, String version) {}

  private final Meters meters;
  private final Map<Served, Map<String, Meters.Count>> counts = new ConcurrentHashMap<>();

  public UnseenMeters(Meters meters) {
    this.meters = meters;
  }

  /// @param rows how many more; 0 shows the counter from its beginning, as rates need it
  public void add(String model, String version, String feature, int rows) {
    var asked = new Served(model, version);
    boolean fits = counts.containsKey(asked) || counts.size() < VERSIONS_MAX;
    Served served = fits ? asked : new Served(OTHER, OTHER);
    var features = counts.computeIfAbsent(served, _ -> new ConcurrentHashMap<>());
    boolean known = features.containsKey(feature) || features.size() < FEATURES_MAX;
    features
        .computeIfAbsent(
            known ? feature : OTHER,
            name ->
                meters.plainCounter(
                    "model.unseen.categories",
                    "Answered rows with a text that the model had not seen in training",
                    "model",
                    served.model(),
                    "version",
                    served.version(),
                    "feature",
                    name))
        .add(rows);
  }
}
