"""What Keras's utils return for many arguments, as one npz.

    KERAS_BACKEND=tensorflow python make_utils.py

pad_sequences and to_categorical and normalize on NumPy arrays, split_dataset on TensorFlow (its order is Python's, as on JAX).
Names of arrays: the function, then the case; utils.txt holds the arguments of each case in the words that tests/golden.rs reads.
"""

import pathlib

import numpy as np
from keras.utils import normalize, pad_sequences, split_dataset, to_categorical

HERE = pathlib.Path(__file__).parent
LISTS = [[3, 1, 4], [], [1, 5, 9, 2, 6, 5], [3], [5, 8]]
FLOATS = [[0.5, -1.5], [2.75], [1e10, -0.25, 3.5]]
arrays, lines = {}, []


def case(function, name, result, **arguments):
    key = f"{function}/{name}"
    arrays[key] = result
    lines.append(" ".join([key] + [f"{k}={v}" for k, v in arguments.items()]))


PADS = [{}]
for padding in ("pre", "post"):
    for truncating in ("pre", "post"):
        for maxlen in (1, 3, 8):
            for value in (0.0, -1.0, 7.5):
                PADS.append({"maxlen": maxlen, "padding": padding, "truncating": truncating, "value": value})
for dtype in ("uint8", "int16", "int64", "float16", "float32", "float64"):
    PADS.append({"dtype": dtype, "value": 2.5})
for i, a in enumerate(PADS):
    case("pad", i, pad_sequences(LISTS, **a), **a)
for i, a in enumerate([{"dtype": "float32"}, {"dtype": "float64", "maxlen": 2, "value": 0.125}, {"dtype": "float32", "maxlen": 4, "padding": "post"}]):
    case("pad_floats", i, pad_sequences(FLOATS, **a), **a)
PAIRS = [np.arange(6).reshape(3, 2), np.zeros((0, 2), int), np.arange(10, 18).reshape(4, 2)]
for i, a in enumerate([{}, {"maxlen": 2}, {"maxlen": 5, "padding": "post", "value": -3.0}]):
    case("pad_pairs", i, pad_sequences(PAIRS, **a), **a)

X = np.random.default_rng(1).normal(size=(3, 4, 5))
X[1] = 0
for axis in (-1, 1, 2):
    for order in (1, 2, 3, "inf"):
        o = np.inf if order == "inf" else order
        case("normalize", f"{axis}_{order}", normalize(X, axis, o), axis=axis, order=order)
arrays["normalize/x"] = X

for i, (y, n) in enumerate([([2, 0, 1], None), ([2, 0, 1], 5), ([[1], [3]], None), ([[0, 1], [2, 2]], 4)]):
    case("categorical", i, to_categorical(np.array(y), n), y=str(y).replace(" ", ""), num_classes=n)

DATA = np.arange(23)
SPLITS = [
    {"left_size": 0.8},
    {"left_size": 0.5},
    {"right_size": 0.3},
    {"left_size": 5},
    {"right_size": 7},
    {"left_size": 0.3, "right_size": 0.2},
    {"left_size": 4, "right_size": 0.5},
]
for i, a in enumerate(SPLITS + [dict(a, shuffle=True, seed=s) for a, s in zip(SPLITS * 2, [0, 1337, 2**32 + 1, 99, 5, 6, 7, 8])]):
    left, right = split_dataset(DATA, **a)
    for side, data in (("left", left), ("right", right)):
        case("split", f"{i}_{side}", np.array([int(n) for n in data]), **a)

np.savez_compressed(HERE / "utils.npz", **arrays)
(HERE / "utils.txt").write_text("\n".join(lines) + "\n")
print(len(lines), "cases")
