"""Reference values of losses, their gradients, and metrics.

    python losses.py

writes losses.npz and losses.json.  losses.json lists the cases; every name in it that holds an
array (`y_true`, `y_pred`, `weight`, ...) is a key `in/<name>` of losses.npz.

Inputs `in/...` are stored once, as float64 or int32; for the f32 numbers the floats were rounded to
float32 first.

A case of `losses` has `function`, `class`, `arguments`, `y_true`, `y_pred` and maybe `weight`.  With
P standing for f32 or f64:
    P/losses/<case>/function       the function form: one value per sample (and position)
    P/losses/<case>/reduced        (1 or 2, 3): the class form; row 0 without sample weights, row 1 with
                                   them; columns: sum_over_batch_size, sum, mean_with_sample_weight
    P/losses/<case>/none_weighted  the class form with reduction none and sample weights (without them
                                   it equals `function`, which is asserted here)
    f64/losses/<case>/grad         gradient of the sum of `function` with respect to y_pred
    f64/losses/<case>/grad_mean    gradient of the class form, sum_over_batch_size, with the sample
                                   weights if the case has them
The class form differs from the function form in that it casts y_true and y_pred to floatx and
squeezes or expands a last axis of length 1 when the ranks differ by one; a case with
`"function": null` has only the class form.

A case of `metrics` has `class`, `arguments` and two batches, each {y_true, y_pred, weight}.
    P/metrics/<case>               (3, 2): the result after the first and the second update_state;
                                   row 0 both without weights, row 1 both with, row 2 only the second

`strings` says which class or function "accuracy"/"acc" and "crossentropy"/"ce" stand for, by shapes.
`errors` lists combinations that Keras refuses.

Clipping: probabilities are clipped to [1e-7, 1 - 1e-7] in the type of y_pred.  In float32 the upper
bound rounds to 1 - 2^-23 (1.19e-7 below 1), so a sure and wrong binary answer costs 16.118 (p = 1)
in double but 15.942 in float32 when y = 0, and 16.118 in both when p = 0 and y = 1.  Where the
clipping acts the gradient is exactly 0.

Where y_true equals y_pred the gradient of the absolute error is a matter of convention: JAX gives
abs the slope +1 at 0, so the case mae_equal holds -1/n; TensorFlow and PyTorch give 0 there.
"""
import golden
import numpy as np

EDGES = np.array([  # exact 0 and 1, almost 0 and almost 1
    [0.0, 1.0, 0.5, 0.25],
    [1.0, 0.0, 0.75, 0.1],
    [1e-8, 1 - 1e-8, 0.3, 0.9],
    [0.6, 0.2, 1e-6, 0.999999],
    [0.5, 0.5, 0.5, 0.5],
])


