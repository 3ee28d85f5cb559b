"""Elementwise functions: writes elementwise.json and elementwise.npz.

Expected values are NumPy's or SciPy's in float64 (integers in their own type), rounded to the type of the result, with
the rounding to the argument's type done first. The types of results are those of Keras on JAX, with three exceptions:

- float64 stays float64, where Keras makes float32 of it (`sin`, `arccos`, `floor`, ...): that loses what was asked for.
- Integers of every width become float32 (Keras with 64-bit types on makes float64 of int64 in some functions and not
  in others).
- An integer with the default numbers of an activation becomes float32 (Keras with 64-bit types on: float64).

`sparsemax`: Keras 3.15 takes a wrong threshold where two elements survive; the cases follow the paper.
"""

import numpy as np
from scipy import special

from cases import BF16, FLOATS, INTS, SHAPES, Cases, numbers

cases = Cases("elementwise")
VIEWS = [None, "transposed", "reversed", "strided"]
HALF = {"float16": 2e-3, "bfloat16": 2e-2}
NP = {"bfloat16": BF16}
EDGES = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 3e4, -3e4]


def kind(dtype):
    return np.dtype(NP.get(dtype, dtype))


def name(x):
    return "bfloat16" if x.dtype == BF16 else x.dtype.name


def floating(dtype):
    return dtype if dtype in FLOATS else "float32"


def tolerance(dtype, f32=1e-6, f64=1e-12):
    return {"float32": f32, "float64": f64, **HALF}[dtype]


def rounded(y, dtype):
    with np.errstate(all="ignore"):
        return np.asarray(y, np.float64).astype(kind(dtype))


def wide(x):
    return np.asarray(x).astype(np.float64)


def by_shapes(op, make, f, result=lambda d: d, dtype="float32", kw=None, tol=None, checks="cs"):
    """All shapes in one type, with a view in turn."""
    for i, shape in enumerate(SHAPES):
        xs = make(shape, dtype)
        out = result(dtype)
        y = f(*xs)
        y = y.astype(kind(out)) if np.asarray(y).dtype.kind in "biu" and out not in FLOATS else rounded(y, out)
        t = tol if tol is not None else (tolerance(out) if out in FLOATS else "exact")
        cases.add(op, list(xs), y, kw, t, checks, [VIEWS[i % 4]] * len(xs))


def plain(f):
    """A function of float64 from one of several arguments."""
    def g(*xs):
        with np.errstate(all="ignore"):
            return f(*[wide(x) for x in xs])
    return g


# Functions of one number in floating point: name, function, interval, edges, smooth at given points.
def unary(op, f, low, high, edges=EDGES, smooth=(0.3, 0.7, 1.3), kw=None, result=floating, tol=None, half=True, ints=True):
    g = plain(f)
    by_shapes(op, lambda s, d: [numbers(s, d, low, high)], g, result, "float32", kw, tol)
    for d in ["float64"] + (["float16", "bfloat16"] if half else []):
        x = numbers((2, 5), d, low, high, seed=1)
        out = result(d)
        cases.add(op, [x], rounded(g(x), out), kw, (tol if tol == "exact" else None) or (tolerance(out) if out in FLOATS else "exact"), "cs")
    if ints:
        for d in INTS + ["bool"]:
            x = numbers((7,), d, max(int(np.ceil(low)), -3), min(int(high), 3), seed=2)
            out = result(d)
            cases.add(op, [x], rounded(g(x), out), kw, tol or (tolerance(out) if out in FLOATS else "exact"), "cs")
    for d in ["float32", "float64"]:
        x = np.array(edges, kind(d))
        out = result(d)
        cases.add(op, [x], rounded(g(x), out), kw, tol or (tolerance(out) if out in FLOATS else "exact"), "cs")
    if smooth:
        x = np.array(smooth, np.float64)
        cases.add(op, [x], g(x), kw, 1e-12, "csg")


def sigmoid(x):
    return special.expit(x)


def softplus(x):
    return np.logaddexp(0, x)


def sinc(x):
    return np.sinc(np.where(np.isinf(x), np.nan, x))


