package dev.orrery.registry;

import dev.orrery.base.Fault;
import dev.orrery.base.Name;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.sql.Db;
import java.util.List;
import java.util.Optional;

/// What loads have shown of versions: the newest 20 of each.
public final class LoadTests {
  static final int KEPT = 20;

  private final Db db;

  LoadTests(Db db) {
    this.db = db;
  }

  /// @throws Problem BAD_LOAD_TEST if it names a version that the model does not have
  public void add(Name model, LoadTest test) {
    db.write(tx -> {
      for (String version : test.figures().versions().keySet()) {
        if (VersionStore.find(tx, model, Semver.parse(version)).isEmpty()) {
          throw new Problem(
              Fault.BAD_LOAD_TEST,
              "'%s' has no version %s".formatted(model, version),
              "Send what 'orrery deploy bench' measured of this endpoint");
        }
      }
      LoadStore.insert(tx, model.text(), test, KEPT);
      return test;
    });
  }

  /// Those of which a version gave most of the answers, the newest first.
  public List<LoadTest> of(Name model, Semver version) {
    return db.read(tx -> LoadStore.newest(tx, model.text(), version, KEPT));
  }

  /// The newest of a model, whichever version it is of.
  public Optional<LoadTest> newest(Name model) {
    return db.read(tx -> LoadStore.newest(tx, model.text()));
  }
}