def inputs():
    rng = np.random.default_rng(7)
    softmax = lambda z: np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    logits = np.round(rng.normal(size=(6, 4)) * 3, 3)
    logits[0] = [30.0, -30.0, 0.0, 1.0]
    logits[1] = [100.0, 99.0, -100.0, 0.0]
    probs = softmax(np.round(rng.normal(size=(6, 4)) * 2, 3))
    probs[0] = [1.0, 0.0, 0.0, 0.0]
    probs[1] = [0.0, 1.0, 0.0, 0.0]
    labels = np.array([0, 3, 1, 2, 3, 0])  # row 0 sure and right, row 1 sure and wrong
    unnormalised = np.round(rng.uniform(0.1, 3, (6, 4)), 3)
    unnormalised[2] = [0.0, 2.0, 0.0, 0.0]
    one_hot = np.eye(4)[labels]
    logits3 = np.round(rng.normal(size=(3, 5, 4)) * 2, 3)
    labels3 = rng.integers(0, 4, (3, 5))
    ignored = labels.copy(); ignored[[1, 4]] = -1
    ignored3 = labels3.copy(); ignored3[rng.random((3, 5)) < 0.3] = 2  # class 2 is the ignored one
    return {
        "edges": EDGES, "edges_true": (rng.random((5, 4)) < 0.5).astype(float),
        "edges_wrong": 1.0 - (EDGES > 0.5), "edges_soft_true": np.round(rng.random((5, 4)), 2),
        "edges_weight": np.array([1.0, 0.5, 0.0, 2.0, 3.0]), "edges_weight2": np.round(rng.random((5, 1)) * 2, 2),
        "bin_logits": np.concatenate([np.round(rng.normal(size=(4, 4)) * 3, 3), [[50.0, -50.0, 0.0, 200.0]]]),
        "probs": probs, "logits": logits, "unnormalised": unnormalised,
        "labels": labels, "labels_column": labels[:, None], "labels_ignored": ignored,
        "one_hot": one_hot, "soft_labels": softmax(np.round(rng.normal(size=(6, 4)), 3)),
        "weight": np.array([1.0, 0.5, 2.0, 0.0, 0.25, 3.0]), "weight_zero": np.zeros(6),
        "probs3": softmax(logits3), "logits3": logits3, "labels3": labels3, "labels3_ignored": ignored3,
        "one_hot3": np.eye(4)[labels3], "bin3": softmax(logits3)[..., :2].round(3), "bin3_true": (rng.random((3, 5, 2)) < 0.5).astype(float),
        "weight3": np.round(rng.random((3, 5)) * 2, 2), "weight3_column": np.array([[1.0], [0.5], [2.0]]),
        "column": np.round(rng.random((6, 1)), 2), "column_true": np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0]),
        "values": np.round(rng.normal(size=(6, 3)) * 2, 2), "values_true": np.round(rng.normal(size=(6, 3)) * 2, 2),
        "values3": np.round(rng.normal(size=(3, 5, 2)), 2), "values3_true": np.round(rng.normal(size=(3, 5, 2)), 2),
        # Second batches and special inputs of the metrics.
        "probs_b": np.array([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]]),
        "labels_b": np.array([3, 1, 0]), "labels_column_b": np.array([[3], [1], [0]]), "one_hot_b": np.eye(4)[[3, 1, 0]],
        "logits_b": np.array([[1.0, -1.0, 2.0, 0.0], [0.0, 0.0, 0.0, 0.0], [-5.0, 3.0, 3.0, 1.0]]),
        "soft_labels_b": np.array([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1], [0.4, 0.4, 0.1, 0.1]]),
        "weight_b": np.array([0.5, 1.0, 4.0]),
        "edges_b": np.array([[0.5, 0.4, 0.51, 0.3], [0.9, 0.2, 0.3, 0.6]]), "edges_true_b": np.array([[1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 1.0]]),
        "edges_weight_b": np.array([2.0, 0.5]), "column_b": np.array([[0.5], [0.9], [0.2]]), "column_true_b": np.array([0.0, 1.0, 1.0]),
        "values_b": np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 0.0]]), "values_true_b": np.array([[1.0, 0.0, 3.5], [-1.0, 0.5, 1.0]]),
        "values_weight_b": np.array([2.0, 0.5]), "probs3_b": softmax(logits3[:2] + 0.5 * labels3[:2, :, None]),
        "labels3_b": rng.integers(0, 4, (2, 5)), "weight3_b": np.round(rng.random((2, 5)), 2),
        "classes": np.array([0.0, 1.0, 2.0, 1.0]), "classes_true": np.array([0.0, 2.0, 2.0, 1.0]), "classes_weight": np.array([1.0, 0.5, 0.0, 2.0]),
        "classes_b": np.array([[1.0, 1.0], [0.0, 3.0]]), "classes_true_b": np.array([[1.0, 0.0], [0.0, 3.0]]), "classes_weight_b": np.array([1.0, 3.0]),
        "scalar": np.array(2.5), "scalar_weight": np.array(4.0),
    }


