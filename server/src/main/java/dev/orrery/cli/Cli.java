package dev.orrery.cli;

import static java.util.Objects.requireNonNull;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// From words on a command line to a command that has run, and its exit code.
public final class Cli {
  /// The shared options that take a word, which is then not the command.
  private static final Set<String> VALUED = Set.of("--home", "--lang");

  /// The shared options that take none.
  private static final Set<String> FLAGS =
      Set.of("--json", "-q", "--quiet", "-v", "--verbose", "--no-color");

  private final Terminal terminal;

  Cli(Terminal terminal) {
    this.terminal = terminal;
  }

  /// Runs a command at the terminal of this process.
  public static int run(String[] words, InstantSource clock) {
    PrintStream out = stream(FileDescriptor.out);
    PrintStream err = stream(FileDescriptor.err);
    Terminal terminal = new Terminal(out, err, System.getenv(), clock, Path.of(""));
    int code = new Cli(terminal).run(List.of(words));
    out.flush();
    err.flush();
    return code;
  }

  /// UTF-8 whatever the locale says, so that Korean is never question marks.
  private static PrintStream stream(FileDescriptor descriptor) {
    var file = new FileOutputStream(descriptor);
    return new PrintStream(new java.io.BufferedOutputStream(file), true, StandardCharsets.UTF_8);
  }

  int run(List<String> words) {
    Command command = null;
    try {
      listen(words);
      String name = name(words);
      boolean isVersion = words.contains("--version") || words.contains("-V");
      if (isVersion || (name.equals("version") && isBare(words, Set.of("version")))) {
        return new VersionCommand().run(terminal);
      }
      if (isBare(words, Set.of("help", "-h", "--help"))) return new HelpCommand().run(terminal);
      command = Commands.named(name);
      CommandLine line = line(name, command);
      line.parseArgs(arguments(name, words).toArray(String[]::new));
      if (command.help && !name.equals("help")) {
        usage(named(line, name));
        return ExitCode.OK;
      }
      command.requireFolder(terminal);
      return command.run(terminal);
    } catch (ParameterException e) {
      return failed(command, misuse(e));
    } catch (Problem e) {
      return failed(command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.FAILED;
    } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
      return failed(command, bug(e));
    }
  }

