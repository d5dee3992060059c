package dev.orrery.artifact;

import dev.orrery.base.Digest;
import java.time.Instant;

/// A file.
///
/// @param owner what it belongs to: `run/4f2...`
/// @param path its name within the owner: `reports/data_validation.html`
/// @param digest of the blob with its bytes
/// @param size in bytes
public record Artifact(String owner, String path, Digest digest, long size, Instant storedAt) {}
