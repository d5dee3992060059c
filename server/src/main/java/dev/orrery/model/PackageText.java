package dev.orrery.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Table;
import dev.orrery.stats.Reference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A package as JSON with its keys in one fixed order and numbers in their shortest exact form.
final class PackageText {
  static final int VERSION = 1;

  private PackageText() {}

  static byte[] write(ModelPackage model) {
    ObjectNode root = Json.MAPPER.createObjectNode();
    root.put("orrery_model", VERSION);
    root.put("kind", model.kind());
    ModelPackage.Card card = model.card();
    root.put("positive", card.positive());
    root.set("threshold", number(card.threshold()));
    root.put("threshold_rule", card.thresholdRule());
    ObjectNode training = root.putObject("training");
    card.training().forEach(training::set);
    ArrayNode inputs = root.putArray("inputs");
    for (int i = 0; i < model.signature().size(); i++) {
      inputs.add(input(model.signature().inputs().get(i), model.preprocessor().encodings().get(i)));
    }
    root.set("model", model(model.model()));
    ArrayNode references = root.putArray("references");
    model.references().forEach(r -> references.add((JsonNode) Json.MAPPER.valueToTree(r)));
    ObjectNode golden = root.putObject("golden");
    ObjectNode columns = golden.putObject("columns");
    model.golden().rows().columns().forEach((name, column) -> columns.set(name, column(column)));
    golden.set("scores", numbers(model.golden().scores()));
    return Json.bytes(root);
  }

  /// What holds of a package beyond what its parts check themselves.
  static void check(ModelPackage made) {
    Signature signature = made.signature();
    if (made.model() instanceof Trees trees && trees.width() != signature.size()) {
      throw bad(
          "its trees take %d features and its signature names %d"
              .formatted(trees.width(), signature.size()),
          null);
    }
    if (made.model() instanceof Rule rule) {
      boolean fits = rule.input() >= 0 && rule.input() < signature.size();
      if (!fits || signature.inputs().get(rule.input()).type() != Table.Type.NUMBER) {
        throw bad("its rule is over a column that is no number of its signature", null);
      }
    }
    List<String> described = made.references().stream().map(Reference::column).toList();
    if (!described.isEmpty() && !described.equals(signature.names())) {
      throw bad("its references are not those of its features", null);
    }
    signature.check(made.golden().rows());
  }

  static ModelPackage read(byte[] bytes) {
    JsonNode root;
    try {
      root = Json.tree(bytes);
    } catch (Problem e) {
      throw bad(e.what(), e);
    }
    int version = root.path("orrery_model").asInt(-1);
    if (version != VERSION) {
      throw new Problem(
          Fault.UNSUPPORTED_MODEL,
          "a model package is of version %d, and this is %d".formatted(version, VERSION),
          "Use the Orrery that made it, or a newer one");
    }
    try {
      Preprocessor preprocessor = preprocessor(need(root, "inputs"));
      Model model = model(need(root, "model"), preprocessor);
      if (!text(root, "kind").equals(model.kind())) throw bad("its kind is not its model's", null);
      return ModelPackage.restored(
          preprocessor,
          model,
          card(root),
          references(need(root, "references")),
          golden(need(root, "golden"), preprocessor.signature()));
    } catch (IllegalArgumentException | JsonProcessingException | NullPointerException e) {
      throw bad(String.valueOf(e.getMessage()), e);
    }
  }

  private static ModelPackage.Card card(JsonNode root) {
    var training = new LinkedHashMap<String, JsonNode>();
    need(root, "training").properties().forEach(e -> training.put(e.getKey(), e.getValue()));
    JsonNode rule = root.path("threshold_rule");
    return new ModelPackage.Card(
        text(root, "positive"),
        real(need(root, "threshold")),
        rule.isTextual() ? rule.textValue() : null,
        training);
  }

  private static List<Reference> references(JsonNode node) throws JsonProcessingException {
    List<Reference> references = new ArrayList<>();
    for (JsonNode reference : node) {
      references.add(Json.MAPPER.treeToValue(reference, Reference.class));
    }
    return references;
  }

  private static ObjectNode input(Input input, Encoding encoding) {
    ObjectNode node = Json.MAPPER.createObjectNode().put("name", input.name());
    switch (encoding) {
      case Encoding.Number number -> {
        node.put("type", "number");
        node.set("mean", number(number.mean()));
        node.set("deviation", number(number.deviation()));
      }
      case Encoding.Category category -> {
        node.put("type", "string");
        ArrayNode known = node.putArray("categories");
        category.known().forEach(known::add);
        List<String> seldom = category.rare();
        if (seldom != null) {
          ArrayNode rare = node.putArray("rare");
          seldom.forEach(rare::add);
        }
      }
    }
    return node;
  }

  private static Preprocessor preprocessor(JsonNode inputs) {
    List<Input> made = new ArrayList<>();
    List<Encoding> encodings = new ArrayList<>();
    for (JsonNode node : inputs) {
      String type = text(node, "type");
      switch (type) {
        case "number" -> {
          made.add(new Input(text(node, "name"), Table.Type.NUMBER));
          encodings.add(
              new Encoding.Number(real(need(node, "mean")), real(need(node, "deviation"))));
        }
        case "string" -> {
          made.add(new Input(text(node, "name"), Table.Type.STRING));
          // Packages of before have no list of rare texts.
          List<String> rare = node.has("rare") ? categories(need(node, "rare")) : null;
          encodings.add(new Encoding.Category(categories(need(node, "categories")), rare));
        }
        default -> throw bad("an input is of type '%s'".formatted(Texts.shown(type)), null);
      }
    }
    return new Preprocessor(new Signature(made), encodings);
  }

