"""Runs the checks against the server at MLFLOW_TRACKING_URI; words on the command line choose some."""

import glob
import importlib
import os
import shutil
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)

import harness  # noqa: E402


def load():
    harness.mlflow.set_tracking_uri(harness.URI)
    for path in sorted(glob.glob(os.path.join(here, "checks_*.py"))):
        importlib.import_module(os.path.basename(path)[:-3])


if __name__ == "__main__":
    os.chdir(harness.scratch)
    load()
    failed = harness.main(sys.argv[1:])
    shutil.rmtree(harness.scratch, ignore_errors=True)
    sys.exit(1 if failed else 0)
