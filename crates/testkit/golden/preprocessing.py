"""Results of Keras's preprocessing layers on the TensorFlow backend: preprocessing.json.

Run: KERAS_BACKEND=tensorflow python preprocessing.py
"""

import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import keras
import numpy as np
import tensorflow as tf

L = keras.layers
random = np.random.default_rng(7)
cases = []


def packed(x):
    """Type, shape and flat values of an array of numbers or texts."""
    x = x.numpy() if hasattr(x, "numpy") else np.asarray(x)
    if x.dtype.kind in "OSU":
        values = [v.decode() if isinstance(v, bytes) else str(v) for v in x.reshape(-1)]
        return {"dtype": "string", "shape": list(x.shape), "values": values}
    kind = float if x.dtype.kind == "f" else int
    return {"dtype": x.dtype.name, "shape": list(x.shape), "values": [kind(v) for v in x.reshape(-1)]}


def as_input(x):
    x = np.asarray(x)
    return tf.constant(x) if x.dtype.kind in "OSU" else x


def case(name, layer, *inputs, adapt=None, batches=None, vocabulary=None, idf=None, **kwargs):
    made = {"config": layer.get_config()}
    if adapt is not None:
        layer.adapt(as_input(adapt))
        made["adapt"] = [packed(adapt)]
    if batches is not None:
        layer.adapt(as_input(b) for b in batches)
        made["adapt"] = [packed(b) for b in batches]
    if vocabulary is not None:
        layer.set_vocabulary(vocabulary, *([idf] if idf else []))
        made["set_vocabulary"] = [vocabulary, idf]
    x = [as_input(x) if len(inputs) == 1 else tf.constant(x) for x in inputs]
    y = layer(x if len(x) > 1 else x[0], **kwargs)
    made.update(id=name, cls=type(layer).__name__, inputs=[packed(x) for x in inputs], output=packed(y))
    if "count_weights" in kwargs:
        made["count_weights"] = packed(kwargs["count_weights"])
    if hasattr(layer, "get_vocabulary"):
        made["vocabulary"] = [v if isinstance(v, str) else int(v) for v in layer.get_vocabulary()]
    if isinstance(layer, L.Discretization):
        made["bin_boundaries"] = [float(b) for b in layer.bin_boundaries]
    made["after"] = layer.get_config()
    cases.append(made)


f32 = lambda *shape: random.normal(3, 2, shape).astype("float32")

# Rescaling, Normalization.
case("rescaling", L.Rescaling(1 / 127.5, offset=-1), f32(3, 4))
case("rescaling ints", L.Rescaling(0.5), np.arange(6).reshape(2, 3))
case("rescaling vector", L.Rescaling([1.0, 2.0, 3.0], offset=[0.5, 0.0, -1.0]), f32(2, 2, 3))
x = f32(20, 3)
case("normalization", L.Normalization(), x[:4], adapt=x)
case("normalization none", L.Normalization(axis=None), x[:4], adapt=x)
case("normalization axes", L.Normalization(axis=(1, 2)), x[:2].reshape(1, 2, 3), adapt=x[:18].reshape(9, 2, 3))
case("normalization axis 1", L.Normalization(axis=1), f32(2, 2, 3), adapt=f32(9, 2, 3))
case("normalization batches", L.Normalization(), x[:4], batches=[x[:5], x[5:6], x[6:]])
case("normalization invert", L.Normalization(invert=True), f32(4, 3), adapt=x)
case("normalization given", L.Normalization(mean=3.0, variance=2.0), x[:4])
case("normalization given vector", L.Normalization(mean=[1.0, 2.0, 3.0], variance=[0.0, 1.0, 4.0]), x[:4])
case("normalization constant", L.Normalization(), np.ones((2, 2), "float32"), adapt=np.ones((5, 2), "float32"))
case("normalization ints", L.Normalization(), np.array([[1], [5]]), adapt=np.array([[1], [2], [9]]))

# Discretization.
wide = f32(500)
case("discretization", L.Discretization(bin_boundaries=[0.0, 1.5, 4.0]), np.array([[-1, 0, 0.5], [1.5, 4, 9]], "float32"))
for mode in ["one_hot", "multi_hot", "count"]:
    case(f"discretization {mode}", L.Discretization(bin_boundaries=[0.0, 1.5], output_mode=mode),
         np.array([[-1, 0, 0.5], [1.5, 4, 9]], "float32"))
case("discretization one_hot column", L.Discretization(bin_boundaries=[0.0, 1.5], output_mode="one_hot"),
     np.array([[-1], [0], [2]], "float32"))
