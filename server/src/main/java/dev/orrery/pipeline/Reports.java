package dev.orrery.pipeline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Json;
import dev.orrery.data.Contract;
import dev.orrery.data.DataVersion;
import dev.orrery.data.Dataset;
import dev.orrery.data.Profile.ColumnProfile;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The report of a data validation, as JSON and as a page that needs nothing else.
final class Reports {
  private static final String STYLE =
      """
      :root{color-scheme:light dark}
      body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
      table{border-collapse:collapse;width:100%;margin:1rem 0}
      th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8885;vertical-align:top}
      td.n{text-align:right;font-variant-numeric:tabular-nums}
      .ok{color:#1a7f37}.bad{color:#cf222e;font-weight:600}
      """;

  private Reports() {}

  /// The report of rows that passed.
  static ObjectNode passed(DataVersion version) {
    ObjectNode report = Json.MAPPER.createObjectNode();
    report.put("dataset", version.dataset());
    report.put("version", version.version().toString());
    report.put("digest", version.digest().hex());
    report.put("passed", true);
    report.put("rows", version.rows());
    report.put("from", version.from().toString());
    report.put("to", version.to().toString());
    report.put("known_until", version.knownUntil().toString());
    report.set("checks", Json.MAPPER.valueToTree(version.checks()));
    report.set("profile", Json.MAPPER.valueToTree(version.profile()));
    return report;
  }

  /// The report of rows that were refused.
  static ObjectNode refused(Dataset dataset, Failure failure) {
    ObjectNode report = Json.MAPPER.createObjectNode();
    report.put("dataset", dataset.name());
    report.put("passed", false);
    report.set("failure", Json.MAPPER.valueToTree(failure));
    return report;
  }

  static String page(DataVersion version) {
    List<String> checks = new ArrayList<>();
    for (Contract.Result check : version.checks()) checks.add(check(check));
    List<String> columns = new ArrayList<>();
    for (ColumnProfile column : version.profile().columns()) columns.add(column(column));
    return page(
        "Data validation of " + version.id(),
        "<p>%,d rows from %s to %s, known until %s. <span class=ok>passed</span></p>"
                .formatted(version.rows(), version.from(), version.to(), version.knownUntil())
            + table(List.of("rule", "column", "measured", "limit", "result"), checks)
            + "<h2>Columns</h2>"
            + table(
                List.of("column", "type", "missing", "distinct", "mean", "std", "min", "max"),
                columns));
  }

  static String page(Dataset dataset, Failure failure) {
    return page(
        "Data validation of " + dataset.name(),
        "<p class=bad>refused</p><p>%s</p><p>%s</p>"
            .formatted(escaped(failure.what()), escaped(failure.hint())));
  }

  private static String check(Contract.Result check) {
    return cells(
        text(check.rule()),
        text(check.column()),
        number(check.actual()),
        text(check.limit()),
        check.passed() ? "<td class=ok>passed</td>" : "<td class=bad>failed</td>");
  }

  private static String column(ColumnProfile column) {
    return cells(
        text(column.name()),
        text(column.type().name().toLowerCase(java.util.Locale.ROOT)),
        number((double) column.missing()),
        number((double) column.distinct()),
        number(column.mean()),
        number(column.std()),
        text(column.min()),
        text(column.max()));
  }

  private static String page(String title, String body) {
    return """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%s</title>
    <style>%s</style></head>
    <body><h1>%s</h1>%s</body></html>
    """
        .formatted(escaped(title), STYLE, escaped(title), body);
  }

  private static String table(List<String> head, List<String> rows) {
    var text = new StringBuilder("<table><thead><tr>");
    head.forEach(name -> text.append("<th>").append(escaped(name)).append("</th>"));
    text.append("</tr></thead><tbody>");
    rows.forEach(text::append);
    return text.append("</tbody></table>").toString();
  }

  private static String cells(String... cells) {
    return "<tr>" + String.join("", cells) + "</tr>";
  }

  private static String text(@Nullable String value) {
    return "<td>" + (value == null ? "" : escaped(value)) + "</td>";
  }

  private static String number(@Nullable Double value) {
    return "<td class=n>" + (value == null ? "" : GateResult.plain(value)) + "</td>";
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
