package dev.orrery.data;

import dev.orrery.base.Digest;
import dev.orrery.base.Semver;
import dev.orrery.engine.Table;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// An immutable version of a dataset.
///
/// @param digest over the content: names, types and values, in order
/// @param knownUntil every outcome in it was known by then
/// @param source what it was made from, for people: a file, or the log of predictions
public record DataVersion(
    String dataset,
    Semver version,
    Digest digest,
    long rows,
    Instant from,
    Instant to,
    Instant knownUntil,
    String source,
    List<RawColumn> columns,
    List<Part> parts,
    List<Contract.Result> checks,
    Profile profile,
    Instant createdAt) {
  /// A Parquet blob with some of the rows.
  public record Part(Digest blob, Digest content, long rows) {}

  public record RawColumn(String name, Table.Type type) {}

  /// `flights@1.0.0`.
  public String id() {
    return dataset + "@" + version;
  }

  /// The raw columns with their types, in order.
  public SequencedMap<String, Table.Type> schema() {
    var schema = new LinkedHashMap<String, Table.Type>();
    columns.forEach(column -> schema.put(column.name(), column.type()));
    return schema;
  }
}
