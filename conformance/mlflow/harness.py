"""What the checks stand on: the register of checks, a client, and plain HTTP beside it.

A check is a function with a sentence for a name. It passes by returning. It may say:

    @check("a run ends", since="3.0")            needs at least this mlflow client
    @check("a page is whole", better="...")      Orrery is better than MLflow here, and how; against
                                                 a server of MLflow the check is left out
"""

import contextlib
import http.client
import io
import itertools
import json
import math
import os
import re
import socket
import sys
import tempfile
import time
import traceback
import urllib.parse

URI = os.environ["MLFLOW_TRACKING_URI"].rstrip("/")
# A wrong 500 must fail a check at once, not after minutes of retries.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
os.environ.setdefault("MLFLOW_ENABLE_ASYNC_LOGGING", "false")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("TQDM_DISABLE", "1")

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402

# Orrery, or the server of MLflow that a check is proven on.
PEER = os.environ.get("CONFORMANCE_PEER") or "orrery"
VERSION = tuple(int(part) for part in re.findall(r"\d+", mlflow.__version__)[:3])

client = MlflowClient(tracking_uri=URI, registry_uri=URI)
checks = []
_numbers = itertools.count(1)
_stamp = "%x" % (time.time_ns() // 1_000_000 % 0xFFFFFFFF)
scratch = tempfile.mkdtemp(prefix="conformance-mlflow-")


class Failed(Exception):
    """A check that did not hold; its text says what was wanted and what was got."""


def check(name, since="0", until=None, better=None):
    def register(function):
        checks.append((name, since, until, better, function))
        return function

    return register


def fresh(what="c"):
    """A name that no check has used, in this run or an earlier one against the same server."""
    return f"{what}-{_stamp}-{next(_numbers)}"


# --- what must hold -------------------------------------------------------------------------------


def that(holds, text):
    if not holds:
        raise Failed(text)


def eq(got, want, what=""):
    if got != want and not (_is_nan(got) and _is_nan(want)):
        raise Failed(f"{what + ': ' if what else ''}wanted {_short(want)}, got {_short(got)}")


def contains(got, part, what=""):
    if part not in got:
        raise Failed(f"{what + ': ' if what else ''}wanted {_short(part)} in {_short(got)}")


def matches(text, pattern):
    if not re.search(pattern, text, re.DOTALL):
        raise Failed(f"wanted a text like {pattern!r}, got {_short(text)}")


def raises(code, pattern, function, *args, **named):
    """The client raises MlflowException with this code, and a text like the pattern."""
    try:
        function(*args, **named)
    except MlflowException as e:
        eq(e.error_code, code, "error code of '%s'" % _short(e.message))
        matches(e.message, pattern)
        return e
    raise Failed(f"wanted {code} {pattern!r}, but nothing was raised")


def eventually(function, seconds=10):
    """What the function returns as soon as it is true."""
    end = time.monotonic() + seconds
    while True:
        found = function()
        if found:
            return found
        if time.monotonic() > end:
            raise Failed(f"not within {seconds} s")
        time.sleep(0.05)


def _is_nan(value):
    return isinstance(value, float) and math.isnan(value)


def _short(value):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 300 else text[:300] + "..."


# --- plain HTTP -----------------------------------------------------------------------------------


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            raise Failed(f"the answer {self.status} is not JSON: {_short(self.text)}") from None


def send(method, path, body=None, headers=None, query=None):
    """One request as it stands; a dict or list as body goes as JSON."""
    at = urllib.parse.urlsplit(URI)
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=60)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    headers = dict(headers or {})
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    if query:
        path += "?" + urllib.parse.urlencode(query, doseq=True)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def api(method, path, body=None, query=None, **named):
    return send(method, "/api/2.0/mlflow" + path, body, query=query, **named)


def ok(answer):
    """The JSON of an answer that must be 200."""
    if answer.status != 200:
        raise Failed(f"wanted 200, got {answer.status}: {_short(answer.text)}")
    return answer.json


def refused(answer, status, code, part=None):
    """An answer of MLflow's error shape."""
    if answer.status != status:
        raise Failed(f"wanted {status} {code}, got {answer.status}: {_short(answer.text)}")
    eq(answer.json.get("error_code"), code, "error_code")
    if part is not None:
        contains(answer.json.get("message", ""), part, "message")


# --- beginnings that many checks share ------------------------------------------------------------


def experiment(**named):
    return client.create_experiment(fresh("exp"), **named)


def run(experiment_id=None, **named):
    """A new run: its id."""
    return client.create_run(experiment_id or experiment(), **named).info.run_id


def file(name, data):
    """A file of the scratch folder with these bytes."""
    folder = os.path.join(scratch, fresh("f"))
    os.makedirs(folder)
    path = os.path.join(folder, name)
    with open(path, "wb") as out:
        out.write(data if isinstance(data, bytes) else data.encode())
    return path


# --- running --------------------------------------------------------------------------------------


def _version(text):
    return tuple(int(part) for part in text.split("."))


def main(wanted):
    """Runs the registered checks whose names hold one of the wanted words; how many failed."""
    passed, failed, left = 0, 0, 0
    begun = time.monotonic()
    names = [name for name, *_ in checks]
    doubled = {name for name in names if names.count(name) > 1}
    if doubled:
        raise SystemExit(f"two checks have the name {sorted(doubled)}")
    for name, since, until, better, function in checks:
        if wanted and not any(word in name or word in function.__module__ for word in wanted):
            continue
        too_old = VERSION < _version(since)
        too_new = until is not None and VERSION >= _version(until)
        if too_old or too_new or (better and PEER == "mlflow"):
            left += 1
            continue
        started = time.monotonic()
        try:
            while mlflow.active_run():
                mlflow.end_run()
            with contextlib.redirect_stdout(io.StringIO()):
                function()
            passed += 1
        except Exception as e:
            failed += 1
            text = str(e) if isinstance(e, Failed) else f"{type(e).__name__}: {e}"
            print(f"FAILED  {function.__module__}: {name}: {_short(text)}", flush=True)
            if os.environ.get("CONFORMANCE_TRACE"):
                traceback.print_exc()
        took = time.monotonic() - started
        if os.environ.get("CONFORMANCE_TIMES") and took > 1:
            print(f"  {took:.1f} s  {name}", file=sys.stderr)
    print(
        "mlflow %s: %d passed, %d failed, %d not for this client or server (%.0f s)"
        % (mlflow.__version__, passed, failed, left, time.monotonic() - begun)
    )
    return failed
