"""Writes golden_costs.txt: floating-point operations and bytes of functions as XLA's cost analysis counts them.

    KERAS_BACKEND=jax JAX_PLATFORMS=cpu python golden_costs.py > golden_costs.txt

Columns: name, operations (transcendental ones included), bytes of arguments and results.
"""
import jax
import jax.numpy as jnp
import numpy as np

def f32(*shape):
    return jax.ShapeDtypeStruct(shape, jnp.float32)

def conv(stride=(1, 1), padding="VALID", spread=(1, 1), dilation=(1, 1), groups=1):
    return lambda x, w: jax.lax.conv_general_dilated(
        x, w, stride, padding, lhs_dilation=spread, rhs_dilation=dilation,
        dimension_numbers=("NHWC", "HWIO", "NHWC"), feature_group_count=groups)

CASES = {
    "matmul": (lambda a, b: a @ b, f32(128, 784), f32(784, 512)),
    "batched": (lambda a, b: a @ b, f32(6, 8, 32, 16), f32(6, 8, 16, 24)),
    "chain": (lambda x: jnp.maximum(x * 1.5 - 0.25, 0.0), f32(1000)),
    "functions": (lambda x: jnp.exp(x) / jnp.sqrt(x) + jnp.tanh(x) * jnp.log(x), f32(30, 40)),
    "sum": (lambda x: jnp.sum(x, axis=1), f32(64, 100)),
    "largest": (lambda x: jnp.max(x, axis=0), f32(64, 100)),
    "dense": (lambda x, w, b: jnp.maximum(x @ w + b, 0.0), f32(128, 784), f32(784, 512), f32(512)),
    "squares": (lambda x, y: jnp.sum((x - y) * (x - y)), f32(40, 50), f32(40, 50)),
    "conv": (conv(), f32(2, 28, 28, 3), f32(3, 3, 3, 8)),
    "conv_same": (conv(padding="SAME"), f32(2, 28, 28, 3), f32(3, 3, 3, 8)),
    "conv_strided": (conv((2, 2), "SAME"), f32(2, 27, 30, 3), f32(5, 3, 3, 8)),
    "conv_dilated": (conv(padding="SAME", dilation=(2, 2)), f32(1, 20, 20, 4), f32(3, 3, 4, 4)),
    "conv_spread": (conv(padding=[(2, 2), (2, 2)], spread=(2, 2)), f32(1, 9, 9, 4), f32(3, 3, 4, 6)),
    "conv_groups": (conv(padding="SAME", groups=4), f32(2, 10, 10, 8), f32(3, 3, 2, 12)),
}

for name, (f, *args) in CASES.items():
    cost = jax.jit(f).lower(*args).cost_analysis()
    operations = cost.get("flops", 0) + cost.get("transcendentals", 0)
    result = jax.eval_shape(f, *args)
    size = sum(int(np.prod(a.shape)) * 4 for a in (*args, result))
    print(f"{name} {operations:.0f} {size}")
