"""Runs: beginning, end, names, nesting, deleting; and the fluent face over them."""

import time

import mlflow
from mlflow.entities import RunStatus, ViewType

from harness import api, check, client, contains, eq, experiment, matches, ok, raises, refused, run, that


@check("a run's id is 32 lower hexadecimal digits, sent under both names")
def run_id():
    id = run()
    matches(id, r"^[0-9a-f]{32}$")
    info = ok(api("GET", "/runs/get", query={"run_id": id}))["run"]["info"]
    eq((info["run_id"], info["run_uuid"]), (id, id))


@check("a new run is RUNNING, active, in its experiment, and has no end")
def begins():
    at = experiment()
    info = client.create_run(at, start_time=12345).info
    eq((info.status, info.lifecycle_stage, info.experiment_id), ("RUNNING", "active", at))
    eq((info.start_time, info.end_time), (12345, None))


@check("a run's artifact_uri lies under its experiment's location")
def artifact_uri():
    at = experiment()
    info = client.create_run(at).info
    eq(info.artifact_uri, f"mlflow-artifacts:/{at}/{info.run_id}/artifacts")


@check("a run made with tags has them")
def made_with_tags():
    data = client.create_run(experiment(), tags={"a": "1", "b": "x y"}).data
    eq({k: v for k, v in data.tags.items() if not k.startswith("mlflow.")}, {"a": "1", "b": "x y"})


@check("a run without a name gets one, and the tag says the same")
def made_up_name():
    made = client.create_run(experiment())
    matches(made.info.run_name, r"^[a-z]+-[a-z]+-\d+$")
    eq(made.data.tags["mlflow.runName"], made.info.run_name)


@check("a run's name and its tag are one thing")
def name_is_tag():
    id = run(run_name="first")
    eq(client.get_run(id).data.tags["mlflow.runName"], "first")
    client.set_tag(id, "mlflow.runName", "second")
    eq(client.get_run(id).info.run_name, "second")
    client.update_run(id, name="third")
    found = client.get_run(id)
    eq((found.info.run_name, found.data.tags["mlflow.runName"]), ("third", "third"))


@check("a run named by the tag alone has that name")
def named_by_tag():
    made = client.create_run(experiment(), tags={"mlflow.runName": "by tag"})
    eq(made.info.run_name, "by tag")


@check("two different names for one run are refused")
def two_names():
    body = {"experiment_id": experiment(), "run_name": "a", "tags": [{"key": "mlflow.runName", "value": "b"}]}
    refused(
        api("POST", "/runs/create", body),
        400,
        "INVALID_PARAMETER_VALUE",
        "Both 'run_name' argument and 'mlflow.runName' tag are specified",
    )


@check("user_id of a run is kept")
def user_id():
    id = ok(api("POST", "/runs/create", {"experiment_id": experiment(), "user_id": "ada"}))["run"]["info"][
        "run_id"
    ]
    eq(ok(api("GET", "/runs/get", query={"run_id": id}))["run"]["info"]["user_id"], "ada")


@check("a run in an unknown experiment is 404")
def unknown_experiment():
    raises(
        "RESOURCE_DOES_NOT_EXIST", "No Experiment with id=123456789 exists", client.create_run, "123456789"
    )


@check("a run in a deleted experiment is refused")
def deleted_experiment():
    at = experiment()
    client.delete_experiment(at)
    raises("INVALID_PARAMETER_VALUE", "must be in the 'active' state", client.create_run, at)


@check("an unknown run is 404 by the text that clients match")
def unknown_run():
    raises("RESOURCE_DOES_NOT_EXIST", "Run with id=" + "0" * 32 + " not found", client.get_run, "0" * 32)


@check("a run without id is refused by the text that clients match")
def no_run_id():
    refused(
        api("GET", "/runs/get"),
        400,
        "INVALID_PARAMETER_VALUE",
        "Missing value for required parameter 'run_id'. See the API docs for more information about request parameters.",
    )


@check("runs/get takes the old run_uuid alone")
def run_uuid_alone():
    id = run()
    eq(ok(api("GET", "/runs/get", query={"run_uuid": id}))["run"]["info"]["run_id"], id)


