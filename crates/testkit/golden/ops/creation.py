"""Tensors made from sizes and numbers: writes creation.json and creation.npz.

Expected values are NumPy's in float64, rounded to the type of the result. `arange` of fractions with an integer type
truncates each number, where NumPy truncates start and step first. Types that are not asked for are those of Keras:
int32 for whole steps, float32 for fractions; a tensor at an end of `linspace` and its kind gives its own float type.
"""

import numpy as np

from cases import BF16, FLOATS, INTS, SHAPES, Cases, numbers

cases = Cases("creation")
VIEWS = [None, "transposed", "reversed", "strided"]
ALL = FLOATS + INTS + ["bool"]
TOL = {"float32": "ulps:1", "float64": 1e-12, "float16": "ulps:1", "bfloat16": "ulps:1"}


def kind(d):
    return np.dtype(BF16 if d == "bfloat16" else d)


def wide(x):
    return np.asarray(x).astype(np.float64)


for d in ALL:
    for shape in SHAPES if d == "float32" else [(2, 3)]:
        cases.add("zeros", [], np.zeros(shape, kind(d)), {"shape": list(shape), "dtype": d})
        cases.add("ones", [], np.ones(shape, kind(d)), {"shape": list(shape), "dtype": d})
        cases.add("empty", [], np.zeros(shape, kind(d)), {"shape": list(shape), "dtype": d})
        cases.add("full", [], np.full(shape, 3, kind(d)), {"shape": list(shape), "fill_value": 3, "dtype": d})
        if d in FLOATS:
            cases.add("full", [], np.full(shape, 2.5, kind(d)), {"shape": list(shape), "fill_value": 2.5, "dtype": d})
    for op, y in {"zeros_like": 0, "ones_like": 1, "empty_like": 0, "full_like": 3}.items():
        for i, shape in enumerate(SHAPES if d == "float32" else [(2, 3)]):
            x = numbers(shape, d)
            kw = {"fill_value": 3} if op == "full_like" else {}
            cases.add(op, [x], np.full(shape, y, kind(d)), kw, views=[VIEWS[i % 4]])
            for to in ["int32", "float64", "bool"]:
                cases.add(op, [x], np.full(shape, y, kind(to)), {**kw, "dtype": to}, views=[VIEWS[i % 4]])
    for op in ["array", "convert_to_tensor"]:
        for i, shape in enumerate(SHAPES if d == "float32" else [(2, 3)]):
            x = numbers(shape, d, 0, 3)
            cases.add(op, [x], x, views=[VIEWS[i % 4]])
            cases.add(op, [x], x.astype("float64"), {"dtype": "float64"}, views=[VIEWS[i % 4]])
x = np.array([0.5, 2.0])
for op in ["array", "convert_to_tensor"]:
    cases.add(op, [x], x, checks="csg")

for d in ALL:
    for n, m, k in [(3, None, 0), (3, 4, 1), (4, 3, -2), (2, 5, 3), (0, 2, 0), (2, 0, 0), (1, 1, 0), (3, 3, 9), (3, 3, -9), (4, 2, 2**62), (4, 2, -2**62)] if d == "float32" else [(3, 4, 1)]:
        kk = max(-10, min(10, k))
        kw = {"N": n, "M": m, "k": k, "dtype": d}
        cases.add("eye", [], np.eye(n, m, kk).astype(kind(d)), kw)
        cases.add("tri", [], np.tri(n, m, kk).astype(kind(d)), kw)
    for n in [0, 1, 2, 3, 4, 5, 7, 8] if d == "float32" else [3]:
        cases.add("identity", [], np.identity(n).astype(kind(d)), {"n": n, "dtype": d})

# arange: whole steps and fractions.
for steps in [(5,), (0,), (-3,), (1,), (2, 7), (7, 2), (2, 11, 3), (11, 2, -3), (-5, 5, 2), (0, 10, 10), (0, 11, 10), (-(2**62), 2**62, 2**61), (5, -5, -1)]:
    y = np.arange(*steps)
    if abs(steps[-1]) < 2**40:
        cases.add("arange", [], y.astype("int32"), {"steps": list(steps)})
        for d in FLOATS + (INTS if (y >= 0).all() else [t for t in INTS if t[0] == "i"]):
            cases.add("arange", [], y.astype(kind(d)), {"steps": list(steps), "dtype": d})
    else:
        cases.add("arange", [], y, {"steps": list(steps), "dtype": "int64"})
