"""Small `.keras` files saved by Keras, and what models loaded from them must compute.

    python keras_files.py

writes the folder keras_files/ (fresh), keras_files.npz and keras_files.json.  Everything is float32.
Saved files differ from run to run in their dates and in the ids of shared objects, so remake them
only to change something.

keras_files.npz, for each file `<name>.keras`:
    <name>/x, <name>/y              predict(y) after loading
    <name>/weights                  get_weights() after loading, each flattened, one after the other;
                                    names and shapes in keras_files.json
  compiled files also
    <name>/eval_x, <name>/eval_y, <name>/evaluate   evaluate(return_dict=True, batch_size=32), values in
                                    the order of `evaluate_keys` in keras_files.json
  files with a trained optimizer also
    <name>/train_x (3, batch, ...), <name>/train_y (3, batch, ...), <name>/losses (3,)
                                    three more steps of train_on_batch after loading, metrics reset
                                    before each, so that each loss is that of its batch alone
    <name>/weights_after            the weights after these steps, flattened likewise
The functional model's inputs are <name>/x0 and <name>/x1.  The unbuilt model has no weights in its
file and nothing in the npz file.  deflated.keras is dense_named.keras with its members compressed: use
the arrays of dense_named.

keras_files.json has for each file a description, the layers, what compile was given, the number of
optimizer steps done, and the order of the optimizer's variables (their position is the name of the
data set under optimizer/vars in the weights file).
"""
import os
import shutil
import zipfile

import golden
import numpy as np

FOLDER = golden.HERE / "keras_files"
keras = golden.start_keras("f32")
L = keras.layers


def dense_named():
    """Named layers, uncompiled"""
    return keras.Sequential([keras.Input((6,), name="features"), L.Dense(5, activation="relu", name="hidden"),
                             L.Dense(3, activation="softmax", name="probabilities")], name="named")


def every_layer():
    """Unnamed layers: Input, Flatten, Dense without bias, Activation, Dropout, Dense"""
    return keras.Sequential([keras.Input((4, 3)), L.Flatten(), L.Dense(5, use_bias=False), L.Activation("tanh"),
                             L.Dropout(0.3), L.Dense(4, activation="sigmoid"), L.Dropout(0.5, noise_shape=(None, 1), seed=3), L.Dense(2)])


def misleading_names():
    """The second Dense is called "dense": group names in the weights file follow classes, not names"""
    return keras.Sequential([keras.Input((4,)), L.Dense(3, name="hidden"), L.Dropout(0.2), L.Dense(2, name="dense")], name="seq")


def dense_on_rank_3():
    """Dense acting on the last axis of (batch, 5, 3)"""
    return keras.Sequential([keras.Input((5, 3)), L.Dense(4, activation="relu"), L.Dense(2), L.Flatten(), L.Dense(3)])


def many_layers():
    """Twelve Dense layers: group names dense to dense_11, with mixed sizes"""
    return keras.Sequential([keras.Input((3,))] + [L.Dense(2 + i % 3, activation="tanh" if i % 4 == 0 else None, use_bias=i % 4 != 3) for i in range(12)])


def built_by_first_batch():
    """No Input: built by its first batch of 8, whose size Keras writes into the configuration"""
    model = keras.Sequential([L.Dense(4, activation="relu"), L.Dense(2)])
    model(np.zeros((8, 5), "float32"))
    return model


def unbuilt():
    """No Input and never called: the file has no weights"""
    return keras.Sequential([L.Dense(4, activation="relu"), L.Dense(2)])


def activations(names):
    """Activations given as strings, in turn to a Dense layer and to an Activation layer"""
    stack = [keras.Input((6,))]
    for i, name in enumerate(names):
        stack.append(L.Activation(name) if i % 2 else L.Dense(6, activation=name))
    return keras.Sequential(stack + [L.Dense(2)])


def activations_common():
    """The common activations, as strings of Dense and Activation layers in turn"""
    return activations(["relu", "tanh", "sigmoid", "softmax", "linear", "elu", "selu", "softplus", "softsign", "silu", "gelu", "leaky_relu"])


def activations_rare():
    """The other activations, likewise"""
    return activations(["squareplus", "celu", "log_sigmoid", "hard_tanh", "swish", "exponential", "sparse_plus", "hard_swish", "mish",
                        "tanh_shrink", "relu6", "soft_shrink", "sparse_sigmoid", "log_softmax", "hard_shrink", "hard_silu", "hard_sigmoid"])


def initializers():
    """Dense layers with other initializers, named by string and given as objects"""
    k = keras.initializers
    return keras.Sequential([
        keras.Input((4,)), L.Dense(3, kernel_initializer="he_normal", bias_initializer="ones"),
        L.Dense(3, kernel_initializer=k.RandomNormal(stddev=0.1, seed=1), bias_initializer=k.Constant(0.25)),
        L.Dense(3, kernel_initializer=k.VarianceScaling(2.0, "fan_out", "uniform")),
        L.Dense(2, kernel_initializer=k.TruncatedNormal(seed=4), bias_initializer="random_uniform")])


