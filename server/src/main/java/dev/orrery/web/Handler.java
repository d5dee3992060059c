package dev.orrery.web;

/// What answers a route.
///
/// Runs on a virtual thread of its own, and may block; a [dev.orrery.base.Problem] it throws is
/// answered as what it is, anything else as a bug. It is interrupted when its deadline passes.
@FunctionalInterface
public interface Handler {
  Response handle(Request request) throws Exception;
}
