package dev.orrery.serving;

import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.engine.Table.Type;
import dev.orrery.inference.Servable;
import dev.orrery.inference.Statistics;
import dev.orrery.model.Datatype;
import dev.orrery.model.Port;
import dev.orrery.model.Tensor;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The endpoint of a project as protocols see it: one input `[n]` for each raw column; the score,
/// the prediction, and the ids to join outcomes by.
public final class EndpointServable implements Servable {
  private static final int TEXT_MAX = 1_000;
  private static final List<Port> OUTPUTS =
      List.of(
          Port.of("score", Datatype.FP64, -1),
          Port.of("prediction", Datatype.INT64, -1),
          Port.of("id", Datatype.BYTES, -1));

  private final Endpoint endpoint;
  private final InstantSource clock;
  private final Map<String, Statistics> statistics = new ConcurrentHashMap<>();

  public EndpointServable(Endpoint endpoint, InstantSource clock) {
    this.endpoint = endpoint;
    this.clock = clock;
  }

  @Override
  public String name() {
    return endpoint.name();
  }

  /// The versions that may be asked by name; the one that is asked for first.
  private List<String> versions(Optional<String> version) {
    List<String> versions = endpoint.versions();
    if (version.isEmpty() || version.get().equals(versions.getFirst())) return versions;
    var ordered = new ArrayList<String>();
    ordered.add(endpoint.version(version.get()));
    versions.stream().filter(one -> !one.equals(version.get())).forEach(ordered::add);
    return ordered;
  }

  @Override
  public Metadata metadata(Optional<String> version) {
    List<String> versions = versions(version);
    List<Port> inputs = new ArrayList<>();
    endpoint.inputs().forEach((column, type) -> inputs.add(Port.of(column, datatype(type), -1)));
    return new Metadata(name(), versions, "orrery_package", inputs, OUTPUTS, List.of());
  }

  private static Datatype datatype(Type type) {
    return type == Type.NUMBER ? Datatype.FP64 : Datatype.BYTES;
  }

  @Override
  public boolean ready(Optional<String> version) {
    return endpoint.traffic().isPresent() && !versions(version).isEmpty();
  }

  @Override
  public List<Version> versions() {
    if (endpoint.traffic().isEmpty()) return List.of();
    return endpoint.versions().stream().map(one -> new Version(one, State.READY, "")).toList();
  }

  @Override
  public Statistics statistics(String version) {
    Statistics known = statistics.get(version);
    return known != null
        ? known
        : statistics.computeIfAbsent(endpoint.version(version), _ -> new Statistics(clock));
  }

  @Override
  public Result infer(Call call) {
    long began = System.nanoTime();
    Table columns = table(endpoint.inputs(), call.inputs());
    Optional<String> caller =
        call.key().isBlank()
            ? Optional.empty()
            : Optional.of(RequestRows.requireKey("Orrery-Key", call.key()));
    var asking = new Endpoint.Call(Optional.empty(), caller, false);
    Answer answer =
        call.version().isEmpty()
            ? endpoint.predict(columns, asking)
            : endpoint.predict(columns, asking, call.version().get());
    int rows = answer.score().length;
    long[] predictions = new long[rows];
    byte[][] ids = new byte[rows][];
    for (int i = 0; i < rows; i++) {
      predictions[i] = answer.prediction().get(i);
      ids[i] = answer.ids().get(i).toString().getBytes(StandardCharsets.US_ASCII);
    }
    var outputs = new LinkedHashMap<String, Tensor>();
    outputs.put("score", Tensor.of(answer.score(), rows));
    outputs.put("prediction", Tensor.of(predictions, rows));
    outputs.put("id", new Tensor(Datatype.BYTES, new long[] {rows}, ids));
    statistics
        .computeIfAbsent(answer.version(), _ -> new Statistics(clock))
        .ran(rows, System.nanoTime() - began);
    return new Result(answer.version(), outputs);
  }

  private static Table table(
      SequencedMap<String, Type> inputs, SequencedMap<String, Tensor> tensors) {
    SequencedMap<String, Column> columns = new LinkedHashMap<>();
    int rows = -1;
    for (Map.Entry<String, Type> input : inputs.entrySet()) {
      Tensor tensor = tensors.get(input.getKey());
      if (tensor == null) {
        throw RequestRows.bad(
            "the input '%s' is missing".formatted(input.getKey()), "Send its tensor");
      }
      rows = Math.toIntExact(tensor.count());
      columns.put(input.getKey(), column(input.getKey(), input.getValue(), tensor));
    }
    return new Table(columns, Math.max(0, rows));
  }

  private static Column column(String name, Type type, Tensor tensor) {
    return switch (type) {
      case NUMBER -> {
        double[] values = tensor.doubles();
        for (int i = 0; i < values.length; i++) {
          if (Double.isInfinite(values[i])) {
            throw RequestRows.bad(
                "row %d has %s for '%s'".formatted(i, values[i], name), "Send a finite number");
          }
        }
        yield new Numbers(values);
      }
      case STRING -> {
        @Nullable String[] values = new String[Math.toIntExact(tensor.count())];
        for (int i = 0; i < values.length; i++) values[i] = text(name, i, tensor);
        yield new Strings(values);
      }
      case TIME -> {
        long[] values = new long[Math.toIntExact(tensor.count())];
        for (int i = 0; i < values.length; i++) {
          String text = text(name, i, tensor);
          values[i] = text == null ? Times.NONE : RequestRows.time(name, i, text);
        }
        yield new Times(values);
      }
    };
  }

  private static @Nullable String text(String name, int row, Tensor tensor) {
    if (!(tensor.data() instanceof byte[][] texts)) {
      throw RequestRows.bad("input '%s' is %s".formatted(name, tensor.type()), "Send it as BYTES");
    }
    byte[] bytes = texts[row];
    if (bytes == null) return null;
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0
        && !Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes)) {
      throw RequestRows.bad(
          "row %d has bytes that are no UTF-8 for '%s'".formatted(row, name),
          "Send texts as UTF-8");
    }
    if (text.length() <= TEXT_MAX) return text;
    throw RequestRows.bad(
        "row %d has a text of %,d characters for '%s'".formatted(row, text.length(), name),
        "Send a text of at most 1,000 characters");
  }
}
