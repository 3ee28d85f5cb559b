"""Golden cases of the functions that reshape, join, cut and rearrange: NumPy is the reference, since Keras's functions
of these names are NumPy's. Run with a Python that has numpy, ml_dtypes and keras (KERAS_BACKEND=jax).

depth_to_space, space_to_depth, extract_sequences and rearrange come from Keras. trace follows the types that Keras
states for its result (int32 or uint32 for narrower integers), not those of JAX with 64-bit types.
"""

import numpy as np
from keras import ops

from cases import FLOATS, INTS, SHAPES, Cases, numbers

c = Cases("shape")
ALL = ["bool"] + INTS + FLOATS
VIEWS = [None, "transposed", "reversed", "strided"]
M = [(2, 3), (3, 3), (3, 1), (1, 4), (0, 3), (2, 2, 3), (2, 1, 4), (1, 2, 3, 2), (2, 1, 2, 2, 3)]


def run(op, shapes, f, kw=None, dtypes=(), dshape=(2, 3), grad=None, tolerance="exact"):
    for i, s in enumerate(shapes):
        x = numbers(s, "float32", seed=i)
        c.add(op, [x], f(x), kw, tolerance, views=[VIEWS[i % 4]])
    for d in dtypes:
        x = numbers(dshape, d, seed=7)
        c.add(op, [x], f(x), kw, tolerance)
    if grad is not None:
        x = numbers(grad, "float64", seed=9)
        c.add(op, [x], f(x), kw, tolerance, checks="csg")


def many(op, shapes, f, kw=None, dtypes=(), dshapes=None, grad=None):
    """Functions of several tensors: `shapes` is a list of lists."""
    for i, group in enumerate(shapes):
        xs = [numbers(s, "float32", seed=i + 10 * k) for k, s in enumerate(group)]
        c.add(op, xs, f(xs), kw, views=[VIEWS[(i + k) % 4] for k in range(len(xs))])
    for d in dtypes:
        xs = [numbers(s, d, seed=k) for k, s in enumerate(dshapes or shapes[0])]
        c.add(op, xs, f(xs), kw)
    if grad is not None:
        xs = [numbers(s, "float64", seed=k) for k, s in enumerate(grad)]
        c.add(op, xs, f(xs), kw, checks="csg")


# Shapes and axes.
for kw in [{"newshape": [-1]}, {"newshape": [1, -1]}]:
    run("reshape", [s for s in SHAPES if 0 not in s], lambda x: x.reshape(kw["newshape"]), kw, ALL, grad=(2, 3))
run("reshape", [(0,), (2, 0, 3)], lambda x: x.reshape(0, 4), {"newshape": [0, 4]})
run("ravel", SHAPES, np.ravel, None, ALL, grad=(2, 3))
run("transpose", SHAPES, np.transpose, None, ALL, grad=(2, 3))
run("transpose", [(2, 3, 4), (2, 0, 3), (1, 2, 1)], lambda x: x.transpose(1, 0, 2), {"axes": [1, 0, -1]}, grad=(2, 1, 3))
for t in [(2, 3), (4, 2, 3), (1, 2, 3), (1, 2, 1, 2, 3)]:
    run("broadcast_to", [(), (1,), (3,), (2, 1), (1, 3), (1, 1), (2, 3)], lambda x: np.broadcast_to(x, t),
        {"shape": list(t)}, ALL if t == (2, 3) else (), grad=(2, 1))
run("broadcast_to", [(1, 2, 1, 3, 1)], lambda x: np.broadcast_to(x, (2, 2, 1, 3, 2)), {"shape": [2, 2, 1, 3, 2]})
run("broadcast_to", [(0,), (1, 0)], lambda x: np.broadcast_to(x, (2, 0)), {"shape": [2, 0]})
run("expand_dims", SHAPES, lambda x: np.expand_dims(x, 0), {"axis": 0}, ALL, grad=(3,))
run("expand_dims", SHAPES, lambda x: np.expand_dims(x, -1), {"axis": -1})
run("expand_dims", SHAPES[1:], lambda x: np.expand_dims(x, (0, 2)), {"axis": [0, 2]}, grad=(3,))
run("squeeze", SHAPES, np.squeeze, None, ALL, dshape=(1, 3, 1), grad=(1, 3))
run("squeeze", [(1,), (1, 3), (1, 0), (1, 2, 3), (1, 1)], lambda x: np.squeeze(x, 0), {"axis": 0}, grad=(1, 3))
run("squeeze", [(1, 3, 1), (1, 0, 1), (1, 1, 1)], lambda x: np.squeeze(x, (0, -1)), {"axis": [0, -1]}, grad=(1, 2, 1))
run("moveaxis", [(2, 3, 4), (2, 0, 3), (1, 2, 1), (2, 3, 1, 2), (1, 2, 1, 3, 2), (4, 1, 2), (1, 1, 1), (3, 2, 2)],
    lambda x: np.moveaxis(x, 0, -1), {"source": [0], "destination": [-1]}, ALL, dshape=(2, 1, 3), grad=(2, 1, 3))
