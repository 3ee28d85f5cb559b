"""The public names of Keras's namespaces of losses, metrics, optimizers and the like.

    python names.py

writes keras_names_nn.json: for each namespace its public names, sorted, as `dir` lists them in this version of Keras.
docs/keras-names-nn.md says of each whether it is here; tests/names.rs holds the two together.
"""
import golden

NAMESPACES = ["activations", "constraints", "initializers", "losses", "metrics", "optimizers", "optimizers.schedules", "regularizers"]


def main():
    keras = golden.start_keras("f32")
    names = {}
    for namespace in NAMESPACES:
        module = keras
        for part in namespace.split("."):
            module = getattr(module, part)
        names[namespace] = [n for n in dir(module) if not n.startswith("_")]
    golden.save_json("keras_names_nn.json", {"versions": golden.versions(), "names": {k: v for k, v in names.items()}})


if __name__ == "__main__":
    main()
