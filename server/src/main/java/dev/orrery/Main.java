package dev.orrery;

/// The entry: argv becomes a command.
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.out.println("orrery " + args.length);
  }
}
