package dev.orrery.cli;

import java.util.List;
import java.util.Map;

/// Every command, in the order in which help lists them.
///
/// To add one: a class that extends [Command], a line in each of the two places here, and its texts
/// in both bundles. A group has commands of its own, named by two words.
final class Commands {
  static final List<String> NAMES =
      List.of(
          "demo",
          "init",
          "check",
          "doctor",
          "up",
          "serve",
          "run",
          "status",
          "predict",
          "outcomes",
          "query",
          "exp",
          "lineage",
          "model",
          "deploy",
          "rollback",
          "replay",
          "admin",
          "version",
          "help");

  /// The commands of each group, in the order in which its help lists them.
  static final Map<String, List<String>> GROUPS =
      Map.of(
          "exp",
          List.of("ls", "show", "compare", "diff", "repro", "export", "import-mlflow"),
          "deploy",
          List.of("start", "status", "promote", "abort", "advise", "chaos", "bench", "package"));

  /// What the launcher runs once, so that the JVM can keep what it learnt; not listed.
  static final String REHEARSE = "rehearse";

  private Commands() {}

  /// A new command of this name; its class is loaded here and not before.
  static Command named(String name) {
    return switch (name) {
      case "demo" -> new DemoCommand();
      case "init" -> new InitCommand();
      case "check" -> new CheckCommand();
      case "doctor" -> new DoctorCommand();
      case "up" -> new UpCommand();
      case "serve" -> new ServeCommand();
      case "run" -> new RunCommand();
      case "status" -> new StatusCommand();
      case "predict" -> new PredictCommand();
      case "outcomes" -> new OutcomesCommand();
      case "query" -> new QueryCommand();
      case "exp" -> new GroupCommand("exp");
      case "exp ls" -> new ExpLsCommand();
      case "exp show" -> new ExpShowCommand();
      case "exp compare" -> new ExpCompareCommand(false);
      case "exp diff" -> new ExpCompareCommand(true);
      case "exp repro" -> new ExpReproCommand();
      case "exp export" -> new ExpExportCommand();
      case "exp import-mlflow" -> new ExpImportCommand();
      case "lineage" -> new LineageCommand();
      case "model" -> new ModelCommand();
      case "deploy" -> new GroupCommand("deploy");
      case "deploy start" -> new DeployStartCommand();
      case "deploy status" -> new DeployStatusCommand();
      case "deploy promote" -> new DeployEndCommand(true);
      case "deploy abort" -> new DeployEndCommand(false);
      case "deploy advise" -> new DeployAdviseCommand();
      case "deploy chaos" -> new DeployChaosCommand();
      case "deploy bench" -> new DeployBenchCommand();
      case "deploy package" -> new DeployPackageCommand();
      case "rollback" -> new RollbackCommand();
      case "replay" -> new ReplayCommand();
      case "admin" -> new AdminCommand();
      case "version" -> new VersionCommand();
      case "help" -> new HelpCommand();
      case REHEARSE -> new RehearseCommand();
      default -> throw new IllegalArgumentException("no command named " + name);
    };
  }
}
