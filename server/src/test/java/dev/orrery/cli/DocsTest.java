package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.Golden;
import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import dev.orrery.base.Fault;
import dev.orrery.web.Route;
import dev.orrery.web.RouteOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The documentation, held against the program: what it names is there.
class DocsTest {
  private static final InstantSource NOW =
      InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));

  private static final Pattern COMMAND =
      Pattern.compile("(?<![\\w./-])(?:\\./)?orrery ([a-z][a-z-]*)");
  private static final Pattern NUMBER = Pattern.compile("ORR-\\d{4}");
  private static final Pattern ROUTE =
      Pattern.compile("(?:(GET|POST|PUT|PATCH|DELETE) )?(/(?:api/v1|v2)/[\\w{}.@/-]*)");

  @TempDir Path folder;

  @Test
  void every_whole_project_in_the_docs_is_sound() throws IOException {
    int projects = 0;
    for (Page page : Page.all()) {
      for (Page.Block block : page.blocks()) {
        if (!block.info().equals("yaml project")) continue;
        Path home = Files.createDirectories(folder.resolve("p" + projects++));
        Files.writeString(home.resolve("orrery.yaml"), block.text());
        copyFlights(home);
        Session.Outcome checked = new Session(home).run("check");
        assertThat(checked.err()).as(page.name()).isEmpty();
        assertThat(checked.code()).as(page.name()).isZero();
      }
    }
    assertThat(projects).isGreaterThan(3);
  }

  @Test
  void the_twelve_lines_of_the_readme_train_and_deploy_on_the_flights() throws IOException {
    List<String> projects = new ArrayList<>();
    for (Page page : Page.all()) {
      if (!page.name().matches("README(\\.ko)?\\.md")) continue;
      page.blocks().stream()
          .filter(block -> block.info().equals("yaml project"))
          .forEach(block -> projects.add(block.text()));
    }
    assertThat(projects).hasSize(2).allMatch(text -> text.lines().count() == 12);
    assertThat(projects.getFirst()).isEqualTo(projects.getLast());

    Files.writeString(folder.resolve("orrery.yaml"), projects.getFirst());
    copyFlights(folder);
    Session.Outcome run = new Session(folder).run("run");

    assertThat(run.code()).as(run.err() + run.out()).isZero();
    assertThat(run.out()).contains("late-arrival 1.0.0 serves");
  }

  private static void copyFlights(Path home) throws IOException {
    Path data = Files.createDirectories(home.resolve("data"));
    Files.copy(
        Page.ROOT.resolve("examples/flights/data/flights.parquet"),
        data.resolve("flights.parquet"));
  }

  @Test
  void every_link_leads_somewhere() throws IOException {
    List<Page> pages = Page.all();
    List<String> broken = new ArrayList<>();
    for (Page page : pages) {
      for (String link : page.links()) {
        if (link.matches("[a-z]+:.*")) continue;
        String[] parts = link.split("#", 2);
        Path target =
            parts[0].isEmpty() ? page.file() : page.file().resolveSibling(parts[0]).normalize();
        boolean isThere = Files.exists(target);
        if (isThere && parts.length == 2) {
          isThere =
              pages.stream()
                  .anyMatch(
                      other -> other.file().equals(target) && other.anchors().contains(parts[1]));
        }
        if (!isThere) broken.add("%s: %s".formatted(page.name(), link));
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void every_command_in_the_docs_is_one() throws IOException {
    List<String> unknown = new ArrayList<>();
    for (Page page : Page.all()) {
      for (String code : page.code()) {
        Matcher command = COMMAND.matcher(code);
        while (command.find()) {
          if (!Commands.NAMES.contains(command.group(1))) {
            unknown.add("%s: orrery %s".formatted(page.name(), command.group(1)));
          }
        }
      }
    }
    assertThat(unknown).isEmpty();
  }

  @Test
  void every_command_in_a_message_is_one() throws IOException {
    List<String> unknown = new ArrayList<>();
    try (var sources = Files.walk(Path.of("src/main"))) {
      for (Path source : sources.filter(Files::isRegularFile).toList()) {
        if (!source.toString().matches(".*\\.(java|properties)")) continue;
        Matcher command = Pattern.compile("'orrery ([a-z-]+)").matcher(Files.readString(source));
        while (command.find()) {
          if (!Commands.NAMES.contains(command.group(1))) {
            unknown.add(source.getFileName() + ": orrery " + command.group(1));
          }
        }
      }
    }
    assertThat(unknown).isEmpty();
  }

  @Test
  void every_error_number_in_the_docs_is_one() throws IOException {
    Set<String> known = Arrays.stream(Fault.values()).map(Fault::code).collect(Collectors.toSet());
    List<String> unknown = new ArrayList<>();
    for (Page page : Page.all()) {
      for (String line : page.lines()) {
        Matcher number = NUMBER.matcher(line);
        while (number.find()) {
          if (!known.contains(number.group())) unknown.add(page.name() + ": " + number.group());
        }
      }
    }
    assertThat(unknown).isEmpty();
  }

  @Test
  void every_route_in_the_docs_is_answered_and_the_table_of_routes_is_the_servers()
      throws IOException {
    List<Route> routes;
    try (var orrery = Orrery.start(OrreryOptions.of(folder, 0), NOW)) {
      routes = orrery.routes();
    }
    List<String> unknown = new ArrayList<>();
    for (Page page : Page.all()) {
      for (String line : page.lines()) {
        Matcher route = ROUTE.matcher(line);
        while (route.find()) {
          String path = route.group(2).replaceAll("[./]+$", "");
          String method = route.group(1);
          boolean isThere =
              path.matches("/api/v1|/v2")
                  || routes.stream()
                      .anyMatch(known ->
                          (method == null || method.equals(known.method()))
                              && matches(known.pattern(), path));
          if (!isThere) unknown.add("%s: %s".formatted(page.name(), route.group()));
        }
      }
    }
    assertThat(unknown).isEmpty();
    Golden.check("docs/reference/http.md", "routes", table(routes));
  }

  private static boolean matches(String pattern, String path) {
    String regex = pattern.replaceAll("\\{\\w+\\.\\.\\.}", ".+").replaceAll("\\{\\w+}", "[^/]+");
    return path.equals(pattern) || path.matches(regex);
  }

  private static String table(List<Route> routes) {
    var table = new StringBuilder("| method | path | permission | body | within |\n");
    table.append("|---|---|---|---|---|\n");
    List<Route> sorted = new ArrayList<>(routes);
    sorted.sort(Comparator.comparing(Route::pattern).thenComparing(Route::method));
    for (Route route : sorted) {
      RouteOptions options = route.options();
      boolean hasBody = !route.method().equals("GET");
      table.append(
          "| %s | `%s` | %s | %s | %d s |\n"
              .formatted(
                  route.method(),
                  route.pattern(),
                  route.permission().name().toLowerCase(Locale.ROOT),
                  hasBody ? "%d MB%s".formatted(options.bodyBytesMax() >> 20, gzip(options)) : "",
                  options.deadline().toSeconds()));
    }
    return table.toString();
  }

  private static String gzip(RouteOptions options) {
    return options.gzip() ? ", gzip too" : "";
  }
}
