"""Writes tensorboard.json: what Keras's TensorBoard callback writes for a small network, read by TensorBoard.

Needs keras, tensorflow and tensorboard, with KERAS_BACKEND=tensorflow.
"""

import glob
import json
import os
import tempfile

import keras
import numpy as np
import tensorflow as tf
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto import event_pb2


def network():
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    layers = [
        keras.Input((6,), name="x"),
        keras.layers.Dense(5, activation="relu", name="hidden"),
        keras.layers.Dense(3, activation="softmax", name="classes"),
    ]
    model = keras.Sequential(layers, name="net")
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def values(tensor):
    array = tf.make_ndarray(tensor)
    if tensor.dtype != 7:
        return array.ravel().tolist()
    texts = array.ravel().tolist()
    # A picture becomes its pixels.
    return [tf.io.decode_png(t).numpy().ravel().tolist() if t[1:4] == b"PNG" else t.decode() for t in texts]


def events(folder):
    found = []
    for path in glob.glob(os.path.join(folder, "*tfevents*")):
        for raw in RawEventFileLoader(path).Load():
            event = event_pb2.Event.FromString(raw)
            for v in event.summary.value:
                shape = [d.size for d in v.tensor.tensor_shape.dim]
                plugin = v.metadata.plugin_data
                found.append([event.step, v.tag, plugin.plugin_name, plugin.content.decode(), v.tensor.dtype, shape, values(v.tensor)])
    return found


x = (np.arange(40 * 6).reshape(40, 6) * 37 % 101 / 101).astype("float32")
y = (np.arange(40) % 3).astype("int32")
cases = {
    "default": {},
    "all": dict(histogram_freq=2, write_images=True, write_steps_per_second=True, update_freq="batch"),
    "three": dict(update_freq=3),
}
out = {"weights": [w.tolist() for w in network().get_weights()], "runs": {}}
for name, options in cases.items():
    with tempfile.TemporaryDirectory() as logs:
        callback = keras.callbacks.TensorBoard(logs, **options)
        fit = dict(epochs=3, batch_size=8, validation_split=0.2, shuffle=False, verbose=0)
        network().fit(x, y, callbacks=[callback], **fit)
        for run in ["train", "validation"]:
            out["runs"][f"{name}/{run}"] = events(os.path.join(logs, run))
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "tensorboard.json"), "w") as file:
    json.dump(out, file)
