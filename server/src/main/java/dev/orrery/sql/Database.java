package dev.orrery.sql;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.regex.Pattern;

/// A PostgreSQL database to keep the rows in, instead of a file in the home.
///
/// @param url `jdbc:postgresql://host:port/name`, without who connects
public record Database(String url, String user, String password) {
  /// The variables of the environment that name a database, its user and its password.
  public static final String URL = "ORRERY_DATABASE";

  public static final String USER = "ORRERY_DATABASE_USER";
  public static final String PASSWORD = "ORRERY_DATABASE_PASSWORD";

  /// What of a driver's parameters may be given: none that names a class or a file to write.
  private static final Pattern PARAMETERS =
      Pattern.compile("((sslmode|currentSchema|connectTimeout|socketTimeout)=[\\w.-]+(&|$))*");

  private static final String REMEDY =
      "Write it as postgresql://host:5432/orrery, and give user and password by %s and %s"
          .formatted(USER, PASSWORD);

  /// Reads `postgresql://user@host:port/name`, with `jdbc:` before it or without.
  ///
  /// @param environment where user and password are found
  /// @throws Problem of kind INVALID if it names no PostgreSQL database
  public static Database of(String text, Map<String, String> environment) {
    URI uri;
    try {
      uri =
          new URI(
              text.strip().replaceFirst("^jdbc:", "").replaceFirst("^postgres:", "postgresql:"));
    } catch (URISyntaxException e) {
      throw bad("the database is not named by a URL").because(e);
    }
    String name = uri.getPath();
    if (!"postgresql".equals(uri.getScheme()) || uri.getHost() == null) {
      throw bad("'%s' is not a PostgreSQL database".formatted(shown(uri)));
    }
    if (name == null || !name.matches("/[^/]+")) {
      throw bad("%s names no database".formatted(shown(uri)));
    }
    String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
    if (!PARAMETERS.matcher(query).matches()) {
      throw new Problem(
          Fault.BAD_DATABASE,
          "the parameters '%s' of the database are not all known".formatted(Texts.shown(query)),
          "Use sslmode, currentSchema, connectTimeout and socketTimeout");
    }
    String[] who = uri.getUserInfo() == null ? new String[0] : uri.getUserInfo().split(":", 2);
    String user = environment.getOrDefault(USER, who.length > 0 ? who[0] : "orrery");
    String password = environment.getOrDefault(PASSWORD, who.length > 1 ? who[1] : "");
    int port = uri.getPort() < 0 ? 5432 : uri.getPort();
    String at = "jdbc:postgresql://%s:%d%s".formatted(uri.getHost(), port, uri.getRawPath());
    return new Database(query.isEmpty() ? at : at + "?" + query, user, password);
  }

  private static String shown(URI uri) {
    String text = uri.toString();
    return Texts.shown(
        uri.getRawUserInfo() == null ? text : text.replace(uri.getRawUserInfo() + "@", ""));
  }

  private static Problem bad(String what) {
    return new Problem(Fault.BAD_DATABASE, what, REMEDY);
  }

  /// Without the password.
  @Override
  public String toString() {
    return "%s as %s".formatted(url, user);
  }
}
