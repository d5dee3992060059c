/// An open-loop load generator: sends requests when they are due, whatever the server does, and
/// counts each from the moment it was due, so that a server that stalls cannot hide it.
///
/// Words: the *rate* is what is offered; a request is *due* at a moment fixed beforehand; its
/// *latency* runs from then to the last byte of its answer, its *service time* from when it was
/// sent. Knows HTTP/1.1 only, and nothing of what is asked.
///
/// Limits: 100,000 requests a second, an hour, 4,096 connections, 1 MiB an answer, 1,000,000
/// requests waiting for a connection.
@NullMarked
package dev.orrery.load;

import org.jspecify.annotations.NullMarked;
