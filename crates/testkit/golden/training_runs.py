"""Reference runs of training in which everything that training is made of appears.

    python training_runs.py

writes training_runs.npz and training_runs.json.  Every run is 50 steps: 10 epochs of 5 batches of 8 (of 36 or 40
samples, shuffle=False), in both precisions.  Nothing random is stored: both sides draw it.

`draw(seed, shape, low, high, step)`: number i is `low + step * floor(u * n)` with `n = (high - low) / step` and u the
upper 53 bits of splitmix64's output i + 1 for this seed, divided by 2 ** 53.  All are whole multiples of a power of two,
hence the same in both precisions.  Labels are `floor(u * classes)`.

training_runs.json, `runs`, one line each:
    nodes           the layers in Keras's order: class, config, the nodes that its inputs come from, whether it gives int32
    inputs, outputs numbers of nodes
    x, y, weights   one entry for each input and output: how to draw it (weights: of samples, or null)
    start           for each weight in the order of get_weights: the seed that it is drawn with, between -0.5 and 0.5 in
                    steps of 1/256, or null where it stays as its initializer has made it
    optimizer, loss, metrics, weighted_metrics, loss_weights    as Keras writes them, one entry for each output
    undecayed       words for exclude_from_weight_decay
    fit             further arguments
    history_keys    as in `history`
    count           how many numbers the run has in the npz file
    tolerance       what double numbers may differ by, relatively; more where Keras computes in single precision

Two things of Keras are mended. On JAX the mask of predictions is lost between the gradient and the metrics of a training
step (not in evaluation, and not on TensorFlow): `keep_masks` puts it back. sparsemax is that of the paper; see
activations.py.

training_runs.npz: f32 and f64, each all numbers of all runs in order, one after the other. Those of a run:
    history     for each key one number for each epoch
    weights     the digests of all weights after training; see `digest`
    optimizer   the same of the optimizer's state, in the order of files
    predict     the digests of the outputs for x
"""
import inspect
import json

import golden
import numpy as np

SAMPLES, BATCH, EPOCHS = 40, 8, 10


def uniform(seed, count):
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype("float64") / 2.0**53


def draw(seed, shape, low, high, step):
    n = round((high - low) / step)
    return (low + step * np.floor(uniform(seed, int(np.prod(shape))) * n)).reshape(shape)


