package dev.orrery.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Json;
import dev.orrery.journal.Journal.Position;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Rehearsals of a bad day: begun, ended, and kept as evidence in the audit log; and the rows that
/// one is rehearsed with.
record Rehearsals(Endpoint.Setup setup, PredictionLog log, Chaos chaos) {
  /// Has the champion fail or be slow for a while, to see what clients see then.
  void start(Chaos.Plan plan, String who) {
    chaos.start(plan);
    setup
        .db()
        .write(tx -> {
          setup
              .audit()
              .append(
                  tx,
                  who,
                  "deployment.rehearsal_started",
                  setup.endpoint(),
                  Json.MAPPER.valueToTree(plan));
          return plan;
        });
  }

  /// Ends a rehearsal and keeps what its clients saw as evidence, in the audit log.
  ///
  /// @return how many of the champion's answers it touched
  long end(JsonNode report, String who) {
    chaos.stop();
    long struck = chaos.struck();
    ObjectNode evidence = report.deepCopy();
    evidence.put("struck", struck);
    setup
        .db()
        .write(tx -> {
          setup.audit().append(tx, who, "deployment.rehearsed", setup.endpoint(), evidence);
          return evidence;
        });
    return struck;
  }

  /// The newest rows that were asked about, as a client would send them again; none where the log
  /// does not keep them.
  List<Map<String, Object>> sample(Set<String> inputs, int rows) {
    var sample = new ArrayDeque<Map<String, Object>>();
    log.read(
        new Position(log.end().segment(), Position.START.offset()),
        (_, frame, _) -> {
          if (frame instanceof Frame.Predictions p && p.raw().names().containsAll(inputs)) {
            for (int row = 0; row < p.rows(); row++) {
              var values = new LinkedHashMap<String, Object>();
              int at = row;
              p.raw()
                  .columns()
                  // What is missing is sent as null: a row without the column is refused.
                  .forEach((name, column) -> values.put(name, column.value(at)));
              sample.add(values);
              if (sample.size() > rows) sample.removeFirst();
            }
          }
          return true;
        });
    return List.copyOf(sample);
  }
}
