"""Golden cases of sorting, searching, counting, running sums and quantiles: NumPy (stable sorts) where it agrees with
Keras on JAX, else Keras.

Places and counts that Keras gives as int32 are int64 here (argsort, top_k, searchsorted, unique, ...); bincount without
weights stays int32. A quantile that falls on an element is that element even if the next one is infinite, where Keras on
JAX gives NaN. top_k takes zeros of either sign as equal, where JAX puts 0.0 in front of -0.0. "nearest" in the middle takes the lower element, as JAX does and NumPy does not.
"""

import os

os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
from keras import ops

from cases import BF16, FLOATS, INTS, SHAPES, Cases, numbers

c = Cases("sort")
ALL = ["bool"] + INTS + FLOATS
VIEWS = [None, "transposed", "reversed", "strided"]
TOL = {"float16": 2e-3, "bfloat16": 2e-2, "float64": 1e-12}
ODD = np.array([3, np.nan, -0.0, np.inf, 0.0, -1, -np.inf, np.nan, 3, 1e30, -1e-30, 2], "float32")


def shapes(op, list_of, f, kw=None, tolerance="exact", checks="cs", low=-3, high=3, dtype="float32"):
    for i, s in enumerate(list_of):
        x = numbers(s, dtype, low, high, seed=i)
        c.add(op, [x], f(x), kw, tolerance, checks, views=[VIEWS[i % 4]])


def types(op, f, kw=None, tolerance="exact", dtypes=ALL, shape=(3, 4)):
    for d in dtypes:
        x = numbers(shape, d, -9, 9, seed=5)
        c.add(op, [x], f(x), kw, tolerance if tolerance == "exact" else TOL.get(d, tolerance))


def grad(op, f, kw=None, shape=(2, 3), extra=()):
    # Far apart, so that no difference changes the order.
    x = np.random.default_rng(11).permutation(np.arange(np.prod(shape)) * 0.7 - 1.5).reshape(shape)
    c.add(op, [x, *extra], f(x), kw, 1e-12, "csg")


def top_k(x, k):
    key = x.astype("float64") if x.dtype.kind in "fV" or x.dtype == BF16 else x.astype("int64") if x.dtype != np.uint64 else x
    key = np.where(np.isnan(key), np.inf, key) if key.dtype.kind == "f" else key
    order = np.argsort(key[..., ::-1], -1, kind="stable")[..., ::-1]
    at = (x.shape[-1] - 1 - order)[..., :k]
    return [np.take_along_axis(x, at, -1), at.astype("int64")]


for axis in [-1, 0]:
    kw = {"axis": axis}
    shapes("sort", SHAPES[1:], lambda x: np.sort(x, axis), kw)
    types("sort", lambda x: np.sort(x.astype("float32"), axis).astype(x.dtype) if x.dtype == BF16 else np.sort(x, axis), kw)
    grad("sort", lambda x: np.sort(x, axis), kw)
    shapes("argsort", SHAPES[1:], lambda x: np.argsort(x, axis, kind="stable"), kw)
    types("argsort", lambda x: np.argsort(x.astype("float32") if x.dtype == BF16 else x, axis, kind="stable"), kw)
for d in FLOATS:
    x = ODD.astype(d if d != "bfloat16" else BF16)
    wide = x.astype("float64")
    c.add("sort", [x], x[np.argsort(wide, kind="stable")], {"axis": -1})
    c.add("argsort", [x], np.argsort(wide, kind="stable"), {"axis": -1})
    x = np.delete(x, 2)
    v, i = ops.top_k(x.astype("float32") if d == "float64" else x, 11)
    c.add("top_k", [x], [np.asarray(v).astype(x.dtype), np.asarray(i).astype("int64")], {"k": 11})
for d in INTS:
    info = np.iinfo(d)
    x = np.array([0, info.max, info.min, 1, info.max - 1, info.min + 1], d)
    c.add("sort", [x], np.sort(x), {"axis": 0})
    c.add("argsort", [x], np.argsort(x, kind="stable"), {"axis": 0})
