"""Writes names.json: every public name of keras.ops and keras.random, by group."""

import json
import os

import keras

HERE = os.path.dirname(os.path.abspath(__file__))


def names(module):
    return sorted(n for n in dir(module) if not n.startswith("_") and callable(getattr(module, n)))


ops = keras.ops
groups = {g: names(getattr(ops, g)) for g in ("numpy", "nn", "linalg", "image")}
known = {n for members in groups.values() for n in members}
groups["other"] = [n for n in names(ops) if n not in known]
groups["random"] = [n for n in names(keras.random) if n != "SeedGenerator"]
with open(os.path.join(HERE, "names.json"), "w") as f:
    json.dump({"keras": keras.__version__, "groups": groups}, f, indent=1)
    f.write("\n")
print({g: len(members) for g, members in groups.items()})
