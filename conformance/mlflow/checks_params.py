"""Parameters and tags of runs, and batches of metrics, parameters and tags."""

from mlflow.entities import Metric, Param, RunTag

from harness import api, check, client, contains, eq, fresh, ok, raises, refused, run, that


def history(id, key):
    return [(m.value, m.timestamp, m.step) for m in client.get_metric_history(id, key)]


def metric(**more):
    return {"key": "m", "value": 1.0, "timestamp": 1, **more}


@check("a parameter is written once: the same again is well, another is refused")
def param_once():
    id = run()
    client.log_param(id, "lr", "0.1")
    client.log_param(id, "lr", "0.1")
    answer = api("POST", "/runs/log-parameter", {"run_id": id, "key": "lr", "value": "0.2"})
    refused(
        answer,
        400,
        "INVALID_PARAMETER_VALUE",
        f"Changing param values is not allowed. Param with key='lr' was already logged with value='0.1' for run ID='{id}'. Attempted logging new value '0.2'.",
    )
    eq(client.get_run(id).data.params, {"lr": "0.1"})


@check("a parameter's value may be empty, long and of any letters")
def param_values():
    id = run()
    client.log_param(id, "empty", "")
    client.log_param(id, "long", "x" * 6000)
    client.log_param(id, "letters", "é漢字😀 \n\t\"'")
    eq(client.get_run(id).data.params, {"empty": "", "long": "x" * 6000, "letters": "é漢字😀 \n\t\"'"})


@check("a parameter without a value is empty")
def param_no_value():
    id = run()
    ok(api("POST", "/runs/log-parameter", {"run_id": id, "key": "p"}))
    eq(client.get_run(id).data.params, {"p": ""})


@check("a parameter's value of more than 6000 characters is cut, as MLflow does by default")
def param_too_long():
    id = run()
    client.log_param(id, "p", "y" * 6500)
    eq(len(client.get_run(id).data.params["p"]), 6000)


@check("bad parameter keys are refused")
def param_keys():
    id = run()
    for key in ("", "../x", "a//b", "x" * 251):
        refused(
            api("POST", "/runs/log-parameter", {"run_id": id, "key": key, "value": "v"}),
            400,
            "INVALID_PARAMETER_VALUE",
        )


@check("log-parameter says which value has a wrong type")
def param_types():
    id = run()
    refused(
        api("POST", "/runs/log-parameter", {"run_id": 31, "key": "p", "value": "v"}),
        400,
        "INVALID_PARAMETER_VALUE",
        "Invalid value 31 for parameter 'run_id' supplied",
    )
    refused(
        api("POST", "/runs/log-parameter", {"run_id": id, "key": 31, "value": "v"}),
        400,
        "INVALID_PARAMETER_VALUE",
        "Invalid value 31 for parameter 'key' supplied",
    )


# --- tags -----------------------------------------------------------------------------------------


@check("a tag is set, replaced, empty and deleted")
def tags():
    id = run()
    client.set_tag(id, "t", "1")
    client.set_tag(id, "t", "2")
    client.set_tag(id, "e", "")
    found = client.get_run(id).data.tags
    eq((found["t"], found["e"]), ("2", ""))
    client.delete_tag(id, "t")
    that("t" not in client.get_run(id).data.tags, "the tag is still there")


@check("deleting a tag that is not there is 404, of an unknown run too")
def delete_absent_tag():
    raises("RESOURCE_DOES_NOT_EXIST", "No tag with name: absent", client.delete_tag, run(), "absent")
    raises("RESOURCE_DOES_NOT_EXIST", "Run .+ not found", client.delete_tag, "3" * 32, "t")


