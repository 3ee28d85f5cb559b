"""Golden cases of taking, scattering, slicing and segments, and of NumPy's rule for indices that mix integers, ranges,
new axes, lists of places and masks.

Indices out of range are errors here, where Keras on JAX fills with NaN, drops or moves them; so there are none, except
in segment numbers (dropped, as in Keras) and computed starts of slices (moved, as in Keras).
"""

import os

os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
from keras import ops

from cases import BF16, FLOATS, INTS, SHAPES, Cases, numbers

c = Cases("index")
ALL = ["bool"] + INTS + FLOATS
NUMBERS = INTS + FLOATS
VIEWS = [None, "transposed", "reversed", "strided"]
g = np.random.default_rng(5)


def places(shape, n, dtype="int32", low=None):
    """Indices of an axis of size n; negative ones too where the type has them."""
    low = (0 if dtype[0] == "u" else -n) if low is None else low
    return g.integers(low, n, shape).astype(dtype)


INNER = [s for s in SHAPES if s and 0 not in s]
for axis in [0, -1, None]:
    kw = {"axis": axis}
    for i, s in enumerate(INNER):
        x = numbers(s, "float32", seed=i)
        for at in [(), (3,), (2, 2), (0,)]:
            j = places(at, x.size if axis is None else s[axis])
            c.add("take", [x, j], np.take(x, j, axis), kw, views=[VIEWS[i % 4], VIEWS[(i + 1) % 4]])
for d in ALL:
    x, j = numbers((3, 2), d), places((4,), 3)
    c.add("take", [x, j], np.take(x, j, 0), {"axis": 0})
for d in INTS:
    x, j = numbers((3, 2), "float32"), places((4,), 3, d)
    c.add("take", [x, j], np.take(x, j.astype("int64"), 0), {"axis": 0})
c.add("take", [numbers((2, 0, 3), "float32"), places((2,), 3)], np.zeros((2, 0, 2), "float32"), {"axis": 2})
x, j = numbers((3, 2), "float64"), np.array([2, 0, 2, -1])
c.add("take", [x, j], np.take(x, j, 0), {"axis": 0}, checks="csg")
c.add("take", [x, j], np.take(x, j), {"axis": None}, checks="csg")

for axis in [0, -1]:
    for i, s in enumerate(INNER):
        x = numbers(s, "float32", seed=i)
        for n in [0, 1, 3]:
            t = list(s)
            t[axis] = n
            j = places(t, s[axis])
            c.add("take_along_axis", [x, j], np.take_along_axis(x, j.astype("int64"), axis), {"axis": axis}, views=[VIEWS[i % 4], None])
    for d in ALL:
        x = numbers((3, 3), d)
        j = places((3, 3), 3, "int64")
        c.add("take_along_axis", [x, j], np.take_along_axis(x, j, axis), {"axis": axis})
x, j = numbers((2, 1, 4), "float32"), places((1, 3, 2), 4)
c.add("take_along_axis", [x, j], np.take_along_axis(np.broadcast_to(x, (2, 3, 4)), np.broadcast_to(j, (2, 3, 2)), -1), {"axis": -1})
x, j = numbers((2, 3), "float32"), places((4,), 6)
c.add("take_along_axis", [x, j], np.take_along_axis(x, j, None), {"axis": None})
x, j = numbers((2, 3), "float64"), np.array([[2, 2, 0], [-1, 0, 0]])
c.add("take_along_axis", [x, j], np.take_along_axis(x, j, 1), {"axis": 1}, checks="csg")

# Indices of all kinds.
def spell(index, tensors):
    out = []
    for p in index:
        if isinstance(p, slice):
            out.append({"s": [p.start, p.stop, p.step or 1]})
        elif p is None:
            out.append(None)
        elif p is Ellipsis:
            out.append("...")
        elif isinstance(p, int):
            out.append(p)
        else:
            tensors.append(np.asarray(p))
            out.append({"t": len(tensors)})
    return out


