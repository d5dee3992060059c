"""Inputs and datasets of runs, logged models, and models of scikit-learn from log_model to load_model."""

import json
import os

import mlflow
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.entities import Dataset, DatasetInput, InputTag
from sklearn.linear_model import LogisticRegression

from harness import (
    VERSION,
    api,
    check,
    client,
    contains,
    eq,
    experiment,
    fresh,
    matches,
    ok,
    raises,
    refused,
    run,
    that,
)


def dataset(name="d", digest="1", **more):
    fields = {"name": name, "digest": digest, "source_type": "local", "source": "{}", **more}
    return DatasetInput(Dataset(**fields), [InputTag("mlflow.data.context", "training")])


# --- inputs ---------------------------------------------------------------------------------------


@check("a dataset of a run is kept with its tags, schema and profile")
def log_inputs():
    id = run()
    client.log_inputs(id, [dataset(schema='{"a": 1}', profile='{"rows": 7}')])
    one = client.get_run(id).inputs.dataset_inputs[0]
    eq(
        (one.dataset.name, one.dataset.digest, one.dataset.source_type, one.dataset.source),
        ("d", "1", "local", "{}"),
    )
    eq((one.dataset.schema, one.dataset.profile), ('{"a": 1}', '{"rows": 7}'))
    eq({t.key: t.value for t in one.tags}, {"mlflow.data.context": "training"})


@check("the same dataset twice is one input")
def log_inputs_twice():
    id = run()
    client.log_inputs(id, [dataset()])
    client.log_inputs(id, [dataset()])
    client.log_inputs(id, [dataset(digest="2")])
    eq(sorted(i.dataset.digest for i in client.get_run(id).inputs.dataset_inputs), ["1", "2"])


@check("one dataset is an input of many runs")
def shared_dataset():
    at = experiment()
    one, two = run(at), run(at)
    for id in (one, two):
        client.log_inputs(id, [dataset("shared")])
    eq({r.info.run_id for r in client.search_runs([at], "dataset.name = 'shared'")}, {one, two})


@check("inputs of an unknown or deleted run are refused")
def log_inputs_bad_run():
    raises("RESOURCE_DOES_NOT_EXIST", "not found", client.log_inputs, "5" * 32, [dataset()])
    id = run()
    client.delete_run(id)
    raises("INVALID_PARAMETER_VALUE", "must be in the 'active' state", client.log_inputs, id, [dataset()])


@check("a dataset's name of more than 500 characters is refused")
def log_inputs_long_name():
    body = {
        "run_id": run(),
        "datasets": [
            {"tags": [], "dataset": {"name": "x" * 501, "digest": "1", "source_type": "x", "source": "{}"}}
        ],
    }
    refused(api("POST", "/runs/log-inputs", body), 400, "INVALID_PARAMETER_VALUE", "name")


@check("log-inputs without a run says so")
def log_inputs_no_run():
    refused(
        api("POST", "/runs/log-inputs", {"datasets": []}),
        400,
        "INVALID_PARAMETER_VALUE",
        "Missing value for required parameter 'run_id'",
    )


@check("mlflow.log_input of a pandas frame keeps schema and profile")
def fluent_input():
    mlflow.set_experiment(experiment_id=experiment())
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [0, 1]})
    with mlflow.start_run() as active:
        mlflow.log_input(mlflow.data.from_pandas(frame, name="frame", targets="y"), context="training")
    one = client.get_run(active.info.run_id).inputs.dataset_inputs[0]
    eq((one.dataset.name, json.loads(one.dataset.profile)["num_rows"]), ("frame", 2))
    contains(one.dataset.schema, "mlflow_colspec")
    eq({t.key: t.value for t in one.tags}, {"mlflow.data.context": "training"})


# --- logged models --------------------------------------------------------------------------------


def logged(at=None, **named):
    return client.create_logged_model(at or experiment(), **named)


@check("a logged model is made, read, ended and known by its id", since="3.0")
def logged_life():
    at = experiment()
    made = logged(
        at,
        name="tree",
        source_run_id=run(at),
        params={"depth": "4"},
        tags={"k": "v"},
        model_type="classifier",
    )
    matches(made.model_id, r"^m-[0-9a-f]{32}$")
    eq((made.status.value, made.name, made.experiment_id), ("PENDING", "tree", at))
    found = client.get_logged_model(made.model_id)
    eq(
        (found.params, found.tags, found.model_type, found.source_run_id),
        ({"depth": "4"}, {"k": "v"}, "classifier", made.source_run_id),
    )
    eq(found.artifact_location, f"mlflow-artifacts:/{at}/models/{made.model_id}/artifacts")
    eq(found.model_uri, f"models:/{made.model_id}")
    eq(client.finalize_logged_model(made.model_id, "READY").status.value, "READY")