@check("set_terminated ends a run as FINISHED, now")
def terminated():
    id = run()
    client.set_terminated(id)
    info = client.get_run(id).info
    eq(info.status, "FINISHED")
    that(abs(info.end_time - time.time() * 1000) < 60_000, f"end_time {info.end_time}")


@check("set_terminated takes a status and an end")
def terminated_so():
    id = run()
    client.set_terminated(id, "FAILED", 777)
    info = client.get_run(id).info
    eq((info.status, info.end_time), ("FAILED", 777))


@check("every status goes in and out")
def every_status():
    id = run()
    for status in RunStatus.all_status():
        name = RunStatus.to_string(status)
        client.update_run(id, status=name)
        eq(client.get_run(id).info.status, name)


@check("runs/update without end_time leaves the end empty")
def update_no_end():
    id = run()
    info = ok(api("POST", "/runs/update", {"run_id": id, "status": "FINISHED"}))["run_info"]
    eq(info["status"], "FINISHED")
    that("end_time" not in info, f"{info}")


@check("a status that there is not changes nothing")
def bad_status():
    id = run()
    answer = api("POST", "/runs/update", {"run_id": id, "status": "DONE"})
    that(answer.status in (200, 400), f"status {answer.status}")
    eq(client.get_run(id).info.status, "RUNNING")


@check("a finished run takes more metrics, params and tags")
def finished_is_open():
    id = run()
    client.set_terminated(id)
    client.log_metric(id, "m", 1.5)
    client.log_param(id, "p", "v")
    client.set_tag(id, "t", "w")
    data = client.get_run(id).data
    eq((data.metrics, data.params, data.tags["t"]), ({"m": 1.5}, {"p": "v"}, "w"))


@check("a deleted run is still read, and is restored")
def delete_restore():
    id = run()
    client.delete_run(id)
    eq(client.get_run(id).info.lifecycle_stage, "deleted")
    client.delete_run(id)
    client.restore_run(id)
    eq(client.get_run(id).info.lifecycle_stage, "active")
    client.restore_run(id)


@check("a deleted run takes no writes, by the text that clients match")
def deleted_is_closed():
    id = run()
    client.delete_run(id)
    text = f"The run {id} must be in the 'active' state. Current state is deleted"
    for write in (
        lambda: client.log_metric(id, "m", 1.0),
        lambda: client.log_param(id, "p", "v"),
        lambda: client.set_tag(id, "t", "v"),
        lambda: client.delete_tag(id, "mlflow.runName"),
        lambda: client.set_terminated(id),
    ):
        raises("INVALID_PARAMETER_VALUE", text, write)
    eq(client.get_run(id).data.metrics, {})


@check("deleting an unknown run is 404")
def delete_unknown():
    raises("RESOURCE_DOES_NOT_EXIST", "Run with id=.* not found", client.delete_run, "1" * 32)


@check("a run without data answers no empty lists")
def empty_lists_left_out():
    whole = ok(api("GET", "/runs/get", query={"run_id": run()}))["run"]
    for key in ("metrics", "params"):
        that(key not in whole["data"], f"{key} in {whole['data']}")
    that("end_time" not in whole["info"], "end_time is there")


@check("start_run begins and ends a run around a block")
def fluent_block():
    mlflow.set_experiment(experiment_id=experiment())
    with mlflow.start_run(run_name="block") as active:
        eq(mlflow.active_run().info.run_id, active.info.run_id)
    eq(mlflow.active_run(), None)
    info = client.get_run(active.info.run_id).info
    eq((info.status, info.run_name), ("FINISHED", "block"))
    eq(mlflow.last_active_run().info.run_id, active.info.run_id)


@check("an exception in the block ends the run as FAILED")
def fluent_failure():
    mlflow.set_experiment(experiment_id=experiment())
    try:
        with mlflow.start_run() as active:
            raise KeyError("planned")
    except KeyError:
        pass
    eq(client.get_run(active.info.run_id).info.status, "FAILED")


@check("a nested run names its parent")
def fluent_nested():
    mlflow.set_experiment(experiment_id=experiment())
    with mlflow.start_run() as outer, mlflow.start_run(nested=True) as inner:
        pass
    eq(client.get_run(inner.info.run_id).data.tags["mlflow.parentRunId"], outer.info.run_id)
    eq(client.get_parent_run(inner.info.run_id).info.run_id, outer.info.run_id)


