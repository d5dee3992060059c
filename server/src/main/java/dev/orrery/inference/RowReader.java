package dev.orrery.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.model.Datatype;
import dev.orrery.model.Port;
import dev.orrery.model.Tensor;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Rows as several protocols write them - objects by column, lists in order, whole columns - as the
/// tensors that a model takes.
///
/// A value that is missing is `null`; a column that is missing is refused, since it may be a slip.
///
/// @param isFrame whether rows are those of a data frame, whose columns always have names: a matrix
///   without names takes them in their order
record RowReader(Servable.Metadata model, boolean isFrame) {
  RowReader(Servable.Metadata model) {
    this(model, false);
  }

  /// Every row an object of its columns.
  SequencedMap<String, Tensor> objects(JsonNode rows) {
    Set<String> names = new LinkedHashSet<>();
    rows.get(0).fieldNames().forEachRemaining(names::add);
    var columns = new LinkedHashMap<String, ArrayNode>();
    for (String name : names) columns.put(name, JsonNodeFactory.instance.arrayNode(rows.size()));
    int row = 0;
    for (JsonNode values : rows) {
      if (!values.isObject()) throw mixed(row);
      for (String name : names) {
        JsonNode value = values.get(name);
        if (value == null) {
          throw JsonIn.bad(
              "row %d has no column '%s'".formatted(row, Texts.shown(name)),
              "Send every column in every row; a value that is missing is null");
        }
        java.util.Objects.requireNonNull(columns.get(name)).add(value);
      }
      if (values.size() != names.size()) throw extra(row, values, names);
      row++;
    }
    var tensors = new LinkedHashMap<String, Tensor>();
    boolean inOrder = isInOrder(names);
    columns.forEach((name, values) -> tensors.put(name, tensor(name, values, inOrder)));
    return inOrder ? Fit.inOrder(model, tensors) : Fit.fit(model, tensors);
  }

  private static Problem mixed(int row) {
    return JsonIn.bad(
        "row %d is of another kind than the first".formatted(row),
        "Send all rows as objects, or all as lists");
  }

  private static Problem extra(int row, JsonNode values, Set<String> names) {
    String extra = "";
    for (String name : (Iterable<String>) values::fieldNames) {
      if (!names.contains(name)) extra = name;
    }
    return JsonIn.bad(
        "row %d has the column '%s', and the first has not".formatted(row, Texts.shown(extra)),
        "Send the same columns in every row");
  }

  /// Every row a list of its values, in the order of the model's columns.
  SequencedMap<String, Tensor> lists(JsonNode rows) {
    if (model.inputs().size() == 1) return value(rows);
    return lists(Fit.names(model), rows);
  }

  /// Every row a list of its values, in the order of these columns.
  SequencedMap<String, Tensor> lists(List<String> names, JsonNode rows) {
    var columns = new ArrayList<ArrayNode>();
    for (String _ : names) columns.add(JsonNodeFactory.instance.arrayNode(rows.size()));
    int row = 0;
    for (JsonNode values : rows) {
      if (!values.isArray() || values.size() != names.size()) {
        throw JsonIn.bad(
            "row %d has %s, and there are %d columns"
                .formatted(
                    row, values.isArray() ? values.size() + " values" : "no list", names.size()),
            "Send the values of " + Texts.shown(String.join(", ", names)));
      }
      for (int i = 0; i < names.size(); i++) columns.get(i).add(values.get(i));
      row++;
    }
    var tensors = new LinkedHashMap<String, Tensor>();
    boolean inOrder = isInOrder(names);
    for (int i = 0; i < names.size(); i++) {
      if (tensors.put(names.get(i), tensor(names.get(i), columns.get(i), inOrder)) != null) {
        throw JsonIn.bad(
            "the column '%s' stands there twice".formatted(Texts.shown(names.get(i))),
            "Send it once");
      }
    }
    return inOrder ? Fit.inOrder(model, tensors) : Fit.fit(model, tensors);
  }

