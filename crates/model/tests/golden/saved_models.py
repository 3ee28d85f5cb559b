"""Models of every kind saved by Keras, and what they compute after loading.

    python saved_models.py

writes saved_models.npz and saved_models.json. Saved files differ from run to run in their dates and in the numbers of
shared objects, so remake them only to change something.

saved_models.npz, for each model NAME (arrays of inputs, outputs and targets are numbered from 0):
    NAME/file                   the bytes of the .keras file
    NAME/xI, NAME/yI            inputs and what predict gives after loading
  compiled models also
    NAME/exI, NAME/eyI          data of evaluate(batch_size=8)
    NAME/txI, NAME/tyI          (3, batch, ...): three steps of train_on_batch after loading, metrics reset before each
    NAME/losses, NAME/after     the losses of these steps and all weights after them, one after the other
saved_models.json: for each model a description, the names of inputs and outputs (null where they are in a list), the
names and shapes of its weights as get_weights gives them, the results of evaluate by name, and `tolerance`.
"""
import io
import json
import os
import pathlib
import tempfile

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
import keras
import numpy as np
from keras import ops

HERE = pathlib.Path(__file__).resolve().parent
K, L, O, S, M = keras, keras.layers, keras.optimizers, keras.losses, keras.metrics
MODELS = {}


def model(compile=None, targets="real", tolerance=1e-5, make=None):
    """Adds a model; `targets` is a kind, or one for each output in order."""
    def add(f):
        name = f.__name__
        assert name not in MODELS, name
        MODELS[name] = dict(make=f, compile=compile, targets=targets, tolerance=tolerance, description=f.__doc__ or "")
        return f
    return add


def named(name, doc, make, **more):
    make.__name__, make.__doc__ = name, doc
    model(**more)(make)


# Layers, each with arguments that are not the default ones.

def around(layer, *shape, dtype="float32"):
    def make():
        x = K.Input(shape, dtype=dtype)
        y = layer()(x)
        y = L.Flatten()(y) if len(y.shape) > 2 else y
        return K.Model(x, L.Dense(2)(y))
    return make