run("moveaxis", [(2, 3, 4), (2, 3, 1, 2)], lambda x: np.moveaxis(x, [0, 1], [-1, 0]),
    {"source": [0, 1], "destination": [-1, 0]}, grad=(2, 1, 3))
run("swapaxes", [s for s in SHAPES if s], lambda x: np.swapaxes(x, 0, -1), {"axis1": 0, "axis2": -1}, ALL, grad=(2, 3))
for d, to in [("float32", "uint32"), ("float32", "int16"), ("float32", "float64"), ("uint8", "float16"), ("int64", "uint8"),
              ("uint8", "int8"), ("bool", "uint8"), ("float16", "uint16"), ("uint16", "float64"), ("float64", "int32")]:
    for s in [(8,), (2, 8), (0,), (2, 1, 8), (0, 8)]:
        x = numbers(s, d, 0, 100, seed=3)
        c.add("view", [x], x.view(to), {"dtype": to})
x = numbers((), "float32")
c.add("view", [x], x.view("int32"), {"dtype": "int32"})
x = numbers((2, 3), "bfloat16")
c.add("view", [x], x.view("uint16"), {"dtype": "uint16"})
c.add("view", [x], x, {"dtype": "bfloat16"})

# Joining and cutting.
PAIRS = [[(2, 3), (2, 3)], [(1, 3), (2, 3)], [(0, 3), (2, 3)], [(3,), (4,)], [(0,), (2,)], [(2, 1, 2), (1, 1, 2)], [(2, 3)],
         [(1,), (2,), (3,)], [(1, 2, 1, 2), (2, 2, 1, 2)], [(1, 2, 1, 3, 2), (2, 2, 1, 3, 2)]]
many("concatenate", PAIRS, lambda xs: np.concatenate(xs, 0), {"axis": 0}, ALL, grad=[(2,), (3,)])
many("concatenate", [[(2, 3), (2, 1)], [(2, 0), (2, 3)], [(2, 1, 2), (2, 1, 4)]], lambda xs: np.concatenate(xs, -1), {"axis": -1},
     grad=[(2, 2), (2, 1)])
for a, b, d in [("int8", "float32", "float32"), ("uint8", "int8", "int16"), ("bool", "int64", "int64"), ("float16", "bfloat16", "float32")]:
    x, y = numbers((2,), a), numbers((3,), b)
    c.add("concatenate", [x, y], np.concatenate([x.astype(d), y.astype(d)]), {"axis": 0})
EQUAL = [[s] * n for s, n in zip(SHAPES, [2, 1, 3, 2, 2, 2, 2, 1, 2, 2])]
many("stack", EQUAL, lambda xs: np.stack(xs, 0), {"axis": 0}, ALL, [(2, 3)] * 2, grad=[(2,), (2,)])
many("stack", EQUAL, lambda xs: np.stack(xs, -1), {"axis": -1}, grad=[(2,), (2,)])
many("hstack", EQUAL, np.hstack, None, ALL, [(2, 3)] * 2, grad=[(2,), (3,)])
many("vstack", EQUAL, np.vstack, None, ALL, [(2, 3)] * 2, grad=[(2,), (2,)])
many("dstack", EQUAL, np.dstack, None, ALL, [(2, 3)] * 2, grad=[(2,), (2,)])
many("column_stack", EQUAL, np.column_stack, None, ALL, [(2, 3)] * 2, grad=[(2,), (2,)])
many("append", [p for p in PAIRS if len(p) == 2] + [[(), (2,)], [(), ()]], lambda xs: np.append(*xs), None, ALL, grad=[(2,), (3,)])
many("append", [p for p in PAIRS if len(p) == 2], lambda xs: np.append(*xs, axis=0), {"axis": 0}, grad=[(2,), (3,)])
CUT = [(4,), (4, 3), (2, 3), (0,), (0, 3), (6, 1, 2), (2, 2, 1, 2), (4, 1, 1, 3, 2)]
run("split", CUT, lambda x: np.split(x, 2, 0), {"sections": 2, "axis": 0}, ALL, (4, 3), grad=(4,))
run("split", CUT, lambda x: np.split(x, [1, 3], 0), {"indices": [1, 3], "axis": 0}, grad=(4,))
run("split", [(2, 6), (1, 3), (2, 0)], lambda x: np.split(x, 3, -1), {"sections": 3, "axis": -1})
run("array_split", CUT + [(5,), (7, 2), (1,)], lambda x: np.array_split(x, 3, 0), {"sections": 3, "axis": 0}, ALL, (4, 3), grad=(4,))
run("array_split", CUT, lambda x: np.array_split(x, [2], 0), {"indices": [2], "axis": 0})
run("hsplit", [(4,), (0,), (2, 4), (1, 2), (3, 0), (2, 2, 3), (1, 4, 1, 2), (1, 2, 1, 3, 2), (2, 6)], lambda x: np.hsplit(x, 2), {"sections": 2}, ALL,
    (2, 4), grad=(2, 2))
