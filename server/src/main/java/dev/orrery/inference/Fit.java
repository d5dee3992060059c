package dev.orrery.inference;

import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.model.Datatype;
import dev.orrery.model.Port;
import dev.orrery.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Brings the tensors of a request to what a model takes: its ports by name; or, where the model
/// takes one matrix, a tensor for each column of it; or one matrix, where it takes columns.
final class Fit {
  private Fit() {}

  /// @throws Problem of kind INVALID that names what is missing, unknown or of another shape
  static SequencedMap<String, Tensor> fit(
      Servable.Metadata model, SequencedMap<String, Tensor> given) {
    if (given.isEmpty()) throw JsonIn.bad("the request has no inputs", "Send one tensor at least");
    List<Port> ports = model.inputs();
    if (ports.size() == 1) {
      Port port = ports.getFirst();
      Tensor own = given.get(port.name());
      if (own != null && given.size() == 1) {
        Tensor shaped = shaped(port, own);
        return shaped == own ? given : only(port.name(), shaped);
      }
      if (own == null && isMatrix(port, model.features()) && anyKnown(model.features(), given)) {
        return only(port.name(), matrix(port, model.features(), given));
      }
    } else if (given.size() == 1
        && ports.stream().noneMatch(p -> given.containsKey(p.name()))
        && given.firstEntry().getValue().shape().length == 2) {
      return columns(ports, given.firstEntry().getKey(), given.firstEntry().getValue());
    }
    return byName(ports, model.features(), given);
  }

  private static SequencedMap<String, Tensor> only(String name, Tensor tensor) {
    var one = new LinkedHashMap<String, Tensor>();
    one.put(name, tensor);
    return one;
  }

  /// Whether a port is a matrix whose columns have names.
  static boolean isMatrix(Port port, List<String> features) {
    return port.shape().size() == 2
        && port.type().isNumeric()
        && !features.isEmpty()
        && (port.shape().get(1) == features.size() || port.shape().get(1) == -1);
  }

  /// Whether a model takes one matrix whose columns have no names, or those that LightGBM makes up
  /// where it was given none.
  static boolean isNameless(Servable.Metadata model) {
    if (model.inputs().size() != 1) return false;
    Port port = model.inputs().getFirst();
    if (port.shape().size() != 2 || !port.type().isNumeric()) return false;
    for (int i = 0; i < model.features().size(); i++) {
      if (!model.features().get(i).equals("Column_" + i)) return false;
    }
    return true;
  }

  /// Whether columns of these names are those of a nameless matrix, in their order.
  static boolean isInOrder(Servable.Metadata model, Collection<String> columns) {
    return isNameless(model)
        && !columns.contains(model.inputs().getFirst().name())
        && columns.stream().noneMatch(model.features()::contains);
  }

  /// The matrix of a nameless model, of columns in their order.
  ///
  /// @throws Problem of kind INVALID if they are more or fewer than the matrix has
  static SequencedMap<String, Tensor> inOrder(
      Servable.Metadata model, SequencedMap<String, Tensor> columns) {
    Port port = model.inputs().getFirst();
    long width = port.shape().get(1);
    if (width >= 0 && width != columns.size()) {
      throw JsonIn.bad(
          "there are %,d columns, and the matrix '%s' has %,d"
              .formatted(columns.size(), Texts.shown(port.name()), width),
          "Send as many, in the order of the training; the model knows no names");
    }
    return only(port.name(), matrix(port, List.copyOf(columns.keySet()), columns));
  }

  private static boolean anyKnown(List<String> features, SequencedMap<String, Tensor> given) {
    return given.size() > 1 || features.contains(given.firstEntry().getKey());
  }

  private static SequencedMap<String, Tensor> byName(
      List<Port> ports, List<String> features, SequencedMap<String, Tensor> given) {
    var names = ports.stream().map(Port::name).toList();
    for (String name : given.keySet()) if (!names.contains(name)) throw unknown(name, names);
    var fitting = new LinkedHashMap<String, Tensor>();
    long rows = -1;
    for (Port port : ports) {
      Tensor tensor = given.get(port.name());
      if (tensor == null) throw missing(port.name());
      Tensor shaped = shaped(port, tensor);
      if (rows >= 0 && varies(port) && shaped.rows() != rows) {
        throw uneven(port.name(), shaped.rows(), rows);
      }
      if (varies(port)) rows = shaped.rows();
      fitting.put(port.name(), shaped);
    }
    return fitting;
  }

  private static boolean varies(Port port) {
    return !port.shape().isEmpty() && port.shape().getFirst() == -1;
  }

  static Problem unknown(String name, List<String> names) {
    return JsonIn.bad(
        "there is no input '%s'".formatted(Texts.shown(name)), Texts.didYouMean(name, names));
  }

  static Problem missing(String name) {
    return JsonIn.bad(
        "the input '%s' is missing".formatted(Texts.shown(name)),
        "Send it; a single value that is missing is null");
  }

  private static Problem uneven(String name, long rows, long first) {
    return JsonIn.bad(
        "input '%s' has %,d rows, and the first %,d".formatted(Texts.shown(name), rows, first),
        "Send as many rows for each input");
  }