def loss_cases():
    """(case, function, class, arguments, y_true, y_pred, weight)"""
    b, c, s = "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"
    B, C, S = "BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"
    logits, smooth = {"from_logits": True}, {"label_smoothing": 0.1}
    yield "binary", b, B, {}, "edges_true", "edges", "edges_weight"
    yield "binary_all_wrong", b, B, {}, "edges_wrong", "edges", "edges_weight2"
    yield "binary_soft", b, B, {}, "edges_soft_true", "edges", "edges_weight"
    yield "binary_smooth", b, B, smooth, "edges_true", "edges", "edges_weight"
    yield "binary_logits", b, B, logits, "edges_true", "bin_logits", "edges_weight"
    yield "binary_logits_smooth", b, B, {**logits, **smooth}, "edges_true", "bin_logits", "edges_weight"
    yield "binary_rank3", b, B, {}, "bin3_true", "bin3", "weight3"
    yield "binary_rank3_weight_column", b, B, {}, "bin3_true", "bin3", "weight3_column"
    yield "binary_true_rank1", None, B, {}, "column_true", "column", "weight"
    yield "categorical", c, C, {}, "one_hot", "probs", "weight"
    yield "categorical_soft", c, C, {}, "soft_labels", "probs", "weight"
    yield "categorical_unnormalised", c, C, {}, "one_hot", "unnormalised", "weight"
    yield "categorical_smooth", c, C, smooth, "one_hot", "probs", "weight"
    yield "categorical_logits", c, C, logits, "one_hot", "logits", "weight"
    yield "categorical_logits_smooth", c, C, {**logits, **smooth}, "one_hot", "logits", "weight"
    yield "categorical_rank3", c, C, {}, "one_hot3", "probs3", "weight3"
    yield "categorical_zero_weight", c, C, {}, "one_hot", "probs", "weight_zero"
    yield "categorical_no_weight", c, C, {}, "one_hot", "probs", None
    yield "sparse", s, S, {}, "labels", "probs", "weight"
    yield "sparse_column", s, S, {}, "labels_column", "probs", "weight"
    yield "sparse_unnormalised", s, S, {}, "labels", "unnormalised", "weight"
    yield "sparse_logits", s, S, logits, "labels", "logits", "weight"
    yield "sparse_ignore", s, S, {"ignore_class": -1}, "labels_ignored", "unnormalised", "weight"
    yield "sparse_ignore_logits", s, S, {"ignore_class": -1, **logits}, "labels_ignored", "logits", "weight"
    yield "sparse_rank3", s, S, {}, "labels3", "probs3", "weight3"
    yield "sparse_rank3_weight_column", s, S, {}, "labels3", "probs3", "weight3_column"
    yield "sparse_rank3_ignore", s, S, {"ignore_class": 2}, "labels3_ignored", "probs3", "weight3"
    yield "sparse_rank3_ignore_logits", s, S, {"ignore_class": 2, **logits}, "labels3_ignored", "logits3", "weight3"
    for name, function, cls in [("mse", "mean_squared_error", "MeanSquaredError"), ("mae", "mean_absolute_error", "MeanAbsoluteError")]:
        yield name, function, cls, {}, "values_true", "values", "weight"
        yield f"{name}_equal", function, cls, {}, "values", "values", "weight"
        yield f"{name}_rank3", function, cls, {}, "values3_true", "values3", "weight3"
        yield f"{name}_rank3_weight_column", function, cls, {}, "values3_true", "values3", "weight3_column"
        yield f"{name}_true_rank1", None, cls, {}, "column_true", "column", "weight"
        yield f"{name}_pred_rank1", None, cls, {}, "column", "column_true", "weight"