unary("angle", lambda x: np.arctan2(0.0, x), -3, 3)
unary("cbrt", np.cbrt, -30, 30, EDGES + [27.0, -8.0, 1e30, 1e-30])
unary("deg2rad", np.deg2rad, -360, 360, tol=None)
unary("rad2deg", np.rad2deg, -6, 6)
unary("exp2", np.exp2, -5, 5, EDGES[:9] + [100.0, -100.0, 127.0, 128.0, -126.0])
unary("fabs", np.abs, -3, 3)
unary("i0", special.i0, -3, 3, [np.nan, 0.0, -0.0, 1.0, -1.0, 5.0, -9.5, 20.0, 29.9, 30.1, 60.0, -80.0], tol=None)
unary("sinc", sinc, -3, 3, [np.nan, 0.0, -0.0, 0.25, -0.5, 1e-8])
unary("erf", special.erf, -3, 3)
unary("erfc", special.erfc, -3, 3, EDGES + [4.0, 5.9, 6.1, 9.0])
unary("erfinv", special.erfinv, -0.99, 0.99, [np.nan, 0.0, -0.0, 1.0, -1.0, 1.5, -2.0, 1e-6, -1e-9, 0.99999, -0.5, 0.49999],
      smooth=(-0.6, 0.2, 0.7), ints=False)
unary("rsqrt", lambda x: 1 / np.sqrt(x), 0.2, 4, [np.nan, np.inf, 0.0, 1.0, 4.0, -1.0, 1e30])
unary("exp", np.exp, -3, 3, EDGES[:9])
unary("expm1", np.expm1, -3, 3, EDGES[:9] + [1e-6])
unary("log", np.log, 0.2, 4)
unary("log1p", np.log1p, -0.5, 4, EDGES[:9] + [1e-6])
unary("log2", np.log2, 0.2, 4)
unary("log10", np.log10, 0.2, 4)
unary("sqrt", np.sqrt, 0.2, 4)
unary("reciprocal", lambda x: 1 / x, 0.5, 4)
unary("sin", np.sin, -3, 3, [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, 100.0])
unary("cos", np.cos, -3, 3, [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, 100.0])
unary("tan", np.tan, -1, 1, [np.nan, np.inf, 0.0, -0.0, 1.0])
unary("arcsin", np.arcsin, -1, 1, smooth=(-0.6, 0.2, 0.7))
unary("arccos", np.arccos, -1, 1, smooth=(-0.6, 0.2, 0.7))
unary("arctan", np.arctan, -3, 3)
unary("sinh", np.sinh, -3, 3, EDGES[:9])
unary("cosh", np.cosh, -3, 3, EDGES[:9])
unary("tanh", np.tanh, -3, 3)
unary("arcsinh", np.arcsinh, -3, 3)
unary("arccosh", np.arccosh, 1, 4, smooth=(1.3, 1.7, 2.5))
unary("arctanh", np.arctanh, -0.9, 0.9, smooth=(-0.6, 0.2, 0.7))
unary("floor", np.floor, -3, 3)
unary("ceil", np.ceil, -3, 3)

# Activations.
erf = special.erf
ACTIVATIONS = {
    "sigmoid": (sigmoid, None), "softplus": (softplus, None), "log_sigmoid": (lambda x: -softplus(-x), None),
    "softsign": (lambda x: x / (1 + np.abs(x)), None), "silu": (lambda x: x * sigmoid(x), None),
    "swish": (lambda x: x * sigmoid(x), None),
    "relu6": (lambda x: np.minimum(np.maximum(x, 0), 6), None),
    "hard_sigmoid": (lambda x: np.clip(x + 3, 0, 6) / 6, None),
    "hard_silu": (lambda x: x * np.clip(x + 3, 0, 6) / 6, None),
    "hard_swish": (lambda x: x * np.clip(x + 3, 0, 6) / 6, None),
    "selu": (lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0))), None),
    "celu": (lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), None),
    "elu": (lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), None),
    "leaky_relu": (lambda x: np.where(x >= 0, x, 0.2 * x), None),
    "tanh_shrink": (lambda x: x - np.tanh(x), None),
    "hard_shrink": (lambda x: np.where(np.abs(x) > 0.5, x, 0), None),
    "soft_shrink": (lambda x: np.where(x > 0.5, x - 0.5, np.where(x < -0.5, x + 0.5, 0)), None),
    "sparse_plus": (lambda x: np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4)), None),
    "sparse_sigmoid": (lambda x: np.clip((x + 1) / 2, 0, 1), None),
    "squareplus": (lambda x: (x + np.sqrt(x * x + 4)) / 2, None),
}
FINITE = [0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 0.75, -0.75]
for op, (f, kw) in ACTIVATIONS.items():
    edges = FINITE + ([20.0, -20.0] if op not in ("squareplus",) else [])
    unary(op, f, -3, 3, edges, (-1.7, -0.6, 0.3, 0.8, 1.6), kw)
unary("gelu", lambda x: 0.5 * x * (1 + erf(x / np.sqrt(2))), -3, 3, FINITE, (-1.7, 0.3, 1.6), {"approximate": False})
unary("gelu", lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x ** 3))), -3, 3, FINITE, (-1.7, 0.3, 1.6),
      {"approximate": True})
