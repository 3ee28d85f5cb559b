"""Golden cases of products and linear algebra: writes linalg.json and linalg.npz.

Values are computed by NumPy in float64 (integers exactly) and rounded to the type that Keras on JAX gives; einsum,
tensordot and cross are called through Keras as well, to see that types and shapes agree. Where we differ:
- cholesky and eigh read one triangle (NumPy), Keras on JAX averages both;
- cholesky_inverse transposes matrices of a batch, Keras on NumPy transposes all axes;
- cdist of unsigned integers does not wrap around;
- solve takes `b` of shape a.shape[:-1] as vectors, as Keras documents; NumPy 2 only where it has one axis;
- corrcoef of one variable that does not vary is NaN, as elsewhere.
Vectors of svd and eigh have their signs fixed by the first row of U and V, by the reader too.

Run with: KERAS_BACKEND=jax JAX_PLATFORMS=cpu JAX_ENABLE_X64=1 python linalg.py
"""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_ENABLE_X64", "1")
import keras  # noqa: E402
import numpy as np  # noqa: E402
import scipy.linalg as sl  # noqa: E402
from cases import BF16, FLOATS, INTS, Cases, numbers  # noqa: E402

C = Cases("linalg")
TOLERANCE = {"float32": 2e-5, "float64": 1e-11, "float16": 4e-3, "bfloat16": 3e-2}
LIGHT = {"float32": 1e-6, "float64": 1e-12, "float16": 2e-3, "bfloat16": 2e-2}
ALL = FLOATS + INTS


def np_type(dtype):
    return BF16 if dtype == "bfloat16" else np.dtype(dtype)


def is_float(dtype):
    return dtype in FLOATS


def wide(x):
    x = np.asarray(x)
    return x.astype(np.float64) if x.dtype.name in FLOATS else x


def meet(*dtypes):
    """Keras's promotion for the pairs that occur here: a float wins over integers, wider floats over narrower ones."""
    floats = [d for d in dtypes if is_float(d)] or list(dtypes)
    if len(set(floats)) == 1:
        return floats[0]
    return "float64" if "float64" in floats else "float32"


# ---- Products ----


def product(op, f, xs, kw=None, views=None, checks="cs", out=None):
    """A case whose result has the type in which the operands meet."""
    dtypes = [np.asarray(x).dtype.name for x in xs]
    out = out or meet(*dtypes)
    want = f(*[wide(x) for x in xs])
    tolerance = LIGHT[out] if is_float(out) else "exact"
    C.add(op, xs, [np.asarray(want).astype(np_type(out))], kw, tolerance, checks, views)


def products():
    pairs = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((2, 2, 3), (3, 2)),
             ((2, 1, 2, 3), (3, 3, 1)), ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((1, 1), (1, 1)), ((3,), (2, 3, 2)),
             ((5, 2, 3), (3,)), ((0,), (0,)), ((2, 1, 1, 2, 3), (3, 3, 1))]
    for dtype in FLOATS[:2] + ["int32"]:
        for a, b in pairs:
            product("matmul", np.matmul, [numbers(a, dtype), numbers(b, dtype, seed=1)])
    for dtype in ALL:
        out = "int32" if dtype == "int8" else dtype
        product("matmul", np.matmul, [numbers((2, 3), dtype), numbers((3, 2), dtype, seed=1)], out=out)
        assert keras.ops.matmul(np.ones((1, 1), np_type(dtype)), np.ones((1, 1), np_type(dtype))).dtype == np_type(out)
    product("matmul", np.matmul, [numbers((3, 2), "float32"), numbers((2, 3), "float64")], views=["transposed", "reversed"])
    product("matmul", np.matmul, [numbers((2, 3), "float64"), numbers((3, 2), "float64")], views=["strided", "transposed"], checks="csg")
    product("matmul", np.matmul, [numbers((3,), "float64"), numbers((3, 2), "float64")], checks="csg")
    any_pairs = [((), ()), ((), (3,)), ((2, 3), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), (3, 2)), ((2, 2, 3), (2, 3, 2)),
                 ((0,), (0,)), ((2, 0), (0, 3)), ((1, 1, 1), (1,)), ((3,), (2, 3, 1)), ((1, 2, 1, 2, 3), (3, 2))]
    same_last = [((), ()), ((), (3,)), ((2, 3), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), (4, 3)), ((2, 2, 3), (1, 3)),
                 ((0,), (0,)), ((2, 0), (3, 0)), ((1, 1, 1), (1,)), ((3,), (2, 1, 3)), ((1, 2, 1, 2, 3), (2, 3))]
    same_size = [((), ()), ((3,), (3,)), ((2, 3), (6,)), ((2, 3), (3, 2)), ((1,), (1, 1)), ((0,), (2, 0)), ((2, 2, 2), (8,)), ((4, 1), (1, 4)), ((1, 2, 1, 3, 2), (3, 4))]
    for name, shapes, f in [("dot", any_pairs, np.dot), ("inner", same_last, np.inner),
                            ("vdot", same_size, lambda x, y: np.sum(x.ravel() * y.ravel(), dtype=np.result_type(x, y))),
                            ("outer", any_pairs, np.outer), ("kron", any_pairs, np.kron)]:
        for dtype in ["float32", "float64"]:
            for a, b in shapes:
                product(name, f, [numbers(a, dtype), numbers(b, dtype, seed=1)])
        for dtype in ALL:
            a, b = shapes[4]
            product(name, f, [numbers(a, dtype, -2, 2), numbers(b, dtype, -2, 2, seed=1)])
        a, b = shapes[3]
        product(name, f, [numbers(a, "int16"), numbers(b, "float16", seed=1)])
        product(name, f, [numbers(a, "float32"), numbers(b, "float32", seed=1)], views=["reversed", "strided"])
        product(name, f, [numbers(a, "float64"), numbers(b, "float64", seed=1)], checks="csg")


