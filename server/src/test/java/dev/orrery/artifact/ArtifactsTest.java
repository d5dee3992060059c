package dev.orrery.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.VirtualClock;
import dev.orrery.blob.Blobs;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Databases.class)
class ArtifactsTest {
  private static final String RUN = "run/" + "0123456789abcdef".repeat(2);
  private static final Instant NOON = Instant.parse("2001-03-01T12:00:00Z");

  @Parameter Databases database = Databases.SQLITE;
  @TempDir Path folder;
  private Db db;
  private Blobs blobs;
  private Artifacts artifacts;
  private final VirtualClock clock = new VirtualClock(NOON);

  @BeforeEach
  void open() {
    db = database.fresh();
    blobs = Blobs.folder(folder.resolve("blobs"));
    artifacts = new Artifacts(db, blobs, clock, Owners.ANY);
  }

  @AfterEach
  void close() {
    db.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private List<String> names(String where) {
    return artifacts.list(RUN, where).stream()
        .map(entry -> entry.path() + (entry.isDir() ? "/" : ""))
        .toList();
  }

  @Test
  void a_folder_lists_its_files_and_folders_by_path() {
    for (String path : List.of("b/c/d.txt", "b/a.txt", "a.txt", "b/c/é 1.txt", "z")) {
      artifacts.put(RUN, path, bytes(path));
    }
    artifacts.put("run/other", "x", bytes("x"));
    assertThat(names("")).containsExactly("a.txt", "b/", "z");
    assertThat(names("b")).containsExactly("b/a.txt", "b/c/");
    assertThat(names("b/c")).containsExactly("b/c/d.txt", "b/c/é 1.txt");
    assertThat(names("nowhere")).isEmpty();
    assertThat(names("a.txt")).isEmpty();
    Artifact file = artifacts.get(RUN, "b/c/d.txt");
    assertThat(file.size()).isEqualTo(9);
    assertThat(file.digest()).isEqualTo(Digest.of("b/c/d.txt"));
    assertThat(artifacts.read(file)).asString().isEqualTo("b/c/d.txt");
    assertThat(artifacts.count(RUN)).isEqualTo(5);
  }

  @Test
  void a_file_is_replaced_at_once_and_the_same_bytes_are_stored_once() {
    artifacts.put(RUN, "a", bytes("one"));
    artifacts.put(RUN, "a", new ByteArrayInputStream(bytes("two")));
    artifacts.put(RUN, "b", bytes("two"));
    assertThat(artifacts.read(artifacts.get(RUN, "a"))).asString().isEqualTo("two");
    assertThat(artifacts.get(RUN, "a").digest()).isEqualTo(artifacts.get(RUN, "b").digest());
    assertThat(artifacts.count(RUN)).isEqualTo(2);
  }

  @Test
  void a_tree_goes_with_all_below_it_and_nothing_beside_it() {
    for (String path : List.of("ab/x", "a/x", "a/b/y", "a/b/c/z", "a.txt", "a_b/x", "a%/x")) {
      artifacts.put(RUN, path, bytes(path));
    }
    assertThat(artifacts.delete(RUN, "a/b")).isEqualTo(2);
    assertThat(names("a")).containsExactly("a/x");
    assertThat(artifacts.delete(RUN, "a")).isEqualTo(1);
    assertThat(names("")).containsExactly("a%/", "a.txt", "a_b/", "ab/");
    assertThat(artifacts.delete(RUN, "a")).isZero();
    assertThat(artifacts.delete(RUN, "a_b/x")).isEqualTo(1);
    assertThat(names("")).containsExactly("a%/", "a.txt", "ab/");
    assertThat(artifacts.deleteAll(RUN)).isEqualTo(3);
    assertThat(names("")).isEmpty();
  }

  @Test
  void nothing_is_a_file_and_a_folder() {
    artifacts.put(RUN, "a/b/c", bytes("x"));
    artifacts.put(RUN, "f", bytes("x"));
    for (String path : List.of("a", "a/b", "f/x", "f/x/y", "a/b/c/d")) {
      assertThat(fault(path)).as(path).isEqualTo(Fault.ARTIFACT_IN_THE_WAY);
    }
    assertThat(artifacts.count(RUN)).isEqualTo(2);
  }

  private Fault fault(String path) {
    return catchThrowableOfType(Problem.class, () -> artifacts.put(RUN, path, bytes("x"))).fault();
  }

  @Test
  void hostile_paths_are_refused_and_change_nothing() throws Exception {
    artifacts.put(RUN, "a/b", bytes("x"));
    List<String> hostile = HostilePaths.all();
    assertThat(hostile).hasSizeGreaterThan(150);
    long files = count();
    for (String path : hostile) {
      for (var what :
          List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
              () -> artifacts.put(RUN, path, bytes("evil")),
              () -> artifacts.find(RUN, path),
              () -> artifacts.delete(RUN, path))) {
        Problem problem = catchThrowableOfType(Problem.class, what);
        assertThat(problem).as("'%s'", path).isNotNull();
        assertThat(problem.fault()).as("'%s'", path).isEqualTo(Fault.BAD_ARTIFACT_PATH);
        assertThat(problem).hasMessageStartingWith("Invalid path");
      }
    }
    assertThat(count()).isEqualTo(files);
    assertThat(artifacts.count(RUN)).isEqualTo(1);
  }

  private long count() throws java.io.IOException {
    try (var all = Files.walk(folder)) {
      return all.count();
    }
  }

