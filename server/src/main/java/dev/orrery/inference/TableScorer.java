package dev.orrery.inference;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// A model's file over tables, by the very way that requests take, and so with the same answers.
///
/// Columns that the model does not take are left alone; texts are read as fields of CSV are. A
/// matrix without names takes all columns, in their order.
public final class TableScorer implements AutoCloseable {
  private final Catalog catalog;
  private final Servable servable;
  private final Servable.Metadata model;
  private final RowReader reader;

  /// @throws dev.orrery.base.Problem of kind INVALID, UNSUPPORTED or TOO_LARGE if it is no model
  public TableScorer(Path file, InstantSource clock) {
    this.catalog = Catalog.of(List.of(file), CatalogOptions.DEFAULT.withCache(0), clock);
    this.servable = catalog.theDefault();
    this.model = servable.metadata(Optional.empty());
    this.reader = new RowReader(model, true);
  }

  public String model() {
    return model.name();
  }

  public String version() {
    return model.versions().getFirst();
  }

  /// The outputs for some rows, each line the values of one row in the order of [#header()].
  ///
  /// @throws dev.orrery.base.Problem of kind INVALID that names the column that does not fit
  public List<List<@Nullable String>> score(Table table, int from, int to) {
    Servable.Result result =
        servable.infer(new Servable.Call(Optional.empty(), fitting(table, from, to), "", 0));
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

  private SequencedMap<String, Tensor> fitting(Table table, int from, int to) {
    List<String> wanted = Fit.names(model);
    boolean inOrder = Fit.isInOrder(model, table.names());
    var columns = new LinkedHashMap<String, Tensor>();
    for (Map.Entry<String, Table.Column> column : table.columns().entrySet()) {
      String name = column.getKey();
      if (!inOrder && !wanted.contains(name)) continue;
      Datatype type = inOrder ? model.inputs().getFirst().type() : reader.type(name);
      columns.put(name, tensor(name, type, column.getValue(), from, to));
    }
    if (columns.isEmpty()) throw Fit.missing(wanted.getFirst());
    return inOrder ? Fit.inOrder(model, columns) : Fit.fit(model, columns);
  }

  private static Tensor tensor(String name, Datatype type, Table.Column column, int from, int to) {
    int rows = to - from;
    return switch (column) {
      case Numbers numbers -> Tensor.of(Arrays.copyOfRange(numbers.values(), from, to), rows);
      case Strings strings -> ofFields(name, type, strings, from, to);
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

  /// Texts as the fields of CSV are read that a request has.
  private static Tensor ofFields(String name, Datatype type, Strings fields, int from, int to) {
    if (type == Datatype.FP64) {
      double[] numbers = new double[to - from];
      for (int i = from; i < to; i++) {
        String text = fields.values()[i];
        numbers[i - from] = text == null ? Double.NaN : RowReader.number(name, text, i + 1);
      }
      return Tensor.of(numbers, to - from);
    }
    JsonNodeFactory json = JsonNodeFactory.instance;
    ArrayNode values = json.arrayNode(to - from);
    for (int i = from; i < to; i++) {
      values.add(RowReader.cell(name, type, fields.values()[i], i + 1));
    }
    try {
      return TensorJson.read(values, name, type);
    } catch (Problem e) {
      // It knows places of this batch; of the file, it is the first that is refused alone.
      for (int i = from; i < to; i++) {
        try {
          TensorJson.read(json.arrayNode().add(values.get(i - from)), name, type);
        } catch (Problem alone) {
          throw JsonIn.bad(
                  "row %d has '%s' for '%s', which is no %s"
                      .formatted(
                          i + 1,
                          Texts.shown(String.valueOf(fields.values()[i])),
                          Texts.shown(name),
                          type),
                  "Give what the model takes")
              .because(alone);
        }
      }
      throw e;
    }
  }

  @Override
  public void close() {
    catalog.close();
  }
}