STEPS, IMAGE, VOLUME = (4, 3), (4, 6, 2), (2, 3, 4, 2)
LAYERS = [
    ("activation", lambda: L.Activation("gelu"), (5,)),
    ("activity_regularization", lambda: L.ActivityRegularization(0.01, 0.02), (5,)),
    ("alpha_dropout", lambda: L.AlphaDropout(0.0), (5,)),
    ("batch_normalization", lambda: L.BatchNormalization(momentum=0.8, epsilon=0.01), (5,)),
    ("batch_normalization_axis", lambda: L.BatchNormalization(axis=1, center=False, gamma_constraint="non_neg"), STEPS),
    ("adaptive_average_pooling_2d", lambda: L.AdaptiveAveragePooling2D((2, 3)), IMAGE),
    ("adaptive_max_pooling_1d", lambda: L.AdaptiveMaxPooling1D(2), STEPS),
    ("average_pooling_3d", lambda: L.AveragePooling3D(2, strides=1, padding="same"), VOLUME),
    ("bidirectional", lambda: L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode="sum"), STEPS),
    ("conv_1d", lambda: L.Conv1D(3, 2, padding="causal", activation="relu", kernel_regularizer="l2"), STEPS),
    ("conv_2d", lambda: L.Conv2D(4, (2, 3), strides=2, padding="same", groups=2, bias_constraint="non_neg"), IMAGE),
    ("conv_3d", lambda: L.Conv3D(2, (1, 2, 3), data_format="channels_first", activation="tanh"), (2, 3, 4, 3)),
    ("conv_1d_transpose", lambda: L.Conv1DTranspose(2, 3, strides=2, output_padding=1), STEPS),
    ("conv_2d_transpose", lambda: L.Conv2DTranspose(3, 2, strides=(2, 1), padding="same"), IMAGE),
    ("cropping_1d", lambda: L.Cropping1D((1, 0)), STEPS),
    ("cropping_2d", lambda: L.Cropping2D(((1, 0), (2, 1))), IMAGE),
    ("cropping_3d", lambda: L.Cropping3D(((0, 1), (1, 1), (0, 2))), VOLUME),
    ("dense", lambda: L.Dense(3, activation="silu", kernel_regularizer="l2", kernel_constraint="max_norm"), (5,)),
    ("depthwise_conv_2d", lambda: L.DepthwiseConv2D(2, depth_multiplier=2, activation="relu"), IMAGE),
    ("einsum_dense", lambda: L.EinsumDense("abc,cd->abd", (4, 4), bias_axes="d", activation="tanh"), STEPS),
    ("dropout", lambda: L.Dropout(0.0, noise_shape=(None, 1), seed=3), (5,)),
    ("elu", lambda: L.ELU(0.5), (5,)),
    ("flatten", lambda: L.Flatten(data_format="channels_first"), STEPS),
    ("gaussian_dropout", lambda: L.GaussianDropout(0.0), (5,)),
    ("gaussian_noise", lambda: L.GaussianNoise(0.0, seed=1), (5,)),
    ("global_average_pooling_1d", lambda: L.GlobalAveragePooling1D(keepdims=True), STEPS),
    ("global_average_pooling_2d", lambda: L.GlobalAveragePooling2D(), IMAGE),
    ("global_average_pooling_3d", lambda: L.GlobalAveragePooling3D(data_format="channels_first"), VOLUME),
    ("global_max_pooling_1d", lambda: L.GlobalMaxPooling1D(), STEPS),
    ("global_max_pooling_2d", lambda: L.GlobalMaxPooling2D(keepdims=True), IMAGE),
    ("global_max_pooling_3d", lambda: L.GlobalMaxPooling3D(), VOLUME),
    ("gru", lambda: L.GRU(4, return_sequences=True, go_backwards=True, reset_after=False, recurrent_regularizer="l2"), STEPS),
    ("group_normalization", lambda: L.GroupNormalization(groups=2, epsilon=0.01), (4, 4)),
    ("identity", lambda: L.Identity(), (5,)),
    ("layer_normalization", lambda: L.LayerNormalization(axis=[1, 2], epsilon=0.01), STEPS),
    ("leaky_re_lu", lambda: L.LeakyReLU(negative_slope=0.1), (5,)),
    ("lstm", lambda: L.LSTM(4, recurrent_activation="hard_sigmoid", unit_forget_bias=False, dropout=0.0), STEPS),
    ("max_pooling_2d", lambda: L.MaxPooling2D((2, 3), padding="same"), IMAGE),
    ("masking", lambda: L.Masking(0.5), STEPS),
    ("p_re_lu", lambda: L.PReLU(shared_axes=[1], alpha_initializer="ones"), STEPS),
    ("permute", lambda: L.Permute((2, 1)), STEPS),
    ("re_lu", lambda: L.ReLU(max_value=1.0, negative_slope=0.25, threshold=0.125), (5,)),
    ("repeat_vector", lambda: L.RepeatVector(3), (5,)),
    ("reshape", lambda: L.Reshape((-1, 2)), STEPS),
    ("rms_normalization", lambda: L.RMSNormalization(), (5,)),
    ("rnn_of_cells", lambda: L.RNN([L.LSTMCell(4), L.GRUCell(3), L.SimpleRNNCell(2, activation="relu")], return_sequences=True), STEPS),
    ("separable_conv_1d", lambda: L.SeparableConv1D(4, 2, depth_multiplier=2), STEPS),
    ("simple_rnn", lambda: L.SimpleRNN(3, use_bias=False, unroll=True), STEPS),
    ("softmax", lambda: L.Softmax(axis=1), STEPS),
    ("spatial_dropout_1d", lambda: L.SpatialDropout1D(0.0), STEPS),
    ("spatial_dropout_2d", lambda: L.SpatialDropout2D(0.0), IMAGE),
    ("spatial_dropout_3d", lambda: L.SpatialDropout3D(0.0), VOLUME),
    ("spectral_normalization", lambda: L.SpectralNormalization(L.Dense(4, name="inner"), power_iterations=2), (5,)),
    ("time_distributed", lambda: L.TimeDistributed(L.Conv1D(2, 2, activation="relu")), IMAGE),
    ("unit_normalization", lambda: L.UnitNormalization(axis=1), STEPS),
    ("up_sampling_1d", lambda: L.UpSampling1D(3), STEPS),
    ("up_sampling_2d", lambda: L.UpSampling2D((2, 3)), (2, 3, 2)),
    ("up_sampling_3d", lambda: L.UpSampling3D((1, 2, 1)), VOLUME),
    ("zero_padding_1d", lambda: L.ZeroPadding1D((0, 2)), STEPS),
    ("zero_padding_2d", lambda: L.ZeroPadding2D(((1, 0), (2, 1))), IMAGE),
    ("zero_padding_3d", lambda: L.ZeroPadding3D(((0, 1), (1, 1), (0, 2))), VOLUME),
]
for i, (name, layer, shape) in enumerate(LAYERS):
    optimizer = ["sgd", "adam", "rmsprop"][i % 3]
    named("layer_" + name, f"The layer {name}", around(layer, *shape),
          compile=lambda optimizer=optimizer: dict(optimizer=optimizer, loss="mse", metrics=["mae"]))
# On JAX, Keras forgets the kernel that the layer assigns during a step of training.
MODELS["layer_spectral_normalization"]["compile"] = None


def merge(layer):
    def make():
        a, b = K.Input((4,), name="a"), K.Input((3,), name="b")
        return K.Model([a, b], L.Dense(2, name="out")(layer()([L.Dense(5, name="left")(a), L.Dense(5, name="right")(b)])))
    return make


for name, layer in [("add", L.Add), ("subtract", L.Subtract), ("multiply", L.Multiply), ("average", L.Average), ("maximum", L.Maximum),
                    ("minimum", L.Minimum), ("concatenate", lambda: L.Concatenate(axis=1)), ("dot", lambda: L.Dot(axes=1, normalize=True))]:
    named("merge_" + name, f"Two inputs through {name}", merge(layer), compile=lambda: dict(optimizer="adam", loss="mse"))


