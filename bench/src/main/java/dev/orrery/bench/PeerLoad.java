package dev.orrery.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.IntFunction;
import jdk.net.ExtendedSocketOptions;

/// Requests over some kept-alive HTTP/1.1 connections at once, each sent as soon as its
/// connection's last was answered, all by one thread: the server and its load share the cores, and
/// a thread a connection takes more of them than the requests do. TCP_NODELAY and quick ACK, as
/// [PeerConnection] has them.
final class PeerLoad {
  private static final long SILENCE_MS = 120_000;

  /// One connection and what has arrived of its answer.
  private static final class Client implements AutoCloseable {
    final int number;
    final SocketChannel channel;
    final boolean hasQuickAck;
    final ByteBuffer answer = ByteBuffer.allocate(1 << 16);

    Client(int number, int port, Selector selector) throws IOException {
      this.number = number;
      channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, this);
      hasQuickAck = channel.supportedOptions().contains(ExtendedSocketOptions.TCP_QUICKACK);
    }

    void send(byte[] request) throws IOException {
      ByteBuffer left = ByteBuffer.wrap(request);
      while (left.hasRemaining()) {
        channel.write(left);
      }
    }

    /// Reads what is there; whether the answer is whole now.
    boolean isAnswered() throws IOException {
      if (channel.read(answer) < 0) throw new EOFException("the connection was closed");
      if (hasQuickAck) channel.setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
      int head = Connection.headEnd(answer.array(), 0, answer.position());
      if (head < 0 || answer.position() < head + Connection.length(answer.array(), head))
        return false;
      if (answer.get(9) != '2') throw new IOException("the server answered: " + text(head));
      answer.clear();
      return true;
    }

    private String text(int head) {
      return new String(answer.array(), 0, head, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private PeerLoad() {}

  /// Answers a second.
  ///
  /// @param request the next one of a connection, by its number
  static double rate(int port, int connections, Duration span, IntFunction<byte[]> request)
      throws IOException {
    var clients = new Client[connections];
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < connections; i++) clients[i] = new Client(i, port, selector);
      long answered = 0;
      long begun = System.nanoTime();
      for (Client client : clients) client.send(request.apply(client.number));
      while (System.nanoTime() - begun < span.toNanos()) {
        if (selector.select(SILENCE_MS) == 0) throw new IOException("the server is silent");
        for (SelectionKey key : selector.selectedKeys()) {
          Client client = (Client) key.attachment();
          if (!client.isAnswered()) continue;
          answered++;
          client.send(request.apply(client.number));
        }
        selector.selectedKeys().clear();
      }
      return answered / ((System.nanoTime() - begun) / 1e9);
    } finally {
      for (Client client : clients) {
        if (client != null) client.close();
      }
    }
  }
}
