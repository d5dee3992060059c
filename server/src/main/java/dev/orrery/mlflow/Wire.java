package dev.orrery.mlflow;

import dev.orrery.access.Permission;
import dev.orrery.sql.Tx;
import dev.orrery.sql.Work;
import dev.orrery.web.Handler;
import dev.orrery.web.Once;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Declares what MLflow's clients ask, each under `/api/2.0` and its twin `/ajax-api/2.0`.
///
/// A path is such as `/mlflow/logged-models/{model_id}`; its variables are fields of the message.
/// The object that a handler gives is an [Answer], or a [Response] as it is.
public final class Wire {
  /// Answers a message and changes nothing.
  @FunctionalInterface
  public interface ReadHandler {
    Object handle(Message message);
  }

  /// Does what a message asks within a transaction, and answers. It may run again after a conflict,
  /// so it touches nothing but the transaction.
  @FunctionalInterface
  public interface WriteHandler {
    Object handle(Message message, Tx tx);
  }

  /// What stands around a write: it begins the transaction.
  @FunctionalInterface
  public interface Around {
    Response handle(Message message, Supplier<Response> write);
  }

  private static final int BODY_BYTES_MAX = 4 << 20;
  private static final List<String> PREFIXES = List.of("/api/2.0", "/ajax-api/2.0");
  private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)(?:\\.\\.\\.)?}");

  private final Routes routes;
  private final Once once;

  public Wire(Routes routes, Once once) {
    this.routes = routes;
    this.once = once;
  }

  public void read(String method, String path, ReadHandler handler) {
    List<String> variables = variables(path);
    add(
        method,
        path,
        Permission.VIEW,
        request -> response(handler.handle(Message.of(request, variables))));
  }

  /// A write runs in a transaction of its own, once for each `Idempotency-Key`.
  public void write(String method, String path, Permission permission, WriteHandler handler) {
    write(method, path, permission, (_, write) -> write.get(), handler);
  }

  /// The same, with something around the transaction.
  public void write(
      String method, String path, Permission permission, Around around, WriteHandler handler) {
    List<String> variables = variables(path);
    add(
        method,
        path,
        permission,
        request -> {
          Message message = Message.of(request, variables);
          return around.handle(
              message, () -> once.write(request, tx -> response(handler.handle(message, tx))));
        });
  }

  /// What is done outside of a transaction, because it calls another server.
  public void act(String method, String path, Permission permission, ReadHandler handler) {
    List<String> variables = variables(path);
    add(
        method,
        path,
        permission,
        request -> response(handler.handle(Message.of(request, variables))));
  }

  /// A write that reads its message before its transaction begins, so that others wait less.
  ///
  /// @param reader makes what is done within the transaction
  public void prepared(
      String method, String path, Permission permission, Function<Message, Work<Object>> reader) {
    List<String> variables = variables(path);
    add(
        method,
        path,
        permission,
        request -> {
          Work<Object> work = reader.apply(Message.of(request, variables));
          return once.write(request, tx -> response(work.in(tx)));
        });
  }

  private void add(String method, String path, Permission permission, Handler handler) {
    for (String prefix : PREFIXES) {
      routes.add(method, prefix + path, permission, RouteOptions.body(BODY_BYTES_MAX), handler);
    }
  }

  private static List<String> variables(String path) {
    return VARIABLE.matcher(path).results().map((MatchResult found) -> found.group(1)).toList();
  }

  private static Response response(Object answer) {
    return answer instanceof Response response
        ? response
        : Response.jsonBytes(Answer.bytes(answer));
  }
}
