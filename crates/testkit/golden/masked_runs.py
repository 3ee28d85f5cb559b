"""How masks reach losses and metrics in fit and evaluate.

    python masked_runs.py

writes masked_runs.json, in float32 alone. The model is Masking(0.0), Dense(3, tanh), Dense(1) on 5 steps of 2 features;
`x`, `y` and the weights `w` are in the file, with steps of nothing but zeros at the ends of samples. Compiled with SGD(0.1),
"mse", metrics ["mae", "mse", "accuracy"] and weighted_metrics ["mae"]; batches of 3 from 7 samples, no shuffling.
`weights`: none, a column of a number a sample (plain vectors do not fit masks in Keras), a number a sample and step. Each run has the list of evaluate (loss, then metrics as they
were given) before training, the losses of two epochs of fit, and evaluate after them.
"""
import golden
import numpy as np


def main():
    keras = golden.start_keras("f32")
    random = np.random.default_rng(5)
    x = np.round(random.normal(size=(7, 5, 2)) * 16) / 16
    for sample, steps in enumerate([5, 3, 1, 4, 2, 5, 3]):
        x[sample, steps:] = 0
    y = np.round(random.normal(size=(7, 5, 1)) * 16) / 16
    w = [np.round(random.normal(size=shape) * 16) / 16 for shape in [(2, 3), (3,), (3, 1), (1,)]]
    weights = {"none": None, "sample": np.arange(1, 8).reshape(7, 1) / 4, "step": np.round(random.uniform(size=(7, 5)) * 16) / 16}
    runs = {}
    for name, weight in weights.items():
        model = keras.Sequential([keras.Input((5, 2)), keras.layers.Masking(0.0), keras.layers.Dense(3, activation="tanh"),
                                  keras.layers.Dense(1)])
        model.set_weights(w)
        model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae", "mse", "accuracy"], weighted_metrics=["mae"])
        evaluate = lambda: model.evaluate(x, y, batch_size=3, sample_weight=weight, verbose=0)
        before = evaluate()
        history = model.fit(x, y, batch_size=3, epochs=2, shuffle=False, sample_weight=weight, verbose=0).history
        runs[name] = {"weight": None if weight is None else weight.tolist(), "before": before, "loss": history["loss"],
                      "after": evaluate()}
    golden.save_json("masked_runs.json", {"versions": golden.versions(), "x": x.ravel().tolist(), "y": y.ravel().tolist(),
                                          "w": [part.ravel().tolist() for part in w], "runs": runs})


if __name__ == "__main__":
    main()