def tensordots():
    cases = [((2, 3), (3, 4), 1), ((2, 3, 4), (3, 4, 2), 2), ((2,), (3,), 0), ((2, 3), (2, 3), 2), ((3, 2, 4), (2, 3, 5), [[0, 1], [1, 0]]),
             ((2, 3, 4), (4, 2), [[-1], [0]]), ((2, 3), (3, 2), [[0, 1], [1, 0]]), ((), (), 0), ((0, 2), (2, 3), 1), ((2, 0), (0, 3), 1),
             ((1, 2, 1, 3), (3, 1), [[3, 2], [0, 1]]), ((2, 1, 2, 1, 3), (3, 2, 1), [[4, 1], [0, 2]])]
    for dtype in ["float32", "float64"]:
        for a, b, axes in cases:
            f = lambda x, y: np.tensordot(x, y, axes)  # noqa: E731
            product("tensordot", f, [numbers(a, dtype), numbers(b, dtype, seed=1)], {"axes": axes})
    for dtype in ALL:
        product("tensordot", lambda x, y: np.tensordot(x, y, 1), [numbers((2, 3), dtype, -2, 2), numbers((3, 2), dtype, -2, 2, 1)], {"axes": 1})
    product("tensordot", lambda x, y: np.tensordot(x, y, 2), [numbers((2, 2, 2), "float32"), numbers((2, 2), "float32")], {"axes": 2}, ["transposed", "reversed"])
    product("tensordot", lambda x, y: np.tensordot(x, y, [[1], [1]]), [numbers((2, 3), "float64"), numbers((2, 3), "float64", seed=1)], {"axes": [[1], [1]]}, checks="csg")


