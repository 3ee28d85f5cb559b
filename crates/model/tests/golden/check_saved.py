"""Check a folder of `.keras` files with Keras itself.

    python check_saved.py FOLDER

FOLDER has for each NAME.keras a NAME.npz with x0, x1, … (inputs in the order of the model), y0, y1, … (what predict
must give); if it is evaluated ex0, … and ey0, …; and, if training goes on, tx0, … and ty0, … (steps, batch, …), which are
taken again from the first on, with `losses`. NAME.json may give the names of inputs and outputs, the results of `evaluate`
in batches of 8, and the `tolerance`. Prints the largest differences; exits with 1 when one is too large or a file does not load.
"""
import json
import os
import pathlib
import sys

# Hundreds of small functions are compiled, each for a few calls.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")
sys.path.append(str(pathlib.Path(__file__).resolve().parents[3] / "testkit" / "golden"))

import saved_models  # Registers the layers of one's own, and starts Keras.
import keras
import numpy as np
from activations import sparsemax

# That of the paper; see activations.py.
keras.src.backend.nn.sparsemax = sparsemax



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
    far_off = 0.0
    if names["evaluate"]:
        x, t = packed(names["inputs"], arrays(given, "ex")), packed(names["outputs"], arrays(given, "ey"))
        report = model.evaluate(x, t, batch_size=8, verbose=0, return_dict=True)
        assert sorted(report) == sorted(names["evaluate"]), (report, names["evaluate"])
        far_off = max(float(abs(v - report[k]) / max(1, abs(report[k]))) for k, v in names["evaluate"].items())
    losses = []
    tx, ty = arrays(given, "tx"), arrays(given, "ty")
    for number in range(len(given["losses"]) if tx else 0):
        step = number % len(tx[0])
        model.reset_metrics()
        x, t = packed(names["inputs"], [v[step] for v in tx]), packed(names["outputs"], [v[step] for v in ty])
        losses.append(float(model.train_on_batch(x, t, return_dict=True)["loss"]))
    far = np.abs(np.array(losses) - given.get("losses", np.zeros(0))) / np.maximum(1, np.abs(losses)) if losses else np.zeros(1)
    limit = names["tolerance"]
    right = worst <= limit and far_off <= limit and bool(far.max() <= limit)
    print(f"{'' if right else 'WRONG '}{path.stem}: predictions differ by {worst:.2g}, evaluation by {far_off:.2g}, losses by {far.max():.2g}")
    return right


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
