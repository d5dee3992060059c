"""Checks of the inference protocols, by clients that nobody here wrote.

Each check is a function with a sentence for a name, and passes by returning. The fixture is
churn.txt, trained by LightGBM 4.7.0; the library itself says what its rows must be answered with.
"""

import asyncio
import gzip
import http.client
import json
import os
import sys
import traceback
import urllib.parse

import lightgbm
import numpy as np
import tritonclient.grpc as tgrpc
import tritonclient.grpc.aio as tgrpc_aio
import tritonclient.http as thttp
import tritonclient.http.aio as thttp_aio
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

HERE = os.path.dirname(os.path.abspath(__file__))
URL = os.environ["ORRERY_URL"].rstrip("/")
HOST = urllib.parse.urlparse(URL).netloc
MODEL = "churn"
NAMES = ["age", "income", "tenure", "visits"]
BOOSTER = lightgbm.Booster(model_file=os.path.join(HERE, "churn.txt"))
ROWS = np.random.default_rng(3).normal(size=(64, 4))
ROWS[::7, 1] = np.nan
EXPECTED = BOOSTER.predict(ROWS)
CHECKS = []


def check(name):
    def add(function):
        CHECKS.append((name, function))
        return function

    return add


def same(found, expected=EXPECTED):
    np.testing.assert_allclose(np.asarray(found, dtype=np.float64), expected, rtol=1e-14)


def eq(found, expected):
    assert found == expected, f"found {found!r}, expected {expected!r}"


def ask(method, path, body=None, headers=None):
    """Plain HTTP: the status, the headers in lower case, the body."""
    connection = http.client.HTTPConnection(HOST, timeout=30)
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, data


def post(path, body, status=200):
    found, _, data = ask("POST", path, body)
    assert found == status, f"status {found}: {data[:300]}"
    return json.loads(data)


def get(path, status=200):
    found, _, data = ask("GET", path)
    assert found == status, f"status {found}: {data[:300]}"
    return json.loads(data)


def refused(call, *words):
    try:
        call()
    except InferenceServerException as e:
        for word in words:
            assert word in str(e), f"{word!r} is not in {e}"
        return e
    raise AssertionError("it was not refused")


# --- tritonclient, http and grpc, sync and aio, by the same checks --------------------------------


class Sync:
    """Calls of a synchronous client."""

    def __init__(self, module, make):
        self.module, self.make = module, make

    def __call__(self, method, *args, **kwargs):
        client = self.make()
        try:
            return getattr(client, method)(*args, **kwargs)
        finally:
            client.close()


class Aio(Sync):
    """Calls of an asynchronous client."""

    def __call__(self, method, *args, **kwargs):
        async def run():
            client = self.make()
            try:
                return await getattr(client, method)(*args, **kwargs)
            finally:
                await client.close()

        return asyncio.run(run())


CLIENTS = {
    "http": Sync(thttp, lambda: thttp.InferenceServerClient(HOST)),
    "http.aio": Aio(thttp, lambda: thttp_aio.InferenceServerClient(HOST)),
    "grpc": Sync(tgrpc, lambda: tgrpc.InferenceServerClient(HOST)),
    "grpc.aio": Aio(tgrpc, lambda: tgrpc_aio.InferenceServerClient(HOST)),
}


def matrix(client, rows=ROWS, dtype=np.float64, **kwargs):
    rows = rows.astype(dtype)
    tensor = client.module.InferInput("input", list(rows.shape), np_to_triton_dtype(dtype))
    tensor.set_data_from_numpy(rows, **kwargs)
    return tensor


def value(answer, *path):
    """A field of an answer, which is a dictionary over http and a message over grpc."""
    for step in path:
        if isinstance(step, int):
            answer = answer[step]
        else:
            answer = answer[step] if isinstance(answer, dict) else getattr(answer, step)
    return answer


