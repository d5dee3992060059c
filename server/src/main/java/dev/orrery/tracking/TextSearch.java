package dev.orrery.tracking;

import dev.orrery.artifact.Artifacts;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.filter.Filter;
import dev.orrery.filter.Grammar;
import dev.orrery.filter.SqlText;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Finds anything by a word of it: runs, experiments, logged models, files that runs left. Other
/// parts add what they keep.
///
/// Every word of a question must stand in the thing's name, id, or in one of its tags or
/// parameters; case does not matter. A question that is a filter (`metrics.auc > 0.9`) finds runs.
public final class TextSearch {
  /// A thing that was found.
  ///
  /// @param kind `run`, `experiment`, `model`, `artifact`
  /// @param where the experiment or run it belongs to, or empty
  /// @param snippet what matched
  public record Hit(String kind, String id, String name, String where, String snippet) {}

  /// What finds one kind of thing.
  @FunctionalInterface
  public interface Finder {
    /// At most so many things in which all of these words stand; the words are in lower case.
    List<Hit> find(List<String> words, int limit);
  }

  /// A kind of thing, and what finds it.
  public record Source(String kind, Finder finder) {}

  private static final int WORDS_MAX = 8;
  private static final int LENGTH_MAX = 500;

  /// How many of the newest runs are looked at first: what is common is found among them.
  private static final int NEWEST = 1_000;

  /// More runs than this are not looked at one by one, but all from the newest on.
  private static final int NAMED_MAX = 20_000;

  private static final int IDS_AT_ONCE = 500;
  private static final Pattern FILTER = Pattern.compile("[=<>]| (?i:like|ilike|in) ");

  private final Db db;
  private final Artifacts artifacts;
  private final List<Source> sources = new ArrayList<>();

  TextSearch(Db db, Artifacts artifacts) {
    this.db = db;
    this.artifacts = artifacts;
    sources.add(new Source("run", this::runs));
    sources.add(new Source("experiment", this::experiments));
    sources.add(new Source("model", this::models));
    sources.add(new Source("artifact", this::artifacts));
  }

  /// Lets another part's things be found too; before the server starts.
  public void add(Source source) {
    sources.add(source);
  }

  /// @param kind of what to find; null for all
  List<Hit> find(String question, @Nullable String kind, int limit) {
    if (question.length() > LENGTH_MAX) {
      throw new Problem(
          Fault.BAD_PARAMETER,
          "q has %,d characters".formatted(question.length()),
          "Use at most %d".formatted(LENGTH_MAX));
    }
    if (kind != null && sources.stream().noneMatch(source -> source.kind().equals(kind))) {
      throw new Problem(
          Fault.BAD_PARAMETER,
          "kind is '%s'".formatted(Texts.shown(kind)),
          Texts.didYouMean(kind, sources.stream().map(Source::kind).distinct().toList()));
    }
    if (FILTER.matcher(question).find()) return filtered(question, limit);
    List<String> words =
        List.of(question.toLowerCase(Locale.ROOT).strip().split("\\s+")).stream()
            .filter(word -> !word.isEmpty())
            .limit(WORDS_MAX)
            .toList();
    if (words.isEmpty()) return List.of();
    List<Hit> hits = new ArrayList<>();
    for (Source source : sources) {
      if (kind != null && !source.kind().equals(kind)) continue;
      hits.addAll(source.finder().find(words, limit));
    }
    return hits.size() > limit && kind != null ? hits.subList(0, limit) : hits;
  }

  private List<Hit> filtered(String question, int limit) {
    Optional<Filter> filter = Filter.parse(question, SearchWords.FULL, Grammar.FULL);
    SqlText where =
        filter
            .map(found -> SqlText.where(found, SearchWords::condition))
            .orElse(SqlText.of("1 = 1"));
    SqlText sql =
        SqlText.of(
                "select r.id, r.name, e.name as experiment from run r"
                    + " join experiment e on e.id = r.experiment"
                    + " where r.lifecycle = 'active' and ")
            .then(where)
            .then(" order by r.started_at desc, r.id limit ?", limit);
    return db.query(
        sql.sql(),
        row -> hit("run", row.text("id"), row.text("name"), row.text("experiment"), question),
        sql.args().toArray());
  }

  /// Reads marked runs into the index, if there are many; a chore.
  public void readMarked() {
    TextIndex.read(db, TextIndex.SEGMENT_MIN, TextIndex.SEGMENT_MAX);
  }

  private record RunHit(Hit hit, long startedAt) {
    /// The newest first.
    static final Comparator<RunHit> ORDER =
        Comparator.comparingLong(RunHit::startedAt).reversed().thenComparing(one -> one.hit().id());
  }

  private List<Hit> runs(List<String> words, int limit) {
    return runs(words, limit, NEWEST, NAMED_MAX);
  }

  /// Looks among the newest, then among those that the index names, then among all.
  ///
  /// @param newestMax how many of the newest are looked at
  /// @param namedMax how many that the index names are not too many
  List<Hit> runs(List<String> words, int limit, int newestMax, int namedMax) {
    return db.read(tx -> {
      SqlText newest =
          SqlText.of(
              "(select * from run where lifecycle = 'active'"
                  + " order by started_at desc, id limit ?) r",
              newestMax);
      List<RunHit> found = runs(tx, newest, SqlText.of("1 = 1"), words, limit);
      if (found.size() < limit) {
        Optional<SequencedSet<String>> named = TextIndex.runs(tx, words, namedMax);
        found =
            named.isPresent()
                ? among(tx, List.copyOf(named.get()), words, limit)
                : runs(tx, SqlText.of("run r"), SqlText.of("1 = 1"), words, limit);
      }
      return found.stream().map(RunHit::hit).toList();
    });
  }

