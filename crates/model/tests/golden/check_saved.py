"""Check a folder of `.keras` files with Keras itself.

    python check_saved.py FOLDER

FOLDER has for each NAME.keras a NAME.npz with x0, x1, … (inputs in the order of the model), y0, y1, … (what predict
must give) and, if training goes on, tx0, … and ty0, … (steps, batch, …) with `losses`; NAME.json may give the names of
inputs and outputs. Prints the largest differences; exits with 1 when one is too large or a file does not load.
"""
import json
import pathlib
import sys

import saved_models  # Registers the layers of one's own, and starts Keras.
import keras
import numpy as np


def arrays(file, kind):
    return [file[f"{kind}{i}"] for i in range(100) if f"{kind}{i}" in file]


def packed(names, arrays):
    return dict(zip(names, arrays)) if names else arrays if len(arrays) > 1 else arrays[0]


def check(path):
    with np.load(path.with_suffix(".npz")) as file:
        given = dict(file)
    names = json.loads(path.with_suffix(".json").read_text())
    model = keras.saving.load_model(path)
    y = model.predict(packed(names["inputs"], arrays(given, "x")), verbose=0)
    y = [y[n] for n in names["outputs"]] if names["outputs"] else keras.tree.flatten(y)
    worst = 0.0
    for got, expected in zip(y, arrays(given, "y"), strict=True):
        assert got.shape == expected.shape, (got.shape, expected.shape)
        worst = max(worst, float((np.abs(got - expected) / np.maximum(1, np.abs(expected))).max(initial=0)))
    losses = []
    tx, ty = arrays(given, "tx"), arrays(given, "ty")
    for step in range(len(tx[0]) if tx else 0):
        model.reset_metrics()
        x, t = packed(names["inputs"], [v[step] for v in tx]), packed(names["outputs"], [v[step] for v in ty])
        losses.append(float(model.train_on_batch(x, t, return_dict=True)["loss"]))
    far = np.abs(np.array(losses) - given.get("losses", np.zeros(0))) / np.maximum(1, np.abs(losses)) if losses else np.zeros(1)
    print(f"{path.stem}: predictions differ by {worst:.2g}, losses by {far.max():.2g}")
    limit = names.get("tolerance", 1e-5)
    return worst <= limit and far.max() <= limit


def main():
    right = True
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
        try:
            right &= check(path)
        except Exception as e:
            right = False
            print(f"{path.stem}: {type(e).__name__}: {str(e)[-1500:]}")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
