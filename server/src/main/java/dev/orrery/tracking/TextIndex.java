package dev.orrery.tracking;

import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Says in which runs a word may stand, by the groups of three characters (grams) of the word.
///
/// A write only marks its run as unread, in the same transaction; a chore reads marked runs, very
/// many at a time, and notes their grams as a segment. So the index answers with too many runs -
/// all that are unread, and those whose texts have changed - and never with too few: whoever asks
/// looks at each. Case is folded character by character, which any database's `lower` agrees with.
final class TextIndex {
  /// Runs to a segment; with 256 more, the codes of all are two bytes of UTF-8.
  static final int SEGMENT_MAX = 1_792;

  /// Fewer unread runs than this are looked at by each search, and not worth a segment.
  static final int SEGMENT_MIN = 1_000;

  private static final int GRAM = 3;
  private static final int GRAMS_OF_RUN_MAX = 4_096;
  private static final int ROWS_AT_ONCE = 1_000;
  private static final int RUNS_AT_ONCE = 256;
  private static final char FIRST = 256;
  private static final String MANY = "";

  private record Unread(String run, long marks) {}

  private TextIndex() {}

  /// Marks a run whose texts are being written.
  static void mark(Tx tx, String run) {
    tx.update(
        """
        insert into run_unread (run, marks) values (?, 1)
        on conflict (run) do update set marks = run_unread.marks + 1
        """,
        run);
  }

  static void forget(Tx tx, String run) {
    tx.update("delete from run_unread where run = ?", run);
  }

  /// Reads marked runs, if there are enough of them.
  ///
  /// @param min how many are enough; at least 1
  /// @param max how many are read
  /// @return whether it has
  static boolean read(Db db, int min, int max) {
    boolean isEnough =
        !db.query(
                "select run from run_unread order by run limit 1 offset ?",
                row -> row.text("run"),
                min - 1)
            .isEmpty();
    if (!isEnough) return false;
    List<Unread> unread =
        db.query(
            "select run, marks from run_unread order by run limit ?",
            row -> new Unread(row.text("run"), row.whole("marks")),
            Math.min(max, SEGMENT_MAX));
    List<String> runs = unread.stream().map(Unread::run).toList();
    List<@Nullable Object[]> rows = new ArrayList<>();
    long segment =
        db.write(tx -> {
          long id =
              tx.query(
                      "select coalesce(max(id), 0) + 1 as id from text_segment",
                      row -> row.whole("id"))
                  .getFirst();
          tx.update(
              "insert into text_segment (id, runs) values (?, ?)", id, String.join("\n", runs));
          return id;
        });
    grams(db, runs).forEach((gram, of) -> rows.add(new Object[] {gram, segment, of.toString()}));
    for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
      var some = rows.subList(from, Math.min(rows.size(), from + ROWS_AT_ONCE));
      db.write(
          tx -> tx.batch("insert into text_gram (gram, segment, runs) values (?, ?, ?)", some));
    }
    // Until here the runs are unread, whatever happens. Those marked again meanwhile stay so.
    List<@Nullable Object[]> done = new ArrayList<>();
    for (Unread one : unread) done.add(new Object[] {one.run(), one.marks()});
    db.write(tx -> tx.batch("delete from run_unread where run = ? and marks = ?", done));
    return true;
  }

  private static Map<String, StringBuilder> grams(Db db, List<String> runs) {
    var all = new TreeMap<String, StringBuilder>();
    for (int from = 0; from < runs.size(); from += RUNS_AT_ONCE) {
      List<String> some = runs.subList(from, Math.min(runs.size(), from + RUNS_AT_ONCE));
      Map<String, Set<String>> found = new LinkedHashMap<>();
      String marks = String.join(", ", Collections.nCopies(some.size(), "?"));
      db.read(tx -> {
        for (String texts :
            List.of(
                "select id as run, id as text from run where id",
                "select id as run, name as text from run where id",
                "select run, value as text from run_tag where run",
                "select run, value as text from run_param where run")) {
          tx.each(
              texts + " in (" + marks + ")",
              row -> add(row, found),
              (@Nullable Object[]) some.toArray());
        }
        return marks;
      });
      for (int i = 0; i < some.size(); i++) {
        Set<String> grams = found.getOrDefault(some.get(i), Set.of());
        if (grams.size() > GRAMS_OF_RUN_MAX) grams = Set.of(MANY);
        for (String gram : grams) {
          all.computeIfAbsent(gram, _ -> new StringBuilder()).append((char) (FIRST + from + i));
        }
      }
    }
    return all;
  }

  private static void add(Row row, Map<String, Set<String>> found) {
    Set<String> grams = found.computeIfAbsent(row.text("run"), _ -> new HashSet<>());
    if (grams.size() <= GRAMS_OF_RUN_MAX) addGrams(row.text("text"), grams);
  }

  private static void addGrams(String text, Set<String> grams) {
    char[] folded = text.toCharArray();
    int since = 0;
    for (int i = 0; i < folded.length; i++) {
      folded[i] = Character.toLowerCase(folded[i]);
      // Half a character is none that a database can keep.
      if (Character.isSurrogate(folded[i])) since = i + 1;
      if (i + 1 - since >= GRAM) grams.add(new String(folded, i + 1 - GRAM, GRAM));
    }
  }

  /// The runs in which all of these words may stand; empty if the words are too short to say, or
  /// the runs are too many.
  ///
  /// @param max how many are too many
  static Optional<SequencedSet<String>> runs(Tx tx, List<String> words, int max) {
    Set<String> grams = new LinkedHashSet<>();
    words.forEach(word -> addGrams(word, grams));
    if (grams.isEmpty()) return Optional.empty();
    var runs = new LinkedHashSet<String>();
    runs.addAll(tx.query("select run from run_unread limit ?", row -> row.text("run"), max + 1));
    Map<Long, BitSet> places = null;
    for (String gram : grams) {
      Map<Long, BitSet> having = places(tx, gram);
      if (places == null) {
        places = having;
      } else {
        places.keySet().retainAll(having.keySet());
        for (var place : places.entrySet()) {
          place.getValue().and(having.getOrDefault(place.getKey(), new BitSet()));
        }
      }
      if (places.isEmpty()) break;
    }
    if (places == null) return Optional.empty();
    for (var many : places(tx, MANY).entrySet()) {
      places.computeIfAbsent(many.getKey(), _ -> new BitSet()).or(many.getValue());
    }
    for (var place : places.entrySet()) {
      if (runs.size() + place.getValue().cardinality() > max) return Optional.empty();
      if (!place.getValue().isEmpty()) addRuns(tx, place.getKey(), place.getValue(), runs);
    }
    return runs.size() > max ? Optional.empty() : Optional.of(runs);
  }

  private static Map<Long, BitSet> places(Tx tx, String gram) {
    var places = new TreeMap<Long, BitSet>();
    tx.each(
        "select segment, runs from text_gram where gram = ?",
        row -> {
          var bits = new BitSet(SEGMENT_MAX);
          row.text("runs").chars().forEach(place -> bits.set(place - FIRST));
          places.put(row.whole("segment"), bits);
        },
        gram);
    return places;
  }

  private static void addRuns(Tx tx, long segment, BitSet bits, Set<String> runs) {
    String[] ids =
        tx.query("select runs from text_segment where id = ?", row -> row.text("runs"), segment)
            .getFirst()
            .split("\n");
    bits.stream().forEach(place -> runs.add(ids[place]));
  }
}