  private static List<RunHit> among(Tx tx, List<String> ids, List<String> words, int limit) {
    List<RunHit> found = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += IDS_AT_ONCE) {
      List<Object> some =
          new ArrayList<>(ids.subList(from, Math.min(ids.size(), from + IDS_AT_ONCE)));
      while (some.size() < IDS_AT_ONCE) some.add("");
      String marks = String.join(", ", Collections.nCopies(IDS_AT_ONCE, "?"));
      SqlText which = new SqlText("r.id in (" + marks + ")", some);
      found.addAll(runs(tx, SqlText.of("run r"), which, words, limit));
    }
    return found.stream().sorted(RunHit.ORDER).limit(limit).toList();
  }

  private static List<RunHit> runs(
      Tx tx, SqlText from, SqlText which, List<String> words, int limit) {
    SqlText where =
        each(
            words,
            "(lower(r.name) like ? escape '\\' or r.id like ? escape '\\'"
                + " or exists (select 1 from run_tag t where t.run = r.id"
                + " and lower(t.value) like ? escape '\\')"
                + " or exists (select 1 from run_param p where p.run = r.id"
                + " and lower(p.value) like ? escape '\\'))",
            4);
    SqlText sql =
        SqlText.of(
                "select r.id, r.name, r.started_at, e.name as experiment,"
                    + " (select t.name || ' = ' || substr(t.value, 1, 200) from run_tag t"
                    + " where t.run = r.id and lower(t.value) like ? escape '\\'"
                    + " order by t.name limit 1) as tag,"
                    + " (select p.name || ' = ' || substr(p.value, 1, 200) from run_param p"
                    + " where p.run = r.id and lower(p.value) like ? escape '\\'"
                    + " order by p.name limit 1) as param"
                    + " from ",
                like(words.getFirst()),
                like(words.getFirst()))
            .then(from)
            .then(" join experiment e on e.id = r.experiment where r.lifecycle = 'active' and ")
            .then(which)
            .then(" and ")
            .then(where)
            .then(" order by r.started_at desc, r.id limit ?", limit);
    return tx.query(
        sql.sql(),
        row -> new RunHit(runHit(row, words), row.whole("started_at")),
        sql.args().toArray());
  }

  private static Hit runHit(Row row, List<String> words) {
    String name = row.text("name");
    String tag = row.textOrNull("tag");
    String param = row.textOrNull("param");
    boolean isNamed = name.toLowerCase(Locale.ROOT).contains(words.getFirst());
    String snippet = isNamed ? name : param != null ? param : tag != null ? tag : row.text("id");
    return hit("run", row.text("id"), name, row.text("experiment"), snippet);
  }

  private List<Hit> experiments(List<String> words, int limit) {
    SqlText where =
        each(
            words,
            "(lower(e.name) like ? escape '\\' or exists (select 1 from experiment_tag t"
                + " where t.experiment = e.id and lower(t.value) like ? escape '\\'))",
            2);
    SqlText sql =
        SqlText.of("select e.id, e.name from experiment e where e.lifecycle = 'active' and ")
            .then(where)
            .then(" order by e.updated_at desc, e.id limit ?", limit);
    return db.query(
        sql.sql(),
        row ->
            hit(
                "experiment",
                Long.toString(row.whole("id")),
                row.text("name"),
                "",
                row.text("name")),
        sql.args().toArray());
  }

  private List<Hit> models(List<String> words, int limit) {
    SqlText where =
        each(
            words,
            "(lower(m.name) like ? escape '\\' or m.id like ? escape '\\'"
                + " or exists (select 1 from logged_model_tag t where t.model = m.id"
                + " and lower(t.value) like ? escape '\\'))",
            3);
    SqlText sql =
        SqlText.of(
                "select m.id, m.name, e.name as experiment from logged_model m"
                    + " join experiment e on e.id = m.experiment"
                    + " where m.deleted_at is null and ")
            .then(where)
            .then(" order by m.created_at desc, m.id limit ?", limit);
    return db.query(
        sql.sql(),
        row ->
            hit(
                "model",
                row.text("id"),
                row.text("name"),
                row.text("experiment"),
                row.text("name")),
        sql.args().toArray());
  }

  private List<Hit> artifacts(List<String> words, int limit) {
    return artifacts.called(words, limit).stream()
        .map(file -> {
          String name = file.path().substring(file.path().lastIndexOf('/') + 1);
          return hit("artifact", file.owner() + "/" + file.path(), name, file.owner(), file.path());
        })
        .toList();
  }

  private static SqlText each(List<String> words, String condition, int marks) {
    List<SqlText> conditions = new ArrayList<>();
    for (String word : words) {
      Object[] likes = new Object[marks];
      Arrays.fill(likes, like(word));
      conditions.add(SqlText.of(condition, likes));
    }
    return SqlText.join(" and ", conditions);
  }

  /// A pattern that matches wherever the word stands.
  public static String like(String word) {
    String plain = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    return "%" + plain + "%";
  }

  private static Hit hit(String kind, String id, String name, String where, String snippet) {
    return new Hit(kind, id, name, where, snippet);
  }
}
