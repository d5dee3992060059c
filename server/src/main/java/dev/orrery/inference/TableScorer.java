package dev.orrery.inference;

import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.model.Datatype;
import dev.orrery.model.Port;
import dev.orrery.model.Tensor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A model's file over tables, by the very way that requests take, and so with the same answers.
///
/// Columns that the model does not take are left alone.
public final class TableScorer implements AutoCloseable {
  private final Catalog catalog;
  private final Servable servable;
  private final Servable.Metadata model;

  /// @throws dev.orrery.base.Problem of kind INVALID, UNSUPPORTED or TOO_LARGE if it is no model
  public TableScorer(Path file, InstantSource clock) {
    this.catalog = Catalog.of(List.of(file), CatalogOptions.DEFAULT.withCache(0), clock);
    this.servable = catalog.theDefault();
    this.model = servable.metadata(Optional.empty());
  }

  public String model() {
    return model.name();
  }

  public String version() {
    return model.versions().getFirst();
  }

  /// Whether the model takes a column as texts.
  public boolean takesTexts(String column) {
    return model.inputs().stream()
        .anyMatch(port -> port.name().equals(column) && port.type() == Datatype.BYTES);
  }

  /// The outputs for some rows, each line the values of one row in the order of [#header()].
  ///
  /// @throws dev.orrery.base.Problem of kind INVALID that names the column that does not fit
  public List<List<@Nullable String>> score(Table table, int from, int to) {
    Servable.Result result =
        servable.infer(
            new Servable.Call(Optional.empty(), Fit.fit(model, tensors(table, from, to)), "", 0));
    List<List<@Nullable String>> lines = new ArrayList<>();
    for (int row = 0; row < to - from; row++) {
      List<@Nullable String> line = new ArrayList<>();
      for (Tensor output : result.outputs().values()) {
        int width = Math.toIntExact(output.count() / Math.max(1, output.rows()));
        for (int i = 0; i < width; i++) line.add(text(output, row * width + i));
      }
      lines.add(line);
    }
    return lines;
  }

  /// Names of the values of a line; those of an output with several values are numbered.
  public List<String> header() {
    List<String> names = new ArrayList<>();
    for (Port port : model.outputs()) {
      long width = 1;
      for (int i = 1; i < port.shape().size(); i++) width *= Math.max(1, port.shape().get(i));
      for (int i = 0; i < width; i++) names.add(width == 1 ? port.name() : port.name() + "_" + i);
    }
    return names;
  }

  private static @Nullable String text(Tensor tensor, int i) {
    if (tensor.data() instanceof byte[][] texts) {
      byte[] text = texts[i];
      return text == null ? null : new String(text, StandardCharsets.UTF_8);
    }
    if (tensor.type().isFloating() && Double.isNaN(tensor.doubles()[i])) return null;
    var out = new JsonOut(32, JsonOut.Odd.BARE);
    TensorJson.element(out, tensor, i);
    return new String(out.bytes(), StandardCharsets.UTF_8);
  }

  private LinkedHashMap<String, Tensor> tensors(Table table, int from, int to) {
    List<String> wanted = Fit.names(model);
    var tensors = new LinkedHashMap<String, Tensor>();
    boolean named = wanted.stream().anyMatch(table::has);
    if (!named && model.inputs().size() == 1 && model.inputs().getFirst().shape().size() == 2) {
      // A matrix without names takes the columns in their order.
      tensors.put(model.inputs().getFirst().name(), matrix(table, from, to));
      return tensors;
    }
    for (Map.Entry<String, Table.Column> column : table.columns().entrySet()) {
      if (wanted.contains(column.getKey())) {
        tensors.put(column.getKey(), tensor(column.getValue(), from, to));
      }
    }
    if (tensors.isEmpty()) throw Fit.missing(wanted.getFirst());
    return tensors;
  }

  private static Tensor matrix(Table table, int from, int to) {
    int width = table.columns().size();
    double[] values = new double[Math.multiplyExact(to - from, width)];
    int column = 0;
    for (Map.Entry<String, Table.Column> entry : table.columns().entrySet()) {
      if (!(entry.getValue() instanceof Numbers numbers)) {
        throw JsonIn.bad(
            "the column '%s' holds no numbers".formatted(entry.getKey()),
            "Give a table of numbers in the model's order, or name its columns as the model does");
      }
      for (int row = from; row < to; row++) {
        values[(row - from) * width + column] = numbers.values()[row];
      }
      column++;
    }
    return Tensor.of(values, to - from, width);
  }

  private static Tensor tensor(Table.Column column, int from, int to) {
    int rows = to - from;
    return switch (column) {
      case Numbers numbers ->
          Tensor.of(java.util.Arrays.copyOfRange(numbers.values(), from, to), rows);
      case Strings strings -> {
        byte[][] texts = new byte[rows][];
        for (int i = 0; i < rows; i++) {
          String text = strings.values()[from + i];
          if (text != null) texts[i] = text.getBytes(StandardCharsets.UTF_8);
        }
        yield new Tensor(Datatype.BYTES, new long[] {rows}, texts);
      }
      case Times times -> {
        byte[][] texts = new byte[rows][];
        for (int i = 0; i < rows; i++) {
          Object time = times.value(from + i);
          if (time != null) texts[i] = time.toString().getBytes(StandardCharsets.UTF_8);
        }
        yield new Tensor(Datatype.BYTES, new long[] {rows}, texts);
      }
    };
  }

  @Override
  public void close() {
    catalog.close();
  }
}
