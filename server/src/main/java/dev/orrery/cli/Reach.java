package dev.orrery.cli;

import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A way to the project's server: the one that runs on its home, or one that this command starts
/// for as long as it runs.
///
/// @param own null where another process serves
record Reach(Client client, @Nullable Orrery own) implements AutoCloseable {
  static Reach of(Path home, Terminal terminal, int threads, String command) {
    Optional<Client> running = Client.named(terminal.environment()).or(() -> Client.find(home));
    if (running.isPresent()) return new Reach(running.get(), null);
    var options =
        new OrreryOptions(home, "127.0.0.1", 0, null, threads, command)
            .withDatabase(Databases.of(null, terminal));
    Orrery own = Orrery.start(options, terminal.clock());
    return new Reach(Client.at(URI.create(own.address())), own);
  }

  @Override
  public void close() {
    if (own != null) own.close();
  }
}