@check("set-tag says what is wrong, and takes run_uuid")
def tag_types():
    id = run()
    refused(
        api("POST", "/runs/set-tag", {"run_id": 31, "key": "t", "value": "v"}),
        400,
        "INVALID_PARAMETER_VALUE",
        "Invalid value 31 for parameter 'run_id' supplied",
    )
    refused(
        api("POST", "/runs/set-tag", {"run_id": id, "key": "t", "value": 41}),
        400,
        "INVALID_PARAMETER_VALUE",
        "Invalid value 41 for parameter 'value' supplied",
    )
    refused(
        api("POST", "/runs/set-tag", {"run_id": id, "value": "v"}),
        400,
        "INVALID_PARAMETER_VALUE",
        "Missing value for required parameter 'key'",
    )
    ok(api("POST", "/runs/set-tag", {"run_uuid": id, "key": "t", "value": "v"}))
    eq(client.get_run(id).data.tags["t"], "v")


@check("a tag's value of 8000 characters is whole, a longer one is cut")
def tag_length():
    id = run()
    client.set_tag(id, "whole", "x" * 8000)
    client.set_tag(id, "cut", "x" * 8500)
    found = client.get_run(id).data.tags
    eq((len(found["whole"]), len(found["cut"])), (8000, 8000))


@check("a tag's key of more than 250 characters is refused")
def tag_key_length():
    refused(
        api("POST", "/runs/set-tag", {"run_id": run(), "key": "k" * 251, "value": "v"}),
        400,
        "INVALID_PARAMETER_VALUE",
    )


# --- batches --------------------------------------------------------------------------------------


@check("a batch writes metrics, parameters and tags")
def batch():
    id = run()
    client.log_batch(id, [Metric("m", 123.456, 789, 3)], [Param("p", "v")], [RunTag("t", "w")])
    data = client.get_run(id).data
    eq((data.metrics, data.params, data.tags["t"]), ({"m": 123.456}, {"p": "v"}, "w"))
    eq(history(id, "m"), [(123.456, 789, 3)])


@check("an empty batch is well")
def batch_empty():
    ok(api("POST", "/runs/log-batch", {"run_id": run()}))


@check("a batch of 1000 metrics is whole")
def batch_thousand():
    id = run()
    client.log_batch(id, [Metric(f"m{i % 10}", float(i), i, i) for i in range(1000)])
    eq(sum(len(history(id, f"m{i}")) for i in range(10)), 1000)
    eq(client.get_run(id).data.metrics["m9"], 999.0)


@check("a batch keeps one of equal points, within it and to what is stored")
def batch_equal_points():
    id = run()
    client.log_batch(id, [Metric("m", 1.0, 1, 1)] * 3 + [Metric("m", 2.0, 1, 1)])
    client.log_batch(id, [Metric("m", 2.0, 1, 1), Metric("m", 3.0, 2, 2)])
    eq(history(id, "m"), [(1.0, 1, 1), (2.0, 1, 1), (3.0, 2, 2)])


@check("a batch above its limits is refused, and says which")
def batch_limits():
    id = run()
    metrics = [metric(key=f"m{i}") for i in range(1001)]
    params = [{"key": f"p{i}", "value": "v"} for i in range(101)]
    tags = [{"key": f"t{i}", "value": "v"} for i in range(101)]
    for body, part in (
        ({"metrics": metrics}, "at most 1000"),
        ({"params": params}, "at most 100"),
        ({"tags": tags}, "at most 100"),
        ({"metrics": metrics[:950], "params": params[:30], "tags": tags[:30]}, "at most 1000"),
    ):
        refused(api("POST", "/runs/log-batch", {"run_id": id, **body}), 400, "INVALID_PARAMETER_VALUE", part)
    data = client.get_run(id).data
    eq((data.metrics, data.params), ({}, {}))


@check("a batch of more than a megabyte does not break the server")
def batch_bytes():
    body = {
        "run_id": run(),
        "tags": [{"key": f"t{i}", "value": "x" * 7900} for i in range(100)],
        "params": [{"key": f"p{i}", "value": "x" * 5900} for i in range(100)],
    }
    answer = api("POST", "/runs/log-batch", body)
    that(answer.status in (200, 400, 413), f"status {answer.status}")
    if answer.status != 200:
        eq(answer.json["error_code"], "INVALID_PARAMETER_VALUE")


