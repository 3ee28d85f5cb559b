"""Reductions: writes reduction.json and reduction.npz.

Expected values are NumPy's in float64 (integers in their own type), rounded to the type of the result. The types are
those of Keras on JAX, with these exceptions:

- Narrow integers are summed in 32 bits, Keras's types without 64-bit mode; int64 and uint64 stay.
- `var` and `average` of float64 stay float64, where Keras gives float32.
- The integers that means are taken of become float32, whatever their width.
- `argmax` and its kind give int64.
"""

import numpy as np

from cases import BF16, FLOATS, INTS, SHAPES, Cases, numbers

cases = Cases("reduction")
VIEWS = [None, "transposed", "reversed", "strided"]
TOL = {"float32": 1e-6, "float64": 1e-12, "float16": 2e-3, "bfloat16": 2e-2}
NUMBERS = FLOATS + INTS
ALL = NUMBERS + ["bool"]


def kind(dtype):
    return np.dtype(BF16 if dtype == "bfloat16" else dtype)


def wide(x):
    return np.asarray(x).astype(np.float64)


def accumulator(d):
    return {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}.get(d, d)


def floating(d):
    return d if d in FLOATS else "float32"


def axes_of(rank):
    """Axis arguments for a rank: all, each end, several, none."""
    out = [None] + ([0, -1] if rank else [])
    if rank > 1:
        out.append([0, -1] if rank != 2 else [1, 0])
    if rank > 2:
        out.append([1, 2])
    return out


def lens(x, axis):
    a = range(x.ndim) if axis is None else ([axis] if isinstance(axis, int) else axis)
    return int(np.prod([x.shape[i] for i in a], dtype=int))


def reduction(op, f, dtypes, result, low=-3, high=3, empty=True, single=False, smooth=True, checks="cs", extra=None, keep=True):
    def one(x, axis, keepdims, kwargs=None, view=None, checks=checks, tol=None):
        if not empty and lens(x, axis) == 0:
            return
        d = "bfloat16" if x.dtype == BF16 else x.dtype.name
        out = result(d)
        arg = tuple(axis) if isinstance(axis, list) else axis
        with np.errstate(all="ignore"):
            y = f(wide(x) if d in FLOATS else x, arg, keepdims) if keep else f(wide(x) if d in FLOATS else x, arg)
            y = np.asarray(y).astype(kind(out))
        kw = {"axis": axis, "keepdims": keepdims, **(extra or {})}
        cases.add(op, [x], y, kw, tol or (TOL[out] if out in FLOATS else "exact"), checks, [view])

    for i, shape in enumerate(SHAPES):
        x = numbers(shape, "float32" if "float32" in dtypes else dtypes[0], low, high)
        for j, axis in enumerate(axes_of(len(shape))):
            if single and isinstance(axis, list):
                continue
            one(x, axis, keep and (i + j) % 2 == 1, view=VIEWS[(i + j) % 4])
    for d in dtypes:
        x = numbers((2, 3), d, low, high, seed=3)
        for axis in [None, 0, -1]:
            one(x, axis, False)
    if smooth:
        x = np.random.default_rng(1).uniform(0.5, 2, (2, 3))
        for axis in [None, 1]:
            one(x, axis, False, checks="csg", tol=1e-12)
    if "float32" in dtypes:
        for d in ["float32", "float64"]:
            x = np.array([[1, np.nan, 3], [np.inf, 2, -1], [-np.inf, 0, 1], [np.nan, np.nan, np.nan], [-0.0, 0.0, -0.0]], d)
            for axis in [None, 0, 1]:
                one(x, axis, False)


same = lambda d: d
reduction("sum", lambda x, a, k: np.sum(x, axis=a, keepdims=k, dtype=accumulator(x.dtype.name)), ALL, accumulator)
reduction("prod", lambda x, a, k: np.prod(x, axis=a, keepdims=k, dtype=accumulator(x.dtype.name)), ALL, accumulator)
for op in ["max", "amax"]:
    reduction(op, lambda x, a, k: np.max(x, axis=a, keepdims=k), ALL, same, empty=False)
for op in ["min", "amin"]:
    reduction(op, lambda x, a, k: np.min(x, axis=a, keepdims=k), ALL, same, empty=False)
for v in [1, -4]:
    reduction("max", lambda x, a, k: np.max(x, axis=a, keepdims=k, initial=v), FLOATS + ["int8", "int64"], same, extra={"initial": v}, smooth=False)
    reduction("min", lambda x, a, k: np.min(x, axis=a, keepdims=k, initial=v), FLOATS + ["int8", "int64"], same, extra={"initial": v}, smooth=False)
for d in ["float64", "int64", "float16"]:
    reduction("prod", lambda x, a, k: np.prod(x.astype(kind(d)), axis=a, keepdims=k), ["int8", "int32", "uint8"], lambda _: d, extra={"dtype": d},
              smooth=False)


def var(x, a, k):
    return np.var(wide(x), axis=a, keepdims=k)


def quiet(f):
    def g(*args):
        import warnings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return f(*args)
    return g


reduction("mean", quiet(lambda x, a, k: np.mean(wide(x), axis=a, keepdims=k)), ALL, floating)
reduction("var", quiet(var), ALL, floating)
reduction("std", quiet(lambda x, a, k: np.sqrt(var(x, a, k))), ALL, floating)
x = np.full((4, 3), 3e4, "float16")
for op in ["mean", "nanmean"]:
    cases.add(op, [x], np.float16(3e4), {"axis": None})