def digest(values):
    """Up to 8 numbers as they are; of more, their norm, their sum with weights between -1 and 1, and six of them."""
    v = np.asarray(values, "float64").reshape(-1)
    if v.size <= 8:
        return v
    weights = draw(99, [v.size], -1.0, 1.0, 1 / 1024)
    places = [v.size * k // 6 for k in range(6)]
    return np.concatenate([[np.sqrt(np.sum(v * v)), np.sum(v * weights)], v[places]])


def real(shape, low=-2.0, high=2.0, step=1 / 64):
    return {"kind": "real", "shape": list(shape), "low": low, "high": high, "step": step}


def labels(classes, *shape):
    return {"kind": "labels", "shape": list(shape), "classes": classes}


def one_hot(classes, *shape):
    return {"kind": "one_hot", "shape": list(shape), "classes": classes}


def bits(*shape):
    return {"kind": "bits", "shape": list(shape)}


def signs(*shape):
    return {"kind": "signs", "shape": list(shape)}


def padded(classes, *shape):
    """Labels of which those after a random place in each row are 0."""
    return {"kind": "padded", "shape": list(shape), "classes": classes}


def late(*shape):
    """Numbers of which the steps before a random place in each row are all 0."""
    return {"kind": "late", "shape": list(shape)}


def realise(spec, seed, samples, floatx):
    shape = [samples] + spec["shape"]
    count = int(np.prod(shape))
    kind = spec["kind"]
    if kind == "real":
        return draw(seed, shape, spec["low"], spec["high"], spec["step"]).astype(floatx)
    if kind in ("labels", "one_hot"):
        found = np.floor(uniform(seed, count) * spec["classes"]).astype("int32").reshape(shape)
        return found if kind == "labels" else np.eye(spec["classes"], dtype=floatx)[found]
    if kind in ("bits", "signs"):
        found = np.floor(uniform(seed, count) * 2).reshape(shape)
        return (found if kind == "bits" else 2 * found - 1).astype(floatx)
    steps = spec["shape"][0]
    cut = 1 + np.floor(uniform(seed + 1, samples) * steps).astype("int32")
    place = np.arange(steps)[None]
    if kind == "padded":
        found = 1 + np.floor(uniform(seed, count) * (spec["classes"] - 1)).astype("int32").reshape(shape)
        return np.where(place < cut[:, None], found, 0).astype("int32")
    found = draw(seed, shape, -2.0, 2.0, 1 / 64)
    return np.where((place >= steps - cut[:, None])[..., None], found, 0.0).astype(floatx)


class Noted:
    """The classes of a module, whose objects know what they were made with: configurations of losses leave some out."""

    def __init__(self, module):
        self.module = module

    def __getattr__(self, name):
        cls = getattr(self.module, name)

        def make(*args, **kwargs):
            made = cls(*args, **kwargs)
            given = inspect.signature(cls.__init__).bind(None, *args, **kwargs).arguments
            given = {k: v for k, v in given.items() if k not in ("self", "kwargs")} | {"name": made.name}
            if "fn" in given:
                given["fn"] = {"class_name": "function", "config": given["fn"].__name__}
            made.written = {"class_name": name, "config": given}
            return made

        return make


def declare(keras):
    """All runs: name to a dictionary of what is not the default."""
    L, O, S, M = keras.layers, keras.optimizers, keras.optimizers.schedules, Noted(keras.metrics)
    R, C, I, X = keras.regularizers, keras.constraints, keras.initializers, Noted(keras.losses)
    runs = {}

    def chain(shape, *layers, dtype=None):
        x = h = keras.Input(shape, dtype=dtype)
        for layer in layers:
            h = layer(h)
        return x, h

    def add(name, ends, y, loss, optimizer, metrics=(), x=None, **rest):
        assert name not in runs, name
        runs[name] = dict(ends=ends, y=y, loss=loss, optimizer=optimizer, metrics=list(metrics), x=x, **rest)

    def mlp(units, last="linear", activation="tanh", **kwargs):
        return chain((5,), L.Dense(6, activation=activation, **kwargs), L.Dense(units, activation=last))

    # Every loss, with the optimizers, activations and metrics in turn.
    r, positive = real([3]), real([3], 0.125, 2.0)
    add("mse_sgd", mlp(3), r, X.MeanSquaredError(), O.SGD(0.02), [M.MeanSquaredError(), M.RootMeanSquaredError()])
    add("mae_momentum", mlp(3, activation="relu"), r, X.MeanAbsoluteError(), O.SGD(0.02, momentum=0.9, nesterov=True),
        [M.MeanAbsoluteError(), M.CosineSimilarity(axis=-1)])
    add("mape_rmsprop", mlp(3, activation="sigmoid"), positive, X.MeanAbsolutePercentageError(), O.RMSprop(0.005),
        [M.MeanAbsolutePercentageError()])
    add("msle_rmsprop_centered", mlp(3, last="softplus", activation="softsign"), positive, X.MeanSquaredLogarithmicError(),
        O.RMSprop(0.005, rho=0.8, momentum=0.5, centered=True), [M.MeanSquaredLogarithmicError()])
    add("huber_adam", mlp(3, activation="gelu"), r, X.Huber(delta=0.7), O.Adam(0.01),
        [M.MeanMetricWrapper(fn=keras.losses.huber, name="wrapped")])
    add("log_cosh_amsgrad", mlp(3, activation="silu"), r, X.LogCosh(), O.Adam(0.01, beta_1=0.8, amsgrad=True), [M.LogCoshError()])
    add("poisson_adamw", mlp(3, last="exponential", activation="elu"), positive, X.Poisson(), O.AdamW(0.01, weight_decay=0.1),
        [M.Poisson()], undecayed=["bias"])
    add("kl_adadelta", mlp(3, last="sigmoid", activation="selu"), real([3], 0.0, 1.0), X.KLDivergence(), O.Adadelta(0.5),
        [M.KLDivergence()])
    add("cosine_adagrad", mlp(3, activation="mish"), r, X.CosineSimilarity(axis=-1), O.Adagrad(0.05), [M.CosineSimilarity(name="cos")])
    add("hinge_adamax", mlp(3, activation="celu"), signs(3), X.Hinge(), O.Adamax(0.01), [M.Hinge()])
    add("squared_hinge_nadam", mlp(3, activation="leaky_relu"), signs(3), X.SquaredHinge(), O.Nadam(0.01), [M.SquaredHinge()])
    add("categorical_hinge_ftrl", mlp(3, activation="hard_tanh"), one_hot(3), X.CategoricalHinge(),
        O.Ftrl(0.05, l1_regularization_strength=0.001, l2_regularization_strength=0.01), [M.CategoricalHinge()])
    add("bce_lion", mlp(2, "sigmoid", "relu6"), bits(2), X.BinaryCrossentropy(label_smoothing=0.1), O.Lion(0.002),
        [M.BinaryCrossentropy(), M.BinaryAccuracy(threshold=0.4)])
    add("bce_logits_lamb", mlp(2, activation="hard_sigmoid"), bits(2), X.BinaryCrossentropy(from_logits=True), O.Lamb(0.01),
        [M.BinaryCrossentropy(from_logits=True)])
    add("binary_focal_adafactor", mlp(2, "sigmoid", "hard_silu"), bits(2),
        X.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.3, gamma=1.5), O.Adafactor(0.01), [M.BinaryAccuracy()])
    add("categorical_muon", mlp(3, "softmax", "tanh_shrink"), one_hot(3), X.CategoricalCrossentropy(label_smoothing=0.05),
        O.Muon(0.01, adam_lr_ratio=0.5), [M.CategoricalCrossentropy(), M.CategoricalAccuracy()])
    add("categorical_focal_schedule_free", mlp(3, "softmax", "soft_shrink"), one_hot(3), X.CategoricalFocalCrossentropy(),
        O.ScheduleFreeAdamW(0.01, warmup_steps=5), [M.TopKCategoricalAccuracy(k=2)])
    add("generalized_loss_scale", mlp(3, "softmax", "hard_shrink"), labels(3), X.CategoricalGeneralizedCrossEntropy(q=0.6),
        O.LossScaleOptimizer(O.Adam(0.01), initial_scale=64.0, dynamic_growth_steps=7), [M.SparseTopKCategoricalAccuracy(k=2)])
    add("sparse_categorical", mlp(3, "softmax", "log_sigmoid"), labels(3), X.SparseCategoricalCrossentropy(), O.RMSprop(0.01),
        [M.SparseCategoricalCrossentropy(), M.SparseCategoricalAccuracy()])
    add("sparse_logits_ignored", mlp(4, activation="squareplus"), labels(4), X.SparseCategoricalCrossentropy(from_logits=True, ignore_class=2),
        O.Adam(0.01), [M.SparseCategoricalAccuracy()])
    add("circle", mlp(4, activation="sparse_plus"), labels(3), X.Circle(gamma=4.0, margin=0.3), O.SGD(0.01))
    add("dice", mlp(3, "sigmoid", "sparse_sigmoid"), bits(3), X.Dice(axis=-1), O.Adam(0.01), [M.BinaryIoU(target_class_ids=[0, 1])])
    add("ctc", chain((7, 4), L.Dense(6, activation="tanh"), L.Dense(5)), padded(5, 3), X.CTC(), O.Adam(0.01), x=real([7, 4]))
    add("tversky", mlp(3, "sigmoid", "linear"), bits(3), X.Tversky(alpha=0.3, beta=0.7, axis=-1), O.Adam(0.01),
        [M.BinaryIoU(target_class_ids=[1], threshold=0.4)])
    add("log_softmax", mlp(3, "log_softmax", "relu"), one_hot(3), X.MeanSquaredError(reduction="sum"), O.SGD(0.005), [M.Accuracy()])
    add("sparsemax", mlp(3, "sparsemax", "tanh"), one_hot(3), X.MeanSquaredError(), O.Adam(0.01), [M.CategoricalAccuracy()])
    add("glu", chain((5,), L.Dense(6, activation="tanh"), L.Dense(6, activation="glu")), r, X.MeanSquaredError(), O.Adam(0.01), [M.R2Score()])

    # Metrics that count, and those of correlation.
    binary = lambda: mlp(1, "sigmoid")
    add("confusion", binary(), bits(1), X.BinaryCrossentropy(), O.Adam(0.02),
        [M.TruePositives(), M.FalsePositives(), M.TrueNegatives(), M.FalseNegatives(thresholds=0.3), M.Precision(), M.Recall(thresholds=0.6)])
    add("areas", binary(), bits(1), X.BinaryCrossentropy(), O.Adam(0.02),
        [M.AUC(), M.AUC(curve="PR", num_thresholds=50, name="pr"), M.AUC(summation_method="majoring", name="maj"),
         M.SensitivityAtSpecificity(0.5), M.SpecificityAtSensitivity(0.5), M.PrecisionAtRecall(0.6), M.RecallAtPrecision(0.4)])
    add("areas_of_labels", mlp(3, "sigmoid"), bits(3), X.BinaryCrossentropy(), O.Adam(0.02),
        [M.AUC(multi_label=True, num_labels=3), M.AUC(multi_label=True, label_weights=[0.2, 0.5, 0.3], name="weighted_auc")])
    add("f_scores", mlp(3, "softmax"), one_hot(3), X.CategoricalCrossentropy(), O.Adam(0.02),
        [M.F1Score(average="macro"), M.FBetaScore(average="micro", beta=2.0, threshold=0.4),
         M.FBetaScore(average="weighted", name="weighted_f"), M.Precision(class_id=1), M.Recall(top_k=1)])
    add("overlaps", mlp(3, "softmax"), labels(3), X.SparseCategoricalCrossentropy(), O.Adam(0.02),
        [M.MeanIoU(num_classes=3, sparse_y_pred=False), M.IoU(num_classes=3, target_class_ids=[0, 2], sparse_y_pred=False)], tolerance=1e-7)
    add("overlaps_one_hot", mlp(3, "softmax"), one_hot(3), X.CategoricalCrossentropy(), O.Adam(0.02),
        [M.OneHotIoU(num_classes=3, target_class_ids=[1]), M.OneHotMeanIoU(num_classes=3)], tolerance=1e-7)
    add("correlations", mlp(3), r, X.MeanSquaredError(), O.Adam(0.02),
        [M.PearsonCorrelation(axis=0), M.ConcordanceCorrelation(), M.R2Score(class_aggregation="variance_weighted_average")])

    # Schedules, and what all optimizers can be told.
    plain = lambda optimizer, name, **rest: add(name, mlp(3), r, X.MeanSquaredError(), optimizer, **rest)
    plain(O.SGD(S.ExponentialDecay(0.05, 10, 0.5)), "exponential_decay")
    plain(O.Adam(S.ExponentialDecay(0.02, 7, 0.5, staircase=True)), "exponential_staircase")
    plain(O.RMSprop(S.PiecewiseConstantDecay([10, 25], [0.01, 0.005, 0.001])), "piecewise")
    plain(O.Adam(S.PolynomialDecay(0.02, 20, 0.001, power=2.0, cycle=True)), "polynomial")
    plain(O.SGD(S.InverseTimeDecay(0.05, 5, 0.5), momentum=0.5), "inverse_time")
    plain(O.Adam(S.CosineDecay(0.0, 30, alpha=0.1, warmup_target=0.02, warmup_steps=8)), "cosine")
    plain(O.SGD(S.CosineDecayRestarts(0.05, 8, t_mul=1.5, m_mul=0.8, alpha=0.05)), "cosine_restarts")
    plain(O.SGD(0.05, clipnorm=0.1), "clipnorm")
    plain(O.Adam(0.01, clipvalue=0.01), "clipvalue")
    plain(O.SGD(0.05, momentum=0.9, global_clipnorm=0.2), "global_clipnorm")
    plain(O.SGD(0.05, weight_decay=0.05), "weight_decay")
    plain(O.Adam(0.01, gradient_accumulation_steps=4), "accumulation")
    plain(O.SGD(0.05, momentum=0.9, gradient_accumulation_steps=3, clipnorm=0.5, weight_decay=0.01), "accumulation_clip_decay")
    plain(O.Adam(0.02, use_ema=True, ema_momentum=0.9), "ema")
    plain(O.SGD(0.05, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=7), "ema_overwrite")
    plain(O.Adam(0.01, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=3, gradient_accumulation_steps=2), "ema_accumulation")
    plain(O.SGD(0.05, loss_scale_factor=16.0), "loss_scale_factor")
    several = O.OptimizerMap(O.SGD(0.02), {"first/.*": O.Adam(0.01, clipnorm=0.5)})
    add("several_optimizers", chain((5,), L.Dense(6, activation="tanh", name="first"), L.Dense(3, name="second")), r, X.MeanSquaredError(),
        O.MultiOptimizer(several))

    # Weights of samples, classes and outputs; validation.
    few = {"samples": 36}
    add("sample_weights", mlp(3), r, X.MeanSquaredError(), O.Adam(0.01), [M.MeanAbsoluteError()], weights=real([], 0.0, 2.0),
        weighted_metrics=[M.MeanAbsoluteError(name="weighted_mae"), M.RootMeanSquaredError()], **few)
    add("class_weights", mlp(3, "softmax"), labels(3), X.SparseCategoricalCrossentropy(), O.Adam(0.01), [M.SparseCategoricalAccuracy(name="plain")],
        weighted_metrics=[M.SparseCategoricalAccuracy()], fit={"class_weight": {"0": 0.5, "1": 2.0, "2": 1.25}}, **few)
    add("validation", mlp(3, "softmax"), labels(3), X.SparseCategoricalCrossentropy(), O.RMSprop(0.01), [M.SparseCategoricalAccuracy()],
        fit={"validation_split": 0.25}, samples=48)
    x1, x2 = keras.Input((5,), name="a"), keras.Input((4,), name="b")
    h = L.Concatenate()([L.Dense(4, activation="tanh")(x1), L.Dense(3, activation="relu")(x2)])
    outs = [L.Dense(1, name="price")(h), L.Dense(3, activation="softmax", name="kind")(h), L.Dense(2, activation="sigmoid", name="flags")(h)]
    add("three_outputs", ([x1, x2], outs), [real([1]), labels(3), bits(2)],
        [X.MeanSquaredError(), X.SparseCategoricalCrossentropy(), X.BinaryCrossentropy()], O.Adam(0.01),
        [[M.MeanAbsoluteError()], [M.SparseCategoricalAccuracy()], [M.BinaryAccuracy()]],
        weighted_metrics=[[M.MeanSquaredError()], [], [M.AUC()]], loss_weights=[0.25, 2.0, 0.5],
        weights=[real([], 0.0, 2.0), real([], 0.0, 1.0), real([], 0.5, 1.5)], **few)

    # Layers: merging.
    a, b = keras.Input((5,)), keras.Input((5,))
    p, q = L.Dense(4, activation="tanh")(a), L.Dense(4)(b)
    merged = L.Concatenate()([L.Add()([p, q]), L.Subtract()([p, q]), L.Multiply()([p, q]), L.Average()([p, q]), L.Maximum()([p, q]),
                              L.Minimum()([p, q]), L.Dot(axes=1, normalize=True)([p, q])])
    add("merging", ([a, b], L.Dense(3)(merged)), r, X.MeanSquaredError(), O.Adam(0.01))

    # Layers: activations, normalization, regularization, reshaping.
    add("activation_layers", chain((5,), L.Dense(6), L.ReLU(max_value=2.0, negative_slope=0.1), L.Dense(6), L.LeakyReLU(0.2), L.Dense(6),
        L.PReLU(), L.Dense(6), L.ELU(0.5), L.Dense(6), L.Activation("tanh"), L.Dense(3), L.Softmax()), one_hot(3), X.CategoricalCrossentropy(), O.Adam(0.01))
    add("batch_normalization", chain((5,), L.Dense(6, use_bias=False), L.BatchNormalization(momentum=0.9), L.Activation("tanh"),
        L.BatchNormalization(scale=False, epsilon=0.01), L.Dense(3)), r, X.MeanSquaredError(), O.Adam(0.01), **few)
    add("normalizations", chain((4, 6), L.Dense(6), L.LayerNormalization(), L.Dense(6), L.GroupNormalization(groups=2), L.Dense(6), L.RMSNormalization(),
        L.Dense(6), L.UnitNormalization(), L.Flatten(), L.Dense(3)), r, X.MeanSquaredError(), O.SGD(0.05))
    # On JAX a kernel that training changes does not keep what the layer assigns to it; a frozen one does.
    add("spectral", chain((5,), L.Dense(6, activation="tanh"), L.SpectralNormalization(L.Dense(4, name="inner", trainable=False), power_iterations=2), L.Dense(3)),
        r, X.MeanSquaredError(), O.SGD(0.05))
    add("no_noise", chain((5,), L.Dense(6), L.Dropout(0.0), L.GaussianNoise(0.0), L.GaussianDropout(0.0), L.AlphaDropout(0.0), L.Identity(),
        L.ActivityRegularization(l1=0.01, l2=0.02), L.Dense(3)), r, X.MeanSquaredError(), O.Adam(0.01))
    add("shapes", chain((4, 3), L.Permute((2, 1)), L.Dense(4), L.Flatten(), L.Dense(6), L.Reshape((2, 3)), L.Flatten(), L.RepeatVector(2), L.Dense(2),
        L.Flatten(), L.Dense(3)), r, X.MeanSquaredError(), O.Adam(0.01))
    add("series", chain((6, 3), L.ZeroPadding1D(1), L.Dense(4, activation="tanh"), L.UpSampling1D(2), L.Cropping1D((1, 2)), L.SpatialDropout1D(0.0),
        L.GlobalAveragePooling1D(), L.Dense(3)), r, X.MeanSquaredError(), O.Adam(0.01))
    add("images", chain((4, 5, 2), L.ZeroPadding2D(((1, 0), (0, 1))), L.Dense(4, activation="tanh"), L.BatchNormalization(), L.UpSampling2D(2, interpolation="bilinear"),
        L.Cropping2D(((1, 1), (0, 2))), L.SpatialDropout2D(0.0), L.GlobalAveragePooling2D(), L.Dense(3)), r, X.MeanSquaredError(), O.SGD(0.02, momentum=0.5))
    add("volumes", chain((2, 3, 2, 2), L.ZeroPadding3D(1), L.Dense(3, activation="tanh"), L.UpSampling3D(2), L.Cropping3D(1), L.SpatialDropout3D(0.0),
        L.GlobalAveragePooling3D(), L.Dense(3)), r, X.MeanSquaredError(), O.Adam(0.01))
    t, u, v = keras.Input((6, 3)), keras.Input((3, 4, 3)), keras.Input((2, 3, 2, 3))
    pooled = [L.GlobalMaxPooling1D()(L.Dense(4)(t)), L.GlobalMaxPooling2D()(L.Dense(4)(u)), L.GlobalMaxPooling3D(keepdims=False)(L.Dense(4)(v))]
    add("maxima", ([t, u, v], L.Dense(3)(L.Concatenate()(pooled))), r, X.MeanSquaredError(), O.Adam(0.01))

    # Masks that reach losses and metrics.
    add("embedding_mask", chain((6,), L.Embedding(9, 4, mask_zero=True), L.Dense(5, activation="tanh"), L.Dense(3, activation="softmax"), dtype="int32"),
        labels(3, 6), X.SparseCategoricalCrossentropy(), O.Adam(0.02), [M.SparseCategoricalAccuracy()], x=padded(9, 6), masked=True,
        weighted_metrics=[M.SparseCategoricalAccuracy(name="weighted")])
    add("masking", chain((6, 3), L.Masking(), L.Dense(4, activation="tanh"), L.LayerNormalization(), L.Dense(2)), real([6, 2]), X.MeanSquaredError(), O.Adam(0.01),
        [M.MeanAbsoluteError()], x=late(6, 3), masked=True, fit={"validation_split": 0.25}, samples=48)
    add("masking_sample_weights", chain((6, 3), L.Masking(), L.Dense(2, activation="sigmoid")), bits(6, 2), X.BinaryCrossentropy(), O.Adam(0.01),
        [M.BinaryAccuracy()], x=late(6, 3), weights=real([6], 0.0, 2.0), masked=True, weighted_metrics=[M.BinaryCrossentropy()])
    add("masked_pooling", chain((6,), L.Embedding(9, 4, mask_zero=True), L.BatchNormalization(momentum=0.8), L.GlobalAveragePooling1D(), L.Dense(3), dtype="int32"),
        r, X.MeanSquaredError(), O.Adam(0.02), x=padded(9, 6))
    add("embedding_plain", chain((4,), L.Embedding(7, 3, embeddings_regularizer="l2", embeddings_constraint="unit_norm"), L.Flatten(), L.Dense(3), dtype="int32"),
        r, X.MeanSquaredError(), O.Adagrad(0.1), x=labels(7, 4))

    # Regularizers, constraints, initializers that are not random.
    add("regularizers", chain((5,), L.Dense(6, activation="tanh", kernel_regularizer=R.L1(0.01), bias_regularizer=R.L2(0.02)),
        L.Dense(6, activity_regularizer=R.L2(0.03), kernel_regularizer=R.L1L2(0.01, 0.02)), L.Dense(3, kernel_regularizer=R.OrthogonalRegularizer(0.05))),
        r, X.MeanSquaredError(), O.Adam(0.01))
    add("constraints", chain((5,), L.Dense(6, activation="tanh", kernel_constraint=C.MaxNorm(0.8), bias_constraint=C.NonNeg()),
        L.Dense(6, kernel_constraint=C.UnitNorm()), L.Dense(3, kernel_constraint=C.MinMaxNorm(0.3, 0.6, rate=0.5))), r, X.MeanSquaredError(), O.Adam(0.02))
    add("initializers", chain((6,), L.Dense(6, activation="tanh", kernel_initializer=I.Identity(), bias_initializer=I.Constant(0.1)),
        L.Dense(6, activation="tanh", kernel_initializer="orthogonal", bias_initializer="ones"), L.Dense(6, kernel_initializer="lecun_normal", use_bias=False),
        L.Dense(3, kernel_initializer="he_uniform", bias_initializer="zeros")), r, X.MeanSquaredError(), O.Adam(0.01))
    add("frozen", chain((5,), L.Dense(6, activation="tanh", trainable=False), L.BatchNormalization(trainable=False), L.Dense(3)), r, X.MeanSquaredError(), O.Adam(0.01))

    # Layers: convolution and pooling.
    add("convnet", chain((8, 9, 2), L.Conv2D(4, 3, activation="relu", kernel_regularizer="l2"), L.MaxPooling2D(2), L.Conv2D(6, (2, 3), padding="same", activation="tanh",
        bias_constraint="non_neg"), L.Flatten(), L.Dense(3, activation="softmax")), labels(3), X.SparseCategoricalCrossentropy(), O.RMSprop(0.01), [M.SparseCategoricalAccuracy()])
    add("convolutions_of_sequences", chain((9, 3), L.Conv1D(4, 2, padding="causal", dilation_rate=2, activation="tanh"), L.DepthwiseConv1D(2, depth_multiplier=2),
        L.SeparableConv1D(3, 2, depth_multiplier=2), L.Conv1DTranspose(3, 3, strides=2), L.AveragePooling1D(2, strides=1, padding="same"), L.MaxPooling1D(3),
        L.AdaptiveMaxPooling1D(3), L.AdaptiveAveragePooling1D(2), L.Flatten(), L.Dense(3)), r, X.MeanSquaredError(), O.Adam(0.01))
    add("convolutions_of_images", chain((6, 5, 2), L.Conv2D(4, 3, strides=2, padding="same", groups=2), L.Conv2DTranspose(3, 3, strides=2, padding="same", activation="tanh"),
        L.DepthwiseConv2D(2, depth_multiplier=2), L.SeparableConv2D(3, 2, padding="same"), L.AveragePooling2D((2, 1)), L.AdaptiveMaxPooling2D(2),
        L.AdaptiveAveragePooling2D((2, 1)), L.Flatten(), L.Dense(3)), r, X.MeanSquaredError(), O.Adam(0.01))
    add("convolutions_of_volumes", chain((3, 4, 5, 2), L.Conv3D(3, (1, 2, 3), activation="tanh"), L.Conv3DTranspose(2, 2, strides=(1, 2, 1)), L.MaxPooling3D((1, 2, 1)),
        L.AveragePooling3D(2, padding="same"), L.AdaptiveMaxPooling3D(2), L.AdaptiveAveragePooling3D((1, 2, 1)), L.Flatten(), L.Dense(3)), r, X.MeanSquaredError(), O.Adam(0.01))

    # Layers: recurrent and attention.
    add("lstm", chain((6, 3), L.LSTM(5, kernel_regularizer="l2", recurrent_constraint="max_norm"), L.Dense(3)), r, X.MeanSquaredError(), O.RMSprop(0.01), [M.MeanAbsoluteError()])
    add("gru_and_simple", chain((6, 3), L.GRU(5, return_sequences=True), L.GRU(4, return_sequences=True, reset_after=False, go_backwards=True, activation="relu"),
        L.SimpleRNN(4, unroll=True), L.Dense(3)), r, X.MeanSquaredError(), O.Adam(0.01))
    add("masked_lstm", chain((6,), L.Embedding(9, 4, mask_zero=True), L.LSTM(5, return_sequences=True), L.GRU(4), L.Dense(3), dtype="int32"),
        r, X.MeanSquaredError(), O.Adam(0.02), x=padded(9, 6))
    add("bidirectional", chain((6, 3), L.Bidirectional(L.LSTM(4, return_sequences=True)), L.Bidirectional(L.GRU(3), merge_mode="sum"), L.Dense(3)),
        r, X.MeanSquaredError(), O.Adam(0.01))
    add("masked_bidirectional", chain((6, 3), L.Masking(), L.Bidirectional(L.GRU(4, return_sequences=True), merge_mode="ave"), L.TimeDistributed(L.Dense(3, activation="tanh")),
        L.Bidirectional(L.SimpleRNN(3), merge_mode="mul"), L.Dense(3)), r, X.MeanSquaredError(), O.Adam(0.01), x=late(6, 3))
    add("stacked_cells", chain((6, 3), L.RNN([L.LSTMCell(4, name="first"), L.GRUCell(3, name="second"), L.SimpleRNNCell(5, name="third")]), L.Dense(3)),
        r, X.MeanSquaredError(), O.Adam(0.01))
    add("steps_of_a_layer", chain((6, 3), L.TimeDistributed(L.BatchNormalization(momentum=0.8)), L.TimeDistributed(L.Dense(4)), L.RNN(L.LSTMCell(4)), L.Dense(3)),
        r, X.MeanSquaredError(), O.Adam(0.01))
    # The bias of keys adds the same to all scores of a row, so its gradient is rounding alone, which adaptive steps would blow up.
    drawn = dict(bias_initializer="random_normal")
    tokens = keras.Input((6,), dtype="int32")
    h = L.Embedding(9, 8, name="tokens")(tokens)
    p = L.LayerNormalization(name="norm_1")(L.Add(name="add_1")([h, L.MultiHeadAttention(2, 4, name="heads", **drawn)(h, h)]))
    d = L.Dense(8, name="narrow")(L.Dense(12, activation="relu", name="wide")(p))
    h = L.LayerNormalization(name="norm_2")(L.Add(name="add_2")([p, d]))
    add("transformer", (tokens, L.Dense(1, activation="sigmoid", name="answer")(L.GlobalMaxPooling1D(name="pool")(h))), bits(1), X.BinaryCrossentropy(), O.SGD(0.1),
        [M.BinaryAccuracy()], x=labels(9, 6))
    a, b = keras.Input((5, 4)), keras.Input((6, 4))
    parts = [L.MultiHeadAttention(2, 3, value_dim=3, output_shape=3, name="m", **drawn)(a, b), L.GroupQueryAttention(2, 4, 2, use_gate=True, name="g", **drawn)(a, b),
             L.Attention(use_scale=True, name="p")([a, b]), L.Attention(score_mode="concat", name="c")([a, b]), L.AdditiveAttention(name="s")([a, b]),
             L.EinsumDense("abc,cde->abde", (None, 2, 2), bias_axes="de", activation="tanh", name="e")(a)]
    parts[-1] = L.Reshape((5, 4))(parts[-1])
    add("attentions", ([a, b], L.Dense(3)(L.Flatten()(L.Concatenate()(parts)))), r, X.MeanSquaredError(), O.SGD(0.05))
    return runs


