package dev.orrery.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A folder with a file `MLmodel`: what it takes and gives, by its signature. Nothing else of the
/// folder is opened here; what lies in it is unpickled by Python alone, in a process of its own.
///
/// @param isTable whether it takes a table of columns, not arrays
/// @param inputs one port for each column or array
/// @param outputs empty where the signature does not say
/// @param params names of the parameters that the signature declares
record MlflowModel(
    Path folder, boolean isTable, List<Column> inputs, List<Port> outputs, List<String> params) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// A port, and the name of the column's type where it is more than the port's.
  record Column(Port port, String type) {}

  /// @throws Problem of kind INVALID or UNSUPPORTED that says what is wrong with the file
  static MlflowModel read(Path folder) {
    Path file = folder.resolve("MLmodel");
    String text;
    try {
      if (Files.size(file) > 1 << 20) {
        throw new Problem(Fault.BAD_MODEL_FILE, file + " is larger than 1 MB", "Make it again");
      }
      text = Files.readString(file);
    } catch (IOException e) {
      throw new Problem(
              Fault.BAD_MODEL_FILE,
              "%s holds no MLmodel that can be read".formatted(folder),
              "Give a folder that mlflow.<flavor>.save_model made")
          .because(e);
    }
    ModelYaml top = ModelYaml.read(text, file, Fault.BAD_MODEL_FILE);
    ModelYaml flavors = top.find("flavors");
    if (flavors == null || flavors.find("python_function") == null) {
      throw new Problem(
          Fault.UNSUPPORTED_MODEL,
          "%s has no flavor python_function".formatted(file),
          "Log it with a flavor that has one, such as sklearn or pyfunc");
    }
    ModelYaml signature = top.find("signature");
    ModelYaml in = signature == null ? null : signature.find("inputs");
    if (signature == null || in == null) {
      throw new Problem(
          Fault.UNSUPPORTED_MODEL,
          "%s has no signature of its inputs".formatted(file),
          "Log it with signature=infer_signature(x, y), so that what it takes is known");
    }
    List<Column> inputs = columns(in, "input");
    boolean isTable = inputs.stream().noneMatch(c -> c.type().equals("tensor"));
    ModelYaml out = signature.find("outputs");
    List<Port> outputs =
        out != null && isTold(out)
            ? columns(out, "predictions").stream().map(Column::port).toList()
            : List.of();
    return new MlflowModel(folder, isTable, inputs, outputs, params(signature.find("params")));
  }

  private static boolean isTold(ModelYaml written) {
    return !written.text().isBlank() && !written.text().equals("null");
  }

  private static List<String> params(@Nullable ModelYaml written) {
    if (written == null || !isTold(written)) return List.of();
    return list(written).valueStream().map(each -> each.path("name").asText()).toList();
  }

  private static JsonNode list(ModelYaml written) {
    try {
      return JSON.readTree(written.text());
    } catch (JsonProcessingException e) {
      throw written.bad("the signature is not JSON").because(e);
    }
  }

  private static List<Column> columns(ModelYaml written, String otherwise) {
    JsonNode list = list(written);
    if (!list.isArray() || list.isEmpty() || list.size() > 10_000) {
      throw written.bad("the signature names no columns");
    }
    List<Column> columns = new ArrayList<>();
    for (JsonNode each : list) columns.add(column(each, written, otherwise));
    return List.copyOf(columns);
  }

  private static Column column(JsonNode each, ModelYaml written, String otherwise) {
    String name = each.path("name").asText(otherwise);
    String type = each.path("type").asText();
    if (type.equals("tensor")) {
      JsonNode spec = each.path("tensor-spec");
      Datatype elements = ofNumpy(spec.path("dtype").asText());
      if (elements == null) throw unsupported(spec.path("dtype").asText());
      List<Long> shape = new ArrayList<>();
      spec.path("shape").forEach(length -> shape.add(length.asLong(-1)));
      if (shape.isEmpty()) throw written.bad("a tensor of the signature has no shape");
      return new Column(new Port(name, elements, shape), "tensor");
    }
    Datatype elements =
        switch (type) {
          case "double" -> Datatype.FP64;
          case "float" -> Datatype.FP32;
          case "long" -> Datatype.INT64;
          case "integer" -> Datatype.INT32;
          case "boolean" -> Datatype.BOOL;
          case "string", "datetime", "binary" -> Datatype.BYTES;
          default -> throw unsupported(type);
        };
    return new Column(Port.of(name, elements, -1), type);
  }

  private static Problem unsupported(String type) {
    return new Problem(
        Fault.UNSUPPORTED_MODEL,
        "the model's signature has the type '%s'".formatted(Texts.shown(type)),
        "Serve models of plain columns or arrays");
  }

  private static @Nullable Datatype ofNumpy(String name) {
    return switch (name) {
      case "float64" -> Datatype.FP64;
      case "float32" -> Datatype.FP32;
      case "int64" -> Datatype.INT64;
      case "int32" -> Datatype.INT32;
      case "int16" -> Datatype.INT16;
      case "int8" -> Datatype.INT8;
      case "uint8" -> Datatype.UINT8;
      case "uint16" -> Datatype.UINT16;
      case "uint32" -> Datatype.UINT32;
      case "uint64" -> Datatype.UINT64;
      case "bool" -> Datatype.BOOL;
      case "str", "object" -> Datatype.BYTES;
      default -> null;
    };
  }
}
