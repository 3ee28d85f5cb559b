"""Cases of functions of images, from Keras on NumPy (which resizes with JAX) in float64, rounded to the type of the case.

Keras on JAX and NumPy leaves out `c0` and `c1` of affine transforms, or rather has them shift the channels; the cases
have them as 0, but for those computed here, where they make the transform a projection, as Keras on TensorFlow does.
`reconstruct_patches` is not in Keras 3.15: its cases are images taken apart by `extract_patches`. Elastic transforms
are random; only an alpha of 0 has an answer that is known.
"""

import os

os.environ["KERAS_BACKEND"] = "numpy"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = "1"

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from jax.scipy.ndimage import map_coordinates  # noqa: E402
from scipy.ndimage import correlate1d as correlate  # noqa: E402
from keras import config, ops  # noqa: E402
from keras.src.backend.common import dtypes  # noqa: E402

from cases import BF16, INTS, Cases, numbers  # noqa: E402

# Without this, Keras on NumPy computes float64 in float32.
dtypes.BIT64_TO_BIT32_DTYPE.clear()
config.set_floatx("float64")
c = Cases("image")
I = ops.image
TOLERANCE = {"float32": 1e-5, "float64": 1e-9, "float16": 6e-3, "bfloat16": 4e-2}
FLOATS = ["float64", "float16", "bfloat16"]
FIRST = {"data_format": "channels_first"}
G = "csg"


def wide(a):
    return np.asarray(a, "float64") if np.asarray(a).dtype.kind not in "iub" else np.asarray(a)


def add(op, inputs, truth, kw=None, checks="cs", views=None, tolerance=None):
    dtype = "bfloat16" if inputs[0].dtype == BF16 else inputs[0].dtype.name
    truth = np.asarray(truth).astype(inputs[0].dtype)
    c.add(op, inputs, truth, kw, tolerance or TOLERANCE.get(dtype, "exact"), checks, views)


def x(*shape, dtype="float32", low=0, high=1, seed=0):
    if dtype[:3] in ("int", "uin"):
        high = 100
    return numbers(shape, dtype, low, high, seed)


def both(op, f, channels, sizes, kw=None, inputs=(), **how):
    """Single images and batches in both layouts."""
    for h, w in sizes:
        for shape, extra in (((h, w, channels), {}), ((2, h, w, channels), {}), ((channels, h, w), FIRST), ((2, channels, h, w), FIRST)):
            a = x(*shape)
            k = {**(kw or {}), **extra}
            call = {n: tuple(v) if isinstance(v, list) else v for n, v in k.items()}
            # One transform for all images is more than Keras takes.
        given = [np.stack([wide(i)] * 2) if len(shape) == 4 else wide(i) for i in inputs]
        add(op, [a, *inputs], f(wide(a), *given, **call), k, **how)


# Colors.
for op in ("rgb_to_grayscale", "rgb_to_hsv", "hsv_to_rgb"):
    f = getattr(I, op)
    both(op, f, 3, [(1, 1), (2, 3), (4, 2)])
    add(op, [np.zeros((0, 2, 2, 3), "float32")], np.zeros((0, 2, 2, 1 if "gray" in op else 3)))
    for dtype in FLOATS:
        a = x(2, 3, 3, dtype=dtype)
        add(op, [a], f(wide(a)))
    for view in ("transposed", "reversed", "strided"):
        a = x(2, 2, 3, 3)
        add(op, [a], f(wide(a)), views=[view])
    a = np.array([[[0.9, 0.2, 0.4]], [[0.1, 0.75, 0.3]]]) if op != "hsv_to_rgb" else np.array([[[0.3, 0.2, 0.4]], [[0.6, 0.75, 0.3]]])
    add(op, [a], f(a), {}, G)
