"""Cases of normalization, attention, crossentropies and connectionist temporal classification, from Keras on NumPy.

Computed in float64 and rounded. Attention is written out here, since Keras takes its softmax in float32 whatever the
type, and compared with what Keras says.
"""

import os

os.environ["KERAS_BACKEND"] = "numpy"

import numpy as np  # noqa: E402
from keras import config, ops  # noqa: E402
from keras.src.backend.common import dtypes  # noqa: E402

from cases import BF16, INTS, SHAPES, Cases, numbers  # noqa: E402

# Without this, Keras on NumPy computes float64 in float32.
dtypes.BIT64_TO_BIT32_DTYPE.clear()
config.set_floatx("float64")
c = Cases("nn")
TOLERANCE = {"float32": 2e-6, "float64": 1e-12, "float16": 4e-3, "bfloat16": 3e-2}
FLOATS = ["float64", "float16", "bfloat16"]


def rounded(y, dtype):
    return np.asarray(y).astype(BF16 if dtype == "bfloat16" else dtype)


def name_of(x):
    return "bfloat16" if x.dtype == BF16 else x.dtype.name


def add(op, inputs, truth, kw=None, checks="cs", views=None, dtype=None, tolerance=None):
    dtype = dtype or name_of(inputs[0])
    dtype = "float32" if dtype[:3] in ("int", "uin", "boo") else dtype
    outputs = [rounded(y, dtype) for y in (truth if isinstance(truth, (tuple, list)) else [truth])]
    c.add(op, inputs, outputs, kw, tolerance or TOLERANCE[dtype], checks, views)


def x(shape, dtype="float32", low=-2, high=2, seed=0):
    return numbers(shape, dtype, low, high, seed)


def wide(a):
    return np.asarray(a, "float64")


G = "csg"
VIEWS = ["transposed", "reversed", "strided"]

# Softmax over one axis, several, all.
for op in ("softmax", "log_softmax"):
    f = getattr(ops, op)
    for shape in SHAPES:
        a = x(shape)
        if shape and 0 not in shape:
            for axis in (-1, 0):
                add(op, [a], f(wide(a), axis=axis), {"axis": axis})
        if 0 not in shape and shape:
            add(op, [a], f(wide(a), axis=None), {"axis": None})
        elif shape:
            add(op, [a], np.zeros(shape), {"axis": -1})
    a = x((2, 3, 4))
    add(op, [a], f(wide(a), axis=(0, 2)), {"axis": [0, 2]})
    add(op, [a], f(wide(a), axis=(1, 2)), {"axis": [1, 2]})
    for view in VIEWS:
        add(op, [a], f(wide(a), axis=1), {"axis": 1}, views=[view])
    for dtype in FLOATS + ["int32"]:
        a = x((2, 5), dtype)
        add(op, [a], f(wide(a), axis=-1), {"axis": -1})
    a = np.array([[1000.0, 999.0, -1000.0], [np.nan, 0, 1]], "float32")
    add(op, [a], f(wide(a), axis=-1), {"axis": -1})
    a = x((2, 2, 2), "float64")
    add(op, [a], f(a, axis=(0, 2)), {"axis": [0, 2]}, G)
    add(op, [a], f(a, axis=None), {"axis": None}, G)

# Means, variances and what is divided by them.
for shape in SHAPES[1:3] + SHAPES[4:6] + SHAPES[7:] + [(4, 4), (2, 5)]:
    a = x(shape)
    for axes, keep in (([-1], False), ([0], True), (list(range(len(shape))), False)):
        add("moments", [a], ops.moments(wide(a), axes, keepdims=keep), {"axes": axes, "keepdims": keep})
    n = shape[-1]
    mean, var, offset, scale = (x((n,), low=0.5, high=2, seed=s) for s in range(1, 5))
    y = ops.batch_normalization(wide(a), wide(mean), wide(var), -1, wide(offset), wide(scale), 1e-3)
    add("batch_normalization", [a, mean, var, offset, scale], y, {"axis": -1})
    y = ops.batch_normalization(wide(a), wide(mean), wide(var), len(shape) - 1, epsilon=0.1)
    add("batch_normalization", [a, mean, var], y, {"axis": len(shape) - 1, "epsilon": 0.1})
    y = ops.layer_normalization(wide(a), wide(scale), wide(offset), epsilon=1e-3)
    add("layer_normalization", [a, scale, offset], y, {"axis": [-1], "epsilon": 1e-3})
    add("layer_normalization", [a], ops.layer_normalization(wide(a), axis=0, epsilon=0.5), {"axis": [0], "epsilon": 0.5})
    add("rms_normalization", [a], ops.rms_normalization(wide(a)), {"axis": [-1]})
    y = ops.rms_normalization(wide(a), wide(scale), epsilon=1e-3)
    add("rms_normalization", [a, scale], y, {"axis": [-1], "epsilon": 1e-3})
    for order in (1, 2, 3):
        add("normalize", [a], ops.normalize(wide(a), -1, order), {"axis": -1, "order": order})