unary("celu", lambda x: np.where(x > 0, x, 2.5 * np.expm1(np.minimum(x, 0) / 2.5)), -3, 3, FINITE, (-1.7, 0.3, 1.6), {"alpha": 2.5})
unary("elu", lambda x: np.where(x > 0, x, 2.5 * np.expm1(np.minimum(x, 0))), -3, 3, FINITE, (-1.7, 0.3, 1.6), {"alpha": 2.5})
unary("leaky_relu", lambda x: np.where(x >= 0, x, 0.5 * x), -3, 3, FINITE, (-1.7, 0.3, 1.6), {"negative_slope": 0.5})
unary("squareplus", lambda x: (x + np.sqrt(x * x + 1)) / 2, -3, 3, FINITE, (-1.7, 0.3, 1.6), {"b": 1.0})
unary("hard_shrink", lambda x: np.where(np.abs(x) > 1.25, x, 0), -3, 3, FINITE, (-1.7, 0.3, 1.6), {"threshold": 1.25})
unary("soft_shrink", lambda x: np.where(x > 1.25, x - 1.25, np.where(x < -1.25, x + 1.25, 0)), -3, 3, FINITE, (-1.7, 0.3, 1.6),
      {"threshold": 1.25})
for d in FLOATS + INTS:
    out = d
    for i, shape in enumerate(SHAPES if d == "float32" else [(2, 3)]):
        x = numbers(shape, d)
        low = 0 if d[0] == "u" else -1
        v = [VIEWS[i % 4]]
        cases.add("hard_tanh", [x], np.clip(wide(x), low, 1).astype(kind(d)), views=v)
        cases.add("relu", [x], np.maximum(wide(x), 0).astype(kind(d)), views=v)
        cases.add("threshold", [x], np.where(wide(x) > 1, wide(x), 2).astype(kind(d)), {"threshold": 1, "default_value": 2}, views=v)
        cases.add("threshold", [numbers(shape, "float32")], np.where(numbers(shape, "float32") > 0.5, numbers(shape, "float32"), np.float32(-1.5)),
                  {"threshold": 0.5, "default_value": -1.5}, views=v)
x = np.array([-1.7, -0.6, 0.3, 1.6])
cases.add("hard_tanh", [x], np.clip(x, -1, 1), checks="csg")
cases.add("relu", [x], np.maximum(x, 0), checks="csg")
cases.add("threshold", [x], np.where(x > 0.5, x, 2), {"threshold": 0.5, "default_value": 2}, checks="csg")

for d in FLOATS:
    for i, (shape, axis) in enumerate([((4,), -1), ((2, 6), -1), ((4, 3), 0), ((2, 4, 3), 1), ((0, 2), -1), ((2, 0), -1), ((1, 2, 1, 2), 3),
                                       ((1, 2, 1, 2, 1), -2)]):
        if d != "float32" and i > 2:
            continue
        x = numbers(shape, d)
        a, b = np.split(wide(x), 2, axis)
        cases.add("glu", [x], rounded(a * sigmoid(b), d), {"axis": axis}, tolerance(d), "cs", [VIEWS[i % 4]])


def sparsemax(x, axis):
    x = np.moveaxis(wide(x), axis, -1)
    out = np.zeros_like(x)
    for i in np.ndindex(x.shape[:-1]):
        z = np.sort(x[i])[::-1]
        k = np.arange(1, len(z) + 1)
        n = np.sum(1 + k * z > np.cumsum(z))
        out[i] = np.maximum(x[i] - (np.cumsum(z)[n - 1] - 1) / n, 0)
    return np.moveaxis(out, -1, axis)


for d in FLOATS:
    for i, (shape, axis) in enumerate([((4,), -1), ((2, 5), -1), ((4, 3), 0), ((2, 4, 3), 1), ((0, 2), -1), ((1, 1), -1), ((1, 2, 1, 2), 3),
                                       ((1, 2, 1, 3, 1), -2)]):
        if d != "float32" and i > 2:
            continue
        x = numbers(shape, d, -1, 1)
        cases.add("sparsemax", [x], rounded(sparsemax(x, axis), d), {"axis": axis}, tolerance(d), "cs", [VIEWS[i % 4]])
x = np.array([[0.5, 0.2, -0.9, 0.7]])
cases.add("sparsemax", [x], sparsemax(x, -1), {"axis": -1}, 1e-12, "csg")
cases.add("glu", [x], x[:, :2] * sigmoid(x[:, 2:]), {"axis": -1}, 1e-12, "csg")


