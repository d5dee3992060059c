"""Puts a running server under load while versions are switched, the server is overrun, or a shadow runs."""

import json
import os
import pathlib
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ORRERY = str(ROOT / "orrery")
FEATURES = 28
QUICK = "--quick" in sys.argv

sys.path.insert(0, str(HERE.parent))
from processes import cpu_seconds, rss_mb  # noqa: E402

PROJECT = """\
orrery: 1
project: numbers
problem: {{ business_objective: "28 numbers", ml_problem: {{ type: binary_classification, target: y }} }}
data:
  rows: {{ path: rows.csv, time: at, target: {{ y: "y = 1" }}, known_at: "at + to_minutes(1)" }}
features:
  all: {{ from: rows, columns: {{ {columns} }} }}
model:
  name: numbers
  candidates: [ {{ lightgbm: {{ trees: 100, leaves: 120, depth: 8 }} }} ]
  validation: {{ split: time, holdout: 3d, folds: 0 }}
  seed: {seed}
serve: {{ endpoint: numbers, strategy: {strategy}, canary: {{ steps: [10, 50, 100], hold: 12h }} }}
"""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def row(rng: random.Random) -> dict:
    return {"at": "2026-11-26T00:00:00Z", **{f"f{i}": round(rng.gauss(0, 1), 6) for i in range(FEATURES)}}


