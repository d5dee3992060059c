package dev.orrery.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The experiments of a server.
public final class Experiments {
  private final Http http;

  Experiments(Http http) {
    this.http = http;
  }

  /// @return the id
  public String create(String name) {
    return create(name, Map.of());
  }

  /// @return the id
  public String create(String name, Map<String, String> tags) {
    Fields answer = http.post("/experiments/create", Map.of("name", name, "tags", Pairs.of(tags)));
    return answer.text("experiment_id");
  }

  public Experiment get(String id) {
    Fields answer = http.get("/experiments/get", Map.of("experiment_id", id));
    return Experiment.of(answer.object("experiment"));
  }

  /// The experiment of a name, deleted or not.
  public Optional<Experiment> find(String name) {
    try {
      Fields answer = http.get("/experiments/get-by-name", Map.of("experiment_name", name));
      return Optional.of(Experiment.of(answer.object("experiment")));
    } catch (OrreryException e) {
      if (e.isNotFound()) return Optional.empty();
      throw e;
    }
  }

  /// The experiment of a name, made if it is not there.
  public Experiment named(String name) {
    Optional<Experiment> found = find(name);
    if (found.isPresent()) return found.get();
    try {
      return get(create(name));
    } catch (OrreryException e) {
      // Another made it meanwhile.
      if (e.isTaken()) return find(name).orElseThrow(() -> e);
      throw e;
    }
  }

  public Page<Experiment> search(Search search) {
    Map<String, Object> body = new LinkedHashMap<>(search.fields());
    body.put("view_type", search.view());
    return Page.of(http.post("/experiments/search", body), "experiments", Experiment::of);
  }

  /// Everything a search finds, page by page.
  public List<Experiment> all(Search search) {
    return Page.all(token -> search(search.page(token)));
  }

  public void rename(String id, String name) {
    http.post("/experiments/update", Map.of("experiment_id", id, "new_name", name));
  }

  /// Marks an experiment and its runs deleted.
  public void delete(String id) {
    http.post("/experiments/delete", Map.of("experiment_id", id));
  }

  public void restore(String id) {
    http.post("/experiments/restore", Map.of("experiment_id", id));
  }

  public void tag(String id, String key, String value) {
    Map<String, String> body = Map.of("experiment_id", id, "key", key, "value", value);
    http.post("/experiments/set-experiment-tag", body);
  }

  public void untag(String id, String key) {
    http.post("/experiments/delete-experiment-tag", Map.of("experiment_id", id, "key", key));
  }
}
