package dev.orrery.cli;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `orrery exp import-mlflow SOURCE`: brings over what an MLflow server, or a folder `mlruns`, has.
final class ExpImportCommand extends Command {
  @Parameters(paramLabel = "SOURCE", descriptionKey = "orrery.exp.source")
  String source = "";

  @Option(names = "--experiment", paramLabel = "NAME", descriptionKey = "orrery.exp.only")
  @Nullable String experiment;

  @Option(names = "--no-artifacts", descriptionKey = "orrery.exp.no-artifacts")
  boolean noArtifacts;

  @Override
  int run(Terminal terminal) {
    Client target = server(terminal).within(Duration.ofSeconds(120));
    MlflowImport.Tally tally =
        new MlflowImport(source(terminal, target.server()), target, terminal, !noArtifacts)
            .all(experiment);
    if (terminal.isJson()) {
      terminal.json(MlflowImport.json(tally));
    } else {
      terminal.print(
          terminal.text(
              "exp.import.done",
              tally.experiments,
              tally.runs,
              "%,d".formatted(tally.points),
              tally.files,
              tally.unchanged));
      tally.failures.forEach(failure -> terminal.complain(terminal.red(failure)));
      if (!tally.failures.isEmpty()) terminal.say(terminal.text("exp.import.again"));
    }
    return tally.failures.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private MlflowSource source(Terminal terminal, URI target) {
    if (source.startsWith("http://") || source.startsWith("https://")) {
      try {
        URI address = new URI(source.replaceFirst("/+$", ""));
        if (address.getHost() != null) {
          refuseItself(address, target);
          return new MlflowServer(address, terminal.environment());
        }
      } catch (URISyntaxException _) {
        // Told below.
      }
      throw new Problem(
          Fault.BAD_COMMAND,
          "'%s' is not an address".formatted(Texts.shown(source)),
          "Write it as http://127.0.0.1:5000");
    }
    Path folder = terminal.folder().resolve(source.replaceFirst("^file:(//)?", "")).normalize();
    if (!Files.isDirectory(folder)) {
      throw new Problem(
          Fault.NO_SUCH_FILE,
          "there is no folder %s".formatted(Texts.shown(folder.toString())),
          "Name a folder 'mlruns', or the address of a server");
    }
    Path inside = folder.resolve("mlruns");
    return new MlflowFolder(Files.isDirectory(inside) ? inside : folder);
  }

  /// A server that is read while it is written would bring its own over to itself.
  private static void refuseItself(URI source, URI target) {
    if (port(source) != port(target)) return;
    try {
      InetAddress from = InetAddress.getByName(source.getHost());
      InetAddress to = InetAddress.getByName(target.getHost());
      if (!from.equals(to) && !(from.isLoopbackAddress() && to.isLoopbackAddress())) return;
    } catch (UnknownHostException _) {
      return;
    }
    throw new Problem(
        Fault.BAD_COMMAND,
        "%s is the very server that would be imported into".formatted(source),
        "Name the address of an MLflow, or of another Orrery");
  }

  private static int port(URI address) {
    if (address.getPort() > 0) return address.getPort();
    return "https".equals(address.getScheme()) ? 443 : 80;
  }
}
