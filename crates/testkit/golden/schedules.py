"""Reference values of learning rate schedules.

    python schedules.py

writes schedules.npz and schedules.json.  schedules.json lists the cases with class, arguments and config; `steps` holds
the steps, int32, and P/<case> the learning rates at them in float type P.
"""
import golden
import numpy as np

STEPS = np.array([*range(0, 33), 40, 50, 63, 64, 65, 99, 100, 101, 127, 150, 199, 200, 500, 1000, 12345], "int32")
CASES = {
    "exponential": ("ExponentialDecay", dict(initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5)),
    "exponential_stairs": ("ExponentialDecay", dict(initial_learning_rate=0.1, decay_steps=10, decay_rate=0.96, staircase=True)),
    "inverse_time": ("InverseTimeDecay", dict(initial_learning_rate=0.1, decay_steps=8, decay_rate=0.5)),
    "inverse_time_stairs": ("InverseTimeDecay", dict(initial_learning_rate=0.1, decay_steps=8, decay_rate=0.5, staircase=True)),
    "polynomial": ("PolynomialDecay", dict(initial_learning_rate=0.1, decay_steps=100)),
    "polynomial_root": ("PolynomialDecay", dict(initial_learning_rate=0.1, decay_steps=64, end_learning_rate=0.01, power=0.5)),
    "polynomial_cycle": ("PolynomialDecay", dict(initial_learning_rate=0.1, decay_steps=20, end_learning_rate=0.01, power=2.0, cycle=True)),
    "piecewise": ("PiecewiseConstantDecay", dict(boundaries=[5, 20, 100], values=[1.0, 0.5, 0.25, 0.1])),
    "piecewise_one": ("PiecewiseConstantDecay", dict(boundaries=[16], values=[0.3, 0.7])),
    "cosine": ("CosineDecay", dict(initial_learning_rate=0.1, decay_steps=100)),
    "cosine_alpha": ("CosineDecay", dict(initial_learning_rate=0.1, decay_steps=30, alpha=0.2)),
    "cosine_warmup": ("CosineDecay", dict(initial_learning_rate=0.01, decay_steps=80, alpha=0.1, warmup_target=0.5, warmup_steps=10)),
    "cosine_warmup_none": ("CosineDecay", dict(initial_learning_rate=0.01, decay_steps=80, warmup_target=0.5)),
    "restarts": ("CosineDecayRestarts", dict(initial_learning_rate=0.1, first_decay_steps=7)),
    "restarts_even": ("CosineDecayRestarts", dict(initial_learning_rate=0.1, first_decay_steps=10, t_mul=1.0, m_mul=0.9, alpha=0.05)),
    "restarts_longer": ("CosineDecayRestarts", dict(initial_learning_rate=0.1, first_decay_steps=9, t_mul=1.5, m_mul=0.8, alpha=0.1)),
}


def make(keras, precision):
    arrays, facts = {"steps": STEPS}, {}
    for case, (cls, arguments) in CASES.items():
        schedule = getattr(keras.optimizers.schedules, cls)(**arguments)
        arrays[case] = np.array([np.asarray(schedule(keras.ops.convert_to_tensor(s, "int32"))) for s in STEPS], golden.PRECISIONS[precision])
        facts[case] = {"class": cls, "arguments": arguments, "config": schedule.get_config()}
    return arrays, {"cases": facts}


def write(made):
    arrays = golden.with_prefix(made)
    arrays["steps"] = STEPS
    for precision in golden.PRECISIONS:
        del arrays[f"{precision}/steps"]
    golden.save_npz("schedules.npz", arrays)
    golden.save_json("schedules.json", made["f64"][1])


if __name__ == "__main__":
    golden.run(__file__, make, write)