case("discretization ints", L.Discretization(bin_boundaries=[3, 6]), np.arange(9))
case("discretization adapted", L.Discretization(num_bins=5), wide[:30], adapt=wide)
case("discretization adapted finely", L.Discretization(num_bins=4, epsilon=0.2), wide[:30], adapt=wide)
case("discretization adapted little", L.Discretization(num_bins=3), wide[:10], adapt=wide[:7])
case("discretization batches", L.Discretization(num_bins=6, epsilon=0.05, output_mode="one_hot"), wide[:10],
     batches=[wide[:100], wide[100:130], wide[130:]])

# CategoryEncoding.
ids = np.array([[0, 2, 2], [3, 1, 0]])
for mode in ["one_hot", "multi_hot", "count"]:
    case(f"encoding {mode}", L.CategoryEncoding(4, output_mode=mode), ids)
    case(f"encoding {mode} column", L.CategoryEncoding(4, output_mode=mode), ids[:, :1])
    case(f"encoding {mode} vector", L.CategoryEncoding(4, output_mode=mode), ids[0])
case("encoding scalar", L.CategoryEncoding(4), np.array(2))
case("encoding weights", L.CategoryEncoding(4, output_mode="count"), ids,
     count_weights=np.array([[0.1, 0.2, 0.25], [1.0, 2.0, 3.0]], "float32"))

# Hashing: texts of all lengths that the hash tells apart, and integers.
texts = np.array(["x" * n + "é" * (n % 3) + str(n) for n in [0, 1, 2, 3, 5, 7, 9, 13, 16, 17, 25, 31, 33, 50, 63, 64, 65,
                                                               90, 127, 129, 200, 300]])
numbers = np.array([0, 1, -1, 12, 99999, -5, 2**31, 2**62, -(2**63), 123456789012])
for name, arguments in [("", {}), (" salt", {"salt": 133}), (" salts", {"salt": [133, 137]}), (" mask", {"mask_value": "1x1é1"}),
                        (" one", {"num_bins": 1})]:
    case("hashing texts" + name, L.Hashing(**{"num_bins": 1000003, **arguments}), texts)
for name, arguments in [("", {}), (" salt", {"salt": 9}), (" mask", {"mask_value": 12}), (" narrow", {"num_bins": 3})]:
    case("hashing integers" + name, L.Hashing(**{"num_bins": 1000003, **arguments}), numbers)
case("hashing floats", L.Hashing(100), np.array([[1.7, -2.5], [30.0, 4.0]], "float32"))
case("hashing empty", L.Hashing(1000), np.array(["", " ", "a"]))
for mode in ["one_hot", "multi_hot", "count"]:
    case(f"hashing {mode}", L.Hashing(4, output_mode=mode), np.array([["a", "b", "c"], ["d", "e", "e"]]))
    case(f"hashing integers {mode}", L.Hashing(4, output_mode=mode), ids)
    case(f"hashing column {mode}", L.Hashing(4, output_mode=mode), np.array([["a"], ["b"]]))

# HashedCrossing.
a, b = np.array(["a", "b", "long text of a feature", "é"]), np.array([101, -1, 2**40, 0])
case("crossing", L.HashedCrossing(1000003), a, b)
case("crossing integers", L.HashedCrossing(1000003), b, b[::-1].copy())
case("crossing three", L.HashedCrossing(999), a, a[::-1].copy(), b)
case("crossing column", L.HashedCrossing(50), a[:, None], b[:, None])
case("crossing one_hot", L.HashedCrossing(5, output_mode="one_hot"), a, b)
case("crossing integers one_hot", L.HashedCrossing(5, output_mode="one_hot"), b[:, None], b[:, None])

# StringLookup.
words = np.array([["a", "c", "d"], ["d", "z", "b"]])
more = np.array([["b", "a"], ["b", "c"], ["c", "b"], ["d", "a"], ["e", "é"]])
given = ["a", "b", "c", "d"]
case("strings", L.StringLookup(vocabulary=given), words)
case("strings adapted", L.StringLookup(), words, adapt=more)
case("strings adapted vector", L.StringLookup(), words, adapt=more.reshape(-1))
case("strings adapted few", L.StringLookup(max_tokens=3), words, adapt=more)
case("strings mask", L.StringLookup(vocabulary=["a", "b", "c"], mask_token="d"), words)
case("strings many unknown", L.StringLookup(vocabulary=["a"], num_oov_indices=5), words)
case("strings many unknown salt", L.StringLookup(vocabulary=["a"], num_oov_indices=5, salt=[3, 4]), words)
case("strings none unknown", L.StringLookup(vocabulary=given, num_oov_indices=0), words[:1])
case("strings specials", L.StringLookup(vocabulary=["", "[UNK]", "a", "b"], mask_token=""), words)
case("strings invert", L.StringLookup(vocabulary=given, invert=True), np.array([[1, 3, 4], [4, 0, 2]]))
case("strings invert mask", L.StringLookup(vocabulary=given, invert=True, mask_token=""), np.array([[0, 3, 4], [4, 1, 9]]))
for mode in ["one_hot", "multi_hot", "count"]:
    case(f"strings {mode}", L.StringLookup(vocabulary=given, output_mode=mode), words)
    case(f"strings {mode} vector", L.StringLookup(vocabulary=given, output_mode=mode), words[0])
    case(f"strings {mode} column", L.StringLookup(vocabulary=given, output_mode=mode), words[:, :1])
    case(f"strings {mode} mask", L.StringLookup(vocabulary=["a", "b", "c"], mask_token="d", output_mode=mode), words)