@model(compile=lambda: dict(optimizer="adam", loss="mse"))
def layer_embedding():
    """Embedding whose mask is passed on to an average"""
    ids = K.Input((6,), dtype="int32", name="ids")
    return K.Model(ids, L.Dense(2)(L.GlobalAveragePooling1D()(L.Embedding(8, 4, mask_zero=True)(ids))))


@model(compile=lambda: dict(optimizer=O.SGD(0.05, momentum=0.9), loss="mse", metrics=["mae"]))
def masks_in_branches():
    """Masks that become operations make one branch longer than another"""
    x = K.Input((4, 3), name="steps")
    masked = L.Masking()(L.Dense(3, name="first")(x))
    long = L.GlobalAveragePooling1D()(masked)
    other = L.GlobalMaxPooling1D()(L.Dense(3, name="second")(L.Dense(3, name="third")(x)))
    return K.Model(x, L.Dense(2, name="out")(L.Concatenate()([long, other])))


@model(compile=lambda: dict(optimizer="adam", loss="mse"))
def masked_recurrent():
    """Masks through recurrent layers, one of them in both directions"""
    ids = K.Input((6,), dtype="int32", name="ids")
    h = L.Embedding(8, 4, mask_zero=True)(ids)
    h = L.Bidirectional(L.GRU(3, return_sequences=True), name="both")(h)
    return K.Model(ids, L.Dense(2)(L.LSTM(4)(L.TimeDistributed(L.Dense(3))(h))))


@model(compile=lambda: dict(optimizer="adam", loss="mse"))
def encoder_decoder():
    """States of one recurrent layer go on in another"""
    a, b = K.Input((5, 3), name="a"), K.Input((4, 3), name="b")
    _, h, c = L.LSTM(4, return_state=True, name="encoder")(a)
    y = L.LSTM(4, return_sequences=True, name="decoder")(b, initial_state=[h, c])
    return K.Model([a, b], L.Dense(2, name="out")(L.Flatten()(y)))


@model(compile=lambda: dict(optimizer=O.RMSprop(0.01), loss="binary_crossentropy"), targets="binary")
def transformer():
    """A block of attention over masked tokens, without a look ahead"""
    ids = K.Input((6,), dtype="int32", name="ids")
    h = L.Embedding(8, 4, mask_zero=True)(ids)
    a = L.MultiHeadAttention(2, 3, value_dim=3, name="heads")(h, h, use_causal_mask=True)
    p = L.LayerNormalization()(h + a)
    return K.Model(ids, L.Dense(1, activation="sigmoid")(L.GlobalMaxPooling1D()(p)))


@model(compile=lambda: dict(optimizer="adam", loss="mse"))
def attentions():
    """All kinds of attention between two inputs"""
    a, b = K.Input((4, 6), name="a"), K.Input((5, 6), name="b")
    y = [L.Attention(use_scale=True, score_mode="concat", name="plain")([a, b]), L.AdditiveAttention(name="sums")([a, b]),
         L.MultiHeadAttention(2, 3, output_shape=4, name="heads")(a, b, key=b),
         L.GroupQueryAttention(3, 4, 2, name="groups")(a, b)]
    return K.Model([a, b], L.Dense(2, name="out")(L.Flatten()(L.Concatenate()(y))))


# Topologies.

@model(compile=lambda: dict(optimizer="rmsprop", loss=["mse", "binary_crossentropy"], loss_weights=[1.0, 0.5],
                            metrics=[["mae"], ["accuracy"]]), targets=["real", "binary"])
def several_in_lists():
    """Two inputs and two outputs in lists, compiled with lists"""
    a, b = K.Input((3,), name="title"), K.Input((4,), name="body")
    h = L.Dense(5, activation="relu")(L.Concatenate()([a, b]))
    return K.Model([a, b], [L.Dense(2, name="price")(h), L.Dense(1, activation="sigmoid", name="sold")(h)])


@model(compile=lambda: dict(optimizer=O.Adam(0.01, amsgrad=True), loss={"price": S.Huber(), "kind": "sparse_categorical_crossentropy"},
                            loss_weights={"price": 0.25, "kind": 1.0},
                            metrics={"kind": ["accuracy", M.SparseTopKCategoricalAccuracy(2, name="top")], "price": "mae"}),
       targets={"price": "real", "kind": "labels"})
def several_by_name():
    """Inputs and outputs by name, compiled by name; the names are not in the order of the alphabet"""
    b, a = K.Input((3,), name="title"), K.Input((4,), name="body")
    h = L.Dense(5, activation="tanh")(L.Concatenate()([b, a]))
    return K.Model({"title": b, "body": a}, {"price": L.Dense(2)(h), "kind": L.Dense(3, activation="softmax")(h)})


@model(compile=lambda: dict(optimizer="sgd", loss=["mse", None], metrics=[None, ["mae"]]), targets=["real", "real"])
def loss_of_one_output():
    """Two outputs of which one has a loss and the other a metric"""
    x = K.Input((4,))
    h = L.Dense(3, name="h")(x)
    return K.Model(x, [L.Dense(2, name="first")(h), L.Dense(2, name="second")(h)])