def common(name, client):
    web = name.startswith("http")

    @check(f"{name}: the server is live and ready")
    def _():
        assert client("is_server_live") and client("is_server_ready")

    @check(f"{name}: a model is ready, by version too")
    def _():
        assert client("is_model_ready", MODEL) and client("is_model_ready", MODEL, "1")

    @check(f"{name}: the server tells its name and extensions")
    def _():
        told = client("get_server_metadata")
        eq(value(told, "name"), "orrery")
        for extension in ("binary_tensor_data", "model_repository", "statistics"):
            assert extension in value(told, "extensions")

    @check(f"{name}: a model tells its versions, platform, inputs and outputs")
    def _():
        told = client("get_model_metadata", MODEL)
        eq(value(told, "name"), MODEL)
        eq(list(value(told, "versions")), ["1"])
        eq(value(told, "platform"), "lightgbm_text")
        eq([int(d) for d in value(told, "inputs", 0, "shape")], [-1, 4])
        eq(value(told, "outputs", 0, "name"), "score")

    @check(f"{name}: a model tells its configuration")
    def _():
        told = client("get_model_config", MODEL)
        told = told if web else told.config
        eq(value(told, "name"), MODEL)
        eq(len(value(told, "input")), 1)

    @check(f"{name}: rows in binary are answered as LightGBM answers them")
    def _():
        same(client("infer", MODEL, [matrix(client)]).as_numpy("score"))

    @check(f"{name}: float32 rows are answered as LightGBM answers them")
    def _():
        found = client("infer", MODEL, [matrix(client, dtype=np.float32)]).as_numpy("score")
        same(found, BOOSTER.predict(ROWS.astype(np.float32).astype(np.float64)))

    @check(f"{name}: float16 rows come in binary")
    def _():
        found = client("infer", MODEL, [matrix(client, dtype=np.float16)]).as_numpy("score")
        same(found, BOOSTER.predict(ROWS.astype(np.float16).astype(np.float64)))

    @check(f"{name}: whole numbers are taken as numbers")
    def _():
        rows = np.arange(12).reshape(3, 4)
        for dtype in (np.int64, np.int32, np.uint8):
            found = client("infer", MODEL, [matrix(client, rows, dtype)]).as_numpy("score")
            same(found, BOOSTER.predict(rows.astype(np.float64)))

    @check(f"{name}: a tensor for each column, by the names of the model's features")
    def _():
        columns = []
        for i, column in enumerate(NAMES):
            tensor = client.module.InferInput(column, [64], "FP64")
            tensor.set_data_from_numpy(np.ascontiguousarray(ROWS[:, i]))
            columns.append(tensor)
        same(client("infer", MODEL, columns).as_numpy("score"))

    @check(f"{name}: the id is echoed, and an output can be chosen")
    def _():
        chosen = [client.module.InferRequestedOutput("score")]
        answer = client("infer", MODEL, [matrix(client)], outputs=chosen, request_id="r-7")
        eq(value(answer.get_response(), "id"), "r-7")
        eq(value(answer.get_response(), "model_version"), "1")

    @check(f"{name}: parameters are taken, and a version may be named")
    def _():
        answer = client(
            "infer", MODEL, [matrix(client)], model_version="1", parameters={"who": "me", "n": 3}
        )
        same(answer.as_numpy("score"))

    @check(f"{name}: an unknown model is refused by a name that is near")
    def _():
        refused(lambda: client("infer", "chrun", [matrix(client)]), "chrun", "Did you mean 'churn'")

    @check(f"{name}: an unknown version is refused")
    def _():
        refused(lambda: client("infer", MODEL, [matrix(client)], model_version="9"), "version 9")

    @check(f"{name}: an unknown output is refused")
    def _():
        chosen = [client.module.InferRequestedOutput("scroe")]
        refused(lambda: client("infer", MODEL, [matrix(client)], outputs=chosen), "score")

    @check(f"{name}: another shape is refused, and the error says which is wanted")
    def _():
        refused(lambda: client("infer", MODEL, [matrix(client, ROWS[:, :3])]), "[-1, 4]")

    @check(f"{name}: an unknown column is refused by a name that is near")
    def _():
        def call():
            tensors = []
            for column in ("age", "incme"):
                tensor = client.module.InferInput(column, [1], "FP64")
                tensor.set_data_from_numpy(np.zeros(1))
                tensors.append(tensor)
            client("infer", MODEL, tensors)

        refused(call, "incme", "income")

    @check(f"{name}: statistics count what was asked")
    def _():
        before = statistics(client, web)
        client("infer", MODEL, [matrix(client)])
        eq(statistics(client, web) - before, 64)

    @check(f"{name}: the repository's index has the model")
    def _():
        told = client("get_model_repository_index")
        models = told if web else told.models
        assert any(value(m, "name") == MODEL and value(m, "state") == "READY" for m in models)

    @check(f"{name}: a model is unloaded, refused, and loaded again")
    def _():
        client("unload_model", MODEL)
        assert not client("is_model_ready", MODEL)
        refused(lambda: client("infer", MODEL, [matrix(client)]), "unloaded")
        client("load_model", MODEL)
        assert client("is_model_ready", MODEL)
        same(client("infer", MODEL, [matrix(client)]).as_numpy("score"))

    @check(f"{name}: shared memory is said not to be spoken")
    def _():
        refused(lambda: client("get_system_shared_memory_status"))


