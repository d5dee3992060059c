package dev.orrery.pipeline;

import dev.orrery.feature.FeatureSet;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// What scores depend on besides the model: recorded when one is trained, and held against the
/// process that is to serve it.
public final class Libraries {
  private Libraries() {}

  /// `java` (the major version), `lightgbm` (the trainer), `feature_code` (the version of the code
  /// that computes features).
  public static SortedMap<String, String> here() {
    var here = new TreeMap<String, String>();
    here.put("java", Integer.toString(Runtime.version().feature()));
    here.put("lightgbm", Surroundings.version(io.github.metarank.lightgbm4j.LGBMBooster.class));
    here.put("feature_code", Integer.toString(FeatureSet.CODE));
    return Collections.unmodifiableSortedMap(here);
  }

  /// The same as they stand in the tags of a run; what it did not record is absent.
  public static SortedMap<String, String> of(SortedMap<String, String> tags) {
    var then = new TreeMap<String, String>();
    String java = tags.getOrDefault(Surroundings.ENV + "java", "");
    if (java.matches("\\d+.*")) then.put("java", java.replaceFirst("^(\\d+).*$", "$1"));
    for (String name : new String[] {"lightgbm", "feature_code"}) {
      String version = tags.getOrDefault(Surroundings.ENV + name, "");
      if (!version.isEmpty()) then.put(name, version);
    }
    return then;
  }
}