def functional():
    """A functional model with two inputs and a shared layer"""
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    shared = L.Dense(4, activation="relu", name="shared")
    return keras.Model([a, b], L.Dense(2, name="out")(L.Concatenate()([shared(a), shared(b)])), name="two_inputs")


def classifier():
    return keras.Sequential([keras.Input((6,)), L.Dense(5, activation="relu"), L.Dense(3, activation="softmax")])


def logits():
    return keras.Sequential([keras.Input((6,)), L.Dense(5, activation="relu"), L.Dense(3)])


def binary():
    return keras.Sequential([keras.Input((6,)), L.Dense(5, activation="relu"), L.Dense(1, activation="sigmoid")])


def regressor():
    return keras.Sequential([keras.Input((6,)), L.Dense(5, activation="tanh"), L.Dense(1)])


UNCOMPILED = [dense_named, every_layer, misleading_names, dense_on_rank_3, many_layers, built_by_first_batch, unbuilt,
              activations_common, activations_rare, initializers, functional]

O, S, M = keras.optimizers, keras.losses, keras.metrics
SPARSE = "sparse_categorical_crossentropy"
COMPILED = [  # name, description, model, targets, optimizer, loss, further compile arguments, trained steps
    ("compiled_only", "Compiled, never trained: no optimizer slots", classifier, "labels", "rmsprop", SPARSE, {"metrics": ["accuracy"]}, 0),
    ("sgd", "Strings", classifier, "labels", "sgd", SPARSE, {"metrics": ["accuracy"]}, 3),
    ("sgd_momentum", "Loss object on logits, metric objects", logits, "labels", O.SGD(0.05, momentum=0.9),
     S.SparseCategoricalCrossentropy(from_logits=True), {"metrics": [M.SparseCategoricalAccuracy(name="hits"), M.SparseCategoricalCrossentropy(from_logits=True)]}, 3),
    ("sgd_nesterov", "One-hot targets, label smoothing, metric string", classifier, "one_hot", O.SGD(0.05, momentum=0.9, nesterov=True),
     S.CategoricalCrossentropy(label_smoothing=0.1), {"metrics": ["categorical_accuracy"]}, 3),
    ("rmsprop", "Strings, default optimizer", classifier, "labels", "rmsprop", SPARSE, {"metrics": ["accuracy"]}, 3),
    ("rmsprop_momentum_centered", "All slots of RMSprop", classifier, "labels", O.RMSprop(0.01, rho=0.8, momentum=0.9, centered=True), SPARSE, {"metrics": ["acc"]}, 3),
    ("adam", "Binary, strings", binary, "binary", "adam", "binary_crossentropy", {"metrics": ["accuracy", "mae"]}, 3),
    ("adam_amsgrad", "Binary, loss and metric objects", binary, "binary", O.Adam(0.01, beta_1=0.8, amsgrad=True), S.BinaryCrossentropy(label_smoothing=0.1),
     {"metrics": [M.BinaryAccuracy(threshold=0.4), M.BinaryCrossentropy(name="bce")], "weighted_metrics": [M.MeanAbsoluteError()]}, 3),
    ("adagrad", "Regression, strings", regressor, "real", "adagrad", "mse", {"metrics": ["mae"]}, 3),
    ("adagrad_objects", "Regression, loss object with another reduction", regressor, "real", O.Adagrad(0.05, initial_accumulator_value=0.2),
     S.MeanAbsoluteError(reduction="sum"), {"metrics": [M.MeanSquaredError(name="squared")]}, 3),
    ("crossentropy_by_shape", "Loss and metric words resolved from shapes", classifier, "labels", "adam", "crossentropy", {"metrics": ["acc"]}, 3),
    ("schedule", "A learning-rate schedule: no learning-rate variable in the file", classifier, "labels",
     O.Adam(O.schedules.ExponentialDecay(0.05, decay_steps=2, decay_rate=0.5)), SPARSE, {"metrics": ["accuracy"]}, 3),
    ("dropout_trained", "Trained with a Dropout of rate 0 inside and a frozen layer", None, "labels", "rmsprop", SPARSE, {"metrics": ["accuracy"]}, 3),
]
TRAINED_MODELS = {"dropout_trained": lambda: keras.Sequential([
    keras.Input((6,)), L.Dense(5, activation="relu", trainable=False), L.Dropout(0.0), L.Dense(4, activation="relu"), L.Dense(3, activation="softmax")])}


def normal(rng, *shape):
    return np.round(rng.normal(size=shape), 3).astype("float32")


def targets(rng, kind, *shape):
    labels = rng.integers(0, 3, shape)
    return {"labels": labels.astype("int32"), "one_hot": np.eye(3, dtype="float32")[labels], "binary": (labels == 1).astype("float32")[..., None],
            "real": normal(rng, *shape, 1)}[kind]


def flat(weights):
    return np.concatenate([np.ravel(w) for w in weights])


def layer_facts(model):
    return [[type(layer).__name__, layer.name] for layer in model.layers]