case("strings padded", L.StringLookup(vocabulary=given, output_mode="multi_hot", max_tokens=8, pad_to_max_tokens=True), words)
case("strings tf_idf", L.StringLookup(vocabulary=given, idf_weights=[0.25, 0.75, 0.6, 0.4], output_mode="tf_idf"), words)
case("strings tf_idf adapted", L.StringLookup(output_mode="tf_idf"), words, adapt=more)
case("strings tf_idf padded", L.StringLookup(output_mode="tf_idf", max_tokens=9, pad_to_max_tokens=True), words, adapt=more)
case("strings tf_idf batches", L.StringLookup(output_mode="tf_idf"), words, batches=[more[:2], more[2:]])
case("strings set", L.StringLookup(), words, vocabulary=given)
case("strings set tf_idf", L.StringLookup(output_mode="tf_idf"), words, vocabulary=given, idf=[0.25, 0.75, 0.6, 0.4])

# IntegerLookup.
numbers = np.array([[12, 1138, 42], [42, 1000, 36]])
known = [12, 36, 1138, 42]
case("integers", L.IntegerLookup(vocabulary=known), numbers)
case("integers adapted", L.IntegerLookup(), numbers, adapt=np.array([[12, 1138, 42], [42, 1000, 36], [-1, 7, 7]]))
case("integers mask", L.IntegerLookup(vocabulary=[12, 36, 42], mask_token=1138), numbers)
case("integers many unknown", L.IntegerLookup(vocabulary=[12], num_oov_indices=3), np.array([12, 13, -14, 15, 16]))
case("integers farmhash", L.IntegerLookup(vocabulary=[12], num_oov_indices=3, oov_method="farmhash"), np.array([12, 13, -14, 15, 16]))
case("integers farmhash salt", L.IntegerLookup(vocabulary=[12], num_oov_indices=3, oov_method="farmhash", salt=5), np.array([12, 13, -14, 15, 16]))
case("integers invert", L.IntegerLookup(vocabulary=known, invert=True), np.array([[1, 3, 4], [4, 0, 2]]))
for mode in ["one_hot", "multi_hot", "count"]:
    case(f"integers {mode}", L.IntegerLookup(vocabulary=known, output_mode=mode), numbers)
case("integers mask count", L.IntegerLookup(vocabulary=[12, 36, 42], mask_token=1138, output_mode="count"), numbers)
case("integers tf_idf", L.IntegerLookup(output_mode="tf_idf"), numbers, adapt=numbers)
case("integers padded", L.IntegerLookup(vocabulary=known, output_mode="count", max_tokens=7, pad_to_max_tokens=True), numbers)

# TextVectorization.
lines = ["The quick brown fox, the QUICK dog!", "  A dog's life:\tno (fox)   here…  ", "", "ÄÖÜ straße don't stop_it a-b [x]^{y}"]
T = L.TextVectorization
case("text", T(), lines, adapt=lines)
case("text few", T(max_tokens=6), lines, adapt=lines)
case("text long", T(output_sequence_length=9), lines, adapt=lines)
case("text short", T(output_sequence_length=2), lines, adapt=lines)
case("text lower", T(standardize="lower"), lines, adapt=lines)
case("text strip", T(standardize="strip_punctuation"), lines, adapt=lines)
case("text as it is", T(standardize=None), lines, adapt=lines)
case("text characters", T(split="character"), lines, adapt=lines)
case("text whole", T(split=None), lines[:2], adapt=lines)
case("text ngrams", T(ngrams=2), lines, adapt=lines)
case("text trigrams alone", T(ngrams=(3,)), lines, adapt=lines)
case("text column", T(), [[l] for l in lines], adapt=lines)
for mode in ["multi_hot", "count", "tf_idf"]:
    case(f"text {mode}", T(output_mode=mode), lines, adapt=lines)
    case(f"text {mode} padded", T(output_mode=mode, max_tokens=40, pad_to_max_tokens=True, ngrams=2), lines, adapt=lines)