# Functions that keep the type.
def keeping(op, f, dtypes, low=-3, high=3, kw=None, smooth=None, tol="exact", edges=EDGES):
    for d in dtypes:
        for i, shape in enumerate(SHAPES if d == dtypes[0] else [(2, 5)]):
            x = numbers(shape, d, low, high)
            cases.add(op, [x], np.asarray(f(x)).astype(kind(d)), kw, tol, "cs", [VIEWS[i % 4]])
    for d in [d for d in dtypes if d in ("float32", "float64")]:
        x = np.array(edges, d)
        with np.errstate(all="ignore"):
            cases.add(op, [x], np.asarray(f(x)).astype(d), kw, tol, "cs")
    if smooth is not None:
        x = np.array(smooth)
        cases.add(op, [x], f(x), kw, 1e-12, "csg")


NUMBERS = FLOATS + INTS
ALL = NUMBERS + ["bool"]
SMOOTH = (-1.3, 0.4, 2.2)
keeping("abs", np.abs, ALL, smooth=SMOOTH)
keeping("absolute", np.abs, ALL, smooth=SMOOTH)
keeping("negative", lambda x: -x, NUMBERS, smooth=SMOOTH)
keeping("sign", lambda x: np.sign(x), NUMBERS, smooth=SMOOTH)
keeping("square", lambda x: x * x, NUMBERS, smooth=SMOOTH, tol="exact", edges=EDGES[:9])
cases.add("square", [np.array([True, False])], np.array([1, 0], "int32"))
keeping("trunc", lambda x: np.trunc(wide(x)), ALL, smooth=SMOOTH)
keeping("round", lambda x: np.round(wide(x)), NUMBERS, smooth=SMOOTH)
for d in ["float32", "float64"]:
    x = np.array([0.5, 1.5, -2.5, 0.49999997, 8388609.0, -0.2], d)
    cases.add("round", [x], np.round(x))
    x = np.array([1.25, -0.375, 123.456, 0.06, np.nan, np.inf, -np.inf, 0.0], d)
    for n in [1, 2, -1, -2]:
        cases.add("round", [x], rounded(np.round(wide(x), n), d), {"decimals": n}, tolerance(d))
for i, shape in enumerate(SHAPES):
    x = numbers(shape, "float32", -300, 300)
    cases.add("round", [x], rounded(np.round(wide(x), 1), "float32"), {"decimals": 1}, 1e-6, "cs", [VIEWS[i % 4]])
    cases.add("round", [x], rounded(np.round(wide(x), -1), "float32"), {"decimals": -1}, 1e-6, "cs", [VIEWS[i % 4]])
for d in INTS:
    x = numbers((9,), d, -90, 90)
    cases.add("round", [x], x, {"decimals": 2})
    cases.add("round", [x], np.round(wide(x), -1).astype(d), {"decimals": -1})
for d in ["float16", "bfloat16"]:
    x = numbers((9,), d)
    cases.add("round", [x], rounded(np.round(wide(x), 1), d), {"decimals": 1}, HALF[d])
for op in ["conj", "conjugate", "real", "copy"]:
    keeping(op, lambda x: x, ALL, smooth=SMOOTH)
keeping("imag", lambda x: np.zeros_like(x), ALL, smooth=SMOOTH)
keeping("stop_gradient", lambda x: x, ALL)
for op in ["bitwise_not", "bitwise_invert"]:
    keeping(op, np.invert, INTS + ["bool"])
keeping("nan_to_num", np.nan_to_num, ["float32", "float64"] + INTS + ["bool"], smooth=SMOOTH)
keeping("nan_to_num", lambda x: np.nan_to_num(x, nan=1.5, posinf=7, neginf=-8), ["float32", "float64"],
        kw={"nan": 1.5, "posinf": 7, "neginf": -8})
x = np.array([np.nan, np.inf, -np.inf, 2], "float16")
cases.add("nan_to_num", [x], np.array([0, 65504, -65504, 2], "float16"))
x = np.array([np.nan, np.inf, -np.inf, 2], "float32").astype(BF16)
big = np.array(0x7F7F, np.uint16).view(BF16)
cases.add("nan_to_num", [x], np.array([0, big, -big, 2]).astype(BF16))
keeping("clip", lambda x: np.clip(wide(x), 1, 2), NUMBERS, kw={"x_min": 1, "x_max": 2}, smooth=(-1.3, 1.4, 2.2))
for d in INTS:
    x = numbers((6,), d)
    cases.add("clip", [x], np.clip(x.astype("float32"), 0.5, 2.5), {"x_min": 0.5, "x_max": 2.5})
cases.add("clip", [np.array([True, False])], np.array([1, 0], "int32"), {"x_min": 0, "x_max": 2})
for shape in SHAPES:
    x = numbers(shape, "float32")
    cases.add("clip", [x], np.clip(x, np.float32(-0.5), np.float32(0.5)), {"x_min": -0.5, "x_max": 0.5})