@model()
def one_in_a_list():
    """One input and one output, each in a list"""
    x = K.Input((4,))
    return K.Model([x], [L.Dense(2)(x)])


@model()
def nested_structures():
    """Outputs in a dict of a list"""
    x, z = K.Input((4,), name="x"), K.Input((2,), name="z")
    return K.Model([x, [z]], {"a": L.Dense(1)(x), "b": [L.Dense(2)(x), L.Dense(3)(z)]})


@model(compile=lambda: dict(optimizer=O.Adam(0.02), loss="mse"))
def shared_layer():
    """A layer of two calls"""
    a, b = K.Input((3,), name="a"), K.Input((3,), name="b")
    shared = L.Dense(4, activation="relu", name="shared")
    return K.Model([a, b], L.Dense(2, name="out")(L.Concatenate()([shared(a), shared(b)])))


@model(compile=lambda: dict(optimizer="adam", loss="mse"))
def called_on_itself():
    """A layer that is called on its own result, at several depths"""
    x = K.Input((3,))
    d, e = L.Dense(3, activation="tanh", name="again"), L.Dense(3, name="between")
    return K.Model(x, L.Add()([d(e(d(e(x)))), d(x)]))


@model(compile=lambda: dict(optimizer="adam", loss="mse", metrics=["mae"]))
def branches_of_unequal_depth():
    """Dense layers in branches of different lengths, named so that names say nothing of the order"""
    x = K.Input((4,))
    a = L.Dense(3, name="dense_1")(L.Dense(3, name="dense_7")(L.Dense(3, name="dense")(x)))
    b = L.Dense(3, name="dense_2")(x)
    return K.Model(x, L.Dense(2, name="dense_3")(L.Add()([b, a])))


@model(compile=lambda: dict(optimizer=O.SGD(0.1, momentum=0.9, nesterov=True), loss="mse"))
def nested():
    """A Sequential in a functional model in a functional model"""
    x = K.Input((4,))
    block = K.Sequential([K.Input((4,)), L.Dense(4, activation="relu"), L.BatchNormalization()], name="block")
    i = K.Input((4,))
    middle = K.Model(i, L.Dense(3)(block(L.Dense(4)(i))), name="middle")
    return K.Model(x, L.Dense(2)(middle(x)))


@model(compile=lambda: dict(optimizer="adam", loss="mse"))
def nested_twice():
    """A functional model that is called twice, and whose calls are outputs too"""
    i = K.Input((3,))
    inner = K.Model(i, L.Dense(3, activation="tanh")(i), name="inner")
    a, b = K.Input((3,), name="a"), K.Input((3,), name="b")
    p, q = inner(a), inner(b)
    return K.Model([a, b], [L.Add(name="sum")([p, q]), inner(q)], name="outer")


@model()
def ends_in_a_model():
    """The output of a model inside is the output of the whole, and so is its input"""
    i = K.Input((3,))
    inner = K.Model(i, [L.Dense(2, name="p")(i), L.Dense(4, name="q")(i)], name="inner")
    x = K.Input((3,))
    return K.Model(x, inner(x))


@model(compile=lambda: dict(optimizer="adam", loss="mse"))
def model_of_several_by_name():
    """A model inside that takes its inputs by name"""
    a, b = K.Input((3,), name="zeta"), K.Input((2,), name="alpha")
    inner = K.Model({"zeta": a, "alpha": b}, {"y": L.Dense(3)(L.Concatenate()([a, b]))}, name="inner")
    x, z = K.Input((3,)), K.Input((2,))
    return K.Model([x, z], L.Dense(2)(inner({"alpha": z, "zeta": x})["y"]))


@model(compile=lambda: dict(optimizer="adam", loss="mse"))
def sequential_of_models():
    """A Sequential of a functional model, a Sequential and layers"""
    i = K.Input((4,))
    first = K.Model(i, L.Concatenate()([L.Dense(2)(i), L.Dense(3)(i)]), name="first")
    return K.Sequential([first, K.Sequential([L.Dense(4, activation="relu"), L.Dense(3)], name="second"), L.Dense(2)])


@model(compile=lambda: dict(optimizer="adam", loss="mse"))
def shared_sub_model():
    """A Sequential that is called at three places"""
    towers = K.Sequential([K.Input((3,)), L.Dense(4, activation="relu"), L.Dense(3)], name="tower")
    a, b = K.Input((3,), name="a"), K.Input((3,), name="b")
    return K.Model([a, b], L.Dense(2)(L.Subtract()([towers(a), towers(towers(b))])))


@model()
def part_of_a_model():
    """A model between inner tensors of another"""
    x = K.Input((4,))
    h = L.Dense(5, activation="relu", name="h")(x)
    whole = K.Model(x, L.Dense(2, name="out")(L.Dense(3, name="g")(h)))
    return K.Model(whole.input, [whole.get_layer("h").output, whole.output])


