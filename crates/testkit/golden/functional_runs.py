"""Reference runs of models that are graphs: several inputs and outputs, shared layers, models inside of models.

    python functional_runs.py

writes functional_runs.npz and functional_runs.json.  All runs use shuffle=False, 2 epochs of batches
of 16 from 40 samples: the last batch has 8.

Data (float32 whole multiples of 1/64, the same in both precisions):
    data/a (40, 4), data/b (40, 3) inputs; data/real (40, 1), data/label (40,) int32 0..2,
    data/w1, data/w2 (40,) sample weights
    start/<model>/w0...    initial weights in the order of get_weights
Models (functions below with the same names in tests/functional.rs).  Runs, with P standing for f32 or f64:
    P/<run>/history/<name>    one value per epoch; names in `history_keys`
    P/<run>/w0...             weights after fit
    P/<run>/evaluate          values in the order of `evaluate_keys` (sorted by Keras)
    P/<run>/predict0...       the outputs for all samples
`summaries` holds the tables that Keras prints for these models.  `layers` are the names in the order of
model.layers, `weights` the shapes in the order of model.weights.

The user's step of "own_step" is what Keras's train_step does with TensorFlow, written for JAX: a loss of
its own (mean of |error| ** 1.5) and a tracker of its own.
"""
import golden
import numpy as np

ADAM, SGD = ("Adam", {"learning_rate": 0.01}), ("SGD", {"learning_rate": 0.05, "momentum": 0.9})


def two_by_two(keras, layers):
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    h1 = layers.Dense(5, activation="relu", name="ha")(a)
    h2 = layers.Dense(5, activation="tanh", name="hb")(b)
    h = h1 + h2
    price = layers.Dense(1, name="price")(h)
    kind = layers.Dense(3, activation="softmax", name="kind")(h)
    return keras.Model([a, b], [price, kind], name="two_by_two")


def shared(keras, layers):
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    encode = layers.Dense(4, activation="tanh", name="encode")
    left = encode(a)
    twice = encode(left)
    right = layers.Dense(4, name="widen")(b)
    out = layers.Dense(1, name="out")(twice * encode(right))
    return keras.Model([a, b], out, name="shared")


def nested(keras, layers):
    x = keras.Input((4,), name="inner_in")
    h = layers.Dense(6, activation="relu", name="inner_1")(x)
    inner = keras.Model(x, layers.Dense(4, name="inner_2")(h), name="inner")
    tail = keras.Sequential([keras.Input((4,), name="tail_in"), layers.Dense(3, activation="tanh", name="tail_1"),
                             layers.Dense(1, name="tail_2")], name="tail")
    a = keras.Input((4,), name="a")
    return keras.Model(a, tail(inner(inner(a))), name="nested")


def penalised(keras, layers):
    class Penalty(layers.Layer):
        def call(self, x):
            self.add_loss(0.1 * keras.ops.mean(keras.ops.square(x)))
            return x

    class Half(keras.constraints.Constraint):
        def __call__(self, w):
            return keras.ops.clip(w, -0.25, 0.25)

    class Quarter(keras.regularizers.Regularizer):
        def __call__(self, w):
            return 0.25 * keras.ops.sum(keras.ops.square(w))

    a = keras.Input((4,), name="a")
    h = layers.Dense(5, activation="tanh", kernel_regularizer=Quarter(), kernel_constraint=Half(), name="h")(a)
    h = Penalty(name="penalty")(h)
    return keras.Model(a, layers.Dense(1, bias_regularizer=Quarter(), name="out")(h), name="penalised")


MODELS = {"two_by_two": two_by_two, "shared": shared, "nested": nested, "penalised": penalised}
BOTH = {"x": ["data/a", "data/b"], "y": ["data/real", "data/label"]}
CE = "sparse_categorical_crossentropy"
RUNS = {  # run: (model, optimizer, compile arguments, fit arguments)
    "lists": ("two_by_two", ADAM, {"loss": ["mse", CE], "metrics": [["mae"], ["accuracy"]]}, BOTH),
    "names": ("two_by_two", SGD, {"loss": {"price": "mse", "kind": CE}, "loss_weights": {"price": 0.25, "kind": 2.0},
              "metrics": {"kind": ["accuracy"]}, "weighted_metrics": {"price": ["mae", "mse"], "kind": ["accuracy"]}},
              {**BOTH, "sample_weight": ["data/w1", "data/w2"], "validation_split": 0.25}),
    "one_loss": ("two_by_two", ADAM, {"loss": {"price": "mae", "kind": "crossentropy"}, "loss_weights": [0.5, 1.5]}, BOTH),
    "shared": ("shared", ADAM, {"loss": "mse", "metrics": ["mae"]}, {"x": ["data/a", "data/b"], "y": "data/real"}),
    "nested": ("nested", SGD, {"loss": "mse", "metrics": ["mae"]}, {"x": "data/a", "y": "data/real"}),
    "penalised": ("penalised", ADAM, {"loss": "mse", "metrics": ["mae"]}, {"x": "data/a", "y": "data/real", "validation_split": 0.25}),
    "own_step": ("nested", SGD, {}, {"x": "data/a", "y": "data/real"}),
}
SUMMARIES = [("two_by_two", 80, {}), ("two_by_two", 120, {"show_trainable": True}), ("shared", 100, {}), ("nested", 90, {}),
             ("nested", 90, {"expand_nested": True, "show_trainable": True}), ("penalised", 80, {})]


