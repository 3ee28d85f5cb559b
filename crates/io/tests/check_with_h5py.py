"""Opens with h5py and NumPy what the Rust side wrote, and compares. Run by `with_h5py.rs`.

usage: check_with_h5py.py FOLDER   (with tree.h5, arrays.npz, model.keras and the single .npy files)
"""

import io
import json
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np

folder = Path(sys.argv[1])
kinds = ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
shapes = [(), (0,), (3,), (2, 3), (2, 0, 2)]


def count(shape, kind):
    values = np.arange(int(np.prod(shape, dtype=int))).reshape(shape)
    return (values * (0.5 if kind.startswith("float") else 1)).astype(kind)


def same(found, shape, kind, who):
    found = np.asarray(found)
    assert found.dtype == np.dtype(kind), (who, found.dtype)
    assert found.shape == shape, (who, found.shape)
    assert np.array_equal(found, count(shape, kind)), (who, found)


def check_tree(f):
    for kind in kinds:
        for i, shape in enumerate(shapes):
            data = f[f"types/{kind}/vars/{i}"]
            assert data.chunks is None and data.compression is None
            same(data[()], shape, kind, data.name)
        name = f[f"types/{kind}/vars"].attrs["name"]
        assert type(name) is str and name == f"schön {kind}", repr(name)
    brain = f["brain/vars/0"]
    assert brain.dtype == np.dtype("V2") and brain.attrs["dtype"] == "bfloat16", brain.dtype
    same((np.asarray(brain).view("u2").astype("u4") << 16).view("f4"), (2, 3), "float32", brain.name)
    assert len(f["many/vars"]) == 1500
    for i in range(1500):
        assert f[f"many/vars/{i}"][()] == i
    assert isinstance(f["empty/vars"], h5py.Group) and len(f["empty/vars"]) == 0
    assert f.attrs["config"] == "k" * 100_000


with h5py.File(folder / "tree.h5", "r") as f:
    check_tree(f)

with np.load(folder / "arrays.npz", allow_pickle=False) as z:
    assert z.files == [f"{kind}_{i}" for kind in kinds for i in range(len(shapes))], z.files
    for kind in kinds:
        for i, shape in enumerate(shapes):
            same(z[f"{kind}_{i}"], shape, kind, f"npz {kind} {shape}")
same(np.load(folder / "one.npy", allow_pickle=False), (2, 3), "float32", "npy")

with zipfile.ZipFile(folder / "model.keras") as z:
    assert z.testzip() is None
    assert z.namelist() == ["metadata.json", "config.json", "model.weights.h5", "assets/lookup/vocabulary.txt"]
    for info in z.infolist():
        assert info.compress_type == zipfile.ZIP_STORED and info.date_time == (1980, 1, 1, 0, 0, 0), info
    assert json.loads(z.read("config.json"))["class_name"] == "Sequential"
    with h5py.File(io.BytesIO(z.read("model.weights.h5")), "r") as f:
        same(f["layers/dense/vars/0"][()], (4, 3), "float32", "keras")

print("h5py", h5py.__version__, "and NumPy", np.__version__, "agree")

try:
    import keras
except Exception:  # Keras is welcome and not needed.
    print("keras: skipped")
else:
    model = keras.saving.load_model(folder / "model.keras")
    same(model.get_weights()[0], (4, 3), "float32", "keras kernel")
    same(model.get_weights()[1], (3,), "float32", "keras bias")
    print("keras", keras.__version__, "agrees")
