"""Reference runs of fit, evaluate and predict.

    python fit_runs.py

writes fit_runs.npz and fit_runs.json.  All runs use shuffle=False and, unless `fit` says otherwise,
3 epochs of batches of 32 from 100 samples: the last batch has 4.

Data, stored once (float32 numbers that are whole multiples of 1/64, hence the same in both precisions):
    data/x (100, 8), data/y (100,) int32 labels 0..2, data/y_column (100, 1) the same labels,
    data/y_one_hot (100, 3), data/y_binary (100,) 0 or 1 as int32, data/y_real (100, 1) regression targets
    data/weight (100,) sample weights
    data/val_x (30, 8), data/val_y (30,), data/val_y_real (30, 1), data/val_weight (30,)
    start/<model>/w0...    initial weights; the models are described in fit_runs.json
Runs (fit_runs.json: `runs`, one line each with the model, the compile and fit arguments, where a word
led by "data/" is a key of the npz file).  With P standing for f32 or f64:
    P/<run>/history/<name>    one value per epoch, in the order of `history_keys` in the JSON file
    P/<run>/w0...             weights after fit
    P/<run>/evaluate          values in the order of `evaluate_keys`; evaluate_weighted: with data/val_weight
    P/<run>/predict           predict(data/val_x)
evaluate runs on data/val_x and the matching targets, after fit, with batches of 32.  Keras sorts the
names in `history` and in the dictionary of evaluate; its list form is the loss, then the metrics in
the order of compile.  A row of `errors` with type null was accepted.

How Keras gets the numbers in `history`: the loss of a batch is the sum of weight * loss over its
samples, divided by the number of samples (not by the sum of weights); the loss of the epoch is the
mean of these, each counted with the number of samples of its batch.  `metrics` ignore sample weights,
`weighted_metrics` are weighted means (sum of weight * value over sum of weights).  class_weight turns
into sample weights.  Training metrics of a batch come from the predictions before its update.
"""
import re

import golden
import numpy as np

MODELS = {
    "classifier": ["Dense(6, relu)", "Dense(3, softmax)"],
    "dropout": ["Dense(6, relu)", "Dropout(0.0)", "Dense(3, softmax)"],
    "binary": ["Dense(6, relu)", "Dense(1, sigmoid)"],
    "regressor": ["Dense(6, tanh)", "Dense(1)"],
}
CE = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
CLASSES, REAL = {"x": "data/x", "y": "data/y"}, {"x": "data/x", "y": "data/y_real"}
RMSPROP, ADAM, SGD = (("RMSprop", {"learning_rate": 0.01}), ("Adam", {"learning_rate": 0.01}),
                      ("SGD", {"learning_rate": 0.1, "momentum": 0.9}))

