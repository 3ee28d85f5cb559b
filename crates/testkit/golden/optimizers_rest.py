"""Reference training runs of the optimizers, schedules and common arguments that optimizers.py does not have.

    python optimizers_rest.py

writes optimizers_rest_f32.npz, optimizers_rest_f64.npz and optimizers_rest.json: the model, data, keys and conventions
of optimizers.py, with weights after step 1 (for some cases) and 100.  An argument of the form
{"schedule": class, ...} stands for a learning rate schedule, {"inner": class, ...} for an inner optimizer.
`variables` are the last parts of the paths of the optimizer's variables, `config` what get_config returns.
"""
import golden
import numpy as np
import optimizers

LR = dict(learning_rate=0.01)
CASES = {
    "adamw": ("AdamW", LR), "adamw_amsgrad": ("AdamW", dict(**LR, amsgrad=True, weight_decay=0.1)),
    "adadelta": ("Adadelta", dict(learning_rate=1.0)), "adamax": ("Adamax", LR), "nadam": ("Nadam", LR),
    "ftrl": ("Ftrl", dict(learning_rate=0.1)),
    "ftrl_all": ("Ftrl", dict(learning_rate=0.1, learning_rate_power=-0.7, initial_accumulator_value=0.2, l1_regularization_strength=0.01,
                              l2_regularization_strength=0.02, l2_shrinkage_regularization_strength=0.03, beta=0.5)),
    "lion": ("Lion", dict(learning_rate=0.001)), "lamb": ("Lamb", LR),
    "adafactor": ("Adafactor", LR), "adafactor_strict": ("Adafactor", dict(learning_rate=0.5, clip_threshold=0.5, beta_2_decay=-0.6, relative_step=False)),
    "schedule_free": ("ScheduleFreeAdamW", LR), "schedule_free_warmup": ("ScheduleFreeAdamW", dict(**LR, warmup_steps=20)),
    "muon": ("Muon", LR), "muon_other": ("Muon", dict(**LR, nesterov=False, rms_rate=None, adam_lr_ratio=0.5, weight_decay=None, ns_steps=3)),
    "adam_decay": ("Adam", dict(**LR, weight_decay=0.05, clipvalue=0.05)),
    "sgd_clipnorm": ("SGD", dict(learning_rate=0.1, clipnorm=0.2)), "sgd_global_clipnorm": ("SGD", dict(learning_rate=0.1, global_clipnorm=0.3)),
    "adam_average": ("Adam", dict(**LR, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=7)),
    "adam_accumulate": ("Adam", dict(**LR, gradient_accumulation_steps=3, weight_decay=0.01, clipnorm=0.5)),
    "nadam_accumulate_average": ("Nadam", dict(**LR, gradient_accumulation_steps=4, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=5)),
    "sgd_scaled": ("SGD", dict(learning_rate=0.1, momentum=0.9, loss_scale_factor=8.0)),
    "adam_schedule": ("Adam", dict(learning_rate={"schedule": "ExponentialDecay", "initial_learning_rate": 0.02, "decay_steps": 20, "decay_rate": 0.5})),
    "sgd_schedule_accumulate": ("SGD", dict(momentum=0.5, gradient_accumulation_steps=2, weight_decay=0.01,
                                            learning_rate={"schedule": "CosineDecay", "initial_learning_rate": 0.01, "decay_steps": 60, "warmup_target": 0.2, "warmup_steps": 10})),
    "adafactor_schedule": ("Adafactor", dict(learning_rate={"schedule": "InverseTimeDecay", "initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 1.0})),
    "loss_scale": ("LossScaleOptimizer", dict(initial_scale=4.0, dynamic_growth_steps=30, inner_optimizer={"inner": "Adam", **LR})),
}
WITH_FIRST = ("muon", "nadam", "adafactor", "schedule_free", "lamb")


def build(keras, cls, arguments):
    def value(v):
        if isinstance(v, dict) and "schedule" in v:
            return getattr(keras.optimizers.schedules, v["schedule"])(**{k: x for k, x in v.items() if k != "schedule"})
        if isinstance(v, dict):
            return build(keras, v["inner"], {k: x for k, x in v.items() if k != "inner"})
        return v
    return getattr(keras.optimizers, cls)(**{k: value(v) for k, v in arguments.items()})


def make(keras, precision):
    floatx = golden.PRECISIONS[precision]
    x, y, weights = optimizers.data()
    x = x.astype(floatx)
    arrays, facts = {}, {}
    for case, (cls, arguments) in CASES.items():
        keras.utils.clear_session()
        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(5, activation="softmax")])
        model.set_weights([w.astype(floatx) for w in weights])
        optimizer = build(keras, cls, arguments)
        model.compile(optimizer, "sparse_categorical_crossentropy")
        losses = []
        for step in range(optimizers.STEPS):
            model.reset_metrics()
            losses.append(model.train_on_batch(x[step], y[step]))
            if step + 1 == optimizers.STEPS or (step == 0 and case in WITH_FIRST):
                for i, w in enumerate(model.get_weights()):
                    arrays[f"{case}/step{step + 1}/w{i}"] = w
        arrays[f"{case}/loss"] = np.array(losses, floatx)
        facts[case] = {"class": cls, "arguments": arguments, "config": optimizer.get_config(),
                       "variables": [v.path.rsplit("/", 1)[-1] for v in optimizer.variables], "shapes": [list(v.shape) for v in optimizer.variables]}
    return arrays, {"cases": facts}


def write(made):
    for precision, (arrays, _) in made.items():
        golden.save_npz(f"optimizers_rest_{precision}.npz", arrays)
    golden.save_json("optimizers_rest.json", made["f64"][1])


if __name__ == "__main__":
    golden.run(__file__, make, write)