  @Test
  void locations_are_parsed_to_owners_wherever_the_experiment_keeps_them() {
    String id = RUN.substring("run/".length());
    assertThat(Location.of("0/" + id + "/artifacts/m/MLmodel"))
        .isEqualTo(new Location(RUN, "m/MLmodel"));
    assertThat(Location.of("my/own/place/" + id + "/artifacts")).isEqualTo(new Location(RUN, ""));
    assertThat(Location.ofUri("mlflow-artifacts:/0/models/m-" + id + "/artifacts/x"))
        .isEqualTo(new Location("model/m-" + id, "x"));
    assertThat(Location.ofUri("mlflow-artifacts://host:1/0/" + id + "/artifacts"))
        .isEqualTo(new Location(RUN, ""));
    assertThat(Location.of("0/" + id)).isEqualTo(new Location("shared", "0/" + id));
    assertThat(Location.of("0/m-" + id + "/artifacts/x").owner()).isEqualTo("shared");
    Problem elsewhere =
        catchThrowableOfType(Problem.class, () -> Location.ofUri("s3://bucket/0/x"));
    assertThat(elsewhere.fault()).isEqualTo(Fault.FOREIGN_LOCATION);
  }

  @Test
  void an_upload_goes_on_where_it_broke_off_also_in_another_process() {
    byte[] whole = new byte[3_000_000];
    new Random(11).nextBytes(whole);
    Uploads uploads = new Uploads(db, blobs, artifacts, clock);
    UUID id =
        uploads
            .begin(Upload.Kind.STREAM, RUN, new SafePath("m/big"), "me", (long) whole.length)
            .upload()
            .id();
    assertThat(append(uploads, id, whole, 0, 1_000_000)).isEqualTo(1_000_000);
    assertThat(names("")).isEmpty();
    Problem gap =
        catchThrowableOfType(Problem.class, () -> append(uploads, id, whole, 1_500_000, 10));
    assertThat(gap.fault()).isEqualTo(Fault.UPLOAD_OFFSET);
    Problem wrong =
        catchThrowableOfType(
            Problem.class,
            () ->
                uploads.append(
                    id,
                    1_000_000,
                    new ByteArrayInputStream(whole, 0, 9),
                    java.util.Optional.of(Digest.of("other"))));
    assertThat(wrong.fault()).isEqualTo(Fault.UPLOAD_DIGEST);

    // Another process: what was known of the sums is gone, the file and the row are not.
    Uploads later = new Uploads(db, Blobs.folder(folder.resolve("blobs")), artifacts, clock);
    later.sweep();
    assertThat(later.get(id).received()).isEqualTo(1_000_000);
    append(later, id, whole, 1_000_000, 2_000_000);
    Problem other =
        catchThrowableOfType(Problem.class, () -> later.complete(id, Digest.of("another file")));
    assertThat(other.fault()).isEqualTo(Fault.UPLOAD_DIGEST);
    Artifact made = later.complete(id, Digest.of(whole));
    assertThat(artifacts.read(made)).isEqualTo(whole);
    assertThat(later.complete(id, Digest.of(whole)).digest()).isEqualTo(made.digest());
    assertThat(names("m")).containsExactly("m/big");
  }

  private static long append(Uploads uploads, UUID id, byte[] whole, int from, int length) {
    return uploads.append(
        id, from, new ByteArrayInputStream(whole, from, length), java.util.Optional.empty());
  }

  @Test
  void parts_are_joined_in_order_and_only_if_all_have_come() {
    Uploads uploads = new Uploads(db, blobs, artifacts, clock);
    Uploads.Begun begun = uploads.begin(Upload.Kind.PARTS, RUN, new SafePath("p"), "me", null);
    Upload upload = uploads.get(begun.upload().id(), Upload.Kind.PARTS, begun.secret());
    List<Uploads.Told> told = new ArrayList<>();
    for (int number : new int[] {3, 1, 2}) {
      Upload.Part part =
          uploads.part(upload, number, new ByteArrayInputStream(bytes("part" + number)), 100);
      told.add(new Uploads.Told(number, '"' + part.digest().hex() + '"'));
    }
    for (List<Uploads.Told> wrong :
        List.of(
            List.<Uploads.Told>of(), told.subList(0, 2), List.of(new Uploads.Told(1, "other")))) {
      Problem problem =
          catchThrowableOfType(Problem.class, () -> uploads.complete(upload.id(), wrong));
      assertThat(problem.fault()).isEqualTo(Fault.BAD_UPLOAD);
    }
    assertThat(names("")).isEmpty();
    Artifact made = uploads.complete(upload.id(), told);
    assertThat(artifacts.read(made)).asString().isEqualTo("part1part2part3");
    assertThat(uploads.complete(upload.id(), told).digest()).isEqualTo(made.digest());
    Problem secret =
        catchThrowableOfType(
            Problem.class, () -> uploads.get(upload.id(), Upload.Kind.PARTS, "guess"));
    assertThat(secret.fault()).isEqualTo(Fault.NOT_FOUND);
  }

  @Test
  void what_rests_too_long_is_swept_with_its_bytes() throws Exception {
    Uploads uploads = new Uploads(db, blobs, artifacts, clock);
    UUID id = uploads.begin(Upload.Kind.STREAM, RUN, new SafePath("s"), "me", null).upload().id();
    append(uploads, id, bytes("hello"), 0, 5);
    long files = count();
    clock.advance(NOON.plus(Uploads.KEPT).minusSeconds(1));
    uploads.sweep();
    assertThat(count()).isEqualTo(files);
    clock.advance(NOON.plus(Uploads.KEPT).plusSeconds(1));
    uploads.sweep();
    assertThat(count()).isEqualTo(files - 1);
    Problem gone = catchThrowableOfType(Problem.class, () -> uploads.get(id));
    assertThat(gone.fault()).isEqualTo(Fault.NOT_FOUND);
  }
}
