"""Crossentropies of what comes straight from a softmax or a sigmoid, in Keras on TensorFlow, which looks for the logits behind it.

Writes `logits.json`: for each case `class` and `arguments` of a loss, `activation` and its `axis`, `z` (logits), `y_true`, all as
nested lists, the `values` of the loss without reduction for `y_pred = activation(z)`, and `gradient`, that of their sum with
respect to `z`. In float64. Some logits lie so far apart that probabilities round to 0 or are clipped.

    KERAS_BACKEND=tensorflow python logits.py
"""
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
import tensorflow as tf

keras.config.set_floatx("float64")
random = np.random.default_rng(8)
logits = random.normal(size=(5, 4))
logits[1] = [40, -40, 0, 3]
logits[2] = [-900, 2, 900, 0]
logits[3] = [0, 0, 0, 20]
classes = np.array([3, 1, 0, 2, 1])
one_hot = np.eye(4)[classes]
deep = random.normal(size=(2, 3, 4)) * 30

CASES = [
    ("SparseCategoricalCrossentropy", {}, "softmax", -1, logits, classes),
    ("CategoricalCrossentropy", {}, "softmax", -1, logits, one_hot),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, "softmax", -1, logits, one_hot),
    ("CategoricalCrossentropy", {"axis": 1}, "softmax", 1, deep, np.eye(3)[random.integers(0, 3, (2, 4))].transpose(0, 2, 1)),
    ("CategoricalCrossentropy", {}, "softmax", -1, deep, np.eye(4)[random.integers(0, 4, (2, 3))]),
    ("BinaryCrossentropy", {}, "sigmoid", None, logits, one_hot),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, "sigmoid", None, logits, one_hot),
    ("BinaryCrossentropy", {}, "sigmoid", None, deep, (random.uniform(size=deep.shape) < 0.5) * 1.0),
    ("BinaryFocalCrossentropy", {}, "sigmoid", None, logits, one_hot),
]

cases = []
for name, arguments, activation, axis, z, y_true in CASES:
    loss = getattr(keras.losses, name)(reduction=None, **arguments)
    x = tf.Variable(z, dtype="float64")
    with tf.GradientTape() as tape:
        y_pred = keras.ops.sigmoid(x) if axis is None else keras.ops.softmax(x, axis=axis)
        values = loss(y_true, y_pred)
    gradient = tape.gradient(values, x).numpy()
    cases.append({
        "class": name, "arguments": arguments, "activation": activation, "axis": axis, "z": z.tolist(), "y_true": y_true.tolist(),
        "values": values.numpy().tolist(), "gradient": gradient.tolist(),
    })

facts = {"keras": keras.__version__, "tensorflow": tf.__version__, "cases": cases}
path = pathlib.Path(__file__).with_name("logits.json")
path.write_text(json.dumps(facts) + "\n")