@check("a logged model without a name gets one", since="3.0")
def logged_name():
    that(logged().name, "no name")


@check("bad names of logged models are refused", since="3.0")
def logged_bad_names():
    at = experiment()
    for name in ("a/b", "a:b", "a.b", "a%b", 'a"b', "a'b"):
        raises("INVALID_PARAMETER_VALUE", "Invalid model name", client.create_logged_model, at, name)


@check("a logged model that failed says so", since="3.0")
def logged_failed():
    made = logged()
    eq(client.finalize_logged_model(made.model_id, "FAILED").status.value, "FAILED")


@check("an unknown logged model is 404", since="3.0")
def logged_unknown():
    raises("RESOURCE_DOES_NOT_EXIST", "not found", client.get_logged_model, "m-" + "0" * 32)


@check("a logged model's tags are set and deleted", since="3.0")
def logged_tags():
    made = logged(tags={"a": "1"})
    client.set_logged_model_tags(made.model_id, {"a": "2", "b": "3"})
    client.delete_logged_model_tag(made.model_id, "b")
    eq(client.get_logged_model(made.model_id).tags, {"a": "2"})


@check("deleting a logged model's tag that is not there is 404", since="3.0")
def logged_absent_tag():
    raises(
        "RESOURCE_DOES_NOT_EXIST",
        "No tag with key",
        client.delete_logged_model_tag,
        logged().model_id,
        "absent",
    )


@check("a logged model takes more than 100 parameters", since="3.0")
def logged_params():
    params = {f"p{i}": str(i) for i in range(150)}
    eq(client.get_logged_model(logged(params=params).model_id).params, params)


@check("a deleted logged model is not found by search", since="3.0")
def logged_deleted():
    at = experiment()
    made, kept = logged(at), logged(at)
    client.delete_logged_model(made.model_id)
    eq([m.model_id for m in client.search_logged_models([at])], [kept.model_id])
    raises("RESOURCE_DOES_NOT_EXIST", "not found", client.get_logged_model, made.model_id)


@check("logged models are searched by attribute, parameter, tag and metric", since="3.0")
def logged_search():
    at = experiment()
    id = run(at)
    ids = {}
    for letter, auc in (("a", 0.9), ("b", 0.7), ("c", None)):
        made = logged(
            at, name=f"n-{letter}", source_run_id=id, params={"p": letter}, tags={"t": letter}, model_type="x"
        )
        ids[made.model_id] = letter
        if auc is not None:
            client.log_metric(id, "auc", auc, model_id=made.model_id, step=1)
    names = lambda filter, **more: "".join(
        ids[m.model_id] for m in client.search_logged_models([at], filter, **more)
    )  # noqa: E731
    by_name = [{"field_name": "name", "ascending": True}]
    for filter, want in (
        ("", "abc"),
        ("name = 'n-a'", "a"),
        ("name LIKE 'n-%'", "abc"),
        ("attributes.name != 'n-a'", "bc"),
        ("params.p = 'b'", "b"),
        ("tags.t = 'c'", "c"),
        ("metrics.auc > 0.8", "a"),
        ("metrics.auc < 0.95 AND params.p != 'a'", "b"),
        (f"source_run_id = '{id}'", "abc"),
        ("name IN ('n-a', 'n-b')", "ab"),
    ):
        eq(names(filter, order_by=by_name), want, filter)
    eq(names("", order_by=[{"field_name": "name", "ascending": False}]), "cba")
    eq(names("", order_by=[{"field_name": "metrics.auc", "ascending": False}]), "abc")
    eq(names("", order_by=[{"field_name": "metrics.auc", "ascending": True}]), "bac")
    page = client.search_logged_models([at], order_by=by_name, max_results=2)
    eq("".join(ids[m.model_id] for m in page), "ab")
    rest = client.search_logged_models([at], order_by=by_name, max_results=2, page_token=page.token)
    eq("".join(ids[m.model_id] for m in rest), "c")


@check("bad searches of logged models are 400", since="3.0")
def logged_search_bad():
    at = experiment()
    for body in ({"filter": "name > 'x'"}, {"filter": "name = 'a' OR name = 'b'"}):
        answer = api("POST", "/logged-models/search", {"experiment_ids": [at], **body})
        refused(answer, 400, "INVALID_PARAMETER_VALUE")