def einsums():
    cases = [
        ("ij,jk->ik", [(2, 3), (3, 4)]), ("ij,jk", [(2, 3), (3, 4)]), ("ij->ji", [(2, 3)]), ("ba", [(2, 3)]), ("ii", [(3, 3)]),
        ("ii->i", [(3, 3)]), ("ij->", [(2, 3)]), ("i,i->", [(4,), (4,)]), ("i,j->ij", [(2,), (3,)]), ("...ij,...jk->...ik", [(2, 2, 3), (3, 4)]),
        ("...,...->...", [(2, 3), (3,)]), ("i...->...i", [(2, 3, 4)]), ("i...", [(2, 3)]), ("bij,bjk,bkl->bil", [(2, 2, 3), (2, 3, 2), (2, 2, 4)]),
        ("ij,kj,lj->ikl", [(2, 3), (2, 3), (1, 3)]), ("iij,jkk->ik", [(2, 2, 3), (3, 4, 4)]), ("iii->i", [(3, 3, 3)]), ("ijij->ji", [(2, 3, 2, 3)]),
        (",->", [(), ()]), (",i->i", [(), (3,)]), ("ij,ij->ij", [(2, 3), (2, 3)]), ("ij,j->i", [(0, 3), (3,)]), ("ij,jk->ik", [(2, 0), (0, 3)]),
        (" a b , b c -> c a ", [(2, 3), (3, 4)]), ("bqhd,bkhd->bhqk", [(1, 2, 2, 3), (1, 4, 2, 3)]), ("i,i,i,i->", [(3,)] * 4),
        ("ij,ik->jk", [(1, 2), (3, 2)]), ("zA,Az", [(2, 3), (3, 2)]), ("ab...,b...c->...ac", [(2, 3, 2), (3, 2, 4)]), ("ijk,j->", [(2, 3, 2), (3,)]),
        ("abcde,ce->bda", [(2, 1, 2, 3, 2), (2, 2)]),
    ]
    for dtype in ["float32", "float64"]:
        for text, shapes in cases:
            xs = [numbers(s, dtype, seed=i) for i, s in enumerate(shapes)]
            if text != "ij,ik->jk":
                got = np.asarray(keras.ops.einsum(text, *xs))
                assert got.dtype == dtype and np.allclose(got, np.einsum(text, *[wide(x) for x in xs]), 1e-4, 1e-4), text
            product("einsum", lambda *x: np.einsum(text, *x), xs, {"subscripts": text})
    for dtype in ALL:
        out = "int32" if dtype == "int8" else dtype
        for text, shapes in [("ij,jk->ki", [(2, 3), (3, 2)]), ("iij,j,k->k", [(2, 2, 3), (3,), (2,)])]:
            xs = [numbers(s, dtype, -2, 2, seed=i) for i, s in enumerate(shapes)]
            product("einsum", lambda *x: np.einsum(text, *x), xs, {"subscripts": text}, out=out)
    xs = [numbers((2, 3), "float32"), numbers((3, 2), "float16")]
    product("einsum", lambda x, y: np.einsum("ij,jk->ik", x, y), xs, {"subscripts": "ij,jk->ik"}, ["transposed", "strided"])
    for text, shapes in [("ij,jk->ki", [(2, 3), (3, 1)]), ("ii->i", [(2, 2)]), ("ij,jk,k->i", [(2, 2), (2, 2), (2,)]), ("...i->i...", [(2, 3)])]:
        xs = [numbers(s, "float64", seed=i) for i, s in enumerate(shapes)]
        product("einsum", lambda *x: np.einsum(text, *x), xs, {"subscripts": text}, checks="csg")


def cross_of(x, y, a, b, c):
    x, y = np.moveaxis(x, a, -1), np.moveaxis(y, b, -1)
    both2 = x.shape[-1] == 2 and y.shape[-1] == 2
    pad = lambda v: np.concatenate([v, np.zeros_like(v[..., :1])], -1) if v.shape[-1] == 2 else v  # noqa: E731
    x, y = np.broadcast_arrays(pad(x), pad(y))
    z = np.stack([x[..., 1] * y[..., 2] - x[..., 2] * y[..., 1], x[..., 2] * y[..., 0] - x[..., 0] * y[..., 2],
                  x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0]], -1)
    return z[..., 2] if both2 else np.moveaxis(z, -1, c)


def crosses():
    shapes = [((3,), (3,)), ((2,), (2,)), ((2,), (3,)), ((4, 3), (3,)), ((2, 1, 3), (4, 2)), ((0, 3), (3,)), ((1, 3), (2, 3)), ((2, 2), (1, 2)), ((2, 1, 1, 3), (3,)), ((2, 1, 2, 1, 3), (2, 3))]
    for dtype in ["float32", "float64"]:
        for a, b in shapes:
            xs = [numbers(a, dtype), numbers(b, dtype, seed=1)]
            product("cross", lambda x, y: cross_of(x, y, -1, -1, -1), xs)
    for dtype in ALL:
        product("cross", lambda x, y: cross_of(x, y, -1, -1, -1), [numbers((2, 3), dtype, -2, 2), numbers((3,), dtype, -2, 2, 1)])
    product("cross", lambda x, y: cross_of(x, y, 0, 0, 0), [numbers((3, 2), "float32"), numbers((3, 2), "float32", seed=1)], {"axis": 0}, ["transposed", "reversed"])
    xs = [numbers((3, 4), "float32"), numbers((4, 3), "float32", seed=1)]
    assert np.allclose(np.asarray(keras.ops.cross(*xs, axisa=0, axisb=1, axisc=0)), cross_of(*xs, 0, 1, 0), 1e-4, 1e-4)
    product("cross", lambda x, y: cross_of(x, y, 0, 1, 0), xs, {"axes": [0, 1, 0]})
    product("cross", lambda x, y: cross_of(x, y, -1, -1, -1), [numbers((2, 3), "float64"), numbers((2,), "float64")], checks="csg")


