package dev.orrery.cli;

import dev.orrery.base.Json;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/// Where a command runs: its streams, environment, clock and folder, and how it is to speak.
final class Terminal {
  private final PrintStream out;
  private final PrintStream err;
  private final Map<String, String> environment;
  private final InstantSource clock;
  private final Path folder;
  private boolean isJson;
  private boolean isQuiet;
  private boolean isVerbose;
  private boolean isColour;
  private Messages messages;

  Terminal(
      PrintStream out,
      PrintStream err,
      Map<String, String> environment,
      InstantSource clock,
      Path folder) {
    this.out = out;
    this.err = err;
    this.environment = environment;
    this.clock = clock;
    this.folder = folder;
    this.isColour = environment.containsKey("ORRERY_TTY") && !environment.containsKey("NO_COLOR");
    this.messages = Messages.in(Language.of(environment));
  }

  void set(boolean json, boolean quiet, boolean verbose, boolean noColour) {
    isJson = json;
    isQuiet = quiet;
    isVerbose = verbose;
    isColour = isColour && !noColour && !json;
  }

  void speak(Language language) {
    messages = Messages.in(language);
  }

  /// A line of the result.
  void print(String line) {
    out.println(line);
  }

  /// The result as JSON.
  void json(Object value) {
    out.println(Json.pretty(value));
  }

  /// A line of progress or a hint; not shown when quiet or when the result is JSON.
  void say(String line) {
    if (!isQuiet && !isJson) err.println(line);
  }

  /// A line that is always shown beside the result.
  void complain(String line) {
    err.println(line);
  }

  PrintStream out() {
    return out;
  }

  PrintStream err() {
    return err;
  }

  Map<String, String> environment() {
    return environment;
  }

  InstantSource clock() {
    return clock;
  }

  /// The folder the command was called in.
  Path folder() {
    return folder;
  }

  boolean isJson() {
    return isJson;
  }

  boolean isQuiet() {
    return isQuiet;
  }

  boolean isVerbose() {
    return isVerbose;
  }

  boolean isColour() {
    return isColour;
  }

  Messages messages() {
    return messages;
  }

  String text(String key, Object... values) {
    return messages.text(key, values);
  }

  String green(String text) {
    return coloured("32", text);
  }

  String yellow(String text) {
    return coloured("33", text);
  }

  String red(String text) {
    return coloured("1;31", text);
  }

  String dim(String text) {
    return coloured("2", text);
  }

  String bold(String text) {
    return coloured("1", text);
  }

  private String coloured(String code, String text) {
    return isColour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