c.add("argsort", [np.float32(3)], np.array([0]), {"axis": -1})
x = numbers((3000,), "int32", -50, 50)
c.add("argsort", [x], np.argsort(x, kind="stable"), {"axis": 0})
c.add("sort", [x.astype("uint8")], np.sort(x.astype("uint8")), {"axis": 0})
for k in [0, 1, 3]:
    shapes("top_k", [(3,), (5,), (2, 3), (2, 0, 3), (2, 1, 4), (2, 3, 1, 4), (1, 2, 1, 3, 3), (4, 6)], lambda x: top_k(x, k), {"k": k})
    types("top_k", lambda x: top_k(x, k), {"k": k, "sorted": False})
grad("top_k", lambda x: top_k(x, 2), {"k": 2})
for kth, axis in [(1, -1), (0, 0), (-1, -1), (0, None)]:
    shapes("argpartition", [(3,), (5,), (2, 3), (3, 2), (2, 1, 4), (2, 3, 1, 2), (2, 2, 1, 3, 2), (4, 6)],
           lambda x: np.argsort(x, axis, kind="stable"), {"kth": kth, "axis": axis})
types("argpartition", lambda x: np.argsort(x.astype("float32") if x.dtype == BF16 else x, -1, kind="stable"), {"kth": 1, "axis": -1})

for i, (s, k) in enumerate([((3,), 1), ((3,), 2), ((1,), 3), ((0,), 2), ((2, 2), 2), ((2, 1), 1), ((), 2), ((5,), 9), ((4,), 0)]):
    for d in (["float32"] if i else ["float32", "float16", "int32", "uint8", "bfloat16"]):
        p = numbers(s + (5,), d, 0, 9, seed=i)
        t = numbers(s, "int32", 0, 4, seed=i)
        c.add("in_top_k", [t, p], np.asarray(ops.in_top_k(t, p, k)), {"k": k})
for d in ["int64", "int16", "uint32"]:
    t, p = np.array([2, 0], d), np.array([[.1, .7, np.nan], [.5, .2, .3]])
    c.add("in_top_k", [t, p], np.array([False, True]), {"k": 2})

for side in ["left", "right"]:
    kw = {"side": side}
    for i, s in enumerate(SHAPES):
        for n in [0, 1, 6]:
            a, v = np.sort(numbers((n,), "float32", seed=i)), numbers(s, "float32", seed=i + 1)
            c.add("searchsorted", [a, v], np.asarray(np.searchsorted(a, v, side)), kw, views=[None, VIEWS[i % 4]])
    for d in ALL:
        a = numbers((6,), d, -5, 5).astype("float64" if d == "bfloat16" else d)
        a = np.sort(a).astype(numbers((1,), d).dtype)
        v = numbers((7,), d, -5, 5, seed=3)
        wide = (lambda x: x.astype("float64")) if d == "bfloat16" else (lambda x: x)
        c.add("searchsorted", [a, v], np.searchsorted(wide(a), wide(v), side), kw)
    a, v = np.array([-1, 0, 2, np.inf, np.nan]), np.array([np.nan, -0.0, 0, np.inf, -np.inf, 9])
    c.add("searchsorted", [a, v], np.searchsorted(a, v, side), kw)
    c.add("searchsorted", [np.array([1, 3], "int32"), np.array([2.5, 3], "float32")], np.searchsorted([1., 3.], [2.5, 3], side), kw)
for bins in [[0., 1., 2.5, 4.], [4., 2.5, 1., 0.], [1.], [2., 2.], []]:
    b = np.array(bins, "float32")
    for i, s in enumerate(SHAPES):
        x = numbers(s, "float32", -1, 5, seed=i)
        c.add("digitize", [x, b], np.asarray(np.digitize(x, b)).astype("int64"), views=[VIEWS[i % 4], None])
for d in ALL[1:]:
    x, b = numbers((6,), d, 0, 9), np.array([1, 3, 6]).astype(numbers((1,), d).dtype)
    c.add("digitize", [x, b], np.digitize(x.astype("float64"), b.astype("float64")))
c.add("digitize", [np.array([True, False]), np.array([0, 1], "int32")], np.array([2, 1]))