@model(compile=lambda: dict(optimizer="adam", loss="mse"))
def frozen():
    """A frozen layer and a frozen model inside: fewer slots than weights"""
    x = K.Input((4,))
    base = K.Sequential([K.Input((4,)), L.Dense(4, activation="relu"), L.BatchNormalization()], name="base")
    base.trainable = False
    h = L.Dense(3, name="kept", trainable=False)(base(x))
    return K.Model(x, L.Dense(2, name="head")(h))


@model(compile=lambda: dict(optimizer="sgd", loss="mse"))
def training_given():
    """Uses that say whether they are training, which Keras overrides"""
    x = K.Input((4,))
    h = L.BatchNormalization(name="never")(x, training=False)
    return K.Model(x, L.Dense(2)(L.Dropout(0.0)(h, training=True)))


@model(compile=lambda: dict(optimizer="adam", loss="mse"))
def built_by_data():
    """A Sequential without input that was built by its first batch, inside of another model"""
    inner = K.Sequential([L.Dense(4, activation="relu"), L.Dense(3)], name="lazy")
    x = K.Input((5,))
    return K.Model(x, L.Dense(2)(inner(x)))


@model()
def bfloat16():
    """Layers that compute in bfloat16"""
    x = K.Input((4,))
    return K.Model(x, L.Dense(2, dtype="float32")(L.Dense(4, dtype="mixed_bfloat16")(x)))
MODELS["bfloat16"]["tolerance"] = 3e-2


# Operations.

@model(compile=lambda: dict(optimizer="adam", loss="mse"))
def operators():
    """Operators between symbolic tensors, numbers and constants"""
    a, b = K.Input((4,), name="a"), K.Input((4,), name="b")
    h = (a + b) * 2.0 - a / (b * b + 1.0) + (-a) ** 2 + 3 - 0.5 * b
    h = h + np.array([0.5, -1.0, 2.0, 0.25], "float32") + abs(a) + (a > b) * 1.0
    return K.Model([a, b], L.Dense(2)(ops.concatenate([h, h[:, 1:3], h[..., ::-2], 1.0 / (b * b + 2.0), h[:, 0:1] @ np.ones((1, 2), "float32")], axis=-1)))


@model(compile=lambda: dict(optimizer="adam", loss="mse"))
def functions():
    """Functions of keras.ops between layers"""
    x = K.Input((6,), name="x")
    h = L.Dense(6)(x)
    parts = [ops.relu(h), ops.softmax(h), ops.mean(h, axis=1, keepdims=True), ops.sum(ops.square(h), axis=-1, keepdims=True),
             ops.exp(-ops.abs(h)), ops.expand_dims(ops.max(h, axis=1), -1), ops.reshape(ops.transpose(ops.reshape(h, (-1, 2, 3)), (0, 2, 1)), (-1, 6)),
             ops.clip(h, -0.5, 0.5), ops.where(h > 0, h, 0.1 * h), ops.maximum(h, 0.25), ops.cast(ops.argmax(h, axis=1), "float32")[:, None],
             ops.leaky_relu(h, 0.1), ops.gelu(h, approximate=False), ops.split(h, 3, axis=1)[1], ops.stack([h, x], axis=1)[:, 0], ops.tile(h, (1, 2)),
             ops.flip(h, axis=1), ops.pad(h, ((0, 0), (1, 2))), ops.cumsum(h, axis=1), ops.normalize(h), ops.einsum("bi,bj->bi", h, x),
             ops.squeeze(ops.expand_dims(h, 1), 1), ops.var(h, axis=1, keepdims=True), ops.roll(h, 1, axis=1), ops.repeat(h, 2, axis=1),
             ops.one_hot(ops.cast(ops.clip(ops.round(h), 0, 2), "int32"), 3)[:, 0], ops.log(ops.square(h) + 1.0), ops.sort(h), ops.matmul(h, ops.transpose(np.ones((2, 6), "float32")))]
    return K.Model(x, L.Dense(2)(ops.concatenate(parts, axis=1)))


@model()
def more_functions():
    """Other functions of keras.ops"""
    x = K.Input((2, 4), name="x")
    f = ops
    parts = [f.std(x, axis=1), f.min(x, axis=[1]), f.prod(x, axis=1), f.take(x, np.array([1, 0]), axis=1)[:, 0],
             f.moveaxis(x, 1, 2)[:, :, 0], f.swapaxes(x, 1, 2)[:, :, 1], f.logsumexp(x, axis=1), f.tanh(x)[:, 0], f.arctan2(x, x + 1.0)[:, 1],
             f.floor(x)[:, 0], f.sign(x)[:, 1], f.power(f.abs(x), 1.5)[:, 0], f.floor_divide(x, 0.5)[:, 0], f.mod(x, 0.75)[:, 0], f.logaddexp(x, 0.5)[:, 0], f.erf(x)[:, 0],
             f.silu(x)[:, 1], f.elu(x, 0.5)[:, 0], f.hard_sigmoid(x)[:, 0], f.log_softmax(x)[:, 0], f.glu(x)[:, 0], f.tril(x)[:, 0], f.triu(x, 1)[:, 1],
             f.top_k(x, 2)[0][:, 0], f.cast(f.argsort(x), "float32")[:, 0], f.average(x, axis=1, weights=np.array([1.0, 3.0], "float32")), f.ptp(x, axis=1),
             f.nan_to_num(f.log(x), nan=0.5, neginf=-1.0)[:, 0], f.broadcast_to(f.mean(x), (1, 4))[0] + x[:, 0], f.zeros_like(x)[:, 0], f.full_like(x, 2.5)[:, 0],
             f.hstack([x, x])[:, 3], f.dot(x, np.ones((4, 2), "float32"))[:, 0], f.tensordot(x, np.ones((4, 3), "float32"), axes=1)[:, 1], f.outer(x[0, 0], x[0, 1])[0] + x[:, 0],
             f.diagonal(x, axis1=1, axis2=2), f.cumprod(x, axis=2)[:, 0], f.layer_normalization(x)[:, 0], f.diff(x)[:, 0],
             f.cast(f.logical_and(x > 0, f.less(x, 1.0)), "float32")[:, 0], f.isclose(x, x + 1e-9)[:, 0] * 1.0, f.rms_normalization(x)[:, 1], f.unstack(x, axis=1)[1]]
    return K.Model(x, ops.concatenate([ops.reshape(p, (-1, int(np.prod(p.shape[1:])))) for p in parts], axis=1))