def metric_cases():
    """(case, class, arguments, first batch, second batch), a batch being (y_true, y_pred, weight)"""
    binary = ("edges_true", "edges", "edges_weight"), ("edges_true_b", "edges_b", "edges_weight_b")
    one_hot = ("one_hot", "probs", "weight"), ("one_hot_b", "probs_b", "weight_b")
    sparse = ("labels", "probs", "weight"), ("labels_b", "probs_b", "weight_b")
    sparse3 = ("labels3", "probs3", "weight3"), ("labels3_b", "probs3_b", "weight3_b")
    values = ("values_true", "values", "weight"), ("values_true_b", "values_b", "values_weight_b")
    yield "accuracy", "Accuracy", {}, ("classes_true", "classes", "classes_weight"), ("classes_true_b", "classes_b", "classes_weight_b")
    yield "binary_accuracy", "BinaryAccuracy", {}, *binary
    yield "binary_accuracy_threshold", "BinaryAccuracy", {"threshold": 0.3}, *binary
    yield "binary_accuracy_column", "BinaryAccuracy", {}, ("column_true", "column", "weight"), ("column_true_b", "column_b", "weight_b")
    yield "categorical_accuracy", "CategoricalAccuracy", {}, *one_hot
    yield "categorical_accuracy_soft", "CategoricalAccuracy", {}, ("soft_labels", "probs", "weight"), ("soft_labels_b", "probs_b", "weight_b")
    yield "sparse_categorical_accuracy", "SparseCategoricalAccuracy", {}, *sparse
    yield "sparse_categorical_accuracy_column", "SparseCategoricalAccuracy", {}, ("labels_column", "probs", "weight"), ("labels_column_b", "probs_b", "weight_b")
    yield "sparse_categorical_accuracy_rank3", "SparseCategoricalAccuracy", {}, *sparse3
    yield "binary_crossentropy", "BinaryCrossentropy", {}, *binary
    yield "binary_crossentropy_smooth", "BinaryCrossentropy", {"label_smoothing": 0.1}, *binary
    yield "binary_crossentropy_logits", "BinaryCrossentropy", {"from_logits": True}, ("edges_true", "bin_logits", "edges_weight"), binary[1]
    yield "categorical_crossentropy", "CategoricalCrossentropy", {}, *one_hot
    yield "categorical_crossentropy_logits", "CategoricalCrossentropy", {"from_logits": True}, ("one_hot", "logits", "weight"), ("one_hot_b", "logits_b", "weight_b")
    yield "categorical_crossentropy_smooth", "CategoricalCrossentropy", {"label_smoothing": 0.2}, *one_hot
    yield "sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", {}, *sparse
    yield "sparse_categorical_crossentropy_logits", "SparseCategoricalCrossentropy", {"from_logits": True}, ("labels", "logits", "weight"), ("labels_b", "logits_b", "weight_b")
    yield "sparse_categorical_crossentropy_rank3", "SparseCategoricalCrossentropy", {}, *sparse3
    yield "mean_squared_error", "MeanSquaredError", {}, *values
    yield "mean_absolute_error", "MeanAbsoluteError", {}, *values
    yield "mean_squared_error_column", "MeanSquaredError", {}, ("column_true", "column", "weight"), ("column_true_b", "column_b", "weight_b")
    yield "mean", "Mean", {}, (None, "column_true", "weight"), (None, "weight_b", "column_true_b")
    yield "mean_rank2", "Mean", {}, (None, "values", "weight"), (None, "values_b", "values_weight_b")
    yield "mean_rank2_weight_rank2", "Mean", {}, (None, "values", "values_true"), (None, "values_b", "values_true_b")
    yield "mean_scalar", "Mean", {}, (None, "scalar", "scalar_weight"), (None, "column_true", "weight")


STRING_SHAPES = [([8], [8, 1]), ([8, 1], [8, 1]), ([8], [8, 3]), ([8, 1], [8, 3]), ([8, 3], [8, 3]), ([8, 1], [8, 2]),
                 ([8, 2], [8, 2]), ([8], [8]), ([8, 5], [8, 5, 3]), ([8, 5, 1], [8, 5, 3]), ([8, 5, 3], [8, 5, 3]), ([8, 5], [8, 5, 1]),
                 ([8, 5, 1], [8, 5, 1]), ([8, 3], [8, 1]), ([1], [8, 3]), ([1], [1])]


