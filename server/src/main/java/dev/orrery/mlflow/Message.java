package dev.orrery.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.access.Principal;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.web.Request;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// What a client sends: a JSON body or a query, read by field names as protobuf reads them.
///
/// A field that is null is not there; whole numbers may come as texts, and doubles as texts such as
/// `NaN`; fields that nobody asks for are ignored. A variable of the path is a field like others.
/// What is missing or of another type is a [Problem] with MLflow's own words.
public final class Message {
  private static final String SEE =
      "See the API docs for more information about request parameters";

  private final Request request;
  private final JsonNode fields;
  private final String at;

  private Message(Request request, JsonNode fields, String at) {
    this.request = request;
    this.fields = fields;
    this.at = at;
  }

  /// The message of a request.
  ///
  /// @param variables the variables of its path
  public static Message of(Request request, List<String> variables) {
    boolean query = request.method().equals("GET") || request.method().equals("HEAD");
    ObjectNode fields =
        query && !request.parameters().isEmpty() ? query(request) : MessageBody.read(request);
    for (String variable : variables) fields.put(variable, request.path(variable));
    return new Message(request, fields, "");
  }

  private static ObjectNode query(Request request) {
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    request
        .parameters()
        .forEach((name, values) -> {
          if (values.size() == 1) fields.put(name, values.getFirst());
          else values.forEach(fields.withArray("/" + escaped(name))::add);
        });
    return fields;
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  public Principal principal() {
    return request.principal();
  }

  /// The request that brought the message.
  public Request request() {
    return request;
  }

  /// Whether a field is there and not null.
  public boolean has(String field) {
    return !isAbsent(fields.get(field));
  }

  /// A text that must be there and not be empty.
  public String required(String field) {
    String text = text(field);
    if (text == null || text.isEmpty()) throw missing(field);
    return text;
  }

  /// The id of a run, by its name of today or of old.
  public String requiredRun() {
    String id = text("run_id");
    if (id == null || id.isEmpty()) id = text("run_uuid");
    if (id == null || id.isEmpty()) throw missing("run_id");
    return id;
  }

  public @Nullable String text(String field) {
    JsonNode node = fields.get(field);
    if (isAbsent(node)) return null;
    if (node.isTextual()) return node.textValue();
    if (node.isIntegralNumber() && field.equals("experiment_id")) return node.asText();
    throw invalid(field, node);
  }

  public String text(String field, String otherwise) {
    String text = text(field);
    return text == null ? otherwise : text;
  }

  /// A whole number of 64 bits.
  public @Nullable Long whole(String field) {
    JsonNode node = fields.get(field);
    if (isAbsent(node)) return null;
    if (node.isIntegralNumber() && node.canConvertToLong()) return node.longValue();
    if (node.isTextual()) {
      try {
        return Long.parseLong(node.textValue().strip());
      } catch (NumberFormatException e) {
        throw invalid(field, node).because(e);
      }
    }
    if (node.isNumber() && node.canConvertToLong() && node.doubleValue() % 1 == 0) {
      return node.longValue();
    }
    throw invalid(field, node);
  }

  public long whole(String field, long otherwise) {
    Long whole = whole(field);
    return whole == null ? otherwise : whole;
  }

  public long requiredWhole(String field) {
    Long whole = whole(field);
    if (whole == null) throw missing(field);
    return whole;
  }

  /// A page size.
  public int size(String field, int otherwise, int least, int most) {
    long size = whole(field, otherwise);
    if (size < least || size > most) {
      throw new Problem(
          Fault.BAD_MESSAGE,
          "Invalid value %d for parameter '%s' supplied. It must be %s"
              .formatted(size, path(field), size > most ? "at most " + most : "a positive integer"),
          "Give a number from %d to %d".formatted(least, most));
    }
    return (int) size;
  }

  public @Nullable Double number(String field) {
    JsonNode node = fields.get(field);
    if (isAbsent(node)) return null;
    if (node.isNumber()) return node.doubleValue();
    if (node.isTextual()) {
      Double read = MessageBody.number(node.textValue());
      if (read != null) return read;
    }
    throw invalid(field, node);
  }

  public double requiredNumber(String field) {
    Double number = number(field);
    if (number == null) throw missing(field);
    return number;
  }

  public boolean flag(String field, boolean otherwise) {
    JsonNode node = fields.get(field);
    if (isAbsent(node)) return otherwise;
    if (node.isBoolean()) return node.booleanValue();
    if (node.isTextual() && node.textValue().equalsIgnoreCase("true")) return true;
    if (node.isTextual() && node.textValue().equalsIgnoreCase("false")) return false;
    throw invalid(field, node);
  }

  /// A constant by its name.
  public <E extends Enum<E>> @Nullable E constant(String field, Class<E> type) {
    String name = text(field);
    if (name == null || name.isEmpty()) return null;
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(name)) return constant;
    }
    throw new Problem(
        Fault.BAD_MESSAGE,
        "Invalid value \"%s\" for parameter '%s' supplied"
            .formatted(Texts.shown(name), path(field)),
        Texts.didYouMean(
            name, java.util.Arrays.stream(type.getEnumConstants()).map(Enum::name).toList()));
  }

  /// A list of texts; one text counts as a list of one, as in a query.
  public List<String> texts(String field) {
    JsonNode node = fields.get(field);
    if (isAbsent(node)) return List.of();
    if (node.isTextual()) return List.of(node.textValue());
    if (!node.isArray()) throw invalid(field, node);
    List<String> texts = new ArrayList<>(node.size());
    for (JsonNode element : node) {
      if (element.isTextual()) texts.add(element.textValue());
      else if (element.isIntegralNumber()) texts.add(element.asText());
      else throw invalid(field, node);
    }
    return texts;
  }

  /// The messages in a list; what is wrong in one is told with its place, as `metrics[3].value`.
  public List<Message> messages(String field) {
    JsonNode node = fields.get(field);
    if (isAbsent(node)) return List.of();
    if (!node.isArray()) throw invalid(field, node);
    List<Message> messages = new ArrayList<>(node.size());
    int i = 0;
    for (JsonNode element : node) {
      if (!element.isObject()) throw invalid("%s[%d]".formatted(field, i), element);
      messages.add(new Message(request, element, "%s[%d].".formatted(path(field), i)));
      i++;
    }
    return messages;
  }

  /// A message within this one; null if it is not there.
  public @Nullable Message message(String field) {
    JsonNode node = fields.get(field);
    if (isAbsent(node)) return null;
    if (!node.isObject()) throw invalid(field, node);
    return new Message(request, node, path(field) + ".");
  }

  /// An object of texts, in its order.
  public SequencedMap<String, String> map(String field) {
    SequencedMap<String, String> map = new LinkedHashMap<>();
    JsonNode node = fields.get(field);
    if (isAbsent(node)) return map;
    if (!node.isObject()) throw invalid(field, node);
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!entry.getValue().isTextual()) throw invalid(field, node);
      map.put(entry.getKey(), entry.getValue().textValue());
    }
    return map;
  }

  /// A field's JSON as it came; null if it is not there.
  public @Nullable JsonNode json(String field) {
    JsonNode node = fields.get(field);
    return isAbsent(node) ? null : node;
  }

  /// Where a field of this message stands in the whole one: `metrics[3].value`.
  public String path(String field) {
    return at + field;
  }

  /// That a field is not there; to be thrown.
  public Problem missing(String field) {
    return new Problem(
        Fault.BAD_MESSAGE, "Missing value for required parameter '%s'".formatted(path(field)), SEE);
  }

  /// That the value of a field does not do; to be thrown.
  ///
  /// @param why a sentence without a full stop
  public Problem invalid(String field, String why) {
    JsonNode node = fields.path(field);
    String shown = node.isMissingNode() ? "null" : shown(node);
    return new Problem(
        Fault.BAD_MESSAGE,
        "Invalid value %s for parameter '%s' supplied: %s".formatted(shown, path(field), why),
        SEE);
  }

  private Problem invalid(String field, JsonNode node) {
    return new Problem(
        Fault.BAD_MESSAGE,
        "Invalid value %s for parameter '%s' supplied:  Hint: Value was of type '%s'"
            .formatted(shown(node), path(field), MessageBody.type(node)),
        SEE);
  }

  private static String shown(JsonNode node) {
    return Texts.shown(node.isContainerNode() && node.size() > 20 ? "[...]" : node.toString());
  }

  private static boolean isAbsent(@Nullable JsonNode node) {
    return node == null || node.isNull();
  }
}
