"""Shared parts of the scripts in this folder.

Every script makes its numbers twice, in two fresh processes: once as Keras users get them
(floatx float32, JAX without 64-bit types) and once in double precision (floatx float64, JAX with
64-bit types).  `run` starts those processes, collects what they made and hands it to the script's
`write` function.  All numbers come from Keras 3 on its JAX backend, on the CPU.

One thing is changed for the double run.  Outside TensorFlow, Keras's type promotion turns float64
into float32, and `keras.ops.mean` computes in the promoted type: every loss and metric that takes a
mean (binary crossentropy, mse, mae, ...) would be rounded to float32 in the middle of a double
computation.  `start_keras` lets float64 stay float64, so that the double numbers are good to
about 1e-15 and can be compared tightly.  For the same reason `attention` stands in for JAX's own, which
rounds to float32 too.  Nothing else in Keras is touched.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
PRECISIONS = {"f32": "float32", "f64": "float64"}


def start_keras(precision):
    """Import Keras set up for one precision.  Must run before anything else imports it."""
    os.environ["KERAS_BACKEND"] = "jax"
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["JAX_ENABLE_X64"] = "1" if precision == "f64" else "0"
    import keras
    keras.config.set_floatx(PRECISIONS[precision])
    if precision == "f64":
        from keras.src.backend.common import dtypes
        dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
        keras.src.backend.nn.dot_product_attention = attention
    return keras


def attention(query, key, value, bias=None, mask=None, scale=None, is_causal=False, **_):
    """What Keras's has JAX do, which takes softmax in float32 whatever the type."""
    import jax
    from jax import numpy as jnp
    scores = jnp.einsum("btnh,bsnh->bnts", query, key) * scale + (0 if bias is None else bias)
    low = -0.7 * jnp.finfo(scores.dtype).max
    if mask is not None:
        scores = jnp.where(mask, scores, low)
    if is_causal:
        scores = jnp.where(jnp.tril(jnp.ones(scores.shape[-2:], bool)), scores, low)
    return jnp.einsum("bnts,bsnh->btnh", jax.nn.softmax(scores, axis=-1), value)


def plain(value):
    """An array as plain C-ordered float32, float64 or int32: what the file readers must handle."""
    value = np.array(value, order="C")
    if value.dtype.kind in "bu" or value.dtype == np.int64:
        value = value.astype(np.int32)
    assert value.dtype in (np.float32, np.float64, np.int32), value.dtype
    return value


def save_npz(name, arrays):
    path = HERE / name
    np.savez_compressed(path, **{key: plain(arrays[key]) for key in arrays})
    print(f"{name}: {len(arrays)} arrays, {path.stat().st_size} bytes")


def save_json(name, facts):
    """One line per element of the outer two levels: compact, yet a readable diff."""
    def line(value):
        return json.dumps(value, ensure_ascii=False, sort_keys=False)
    parts = []
    for key, value in facts.items():
        if isinstance(value, list) and value:
            inner = ",\n".join("  " + line(v) for v in value)
            parts.append(f" {line(key)}: [\n{inner}\n ]")
        elif isinstance(value, dict) and value:
            inner = ",\n".join(f"  {line(k)}: {line(v)}" for k, v in value.items())
            parts.append(f" {line(key)}: {{\n{inner}\n }}")
        else:
            parts.append(f" {line(key)}: {line(value)}")
    path = HERE / name
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")
    print(f"{name}: {path.stat().st_size} bytes")


def versions():
    import h5py
    import jax
    import keras
    return {"keras": keras.__version__, "jax": jax.__version__, "numpy": np.__version__,
            "h5py": h5py.__version__, "python": sys.version.split()[0]}


def run(script, make, write):
    """`make(keras, precision)` returns (arrays, facts); `write({precision: (arrays, facts)})` saves."""
    if len(sys.argv) == 3:  # the child process
        precision, out = sys.argv[1:]
        arrays, facts = make(start_keras(precision), precision)
        facts = {"versions": versions(), **(facts or {})}
        np.savez(out + ".npz", **{key: plain(arrays[key]) for key in arrays})
        pathlib.Path(out + ".json").write_text(json.dumps(facts))
        return
    made = {}
    with tempfile.TemporaryDirectory() as folder:
        for precision in PRECISIONS:
            out = os.path.join(folder, precision)
            subprocess.run([sys.executable, script, precision, out], check=True, env={**os.environ, "PYTHONHASHSEED": "0"})
            with np.load(out + ".npz") as file:
                arrays = dict(file)
            made[precision] = arrays, json.loads(pathlib.Path(out + ".json").read_text())
    write(made)


def with_prefix(made):
    """The arrays of all precisions in one dictionary, each key led by its precision."""
    return {f"{p}/{key}": value for p, (arrays, _) in made.items() for key, value in arrays.items()}