def series():
    out = lambda d: "float64" if d == "int64" else d if d in FLOATS else "float32"  # noqa: E731
    f = {m: (lambda x, y, m=m: np.correlate(x.astype(np.float64), y.astype(np.float64), m)) for m in ["valid", "same", "full"]}
    for mode in f:
        for a, b in [(5, 3), (3, 5), (4, 4), (1, 1), (1, 4), (6, 2), (2, 6), (7, 1), (6, 3), (3, 6), (5, 4), (4, 5)]:
            x = [numbers((a,), "float64"), numbers((b,), "float64", seed=1)]
            assert np.allclose(np.asarray(keras.ops.correlate(*x, mode)), f[mode](*x)), (mode, a, b)
            product("correlate", f[mode], x, {"mode": mode})
            product("correlate", f[mode], [v.astype("float32") for v in x], {"mode": mode})
        product("correlate", f[mode], [numbers((3,), "float64"), numbers((2,), "float64", seed=1)], {"mode": mode}, checks="csg")
    for dtype in ALL:
        product("correlate", f["valid"], [numbers((5,), dtype), numbers((3,), dtype, seed=1)], {}, ["reversed", "strided"], out=out(dtype))
    corr = lambda x: np.corrcoef(x.astype(np.float64))  # noqa: E731
    for dtype in ALL:
        x = numbers((3, 5), dtype, -50, 50)
        assert np.asarray(keras.ops.corrcoef(x)).dtype == np_type(out(dtype)) or dtype[0] in "ui", dtype
        product("corrcoef", corr, [x], out=out(dtype), views=["transposed"])
    for s in [(5,), (1, 4), (2, 3), (4, 2), (2, 2), (3, 7), (6,), (5, 3)]:
        product("corrcoef", corr, [numbers(s, "float64")])
        product("corrcoef", corr, [numbers(s, "float32")])
    product("corrcoef", corr, [numbers((2, 3), "float64")], checks="csg")
    fl = lambda d: d if d in FLOATS else "float32"  # noqa: E731
    for dtype in ALL:
        for s, axis in [((5,), -1), ((2, 4), 0)]:
            product("trapezoid", lambda y: np.trapezoid(y.astype(np.float64), axis=axis), [numbers(s, dtype)], {"axis": axis}, out=fl(dtype), views=["reversed"])
    for dtype in ["float32", "float64"]:
        for s, axis in [((5,), 0), ((1,), -1), ((0,), -1), ((2, 3), -1), ((2, 3), 0), ((2, 0, 3), 2), ((2, 1, 4), 1), ((2, 3, 1, 2), 1), ((1, 2, 1, 3, 2), 3)]:
            product("trapezoid", lambda y: np.trapezoid(y, axis=axis, dx=0.5), [numbers(s, dtype)], {"axis": axis, "dx": 0.5})
    for s, xs, axis in [((5,), (5,), -1), ((2, 3), (3,), -1), ((2, 3), (2,), 0), ((2, 3), (2, 3), 1), ((2, 4, 3), (4, 3), -2)]:
        f2 = lambda y, x: np.trapezoid(y, x, axis=axis)  # noqa: E731
        product("trapezoid", f2, [numbers(s, "float64"), numbers(xs, "float64", seed=1)], {"axis": axis}, checks="csg" if s == (5,) else "cs")
    pairs = [((2, 3), (4, 3)), ((1, 1), (1, 1)), ((2, 2, 3), (2, 4, 3)), ((2, 1, 2, 3), (3, 1, 3)), ((0, 3), (2, 3)), ((2, 0), (3, 0)), ((3, 2), (1, 2)), ((1, 5), (1, 5)), ((1, 2, 1, 2, 3), (2, 1, 1, 4, 3))]
    dist = lambda x, y: np.sqrt(((x[..., :, None, :].astype(np.float64) - y[..., None, :, :]) ** 2).sum(-1))  # noqa: E731
    for dtype in ["float32", "float64"]:
        for a, b in pairs:
            product("cdist", dist, [numbers(a, dtype), numbers(b, dtype, seed=1)])
    for dtype in ALL:
        product("cdist", dist, [numbers((2, 3), dtype), numbers((2, 3), dtype, seed=1)], out=fl(dtype), views=["transposed", "strided"])
    product("cdist", dist, [numbers((2, 2), "float64"), numbers((2, 2), "float64", seed=1)], checks="csg")


# ---- Factorizations ----

SQUARE = [(1, 1), (2, 2), (3, 3), (0, 0), (2, 2, 2), (0, 2, 2), (2, 1, 3, 3), (1, 2, 1, 2, 2), (5, 5), (3, 1, 1), (40, 40)]
TALL = [(3, 2), (2, 3), (1, 4), (4, 1), (2, 4, 3), (0, 2, 3), (3, 0), (0, 3), (2, 1, 2, 2), (1, 2, 1, 3, 2), (30, 26)]


