package dev.orrery.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Digest;
import dev.orrery.base.Name;
import dev.orrery.base.Semver;
import dev.orrery.lineage.Node;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A registered version of a model, with the evidence of how it came to be.
///
/// @param number counts the model's versions from 1, in the order in which they were registered
/// @param parent the version it renewed; null for the first
/// @param blob with the bytes of the model's package
/// @param modelDigest of the package
/// @param dataVersion such as `flights@1.0.0`
/// @param featuresVersion such as `1.0.0`
/// @param codeVersion a commit, or `src-` and a digest
/// @param run the tracking run that made it
/// @param gates the results of the gates, a list
/// @param metrics on the validation rows
/// @param reasons why it was trained
/// @param stateReason why it stands as it does, if someone said so
public record ModelVersion(
    Name model,
    Semver version,
    long number,
    @Nullable Semver parent,
    Make make,
    Digest blob,
    Digest modelDigest,
    String dataVersion,
    String featuresVersion,
    String codeVersion,
    String run,
    JsonNode gates,
    SortedMap<String, Double> metrics,
    List<String> reasons,
    Instant createdAt,
    State state,
    @Nullable String stateReason) {
  /// How a version stands, wherever it may be deployed.
  public enum State {
    /// Fit to be deployed.
    REGISTERED,
    /// Found worse in service than what it was to replace.
    REJECTED,
    /// Out of use, and kept.
    ARCHIVED
  }

  public ModelVersion {
    metrics = Collections.unmodifiableSortedMap(new TreeMap<>(metrics));
    reasons = List.copyOf(reasons);
  }

  /// `late-arrival@1.0.0`.
  public String id() {
    return model + "@" + version;
  }

  public Node node() {
    return new Node("model", id());
  }

  ModelVersion with(State other, @Nullable String reason) {
    return new ModelVersion(
        model,
        version,
        number,
        parent,
        make,
        blob,
        modelDigest,
        dataVersion,
        featuresVersion,
        codeVersion,
        run,
        gates,
        metrics,
        reasons,
        createdAt,
        other,
        reason);
  }
}
