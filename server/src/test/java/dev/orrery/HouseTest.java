package dev.orrery;

import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.base.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The rules of the house that no compiler holds.
class HouseTest {
  private static final int LINES_MAX = 500;

  /// What reads the real clock, instead of being given an `InstantSource`.
  private static final Pattern REAL_CLOCK =
      Pattern.compile(
          "\\b(Instant|LocalDate|LocalDateTime|ZonedDateTime|OffsetDateTime|Year)\\.now\\("
              + "|\\bSystem\\.currentTimeMillis\\(|\\bnew Date\\(\\)"
              + "|\\b(InstantSource|Clock)\\.system");

  /// What reads a parameter of the query.
  private static final Pattern QUERY_READ =
      Pattern.compile("request\\s*\\.(?:query|queries|number|flag)\\(\\s*\"([a-z_]+)\"");

  /// Who may: the entry, which hands the clock to everyone else.
  private static final List<String> CLOCKMAKERS = List.of("Main.java");

  @Test
  void every_package_says_what_it_is_for_and_is_null_marked() throws IOException {
    List<String> silent = new ArrayList<>();
    for (Path source : Sources.main()) {
      Path info = source.resolveSibling("package-info.java");
      if (!Files.exists(info)) {
        silent.add(Sources.name(source.resolveSibling("")) + " has no package-info.java");
        continue;
      }
      String text = Files.readString(info);
      if (!text.contains("@NullMarked")) silent.add(Sources.name(info) + " is not @NullMarked");
      if (!text.startsWith("///")) silent.add(Sources.name(info) + " does not say what it is for");
    }
    assertThat(silent.stream().distinct()).isEmpty();
  }

  @Test
  void no_source_is_longer_than_500_lines() throws IOException {
    List<String> long_ = new ArrayList<>();
    for (Path source : Sources.all()) {
      int lines = Files.readAllLines(source).size();
      if (lines > LINES_MAX) long_.add("%s: %d lines".formatted(Sources.name(source), lines));
    }
    assertThat(long_).isEmpty();
  }

  @Test
  void time_is_a_parameter() throws IOException {
    List<String> reads = new ArrayList<>();
    for (Path source : Sources.main()) {
      if (CLOCKMAKERS.contains(source.getFileName().toString())) continue;
      List<String> lines = Files.readAllLines(source);
      for (int i = 0; i < lines.size(); i++) {
        String code = lines.get(i).replaceFirst("//.*", "");
        if (REAL_CLOCK.matcher(code).find()) {
          reads.add("%s:%d: %s".formatted(Sources.name(source), i + 1, code.strip()));
        }
      }
    }
    assertThat(reads).as("take an InstantSource instead").isEmpty();
  }

  @Test
  void every_query_parameter_that_our_api_reads_is_declared_with_its_route() throws IOException {
    List<String> undeclared = new ArrayList<>();
    for (Path source : Sources.main()) {
      String text = Files.readString(source);
      if (!text.contains("\"/api/v1")) continue;
      var reads = QUERY_READ.matcher(text);
      while (reads.find()) {
        String name = reads.group(1);
        if (!Pattern.compile("\"[^\"\\s]*\\?([a-z_]+&)*" + name + "[&\"]").matcher(text).find()) {
          undeclared.add("%s reads %s".formatted(Sources.name(source), name));
        }
      }
    }
    assertThat(undeclared).as("declare it in the pattern: \"/api/v1/runs?limit&page\"").isEmpty();
  }

  @Test
  void every_fault_has_a_number_of_its_own_and_says_what_it_means() {
    Map<String, List<Fault>> byCode =
        Arrays.stream(Fault.values()).collect(groupingBy(Fault::code));
    assertThat(byCode.values()).allSatisfy(faults -> assertThat(faults).hasSize(1));
    assertThat(Fault.values()).allSatisfy(f -> assertThat(f.meaning()).isNotBlank());
  }
}
