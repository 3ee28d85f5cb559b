"""Archives of CIFAR's form and size with random pictures in FOLDER, unpacked ones in FOLDER/unpacked, and what Keras loads from them.

    python with_keras.py FOLDER

Prints for every call, for x_train, y_train, x_test and y_test, the type, the shape and the SHA-256 of the bytes.
"""

import hashlib
import os
import pathlib
import sys
import tarfile

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras.src.datasets import cifar10, cifar100
from make_small import batch

out = pathlib.Path(sys.argv[1])
rng = np.random.default_rng(0)


def pack(folder, archive, files):
    inside = out / "unpacked" / folder
    inside.mkdir(parents=True)
    for name, content in files:
        (inside / name).write_bytes(content)
    (inside / "readme.html").write_text("not a batch")
    with tarfile.open(out / archive, "w:gz", compresslevel=1) as tar:
        tar.add(inside, folder)


names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
pack("cifar-10-batches-py", "cifar-10-python.tar.gz", [(n, batch(rng, 10000, 10, b"labels")) for n in names])
counts = [("train", 50000), ("test", 10000)]
pack("cifar-100-python", "cifar-100-python.tar.gz", [(n, batch(rng, c, 100, b"fine_labels")) for n, c in counts])


def show(name, data):
    for x, y in data:
        for a in (x, y):
            print(f"{name}: {a.dtype} {list(a.shape)} {hashlib.sha256(np.ascontiguousarray(a).tobytes()).hexdigest()}")


for module in (cifar10, cifar100):
    module.get_file = lambda *a, **k: str(out / "unpacked")
show("cifar10", cifar10.load_data())
show("cifar100", cifar100.load_data())
show("cifar100 coarse", cifar100.load_data("coarse"))
keras.config.set_image_data_format("channels_first")
show("cifar10 channels_first", cifar10.load_data())
show("cifar100 channels_first", cifar100.load_data())