def indexed(s, index, dtype="float32", op="get_item", checks=None, view=None):
    x, tensors = numbers(s, dtype, seed=2), []
    kw = {"index": spell(index, tensors)}
    masks = any(t.dtype == bool for t in tensors)
    c.add(op, [x] + tensors, x[tuple(index)], kw, checks=checks if checks is not None else "" if masks else "cs",
          views=[view] + [None] * len(tensors))


A = np.array
FIXED = [
    ((3, 4, 5), [A([0, 2])]), ((3, 4, 5), [slice(None), A([3, 0, -1])]), ((3, 4, 5), [A([0, 2]), A([1, 3])]), ((3, 4, 5), [A([0, 2]), slice(None), A([1, 3])]),
    ((3, 4, 5), [slice(None), A([0, 1]), A([1, 3])]), ((3, 4, 5), [0, slice(None), A([1, 3])]), ((3, 4, 5), [A([1, 3]) % 3, slice(None), 0]),
    ((3, 4, 5), [slice(None), 2, A([1, 3])]), ((3, 4, 5), [A([[0], [2]]), A([1, 3, 0])]), ((3, 4, 5), [..., A([1, 3])]), ((3, 4, 5), [A([1]), ..., A([1, 3])]),
    ((3, 4, 5), [A([1, 2]), None, A([1, 3])]), ((3, 4, 5), [None, A([1, 2]), A([1, 3])]), ((3, 4, 5), [A([1, 2]), A([1, 3]), None]),
    ((3, 4, 5), [slice(None), A([0]), ..., A([1])]), ((3, 4, 5), [A(1), slice(None), A([1, 3])]), ((3, 4, 5), [A(1)]), ((3, 4, 5), [slice(None), A(-1)]),
    ((3, 4, 5), [A([[0, 1], [2, 0]]), slice(1, 3), A([[0, 1], [2, 0]])]), ((3, 4, 5), [slice(None, None, -1), A([0, 0, 3]), slice(4, 0, -2)]),
    ((3, 4, 5), [A([], "int64")]), ((3, 4, 5), [slice(None), A([], "int64"), slice(1, 2)]), ((2, 3), [A([1, 0]), A([[2], [0]])]), ((4,), [A([3, 3, -4])]),
    ((4,), [A([[0, 1], [2, 3]])]), ((2, 0, 3), [A([1, 1])]), ((2, 0, 3), [slice(None), slice(None), A([0, 2])]), ((2, 3, 2, 2), [0, A([1, 2]), slice(None), 1]),
    ((2, 3, 2, 2), [slice(None), A([1, 2]), 1, A([0, 1])]), ((2, 3, 2, 2), [A([1, 0]), slice(0, 2), None, A([0, 1])]), ((3,), [A([True, False, True])]),
    ((3, 4), [A([True, False, True]), slice(1, 3)]), ((3, 4), [slice(None), A([True, False, True, True])]), ((3, 4), [A([True, False, True]), A([1, 2])]),
    ((3, 4, 5), [0, A([True, False, True, True])]), ((2, 3), [A([[True, False, True], [False, False, True]])]), ((2, 3, 4), [A([[True, False, True], [False, True, True]]), 1]),
    ((2, 3, 4), [A([[True, False, True], [False, True, True]]), slice(None, None, 2)]), ((2, 3, 4), [slice(None), A([[True] * 4] * 3)]), ((2, 3, 4), [..., A([True, False, True, True])]),
    ((2, 3, 4), [A([False, False])]), ((2, 3, 4), [A([1]), ..., A([True, False, False, True])]), ((2, 3, 4), [None, A([True, False]), None, A([0, 2])]), ((2, 3), [A([[False] * 3] * 2)]),
    ((3, 4, 5), [1]), ((3, 4, 5), [slice(0, 2), None, 1]), ((3, 4, 5), [-1, ..., slice(None, None, 2)]), ((3, 4, 5), []), ((), [None]), ((), [...]),
]
for i, (s, index) in enumerate(FIXED):
    indexed(s, index, view=VIEWS[i % 4])
