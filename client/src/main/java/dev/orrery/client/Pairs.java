package dev.orrery.client;

import java.util.List;
import java.util.Map;

/// Maps as MLflow writes them: lists of `{"key", "value"}`.
final class Pairs {
  private Pairs() {}

  static List<Map<String, String>> of(Map<String, String> map) {
    return map.entrySet().stream()
        .map(pair -> Map.of("key", pair.getKey(), "value", pair.getValue()))
        .toList();
  }
}
