package dev.orrery.registry;

import dev.orrery.base.Semver;
import dev.orrery.lineage.Node;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A version of a registered model, whoever registered it.
///
/// @param version counts the model's versions from 1; a number is never used again
/// @param who registered it
/// @param source where its files are, as the caller said
/// @param storage where they are, resolved: never a `models:` URI
/// @param run the tracking run that made it, if the caller said so
/// @param loggedModel the logged model it is, `m-...`
/// @param reason why it has this semantic version
/// @param make what it was made of; null if nothing is known of that
public record RegisteredVersion(
    String model,
    long version,
    @Nullable String description,
    String who,
    String source,
    String storage,
    @Nullable String run,
    @Nullable String loggedModel,
    @Nullable String runLink,
    Stage stage,
    String status,
    @Nullable String statusMessage,
    Semver semver,
    String reason,
    @Nullable Make make,
    Instant createdAt,
    Instant updatedAt,
    SortedMap<String, String> tags,
    List<String> aliases) {
  static final String READY = "READY";

  public RegisteredVersion {
    tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
    aliases = List.copyOf(aliases);
  }

  /// `late-arrival@1.0.0`.
  public String id() {
    return model + "@" + semver;
  }

  public Node node() {
    return new Node("model", id());
  }

  RegisteredVersion with(SortedMap<String, String> tags, List<String> aliases) {
    return new RegisteredVersion(
        model,
        version,
        description,
        who,
        source,
        storage,
        run,
        loggedModel,
        runLink,
        stage,
        status,
        statusMessage,
        semver,
        reason,
        make,
        createdAt,
        updatedAt,
        tags,
        aliases);
  }
}