count = 0
while count < 90:
    s = [(3, 4, 5), (2, 3), (4,), (2, 3, 2, 2), (2, 1, 3, 1, 2)][g.integers(5)]
    index, lists = [], 0
    for axis in range(g.integers(1, len(s) + 1)):
        if g.random() < .15:
            index.append(None)
        kind = g.integers(5)
        if kind == 0:
            index.append(int(g.integers(-s[axis], s[axis])))
        elif kind == 1:
            a, b = g.integers(-6, 7, 2)
            index.append(slice([None, int(a)][g.integers(2)], [None, int(b)][g.integers(2)], int(g.choice([1, 2, -1, -2]))))
        elif kind == 2 and g.random() < .4:
            index.append(g.random(s[axis]) < .6)
        else:
            lists += 1
            shape = [(), (2,), (1,), (2, 1), (1, 2), (3, 1, 2)][g.integers(6)]
            index.append(places(shape, s[axis], ["int32", "int64", "int8", "uint8"][g.integers(4)]))
    if g.random() < .2 and not any(isinstance(p, np.ndarray) and p.dtype == bool for p in index):
        index.insert(g.integers(len(index) + 1), Ellipsis)
    try:
        used = sum(p is not None and p is not Ellipsis for p in index)
        if Ellipsis in [p for p in index if not isinstance(p, np.ndarray)]:
            # The axes behind an ellipsis are others than those the places were drawn for.
            index = [p for p in index if p is not Ellipsis] + [Ellipsis]
        numbers(s, "float32")[tuple(index)]
    except IndexError:
        continue
    indexed(s, index)
    count += 1
for d in ALL:
    indexed((3, 4), [A([2, 0]), slice(1, 3)], d)
    indexed((3, 4), [A([True, False, True]), A([1, 2])], d)
for s, index in [((3, 2), [A([2, 0, 2])]), ((2, 3), [A([1, 0]), A([0, -1])]), ((2, 2, 2), [A([1, 0]), slice(None), A([0, 1])]), ((2, 3), [A([True, False]), slice(0, 2)])]:
    indexed(s, index, "float64", checks="g" if index[0].dtype == bool else "csg")

# Assignment to parts of variables.
for i, (s, index) in enumerate(FIXED + [((3, 4), [A([0, 0, 2])]), ((3, 4), [A([1, 1]), A([2, 2])]), ((2, 1, 2, 3, 2), [1, Ellipsis, A([0, 2]), slice(None)])]):
    for d in ["float32"] if i > 3 else ["float32", "int32", "float16", "bool"]:
        x, tensors = numbers(s, d, seed=2), []
        kw = {"index": spell(index, tensors)}
        part = x[tuple(index)]
        for t in [part.shape, ()] + ([part.shape[1:]] if part.ndim else []):
            v = numbers(t, "float32" if i % 2 else d, seed=6)
            y = x.copy()
            y[tuple(index)] = v.astype(d)
            c.add("assign_at", [x, v] + tensors, y, kw, checks="")
            if d != "bool":
                y = x.copy()
                if index:
                    np.add.at(y, tuple(index), np.broadcast_to(v.astype(d), part.shape))
                else:
                    y = y + v.astype(d)
                c.add("assign_add_at", [x, v] + tensors, y, kw, "exact" if d == "int32" else 2e-3 if d == "float16" else 1e-6, checks="")

# Scattering.
def scattered(shape, at, v):
    y = np.zeros(shape, v.dtype)
    np.add.at(y, tuple(np.moveaxis(at.astype("int64"), -1, 0)), v)
    return y


