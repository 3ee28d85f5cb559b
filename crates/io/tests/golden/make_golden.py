"""Makes the golden files beside it with real NumPy, h5py and Keras.

    pip install numpy h5py keras jax
    KERAS_BACKEND=jax python make_golden.py

Every array holds 0, 1, 2, ... in row-major order, halved where it is a float, so that the tests need no list of values.
"""

import gzip
import os
import struct

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
os.chdir(HERE)


def count(shape, dtype="float32"):
    values = np.arange(int(np.prod(shape, dtype=int))).reshape(shape)
    return (values * (0.5 if np.dtype(dtype).kind == "f" else 1)).astype(dtype)


# --- npy ---------------------------------------------------------------------------------------------------------
arrays = {f"npy_{d}": count((2, 3), d) for d in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]}
arrays["npy_b1"] = count((2, 3), "i4") % 2 == 1
arrays["npy_big_f8"] = count((2, 3), "f8").astype(">f8")
arrays["npy_big_u2"] = count((2, 3), "u2").astype(">u2")
arrays["npy_fortran"] = np.asfortranarray(count((2, 3, 4), "i4"))
arrays["npy_scalar"] = np.float32(0.0)
arrays["npy_empty"] = count((0, 3), "f4")
arrays["npy_object"] = np.array([1, "a"], dtype=object)
arrays["npy_text"] = np.array(["a", "bc"])
arrays["npy_complex"] = np.array([1j])
arrays["npy_record"] = np.zeros(2, dtype=[("a", "f4"), ("b", "i4")])
for name, array in arrays.items():
    np.save(name + ".npy", array)
for version in (2, 3):
    with open(f"npy_v{version}.npy", "wb") as f:
        np.lib.format.write_array(f, count((2, 3)), version=(version, 0))

# --- npz ---------------------------------------------------------------------------------------------------------
np.savez("stored.npz", x=count((2, 3)), y=count((4,), "i8"))
np.savez_compressed("deflated.npz", x=count((50, 40)), y=count((4,), "i8"))

# --- idx ---------------------------------------------------------------------------------------------------------
idx = struct.pack(">BBBBIII", 0, 0, 8, 3, 2, 3, 4) + count((2, 3, 4), "u1").tobytes()
open("images.idx", "wb").write(idx)
open("images.idx.gz", "wb").write(gzip.compress(idx, mtime=0))

# --- hdf5 with h5py ----------------------------------------------------------------------------------------------


def fill(f):
    for i in range(12):
        f[f"many/vars/{i}"] = count((i,))
    f["many/vars"].attrs["name"] = "Zwölf"
    f.create_group("empty/vars").attrs["name"] = "empty"
    for d in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
        f[f"types/{d}"] = count((2, 3), d)
    f["types/bool"] = count((2, 3), "i4") % 2 == 1
    f["types/big_f4"] = count((2, 3)).astype(">f4")
    f["types/big_i8"] = count((2, 3), "i8").astype(">i8")
    brain = (count((2, 3)).view("u4") >> 16).astype("u2")
    data = f.create_dataset("types/bfloat16", data=brain.view("V2"))
    data.attrs["dtype"] = "bfloat16"
    f["scalar"] = np.int32(0)
    f["never"] = count((0, 3))
    f.create_dataset("unwritten", (2, 2), "f4", fillvalue=7.0)
    f.create_dataset("packed", data=count((40, 30)), chunks=(16, 16), compression="gzip", shuffle=True)
    f.create_dataset("checked", data=count((40,)), chunks=(16,), fletcher32=True)
    f["words"] = np.array(["a", "b"], dtype=h5py.string_dtype())
    f["types"].attrs["layer_names"] = np.array([b"first", b"second"])
    f["types"].attrs["config"] = "x" * 500
    f["types"].attrs["number"] = 5


with h5py.File("tree_v0.h5", "w") as f:
    fill(f)
with h5py.File("tree_v110.h5", "w", libver=("v110", "v110")) as f:
    fill(f)
with h5py.File("latest.h5", "w", libver="latest") as f:
    f["a"] = count((2, 3))
    f.create_dataset("packed", data=count((4,)), chunks=(2,), fletcher32=True)
with h5py.File("soft.h5", "w") as f:
    f["a"] = count((2,))
    f["link"] = h5py.SoftLink("/a")
with h5py.File("soft_latest.h5", "w", libver="latest") as f:
    f["a"] = count((2,))
    f["link"] = h5py.SoftLink("/a")
with h5py.File("outside.h5", "w") as f:
    f["a"] = count((2,))
    f["link"] = h5py.ExternalLink("/etc/passwd", "/x")
with h5py.File("outside_data.h5", "w") as f:
    f.create_dataset("a", (4,), "u1", external=[("/etc/passwd", 0, 4)])
with h5py.File("virtual.h5", "w", libver="latest") as f:
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("tree_v0.h5", "packed", (4,))
    f.create_virtual_dataset("a", layout)
with h5py.File("cycle.h5", "w") as f:
    f["g/x"] = count((2,))
    f["g/again"] = f["g"]

# --- Keras -------------------------------------------------------------------------------------------------------
import keras  # noqa: E402

model = keras.Sequential(
    [
        keras.Input((4,)),
        keras.layers.Dense(3, name="hidden"),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(2, name="dense"),
    ],
    name="seq",
)
model.compile("rmsprop", "mse")
model.optimizer.build(model.trainable_variables)
for variable in model.weights:
    variable.assign(count(variable.shape))
model.save("model.keras")
model.save_weights("model.weights.h5")
model.save("legacy.h5")
keras.Sequential([keras.layers.Dense(2)], name="unbuilt").save("unbuilt.keras")
half = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, dtype="bfloat16")], name="half")
for variable in half.weights:
    variable.assign(count(variable.shape))
half.save_weights("bfloat16.weights.h5")
