package dev.orrery.pipeline;

import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the gates decided about a candidate.
public sealed interface Verdict {
  List<GateResult> results();

  record Accepted(List<GateResult> results) implements Verdict {
    public Accepted {
      results = List.copyOf(results);
    }
  }

  /// @param reasons what was held against it, in words; not empty
  record Rejected(List<GateResult> results, List<String> reasons) implements Verdict {
    public Rejected {
      results = List.copyOf(results);
      reasons = List.copyOf(reasons);
    }
  }

  /// One bound of one measurement, whoever asked for it.
  record Limit(String name, @Nullable Double threshold) {}

  static Verdict of(List<GateResult> results) {
    // A limit that stands in the gates and in the criteria of success is held against it once.
    var limits = new HashSet<Limit>();
    List<String> against =
        results.stream()
            .filter(GateResult::isAgainst)
            .filter(r -> limits.add(new Limit(r.name(), r.threshold())) || r.threshold() == null)
            .map(GateResult::told)
            .toList();
    return against.isEmpty() ? new Accepted(results) : new Rejected(results, against);
  }
}