@check(
    "unknown attributes and wrong types in searches of logged models are 400",
    since="3.0",
    better="MLflow answers 500",
)
def logged_unknown_attribute():
    for body in (
        {"filter": "color = 'x'"},
        {"filter": "metrics.a = 'x'"},
        {"order_by": [{"field_name": "color"}]},
    ):
        refused(
            api("POST", "/logged-models/search", {"experiment_ids": [experiment()], **body}),
            400,
            "INVALID_PARAMETER_VALUE",
        )


@check("a run names the logged models it made", since="3.0")
def run_outputs():
    from mlflow.entities import LoggedModelOutput

    at = experiment()
    id, made = run(at), logged(at)
    client.log_outputs(id, [LoggedModelOutput(made.model_id, step=3)])
    outputs = client.get_run(id).outputs.model_outputs
    eq([(o.model_id, o.step) for o in outputs], [(made.model_id, 3)])


@check("a run names the logged models it used", since="3.0")
def run_model_inputs():
    from mlflow.entities import LoggedModelInput

    at = experiment()
    id, made = run(at), logged(at)
    client.log_inputs(id, models=[LoggedModelInput(made.model_id)])
    eq([m.model_id for m in client.get_run(id).inputs.model_inputs], [made.model_id])


@check("a metric with a model's id is the run's and the model's", since="3.0")
def model_metric():
    at = experiment()
    id = run(at)
    made = logged(at, source_run_id=id)
    client.log_metric(id, "auc", 0.75, step=2, model_id=made.model_id, dataset_name="d", dataset_digest="1")
    eq(client.get_run(id).data.metrics, {"auc": 0.75})
    one = client.get_logged_model(made.model_id).metrics[0]
    eq((one.key, one.value, one.step, one.dataset_name, one.dataset_digest), ("auc", 0.75, 2, "d", "1"))


@check("a logged model's files are listed", since="3.0")
def logged_files():
    made = logged()
    client.log_model_artifacts(made.model_id, _folder())
    answer = ok(api("GET", f"/logged-models/{made.model_id}/artifacts/directories"))
    eq(sorted(f["path"] for f in answer["files"]), ["a.txt", "sub"])


def _folder():
    from harness import scratch

    top = os.path.join(scratch, fresh("model-files"))
    os.makedirs(os.path.join(top, "sub"))
    for name in ("a.txt", "sub/b.txt"):
        with open(os.path.join(top, name), "w") as out:
            out.write(name)
    return top


# --- scikit-learn ---------------------------------------------------------------------------------

X = pd.DataFrame(np.random.default_rng(1).normal(size=(60, 3)), columns=["a", "b", "c"])
Y = (X["a"] + X["b"] > 0).astype(int)
_fitted = {}


def fitted():
    """A fitted model, logged once with a signature and registered: the run, what log_model answered, the name."""
    if not _fitted:
        mlflow.set_experiment(experiment_id=experiment())
        model = LogisticRegression().fit(X, Y)
        _fitted["name"] = fresh("sk")
        with mlflow.start_run() as active:
            mlflow.log_metric("train", 0.5)
            named = {"name": "model"} if VERSION >= (3,) else {"artifact_path": "model"}
            _fitted["info"] = mlflow.sklearn.log_model(
                model,
                signature=mlflow.models.infer_signature(X, Y),
                input_example=None,
                registered_model_name=_fitted["name"],
                pip_requirements=["scikit-learn"],
                **named,
            )
        _fitted["run"], _fitted["model"] = active.info.run_id, model
        client.set_registered_model_alias(_fitted["name"], "champion", "1")
    return _fitted


@check("sklearn.log_model stores a model and registers version 1")
def sk_log():
    it = fitted()
    found = client.get_model_version(it["name"], "1")
    eq((found.status, found.run_id), ("READY", it["run"]))


@check("log_model makes a READY logged model of the run", since="3.0")
def sk_logged_model():
    it = fitted()
    found = client.get_logged_model(it["info"].model_id)
    eq((found.status.value, found.source_run_id, found.name), ("READY", it["run"], "model"))
    eq([o.model_id for o in client.get_run(it["run"]).outputs.model_outputs], [found.model_id])
    eq({m.key: m.value for m in found.metrics}, {"train": 0.5})
    eq(client.get_model_version(it["name"], "1").source, f"models:/{found.model_id}")
    contains(client.get_logged_model(found.model_id).tags.get("mlflow.modelVersions", ""), it["name"])


