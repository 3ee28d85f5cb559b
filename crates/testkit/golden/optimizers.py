"""Reference training runs of the optimizers, 100 steps each.

    python optimizers.py

writes optimizers_data.npz, optimizers_f32.npz, optimizers_f64.npz and optimizers.json.

Model: Sequential [Input(20), Dense(16, relu), Dense(5, softmax)], sparse categorical crossentropy
on probabilities, one `train_on_batch` per step with the metrics reset before it, so that each loss
is that of its batch alone, before the update.

optimizers_data.npz (the start of every run; float32 files of values that are whole multiples of
1/64 or 1/256, hence the same numbers in both precisions)
    x (100, 32, 20)   batches              y (100, 32) int32   labels 0..4
    w0 (20, 16) kernel, w1 (16,) bias, w2 (16, 5) kernel, w3 (5,) bias

optimizers_f32.npz and optimizers_f64.npz, for every case (listed with its arguments in
optimizers.json)
    <case>/loss (100,)                       loss of each step
    <case>/step{1,10,100}/w{0,1,2,3}         weights after that many steps (only step100 for the cases
                                             at the default learning rate)

Rounding of the hyperparameters.  Keras keeps the learning rate in a variable of type floatx: in the
double run it is the double nearest 0.01, in the single run the float32 nearest 0.01, and it is cast
to the weight's type, which changes nothing.  (So a float32 model's `.keras` file says 0.009999999776482582,
a double one's says 0.01.)  All other hyperparameters stay Python floats, and what is computed from them
alone, such as 1 - beta_1 or 1 - rho, is computed in double and only the result is rounded to the
type of the weights.  Adam's powers are computed in the type of the weights: beta is rounded to it,
the step number is cast to it, then pow, then alpha = lr * sqrt(1 - beta_2^t) / (1 - beta_1^t).
"""
import golden
import numpy as np

STEPS, KEPT = 100, (1, 10, 100)

CASES = {
    "sgd": ("SGD", dict(learning_rate=0.01)),
    "sgd_momentum": ("SGD", dict(learning_rate=0.01, momentum=0.9)),
    "sgd_nesterov": ("SGD", dict(learning_rate=0.01, momentum=0.9, nesterov=True)),
    "rmsprop": ("RMSprop", dict(learning_rate=0.01)),
    "rmsprop_momentum_centered": ("RMSprop", dict(learning_rate=0.01, momentum=0.9, centered=True)),
    "adam": ("Adam", dict(learning_rate=0.01)),
    "adam_amsgrad": ("Adam", dict(learning_rate=0.01, amsgrad=True)),
    "adagrad": ("Adagrad", dict(learning_rate=0.01)),
    # At the default learning rate, 0.001 (that of SGD is the 0.01 above).
    "rmsprop_default_lr": ("RMSprop", dict()),
    "rmsprop_momentum_centered_default_lr": ("RMSprop", dict(momentum=0.9, centered=True)),
    "adam_default_lr": ("Adam", dict()),
    "adam_amsgrad_default_lr": ("Adam", dict(amsgrad=True)),
    "adagrad_default_lr": ("Adagrad", dict()),
}


def kept(case):
    return KEPT[-1:] if case.endswith("default_lr") else KEPT


def data():
    rng = np.random.default_rng(20240501)
    x = np.clip(np.round(rng.normal(size=(STEPS, 32, 20)) * 16), -64, 64) / 64
    teacher = rng.normal(size=(20, 5))
    y = np.argmax(x @ teacher + 0.3 * rng.normal(size=(STEPS, 32, 5)), axis=-1)
    weights = [np.round(rng.uniform(-0.4, 0.4, shape) * 256) / 256 for shape in [(20, 16), (16,), (16, 5), (5,)]]
    return x.astype("float32"), y.astype("int32"), [w.astype("float32") for w in weights]


def make(keras, precision):
    floatx = golden.PRECISIONS[precision]
    x, y, weights = data()
    x = x.astype(floatx)
    arrays, facts = {}, {}
    for case, (cls, arguments) in CASES.items():
        keras.utils.clear_session()
        model = keras.Sequential([
            keras.Input((20,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(5, activation="softmax"),
        ])
        model.set_weights([w.astype(floatx) for w in weights])
        optimizer = getattr(keras.optimizers, cls)(**arguments)
        model.compile(optimizer, "sparse_categorical_crossentropy")
        losses = []
        for step in range(STEPS):
            model.reset_metrics()
            losses.append(model.train_on_batch(x[step], y[step]))
            if step + 1 in kept(case):
                for i, w in enumerate(model.get_weights()):
                    arrays[f"{case}/step{step + 1}/w{i}"] = w
        arrays[f"{case}/loss"] = np.array(losses, floatx)
        config = optimizer.get_config()
        facts[case] = {
            "class": cls, "arguments": arguments,
            "config": {k: config[k] for k in ("learning_rate", "rho", "momentum", "nesterov", "centered", "beta_1",
                                              "beta_2", "epsilon", "amsgrad", "initial_accumulator_value") if k in config},
            "learning_rate_dtype": optimizer.learning_rate.dtype, "iterations_dtype": optimizer.iterations.dtype,
            "variables": [v.path.split("/", 1)[1] for v in optimizer.variables],
        }
    return arrays, {"cases": facts}


def write(made):
    x, y, weights = data()
    golden.save_npz("optimizers_data.npz", {"x": x, "y": y, **{f"w{i}": w for i, w in enumerate(weights)}})
    for precision, (arrays, _) in made.items():
        golden.save_npz(f"optimizers_{precision}.npz", arrays)
    f32, f64 = made["f32"][1], made["f64"][1]
    for case, facts in f64["cases"].items():
        facts["learning_rate_dtype"] = [f32["cases"][case]["learning_rate_dtype"], facts["learning_rate_dtype"]]
        facts["iterations_dtype"] = [f32["cases"][case]["iterations_dtype"], facts["iterations_dtype"]]
        a, b = made["f32"][0], made["f64"][0]
        # How far the single run strays from the double one: a guide for tolerances.
        facts["f32_minus_f64"] = {
            "loss": float(np.abs(a[f"{case}/loss"] - b[f"{case}/loss"]).max()),
            **{f"step{s}": float(max(np.abs(a[f"{case}/step{s}/w{i}"] - b[f"{case}/step{s}/w{i}"]).max()
                                     for i in range(4))) for s in kept(case)},
        }
    golden.save_json("optimizers.json", f64)


if __name__ == "__main__":
    golden.run(__file__, make, write)