# Counting; how long the result is depends on the numbers, so these are not traced.
for i, (s, n) in enumerate([((5,), 0), ((1,), 3), ((0,), 0), ((0,), 4), ((2, 3), 0), ((3, 1), 5), ((7,), 9), ((2, 0), 3), ((2, 4), 0)]):
    for d in INTS if i in (0, 4) else ["int32"]:
        x = numbers(s, d, 0, 6, seed=i)
        n2 = max(n, int(x.max()) + 1 if x.size else 0)
        rows = x if x.ndim == 2 else x[None]
        y = np.array([np.bincount(r.astype("int64"), minlength=n2) for r in rows]).reshape(s[:-1] + (n2,))
        c.add("bincount", [x], y.astype("int32"), {"minlength": n}, checks="", views=[VIEWS[i % 4]])
        for wd in (["float32", "int32", "float64"] if d == "int32" else ["float32"]):
            w = numbers(s, wd, seed=i)
            y = np.array([np.bincount(r.astype("int64"), v, n2) for r, v in zip(rows, w if w.ndim == 2 else w[None])])
            c.add("bincount", [x, w], y.reshape(s[:-1] + (n2,)).astype(wd), {"minlength": n}, 1e-6, checks="")
x, w = np.array([0, 2, 2], "int32"), np.array([.5, 1.5, -1])
c.add("bincount", [x, w], np.bincount(x, w), {"minlength": 0}, 1e-12, checks="g")
for i, (s, bins, rng) in enumerate([((5,), 3, None), ((1,), 2, None), ((0,), 2, None), ((8,), 1, None), ((20,), 7, (-1, 2)), ((6,), 4, (0, 0)),
                                    ((9,), 10, (-3, 3)), ((3,), 5, (10, 20)), ((2,), 3, (0.5, 0.75))]):
    for d in (["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"] + FLOATS) if i in (0, 4) else ["float32"]:
        x = numbers(s, d, -3, 3, seed=i)
        t = x.dtype if d in FLOATS else np.dtype("float32")
        wide = x.astype("float64")
        lo, hi = rng or ((wide.min(), wide.max()) if x.size else (0, 1))
        lo, hi = (lo - .5, hi + .5) if lo == hi else (lo, hi)
        edges = (lo + (hi - lo) * (np.arange(bins + 1) / bins)).astype(t)
        counts = np.histogram(wide, edges.astype("float64"))[0].astype(t)
        c.add("histogram", [x], [counts, edges], {"bins": bins, "range": rng}, TOL.get(d, 1e-6))
c.add("histogram", [np.array([0, np.nan, 1, np.inf, .5], "float32")], [np.array([1, 2], "float32"), np.array([0, .5, 1], "float32")],
      {"bins": 2, "range": (0, 1)}, 1e-6)


def unique(x, axis=None):
    v, i, inv, n = np.unique(x, True, True, True, axis, equal_nan=False)
    return [v, i.astype("int64"), inv.reshape(x.shape if axis is None else -1).astype("int64"), n.astype("int64")]


for i, s in enumerate(SHAPES):
    for d in ALL if s == (2, 3) else ["int32"]:
        x = numbers(s, d, -1, 2, seed=i)
        if d == "bfloat16":
            x = np.round(x.astype("float32")).astype(BF16)
            v, *rest = unique(x.astype("float32"))
            v = v.astype(BF16)
        else:
            v, *rest = unique(x)
        c.add("unique", [x], [v] + rest, {"index": True, "inverse": True, "counts": True}, checks="", views=[VIEWS[i % 4]])
    c.add("unique", [x], [v], {}, checks="")
for s in [(4, 2), (3, 1), (1, 3), (5, 1, 2), (2, 2, 2)]:
    for axis in [0, -1]:
        x = numbers(s, "int32", 0, 1)
        c.add("unique", [x], unique(x, axis), {"axis": axis, "index": True, "inverse": True, "counts": True}, checks="")
x = np.array([2, np.nan, 0.0, -0.0, np.nan, 2])
c.add("unique", [x], [np.array([0, 2, np.nan, np.nan]), np.array([2, 2])], {"counts": True, "cut": [0, 2]}, checks="")
x = np.array([3, 1, 2, 1], "int32")
for kw in [{"size": 5, "fill_value": 0}, {"size": 2}, {"size": 5, "fill_value": 7}, {"size": 3}]:
    y = ops.unique(x, return_index=True, return_inverse=True, return_counts=True, **kw)
    y = [np.asarray(a).astype("int64" if j else "int32") for j, a in enumerate(y)]
    c.add("unique", [x], y, {"index": True, "inverse": True, "counts": True, **kw}, checks="")