def export(keras, model):
    """The layers of a graph in which every layer is used once, without the operations that masks come from."""
    layers = [op for op in model.operations if isinstance(op, keras.layers.Layer)]
    place = {layer: i for i, layer in enumerate(layers)}
    find = lambda tensors: [place[t._keras_history.operation] for t in tensors]
    nodes = []
    for layer in layers:
        (node,) = layer._inbound_nodes
        config = json.loads(json.dumps(plain_config(layer.get_config())))
        inputs = find(keras.tree.flatten(node.arguments.args))
        nodes.append({"class": type(layer).__name__, "config": config, "inputs": inputs, "int32": node.outputs[0].dtype == "int32"})
    return {"nodes": nodes, "inputs": find(model.inputs), "outputs": find(model.outputs)}


def plain_config(value):
    """Without what Keras adds for its own looking up of classes, without the type of this precision, and without nulls."""
    if isinstance(value, dict):
        left_out = ("dtype", "registered_name", "module", "build_config")
        return {k: plain_config(v) for k, v in value.items() if k not in left_out and v is not None}
    if isinstance(value, (list, tuple)):
        return [plain_config(v) for v in value]
    return value


def written(keras, thing):
    if isinstance(thing, (list, tuple)):
        return [written(keras, t) for t in thing]
    if thing is None or isinstance(thing, (str, float)):
        return thing
    if hasattr(thing, "written"):
        return thing.written
    return json.loads(json.dumps(plain_config(keras.saving.serialize_keras_object(thing))))