# Truth values of one number.
for op, f in {"isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite, "isneginf": np.isneginf, "isposinf": np.isposinf,
              "signbit": np.signbit, "isreal": np.isreal, "logical_not": np.logical_not}.items():
    for d in ALL:
        for i, shape in enumerate(SHAPES if d == "float32" else [(2, 3)]):
            x = numbers(shape, d)
            cases.add(op, [x], f(wide(x)), views=[VIEWS[i % 4]])
        if d in FLOATS:
            x = np.array(EDGES).astype(kind(d))
            cases.add(op, [x], f(wide(x)))

# Two arguments.
PAIRS = [((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 4)), ((0,), (1,)), ((2, 0, 3), (1, 3)), ((), (2, 3)), ((2, 3, 1, 2), (3, 4, 1)),
         ((1, 2, 1, 3, 2), (2, 1, 3, 1))]


def binary(op, f, dtypes, result=lambda d: d, low=-3, high=3, tol=None, smooth=None, edges=None, low2=None, high2=None):
    low2, high2 = low if low2 is None else low2, high if high2 is None else high2
    for d in dtypes:
        for i, (s, t) in enumerate(PAIRS if d == dtypes[0] else [((2, 3), (3,))]):
            x, y = numbers(s, d, low, high), numbers(t, d, low2, high2, seed=5)
            out = result(d)
            with np.errstate(all="ignore"):
                z = f(x, y) if d not in FLOATS else f(wide(x), wide(y))
            z = rounded(z, out) if out in FLOATS else np.asarray(z).astype(out)
            tt = tol or (tolerance(out) if out in FLOATS else "exact")
            cases.add(op, [x, y], z, None, tt, "cs", [VIEWS[i % 4], VIEWS[(i + 1) % 4]])
    if edges:
        for d in ["float32", "float64"]:
            x, y = [np.array(v, d) for v in zip(*edges)]
            with np.errstate(all="ignore"):
                z = rounded(f(wide(x), wide(y)), result(d)) if result(d) in FLOATS else f(x, y)
            cases.add(op, [x, y], z, None, tol or (tolerance(d) if result(d) in FLOATS else "exact"), "cs")
    if smooth:
        x, y = [np.array(v, "float64") for v in zip(*smooth)]
        cases.add(op, [x, y], f(x, y), None, 1e-12, "csg")


ENDS = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.5]
CROSS = [(a, b) for a in ENDS for b in ENDS]
SOFT = [(0.7, 1.9), (-1.2, 0.6), (2.3, -0.8)]


def np_divide_no_nan(x, y):
    return np.where(y == 0, 0, np.divide(x, np.where(y == 0, 1, y)))


def int_floor_divide(x, y):
    return np.floor_divide(x, y) if x.dtype.kind != "f" else np.floor(x / y)


binary("add", np.add, ALL, tol="ulps:1", smooth=SOFT, edges=CROSS)
binary("subtract", np.subtract, NUMBERS, tol="ulps:1", smooth=SOFT, edges=CROSS)
binary("multiply", np.multiply, ALL, tol="ulps:1", smooth=SOFT, edges=CROSS)
for op in ["divide", "true_divide"]:
    binary(op, lambda x, y: np.divide(wide(x), wide(y)), ALL, floating, 1, 4, "ulps:1", SOFT, CROSS)
binary("divide_no_nan", lambda x, y: np_divide_no_nan(wide(x), wide(y)), ALL, floating, -2, 4, "ulps:1", SOFT, CROSS)
binary("maximum", np.maximum, ALL, smooth=SOFT, edges=CROSS)
binary("minimum", np.minimum, ALL, smooth=SOFT, edges=CROSS)
binary("fmax", np.fmax, ALL, smooth=SOFT, edges=CROSS)
binary("fmin", np.fmin, ALL, smooth=SOFT, edges=CROSS)
binary("floor_divide", lambda x, y: np.floor(x / y) if x.dtype.kind == "f" else np.floor_divide(x, y), NUMBERS, low2=1, high2=4)
binary("mod", np.mod, NUMBERS, low2=1, high2=4, smooth=[(0.7, 1.9), (-1.2, 0.7), (2.3, -0.8)])
binary("fmod", np.fmod, NUMBERS, low2=1, high2=4, smooth=[(0.7, 1.9), (-1.2, 0.7), (2.3, -0.8)], edges=CROSS)
for op, f in [("floor_divide", np.floor_divide), ("mod", np.mod), ("fmod", np.fmod)]:
    x, y = np.array([7, -7, 7, -7, 5, -128], "int8"), np.array([3, 3, -3, -3, 0, -1], "int8")
    with np.errstate(all="ignore"):
        cases.add(op, [x, y], f(x, y))
    x, y = np.array([True, False, True]), np.array([True, True, False])
    with np.errstate(all="ignore"):
        cases.add(op, [x, y], f(x.astype("int32"), y.astype("int32")))
