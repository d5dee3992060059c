"""Artifacts: up, down, listed and deleted, by the client and over the proxy's own routes."""

import hashlib
import os
import random

import mlflow
import numpy as np
import pandas as pd

from harness import (
    Failed,
    api,
    check,
    client,
    contains,
    eq,
    experiment,
    file,
    fresh,
    ok,
    refused,
    run,
    scratch,
    send,
    that,
)

PROXY = "/api/2.0/mlflow-artifacts/artifacts"


def blob(size, seed=1):
    return random.Random(seed).randbytes(size)


def paths(id, path=None):
    return sorted((f.path, f.is_dir, f.file_size) for f in client.list_artifacts(id, path))


def begun():
    """An active fluent run in an experiment of its own."""
    mlflow.set_experiment(experiment_id=experiment())
    return mlflow.start_run()


def root(id):
    """Where the proxy has the artifacts of a run."""
    return PROXY + "/" + client.get_run(id).info.artifact_uri.split(":/", 1)[1].lstrip("/")


def put(path, data, **headers):
    return send("PUT", path, data, headers={"Content-Type": "application/octet-stream", **headers})


def down(id, path):
    with open(client.download_artifacts(id, path, scratch), "rb") as f:
        return f.read()


@check("a file goes up and down whole")
def file_round():
    id = run()
    client.log_artifact(id, file("my.file", "Hello, World!"))
    eq(down(id, "my.file"), b"Hello, World!")
    eq(paths(id), [("my.file", False, 13)])


@check("an empty file goes up and down")
def file_empty():
    id = run()
    client.log_artifact(id, file("empty", b""))
    eq(down(id, "empty"), b"")
    eq([(p, d) for p, d, _ in paths(id)], [("empty", False)])


@check("a file of 20 MB goes up and down with its digest")
def file_large():
    id, data = run(), blob(20_000_000)
    client.log_artifact(id, file("large.bin", data))
    eq(hashlib.sha256(down(id, "large.bin")).hexdigest(), hashlib.sha256(data).hexdigest())
    eq(paths(id), [("large.bin", False, len(data))])


@check("bytes full of line ends go up as they are")
def file_lines():
    id, data = run(), b"\n\r\n" * 50_000
    client.log_artifact(id, file("lines", data))
    eq(down(id, "lines"), data)


@check("a file goes into a folder of the run")
def file_in_folder():
    id = run()
    client.log_artifact(id, file("f.txt", "x"), "a/b")
    eq(paths(id), [("a", True, None)])
    eq(paths(id, "a"), [("a/b", True, None)])
    eq(paths(id, "a/b"), [("a/b/f.txt", False, 1)])


@check("a folder goes up and down with all below it")
def folder():
    id = run()
    top = os.path.dirname(file("one.txt", "1"))
    os.makedirs(os.path.join(top, "sub", "deep"))
    for name in ("sub/two.txt", "sub/deep/three.txt"):
        with open(os.path.join(top, name), "w") as out:
            out.write(name)
    client.log_artifacts(id, top, "data")
    eq(paths(id, "data"), [("data/one.txt", False, 1), ("data/sub", True, None)])
    got = client.download_artifacts(id, "data", scratch)
    with open(os.path.join(got, "sub/deep/three.txt")) as f:
        eq(f.read(), "sub/deep/three.txt")
    whole = mlflow.artifacts.download_artifacts(
        run_id=id, artifact_path="", dst_path=os.path.join(scratch, fresh("all"))
    )
    that(os.path.exists(os.path.join(whole, "data/sub/two.txt")), "a file of the whole is missing")


@check("a file is replaced by a later one of its name")
def file_replaced():
    id = run()
    client.log_artifact(id, file("f", "old and longer"))
    client.log_artifact(id, file("f", "new"))
    eq(down(id, "f"), b"new")
    eq(paths(id), [("f", False, 3)])