class Project:
    """A project of 28 numbers in a folder, and its server."""

    def __init__(self, folder: pathlib.Path, strategy: str):
        self.folder, self.strategy, self.process = folder, strategy, None
        folder.mkdir()
        rng = random.Random(42)
        with open(folder / "rows.csv", "w") as out:
            out.write("at," + ",".join(f"f{i}" for i in range(FEATURES)) + ",y\n")
            for n in range(20_000):
                x = [rng.gauss(0, 1) for _ in range(FEATURES)]
                y = int(sum(x[:8]) + x[8] * x[9] - abs(x[10]) + rng.gauss(0, 1) > 0)
                minutes = n * 2
                at = f"2026-11-{1 + minutes // 1440 % 28:02d}T{minutes // 60 % 24:02d}:{minutes % 60:02d}:00Z"
                out.write(at + "," + ",".join(f"{v:.6f}" for v in x) + f",{y}\n")
        self.bodies = folder / "bodies.jsonl"
        rng = random.Random(7)
        self.bodies.write_text("".join(json.dumps(row(rng)) + "\n" for _ in range(1_000)))

    def train(self, seed: int, strategy: str | None = None) -> None:
        columns = ", ".join(f"f{i}: f{i}" for i in range(FEATURES))
        (self.folder / "orrery.yaml").write_text(
            PROJECT.format(columns=columns, seed=seed, strategy=strategy or self.strategy))
        subprocess.run([ORRERY, "run", "--home", str(self.folder)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def blobs(self) -> set:
        return {p for p in (self.folder / ".orrery/blobs").rglob("*") if p.is_file()}

    def up(self, *options: str) -> None:
        self.port = free_port()
        self.log = open(self.folder / "server.log", "a")
        self.process = subprocess.Popen(
            [ORRERY, "up", "--home", str(self.folder), "--port", str(self.port)],
            stdout=self.log, stderr=self.log, start_new_session=True,
            env=dict(os.environ, ORRERY_JAVA_OPTS=" ".join(options)))
        wait(f"http://127.0.0.1:{self.port}/health", self.process, self.folder / "server.log")

    def down(self) -> None:
        if self.process is not None:
            stop(self.process)
        self.process = None

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def predict(self, body: bytes) -> tuple:
        with ask(self.url("/predict"), body) as answer:
            return answer.headers["orrery-version"], json.load(answer)["score"][0]

    def deploy(self, version: str, strategy: str | None = None) -> int:
        order = {"version": version, "why": "measured", "strategy": strategy or self.strategy}
        try:
            with ask(self.url("/api/v1/endpoints/numbers/deployments"), json.dumps(order).encode()) as answer:
                return answer.status
        except urllib.error.HTTPError as e:
            e.read()
            return e.code

    def bench(self, rate: int, seconds: int, warm: int = 5) -> dict:
        return bench(self.url("/predict"), self.bodies, rate, seconds, warm=warm)


def ask(url: str, body: bytes | None = None):
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    return urllib.request.urlopen(request, timeout=30)


def wait(url: str, process: subprocess.Popen, log: pathlib.Path) -> None:
    for _ in range(1_200):
        if process.poll() is not None:
            raise SystemExit(f"bench: the server ended with {process.returncode}: {log.read_text()[-1500:]}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"bench: {url} did not become healthy")


def stop(process: subprocess.Popen) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def bench_process(url: str, bodies: pathlib.Path, rate: int, seconds: int, connections: int = 64, warm: int = 5,
                  more: list | None = None):
    return subprocess.Popen(
        [ORRERY, "deploy", "bench", "--json", "--url", url, "--body", str(bodies), "--rate", str(rate),
         "--for", f"{seconds}s", "--warm-up", f"{warm}s", "--connections", str(connections), *(more or [])],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def bench(url: str, bodies: pathlib.Path, rate: int, seconds: int, connections: int = 64, warm: int = 5) -> dict:
    return json.loads(bench_process(url, bodies, rate, seconds, connections, warm).communicate()[0])


def told(what: str, report: dict) -> None:
    latency = report["latency"]
    print(f"{what}: by status {report['statuses']}, unanswered {report['failed']}, "
          f"p50 {latency['p50']:.3f} p99 {latency['p99']:.3f} p99.9 {latency['p999']:.3f} ms, "
          f"generator late by {report['late_ms']:.1f} ms at most", flush=True)


def clean(report: dict) -> bool:
    return list(report["statuses"]) == ["200"] and report["failed"] == 0


def switches(folder: pathlib.Path, count: int) -> bool:
    """One each 6 seconds."""
    return switched(folder / "switches", count, 6)


def often(folder: pathlib.Path, count: int) -> bool:
    """Ten times as often."""
    return switched(folder / "often", count, 0.6)


def switched(folder: pathlib.Path, count: int, period: float) -> bool:
    """No request lost, none answered by a broken version, the 99th percentile at most twice the quiet one."""
    project = Project(folder, "blue_green")
    for seed in (42, 43):
        project.train(seed)
    before = project.blobs()
    project.train(44)
    project.up()
    project.deploy("1.0.0")
    project.down()
    for path in project.blobs() - before:
        damaged = bytearray(path.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        path.write_bytes(damaged)
    project.up()
    try:
        probe = [line.encode() for line in project.bodies.read_text().splitlines()[:50]]
        right = {}
        for version in ("1.0.1", "1.0.0"):
            if project.deploy(version) >= 300:
                raise SystemExit(f"bench: {version} cannot be deployed")
            for body in probe:
                served, score = project.predict(body)
                right[version, body] = score
        seconds = max(10, round(count * period))
        project.bench(2_000, 10)
        quiet = project.bench(2_000, min(60, seconds // 2))
        told("quiet, 2,000/s", quiet)
        load = bench_process(project.url("/predict"), project.bodies, 2_000, seconds, warm=2)
        time.sleep(2.5)
        refused, wrong, seen, done = 0, [], {}, threading.Event()

        def look() -> None:
            while not done.is_set():
                for body in probe:
                    version, score = project.predict(body)
                    seen[version] = seen.get(version, 0) + 1
                    if right.get((version, body)) != score:
                        wrong.append((version, score))
                    time.sleep(0.02)

        looker = threading.Thread(target=look)
        looker.start()
        took, serving = [], "1.0.0"
        for i in range(1, count + 1):
            began = time.monotonic()
            if i % 10 == 0:
                status = project.deploy("1.0.2")
                refused += status >= 400
            else:
                serving = "1.0.1" if serving == "1.0.0" else "1.0.0"
                status = project.deploy(serving)
                if status >= 300:
                    wrong.append(("switch", status))
                took.append(time.monotonic() - began)
            time.sleep(max(0.0, (seconds - 1) / count - (time.monotonic() - began)))
        report = json.loads(load.communicate()[0])
        done.set()
        looker.join()
        told(f"{count} switches in {seconds} s, 2,000/s", report)
        ratio = report["latency"]["p99"] / quiet["latency"]["p99"]
        print(f"switches: {count}, of them to a broken version {count // 10}, refused {refused}; a switch took "
              f"{statistics.median(took) * 1e3:.0f} ms (median); looked at {seen}, wrong {len(wrong)} {wrong[:3]}; "
              f"p99 {ratio:.2f} x the quiet one (limit 2)", flush=True)
        return clean(report) and clean(quiet) and not wrong and refused == count // 10 and ratio <= 2
    finally:
        project.down()


SLEEPER = """
import time
import mlflow.pyfunc
import pandas

class Sleeper(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        time.sleep(0.0022 * len(model_input))
        return pandas.DataFrame({"y": model_input["x"] * 2})
"""


def sleeper(folder: pathlib.Path) -> pathlib.Path:
    source = folder / "sleeper.py"
    source.write_text(SLEEPER + """
import sys
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema
mlflow.pyfunc.save_model(sys.argv[1], python_model=Sleeper(), pip_requirements=[],
    signature=ModelSignature(Schema([ColSpec("double", "x")]), Schema([ColSpec("double", "y")])))
""")
    target = folder / "sleeper"
    subprocess.run([sys.executable, str(source), str(target)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)
    return target


def serve(folder: pathlib.Path, model: pathlib.Path, *options: str) -> tuple:
    port = free_port()
    log = open(folder / "serve.log", "a")
    process = subprocess.Popen([ORRERY, "serve", str(model), "--port", str(port), *options], stdout=log, stderr=log,
                               start_new_session=True, env=dict(os.environ, ORRERY_PYTHON=sys.executable))
    wait(f"http://127.0.0.1:{port}/v2/health/ready", process, folder / "serve.log")
    return process, port


def overload(folder: pathlib.Path) -> bool:
    """Ten times what a model can bear: it goes on at its peak, the rest is told to come again, and then all is well."""
    seconds = 15 if QUICK else 60
    process, port = serve(folder, sleeper(folder), "--concurrency", "1", "--queue", "64", "--cache", "0")
    try:
        url = f"http://127.0.0.1:{port}/v2/models/sleeper/infer"
        bodies = folder / "x.jsonl"
        bodies.write_text("".join(
            json.dumps({"inputs": [{"name": "x", "shape": [1], "datatype": "FP64", "data": [i / 7]}]}) + "\n"
            for i in range(5_000)))
        calm = bench(url, bodies, 100, 10)
        told("100/s before", calm)
        out = subprocess.run(["wrk", "-t1", "-c8", "-d10s", "-s", str(wrk_script(folder, bodies)), url],
                             check=True, capture_output=True, text=True).stdout
        peak = float(next(line.split()[1] for line in out.splitlines() if line.startswith("Requests/sec")))
        hot = bench(url, bodies, 4_000, seconds, connections=512, warm=2)
        told(f"4,000/s for {seconds} s", hot)
        after = bench(url, bodies, 100, 10, warm=5)
        told("100/s after 5 s", after)
        good = hot["statuses"].get("200", 0) / seconds
        others = set(hot["statuses"]) - {"200", "429", "503"}
        print(f"overload: peak {peak:.0f}/s, goodput {good:.0f}/s ({good / peak:.0%}, limit 80 %), "
              f"RSS of the server {rss_mb(process.pid):.0f} MB", flush=True)
        return (good >= 0.8 * peak and not others and hot["failed"] == 0 and clean(after)
                and after["latency"]["p99"] <= 3 * calm["latency"]["p99"])
    finally:
        stop(process)


def wrk_script(folder: pathlib.Path, bodies: pathlib.Path) -> pathlib.Path:
    script = folder / (bodies.stem + ".lua")
    script.write_text(f"""
wrk.method = 'POST'
wrk.headers['content-type'] = 'application/json'
local bodies, n = {{}}, 0
for line in io.lines('{bodies}') do bodies[#bodies + 1] = line end
request = function() n = n % #bodies + 1; return wrk.format(nil, nil, nil, bodies[n]) end
function done(s, l, r)
  io.write(string.format('RESULT %d %d\\n', s.requests, s.errors.status + s.errors.connect + s.errors.read
    + s.errors.write + s.errors.timeout))
end
""")
    return script


def closed_loop(project: Project, seconds: int) -> tuple:
    """Requests a second, the server's processor time of each in microseconds, and how many."""
    before, began = cpu_seconds(project.process.pid), time.monotonic()
    out = subprocess.run(["wrk", "-t1", "-c16", f"-d{seconds}s", "-s",
                          str(wrk_script(project.folder, project.bodies)), project.url("/predict")],
                         check=True, capture_output=True, text=True).stdout
    requests, errors = map(int, next(l for l in out.splitlines() if l.startswith("RESULT")).split()[1:])
    if errors:
        raise SystemExit(f"bench: {errors} of {requests} requests failed")
    return (requests / (time.monotonic() - began),
            (cpu_seconds(project.process.pid) - before) / requests * 1e6, requests)


def segments(project: Project) -> tuple:
    """How many segments of the log are closed, and how many of them stand as Parquet."""
    home = project.folder / ".orrery"
    return (len(list((home / "predictions").glob("*.seg"))) - 1,
            len(list((home / "archive").glob("*.parquet"))))


def logging(folder: pathlib.Path) -> bool:
    """Five interleaved pairs: the processor time of a request with the log, and without it; and what its Parquet takes
    once the load is gone."""
    project = Project(folder / "logging", "canary")
    for seed in (42, 43):
        project.train(seed)
    seconds, pairs = (5, 3) if QUICK else (12, 5)
    ratios, later = [], []
    for pair in range(pairs):
        costs = {}
        for name, options in (("without", ["-Dorrery.measure.unlogged=true"]), ("with", [])):
            project.up(*options)
            try:
                begun = segments(project)[0]
                loops = [closed_loop(project, seconds) for _ in range(3)]
                rate, costs[name], _ = loops[-1]
                told = ""
                if name == "with":
                    closed, written = segments(project)
                    each = sum(requests for _, _, requests in loops) / (closed - begun)
                    before = cpu_seconds(project.process.pid)
                    for _ in range(600):
                        now = segments(project)[1]
                        if now >= closed:
                            break
                        time.sleep(0.1)
                    else:
                        raise SystemExit("bench: the log was not written as Parquet within a minute")
                    later.append((cpu_seconds(project.process.pid) - before) / (now - written) / each * 1e6)
                    told = f", then {later[-1]:.1f} us for its Parquet"
                print(f"pair {pair + 1}, {name} the log: {rate:,.0f}/s, {costs[name]:.1f} us{told}", flush=True)
            finally:
                project.down()
        ratios.append(costs["with"] / costs["without"])
    median = statistics.median(ratios)
    print(f"logging: {median:.3f} x the processor time without it, median of {pairs} (limit 1.1); "
          f"Parquet, when the machine is quiet, {statistics.median(later):.2f} us a prediction", flush=True)
    return median <= 1.1


def shadow(folder: pathlib.Path) -> bool:
    """One load of 1,000/s, under which a shadow comes and goes: the 99th percentile of the seconds with it and of those
    without, and how sure their ratio is, by drawing as many pairs of phases from them again."""
    from hdrh.histogram import HdrHistogram
    from hdrh.log import HistogramLogReader

    project = Project(folder / "shadow", "shadow")
    for seed in (42, 43):
        project.train(seed)
    project.up()
    phase, pairs = (5, 6) if QUICK else (8, 30)
    hlog = folder / "shadow.hlog"

    def toggle(on: bool) -> None:
        if on and project.deploy("1.0.1") >= 300:
            raise SystemExit("bench: the shadow cannot be deployed")
        if not on:
            with ask(project.url("/api/v1/endpoints/numbers/abort"), b'{"why": "measured"}'):
                pass

    try:
        # The second training began as a shadow.
        project.bench(1_000, 20)
        for on in (False, True) * 3 + (False,):
            toggle(on)
            project.bench(1_000, 3, warm=1)
        load = bench_process(project.url("/predict"), project.bodies, 1_000, phase * (4 * pairs + 1), warm=5,
                             more=["--hdr-log", str(hlog)])
        time.sleep(6)
        phases = []
        for pair in range(2 * pairs):
            for on in (True, False) if pair % 2 == 0 else (False, True):
                if not phases or phases[-1][0] != on:
                    toggle(on)
                # The second in which versions are loaded and warmed up, and the next, are not looked at.
                began = time.time() + 1
                time.sleep(phase)
                phases.append((on, began, time.time()))
        report = json.loads(load.communicate()[0])
        told("the whole load", report)
        added = [HdrHistogram(1, 600_000_000_000, 3) for _ in phases]
        reader = HistogramLogReader(str(hlog), HdrHistogram(1, 600_000_000_000, 3))
        while (second := reader.get_next_interval_histogram()) is not None:
            for n, (_, began, ended) in enumerate(phases):
                if began * 1e3 <= second.get_start_time_stamp() and second.get_end_time_stamp() <= ended * 1e3:
                    added[n].add(second)
        kinds = {on: [h for (o, _, _), h in zip(phases, added) if o == on] for on in (True, False)}

        def p99(on: bool, chosen: list) -> float:
            total = HdrHistogram(1, 600_000_000_000, 3)
            for n in chosen:
                total.add(kinds[on][n])
            return total.get_value_at_percentile(99) / 1e6

        everyone, rng = list(range(2 * pairs)), random.Random(42)
        found = p99(True, everyone), p99(False, everyone)
        draws = [[rng.choice(everyone) for _ in everyone] for _ in range(200)]
        drawn = sorted(p99(True, draw) / p99(False, draw) for draw in draws)
        seen = [sum(h.get_total_count() for h in kinds[on]) for on in (True, False)]
        print(f"shadow: p99 {found[0]:.3f} ms of {seen[0]} answers with it, {found[1]:.3f} ms of {seen[1]} without: "
              f"{found[0] / found[1]:.3f} x (limit 1.05), 90 of 100 draws between {drawn[10]:.3f} and {drawn[189]:.3f}",
              flush=True)
        return clean(report) and found[0] <= 1.05 * found[1]
    finally:
        project.down()


def forest(folder: pathlib.Path) -> bool:
    """The founding documents' own bar: p99 under 100 ms at 1,000 requests a second."""
    import numpy
    from skl2onnx import to_onnx
    from sklearn.ensemble import RandomForestClassifier

    rng = numpy.random.default_rng(42)
    x = rng.normal(size=(20_000, FEATURES)).astype(numpy.float32)
    y = (x[:, :8].sum(axis=1) + x[:, 8] * x[:, 9] > 0).astype(int)
    model = RandomForestClassifier(100, max_depth=10, random_state=42, n_jobs=2).fit(x, y)
    file = folder / "forest.onnx"
    file.write_bytes(to_onnx(model, x[:1], options={"zipmap": False}, target_opset=17).SerializeToString())
    bodies = folder / "forest.jsonl"
    bodies.write_text("".join(json.dumps({"features": [round(float(v), 6) for v in r]}) + "\n" for r in x[:5_000]))
    process, port = serve(folder, file)
    try:
        report = bench(f"http://127.0.0.1:{port}/predict", bodies, 1_000, 15 if QUICK else 60)
        told("random forest 100 x 10, 1,000/s", report)
        print(f"forest: p99 {report['latency']['p99']:.2f} ms (limit 100)", flush=True)
        return clean(report) and report["latency"]["p99"] < 100
    finally:
        stop(process)


def reloads(folder: pathlib.Path) -> bool:
    """10,000 loads and unloads by the repository API, of a forest that plain Java scores and of a support vector machine
    that ONNX Runtime does: memory, threads and open files stay as they are."""
    import numpy
    from skl2onnx import to_onnx
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.svm import SVC

    rng = numpy.random.default_rng(42)
    x = rng.normal(size=(2_000, FEATURES)).astype(numpy.float32)
    y = (x[:, :8].sum(axis=1) > 0).astype(int)
    files = []
    for name, model in (("trees", RandomForestClassifier(30, max_depth=8, random_state=42)), ("machine", SVC())):
        files.append(folder / f"{name}.onnx")
        files[-1].write_bytes(to_onnx(model.fit(x, y), x[:1], target_opset=17).SerializeToString())
    process, port = serve(folder, files[0], str(files[1]))
    body = json.dumps({"inputs": [{"name": "X", "shape": [1, FEATURES], "datatype": "FP32",
                                   "data": [float(v) for v in x[0]]}]}).encode()
    count = 1_000 if QUICK else 10_000
    try:
        seen = []
        for n in range(1, count + 1):
            name = files[n % 2].stem
            for path, sent in ((f"repository/models/{name}/load", b""), (f"models/{name}/infer", body),
                               (f"repository/models/{name}/unload", b"")):
                with ask(f"http://127.0.0.1:{port}/v2/{path}", sent) as answer:
                    answer.read()
            if n % (count // 10) == 0:
                seen.append((rss_mb(process.pid), len(os.listdir(f"/proc/{process.pid}/fd")),
                             len(os.listdir(f"/proc/{process.pid}/task"))))
                say(f"{n}: {seen[-1][0]:.0f} MB, {seen[-1][1]} files, {seen[-1][2]} threads")
        half = seen[len(seen) // 2:]
        growth = half[-1][0] - half[0][0]
        print(f"reloads: {count} loads, answers and unloads; after each tenth {[round(s[0]) for s in seen]} MB, "
              f"open files {[s[1] for s in seen]}, threads {[s[2] for s in seen]}", flush=True)
        return growth <= 20 and half[-1][1] <= half[0][1] + 5 and half[-1][2] <= half[0][2] + 5
    finally:
        stop(process)


def split(folder: pathlib.Path) -> bool:
    """Signature check, 90/10 canary and log: p99 under 5 ms at 1,000/s; then as fast as it goes."""
    project = Project(folder / "split", "canary")
    for seed in (42, 43):
        project.train(seed)
    project.up()
    try:
        report = project.bench(1_000, 15 if QUICK else 60)
        told("90/10, log on, 1,000/s", report)
        best = (0.0, 0.0)
        for _ in range(2 if QUICK else 4):
            rate, micros, _ = closed_loop(project, 5 if QUICK else 15)
            print(f"16 connections: {rate:,.0f}/s, {micros:.1f} us of processor a request", flush=True)
            best = max(best, (rate, micros))
        print(f"split: p99 {report['latency']['p99']:.2f} ms (limit 5); {best[0]:,.0f}/s (30,000), "
              f"{best[1]:.1f} us (40)", flush=True)
        return clean(report) and report["latency"]["p99"] < 5
    finally:
        project.down()


def main() -> int:
    names = [a for a in sys.argv[1:] if not a.startswith("-")] or [
        "switches", "often", "overload", "logging", "shadow", "forest", "split", "reloads"]
    parts = {"switches": switches, "often": often, "overload": overload, "logging": logging, "shadow": shadow,
             "forest": forest, "split": split, "reloads": reloads}
    missed = []
    with tempfile.TemporaryDirectory(prefix="orrery-traffic-") as temporary:
        for name in names:
            part, _, number = name.partition("=")
            if part not in parts or (number and not number.isdigit()):
                print(f"bench: there is no '{name}'; there are {', '.join(parts)}", file=sys.stderr)
                return 2
        for name in names:
            part, _, number = name.partition("=")
            say(f"measuring {part} ...")
            arguments = [int(number or (20 if QUICK else 100))] if part in ("switches", "often") else []
            if not parts[part](pathlib.Path(temporary), *arguments):
                missed.append(part)
    print(f"{os.cpu_count()} cores shared with the load; load average at the end {os.getloadavg()[0]:.1f}")
    for part in missed:
        print(f"MISSED {part}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