@check("a run is taken up again by its id")
def fluent_resume():
    mlflow.set_experiment(experiment_id=experiment())
    with mlflow.start_run() as first:
        mlflow.log_metric("m", 1)
    with mlflow.start_run(run_id=first.info.run_id):
        eq(client.get_run(first.info.run_id).info.status, "RUNNING")
        mlflow.log_metric("m", 2)
    eq(client.get_run(first.info.run_id).info.status, "FINISHED")
    eq([m.value for m in client.get_metric_history(first.info.run_id, "m")], [1, 2])


@check("start_run keeps a description and tags, and what the client knows of the source")
def fluent_tags():
    mlflow.set_experiment(experiment_id=experiment())
    with mlflow.start_run(description="what for", tags={"k": "v"}) as active:
        mlflow.set_tags({"x": 1, "y": 2.5})
    tags = client.get_run(active.info.run_id).data.tags
    eq((tags["mlflow.note.content"], tags["k"], tags["x"], tags["y"]), ("what for", "v", "1", "2.5"))
    contains(tags, "mlflow.user")
    contains(tags, "mlflow.source.name")


@check("fluent params, metrics and tags arrive")
def fluent_logging():
    mlflow.set_experiment(experiment_id=experiment())
    with mlflow.start_run() as active:
        mlflow.log_param("lr", 0.01)
        mlflow.log_params({"depth": 4, "name": "x y"})
        mlflow.log_metric("auc", 0.7, step=1)
        mlflow.log_metrics({"auc": 0.8, "f1": 0.5}, step=2)
        mlflow.set_tag("t", "v")
        mlflow.delete_tag("t")
    data = client.get_run(active.info.run_id).data
    eq(data.params, {"lr": "0.01", "depth": "4", "name": "x y"})
    eq(data.metrics, {"auc": 0.8, "f1": 0.5})
    that("t" not in data.tags, "the tag is still there")


@check("log_params of 250 go in batches")
def fluent_many_params():
    mlflow.set_experiment(experiment_id=experiment())
    params = {f"p{i}": str(i) for i in range(250)}
    with mlflow.start_run() as active:
        mlflow.log_params(params)
    eq(client.get_run(active.info.run_id).data.params, params)


@check("delete_run of the fluent face")
def fluent_delete():
    id = run()
    mlflow.delete_run(id)
    eq(mlflow.get_run(id).info.lifecycle_stage, "deleted")


@check("search_runs answers a table of runs")
def fluent_search():
    at = experiment()
    for i in range(3):
        id = run(at, run_name=f"r{i}")
        client.log_metric(id, "m", i)
        client.log_param(id, "p", str(i))
    table = mlflow.search_runs([at], order_by=["metrics.m DESC"])
    eq(list(table["metrics.m"]), [2.0, 1.0, 0.0])
    eq(list(table["params.p"]), ["2", "1", "0"])
    runs = mlflow.search_runs([at], filter_string="metrics.m > 0.5", output_format="list")
    eq(len(runs), 2)
    eq(len(mlflow.search_runs(experiment_names=[client.get_experiment(at).name])), 3)


@check("what eight threads log to one run is whole")
def many_threads():
    import concurrent.futures

    id = run()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: client.log_metric(id, "m", i, timestamp=i, step=i), range(200)))
    eq([m.step for m in client.get_metric_history(id, "m")], list(range(200)))


@check("asynchronous logging arrives by the end")
def asynchronous():
    mlflow.set_experiment(experiment_id=experiment())
    with mlflow.start_run() as active:
        for i in range(50):
            mlflow.log_metric("m", i, step=i, synchronous=False)
        mlflow.log_params({"a": 1}, synchronous=False).wait()
        mlflow.flush_async_logging()
    eq(len(client.get_metric_history(active.info.run_id, "m")), 50)


@check("deleted runs are shown by their view alone")
def views():
    at = experiment()
    keep, drop = run(at), run(at)
    client.delete_run(drop)
    eq([r.info.run_id for r in client.search_runs([at])], [keep])
    eq([r.info.run_id for r in client.search_runs([at], run_view_type=ViewType.DELETED_ONLY)], [drop])
    eq({r.info.run_id for r in client.search_runs([at], run_view_type=ViewType.ALL)}, {keep, drop})
