package dev.orrery.web;

import dev.orrery.base.Fault;
import io.netty.channel.Channel;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What the wire guards of all connections share with the dispatcher.
final class Wire {
  /// The header by which a wire guard hands a refusal to the dispatcher, with a secret in front.
  static final String REFUSAL = "x-orrery-refusal";

  final WebOptions.Limits limits;
  final int connectionsMax;
  final Set<WireGuard> open = ConcurrentHashMap.newKeySet();
  final AtomicInteger connections = new AtomicInteger();
  final AtomicReference<@Nullable Channel> listener = new AtomicReference<>();
  volatile boolean stopping;

  private final String secret;

  Wire(WebOptions options) {
    this.limits = options.limits();
    this.connectionsMax = options.connectionsMax();
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    this.secret = HexFormat.of().formatHex(random);
  }

  /// A request that stands for a refused one and keeps its place in the order of the answers.
  String substitute(Head.Refusal refusal, String target) {
    return "GET %s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n%s: %s %s %s\r\n\r\n"
        .formatted(target, REFUSAL, secret, refusal.fault().name(), refusal.what());
  }

  /// The refusal that a header stands for; null if a client wrote it.
  Head.@Nullable Refusal refusal(String header) {
    String[] parts = header.split(" ", 3);
    if (parts.length < 3 || !parts[0].equals(secret)) return null;
    return new Head.Refusal(Fault.valueOf(parts[1]), parts[2]);
  }
}
