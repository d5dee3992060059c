package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CliTest {
  @TempDir Path folder;
  private Session session;

  @BeforeEach
  void open() {
    session = new Session(folder);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "-V", "version", "check --version", "-q version"})
  void the_version_is_one_line(String words) {
    var outcome = session.run(words.split(" ", -1));

    assertThat(outcome.code()).isZero();
    assertThat(outcome.out()).matches("orrery \\S+ \\(Java 2\\d\\S*\\)\\R");
    assertThat(outcome.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "help", "--help", "-h", "--json --help", "help --help"})
  void help_lists_every_command(String words) {
    var outcome = session.run(words.isEmpty() ? new String[0] : words.split(" ", -1));

    assertThat(outcome.code()).isZero();
    assertThat(outcome.out()).contains(Commands.NAMES).contains("usage: orrery <command>");
  }

  @Test
  void every_command_tells_how_it_is_used_in_both_languages() {
    for (String name : Commands.NAMES) {
      assertThat(session.run(name, "--lang", "en", "-h").out()).containsIgnoringCase("usage:");
      if (name.equals("help")) continue;
      assertThat(session.run("help", name).out())
          .startsWith("usage: orrery " + name)
          .contains("--json", "--home=DIR", "Print the result as JSON");
      assertThat(session.run(name, "--help", "--lang", "ko").out())
          .startsWith("사용법: orrery " + name)
          .contains("결과를 JSON으로 출력");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "chekc|there is no command 'chekc'|Did you mean 'check'",
        "inti|there is no command 'inti'|Did you mean 'init'",
        "zzzzzz|there is no command 'zzzzzz'|Known here: demo, init",
        "check --jsno|the option '--jsno' is unknown to 'orrery check'|Did you mean '--json'",
        "check --xyzzy|the option '--xyzzy' is unknown|'orrery check --help' tells",
        "check extra|the word 'extra' is unknown to 'orrery check'|'orrery check --help' tells",
        "version extra|the word 'extra' is unknown to 'orrery version'|'orrery version --help'",
        "help nope|there is no command 'nope'|Known here",
        "--port 80 check|the option '--port' stands before any command|Write the command first",
        "doctor --port abc|Invalid value for option '--port'|'orrery doctor --help' tells",
        "check --home|Missing required parameter for option '--home'|--help' tells",
        "--lang fr|'fr' is not a language|Use --lang en or --lang ko",
      })
  void bad_words_are_explained_and_end_with_2(String words, String what, String remedy) {
    var outcome = session.run(words.split(" ", -1));

    assertThat(outcome.code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).startsWith("error[ORR-0970]: ").contains(what, remedy);
  }

  @Test
  void with_json_an_error_is_json_too() {
    var outcome = session.run("check", "--json", "--jsno");

    JsonNode error = Json.tree(outcome.err().getBytes(StandardCharsets.UTF_8));
    assertThat(error.path("code").asText()).isEqualTo("ORR-0970");
    assertThat(error.path("kind").asText()).isEqualTo("invalid");
    assertThat(error.path("remedy").asText()).isEqualTo("Did you mean '--json'");
  }

  @Test
  void the_language_follows_the_option_then_the_variable_then_the_locale() {
    assertThat(session.run("help").out()).contains("usage:");
    assertThat(session.with("LANG", "ko_KR.UTF-8").run("help").out()).contains("사용법:");
    assertThat(session.with("ORRERY_LANG", "en").run("help").out()).contains("usage:");
    assertThat(session.run("help", "--lang", "ko").out()).contains("사용법:");
    assertThat(session.run("--lang=ko", "help").out()).contains("사용법:");
  }

  @Test
  void colour_is_for_terminals_that_want_it() {
    assertThat(session.run("chekc").err()).doesNotContain("\u001b");
    session.with("ORRERY_TTY", "1");
    assertThat(session.run("chekc").err()).contains("\u001b[1;31merror[ORR-0970]\u001b[0m");
    assertThat(session.run("chekc", "--no-color").err()).doesNotContain("\u001b");
    assertThat(session.with("NO_COLOR", "").run("chekc").err()).doesNotContain("\u001b");
  }

  @Test
  void verbose_shows_where_an_error_came_from() {
    assertThat(session.run("chekc").err()).doesNotContain("\tat ");
    assertThat(session.run("chekc", "-v").err()).contains("\tat dev.orrery.cli.Cli");
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void every_text_stands_in_every_language(Language language) {
    List<String> own = Collections.list(Messages.in(language).bundle().getKeys());
    List<String> english = Collections.list(Messages.in(Language.EN).bundle().getKeys());
    List<String> named = new ArrayList<>(Commands.NAMES);
    named.replaceAll(name -> name + ".about");

    assertThat(own).containsExactlyInAnyOrderElementsOf(english).containsAll(named);
    for (String key : own) {
      String text = Messages.in(language).bundle().getString(key);
      String other = Messages.in(Language.EN).bundle().getString(key);
      assertThat(text.split("%s", -1)).as(key).hasSameSizeAs(other.split("%s", -1));
    }
  }

  @Test
  void the_rehearsal_touches_nothing_and_ends_well() {
    assertThat(session.run("rehearse")).isEqualTo(new Session.Outcome(0, "", ""));
    assertThat(session.run("rehearse", "--serve")).isEqualTo(new Session.Outcome(0, "", ""));
    assertThat(folder).isEmptyDirectory();
  }
}
