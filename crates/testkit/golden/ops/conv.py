"""Cases of convolution and pooling, from Keras on JAX in float64, rounded to the type of the case.

Keras on JAX convolves in the type of its arguments; half floats here are computed in float32, so that both agree to
the precision of the type. Sums of many terms that cancel are compared a little more loosely. Integer pooling and convolution are computed by Keras in int64 or float64 and cast.

Where windows do not cover the whole image, Keras's fold on JAX gives an image that is smaller than asked for; the
rows and columns that no window covers are zeros here.
"""

import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = "1"

import numpy as np  # noqa: E402
from keras import ops  # noqa: E402

from cases import BF16, Cases, numbers  # noqa: E402

c = Cases("conv")
TOLERANCE = {"float32": 5e-6, "float64": 1e-12, "float16": 4e-3, "bfloat16": 3e-2}


def truth(name, inputs, kw, dtype):
    wide = [np.asarray(x, "float64") for x in inputs]
    call = {k: tuple(v) if isinstance(v, list) else v for k, v in kw.items()}
    if name in ("max_pool", "average_pool"):
        # The backend does not take strides that are left out.
        call.setdefault("strides", call["pool_size"])
    y = np.asarray(getattr(ops, name)(*wide, **call))
    if name == "fold" and "padding" not in kw:
        out = np.broadcast_to(kw["output_size"], 2)
        y = np.pad(y, ((0, 0), (0, 0), (0, out[0] - y.shape[2]), (0, out[1] - y.shape[3])))
    return y.astype(BF16 if dtype == "bfloat16" else dtype)


def add(name, inputs, kw=None, checks="cs", views=None, dtype=None):
    kw = kw or {}
    dtype = dtype or ("bfloat16" if inputs[0].dtype == BF16 else inputs[0].dtype.name)
    tolerance = TOLERANCE.get(dtype, "exact")
    c.add(name, inputs, truth(name, inputs, kw, dtype), kw, tolerance, checks, views)


def x(*shape, dtype="float32", seed=0):
    return numbers(shape, dtype, -2, 2, seed)


FIRST = {"data_format": "channels_first"}
SAME = {"padding": "same"}
# Every dimension, padding, stride, dilation, layout.
for dims, n in ((1, (7,)), (2, (6, 5)), (3, (4, 5, 3))):
    k = (3, 2, 2)[:dims]
    for kw in ({}, SAME, {"strides": 2}, {"strides": 2, **SAME}, {"dilation_rate": 2, **SAME},
               {"strides": [2, 1, 2][:dims], **SAME}, {"strides": 3, "padding": "valid"}):
        add("conv", [x(2, *n, 3), x(*k, 3, 4, seed=1)], kw)
        add("depthwise_conv", [x(2, *n, 3), x(*k, 3, 2, seed=1)],
            {**kw, "strides": kw["strides"][0]} if isinstance(kw.get("strides"), list) else kw)
        if dims < 3:
            kw = {**kw, "strides": kw["strides"][0]} if isinstance(kw.get("strides"), list) else kw
            add("separable_conv", [x(2, *n, 3), x(*k, 3, 2, seed=1), x(*(1,) * dims, 6, 5, seed=2)], kw)
    add("conv", [x(2, 3, *n), x(*k, 3, 4, seed=1)], {**FIRST, **SAME})
    add("depthwise_conv", [x(2, 3, *n), x(*k, 3, 1, seed=1)], FIRST)
    add("separable_conv", [x(1, 3, *n), x(*k, 3, 1, seed=1), x(*(1,) * dims, 3, 2, seed=2)], FIRST)
    for kw in ({}, SAME, {"strides": 2}, {"strides": 2, **SAME}, {"strides": 3, **SAME}, {"strides": 3},
               {"strides": 2, "output_padding": 1}, {"strides": 2, "output_padding": 1, **SAME},
               {"dilation_rate": 2}, {"dilation_rate": 2, **SAME}):
        add("conv_transpose", [x(2, *n, 3), x(*k, 4, 3, seed=1)], kw)
    add("conv_transpose", [x(2, 3, *n), x(*k, 4, 3, seed=1)], {**FIRST, "strides": 2})
    # Groups, windows of one place, batches without entries, windows larger than the input.
    add("conv", [x(2, *n, 4), x(*k, 2, 6, seed=1)], SAME)
    add("conv", [x(2, *n, 4), x(*k, 1, 4, seed=1)], {"strides": 2, **SAME})
    add("conv", [x(2, *n, 3), x(*(1,) * dims, 3, 2, seed=1)])
    add("conv", [x(2, *n, 3), x(*(1,) * dims, 3, 2, seed=1)], {"strides": 2})
    add("conv", [x(0, *n, 3), x(*k, 3, 2, seed=1)], SAME)
    add("conv", [x(1, *(2,) * dims, 1), x(*(5,) * dims, 1, 2, seed=1)], SAME)
    add("depthwise_conv", [x(0, *n, 3), x(*k, 3, 2, seed=1)], SAME)
    add("separable_conv", [x(0, *n, 3), x(*k, 3, 2, seed=1), x(*(1,) * dims, 6, 5, seed=2)], SAME)
    add("conv_transpose", [x(1, *(1,) * dims, 1), x(*k, 2, 1, seed=1)], {"strides": 2})
    for pool in ("max_pool", "average_pool"):
        for size, kw in ((2, {}), (2, SAME), (3, {"strides": 2}), (3, {"strides": 2, **SAME}), (2, {"strides": 1}),
                         (2, {"strides": 3, **SAME}), ([2, 1, 3][:dims], {"strides": [1, 2, 1][:dims]})):
            add(pool, [x(2, *n, 3)], {"pool_size": size, **kw})
        add(pool, [x(2, 3, *n)], {"pool_size": 2, **FIRST})
        add(pool, [x(1, *(2,) * dims, 1)], {"pool_size": 5, "strides": 1, **SAME})
        for view in ("transposed", "reversed", "strided"):
            add(pool, [x(2, *n, 2)], {"pool_size": 2}, views=[view])
        add("adaptive_" + pool, [x(2, *n, 3)], {"output_size": 2})
        for size in (1, 2, 3, [5, 2, 3][:dims], 4):
            add("adaptive_" + pool, [x(1, *n, 2)], {"output_size": size})
        add("adaptive_" + pool, [x(2, 3, *n)], {"output_size": 3, **FIRST})
        add("adaptive_" + pool, [x(1, *(2,) * dims, 1)], {"output_size": 3})
        add("adaptive_" + pool, [x(2, *n, 2)], {"output_size": 2}, views=["reversed"])
    for view in ("transposed", "reversed", "strided"):
        add("conv", [x(2, *n, 3), x(*k, 3, 4, seed=1)], SAME, views=[view, view])
        add("conv_transpose", [x(2, *n, 3), x(*k, 4, 3, seed=1)], {"strides": 2}, views=[view, view])
        add("depthwise_conv", [x(2, *n, 3), x(*k, 3, 2, seed=1)], {}, views=[view, view])
        add("separable_conv", [x(2, *n, 3), x(*k, 3, 2, seed=1), x(*(1,) * dims, 6, 5, seed=2)], {}, views=[view] * 3)