for i, s in enumerate(SHAPES[1:]):
    for d in ALL if s == (2, 3) else ["float32"]:
        x = numbers(s, d, -1, 1, seed=i)
        x = np.round(x.astype("float32")).astype(x.dtype)
        c.add("nonzero", [x], [np.asarray(a).astype("int64") for a in np.nonzero(x.astype("float32"))], checks="", views=[VIEWS[i % 4]])
c.add("nonzero", [np.array([0., np.nan, -0.0, 1e-300])], [np.array([1, 3])], checks="")

# Running sums and products.
for op, f in [("cumsum", np.cumsum), ("cumprod", np.cumprod), ("nancumsum", np.nancumsum), ("nancumprod", np.nancumprod)]:
    def run(x, axis, f=f, dtype=None):
        t = np.dtype(dtype or ("int32" if x.dtype == bool else x.dtype))
        wide = x.astype("float64") if x.dtype == BF16 or x.dtype.kind == "f" else x
        if wide.dtype.kind == "f":
            return np.asarray(f(wide, axis)).astype(t)
        return np.asarray(f(wide, axis, dtype=t))
    for axis in [None, 0, -1]:
        shapes(op, SHAPES[axis is not None:], lambda x: run(x, axis), {"axis": axis}, "ulps:2")
        for d in ALL:
            x = numbers((2, 3), d, -9, 9, seed=4)
            c.add(op, [x], run(x, axis), {"axis": axis}, TOL.get(d, 1e-6) if d in FLOATS else "exact")
        grad(op, lambda x: run(x, axis), {"axis": axis})
    for d, to in [("int8", "int32"), ("bool", "float32"), ("int32", "float64"), ("float32", "float64"), ("float16", "float32"), ("uint8", "uint64")]:
        x = numbers((4,), d)
        c.add(op, [x], run(x, 0, dtype=to), {"axis": 0, "dtype": to}, 1e-6)
    x = np.array([[1, np.nan, 2, 0], [np.inf, 0, -1, 3]], "float32")
    c.add(op, [x], f(x, -1), {"axis": -1}, 1e-6)
    x = np.array([2., 0, 3, 0, 5])
    c.add(op, [x], f(x), {"axis": 0}, 1e-12, "csg")

# Medians and quantiles.
TO32 = lambda d: d if d in FLOATS else "float32"
AXES = [(None, False), (0, False), (-1, True), (None, True)]


def quantile(x, q, axis, method, keepdims, nan):
    """By hand, in float64: NumPy's "nearest" differs."""
    wide = x.astype("float64")
    axes = tuple(range(x.ndim)) if axis is None else tuple(a % x.ndim for a in np.atleast_1d(axis))
    kept = [a for a in range(x.ndim) if a not in axes]
    rows = wide.transpose(kept + list(axes)).reshape([x.shape[a] for a in kept] + [-1] if x.size else [x.shape[a] for a in kept] + [0])
    flat = rows.reshape(-1, rows.shape[-1]) if rows.shape[-1] else np.zeros((int(np.prod(rows.shape[:-1])), 0))
    out = np.full((np.size(q), flat.shape[0]), np.nan)
    for j, row in enumerate(flat):
        if np.isnan(row).any() and not nan:
            continue
        row = np.sort(row[~np.isnan(row)])
        for i, p in enumerate(np.ravel(q)):
            if not row.size:
                continue
            at = p * (row.size - 1)
            a, b, t = row[int(np.floor(at))], row[int(np.ceil(at))], at - np.floor(at)
            out[i, j] = {"lower": a, "higher": b, "nearest": a if t <= .5 else b, "midpoint": (a + b) / 2,
                         "linear": a if t == 0 or a == b else a * (1 - t) + b * t}[method]
    shape = [x.shape[a] if a in kept else 1 for a in range(x.ndim) if a in kept or keepdims]
    return out.reshape(list(np.shape(q)) + shape).astype(TO32(x.dtype.name) if x.dtype != BF16 else BF16)


