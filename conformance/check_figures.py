"""Metrics, drift figures, trees and logistic regression, against scikit-learn, SciPy and LightGBM."""

import sys

import lightgbm
import numpy as np
import scipy.stats
import sklearn.linear_model
import sklearn.metrics
from scipy.spatial.distance import jensenshannon

from orrery_figures import ask, number, numbers, real

checks = []  # (what, ours <- answer, theirs, tolerance)
requests = []


def expect(request, what, theirs, tolerance):
    requests.append(request)
    checks.append((what, theirs, tolerance))


def metrics(seed, rows, ties):
    random = np.random.default_rng(seed)
    scores = random.random(rows)
    if ties:
        scores = np.round(scores * ties) / ties
    actual = (random.random(rows) < scores).astype(float)
    predicted = scores >= 0.5
    precision, recall, thresholds = sklearn.metrics.precision_recall_curve(actual, scores)
    theirs = {
        "accuracy": sklearn.metrics.accuracy_score(actual, predicted),
        "precision": sklearn.metrics.precision_score(actual, predicted),
        "recall": sklearn.metrics.recall_score(actual, predicted),
        "f1": sklearn.metrics.f1_score(actual, predicted),
        "auc_roc": sklearn.metrics.roc_auc_score(actual, scores),
        "auc_pr": sklearn.metrics.average_precision_score(actual, scores),
        "log_loss": sklearn.metrics.log_loss(actual, scores),
        "brier": sklearn.metrics.brier_score_loss(actual, scores),
    }
    for k in (20, 50, 80, 100):
        theirs[f"precision_at_recall_{k}"] = precision[:-1][recall[:-1] >= k / 100].max()
    request = {
        "figure": "metrics",
        "scores": numbers(scores),
        "actual": numbers(actual),
        "threshold": 0.5,
        "names": list(theirs),
    }
    expect(request, f"metrics seed {seed}", theirs, 1e-12)


def kolmogorov_smirnov(seed, first, second, shift, mode):
    random = np.random.default_rng(seed)
    a = random.normal(size=first)
    b = random.normal(size=second) * 1.1 + shift
    if seed % 2:
        a, b = np.round(a, 1), np.round(b, 1)
    found = scipy.stats.ks_2samp(a, b, method=mode)
    request = {"figure": "ks", "first": numbers(a), "second": numbers(b), "mode": mode}
    theirs = {"statistic": found.statistic, "probability": found.pvalue}
    # Beyond the matrix method both sides use expansions of about 10 digits.
    expect(request, f"ks {mode} {first} x {second}", theirs, 1e-9)


def drift(seed, bins):
    random = np.random.default_rng(seed)
    a = random.integers(0, 100, bins) + 1
    b = random.integers(0, 100, bins) + 1
    p, q = a / a.sum(), b / b.sum()
    theirs = {
        "psi": float(np.sum((p - q) * np.log(p / q))),
        "jensen_shannon": jensenshannon(p, q),
        "chi_square": scipy.stats.chisquare(b, a * (b.sum() / a.sum())).pvalue,
        "homogeneity": scipy.stats.chi2_contingency(np.array([a, b]), correction=False).pvalue,
    }
    request = {"figure": "drift", "first": [int(x) for x in a], "second": [int(x) for x in b]}
    expect(request, f"drift seed {seed}", theirs, 1e-11)


def wasserstein(seed):
    random = np.random.default_rng(seed)
    a, b = random.normal(size=300), random.exponential(size=500)
    request = {"figure": "wasserstein", "first": numbers(a), "second": numbers(b)}
    theirs = {"distance": scipy.stats.wasserstein_distance(a, b)}
    expect(request, f"wasserstein seed {seed}", theirs, 1e-12)