def make(keras, precision):
    import jax
    from keras.src.trainers import compile_utils
    floatx = golden.PRECISIONS[precision]
    data = {k: v.astype("int32" if v.dtype.kind == "i" else floatx) for k, v in inputs().items()}
    arrays, facts = {}, {"losses": [], "metrics": [], "strings": [], "errors": []}

    for case, function, cls, arguments, y_true, y_pred, weight in loss_cases():
        at = f"losses/{case}"
        t, p = data[y_true], data[y_pred]
        build = lambda reduction: getattr(keras.losses, cls)(reduction=reduction, **arguments)
        none = np.asarray(build("none")(t, p))
        arrays[f"{at}/function"] = none
        if function:
            fn = lambda pred: getattr(keras.losses, function)(t, pred, **arguments)
            value = np.asarray(fn(keras.ops.convert_to_tensor(p)))
            arrays[f"{at}/function"] = value
            if "ignore_class" not in arguments:
                assert np.array_equal(none, value), case
        weights = [None] + ([data[weight]] if weight else [])
        arrays[f"{at}/reduced"] = np.array([[np.asarray(build(r)(t, p, sample_weight=w)) for r in
                                             ("sum_over_batch_size", "sum", "mean_with_sample_weight")] for w in weights])
        if weight:
            arrays[f"{at}/none_weighted"] = build("none")(t, p, sample_weight=data[weight])
        if precision == "f64":
            unweighted = build("none")
            arrays[f"{at}/grad"] = jax.grad(lambda pred: unweighted(t, pred).sum())(p)
            arrays[f"{at}/grad_mean"] = jax.grad(lambda pred: build("sum_over_batch_size")(t, pred, sample_weight=weights[-1]))(p)
        facts["losses"].append({"case": case, "function": function, "class": cls, "arguments": arguments,
                                "y_true": y_true, "y_pred": y_pred, "weight": weight})

    for case, cls, arguments, *batches in metric_cases():
        rows = []
        for weighted in [(False, False), (True, True), (False, True)]:
            metric = getattr(keras.metrics, cls)(**arguments)
            row = []
            for (y_true, y_pred, weight), use in zip(batches, weighted):
                args = [data[k] for k in (y_true, y_pred) if k]
                metric.update_state(*args, sample_weight=data[weight] if use else None)
                row.append(np.asarray(metric.result()))
            rows.append(row)
        arrays[f"metrics/{case}"] = np.array(rows)
        facts["metrics"].append({"case": case, "class": cls, "arguments": arguments, "batches": [
            {"y_true": t, "y_pred": p, "weight": w} for t, p, w in batches]})

    for y_true, y_pred in STRING_SHAPES:
        t, p = keras.KerasTensor(y_true), keras.KerasTensor(y_pred)
        row = {"y_true": y_true, "y_pred": y_pred}
        for name in ("accuracy", "acc"):
            row[name] = type(compile_utils.get_metric(name, t, p)).__name__
        for name in ("crossentropy", "ce"):
            row[name] = compile_utils.get_loss(name, t, p).fn.__name__
        facts["strings"].append(row)

    def refused(what, call):
        try:
            call()
        except Exception as error:
            facts["errors"].append({"what": what, "type": type(error).__name__, "message": str(error).splitlines()[0][:200]})
        else:
            facts["errors"].append({"what": what, "type": None})
    ls = keras.losses
    refused("rank-3 predictions (3, 5, 2) with sample weights of shape (3,)",
            lambda: ls.MeanSquaredError()(data["values3_true"], data["values3"], sample_weight=np.ones(3)))
    refused("binary_crossentropy with y_true (6, 4) and y_pred (6, 1)",
            lambda: ls.BinaryCrossentropy()(data["one_hot"], data["column"]))
    refused("categorical_crossentropy with y_true (6,) and y_pred (6, 4)",
            lambda: ls.CategoricalCrossentropy()(data["labels"], data["probs"]))
    refused("sparse_categorical_crossentropy with y_true (6, 4) and y_pred (6, 4)",
            lambda: ls.SparseCategoricalCrossentropy()(data["one_hot"], data["probs"]))
    refused("mean_squared_error with y_true (6, 3) and y_pred (6, 1), which broadcasts",
            lambda: ls.MeanSquaredError()(data["values"], data["column"]))
    refused("reduction 'average'", lambda: ls.MeanSquaredError(reduction="average"))
    refused("loss name 'Mse'", lambda: ls.get("Mse"))
    refused("metric name 'no_such_metric'", lambda: keras.metrics.get("no_such_metric"))
    return arrays, facts


def write(made):
    facts = made["f64"][1]
    for key, value in made["f64"][0].items():  # nothing was rounded to float32 on the way
        odd = value[np.abs(value) % 0.125 > 0]
        assert key.endswith("grad") or not len(odd) or not np.array_equal(odd, odd.astype("float32")), key
    assert {k: facts[k] for k in ("losses", "metrics", "strings")} == {k: made["f32"][1][k] for k in ("losses", "metrics", "strings")}
    golden.save_npz("losses.npz", {**{f"in/{k}": v for k, v in inputs().items()}, **golden.with_prefix(made)})
    golden.save_json("losses.json", facts)


if __name__ == "__main__":
    golden.run(__file__, make, write)
