"""What the scripts of this folder share: collecting cases, and writing them as FAMILY.json and FAMILY.npz.

A case says: the function `op` on these inputs with these keyword arguments gives these outputs. Inputs and outputs
are arrays, stored once each however often they occur. `view` tells the reader to make a tensor that is not
contiguous but equal: "transposed" (stored transposed), "reversed" (stored reversed along every axis), "strided"
(every second element of a larger one). bfloat16 is stored as uint16 with the type beside it.

`tolerance`: "exact" (bits; NaN equals NaN), "ulps:N" (at most N units in the last place), or a relative number
(compared with |got - want| <= tolerance * max(1, |want|)).
`checks`: a string of letters. "c": also compiled, which must give the bits of eager; "s": also symbolic, which must
predict type and shape; "g": also gradients to second order by finite differences (float inputs in float64).
"""

import hashlib
import json
import os

import ml_dtypes
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
BF16 = np.dtype(ml_dtypes.bfloat16)
INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float32", "float64", "float16", "bfloat16"]
# Empty, scalar, one element, axes of size 1, and ranks to 5.
SHAPES = [(), (1,), (5,), (0,), (2, 3), (3, 1), (2, 0, 3), (2, 1, 4), (2, 3, 1, 2), (1, 2, 1, 3, 2)]


class Cases:
    def __init__(self, family):
        self.family, self.cases, self.arrays = family, [], {}

    def store(self, x):
        x = np.asarray(x)
        dtype = "bfloat16" if x.dtype == BF16 else x.dtype.name
        raw = x.view(np.uint16) if x.dtype == BF16 else x
        raw = np.ascontiguousarray(raw).reshape(raw.shape)
        key = hashlib.sha1(repr((dtype, raw.shape)).encode() + raw.tobytes()).hexdigest()[:10]
        self.arrays[key] = raw
        return {"a": key, "dtype": dtype}

    def input(self, x, view=None):
        x = np.asarray(x)
        if view == "transposed":
            x = x.T
        elif view == "reversed":
            x = x[tuple(slice(None, None, -1) for _ in x.shape)]
        elif view == "strided":
            wide = np.zeros([2 * n for n in x.shape], x.dtype)
            wide[tuple(slice(None, None, 2) for _ in x.shape)] = x
            x = wide
        entry = self.store(x)
        if view:
            entry["view"] = view
        return entry

    def add(self, op, inputs, outputs, kw=None, tolerance="exact", checks="cs", views=None):
        """Adds a case; `views` names one view (or None) for each input."""
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        views = views or [None] * len(inputs)
        self.cases.append({
            "op": op, "kw": kw or {}, "tolerance": tolerance, "checks": checks,
            "in": [self.input(x, v) for x, v in zip(inputs, views)], "out": [self.store(y) for y in outputs],
        })

    def write(self):
        stem = os.path.join(HERE, self.family)
        np.savez_compressed(stem + ".npz", **self.arrays)
        with open(stem + ".json", "w") as f:
            f.write("[\n" + ",\n".join(json.dumps(c) for c in self.cases) + "\n]\n")
        size = os.path.getsize(stem + ".npz") + os.path.getsize(stem + ".json")
        print(f"{self.family}: {len(self.cases)} cases, {len({c['op'] for c in self.cases})} functions, {size} bytes")


def numbers(shape, dtype, low=-3, high=3, seed=0):
    """Numbers of a type between two bounds; whole ones for integers, both values for bool."""
    g = np.random.default_rng([seed, len(shape), *shape])
    if dtype == "bool":
        return g.integers(0, 2, shape).astype(bool)
    if dtype in INTS:
        return g.integers(max(low, 0) if dtype[0] == "u" else low, high, shape, endpoint=True).astype(dtype)
    return g.uniform(low, high, shape).astype(BF16 if dtype == "bfloat16" else dtype)
