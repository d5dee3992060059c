"""Asks Orrery's own code for figures: JSON in, JSON out, through a main class of the tests."""

import glob
import json
import math
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _java():
    """A java of version 25 or newer: JAVA_HOME, then the usual places."""
    homes = [os.environ.get("JAVA_HOME", "")] + sorted(glob.glob("/usr/lib/jvm/*"))
    homes += sorted(glob.glob(os.path.expanduser("~/.sdkman/candidates/java/*")))
    for home in homes:
        release = os.path.join(home, "release")
        java = os.path.join(home, "bin", "java")
        if home and os.path.exists(release) and os.access(java, os.X_OK):
            found = re.search(r'JAVA_VERSION="(\d+)', open(release).read())
            if found and int(found.group(1)) >= 25:
                return java
    raise SystemExit("no JDK 25 found; set JAVA_HOME to it")


def number(x):
    """JSON has no NaN and no infinities: they travel as null and as texts."""
    x = float(x)
    if math.isnan(x):
        return None
    return x if math.isfinite(x) else ("Infinity" if x > 0 else "-Infinity")


def real(x):
    return math.nan if x is None else float(x)


def numbers(xs):
    return [number(x) for x in xs]


def ask(requests):
    """Answers to many requests, each a dict with a key `figure`."""
    server = os.path.join(ROOT, "server", "target")
    jars = open(os.path.join(server, "conformance.classpath")).read().strip()
    path = os.pathsep.join([server + "/test-classes", server + "/classes", jars])
    done = subprocess.run(
        [_java(), "--enable-native-access=ALL-UNNAMED", "-cp", path, "dev.orrery.conformance.Figures"],
        input=json.dumps(requests, allow_nan=False).encode(),
        stdout=subprocess.PIPE,
        env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"},
        check=True,
    )
    return json.loads(done.stdout)