for i, (shape, k, n) in enumerate([((5,), 1, (4,)), ((3, 4), 2, (5,)), ((3, 4), 1, (4,)), ((2, 3, 2), 2, (3,)), ((2, 3, 2), 3, (2, 2)), ((4,), 1, (0,)), ((1,), 1, (3,)),
                                    ((2, 1, 3), 1, (2, 1)), ((2, 2, 2, 2), 2, (3,)), ((3, 0), 1, (2,)), ((2, 1, 2, 3, 2), 1, (2, 1))]):
    at = np.stack([places(n, m) for m in shape[:k]], -1)
    for d in NUMBERS if i in (1, 2) else ["float32"]:
        v = numbers(n + shape[k:], d, seed=i)
        c.add("scatter", [at, v], scattered(shape, at, v), {"shape": list(shape)}, "exact" if d in INTS else {"float16": 2e-3, "bfloat16": 2e-2}.get(d, 1e-6),
              views=[None, VIEWS[i % 4]])
v, at = numbers((4,), "float64"), np.array([[1], [0], [1], [2]])
c.add("scatter", [at, v], scattered((4,), at, v), {"shape": [4]}, 1e-12, "csg")
for red in [None, "add", "max", "min", "mul"]:
    kw = {"reduction": red}
    f = {None: None, "add": np.add, "max": np.maximum, "min": np.minimum, "mul": np.multiply}[red]

    def update(x, at, v):
        y, key = x.copy(), tuple(at.astype("int64").T)
        if f is None:
            y[key] = v
        elif x.dtype == BF16:
            y = y.astype("float32")
            f.at(y, key, v.astype("float32"))
            y = y.astype(BF16)
        else:
            f.at(y, key, v)
        return y
    for i, (shape, k, n) in enumerate([((5,), 1, 4), ((3, 4), 2, 5), ((3, 4), 1, 4), ((2, 3, 2), 2, 3), ((2, 3, 2), 3, 4), ((4,), 1, 0), ((1,), 1, 3), ((2, 2, 2, 2), 2, 3), ((2, 1, 3), 1, 2), ((2, 1, 2, 3, 2), 3, 4)]):
        at = np.stack([places((n,), m) for m in shape[:k]], -1)
        for d in NUMBERS if i in (1, 2) else ["float32"]:
            x, v = numbers(shape, d, seed=i), numbers((n,) + shape[k:], d, seed=i + 1)
            c.add("scatter_update", [x, at, v], update(x, at, v), kw, "exact" if d in INTS else {"float16": 4e-3, "bfloat16": 4e-2}.get(d, 1e-6), views=[VIEWS[i % 4], None, None])
    x, at, v = numbers((4,), "float64"), np.array([[1], [3]]), numbers((2,), "float64", seed=3)
    c.add("scatter_update", [x, at, v], update(x, at, v), kw, 1e-12, "csg")
x, at, v = numbers((3,), "float64"), np.array([[1], [1], [0]]), numbers((3,), "float64", seed=3)
c.add("scatter_update", [x, at, v], np.array([v[2], v[1], x[2]]), {"reduction": None}, 1e-12, "csg")

# Slices.
for i, (s, start, shape) in enumerate([((5,), [1], [3]), ((5,), [0], [-1]), ((3, 4), [1, 2], [2, -1]), ((3, 4), [3, 0], [0, 4]), ((2, 3, 2), [0, 1, 1], [2, 2, 1]), ((0, 3), [0, 1], [0, 2]),
                                        ((1, 2, 1, 3, 2), [0, 1, 0, 0, 1], [1, 1, -1, 2, 1]), ((), [], []), ((2, 1, 4), [1, 0, 1], [1, 1, 3]), ((4, 4), [2, 2], [2, 2])]):
    for d in ALL if i == 2 else ["float32"]:
        x = numbers(s, d, seed=i)
        key = tuple(slice(a, None if n == -1 else a + n) for a, n in zip(start, shape))
        part = x[key]
        c.add("slice", [x], part, {"start": start, "shape": shape}, views=[VIEWS[i % 4]])
        v = numbers(part.shape, d, seed=i + 7)
        y = x.copy()
        y[key] = v
        c.add("slice_update", [x, v], y, {"start": start}, views=[VIEWS[i % 4], VIEWS[(i + 1) % 4]])
        for move in [0, 5, -9]:
            st = np.array(start, "int32") + move
            room = np.array(s, "int64") - part.shape if s else np.zeros(0, "int64")
            real = np.clip(st, 0, room)
            key2 = tuple(slice(a, a + n) for a, n in zip(real, part.shape))
            c.add("dynamic_slice", [x, st], x[key2], {"shape": list(part.shape)})
            y = x.copy()
            y[key2] = v
            c.add("dynamic_slice_update", [x, st, v], y)