def statistics(client, web):
    told = client("get_inference_statistics", MODEL)
    return int(value(told, "model_stats", 0, "inference_count"))


for NAME, CLIENT in CLIENTS.items():
    common(NAME, CLIENT)


# --- tritonclient: what only one of its forms has ---------------------------------------------------


@check("http: rows as JSON, answers as JSON")
def _():
    client = CLIENTS["http"]
    rows = np.nan_to_num(ROWS)
    output = thttp.InferRequestedOutput("score", binary_data=False)
    tensor = matrix(client, rows, binary_data=False)
    same(client("infer", MODEL, [tensor], outputs=[output]).as_numpy("score"), BOOSTER.predict(rows))


@check("http: rows in binary, answers as JSON, and the other way round")
def _():
    client = CLIENTS["http"]
    rows = np.nan_to_num(ROWS)
    for there, back in ((True, False), (False, True)):
        output = thttp.InferRequestedOutput("score", binary_data=back)
        tensor = matrix(client, rows, binary_data=there)
        answer = client("infer", MODEL, [tensor], outputs=[output])
        same(answer.as_numpy("score"), BOOSTER.predict(rows))


@check("http: bodies compressed both ways, with gzip and deflate")
def _():
    client = CLIENTS["http"]
    for there, back in (("gzip", "gzip"), ("deflate", None), (None, "gzip")):
        answer = client(
            "infer",
            MODEL,
            [matrix(client)],
            request_compression_algorithm=there,
            response_compression_algorithm=back,
        )
        same(answer.as_numpy("score"))


@check("http: many requests at once are answered each by its own rows")
def _():
    client = thttp.InferenceServerClient(HOST, concurrency=8)
    calls = [
        client.async_infer(MODEL, [matrix(CLIENTS["http"], ROWS[i : i + 1])]) for i in range(64)
    ]
    found = [call.get_result().as_numpy("score")[0] for call in calls]
    client.close()
    same(found)


@check("grpc: a stream answers each request in turn, and a refusal does not end it")
def _():
    client = tgrpc.InferenceServerClient(HOST)
    import queue

    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    for name in (MODEL, "nothing", MODEL):
        client.async_stream_infer(name, [matrix(CLIENTS["grpc"])])
    got = [answers.get(timeout=20) for _ in range(3)]
    client.stop_stream()
    client.close()
    same(got[0][0].as_numpy("score"))
    assert "nothing" in got[1][1].message()
    same(got[2][0].as_numpy("score"))


@check("grpc: messages compressed by gzip are read")
def _():
    client = CLIENTS["grpc"]
    same(client("infer", MODEL, [matrix(client)], compression_algorithm="gzip").as_numpy("score"))


@check("grpc: statuses are those of gRPC")
def _():
    client = CLIENTS["grpc"]
    eq(refused(lambda: client("infer", "nothing", [matrix(client)])).status(), "StatusCode.NOT_FOUND")
    wrong = [matrix(client, ROWS[:, :3])]
    eq(refused(lambda: client("infer", MODEL, wrong)).status(), "StatusCode.INVALID_ARGUMENT")
    unspoken = refused(lambda: client("get_trace_settings"))
    eq(unspoken.status(), "StatusCode.UNIMPLEMENTED")


@check("grpc: typed contents are answered by typed contents")
def _():
    from tritonclient.grpc import service_pb2, service_pb2_grpc
    import grpc

    with grpc.insecure_channel(HOST) as channel:
        stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
        request = service_pb2.ModelInferRequest(model_name=MODEL, id="t")
        tensor = request.inputs.add(name="input", datatype="FP64", shape=[64, 4])
        tensor.contents.fp64_contents.extend(ROWS.flatten())
        answer = stub.ModelInfer(request)
        eq(len(answer.raw_output_contents), 0)
        same(answer.outputs[0].contents.fp64_contents)


