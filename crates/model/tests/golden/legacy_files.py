"""Some of the models of saved_models.npz in the HDF5 format that Keras used before.

    python legacy_files.py

writes legacy_files.npz: NAME holds the bytes of `model.save("NAME.h5")`, which is the model of NAME in saved_models.npz.
"""
import os
import pathlib
import tempfile

import saved_models  # Registers the layers of one's own, and starts Keras.
import keras
import numpy as np

NAMES = ["nested", "several_in_lists", "measured_binary", "operators", "layer_batch_normalization", "optimizer_adam_w", "shared_layer", "frozen",
         "sequential_of_models", "one_in_a_list"]


def main():
    arrays = {}
    with np.load(saved_models.HERE / "saved_models.npz") as saved, tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            old, new = os.path.join(folder, "x.keras"), os.path.join(folder, "x.h5")
            pathlib.Path(old).write_bytes(saved[f"{name}/file"].tobytes())
            keras.saving.load_model(old).save(new)
            arrays[name] = np.frombuffer(pathlib.Path(new).read_bytes(), "uint8")
    np.savez_compressed(saved_models.HERE / "legacy_files.npz", **arrays)
    print(len(arrays), "files,", (saved_models.HERE / "legacy_files.npz").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
