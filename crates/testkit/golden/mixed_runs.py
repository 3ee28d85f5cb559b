"""Reference runs of training in half precision with weights in single precision.

    python mixed_runs.py

writes mixed_runs.npz and mixed_runs.json, in the format of training_runs (see there), with two differences: a node has
`policy`, the name of its dtype policy, and `exact` is the iteration, learning rate, step counter and scale of a
LossScaleOptimizer after training, with the iteration of the optimizer inside (null for others). The npz file has the one
array `numbers`, for each run its history, the digests of the weights and those of the predictions.

Runs whose name begins with "whole_" are made under `keras.config.set_dtype_policy`; in the others only some layers have
another policy. XLA keeps more digits inside of what it fuses than half precision has, so that agreement can be no closer
than the type.
"""
import numpy as np

import golden
import training_runs as T


def declare(keras, policy):
    L, O = keras.layers, keras.optimizers
    M, X = T.Noted(keras.metrics), T.Noted(keras.losses)
    runs = {}

    def chain(shape, *layers, dtype=None):
        x = h = keras.Input(shape, dtype=dtype)
        for layer in layers:
            h = layer(h)
        return x, h

    def add(name, ends, y, loss, optimizer, metrics=(), x=None):
        runs[name] = dict(ends=ends, y=y, loss=loss, optimizer=optimizer, metrics=list(metrics), x=x)

    mlp = lambda: chain((5,), L.Dense(8, activation="relu"), L.Dense(8, activation="tanh"), L.Dense(3, activation="softmax", dtype="float32"))
    ce = lambda: X.SparseCategoricalCrossentropy()
    accuracy = lambda: [M.SparseCategoricalAccuracy()]
    add("whole_sgd", mlp(), T.labels(3), ce(), O.SGD(0.1), accuracy())
    add("whole_adam", mlp(), T.labels(3), ce(), O.Adam(0.01), accuracy())
    add("whole_half_output", chain((5,), L.Dense(8, activation="gelu"), L.Dense(2)), T.real([2]), X.MeanSquaredError(), O.SGD(0.05), [M.MeanAbsoluteError()])
    add("whole_normalized", chain((5,), L.Dense(8, use_bias=False), L.BatchNormalization(momentum=0.9), L.ReLU(), L.Dense(8), L.LayerNormalization(), L.Dropout(0.0),
        L.Dense(2, dtype="float32")), T.real([2]), X.MeanSquaredError(), O.SGD(0.02))
    add("whole_embedding", chain((6,), L.Embedding(9, 4), L.Dense(5, activation="tanh"), L.GlobalAveragePooling1D(), L.Dense(3, dtype="float32"), dtype="int32"),
        T.real([3]), X.MeanSquaredError(), O.SGD(0.05), x=T.labels(9, 6))
    add("whole_scaled", mlp(), T.labels(3), ce(), O.LossScaleOptimizer(O.SGD(0.1), initial_scale=1024.0, dynamic_growth_steps=20), accuracy())
    # In float16 the first gradients overflow; the scale comes down until they do not, and goes up again.
    add("whole_overflow", mlp(), T.labels(3), ce(), O.LossScaleOptimizer(O.SGD(0.1), initial_scale=2.0**24, dynamic_growth_steps=12), accuracy())
    add("some_layers", chain((5,), L.Dense(8, activation="tanh", dtype=policy), L.Dense(8, activation="tanh", dtype="float32"), L.Dense(3, dtype=policy),
        L.Activation("softmax", dtype="float32")), T.labels(3), ce(), O.SGD(0.1), accuracy())
    return runs


def build(keras, policy):
    """Models of which those that are whole are made under the policy."""
    keras.config.set_dtype_policy(policy)
    whole = {k: v for k, v in declare(keras, policy).items() if k.startswith("whole_")}
    keras.config.set_dtype_policy("float32")
    return whole | {k: v for k, v in declare(keras, policy).items() if not k.startswith("whole_")}


def main():
    keras = golden.start_keras("f32")
    numbers, facts = [], {}
    for policy in ("mixed_bfloat16", "mixed_float16"):
        for number, (name, run) in enumerate(build(keras, policy).items()):
            seed = 1000 * (number + 1)
            model = keras.Model(*run["ends"])
            given_x = [run["x"] or T.real(model.inputs[0].shape[1:])]
            x = T.realise(given_x[0], seed, T.SAMPLES, "float32")
            y = T.realise(run["y"], seed + 100, T.SAMPLES, "float32")
            start = [None if np.ptp(w) == 0 else seed + 300 + i for i, w in enumerate(model.get_weights())]
            model.set_weights([w if s is None else T.draw(s, w.shape, -0.5, 0.5, 1 / 256).astype("float32")
                               for s, w in zip(start, model.get_weights())])
            optimizer = run["optimizer"]
            exported = T.export(keras, model)
            layers = [op for op in model.operations if isinstance(op, keras.layers.Layer)]
            for node, layer in zip(exported["nodes"], layers):
                node["policy"] = layer.dtype_policy.name
            facts[f"{policy}/{name}"] = {
                **exported, "x": given_x, "y": [run["y"]], "weights": [None], "samples": T.SAMPLES, "start": start, "seed": seed,
                "optimizer": T.written(keras, optimizer), "loss": T.written(keras, [run["loss"]]),
                "metrics": T.written(keras, [run["metrics"]]), "weighted_metrics": [[]], "loss_weights": None, "undecayed": [], "fit": {}}
            model.compile(optimizer=optimizer, loss=run["loss"], metrics=run["metrics"] or None, auto_scale_loss=False)
            history = model.fit(x, y, epochs=T.EPOCHS, batch_size=T.BATCH, shuffle=False, verbose=0).history
            weights = model.get_weights()
            assert all(w.dtype == np.float32 for w in weights)
            output = np.asarray(model.predict(x, verbose=0)).astype("float32")
            numbers.append(np.concatenate([np.array(list(history.values())).reshape(-1)] + [T.digest(v) for v in weights + [output]]))
            scaled = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
            exact = [float(np.asarray(v)) for v in optimizer.variables[:5]] if scaled else None
            facts[f"{policy}/{name}"] |= {"history_keys": list(history), "count": numbers[-1].size, "exact": exact}
            print(policy, name, exact, numbers[-1][:10])
    golden.save_npz("mixed_runs.npz", {"numbers": np.concatenate(numbers).astype("float32")})
    golden.save_json("mixed_runs.json", {"versions": golden.versions(), "runs": facts})


if __name__ == "__main__":
    main()