a = x((3, 2, 4))
g1, b1 = x((2, 4), seed=1), x((2, 4), seed=2)
y = ops.layer_normalization(wide(a), wide(g1), wide(b1), axis=[1, 2], epsilon=1e-3)
add("layer_normalization", [a, g1, b1], y, {"axis": [1, 2], "epsilon": 1e-3})
g1, b1 = x((3,), seed=1), x((3,), seed=2)
y = ops.layer_normalization(wide(a), wide(g1), wide(b1), axis=0, epsilon=1e-3)
add("layer_normalization", [a, g1, b1], y, {"axis": [0], "epsilon": 1e-3})
add("rms_normalization", [a], ops.rms_normalization(wide(a), axis=(0, 2)), {"axis": [0, 2]})
add("normalize", [a], ops.normalize(wide(a), 0, 2), {"axis": 0, "order": 2})
add("normalize", [a], ops.normalize(wide(a), 1, 4, 1.0), {"axis": 1, "order": 4, "epsilon": 1.0})
add("normalize", [np.zeros((2, 3), "float32")], np.zeros((2, 3)), {"axis": -1, "order": 2})
m = [x((2,), low=0.5, high=2, seed=s) for s in range(1, 5)]
y = ops.batch_normalization(wide(a), *[wide(v) for v in m[:2]], 1, wide(m[2]), wide(m[3]))
add("batch_normalization", [a, *m], y, {"axis": 1})
add("batch_normalization", [np.zeros((0, 2), "float32"), *m], np.zeros((0, 2)), {"axis": 1})
add("layer_normalization", [np.zeros((0, 2), "float32")], np.zeros((0, 2)), {"axis": [-1]})
add("rms_normalization", [np.zeros((0, 2), "float32")], np.zeros((0, 2)), {"axis": [-1]})
add("normalize", [np.zeros((0, 2), "float32")], np.zeros((0, 2)), {"axis": -1, "order": 2})
for view in VIEWS:
    add("moments", [a], ops.moments(wide(a), [0, 2]), {"axes": [0, 2]}, views=[view])
    add("batch_normalization", [a, *m], y, {"axis": 1}, views=[view] + [None] * 4)
    add("layer_normalization", [a], ops.layer_normalization(wide(a), epsilon=1e-3), {"axis": [-1], "epsilon": 1e-3}, views=[view])
    add("rms_normalization", [a], ops.rms_normalization(wide(a)), {"axis": [-1]}, views=[view])
    add("normalize", [a], ops.normalize(wide(a)), {"axis": -1, "order": 2}, views=[view])
for dtype in FLOATS:
    a = x((3, 4), dtype)
    v = [x((4,), dtype, 0.5, 2, s) for s in range(1, 5)]
    add("moments", [a], ops.moments(wide(a), [0]), {"axes": [0]})
    y = ops.batch_normalization(wide(a), *[wide(w) for w in v[:2]], 1, wide(v[2]), wide(v[3]))
    add("batch_normalization", [a, *v], y, {"axis": 1}, tolerance=None if dtype == "float64" else 10 * TOLERANCE[dtype])
    y = ops.layer_normalization(wide(a), wide(v[0]), wide(v[1]), epsilon=1e-3)
    add("layer_normalization", [a, v[0], v[1]], y, {"axis": [-1], "epsilon": 1e-3})
    add("rms_normalization", [a, v[0]], ops.rms_normalization(wide(a), wide(v[0])), {"axis": [-1]})
    add("normalize", [a], ops.normalize(wide(a)), {"axis": -1, "order": 2})
    add("normalize", [a], ops.normalize(wide(a), -1, 1), {"axis": -1, "order": 1})
