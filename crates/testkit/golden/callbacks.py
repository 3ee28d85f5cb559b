"""What Keras's callbacks do.

    python callbacks.py

writes callbacks.json, in float32 alone.

`fed`: callbacks whose hooks are called with logs made up beforehand, as `fit` calls them. The model is one Dense unit
without bias on one input, compiled with SGD(0.1), "mse" and metrics ["accuracy"]; its only weight is set to epoch + 1
before the end of each epoch (epochs from 0). Logs have accuracy 0.5 and loss 0.25 besides what a row says. Each row has
the class and arguments of the callback, `val_loss` and `val_accuracy` (a number an epoch, "nan" as text), and what came of it: `epochs` run, `weight` at the end, `rates` (the learning rate after
each epoch), `logged` (what logs have as learning_rate), `said` (what went to standard output), `saved` (epoch and name of
each file). With `batches`, on_train_batch_end is called with each of these numbers in each epoch; `saved` then also has the
batch.
`csv`: the bytes that CSVLogger writes, with `before` in the file at the beginning.
`ema`: runs of fit with SwapEMAWeights: 8 samples, batches of 4, no shuffling; histories and the weights at the end.
"""
import contextlib
import io
import os
import tempfile

import golden
import numpy as np

DOWN = [1.0, 0.9, 0.95, 0.92, 0.91, 0.5, 0.6, 0.55, 0.7]
FLAT = [1.0, 0.99995, 0.9998, 0.9997, 0.9996, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.45, 0.45]
UP = [0.5, 0.6, 0.6, 0.55, 0.7, 0.7, 0.69, 0.71]
NAN = [1.0, float("nan"), float("nan"), 0.5, float("nan"), float("nan"), float("nan")]