def general(shape, dtype, seed=0):
    """Well conditioned."""
    if dtype == "bool":
        return np.tri(*shape, dtype=bool)
    x = numbers(shape, "float64", -1, 1, seed)
    k = min(shape[-2:])
    if k:
        i = np.arange(k)
        x[..., i, (i + 1) % shape[-1]] += 3.0 + 0.7 * i * min(1.0, 8 / k)
    return small_ints(x, dtype)


def small_ints(x, dtype):
    if dtype in INTS or dtype == "bool":
        x = np.round(x)
        return np.abs(x).astype(dtype) if dtype[0] in "ub" else x.astype(dtype)
    return x.astype(np_type(dtype))


def positive(shape, dtype, seed=0):
    n = shape[-1]
    if dtype == "bool":
        return np.eye(n, dtype=bool)
    x = numbers(shape, "float64", -1, 1, seed)
    m = x @ np.swapaxes(x, -1, -2) + np.eye(n) * max(n, 1)
    return small_ints(np.round(m * 4) / 4, dtype)


def factored(op, f, xs, kw=None, views=None, checks="cs", scale=1.0):
    dtypes = [np.asarray(x).dtype.name for x in xs]
    out = meet(*dtypes)
    out = out if is_float(out) else "float32"
    want = f(*[np.asarray(x).astype(np.float64) for x in xs])
    want = list(want) if isinstance(want, tuple) else [want]
    want = [np.asarray(w) if np.asarray(w).dtype == np.int32 else np.asarray(w).astype(np_type(out)) for w in want]
    C.add(op, xs, want, kw, TOLERANCE[out] * scale, checks, views)


def every(op, f, make, shapes, kw=None, extra=(), views="transposed", ints=(*INTS, "bool"), scale=1.0):
    for dtype in ["float32", "float64"]:
        for s in shapes:
            factored(op, f, [make(s, dtype), *[e(s, dtype) for e in extra]], kw, scale=scale)
    for dtype in ["float16", "bfloat16", *ints]:
        x = make((2, 2), dtype)
        factored(op, f, [x, *[e((2, 2), dtype) for e in extra]], kw, [views] + [None] * len(extra), scale=scale)


def packed(x):
    if x.size == 0:
        return x, np.zeros(x.shape[:-2] + (min(x.shape[-2:]),), np.int32)
    flat = x.reshape((-1,) + x.shape[-2:])
    both = [sl.lu_factor(m) for m in flat]
    lu = np.stack([b[0] for b in both]).reshape(x.shape)
    return lu, np.stack([b[1] for b in both]).astype(np.int32).reshape(x.shape[:-2] + (-1,))


def triangular(a, b, lower):
    mask = np.tril if lower else np.triu
    return np.linalg.solve(mask(a), b[..., None])[..., 0] if b.ndim == 1 else np.linalg.solve(mask(a), b)


def signed_svd(x, full):
    m, n = x.shape[-2:]
    k = min(m, n)
    u, s, vh = np.linalg.svd(x, full_matrices=full)
    sign = np.sign(u[..., :1, :k]) if m else np.ones((1, k))
    head = (u[..., :k] * sign, s, vh[..., :k, :] * np.swapaxes(sign, -1, -2))
    return head + (np.swapaxes(u, -1, -2) @ u, vh @ np.swapaxes(vh, -1, -2))


def signed_eigh(x):
    w, v = np.linalg.eigh(x)
    return w, v * (np.sign(v[..., :1, :]) if x.shape[-1] else 1.0)