run("vsplit", [(4, 1), (2, 3), (0, 2), (2, 0), (2, 2, 3), (4, 1, 2), (2, 1, 1, 2), (2, 1, 1, 3, 2), (6, 2)], lambda x: np.vsplit(x, 2), {"sections": 2},
    ALL, (4, 2), grad=(2, 2))
run("dsplit", [(1, 2, 4), (2, 1, 2), (0, 2, 2), (2, 2, 0), (1, 1, 6), (2, 3, 4), (1, 2, 2, 3), (1, 1, 2, 1, 2)], lambda x: np.dsplit(x, 2),
    {"sections": 2}, ALL, (1, 2, 4), grad=(1, 2, 2))
for axis in [0, -1]:
    run("unstack", [(3,), (1,), (2, 3), (3, 1), (2, 1, 4), (2, 3, 1, 2), (1, 2, 1, 3, 2), (4, 2)],
        lambda x: [np.take(x, i, axis) for i in range(x.shape[axis])], {"axis": axis}, ALL if axis else (), grad=(2, 3))

# Turning and repeating.
run("flip", SHAPES, np.flip, None, ALL, grad=(2, 3))
run("flip", SHAPES[1:], lambda x: np.flip(x, -1), {"axis": -1}, grad=(2, 3))
run("fliplr", M, np.fliplr, None, ALL, grad=(2, 3))
run("flipud", SHAPES[1:], np.flipud, None, ALL, grad=(2, 3))
run("roll", SHAPES, lambda x: np.roll(x, 2), {"shift": [2]}, ALL, grad=(2, 3))
run("roll", SHAPES[1:], lambda x: np.roll(x, -7, 0), {"shift": [-7], "axis": [0]}, grad=(2, 3))
run("roll", M, lambda x: np.roll(x, (1, -1), (0, 1)), {"shift": [1, -1], "axis": [0, 1]}, grad=(2, 3))
run("roll", M, lambda x: np.roll(x, 1, (0, 1)), {"shift": [1], "axis": [0, 1]})
for k in [-1, 0, 1, 2, 3, 7]:
    run("rot90", M if k == 1 else M[:3], lambda x: np.rot90(x, k), {"k": k, "axes": [0, 1]}, ALL if k == 1 else (), grad=(2, 3))
run("rot90", [(2, 3, 4), (2, 1, 2)], lambda x: np.rot90(x, 1, (2, 0)), {"k": 1, "axes": [2, 0]})
run("tile", SHAPES, lambda x: np.tile(x, 2), {"repeats": [2]}, ALL, grad=(2, 2))
run("tile", SHAPES, lambda x: np.tile(x, (2, 1, 3)), {"repeats": [2, 1, 3]}, grad=(2,))
run("tile", SHAPES, lambda x: np.tile(x, (0, 2)), {"repeats": [0, 2]})
run("repeat", SHAPES, lambda x: np.repeat(x, 2), {"repeats": 2}, ALL, grad=(2, 2))
run("repeat", SHAPES[1:], lambda x: np.repeat(x, 3, 0), {"repeats": 3, "axis": 0}, grad=(2, 2))
run("repeat", SHAPES[1:], lambda x: np.repeat(x, 0, -1), {"repeats": 0, "axis": -1})
run("repeat", [(3,), (2, 3), (0, 3), (2, 1, 3)], lambda x: np.repeat(x, [2, 0, 3], -1), {"repeats": [2, 0, 3], "axis": -1}, ALL, grad=(2, 3))
for mode in ["constant", "reflect", "symmetric", "edge", "wrap"]:
    kw = {"mode": mode, "pad_width": [[2, 1]]}
    run("pad", [s for s in SHAPES if 0 not in s and s], lambda x: np.pad(x, [[2, 1]], mode=mode), kw, ALL, grad=(3,))
    kw = {"mode": mode, "pad_width": [[0, 7], [5, 0]]}
    run("pad", [(2, 3), (3, 1), (1, 4), (4, 4)], lambda x: np.pad(x, kw["pad_width"], mode=mode), kw, grad=(2, 3))