@check("the model is loaded by every address and predicts the same")
def sk_load():
    it = fitted()
    want = list(it["model"].predict(X))
    addresses = [
        f"runs:/{it['run']}/model",
        f"models:/{it['name']}/1",
        f"models:/{it['name']}@champion",
        f"models:/{it['name']}/latest",
        it["info"].model_uri,
    ]
    if VERSION >= (3,):
        addresses.append(f"models:/{it['info'].model_id}")
    for address in addresses:
        eq(list(mlflow.sklearn.load_model(address).predict(X)), want, address)


@check("the model is loaded by its stage")
def sk_load_stage():
    it = fitted()
    client.transition_model_version_stage(it["name"], "1", "Production")
    eq(
        list(mlflow.sklearn.load_model(f"models:/{it['name']}/Production").predict(X)),
        list(it["model"].predict(X)),
    )


@check("the model is loaded as pyfunc, with its signature enforced")
def sk_pyfunc():
    it = fitted()
    model = mlflow.pyfunc.load_model(f"models:/{it['name']}/1")
    eq([c.name for c in model.metadata.signature.inputs], ["a", "b", "c"])
    eq(list(model.predict(X)), list(it["model"].predict(X)))
    try:
        model.predict(X[["a"]])
    except Exception as e:
        contains(str(e), "b")
    else:
        that(False, "a missing column is taken")


@check("get_model_info reads the signature without the model")
def sk_info():
    it = fitted()
    info = mlflow.models.get_model_info(f"models:/{it['name']}/1")
    contains(info.flavors, "sklearn")
    eq(info.run_id, it["run"])


@check("register_model of a run's logged model gives the next version")
def sk_register_again():
    it = fitted()
    made = mlflow.register_model(f"runs:/{it['run']}/model", it["name"])
    that(int(made.version) > 1, made.version)
    eq(
        list(mlflow.sklearn.load_model(f"models:/{it['name']}/{made.version}").predict(X)),
        list(it["model"].predict(X)),
    )


@check("a model's files are found again by download_artifacts")
def sk_download():
    it = fitted()
    got = mlflow.artifacts.download_artifacts(f"models:/{it['name']}/1")
    with open(os.path.join(got, "MLmodel")) as f:
        text = f.read()
    contains(text, "sklearn")
    contains(text, "signature")


@check("autolog of scikit-learn writes a run with parameters, metrics and a model")
def sk_autolog():
    at = experiment()
    mlflow.set_experiment(experiment_id=at)
    mlflow.sklearn.autolog(log_input_examples=False, silent=True)
    try:
        LogisticRegression(C=0.5).fit(X, Y)
    finally:
        mlflow.sklearn.autolog(disable=True)
    one = client.search_runs([at])[0]
    eq((one.data.params["C"], one.info.status), ("0.5", "FINISHED"))
    contains(one.data.metrics, "training_score")
    eq(
        list(mlflow.sklearn.load_model(f"runs:/{one.info.run_id}/model").predict(X[:1])),
        list(LogisticRegression(C=0.5).fit(X, Y).predict(X[:1])),
    )


@check("a model of Python code is logged and loaded as pyfunc")
def pyfunc_model():
    class Add(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return model_input["x"] + 1

    mlflow.set_experiment(experiment_id=experiment())
    named = {"name": "add"} if VERSION >= (3,) else {"artifact_path": "add"}
    with mlflow.start_run():
        info = mlflow.pyfunc.log_model(python_model=Add(), pip_requirements=["pandas"], **named)
    eq(list(mlflow.pyfunc.load_model(info.model_uri).predict(pd.DataFrame({"x": [1, 2]}))), [2, 3])


@check("the old runs/log-model adds to the run's history tag")
def legacy_log_model():
    id = run()
    model = {
        "run_id": id,
        "artifact_path": "m",
        "utc_time_created": "2025-01-01 00:00:00.000000",
        "flavors": {"x": {}},
        "model_uuid": "1" * 32,
    }
    for path in ("m", "n"):
        ok(
            api(
                "POST",
                "/runs/log-model",
                {"run_id": id, "model_json": json.dumps({**model, "artifact_path": path})},
            )
        )
    history = json.loads(client.get_run(id).data.tags["mlflow.log-model.history"])
    eq([m["artifact_path"] for m in history], ["m", "n"])
    refused(
        api("POST", "/runs/log-model", {"run_id": id, "model_json": "no json"}),
        400,
        "INVALID_PARAMETER_VALUE",
    )