for steps in [(3.5,), (0.0,), (-1.5,), (0.5, 3.0), (0.0, 1.0, 0.1), (1.0, 0.0, -0.25), (-1.0, 1.0, 0.3), (1e-3, 1e-2, 1e-3)]:
    y = np.arange(*steps)
    for d in FLOATS:
        cases.add("arange", [], y.astype(kind(d)), {"steps": list(steps), **({} if d == "float32" else {"dtype": d})}, TOL[d])
    cases.add("arange", [], np.trunc(y).astype("int32"), {"steps": list(steps), "dtype": "int32"})

# Spaces between numbers.
NUMS = [(0, 1), (1, 0), (-3, 4), (2.5, 2.5), (0, 10), (1e3, 1e-3), (-1, -8), (0.1, 0.7)]
for start, stop in NUMS:
    for num in [0, 1, 2, 5, 11]:
        for endpoint in [True, False]:
            y = np.linspace(start, stop, num, endpoint=endpoint)
            kw = {"start": start, "stop": stop, "num": num, "endpoint": endpoint}
            cases.add("linspace", [], y.astype("float32"), kw, "ulps:1")
            if num == 5:
                for d in FLOATS:
                    cases.add("linspace", [], y.astype(kind(d)), {**kw, "dtype": d}, TOL[d])
                cases.add("linspace", [], np.floor(y).astype("int32"), {**kw, "dtype": "int32"})
                _, step = np.linspace(start, stop, num, endpoint=endpoint, retstep=True)
                cases.add("linspace", [], [y.astype("float32"), np.float32(step)], {**kw, "retstep": True}, "ulps:1")
            z = np.logspace(start if abs(start) < 100 else 2, stop, num, endpoint=endpoint)
            kw2 = {**kw, "start": start if abs(start) < 100 else 2}
            cases.add("logspace", [], z.astype("float32"), kw2, 1e-6 if abs(z).max(initial=0) < 100 else "ulps:1")
            z = np.logspace(kw2["start"], stop, num, endpoint=endpoint, base=2.0)
            cases.add("logspace", [], z, {**kw2, "base": 2.0, "dtype": "float64"}, "ulps:4")
for num in [1, 0]:
    y = np.linspace(2, 3, num)
    cases.add("linspace", [], [y.astype("float32"), np.float32(np.nan)], {"start": 2, "stop": 3, "num": num, "retstep": True})
for start, stop in [(1, 1000), (1000, 1), (-1, -1000), (0.5, 0.25), (3, 3), (1, 256), (1e-3, 1e3), (-2, -1e-2)]:
    for num in [0, 1, 2, 4, 9]:
        for endpoint in [True, False]:
            y = np.geomspace(start, stop, num, endpoint=endpoint)
            kw = {"start": start, "stop": stop, "num": num, "endpoint": endpoint}
            cases.add("geomspace", [], y.astype("float32"), kw, "ulps:1")
            if num == 4:
                for d in FLOATS:
                    cases.add("geomspace", [], y.astype(kind(d)), {**kw, "dtype": d}, "ulps:8")
cases.add("geomspace", [], np.array([1, 10, 100, 1000], "int32"), {"start": 1, "stop": 1000, "num": 4, "endpoint": True, "dtype": "int32"})
cases.add("logspace", [], np.array([1, 10, 100, 1000], "int32"), {"start": 0, "stop": 3, "num": 4, "endpoint": True, "dtype": "int32"})

# Ends that are tensors.
PAIRS = [((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 4)), ((0,), (1,)), ((), (2, 3)), ((2, 1, 2), (3, 1)), ((1, 2, 1, 2), (1,)), ((1, 2, 1, 3, 2), (3, 1))]
for d in FLOATS + ["int32", "uint8"]:
    out = d if d in FLOATS else "float32"
    for i, (s, t) in enumerate(PAIRS if d == "float32" else PAIRS[2:4]):
        a, b = numbers(s, d, 1, 4), numbers(t, d, 1, 4, seed=2)
        for axis in [0, -1] + ([1] if max(len(s), len(t)) else []):
            for num, endpoint in [(4, True), (3, False)]:
                kw = {"num": num, "endpoint": endpoint, "axis": axis}
                v = [VIEWS[i % 4], None]
                cases.add("linspace", [a, b], np.linspace(wide(a), wide(b), num, endpoint, axis=axis).astype(kind(out)), kw, TOL[out], views=v)
                if axis != 1:
                    cases.add("geomspace", [a, b], np.geomspace(wide(a), wide(b), num, endpoint, axis=axis).astype(kind(out)), kw,
                              TOL[out] if out != "float32" else "ulps:2", views=v)
                    y = np.logspace(wide(a), wide(b), num, endpoint, 2.0, axis=axis).astype(kind(out))
                    cases.add("logspace", [a, b], y, {**kw, "base": 2.0}, TOL[out] if out != "float32" else "ulps:2", views=v)
