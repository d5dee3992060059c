"""Loads one server after the other with the same requests and prints one table.

Closed loop (wrk, 16 connections) for the rate and the server's CPU a request; open loop (orrery deploy
bench, 1,000 requests a second or what the server bears) for the 99th percentile.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BIN = pathlib.Path(sys.executable).parent

sys.path.insert(0, str(HERE.parent))
from processes import cpu_seconds, rss_mb  # noqa: E402


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(url: str, process: subprocess.Popen, seconds: float) -> float:
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return time.monotonic() - start
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{url} was not healthy within {seconds} s")


def wrk(url: str, body: pathlib.Path, seconds: int) -> tuple[float, int]:
    script = body.with_suffix(".lua")
    text = body.read_text().replace("\\", "\\\\").replace("'", "\\'")
    script.write_text(
        "wrk.method='POST'\nwrk.headers['content-type']='application/json'\n"
        f"wrk.body='{text}'\n"
        "function done(s,l,r) io.write(string.format('RESULT %d %d %d\\n', s.requests, "
        "s.duration, s.errors.status+s.errors.connect+s.errors.read+s.errors.write+s.errors.timeout)) end\n"
    )
    out = subprocess.run(
        ["wrk", "-t1", "-c16", f"-d{seconds}s", "-s", str(script), url],
        check=True, capture_output=True, text=True,
    ).stdout
    requests, micros, errors = next(
        line.split()[1:] for line in out.splitlines() if line.startswith("RESULT")
    )
    if int(errors):
        raise RuntimeError(f"{errors} of {requests} requests failed")
    return int(requests) / (int(micros) / 1e6), int(requests)


def open_loop(url: str, body: pathlib.Path, rate: int, seconds: int) -> dict:
    out = subprocess.run(
        [str(ROOT / "orrery"), "deploy", "bench", "--json", "--url", url, "--body", str(body),
         "--rate", str(rate), "--for", f"{seconds}s", "--warm-up", "2s"],
        capture_output=True, text=True,
    ).stdout
    return json.loads(out)


def servers(folder: pathlib.Path) -> dict:
    def uvicorn(app):
        return lambda port: [str(BIN / "uvicorn"), "--factory", f"peers:{app}", "--host", "127.0.0.1",
                             "--port", str(port), "--workers", "2", "--log-level", "error",
                             "--no-access-log"]

    return {
        "fastapi-lightgbm": (uvicorn("lightgbm_app"), "/health", "/predict", "features"),
        "fastapi-onnx": (uvicorn("onnx_app"), "/health", "/predict", "features"),
        "mlserver": (lambda port: [str(BIN / "mlserver"), "start", str(folder / "mlserver")],
                     "/v2/models/model/ready", "/v2/models/model/infer", "v2"),
        "mlflow": (uvicorn("mlflow_app"), "/health", "/invocations", "mlflow"),
        "orrery": (lambda port: [str(ROOT / "orrery"), "serve", str(folder / "model.txt"), "--port",
                                 str(port)], "/health", "/predict", "features"),
        "orrery-v2": (lambda port: [str(ROOT / "orrery"), "serve", str(folder / "model.txt"), "--port",
                                    str(port)], "/health", "/v2/models/model/infer", "v2"),
    }


def measure(name: str, server: tuple, folder: pathlib.Path, seconds: int) -> dict:
    command, health, path, body = server
    port = free_port()
    environment = dict(os.environ, MODEL_FOLDER=str(folder), OMP_NUM_THREADS="1",
                       MLSERVER_HTTP_PORT=str(port), MLSERVER_GRPC_PORT=str(free_port()),
                       MLSERVER_METRICS_PORT=str(free_port()), MLSERVER_HOST="127.0.0.1",
                       PYTHONPATH=str(HERE))
    with open(folder / f"{name}.log", "w") as log:
        process = subprocess.Popen(command(port), env=environment, stdout=log, stderr=log,
                                   start_new_session=True, cwd=folder)
    try:
        started = wait(f"http://127.0.0.1:{port}{health}", process, 120)
        url, file = f"http://127.0.0.1:{port}{path}", folder / f"{body}.json"
        wrk(url, file, max(3, seconds // 2))
        before = cpu_seconds(process.pid)
        rate, count = wrk(url, file, seconds)
        cpu = (cpu_seconds(process.pid) - before) / count * 1e6
        offered = 1000 if rate > 2_500 else max(20, int(rate * 0.4))
        steady = open_loop(url, file, offered, seconds)
        return {"server": name, "start_s": round(started, 2), "rate": round(rate), "cpu_us": round(cpu, 1),
                "offered": offered, "p50_ms": steady["latency"]["p50"], "p99_ms": steady["latency"]["p99"],
                "late_ms": steady["late_ms"], "failed": steady["failed"], "rss_mb": round(rss_mb(process.pid))}
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def main() -> int:
    quick = "--quick" in sys.argv
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    with tempfile.TemporaryDirectory(prefix="orrery-serving-") as temporary:
        folder = pathlib.Path(temporary)
        subprocess.run([sys.executable, str(HERE / "models.py"), str(folder)], check=True,
                       stdout=subprocess.DEVNULL)
        rows = []
        for name, server in servers(folder).items():
            if names and name not in names:
                continue
            print(f"measuring {name} ...", file=sys.stderr)
            try:
                rows.append(measure(name, server, folder, 4 if quick else 15))
            except (RuntimeError, subprocess.SubprocessError, StopIteration, ValueError) as e:
                print(f"  {name}: {e}; {(folder / (name + '.log')).read_text()[-1500:]}", file=sys.stderr)
                rows.append({"server": name, "failure": str(e)})
        load = os.getloadavg()[0]
        print(f"2 cores shared with the load; load average at the end {load:.1f}\n")
        print("| server | start s | req/s, 16 connections | CPU us/request | open loop at | p50 ms | p99 ms | RSS MB |")
        print("|---|---:|---:|---:|---:|---:|---:|---:|")
        for r in rows:
            if "failure" in r:
                print(f"| {r['server']} | failed: {r['failure']} |")
            else:
                print(f"| {r['server']} | {r['start_s']} | {r['rate']:,} | {r['cpu_us']} | {r['offered']}/s "
                      f"| {r['p50_ms']} | {r['p99_ms']} | {r['rss_mb']:,} |")
        return 1 if any("failure" in r for r in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