for op in ["var", "std", "nanvar", "nanstd"]:
    cases.add(op, [x], np.float16(0), {"axis": None})
    x2 = np.array([1000, -1000, 1000, -1000], "float16")
cases.add("std", [x2], np.float16(1000), {"axis": None})
cases.add("nanstd", [x2], np.float16(1000), {"axis": None})
reduction("all", lambda x, a, k: np.all(x, axis=a, keepdims=k), ALL, lambda d: "bool", -1, 1, smooth=False)
reduction("any", lambda x, a, k: np.any(x, axis=a, keepdims=k), ALL, lambda d: "bool", -1, 1, smooth=False)
reduction("count_nonzero", lambda x, a, k: np.count_nonzero(x, axis=a, keepdims=k), ALL, lambda d: "int32", -1, 1, smooth=False)
reduction("ptp", lambda x, a, k: np.max(x, axis=a, keepdims=k) - np.min(x, axis=a, keepdims=k), NUMBERS, same, empty=False)


def logsumexp(x, a, k):
    x = wide(x)
    top = np.max(x, axis=a, keepdims=True, initial=-np.inf)
    safe = np.where(np.isfinite(top), top, 0)
    y = np.log(np.sum(np.exp(x - safe), axis=a, keepdims=True)) + safe
    return y if k else np.sum(y, axis=a)




reduction("logsumexp", logsumexp, ALL, floating)
for d in ["float32", "float64"]:
    x = np.array([[1000, 1001], [-2000, -2001], [-np.inf, -np.inf], [np.inf, -np.inf], [-np.inf, 2]], d)
    cases.add("logsumexp", [x], logsumexp(x, 1, False).astype(d), {"axis": 1}, TOL[d])

for op, f in {"argmax": np.argmax, "argmin": np.argmin}.items():
    reduction(op, lambda x, a, k: f(x, axis=a, keepdims=k), ALL, lambda d: "int64", empty=False, single=True, smooth=False)


def nanarg(f, far):
    def g(x, a, k):
        if x.dtype.kind != "f":
            return f(x, axis=a, keepdims=k)
        nan = np.isnan(x)
        return np.where(np.all(nan, axis=a, keepdims=k), -1, f(np.where(nan, far, x), axis=a, keepdims=k))
    return g


reduction("nanargmax", nanarg(np.argmax, -np.inf), ALL, lambda d: "int64", empty=False, single=True, smooth=False)
reduction("nanargmin", nanarg(np.argmin, np.inf), ALL, lambda d: "int64", empty=False, single=True, smooth=False)
reduction("nansum", lambda x, a, k: np.nansum(x, axis=a, keepdims=k, dtype=accumulator(x.dtype.name)), ALL, accumulator)
reduction("nanprod", lambda x, a, k: np.nanprod(x, axis=a, keepdims=k, dtype=accumulator(x.dtype.name)), ALL, accumulator)
reduction("nanmax", quiet(lambda x, a, k: np.nanmax(x, axis=a, keepdims=k)), ALL, same, empty=False)
reduction("nanmin", quiet(lambda x, a, k: np.nanmin(x, axis=a, keepdims=k)), ALL, same, empty=False)
reduction("nanmean", quiet(lambda x, a, k: np.nanmean(wide(x), axis=a, keepdims=k)), ALL, floating)
reduction("nanvar", quiet(lambda x, a, k: np.nanvar(wide(x), axis=a, keepdims=k)), ALL, floating)
reduction("nanstd", quiet(lambda x, a, k: np.nanstd(wide(x), axis=a, keepdims=k)), ALL, floating)
x = np.array([[0.5, np.nan, 2.0], [1.5, 0.25, np.nan]])
for op in ["nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin"]:
    f = getattr(np, op)
    for axis in [None, 1]:
        for d in FLOATS:
            y = x.astype(kind(d))
            cases.add(op, [y], np.asarray(f(wide(y), axis=axis)).astype(kind(d)), {"axis": axis}, TOL[d], "cs", ["transposed"])

# Without weights `average` is the mean; with weights of the whole shape or of one axis.
reduction("average", quiet(lambda x, a: np.mean(wide(x), axis=a)), ALL, floating, keep=False)


def average(x, w, axis):
    w = wide(w)
    if w.shape != x.shape:
        shape = [1] * x.ndim
        shape[axis] = -1
        w = np.broadcast_to(w.reshape(shape), x.shape)
    a = tuple(axis) if isinstance(axis, list) else axis
    with np.errstate(all="ignore"):
        return np.sum(wide(x) * w, axis=a) / np.sum(w, axis=a)


for i, shape in enumerate(SHAPES):
    x, w = numbers(shape, "float32"), numbers(shape, "float32", 0.5, 2, seed=4)
    for axis in axes_of(len(shape)):
        cases.add("average", [x, w], average(x, w, axis).astype("float32"), {"axis": axis}, 1e-6, "cs", [VIEWS[i % 4], VIEWS[(i + 1) % 4]])
        if isinstance(axis, int):
            w1 = numbers((shape[axis],), "float32", 0.5, 2, seed=5)
            cases.add("average", [x, w1], average(x, w1, axis).astype("float32"), {"axis": axis}, 1e-6)
for d in ALL:
    x, w = numbers((2, 3), d), np.array([1, 2, 3], "int32")
    out = floating(d)
    cases.add("average", [x, w], average(x, w, 1).astype(kind(out)), {"axis": 1}, TOL[out])
x, w = np.array([[0.5, 1.5], [2.0, 0.3]]), np.array([1.5, 0.7])
cases.add("average", [x, w], average(x, w, 1), {"axis": 1}, 1e-12, "csg")

cases.write()
