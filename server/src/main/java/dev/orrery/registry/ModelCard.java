package dev.orrery.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A version's card: what it is for, what it was made of, how it was judged, what led to it, what
/// it consists of and where it has stood; a page that stands alone, or Markdown.
///
/// What a person must say, intent and limits, is read from the tags `card.intent` and `card.limits`
/// and the descriptions; where it is lacking, the card says so.
final class ModelCard {
  static final int LOADS_MAX = 5;
  private static final int MOVES_MAX = 50;

  private final ModelViews.ModelView model;
  private final ModelViews.VersionView version;
  private final List<Section> sections = new ArrayList<>();

  /// A headed table; without columns, lines of text.
  private record Section(String title, List<String> columns, List<List<String>> rows) {}

  private ModelCard(
      ModelViews.ModelView model,
      ModelViews.VersionView version,
      RegisteredVersion registered,
      List<Move> moves,
      List<LoadTest> loads) {
    this.model = model;
    this.version = version;
    purpose();
    made(registered);
    judged();
    underLoad(loads);
    ledTo();
    history(moves);
  }

  static ModelCard of(
      ModelViews.ModelView model,
      ModelViews.VersionView version,
      RegisteredVersion registered,
      List<Move> moves,
      List<LoadTest> loads) {
    return new ModelCard(model, version, registered, moves, loads);
  }

