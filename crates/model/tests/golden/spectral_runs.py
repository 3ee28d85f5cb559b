"""Training with SpectralNormalization, where it changes the kernels.

    python spectral_runs.py

writes spectral_runs.json, with Keras on TensorFlow: on JAX, Keras forgets the changes that a layer makes to weights that
are trained, and on torch it brings data to float32 on the way. All numbers are float64;
the constants of optimizers pass through float32 there, so they are sums of few powers of two. For each model: the weights that it begins with, inputs, targets, and after each of six
steps the loss and the weights.
"""
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras as K
import numpy as np

K.config.set_floatx("float64")
L, O = K.layers, K.optimizers


def dense():
    x = K.Input((3,))
    return K.Model(x, L.Dense(2)(L.SpectralNormalization(L.Dense(4, activation="tanh"))(x))), O.SGD(0.1, momentum=0.5)


def iterated():
    x = K.Input((3,))
    return K.Model(x, L.SpectralNormalization(L.Dense(2), power_iterations=3)(x)), O.Adam(0.05, beta_1=0.5, beta_2=0.75, epsilon=2.0**-20)


def some(rng, shape):
    return np.round(rng.normal(size=shape) * 64) / 64


def main():
    facts = {}
    for number, make in enumerate([dense, iterated]):
        rng = np.random.default_rng(number)
        K.utils.clear_session()
        model, optimizer = make()
        for v in model.variables:
            v.assign(some(rng, v.shape))
        model.compile(optimizer, "mse")
        shape = model.inputs[0].shape[1:]
        x = some(rng, (4, *shape))
        y = some(rng, (4, 2))
        weights = lambda: [np.ravel(w).tolist() for w in model.get_weights()]
        fact = dict(start=weights(), x=np.ravel(x).tolist(), y=np.ravel(y).tolist(), steps=[])
        for _ in range(6):
            model.reset_metrics()
            loss = model.train_on_batch(x, y, return_dict=True)["loss"]
            fact["steps"].append(dict(loss=float(loss), weights=weights()))
        fact["predicted"] = np.ravel(model.predict(x, verbose=0)).tolist()
        facts[make.__name__] = fact
    path = pathlib.Path(__file__).resolve().parent / "spectral_runs.json"
    path.write_text("{\n" + ",\n".join(f"{json.dumps(n)}: {json.dumps(f)}" for n, f in facts.items()) + "\n}\n")


main()
