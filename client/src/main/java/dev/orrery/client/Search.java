package dev.orrery.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What to look for: a filter in MLflow's grammar, an order, and a page.
///
/// @param filter such as `metrics.auc > 0.8 and params.depth = '6'`; empty for all
/// @param order such as `metrics.auc DESC`; empty for the server's own
/// @param most how many in one page
/// @param page the token of a page; empty for the first
/// @param view which of what can be deleted
public record Search(
    String filter, List<String> order, int most, Optional<String> page, View view) {
  /// Which of the things that can be deleted and restored.
  public enum View {
    ACTIVE_ONLY,
    DELETED_ONLY,
    ALL
  }

  /// Everything that is not deleted, in pages of 1000.
  public static final Search ALL =
      new Search("", List.of(), 1000, Optional.empty(), View.ACTIVE_ONLY);

  public Search {
    order = List.copyOf(order);
  }

  public static Search filter(String filter) {
    return new Search(filter, List.of(), 1000, Optional.empty(), View.ACTIVE_ONLY);
  }

  public Search order(String... by) {
    return new Search(filter, List.of(by), most, page, view);
  }

  public Search most(int most) {
    return new Search(filter, order, most, page, view);
  }

  public Search page(Optional<String> token) {
    return new Search(filter, order, most, token, view);
  }

  public Search view(View view) {
    return new Search(filter, order, most, page, view);
  }

  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (!filter.isEmpty()) fields.put("filter", filter);
    if (!order.isEmpty()) fields.put("order_by", order);
    fields.put("max_results", most);
    page.ifPresent(token -> fields.put("page_token", token));
    return fields;
  }
}
