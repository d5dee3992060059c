package dev.orrery.serving;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.base.Texts;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// What an endpoint answers with at one moment: swapped whole, never changed.
///
/// @param others the other versions in use, by their numbers
/// @param fallback what answers when the champion cannot
/// @param terms by what requests are read and features computed
record Live(
    Traffic traffic,
    Loaded champion,
    Map<Semver, Loaded> others,
    @Nullable Loaded fallback,
    Terms terms) {
  static final String CHAMPION = "champion";
  static final String CANARY = "canary";

  /// The arm of requests that name the version that is to answer: they are no part of a trial.
  static final String ASKED = "asked";

  Live {
    others = Map.copyOf(others);
  }

  RequestRows rows() {
    return terms.rows();
  }

  /// Who answers, and as what.
  record Arm(String name, Loaded loaded) {}

  @Nullable Loaded canary() {
    Traffic.Canary trial = traffic.canary();
    return trial == null ? null : others.get(trial.version());
  }

  /// What scores what others answered, for good.
  @Nullable Loaded shadow() {
    return traffic.shadow() == null ? null : of(traffic.shadow());
  }

  /// What is tried as a shadow.
  @Nullable Loaded candidate() {
    Traffic.Candidate trial = traffic.candidate();
    return trial == null ? null : others.get(trial.version());
  }

  /// Every version in memory that answers, or would: the champion first.
  SequencedMap<Semver, Loaded> loaded() {
    SequencedMap<Semver, Loaded> loaded = new LinkedHashMap<>();
    loaded.put(champion.version(), champion);
    others.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(one -> loaded.put(one.getKey(), one.getValue()));
    if (fallback != null) loaded.putIfAbsent(fallback.version(), fallback);
    return loaded;
  }

  /// The one of them that a request names.
  ///
  /// @throws Problem UNKNOWN_MODEL if there is none
  Loaded asked(String version) {
    for (Loaded one : loaded().values()) if (one.version().toString().equals(version)) return one;
    throw new Problem(
        Fault.UNKNOWN_MODEL,
        "no version named '%s' is served".formatted(Texts.shown(version)),
        "Served now: %s; without a version, whoever's turn it is answers"
            .formatted(
                String.join(", ", loaded().keySet().stream().map(Semver::toString).toList())));
  }

  private @Nullable Loaded of(Semver version) {
    return version.equals(champion.version()) ? champion : others.get(version);
  }

  /// Whether who answers depends on who asks.
  boolean isSplit() {
    return traffic.canary() != null || traffic.experiment() != null;
  }

  /// Who answers a request: by the caller's key the canary for its share, or a variant of the test;
  /// else the champion.
  ///
  /// @param sticky the caller's key
  /// @param mixed whether the rows are of several callers: such a request is no part of a test
  Arm arm(String sticky, boolean mixed) {
    Traffic.Canary trial = traffic.canary();
    Loaded young = canary();
    if (trial != null && young != null) {
      boolean isIts = bucket(trial.version().toString(), sticky) < trial.percent() * 100;
      return isIts ? new Arm(CANARY, young) : new Arm(CHAMPION, champion);
    }
    Traffic.Experiment experiment = traffic.experiment();
    if (experiment == null || mixed || experiment.verdict() != null) {
      return new Arm(CHAMPION, champion);
    }
    AbTest test = experiment.test();
    int bucket = bucket(test.name(), sticky);
    double upTo = 0;
    for (AbTest.Variant variant : test.variants()) {
      upTo += variant.percent() * 100;
      if (bucket >= Math.rint(upTo) || variant.version() == null) continue;
      Loaded loaded = of(variant.version());
      return loaded == null ? new Arm(CHAMPION, champion) : new Arm(variant.name(), loaded);
    }
    return new Arm(CHAMPION, champion);
  }

  /// A number from 0 to 9,999 that is the same for the same key, on every server, for good, and
  /// another for each salt.
  static int bucket(String salt, String sticky) {
    return (int) (hash(salt, sticky) % 10_000);
  }

  /// 56 bits of the SHA-256 of both.
  static long hash(String salt, String sticky) {
    byte[] hash = Digest.sha256().digest((salt + "/" + sticky).getBytes(StandardCharsets.UTF_8));
    long low = 0;
    for (int i = 0; i < 7; i++) low = low << 8 | (hash[i] & 0xFF);
    return low;
  }
}
