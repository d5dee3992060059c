package dev.orrery.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The project file of the flights, and the smallest useful one, are read whole.
class FlightsExampleTest {
  @TempDir Path folder;

  @Test
  void flights() throws IOException {
    String yaml =
        """
        orrery: 1
        project: flights
        problem:  { business_objective: "Warn passengers of late arrivals", ml_problem: { type: binary_classification, target: late, success_metric: precision_at_recall_50, baseline: 0.40 },
                    constraints: { latency: "< 100ms", throughput: "1000 req/s", model_size: "< 50MB", interpretability: high } }
        success:  { offline_metrics: { auc_roc: { min: 0.70, target: 0.75 } }, system_metrics: { p99_latency: { max: "100ms" } } }
        data:
          flights:
            path: data/flights.parquet
            time: date
            target: { late: "delay >= 15" }
            known_at: "date + to_minutes(cast(distance / 7.5 + 30 + greatest(delay, 0) as integer))"
            contract: { min_rows: 1000, max_null_ratio: 0.0, ranges: { distance: [1, 6000], delay: [-300, 3000] }, patterns: { origin: "[A-Z]{3}" } }
        features:
          calendar: { from: flights, columns: { hour: "hour(date)", day_of_week: "isodow(date) - 1", is_weekend: "isodow(date) > 5" } }
          route:    { from: flights, columns: { distance: distance, origin: origin, destination: destination } }
          origin_recent:      { from: flights, entity: origin,      windows: [2h, 24h, 7d], columns: { flights: "count(*)", late_share: "mean(late)", delay: "mean(clip(delay, -30, 180))" } }
        model:
          name: late-arrival
          candidates: [ majority, { rule: "origin_recent.late_share_2h > 0.4" }, logistic_regression, { lightgbm: { trees: 200, leaves: 63, learning_rate: 0.05 } } ]
          validation: { split: time, folds: 5 }
          seed: 42
        gates:   { metrics: { auc_roc: 0.70 }, beats: [ majority, rule ], model_size: "< 50MB", latency_p99: "< 10ms" }
        serve:   { endpoint: late-arrival, strategy: canary, canary: { steps: [10, 50, 100], hold: 12h, abort_on: [error_rate, log_loss] }, shadow: first }
        monitor: { every: 1d, drift_metrics: { psi: { threshold: 0.25, alert_on: above } }, model_metrics: { auc_roc: { threshold: 0.70, alert_on: below } } }
        retrain: { policy: { min_auc_roc: 0.70, max_psi: 0.25, max_days_without_training: 30, new_data_threshold: 200000 }, cooldown: 14d }
        """;

    assertThat(Project.read(Folders.with(folder, Project.FILE, yaml)).problems()).isEmpty();
  }

  @Test
  void the_smallest_useful_file() throws IOException {
    String yaml =
        """
        orrery: 1
        project: churn-prediction
        data:    { customers: { path: data/raw/customers.csv, key: user_id } }
        problem: { ml_problem: { type: binary_classification, target: is_churned, success_metric: precision_at_recall_80, baseline: 0.65 } }
        gates:   { metrics: { accuracy: 0.85, precision: 0.80, recall: 0.75, auc_roc: 0.85 } }
        serve:   { endpoint: churn, port: 8000, strategy: canary }
        monitor: { drift_metrics: { psi: { threshold: 0.1, alert_on: above } } }
        retrain: { policy: { min_accuracy: 0.85, max_psi: 0.1, max_days_without_training: 30, new_data_threshold: 100000 } }
        """;

    assertThat(Project.read(Folders.with(folder, Project.FILE, yaml)).problems()).isEmpty();
  }
}