@check("names of files may have blanks and letters of any script")
def file_names():
    id = run()
    for name in ("with blank.txt", "漢字.txt", "é ü.txt", "plus+and&.txt", "percent%20.txt", "semi;colon"):
        client.log_artifact(id, file(name, name))
        eq(down(id, name), name.encode(), name)


@check("a folder that is not there lists nothing")
def list_absent():
    eq(paths(run(), "nothing/here"), [])


@check("a file lists nothing: so clients tell it from a folder")
def list_file():
    id = run()
    client.log_artifact(id, file("f", "x"))
    eq(paths(id, "f"), [])


@check("artifacts/list answers the root and paths from it")
def list_wire():
    id = run()
    client.log_artifact(id, file("f", "xyz"), "d")
    answer = ok(api("GET", "/artifacts/list", query={"run_id": id, "path": "d"}))
    eq(answer["root_uri"], client.get_run(id).info.artifact_uri)
    eq(answer["files"], [{"path": "d/f", "is_dir": False, "file_size": 3}])
    answer = ok(api("GET", "/artifacts/list", query={"run_uuid": id}))
    eq(answer["files"], [{"path": "d", "is_dir": True}])


@check("the proxy lists base names")
def list_proxy():
    id = run()
    client.log_artifact(id, file("f", "xyz"), "d")
    base = root(id)[len(PROXY) + 1 :]
    eq(
        ok(send("GET", PROXY, query={"path": base + "/d"})),
        {"files": [{"path": "f", "is_dir": False, "file_size": 3}]},
    )
    eq(ok(send("GET", PROXY, query={"path": base + "/none"})), {})


@check("a raw PUT stores, a raw GET answers the bytes as an attachment")
def proxy_raw():
    id = run()
    answer = put(root(id) + "/raw/page.html", b"<script>alert(1)</script>")
    eq(answer.status, 200)
    that(answer.text.strip() in ("", "{}"), answer.text)
    got = send("GET", root(id) + "/raw/page.html")
    eq((got.status, got.body), (200, b"<script>alert(1)</script>"))
    contains(got.headers["Content-Disposition"], "attachment")
    contains(got.headers["Content-Disposition"], "page.html")
    eq(got.headers["X-Content-Type-Options"], "nosniff")


@check("a page among the artifacts is not sent as a page", better="MLflow's proxy sends text/html")
def proxy_html():
    id = run()
    put(root(id) + "/page.html", b"<script>alert(1)</script>")
    kind = send("GET", root(id) + "/page.html").headers["Content-Type"]
    that("html" not in kind, kind)


@check(
    "a file of the proxy that is not there is 404",
    better="some versions of MLflow answer 500, and clients try for minutes",
)
def proxy_absent():
    answer = send("GET", root(run()) + "/none.txt")
    eq(answer.status, 404)


@check("downloading what is not there is an error of the client")
def download_absent():
    try:
        client.download_artifacts(run(), "none.txt", scratch)
    except Exception:
        return
    raise Failed("nothing was raised")


@check("DELETE on the proxy removes a file, and a folder with all below it")
def proxy_delete():
    id = run()
    for name in ("d/one", "d/e/two", "three"):
        eq(put(f"{root(id)}/{name}", b"x").status, 200)
    eq(send("DELETE", root(id) + "/three").status, 200)
    eq(paths(id), [("d", True, None)])
    eq(send("DELETE", root(id) + "/d").status, 200)
    eq(paths(id), [])


@check("mlflow artifacts' own repository deletes")
def repository_delete():
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    id = run()
    client.log_artifact(id, file("f", "x"), "d")
    get_artifact_repository(client.get_run(id).info.artifact_uri).delete_artifacts("d")
    eq(paths(id), [])


