package dev.orrery.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The files of runs and of models, up and down, without Python.
///
/// A run is named by its id, a logged model by its own (`m-...`). A large file goes up in parts,
/// each of which is tried again by itself; a download that breaks goes on where it was.
public final class Artifacts {
  private static final String PROXY = "/api/2.0/mlflow-artifacts/artifacts";
  private static final String SCHEME = "mlflow-artifacts:/";

  private final Http http;
  private final Runs runs;
  private final Parts parts;
  private final Fetch fetch;

  Artifacts(Http http, Runs runs) {
    this.http = http;
    this.runs = runs;
    this.parts = new Parts(http);
    this.fetch = new Fetch(http);
  }

  /// Stores a file at a path such as `plots/roc.png`.
  public void upload(String owner, String path, Path file) {
    uploadTo(root(owner), path, file);
  }

  /// Stores bytes at a path.
  public void upload(String owner, String path, byte[] bytes) {
    http.put(
        PROXY + Http.path(root(owner) + "/" + path),
        () -> BodyPublishers.ofByteArray(bytes),
        Map.of("Content-Type", "application/octet-stream"));
  }

  /// Stores all files below a folder of this machine in a folder of the run; "" is its root.
  public void uploadFolder(String owner, String folder, Path from) {
    String root = root(owner);
    try (Stream<Path> found = Files.walk(from)) {
      for (Path file : found.filter(Files::isRegularFile).sorted().toList()) {
        String name = from.relativize(file).toString().replace('\\', '/');
        uploadTo(root, folder.isEmpty() ? name : folder + "/" + name, file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + from, e);
    }
  }

  /// What is directly in a folder; "" is the root. Nothing for a folder that is not there.
  public List<FileInfo> list(String owner, String folder) {
    return listAt(root(owner), folder);
  }

  /// All files below a folder.
  public List<FileInfo> tree(String owner, String folder) {
    return treeAt(root(owner), folder);
  }

  /// Brings a file here, whole or not at all.
  ///
  /// @return the target
  public Path download(String owner, String path, Path target) {
    fetch.to(PROXY + Http.path(root(owner) + "/" + path), target);
    return target;
  }

  /// Brings all files below a folder into a folder of this machine.
  public Path downloadFolder(String owner, String folder, Path target) {
    return downloadTree(root(owner), folder, target);
  }

  /// Opens a file to be read; close it. Nothing is tried again once it is open.
  public InputStream open(String owner, String path) {
    return http.open(PROXY + Http.path(root(owner) + "/" + path), 0).body();
  }

  /// Removes a file, or a folder with all below it.
  public void delete(String owner, String path) {
    http.call("DELETE", PROXY + Http.path(root(owner) + "/" + path), null);
  }

  /// Brings the tree at an address such as `mlflow-artifacts:/1/models/m-.../artifacts` here.
  Path downloadUri(String uri, Path target) {
    return downloadTree(place(uri), "", target);
  }

  private Path downloadTree(String root, String folder, Path target) {
    for (FileInfo file : treeAt(root, folder)) {
      String below = folder.isEmpty() ? file.path() : file.path().substring(folder.length() + 1);
      Path to = target.resolve(below).normalize();
      // The server names the files: none of them may lie outside.
      if (!to.startsWith(target.normalize())) {
        throw new OrreryException(
            0, "INVALID_PATH", "'" + file.path() + "' leads out of " + target);
      }
      fetch.to(PROXY + Http.path(root + "/" + file.path()), to);
    }
    return target;
  }

  private void uploadTo(String root, String path, Path file) {
    try {
      long size = Files.size(file);
      String at = Http.path(root + "/" + path);
      String folder = at.substring(0, at.lastIndexOf('/'));
      if (size >= Parts.FROM_BYTES && parts.upload(folder, path, file, size)) return;
      http.put(
          PROXY + at,
          () -> Slice.of(file, 0, size),
          Map.of("Content-Type", "application/octet-stream"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private List<FileInfo> listAt(String root, String folder) {
    String path = folder.isEmpty() ? root : root + "/" + folder;
    String answer = http.call("GET", PROXY + Http.query(Map.of("path", path)), null);
    return Fields.of(answer).list("files", file -> FileInfo.of(file, folder));
  }

  private List<FileInfo> treeAt(String root, String folder) {
    List<FileInfo> files = new ArrayList<>();
    Deque<String> folders = new ArrayDeque<>(List.of(folder));
    while (!folders.isEmpty()) {
      for (FileInfo one : listAt(root, folders.pop())) {
        if (one.isFolder()) {
          folders.add(one.path());
        } else {
          files.add(one);
        }
      }
    }
    return files;
  }

  /// Where the server keeps the files of a run or a logged model: a path of its proxy.
  private String root(String owner) {
    if (!owner.startsWith("m-")) return place(runs.get(owner).artifactUri());
    Fields answer = http.get("/logged-models/" + owner, Map.of());
    return place(answer.object("model").object("info").text("artifact_uri"));
  }

  private static String place(String uri) {
    if (!uri.startsWith(SCHEME) || uri.startsWith(SCHEME + "/")) {
      throw new OrreryException(
          0,
          "UNSUPPORTED",
          "the files are at '%s', which is not behind this server. Read them with the tools of that store"
              .formatted(uri));
    }
    return uri.substring(SCHEME.length());
  }

  /// The file behind an answer with all its headers.
  static long length(HttpResponse<?> answer) {
    return answer.headers().firstValueAsLong("Content-Length").orElse(-1);
  }
}