  private void purpose() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("Intent", said("card.intent", model.description())));
    rows.add(List.of("Limits", said("card.limits", null)));
    if (version.description() != null && !version.description().isBlank()) {
      rows.add(List.of("This version", version.description()));
    }
    rows.add(List.of("Stage", version.stage()));
    if (!version.aliases().isEmpty()) {
      rows.add(List.of("Aliases", String.join(", ", version.aliases())));
    }
    rows.add(List.of("Registered", version.createdAt() + " by " + version.by()));
    sections.add(new Section("Purpose", List.of("", ""), rows));
  }

  private String said(String tag, @Nullable String otherwise) {
    String text = version.tags().getOrDefault(tag, model.tags().get(tag));
    if (text == null || text.isBlank()) text = otherwise;
    return text == null || text.isBlank()
        ? "not told: set the tag '%s' of the model".formatted(tag)
        : text;
  }

  private void made(RegisteredVersion registered) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("Version", version.semver() + ", number " + version.version()));
    rows.add(List.of("Because", version.semverReason()));
    Make make = registered.make();
    if (make != null) {
      rows.add(List.of("Architecture", make.kind()));
      make.parameters().forEach((key, value) -> rows.add(List.of("Parameter " + key, value)));
      make.features()
          .forEach(field ->
              rows.add(
                  List.of(
                      make.inputs().contains(field) ? "Input" : "Feature",
                      field.name() + " (" + field.type() + ")")));
    }
    sections.add(new Section("What it is made of", List.of("", ""), rows));
  }

  private void judged() {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode gate : version.gates()) {
      rows.add(
          List.of(
              gate.path("name").asText(),
              gate.path("limit").asText(),
              gate.path("actual").asText("unknown"),
              gate.path("state").asText().toLowerCase(java.util.Locale.ROOT)));
    }
    if (!rows.isEmpty()) {
      sections.add(new Section("Gates", List.of("Gate", "Limit", "Measured", "State"), rows));
    }
    List<List<String>> metrics = new ArrayList<>();
    for (Map.Entry<String, JsonNode> metric : version.metrics().properties()) {
      metrics.add(List.of(metric.getKey(), metric.getValue().asText()));
    }
    if (!metrics.isEmpty()) {
      sections.add(new Section("Metrics", List.of("Metric", "Value"), metrics));
    }
    version
        .approvals()
        .forEach(approval ->
            sections.add(
                new Section(
                    "Approved",
                    List.of("", ""),
                    List.of(List.of(approval.who() + ", " + approval.at(), approval.why())))));
  }

  private void underLoad(List<LoadTest> loads) {
    List<List<String>> rows = new ArrayList<>();
    for (LoadTest load : loads) {
      rows.add(
          List.of(
              load.at().toString(),
              load.who(),
              load.told(),
              "%,d of %,d good".formatted(load.figures().good(), load.figures().offered()),
              load.machine(),
              load.counts() ? "yes" : "no: " + String.join("; ", load.against())));
    }
    if (rows.isEmpty()) return;
    sections.add(
        new Section(
            "Under load", List.of("At", "Who", "What", "Answers", "Server", "Counts"), rows));
  }

  private void ledTo() {
    List<List<String>> rows = new ArrayList<>();
    ModelViews.LineageView lineage = version.lineage();
    add(rows, "Data", lineage.data());
    add(rows, "Features", lineage.features());
    add(rows, "Code", lineage.code());
    add(rows, "Run", lineage.run());
    lineage.parents().forEach(parent -> add(rows, "Parent", parent));
    add(rows, "Source", version.source());
    sections.add(new Section("Lineage", List.of("", ""), rows));
    ModelViews.ManifestView manifest = version.manifest();
    if (manifest != null) {
      sections.add(
          new Section(
              "Signed manifest",
              List.of("", ""),
              List.of(
                  List.of("SHA-256", manifest.digest()),
                  List.of(
                      "Files", "%,d, %,d bytes".formatted(manifest.files(), manifest.bytes())))));
    }
  }

  private static void add(List<List<String>> rows, String name, @Nullable String value) {
    if (value != null) rows.add(List.of(name, value));
  }

  private void history(List<Move> moves) {
    List<List<String>> rows =
        moves.stream()
            .filter(move -> move.version() == version.version())
            .limit(MOVES_MAX)
            .map(move ->
                List.of(
                    move.at().toString(),
                    move.who(),
                    move.kind().word(),
                    (move.from() + " -> " + move.to()).strip(),
                    move.why()))
            .toList();
    sections.add(new Section("History", List.of("At", "Who", "What", "Move", "Why"), rows));
  }

  private String title() {
    return model.name() + " " + version.semver();
  }

  String markdown() {
    var text = new StringBuilder("# " + plain(title()) + "\n");
    for (Section section : sections) {
      text.append("\n## ").append(section.title()).append("\n\n");
      row(text, section.columns());
      text.append("|---".repeat(section.columns().size())).append("|\n");
      section.rows().forEach(row -> row(text, row));
    }
    return text.toString();
  }

  private static void row(StringBuilder text, List<String> cells) {
    cells.forEach(cell -> text.append("| ").append(plain(cell)).append(' '));
    text.append("|\n");
  }

  private static String plain(String text) {
    return text.replace("\\", "\\\\")
        .replace("|", "\\|")
        .replace("<", "&lt;")
        .replaceAll("\\s+", " ");
  }

  String html() {
    var page = new StringBuilder();
    page.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">");
    page.append("<meta name=\"viewport\" content=\"width=device-width\">");
    page.append("<title>").append(escaped(title())).append("</title><style>");
    page.append(
        """
        body{font:15px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}
        table{border-collapse:collapse;width:100%}
        td,th{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top;
          overflow-wrap:anywhere}
        @media(prefers-color-scheme:dark){body{background:#14161a;color:#e6e6e6}}
        """);
    page.append("</style><h1>").append(escaped(title())).append("</h1>");
    for (Section section : sections) {
      page.append("<h2>").append(escaped(section.title())).append("</h2><table>");
      if (section.columns().stream().anyMatch(column -> !column.isEmpty())) {
        page.append("<tr>");
        section
            .columns()
            .forEach(c -> page.append("<th scope=\"col\">").append(escaped(c)).append("</th>"));
        page.append("</tr>");
      }
      for (List<String> row : section.rows()) {
        page.append("<tr>");
        row.forEach(cell -> page.append("<td>").append(escaped(cell)).append("</td>"));
        page.append("</tr>");
      }
      page.append("</table>");
    }
    return page.append("</html>").toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