  private static List<String> categories(JsonNode texts) {
    List<String> known = new ArrayList<>();
    for (JsonNode value : texts) {
      if (!value.isTextual()) throw bad("a category is no text", null);
      known.add(value.textValue());
    }
    return known;
  }

  private static ObjectNode model(Model model) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    switch (model) {
      case Constant constant -> node.set("share", number(constant.share()));
      case Rule rule -> {
        node.put("column", rule.condition().column());
        node.put("operator", rule.condition().operator());
        node.set("value", number(rule.condition().value()));
        node.put("input", rule.input());
        node.set("share_if", number(rule.shareIf()));
        node.set("share_else", number(rule.shareElse()));
      }
      case Linear linear -> {
        node.set("intercept", number(linear.intercept()));
        node.set("weights", numbers(linear.weights()));
      }
      case Trees trees -> node.put("text", trees.text());
    }
    return Json.MAPPER.createObjectNode().set(model.kind(), node);
  }

  private static Model model(JsonNode node, Preprocessor preprocessor) {
    if (node.size() != 1) throw bad("it holds %d models".formatted(node.size()), null);
    String kind = node.fieldNames().next();
    JsonNode inner = need(node, kind);
    return switch (kind) {
      case Constant.KIND -> new Constant(real(need(inner, "share")));
      case Rule.KIND -> {
        String condition = text(inner, "column") + " " + text(inner, "operator");
        yield new Rule(
            Rule.Condition.parse(condition + " " + real(need(inner, "value"))),
            need(inner, "input").asInt(-1),
            real(need(inner, "share_if")),
            real(need(inner, "share_else")));
      }
      case Linear.KIND ->
          new Linear(preprocessor, real(need(inner, "intercept")), reals(need(inner, "weights")));
      case Trees.KIND -> new Trees(text(inner, "text"));
      default ->
          throw new Problem(
              Fault.UNSUPPORTED_MODEL,
              "a model is of the unknown kind '%s'".formatted(Texts.shown(kind)),
              "Use the Orrery that made it, or a newer one");
    };
  }

  private static ModelPackage.Golden golden(JsonNode node, Signature signature) {
    var columns = new LinkedHashMap<String, Table.Column>();
    double[] scores = reals(need(node, "scores"));
    for (Input input : signature.inputs()) {
      JsonNode values = need(need(node, "columns"), input.name());
      if (input.type() == Table.Type.NUMBER) {
        columns.put(input.name(), new Table.Numbers(reals(values)));
      } else {
        @Nullable String[] texts = new String[values.size()];
        for (int i = 0; i < texts.length; i++) {
          JsonNode value = values.path(i);
          texts[i] = value.isTextual() ? value.textValue() : null;
        }
        columns.put(input.name(), new Table.Strings(texts));
      }
    }
    return new ModelPackage.Golden(new Table(columns, scores.length), scores);
  }

  private static ArrayNode column(Table.Column column) {
    return switch (column) {
      case Table.Numbers numbers -> numbers(numbers.values());
      case Table.Strings strings -> {
        ArrayNode texts = Json.MAPPER.createArrayNode();
        for (String value : strings.values()) texts.add(value);
        yield texts;
      }
      case Table.Times _ -> throw new IllegalStateException("the signature refuses times");
    };
  }

  private static ArrayNode numbers(double[] values) {
    ArrayNode node = Json.MAPPER.createArrayNode();
    for (double value : values) node.add(number(value));
    return node;
  }

  /// Strict JSON has no infinities, so they are texts; a missing number is null.
  private static JsonNode number(double value) {
    var nodes = Json.MAPPER.getNodeFactory();
    if (Double.isNaN(value)) return nodes.nullNode();
    return Double.isInfinite(value)
        ? nodes.textNode(Double.toString(value))
        : nodes.numberNode(value);
  }

  private static double[] reals(JsonNode node) {
    if (!node.isArray()) throw bad("an array of numbers is missing", null);
    double[] values = new double[node.size()];
    for (int i = 0; i < values.length; i++) values[i] = real(node.path(i));
    return values;
  }

  private static double real(JsonNode node) {
    if (node.isNumber()) return node.doubleValue();
    if (node.isNull()) return Double.NaN;
    if (node.isTextual() && node.textValue().equals("Infinity")) return Double.POSITIVE_INFINITY;
    if (node.isTextual() && node.textValue().equals("-Infinity")) return Double.NEGATIVE_INFINITY;
    throw bad("a number is missing", null);
  }

  private static String text(JsonNode node, String key) {
    JsonNode value = need(node, key);
    if (!value.isTextual()) throw bad("'%s' is no text".formatted(key), null);
    return value.textValue();
  }

  private static JsonNode need(JsonNode node, String key) {
    JsonNode value = node.get(key);
    if (value == null) throw bad("'%s' is missing".formatted(Texts.shown(key)), null);
    return value;
  }

  private static Problem bad(String what, @Nullable Throwable cause) {
    Problem problem =
        new Problem(
            Fault.BAD_PACKAGE,
            "a model package is damaged: " + Texts.shown(what),
            "Take the package from the run that made it");
    return cause == null ? problem : problem.because(cause);
  }
}