a, b = np.array([0.5, 1.5]), np.array([2.0, 0.7])
kw = {"num": 3, "endpoint": True, "axis": 0}
cases.add("linspace", [a, b], np.linspace(a, b, 3), kw, 1e-12, "csg")
cases.add("geomspace", [a, b], np.geomspace(a, b, 3), kw, 1e-12, "csg")
cases.add("logspace", [a, b], np.logspace(a, b, 3, base=2.0), {**kw, "base": 2.0}, 1e-12, "csg")

# Coordinates.
for sizes in [(3,), (2, 3), (1, 4), (2, 3, 2), (0, 3), (1, 1, 1), (2, 1, 3, 2), (2, 1, 2, 1, 2)]:
    for d in ALL if sizes == (2, 3) else ["float32"]:
        xs = [numbers((n,), d, seed=i) for i, n in enumerate(sizes)]
        for indexing in ["xy", "ij"]:
            cases.add("meshgrid", xs, list(np.meshgrid(*xs, indexing=indexing)), {"indexing": indexing},
                      views=[["reversed", "strided"][i % 2] for i in range(len(xs))])
xs = [np.array(2.0), np.array([1.0, 3.0])]
cases.add("meshgrid", xs, list(np.meshgrid(*xs)), {"indexing": "xy"}, checks="csg")

# One of so many.
for d in INTS:
    for i, shape in enumerate(SHAPES if d == "int32" else [(2, 3)]):
        x = numbers(shape, d, -1, 4)
        hot = (x[..., None] == np.arange(4)).astype("float32")
        for axis in [-1, 0]:
            cases.add("one_hot", [x], np.moveaxis(hot, -1, axis), {"num_classes": 4, "axis": axis, "dtype": "float32"}, views=[VIEWS[i % 4]])
x = np.array([0, 2])
for d in ALL:
    cases.add("one_hot", [x], np.eye(3)[x].astype(kind(d)), {"num_classes": 3, "axis": -1, "dtype": d})

# Ends of the other types count as float32. A fraction is none of so many.
for d in ["int8", "int16", "int64", "uint16", "uint32", "uint64", "bool"]:
    a, b = numbers((2, 3), d, 1, 4), numbers((3,), d, 1, 4, seed=2)
    if d == "bool":
        a, b = np.ones_like(a), np.ones_like(b)
    kw = {"num": 4, "endpoint": True, "axis": 0}
    cases.add("linspace", [a, b], np.linspace(wide(a), wide(b), 4).astype("float32"), kw, "ulps:1")
    cases.add("geomspace", [a, b], np.geomspace(wide(a), wide(b), 4).astype("float32"), kw, "ulps:2")
    cases.add("logspace", [a, b], np.logspace(wide(a), wide(b), 4, base=2.0).astype("float32"), {**kw, "base": 2.0}, "ulps:2")
for d in FLOATS + ["bool"]:
    x = np.array([True, False]) if d == "bool" else np.array([0, 1.5, 2, -1, 3]).astype(kind(d))
    hot = (wide(x)[:, None] == np.arange(3)).astype("float32")
    cases.add("one_hot", [x], hot, {"num_classes": 3, "axis": -1, "dtype": "float32"})
# More classes than the type of the indices has numbers.
for d, n in [("uint8", 300), ("int8", 300), ("float16", 2050)]:
    x = np.array([3, 100, 127]).astype(d)
    cases.add("one_hot", [x], (wide(x)[:, None] == np.arange(n)).astype("uint8"), {"num_classes": n, "axis": -1, "dtype": "uint8"})

cases.write()
