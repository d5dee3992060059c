package dev.orrery.registry;

import dev.orrery.filter.Filter;
import dev.orrery.filter.Grammar;
import dev.orrery.filter.Key;
import dev.orrery.filter.Op;
import dev.orrery.filter.Order;
import dev.orrery.filter.SqlText;
import dev.orrery.filter.Value;
import dev.orrery.filter.Vocabulary;
import dev.orrery.filter.Vocabulary.Entity;
import dev.orrery.filter.Vocabulary.Field;
import dev.orrery.filter.Vocabulary.Type;
import dev.orrery.sql.RowMapper;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Searches for registered models and versions, by the filters of MLflow's clients and our own.
///
/// Prompts, which are models with a tag, are hidden unless the filter asks for that tag.
final class ModelSearch {
  private static final Field RUN_ID =
      new Field(
          Type.TEXT,
          Collections.unmodifiableSet(EnumSet.of(Op.EQ, Op.NE, Op.LIKE, Op.ILIKE, Op.IN)),
          false);

  static final Vocabulary MODELS =
      Vocabulary.of(
          "registered model",
          Entity.fixed(Key.ATTRIBUTE, "attributes", "attr")
              .with("name", Field.TEXT)
              .with(
                  "last_updated_timestamp",
                  Field.TIME.onlyOrdered(),
                  "timestamp",
                  "last_updated_time"),
          Entity.free("tag", Field.TEXT.unordered(), "tags"));

  static final Vocabulary VERSIONS =
      Vocabulary.of(
          "model version",
          Entity.fixed(Key.ATTRIBUTE, "attributes", "attr")
              .with("name", Field.TEXT)
              .with("version_number", Field.NUMBER)
              .with("run_id", RUN_ID)
              .with("source_path", Field.TEXT.unordered())
              .with("creation_timestamp", Field.TIME.onlyOrdered())
              .with("last_updated_timestamp", Field.TIME.onlyOrdered()),
          Entity.free("tag", Field.TEXT.unordered(), "tags"));

  private ModelSearch() {}

  /// What to search for, and which page of it.
  record Asked(
      @Nullable String filter, List<String> order, Grammar grammar, int limit, long offset) {}

  /// @param more whether others follow
  record Page<T>(List<T> found, boolean more) {}

  static Page<RegisteredModel> models(Tx tx, Asked asked) {
    List<Order> orders = Order.parse(asked.order(), MODELS);
    SqlText where =
        where(asked, MODELS, "registered_model_tag t where t.model = m.name", key -> "m.name");
    String order =
        orders(orders, "m.name", key -> key.name().equals("name") ? "m.name" : "m.updated_at");
    return page(
        tx,
        SqlText.of("select " + ModelStore.MODEL_COLUMNS + " from registered_model m")
            .then(where)
            .then(order),
        asked,
        row -> ModelStore.model(tx, row));
  }

  static Page<RegisteredVersion> versions(Tx tx, Asked asked) {
    List<Order> orders = Order.parse(asked.order(), VERSIONS);
    SqlText where =
        where(
            asked,
            VERSIONS,
            "registered_version_tag t where t.model = v.model and t.version = v.version",
            ModelSearch::column);
    String order =
        orders.isEmpty()
            ? " order by v.updated_at desc, v.model, v.version desc"
            : orders(orders, "v.updated_at desc, v.model, v.version desc", ModelSearch::column);
    Page<RegisteredVersion> page =
        page(
            tx,
            SqlText.of("select " + ModelStore.VERSION_COLUMNS + " from registered_version v")
                .then(where)
                .then(order),
            asked,
            ModelStore::bare);
    return new Page<>(ModelStore.whole(tx, page.found()), page.more());
  }

  private static String column(Key key) {
    return switch (key.name()) {
      case "name" -> "v.model";
      case "version_number" -> "v.version";
      case "run_id" -> "v.run";
      case "source_path" -> "v.source";
      case "creation_timestamp" -> "v.created_at";
      default -> "v.updated_at";
    };
  }

  private interface Column {
    String of(Key key);
  }

  private static SqlText where(Asked asked, Vocabulary words, String tags, Column column) {
    Optional<Filter> filter = Filter.parse(asked.filter(), words, asked.grammar());
    var wantsPrompts = new AtomicBoolean();
    filter.ifPresent(f ->
        Filter.each(
            f,
            leaf -> {
              if (asksForPrompts(leaf)) wantsPrompts.set(true);
            }));
    SqlText where = SqlText.of(words == VERSIONS ? " where v.stage <> 'Deleted'" : " where 1 = 1");
    if (!wantsPrompts.get()) where = where.then(" and ").then(noPrompt(tags));
    if (filter.isEmpty()) return where;
    return where.then(" and ").then(SqlText.where(filter.get(), leaf -> leaf(leaf, tags, column)));
  }

  private static SqlText leaf(Filter.Compare leaf, String tags, Column column) {
    if (leaf.key().isAttribute()) {
      String name = column.of(leaf.key());
      SqlText compared = SqlText.compare(name, leaf.op(), leaf.value());
      return name.equals("v.run")
          ? SqlText.of(name + " is not null and ").then(compared)
          : compared;
    }
    if (isPromptTag(leaf) && !asksForPrompts(leaf)) return noPrompt(tags);
    return SqlText.of("exists (select 1 from " + tags + " and t.name = ? and ", leaf.key().name())
        .then(SqlText.compare("t.value", leaf.op(), leaf.value()))
        .then(")");
  }

  private static SqlText noPrompt(String tags) {
    return SqlText.of(
        "not exists (select 1 from " + tags + " and t.name = ? and t.value = 'true')",
        RegisteredModel.PROMPT_TAG);
  }

  private static boolean isPromptTag(Filter.Compare leaf) {
    return leaf.key().entity().equals("tag")
        && leaf.key().name().equals(RegisteredModel.PROMPT_TAG)
        && (leaf.op() == Op.EQ || leaf.op() == Op.NE)
        && leaf.value() instanceof Value.Text;
  }

  private static boolean asksForPrompts(Filter.Compare leaf) {
    if (!isPromptTag(leaf) || !(leaf.value() instanceof Value.Text text)) return false;
    return leaf.op() == Op.EQ
        ? text.text().equalsIgnoreCase("true")
        : text.text().equalsIgnoreCase("false");
  }

  private static String orders(List<Order> orders, String last, Column column) {
    List<String> texts = new ArrayList<>();
    for (Order order : orders) {
      texts.add(column.of(order.key()) + (order.isDescending() ? " desc" : ""));
    }
    texts.add(last);
    // A column that was ordered by already may stand again behind it: it changes nothing.
    return texts.stream().collect(Collectors.joining(", ", " order by ", ""));
  }

  private static <T> Page<T> page(Tx tx, SqlText sql, Asked asked, RowMapper<T> mapper) {
    SqlText limited = sql.then(" limit ? offset ?", asked.limit() + 1, asked.offset());
    List<T> found = tx.query(limited.sql(), mapper, limited.args().toArray());
    boolean more = found.size() > asked.limit();
    return new Page<>(more ? found.subList(0, asked.limit()) : found, more);
  }
}
