"""Metrics of runs: their values, rules and history."""

import math

from mlflow.entities import Metric

from harness import api, check, client, eq, ok, raises, refused, run, that

TEXT = "See the API docs for more information about request parameters."


def history(id, key):
    return [(m.value, m.timestamp, m.step) for m in client.get_metric_history(id, key)]


def metric(**more):
    return {"key": "m", "value": 1.0, "timestamp": 1, **more}


# --- metrics --------------------------------------------------------------------------------------


@check("a metric has value, time and step; the step is 0 if not given")
def metric_fields():
    id = run()
    client.log_metric(id, "m", 123.456, timestamp=789, step=2)
    client.log_metric(id, "plain", 987.654, timestamp=321)
    eq(history(id, "m"), [(123.456, 789, 2)])
    eq(history(id, "plain"), [(987.654, 321, 0)])


@check("a run shows of each metric the largest by step, time and value, not the last written")
def latest_metric():
    id = run()
    for value, at, step in ((1, 100, 5), (2, 200, 3), (9, 100, 5), (3, 99, 5), (4, 1, -7)):
        client.log_metric(id, "m", value, timestamp=at, step=step)
    found = next(m for m in client.get_run(id)._data._metric_objs)
    eq((found.value, found.timestamp, found.step), (9.0, 100, 5))


@check("a metric's step may be negative and large")
def step_range():
    id = run()
    for step in (-(2**62), -1, 0, 2**62):
        client.log_metric(id, "m", 1.0, timestamp=1, step=step)
    eq(sorted(m[2] for m in history(id, "m")), [-(2**62), -1, 0, 2**62])


@check("the history of a metric comes by time, step and value")
def history_order():
    id = run()
    points = [(3.0, 30, 1), (1.0, 10, 3), (2.0, 10, 2), (1.5, 10, 2)]
    for value, at, step in points:
        client.log_metric(id, "m", value, timestamp=at, step=step)
    eq(history(id, "m"), sorted(points, key=lambda p: (p[1], p[2], p[0])))


@check("an equal point is kept once, one that differs in anything is kept beside it")
def equal_points():
    id = run()
    for _ in range(3):
        client.log_metric(id, "m", 1.0, timestamp=1, step=1)
    for value, at, step in ((2.0, 1, 1), (1.0, 2, 1), (1.0, 1, 2)):
        client.log_metric(id, "m", value, timestamp=at, step=step)
    eq(len(history(id, "m")), 4)


@check("NaN goes in and comes out as NaN, on the wire as a text")
def nan():
    id = run()
    client.log_metric(id, "m", math.nan, timestamp=1)
    that(math.isnan(client.get_run(id).data.metrics["m"]), "not NaN")
    that(math.isnan(history(id, "m")[0][0]), "not NaN in the history")
    eq(ok(api("GET", "/runs/get", query={"run_id": id}))["run"]["data"]["metrics"][0]["value"], "NaN")


@check("infinities are kept as the largest doubles")
def infinity():
    id = run()
    client.log_metric(id, "up", math.inf, timestamp=1)
    client.log_metric(id, "down", -math.inf, timestamp=1)
    eq(client.get_run(id).data.metrics, {"up": 1.7976931348623157e308, "down": -1.7976931348623157e308})


@check("NaN and the infinities are taken as texts on the wire")
def special_texts():
    id = run()
    for key, value in (("n", "NaN"), ("i", "Infinity"), ("j", "-Infinity"), ("t", "1.5")):
        ok(api("POST", "/runs/log-metric", {"run_id": id, "key": key, "value": value, "timestamp": 1}))
    found = client.get_run(id).data.metrics
    that(
        math.isnan(found["n"]) and found["i"] > 1e308 and found["j"] < -1e308 and found["t"] == 1.5,
        f"{found}",
    )


@check("doubles come back bit for bit")
def doubles():
    id = run()
    values = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 123456789.123456789, 1e22]
    for i, value in enumerate(values):
        client.log_metric(id, "m", value, timestamp=i)
    eq([m[0] for m in history(id, "m")], values)


