"""Reference values of the losses and metrics that losses.py does not have, of regularizers and of constraints.

    python losses_rest.py

writes losses_rest.npz and losses_rest.json, laid out as losses.npz and losses.json (see losses.py), with these
differences: a case of `metrics` may have more than one number as result, so P/metrics/<case> has shape (3, 2, ...); and
    P/regularizers/<case>    the penalty of in/<x>, a scalar
    P/constraints/<case>     the allowed weight for in/<x>
The results of the IoU family are float32 in both precisions, as Keras casts them.
"""
import golden
import numpy as np


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def inputs():
    rng = np.random.default_rng(20240611)
    unit = rng.normal(size=(7, 3))
    unit /= np.linalg.norm(unit, axis=-1, keepdims=True)
    grid = np.round(rng.random((8, 4)), 2)
    return {
        "y": np.round(rng.normal(size=(6, 3)) * 2, 2), "p": np.round(rng.normal(size=(6, 3)) * 2, 2),
        "y_pos": np.round(rng.random((6, 3)) * 3, 2), "p_pos": np.round(rng.random((6, 3)) * 3 + 0.01, 2),
        "y3": np.round(rng.normal(size=(3, 5, 2)), 2), "p3": np.round(rng.normal(size=(3, 5, 2)), 2),
        "w3": np.round(rng.random((3, 5)) * 2, 2), "w": np.array([1.0, 0.5, 2.0, 0.0, 0.25, 3.0]),
        "signs": np.sign(rng.normal(size=(6, 3))), "bits": (rng.random((6, 3)) < 0.5).astype(float),
        "column_bits": (rng.random(6) < 0.5).astype(float), "column": np.round(rng.random((6, 1)), 2),
        "probs": softmax(np.round(rng.normal(size=(6, 4)), 2)), "soft": softmax(np.round(rng.normal(size=(6, 4)), 2)),
        "logits": np.round(rng.normal(size=(6, 4)) * 2, 2), "one_hot": np.eye(4)[[0, 3, 1, 2, 2, 0]], "labels": np.array([0, 3, 1, 2, 2, 0]),
        "labels_column": np.array([[0], [3], [1], [2], [2], [0]]), "unit": unit, "unit_labels": np.array([0, 1, 0, 2, 1, 1, 3]),
        "unit_w": np.array([1.0, 0.5, 2.0, 0.0, 0.25, 3.0, 1.0]), "edges": np.array([[0.0, 1.0, 0.5, 0.25], [1.0, 0.0, 0.75, 0.5], [0.1, 0.9, 1e-9, 0.5]]),
        "edges_true": np.array([[0.0, 1.0, 1.0, 0.0], [0.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0]]), "edges_w": np.array([1.0, 2.0, 0.5]),
        # Second batches, and inputs of metrics.
        "y_b": np.round(rng.normal(size=(2, 3)), 2), "p_b": np.round(rng.normal(size=(2, 3)), 2), "w_b": np.array([2.0, 0.5]),
        "y_pos_b": np.round(rng.random((2, 3)) * 3, 2), "p_pos_b": np.round(rng.random((2, 3)) * 3 + 0.01, 2),
        "bits_b": np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]), "probs_b": softmax(np.round(rng.normal(size=(2, 4)), 2)),
        "soft_b": softmax(np.round(rng.normal(size=(2, 4)), 2)), "one_hot_b": np.eye(4)[[1, 2]], "labels_b": np.array([1, 2]),
        "labels_column_b": np.array([[1], [2]]), "sorted_ids": np.array([[0, 1, 2, 3], [1, 2, 3, 0], [1, 3, 0, 2], [0, 1, 3, 2], [2, 1, 0, 3], [3, 2, 1, 0]]).astype(float),
        "sorted_ids_b": np.array([[1, 0, 2, 3], [0, 1, 3, 2]]).astype(float),
        "probs3": softmax(np.round(rng.normal(size=(3, 5, 4)), 2)), "labels3": rng.integers(0, 4, (3, 5)), "one_hot3": np.eye(4)[rng.integers(0, 4, (3, 5))],
        "probs3_b": softmax(np.round(rng.normal(size=(2, 5, 4)), 2)), "labels3_b": rng.integers(0, 4, (2, 5)), "w3_b": np.round(rng.random((2, 5)), 2),
        "hits": (rng.random(40) < 0.4).astype(float), "scores": np.concatenate([np.round(rng.random(30), 3), rng.integers(0, 200, 10) / 199]),
        "hits_w": np.round(rng.random(40) * 2, 2), "hits_b": (rng.random(10) < 0.6).astype(float), "scores_b": np.round(rng.random(10), 1), "hits_w_b": np.round(rng.random(10), 2),
        "multi": (rng.random((8, 4)) < 0.5).astype(float), "grid": grid, "multi_w": np.round(rng.random(8) * 2, 2),
        "multi_b": (rng.random((3, 4)) < 0.5).astype(float), "grid_b": np.round(rng.random((3, 4)), 2), "multi_w_b": np.array([1.0, 0.5, 2.0]),
        "grid_logits": np.round(rng.normal(size=(8, 4)) * 2, 2), "grid_logits_b": np.round(rng.normal(size=(3, 4)) * 2, 2),
        "classes": np.array([0, 1, 2, 2, 1, 0, 3, 1]), "guesses": np.array([0, 2, 2, 1, 1, 0, 3, 3]), "whole_w": np.array([1, 2, 1, 3, 1, 1, 2, 1]),
        "classes_b": np.array([1, 1, -1, 0]), "guesses_b": np.array([1, 0, 2, 0]), "whole_w_b": np.array([1, 1, 5, 2]),
        "map": rng.integers(0, 2, (2, 3, 2)), "map_pred": np.round(rng.random((2, 3, 2)), 2), "map_b": rng.integers(0, 2, (1, 3, 2)), "map_pred_b": np.round(rng.random((1, 3, 2)), 2),
        "weights2": np.round(rng.normal(size=(4, 3)), 2), "weights4": np.round(rng.normal(size=(2, 2, 3, 2)), 2),
    }


