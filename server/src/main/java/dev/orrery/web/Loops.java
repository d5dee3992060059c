package dev.orrery.web;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Network threads that end as soon as they are told to: by default they would stay two seconds
/// more.
final class Loops extends MultiThreadIoEventLoopGroup {
  private static final long END_SECONDS_MAX = 5;

  Loops(int threads, String name) {
    super(threads, new DefaultThreadFactory(name, true), handlers());
  }

  private static IoHandlerFactory handlers() {
    return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
  }

  @Override
  public Future<?> shutdownGracefully() {
    return shutdownGracefully(0, END_SECONDS_MAX, TimeUnit.SECONDS);
  }
}
