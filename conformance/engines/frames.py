"""Models that LightGBM and XGBoost trained on data frames with columns of the type `category`.

Rows are values, as a client sends them: numbers, and texts as their places in the file `texts` (the
property `texts` has the places of their columns). LightGBM also gets values that training never saw;
XGBoost does not, since it refuses such a row, or takes the value for the next greater one, and its
texts are ASCII, since it cuts others short. What is expected is what the libraries answer for the
frame itself.
"""

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb

NAN = float("nan")
CITIES = ["대구", "seoul", "", 'say "no"', "back\\slash", "tab\t", "busan", "naïve", "Seoul", "𝛼", "NaN", "None", "1", "5"]
CITIES += [f"town-{i:02d}" for i in range(40)]
UNSEEN = ["SEOUL", "seoul ", "town-99", "daegu", "nan", "0"]
TEXTS = CITIES + UNSEEN
REGIONS = [1, 5, 9, 200, -3, 0, 70_000, 16_777_217]
HALVES = [0.5, -0.0, 1e300, 0.1, 2.5, -1e-300]
WIDTH = 6


def values(rng, count, new):
    """Columns x, region, city, flag, half, grade; `new` is the share of what training never sees."""
    x = rng.normal(size=(count, WIDTH))
    x[:, 1] = rng.choice(REGIONS, count)
    x[:, 2] = rng.integers(0, len(CITIES), count)
    x[:, 3] = rng.integers(0, 2, count)
    x[:, 4] = rng.choice(HALVES, count)
    x[:, 5] = rng.integers(10, 16, count)
    odd = rng.random((count, WIDTH)) < new
    x[:, 1] = np.where(odd[:, 1], rng.choice([2, 3, 8, 201, 16_777_216], count), x[:, 1])
    x[:, 2] = np.where(odd[:, 2], rng.integers(len(CITIES), len(TEXTS), count), x[:, 2])
    x[:, 4] = np.where(odd[:, 4], rng.choice([0.25, 1.0, 1e299], count), x[:, 4])
    x[:, 5] = np.where(odd[:, 5], 99, x[:, 5])
    x[rng.random(x.shape) < 0.06] = NAN
    return x


def signal_of(rng, x):
    y = np.nan_to_num(x[:, 0]) + 2 * (x[:, 1] == 5) - (x[:, 1] == 200) + np.nan_to_num(x[:, 2]) % 5 / 2
    return y + (x[:, 3] == 1) + (x[:, 4] == 0.1) * 1.5 + np.nan_to_num(x[:, 5]) % 3 / 2 + rng.normal(size=len(x)) / 4


def column(values, kind, **more):
    kept = [None if np.isnan(v) else kind(v) for v in values]
    seen = sorted({v for v in kept if v is not None}, **more)
    categories = pd.Index(seen, dtype=object if kind is text else None)
    return pd.Series(pd.Categorical(kept, categories=categories))


def text(place):
    return TEXTS[int(place)]


def shuffled(value):
    """An order that is not that of the values."""
    return str(value)[::-1]


def frame(x, names):
    made = {
        "x": pd.Series(x[:, 0]),
        "region": column(x[:, 1], int, key=shuffled),
        "city": column(x[:, 2], text, key=lambda t: t[::-1]),
        "flag": column(x[:, 3], bool),
        "half": column(x[:, 4], float, key=shuffled),
        "grade": column(x[:, 5], int),
    }
    return pd.DataFrame({name: made[name] for name in names})


ALL = ["x", "region", "city", "flag", "half", "grade"]
WHOLE = ["x", "region", "city", "grade"]
PLACES = {name: place for place, name in enumerate(ALL)}


def lightgbm(write, rng, count, name, objective="regression", ordered=False, constant=False, trees=40, **parameters):
    x = values(rng, 2_500, 0)
    y = labels(objective, signal_of(rng, x))
    rows = values(rng, count, 0.15)

    def made(x):
        f = frame(x, ALL)
        if ordered:
            f["grade"] = f["grade"].cat.as_ordered()
        if constant:
            f.insert(3, "same", pd.Series(pd.Categorical(["all"] * len(f))))
        return f

    p = dict(objective=objective, verbosity=-1, num_threads=2, seed=1, deterministic=True, min_data_in_leaf=5)
    p.update(cat_smooth=1, **parameters)
    model = lgb.train(p, lgb.Dataset(made(x), y), trees)
    asked = made(rows)
    kept = rows
    if constant:
        kept = np.insert(rows, 3, float(len(TEXTS)), axis=1)
    write(
        name,
        "lightgbm",
        model.model_to_string(num_iteration=-1).encode(),
        kept,
        margin=model.predict(asked, raw_score=True),
        score=model.predict(asked),
        texts=TEXTS + ["all"],
        places=[2, 3] if constant else [2],
    )


def xgboost(write, rng, count, name, objective="reg:squarederror", ubj=False, trees=40, **parameters):
    x = ascii_of(values(rng, 2_500, 0))
    y = labels(objective, signal_of(rng, x))
    rows = ascii_of(values(rng, count, 0))
    matrix = xgb.DMatrix(frame(x, WHOLE), y, enable_categorical=True)
    p = dict(objective=objective, nthread=2, seed=1, verbosity=0, **parameters)
    model = xgb.train(p, matrix, trees)
    asked = xgb.DMatrix(frame(rows, WHOLE), enable_categorical=True)
    write(
        name,
        "xgboost",
        bytes(model.save_raw("ubj" if ubj else "json")),
        rows[:, [PLACES[n] for n in WHOLE]],
        margin=model.predict(asked, output_margin=True),
        score=model.predict(asked),
        texts=TEXTS,
        places=[2],
    )


def ascii_of(x):
    """The same with texts of ASCII alone."""
    for place, text in enumerate(TEXTS):
        if not text.isascii():
            x[x[:, 2] == place, 2] = 1
    return x


def labels(objective, signal):
    if objective.startswith("multi"):
        return np.digitize(signal, np.quantile(signal, [0.3, 0.7]))
    if objective.startswith("binary"):
        return (signal > np.median(signal)).astype(float)
    return signal


def models(write, rng, count):
    def lightgbm_of(name, *more, **parameters):
        lightgbm(write, rng, count, "lightgbm-frame" + name, *more, **parameters)

    def xgboost_of(name, *more, **parameters):
        xgboost(write, rng, count, "xgboost-frame" + name, *more, **parameters)

    lightgbm_of("")
    lightgbm_of("-binary", "binary", num_leaves=7)
    lightgbm_of("-3", "multiclass", trees=15, num_class=3)
    lightgbm_of("-ordered", ordered=True)
    lightgbm_of("-constant", constant=True)
    lightgbm_of("-one-hot", max_cat_to_onehot=100)
    xgboost_of("", max_cat_to_onehot=1)
    xgboost_of("-binary", "binary:logistic", ubj=True)
    xgboost_of("-3", "multi:softprob", trees=15, num_class=3)
    xgboost_of("-dart", booster="dart", rate_drop=0.2, max_cat_to_onehot=1)
    xgboost_of("-one-hot", ubj=True, max_cat_to_onehot=100)
