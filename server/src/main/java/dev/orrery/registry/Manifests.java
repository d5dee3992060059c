package dev.orrery.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.artifact.Artifact;
import dev.orrery.artifact.Artifacts;
import dev.orrery.artifact.Location;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// The signed manifests of versions: every file with its digest and size, what led to them, and the
/// environment they came from.
///
/// A manifest is made and signed when a version is registered, and held against the store before a
/// version comes to Production and when it is loaded.
final class Manifests {
  private static final int FILES_MAX = 20_000;

  private final Artifacts artifacts;
  private final Signer signer;

  Manifests(Artifacts artifacts, Signer signer) {
    this.artifacts = artifacts;
    this.signer = signer;
  }

  /// A file of a version.
  record FileEntry(String path, String sha256, long size) {}

  /// A manifest as it is stored.
  ///
  /// @param body the canonical JSON that is signed
  record Stored(
      Digest digest,
      String body,
      long files,
      long bytes,
      String keyId,
      String signature,
      Instant madeAt) {}

  /// Makes and keeps the manifest of a version whose files are kept here; else there is none.
  Optional<Stored> make(
      Tx tx,
      RegisteredVersion version,
      SequencedMap<String, List<String>> lineage,
      Map<String, String> environment) {
    List<FileEntry> files = files(tx, version);
    if (files.isEmpty()) return Optional.empty();
    if (files.size() > FILES_MAX) {
      throw new Problem(
          Fault.BAD_SOURCE,
          "a version of '%s' has %,d files".formatted(Texts.shown(version.model()), files.size()),
          "Register a folder of at most %,d".formatted(FILES_MAX));
    }
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("type", "orrery-model-manifest/1");
    body.put("model", version.model()).put("version", version.version());
    body.put("semver", version.semver().toString());
    body.put("registered_at", version.createdAt().toString()).put("registered_by", version.who());
    var list = body.putArray("files");
    long bytes = 0;
    for (FileEntry file : files) {
      list.addObject()
          .put("path", file.path())
          .put("sha256", file.sha256())
          .put("size", file.size());
      bytes += file.size();
    }
    body.set("lineage", Json.MAPPER.valueToTree(lineage));
    body.set("environment", Json.MAPPER.valueToTree(environment));
    String text = Json.text(body);
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    var stored =
        new Stored(
            Digest.of(content),
            text,
            files.size(),
            bytes,
            signer.keyId(),
            signer.sign(content),
            version.createdAt());
    tx.update(
        """
        insert into model_manifest
          (model, version, digest, body, files, bytes, key_id, signature, made_at)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        version.model(),
        version.version(),
        stored.digest(),
        stored.body(),
        stored.files(),
        stored.bytes(),
        stored.keyId(),
        stored.signature(),
        stored.madeAt());
    return Optional.of(stored);
  }

  static Optional<Stored> find(Tx tx, String model, long version) {
    return tx.first(
        """
        select digest, body, files, bytes, key_id, signature, made_at from model_manifest
        where model = ? and version = ?
        """,
        Manifests::stored,
        model,
        version);
  }

  /// Gives every manifest, which names its files' blobs.
  static void bodies(Tx tx, Consumer<String> each) {
    tx.query(
        "select body from model_manifest",
        row -> {
          each.accept(row.text("body"));
          return true;
        });
  }

  private static Stored stored(Row row) {
    return new Stored(
        new Digest(row.text("digest")),
        row.text("body"),
        row.whole("files"),
        row.whole("bytes"),
        row.text("key_id"),
        row.text("signature"),
        row.instant("made_at"));
  }

  /// The files of a version, sorted by their path from its top; empty if they are kept elsewhere.
  List<FileEntry> files(Tx tx, RegisteredVersion version) {
    return artifactsOf(tx, version).stream()
        .map(file ->
            new FileEntry(file.path(), file.artifact().digest().hex(), file.artifact().size()))
        .toList();
  }

  /// @param path from the version's top
  private record Placed(String path, Artifact artifact) {}

  private List<Placed> artifactsOf(Tx tx, RegisteredVersion version) {
    Location at = Evidence.location(version.storage()).orElse(null);
    if (at == null) return List.of();
    String top = at.path().isEmpty() ? "" : at.path() + "/";
    List<Placed> placed = new ArrayList<>();
    for (Artifact artifact : artifacts.all(tx, at.owner())) {
      if (artifact.path().equals(at.path())) {
        String name = artifact.path().substring(artifact.path().lastIndexOf('/') + 1);
        placed.add(new Placed(name, artifact));
      } else if (artifact.path().startsWith(top)) {
        placed.add(new Placed(artifact.path().substring(top.length()), artifact));
      }
    }
    placed.sort(Comparator.comparing(Placed::path));
    return placed;
  }

  /// Looks whether the manifest is the one that was signed, and whether the store has those files
  /// and no others under their names. The bytes are not read.
  ///
  /// @throws Problem MANIFEST_BROKEN that says what differs
  void check(Tx tx, RegisteredVersion version) {
    Optional<Stored> stored = find(tx, version.model(), version.version());
    if (stored.isEmpty()) return;
    List<String> wrong = wrong(tx, version, stored.get());
    if (!wrong.isEmpty()) throw broken(version, wrong);
  }

  private List<String> wrong(Tx tx, RegisteredVersion version, Stored stored) {
    List<String> wrong = new ArrayList<>();
    byte[] content = stored.body().getBytes(StandardCharsets.UTF_8);
    if (!Digest.of(content).equals(stored.digest())) wrong.add("its manifest was changed");
    if (!signer.isSigned(content, stored.signature())) {
      wrong.add(
          stored.keyId().equals(signer.keyId())
              ? "its signature is not of its manifest"
              : "it was signed by another key, %s".formatted(stored.keyId()));
    }
    JsonNode body = Json.tree(content);
    // The name is not looked at: a model may be renamed.
    if (!body.path("semver").asText().equals(version.semver().toString())
        || body.path("version").asLong() != version.version()) {
      wrong.add("its manifest is of another version");
    }
    Map<String, FileEntry> present = new java.util.TreeMap<>();
    files(tx, version).forEach(file -> present.put(file.path(), file));
    for (JsonNode file : body.path("files")) {
      String path = file.path("path").asText();
      FileEntry found = present.remove(path);
      if (found == null) wrong.add("'%s' is gone".formatted(Texts.shown(path)));
      else if (!found.sha256().equals(file.path("sha256").asText())
          || found.size() != file.path("size").asLong()) {
        wrong.add("'%s' was replaced".formatted(Texts.shown(path)));
      }
    }
    present.keySet().forEach(path -> wrong.add("'%s' was added".formatted(Texts.shown(path))));
    return wrong;
  }

  /// What a whole check finds.
  ///
  /// @param wrong empty if all is as it was signed
  record Report(
      String model,
      long version,
      String semver,
      boolean signed,
      String digest,
      String keyId,
      String publicKey,
      long files,
      long bytes,
      List<String> wrong) {}

  /// The same as [#check], and reads every byte of every file.
  Report verify(Tx tx, RegisteredVersion version) {
    Optional<Stored> found = find(tx, version.model(), version.version());
    if (found.isEmpty()) {
      return new Report(
          version.model(),
          version.version(),
          version.semver().toString(),
          false,
          "",
          "",
          "",
          0,
          0,
          List.of("its files are not kept here, so it has no manifest"));
    }
    Stored stored = found.get();
    List<String> wrong = new ArrayList<>(wrong(tx, version, stored));
    for (Placed file : artifactsOf(tx, version)) {
      String read = read(file.artifact());
      if (!read.equals(file.artifact().digest().hex())) {
        wrong.add("the bytes of '%s' are damaged".formatted(Texts.shown(file.path())));
      }
    }
    return new Report(
        version.model(),
        version.version(),
        version.semver().toString(),
        true,
        stored.digest().hex(),
        stored.keyId(),
        signer.publicKey(),
        stored.files(),
        stored.bytes(),
        wrong);
  }

  private String read(Artifact artifact) {
    MessageDigest digest = Digest.sha256();
    try (InputStream in = artifacts.open(artifact)) {
      byte[] piece = new byte[1 << 16];
      for (int n = in.read(piece); n >= 0; n = in.read(piece)) digest.update(piece, 0, n);
    } catch (IOException | Problem _) {
      return "";
    }
    return Digest.finish(digest).hex();
  }

  String publicKey() {
    return signer.publicKey();
  }

  static Problem broken(RegisteredVersion version, List<String> wrong) {
    List<String> told = wrong.size() > 5 ? wrong.subList(0, 5) : wrong;
    return new Problem(
        Fault.MANIFEST_BROKEN,
        "version %d of '%s' is not what was registered: %s%s"
            .formatted(
                version.version(),
                Texts.shown(version.model()),
                String.join("; ", told),
                told.size() < wrong.size() ? "; and %d more".formatted(wrong.size() - 5) : ""),
        "Do not serve it; register a new version from the run that made it");
  }
}
