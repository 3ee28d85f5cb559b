"""What `model.summary()` prints, for tests to compare with.

    python summaries.py

writes summaries.txt: sections that begin with a line `=== name, width W`, each followed by the text that Keras
prints on a terminal of W columns without colours. The models are those of `summary.rs`.
Made with keras 3.15.1 on its JAX backend.
"""
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
import keras
import numpy as np

L = keras.layers


def small():
    return keras.Sequential([keras.Input((6,)), L.Dense(5, activation="relu"), L.Dropout(0.5), L.Dense(3)])


def trained():
    model = small()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(np.zeros((4, 6), "float32"), np.zeros(4, "int32"), verbose=0)
    return model


def frozen():
    model = keras.Sequential([keras.Input((4,)), L.Dense(5, trainable=False), L.Dense(3)], name="half_frozen")
    model.compile("sgd", "mse")
    return model


def unbuilt():
    return keras.Sequential([L.Flatten(), L.Dense(5), L.Dropout(0.1), L.Activation("relu"), L.Dense(3)])


def mnist():
    return keras.Sequential([keras.Input((28, 28)), L.Flatten(), L.Dense(512, activation="relu"), L.Dense(10, activation="softmax")])


def long_names():
    return keras.Sequential([
        keras.Input((3,)),
        L.Dense(4, name="a_layer_whose_name_is_rather_long_indeed"),
        L.Dense(4, name="an_even_longer_name_that_does_not_fit_into_the_column_at_all_however_wide_it_is_drawn"),
        L.Dense(100000, name="wide"),
    ], name="a_model_with_a_long_name_of_its_own")


def high_rank():
    return keras.Sequential([keras.Input((10, 20, 30, 40, 50)), L.Activation("relu"), L.Dense(1000)])


out = []
for make in [small, trained, frozen, unbuilt, mnist, long_names, high_rank]:
    for width in [80, 92, 200, 50]:
        keras.utils.clear_session()
        model = make()
        os.environ["COLUMNS"] = str(width)
        lines = []
        model.summary(print_fn=lambda text, **_: lines.append(text))
        out.append(f"=== {make.__name__}, width {width}\n" + "".join(lines))
pathlib.Path(__file__).with_name("summaries.txt").write_text("".join(out))