# Layers and models of one's own; the tests have the same ones.

@K.saving.register_keras_serializable(package="shop")
class Scale(L.Layer):
    """A weight for each feature, and an argument."""

    def __init__(self, power=1, **kwargs):
        super().__init__(**kwargs)
        self.power = power

    def build(self, input_shape):
        self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")
        self.moving = self.add_weight(shape=(), initializer="zeros", trainable=False, name="moving")

    def call(self, x):
        return x * self.factor ** self.power + self.moving

    def get_config(self):
        return {**super().get_config(), "power": self.power}


@K.saving.register_keras_serializable(package="shop")
class Residual(L.Layer):
    """Layers in fields and in a list; the fields are not in the order of the alphabet."""

    def __init__(self, units=4, blocks=2, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.project = L.Dense(units, name="project")
        self.blocks = [L.Dense(units, activation="tanh", name=f"block{i}") for i in range(blocks)]
        self._hidden = Scale(2, name="hidden")
        self.act = L.Dense(units, activation="relu", name="act")

    def build(self, input_shape):
        self.project.build(input_shape)
        shape = (*input_shape[:-1], self.units)
        for layer in [*self.blocks, self._hidden, self.act]:
            layer.build(shape)

    def call(self, x):
        h = self.project(x)
        for block in self.blocks:
            h = h + block(h)
        return self.act(self._hidden(h)) + h

    def get_config(self):
        return {**super().get_config(), "units": self.units, "blocks": len(self.blocks)}


@K.saving.register_keras_serializable(package="shop")
class Ranker(K.Model):
    """A model whose fields come before and after `layers` in the alphabet."""

    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.body = Residual(units, blocks=1, name="body")
        self.score = L.Dense(2, name="score")
        self._norm = L.LayerNormalization(name="norm")
        self.tower = K.Sequential([L.Dense(units, activation="relu"), L.Dense(units)], name="tower")

    def call(self, x):
        return self.score(self._norm(self.tower(self.body(x))))

    def get_config(self):
        return {"units": self.units, **super().get_config()}


@model(compile=lambda: dict(optimizer="adam", loss="mse"))
def own_layers():
    """Registered layers in a functional model"""
    x = K.Input((5,))
    return K.Model(x, L.Dense(2)(Residual(4, name="residual")(Scale(2, name="scale")(x))))


@model(compile=lambda: dict(optimizer=O.Adam(0.01), loss="mse", metrics=["mae"]))
def own_model():
    """A registered model"""
    m = Ranker(3, name="ranker")
    m(np.zeros((2, 5), "float32"))
    return m


@model(compile=lambda: dict(optimizer="rmsprop", loss="mse"))
def own_model_inside():
    """A registered model inside of a functional one"""
    x = K.Input((5,))
    return K.Model(x, L.Dense(2)(Ranker(3, name="ranker")(x)))


@model(compile=lambda: dict(optimizer="rmsprop", loss="mse"))
def lambda_layer():
    """A Lambda layer with a registered function"""
    x = K.Input((4,))
    return K.Model(x, L.Dense(2)(L.Lambda(double, name="twice")(x)))


@K.saving.register_keras_serializable(package="shop")
def double(x):
    return x * 2


# Optimizers, losses and metrics.

def two_layers(activation=None, units=2, **kwargs):
    def make():
        x = K.Input((5,))
        return K.Model(x, L.Dense(units, activation=activation)(L.Dense(4, activation="tanh")(x)))
    return make


SCHEDULES = O.schedules
for name, optimizer in {
    "sgd": lambda: O.SGD(0.05, weight_decay=0.01, clipnorm=1.0), "momentum": lambda: O.SGD(SCHEDULES.ExponentialDecay(0.05, 2, 0.5), momentum=0.8),
    "rmsprop": lambda: O.RMSprop(0.01, momentum=0.5, centered=True), "adam": lambda: O.Adam(SCHEDULES.CosineDecay(0.02, 10, warmup_steps=3, warmup_target=0.05)),
    "adam_w": lambda: O.AdamW(0.01, weight_decay=0.02), "adadelta": lambda: O.Adadelta(0.5), "adagrad": lambda: O.Adagrad(0.05),
    "adamax": lambda: O.Adamax(0.01), "adafactor": lambda: O.Adafactor(0.01), "nadam": lambda: O.Nadam(0.01, global_clipnorm=0.5), "ftrl": lambda: O.Ftrl(0.05, l1_regularization_strength=0.01),
    "lion": lambda: O.Lion(0.005), "lamb": lambda: O.Lamb(0.01), "muon": lambda: O.Muon(0.01), "ema": lambda: O.Adam(0.01, use_ema=True, ema_momentum=0.9),
    "accumulation": lambda: O.Adam(0.01, gradient_accumulation_steps=2), "loss_scale": lambda: O.LossScaleOptimizer(O.Adam(0.01)),
    "piecewise": lambda: O.RMSprop(SCHEDULES.PiecewiseConstantDecay([2, 4], [0.05, 0.02, 0.01]), clipvalue=0.1),
}.items():
    named("optimizer_" + name, f"Trained with {name}", two_layers(), compile=lambda optimizer=optimizer: dict(optimizer=optimizer(), loss="mse"))

for name, kind, activation, units, compile in [
    ("classes", "labels", "softmax", 3, lambda: dict(loss="sparse_categorical_crossentropy", metrics=["accuracy", "sparse_categorical_crossentropy"])),
    ("logits", "labels", None, 3, lambda: dict(loss=S.SparseCategoricalCrossentropy(from_logits=True, name="xe"), metrics=[M.SparseCategoricalAccuracy(name="hits")])),
    ("one_hot", "one_hot", "softmax", 3, lambda: dict(loss=S.CategoricalCrossentropy(label_smoothing=0.1), metrics=["acc", M.CategoricalAccuracy(), M.TopKCategoricalAccuracy(2), M.F1Score(average="macro")])),
    ("focal", "one_hot", "softmax", 3, lambda: dict(loss=S.CategoricalFocalCrossentropy(alpha=0.3), metrics=[M.KLDivergence(), M.CategoricalCrossentropy()])),
    ("binary", "binary", "sigmoid", 1, lambda: dict(loss=S.BinaryCrossentropy(label_smoothing=0.1), metrics=["accuracy", M.AUC(num_thresholds=20), M.Precision(thresholds=0.4), M.Recall(), M.BinaryIoU(threshold=0.4)],
                                                    weighted_metrics=["accuracy", M.FalsePositives()])),
    ("hinge", "signs", "tanh", 1, lambda: dict(loss="hinge", metrics=["squared_hinge", M.Hinge()])),
    ("robust", "real", None, 2, lambda: dict(loss=S.Huber(reduction="sum"), metrics=["mse", "mape", "msle", M.LogCoshError(), M.RootMeanSquaredError(), M.R2Score(), M.CosineSimilarity()])),
    ("log_cosh", "real", None, 2, lambda: dict(loss="log_cosh", metrics=["mean_absolute_error"])),
    ("poisson", "counts", "softplus", 2, lambda: dict(loss="poisson", metrics=[M.Poisson(), M.MeanSquaredLogarithmicError()])),
    ("kl", "one_hot", "softmax", 3, lambda: dict(loss=S.KLDivergence())),
    ("words", "labels", "softmax", 3, lambda: dict(loss="sparse_categorical_crossentropy", metrics=["acc"])),
]:
    named("measured_" + name, f"Losses and metrics: {name}", two_layers(activation, units), targets=kind, compile=lambda compile=compile: dict(optimizer="adam", **compile()))


@model(compile=lambda: dict(optimizer="adam", loss="mse", metrics=["mae", "mse"]), targets=["real", "real"])
def one_metric_each():
    """A flat list of metrics and one loss for two outputs"""
    x = K.Input((4,))
    return K.Model(x, [L.Dense(2, name="first")(x), L.Dense(1, name="second")(x)])
MODELS["one_metric_each"]["compile"] = lambda: dict(optimizer="adam", loss="mse", metrics=[["mae"], ["mse"]])


def normal(rng, *shape):
    return np.round(rng.normal(size=shape), 3).astype("float32")


def some(rng, kind, *shape):
    """Targets of a kind for outputs of this shape."""
    rows, units = shape[:-1], shape[-1]
    labels = rng.integers(0, units, rows)
    return {"real": lambda: normal(rng, *shape), "labels": lambda: labels.astype("int32"), "one_hot": lambda: np.eye(units, dtype="float32")[labels],
            "binary": lambda: rng.integers(0, 2, shape).astype("float32"), "signs": lambda: (rng.integers(0, 2, shape) * 2 - 1).astype("float32"),
            "counts": lambda: rng.integers(0, 4, shape).astype("float32")}[kind]()


def inputs(rng, model, n, steps=None):
    lead = (n,) if steps is None else (steps, n)
    # A model of one's own takes five features.
    metas = [(i.shape[1:], i.dtype) for i in model.inputs] if isinstance(model, K.Sequential) or hasattr(model, "_inputs") else [((5,), "float32")]
    arrays = []
    for shape, dtype in metas:
        if dtype.startswith("int"):
            arrays.append(rng.integers(0, 8, (*lead, *shape)).astype(dtype))
        else:
            x = normal(rng, *lead, *shape)
            x[..., -1:, :] *= rng.integers(0, 2, (*lead, *shape)[:-2] + (1, 1)) if len(shape) > 1 else 1
            arrays.append(x)
    return arrays


def packed(model, arrays):
    """The arrays as the model takes them."""
    struct = getattr(model, "_inputs_struct", None) if not isinstance(model, K.Sequential) else None
    if isinstance(struct, dict):
        return {i.name: a for i, a in zip(model.inputs, arrays)}
    if struct is None or isinstance(struct, K.KerasTensor):
        return arrays[0]
    return K.tree.pack_sequence_as(struct, arrays)


def fill(model, rng):
    """Weights that are not what an initializer gives."""
    for v in model.variables:
        if v.dtype.startswith("float") and "seed" not in v.path:
            scale = 1.2 / np.sqrt(max(v.shape[0], 1)) if len(v.shape) > 1 else 0.3
            value = np.round(rng.normal(size=v.shape) * scale, 3).astype("float32")
            v.assign(np.abs(value) + 0.5 if "variance" in v.path or "gamma" in v.path or "factor" in v.path else value)


def main():
    arrays, facts = {}, {}
    for number, (name, about) in enumerate(MODELS.items()):
        rng = np.random.default_rng(300 + number)
        K.utils.clear_session()
        model = about["make"]()
        fill(model, rng)
        x = inputs(rng, model, 5)
        outputs = K.tree.flatten(model(packed(model, x)))
        targets = about["targets"]
        struct = getattr(model, "_outputs_struct", None) if not isinstance(model, K.Sequential) else None
        names = sorted(struct) if isinstance(struct, dict) and len(struct) == len(outputs) else None
        kinds = [targets[n] for n in names] if isinstance(targets, dict) else targets if isinstance(targets, list) else [targets] * len(outputs)
        made = lambda *lead: [some(rng, kind, *lead, *y.shape[1:]) for kind, y in zip(kinds, outputs)]
        shape = lambda y: dict(zip(names, y)) if names else y if len(y) > 1 else y[0]
        if about["compile"]:
            model.compile(**about["compile"]())
            for _ in range(3):
                batch = packed(model, inputs(rng, model, 8))
                model.train_on_batch(batch, shape(made(8)))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.keras")
            model.save(path)
            arrays[f"{name}/file"] = np.frombuffer(pathlib.Path(path).read_bytes(), "uint8")
            load = lambda: K.saving.load_model(path)
            loaded = load()
            y = K.tree.flatten(loaded.predict(packed(model, x), verbose=0))
            arrays |= {f"{name}/x{i}": v for i, v in enumerate(x)} | {f"{name}/y{i}": v for i, v in enumerate(y)}
            fact = facts[name] = dict(description=about["description"], inputs=len(x), outputs=len(y),
                                      input_names=[i.name for i in model.inputs] if isinstance(packed(model, x), dict) else None, output_names=names,
                                      weights=[[w.path, list(w.shape)] for w in loaded.weights], tolerance=about["tolerance"], compiled=bool(about["compile"]))
            if about["compile"]:
                ex, ey = inputs(rng, model, 20), made(20)
                arrays |= {f"{name}/ex{i}": v for i, v in enumerate(ex)} | {f"{name}/ey{i}": v for i, v in enumerate(ey)}
                result = loaded.evaluate(packed(model, ex), shape(ey), batch_size=8, verbose=0, return_dict=True)
                fact["evaluate"] = {k: float(v) for k, v in result.items()}
                tx, ty = inputs(rng, model, 8, 3), made(3, 8)
                arrays |= {f"{name}/tx{i}": v for i, v in enumerate(tx)} | {f"{name}/ty{i}": v for i, v in enumerate(ty)}

                def go_on(trainee):
                    losses = []
                    for step in range(3):
                        trainee.reset_metrics()
                        batch = packed(model, [v[step] for v in tx])
                        losses.append(np.float32(trainee.train_on_batch(batch, shape([v[step] for v in ty]), return_dict=True)["loss"]))
                    return np.array(losses), np.concatenate([np.ravel(w) for w in trainee.get_weights()])
                losses, after = go_on(load())
                original, _ = go_on(model)
                assert np.allclose(losses, original, rtol=1e-5), (name, losses, original)
                arrays |= {f"{name}/losses": losses, f"{name}/after": after}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    (HERE / "saved_models.npz").write_bytes(buffer.getvalue())
    lines = ",\n".join(f"{json.dumps(n)}: {json.dumps(f)}" for n, f in facts.items())
    (HERE / "saved_models.json").write_text("{\n" + lines + "\n}\n")
    print(len(facts), "models,", len(buffer.getvalue()), "bytes")


if __name__ == "__main__":
    main()
