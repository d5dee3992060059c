"""What a client meets on the wire itself: paths, methods, types, texts and twins."""

import json

from harness import api, check, client, contains, eq, experiment, fresh, matches, ok, refused, run, send, that


@check("/health answers OK")
def health():
    answer = send("GET", "/health")
    eq((answer.status, answer.text), (200, "OK"))


@check("/version answers a version of MLflow")
def version():
    answer = send("GET", "/version")
    eq(answer.status, 200)
    matches(answer.text, r"^\d+\.\d+\.\d+")


@check("answers are JSON, and a call without an answer answers {}")
def empty_answer():
    id = run()
    answer = api("POST", "/runs/set-tag", {"run_id": id, "key": "k", "value": "v"})
    eq((answer.status, answer.json), (200, {}))
    contains(answer.headers["Content-Type"], "application/json")


@check("unknown fields are passed over")
def unknown_fields():
    ok(api("POST", "/runs/set-tag", {"run_id": run(), "key": "k", "value": "v", "color": {"deep": [1]}}))


@check(
    "an experiment's id may come as a number", better="newer versions of MLflow refuse it, older ones take it"
)
def numeric_id():
    at = experiment()
    made = ok(api("POST", "/runs/create", {"experiment_id": int(at), "start_time": 1}))
    eq(made["run"]["info"]["experiment_id"], at)


@check("a body that is not JSON is 400, and makes nothing of what could be done without it")
def no_json():
    for path in ("set-tag", "create", "search"):
        for body in ("{broken", '{"experiment_id":"1",'):
            answer = send("POST", "/api/2.0/mlflow/runs/" + path, body, {"Content-Type": "application/json"})
            refused(answer, 400, "INVALID_PARAMETER_VALUE")


@check("a body of another type is 400 and says which is wanted")
def other_type():
    answer = send(
        "POST",
        "/api/2.0/mlflow/experiments/create",
        json.dumps({"name": fresh()}),
        {"Content-Type": "text/plain"},
    )
    refused(answer, 400, "INVALID_PARAMETER_VALUE", "Content-Type must be one of ['application/json']")


@check("a type with a charset is taken")
def charset():
    answer = send(
        "POST",
        "/api/2.0/mlflow/experiments/create",
        json.dumps({"name": fresh("exp")}),
        {"Content-Type": "application/json; charset=utf-8"},
    )
    eq(answer.status, 200)


@check("an unknown path is 404, a wrong method 405")
def unknown_path():
    eq(api("GET", "/no/such/thing").status, 404)
    eq(api("DELETE", "/runs/create").status, 405)


@check("the twin under /ajax-api answers the same")
def twin():
    at = experiment()
    path = "/mlflow/experiments/get?experiment_id=" + at
    eq(send("GET", "/ajax-api/2.0" + path).json, send("GET", "/api/2.0" + path).json)
    made = ok(send("POST", "/ajax-api/2.0/mlflow/runs/create", {"experiment_id": at}))
    eq(made["run"]["info"]["experiment_id"], at)


@check("an error has error_code and message, and its status")
def error_shape():
    for answer, status, code in (
        (api("GET", "/runs/get", query={"run_id": "7" * 32}), 404, "RESOURCE_DOES_NOT_EXIST"),
        (api("GET", "/experiments/get", query={"experiment_id": "99999999"}), 404, "RESOURCE_DOES_NOT_EXIST"),
        (api("POST", "/experiments/create", {"name": "Default"}), 400, "RESOURCE_ALREADY_EXISTS"),
        (
            api("POST", "/runs/search", {"experiment_ids": ["0"], "filter": "x"}),
            400,
            "INVALID_PARAMETER_VALUE",
        ),
    ):
        refused(answer, status, code)
        that(answer.json["message"], "no message")


@check("no answer holds SQL or a stack trace", better="MLflow tells the database's own error")
def no_sql():
    for answer in (
        api("POST", "/experiments/create", {"name": "Default"}),
        api("GET", "/experiments/get", query={"experiment_id": "abc"}),
        api("POST", "/runs/search", {"experiment_ids": ["0"], "filter": "'; --"}),
    ):
        that(400 <= answer.status < 500, f"status {answer.status}")
        for word in ("sqlite", "SQL:", "Traceback", "at dev.orrery", "Exception:", "insert into"):
            that(word not in answer.text, answer.text[:300])


