"""Small files in the forms of the published ones.

    python make_small.py FOLDER

small_reuters.npz: three texts, pickled by today's NumPy. hostile.npz: a pickle that calls os.system when Python loads it.
cifar_batch.bin: five pictures in a batch of CIFAR as Python 2 pickled it, with what Keras reads from it in cifar_batch.npz.
"""

import os
import pathlib
import pickle
import struct
import sys

import numpy as np
from keras.src.datasets import cifar, npz_utils

out = pathlib.Path(sys.argv[1])

x = np.empty(3, object)
x[:] = [[1, 300, 70000], [5], [7, 8]]
np.savez_compressed(out / "small_reuters.npz", x=x, y=np.array([0, 3, 45]))


class Hostile:
    def __reduce__(self):
        return os.system, ("touch /tmp/rhyton-hostile-was-run",)


h = np.empty(1, object)
h[0] = Hostile()
np.savez(out / "hostile.npz", x=h, y=np.array([0]))
try:
    npz_utils.load_npz(out / "hostile.npz")
    raise SystemExit("Keras should refuse it")
except pickle.UnpicklingError as e:
    print("Keras:", e)


class Python2:
    """Pickles as cPickle of Python 2 does with protocol 2: text is bytes, every container and text is remembered."""

    def __init__(self):
        self.out, self.memo = b"\x80\x02", 0

    def put(self):
        self.memo += 1
        self.out += b"q" + bytes([self.memo]) if self.memo < 256 else b"r" + struct.pack("<I", self.memo)

    def text(self, b):
        self.out += b"U" + bytes([len(b)]) + b if len(b) < 256 else b"T" + struct.pack("<i", len(b)) + b

    def int(self, n):
        self.out += b"K" + bytes([n]) if n < 256 else b"M" + struct.pack("<H", n)

    def list(self, items, one):
        self.out += b"]"
        self.put()
        for start in range(0, len(items), 1000):
            batch = items[start : start + 1000]
            self.out += b"(" if len(batch) > 1 else b""
            for item in batch:
                one(item)
            self.out += b"e" if len(batch) > 1 else b"a"

    def name(self, module, name):
        self.out += b"c" + module + b"\n" + name + b"\n"
        self.put()

    def array(self, a):
        self.name(b"numpy.core.multiarray", b"_reconstruct")
        self.name(b"numpy", b"ndarray")
        self.out += b"K\x00\x85"
        self.put()
        self.text(b"b")
        self.out += b"\x87"
        self.put()
        self.out += b"R"
        self.put()
        self.out += b"(K\x01"
        for n in a.shape:
            self.int(n)
        self.out += b"\x86"
        self.put()
        self.name(b"numpy", b"dtype")
        self.text(b"u1")
        self.out += b"K\x00K\x01\x87"
        self.put()
        self.out += b"R"
        self.put()
        self.out += b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        self.text(a.tobytes())
        self.put()
        self.out += b"tb"

    def batch(self, data, labels, key):
        self.out += b"}"
        self.put()
        self.out += b"("
        entries = [(b"batch_label", lambda: self.text(b"training batch 1 of 5")), (key, lambda: self.list(labels, self.int))]
        if key == b"fine_labels":
            entries.append((b"coarse_labels", lambda: self.list([n // 5 for n in labels], self.int)))
        entries.append((b"data", lambda: self.array(data)))
        names = [b"picture_s_%06d.png" % i for i in range(len(labels))]
        entries.append((b"filenames", lambda: self.list(names, lambda n: (self.text(n), self.put()))))
        for name, value in entries:
            self.text(name)
            self.put()
            value()
        self.out += b"u."
        return self.out


def batch(rng, count, classes, key):
    data = rng.integers(0, 256, (count, 3072), dtype=np.uint8)
    labels = [int(n) for n in rng.integers(0, classes, count)]
    return Python2().batch(data, labels, key)


if __name__ == "__main__":
    (out / "cifar_batch.bin").write_bytes(batch(np.random.default_rng(0), 5, 10, b"labels"))
    data, labels = cifar.load_batch(out / "cifar_batch.bin")
    np.savez_compressed(out / "cifar_batch.npz", x=data.transpose(0, 2, 3, 1), y=np.array(labels)[:, None])