x, v = numbers((2, 3), "float64"), numbers((1, 2), "float64", seed=1)
y = x.copy()
y[1:, 1:] = v
c.add("slice", [x], x[1:, 1:], {"start": [1, 1], "shape": [1, 2]}, checks="csg")
c.add("slice_update", [x, v], y, {"start": [1, 1]}, checks="csg")
c.add("dynamic_slice", [x, np.array([1, 1])], x[1:, 1:], {"shape": [1, 2]}, checks="csg")
c.add("dynamic_slice_update", [x, np.array([1, 1]), v], y, checks="csg")

# Segments.
for op, f in [("segment_sum", np.add), ("segment_max", np.maximum), ("segment_min", np.minimum), ("segment_prod", np.multiply)]:
    def segments(x, ids, n):
        wide = x.astype("float32") if x.dtype == BF16 else x
        if op == "segment_max":
            start = -np.inf if wide.dtype.kind == "f" else np.iinfo(x.dtype).min
        elif op == "segment_min":
            start = np.inf if wide.dtype.kind == "f" else np.iinfo(x.dtype).max
        else:
            start = int(op == "segment_prod")
        y = np.full((n,) + x.shape[ids.ndim:], start, wide.dtype)
        ok = (ids >= 0) & (ids < n)
        f.at(y, ids[ok].astype("int64"), wide[ok])
        return y.astype(x.dtype)
    for i, (s, r, n) in enumerate([((5,), 1, 3), ((5, 2), 1, 4), ((3, 2), 2, 2), ((0,), 1, 2), ((4, 0), 1, 2), ((1,), 1, 1), ((2, 3, 2), 2, 3), ((6, 1, 2), 1, 2), ((3,), 1, 0), ((2, 2, 2, 2, 2), 1, 5)]):
        for d in NUMBERS if i in (0, 1) else ["float32"]:
            for idt in ["int32", "uint8"] if d == "float32" else ["int64"]:
                x = numbers(s, d, seed=i)
                ids = places(s[:r], n + 2, idt, 0 if idt == "uint8" else -2)
                c.add(op, [x, ids], segments(x, ids, n), {"num_segments": n}, "exact" if d in INTS else {"float16": 4e-3, "bfloat16": 4e-2}.get(d, 1e-6), views=[VIEWS[i % 4], None])
    x, ids = numbers((5,), "float32"), np.array([0, 2, 2, 0, 3])
    c.add(op, [x, ids], segments(x, ids, 4), {}, 1e-6, checks="")
    x = numbers((5,), "float64", 0.5, 2)
    c.add(op, [x, ids], segments(x, ids, 5 if op in ("segment_sum", "segment_prod") else 4)[:4], {"num_segments": 4}, 1e-12, "c")
    ids = np.array([0, 2, 2, 0, 1])
    c.add(op, [x, ids], segments(x, ids, 3), {"num_segments": 3}, 1e-12, "csg")

for s in [(6,), (2, 3), (2, 3, 4), (1,), (4, 1, 2), (2, 2, 2, 2), (3, 1, 1, 2, 1), (7, 2)]:
    for shape in [(), (4,), (2, 2), (0,)]:
        j = places(shape, int(np.prod(s)))
        c.add("unravel_index", [j], [np.asarray(a).astype("int32") for a in np.unravel_index(j % int(np.prod(s)), s)], {"shape": list(s)})
