package dev.orrery.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.access.Audit;
import dev.orrery.base.ChildJvm;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.blob.Blobs;
import dev.orrery.lineage.Lineage;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// P10 in short form: promoters alternate two versions and are killed; what was acknowledged stands
/// in the history once, in one order that is the audit log's, and one version is in Production.
class PromotionKillTest {
  private static final String MODEL = "churn";
  private static final int PROMOTERS = 4;
  private static final int ROUNDS = Integer.getInteger("orrery.promotions.kills", 3);

  @TempDir Path folder;

  private static Registry registry(Db db, Path folder) {
    Blobs blobs = Blobs.folder(folder.resolve("blobs"));
    return new Registry(db, blobs, new Lineage(db), InstantSource.system());
  }

  /// Promotes until it is killed, and prints why each acknowledged move was made.
  static final class Promoter {
    private Promoter() {}

    public static void main(String[] args) {
      Db db = Databases.valueOf(args[0]).open(args[1]);
      Registry registry = registry(db, Path.of(args[2]));
      for (int t = 0; t < PROMOTERS; t++) {
        int thread = t;
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i < 1_000_000; i++) {
                String why = "%s-%d-%d".formatted(args[3], thread, i);
                long version = 1L + (i + thread) % 2;
                try {
                  db.write(tx -> {
                    String who = "p" + thread;
                    registry
                        .promotions()
                        .move(tx, MODEL, version, Stage.PRODUCTION, false, who, why);
                    registry.models().putAlias(tx, MODEL, "champion", version, who, why);
                    return version;
                  });
                  System.out.println(why);
                } catch (Problem e) {
                  if (e.kind() != Problem.Kind.UNAVAILABLE) throw e;
                }
              }
            });
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_promotion_that_was_acknowledged_survives_kill_9_whole(Databases database)
      throws Exception {
    Random random = new Random(10);
    String address = database.address();
    Path home = Files.createDirectories(folder.resolve(database.name()));
    try (Db db = database.open(address)) {
      Models models = registry(db, home).models();
      db.write(tx -> models.create(tx, MODEL, null, new TreeMap<>()));
      for (int i = 0; i < 2; i++) {
        db.write(tx ->
            models.register(
                tx,
                new Models.Wish(
                    MODEL,
                    "runs:/r/m",
                    "runs:/r/m",
                    null,
                    null,
                    null,
                    null,
                    new TreeMap<>(),
                    null,
                    null,
                    null),
                "ann"));
      }
    }
    List<String> acknowledged = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      try (ChildJvm child = ChildJvm.start(Promoter.class, database, address, home, round)) {
        int lines = 10 + random.nextInt(60);
        for (int i = 0; i < lines; i++) acknowledged.add(requireNonNull(child.line()));
        child.kill();
        List<String> rest = new ArrayList<>();
        for (String line = child.line(); line != null; line = child.line()) rest.add(line);
        if (!rest.isEmpty()) rest.removeLast();
        acknowledged.addAll(rest);
      }
    }
    try (Db db = database.open(address)) {
      check(db, registry(db, home), acknowledged);
    }
  }

  private static void check(Db db, Registry registry, List<String> acknowledged) {
    List<Move> moves = db.read(tx -> registry.promotions().history(tx, MODEL, 10_000)).reversed();
    List<Move> aliased = moves.stream().filter(m -> m.kind() == Move.Kind.ALIAS).toList();
    assertThat(aliased).extracting(Move::why).doesNotHaveDuplicates().containsAll(acknowledged);
    String before = "";
    for (Move move : aliased) {
      assertThat(move.from()).as("one total order").isEqualTo(before);
      before = move.to();
    }
    List<Move> came = moves.stream().filter(m -> m.to().equals("Production")).toList();
    long standing = 0;
    for (Move move : came) {
      assertThat(move.version()).as("each comes after the other").isNotEqualTo(standing);
      standing = move.version();
    }
    RegisteredModel model = registry.models().get(MODEL);
    List<Long> production = db.read(tx -> ModelStore.inStage(tx, MODEL, Stage.PRODUCTION, -1));
    assertThat(production)
        .containsExactly(standing)
        .containsExactly(model.aliases().get("champion"));
    assertThat(before).isEqualTo("champion@" + standing);
    Audit audit = new Audit(db, InstantSource.system());
    assertThat(audit.verify()).isInstanceOf(Audit.Verdict.Sound.class);
    assertThat(
            db.query(
                "select detail from audit where what = 'model.alias' order by seq",
                row ->
                    Json.tree(row.text("detail").getBytes(StandardCharsets.UTF_8))
                        .path("why")
                        .asText()))
        .isEqualTo(aliased.stream().map(Move::why).toList());
    System.out.printf(
        "kills %d, acknowledged %d, moves %d, lost 0%n",
        ROUNDS, acknowledged.size(), aliased.size());
  }
}