  /// The tensor in the shape of its port: the same, or a row or a column written in another way.
  private static Tensor shaped(Port port, Tensor tensor) {
    if (port.type().isNumeric() != tensor.type().isNumeric()) {
      throw JsonIn.bad(
          "input '%s' is %s".formatted(Texts.shown(port.name()), tensor.type()),
          "Send it as " + port.type());
    }
    List<Long> wanted = port.shape();
    long[] shape = tensor.shape();
    if (fits(wanted, shape)) return tensor;
    if (wanted.size() == shape.length + 1 && fits(wanted.subList(1, wanted.size()), shape)) {
      return reshaped(tensor, prepended(shape));
    }
    if (wanted.size() == 1 && shape.length == 2 && shape[1] == 1) {
      return reshaped(tensor, new long[] {shape[0]});
    }
    if (wanted.size() == 2 && shape.length == 1 && (wanted.get(1) == 1 || wanted.get(1) == -1)) {
      return reshaped(tensor, new long[] {shape[0], 1});
    }
    throw JsonIn.bad(
        "input '%s' is of shape %s, and the model takes %s"
            .formatted(Texts.shown(port.name()), Arrays.toString(shape), wanted),
        "Send that shape; -1 is any length");
  }

  private static long[] prepended(long[] shape) {
    long[] more = new long[shape.length + 1];
    more[0] = 1;
    System.arraycopy(shape, 0, more, 1, shape.length);
    return more;
  }

  private static Tensor reshaped(Tensor tensor, long[] shape) {
    return new Tensor(tensor.type(), shape, tensor.data());
  }

  private static boolean fits(List<Long> wanted, long[] shape) {
    if (wanted.size() != shape.length) return false;
    for (int i = 0; i < shape.length; i++) {
      if (wanted.get(i) != -1 && wanted.get(i) != shape[i]) return false;
    }
    return true;
  }

  /// Columns put together, in the order of the features.
  private static Tensor matrix(
      Port port, List<String> features, SequencedMap<String, Tensor> given) {
    for (String name : given.keySet()) if (!features.contains(name)) throw unknown(name, features);
    int width = features.size();
    int rows = Math.toIntExact(given.firstEntry().getValue().rows());
    double[] values = new double[Math.multiplyExact(rows, width)];
    for (int column = 0; column < width; column++) {
      String name = features.get(column);
      Tensor tensor = given.get(name);
      if (tensor == null) throw missing(name);
      if (tensor.count() != rows || tensor.rows() != rows) {
        throw uneven(name, tensor.rows(), rows);
      }
      if (!tensor.type().isNumeric()) {
        throw JsonIn.bad(
            "input '%s' is %s".formatted(Texts.shown(name), tensor.type()), "Send it as FP64");
      }
      double[] own = tensor.doubles();
      for (int row = 0; row < rows; row++) values[row * width + column] = own[row];
    }
    return numbers(port, new long[] {rows, width}, values);
  }

  /// Values as a tensor of the port's type, where that is floating; else as doubles.
  static Tensor numbers(Port port, long[] shape, double[] values) {
    Datatype type = port.type();
    return type == Datatype.FP32 || type == Datatype.FP16
        ? TensorJson.ofDoubles(type, shape, values)
        : Tensor.of(values, shape);
  }

  /// A matrix cut into columns.
  private static SequencedMap<String, Tensor> columns(
      List<Port> ports, String name, Tensor matrix) {
    int width = Math.toIntExact(matrix.shape()[1]);
    int rows = Math.toIntExact(matrix.rows());
    if (width != ports.size()) {
      throw JsonIn.bad(
          "input '%s' has %d columns, and the model takes %d"
              .formatted(Texts.shown(name), width, ports.size()),
          "Send the columns of "
              + Texts.shown(String.join(", ", ports.stream().map(Port::name).toList())));
    }
    var split = new LinkedHashMap<String, Tensor>();
    boolean texts = matrix.data() instanceof byte[][];
    double[] numbers = texts ? new double[0] : matrix.doubles();
    for (int column = 0; column < width; column++) {
      Port port = ports.get(column);
      Tensor own;
      if (matrix.data() instanceof byte[][] all) {
        byte[][] values = new byte[rows][];
        for (int row = 0; row < rows; row++) values[row] = all[row * width + column];
        own = new Tensor(Datatype.BYTES, new long[] {rows}, values);
      } else {
        double[] values = new double[rows];
        for (int row = 0; row < rows; row++) values[row] = numbers[row * width + column];
        own = Tensor.of(values, rows);
      }
      split.put(port.name(), shaped(port, own));
    }
    return split;
  }

  /// How many rows the tensors are about.
  static long rows(Map<String, Tensor> tensors) {
    for (Tensor tensor : tensors.values()) return tensor.rows();
    return 0;
  }

  /// The names under which single values of a row may be sent.
  static List<String> names(Servable.Metadata model) {
    if (model.inputs().size() == 1) {
      Port port = model.inputs().getFirst();
      if (isMatrix(port, model.features())) return model.features();
    }
    List<String> names = new ArrayList<>();
    model.inputs().forEach(port -> names.add(port.name()));
    return names;
  }
}