def grid(values, step):
    return (np.round(values / step) * step).astype("float32")


def data(shapes):
    rng = np.random.default_rng(11)
    a, b = grid(rng.normal(size=(40, 4)), 1 / 64), grid(rng.normal(size=(40, 3)), 1 / 64)
    real = grid(np.tanh(a[:, :1] - b[:, 1:2]) + 0.1 * rng.normal(size=(40, 1)), 1 / 64)
    label = np.argmax(np.concatenate([a[:, :2], b[:, :1]], 1), 1).astype("int32")
    w1, w2 = (grid(rng.uniform(0, 2, 40), 1 / 64) for _ in range(2))
    start = {m: [grid(rng.uniform(-0.6, 0.6, s), 1 / 256) for s in each] for m, each in shapes.items()}
    return {"a": a, "b": b, "real": real, "label": label, "w1": w1, "w2": w2}, start


def own_step(keras, model):
    import jax

    tracker = keras.metrics.Mean(name="error")

    class Own(keras.Model):
        def __init__(self):
            super().__init__(name="own")
            self.body = model
            self.tracker = tracker

        def call(self, x):
            return self.body(x)

        @property
        def metrics(self):
            return [self.tracker]

        def compute_own(self, tv, ntv, x, y):
            y_pred, ntv = self.stateless_call(tv, ntv, x)
            error = keras.ops.abs(y_pred - y)
            return keras.ops.mean(error * keras.ops.sqrt(error)), (keras.ops.mean(error), ntv)

        def train_step(self, state, data):
            tv, ntv, ov, mv = state
            x, y = data[:2]
            (loss, (error, ntv)), grads = jax.value_and_grad(self.compute_own, has_aux=True)(tv, ntv, x, y)
            tv, ov = self.optimizer.stateless_apply(ov, grads, tv)
            mv = self.tracker.stateless_update_state(mv, error)
            return {"error": self.tracker.stateless_result(mv)}, (tv, ntv, ov, mv)

    return Own()


def make(keras, precision):
    floatx = golden.PRECISIONS[precision]
    shapes = {}
    for name, build in MODELS.items():
        keras.utils.clear_session()
        model = build(keras, keras.layers)
        shapes[name] = [w.shape for w in model.get_weights()]
    numbers, start = data(shapes)
    cast = lambda a: a.astype(floatx) if a.dtype == np.float32 else a
    numbers = {k: cast(v) for k, v in numbers.items()}

    def resolve(v):
        if isinstance(v, list):
            return [resolve(e) for e in v]
        return numbers[v[5:]] if isinstance(v, str) and v.startswith("data/") else v

    arrays, runs = {}, {}
    for run, (name, (optimizer, settings), compiled, fitted) in RUNS.items():
        keras.utils.clear_session()
        model = MODELS[name](keras, keras.layers)
        model.set_weights([w.astype(floatx) for w in start[name]])
        trained = own_step(keras, model) if run == "own_step" else model
        trained.compile(optimizer=getattr(keras.optimizers, optimizer)(**settings), **compiled)
        arguments = {k: resolve(v) for k, v in fitted.items()}
        history = trained.fit(**arguments, epochs=2, batch_size=16, shuffle=False, verbose=0)
        for key, values in history.history.items():
            arrays[f"{run}/history/{key}"] = np.array(values, floatx)
        for i, w in enumerate(model.get_weights()):
            arrays[f"{run}/w{i}"] = w
        keys = []
        if run != "own_step":
            rest = {k: v for k, v in arguments.items() if k in ("x", "y", "sample_weight")}
            result = model.evaluate(**rest, batch_size=16, verbose=0, return_dict=True)
            arrays[f"{run}/evaluate"] = np.array(list(result.values()), floatx)
            keys = list(result)
        outputs = model.predict(arguments["x"], verbose=0)
        for i, y in enumerate(outputs if isinstance(outputs, list) else [outputs]):
            arrays[f"{run}/predict{i}"] = y
        runs[run] = {"model": name, "optimizer": [optimizer, settings], "compile": compiled, "fit": fitted,
                     "history_keys": list(history.history), "evaluate_keys": keys}
    models, summaries = {}, []
    for name, build in MODELS.items():
        keras.utils.clear_session()
        model = build(keras, keras.layers)
        models[name] = {"layers": [l.name for l in model.layers], "weights": [list(w.shape) for w in model.weights]}
    for name, width, options in SUMMARIES:
        keras.utils.clear_session()
        lines = []
        MODELS[name](keras, keras.layers).summary(line_length=width, print_fn=lines.append, **options)
        summaries.append({"model": name, "width": width, "options": options, "text": "".join(lines)})
    arrays |= {f"data/{k}": v for k, v in numbers.items()} if precision == "f32" else {}
    arrays |= {f"start/{m}/w{i}": w for m, each in start.items() for i, w in enumerate(each)} if precision == "f32" else {}
    return arrays, {"models": models, "runs": runs, "summaries": summaries}


def write(made):
    assert made["f32"][1]["runs"] == made["f64"][1]["runs"]
    common = {k: v for k, v in made["f32"][0].items() if k.startswith(("data/", "start/"))}
    own = {p: ({k: v for k, v in arrays.items() if k not in common}, facts) for p, (arrays, facts) in made.items()}
    golden.save_npz("functional_runs.npz", {**common, **golden.with_prefix(own)})
    golden.save_json("functional_runs.json", made["f32"][1])


if __name__ == "__main__":
    golden.run(__file__, make, write)