@check("grpc: raw and typed contents do not mix")
def _():
    from tritonclient.grpc import service_pb2, service_pb2_grpc
    import grpc

    with grpc.insecure_channel(HOST) as channel:
        stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
        request = service_pb2.ModelInferRequest(model_name=MODEL)
        tensor = request.inputs.add(name="input", datatype="FP64", shape=[1, 4])
        tensor.contents.fp64_contents.extend(ROWS[0])
        request.raw_input_contents.append(ROWS[:1].tobytes())
        try:
            stub.ModelInfer(request)
            raise AssertionError("it was not refused")
        except grpc.RpcError as e:
            eq(e.code(), grpc.StatusCode.INVALID_ARGUMENT)


@check("grpc: the health service says SERVING")
def _():
    import grpc

    with grpc.insecure_channel(HOST) as channel:
        call = channel.unary_unary("/grpc.health.v1.Health/Check")
        eq(call(b""), b"\x08\x01")


@check("grpc: a deadline that has passed is told as one")
def _():
    import grpc

    with grpc.insecure_channel(HOST) as channel:
        call = channel.unary_unary("/inference.GRPCInferenceService/ServerLive")
        eq(call(b"", timeout=20), b"\x08\x01")


# --- plain HTTP: what clients do not send ---------------------------------------------------------


def tensor(rows, **more):
    return {
        "name": "input",
        "shape": list(np.shape(rows)),
        "datatype": "FP64",
        "data": np.asarray(rows).tolist(),
    } | more


@check("v2: null and NaN are missing values, nested and flat")
def _():
    row = [1.0, None, 3.0, 4.0]
    expected = BOOSTER.predict(np.array([[1.0, np.nan, 3.0, 4.0]]))
    for data in (row, [row]):
        body = {"inputs": [{"name": "input", "shape": [1, 4], "datatype": "FP64", "data": data}]}
        same(post(f"/v2/models/{MODEL}/infer", body)["outputs"][0]["data"], expected)
    bare = json.dumps(body).replace("null", "NaN")
    same(post(f"/v2/models/{MODEL}/infer", bare)["outputs"][0]["data"], expected)


@check("v2: a raw request is nothing but bytes, and answered in bytes")
def _():
    headers = {"Inference-Header-Content-Length": "0"}
    status, told, data = ask("POST", f"/v2/models/{MODEL}/infer", ROWS.tobytes(), headers)
    eq(status, 200)
    header = int(told["inference-header-content-length"])
    eq(json.loads(data[:header])["outputs"][0]["parameters"]["binary_data_size"], 512)
    same(np.frombuffer(data[header:]))


@check("v2: data that is ragged, short, or of another type is refused with its input's name")
def _():
    for data in ([[1, 2], [3]], [1, 2, 3], ["a", 2, 3, 4], [True, 2, 3]):
        body = {"inputs": [{"name": "input", "shape": [1, 4], "datatype": "FP64", "data": data}]}
        assert "input" in post(f"/v2/models/{MODEL}/infer", body, 400)["error"]


@check("v2: an integer beyond its type is refused, and half a number too")
def _():
    for data, datatype in (([300] * 4, "UINT8"), ([1.5] * 4, "INT64"), ([-1] * 4, "UINT64")):
        body = {"inputs": [{"name": "input", "shape": [1, 4], "datatype": datatype, "data": data}]}
        assert datatype in post(f"/v2/models/{MODEL}/infer", body, 400)["error"]


@check("v2: broken JSON, no inputs and an input twice are refused")
def _():
    for body in ("{", "[]", "{}", '{"inputs":[]}', {"inputs": [tensor(ROWS[:1])] * 2}):
        assert post(f"/v2/models/{MODEL}/infer", body, 400)["error"]


@check("v2: every error, of unknown paths too, has the key that clients read")
def _():
    for path in ("/v2/nothing", "/v1/nothing", "/v2/models/nothing", "/v1/models/nothing"):
        assert get(path, 404)["error"]


@check("v2: the index takes an empty body, and one that asks for the ready")
def _():
    eq(post("/v2/repository/index", None)[0]["name"], MODEL)
    eq(post("/v2/repository/index", {"ready": True})[0]["state"], "READY")


@check("v2: a gzip bomb is refused")
def _():
    body = gzip.compress(b" " * (200 << 20))
    status, _, _ = ask("POST", f"/v2/models/{MODEL}/infer", body, {"Content-Encoding": "gzip"})
    eq(status, 413)


# --- recorded pairs of TensorFlow Serving and KServe ----------------------------------------------

