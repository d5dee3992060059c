package dev.orrery.cli;

/// One line of progress on standard error: rewritten in place at a terminal, and elsewhere printed
/// anew once in a while. Not shown when quiet or when the result is JSON.
final class ProgressLine {
  private static final long REWRITE_NANOS = 100_000_000L;
  private static final long REPEAT_NANOS = 10_000_000_000L;

  private final Terminal terminal;
  private final boolean isTerminal;
  private long shownAt;
  private int width;

  ProgressLine(Terminal terminal) {
    this.terminal = terminal;
    this.isTerminal = terminal.environment().containsKey("ORRERY_TTY");
    this.shownAt = System.nanoTime() - REPEAT_NANOS;
  }

  void show(String text) {
    if (terminal.isJson() || terminal.isQuiet()) return;
    long now = System.nanoTime();
    if (now - shownAt < (isTerminal ? REWRITE_NANOS : REPEAT_NANOS)) return;
    shownAt = now;
    if (!isTerminal) {
      terminal.say(text);
      return;
    }
    String padding = " ".repeat(Math.max(0, width - text.length()));
    terminal.err().print("\r" + text + padding);
    terminal.err().flush();
    width = text.length();
  }

  /// Takes the line away, so that others can stand there.
  void clear() {
    if (width == 0) return;
    terminal.err().print("\r" + " ".repeat(width) + "\r");
    terminal.err().flush();
    width = 0;
  }
}