binary("power", lambda x, y: np.power(wide(x), wide(y)), NUMBERS, low=1, high=3, low2=0, high2=3, smooth=[(0.7, 1.9), (1.2, 0.6)])
cases.add("power", [np.array([True, False]), np.array([True, False])], np.array([1, 1], "int32"))
binary("arctan2", np.arctan2, ["float32", "float64", "float16", "bfloat16"], smooth=SOFT, edges=CROSS)
for d in INTS:
    x, y = numbers((5,), d), numbers((5,), d, seed=3)
    cases.add("arctan2", [x, y], rounded(np.arctan2(wide(x), wide(y)), "float32"), tolerance=1e-6)
binary("hypot", lambda x, y: np.hypot(wide(x), wide(y)), ALL, floating, smooth=SOFT, edges=CROSS + [(3e38, 4e37)])
binary("logaddexp", lambda x, y: np.logaddexp(wide(x), wide(y)), ALL, floating, smooth=SOFT, edges=CROSS + [(500.0, 501.0)])
binary("logaddexp2", lambda x, y: np.logaddexp2(wide(x), wide(y)), ALL, floating, smooth=SOFT, edges=CROSS + [(500.0, 501.0)])
binary("heaviside", lambda x, y: np.heaviside(wide(x), wide(y)), ALL, floating, smooth=SOFT, edges=[(a, 0.5) for a in ENDS])
for d in FLOATS:
    for i, (s, t) in enumerate(PAIRS if d == "float32" else PAIRS[:3]):
        x, y = numbers(s, d), numbers(t, d, seed=4)
        bx, by = np.broadcast_arrays(x, y)
        cases.add("nextafter", [x, y], np.nextafter(bx, by).astype(kind(d)), views=[VIEWS[i % 4], None])
    x, y = [np.array(v).astype(kind(d)) for v in zip(*[(1, 2), (2, 1), (1, 1), (-1, 1), (np.inf, 0), (1, np.inf), (np.nan, 1), (1, np.nan)])]
    cases.add("nextafter", [x, y], np.nextafter(x, y))
for op, f in [("gcd", np.gcd), ("lcm", np.lcm)]:
    for d in INTS:
        for i, (s, t) in enumerate(PAIRS if d == "int32" else PAIRS[2:4]):
            x, y = numbers(s, d, -10, 10), numbers(t, d, -10, 10, seed=4)
            cases.add(op, [x, y], f(x, y).astype(d), views=[VIEWS[i % 4], None])
    x, y = np.array([0, 0, 12, -12, 17]), np.array([0, 5, 18, 18, 0])
    cases.add(op, [x, y], f(x, y))

for op, f in {"equal": np.equal, "not_equal": np.not_equal, "less": np.less, "less_equal": np.less_equal, "greater": np.greater,
              "greater_equal": np.greater_equal, "logical_and": np.logical_and, "logical_or": np.logical_or,
              "logical_xor": np.logical_xor}.items():
    binary(op, f, ALL, lambda d: "bool", -1, 1)
    for d in ["float32", "float64"]:
        x, y = [np.array(v, d) for v in zip(*CROSS)]
        cases.add(op, [x, y], f(x, y))