ROW = dict(zip(NAMES, [1.0, 2.0, 3.0, 4.0]))
ONE = BOOSTER.predict(np.array([list(ROW.values())]))


@check("tf: rows of values, and rows of names")
def _():
    body = {"signature_name": "serving_default", "instances": ROWS[1:3].tolist()}
    same(post(f"/v1/models/{MODEL}:predict", body)["predictions"], EXPECTED[1:3])
    same(post(f"/v1/models/{MODEL}:predict", {"instances": [ROW, ROW]})["predictions"], [*ONE, *ONE])


@check("tf: columns by name, and the tensor alone")
def _():
    columns = {name: [v] for name, v in ROW.items()}
    same(post(f"/v1/models/{MODEL}:predict", {"inputs": columns})["outputs"], ONE)
    same(post(f"/v1/models/{MODEL}:predict", {"inputs": [list(ROW.values())]})["outputs"], ONE)


@check("tf: paths are read whatever their case, with versions and labels")
def _():
    body = {"instances": [list(ROW.values())]}
    for path in (f"/V1/MODELS/{MODEL}:PREDICT", f"/v1/models/{MODEL}/versions/1:predict"):
        same(post(path, body)["predictions"], ONE)
    same(post(f"/v1/models/{MODEL}/labels/stable:predict", body)["predictions"], ONE)


@check("tf: classify gives labels with their scores, regress a value")
def _():
    body = {"context": {"age": 1.0}, "examples": [{n: [v] for n, v in ROW.items() if n != "age"}]}
    found = post(f"/v1/models/{MODEL}:classify", body)["results"][0]
    eq([label for label, _ in found], ["0", "1"])
    same(found[1][1], ONE[0])
    same(post(f"/v1/models/{MODEL}:regress", body)["results"], ONE)


@check("tf: a feature in the context and in an example is refused")
def _():
    post(f"/v1/models/{MODEL}:classify", {"context": ROW, "examples": [ROW]}, 400)


@check("tf: both of instances and inputs, or none, are refused")
def _():
    for body in ({}, {"instances": [[1, 2, 3, 4]], "inputs": [[1, 2, 3, 4]]}):
        post(f"/v1/models/{MODEL}:predict", body, 400)


@check("tf: NaN is a legal token")
def _():
    body = '{"instances": [[1.0, NaN, 3.0, 4.0]]}'
    expected = BOOSTER.predict(np.array([[1.0, np.nan, 3.0, 4.0]]))
    same(post(f"/v1/models/{MODEL}:predict", body)["predictions"], expected)


@check("tf: the status has the version's state, the version as text")
def _():
    told = get(f"/v1/models/{MODEL}")["model_version_status"][0]
    status = {"error_code": "OK", "error_message": ""}
    eq(told, {"version": "1", "state": "AVAILABLE", "status": status})


@check("tf: the metadata has the signature")
def _():
    told = get(f"/v1/models/{MODEL}/metadata")
    eq(told["model_spec"]["name"], MODEL)
    signature = told["metadata"]["signature_def"]["signature_def"]["serving_default"]
    eq(signature["inputs"]["input"]["dtype"], "DT_DOUBLE")


@check("kserve: the list, a model's readiness, predictions")
def _():
    assert MODEL in get("/v1/models")["models"]
    told = get(f"/v1/models/{MODEL}")
    eq((told["name"], told["ready"]), (MODEL, True))
    same(post(f"/v1/models/{MODEL}:predict", {"instances": [list(ROW.values())]})["predictions"], ONE)


@check("kserve: explanations are said not to be there")
def _():
    assert "explainer" in post(f"/v1/models/{MODEL}:explain", {"instances": []}, 501)["error"]


# --- MLflow's client, and the plain protocols --------------------------------------------------------


def scoring():
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    from mlflow.pyfunc.scoring_server.client import ScoringServerClient

    parts = urllib.parse.urlparse(URL)
    return ScoringServerClient(host=parts.hostname, port=parts.port)


@check("mlflow: ScoringServerClient sees the server")
def _():
    scoring().wait_server_ready(timeout=20)


@check("mlflow: ScoringServerClient sends a data frame")
def _():
    import pandas

    found = scoring().invoke(pandas.DataFrame(ROWS, columns=NAMES)).get_predictions()
    same(found.to_numpy().flatten())


