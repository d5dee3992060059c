"""The process in which a python_function model of MLflow lives.

Frames on stdin and stdout: the length of what follows (4 bytes, little-endian), the length of a header (4
bytes), the header in JSON, and the elements of its tensors. The process ends when stdin does, and when its
parent is gone. What the model prints goes to stderr.
"""

import json
import os
import signal
import struct
import sys
import threading
import time

np = None  # numpy, once the model is loaded; a model of plain Python does without

def guard(memory_mb):
    """A group of its own, limits where the system has them, and an end with the parent's."""
    try:
        os.setsid()
    except OSError:
        pass
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory_mb > 0:
            limit = memory_mb << 20
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    except (ImportError, ValueError, OSError):
        pass
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def read(count):
    parts = bytearray()
    while len(parts) < count:
        piece = os.read(0, min(count - len(parts), 1 << 20))
        if not piece:
            os._exit(0)
        parts += piece
    return bytes(parts)


def write(out, header, blobs=()):
    head = json.dumps(header).encode()
    total = 4 + len(head) + sum(len(b) for b in blobs)
    data = memoryview(struct.pack("<II", total, len(head)) + head + b"".join(blobs))
    while data:
        data = data[os.write(out, data) :]


TYPES = {
    "BOOL": "?", "INT8": "i1", "INT16": "<i2", "INT32": "<i4", "INT64": "<i8",
    "UINT8": "u1", "UINT16": "<u2", "UINT32": "<u4", "UINT64": "<u8", "FP32": "<f4", "FP64": "<f8",
}
PLAIN = dict(zip(TYPES, "?bhiqBHIQfd"))


def array(spec, blob):
    if spec["datatype"] != "BYTES":
        if np is None:
            code = PLAIN[spec["datatype"]]
            return list(struct.unpack(f"<{len(blob) // struct.calcsize(code)}{code}", blob))
        return np.frombuffer(blob, TYPES[spec["datatype"]]).reshape(spec["shape"])
    values, at = [], 0
    while at < len(blob):
        (size,) = struct.unpack_from("<i", blob, at)
        at += 4
        values.append(None if size < 0 else blob[at : at + size].decode())
        at += max(0, size)
    return values if np is None else np.array(values, dtype=object).reshape(spec["shape"])


def tensor(name, value):
    """A result as a tensor: its description and its bytes."""
    if np is None:
        value = [float(v) for v in value]
        blob = struct.pack(f"<{len(value)}d", *value)
        return {"name": name, "datatype": "FP64", "shape": [len(value)], "bytes": len(blob)}, blob
    value = np.asarray(value)
    for datatype, code in TYPES.items():
        if value.dtype.kind in "biuf" and value.dtype.newbyteorder("<") == np.dtype(code):
            blob = np.ascontiguousarray(value).astype(code, copy=False).tobytes()
            return {"name": name, "datatype": datatype, "shape": list(value.shape), "bytes": len(blob)}, blob
    blob = b"".join(
        struct.pack("<i", len(t)) + t for t in (("" if v is None else str(v)).encode() for v in value.ravel())
    )
    return {"name": name, "datatype": "BYTES", "shape": list(value.shape), "bytes": len(blob)}, blob


def frame(specs, blobs, kind):
    arrays = {s["name"]: array(s, b) for s, b in zip(specs, blobs)}
    if kind == "tensor":
        return next(iter(arrays.values())) if len(arrays) == 1 else arrays
    if np is None:
        return arrays
    import pandas

    columns = {}
    for spec in specs:
        values = arrays[spec["name"]].reshape(-1)
        if spec.get("column") == "datetime":
            values = pandas.to_datetime(values)
        elif spec.get("column") == "binary":
            values = [v.encode() if v is not None else None for v in values]
        columns[spec["name"]] = values
    return pandas.DataFrame(columns)


def outputs(result):
    if hasattr(result, "columns"):
        pairs = [(str(c), result[c].to_numpy()) for c in result.columns]
    elif isinstance(result, dict):
        pairs = list(result.items())
    else:
        pairs = [("predictions", result.to_numpy() if hasattr(result, "to_numpy") else result)]
    return [tensor(name, value) for name, value in pairs]


def serve(out, model, kind):
    while True:
        total, size = struct.unpack("<II", read(8))
        body = read(total - 4)
        header = json.loads(body[:size])
        blobs, at = [], size
        for spec in header["tensors"]:
            blobs.append(body[at : at + spec["bytes"]])
            at += spec["bytes"]
        try:
            made = outputs(model.predict(frame(header["tensors"], blobs, kind)))
            write(out, {"tensors": [spec for spec, _ in made]}, [blob for _, blob in made])
        except Exception as e:
            write(out, {"error": f"{type(e).__name__}: {e}"[:2000]})


def main():
    path, kind, memory_mb = sys.argv[2], sys.argv[3], int(sys.argv[4])
    guard(memory_mb)
    out = os.dup(1)
    os.dup2(2, 1)
    global np
    try:
        import mlflow.pyfunc
    except ImportError as e:
        write(out, {"absent": str(e)})
        return
    try:
        model = mlflow.pyfunc.load_model(path)
    except ImportError as e:
        write(out, {"absent": str(e)})
        return
    except Exception as e:
        write(out, {"error": f"{type(e).__name__}: {e}"[:2000]})
        return
    if "numpy" in sys.modules:
        import numpy as np
    write(out, {"ready": True})
    serve(out, model, kind)


main()