a = x((3, 4), "int32")
add("moments", [a], ops.moments(wide(a), [0]), {"axes": [0]})
add("normalize", [a], ops.normalize(wide(a) + 0.0), {"axis": -1, "order": 2})
a = x((2, 3), "float64")
v = [x((3,), "float64", 0.5, 2, s) for s in range(1, 5)]
add("moments", [a], ops.moments(a, [0]), {"axes": [0]}, G)
add("batch_normalization", [a, *v], ops.batch_normalization(a, v[0], v[1], 1, v[2], v[3]), {"axis": 1}, G)
add("layer_normalization", [a, v[0], v[1]], ops.layer_normalization(a, v[0], v[1], epsilon=0.1), {"axis": [-1], "epsilon": 0.1}, G)
add("rms_normalization", [a, v[0]], ops.rms_normalization(a, v[0], epsilon=0.1), {"axis": [-1], "epsilon": 0.1}, G)
for order in (1, 2, 3):
    b = x((2, 2), "float64", 0.5, 2)
    add("normalize", [b], ops.normalize(b, -1, order), {"axis": -1, "order": order}, G)

# Signal-to-noise ratio.
for shape in SHAPES:
    if 0 not in shape:
        a, b = x(shape), x(shape, seed=1)
        add("psnr", [a, b], ops.psnr(wide(a), wide(b), 2.0), {"max_val": 2.0})
for dtype in FLOATS:
    a, b = x((2, 3), dtype), x((2, 3), dtype, seed=1)
    add("psnr", [a, b], ops.psnr(wide(a), wide(b), 1.0), {"max_val": 1.0})
a, b = x((2, 3), "float64"), x((2, 3), "float64", seed=1)
add("psnr", [a, b], ops.psnr(a, b, 255.0), {"max_val": 255.0}, G)
add("psnr", [x((2, 3)), x((2, 3))], np.inf, {"max_val": 255.0})


