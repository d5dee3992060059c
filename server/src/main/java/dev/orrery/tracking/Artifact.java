package dev.orrery.tracking;

import dev.orrery.base.Digest;
import java.time.Instant;

/// A file that a run left.
///
/// @param path its name within the run: `reports/data_validation.html`
/// @param digest of the blob with its bytes
/// @param size in bytes
public record Artifact(String path, Digest digest, long size, Instant storedAt) {
  static Artifact of(dev.orrery.artifact.Artifact file) {
    return new Artifact(file.path(), file.digest(), file.size(), file.storedAt());
  }
}
