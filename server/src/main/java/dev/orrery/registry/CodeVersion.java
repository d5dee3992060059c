package dev.orrery.registry;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.treewalk.filter.PathFilter;

/// Which code a model was made by.
///
/// In a Git repository it is the commit that is checked out, with `-dirty` behind it if a
/// definition of the project is not in it as it stands, or another file of the project's folder has
/// changed since; files over 1 MB are data, which have versions of their own. Elsewhere it is
/// `src-` and the beginning of a digest over the definitions.
public final class CodeVersion {
  private static final String DIRTY = "-dirty";
  private static final long SOURCE_BYTES_MAX = 1_000_000;

  private CodeVersion() {}

  /// @param folder the project's
  /// @param definitions the digest of each definition, by its path from the folder
  public static String of(Path folder, SortedMap<String, Digest> definitions) {
    QuietGit.install();
    Path home = folder.toAbsolutePath().normalize();
    var builder = new FileRepositoryBuilder().findGitDir(home.toFile());
    if (builder.getGitDir() == null) return ofSources(definitions);
    try (Repository repository = builder.build()) {
      ObjectId head = repository.resolve(Constants.HEAD);
      if (head == null || repository.isBare()) return ofSources(definitions);
      String prefix = prefix(repository.getWorkTree(), home);
      SortedMap<String, ObjectId> committed = committed(repository, head, prefix);
      boolean clean =
          committed.keySet().containsAll(definitions.keySet()) && unchanged(home, committed);
      return head.name() + (clean ? "" : DIRTY);
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  /// The digest of what the folder has otherwise than its commit: every changed file with its
  /// bytes, and every definition that is not in it. Empty for a clean folder, and outside Git.
  public static Optional<Digest> changes(Path folder, SortedMap<String, Digest> definitions) {
    QuietGit.install();
    Path home = folder.toAbsolutePath().normalize();
    var builder = new FileRepositoryBuilder().findGitDir(home.toFile());
    if (builder.getGitDir() == null) return Optional.empty();
    try (Repository repository = builder.build()) {
      ObjectId head = repository.resolve(Constants.HEAD);
      if (head == null || repository.isBare()) return Optional.empty();
      SortedMap<String, ObjectId> committed =
          committed(repository, head, prefix(repository.getWorkTree(), home));
      SortedMap<String, String> changed = new TreeMap<>();
      for (var file : committed.entrySet()) {
        if (unchanged(home, Map.of(file.getKey(), file.getValue()))) continue;
        Path path = home.resolve(file.getKey());
        boolean isFile = Files.isRegularFile(path) && Files.size(path) <= 2 * SOURCE_BYTES_MAX;
        changed.put(
            file.getKey(), isFile ? Digest.of(Files.readAllBytes(path)).hex() : "gone or large");
      }
      definitions.forEach((path, digest) -> {
        if (!committed.containsKey(path)) changed.put(path, digest.hex());
      });
      if (changed.isEmpty()) return Optional.empty();
      return Optional.of(Digest.of(changed.toString()));
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  private static Problem unreadable(Path folder, IOException e) {
    return new Problem(
            Fault.CODE_UNREADABLE,
            "the Git repository of %s cannot be read: %s".formatted(folder, e.getMessage()),
            "Mend it ('git fsck'), or move the project out of it")
        .because(e);
  }

  private static String ofSources(SortedMap<String, Digest> definitions) {
    MessageDigest hash = Digest.sha256();
    definitions.forEach((path, digest) ->
        hash.update((path + "\n" + digest + "\n").getBytes(StandardCharsets.UTF_8)));
    return "src-" + Digest.finish(hash).brief();
  }

  /// The folder's path from the top of the repository, as Git writes it.
  private static String prefix(File workTree, Path home) throws IOException {
    Path top = workTree.toPath().toRealPath();
    return top.relativize(home.toRealPath()).toString().replace(File.separatorChar, '/');
  }

  /// The small files that the commit has in the folder, by their path from it.
  private static SortedMap<String, ObjectId> committed(
      Repository repository, ObjectId head, String prefix) throws IOException {
    var files = new TreeMap<String, ObjectId>();
    try (var revisions = new RevWalk(repository);
        var tree = new TreeWalk(repository)) {
      tree.addTree(revisions.parseCommit(head).getTree());
      tree.setRecursive(true);
      if (!prefix.isEmpty()) tree.setFilter(PathFilter.create(prefix));
      while (tree.next()) {
        boolean isFile =
            FileMode.REGULAR_FILE.equals(tree.getRawMode(0))
                || FileMode.EXECUTABLE_FILE.equals(tree.getRawMode(0));
        if (!isFile) continue;
        ObjectId id = tree.getObjectId(0);
        long size = tree.getObjectReader().getObjectSize(id, Constants.OBJ_BLOB);
        if (size > SOURCE_BYTES_MAX) continue;
        String path = tree.getPathString();
        files.put(prefix.isEmpty() ? path : path.substring(prefix.length() + 1), id);
      }
    }
    return files;
  }

  private static boolean unchanged(Path home, Map<String, ObjectId> committed) throws IOException {
    try (var hasher = new ObjectInserter.Formatter()) {
      for (var file : committed.entrySet()) {
        Path path = home.resolve(file.getKey());
        if (!Files.isRegularFile(path) || Files.size(path) > 2 * SOURCE_BYTES_MAX) return false;
        byte[] bytes = Files.readAllBytes(path);
        boolean same = hasher.idFor(Constants.OBJ_BLOB, bytes).equals(file.getValue());
        // A checkout may have turned the ends of lines.
        if (!same && !hasher.idFor(Constants.OBJ_BLOB, unix(bytes)).equals(file.getValue())) {
          return false;
        }
      }
      return true;
    }
  }

  private static byte[] unix(byte[] bytes) {
    byte[] kept = new byte[bytes.length];
    int count = 0;
    for (int i = 0; i < bytes.length; i++) {
      boolean ofTwo = bytes[i] == '\r' && i + 1 < bytes.length && bytes[i + 1] == '\n';
      if (!ofTwo) kept[count++] = bytes[i];
    }
    return java.util.Arrays.copyOf(kept, count);
  }
}