STOP = [
    (DOWN, {}),
    (DOWN, {"patience": 2}),
    (DOWN, {"patience": 3, "verbose": 1}),
    (DOWN, {"patience": 2, "restore_best_weights": True, "verbose": 1}),
    (DOWN, {"patience": 2, "start_from_epoch": 2, "restore_best_weights": True}),
    (DOWN, {"patience": 1, "min_delta": 0.06}),
    (DOWN, {"patience": 2, "baseline": 0.85}),
    (DOWN, {"patience": 2, "baseline": 0.85, "restore_best_weights": True}),
    (DOWN, {"patience": 4, "baseline": 0.55}),
    (DOWN, {"patience": 1, "mode": "max"}),
    (UP, {"monitor": "val_accuracy", "patience": 1}),
    (UP, {"monitor": "val_accuracy", "patience": 2, "min_delta": 0.05, "restore_best_weights": True}),
    (UP, {"monitor": "val_accuracy", "patience": 3, "mode": "min", "restore_best_weights": True}),
    (NAN, {"patience": 1}),
    (NAN, {"patience": 3, "restore_best_weights": True}),
    (NAN[1:], {"patience": 2, "restore_best_weights": True}),
    (DOWN, {"monitor": "missing", "mode": "min"}),
    (DOWN, {"patience": 100, "restore_best_weights": True}),
]
REDUCE = [
    (FLAT, {"patience": 2}),
    (FLAT, {"patience": 2, "factor": 0.5, "verbose": 1}),
    (FLAT, {"patience": 1, "factor": 0.3, "cooldown": 2}),
    (FLAT, {"patience": 1, "factor": 0.2, "min_lr": 0.003, "verbose": 1}),
    (FLAT, {"patience": 3, "factor": 0.7, "min_delta": 0.0}),
    (FLAT, {"patience": 0, "factor": 0.9}),
    (FLAT, {"patience": 1, "mode": "max", "factor": 0.6}),
    (UP, {"monitor": "val_accuracy", "patience": 1, "factor": 0.5, "cooldown": 1}),
    (NAN, {"patience": 1, "factor": 0.5}),
    (FLAT, {"monitor": "missing", "mode": "min", "patience": 0}),
    (FLAT, {}),
]
SAVE = [
    (DOWN, {"filepath": "{epoch:02d}-{val_loss:.2f}.keras"}),
    (DOWN, {"filepath": "{epoch}.keras", "save_best_only": True, "verbose": 1}),
    (DOWN, {"filepath": "{epoch}-{val_accuracy}.weights.h5", "save_best_only": True, "save_weights_only": True,
            "monitor": "val_accuracy"}),
    (DOWN, {"filepath": "{epoch}.keras", "save_best_only": True, "initial_value_threshold": 0.93}),
    (DOWN, {"filepath": "{epoch}.keras", "save_best_only": True, "mode": "max", "verbose": 1}),
    (DOWN, {"filepath": "{epoch}.keras", "save_best_only": True, "monitor": "missing", "mode": "min"}),
    (NAN, {"filepath": "{epoch}.keras", "save_best_only": True, "verbose": 1}),
    (DOWN[:2], {"filepath": "{epoch}.weights.h5", "save_weights_only": True, "verbose": 1}),
]
SAVE_BATCHES = [  # the numbers of the batches after which an epoch's hooks are called
    (list(range(7)), {"filepath": "{epoch}-{batch:03d}.weights.h5", "save_weights_only": True, "save_freq": 3}),
    (list(range(7)), {"filepath": "{epoch}-{batch}.weights.h5", "save_weights_only": True, "save_freq": 10}),
    ([2, 5, 6], {"filepath": "{epoch}-{batch}.weights.h5", "save_weights_only": True, "save_freq": 4}),
]
SCHEDULES = {"halves": lambda epoch, rate: rate * 0.5, "steps": lambda epoch, rate: 0.3 if epoch < 2 else 1e-5}
CSV = [
    ({}, "", [{"loss": 0.5, "accuracy": 0.1}, {"loss": float(np.float32(0.3)), "accuracy": 1.0}]),
    ({}, "", [{"loss": float("nan"), "accuracy": 1e-5, "val_loss": float("inf")}, {"loss": 1e20, "accuracy": 0.0}]),
    ({"separator": ";"}, "", [{"loss": -0.25, "accuracy": 3.0, "mae": 1e16}, {"loss": 1.0, "accuracy": 2.0, "late": 1.0}]),
    ({"separator": "."}, "", [{"loss": 0.5, "accuracy": 1e-7}]),
    ({"append": True}, "epoch,accuracy,loss\r\n0,1.0,2.0\r\n", [{"loss": 0.5, "accuracy": 0.75}]),
    ({"append": True}, "", [{"loss": 0.5, "accuracy": 0.75}]),
    ({"append": True}, None, [{"loss": 0.5, "accuracy": 0.75}]),
    ({"append": False}, "something else\n", [{"loss": 0.5, "accuracy": 0.75}]),
]
EMA = [
    ({"ema_momentum": 0.5}, {}, {"epochs": 3}),
    ({"ema_momentum": 0.9, "ema_overwrite_frequency": 3}, {}, {"epochs": 3}),
    ({"ema_momentum": 0.5}, {"swap_on_epoch": True}, {"epochs": 3}),
    ({"ema_momentum": 0.5, "momentum": 0.9}, {"swap_on_epoch": True}, {"epochs": 1}),
]


def text(value):
    return value if np.isfinite(value) else str(value)


def made(keras):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["accuracy"])
    model.evaluate(np.ones((2, 1)), np.ones((2, 1)), verbose=0)  # the metrics know themselves from here on
    return model


