"""Strings and configurations of what models are trained with.

    python nn_configs.py

writes nn_configs.json:
    strings     for each namespace all strings that Keras's `get` takes, with the class or function each stands for. Strings of
                optimizers were also tried in upper case, lower case and mixed case: `optimizers` holds those that work
    refused     strings that are not taken, near ones
    objects     objects with other arguments than the default ones, as `serialize` writes them, by namespace
"""
import json

import golden


def strings(keras):
    found = {}
    from keras.src import activations, constraints, initializers, losses, metrics, regularizers
    modules = {"activations": activations, "constraints": constraints, "initializers": initializers, "losses": losses,
               "metrics": metrics, "regularizers": regularizers}
    for name, module in modules.items():
        known = {}
        table = module.ALL_OBJECTS_DICT
        for key in table:
            try:
                made = module.get(key)
            except Exception:
                continue  # arguments without defaults
            if made is not None:
                known[key] = getattr(made, "__name__", None) or type(made).__name__
        found[name] = known
    known = {}
    for cls in keras.src.optimizers.ALL_OBJECTS:
        for key in {cls.__name__, cls.__name__.lower(), cls.__name__.upper(), cls.__name__.capitalize()}:
            try:
                known[key] = type(keras.optimizers.get(key)).__name__
            except Exception:
                pass
    found["optimizers"] = dict(sorted(known.items()))
    return found


def refused(keras):
    out = {}
    tried = {"losses": ["Mse", "MeanSquaredErrors", "BINARY_CROSSENTROPY", "accuracy"], "metrics": ["Mae", "ACCURACY", "precisions"],
             "activations": ["ReLU", "Softmax", "TANH"], "regularizers": ["l1_l2", "L3"], "constraints": ["NON_NEG", "maxnorm"],
             "initializers": ["GLOROT_UNIFORM", "he"], "optimizers": ["sgdd", "adam_w", "rms_prop"]}
    for namespace, names in tried.items():
        module = getattr(keras, namespace)
        out[namespace] = []
        for name in names:
            try:
                fine = module.get(name) is not None
            except Exception:
                fine = False
            if not fine:
                out[namespace].append(name)
    return out


