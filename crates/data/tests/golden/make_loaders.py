"""Digests of what Keras's loaders return for many arguments, from the data in $RHYTON_DATA_DIR.

    RHYTON_DATA_DIR=.. python make_loaders.py > loaders.txt

One line a call: the loader, its arguments, then for training and test data the number of samples, the SHA-256 of the inputs and
that of the targets. Sequences are hashed as their length and their ids (little-endian int32 each), arrays as their bytes.
"""

import hashlib
import os
import sys

import numpy as np
from keras.src.datasets import boston_housing, imdb, reuters

FOLDER = os.environ["RHYTON_DATA_DIR"]
WORDS = [
    {},
    {"num_words": 10000},
    {"num_words": 100, "skip_top": 20},
    {"skip_top": 2},
    {"maxlen": 100},
    {"maxlen": 100, "num_words": 10000},
    {"maxlen": 0, "num_words": 0},
    {"seed": 0},
    {"seed": 42, "num_words": 5000},
    {"seed": 4294967295, "maxlen": 200},
    {"start_char": None},
    {"start_char": None, "index_from": 0},
    {"start_char": None, "index_from": 0, "num_words": 300, "skip_top": 1, "oov_char": 0},
    {"index_from": 0},
    {"index_from": -7, "num_words": 1000},
    {"index_from": 10, "start_char": 5, "oov_char": 7, "num_words": 2000},
    {"start_char": 100000},
    {"oov_char": None, "num_words": 500},
    {"oov_char": None, "skip_top": 50, "maxlen": 150},
    {"oov_char": -1, "skip_top": 30, "start_char": -3},
    {"num_words": 1},
    {"num_words": 4, "oov_char": None, "start_char": None},
]
SPLITS = [{"test_split": s} for s in (0.0, 0.1, 0.33, 0.5, 0.999)]
CALLS = [(imdb, a) for a in WORDS]
CALLS += [(reuters, a) for a in WORDS + SPLITS + [{"test_split": 1.0}, {"test_split": 0.25, "maxlen": 50, "seed": 1}]]
CALLS += [(boston_housing, a) for a in [{}, {"seed": 0}, {"seed": 7, "test_split": 0.5}] + SPLITS]


def digest(x):
    if x.dtype == object:
        rows = (np.concatenate([[len(r)], r]).astype("<i4").tobytes() for r in x)
        data = b"".join(rows)
    else:
        data = np.ascontiguousarray(x).tobytes()
    return hashlib.sha256(data).hexdigest()


for loader, arguments in CALLS:
    name = loader.__name__.split(".")[-1]
    loader.get_file = lambda *a, n=name, **k: os.path.join(FOLDER, f"{n}.npz")
    words = [name] + [f"{k}={v}" for k, v in arguments.items()] + ["|"]
    for x, y in loader.load_data(**arguments):
        words += [str(len(x)), digest(x), digest(y)]
    print(*words)
    sys.stdout.flush()