corners = np.array([[[r, g, b] for r in (0, 0.5, 1) for g in (0, 0.5, 1) for b in (0, 0.5, 1)]], "float32")
add("rgb_to_hsv", [corners], I.rgb_to_hsv(corners))
add("hsv_to_rgb", [corners], I.hsv_to_rgb(corners))
for dtype in ("uint8", "int32"):
    add("rgb_to_grayscale", [x(2, 3, 3, dtype=dtype)], I.rgb_to_grayscale(x(2, 3, 3, dtype=dtype)))
add("rgb_to_grayscale", [x(2, 3, 1)], x(2, 3, 1))

# Resizing.
METHODS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
for method in METHODS:
    for size in ([5, 7], [2, 2], [4, 6], [1, 9], [8, 3]):
        for antialias in (False, True):
            a = x(4, 6, 2)
            kw = {"size": size, "interpolation": method, "antialias": antialias}
            add("resize", [a], I.resize(wide(a), tuple(size), method, antialias), kw)
    both("resize", I.resize, 2, [(3, 4)], {"size": [5, 3], "interpolation": method})
    for dtype in FLOATS:
        a = x(3, 4, 1, dtype=dtype)
        add("resize", [a], I.resize(wide(a), (5, 3), method), {"size": [5, 3], "interpolation": method})
    for dtype in ("uint8", "int32", "int8"):
        a = x(3, 4, 1, dtype=dtype)
        kw = {"size": [5, 3], "interpolation": method}
        # Keras on NumPy cuts where it rounds on JAX.
        limits = np.iinfo(dtype)
        add("resize", [a], np.clip(np.round(I.resize(a.astype("float64"), (5, 3), method)), limits.min, limits.max), kw)
    a = x(2, 3, 1, dtype="float64")
    add("resize", [a], I.resize(a, (3, 2), method), {"size": [3, 2], "interpolation": method}, G)