def trees(seed, parameters):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(4000, 5))
    rows[:, 1] = random.integers(0, 40, 4000)
    rows[random.random((4000, 5)) < 0.05] = np.nan
    margin = np.nan_to_num(rows[:, 0]) + (np.nan_to_num(rows[:, 1]) % 5) / 2 - 1
    target = (random.random(4000) < 1 / (1 + np.exp(-margin))).astype(float)
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1, "seed": seed, **parameters}
    data = lightgbm.Dataset(rows, target, categorical_feature=[1], free_raw_data=False)
    booster = lightgbm.train(settings, data, 50)
    odd = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-40, -1e-36, 1e18, -1.0, 0.5, 39.0, 40.0]
    rows[:400] = random.choice(odd, size=(400, 5))
    request = {
        "figure": "trees",
        "text": booster.model_to_string(),
        "rows": [numbers(row) for row in rows],
    }
    theirs = {"margins": booster.predict(rows, raw_score=True), "scores": booster.predict(rows)}
    expect(request, f"trees {parameters}", theirs, {"margins": 0.0, "scores": 4.5e-16})


def logistic(seed):
    random = np.random.default_rng(seed)
    columns = random.normal(size=(3000, 4)) * [1, 10, 0.1, 1000] + [0, 5, 0, 100]
    columns[random.random((3000, 4)) < 0.1] = np.nan
    margin = np.nan_to_num(columns[:, 0]) - np.nan_to_num(columns[:, 2]) * 8 + np.isnan(columns[:, 3])
    target = (random.random(3000) < 1 / (1 + np.exp(-margin))).astype(float)
    missing = np.isnan(columns)
    scaled = (columns - np.nanmean(columns, 0)) / np.nanstd(columns, 0)
    design = np.hstack([np.where(missing, 0, scaled), missing])
    model = sklearn.linear_model.LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000)
    model.fit(design, target)
    request = {
        "figure": "logistic",
        "columns": [numbers(columns[:, j]) for j in range(4)],
        "target": numbers(target),
    }
    theirs = {"scores": model.predict_proba(design)[:, 1]}
    expect(request, f"logistic seed {seed}", theirs, 1e-5)


def main():
    for seed, rows, ties in [(1, 500, 0), (2, 500, 20), (3, 20_000, 0), (4, 20_000, 100), (5, 37, 5)]:
        metrics(seed, rows, ties)
    for seed, first, second, shift in [
        (1, 8, 9, 0), (2, 50, 70, 0.3), (3, 300, 300, 0.1), (4, 500, 431, 0.0), (6, 1000, 900, 0.2),
    ]:
        kolmogorov_smirnov(seed, first, second, shift, "exact")
        kolmogorov_smirnov(seed, first, second, shift, "asymp")
    for first, second, shift in [(1000, 20_000, 0.02), (1000, 5000, 0.5), (30_000, 40_000, 0.005)]:
        kolmogorov_smirnov(8, first, second, shift, "asymp")
    for seed, bins in [(1, 2), (2, 10), (3, 60)]:
        drift(seed, bins)
    wasserstein(1)
    trees(1, {"num_leaves": 31})
    trees(2, {"num_leaves": 63, "zero_as_missing": True, "min_data_in_leaf": 3})
    trees(3, {"num_leaves": 15, "use_missing": False, "max_bin": 1000})
    logistic(1)
    logistic(2)

    wrong = 0
    compared = 0
    for answer, (what, theirs, tolerance) in zip(ask(requests), checks, strict=True):
        for name, expected in theirs.items():
            ours = np.array([real(x) for x in np.atleast_1d(np.array(answer[name], dtype=object))])
            expected = np.atleast_1d(np.asarray(expected, dtype=float))
            allowed = tolerance[name] if isinstance(tolerance, dict) else tolerance
            # Small probabilities are compared by their digits, not by their distance from 0.
            scale = np.where(np.abs(expected) < 1, np.maximum(np.abs(expected), 1e-300), 1)
            scale = scale if name == "probability" else 1
            gap = float(np.max(np.abs(ours - expected) / scale))
            compared += expected.size
            if not gap <= allowed:
                wrong += 1
                print(f"DIFFERS  {what}: {name} is {ours[:3]}, expected {expected[:3]}, gap {gap:.3g}")
    print(f"{compared} figures compared, {wrong} kinds differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