def loss_cases():
    """(case, function, class, arguments, y_true, y_pred, weight)"""
    plain = [("mean_absolute_percentage_error", "MeanAbsolutePercentageError", "y_pos", "p_pos"), ("mean_squared_logarithmic_error", "MeanSquaredLogarithmicError", "y_pos", "p_pos"),
             ("huber", "Huber", "y", "p"), ("log_cosh", "LogCosh", "y", "p"), ("hinge", "Hinge", "signs", "p"), ("squared_hinge", "SquaredHinge", "signs", "p"),
             ("categorical_hinge", "CategoricalHinge", "one_hot", "logits"), ("kl_divergence", "KLDivergence", "soft", "probs"), ("poisson", "Poisson", "y_pos", "p_pos"),
             ("cosine_similarity", "CosineSimilarity", "y", "p"), ("binary_focal_crossentropy", "BinaryFocalCrossentropy", "bits", "edges3"),
             ("categorical_focal_crossentropy", "CategoricalFocalCrossentropy", "one_hot", "probs")]
    for function, cls, y, p in plain:
        if p != "edges3":
            yield function, function, cls, {}, y, p, "w"
    yield "mape_negative", "mean_absolute_percentage_error", "MeanAbsolutePercentageError", {}, "y", "p", "w"
    yield "msle_negative", "mean_squared_logarithmic_error", "MeanSquaredLogarithmicError", {}, "y", "p", "w"
    yield "huber_wide", "huber", "Huber", {"delta": 2.5}, "y", "p", "w"
    yield "log_cosh_rank3", "log_cosh", "LogCosh", {}, "y3", "p3", "w3"
    yield "hinge_bits", "hinge", "Hinge", {}, "bits", "p", "w"
    yield "hinge_column", None, "Hinge", {}, "column_bits", "column", "w"
    yield "squared_hinge_bits", "squared_hinge", "SquaredHinge", {}, "bits", "p", "w"
    yield "kl_edges", "kl_divergence", "KLDivergence", {}, "edges_true", "edges", "edges_w"
    yield "cosine_axis", "cosine_similarity", "CosineSimilarity", {"axis": 1}, "y3", "p3", None
    f, F = "binary_focal_crossentropy", "BinaryFocalCrossentropy"
    yield "binary_focal", f, F, {}, "edges_true", "edges", "edges_w"
    yield "binary_focal_balanced", f, F, {"apply_class_balancing": True, "alpha": 0.4, "gamma": 1.5}, "edges_true", "edges", "edges_w"
    yield "binary_focal_logits", f, F, {"from_logits": True, "label_smoothing": 0.1}, "bits", "p", "w"
    f, F = "categorical_focal_crossentropy", "CategoricalFocalCrossentropy"
    yield "categorical_focal_logits", f, F, {"from_logits": True, "label_smoothing": 0.1, "gamma": 3.0}, "one_hot", "logits", "w"
    yield "categorical_focal_alphas", f, F, {"alpha": [0.1, 0.2, 0.3, 0.4]}, "one_hot", "probs", "w"
    yield "generalized", "categorical_generalized_cross_entropy", "CategoricalGeneralizedCrossEntropy", {"q": 0.7}, "labels", "probs", "w"
    yield "dice", "dice", "Dice", {}, "bits", "p_pos", None
    yield "dice_axis", "dice", "Dice", {"axis": 1}, "one_hot", "probs", "w"
    yield "dice_axes", "dice", "Dice", {"axis": [1, 2]}, "one_hot3", "probs3", None
    yield "tversky", "tversky", "Tversky", {"alpha": 0.3, "beta": 0.7}, "bits", "p_pos", None
    yield "tversky_axis", "tversky", "Tversky", {"axis": -1}, "one_hot", "probs", "w"
    yield "circle", None, "Circle", {}, "unit_labels", "unit", "unit_w"
    yield "circle_small", None, "Circle", {"gamma": 8.0, "margin": 0.2, "remove_diagonal": False}, "unit_labels", "unit", "unit_w"


