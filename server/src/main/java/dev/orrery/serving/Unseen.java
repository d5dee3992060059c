package dev.orrery.serving;

import dev.orrery.base.Semver;
import dev.orrery.engine.Table;
import dev.orrery.model.Encoding;
import dev.orrery.model.ModelPackage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Counts the texts in answered rows that a version had not seen in training. They are scored in
/// the bucket that rare ones share; nobody would notice otherwise.
final class Unseen {
  private record Feature(String name, Encoding.Category category) {}

  private final String version;
  private final List<Feature> features;

  /// The meters that show every feature by now, be it with 0.
  private volatile ServingMeters shown = ServingMeters.NONE;

  private Unseen(String version, List<Feature> features) {
    this.version = version;
    this.features = features;
  }

  static Unseen of(Semver version, ModelPackage model) {
    var features = new ArrayList<Feature>();
    for (int i = 0; i < model.signature().size(); i++) {
      if (model.preprocessor().encodings().get(i) instanceof Encoding.Category category
          && category.tellsUnseen()) {
        features.add(new Feature(model.signature().inputs().get(i).name(), category));
      }
    }
    return new Unseen(version.toString(), List.copyOf(features));
  }

  /// @param rows that the version has scored
  void count(Table rows, ServingMeters meters) {
    if (features.isEmpty()) return;
    boolean fresh = shown != meters;
    if (fresh) shown = meters;
    for (Feature feature : features) {
      @Nullable String[] texts = rows.strings(feature.name());
      int unseen = 0;
      for (String text : texts) if (feature.category().isUnseen(text)) unseen++;
      if (unseen > 0 || fresh) meters.unseen(version, feature.name(), unseen);
    }
  }
}
