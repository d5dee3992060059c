package dev.orrery.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.artifact.Artifacts;
import dev.orrery.base.VirtualClock;
import dev.orrery.blob.Blobs;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Databases.class)
class TextSearchTest {
  private static final Instant NOON = Instant.parse("2001-03-01T12:00:00Z");
  private static final String[] LETTERS = {"a", "b", "B", "C", "é", "한", "😀", "%", "_", "\\", "0"};

  @Parameter Databases database = Databases.SQLITE;
  @TempDir Path folder;
  private Db db;
  private Tracking tracking;
  private TextSearch search;
  private final VirtualClock clock = new VirtualClock(NOON);

  @BeforeEach
  void open() {
    db = database.fresh();
    Blobs blobs = Blobs.folder(folder.resolve("blobs"));
    tracking = new Tracking(db, blobs, clock);
    search = new TextSearch(db, new Artifacts(db, blobs, clock, Tracking::requireOwner));
  }

  @AfterEach
  void close() {
    db.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void a_search_by_words_finds_what_a_look_at_every_run_finds(long seed) {
    var random = new Random(seed);
    List<String> ids = new ArrayList<>();
    for (int round = 0; round < 150; round++) {
      change(random, ids);
      clock.advance(clock.instant().plus(Duration.ofMinutes(random.nextInt(2))));
      if (random.nextInt(8) == 0)
        TextIndex.read(db, 1 + random.nextInt(20), 1 + random.nextInt(30));
      if (random.nextInt(3) != 0) continue;
      List<String> words = words(random, ids);
      int limit = 1 + random.nextInt(12);
      List<String> expected =
          db.read(tx -> RunStore.newest(tx, "flights", 1_000)).stream()
              .filter(run -> words.stream().allMatch(word -> stands(word, run)))
              .limit(limit)
              .map(Run::id)
              .toList();
      for (int[] max : new int[][] {{1_000, 20_000}, {0, 20_000}, {3, 10}, {0, 0}}) {
        assertThat(search.runs(words, limit, max[0], max[1]))
            .extracting(TextSearch.Hit::id)
            .as("%s, %d, %d", words, max[0], max[1])
            .containsExactlyElementsOf(expected);
      }
    }
  }

  private void change(Random random, List<String> ids) {
    if (ids.isEmpty() || random.nextInt(3) != 0) {
      String id = tracking.start("flights", "n" + text(random), Map.of("t", text(random))).id();
      Map<String, String> params = new HashMap<>();
      for (int i = random.nextInt(3); i > 0; i--) params.put("p" + i, text(random));
      tracking.logParams(id, params);
      ids.add(id);
      return;
    }
    String id = ids.get(random.nextInt(ids.size()));
    switch (random.nextInt(5)) {
      case 0 -> tracking.tag(id, Map.of("t", text(random)));
      case 1 -> tracking.tag(id, Map.of(Tracking.NAME_TAG, "m" + text(random)));
      case 2 -> db.write(tx -> RunStore.deleteTag(tx, id, "t"));
      case 3 ->
          db.write(tx -> {
            Runs.delete(tx, id, NOON);
            return id;
          });
      default ->
          db.write(tx -> {
            Runs.restore(tx, id);
            return id;
          });
    }
  }

  private static String text(Random random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(9); i >= 0; i--)
      text.append(LETTERS[random.nextInt(LETTERS.length)]);
    return text.toString();
  }

  private List<String> words(Random random, List<String> ids) {
    Set<String> words = new LinkedHashSet<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      String from = text(random);
      if (random.nextInt(4) == 0) from = ids.get(random.nextInt(ids.size()));
      if (random.nextBoolean()) {
        var data = tracking.data(ids.get(random.nextInt(ids.size())));
        from = data.tags().getOrDefault("t", data.run().name());
      }
      int begin = from.offsetByCodePoints(0, random.nextInt(from.codePointCount(0, from.length())));
      String word = from.substring(begin).toLowerCase(Locale.ROOT);
      if (word.codePointCount(0, word.length()) > 5 && random.nextBoolean()) {
        word = word.substring(0, word.offsetByCodePoints(0, 5));
      }
      words.add(word);
    }
    return List.copyOf(words);
  }

  private boolean stands(String word, Run run) {
    RunData data = tracking.data(run.id());
    List<String> texts = new ArrayList<>(data.tags().values());
    texts.addAll(data.params().values());
    texts.add(run.name());
    texts.add(run.id());
    return texts.stream().anyMatch(text -> text.toLowerCase(Locale.ROOT).contains(word));
  }

  @Test
  void what_was_read_is_unread_again_once_it_changes_and_only_then() {
    String id = tracking.start("flights", "zebra", Map.of()).id();
    assertThat(TextIndex.read(db, 1, 10)).isTrue();
    assertThat(TextIndex.read(db, 1, 10)).isFalse();
    assertThat(named("zebra")).containsExactly(id);
    assertThat(named("gnu")).isEmpty();
    tracking.tag(id, Map.of("t", "gnu"));
    assertThat(named("gnu")).containsExactly(id);
    tracking.logMetrics(id, Map.of("auc", 0.5));
    assertThat(TextIndex.read(db, 1, 10)).isTrue();
    assertThat(TextIndex.read(db, 1, 10)).isFalse();
    assertThat(named("gnu")).containsExactly(id);
    assertThat(named("yak")).isEmpty();
  }

  @Test
  void a_run_with_more_than_can_be_noted_is_always_looked_at() {
    var random = new Random(1);
    Map<String, String> tags = new HashMap<>();
    for (int i = 0; i < 10; i++) {
      var text = new StringBuilder();
      for (int j = 0; j < 1_000; j++) text.append((char) ('a' + random.nextInt(26)));
      tags.put("t" + i, text.toString());
    }
    String id = tracking.start("flights", "long", tags).id();
    assertThat(TextIndex.read(db, 1, 10)).isTrue();
    assertThat(named("quagga")).containsExactly(id);
    assertThat(search.runs(List.of(tags.getOrDefault("t3", "").substring(500, 520)), 5, 0, 100))
        .hasSize(1);
    assertThat(search.runs(List.of("quagga!"), 5, 0, 100)).isEmpty();
  }

  private Set<String> named(String word) {
    return db.read(tx -> TextIndex.runs(tx, List.of(word), 100)).orElseThrow();
  }
}
