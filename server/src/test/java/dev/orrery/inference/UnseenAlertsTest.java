package dev.orrery.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class UnseenAlertsTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final UnseenAlerts alerts = new UnseenAlerts(nanos::get);

  @Test
  void each_feature_is_told_of_at_once_and_then_once_an_hour() {
    assertThat(alerts.add("churn", "1", "plan", 0)).isFalse();
    assertThat(alerts.add("churn", "1", "plan", 1)).isTrue();
    assertThat(alerts.add("churn", "1", "plan", 5)).isFalse();
    assertThat(alerts.add("churn", "1", "city", 1)).isTrue();
    assertThat(alerts.add("churn", "2", "plan", 1)).isTrue();
    nanos.addAndGet(TimeUnit.MINUTES.toNanos(59));
    assertThat(alerts.add("churn", "1", "plan", 1)).isFalse();
    nanos.addAndGet(TimeUnit.MINUTES.toNanos(2));
    assertThat(alerts.add("churn", "1", "plan", 1)).isTrue();
    assertThat(alerts.add("churn", "1", "plan", 1)).isFalse();
  }

  @Test
  void no_more_than_a_thousand_features_are_remembered() {
    for (int i = 0; i < 1_000; i++) assertThat(alerts.add("m", "1", "f" + i, 1)).isTrue();
    assertThat(alerts.add("m", "1", "f1000", 1)).isFalse();
  }
}