def objects(keras):
    O, S, X, M = keras.optimizers, keras.optimizers.schedules, keras.losses, keras.metrics
    R, C, I = keras.regularizers, keras.constraints, keras.initializers
    every = dict(weight_decay=0.01, clipnorm=1.0, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=5, loss_scale_factor=8.0,
                 gradient_accumulation_steps=2)
    given = {
        "optimizers": [
            O.SGD(0.5, momentum=0.25, nesterov=True, name="mine", **every), O.RMSprop(0.5, rho=0.75, momentum=0.5, epsilon=0.125, centered=True),
            O.Adam(0.5, beta_1=0.25, beta_2=0.75, epsilon=0.125, amsgrad=True), O.AdamW(0.5, weight_decay=0.25), O.Adadelta(0.5, rho=0.25),
            O.Adagrad(0.5, initial_accumulator_value=0.25), O.Adamax(0.5, beta_1=0.25), O.Nadam(0.5, beta_2=0.75),
            O.Ftrl(0.5, learning_rate_power=-0.25, l1_regularization_strength=0.125, beta=0.5), O.Lion(0.5, beta_1=0.75), O.Lamb(0.5, epsilon=0.25),
            O.Adafactor(0.5, beta_2_decay=-0.5, relative_step=False), O.Muon(0.5, nesterov=False, ns_steps=3), O.ScheduleFreeAdamW(0.5, warmup_steps=3),
            O.Adam(S.ExponentialDecay(0.5, 10, 0.25, staircase=True)), O.SGD(0.5, clipvalue=0.25), O.SGD(0.5, global_clipnorm=0.25),
            O.LossScaleOptimizer(O.SGD(0.5), initial_scale=8.0, dynamic_growth_steps=4)],
        "schedules": [
            S.ExponentialDecay(0.5, 10, 0.25), S.PiecewiseConstantDecay([1, 5], [0.5, 0.25, 0.125]), S.PolynomialDecay(0.5, 10, 0.25, power=2.0, cycle=True),
            S.InverseTimeDecay(0.5, 10, 0.25, staircase=True), S.CosineDecay(0.5, 10, alpha=0.25, warmup_target=0.75, warmup_steps=3),
            S.CosineDecayRestarts(0.5, 10, t_mul=3.0, m_mul=0.5, alpha=0.25)],
        "losses": [
            X.MeanSquaredError(reduction="sum", name="mine"), X.MeanAbsoluteError(), X.MeanAbsolutePercentageError(), X.MeanSquaredLogarithmicError(), X.LogCosh(),
            X.Poisson(reduction="none"), X.KLDivergence(), X.Hinge(), X.SquaredHinge(), X.CategoricalHinge(), X.BinaryCrossentropy(from_logits=True, label_smoothing=0.25),
            X.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.5, gamma=3.0), X.CategoricalCrossentropy(label_smoothing=0.25), X.CategoricalFocalCrossentropy(alpha=0.5),
            X.SparseCategoricalCrossentropy(from_logits=True, ignore_class=3), X.CategoricalGeneralizedCrossEntropy(q=0.25), X.Circle(gamma=8.0, margin=0.25, remove_diagonal=False),
            X.Dice(axis=-1), X.Tversky(alpha=0.25, beta=0.75), X.Huber(), X.CosineSimilarity()],
        "metrics": [
            M.BinaryAccuracy(threshold=0.25), M.CategoricalAccuracy(name="mine"), M.TopKCategoricalAccuracy(k=3), M.SparseTopKCategoricalAccuracy(k=2),
            M.BinaryCrossentropy(from_logits=True), M.CategoricalCrossentropy(label_smoothing=0.25), M.SparseCategoricalCrossentropy(), M.Precision(thresholds=0.25, class_id=1),
            M.Recall(top_k=2), M.AUC(num_thresholds=10, curve="PR", name="area"), M.TruePositives(thresholds=[0.25, 0.5]), M.SensitivityAtSpecificity(0.5, num_thresholds=10),
            M.PrecisionAtRecall(0.5), M.FBetaScore(average="macro", beta=2.0, threshold=0.5), M.F1Score(average="micro"), M.R2Score(num_regressors=2), M.IoU(3, [0, 2]),
            M.BinaryIoU(threshold=0.25), M.MeanIoU(3, ignore_class=1), M.OneHotIoU(3, [1]), M.OneHotMeanIoU(3), M.PearsonCorrelation(axis=0), M.ConcordanceCorrelation(),
            M.MeanSquaredError(), M.RootMeanSquaredError(), M.LogCoshError(), M.KLDivergence(), M.Poisson(), M.Hinge(), M.Mean(name="mine"), M.Sum()],
        "regularizers": [R.L1(0.25), R.L2(0.125), R.L1L2(0.25, 0.125), R.OrthogonalRegularizer(0.25, mode="columns")],
        "constraints": [C.MaxNorm(0.5, axis=1), C.NonNeg(), C.UnitNorm(axis=[0, 1]), C.MinMaxNorm(0.25, 0.5, rate=0.75, axis=1)],
        "initializers": [
            I.Zeros(), I.Ones(), I.Constant(0.5), I.RandomNormal(0.5, 0.25, seed=3), I.RandomUniform(-0.5, 0.25), I.TruncatedNormal(0.5, 0.25, seed=1),
            I.VarianceScaling(0.5, mode="fan_avg", distribution="uniform", seed=2), I.GlorotNormal(seed=5), I.GlorotUniform(), I.HeNormal(), I.HeUniform(), I.LecunNormal(),
            I.LecunUniform(), I.Orthogonal(gain=0.5, seed=4), I.Identity()],
    }
    return {name: [keras.saving.serialize_keras_object(o) for o in all] for name, all in given.items()}


def main():
    keras = golden.start_keras("f32")
    facts = {"versions": golden.versions(), "strings": strings(keras), "refused": refused(keras), "objects": objects(keras)}
    # One line an object.
    text = {key: json.loads(json.dumps(value)) for key, value in facts.items()}
    golden.save_json("nn_configs.json", text)


if __name__ == "__main__":
    main()