  /// Sets how to speak before anything can go wrong, so that errors too are spoken so.
  private void listen(List<String> words) {
    Language.unspoken(terminal.environment())
        .ifPresent(asked -> terminal.complain(terminal.text("lang.unknown", Texts.shown(asked))));
    boolean isVerbose = words.contains("-v") || words.contains("--verbose");
    boolean isQuiet = words.contains("-q") || words.contains("--quiet");
    terminal.set(words.contains("--json"), isQuiet, isVerbose, words.contains("--no-color"));
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.startsWith("--lang=")) speak(word.substring("--lang=".length()));
      if (word.equals("--lang") && i + 1 < words.size()) speak(words.get(i + 1));
    }
  }

  private void speak(String language) {
    terminal.speak(
        Language.named(language)
            .orElseThrow(() ->
                new Problem(
                    Fault.BAD_COMMAND,
                    "'%s' is not a language spoken here".formatted(Texts.shown(language)),
                    "Use --lang en or --lang ko")));
  }

  /// The command among the words: the first that is no option, nor the value of one; of a group the
  /// first two.
  private static String name(List<String> words) {
    String group = "";
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals("--version") || word.equals("-V")) return "version";
      if (VALUED.contains(word)) {
        i++;
      } else if (!word.startsWith("-")) {
        if (!group.isEmpty()) return group + " " + known(group, word);
        String name = known(word);
        if (!Commands.GROUPS.containsKey(name)) return name;
        group = name;
      } else if (!isShared(word) && !word.equals("-h") && !word.equals("--help")) {
        if (!group.isEmpty()) return group;
        throw unknownOption(word, Commands.NAMES);
      }
    }
    return group.isEmpty() ? "help" : group;
  }

  private static String known(String group, String word) {
    List<String> known = Commands.GROUPS.getOrDefault(group, List.of());
    if (known.contains(word)) return word;
    throw new Problem(
        Fault.BAD_COMMAND,
        "there is no command '%s %s'".formatted(group, Texts.shown(word)),
        Texts.didYouMean(word, known) + "; 'orrery help %s' lists them".formatted(group));
  }

  /// Whether nothing but this is asked for, which is then answered without the parser: that takes
  /// longer to load than all the rest.
  private static boolean isBare(List<String> words, Set<String> spellings) {
    return words.stream().allMatch(w -> spellings.contains(w) || FLAGS.contains(w));
  }

  private static boolean isShared(String word) {
    return FLAGS.contains(word) || VALUED.stream().anyMatch(v -> word.startsWith(v + "="));
  }

  private static String known(String word) {
    if (Commands.NAMES.contains(word) || word.equals(Commands.REHEARSE)) return word;
    throw new Problem(
        Fault.BAD_COMMAND,
        "there is no command '%s'".formatted(Texts.shown(word)),
        Texts.didYouMean(word, Commands.NAMES) + "; 'orrery help' lists them all");
  }

  private static Problem unknownOption(String word, List<String> commands) {
    return new Problem(
        Fault.BAD_COMMAND,
        "the option '%s' stands before any command".formatted(Texts.shown(word)),
        "Write the command first: orrery <command> %s; commands are %s"
            .formatted(Texts.shown(word), String.join(", ", commands)));
  }

  private static List<String> arguments(String name, List<String> words) {
    List<String> arguments = new ArrayList<>(words);
    List<String> names = List.of(name.split(" ", -1));
    names.forEach(arguments::remove);
    arguments.addAll(0, names);
    return arguments;
  }

  private CommandLine line(String name, Command command) {
    CommandLine root = new CommandLine(CommandSpec.create().name("orrery"));
    CommandLine parent = root;
    List<String> names = List.of(name.split(" ", -1));
    for (String group : names.subList(0, names.size() - 1)) {
      CommandLine line = new CommandLine(CommandSpec.create().name(group));
      parent.addSubcommand(group, line);
      parent = line;
    }
    CommandLine line = new CommandLine(command);
    line.setResourceBundle(terminal.messages().bundle());
    line.getCommandSpec()
        .usageMessage()
        .description(terminal.text(name.replace(' ', '.') + ".about"));
    line.getCommandSpec().usageMessage().synopsisHeading(terminal.text("help.usage") + " ");
    line.getCommandSpec().usageMessage().sortOptions(false);
    line.getCommandSpec().usageMessage().abbreviateSynopsis(true);
    if (Commands.GROUPS.containsKey(name)) {
      line.getCommandSpec().usageMessage().footer(GroupCommand.lines(terminal, name));
    }
    parent.addSubcommand(names.getLast(), line);
    return root;
  }

  private static CommandLine named(CommandLine root, String name) {
    CommandLine line = root;
    for (String word : name.split(" ", -1)) line = requireNonNull(line.getSubcommands().get(word));
    return line;
  }

  private void usage(CommandLine line) {
    var scheme = CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF);
    PrintWriter writer = new PrintWriter(terminal.out(), false, StandardCharsets.UTF_8);
    line.usage(writer, scheme);
    writer.flush();
  }

  private static Problem misuse(ParameterException e) {
    String what = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    String remedy = "'%s --help' tells how it is used".formatted(command);
    if (e instanceof UnmatchedArgumentException unmatched) {
      String word = unmatched.getUnmatched().getFirst();
      boolean isOption = word.startsWith("-");
      what =
          "%s '%s' is unknown to '%s'"
              .formatted(isOption ? "the option" : "the word", Texts.shown(word), command);
      List<String> known =
          new ArrayList<>(e.getCommandLine().getCommandSpec().optionsMap().keySet());
      if (isOption && Texts.nearest(word, known).isPresent()) {
        remedy = Texts.didYouMean(word, known);
      }
    }
    return new Problem(Fault.BAD_COMMAND, Texts.shown(what), remedy).because(e);
  }

  private static Problem bug(Throwable e) {
    return new Problem(
            Fault.INTERNAL,
            "this should not have happened: %s".formatted(Texts.shown(String.valueOf(e))),
            "Run it again with -v, and report what it prints together with 'orrery doctor"
                + " --report'")
        .because(e);
  }

  private int failed(@org.jspecify.annotations.Nullable Command command, Problem problem) {
    Path home = command == null ? terminal.folder() : command.home(terminal);
    ErrorText text = new ErrorText(terminal, home);
    if (terminal.isJson()) {
      terminal.complain(text.json(problem).toString());
    } else {
      terminal.complain(text.of(problem));
    }
    if (terminal.isVerbose()) problem.printStackTrace(terminal.err());
    return ExitCode.of(problem.kind());
  }
}