case("text given", T(vocabulary=["dog", "fox", "the"]), lines)
case("text batches", T(output_mode="tf_idf"), lines, batches=[lines[:1], lines[1:]])
case("text set", T(), lines, vocabulary=["dog", "fox", "the"])

# Images. What is drawn at random has one possible value.
def images(name, layer, x, training=True):
    y = layer(tf.constant(x), training=training)
    cases.append({"id": name, "cls": type(layer).__name__, "config": layer.get_config(), "inputs": [packed(x)],
                  "output": packed(y), "training": training, "after": layer.get_config()})


pixels = random.uniform(0, 255, (2, 6, 5, 3)).astype("float32").round(1)
images("center crop", L.CenterCrop(4, 3), pixels)
images("center crop odd", L.CenterCrop(3, 2), pixels[0])
images("center crop enlarges", L.CenterCrop(8, 4), pixels)
images("resizing", L.Resizing(4, 7), pixels)
images("resizing nearest", L.Resizing(3, 3, interpolation="nearest"), pixels[0])
images("resizing cropped", L.Resizing(4, 4, crop_to_aspect_ratio=True), pixels)
images("resizing padded", L.Resizing(8, 4, pad_to_aspect_ratio=True, fill_value=7.0), pixels)
images("resizing bytes", L.Resizing(4, 7), pixels.astype("uint8"))
images("random crop", L.RandomCrop(6, 5, seed=3), pixels)
images("flip inference", L.RandomFlip(), pixels, training=False)
# "wrap" means something else on TensorFlow than on JAX, whose meaning is ours.
for mode in ["reflect", "constant", "nearest"]:
    images(f"translation {mode}", L.RandomTranslation((0.25, 0.25), (-0.3, -0.3), fill_mode=mode, fill_value=9.0), pixels)
images("translation nearest pixel", L.RandomTranslation((-0.2, -0.2), (0.1, 0.1), interpolation="nearest"), pixels[0])
images("translation inference", L.RandomTranslation(0.2, 0.3, seed=3), pixels, training=False)
images("rotation", L.RandomRotation((0.1, 0.1)), pixels)
images("rotation back", L.RandomRotation((-0.3, -0.3), fill_mode="constant", interpolation="nearest"), pixels[0])
images("rotation inference", L.RandomRotation(0.2), pixels, training=False)
images("zoom in", L.RandomZoom((-0.4, -0.4)), pixels)
images("zoom out", L.RandomZoom((0.3, 0.3), (0.5, 0.5), fill_mode="constant"), pixels)
images("zoom inference", L.RandomZoom(0.2), pixels[0], training=False)
images("contrast", L.RandomContrast((-0.3, 0.3)), pixels)
images("contrast of one", L.RandomContrast((-0.3, 0.3), value_range=(0, 200)), pixels[0])
images("contrast inference", L.RandomContrast(0.5), pixels, training=False)
images("brightness", L.RandomBrightness((0.2, 0.2)), pixels)
images("darkness", L.RandomBrightness((-0.3, -0.3), value_range=(0, 255)), pixels[0])
images("brightness inference", L.RandomBrightness(0.4, seed=5), pixels, training=False)

# FeatureSpace.
FS = keras.utils.FeatureSpace
table = {
    "age": np.array([20.0, 35.0, 61.0, 44.0, 27.0], "float32"),
    "size": np.array([1.0, 3.0, 2.0, 9.0, 4.0], "float32"),
    "weight": np.array([60.0, 72.0, 81.0, 55.0, 90.0], "float32"),
    "raw": np.array([0.1, 0.2, 0.3, 0.4, 0.5], "float32"),
    "rooms": np.array([2, 3, 3, 1, 2]),
    "city": np.array(["Rome", "Oslo", "Rome", "Bonn", "Oslo"]),
    "street": np.array(["a", "b", "c", "d", "e"]),
    "zip": np.array([11, 22, 33, 44, 55]),
}
features = {
    "age": FS.float_normalized(), "size": FS.float_discretized(3), "weight": FS.float_rescaled(0.01, 0.5), "raw": "float",
    "rooms": "integer_categorical", "city": FS.string_categorical(max_tokens=3), "street": FS.string_hashed(4),
    "zip": FS.integer_hashed(5),
}
space = FS(features, crosses=[("city", "rooms"), ("zip", "street")], crossing_dim=7, output_mode="concat")
space.adapt(tf.data.Dataset.from_tensor_slices(table))
feature_space = {"table": {k: packed(v) for k, v in table.items()}, "output": packed(space(table))}

json.dump({"feature_space": feature_space, "keras": keras.__version__, "cases": cases}, open("preprocessing.json", "w"), ensure_ascii=False, separators=(",", ":"))
print(len(cases), "cases")