@check("numbers on the wire: int64 as numbers out, as numbers or texts in")
def int64():
    id = run()
    ok(
        api(
            "POST", "/runs/log-metric", {"run_id": id, "key": "m", "value": 1, "timestamp": "17", "step": "4"}
        )
    )
    found = ok(api("GET", "/metrics/get-history", query={"run_id": id, "metric_key": "m"}))["metrics"][0]
    eq((found["value"], found["timestamp"], found["step"]), (1.0, 17, 4))


@check("a metric's key may have slashes, dots, dashes, blanks and colons")
def good_keys():
    id = run()
    keys = ["a/b", "a.b", "a-b", "a b", "a_b", "a:b", "train/loss.mean - 1"]
    for key in keys:
        client.log_metric(id, key, 1.0, timestamp=1)
        eq(len(history(id, key)), 1, key)
    eq(sorted(client.get_run(id).data.metrics), sorted(keys))


@check("bad metric keys are refused")
def bad_keys():
    id = run()
    for key in ("", "a\\b", "../x", "/a", "a//b", "a/", ".", "x" * 251, "semi;colon", "tab\there"):
        raises("INVALID_PARAMETER_VALUE", "", client.log_metric, id, key, 1.0)
    eq(client.get_run(id).data.metrics, {})


@check("log-metric says what is missing")
def metric_missing():
    id = run()
    whole = {"run_id": id, "key": "m", "value": 1.0, "timestamp": 1}
    for field in ("run_id", "key", "value", "timestamp"):
        body = {k: v for k, v in whole.items() if k != field}
        refused(
            api("POST", "/runs/log-metric", body),
            400,
            "INVALID_PARAMETER_VALUE",
            f"Missing value for required parameter '{field}'. {TEXT}",
        )


@check("log-metric says which value has a wrong type, and how")
def metric_types():
    id = run()
    whole = {"run_id": id, "key": "m", "value": 1.0, "timestamp": 1, "step": 1}
    for field, value, part in (
        ("run_id", 31, "Invalid value 31 for parameter 'run_id' supplied"),
        ("key", 31, "Invalid value 31 for parameter 'key' supplied"),
        ("step", "foo", "Invalid value \"foo\" for parameter 'step' supplied"),
        ("timestamp", "foo", "Invalid value \"foo\" for parameter 'timestamp' supplied"),
        ("value", "apple", "Invalid value \"apple\" for parameter 'value' supplied"),
        ("run_id", None, "Missing value for required parameter 'run_id'"),
        ("key", None, "Missing value for required parameter 'key'"),
    ):
        refused(
            api("POST", "/runs/log-metric", {**whole, field: value}), 400, "INVALID_PARAMETER_VALUE", part
        )


@check("a metric of an unknown run is 404")
def metric_unknown_run():
    raises(
        "RESOURCE_DOES_NOT_EXIST",
        "Run with id=" + "2" * 32 + " not found",
        client.log_metric,
        "2" * 32,
        "m",
        1.0,
    )


@check("a negative timestamp is refused")
def negative_time():
    refused(
        api("POST", "/runs/log-metric", {"run_id": run(), "key": "m", "value": 1.0, "timestamp": -1}),
        400,
        "INVALID_PARAMETER_VALUE",
        "timestamp",
    )


@check("the history of an unknown metric is empty")
def unknown_metric():
    eq(list(client.get_metric_history(run(), "nothing")), [])
    eq(ok(api("GET", "/metrics/get-history", query={"run_id": run(), "metric_key": "nothing"})), {})


@check("get-history says what is missing")
def history_missing():
    refused(
        api("GET", "/metrics/get-history", query={"run_id": run()}),
        400,
        "INVALID_PARAMETER_VALUE",
        "Missing value for required parameter 'metric_key'",
    )
    refused(
        api("GET", "/metrics/get-history", query={"metric_key": "m"}),
        400,
        "INVALID_PARAMETER_VALUE",
        "Missing value for required parameter 'run_id'",
    )


def points(id, count, key="m"):
    for first in range(0, count, 1000):
        client.log_batch(id, [Metric(key, float(i), i, i) for i in range(first, min(first + 1000, count))])


