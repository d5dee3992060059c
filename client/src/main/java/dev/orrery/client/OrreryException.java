package dev.orrery.client;

import java.io.Serial;

/// A call that failed: what the server answered, or why there was no answer.
///
/// [#code] is MLflow's error code, such as `RESOURCE_DOES_NOT_EXIST`, and [#status] the HTTP
/// status; a server that could not be reached has the code `UNREACHABLE` and the status 0.
public final class OrreryException extends RuntimeException {
  /// The code of a call that found no server.
  public static final String UNREACHABLE = "UNREACHABLE";

  @Serial private static final long serialVersionUID = 1;

  private final int status;
  private final String code;

  OrreryException(int status, String code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  OrreryException(String message, Throwable cause) {
    super(message, cause);
    this.status = 0;
    this.code = UNREACHABLE;
  }

  public int status() {
    return status;
  }

  public String code() {
    return code;
  }

  /// Whether what was asked for is not there.
  public boolean isNotFound() {
    return status == 404;
  }

  /// Whether the name of what was to be made is taken.
  public boolean isTaken() {
    return code.equals("RESOURCE_ALREADY_EXISTS");
  }

  /// Whether the same call may succeed later: the server was away, busy or failing.
  public boolean isTransient() {
    return status == 0 || Retries.STATUSES.contains(status);
  }
}