def factorizations():
    for upper in [False, True]:
        every("cholesky", lambda x: np.linalg.cholesky(x, upper=upper), positive, SQUARE, {"upper": upper})
        inverse = lambda f: np.linalg.inv(f.swapaxes(-1, -2) @ f) if upper else np.linalg.inv(f @ f.swapaxes(-1, -2))  # noqa: E731
        cut = np.triu if upper else np.tril
        every("cholesky_inverse", inverse, lambda s, d: cut(positive(s, d)), SQUARE, {"upper": upper}, views=None)
        factored("cholesky_inverse", inverse, [cut(positive((2, 2), "float64"))], {"upper": upper}, checks="csg")
        factored("cholesky", lambda x: np.linalg.cholesky(x, upper=upper), [positive((2, 2), "float64")], {"upper": upper}, checks="csg")
    factored("cholesky", np.linalg.cholesky, [positive((2, 2, 2), "float64", 3)], checks="csg")
    # Only one triangle is read.
    one = positive((3, 3), "float64")
    factored("cholesky", lambda x: np.linalg.cholesky(one), [np.tril(one) + np.triu(np.full((3, 3), np.nan), 1)])
    factored("eigh", lambda x: signed_eigh(one), [np.tril(one) + np.triu(np.full((3, 3), 7.0), 1)])

    every("det", np.linalg.det, lambda s, d: general(s, d) / np_type(d).type(4) if s[-1] > 5 else general(s, d), SQUARE[:-1], scale=20)
    every("slogdet", lambda x: tuple(np.linalg.slogdet(x)), general, SQUARE)
    every("logdet", lambda x: np.linalg.slogdet(x)[1], general, SQUARE)
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    factored("det", lambda x: np.array(0.0), [singular])
    factored("slogdet", lambda x: (np.array(0.0), np.array(-np.inf)), [singular])
    for op, f in [("det", np.linalg.det), ("slogdet", lambda x: tuple(np.linalg.slogdet(x))), ("logdet", lambda x: np.linalg.slogdet(x)[1]), ("inv", np.linalg.inv)]:
        factored(op, f, [general((2, 2), "float64")], checks="csg")
        factored(op, f, [general((2, 2, 2), "float64", 1)], checks="csg")
    every("inv", np.linalg.inv, general, SQUARE)
    every("lu_factor", packed, general, SQUARE + TALL)
    factored("lu_factor", packed, [np.array([[0.0, 0.0], [0.0, 1.0]])])

    vector = lambda s, d: small_ints(numbers(s[:-1], "float64", -2, 2, 5), d)  # noqa: E731
    columns = lambda s, d: small_ints(numbers(s[:-1] + (2,), "float64", -2, 2, 5), d)  # noqa: E731
    solve_v = lambda a, b: np.linalg.solve(a, b[..., None])[..., 0]  # noqa: E731
    every("solve", solve_v, general, SQUARE, extra=[vector], ints=())
    every("solve", np.linalg.solve, general, SQUARE, extra=[columns])
    factored("solve", np.linalg.solve, [general((2, 2), "float64"), numbers((3, 2, 2), "float64")])
    factored("solve", np.linalg.solve, [general((3, 1, 2, 2), "float64"), numbers((2, 2, 1), "float64")])
    factored("solve", np.linalg.solve, [general((2, 2), "float32"), numbers((2, 3), "float64")], views=["transposed", "reversed"])
    factored("solve", solve_v, [general((2, 2), "float64"), numbers((2,), "float64")], checks="csg")
    factored("solve", np.linalg.solve, [general((2, 2), "float64", 2), numbers((2, 2), "float64")], checks="csg")
    heavy = lambda s, d: positive(s, d)  # noqa: E731
    for lower in [False, True]:
        tri = lambda a, b: triangular(a, b, lower)  # noqa: E731
        tri_v = lambda a, b: triangular(a, b[..., None], lower)[..., 0]  # noqa: E731
        kw = {"lower": lower}
        every("solve_triangular", tri, heavy, SQUARE, kw, [columns])
        every("solve_triangular", tri_v, heavy, SQUARE[:6], kw, [vector], ints=())
        factored("solve_triangular", tri, [positive((2, 2), "float64"), numbers((3, 2, 2), "float64")], kw, ["transposed", "strided"])
        factored("solve_triangular", tri_v, [positive((2, 2), "float64"), numbers((2,), "float64")], kw, checks="csg")
        factored("solve_triangular", tri, [positive((2, 2), "float64"), numbers((2, 2), "float64")], kw, checks="csg")

    for mode in ["reduced", "complete"]:
        every("qr", lambda x: tuple(np.linalg.qr(x, mode)), general, SQUARE + TALL, {"mode": mode}, views="reversed")
        factored("qr", lambda x: tuple(np.linalg.qr(x, mode)), [general((2, 2), "float64")], {"mode": mode}, checks="csg")
    factored("qr", lambda x: tuple(np.linalg.qr(x)), [general((3, 2), "float64")], {"mode": "reduced"}, checks="csg")
    factored("qr", lambda x: tuple(np.linalg.qr(x)), [general((2, 2, 2), "float64")], {"mode": "reduced"}, checks="csg")

    shapes = [s for s in SQUARE[:-1] + TALL]
    for full in [False, True]:
        every("svd", lambda x: signed_svd(x, full), general, shapes, {"full_matrices": full}, views="strided")
    for s in [(2, 2), (3, 2), (2, 3)]:
        factored("svd", lambda x: signed_svd(x, False), [general(s, "float64")], {"full_matrices": False}, checks="csg")
        factored("singular_values", lambda x: np.linalg.svd(x, compute_uv=False), [general(s, "float64")], checks="csg")
    every("singular_values", lambda x: np.linalg.svd(x, compute_uv=False), general, shapes)
    factored("singular_values", lambda x: np.linalg.svd(x, compute_uv=False), [np.ones((3, 3))])
    factored("singular_values", lambda x: np.zeros(2), [np.zeros((2, 3))])
    factored("singular_values", lambda x: np.full(2, np.nan), [np.array([[1.0, np.nan], [0.0, np.inf]])])
    factored("eigh", lambda x: (np.full(2, np.nan), np.full((2, 2), np.nan)), [np.array([[np.inf, 0.0], [1.0, 2.0]])])

    symmetric = lambda s, d: small_ints((lambda x: x + np.swapaxes(x, -1, -2))(general(s, "float64")), d)  # noqa: E731
    every("eigh", signed_eigh, symmetric, SQUARE)
    factored("eigh", signed_eigh, [symmetric((2, 2), "float64")], checks="csg")
    factored("eigh", signed_eigh, [symmetric((2, 2, 2), "float64")], checks="csg")

    every("pinv", np.linalg.pinv, general, SQUARE[:-1] + TALL)
    factored("pinv", np.linalg.pinv, [np.ones((2, 3))])
    factored("pinv", lambda x: np.linalg.pinv(x, rcond=0.5), [np.diag([4.0, 1.0])], {"rcond": 0.5})
    for s in [(2, 2), (3, 2), (2, 3)]:
        factored("pinv", np.linalg.pinv, [general(s, "float64")], checks="csg")

    least = lambda a, b: np.linalg.lstsq(a, b)[0] if a.size else np.zeros(a.shape[1:] + b.shape[1:])  # noqa: E731
    flat = [s for s in SQUARE[:-1] + TALL if len(s) == 2]
    every("lstsq", least, general, flat, extra=[columns])
    every("lstsq", least, general, flat, extra=[vector], ints=())
    factored("lstsq", least, [np.ones((3, 2)), numbers((3,), "float64")])
    factored("lstsq", lambda a, b: np.linalg.lstsq(a, b, rcond=0.5)[0], [np.diag([4.0, 1.0]), np.ones(2)], {"rcond": 0.5})
    factored("lstsq", least, [general((3, 2), "float64"), numbers((3,), "float64")], checks="csg")
    factored("lstsq", least, [general((2, 3), "float64"), numbers((2, 1), "float64")], checks="csg")

    for dtype in FLOATS + INTS + ["bool"]:
        for s in SQUARE[:-1] + TALL[:-1] if dtype[:5] == "float" and dtype != "float16" else [(2, 2)]:
            x = general(s, dtype)
            C.add("matrix_rank", [x], [np.full(s[:-2], min(s[-2:]), np.int32)])
    C.add("matrix_rank", [np.ones((3, 3))], [np.int32(1)], views=["transposed"])
    C.add("matrix_rank", [np.zeros((2, 3), "float32")], [np.int32(0)])
    C.add("matrix_rank", [np.diag([3.0, 1.0, 0.1])], [np.int32(2)], {"tol": 0.5})

    for n in [0, 1, 2, 3, 5, 8]:
        for dtype in ["int32", "int64", "float64"]:
            x = numbers((2, 2), dtype, -2, 2, n)
            want = np.linalg.matrix_power(x, n).astype(x.dtype)
            C.add("matrix_power", [x], [want], {"n": n}, 1e-11 if dtype == "float64" else "exact")
    for dtype in INTS + ["bool"]:
        x = general((2, 2), dtype)
        C.add("matrix_power", [x], [np.linalg.matrix_power(x, 2).astype(dtype)], {"n": 2})
    for n in [-1, -2, 3]:
        every("matrix_power", lambda x: np.linalg.matrix_power(x, n), lambda s, d: general(s, d) if d not in INTS or n < 0 else general(s, "float32"), SQUARE[:-2], {"n": n}, ints=("int32",) if n < 0 else (), scale=40)
        factored("matrix_power", lambda x: np.linalg.matrix_power(x, n), [general((2, 2), "float64")], {"n": n}, checks="csg")