def as_list(x):
    return list(x) if isinstance(x, (list, tuple)) else [x]


def constant_weights(keras, model):
    """For each weight, whether its initializer makes the same numbers whatever the seed."""
    found = []
    for seed in (1, 2):
        keras.utils.set_random_seed(seed)
        found.append([np.array(w) for w in keras.models.clone_model(model).get_weights()])
    assert len(found[0]) == len(model.weights)
    return [np.array_equal(a, b) for a, b in zip(*found)]


def keep_masks(keras, model):
    ops = keras.ops
    update = model._update_metrics_variables

    def with_mask(variables, loss, x, y, y_pred, weights):
        mask = ops.not_equal(x, 0) if len(x.shape) == 2 else ops.any(ops.not_equal(x, 0), axis=-1)
        keras.src.backend.set_keras_mask(y_pred, mask)
        return update(variables, loss, x, y, y_pred, weights)

    model._update_metrics_variables = with_mask


def make(keras, precision):
    from activations import sparsemax
    keras.src.backend.nn.sparsemax = sparsemax
    floatx = golden.PRECISIONS[precision]
    numbers, facts = [], {}
    keras.utils.clear_session()
    for number, (name, run) in enumerate(declare(keras).items()):
        seed = 1000 * (number + 1)
        samples = run.get("samples", SAMPLES)
        model = keras.Model(*run["ends"])
        given_x = as_list(run["x"]) if run["x"] else [real(t.shape[1:]) for t in model.inputs]
        given_y = as_list(run["y"])
        given_w = as_list(run["weights"]) if run.get("weights") else [None] * len(given_y)
        x = [realise(s, seed + 10 * i, samples, floatx) for i, s in enumerate(given_x)]
        y = [realise(s, seed + 100 + 10 * i, samples, floatx) for i, s in enumerate(given_y)]
        w = [s and realise(s, seed + 200 + 10 * i, samples, floatx) for i, s in enumerate(given_w)]
        keep = constant_weights(keras, model)
        start = [None if k else seed + 300 + i for i, k in enumerate(keep)]
        model.set_weights([old if s is None else draw(s, old.shape, -0.5, 0.5, 1 / 256).astype(floatx)
                           for s, old in zip(start, model.get_weights())])
        optimizer, several = run["optimizer"], len(given_y) > 1
        if run.get("undecayed"):
            optimizer.exclude_from_weight_decay(var_names=run["undecayed"])
        rest = {k: run[k] for k in ("weighted_metrics", "loss_weights") if k in run}
        facts[name] = {**export(keras, model), "x": given_x, "y": given_y, "weights": given_w, "samples": samples, "start": start,
                       "optimizer": written(keras, optimizer), "loss": written(keras, as_list(run["loss"])),
                       "metrics": written(keras, run["metrics"] if several else [run["metrics"]]),
                       "weighted_metrics": written(keras, run.get("weighted_metrics", []) if several else [run.get("weighted_metrics", [])]),
                       "loss_weights": run.get("loss_weights"), "undecayed": run.get("undecayed", []), "fit": run.get("fit", {}),
                       "tolerance": run.get("tolerance", 1e-9)}
        if run.get("masked"):
            keep_masks(keras, model)
        model.compile(optimizer=optimizer, loss=run["loss"], metrics=run["metrics"] or None, **rest)
        fit = dict(run.get("fit", {}))
        if "class_weight" in fit:
            fit["class_weight"] = {int(k): v for k, v in fit["class_weight"].items()}
        one = lambda v: v if several or len(v) > 1 else v[0]
        history = model.fit(one(x), one(y), sample_weight=one(w) if run.get("weights") else None, epochs=EPOCHS, batch_size=BATCH,
                            shuffle=False, verbose=0, **fit).history
        facts[name]["history_keys"] = list(history)
        state = [v.numpy() if hasattr(v, "numpy") else v for v in map(np.asarray, optimizer.variables)]
        outputs = as_list(model.predict(one(x), verbose=0))
        numbers.append(np.concatenate([np.array(list(history.values()), "float64").reshape(-1)]
                                      + [digest(v) for v in model.get_weights() + state + outputs]))
        facts[name]["count"] = numbers[-1].size
        assert np.all(np.isfinite(numbers[-1])), name
    return {precision: np.concatenate(numbers).astype(floatx)}, {"runs": facts}


def write(made):
    assert made["f32"][1]["runs"].keys() == made["f64"][1]["runs"].keys()
    golden.save_npz("training_runs.npz", {p: made[p][0][p] for p in made})
    golden.save_json("training_runs.json", made["f64"][1])
    print(len(made["f32"][1]["runs"]), "runs")


if __name__ == "__main__":
    golden.run(__file__, make, write)
