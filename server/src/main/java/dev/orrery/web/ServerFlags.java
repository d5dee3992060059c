package dev.orrery.web;

import com.linecorp.armeria.common.FlagsProvider;
import com.linecorp.armeria.common.metric.NoopMeterRegistry;
import com.linecorp.armeria.common.util.TlsEngineType;
import io.micrometer.core.instrument.MeterRegistry;

/// What Armeria is told before anything else; found by its service loader, which is why it is
/// public.
public final class ServerFlags implements FlagsProvider {
  @Override
  public int priority() {
    return 100;
  }

  /// The wire guard lets clients read the last answer; Armeria need not wait for them.
  @Override
  public Long defaultHttp1ConnectionCloseDelayMillis() {
    return 0L;
  }

  /// TLS by the JDK: loading OpenSSL costs a third of a second at every start.
  @Override
  public TlsEngineType tlsEngineType() {
    return TlsEngineType.JDK;
  }

  /// Queries are values: what they mean is checked where they are used.
  @Override
  public Boolean allowDoubleDotsInQueryString() {
    return true;
  }

  @Override
  public Boolean allowSemicolonInPathComponent() {
    return true;
  }

  @Override
  public Boolean warnNettyVersions() {
    return false;
  }

  /// The server has meters of its own.
  @Override
  public MeterRegistry meterRegistry() {
    return NoopMeterRegistry.get();
  }
}