RUNS = {  # run: (model, optimizer, compile arguments, fit arguments)
    "plain": ("classifier", RMSPROP, CE, CLASSES),
    "plain_adam": ("classifier", ADAM, CE, CLASSES),
    "plain_sgd": ("classifier", SGD, CE, CLASSES),
    "whole_batches": ("classifier", RMSPROP, CE, {**CLASSES, "batch_size": 25}),
    "labels_column": ("classifier", RMSPROP, CE, {"x": "data/x", "y": "data/y_column"}),
    "one_hot": ("classifier", RMSPROP, {"loss": "categorical_crossentropy", "metrics": ["accuracy"]}, {"x": "data/x", "y": "data/y_one_hot"}),
    "sample_weight": ("classifier", RMSPROP, {**CE, "weighted_metrics": ["sparse_categorical_accuracy"]}, {**CLASSES, "sample_weight": "data/weight"}),
    "class_weight": ("classifier", RMSPROP, {**CE, "weighted_metrics": ["sparse_categorical_accuracy"]}, {**CLASSES, "class_weight": {"0": 1.0, "1": 3.0, "2": 0.5}}),
    "class_weight_partial": ("classifier", RMSPROP, CE, {**CLASSES, "class_weight": {"1": 2.0}}),
    "class_weight_one_hot": ("classifier", RMSPROP, {"loss": "categorical_crossentropy", "metrics": ["accuracy"]}, {"x": "data/x", "y": "data/y_one_hot", "class_weight": {"0": 1.0, "1": 3.0, "2": 0.5}}),
    "validation_split": ("classifier", RMSPROP, CE, {**CLASSES, "validation_split": 0.25}),
    "validation_split_weight": ("classifier", RMSPROP, CE, {**CLASSES, "validation_split": 0.25, "sample_weight": "data/weight"}),
    "validation_data": ("classifier", RMSPROP, CE, {**CLASSES, "validation_data": ["data/val_x", "data/val_y"]}),
    "validation_data_weight": ("classifier", RMSPROP, {**CE, "weighted_metrics": ["sparse_categorical_accuracy"]},
                               {**CLASSES, "validation_data": ["data/val_x", "data/val_y", "data/val_weight"]}),
    "validation_batch_size": ("classifier", RMSPROP, CE, {**CLASSES, "validation_data": ["data/val_x", "data/val_y"], "validation_batch_size": 7}),
    "validation_freq": ("classifier", RMSPROP, CE, {**CLASSES, "validation_data": ["data/val_x", "data/val_y"], "validation_freq": 2, "epochs": 4}),
    "dropout_zero": ("dropout", RMSPROP, CE, CLASSES),
    "binary": ("binary", ADAM, {"loss": "binary_crossentropy", "metrics": ["accuracy"]}, {"x": "data/x", "y": "data/y_binary"}),
    "regression_mse": ("regressor", RMSPROP, {"loss": "mse", "metrics": ["mae"]}, REAL),
    "regression_mae": ("regressor", ADAM, {"loss": "mae", "metrics": ["mae", "mse"]}, REAL),
    "regression_weight": ("regressor", RMSPROP, {"loss": "mse", "metrics": ["mae"], "weighted_metrics": ["mae"]}, {**REAL, "sample_weight": "data/weight"}),
    "regression_batch_1": ("regressor", RMSPROP, {"loss": "mse", "metrics": ["mae"]}, {**REAL, "batch_size": 1, "validation_split": 0.25}),
    "initial_epoch": ("classifier", RMSPROP, CE, {**CLASSES, "initial_epoch": 1, "epochs": 3}),
    "one_big_batch": ("classifier", RMSPROP, CE, {**CLASSES, "batch_size": 500}),
    "steps_per_epoch": ("classifier", RMSPROP, CE, {**CLASSES, "steps_per_epoch": 2, "epochs": 2}),
}
TARGETS = {"data/y": "val_y", "data/y_column": "val_y", "data/y_real": "val_y_real"}


def grid(values, step):
    return (np.round(values / step) * step).astype("float32")


def data():
    rng = np.random.default_rng(5)
    x = grid(rng.normal(size=(130, 8)), 1 / 64)
    y = np.argmax(x @ rng.normal(size=(8, 3)) + 0.5 * rng.normal(size=(130, 3)), -1).astype("int32")
    real = grid(np.tanh(x @ rng.normal(size=(8, 1))) * 2 + 1 + 0.2 * rng.normal(size=(130, 1)), 1 / 64)
    weight = grid(rng.uniform(0, 2, 130), 1 / 64)
    out = {"x": x[:100], "y": y[:100], "y_column": y[:100, None], "y_one_hot": np.eye(3, dtype="float32")[y[:100]],
           "y_binary": (y[:100] == 1).astype("int32"), "y_real": real[:100], "weight": weight[:100],
           "val_x": x[100:], "val_y": y[100:], "val_y_one_hot": np.eye(3, dtype="float32")[y[100:]],
           "val_y_binary": (y[100:] == 1).astype("int32"), "val_y_real": real[100:], "val_weight": weight[100:]}
    start = {}
    for model, layers in MODELS.items():
        shapes, width = [], 8
        for layer in layers:
            if layer.startswith("Dense"):
                units = int(layer[6])
                shapes += [(width, units), (units,)]
                width = units
        start[model] = [grid(rng.uniform(-0.6, 0.6, s), 1 / 256) for s in shapes]
    start["dropout"] = start["classifier"]
    return out, start


def build(keras, model):
    layers = [keras.Input((8,))]
    for text in MODELS[model]:
        name, _, arguments = text.removesuffix(")").partition("(")
        first, *activation = arguments.split(", ")
        layers.append(keras.layers.Dropout(float(first)) if name == "Dropout" else
                      keras.layers.Dense(int(first), activation=activation[0] if activation else None))
    return keras.Sequential(layers)