def norms():
    text = {np.inf: "inf", -np.inf: "-inf"}
    vector_orders = [None, np.inf, -np.inf, 0, 1, -1, 2, -2, 3, 0.5]
    matrix_orders = [None, "fro", "nuc", np.inf, -np.inf, 1, -1, 2, -2]

    def add(x, order, axis, keepdims, checks="cs", view=None):
        want = np.linalg.norm(np.asarray(x).astype(np.float64), order, None if axis is None else axis[0] if len(axis) == 1 else tuple(axis), keepdims)
        d = np.asarray(x).dtype.name
        d = d if d in FLOATS else "float32"
        kw = {"ord": text.get(order, order), "axis": axis, "keepdims": keepdims}
        C.add("norm", [x], [np.asarray(want).astype(np_type(d))], kw, 1e-5 if d == "float32" else TOLERANCE[d], checks, [view])

    for order in vector_orders:
        for dtype in ["float32", "float64"]:
            for s, axis in [((5,), None), ((1,), None), ((2, 3), [0]), ((2, 3), [-1]), ((2, 1, 4), [1]), ((2, 3, 1, 2), [3])]:
                add(numbers(s, dtype), order, axis, axis is not None)
        add(numbers((3,), "float64"), order, None, False, "csg" if order not in (np.inf, -np.inf, 0) else "cs")
    for order in matrix_orders:
        for dtype in ["float32", "float64"]:
            for s, axis in [((2, 3), None), ((3, 3), None), ((1, 1), None), ((2, 3, 2), [0, 2]), ((2, 3, 2), [2, 0]), ((2, 1, 4, 3), [-1, -3])]:
                add(general(s, dtype), order, axis, False)
                add(general(s, dtype), order, axis, True)
        add(general((2, 3), "float64"), order, None, False, "csg")
    for dtype in FLOATS + INTS:
        for order in [None, 1, np.inf, "fro"]:
            add(numbers((2, 3), dtype), order, None, False, view="transposed")
    for s in [(), (0,), (2, 0, 3), (2, 3, 1, 2), (1, 2, 1, 3, 2)]:
        add(numbers(s, "float32"), None, None, True)
    C.add("norm", [np.array([np.nan, 1.0])], [np.array(np.nan)], {})
    C.add("norm", [np.array([np.inf, 1.0])], [np.array(np.inf)], {})


