package dev.orrery;

import dev.orrery.cli.Cli;
import java.time.InstantSource;

/// The entry: argv becomes a command.
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(Cli.run(args, InstantSource.system()));
  }
}