for d in INTS:
    j = places((4,), 6, d)
    c.add("unravel_index", [j], [np.asarray(a).astype(d) for a in np.unravel_index(j.astype("int64") % 6, (2, 3))], {"shape": [2, 3]})
for i, s in enumerate([(), (1,), (3,), (0, 2), (2, 3), (3, 1), (2, 1, 4), (2, 3, 1, 2), (1, 2, 1, 3, 2)]):
    for axis in [-1] + ([0] if i == 4 else []):
        for d in ["float32", "int32", "bool"] if i == 4 else ["float32"]:
            j = places(s, 5, "int32", -1)
            c.add("multi_hot", [j], np.asarray(ops.multi_hot(j, 4, axis=axis, dtype=d)), {"num_classes": 4, "axis": axis, "dtype": d})
for d in INTS:
    j = places((2, 3), 5, d, 0)
    c.add("multi_hot", [j], np.asarray(ops.multi_hot(j.astype("int32"), 4, dtype="float32")), {"num_classes": 4, "axis": -1, "dtype": "float32"})
# The other element types.
for d in ["int8", "int16", "int64", "uint8", "uint16", "uint32", "uint64", "bfloat16", "float64"]:
    for s, index in [((3, 4), [A([2, 0])]), ((3, 4), [slice(None), A([1, 1])])]:
        x, tensors = numbers(s, d, seed=2), []
        kw = {"index": spell(index, tensors)}
        v = numbers(x[tuple(index)].shape, d, seed=6)
        y = x.copy()
        y[tuple(index)] = v
        c.add("assign_at", [x, v] + tensors, y, kw, checks="")
        y = x.astype("float64") if d in FLOATS else x.copy()
        np.add.at(y, tuple(index), v.astype(y.dtype))
        c.add("assign_add_at", [x, v] + tensors, y.astype(x.dtype), kw, {"bfloat16": 4e-2, "float64": 1e-12}.get(d, "exact"), checks="")
x, at, v = np.array([True, False, False, True]), np.array([[1], [3], [1]], "int32"), np.array([True, False, False])
c.add("scatter", [at, v], np.array([False, True, False, False]), {"shape": [4]})
for red, f in [(None, None), ("add", np.logical_or), ("max", np.logical_or), ("min", np.logical_and), ("mul", np.logical_and)]:
    y = x.copy()
    for i, u in zip(at[:2, 0], v):
        y[i] = u if f is None else f(y[i], u)
    c.add("scatter_update", [x, at[:2], v[:2]], y, {"reduction": red})
x, ids = np.array([True, True, False, False, True]), np.array([0, 1, 1, 2, 2])
for op, f in [("segment_sum", any), ("segment_max", any), ("segment_min", all), ("segment_prod", all)]:
    c.add(op, [x, ids], np.array([f(x[ids == i]) for i in range(3)]), {"num_segments": 3})
for d in FLOATS:
    j = np.array([[0, 1.5, 2], [-1, 3, 9]]).astype(BF16 if d == "bfloat16" else d)
    c.add("multi_hot", [j], np.asarray(ops.multi_hot(j.astype("int32"), 4, dtype="float32")), {"num_classes": 4, "axis": -1, "dtype": "float32"})
j = np.array([[True, True], [False, True]])
c.add("multi_hot", [j], np.asarray(ops.multi_hot(j.astype("int32"), 4, dtype="float32")), {"num_classes": 4, "axis": -1, "dtype": "float32"})
for places_shape in [(1,), (3, 1), (2, 1, 3), (2, 0, 1), (1, 2, 1, 3, 1)]:
    j = places(places_shape, 12)
    c.add("unravel_index", [j], [np.asarray(a).astype("int32") for a in np.unravel_index(j % 12, (3, 4))], {"shape": [3, 4]})

c.write()
