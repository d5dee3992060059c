package dev.orrery.project;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Json;

/// The JSON Schema of a project file, for editors; written from the shapes that the check uses.
public final class JsonSchema {
  private static final JsonNodeFactory MAKE = JsonNodeFactory.instance;

  private JsonSchema() {}

  /// The schema of `orrery.yaml`, laid out for people.
  public static String text() {
    ObjectNode schema = MAKE.objectNode();
    schema.put("$schema", "http://json-schema.org/draft-07/schema#");
    schema.put("title", "orrery.yaml");
    ObjectNode project = schema(Keys.PROJECT);
    // The project itself is never a path.
    schema.setAll((ObjectNode) project.get("anyOf").get(0));
    return Json.pretty(schema) + "\n";
  }

  private static ObjectNode schema(Shape shape) {
    ObjectNode schema = bare(shape);
    if (shape.wantsBlock() && !(shape instanceof Shape.Either)) schema = orPath(schema);
    if (!shape.about().isEmpty()) schema.put("description", shape.about());
    return schema;
  }

  private static ObjectNode orPath(ObjectNode block) {
    ObjectNode path = MAKE.objectNode();
    path.put("type", "string").put("description", "The path of a file that holds the block");
    ObjectNode either = MAKE.objectNode();
    either.putArray("anyOf").add(block).add(path);
    return either;
  }

  private static ObjectNode bare(Shape shape) {
    ObjectNode schema = MAKE.objectNode();
    switch (shape) {
      case Shape.Block block -> addBlock(schema, block);
      case Shape.Names names -> {
        schema.put("type", "object");
        schema.set("additionalProperties", schema(names.each()));
      }
      case Shape.Items items -> {
        schema.put("type", "array");
        schema.set("items", schema(items.each()));
      }
      case Shape.Text text -> {
        schema.put("type", "string");
        if (!text.choices().isEmpty()) {
          var choices = schema.putArray("enum");
          text.choices().forEach(choices::add);
        }
      }
      case Shape.Number number ->
          schema.put("type", "number").put("minimum", number.min()).put("maximum", number.max());
      case Shape.Whole whole ->
          schema.put("type", "integer").put("minimum", whole.min()).put("maximum", whole.max());
      case Shape.Flag _ -> schema.put("type", "boolean");
      case Shape.Amount _ -> schema.putArray("type").add("string").add("number");
      case Shape.Either either -> {
        var any = schema.putArray("anyOf");
        either.shapes().forEach(one -> any.add((JsonNode) schema(one)));
      }
    }
    return schema;
  }

  private static void addBlock(ObjectNode schema, Shape.Block block) {
    schema.put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    block.keys().forEach((name, key) -> properties.set(name, schema(key.shape())));
    var required = MAKE.arrayNode();
    block
        .keys()
        .forEach((name, key) -> {
          if (key.isRequired()) required.add(name);
        });
    if (!required.isEmpty()) schema.set("required", required);
    schema.put("additionalProperties", false);
  }
}