def metric_cases():
    """(case, class, arguments, first batch, second batch), a batch being (y_true, y_pred, weight)"""
    values, positive = (("y", "p", "w"), ("y_b", "p_b", "w_b")), (("y_pos", "p_pos", "w"), ("y_pos_b", "p_pos_b", "w_b"))
    bits = ("bits", "p", "w"), ("bits_b", "p_b", "w_b")
    soft = ("soft", "probs", "w"), ("soft_b", "probs_b", "w_b")
    one_hot = ("one_hot", "probs", "w"), ("one_hot_b", "probs_b", "w_b")
    sparse = ("labels", "probs", "w"), ("labels_b", "probs_b", "w_b")
    hits = ("hits", "scores", "hits_w"), ("hits_b", "scores_b", "hits_w_b")
    multi = ("multi", "grid", "multi_w"), ("multi_b", "grid_b", "multi_w_b")
    yield "mape", "MeanAbsolutePercentageError", {}, *positive
    yield "msle", "MeanSquaredLogarithmicError", {}, *positive
    yield "rmse", "RootMeanSquaredError", {}, *values
    yield "cosine", "CosineSimilarity", {}, *values
    yield "logcosh", "LogCoshError", {}, *values
    yield "hinge", "Hinge", {}, *bits
    yield "squared_hinge", "SquaredHinge", {}, *bits
    yield "categorical_hinge", "CategoricalHinge", {}, *one_hot
    yield "kl", "KLDivergence", {}, *soft
    yield "poisson", "Poisson", {}, *positive
    yield "pearson", "PearsonCorrelation", {}, *values
    yield "pearson_rank3", "PearsonCorrelation", {"axis": 1}, ("probs3", "one_hot3", None), ("probs3_b", "probs3_b", None)
    yield "concordance", "ConcordanceCorrelation", {}, *values
    yield "top_2", "TopKCategoricalAccuracy", {"k": 2}, *one_hot
    yield "top_2_rank3", "TopKCategoricalAccuracy", {"k": 2}, ("one_hot3", "probs3", "w3"), ("probs3_b", "probs3_b", "w3_b")
    yield "sparse_top_2", "SparseTopKCategoricalAccuracy", {"k": 2}, *sparse
    yield "sparse_top_3_rank3", "SparseTopKCategoricalAccuracy", {"k": 3}, ("labels3", "probs3", "w3"), ("labels3_b", "probs3_b", "w3_b")
    yield "sorted_top_2", "SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, ("labels", "sorted_ids", "w"), ("labels_b", "sorted_ids_b", "w_b")
    for cls in ["TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives", "Precision", "Recall"]:
        yield cls, cls, {}, *hits
        yield f"{cls}_thresholds", cls, {"thresholds": [0.0, 0.3, 0.5, 1.0]}, *multi
    yield "Precision_even", "Precision", {"thresholds": [0.0, 0.25, 0.5, 0.75, 1.0]}, *hits
    yield "Precision_top_k", "Precision", {"top_k": 2}, *multi
    yield "Precision_class", "Precision", {"class_id": 2}, *multi
    yield "Recall_top_k_class", "Recall", {"top_k": 2, "class_id": 1}, *multi
    yield "Recall_threshold", "Recall", {"thresholds": 0.25}, *multi
    for cls, name in [("SensitivityAtSpecificity", "specificity"), ("SpecificityAtSensitivity", "sensitivity"), ("PrecisionAtRecall", "recall"), ("RecallAtPrecision", "precision")]:
        yield cls, cls, {name: 0.6}, *hits
        yield f"{cls}_class", cls, {name: 0.3, "class_id": 0, "num_thresholds": 11}, *multi
    for curve in ["ROC", "PR", "PRGAIN"]:
        for method in ["interpolation", "majoring", "minoring"]:
            yield f"auc_{curve}_{method}", "AUC", {"curve": curve, "summation_method": method}, *hits
    yield "auc_few", "AUC", {"num_thresholds": 3}, *hits
    yield "auc_thresholds", "AUC", {"thresholds": [0.7, 0.2, 0.5]}, *hits
    yield "auc_all_labels", "AUC", {}, *multi
    yield "auc_weighted_labels", "AUC", {"label_weights": [1.0, 0.5, 2.0, 0.0]}, *multi
    yield "auc_multi", "AUC", {"multi_label": True, "num_labels": 4}, *multi
    yield "auc_multi_late", "AUC", {"multi_label": True, "curve": "PR", "label_weights": [1.0, 0.5, 2.0, 0.0]}, *multi
    yield "auc_multi_thresholds", "AUC", {"multi_label": True, "thresholds": [0.3, 0.8]}, *[(t, p, None) for t, p, _ in multi]
    yield "auc_logits", "AUC", {"from_logits": True}, ("multi", "grid_logits", "multi_w"), ("multi_b", "grid_logits_b", "multi_w_b")
    for average in [None, "micro", "macro", "weighted"]:
        yield f"f1_{average}", "F1Score", {"average": average}, *one_hot
        yield f"fbeta_{average}", "FBetaScore", {"average": average, "beta": 2.0, "threshold": 0.5}, *multi
    for aggregation in [None, "uniform_average", "variance_weighted_average"]:
        yield f"r2_{aggregation}", "R2Score", {"class_aggregation": aggregation}, *values
    yield "r2_adjusted", "R2Score", {"num_regressors": 3}, *values
    yield "r2_too_many", "R2Score", {"num_regressors": 40}, *values
    classes = ("classes", "guesses", "whole_w"), ("classes_b", "guesses_b", "whole_w_b")
    yield "iou", "IoU", {"num_classes": 4, "target_class_ids": [1, 3]}, *classes
    yield "iou_ignore", "IoU", {"num_classes": 5, "target_class_ids": [0, 2, 4], "ignore_class": 1}, *classes
    yield "mean_iou", "MeanIoU", {"num_classes": 4}, *classes
    yield "binary_iou", "BinaryIoU", {"threshold": 0.4}, ("map", "map_pred", None), ("map_b", "map_pred_b", None)
    yield "binary_iou_one", "BinaryIoU", {"target_class_ids": [1]}, ("map", "map_pred", None), ("map_b", "map_pred_b", None)
    yield "one_hot_iou", "OneHotIoU", {"num_classes": 4, "target_class_ids": [0, 2]}, ("one_hot", "probs", None), ("one_hot_b", "probs_b", None)
    yield "one_hot_mean_iou", "OneHotMeanIoU", {"num_classes": 4}, ("one_hot3", "probs3", None), ("probs3_b", "probs3_b", None)