@check("paths that lead out are refused: Invalid path")
def bad_paths():
    id = run()
    for path in ("../path", "a/../../b", "/etc/passwd", "%2e%2e/x", "..%2fx"):
        refused(
            api("GET", "/artifacts/list", query={"run_id": id, "path": path}),
            400,
            "INVALID_PARAMETER_VALUE",
            "Invalid path",
        )
    for path in ("%2e%2e/%2e%2e/x", "..%2f..%2fx", "%252e%252e%252fx"):
        answer = put(root(id) + "/" + path, b"x")
        that(answer.status in (400, 404), f"PUT {path}: {answer.status}")
    eq(paths(id), [])


@check("get-artifact answers a run's file, and refuses paths that lead out")
def get_artifact():
    id = run()
    client.log_artifact(id, file("f.txt", "hello"), "d")
    got = send("GET", "/get-artifact", query={"run_id": id, "path": "d/f.txt"})
    eq((got.status, got.body), (200, b"hello"))
    refused(
        send("GET", "/get-artifact", query={"run_id": id, "path": "../path"}),
        400,
        "INVALID_PARAMETER_VALUE",
        "Invalid path",
    )


@check("the artifacts of an unknown run are 404")
def unknown_run():
    refused(
        api("GET", "/artifacts/list", query={"run_id": "9" * 32}), 404, "RESOURCE_DOES_NOT_EXIST", "not found"
    )


@check("log_text and log_dict write files that load_text and load_dict read")
def text_and_dict():
    with begun() as active:
        mlflow.log_text("some text ü", "notes/a.txt")
        mlflow.log_dict({"k": [1, 2]}, "d.json")
        mlflow.log_dict({"k": [1, 2]}, "d.yaml")
    uri = active.info.artifact_uri
    eq(mlflow.artifacts.load_text(uri + "/notes/a.txt"), "some text ü")
    eq(mlflow.artifacts.load_dict(uri + "/d.json"), {"k": [1, 2]})
    eq(down(active.info.run_id, "d.yaml"), b"k:\n- 1\n- 2\n")


@check("log_table writes a table, adds to it, and load_table reads it")
def tables():
    with begun() as active:
        mlflow.log_table({"q": ["a", "b"], "n": [1, 2]}, "t.json")
        mlflow.log_table(pd.DataFrame({"q": ["c"], "n": [3]}), "t.json")
    frame = mlflow.load_table("t.json", run_ids=[active.info.run_id])
    eq((list(frame["q"]), list(frame["n"])), (["a", "b", "c"], [1, 2, 3]))
    contains(client.get_run(active.info.run_id).data.tags["mlflow.loggedArtifacts"], "t.json")


@check("log_image and log_figure write pictures")
def pictures():
    with begun() as active:
        try:
            mlflow.log_image(np.zeros((4, 4, 3), dtype=np.uint8), "black.png")
        except ImportError:
            return
    that(down(active.info.run_id, "black.png").startswith(b"\x89PNG"), "not a picture")


@check("mlflow.log_artifacts and list_artifacts of the fluent face")
def fluent():
    with begun() as active:
        mlflow.log_artifact(file("a.bin", b"\0\1\2"))
        mlflow.log_artifacts(os.path.dirname(file("b.txt", "b")), "dir")
    found = mlflow.artifacts.list_artifacts(run_id=active.info.run_id)
    eq([f.path for f in found], ["a.bin", "dir"])
    uri = active.info.artifact_uri
    eq([os.path.basename(f.path) for f in mlflow.artifacts.list_artifacts(uri + "/dir")], ["b.txt"])


@check("download_artifacts takes runs:/ and mlflow-artifacts:/ addresses")
def addresses():
    id = run()
    client.log_artifact(id, file("f.txt", "hi"), "d")
    for uri in (f"runs:/{id}/d/f.txt", client.get_run(id).info.artifact_uri + "/d/f.txt"):
        with open(
            mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=os.path.join(scratch, fresh("u")))
        ) as f:
            eq(f.read(), "hi", uri)


