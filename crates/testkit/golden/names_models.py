"""The public names of Keras around models: namespaces, attributes of models, arguments of their methods.

    python names_models.py

writes keras_names_models.json: sections with their names in order. docs/keras-names-models.md says of each whether it is
here; tests/names_models.rs holds the two together.
"""
import inspect

import golden

NAMESPACES = ["models", "callbacks", "saving", "utils"]
METHODS = ["compile", "fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch", "summary", "save", "save_weights", "load_weights"]


def arguments(function):
    return [n for n, p in inspect.signature(function).parameters.items() if n != "self" and p.kind is not p.VAR_KEYWORD]


def main():
    keras = golden.start_keras("f32")
    public = lambda thing: sorted(n for n in dir(thing) if not n.startswith("_"))
    sections = {f"keras.{n}": public(getattr(keras, n)) for n in NAMESPACES}
    sections["keras.Model"] = public(keras.Model)
    sections["keras.Sequential"] = [n for n in public(keras.Sequential) if n not in sections["keras.Model"]]
    for method in METHODS:
        sections[f"keras.Model.{method}"] = arguments(getattr(keras.Model, method))
    for name in ["models.load_model", "models.clone_model", "utils.plot_model"]:
        thing = keras
        for part in name.split("."):
            thing = getattr(thing, part)
        sections[f"keras.{name}"] = arguments(thing)
    golden.save_json("keras_names_models.json", {"versions": golden.versions(), "names": sections})


if __name__ == "__main__":
    main()