@check("mlflow: the four forms of JSON, and CSV")
def _():
    rows = [list(ROW.values())]
    for body in (
        {"dataframe_split": {"columns": NAMES, "data": rows}},
        {"dataframe_split": {"columns": NAMES[::-1], "data": [rows[0][::-1]]}},
        {"dataframe_records": [ROW]},
        {"instances": rows},
        {"inputs": {name: [v] for name, v in ROW.items()}},
        {"inputs": rows, "params": {}},
    ):
        same(post("/invocations", body)["predictions"], ONE)
    text = ",".join(NAMES) + "\n1,2,3,4\n1,,3,4\n"
    status, _, data = ask("POST", "/invocations", text, {"Content-Type": "text/csv; charset=utf-8"})
    eq(status, 200)
    expected = BOOSTER.predict(np.array([[1, 2, 3, 4], [1, np.nan, 3, 4]], dtype=float))
    same(json.loads(data)["predictions"], expected)


@check("mlflow: another content type is 415, and errors have their code")
def _():
    for kind in ("text/plain", "application/json; charset=latin-1", "application/json; a=b"):
        eq(ask("POST", "/invocations", "{}", {"Content-Type": kind})[0], 415)
    for body in ({}, {"instances": [[1]], "inputs": [[1]]}, {"messages": []}):
        assert post("/invocations", body, 400)["error_code"]


@check("mlflow: ping is a newline")
def _():
    status, _, data = ask("GET", "/ping")
    eq((status, data), (200, b"\n"))


@check("predict: features, rows and named columns")
def _():
    row = list(ROW.values())
    for body in ({"features": row}, {"features": [row]}, {"rows": [ROW]}, ROW):
        answer = post("/predict", body)
        same(answer["score"], ONE)
        eq((answer["model"], answer["version"]), (MODEL, "1"))
    assert "income" in post("/predict", {"age": 1, "incom": 2}, 400)["error"]


@check("torchserve: predictions of a model by its name")
def _():
    same(post(f"/predictions/{MODEL}", {"instances": [list(ROW.values())]}), ONE)
    same(post(f"/predictions/{MODEL}/1", {"rows": [ROW]}), ONE)


@check("openapi: the description names every protocol's path")
def _():
    told = get("/openapi.json")
    assert told["openapi"].startswith("3.")
    for path in (f"/v2/models/{MODEL}/infer", f"/v1/models/{MODEL}:predict", "/invocations"):
        assert path in told["paths"], path


# --- the endpoint of a project ------------------------------------------------------------------------

PROJECT = os.environ.get("ORRERY_PROJECT_URL", "").rstrip("/")


def project_checks():
    host = urllib.parse.urlparse(PROJECT).netloc

    def inputs(module, client):
        name = client.get_model_repository_index()
        models = name if isinstance(name, list) else name.models
        model = value(models[0], "name")
        told = client.get_model_metadata(model)
        tensors = []
        for port in value(told, "inputs"):
            kind = value(port, "datatype")
            tensor = module.InferInput(value(port, "name"), [2], kind)
            if kind == "BYTES":
                # A text that is a time too: which of the texts are times, the metadata do not say.
                text = b"2001-03-01T08:05:00Z"
                tensor.set_data_from_numpy(np.array([text, text], dtype=object))
            else:
                tensor.set_data_from_numpy(np.array([300.0, 900.0]))
            tensors.append(tensor)
        return model, tensors

    for kind, module in (("http", thttp), ("grpc", tgrpc)):

        @check(f"project, {kind}: the endpoint answers scores with ids")
        def _(module=module):
            client = module.InferenceServerClient(host)
            model, tensors = inputs(module, client)
            answer = client.infer(model, tensors)
            assert np.all((answer.as_numpy("score") >= 0) & (answer.as_numpy("score") <= 1))
            eq(len(answer.as_numpy("id")[0]), 36)
            client.close()

        @check(f"project, {kind}: its model is not unloaded by request")
        def _(module=module):
            client = module.InferenceServerClient(host)
            model, _ = inputs(module, client)
            refused(lambda: client.unload_model(model), "project")
            client.close()


if PROJECT:
    project_checks()


def main(words):
    passed = failed = 0
    for name, function in CHECKS:
        if words and not any(word in name for word in words):
            continue
        try:
            function()
            passed += 1
        except Exception as e:  # every failure of a check is told, whatever it is
            failed += 1
            print(f"FAILED {name}: {type(e).__name__}: {str(e)[:400]}")
            if os.environ.get("CONFORMANCE_TRACE"):
                traceback.print_exc()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
