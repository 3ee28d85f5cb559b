"""What the weights of models of every kind are called in Keras.

    python weight_paths.py

writes weight_paths.json: for each model the paths of its weights in order, and the names of the optimizer's variables where it was
trained. `weight_paths.rs` makes the same models.
"""
import json
import os
import pathlib
import tempfile

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
import keras as K
import numpy as np

L = K.layers
X, Y = np.zeros((4, 3), "float32"), np.zeros((4, 2), "float32")
MODELS = {}


def model(make):
    K.utils.clear_session()
    made = make()
    optimizer = getattr(made, "optimizer", None)
    MODELS[make.__name__] = {"weights": [w.path for w in made.weights],
                             "optimizer": [v.name for v in optimizer.variables] if optimizer else []}


def fitted(made):
    made.compile("adam", "mse")
    made.fit(X, Y, verbose=0)
    return made


def loaded(made):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        made.save(path)
        return K.saving.load_model(path)


@K.saving.register_keras_serializable(package="shop")
class Block(L.Layer):
    """A layer that builds the one in it."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = L.Dense(3)

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(3,), name="scale")
        self.inner.build(input_shape)

    def call(self, x):
        return self.inner(x) * self.scale


@K.saving.register_keras_serializable(package="shop")
class Pair(K.Model):
    """A model of one's own with a layer and a model in it."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = L.Dense(3)
        self.rest = K.Sequential([L.Dense(2)])

    def call(self, x):
        return self.rest(self.first(x))


@model
def sequential_with_input():
    return K.Sequential([K.Input((3,)), L.Dense(2), L.Dense(2)])


@model
def sequential_named():
    return K.Sequential([K.Input((3,)), L.Dense(2, name="head")], name="net")


@model
def sequential_built():
    m = K.Sequential([L.Dense(2)])
    m.build((None, 3))
    return m


@model
def sequential_called():
    m = K.Sequential([L.Dense(2), L.BatchNormalization()])
    m(X)
    return m


@model
def sequential_fitted():
    return fitted(K.Sequential([L.Dense(2)]))


@model
def sequential_loaded():
    return loaded(fitted(K.Sequential([K.Input((3,)), L.Dense(2)])))


@model
def sequential_in_sequential():
    return K.Sequential([K.Input((3,)), K.Sequential([L.Dense(2)], name="inner"), L.Dense(1)], name="outer")


@model
def sequential_of_built_sequential():
    inner = K.Sequential([K.Input((3,)), L.Dense(2)], name="inner")
    return K.Sequential([inner, L.Dense(1)], name="outer")


@model
def sequential_of_unbuilt_sequential():
    m = K.Sequential([K.Sequential([L.Dense(2)], name="inner"), L.Dense(1)], name="outer")
    m(X)
    return m


@model
def sequential_of_a_built_layer():
    dense = L.Dense(2)
    dense.build((None, 3))
    m = K.Sequential([dense])
    m(X)
    return m


@model
def sequential_extended():
    m = K.Sequential([K.Input((3,)), L.Dense(2)], name="net")
    m.add(L.Dense(4))
    return m


@model
def sequential_cloned():
    return K.models.clone_model(K.Sequential([K.Input((3,)), L.Dense(2)], name="net"))


@model
def functional():
    x = K.Input((3,))
    return fitted(K.Model(x, L.Dense(2)(L.Dense(4, name="hidden")(x))))


@model
def functional_of_a_sequential():
    x = K.Input((3,))
    return K.Model(x, K.Sequential([L.Dense(2)], name="inner")(x))


@model
def functional_of_a_functional():
    i = K.Input((3,))
    inner = K.Model(i, L.Dense(2)(i), name="inner")
    x = K.Input((3,))
    return K.Model(x, L.Dense(1)(inner(x)))


@model
def functional_of_own_layers():
    x = K.Input((3,))
    return K.Model(x, Block(name="block")(x))


@model
def functional_of_own_model():
    x = K.Input((3,))
    return K.Model(x, Pair(name="pair")(x))


@model
def functional_of_own_layers_loaded():
    x = K.Input((3,))
    return loaded(K.Model(x, Block(name="block")(x)))


@model
def sequential_of_own_layers():
    return K.Sequential([K.Input((3,)), Block(name="block")])


@model
def own_model():
    m = Pair(name="pair")
    m(X)
    return m


@model
def own_model_fitted():
    return fitted(Pair(name="pair"))


@model
def own_model_loaded():
    return loaded(fitted(Pair(name="pair")))


@model
def normalized_layer():
    x = K.Input((3,))
    return K.Model(x, L.SpectralNormalization(L.Dense(2))(x))


path = pathlib.Path(__file__).resolve().parent / "weight_paths.json"
path.write_text("{\n" + ",\n".join(f"{json.dumps(n)}: {json.dumps(m)}" for n, m in MODELS.items()) + "\n}\n")
print(len(MODELS), "models")
