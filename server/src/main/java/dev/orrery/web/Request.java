package dev.orrery.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.access.Principal;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a caller asks, its body read whole and its size checked; nothing here is trusted further.
///
/// What is missing or malformed is a [Problem] of kind INVALID that names the parameter.
public final class Request {
  private final String method;
  private final String path;
  private final @Nullable String rawQuery;
  private final Route route;
  private final List<String> names;
  private final List<String> values;
  private final Function<String, @Nullable String> headers;
  private final byte[] body;
  private final InputStream stream;
  private final Principal principal;
  private @Nullable Map<String, List<String>> query;

  Request(
      String method,
      Paths.Target target,
      Route route,
      List<String> names,
      List<String> values,
      Function<String, @Nullable String> headers,
      byte[] body,
      InputStream stream,
      Principal principal) {
    this.method = method;
    this.path = target.path();
    this.rawQuery = target.query();
    this.route = route;
    this.names = names;
    this.values = values;
    this.headers = headers;
    this.body = body;
    this.stream = stream;
    this.principal = principal;
  }

  public String method() {
    return method;
  }

  /// The path as it was sent, without the query.
  public String path() {
    return path;
  }

  /// The pattern of the route that answers.
  public String pattern() {
    return route.pattern();
  }

  /// A variable of the pattern, decoded; it holds no slash unless it is a tail, and is never empty.
  public String path(String variable) {
    int at = names.indexOf(variable);
    if (at < 0) {
      throw new IllegalArgumentException("%s has no {%s}".formatted(route.pattern(), variable));
    }
    return values.get(at);
  }

  /// A variable of the pattern that must be a UUID.
  ///
  /// @throws Problem of kind INVALID if it is none
  public UUID id(String variable) {
    String text = path(variable);
    try {
      if (text.length() == 36) return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw notAnId(text).because(e);
    }
    throw notAnId(text);
  }

  private static Problem notAnId(String text) {
    return new Problem(
        Fault.BAD_PARAMETER,
        "'%s' is not an id".formatted(Texts.shown(text)),
        "Give the 36 characters of the id, as the server wrote it");
  }

  /// The first value of a query parameter.
  public Optional<String> query(String name) {
    List<String> all = queries(name);
    if (all.size() > 1 && Failures.under(path, "/api/v1")) {
      throw new Problem(
          Fault.BAD_PARAMETER,
          "%s stands %d times in the URL".formatted(name, all.size()),
          "Give it once");
    }
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getFirst());
  }

  public String query(String name, String otherwise) {
    return query(name).orElse(otherwise);
  }

  /// Every value of a query parameter, in the order of the URL.
  public List<String> queries(String name) {
    return parameters().getOrDefault(name, List.of());
  }

  /// All query parameters.
  public Map<String, List<String>> parameters() {
    Map<String, List<String>> parsed = query;
    if (parsed == null) {
      parsed = Paths.query(rawQuery);
      query = parsed;
    }
    return parsed;
  }

  /// A whole number among the query parameters.
  ///
  /// @throws Problem of kind INVALID if it stands there and is not a whole number
  public long number(String name, long otherwise) {
    String text = query(name).orElse(null);
    if (text == null) return otherwise;
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new Problem(
              Fault.BAD_PARAMETER,
              "%s is '%s', which is not a whole number".formatted(name, Texts.shown(text)),
              "Give a number such as %s=%d".formatted(name, otherwise))
          .because(e);
    }
  }

  /// A page size or another number that has bounds.
  ///
  /// @throws Problem of kind INVALID if it is not a whole number of the range
  public int number(String name, int otherwise, int least, int most) {
    long number = number(name, otherwise);
    if (number < least || number > most) {
      throw new Problem(
          Fault.BAD_PARAMETER,
          "%s is %d".formatted(name, number),
          "Give %s from %d to %d".formatted(name, least, most));
    }
    return (int) number;
  }

  /// A choice among the query parameters.
  ///
  /// @throws Problem of kind INVALID if it stands there and is neither `true` nor `false`
  public boolean flag(String name) {
    String text = query(name, "false");
    if (text.equals("true") || text.equals("false")) return text.equals("true");
    throw new Problem(
        Fault.BAD_PARAMETER,
        "%s is '%s'".formatted(name, Texts.shown(text)),
        "Give %s as true or false".formatted(name));
  }

  /// A header by its name in lower case.
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.apply(name));
  }

  /// The host and port that the caller asked; the gate has seen that they are this server's.
  public String authority() {
    return header(":authority").or(() -> header("host")).orElse("localhost");
  }

  /// The body as it came, or as inflated; not to be changed. Empty where the route streams it.
  public byte[] body() {
    return body;
  }

  /// The body of a streamed route, while it arrives; of another, the bytes of [#body()]. Reading it
  /// throws a [Problem] when it grows beyond the route's cap or its sender goes away.
  public InputStream stream() {
    return stream;
  }

  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /// @throws Problem of kind INVALID if the body is not JSON
  public JsonNode json() {
    return Json.tree(body);
  }

  /// The body as a record of this type.
  ///
  /// @throws Problem of kind INVALID if the body is not JSON of this shape
  public <T> T json(Class<T> type) {
    return Json.read(text(), type);
  }

  public Principal principal() {
    return principal;
  }
}
