package dev.orrery.web;

import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What a route allows beyond the defaults: a body of 1 MB, no compressed bodies, 30 s, a virtual
/// thread, and the lane its permission implies.
///
/// @param bodyBytesMax the largest body, after inflating
/// @param streamed whether the handler reads the body itself while it arrives, by
///   [Request#stream()]
/// @param lane null for the one that the permission implies
/// @param gzip whether a gzip body is inflated, up to the body's cap and a ratio of 100
/// @param onEventLoop which requests the handler answers on the network thread: only those that it
///   never blocks for and answers within microseconds; null for none
/// @param anyContentType whether a browser may send something other than JSON here
/// @param deadline how long an answer may take
public record RouteOptions(
    long bodyBytesMax,
    boolean streamed,
    @Nullable Lane lane,
    boolean gzip,
    @Nullable Predicate<Request> onEventLoop,
    boolean anyContentType,
    Duration deadline) {
  public static final RouteOptions DEFAULT =
      new RouteOptions(1 << 20, false, null, false, null, false, Duration.ofSeconds(30));

  private static final int BODY_BYTES_LIMIT = 1 << 30;

  public RouteOptions {
    if (bodyBytesMax < 0 || (!streamed && bodyBytesMax > BODY_BYTES_LIMIT)) {
      throw new IllegalArgumentException("a body cap lies between 0 and 1 GiB: " + bodyBytesMax);
    }
    if (streamed && (gzip || onEventLoop != null)) {
      throw new IllegalArgumentException("a streamed body is read by a thread, and as it comes");
    }
    if (deadline.isNegative() || deadline.isZero()) {
      throw new IllegalArgumentException("a deadline is longer than nothing: " + deadline);
    }
  }

  public static RouteOptions body(int bytesMax) {
    return DEFAULT.withBody(bytesMax);
  }

  /// A body read while it arrives, in the lane for artifacts; give it a deadline that fits its
  /// size.
  public static RouteOptions streamed(long bytesMax) {
    return new RouteOptions(bytesMax, true, Lane.ARTIFACTS, false, null, true, Duration.ofHours(1));
  }

  public static RouteOptions in(Lane lane) {
    return DEFAULT.withLane(lane);
  }

  public RouteOptions withBody(int bytesMax) {
    return new RouteOptions(bytesMax, streamed, lane, gzip, onEventLoop, anyContentType, deadline);
  }

  public RouteOptions withLane(Lane other) {
    return new RouteOptions(
        bodyBytesMax, streamed, other, gzip, onEventLoop, anyContentType, deadline);
  }

  public RouteOptions withGzip() {
    return new RouteOptions(
        bodyBytesMax, streamed, lane, true, onEventLoop, anyContentType, deadline);
  }

  public RouteOptions withEventLoop() {
    return withEventLoop(_ -> true);
  }

  /// The same, with those requests answered on the network thread that the test picks; it must
  /// itself be quick.
  public RouteOptions withEventLoop(Predicate<Request> quick) {
    return new RouteOptions(bodyBytesMax, streamed, lane, gzip, quick, anyContentType, deadline);
  }

  public RouteOptions withAnyContentType() {
    return new RouteOptions(bodyBytesMax, streamed, lane, gzip, onEventLoop, true, deadline);
  }

  public RouteOptions withDeadline(Duration other) {
    return new RouteOptions(bodyBytesMax, streamed, lane, gzip, onEventLoop, anyContentType, other);
  }
}