# Attention.
def attention(q, k, v, bias=None, mask=None, scale=None, causal=False):
    q, k, v = wide(q), wide(k), wide(v)
    k, v = (np.repeat(t, q.shape[2] // t.shape[2], axis=2) for t in (k, v))
    scores = np.einsum("btnh,bsnh->bnts", q, k) * (1 / np.sqrt(q.shape[3]) if scale is None else scale)
    if bias is not None:
        scores = scores + wide(bias)
    seen = np.ones(scores.shape, bool)
    if mask is not None:
        seen &= np.asarray(mask, bool)
    if causal:
        seen &= np.tril(np.ones(scores.shape[2:], bool))
    scores = np.where(seen, scores, -1e300)
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return np.einsum("bnts,bsnh->btnh", e / e.sum(-1, keepdims=True), v)


for b, t, s, n, kn, h, hv in ((1, 1, 1, 1, 1, 1, 1), (2, 3, 4, 2, 2, 3, 3), (1, 4, 4, 4, 2, 2, 2), (2, 2, 5, 3, 1, 4, 4),
                              (1, 5, 2, 1, 1, 8, 8), (2, 3, 3, 2, 2, 2, 5), (1, 2, 7, 6, 3, 1, 2), (3, 1, 2, 1, 1, 2, 3)):
    for dtype in ["float32"] + (FLOATS if b == 2 and t == 3 else []):
        q, k, v = x((b, t, n, h), dtype), x((b, s, kn, h), dtype, seed=1), x((b, s, kn, hv), dtype, seed=2)
        bias, mask = x((b, n, t, s), dtype, seed=3), x((b, 1, t, s), "bool", seed=4)
        mask[..., 0] = True
        for kw in ({}, {"scale": 0.3}, {"is_causal": True}, {"bias": True}, {"mask": True},
                   {"bias": True, "mask": True, "is_causal": True}):
            extra = ([bias] if "bias" in kw else []) + ([mask] if "mask" in kw else [])
            y = attention(q, k, v, bias if "bias" in kw else None, mask if "mask" in kw else None, kw.get("scale"),
                          kw.get("is_causal", False))
            # Keras agrees; on NumPy it does not share key heads among query heads.
            if dtype == "float32" and hv == h and n == kn:
                given = {"bias": bias} if "bias" in kw else {}
                given |= {"mask": mask} if "mask" in kw else {}
                given |= {k2: v2 for k2, v2 in kw.items() if k2 in ("scale", "is_causal")}
                theirs = np.asarray(ops.dot_product_attention(q, k, v, **given))
                assert np.allclose(theirs, y, atol=1e-5), (kw, np.abs(theirs - y).max())
            add("dot_product_attention", [q, k, v, *extra], y, kw, tolerance=5e-6 if dtype == "float32" else None)
q, k, v = x((1, 2, 1, 2), "float64"), x((1, 2, 1, 2), "float64", seed=1), x((1, 2, 1, 1), "float64", seed=2)
add("dot_product_attention", [q, k, v], attention(q, k, v), {}, G)
add("dot_product_attention", [q, k, v], attention(q, k, v, causal=True), {"is_causal": True}, G)
q = x((1, 1, 2, 2), "float64")
bias = x((1, 2, 1, 2), "float64")
add("dot_product_attention", [q, k, v, bias], attention(q, k, v, bias), {"bias": True}, G)
for view in VIEWS:
    q, k, v = x((2, 3, 2, 3)), x((2, 4, 2, 3), seed=1), x((2, 4, 2, 3), seed=2)
    add("dot_product_attention", [q, k, v], attention(q, k, v), {}, views=[view] * 3, tolerance=5e-6)

# Crossentropies. Keras on NumPy goes through probabilities where it is given logits; on JAX it does not.
def of_logits(y, z):
    return wide(y) * np.logaddexp(0, -wide(z)) + (1 - wide(y)) * np.logaddexp(0, wide(z))


for shape in SHAPES:
    y, p, z = x(shape, low=0, high=1), x(shape, low=0, high=1, seed=1), x(shape, seed=2)
    if 0 not in shape:
        add("binary_crossentropy", [y, p], ops.binary_crossentropy(wide(y), wide(p)))
        add("binary_crossentropy", [y, z], of_logits(y, z), {"from_logits": True})
    else:
        add("binary_crossentropy", [y, p], np.zeros(shape))
    if shape and 0 not in shape:
        for axis in (-1, 0):
            add("categorical_crossentropy", [y, p], ops.categorical_crossentropy(wide(y), wide(p), axis=axis), {"axis": axis})
            f = ops.categorical_crossentropy(wide(y), wide(z), True, axis)
            add("categorical_crossentropy", [y, z], f, {"axis": axis, "from_logits": True})
        t = numbers(shape[:-1], "int32", 0, shape[-1] - 1)
        add("sparse_categorical_crossentropy", [t, p], ops.sparse_categorical_crossentropy(t, wide(p)), {}, dtype="float32")
        f = ops.sparse_categorical_crossentropy(t, wide(z), True)
        add("sparse_categorical_crossentropy", [t, z], f, {"from_logits": True}, dtype="float32")
        f = ops.sparse_categorical_crossentropy(t[..., None], wide(z), True)
        add("sparse_categorical_crossentropy", [t[..., None], z], f, {"from_logits": True}, dtype="float32")
p = np.array([0.0, 1.0, 0.0, 1.0, 0.5], "float32")
y = np.array([0.0, 1.0, 1.0, 0.0, 1.0], "float32")
# 1 - 1e-7 is rounded in float32, and so is its logarithm.
f = ops.binary_crossentropy(y, p)
add("binary_crossentropy", [y, p], f, {})
z = np.array([[-1000.0, 1000.0, 0.0]], "float32")
y = np.array([[1.0, 0.0, 1.0]], "float32")
add("binary_crossentropy", [y, z], of_logits(y, z), {"from_logits": True})
for dtype in FLOATS:
    y, p, z = x((2, 3), dtype, 0, 1), x((2, 3), dtype, 0.1, 0.9, 1), x((2, 3), dtype, seed=2)
    t = np.array([2, 0], "uint8")
    add("binary_crossentropy", [y, p], ops.binary_crossentropy(wide(y), wide(p)))
    add("binary_crossentropy", [y, z], of_logits(y, z), {"from_logits": True})
    add("categorical_crossentropy", [y, p], ops.categorical_crossentropy(wide(y), wide(p)))
    add("categorical_crossentropy", [y, z], ops.categorical_crossentropy(wide(y), wide(z), True), {"from_logits": True})
    add("sparse_categorical_crossentropy", [t, z], ops.sparse_categorical_crossentropy(t, wide(z), True),
        {"from_logits": True}, dtype=dtype)
    add("sparse_categorical_crossentropy", [t, p], ops.sparse_categorical_crossentropy(t, wide(p)), {}, dtype=dtype)
for view in VIEWS:
    y, p = x((2, 3, 4), low=0, high=1), x((2, 3, 4), low=0, high=1, seed=1)
    t = numbers((2, 3), "int32", 0, 3)
    add("binary_crossentropy", [y, p], ops.binary_crossentropy(wide(y), wide(p)), views=[view] * 2)
    add("categorical_crossentropy", [y, p], ops.categorical_crossentropy(wide(y), wide(p)), views=[view] * 2)
    add("sparse_categorical_crossentropy", [t, p], ops.sparse_categorical_crossentropy(t, wide(p)), views=[view] * 2)
y, p, z = x((2, 2), "float64", 0, 1), x((2, 2), "float64", 0.2, 0.8, 1), x((2, 2), "float64", seed=2)
t = np.array([1, 0], "int64")
for o, kw in ((p, {}), (z, {"from_logits": True})):
    logits = bool(kw)
    add("binary_crossentropy", [y, o], of_logits(y, o) if logits else ops.binary_crossentropy(y, o), kw, G)
    add("categorical_crossentropy", [y, o], ops.categorical_crossentropy(y, o, logits), kw, G)
    add("sparse_categorical_crossentropy", [t, o], ops.sparse_categorical_crossentropy(t, o, logits), kw, G, dtype="float64")

# Connectionist temporal classification.
g = np.random.default_rng(7)
for b, steps, classes, labels in ((1, 1, 2, 1), (1, 2, 2, 1), (2, 4, 3, 2), (3, 6, 4, 3), (2, 5, 5, 5), (1, 8, 3, 3),
                                  (4, 3, 6, 1), (2, 7, 2, 2), (2, 3, 3, 4)):
    for mask in (0, classes - 1):
        out = g.uniform(-2, 2, (b, steps, classes))
        target = g.integers(0, classes - 1, (b, labels)).astype("int32")
        target += (target >= mask).astype("int32")
        tl = g.integers(0, min(labels, steps), b, endpoint=True).astype("int32")
        ol = g.integers(max(1, steps - 2), steps, b, endpoint=True).astype("int32")
        loss = np.asarray(ops.ctc_loss(target, out, tl, ol, mask))
        for dtype in ("float32", "float64"):
            small = out.astype(dtype)
            loss = np.asarray(ops.ctc_loss(target, small.astype("float64"), tl, ol, mask))
            add("ctc_loss", [target, small, tl, ol], loss, {"mask_index": mask}, dtype=dtype,
                tolerance=2e-5 if dtype == "float32" else 1e-9)
        for kw in ({"strategy": "greedy"}, {"strategy": "greedy", "merge_repeated": False},
                   {"strategy": "beam_search", "beam_width": 4, "top_paths": 2}, {"strategy": "beam_search", "beam_width": 20}):
            if kw.get("top_paths", 1) > kw.get("beam_width", 100):
                continue
            paths, scores = ops.ctc_decode(out, ol, mask_index=mask, **kw)
            c.add("ctc_decode", [out, ol], [np.asarray(paths).astype("int32"), np.asarray(scores)], {"mask_index": mask, **kw}, 1e-9, "")
out = g.uniform(-1, 1, (1, 3, 2))
one = np.array([1], "int32")
for tl, ol in ((1, 3), (1, 2)):
    f = ops.ctc_loss(np.array([[1]], "int32"), out, one * tl, one * ol, 0)
    add("ctc_loss", [np.array([[1]], "int32"), out, one * tl, one * ol], f, {"mask_index": 0}, G, dtype="float64", tolerance=1e-9)
# Whole numbers and truth values count as float32. Normalized layers keep the type of their input, fractions cut off;
# scores of sequences are float32 at least.
for dtype in INTS + ["bool"]:
    a, v = x((3, 4), dtype), [x((4,), dtype, 1, 3, s) for s in range(1, 5)]
    v[1] = np.ones_like(v[1])
    for op in ("softmax", "log_softmax"):
        add(op, [a], getattr(ops, op)(wide(a), axis=-1), {"axis": -1})
    add("moments", [a], ops.moments(wide(a), [0]), {"axes": [0]})
    add("normalize", [a], ops.normalize(wide(a)), {"axis": -1, "order": 2})
    y = ops.batch_normalization(wide(a), *[wide(w) for w in v[:2]], 1, wide(v[2]), wide(v[3]))
    add("batch_normalization", [a, *v], y, {"axis": 1})
    cut = (lambda y: y != 0) if dtype == "bool" else (lambda y: np.trunc(y).astype("int64").astype(dtype))
    shift = x((4,), dtype, 6, 9)
    y = ops.layer_normalization(wide(a), wide(v[0]), wide(shift), epsilon=1e-3)
    c.add("layer_normalization", [a, v[0], shift], cut(y), {"axis": [-1], "epsilon": 1e-3})
    y = ops.rms_normalization(wide(a), wide(v[0]), epsilon=0.1)
    c.add("rms_normalization", [a, v[0]], cut(y), {"axis": [-1], "epsilon": 0.1})
    b = x((3, 4), dtype, seed=1)
    add("psnr", [a, b], ops.psnr(wide(a), wide(b), 2.0), {"max_val": 2.0})
    one = x((3, 4), dtype, 0, 1)
    add("binary_crossentropy", [one, b], of_logits(one, b), {"from_logits": True})
    add("categorical_crossentropy", [one, b], ops.categorical_crossentropy(wide(one), wide(b), True), {"from_logits": True})
    t, z = numbers((3,), dtype, 0, 3), x((3, 4), seed=2)
    add("sparse_categorical_crossentropy", [t, z], ops.sparse_categorical_crossentropy(t.astype("int32"), wide(z), True), {"from_logits": True})
    if dtype != "bool":
        q, k, v = x((2, 3, 2, 3), dtype), x((2, 4, 2, 3), dtype, seed=1), x((2, 4, 2, 3), dtype, seed=2)
        add("dot_product_attention", [q, k, v], attention(q, k, v), {}, tolerance=5e-6)
target, out = np.array([[1, 1, 0], [1, 0, 0]]), np.round(np.random.default_rng(8).uniform(-2, 2, (2, 6, 2)))
tl, ol = np.array([2, 1], "int32"), np.array([6, 5], "int32")
for dtype in ["float16", "bfloat16", *INTS, "bool"]:
    small = rounded(np.maximum(out, 0) if dtype[0] in "ub" and dtype != "bfloat16" else out, dtype)
    labels = target.astype(dtype) if dtype in INTS + ["bool"] else target.astype("int32")
    truth = np.asarray(ops.ctc_loss(target.astype("int32"), wide(small), tl, ol, 0))
    add("ctc_loss", [labels, small, tl, ol], truth, {"mask_index": 0}, dtype="float32")
for dtype in ["float16", "bfloat16", "float32", *INTS, "bool"]:
    # One number stands out in every step.
    sharp = rounded(np.eye(3)[[[0, 1, 1, 2, 0], [2, 2, 0, 1, 1]]] * (1 if dtype == "bool" else 3), dtype)
    paths, scores = ops.ctc_decode(wide(sharp), np.array([5, 4], "int32"), strategy="greedy", mask_index=0)
    c.add("ctc_decode", [sharp, np.array([5, 4], "int32")], [np.asarray(paths).astype("int32"), rounded(scores, "float32")],
          {"mask_index": 0, "strategy": "greedy"}, TOLERANCE["float32"], "")

# Nothing in, nothing out; the mean of nothing is no number.
f = lambda *shape: np.zeros(shape, "float32")  # noqa: E731
c.add("moments", [f(0, 3)], [f(0), f(0)], {"axes": [-1], "keepdims": False})
c.add("moments", [f(2, 0)], [np.full(2, np.nan, "float32")] * 2, {"axes": [-1], "keepdims": False})
c.add("psnr", [f(0, 3), f(0, 3)], np.float32(np.nan), {"max_val": 2.0})
c.add("dot_product_attention", [f(0, 2, 1, 3), f(0, 4, 1, 3), f(0, 4, 1, 5)], f(0, 2, 1, 5))
for logits in (False, True):
    c.add("categorical_crossentropy", [f(0, 3), f(0, 3)], f(0), {"axis": -1, "from_logits": logits})
    c.add("sparse_categorical_crossentropy", [f(0).astype("int32"), f(0, 3)], f(0), {"from_logits": logits})
no = f(0).astype("int32")
c.add("ctc_loss", [f(0, 2).astype("int32"), f(0, 4, 3), no, no], f(0), {"mask_index": 0})
c.add("ctc_decode", [f(0, 4, 3), no], [f(1, 0, 4).astype("int32"), f(0, 1)], {"mask_index": 0, "strategy": "greedy"}, checks="")

c.write()