def feed(keras, class_name, arguments, all_logs, batches=()):
    given = dict(arguments)
    if "schedule" in given:
        given["schedule"] = SCHEDULES[given["schedule"]]
    model, saved, rates, logged, epochs, at = made(keras), [], [], [], 0, None
    model.save = model.save_weights = lambda filepath, overwrite: saved.append([*at, filepath])
    callback = getattr(keras.callbacks, class_name)(**given)
    callback.set_model(model)
    callback.set_params({"verbose": 0, "epochs": len(all_logs), "steps": 1})
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        callback.on_train_begin()
        for epoch, values in enumerate(all_logs):
            logs = dict(values)
            epochs += 1
            callback.on_epoch_begin(epoch)
            for batch in batches:
                at = [epoch, batch]
                callback.on_train_batch_end(batch, dict(values))
            at = [epoch]
            model.set_weights([np.full((1, 1), epoch + 1.0)])
            callback.on_epoch_end(epoch, logs)
            rates.append(float(model.optimizer.learning_rate))
            logged += [logs["learning_rate"]] if "learning_rate" in logs else []
            if model.stop_training:
                break
        callback.on_train_end()
    row = {"class": class_name, "arguments": arguments, "batches": list(batches),
           **{name: [text(logs[name]) for logs in all_logs] for name in ("val_loss", "val_accuracy")}, "epochs": epochs,
           "weight": float(model.get_weights()[0][0, 0]), "rates": rates, "logged": logged, "said": said.getvalue(),
           "saved": saved}
    return {key: value for key, value in row.items() if value not in ([], "")}


def csv(keras, arguments, before, all_logs):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log.csv")
        if before is not None:
            with open(path, "w", newline="") as file:
                file.write(before)
        callback = keras.callbacks.CSVLogger(path, **arguments)
        callback.on_train_begin()
        for epoch, logs in enumerate(all_logs):
            callback.on_epoch_end(epoch, dict(logs))
        callback.on_train_end()
        with open(path, newline="") as file:
            written = file.read()
    return {"arguments": arguments, "before": before, "written": written,
            "logs": [{k: text(v) for k, v in logs.items()} for logs in all_logs]}


def ema(keras, optimizer, arguments, fit):
    x = np.arange(8, dtype="float32").reshape(8, 1) / 8
    y = 3 * x - 1
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.set_weights([np.full((1, 1), 0.5, "float32"), np.zeros(1, "float32")])
    model.compile(keras.optimizers.SGD(0.1, use_ema=True, **optimizer), "mse")
    seen = []
    watch = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(float(model.get_weights()[0][0, 0])))
    history = model.fit(x, y, batch_size=4, shuffle=False, verbose=0, validation_data=(x, y), **fit,
                        callbacks=[keras.callbacks.SwapEMAWeights(**arguments), watch])
    after = model.evaluate(x, y, verbose=0, callbacks=[keras.callbacks.SwapEMAWeights()])
    return {"optimizer": optimizer, "arguments": arguments, "fit": fit, "history": history.history, "seen": seen,
            "weights": [w.ravel().tolist() for w in model.get_weights()], "evaluate": after}


def main():
    keras = golden.start_keras("f32")

    def logs(values, accuracies=None):
        up = accuracies or [0.5 + 0.1 * (i % 4) for i in range(len(values))]
        return [{"accuracy": 0.5, "loss": 0.25, "val_accuracy": a, "val_loss": v} for v, a in zip(values, up)]

    def driven(values, arguments):
        if arguments.get("monitor") == "val_accuracy" and values is UP:
            return logs([0.5] * len(values), values)
        return logs(values)

    fed = [feed(keras, "EarlyStopping", arguments, driven(values, arguments)) for values, arguments in STOP]
    fed += [feed(keras, "ReduceLROnPlateau", arguments, driven(values, arguments)) for values, arguments in REDUCE]
    fed += [feed(keras, "ModelCheckpoint", arguments, driven(values, arguments)) for values, arguments in SAVE]
    fed += [feed(keras, "ModelCheckpoint", arguments, logs(DOWN[:3]), batches) for batches, arguments in SAVE_BATCHES]
    fed += [feed(keras, "LearningRateScheduler", {"schedule": name, "verbose": 1}, logs(DOWN[:4])) for name in SCHEDULES]
    golden.save_json("callbacks.json", {
        "versions": golden.versions(),
        "fed": fed,
        "csv": [csv(keras, *row) for row in CSV],
        "ema": [ema(keras, *row) for row in EMA],
    })


if __name__ == "__main__":
    main()