def fill(model, rng):
    """Weights that are not what an initializer gives: biases too are nonzero."""
    model.set_weights([np.round(rng.normal(size=w.shape) * (1.6 / np.sqrt(max(w.shape[0], 1)) if w.ndim > 1 else 0.3), 4).astype("float32")
                       for w in model.get_weights()])


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    arrays, facts = {}, {}
    for number, make in enumerate(UNCOMPILED):
        rng = np.random.default_rng(100 + number)
        keras.utils.clear_session()
        model, name = make(), make.__name__
        if model.built:
            fill(model, rng)
        model.save(FOLDER / f"{name}.keras")
        facts[name] = {"description": make.__doc__, "layers": layer_facts(model), "built": model.built, "compiled": False, "iterations": 0}
        loaded = keras.saving.load_model(FOLDER / f"{name}.keras")
        if not loaded.built:
            continue
        arrays[f"{name}/weights"] = flat(loaded.get_weights())
        facts[name]["weights"] = [[w.path, list(w.shape)] for w in loaded.weights]
        inputs = [normal(rng, 7, *i.shape[1:]) for i in loaded.inputs]
        arrays |= {f"{name}/x{'' if len(inputs) == 1 else i}": x for i, x in enumerate(inputs)}
        arrays[f"{name}/y"] = y = loaded.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
        assert y.std(axis=0).min() > 1e-3, (name, y)  # the prediction does depend on the input

    for number, (name, description, make, kind, optimizer, loss, further, steps) in enumerate(COMPILED):
        rng = np.random.default_rng(200 + number)
        keras.utils.clear_session()
        model = (make or TRAINED_MODELS[name])()
        fill(model, rng)
        model.compile(optimizer, loss, **further)
        for _ in range(steps):
            model.train_on_batch(normal(rng, 16, 6), targets(rng, kind, 16))
        model.save(FOLDER / f"{name}.keras")
        load = lambda: keras.saving.load_model(FOLDER / f"{name}.keras")
        loaded = load()
        x, eval_x, eval_y = normal(rng, 7, 6), normal(rng, 40, 6), targets(rng, kind, 40)
        arrays |= {f"{name}/x": x, f"{name}/y": loaded.predict(x, verbose=0), f"{name}/eval_x": eval_x, f"{name}/eval_y": eval_y}
        result = loaded.evaluate(eval_x, eval_y, batch_size=32, verbose=0, return_dict=True)
        arrays[f"{name}/evaluate"] = np.array(list(result.values()), "float32")
        arrays[f"{name}/weights"] = flat(loaded.get_weights())
        config = keras.saving.serialize_keras_object(loaded.optimizer)
        facts[name] = {"description": description, "layers": layer_facts(model), "built": True, "compiled": True,
                       "weights": [[w.path, list(w.shape)] for w in loaded.weights], "targets": kind, "optimizer": type(loaded.optimizer).__name__,
                       "loss": loss if isinstance(loss, str) else type(loss).__name__,
                       "metrics": [m if isinstance(m, str) else type(m).__name__ for m in further.get("metrics", [])],
                       "evaluate_keys": list(result), "iterations": int(loaded.optimizer.iterations.numpy()),
                       "learning_rate": config["config"]["learning_rate"],
                       "optimizer_variables": [v.path.split("/", 1)[1] for v in loaded.optimizer.variables]}
        if steps:
            train_x, train_y = normal(rng, 3, 16, 6), targets(rng, kind, 3, 16)
            def go_on(trainee):
                losses = []
                for bx, by in zip(train_x, train_y):
                    trainee.reset_metrics()
                    losses.append(np.float32(trainee.train_on_batch(bx, by, return_dict=True)["loss"]))
                return np.array(losses), trainee.get_weights()
            losses, weights = go_on(load())
            original, _ = go_on(model)
            assert np.allclose(losses, original, rtol=1e-6), (name, losses, original)  # loading lost nothing
            fresh = load()
            for v in fresh.optimizer.variables[1 if name == "schedule" else 2:]:
                v.assign(np.full(v.shape, 0.1, "float32"))
            if len(fresh.optimizer.variables) > 2:  # the slots matter for these losses
                assert not np.allclose(go_on(fresh)[0][1:], losses[1:], rtol=2e-4), name
            arrays |= {f"{name}/train_x": train_x, f"{name}/train_y": train_y, f"{name}/losses": losses,
                       f"{name}/weights_after": flat(weights)}

    # The archive of dense_named again, but compressed, which Keras reads too.
    with zipfile.ZipFile(FOLDER / "dense_named.keras") as old, zipfile.ZipFile(FOLDER / "deflated.keras", "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member.filename, old.read(member.filename))
    x = arrays["dense_named/x"]
    assert np.array_equal(keras.saving.load_model(FOLDER / "deflated.keras").predict(x, verbose=0), arrays["dense_named/y"])
    facts["deflated"] = {**facts["dense_named"], "description": "dense_named with its members compressed"}

    golden.save_npz("keras_files.npz", arrays)
    golden.save_json("keras_files.json", {"versions": golden.versions(), "files": facts})
    for path in sorted(FOLDER.iterdir()):
        print(f"  {path.name}: {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
