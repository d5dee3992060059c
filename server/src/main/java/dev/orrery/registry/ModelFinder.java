package dev.orrery.registry;

import dev.orrery.filter.SqlText;
import dev.orrery.sql.Db;
import dev.orrery.tracking.TextSearch;
import java.util.List;

/// Finds registered models by words of their names, descriptions and tags.
public final class ModelFinder {
  private static final String WORD =
      "(lower(m.name) like ? escape '\\' or lower(coalesce(m.description, '')) like ? escape '\\'"
          + " or exists (select 1 from registered_model_tag t where t.model = m.name"
          + " and lower(t.value) like ? escape '\\'))";

  private ModelFinder() {}

  public static TextSearch.Source source(Db db) {
    return new TextSearch.Source("model", (words, limit) -> find(db, words, limit));
  }

  private static List<TextSearch.Hit> find(Db db, List<String> words, int limit) {
    List<SqlText> each =
        words.stream()
            .map(TextSearch::like)
            .map(like -> SqlText.of(WORD, like, like, like))
            .toList();
    SqlText sql =
        SqlText.of("select m.name, m.description from registered_model m where ")
            .then(SqlText.join(" and ", each))
            .then(" order by m.updated_at desc, m.name limit ?", limit);
    return db.query(
        sql.sql(),
        row -> {
          String description = row.textOrNull("description");
          String name = row.text("name");
          return new TextSearch.Hit(
              "model", name, name, "registry", description == null ? name : description);
        },
        sql.args().toArray());
  }
}