run("pad", [(0,), (2, 0), (2, 3)], lambda x: np.pad(x, [[1, 2]], constant_values=5), {"mode": "constant", "pad_width": [[1, 2]], "constant_values": 5})
run("pad", [()], lambda x: x, {"mode": "constant", "pad_width": [[1, 2]]})
for n in [0, 1, 2]:
    run("diff", SHAPES[1:], lambda x: np.diff(x, n), {"n": n, "axis": -1}, ALL if n == 1 else (), (2, 3), grad=(2, 4), tolerance="ulps:2")
run("diff", SHAPES[1:], lambda x: np.diff(x, 1, 0), {"n": 1, "axis": 0}, grad=(3, 2), tolerance="ulps:2")
for length, stride in [(3, 2), (1, 1), (2, 5)]:
    kw = {"sequence_length": length, "sequence_stride": stride}

    def windows(x):
        n = max(0, 1 + (x.shape[-1] - length) // stride)
        return np.stack([x[..., i * stride:i * stride + length] for i in range(n)], -2)
    run("extract_sequences", [(3,), (7,), (2, 5), (1, 4), (2, 1, 6), (0, 3), (1, 2, 1, 4), (2, 1, 1, 1, 3)], windows, kw,
        ALL if length == 3 else (), (2, 5), grad=(5,))
    x = numbers((2, 7), "float32")
    c.add("extract_sequences", [x], np.asarray(ops.extract_sequences(x, length, stride)), kw)
for fmt in ["channels_last", "channels_first"]:
    kw = {"block_size": 2, "data_format": fmt}
    last = fmt == "channels_last"
    order = (lambda s: s) if last else (lambda s: (s[0], s[3], s[1], s[2]))
    run("depth_to_space", [order(s) for s in [(1, 1, 1, 4), (2, 1, 2, 4), (1, 2, 3, 8), (1, 1, 1, 12), (0, 1, 2, 4), (2, 2, 1, 4), (1, 0, 2, 4), (1, 2, 2, 0)]],
        lambda x: np.asarray(ops.depth_to_space(x, 2, fmt)), kw, [d for d in ALL if d not in ("int64", "uint64", "float64")], order((1, 1, 2, 4)))
    run("space_to_depth", [order(s) for s in [(1, 2, 2, 1), (2, 2, 4, 1), (1, 4, 2, 3), (1, 2, 2, 3), (0, 2, 2, 1), (2, 4, 4, 1), (1, 0, 2, 4), (1, 2, 2, 0)]],
        lambda x: np.asarray(ops.space_to_depth(x, 2, fmt)), kw, [d for d in ALL if d not in ("int64", "uint64", "float64")], order((1, 2, 4, 1)))
x = numbers((1, 1, 1, 8), "float64")
c.add("depth_to_space", [x], x.reshape(1, 1, 1, 2, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(1, 2, 2, 2), {"block_size": 2, "data_format": "channels_last"}, checks="csg")
y = x.reshape(1, 1, 1, 2, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(1, 2, 2, 2)
c.add("space_to_depth", [y], x, {"block_size": 2, "data_format": "channels_last"}, checks="csg")
for pattern, sizes, s in [
    ("b h w c -> b c h w", {}, (2, 3, 4, 1)), ("b h w c -> (b h) w c", {}, (2, 3, 4, 1)), ("b h w c -> h (b w) c", {}, (2, 3, 4, 1)),
    ("b h w c -> b (c h w)", {}, (2, 3, 4, 2)), ("b (h1 h) (w1 w) c -> (b h1 w1) h w c", {"h1": 2, "w1": 2}, (2, 4, 6, 1)),
    ("b (h h1) (w w1) c -> b h w (c h1 w1)", {"h1": 2, "w1": 2}, (1, 4, 2, 3)), ("a -> a", {}, (3,)), ("(a b) -> b a", {"a": 2}, (6,)),
    ("a b -> (b a)", {}, (2, 3)), ("x y z -> z (x y)", {}, (2, 0, 3)), ("(a b c) d -> c (a d) b", {"a": 2, "b": 1}, (4, 2)), ("a b c d e -> (e c) b (d a)", {}, (2, 1, 2, 3, 2)),
]:
    for d in (["float32"] if s != (2, 3) else ["bool", "int8", "int16", "int32", "uint8", "uint16", "uint32", "float16", "bfloat16", "float32"]):
        x = numbers(s, d)
        c.add("rearrange", [x], np.asarray(ops.rearrange(x, pattern, **sizes)), {"pattern": pattern, "sizes": sizes})
for d in ["int64", "uint64", "float64"]:
    x = numbers((2, 3), d)
    c.add("rearrange", [x], x.T.reshape(-1), {"pattern": "a b -> (b a)", "sizes": {}}, checks="csg" if d == "float64" else "cs")

# Diagonals.
for k in [0, 1, -2]:
    kw = {"k": k}
    full = ALL if k == 0 else ()
    run("diag", [(3,), (1,), (0,), (2, 3), (3, 2), (1, 4), (0, 3), (4, 4)], lambda x: np.diag(x, k), kw, full, grad=(2, 3))
    run("diag", [(5,)], lambda x: np.diag(x, k), kw, full, (3,), grad=(2,))
    run("diagflat", SHAPES, lambda x: np.diagflat(x, k), kw, full, grad=(2,))
    run("tril", M, lambda x: np.tril(x, k), kw, full, grad=(2, 3))
    run("triu", M, lambda x: np.triu(x, k), kw, full, grad=(2, 3))
    kw = {"offset": k, "axis1": 0, "axis2": 1}
    run("diagonal", M, lambda x: np.diagonal(x, k), kw, full, grad=(2, 3))
    narrow = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}
    run("trace", M, lambda x: np.asarray(np.trace(x.astype("float64"), k)).astype("float32"), kw, (), grad=None, tolerance=1e-6)
    for d in full:
        x = numbers((3, 3), d)
        wide = narrow.get(d, x.dtype)
        y = np.trace(x.astype("float64" if d in FLOATS else wide))
        c.add("trace", [x], np.asarray(y).astype(wide), kw, {"float16": 2e-3, "bfloat16": 2e-2}.get(d, 1e-6))
x = numbers((2, 3), "float64")
c.add("trace", [x], np.asarray(np.trace(x)), {"offset": 0, "axis1": 0, "axis2": 1}, 1e-12, checks="csg")
run("diagonal", [(2, 3, 4), (2, 1, 2)], lambda x: np.diagonal(x, 1, 2, 0), {"offset": 1, "axis1": 2, "axis2": 0})
run("trace", [(2, 3, 4), (2, 1, 2)], lambda x: np.trace(x, 1, 2, 0), {"offset": 1, "axis1": 2, "axis2": 0}, tolerance=1e-6)
for n, inc in [(None, False), (3, True), (4, False), (0, False), (1, True)]:
    kw = {"N": n, "increasing": inc}
    run("vander", [(3,), (1,), (0,), (2,), (4,), (5,), (6,), (7,)], lambda x: np.vander(x, n, inc).astype(x.dtype), kw,
        [d for d in INTS + ["float32", "float64"]] if n != 0 else (), (3,), grad=(3,) if n else None, tolerance=1e-6)
for d, tol in [("float16", 2e-3), ("bfloat16", 2e-2)]:
    x = numbers((3,), d)
    c.add("vander", [x], np.vander(x.astype("float64"), 3).astype(x.dtype), {"N": 3}, tol)
for d in ["int64", "uint64"]:
    x = numbers((1, 2, 4, 1), d)
    y = x.reshape(1, 1, 2, 2, 2, 1).transpose(0, 1, 3, 2, 4, 5).reshape(1, 1, 2, 4)
    kw = {"block_size": 2, "data_format": "channels_last"}
    c.add("space_to_depth", [x], y, kw)
    c.add("depth_to_space", [y], x, kw)
for d, to in [("uint32", "float32"), ("uint64", "uint16"), ("int8", "uint8"), ("int16", "int32"), ("int32", "int8")]:
    for s in [(4,), (3, 2), (1, 2, 1, 3, 2), (2, 1, 1, 4)]:
        x = numbers(s, d, 0, 100, seed=3)
        c.add("view", [x], x.view(to), {"dtype": to})
for n in [1, 5]:
    x = numbers((9,), "float32")
    c.add("vander", [x], np.vander(x, n).astype("float32"), {"N": n}, 1e-6)
for s, axis in [((0, 3), 1), ((2, 0), -2), ((0,), 0)]:
    x = numbers(s, "float32")
    c.add("unstack", [x], list(np.unstack(x, axis=axis)), {"axis": axis})

c.write()
