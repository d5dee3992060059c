package dev.orrery.artifact;

import dev.orrery.base.Digest;
import org.jspecify.annotations.Nullable;

/// What a folder lists.
///
/// @param path within the owner
/// @param size in bytes; null for a folder, as is the digest
public record Entry(String path, boolean isDir, @Nullable Long size, @Nullable Digest digest) {
  static Entry folder(String path) {
    return new Entry(path, true, null, null);
  }

  static Entry file(Artifact artifact) {
    return new Entry(artifact.path(), false, artifact.size(), artifact.digest());
  }

  /// The last segment of the path.
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
