package dev.orrery.monitor;

import dev.orrery.base.Semver;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.model.Constant;
import dev.orrery.model.ModelPackage;
import dev.orrery.model.Preprocessor;
import dev.orrery.serving.Deployment;
import dev.orrery.serving.ScoredRows;
import dev.orrery.stats.Reference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/// An endpoint that only has a log: seeded rows, with outcomes that become known hours later.
final class FakeService implements Source {
  static final Instant START = Instant.parse("2001-03-01T00:00:00Z");
  static final Semver V1 = Semver.FIRST;
  static final Semver V2 = new Semver(1, 0, 1);

  /// One answered row.
  record Answered(
      Instant event,
      double x,
      String c,
      double score,
      double shadow,
      String version,
      double actual,
      Instant knownAt,
      int micros) {}

  final List<Answered> rows = new ArrayList<>();
  final List<Deployment> moves = new ArrayList<>();
  final Random random;

  /// Texts that versions after the first have seen in training besides.
  final List<String> knows = new ArrayList<>();

  int scansUntilFailure = Integer.MAX_VALUE;

  FakeService(long seed) {
    random = new Random(seed);
    moves.add(move(Deployment.Kind.DEPLOYED, V1, START.plus(Duration.ofHours(1))));
  }

  static Deployment move(Deployment.Kind kind, Semver version, Instant at) {
    return new Deployment(kind, version, null, 100, "test", "a test", at);
  }

  /// Answers some rows of a day.
  ///
  /// @param shift of the numeric feature
  /// @param wrong the share of scores that know nothing
  void day(int day, int count, String version, double shift, double wrong) {
    for (int i = 0; i < count; i++) {
      double actual = random.nextDouble() < 0.3 ? 1 : 0;
      boolean knows = random.nextDouble() >= wrong;
      double score = Math.clamp(0.5 + (knows ? (actual - 0.5) * 0.3 : 0) + noise(0.2), 0, 1);
      // Rounded, so that scores and values tie.
      rows.add(
          new Answered(
              START.plus(Duration.ofDays(day)).plusMillis(random.nextInt(86_400_000)),
              Math.rint(100 * (shift + noise(1))) / 100,
              List.of("a", "b", "b", "c", "d").get(random.nextInt(5)),
              Math.rint(score * 500) / 500,
              Math.clamp(score + noise(0.1), 0, 1),
              version,
              actual,
              START.plus(Duration.ofDays(day)).plusSeconds(random.nextInt(86_400 * 5 / 2)),
              1_000 + random.nextInt(9_000)));
    }
  }

  private double noise(double size) {
    return size * random.nextGaussian();
  }

  @Override
  public String endpoint() {
    return "late";
  }

  @Override
  public ScoredRows scored(Instant from, Instant to, Instant knownBy) {
    if (--scansUntilFailure < 0) throw new IllegalStateException("killed");
    return joined(picked(from, to), knownBy);
  }

  List<Answered> picked(Instant from, Instant to) {
    return rows.stream().filter(r -> !r.event().isBefore(from) && r.event().isBefore(to)).toList();
  }

  @Override
  public void eachScored(Instant from, Instant to, Instant knownBy, Consumer<ScoredRows> part) {
    List<Answered> all = picked(from, to);
    for (int at = 0; at < all.size(); at += 1_000) {
      part.accept(joined(all.subList(at, Math.min(all.size(), at + 1_000)), knownBy));
    }
  }

  private static ScoredRows joined(List<Answered> all, Instant knownBy) {
    var columns = new LinkedHashMap<String, Table.Column>();
    columns.put("x", new Numbers(all.stream().mapToDouble(Answered::x).toArray()));
    columns.put("c", new Strings(all.stream().map(Answered::c).toArray(String[]::new)));
    return new ScoredRows(
        new Table(columns, all.size()),
        all.stream().mapToLong(r -> r.event().toEpochMilli() * 1_000).toArray(),
        all.stream()
            .mapToDouble(r -> r.knownAt().isAfter(knownBy) ? Double.NaN : r.actual())
            .toArray(),
        all.stream().mapToDouble(Answered::score).toArray(),
        decisions(all),
        all.stream().map(Answered::version).toArray(String[]::new),
        Map.of("1.0.0", all.stream().mapToDouble(Answered::shadow).toArray()),
        all.stream().map(Answered::event).toArray(Instant[]::new),
        all.stream().mapToInt(Answered::micros).toArray());
  }

  private static byte[] decisions(List<Answered> all) {
    byte[] decisions = new byte[all.size()];
    for (int i = 0; i < decisions.length; i++) decisions[i] = (byte) decision(all.get(i).score());
    return decisions;
  }

  static int decision(double score) {
    return score >= 0.55 ? 1 : 0;
  }

  /// What the first version says of a row.
  static double first(Answered row) {
    return row.version().equals("1.0.0") ? row.score() : row.shadow();
  }

  @Override
  public List<Deployment> moves(int limit) {
    return moves.reversed();
  }

  @Override
  public Optional<Semver> shadow() {
    return Optional.of(V1);
  }

  /// 1.0.0 was trained on x around 0, the others on x around 2.
  @Override
  public ModelPackage model(Semver version) {
    var then = new Random(7);
    double middle = version.equals(V1) ? 0 : 2;
    double[] x = new double[4_000];
    Arrays.setAll(x, _ -> Math.rint(100 * (middle + then.nextGaussian())) / 100);
    String[] c = new String[x.length];
    Arrays.setAll(c, _ -> List.of("a", "b", "b", "c", "d").get(then.nextInt(5)));
    for (int i = 0; i < knows.size() && !version.equals(V1); i++) c[i] = knows.get(i);
    var columns = new LinkedHashMap<String, Table.Column>();
    columns.put("x", new Numbers(x));
    columns.put("c", new Strings(c));
    Table training = Table.of(columns);
    return ModelPackage.of(
        Preprocessor.fit(training),
        new Constant(0.3),
        new ModelPackage.Card("late", 0.55, null, new LinkedHashMap<>()),
        List.of(Reference.of("x", x), Reference.of("c", c)),
        training.pick(new int[] {0, 1, 2}));
  }

  @Override
  public void catchUpShadow() {}
}