for h, w in ((4, 9), (9, 4), (5, 5)):
    for extra in ({"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True, "fill_value": 0.5}):
        both("resize", I.resize, 1, [(h, w)], {"size": [3, 4], **extra})
for view in ("transposed", "reversed", "strided"):
    a = x(2, 4, 6, 2)
    add("resize", [a], I.resize(wide(a), (3, 8)), {"size": [3, 8]}, views=[view])
add("resize", [np.zeros((0, 2, 2, 1), "float32")], np.zeros((0, 3, 3, 1)), {"size": [3, 3]})

for method in METHODS[1:]:
    for antialias in (False, True):
        for s, t in (([1.5, 0.5], [0.3, -0.2]), ([0.7, 2.0], [1.0, 0.0])):
            a, s, t = x(4, 5), np.array(s, "float32"), np.array(t, "float32")
            f = I.scale_and_translate(wide(a), (3, 6), wide(s), wide(t), (0, 1), method, antialias)
            add("scale_and_translate", [a, s, t], f, {"output_shape": [3, 6], "spatial_dims": [0, 1], "method": method, "antialias": antialias})
    a, s, t = x(2, 4, 3), np.array([1.5], "float32"), np.array([0.25], "float32")
    f = I.scale_and_translate(wide(a), (2, 6, 3), wide(s), wide(t), (1,), method)
    for view in (None, "reversed", "strided", "transposed"):
        kw = {"output_shape": [2, 6, 3], "spatial_dims": [1], "method": method, "antialias": True}
        add("scale_and_translate", [a, s, t], f, kw, views=[view, None, None])
for dtype in FLOATS:
    a, s, t = x(4, 5, dtype=dtype), np.array([1.5, 0.5]), np.array([0.3, -0.2])
    f = I.scale_and_translate(wide(a), (3, 6), s, t, (0, 1), "bilinear")
    add("scale_and_translate", [a, s, t], f, {"output_shape": [3, 6], "spatial_dims": [0, 1], "method": "bilinear", "antialias": True})
a, s, t = x(3, dtype="float64"), np.array([1.3]), np.array([0.2])
f = I.scale_and_translate(a, (4,), s, t, (0,), "bicubic")
add("scale_and_translate", [a, s, t], f, {"output_shape": [4], "spatial_dims": [0], "method": "bicubic", "antialias": True}, G)

# Parts.
for h, w in ((1, 1), (3, 4), (5, 2)):
    for kw in ({"top_padding": 1, "bottom_padding": 2, "left_padding": 0, "right_padding": 1},
               {"top_padding": 2, "target_height": 9, "left_padding": 3, "target_width": 8},
               {"bottom_padding": 2, "target_height": 9, "right_padding": 3, "target_width": 8}):
        both("pad_images", I.pad_images, 2, [(h, w)], kw, tolerance="exact")
for h, w in ((3, 4), (5, 6)):
    for kw in ({"top_cropping": 1, "bottom_cropping": 1, "left_cropping": 0, "right_cropping": 1},
               {"top_cropping": 1, "target_height": 2, "left_cropping": 2, "target_width": 2},
               {"bottom_cropping": 1, "target_height": 2, "right_cropping": 1, "target_width": 0}):
        both("crop_images", I.crop_images, 2, [(h, w)], kw, tolerance="exact")
KW = {"top_padding": 1, "bottom_padding": 0, "left_padding": 0, "target_width": 4}
KC = {"top_cropping": 1, "bottom_cropping": 0, "left_cropping": 1, "target_width": 1}
for dtype in FLOATS + ["uint8", "int32", "int64", "bool"]:
    a = x(2, 3, 1, dtype=dtype)
    add("pad_images", [a], np.pad(a, ((1, 0), (0, 1), (0, 0))), KW, tolerance="exact")
    add("crop_images", [a], a[1:, 1:2], KC, tolerance="exact")
for view in ("transposed", "reversed", "strided"):
    a = x(2, 3, 2)
    add("pad_images", [a], np.pad(a, ((1, 0), (0, 1), (0, 0))), KW, views=[view])
    add("crop_images", [a], a[1:, 1:2], KC, views=[view])
a = x(2, 3, 1, dtype="float64")
add("pad_images", [a], np.pad(a, ((1, 0), (0, 1), (0, 0))), KW, G)
add("crop_images", [a], a[1:, 1:2], KC, G)

for kw in ({"size": [2, 3]}, {"size": 2, "strides": 1}, {"size": [3, 2], "padding": "same"}, {"size": 2, "strides": 3},
           {"size": 2, "strides": 1, "dilation_rate": 2}, {"size": [1, 1]}, {"size": [2, 2], "strides": [1, 2], "padding": "same"}):
    both("extract_patches", I.extract_patches, 2, [(5, 6)], kw)
for op in ("extract_patches", "extract_patches_3d"):
    for kw in ({"size": [2, 2, 2]}, {"size": [2, 1, 3], "padding": "same"}, {"size": [2, 2, 2], "strides": 1}):
        a = x(1, 4, 3, 4, 2)
        call = {n: tuple(v) if isinstance(v, list) else v for n, v in kw.items()}
        add(op, [a], getattr(I, op)(wide(a), **call), kw)
        add(op, [a[0]], getattr(I, op)(wide(a[0]), **call), kw)
        a = x(2, 2, 4, 3, 4)
        add(op, [a], getattr(I, op)(wide(a), **call, **FIRST), {**kw, **FIRST})
for dtype in FLOATS + ["uint8", "int32"]:
    add("extract_patches", [x(3, 4, 2, dtype=dtype)], I.extract_patches(wide(x(3, 4, 2, dtype=dtype)), 2), {"size": 2})
for view in ("transposed", "reversed", "strided"):
    add("extract_patches", [x(4, 4, 2)], I.extract_patches(wide(x(4, 4, 2)), 2), {"size": 2}, views=[view])
    add("extract_patches_3d", [x(4, 4, 2, 1)], I.extract_patches_3d(wide(x(4, 4, 2, 1)), 2), {"size": 2}, views=[view])
a = x(3, 2, 1, dtype="float64")
add("extract_patches", [a], I.extract_patches(a, 2, 1), {"size": 2, "strides": 1}, G)
a = x(2, 2, 2, 1, dtype="float64")
add("extract_patches_3d", [a], I.extract_patches_3d(a, (1, 2, 2), 1), {"size": [1, 2, 2], "strides": 1}, G)
for shape, size, padding in (((2, 4, 6, 3), [2, 3], "valid"), ((5, 7, 2), [2, 3], "same"), ((1, 5, 5, 1), [3, 3], "same"),
                             ((4, 4, 2), [1, 2], "valid"), ((1, 4, 2, 6, 1), [2, 1, 3], "valid"), ((2, 5, 3, 4, 2), [2, 2, 3], "same"),
                             ((3, 3, 1), [3, 3], "valid"), ((0, 4, 4, 1), [2, 2], "valid")):
    a = x(*shape)
    n = len(size)
    f = I.extract_patches_3d if n == 3 else I.extract_patches
    p = np.asarray(f(a, tuple(size), padding=padding)) if shape[0] else np.zeros((0, 2, 2, 4), "float32")
    out = list(shape[-n - 1:-1])
    add("reconstruct_patches", [p], a, {"size": size, "output_size": out, "padding": padding}, tolerance="exact")
    move = lambda t: np.moveaxis(t, -1, -n - 1)  # noqa: E731
    add("reconstruct_patches", [move(p)], move(a), {"size": size, "output_size": out, "padding": padding, **FIRST}, tolerance="exact")
for dtype in FLOATS + ["uint8", "int32"]:
    a = x(2, 4, 1, dtype=dtype)
    p = np.asarray(I.extract_patches(wide(a), (1, 2))).astype(a.dtype)
    add("reconstruct_patches", [p], a, {"size": [1, 2], "output_size": [2, 4]}, G if dtype == "float64" else "cs", tolerance="exact")
    if dtype == "uint8":
        for view in ("transposed", "reversed", "strided"):
            add("reconstruct_patches", [p], a, {"size": [1, 2], "output_size": [2, 4]}, views=[view], tolerance="exact")

# Coordinates. Keras on NumPy rounds halves up and computes in float32; on JAX it is this function that it calls.
def coordinates(a, at, order, fill_mode="constant", fill_value=0.0):
    at = [jnp.asarray(c) for c in at]
    return np.asarray(map_coordinates(jnp.asarray(a), at, order, fill_mode, fill_value))


MODES = ("constant", "nearest", "wrap", "mirror", "reflect")
g = np.random.default_rng(3)
for order in (0, 1):
    for mode in MODES:
        for shape, places in (((5,), (7,)), ((3, 4), (2, 3)), ((2, 3, 4), (5,)), ((1,), (4,)), ((1, 3), (2, 2)), ((4, 2), (0,)),
                              ((2, 2, 1, 2), (3,)), ((3, 3), (1,))):
            if mode == "mirror" and 1 in shape:
                continue  # Keras divides by 0 there.
            a = x(*shape)
            at = np.stack([g.uniform(-n - 1, 2 * n + 1, places) for n in shape]).astype("float32")
            kw = {"order": order, "fill_mode": mode}
            if mode == "constant":
                kw["fill_value"] = 0.25
            f = coordinates(wide(a), wide(at), **kw) if at.size else np.zeros(places)
            add("map_coordinates", [a, at], f, kw)
        at = np.array([[-1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 1e9, -1e9, 0.49999997]], "float32")[:, :6 if mode != "nearest" else 9]
        add("map_coordinates", [x(4), at], coordinates(x(4), at, order, mode), {"order": order, "fill_mode": mode})
        for dtype in FLOATS + ["uint8", "int32"]:
            a, at = x(3, 4, dtype=dtype), g.uniform(-2, 5, (2, 6)).astype("float32")
            f = coordinates(wide(a), at, order, mode)
            add("map_coordinates", [a, at], f, {"order": order, "fill_mode": mode})
        at = np.array([[0.3, 1.6], [1.2, -0.4]])
        f = coordinates(x(2, 3, dtype="float64"), at, order, mode)
        add("map_coordinates", [x(2, 3, dtype="float64"), at], f, {"order": order, "fill_mode": mode}, G)
a, at = x(3, 4), g.uniform(-2, 5, (2, 6)).astype("float32")
for view in ("transposed", "reversed", "strided"):
    add("map_coordinates", [a, at], coordinates(wide(a), wide(at), 1), {"order": 1}, views=[view, view])

# Transforms. Keras on NumPy computes coordinates in float32 and rounds halves up; the results are the same elsewhere.
def affine(images, transform, interpolation="bilinear", fill_mode="constant", fill_value=0.0, data_format=None):
    images, t = np.asarray(images), np.asarray(transform)
    if images.ndim == 3:
        t = t if t.ndim == 2 else t[None]
        return affine(images[None], t, interpolation, fill_mode, fill_value, data_format)[0]
    if data_format == "channels_first":
        images = np.moveaxis(images, 1, -1)
    y, x = np.meshgrid(np.arange(images.shape[1]), np.arange(images.shape[2]), indexing="ij")
    out = np.zeros_like(images)
    for b, (a0, a1, a2, b0, b1, b2, _, _) in enumerate(t):
        at = np.stack([b0 * x + b1 * y + b2, a0 * x + a1 * y + a2])
        for channel in range(images.shape[3]):
            order = int(interpolation == "bilinear")
            out[b, ..., channel] = coordinates(images[b, ..., channel], at, order, fill_mode, fill_value)
    return np.moveaxis(out, -1, 1) if data_format == "channels_first" else out


# No coordinate lies halfway between two pixels.
turn = np.array([0.91, -0.31, 0.44, 0.27, 1.13, -0.61, 0, 0], "float32")
for method in ("nearest", "bilinear"):
    for mode in MODES:
        kw = {"interpolation": method, "fill_mode": mode}
        both("affine_transform", affine, 2, [(3, 4), (5, 2)], kw, [turn])
    both("affine_transform", affine, 2, [(3, 4)], {"interpolation": method, "fill_value": 0.5}, [turn])
    t2 = np.stack([turn, turn * np.float32(0.7)])
    a = x(2, 4, 4, 1)
    add("affine_transform", [a, t2], affine(wide(a), wide(t2), method), {"interpolation": method})
    for dtype in FLOATS + ["uint8"]:
        a = x(3, 4, 1, dtype=dtype)
        t = turn.astype("float64") if dtype == "float64" else turn
        add("affine_transform", [a, t], affine(a if dtype == "uint8" else wide(a), t, method), {"interpolation": method})
for view in ("transposed", "reversed", "strided"):
    a = x(4, 3, 2)
    add("affine_transform", [a, turn], affine(wide(a), wide(turn)), {}, views=[view, None])
a = x(2, 3, 1, dtype="float64")
add("affine_transform", [a, turn.astype("float64")], affine(a, turn.astype("float64")), {}, G)
# A projection.
t = np.array([1.0, 0.1, 0.2, -0.1, 0.9, 0.3, 0.05, -0.04])
yy, xx = np.meshgrid(np.arange(4.0), np.arange(5.0), indexing="ij")
k = t[6] * xx + t[7] * yy + 1
at = np.stack([(t[3] * xx + t[4] * yy + t[5]) / k, (t[0] * xx + t[1] * yy + t[2]) / k])
a = x(4, 5, 1)
f = np.asarray(coordinates(wide(a)[..., 0], at, 1))[..., None]
add("affine_transform", [a, t.astype("float32")], f, {})

start = np.array([[0, 0], [4, 0], [0, 3], [4, 3]], "float32")
end = np.array([[0.4, 0.3], [3.7, 0.2], [-0.3, 2.8], [4.2, 3.3]], "float32")
for method in ("nearest", "bilinear"):
    for shape, extra in (((4, 5, 2), {}), ((4, 4, 1), {"fill_value": 0.5}), ((2, 4, 5), FIRST), ((1, 4, 5, 2), {}), ((1, 2, 4, 5), FIRST),
                         ((3, 6, 1), {}), ((6, 2, 1), {})):
        a = x(*shape)
        kw = {"interpolation": method, **extra}
        add("perspective_transform", [a, start, end], I.perspective_transform(a, start, end, **kw), kw, tolerance=1e-4)
    s2, e2 = np.stack([start, start + 1]).astype("float32"), np.stack([end, end * np.float32(1.1)])
    a = x(2, 4, 5, 1)
    add("perspective_transform", [a, s2, e2], I.perspective_transform(a, s2, e2, method), {"interpolation": method}, tolerance=1e-4)
for dtype in ("float16", "bfloat16"):
    a = x(4, 5, 1, dtype=dtype)
    add("perspective_transform", [a, start, end], I.perspective_transform(np.asarray(a, "float32"), start, end), {})
for view in ("transposed", "reversed", "strided"):
    a = x(4, 5, 2)
    add("perspective_transform", [a, start, end], I.perspective_transform(a, start, end), {}, views=[view, None, None], tolerance=1e-4)
a = x(2, 3, 1, dtype="float64")
add("perspective_transform", [a, start, end], I.perspective_transform(a, start, end), {}, "cs", tolerance=1e-4)
add("elastic_transform", [x(4, 5, 2)], x(4, 5, 2), {})
add("elastic_transform", [x(2, 4, 5, 1)], x(2, 4, 5, 1), {"interpolation": "nearest"})
add("elastic_transform", [x(3, 4, 5)], x(3, 4, 5), FIRST)
for dtype in FLOATS + ["uint8"]:
    add("elastic_transform", [x(3, 3, 1, dtype=dtype)], x(3, 3, 1, dtype=dtype), {})

# Keras reflects images at their edges on NumPy, and has zeros there on JAX.
def sobel(images, data_format=None):
    axes = (2, 3) if data_format == "channels_first" else (1, 2)
    return np.stack([correlate(correlate(np.asarray(images), [-1, 0, 1], a, mode="constant"), [1, 2, 1], b, mode="constant")
                     for a, b in (axes, axes[::-1])], -1)


# Filters. Sizes and sigmas differ along the axes, so that an exchange would be seen.
for kw in ({"kernel_size": [3, 3], "sigma": [1.0, 1.0]}, {"kernel_size": [5, 3], "sigma": [0.7, 1.5]}, {"kernel_size": [2, 1], "sigma": [2.0, 1.0]}):
    for h, w in ((3, 4), (1, 5)):
        for shape, fmt in (((h, w, 2), "channels_last"), ((2, h, w, 1), "channels_last"), ((2, h, w), "channels_first"), ((1, 2, h, w), "channels_first")):
            a = x(*shape)
            f = I.gaussian_blur(wide(a), tuple(kw["kernel_size"]), tuple(kw["sigma"]), data_format=fmt)
            add("gaussian_blur", [a], f, {**kw, "data_format": fmt})
BLUR = {"kernel_size": [3, 3], "sigma": [1.0, 0.5]}
for dtype in FLOATS:
    a = x(3, 4, 1, dtype=dtype)
    add("gaussian_blur", [a], I.gaussian_blur(wide(a), (3, 3), (1.0, 0.5), "channels_last"), BLUR)
    a = x(1, 3, 4, 1, dtype=dtype)
    add("sobel_edges", [a], sobel(wide(a)))
for view in ("transposed", "reversed", "strided"):
    a = x(2, 3, 4, 2)
    add("gaussian_blur", [a], I.gaussian_blur(wide(a), (3, 3), (1.0, 0.5), "channels_last"), BLUR, views=[view])
    add("sobel_edges", [a], sobel(wide(a)), views=[view])
a = x(2, 3, 1, dtype="float64")
add("gaussian_blur", [a], I.gaussian_blur(a, (3, 3), (1.0, 0.5), "channels_last"), BLUR, G)
for shape in ((1, 1, 1, 1), (2, 3, 4, 2), (1, 5, 2, 3), (1, 2, 2, 1), (3, 1, 4, 1), (1, 6, 6, 1)):
    add("sobel_edges", [x(*shape)], sobel(wide(x(*shape))))
add("sobel_edges", [x(2, 3, 4, 2)], sobel(wide(x(2, 3, 4, 2)), "channels_first"), FIRST)
add("sobel_edges", [x(1, 3, 3, 1, dtype="int32")], sobel(x(1, 3, 3, 1, dtype="int32")))
add("sobel_edges", [a[None]], sobel(a[None]), {}, G)

# Similarity.
for size, kw in (((12, 13), {}), ((5, 6), {"filter_size": 3}), ((4, 4), {"filter_size": 4, "filter_sigma": 0.8, "max_val": 255.0}),
                 ((3, 5), {"filter_size": 3, "k1": 0.1, "k2": 0.2})):
    for shape, extra in (((*size, 2), {}), ((2, *size, 1), {}), ((2, *size), FIRST), ((1, 2, *size), FIRST)):
        a, b = x(*shape), x(*shape, seed=1)
        add("ssim", [a, b], I.ssim(wide(a), wide(b), **kw, **extra), {**kw, **extra}, tolerance=1e-4)
for dtype in ("float64", "float16"):
    a, b = x(5, 5, 1, dtype=dtype), x(5, 5, 1, dtype=dtype, seed=1)
    tolerance = 1e-9 if dtype == "float64" else 0.1
    add("ssim", [a, b], I.ssim(wide(a), wide(b), filter_size=3), {"filter_size": 3}, tolerance=tolerance)
a, b = x(2, 3, 1, dtype="float64"), x(2, 3, 1, dtype="float64", seed=1)
f = I.ssim(a, b, filter_size=2, filter_sigma=1.0, k1=0.5, k2=0.5)
add("ssim", [a, b], f, {"filter_size": 2, "filter_sigma": 1.0, "k1": 0.5, "k2": 0.5}, G)
# The other element types. Where numbers are mixed, whole ones are rounded (colors and similarities: cut off).
def whole(y, dtype):
    # Keras on JAX has truth wherever a part of it is; here it is rounded like numbers.
    return np.round(np.asarray(y)).astype("int64").astype(dtype)


for dtype in INTS + ["bool"]:
    a = x(3, 4, 2, dtype=dtype)
    n = a.astype("float64")
    add("pad_images", [a], np.pad(a, ((1, 0), (0, 0), (0, 0))), KW)
    add("crop_images", [a], a[1:, 1:2], KC)
    add("extract_patches", [a], I.extract_patches(n, 2), {"size": 2})
    p = np.asarray(I.extract_patches(n, (3, 2))).astype(dtype)
    add("reconstruct_patches", [p], a, {"size": [3, 2], "output_size": [3, 4]})
    v = x(2, 4, 2, 1, dtype=dtype)
    add("extract_patches_3d", [v], I.extract_patches_3d(v.astype("float64"), 2), {"size": 2})
    rgb = x(2, 3, 3, dtype=dtype)
    add("rgb_to_grayscale", [rgb], I.rgb_to_grayscale(rgb.astype("float64")))
    add("elastic_transform", [a], a)
    for method in ("nearest", "bilinear"):
        odd = x(3, 3, 2, dtype=dtype)
        f = I.resize(odd.astype("float64"), (5, 7), method)
        add("resize", [odd], whole(f, dtype), {"size": [5, 7], "interpolation": method})
        add("affine_transform", [a, turn], whole(affine(n, turn, method), dtype), {"interpolation": method})
        f = I.perspective_transform(n, start, end, method)
        add("perspective_transform", [a, start, end], whole(f, dtype), {"interpolation": method})
    m = x(3, 4, dtype=dtype)
    at = np.array([[0.3, 1.6, 2.0, -0.2], [1.2, -0.4, 3.0, 1.9]], "float32")
    for order in (0, 1):
        add("map_coordinates", [m, at], whole(coordinates(m.astype("float64"), at, order), dtype), {"order": order})
    s, t = np.array([1.5, 0.5], "float32"), np.array([0.3, -0.2], "float32")
    f = np.asarray(I.scale_and_translate(m.astype("float64"), (3, 6), wide(s), wide(t), (0, 1), "bilinear"))
    kw = {"output_shape": [3, 6], "spatial_dims": [0, 1], "method": "bilinear", "antialias": True}
    c.add("scale_and_translate", [m, s, t], f.astype("float32"), kw, 1e-5)
    if dtype[0] == "i":
        add("sobel_edges", [a[None]], sobel(a[None].astype("int64")))
    b = x(3, 4, 2, dtype=dtype, seed=1)
    for other in (a, b):
        f = I.ssim(n, other.astype("float64"), filter_size=3, max_val=100.0)
        f = np.round(f, 6)
        add("ssim", [a, other], f != 0 if dtype == "bool" else np.trunc(f), {"filter_size": 3, "max_val": 100.0})
for dtype in ("float16", "bfloat16"):
    v = x(2, 4, 2, 1, dtype=dtype)
    add("extract_patches_3d", [v], I.extract_patches_3d(wide(v), 2), {"size": 2})
a = x(5, 5, 1, dtype="bfloat16")
add("ssim", [a, a], 1.0, {"filter_size": 3})
# More shapes: single rows and columns, images without pixels, batches of several.
for shape in ((1, 1, 1), (1, 4, 2), (4, 1, 2), (0, 3, 3, 1), (3, 2, 2, 1), (2, 3, 5, 4)):
    a = x(*shape)
    before = ((0, 0),) * (len(shape) - 3)
    add("pad_images", [a], np.pad(a, (*before, (1, 0), (0, 4 - shape[-2] if shape[-2] < 4 else 0), (0, 0))), {**KW, "target_width": max(4, shape[-2])})
    add("crop_images", [a], a[..., : shape[-3], : 1, :], {"top_cropping": 0, "bottom_cropping": 0, "left_cropping": 0, "target_width": 1})
    add("elastic_transform", [a], a, {})
for shape in ((1,), (2, 3), (1, 4, 1), (2, 2, 1, 3), (1, 2, 1, 3, 2)):
    a, s, t = x(*shape), np.array([1.5], "float32"), np.array([0.25], "float32")
    out = (*shape[:-1], shape[-1] + 2)
    d = len(shape) - 1
    f = np.asarray(I.scale_and_translate(wide(a), out, wide(s), wide(t), (d,), "bilinear"))
    add("scale_and_translate", [a, s, t], f, {"output_shape": list(out), "spatial_dims": [d], "method": "bilinear", "antialias": True})
a = x(3, 2, 2, 2, 1)
add("extract_patches_3d", [a], I.extract_patches_3d(wide(a), (1, 2, 1)), {"size": [1, 2, 1]})

# Batches without images.
f = lambda *shape: np.zeros((0, *shape), "float32")  # noqa: E731
c.add("scale_and_translate", [f(4, 5), np.ones(2, "float32"), np.zeros(2, "float32")], f(3, 6),
      {"output_shape": [0, 3, 6], "spatial_dims": [1, 2], "method": "bilinear", "antialias": True})
c.add("extract_patches", [f(4, 4, 1)], f(2, 2, 4), {"size": 2})
c.add("extract_patches_3d", [f(4, 4, 4, 1)], f(2, 2, 2, 8), {"size": [2, 2, 2]})
c.add("affine_transform", [f(3, 4, 2), f(8)], f(3, 4, 2), {"interpolation": "bilinear", "fill_mode": "constant", "data_format": "channels_last"})
c.add("perspective_transform", [f(4, 4, 1), f(4, 2), f(4, 2)], f(4, 4, 1), {"interpolation": "bilinear"})
c.add("gaussian_blur", [f(3, 4, 1)], f(3, 4, 1), {"kernel_size": [3, 3], "sigma": [1.0, 1.0], "data_format": "channels_last"})
c.add("sobel_edges", [f(3, 4, 1)], f(3, 4, 1, 2))
c.add("ssim", [f(12, 13, 1), f(12, 13, 1)], f())

c.write()
