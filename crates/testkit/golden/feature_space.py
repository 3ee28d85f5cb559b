"""A FeatureSpace saved by Keras on TensorFlow, and what it makes of a table.

    python feature_space.py

writes keras_files/feature_space.keras and feature_space.json: the table, and the output of the space after loading.

    python feature_space.py FILE

loads a file and exits with an error unless it gives what feature_space.json says, before and after Keras saves it again.
"""

import json
import os
import pathlib
import sys
import tempfile

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import keras
import numpy as np
from keras.utils import FeatureSpace

HERE = pathlib.Path(__file__).resolve().parent
TABLE = {
    "zone": [7, 8, 9, 7],
    "age": [20.0, 40.0, 65.0, 31.0],
    "size": [3.0, 4.0, 5.5, 1.0],
    "weight": [1.0, 2.0, 9.0, 4.0],
    "rooms": [1, 2, 2, 5],
    "raw": [0.5, 0.25, 1.0, -3.0],
    "city": ["Rome", "Oslo", "Rome", "Lima"],
    "street": ["x", "y", "z", "y"],
}


def table():
    kinds = {"zone": "int32", "rooms": "int32", "city": object, "street": object}
    return {name: np.array(c, kinds.get(name, "float32")) for name, c in TABLE.items()}


def differs(space, expected):
    return float(np.abs(np.asarray(space(table())) - np.array(expected)).max())


if len(sys.argv) > 1:
    expected = json.loads((HERE / "feature_space.json").read_text())["output"]
    space = keras.models.load_model(sys.argv[1])
    assert differs(space, expected) < 1e-5, differs(space, expected)
    with tempfile.TemporaryDirectory() as folder:
        space.save(folder + "/again.keras")
        again = keras.models.load_model(folder + "/again.keras")
        assert differs(again, expected) < 1e-5, differs(again, expected)
    sys.exit()

space = FeatureSpace(
    {
        "zone": "integer_hashed",
        "age": "float_normalized",
        "size": "float_rescaled",
        "weight": FeatureSpace.float_discretized(num_bins=3, name="weight"),
        "rooms": "integer_categorical",
        "raw": "float",
        "city": FeatureSpace.string_categorical(max_tokens=4, name="city"),
        "street": FeatureSpace.string_hashed(num_bins=6, name="street"),
    },
    crosses=[("city", "rooms"), ("zone", "street")],
    crossing_dim=7,
    hashing_dim=5,
)
space.adapt(table())
path = HERE / "keras_files" / "feature_space.keras"
space.save(path)
output = np.asarray(keras.models.load_model(path)(table()))
assert np.abs(output - np.asarray(space(table()))).max() == 0
(HERE / "feature_space.json").write_text(json.dumps({"table": TABLE, "output": output.tolist()}) + "\n")