# Windows so long that they are multiplied in parts, and pieces for several threads.
add("conv", [x(1, 40, 90), x(30, 90, 3, seed=1) / 16], {})
add("conv", [x(2, 17, 19, 8), x(3, 3, 8, 16, seed=1) / 4], SAME)

ALL = ["float64", "float16", "bfloat16"]
WHOLE = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
for dtype in ALL + WHOLE:
    a, k = x(2, 5, 2, dtype=dtype), x(2, 2, 2, dtype=dtype, seed=1)
    add("conv", [a, k], SAME)
    if dtype[0] != "u":
        add("conv", [a, k], {"strides": 2})
    add("depthwise_conv", [a, k])
    add("separable_conv", [a, k, x(1, 4, 2, dtype=dtype, seed=2)])
    add("conv_transpose", [a, k], {"strides": 2})
    add("max_pool", [a], {"pool_size": 2, **SAME})
    add("adaptive_max_pool", [a], {"output_size": 3})
    add("average_pool", [a], {"pool_size": 2, **SAME}, dtype=None if dtype in ALL else "float32")
    add("adaptive_average_pool", [a], {"output_size": 3}, dtype=None if dtype in ALL else "float32")
special = np.array([[[np.nan], [1], [2], [-np.inf], [-np.inf], [np.inf], [-0.0], [0.0]]], "float32")
for pool in ("max_pool", "average_pool"):
    add(pool, [special], {"pool_size": 2, "strides": 1, **SAME})

# Gradients: each is a convolution or a sum over windows again.
g = "csg"
add("conv", [x(1, 4, 1, dtype="float64"), x(2, 1, 2, dtype="float64", seed=1)], {"strides": 2, **SAME}, g)
add("conv", [x(1, 3, 2, dtype="float64"), x(2, 2, 1, dtype="float64", seed=1)], {"dilation_rate": 2}, g)
add("conv", [x(1, 2, 2, 2, dtype="float64"), x(2, 1, 1, 2, dtype="float64", seed=1)], {**SAME}, g)
add("conv", [x(1, 1, 2, 2, 2, dtype="float64"), x(1, 2, 1, 2, 1, dtype="float64", seed=1)], {}, g)
add("conv_transpose", [x(1, 3, 1, dtype="float64"), x(3, 2, 1, dtype="float64", seed=1)], {"strides": 2, **SAME}, g)
add("depthwise_conv", [x(1, 3, 2, dtype="float64"), x(2, 2, 2, dtype="float64", seed=1)], {}, g)
add("separable_conv", [x(1, 3, 2, dtype="float64"), x(2, 2, 1, dtype="float64", seed=1),
                       x(1, 2, 1, dtype="float64", seed=2)], {}, g)