@check("with the client's switch on, a large file goes up in parts")
def multipart():
    before = {
        k: os.environ.get(k)
        for k in (
            "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD",
            "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE",
            "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE",
        )
    }
    os.environ.update(
        MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD="true",
        MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE=str(6 << 20),
        MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE=str(5 << 20),
    )
    try:
        id, data = run(), blob(12_345_678, 2)
        client.log_artifact(id, file("parts.bin", data), "d")
        eq(hashlib.sha256(down(id, "d/parts.bin")).hexdigest(), hashlib.sha256(data).hexdigest())
        eq(paths(id, "d"), [("d/parts.bin", False, len(data))])
    finally:
        for key, value in before.items():
            os.environ.pop(key) if value is None else os.environ.update({key: value})


def mpu(step, id, body):
    where = root(id).replace("mlflow-artifacts/artifacts/", f"mlflow-artifacts/mpu/{step}/")
    return send("POST", where, body)


@check("parts sent by hand become the whole file", better="MLflow's server of files has no parts")
def multipart_wire():
    id = run()
    parts = [blob(5 << 20, 3), blob(5 << 20, 4), b"the end"]
    made = ok(mpu("create", id, {"path": "whole.bin", "num_parts": 3}))
    eq(sorted(c["part_number"] for c in made["credentials"]), [1, 2, 3])
    sent = []
    for credential in made["credentials"]:
        at = credential["url"].split("://", 1)[-1]
        at = at[at.index("/") :] if "://" in credential["url"] else credential["url"]
        answer = put(
            at,
            parts[credential["part_number"] - 1],
            **(
                {h["name"]: h["value"] for h in credential.get("headers", [])}
                if isinstance(credential.get("headers"), list)
                else credential.get("headers") or {}
            ),
        )
        eq(answer.status, 200)
        sent.append(
            {
                "part_number": credential["part_number"],
                "etag": answer.headers["ETag"],
                "url": credential["url"],
            }
        )
    eq(paths(id), [])
    ok(mpu("complete", id, {"path": "whole.bin", "upload_id": made["upload_id"], "parts": sent}))
    eq(down(id, "whole.bin"), b"".join(parts))


@check("an upload in parts that is given up leaves nothing", better="MLflow's server of files has no parts")
def multipart_abort():
    id = run()
    made = ok(mpu("create", id, {"path": "gone.bin", "num_parts": 2}))
    ok(mpu("abort", id, {"path": "gone.bin", "upload_id": made["upload_id"]}))
    eq(paths(id), [])


@check("a range of a file is answered with 206", better="MLflow's proxy answers the whole")
def ranges():
    id = run()
    put(root(id) + "/f", b"0123456789")
    got = send("GET", root(id) + "/f", headers={"Range": "bytes=2-4"})
    eq((got.status, got.body, got.headers["Content-Range"]), (206, b"234", "bytes 2-4/10"))
    got = send("GET", root(id) + "/f", headers={"Range": "bytes=-3"})
    eq((got.status, got.body), (206, b"789"))
    eq(send("GET", root(id) + "/f", headers={"Range": "bytes=20-30"}).status, 416)


@check("artifacts of a deleted run are still read")
def deleted_run():
    id = run()
    client.log_artifact(id, file("f", "x"))
    client.delete_run(id)
    eq(down(id, "f"), b"x")


@check("a run's files are its own")
def own_files():
    one, two = run(), run()
    client.log_artifact(one, file("f", "one"))
    client.log_artifact(two, file("f", "two"))
    eq((down(one, "f"), down(two, "f")), (b"one", b"two"))


@check("a file where a folder is, or the other way, does not break the listing")
def file_and_folder():
    id = run()
    put(root(id) + "/x/y", b"1")
    answer = put(root(id) + "/x", b"2")
    that(answer.status != 501 and answer.status < 600, f"{answer.status}")
    eq(down(id, "x/y"), b"1")