@check("an experiment id that is no number is 4xx", better="MLflow answers 500")
def id_no_number():
    that(
        api("GET", "/experiments/get", query={"experiment_id": "abc"}).status in (400, 404),
        "neither 400 nor 404",
    )
    that(api("POST", "/runs/create", {"experiment_id": "abc"}).status in (400, 404), "neither 400 nor 404")


@check("required parameters are asked for by name, everywhere")
def required():
    for method, path, field in (
        ("GET", "/experiments/get", "experiment_id"),
        ("GET", "/experiments/get-by-name", "experiment_name"),
        ("POST", "/experiments/delete", "experiment_id"),
        ("POST", "/experiments/restore", "experiment_id"),
        ("POST", "/experiments/update", "experiment_id"),
        ("POST", "/experiments/set-experiment-tag", "experiment_id"),
        ("POST", "/runs/update", "run_id"),
        ("POST", "/runs/delete", "run_id"),
        ("POST", "/runs/restore", "run_id"),
        ("POST", "/runs/log-parameter", "run_id"),
        ("POST", "/runs/delete-tag", "run_id"),
        ("POST", "/runs/log-batch", "run_id"),
        ("GET", "/registered-models/get", "name"),
        ("DELETE", "/registered-models/delete", "name"),
        ("POST", "/registered-models/rename", "name"),
        ("POST", "/registered-models/set-tag", "name"),
        ("GET", "/model-versions/get", "name"),
        ("DELETE", "/model-versions/delete", "name"),
        ("POST", "/model-versions/transition-stage", "name"),
        ("GET", "/registered-models/alias", "name"),
    ):
        answer = api(method, path, {} if method != "GET" else None)
        refused(
            answer,
            400,
            "INVALID_PARAMETER_VALUE",
            f"Missing value for required parameter '{field}'. See the API docs for more information about request parameters.",
        )


@check("DELETE and PATCH carry their fields in the body")
def bodies():
    name = fresh("model")
    ok(api("POST", "/registered-models/create", {"name": name}))
    ok(api("PATCH", "/registered-models/update", {"name": name, "description": "words"}))
    eq(client.get_registered_model(name).description, "words")
    ok(api("DELETE", "/registered-models/delete", {"name": name}))
    eq(api("GET", "/registered-models/get", query={"name": name}).status, 404)


@check("numbers in answers are numbers, versions are texts")
def number_types():
    at = experiment()
    info = ok(api("POST", "/runs/create", {"experiment_id": at, "start_time": 1700000000123}))["run"]["info"]
    eq((info["start_time"], info["experiment_id"]), (1700000000123, at))
    whole = ok(api("GET", "/experiments/get", query={"experiment_id": at}))["experiment"]
    that(isinstance(whole["creation_time"], int), f"{whole}")
    name = fresh("model")
    ok(api("POST", "/registered-models/create", {"name": name}))
    made = ok(api("POST", "/model-versions/create", {"name": name, "source": "s3://b/x"}))["model_version"]
    eq((made["version"], made["status"], made["current_stage"]), ("1", "READY", "None"))
    that(isinstance(made["creation_timestamp"], int), f"{made}")


@check("letters of any script go in and out")
def letters():
    id = run(run_name="실험 ①")
    text = 'é 漢字 한국어 😀 \u2028 \\ " </script>'
    ok(api("POST", "/runs/set-tag", {"run_id": id, "key": "t", "value": text}))
    found = client.get_run(id)
    eq((found.data.tags["t"], found.info.run_name), (text, "실험 ①"))


@check("one connection serves many requests")
def keep_alive():
    import http.client
    import urllib.parse

    from harness import URI

    at = urllib.parse.urlsplit(URI)
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=10)
    for _ in range(20):
        connection.request("GET", "/api/2.0/mlflow/experiments/get?experiment_id=0")
        answer = connection.getresponse()
        eq((answer.status, bool(answer.read())), (200, True))
    connection.close()


@check("what is not served says so with a code that clients do not retry", better="MLflow serves traces")
def not_served():
    for method, path in (
        ("POST", "/api/3.0/mlflow/traces"),
        ("POST", "/api/3.0/mlflow/traces/search"),
        ("POST", "/api/3.0/mlflow/scorers/register"),
    ):
        answer = send(method, path, {})
        refused(answer, 501, "NOT_IMPLEMENTED")
