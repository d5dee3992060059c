package dev.orrery.web;

import dev.orrery.access.Permission;
import dev.orrery.access.Principal;
import dev.orrery.access.Role;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The one gate before all routes: which host a request must name, from which pages it may come,
/// and who may ask for what. What it does not allow is denied.
///
/// A page of another site can make a browser send requests to a loopback port, and can rebind its
/// own name to it. It cannot forge the Host, Origin and Sec-Fetch-Site headers, which is why these
/// are compared exactly.
final class Gate {
  /// A principal for routes that ask for none.
  private static final Principal ANYONE = new Principal("anyone", Role.VIEWER);

  private final Set<String> hosts;
  private final Authenticator authenticator;

  Gate(WebOptions options) {
    Set<String> names = new TreeSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));
    for (String host : options.allowedHosts()) names.add(host.toLowerCase(Locale.ROOT));
    this.hosts = Set.copyOf(names);
    this.authenticator = options.authenticator();
  }

  /// @throws Problem of kind DENIED if the request names another host or comes from another site
  void admitOrigin(Function<String, @Nullable String> headers, String authority, boolean page) {
    if (!hosts.contains(name(authority))) {
      throw new Problem(
          Fault.FOREIGN_HOST,
          "the Host header names '%s', which is not this server".formatted(Texts.shown(authority)),
          "Ask for localhost or 127.0.0.1");
    }
    String origin = headers.apply("origin");
    if (origin != null && !isOwn(origin, authority)) {
      throw foreign("a page of '%s' sent this request".formatted(Texts.shown(origin)));
    }
    String site = headers.apply("sec-fetch-site");
    if (site == null || site.equals("same-origin") || site.equals("none")) return;
    // Following a link to a page of the console is harmless; anything else across sites is not.
    boolean link =
        page
            && "navigate".equals(headers.apply("sec-fetch-mode"))
            && "document".equals(headers.apply("sec-fetch-dest"));
    if (!link) throw foreign("a page of another site sent this request");
  }

  private static boolean isOwn(String origin, String authority) {
    // This server speaks plain HTTP: a page of https:// is another site's.
    int scheme = "http://".length();
    return origin.startsWith("http://")
        && origin.length() - scheme == authority.length()
        && origin.regionMatches(true, scheme, authority, 0, authority.length());
  }

  private static Problem foreign(String what) {
    return new Problem(
        Fault.FOREIGN_ORIGIN, what, "Open the console at this server's own address and ask there");
  }

  /// A host without its port, in lower case.
  private static String name(String authority) {
    int colon = authority.lastIndexOf(':');
    boolean port = colon > authority.lastIndexOf(']');
    if (port) {
      for (int i = colon + 1; i < authority.length(); i++) {
        if (!Character.isDigit(authority.charAt(i))) return "";
      }
    }
    return (port ? authority.substring(0, colon) : authority).toLowerCase(Locale.ROOT);
  }

  /// A browser states the type of what it sends, and only JSON cannot be sent by a plain form.
  ///
  /// @throws Problem of kind UNSUPPORTED if a browser sends something else
  static void admitContent(
      Function<String, @Nullable String> headers, String method, RouteOptions options) {
    if (options.anyContentType() || method.equals("GET") || method.equals("HEAD")) return;
    if (headers.apply("origin") == null && headers.apply("sec-fetch-site") == null) return;
    String type = headers.apply("content-type");
    if (type == null && method.equals("DELETE")) return;
    String media = type == null ? "" : type.split(";", 2)[0].strip();
    if (!media.equalsIgnoreCase("application/json")) {
      throw new Problem(
          Fault.WRONG_CONTENT_TYPE,
          "a browser sent '%s'".formatted(Texts.shown(media)),
          "Send it with Content-Type: application/json");
    }
  }

  /// @throws Problem of kind DENIED if the caller may not ask this
  Principal admit(Function<String, @Nullable String> headers, Permission permission) {
    if (permission == Permission.PUBLIC) return ANYONE;
    Principal principal = authenticator.identify(headers);
    if (principal == null) {
      throw new Problem(
          Fault.LOGIN_NEEDED,
          "the request does not say who sends it",
          "Send a token: Authorization: Bearer orr_...");
    }
    if (!principal.may(permission)) {
      throw new Problem(
          Fault.NOT_ALLOWED,
          "%s is %s and this asks for %s"
              .formatted(
                  Texts.shown(principal.name()),
                  principal.role().name().toLowerCase(Locale.ROOT),
                  permission.name().toLowerCase(Locale.ROOT)),
          "Ask an administrator for the role");
    }
    return principal;
  }
}