@check("a history of 3,000 points is whole, and in pages")
def history_pages():
    id = run()
    points(id, 3000)
    eq([m[2] for m in history(id, "m")], list(range(3000)))
    got, token = [], None
    while True:
        query = {
            "run_id": id,
            "metric_key": "m",
            "max_results": 1200,
            **({"page_token": token} if token else {}),
        }
        page = ok(api("GET", "/metrics/get-history", query=query))
        that(len(page["metrics"]) <= 1200, "a page is too large")
        got += [m["step"] for m in page["metrics"]]
        token = page.get("next_page_token")
        if not token:
            break
    eq(got, list(range(3000)))


@check(
    "a history without max_results is whole",
    better="MLflow 3 takes no limit as a limit of none and answers nothing",
)
def history_no_limit():
    id = run()
    points(id, 1500)
    found = ok(api("GET", "/metrics/get-history", query={"run_id": id, "metric_key": "m"}))
    eq((len(found["metrics"]), found.get("next_page_token")), (1500, None))


@check("bulk history answers one metric of many runs")
def history_bulk():
    ids = [run(), run()]
    for id in ids:
        points(id, 3)
    query = {"run_id": ids, "metric_key": "m"}
    found = ok(api_ajax("/metrics/get-history-bulk", query))["metrics"]
    eq(
        [(m["run_id"], m["step"]) for m in sorted(found, key=lambda m: (ids.index(m["run_id"]), m["step"]))],
        [(id, s) for id in ids for s in range(3)],
    )


def api_ajax(path, query):
    from harness import send

    return send("GET", "/ajax-api/2.0/mlflow" + path, query=query)


@check("sampled history keeps first and last, and no more than asked between")
def history_interval():
    id = run()
    points(id, 100)
    found = ok(
        api_ajax(
            "/metrics/get-history-bulk-interval", {"run_ids": [id], "metric_key": "m", "max_results": 10}
        )
    )["metrics"]
    steps = [m["step"] for m in found]
    eq((steps[0], steps[-1], steps), (0, 99, sorted(set(steps))))
    that(8 <= len(steps) <= 12, f"{len(steps)} points for 10")
    eq({m["run_id"] for m in found}, {id})
    query = {"run_ids": [id], "metric_key": "m", "start_step": 0, "end_step": 4, "max_results": 5}
    eq(
        [m["step"] for m in ok(api_ajax("/metrics/get-history-bulk-interval", query))["metrics"]],
        [0, 1, 2, 3, 4],
    )


@check("sampled history of many runs keeps first and last of each, run by run")
def history_interval_runs():
    one, two = run(), run()
    points(one, 10)
    points(two, 20)
    query = {"run_ids": [one, two], "metric_key": "m", "max_results": 5}
    found = ok(api_ajax("/metrics/get-history-bulk-interval", query))["metrics"]
    for id, last in ((one, 9), (two, 19)):
        steps = [m["step"] for m in found if m["run_id"] == id]
        eq((steps[0], steps[-1]), (0, last))
    eq([m["run_id"] for m in found], sorted((m["run_id"] for m in found), key=[one, two].index))


@check("bad requests for sampled history are 400")
def history_interval_bad():
    good = {"run_ids": ["1"], "metric_key": "m"}
    for query, part in (
        ({"metric_key": "m"}, "Missing value for required parameter 'run_ids'"),
        ({"run_ids": [str(i) for i in range(101)], "metric_key": "m"}, "must specify at most 100 run_ids."),
        ({**good, "max_results": 0}, "max_results must be between 1 and 2500"),
        ({"run_ids": ["1"]}, "Missing value for required parameter 'metric_key'"),
        (
            {**good, "start_step": 1, "end_step": 0, "max_results": 5},
            "end_step must be greater than start_step",
        ),
        ({**good, "start_step": 1, "max_results": 5}, "both must be specified"),
    ):
        refused(api_ajax("/metrics/get-history-bulk-interval", query), 400, "INVALID_PARAMETER_VALUE", part)
