"""Check a `.keras` file with Keras itself.

    python check_keras_file.py MODEL.keras IN.npz OUT.npz [--tolerance 1e-6] [--loss-tolerance 1e-4]

Loads MODEL.keras with Keras, predicts on `x` of IN.npz and compares with `y` of OUT.npz.  If IN.npz
also has `train_x` and `train_y` (steps, batch, ...), training goes on with one train_on_batch per
step, metrics reset before each, and the losses are compared with `losses` (steps,) of OUT.npz.

A prediction is right when it differs by at most tolerance * max(1, |y|); a loss when it differs by at
most loss tolerance * |loss|.  Prints the largest differences; exits with 1 when one is too large, when
shapes differ or when the file does not load.  Uses the JAX backend unless KERAS_BACKEND says otherwise.
"""
import argparse
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np


def compare(what, got, expected, allowed):
    """Print the largest difference and say whether all are within `allowed` (an array or a number)."""
    got, expected = np.asarray(got, "float64"), np.asarray(expected, "float64")
    if got.shape != expected.shape:
        print(f"{what}: Keras gives shape {got.shape}, expected {expected.shape}")
        return False
    # Equal infinities count as equal, and nan only equals nan.
    difference = np.where((got == expected) | (np.isnan(got) & np.isnan(expected)), 0.0, np.abs(got - expected))
    right = bool((difference <= allowed).all())
    print(f"{what}: largest difference {difference.max(initial=0.0):.3g}, {'ok' if right else 'TOO LARGE'}")
    return right


def main():
    parser = argparse.ArgumentParser(description="Check a .keras file with Keras itself.")
    parser.add_argument("model")
    parser.add_argument("inputs", metavar="IN.npz")
    parser.add_argument("outputs", metavar="OUT.npz")
    parser.add_argument("--tolerance", type=float, default=1e-6)
    parser.add_argument("--loss-tolerance", type=float, default=1e-4)
    options = parser.parse_args()
    with np.load(options.inputs) as file:
        given = dict(file)
    with np.load(options.outputs) as file:
        expected = dict(file)

    import keras
    try:
        model = keras.saving.load_model(options.model)
    except Exception as error:
        print(f"{options.model} does not load: {type(error).__name__}: {error}")
        return 1
    y = expected["y"].astype("float64")
    right = compare("predictions", model.predict(given["x"], verbose=0), y, options.tolerance * np.maximum(1, np.abs(y)))
    if "train_x" in given:
        losses = []
        for x, target in zip(given["train_x"], given["train_y"], strict=True):
            model.reset_metrics()
            losses.append(model.train_on_batch(x, target, return_dict=True)["loss"])
        print("losses:", " ".join(f"{float(loss):.7g}" for loss in losses))
        right &= compare("losses", losses, expected["losses"], options.loss_tolerance * np.abs(expected["losses"]))
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