for op, f in {"bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or, "bitwise_xor": np.bitwise_xor}.items():
    binary(op, f, INTS + ["bool"], low=-9, high=9)
for op, f in {"left_shift": np.left_shift, "bitwise_left_shift": np.left_shift, "right_shift": np.right_shift,
              "bitwise_right_shift": np.right_shift}.items():
    binary(op, f, INTS, low=-9, high=9, low2=0, high2=5)
cases.add("left_shift", [np.array([True, True]), np.array([True, False])], np.array([2, 1], "int32"))

for d in FLOATS + ["int32", "uint8"]:
    for i, (s, t) in enumerate(PAIRS if d == "float32" else PAIRS[2:4]):
        x, n = numbers(s, d), numbers(t, "int32", -5, 5)
        out = floating(d)
        cases.add("ldexp", [x, n], rounded(np.ldexp(wide(x), n), out), views=[VIEWS[i % 4], None])
for d in ["float32", "float64"]:
    x, n = np.array([1, 1, -1, 0, np.inf, np.nan, 1e-30, 1e30], d), np.array([100, -100, 3, 900, -5, 2, 150, -150], "int64")
    with np.errstate(all="ignore"):
        cases.add("ldexp", [x, n], rounded(np.ldexp(wide(x), n), d))
cases.add("ldexp", [np.array([0.7, -1.9]), np.array([3, -2], "int8")], np.array([5.6, -0.475]), None, 1e-12, "csg")

for d in FLOATS + ["int32"]:
    for i, (s, t) in enumerate(PAIRS if d == "float32" else PAIRS[2:4]):
        a, x = numbers(s, d, 1, 5), numbers(t, d, 0, 6, seed=9)
        out = floating(d)
        cases.add("gammainc", [a, x], rounded(special.gammainc(wide(a), wide(x)), out), None, tolerance(out), "cs", [VIEWS[i % 4], None])
a, x = [np.array(v, "float64") for v in zip(*[(0.5, 1e-8), (0.1, 0.1), (3, 20), (20, 3), (100, 100), (100, 120), (1e4, 9900), (5e5, 5e5 + 700), (2e6, 2e6),
                                             (2e6, 2001000), (1e8, 99990000), (0, 1), (1, 0), (2, np.inf), (-1, 1), (1, -1), (np.nan, 1), (30, 1), (12, 30)])]
cases.add("gammainc", [a, x], special.gammainc(a, x), None, 1e-10, "cs")
cases.add("gammainc", [np.array([1, 2, 4], "int32"), np.array([0.7, 1.6, 3.1])], special.gammainc([1, 2, 4], [0.7, 1.6, 3.1]), None, 1e-12, "csg")

for i, (s, t) in enumerate(PAIRS):
    x = numbers(s, "float32")
    y = numbers(t, "float32", seed=7)
    near = np.broadcast_arrays(x, y)[0] * np.float32(1.000001)
    cases.add("isclose", [x, y], np.isclose(x, y), views=[VIEWS[i % 4], None])
    cases.add("isclose", [x, near], np.isclose(x, near))
    cases.add("allclose", [x, near], np.asarray(np.allclose(x, near)))
    cases.add("allclose", [x, y], np.asarray(np.allclose(x, y)))
for d in ALL:
    x, y = numbers((5,), d), numbers((5,), d, seed=2)
    cases.add("isclose", [x, y], np.isclose(wide(x), wide(y)))
    cases.add("allclose", [x, x], np.asarray(True))
x, y = [np.array(v) for v in zip(*CROSS)]
for kw in [{}, {"equal_nan": True}, {"rtol": 0.5}, {"atol": 2.0}]:
    cases.add("isclose", [x, y], np.isclose(x, y, **kw), kw)
    cases.add("allclose", [x, y], np.asarray(np.allclose(x, y, **kw)), kw)
    cases.add("allclose", [x, x], np.asarray(np.allclose(x, x, **kw)), kw)

for d in ALL:
    for i, shape in enumerate(SHAPES if d == "int32" else [(2, 3)]):
        x, y = numbers(shape, d), numbers((3,), d, seed=8)
        cases.add("isin", [x, y], np.isin(x, y), views=[VIEWS[i % 4], None])
        cases.add("isin", [x, y], np.isin(x, y, invert=True), {"invert": True})
cases.add("isin", [np.array([1.0, np.nan]), np.array([np.nan, 1.0])], np.array([True, False]))
cases.add("isin", [np.array([1, 2]), np.zeros((0, 2), "int64")], np.array([False, False]))
cases.add("isin", [np.array([1, 2]), np.array(2)], np.array([False, True]))

for d in ALL:
    for i, shape in enumerate(SHAPES if d == "float32" else [(2, 3)]):
        c, x, y = numbers(shape, "bool"), numbers(shape, d), numbers(shape, d, seed=6)
        cases.add("where", [c, x, y], np.where(c, x, y), views=[VIEWS[i % 4], None, VIEWS[(i + 1) % 4]])
        c2, z = numbers(shape, "bool", seed=3), numbers((), d, seed=9)
        cases.add("select", [c, c2, x, y, z], np.select([c, c2], [x, y], z) if shape else np.where(c, x, np.where(c2, y, z)), {"n": 2})
x, y = np.array([0.3, 0.6, -2.0]), np.array([1.3, 2.6, 5.0])
cases.add("where", [np.array([True, False, True]), x, y], np.where([True, False, True], x, y), checks="csg")
cases.add("select", [np.array([True, False, False]), np.array([True, True, False]), x, y, np.array(7.0)], np.array([0.3, 2.6, 7.0]), {"n": 2}, checks="csg")

# Casts: integers wrap, floats drop the fraction.
for d in ALL:
    for to in ALL:
        x = numbers((7,), d, -3, 3) if d[0] != "u" else numbers((7,), d, 0, 3)
        if to in FLOATS or d not in FLOATS:
            y = x.astype(kind(to))
        else:
            y = np.trunc(wide(x)).clip(0 if to[0] == "u" else None).astype(to) if to != "bool" else x.astype(bool)
        cases.add("cast", [x], y, {"dtype": to})


def saturated(x, to):
    if to == "bool":
        return np.clip(wide(x), 0, 1).astype(bool)
    if to in FLOATS:
        if x.dtype.kind in "biu":
            return x.astype(kind(to))
        # Infinities too become the largest number that both types have.
        edge = min(BIG[to], BIG[name(x)])
        return np.clip(wide(x), -edge, edge).astype(kind(to))
    r = np.iinfo(to)
    flat = x.ravel().tolist() if x.dtype.kind in "biu" else [int(np.clip(v, -1e30, 1e30)) for v in wide(x).ravel().tolist()]
    return np.array([min(max(v, r.min), r.max) for v in flat], to).reshape(x.shape)


BIG = {"float16": 65504.0, "bfloat16": float(big), "float32": float(np.finfo("float32").max), "float64": float(np.finfo("float64").max)}
for d in ALL:
    if d in FLOATS:
        x = np.array([0, -1.5, 2.5, 300, -300, 60000, -70000] + ([1e30, -1e30] if d in ("float32", "float64") else [])).astype(kind(d))
    elif d == "bool":
        x = np.array([True, False])
    else:
        r = np.iinfo(d)
        x = np.array([r.min, r.max, 0, 1, 100, r.max // 2, r.min // 2], d)
    for to in ALL:
        if d in ("int64", "uint64", "uint32", "int32") and to in ("float16",):
            continue
        cases.add("saturate_cast", [x], saturated(x, to), {"dtype": to})
for i, shape in enumerate(SHAPES):
    x = numbers(shape, "int32", -500, 500)
    cases.add("saturate_cast", [x], np.clip(x, 0, 255).astype("uint8"), {"dtype": "uint8"}, views=[VIEWS[i % 4]])
    cases.add("cast", [x], x.astype("uint8"), {"dtype": "uint8"}, views=[VIEWS[i % 4]])
x = np.array([0.4, -2.0])
cases.add("cast", [x], x, {"dtype": "float64"}, checks="csg")
cases.add("saturate_cast", [x], x, {"dtype": "float64"}, checks="csg")

# Element types that the cases above leave out. Whole numbers count as float32 where the result is a fraction.
for d in INTS + ["bool"]:
    x = numbers((7,), d, -1, 1)
    cases.add("erfinv", [x], rounded(special.erfinv(wide(x)), "float32"))
    x = numbers((2, 6), d)
    cases.add("glu", [x], rounded(wide(x)[:, :3] * sigmoid(wide(x)[:, 3:]), "float32"), {"axis": -1}, 1e-6)
    cases.add("sparsemax", [x], rounded(sparsemax(x, -1), "float32"), {"axis": -1}, 1e-6)
    x, y = numbers((5,), d), numbers((5,), d, seed=3)
    cases.add("nextafter", [x, y], np.nextafter(x.astype("float32"), y.astype("float32")))
    a = numbers((5,), d, 1, 5)
    a = np.ones_like(a) if d == "bool" else a
    x = numbers((5,), d, 0, 6, seed=9)
    cases.add("gammainc", [a, x], rounded(special.gammainc(wide(a), wide(x)), "float32"), None, 1e-6)
    x, n = numbers((5,), d), numbers((5,), "int32", -5, 5)
    cases.add("ldexp", [x, n], rounded(np.ldexp(wide(x), n), "float32"))
x, y = np.array([True, False, True]), np.array([4, 6, -3], "int8")
cases.add("gcd", [x, y], np.gcd(x.astype("int8"), y))
cases.add("lcm", [x, y], np.lcm(x.astype("int8"), y))
cases.add("subtract", [x, y], x.astype("int8") - y)
cases.add("subtract", [x, y.astype("float32")], x - y.astype("float32"))
x, y = np.array([True, True, False, False]), np.array([True, False, True, False])
cases.add("arctan2", [x, y], rounded(np.arctan2(wide(x), wide(y)), "float32"), None, 1e-6)
for op, f in {"bitwise_left_shift": np.left_shift, "right_shift": np.right_shift, "bitwise_right_shift": np.right_shift}.items():
    cases.add(op, [x, y], f(x.astype("int32"), y.astype("int32")))
cases.add("hard_tanh", [x], x.astype("int32"))
cases.add("threshold", [x], np.where(x, 1, 2).astype("int32"), {"threshold": 0, "default_value": 2})

cases.write()