for name, kw in (("max_pool", {"pool_size": 2, "strides": 1, **SAME}), ("max_pool", {"pool_size": 2}),
                 ("average_pool", {"pool_size": 3, "strides": 2, **SAME}), ("average_pool", {"pool_size": 2}),
                 ("adaptive_max_pool", {"output_size": 3}), ("adaptive_average_pool", {"output_size": 3})):
    add(name, [x(1, 4, 2, dtype="float64", seed=5)], kw, g)

# Windows as columns.
for shape, kw in (
    ((1, 1, 3, 3), {"kernel_size": 2}), ((2, 3, 5, 4), {"kernel_size": [2, 3]}),
    ((2, 2, 5, 5), {"kernel_size": 2, "stride": 2}), ((1, 2, 6, 5), {"kernel_size": 3, "padding": 1}),
    ((1, 2, 6, 5), {"kernel_size": 2, "dilation": 2}), ((1, 1, 7, 6), {"kernel_size": [2, 1], "stride": [3, 2]}),
    ((2, 1, 4, 4), {"kernel_size": 2, "padding": [1, 2], "stride": 2, "dilation": [2, 1]}), ((0, 1, 4, 4), {"kernel_size": 2}),
):
    columns = truth("unfold", [x(*shape)], kw, "float32") if shape[0] else np.zeros((0, 4, 9), "float32")
    c.add("unfold", [x(*shape)], columns, kw, 1e-6)
    if shape[0]:
        add("fold", [numbers(columns.shape, "float32", seed=3)], {"output_size": list(shape[2:]), **kw})
    else:
        c.add("fold", [columns], np.zeros(shape, "float32"), {"output_size": list(shape[2:]), **kw})
for dtype in ALL + WHOLE:
    add("unfold", [x(1, 2, 3, 3, dtype=dtype)], {"kernel_size": 2})
    add("fold", [x(1, 8, 4, dtype=dtype)], {"output_size": 3, "kernel_size": 2})
for view in ("transposed", "reversed", "strided"):
    add("unfold", [x(2, 2, 4, 3)], {"kernel_size": 2}, views=[view])
    add("fold", [x(1, 8, 4)], {"output_size": 3, "kernel_size": 2}, views=[view])
add("unfold", [x(1, 1, 3, 2, dtype="float64")], {"kernel_size": 2, "padding": 1}, g)
add("fold", [x(1, 4, 2, dtype="float64")], {"output_size": [3, 2], "kernel_size": 2}, g)
# Truth values count as numbers beside floats.
a, k = x(2, 5, 2, dtype="bool"), x(2, 2, 2, seed=1)
for name, inputs, kw in (("conv", [a, k], SAME), ("depthwise_conv", [a, k], {}), ("conv_transpose", [a, k], {"strides": 2}),
                         ("separable_conv", [a, k, x(1, 4, 2, seed=2)], {}), ("average_pool", [a], {"pool_size": 2, **SAME}),
                         ("adaptive_average_pool", [a], {"output_size": 3})):
    add(name, inputs, kw, dtype="float32")
add("max_pool", [a], {"pool_size": 2, **SAME})
add("adaptive_max_pool", [a], {"output_size": 3})
add("unfold", [x(1, 2, 3, 3, dtype="bool")], {"kernel_size": 2})
add("fold", [x(1, 8, 4, dtype="bool")], {"output_size": 3, "kernel_size": 2})

# Batches without entries.
for dims, n in ((1, (7,)), (2, (6, 5)), (3, (4, 5, 3))):
    empty = x(0, *n, 3)
    c.add("conv_transpose", [empty, x(*(2,) * dims, 4, 3, seed=1)], np.zeros((0, *(2 * i for i in n), 4), "float32"), {"strides": 2})
    for pool in ("max_pool", "average_pool"):
        c.add(pool, [empty], np.zeros((0, *(i // 2 for i in n), 3), "float32"), {"pool_size": 2})
        c.add("adaptive_" + pool, [empty], np.zeros((0, *(2,) * dims, 3), "float32"), {"output_size": 2})

c.write()
