"""Facts about the random initializers, for statistical tests.

    python initializers.py

writes initializers.json.  Each line of `cases` has
    initializer, arguments, shape, fan_in, fan_out (null where the initializer ignores them)
    distribution   "uniform" on [low, high), "normal" (mean, scale) or "truncated_normal" (mean, scale,
                   redrawn outside mean +- 2 scale); `scale` is the standard deviation before truncation
    mean, std      of that distribution: what a sample should show
    low, high      no sample lies outside (null: unbounded)
    keras          what `count` values drawn by Keras in float32 showed (several seeds where the shape
                   is small): mean, std, min, max
The theoretical facts are worked out here from the formulas in Keras's documentation and checked
against the Keras samples: mean within 5 standard errors, std within 5 of its standard errors, all
samples inside the bounds.
"""
import math

import golden
import numpy as np

SHAPES = [(784, 512), (3, 3, 16, 32), (100,)]
TRUNCATION = 0.87962566103423978  # std of a standard normal truncated to [-2, 2], as Keras writes it

SCALED = [(n, {}, s, m, d) for n, s, m, d in [
    ("GlorotUniform", 1.0, "fan_avg", "uniform"), ("GlorotNormal", 1.0, "fan_avg", "truncated_normal"),
    ("HeUniform", 2.0, "fan_in", "uniform"), ("HeNormal", 2.0, "fan_in", "truncated_normal"),
    ("LecunUniform", 1.0, "fan_in", "uniform"), ("LecunNormal", 1.0, "fan_in", "truncated_normal"),
]] + [
    ("VarianceScaling", {}, 1.0, "fan_in", "truncated_normal"),
] + [
    ("VarianceScaling", {"scale": s, "mode": m, "distribution": d}, s, m, d)
    for s, m in [(2.0, "fan_in"), (0.5, "fan_out"), (3.0, "fan_avg")] for d in ("uniform", "truncated_normal", "untruncated_normal")
]
FIXED = [
    ("RandomNormal", {}, "normal", 0.0, 0.05), ("RandomNormal", {"mean": 1.0, "stddev": 0.2}, "normal", 1.0, 0.2),
    ("TruncatedNormal", {}, "truncated_normal", 0.0, 0.05), ("TruncatedNormal", {"mean": -1.0, "stddev": 0.5}, "truncated_normal", -1.0, 0.5),
    ("RandomUniform", {}, "uniform", -0.05, 0.05), ("RandomUniform", {"minval": 0.0, "maxval": 2.0}, "uniform", 0.0, 2.0),
]


def fans(shape):
    if len(shape) == 1:
        return shape[0], shape[0]
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


def distribution(kind, a, b):
    """(a, b) are (low, high) of a uniform, (mean, scale) of a normal distribution."""
    if kind == "uniform":
        return {"distribution": kind, "scale": None, "mean": (a + b) / 2, "std": (b - a) / math.sqrt(12), "low": a, "high": b}
    if kind == "normal":
        return {"distribution": kind, "scale": b, "mean": a, "std": b, "low": None, "high": None}
    return {"distribution": kind, "scale": b, "mean": a, "std": b * TRUNCATION, "low": a - 2 * b, "high": a + 2 * b}


def cases():
    for shape in SHAPES:
        fan_in, fan_out = fans(shape)
        for name, arguments, scale, mode, kind in SCALED:
            variance = scale / max(1.0, {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode])
            std = math.sqrt(variance)
            facts = {"uniform": lambda: distribution("uniform", -math.sqrt(3 * variance), math.sqrt(3 * variance)),
                     "truncated_normal": lambda: distribution("truncated_normal", 0.0, std / TRUNCATION),
                     "untruncated_normal": lambda: distribution("normal", 0.0, std)}[kind]()
            yield {"initializer": name, "arguments": arguments, "shape": list(shape), "fan_in": fan_in, "fan_out": fan_out, **facts}
        for name, arguments, kind, a, b in FIXED:
            yield {"initializer": name, "arguments": arguments, "shape": list(shape), "fan_in": None, "fan_out": None, **distribution(kind, a, b)}


def main():
    keras = golden.start_keras("f32")
    out = []
    for case in cases():
        shape = tuple(case["shape"])
        draws = max(1, 20000 // math.prod(shape))
        make = getattr(keras.initializers, case["initializer"])
        values = np.concatenate([np.asarray(make(**case["arguments"], seed=s)(shape)).ravel() for s in range(1, draws + 1)]).astype("float64")
        n = len(values)
        assert abs(values.mean() - case["mean"]) < 5 * case["std"] / math.sqrt(n), case
        assert abs(values.std() - case["std"]) < 5 * case["std"] / math.sqrt(2 * n), case
        slack = 1e-6 * case["std"] + 1e-7
        if case["low"] is not None:
            assert case["low"] - slack <= values.min() and values.max() <= case["high"] + slack, case
        case["keras"] = {"count": n, **{k: float(f"{getattr(values, k)():.9g}") for k in ("mean", "std", "min", "max")}}
        out.append(case)
    golden.save_json("initializers.json", {"versions": golden.versions(), "cases": out})


if __name__ == "__main__":
    main()
