package dev.orrery.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.project.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContractTest {
  @TempDir Path folder;

  @Test
  void a_share_of_missing_values_by_column_goes_before_none() throws IOException {
    Contract contract = contract("max_null_ratio: { delay: 0.5, origin: 0 }");

    assertThat(contract.breach(table(1, Double.NaN))).isEmpty();
    assertThat(contract.breach(table(Double.NaN, Double.NaN)).orElseThrow())
        .contains(
            "null_ratio: the share of missing values of column 'delay' is 1, and must be <= 0.5");
  }

  @Test
  void a_required_column_must_be_there() throws IOException {
    Contract contract = contract("required: [delay, distance]");

    assertThat(contract.breach(table(1, 2)).orElseThrow())
        .isEqualTo("schema_match: column 'distance' is not there");
    assertThat(contract("required: [delay]").breach(table(1, 2))).isEmpty();
  }

  @Test
  void infinite_numbers_break_every_contract() throws IOException {
    assertThat(contract("min_rows: 1").breach(table(1, Double.POSITIVE_INFINITY)).orElseThrow())
        .isEqualTo("finite: 1 row of column 'delay' is not finite (row 1: Infinity)");
  }

  @Test
  void a_breach_is_told_in_a_sentence() throws IOException {
    assertThat(contract("ranges: { delay: [1, 6000] }").breach(table(-5, 7)).orElseThrow())
        .isEqualTo("value_range: 1 row of column 'delay' is outside [1, 6000] (row 0: -5)");
    assertThat(contract("patterns: { origin: \"[A-Z]{2}\" }").breach(table(1, 2)).orElseThrow())
        .isEqualTo(
            "pattern: 2 rows of column 'origin' do not match [A-Z]{2} (row 0: ATL, row 1: ORD)");
  }

  private Contract contract(String rules) throws IOException {
    Files.writeString(
        folder.resolve("orrery.yaml"),
        """
        orrery: 1
        project: x
        data: { rows: { path: a.csv, time: t, contract: { %s } } }
        """
            .formatted(rules));
    return Objects.requireNonNull(DatasetBlock.read(Project.load(folder).data()).get("rows"))
        .contract();
  }

  private static Table table(double... delays) {
    SequencedMap<String, Column> columns = new LinkedHashMap<>();
    columns.put("delay", new Numbers(delays));
    columns.put("origin", new Strings(new String[] {"ATL", "ORD"}));
    return Table.of(columns);
  }
}