METHODS = ["linear", "lower", "higher", "midpoint", "nearest"]
for op, nan in [("median", False), ("nanmedian", True)]:
    for axis, keep in AXES:
        kw = {"axis": axis, "keepdims": keep}
        shapes(op, SHAPES[axis is not None:], lambda x: quantile(x, .5, axis, "linear", keep, nan), kw, 1e-6)
        types(op, lambda x: quantile(x, .5, axis, "linear", keep, nan), kw, 1e-6)
        grad(op, lambda x: quantile(x, .5, axis, "linear", keep, nan), kw)
    x = np.array([[1, np.nan, 2, 5], [np.nan] * 4, [1, 2, np.inf, np.inf], [-np.inf, 1, 2, 3]], "float32")
    c.add(op, [x], quantile(x, .5, -1, "linear", False, nan), {"axis": -1}, 1e-6)
    x = numbers((2, 3, 4), "float32")
    c.add(op, [x], quantile(x, .5, (0, 2), "linear", False, nan), {"axis": [0, 2]}, 1e-6)
for op, scale, nan in [("quantile", 1, False), ("nanquantile", 1, True), ("percentile", 100, False), ("nanpercentile", 100, True)]:
    for m, method in enumerate(METHODS):
        for q in [.3, [0., .25, 1.], .5, []]:
            for axis, keep in AXES[:4 if m == 0 else 2]:
                kw = {"axis": axis, "keepdims": keep, "method": method}
                qs = np.array(q) * scale
                for i, s in enumerate(SHAPES if q == .3 and m == 0 else [(5,), (4, 3)]):
                    if s == () and axis is not None:
                        continue
                    x = numbers(s, "float32", seed=i)
                    c.add(op, [x, qs], quantile(x, np.array(q), axis, method, keep, nan), kw, 1e-6, views=[VIEWS[i % 4], None])
    for d in ALL:
        x = numbers((3, 4), d, -9, 9)
        q = np.array([.2, .75])
        c.add(op, [x, q * scale], quantile(x, q, -1, "linear", False, nan), {"axis": -1, "method": "linear"}, TOL.get(d, 1e-6))
    x = np.array([[1, np.nan, 2, 5], [np.nan] * 4, [1, 2, np.inf, np.inf], [-np.inf, 1, 2, 3]], "float32")
    for method in METHODS:
        q = np.array([.25, .5, 1 / 3])
        c.add(op, [x, q * scale], quantile(x, q * scale / scale, -1, method, False, nan), {"axis": -1, "method": method}, 1e-6)
    x = np.array([.5, -2, 1.5, 3, -.25])
    c.add(op, [x, np.array(.3 * scale, "float32")], quantile(x, np.float64(np.float32(.3 * scale)) / scale, 0, "linear", False, nan),
          {"axis": 0, "method": "linear"}, 1e-9, "cs")
    c.add(op, [x, np.array([3 * scale // 4 if scale > 1 else .75], "float64")[0:1]], quantile(x, np.array([.75]), 0, "linear", False, nan),
          {"axis": 0, "method": "linear"}, 1e-12, "cs")
    q = .3
    c.add(op, [x], quantile(x, np.array(q), 0, "linear", False, nan), {"axis": 0, "method": "linear", "q": q * scale}, 1e-12, "csg")
for d in ["uint16", "uint64", "int8"]:
    t, p = np.array([2, 0], d), np.array([[.1, .7, np.nan], [.5, .2, .3]])
    c.add("in_top_k", [t, p], np.array([False, True]), {"k": 2})
t, p = np.array([1, 0], "int32"), np.array([[True, False, False], [False, True, True]])
for k in [1, 2, 3]:
    c.add("in_top_k", [t, p], np.asarray(ops.in_top_k(t, p.astype("int32"), k)), {"k": k})
x, w = np.array([0, 2, 2, 1]), np.array([.5, 1.5, -1, 0])
for d in ["float16", "bfloat16"]:
    weights = w.astype(BF16 if d == "bfloat16" else d)
    c.add("bincount", [x, weights], np.bincount(x, w).astype(weights.dtype), {"minlength": 0}, checks="")
c.add("bincount", [x, w != 0], np.array([True, False, True]), {"minlength": 0}, checks="")
# Nothing to put in order.
for s, axis in [((0, 3), -1), ((2, 0), 0)]:
    c.add("argpartition", [numbers(s, "float32")], np.zeros(s, "int64"), {"kth": 1, "axis": axis})

c.write()