  /// One value without a name: of a model with one input, that input.
  SequencedMap<String, Tensor> value(JsonNode value) {
    if (model.inputs().size() != 1) {
      throw JsonIn.bad(
          "'%s' has %d inputs, and the request names none"
              .formatted(model.name(), model.inputs().size()),
          "Name them: " + Texts.shown(String.join(", ", Fit.names(model))));
    }
    Port port = model.inputs().getFirst();
    var only = new LinkedHashMap<String, Tensor>();
    only.put(port.name(), TensorJson.read(value, port.name(), port.type()));
    return Fit.fit(model, only);
  }

  /// Whole columns by name.
  SequencedMap<String, Tensor> columns(JsonNode columns) {
    var tensors = new LinkedHashMap<String, Tensor>();
    for (String name : (Iterable<String>) columns::fieldNames) {
      tensors.put(name, tensor(name, columns.get(name), false));
    }
    return Fit.fit(model, tensors);
  }

  private boolean isInOrder(Collection<String> columns) {
    return isFrame && Fit.isInOrder(model, columns);
  }

  private Tensor tensor(String name, JsonNode values, boolean inOrder) {
    return TensorJson.read(values, name, inOrder ? model.inputs().getFirst().type() : type(name));
  }

  /// The types of columns by these names.
  ///
  /// @throws Problem of kind INVALID if the model takes none of a name
  List<Datatype> types(List<String> names) {
    boolean inOrder = isInOrder(names);
    return names.stream()
        .map(name -> inOrder ? model.inputs().getFirst().type() : type(name))
        .toList();
  }

  /// A field of CSV as the value of a column of a type.
  ///
  /// @param text null where the field is empty
  /// @param row its number, for people
  /// @throws Problem of kind INVALID that names row, column and text, if it is none of the type
  static JsonNode cell(String name, Datatype type, @Nullable String text, int row) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    if (text == null) {
      if (type.isFloating() || type == Datatype.BYTES) return json.nullNode();
      throw JsonIn.bad(
          "row %d has no value for '%s'".formatted(row, Texts.shown(name)),
          "Send one; %s takes no missing values".formatted(type));
    }
    if (type == Datatype.BYTES) return json.textNode(text);
    if (type == Datatype.BOOL && text.equalsIgnoreCase("true")) return json.booleanNode(true);
    if (type == Datatype.BOOL && text.equalsIgnoreCase("false")) return json.booleanNode(false);
    if (type.isFloating() || text.contains(".")) return json.numberNode(number(name, text, row));
    try {
      return json.numberNode(new BigInteger(text.strip()));
    } catch (NumberFormatException e) {
      throw notANumber(name, text, row).because(e);
    }
  }

  /// A field of CSV as a floating number.
  static double number(String name, String text, int row) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw notANumber(name, text, row).because(e);
    }
  }

  private static Problem notANumber(String name, String text, int row) {
    return JsonIn.bad(
        "row %d has '%s' for '%s'".formatted(row, Texts.shown(text), Texts.shown(name)),
        "Send a number, or nothing where it is missing");
  }

  /// The type of an input or a column of the only matrix.
  ///
  /// @throws Problem of kind INVALID if there is none of this name
  Datatype type(String name) {
    for (Port port : model.inputs()) if (port.name().equals(name)) return port.type();
    List<String> names = Fit.names(model);
    if (names.contains(name)) return Datatype.FP64;
    throw Fit.unknown(name, names);
  }

  /// Rows in a list, all objects or all lists; or single values, of a model with one input.
  SequencedMap<String, Tensor> rows(JsonNode rows, String called) {
    if (!rows.isArray() || rows.isEmpty()) {
      throw JsonIn.bad("'%s' is no list of rows".formatted(called), "Send at least one row");
    }
    JsonNode first = rows.get(0);
    boolean bytes = first.size() == 1 && first.has("b64");
    if (first.isObject() && !bytes) return objects(rows);
    return first.isArray() ? lists(rows) : value(rows);
  }
}