def make(keras, precision):
    floatx = golden.PRECISIONS[precision]
    numbers, start = data()
    cast = lambda a: a.astype(floatx) if a.dtype == np.float32 else a
    numbers = {k: cast(v) for k, v in numbers.items()}
    resolve = lambda v: numbers[v[5:]] if isinstance(v, str) and v.startswith("data/") else v
    arrays, runs = {}, {}
    for run, (name, (optimizer, settings), compiled, fitted) in RUNS.items():
        keras.utils.clear_session()
        model = build(keras, name)
        model.set_weights([w.astype(floatx) for w in start[name]])
        model.compile(optimizer=getattr(keras.optimizers, optimizer)(**settings), **compiled)
        arguments = {"epochs": 3, "batch_size": 32, **fitted}
        if arguments.get("class_weight"):
            arguments["class_weight"] = {int(k): v for k, v in arguments["class_weight"].items()}
        if "validation_data" in arguments:
            arguments["validation_data"] = tuple(resolve(v) for v in arguments["validation_data"])
        arguments = {k: resolve(v) for k, v in arguments.items()}
        history = model.fit(**arguments, shuffle=False, verbose=0)
        for key, values in history.history.items():
            arrays[f"{run}/history/{key}"] = np.array(values, floatx)
        for i, w in enumerate(model.get_weights()):
            arrays[f"{run}/w{i}"] = w
        target = numbers[TARGETS.get(fitted["y"], "val_" + fitted["y"][5:])]
        result = model.evaluate(numbers["val_x"], target, batch_size=32, verbose=0, return_dict=True)
        weighted = model.evaluate(numbers["val_x"], target, batch_size=32, verbose=0, return_dict=True, sample_weight=numbers["val_weight"])
        arrays[f"{run}/evaluate"] = np.array(list(result.values()), floatx)
        arrays[f"{run}/evaluate_weighted"] = np.array(list(weighted.values()), floatx)
        arrays[f"{run}/predict"] = model.predict(numbers["val_x"], verbose=0)
        runs[run] = {"model": name, "optimizer": [optimizer, settings], "compile": compiled, "fit": {"epochs": 3, "batch_size": 32, **fitted},
                     "epochs": list(history.epoch), "history_keys": list(history.history), "evaluate_keys": list(result),
                     "iterations": int(model.optimizer.iterations.numpy())}
    return arrays, {"models": MODELS, "runs": runs, "errors": errors(keras, numbers)}


def errors(keras, numbers):
    """Calls that Keras refuses."""
    out = []
    def refused(what, **arguments):
        model = build(keras, "classifier")
        model.compile("rmsprop", **CE)
        try:
            model.fit(**{"x": numbers["x"], "y": numbers["y"], "verbose": 0, **arguments})
        except Exception as error:
            out.append({"what": what, "type": type(error).__name__, "message": re.sub(r"\x1b\[\d*m", "", " ".join(str(error).split()))[:200]})
        else:
            out.append({"what": what, "type": None})
    refused("class_weight together with sample_weight", class_weight={0: 2.0}, sample_weight=numbers["weight"])
    refused("validation_split=1.0", validation_split=1.0)
    refused("validation_split=0.001 of 100 samples", validation_split=0.001)
    refused("x of 100 and y of 99 samples", y=numbers["y"][:99])
    refused("sample_weight of 99 values", sample_weight=numbers["weight"][:99])
    refused("x with 7 features for Input(8)", x=numbers["x"][:, :7])
    refused("x with one axis too few", x=numbers["x"][:, 0])
    refused("one-hot targets with the sparse loss", y=numbers["y_one_hot"])
    refused("epochs=0", epochs=0)
    refused("batch_size=0", batch_size=0)
    return out


def write(made):
    numbers, start = data()
    assert made["f32"][1]["runs"] == made["f64"][1]["runs"]
    assert [e["type"] for e in made["f32"][1]["errors"]] == [e["type"] for e in made["f64"][1]["errors"]]
    arrays = {f"data/{k}": v for k, v in numbers.items()}
    arrays |= {f"start/{m}/w{i}": w for m, weights in start.items() for i, w in enumerate(weights)}
    golden.save_npz("fit_runs.npz", {**arrays, **golden.with_prefix(made)})
    golden.save_json("fit_runs.json", made["f32"][1])
    worst = max(float(np.abs(v - made["f64"][0][k]).max()) for k, v in made["f32"][0].items() if "accuracy" not in k and "evaluate" not in k)
    print(f"largest difference between f32 and f64: {worst:.2g}")


if __name__ == "__main__":
    golden.run(__file__, make, write)
