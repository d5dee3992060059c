package dev.orrery.web;

import dev.orrery.access.Principal;
import dev.orrery.access.Role;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Who sends a request, told by its headers.
@FunctionalInterface
public interface Authenticator {
  /// On a loopback address there is no login: who can reach the port is trusted, as `local`.
  Authenticator LOCAL =
      new Authenticator() {
        private final Principal local = new Principal("local", Role.ADMIN);

        @Override
        public Principal identify(Function<String, @Nullable String> headers) {
          return local;
        }
      };

  /// The principal; null if the headers prove none.
  ///
  /// @param headers a header's value by its name in lower case
  @Nullable Principal identify(Function<String, @Nullable String> headers);
}