def truth_values():
    """Sums of truth values are "or"; beside floats they count as numbers."""
    a, b = numbers((2, 3), "bool"), numbers((3, 2), "bool", seed=1)
    yes = lambda f: lambda x, y: np.asarray(f(x.astype(int), y.astype(int))) != 0  # noqa: E731
    for op, f, xs, kw in [("matmul", np.matmul, [a, b], {}), ("dot", np.dot, [a, b], {}), ("inner", np.inner, [a, b.T], {}), ("outer", np.outer, [a, b], {}),
                          ("kron", np.kron, [a, b], {}), ("vdot", np.vdot, [a, b], {}), ("tensordot", lambda x, y: np.tensordot(x, y, 1), [a, b], {"axes": 1}),
                          ("einsum", lambda x, y: np.einsum("ij,jk->ik", x, y), [a, b], {"subscripts": "ij,jk->ik"})]:
        C.add(op, xs, [yes(f)(*xs)], kw)
    number = lambda x: x.astype(np.float64)  # noqa: E731
    c = numbers((2, 3), "float32", seed=2)
    for op, f, xs, kw in [("cross", lambda x, y: np.cross(number(x), number(y)), [a, c], {}),
                          ("cdist", lambda x, y: np.sqrt(((number(x)[:, None] - number(y)) ** 2).sum(-1)), [a, b.T], {}),
                          ("corrcoef", lambda x: np.corrcoef(number(x)), [np.array([[1, 0, 0, 1], [1, 1, 0, 1]], bool)], {}),
                          ("correlate", lambda x, y: np.correlate(number(x), number(y), "full"), [a[0], b[:, 0]], {"mode": "full"}),
                          ("norm", lambda x: np.linalg.norm(number(x)), [a], {}), ("trapezoid", lambda y: np.trapezoid(number(y)), [a], {})]:
        C.add(op, xs, [np.asarray(f(*xs)).astype(np.float32)], kw, 1e-6)


def nothing():
    """Correlations of no variables, and of variables that were never observed. Nobody correlates sequences without numbers:
    NumPy and Keras refuse them."""
    C.add("corrcoef", [np.zeros((0, 3))], [np.zeros((0, 0))])
    C.add("corrcoef", [np.zeros((2, 0), np.float32)], [np.full((2, 2), np.nan, np.float32)])


with np.errstate(all="ignore"):
    nothing()
    products()
    tensordots()
    einsums()
    crosses()
    series()
    factorizations()
    norms()
    truth_values()
C.write()
