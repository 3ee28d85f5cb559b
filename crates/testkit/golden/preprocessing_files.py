"""Models with preprocessing layers saved by Keras on TensorFlow, and what they predict.

Run: KERAS_BACKEND=tensorflow python preprocessing_files.py
Writes keras_files/preprocessing_{numbers,words,text}.keras and preprocessing_files.json.

    python preprocessing_files.py FILE CASE

loads a file and exits with an error unless it predicts what the case of preprocessing_files.json says.
"""

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import keras
import numpy as np
import tensorflow as tf

L = keras.layers


def inputs_of(case):
    made = {}
    for name, (dtype, values) in case["inputs"].items():
        made[name] = tf.constant(values, dtype=dtype)
    return made if len(made) > 1 else next(iter(made.values()))


def predict(model, case):
    return model(inputs_of(case)).numpy()


def numbers():
    x, key = keras.Input((2,), name="x"), keras.Input((1,), dtype="int64", name="key")
    normalization = L.Normalization()
    normalization.adapt(np.array([[1.0, 10.0], [3.0, 30.0], [8.0, 90.0]], "float32"))
    bins = L.Discretization(num_bins=3, output_mode="multi_hot")
    bins.adapt(np.arange(50.0))
    lookup = L.IntegerLookup(output_mode="multi_hot")
    lookup.adapt(np.array([7, 7, 9, 1138]))
    weighted = L.IntegerLookup(output_mode="tf_idf", mask_token=9)
    weighted.adapt(np.array([[7, 7], [9, 1138], [7, 4]]))
    parts = [
        normalization(x),
        L.Rescaling(0.5, offset=1)(x),
        L.Normalization(mean=1.0, variance=[4.0, 9.0][0])(x),
        bins(x),
        lookup(key),
        weighted(key),
        L.CategoryEncoding(5)(L.Hashing(5, salt=3)(key)),
        L.HashedCrossing(6, output_mode="one_hot")([key, key]),
    ]
    parts = [L.Activation("linear")(p) for p in parts]
    model = keras.Model([x, key], L.Dense(3, name="head")(L.Concatenate()(parts)))
    return model, {"x": ["float32", [[1, 20], [4, 0], [40, 33]]], "key": ["int64", [[7], [9], [5]]]}


def words():
    word = keras.Input((3,), dtype="string", name="word")
    lookup = L.StringLookup(mask_token="", name="lookup")
    lookup.adapt(tf.constant([["red", "green"], ["red", "blue"]]))
    y = L.Embedding(lookup.vocabulary_size(), 4)(lookup(word))
    model = keras.Model(word, L.Dense(2)(L.Flatten()(y)))
    return model, {"word": ["string", [["red", "pink", ""], ["blue", "green", "red"]]]}


def text():
    vectorization = L.TextVectorization(output_mode="tf_idf", ngrams=2, name="vectorization")
    vectorization.adapt(["the cat sat", "the dog ran, the cat sat", "no cat!"])
    model = keras.Sequential([keras.Input((1,), dtype="string"), vectorization, L.Dense(2)])
    return model, {"text": ["string", [["The cat ran."], ["a dog"]]]}


def main():
    if len(sys.argv) == 3:
        case = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "preprocessing_files.json")))[sys.argv[2]]
        got = predict(keras.models.load_model(sys.argv[1]), case)
        np.testing.assert_allclose(got, np.array(case["output"]), rtol=2e-5, atol=2e-6)
        print("ok")
        return
    keras.utils.set_random_seed(3)
    facts = {}
    for make in [numbers, words, text]:
        model, inputs = make()
        case = {"inputs": inputs}
        case["output"] = predict(model, case).tolist()
        model.save(f"keras_files/preprocessing_{make.__name__}.keras")
        facts[make.__name__] = case
    json.dump(facts, open("preprocessing_files.json", "w"))


main()
