"""Reference values and gradients of the activation functions.

    python activations.py

writes activations.npz and activations.json.

Inputs, stored once as float64 and rounded to float32 for the f32 numbers:
    in/grid (69,)    -6 to 6 in steps of 0.2, then -0.0, -0.5, 0.5, -20, 20, -100, 100, 1e-4; 0.0 is in the grid
    in/rows (4, 7)   for functions along an axis; one row of equal values, one with values of up to 100
    in/even (4, 6)   for glu
    in/cotangent_rows, in/cotangent_even   see below

A case (activations.json: case, function, arguments, input, whether it works element by element) has
    f32/<case>, f64/<case>   the value
    grad/<case>              float64: for element-wise functions the derivative at each point; for the
                             others the vector-Jacobian product with the cotangent of that input (for
                             glu its first columns, for glu_axis_0 its first rows)
`kinks` in activations.json lists the indices of `in/grid` where the derivative jumps; the value
there is JAX's convention, and TensorFlow's may differ.  sparsemax is that of the paper (Martins and Astudillo 2016): Keras before 3.16 takes a wrong threshold
as soon as two entries of a row survive, so its function is not used; the one below is checked to
project onto the simplex.

In float32 a few values are mostly rounding, because Keras subtracts nearly equal numbers: squareplus
at -20 and -100, tanh_shrink at 1e-4 and around 0.  exponential overflows to infinity at 100.
"""
import golden
import numpy as np

ELEMENTWISE = [
    ("celu", {}), ("elu", {}), ("elu", {"alpha": 0.5}), ("exponential", {}), ("gelu", {}), ("gelu", {"approximate": True}),
    ("hard_shrink", {}), ("hard_sigmoid", {}), ("hard_silu", {}), ("hard_tanh", {}), ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.3}), ("linear", {}), ("log_sigmoid", {}), ("mish", {}), ("relu", {}),
    ("relu", {"negative_slope": 0.1, "max_value": 6.0, "threshold": 0.5}), ("relu", {"negative_slope": 0.1}),
    ("relu", {"max_value": 2.0}), ("relu", {"threshold": 0.5}), ("relu6", {}), ("selu", {}), ("sigmoid", {}), ("silu", {}),
    ("soft_shrink", {}), ("softplus", {}), ("softsign", {}), ("sparse_plus", {}), ("sparse_sigmoid", {}), ("squareplus", {}),
    ("tanh", {}), ("tanh_shrink", {}), ("threshold", {"threshold": 0.5, "default_value": -1.0}),
]
ALONG_AXIS = [
    ("softmax", {}, "rows"), ("softmax", {"axis": 0}, "rows"), ("log_softmax", {}, "rows"), ("log_softmax", {"axis": 0}, "rows"),
    ("sparsemax", {}, "rows"),
    ("sparsemax", {"axis": 0}, "rows"), ("glu", {}, "even"), ("glu", {"axis": 0}, "rows"),
]


def inputs():
    rng = np.random.default_rng(11)
    grid = np.concatenate([np.arange(-30, 31) / 5, [-0.0, -0.5, 0.5, -20.0, 20.0, -100.0, 100.0, 1e-4]])
    rows = np.round(rng.normal(size=(4, 7)) * 2, 2)
    rows[0] /= 4
    rows[1] = 0.75
    rows[2] = [100, -100, 99, 0, 100, -50, 1]
    even = np.round(rng.normal(size=(4, 6)) * 2, 2)
    return {"grid": grid, "rows": rows, "even": even,
            **{f"cotangent_{k}": np.round(rng.normal(size=s), 2) for k, s in (("rows", rows.shape), ("even", even.shape))}}


def case_name(function, arguments):
    return "_".join([function] + [f"{k}_{v}".replace("True", "").strip("_") for k, v in arguments.items()])


def sparsemax(x, axis=-1):
    import jax.numpy as jnp
    x = jnp.moveaxis(x, axis, -1)
    ordered = -jnp.sort(-x)
    rank = jnp.arange(1, x.shape[-1] + 1, dtype=x.dtype)
    support = 1 + rank * ordered > jnp.cumsum(ordered, axis=-1)
    total = jnp.where(support, ordered, 0).sum(-1, keepdims=True)
    return jnp.moveaxis(jnp.maximum(x - (total - 1) / support.sum(-1, keepdims=True), 0), -1, axis)


def make(keras, precision):
    import jax
    import jax.numpy as jnp
    data = {k: jnp.asarray(v, golden.PRECISIONS[precision]) for k, v in inputs().items()}
    arrays, cases, kinks = {}, [], {}
    listed = [(f, a, "grid") for f, a in ELEMENTWISE] + ALONG_AXIS
    for function, arguments, key in listed:
        case = case_name(function, arguments)
        original = sparsemax if function == "sparsemax" else getattr(keras.activations, function)
        fn = lambda x: original(x, **arguments)
        x = data[key]
        arrays[case] = value = fn(x)
        cases.append({"case": case, "function": function, "arguments": arguments, "input": key, "elementwise": key == "grid"})
        if precision == "f64":
            if key == "grid":
                slope = jax.vmap(jax.grad(lambda v: fn(v)))
                arrays["grad/" + case] = slope(x)
                left, right = (slope(x + d) for d in (-1e-6, 1e-6))
                jumps = [int(i) for i in np.flatnonzero(np.abs(left - right) > 1e-3 * (1 + np.abs(left) + np.abs(right)))]
                if jumps:
                    kinks[case] = jumps
            else:
                cotangent = data["cotangent_" + key][tuple(slice(n) for n in value.shape)]
                arrays["grad/" + case] = jax.vjp(fn, x)[1](cotangent)[0]
    assert np.allclose(arrays["sparsemax"].sum(-1), 1) and (arrays["sparsemax"] >= 0).all()
    names = sorted(k for k in keras.activations.__dict__ if not k.startswith("_") and k not in ("get", "serialize", "deserialize"))
    return arrays, {"cases": cases, "kinks": kinks, "names": names}


def write(made):
    arrays = {f"in/{k}": v for k, v in inputs().items()}
    for key, value in golden.with_prefix(made).items():
        arrays[key.removeprefix("f64/") if "/grad/" in key else key] = value
    assert [k for k, v in arrays.items() if not np.isfinite(v).all()] == ["f32/exponential"]
    golden.save_npz("activations.npz", arrays)
    golden.save_json("activations.json", made["f64"][1])


if __name__ == "__main__":
    golden.run(__file__, make, write)
