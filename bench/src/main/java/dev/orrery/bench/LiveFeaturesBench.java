package dev.orrery.bench;

import dev.orrery.engine.Table;
import dev.orrery.feature.LiveFeatures;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// How long the features of a request take; its rows are those that come after what is known.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LiveFeaturesBench {
  private static final int KNOWN = 100_000;
  private static final int REQUESTS = 64;

  /// Rows of a request.
  @Param({"1", "100"})
  public int rows;

  private LiveFeatures live;
  private final Table[] requests = new Table[REQUESTS];

  /// Features that stand ready under their key, as in a store that someone else fills.
  private final Map<String, double[]> heap = new HashMap<>();

  private int next;

  @Setup
  public void load() {
    Path folder = Path.of(System.getProperty("orrery.root", ".")).resolve("examples/flights");
    Flights flights = Flights.load(folder, KNOWN + REQUESTS * rows);
    live = new LiveFeatures(flights.features());
    live.learn(flights.between(0, KNOWN));
    for (int i = 0; i < REQUESTS; i++) {
      requests[i] = flights.between(KNOWN + i * rows, KNOWN + (i + 1) * rows);
    }
    for (String view : new String[] {"origin", "destination"}) {
      for (String name : flights.rows().strings(view)) {
        heap.put(String.valueOf(name), new double[9]);
      }
    }
  }

  private Table request() {
    next = next + 1 == REQUESTS ? 0 : next + 1;
    return requests[next];
  }

  @Benchmark
  public Table live_features() {
    return live.features(request());
  }

  @Benchmark
  public double[] heap() {
    Table request = request();
    double[] found = new double[18 * rows];
    for (int i = 0; i < rows; i++) {
      copy(request.strings("origin")[i], found, 18 * i);
      copy(request.strings("destination")[i], found, 18 * i + 9);
    }
    return found;
  }

  private void copy(@Nullable String name, double[] to, int at) {
    System.arraycopy(Objects.requireNonNull(heap.get(String.valueOf(name))), 0, to, at, 9);
  }
}
