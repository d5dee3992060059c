package dev.orrery.pipeline;

import java.util.List;

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

  static Verdict of(List<GateResult> results) {
    List<String> against =
        results.stream().filter(GateResult::isAgainst).map(GateResult::told).toList();
    return against.isEmpty() ? new Accepted(results) : new Rejected(results, against);
  }
}