REGULARIZERS = [("l1", "L1", {}, "weights2"), ("l2", "L2", {"l2": 0.3}, "weights4"), ("l1l2", "L1L2", {"l1": 0.1, "l2": 0.2}, "weights2"), ("l1l2_none", "L1L2", {}, "weights2"),
                ("rows", "OrthogonalRegularizer", {}, "weights2"), ("columns", "OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}, "weights2")]
CONSTRAINTS = [("max_norm", "MaxNorm", {}, "weights2"), ("max_norm_axes", "MaxNorm", {"max_value": 0.5, "axis": [0, 1, 2]}, "weights4"), ("non_neg", "NonNeg", {}, "weights2"),
               ("unit_norm", "UnitNorm", {"axis": 1}, "weights2"), ("min_max", "MinMaxNorm", {}, "weights2"), ("min_max_rate", "MinMaxNorm", {"min_value": 1.0, "max_value": 1.5, "rate": 0.3}, "weights2")]


def make(keras, precision):
    import jax
    floatx = golden.PRECISIONS[precision]
    data = {k: v.astype("int32" if v.dtype.kind == "i" else floatx) for k, v in inputs().items()}
    arrays, facts = {}, {"losses": [], "metrics": [], "regularizers": [], "constraints": []}
    for case, function, cls, arguments, y_true, y_pred, weight in loss_cases():
        at, t, p = f"losses/{case}", data[y_true], data[y_pred]
        build = lambda reduction: getattr(keras.losses, cls)(reduction=reduction, **arguments)
        arrays[f"{at}/function"] = np.asarray(build("none")(t, p))
        if function:
            value = np.asarray(getattr(keras.losses, function)(t, keras.ops.convert_to_tensor(p), **arguments))
            assert np.array_equal(value, arrays[f"{at}/function"]), case
        weights = [None] + ([data[weight]] if weight else [])
        arrays[f"{at}/reduced"] = np.array([[np.asarray(build(r)(t, p, sample_weight=w)) for r in
                                             ("sum_over_batch_size", "sum", "mean_with_sample_weight")] for w in weights])
        if weight:
            arrays[f"{at}/none_weighted"] = build("none")(t, p, sample_weight=data[weight])
        if precision == "f64":
            arrays[f"{at}/grad"] = jax.grad(lambda pred: build("none")(t, pred).sum())(p)
            arrays[f"{at}/grad_mean"] = jax.grad(lambda pred: build("sum_over_batch_size")(t, pred, sample_weight=weights[-1]))(p)
        facts["losses"].append({"case": case, "function": function, "class": cls, "arguments": arguments, "y_true": y_true, "y_pred": y_pred, "weight": weight})
    for case, cls, arguments, *batches in metric_cases():
        rows = []
        for weighted in [(False, False), (True, True), (False, True)]:
            metric, row = getattr(keras.metrics, cls)(**arguments), []
            for (y_true, y_pred, weight), use in zip(batches, weighted):
                metric.update_state(data[y_true], data[y_pred], sample_weight=data[weight] if use and weight else None)
                row.append(np.asarray(metric.result()))
            rows.append(row)
        arrays[f"metrics/{case}"] = np.array(rows)
        config = {k: v for k, v in metric.get_config().items() if k not in ("name", "dtype", "label_weights", "thresholds")}
        facts["metrics"].append({"case": case, "class": cls, "arguments": arguments, "config": config, "variables": [[v.name, list(v.shape)] for v in metric.variables],
                                 "batches": [{"y_true": t, "y_pred": p, "weight": w} for t, p, w in batches]})
    for kind, cases in [("regularizers", REGULARIZERS), ("constraints", CONSTRAINTS)]:
        for case, cls, arguments, x in cases:
            made = getattr(getattr(keras, kind), cls)(**arguments)
            arrays[f"{kind}/{case}"] = made(keras.ops.convert_to_tensor(data[x]))
            facts[kind].append({"case": case, "class": cls, "arguments": arguments, "x": x, "config": made.get_config() if precision == "f64" else None})
    return arrays, facts


def write(made):
    golden.save_npz("losses_rest.npz", {**{f"in/{k}": v for k, v in inputs().items()}, **golden.with_prefix(made)})
    golden.save_json("losses_rest.json", made["f64"][1])


if __name__ == "__main__":
    golden.run(__file__, make, write)