@check("a parameter twice in one batch is refused, though equal")
def batch_twice():
    id = run()
    for second in ("v", "w"):
        body = {"run_id": id, "params": [{"key": "p", "value": "v"}, {"key": "p", "value": second}]}
        refused(
            api("POST", "/runs/log-batch", body),
            400,
            "INVALID_PARAMETER_VALUE",
            "Duplicate parameter keys have been submitted",
        )
    eq(client.get_run(id).data.params, {})


@check("a batch with one bad metric writes nothing, and says which it is")
def batch_bad_item():
    id = run()
    for bad in ({"key": "m"}, metric(key="../m"), metric(timestamp=None)):
        body = {"run_id": id, "metrics": [metric(), bad], "params": [{"key": "p", "value": "v"}]}
        answer = api("POST", "/runs/log-batch", body)
        refused(answer, 400, "INVALID_PARAMETER_VALUE")
        contains(answer.text, "metrics")
    data = client.get_run(id).data
    eq((data.metrics, data.params), ({}, {}))


@check(
    "a batch with a value that is no number writes nothing", better="MLflow answers 200 and drops the metric"
)
def batch_bad_value():
    id = run()
    body = {"run_id": id, "metrics": [metric(), metric(value="x")]}
    refused(api("POST", "/runs/log-batch", body), 400, "INVALID_PARAMETER_VALUE", "metrics")
    eq(client.get_run(id).data.metrics, {})


@check("a batch that is not lists is refused by the text that clients match")
def batch_not_lists():
    id = run()
    for field in ("metrics", "params", "tags"):
        refused(
            api("POST", "/runs/log-batch", {"run_id": id, field: "foo"}),
            400,
            "INVALID_PARAMETER_VALUE",
            f"Invalid value \"foo\" for parameter '{field}' supplied",
        )


@check("a batch's metric needs a time, not a step")
def batch_time():
    id = run()
    refused(
        api("POST", "/runs/log-batch", {"run_id": id, "metrics": [{"key": "mae", "value": 2.5}]}),
        400,
        "INVALID_PARAMETER_VALUE",
        "parameter 'metrics",
    )
    ok(
        api(
            "POST",
            "/runs/log-batch",
            {"run_id": id, "metrics": [{"key": "mae", "value": 2.5, "timestamp": 123456789}]},
        )
    )
    eq(history(id, "mae"), [(2.5, 123456789, 0)])


@check("a batch whose parameter is taken is refused")
def batch_param_conflict():
    id = run()
    client.log_param(id, "p", "old")
    raises(
        "INVALID_PARAMETER_VALUE",
        "Changing param values is not allowed",
        client.log_batch,
        id,
        [Metric("m", 1.0, 1, 1)],
        [Param("p", "new")],
    )
    eq(client.get_run(id).data.params, {"p": "old"})


@check("a refused batch leaves nothing behind", better="MLflow writes the parts before the one that fails")
def batch_atomic():
    id = run()
    client.log_param(id, "p", "old")
    raises(
        "INVALID_PARAMETER_VALUE",
        "Changing param values",
        client.log_batch,
        id,
        [Metric("m", 1.0, 1, 1)],
        [Param("q", "1"), Param("p", "new")],
        [RunTag("t", "v")],
    )
    data = client.get_run(id).data
    eq((data.metrics, data.params, "t" in data.tags), ({}, {"p": "old"}, False))


@check("a batch of an unknown run is 404")
def batch_unknown_run():
    raises(
        "RESOURCE_DOES_NOT_EXIST",
        "Run with id=.* not found",
        client.log_batch,
        "4" * 32,
        [Metric("m", 1.0, 1, 1)],
    )


@check("an Idempotency-Key makes a repeated batch happen once", better="MLflow knows no such key")
def idempotency():
    id, key = run(), fresh("key")
    body = {"run_id": id, "tags": [{"key": "t", "value": "1"}]}
    first = api("POST", "/runs/log-batch", body, headers={"Idempotency-Key": key})
    client.set_tag(id, "t", "2")
    again = api("POST", "/runs/log-batch", body, headers={"Idempotency-Key": key})
    eq((first.status, again.status), (200, 200))
    eq(client.get_run(id).data.tags["t"], "2")
