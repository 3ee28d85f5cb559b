"""Layers of Keras: results, gradients, weights, masks, shapes and configurations.

Writes layers.npz and layers.json. `cases` of the JSON file is a list; a case has
  id            the prefix of its arrays
  class, config what `from_config` takes (floatx float32)
  inputs        `{"dtype", "batch"}` of each input: its type, and the shape for the symbolic call, with nulls
  masks         whether an array `ID/mI` goes with input I
  training      whether it was called for training
  weights       paths of the weights, in the order of `layer.weights`
  trainable     how many of them, from the front, training changes
  build_config  what Keras saves beside the configuration, after the symbolic call
  symbolic      the shape of the result for the symbolic inputs; of several results a list of shapes (of `EinsumDense` with
                several axes for `...`, and of scores between sequences of different lengths, Keras gives it wrong)
  mask          whether the result has a mask (`ID/mask`)
  losses        how many losses the call added
  form          how several inputs are given: in a `list`, as `args` one after the other, as `states` behind the first, or
                as the states of a `cell`, or of the one cell of a `stack`
  call          flags that it is called with by name
  named         tensors that it is called with by name: arrays `ID/mNAME`

Arrays, each led by `f32/` or `f64/`: `ID/xI` inputs, `ID/wI` weights before the call, `ID/y` the result, `ID/c`
the cotangent, `ID/gxI` and `ID/gwI` the gradients of `sum(y * c)` (no `gxI` for inputs of integers), `ID/aI` weights
after two calls, where they changed; of several results the others are `ID/y1` and so on, as are their cotangents; `ID/losses` the added losses. `ID/mI` and `ID/mask` are integers without a prefix.

`random` of the JSON file has facts about layers that draw numbers: the mean, the standard deviation and the fraction of
zeros of the result for 20000 samples of normal numbers of mean 1 (`dropped_together`: whether all places of a channel
are zero together).
"""
import numpy as np

import golden

RNG = np.random.default_rng(7)


def normal(*shape):
    # Few digits, so that both precisions have the same numbers.
    return np.round(RNG.normal(size=shape) * 64) / 64


def integers(high, *shape):
    return RNG.integers(0, high, size=shape).astype("int32")


CASES = []


def case(cls, kwargs, *inputs, training=False, unknown=None, masks=None, form="list", call=None, named=None):
    """`unknown`: for each input the axes that the symbolic call leaves open; the batch by default."""
    n = sum(1 for c in CASES if c["class"] == cls)
    CASES.append(dict(id=f"{cls}{n}", **{"class": cls}, kwargs=kwargs, x=list(inputs), training=training,
                      unknown=unknown or [[0]] * len(inputs), masks=masks or [None] * len(inputs), form=form, call=call or {},
                      named=named or {}))


def mask(*shape):
    m = RNG.integers(0, 2, size=shape).astype(bool)
    m.reshape(-1)[0] = True
    return m


def declare():
    steps = lambda: normal(2, 5, 3)
    images = lambda: normal(2, 4, 5, 3)
    volumes = lambda: normal(2, 3, 4, 5, 2)
    first = dict(data_format="channels_first")

    case("Dense", dict(units=4, activation="tanh"), normal(3, 5))
    case("Dense", dict(units=2, use_bias=False), normal(2, 3, 4), unknown=[[0, 1]], masks=[mask(2, 3)])
    case("Embedding", dict(input_dim=7, output_dim=3, mask_zero=True), integers(7, 2, 5), unknown=[[0, 1]])
    case("Embedding", dict(input_dim=4, output_dim=2), integers(4, 3))
    case("Identity", {}, normal(2, 3), masks=[mask(2, 3)])
    case("Masking", dict(mask_value=0.5), np.array([[[0.5, 0.5], [1, 0.5]], [[0, 0], [0.5, 0.5]]]))
    case("Masking", {}, np.array([[[0.0, 0], [1, 0.5]], [[0, 3], [0, 0]]]), unknown=[[0, 1]])
    case("Activation", dict(activation="gelu"), normal(2, 3), masks=[mask(2)])

    case("ReLU", {}, normal(3, 4))
    case("ReLU", dict(max_value=1.0, negative_slope=0.25, threshold=0.5), normal(3, 4), masks=[mask(3)])
    case("LeakyReLU", {}, normal(3, 4))
    case("LeakyReLU", dict(negative_slope=0.1), normal(3, 4), masks=[mask(3)])
    case("PReLU", dict(alpha_initializer="ones"), normal(3, 4))
    case("PReLU", dict(shared_axes=[1, 2]), images(), unknown=[[0, 1, 2]], masks=[mask(2, 4)])
    case("ELU", {}, normal(3, 4))
    case("ELU", dict(alpha=0.5), normal(3, 4), masks=[mask(3)])
    case("Softmax", {}, normal(3, 4))
    case("Softmax", dict(axis=1), normal(2, 4, 3), unknown=[[0, 1]])
    case("Softmax", dict(axis=[1, 2]), normal(2, 4, 3))
    case("Softmax", {}, normal(3, 4), masks=[np.array([[1, 1, 0, 1], [0, 0, 0, 0], [1, 0, 0, 0]], bool)])

    for training in (False, True):
        case("BatchNormalization", {}, normal(4, 3), training=training)
        case("BatchNormalization", dict(axis=1, momentum=0.8, epsilon=0.1, scale=False), normal(3, 2, 4),
             training=training, unknown=[[0, 2]])
        case("BatchNormalization", dict(center=False, momentum=0.5), images(), training=training, unknown=[[0, 1]])
        case("BatchNormalization", dict(momentum=0.9), steps(), training=training, masks=[mask(2, 5)])
    case("BatchNormalization", dict(trainable=False), normal(4, 3), training=True)
    case("LayerNormalization", {}, normal(3, 4), masks=[mask(3)])
    case("LayerNormalization", dict(axis=[1, 2], epsilon=0.01, center=False), normal(2, 3, 4), training=True)
    case("LayerNormalization", dict(axis=1, scale=False), normal(2, 3, 4), unknown=[[0, 2]])
    case("GroupNormalization", dict(groups=2), normal(2, 4, 6), unknown=[[0, 1]], masks=[mask(2, 4)])
    case("GroupNormalization", dict(groups=-1, axis=1, epsilon=0.1), normal(2, 4, 6), training=True)
    case("GroupNormalization", dict(groups=1, axis=-2, scale=False, center=False), normal(2, 4, 6))
    case("RMSNormalization", {}, normal(3, 4))
    case("RMSNormalization", dict(axis=[1, 2], epsilon=0.1), normal(2, 3, 4), training=True)
    case("UnitNormalization", {}, normal(3, 4), masks=[mask(3)])
    case("UnitNormalization", dict(axis=[1, 2]), normal(2, 3, 4))
    case("SpectralNormalization", dict(layer=("Dense", dict(units=3, name="inner"))), normal(3, 4))
    case("SpectralNormalization", dict(layer=("Dense", dict(units=3, name="inner")), power_iterations=3),
         normal(3, 4), training=True)

    for cls, kwargs, x in [
        ("Dropout", dict(rate=0.5, seed=3), normal(3, 4)),
        ("Dropout", dict(rate=0.0), normal(3, 4)),
        ("SpatialDropout1D", dict(rate=0.5, seed=3), steps()),
        ("SpatialDropout1D", dict(rate=0.25), steps()),
        ("SpatialDropout2D", dict(rate=0.5), images()),
        ("SpatialDropout2D", dict(rate=0.5, **first), images()),
        ("SpatialDropout3D", dict(rate=0.5), volumes()),
        ("SpatialDropout3D", dict(rate=0.5, **first), volumes()),
        ("GaussianDropout", dict(rate=0.5, seed=1), normal(3, 4)),
        ("GaussianDropout", dict(rate=0.0), normal(3, 4)),
        ("GaussianNoise", dict(stddev=0.5, seed=1), normal(3, 4)),
        ("GaussianNoise", dict(stddev=0.0), normal(3, 4)),
        ("AlphaDropout", dict(rate=0.5, seed=1, noise_shape=[None, 1]), normal(3, 4)),
        ("AlphaDropout", dict(rate=0.0), normal(3, 4)),
    ]:
        # Without a rate there is nothing random in training either.
        quiet = 0.0 in (kwargs.get("rate"), kwargs.get("stddev"))
        case(cls, kwargs, x, training=quiet, masks=[mask(x.shape[0])])
    case("ActivityRegularization", dict(l1=0.1, l2=0.2), normal(3, 4), training=True, masks=[mask(3)])
    case("ActivityRegularization", dict(l2=0.5), steps())

    case("Flatten", {}, images(), unknown=[[0, 1]])
    case("Flatten", first, images())
    case("Flatten", {}, normal(3))
    case("Reshape", dict(target_shape=(3, 4)), normal(2, 12))
    case("Reshape", dict(target_shape=(-1, 2)), normal(2, 3, 4), unknown=[[0, 1]])
    case("Reshape", dict(target_shape=(-1, 2)), normal(2, 6), unknown=[[0, 1]])
    case("Reshape", dict(target_shape=()), normal(3, 1))
    case("Permute", dict(dims=(2, 1)), steps(), unknown=[[0, 1]])
    case("Permute", dict(dims=(3, 1, 2)), images())
    case("RepeatVector", dict(n=3), normal(2, 4))
    case("RepeatVector", dict(n=1), normal(2, 4), masks=[mask(2)])
    case("Cropping1D", {}, steps(), unknown=[[0, 1]])
    case("Cropping1D", dict(cropping=(0, 2)), steps())
    case("Cropping2D", dict(cropping=((1, 2), (3, 0))), images(), unknown=[[0, 2]])
    case("Cropping2D", dict(cropping=1, **first), images().transpose(0, 3, 1, 2))
    case("Cropping2D", {}, images())
    case("Cropping3D", {}, volumes())
    case("Cropping3D", dict(cropping=((0, 1), (1, 2), (2, 0)), **first), volumes().transpose(0, 4, 1, 2, 3))
    case("UpSampling1D", {}, steps(), unknown=[[0, 1]])
    case("UpSampling1D", dict(size=3), steps())
    case("UpSampling2D", {}, normal(1, 2, 3, 2), unknown=[[0, 1, 2]])
    case("UpSampling2D", dict(size=(1, 3), **first), normal(1, 2, 3, 2))
    case("UpSampling2D", dict(size=(2, 3), interpolation="bilinear"), normal(1, 3, 4, 2))
    case("UpSampling2D", dict(size=(3, 2), interpolation="bicubic", **first), normal(1, 2, 4, 3))
    case("UpSampling2D", dict(size=2, interpolation="lanczos3"), normal(1, 7, 6, 1))
    case("UpSampling3D", dict(size=(2, 1, 3)), normal(1, 2, 1, 2, 2))
    case("UpSampling3D", first, normal(1, 2, 1, 2, 2))
    case("ZeroPadding1D", {}, steps(), unknown=[[0, 1]])
    case("ZeroPadding1D", dict(padding=(0, 2), **first), steps())
    case("ZeroPadding2D", {}, normal(1, 2, 3, 2), unknown=[[0, 2]])
    case("ZeroPadding2D", dict(padding=((1, 0), (0, 2)), **first), normal(1, 2, 3, 2))
    case("ZeroPadding3D", dict(padding=2), normal(1, 2, 1, 2, 1))
    case("ZeroPadding3D", dict(padding=((1, 0), (0, 2), (1, 1)), **first), normal(1, 2, 1, 2, 1))

    for cls in ["Add", "Multiply", "Average", "Maximum", "Minimum"]:
        case(cls, {}, normal(2, 3), normal(2, 3), normal(2, 3))
        case(cls, {}, normal(2, 4, 3), normal(2, 3), unknown=[[0, 1], [0]])
        case(cls, {}, normal(2, 4, 3), normal(2, 4, 3), masks=[mask(2, 4), mask(2, 4)])
        case(cls, {}, normal(2, 4, 3), normal(2, 4, 3), masks=[mask(2, 4), None], unknown=[[0, 1], [0]])
    case("Subtract", {}, normal(2, 3), normal(2, 3))
    case("Subtract", {}, normal(2, 1, 3), normal(2, 4, 3), masks=[mask(2, 1), mask(2, 4)])
    case("Concatenate", {}, normal(2, 3), normal(2, 1), normal(2, 2))
    case("Concatenate", dict(axis=1), normal(2, 3, 2), normal(2, 1, 2), unknown=[[0, 1], [0]])
    case("Concatenate", {}, normal(2, 3, 2), normal(2, 3, 1), masks=[mask(2, 3), None], unknown=[[0, 1], [0, 1]])
    case("Concatenate", dict(axis=1), normal(2, 3, 2), normal(2, 1, 2), masks=[mask(2, 3), mask(2, 1)])
    case("Dot", dict(axes=-1), normal(2, 4), normal(2, 4))
    case("Dot", dict(axes=1, normalize=True), normal(2, 4), normal(2, 4), masks=[mask(2), mask(2)])
    case("Dot", dict(axes=(2, 1)), normal(2, 3, 4), normal(2, 4, 5), unknown=[[0, 1], [0]])
    case("Dot", dict(axes=(1, 1), normalize=True), normal(2, 3, 4), normal(2, 3))
    case("Dot", dict(axes=(1, 3)), normal(2, 3, 4, 2), normal(2, 2, 2, 3))

    for kind in ["Average", "Max"]:
        case(f"Global{kind}Pooling1D", {}, steps(), unknown=[[0, 1]], masks=[mask(2, 5) | (np.arange(5) == 2)])
        case(f"Global{kind}Pooling1D", dict(keepdims=True, **first), steps())
        case(f"Global{kind}Pooling2D", {}, images(), unknown=[[0, 1, 2]])
        case(f"Global{kind}Pooling2D", dict(keepdims=True, **first), images())
        case(f"Global{kind}Pooling3D", {}, volumes())
        case(f"Global{kind}Pooling3D", dict(keepdims=True, **first), volumes())
    case("GlobalAveragePooling1D", dict(keepdims=True, **first), steps(), masks=[np.ones((2, 3), bool)])

    case("Conv1D", dict(filters=4, kernel_size=3, activation="tanh"), steps(), unknown=[[0, 1]], masks=[mask(2, 5)])
    case("Conv1D", dict(filters=2, kernel_size=2, padding="causal", dilation_rate=2), steps())
    case("Conv1D", dict(filters=6, kernel_size=2, strides=2, padding="same", groups=3, use_bias=False, **first), normal(2, 3, 5))
    case("Conv2D", dict(filters=4, kernel_size=(2, 3)), images(), unknown=[[0, 1, 2]])
    case("Conv2D", dict(filters=3, kernel_size=3, strides=2, padding="same", activation="relu"), images(), unknown=[[0, 1]])
    case("Conv2D", dict(filters=4, kernel_size=2, padding="same", dilation_rate=(1, 2), groups=2, **first), normal(2, 4, 5, 4), unknown=[[0, 2]])
    case("Conv2D", dict(filters=2, kernel_size=1, kernel_regularizer="l2", bias_constraint="non_neg", kernel_initializer="he_normal"), images())
    case("Conv3D", dict(filters=2, kernel_size=(1, 2, 3)), volumes(), unknown=[[0, 1, 2, 3]])
    case("Conv3D", dict(filters=2, kernel_size=2, strides=(1, 2, 1), padding="same", **first), normal(1, 2, 3, 4, 2))
    case("Conv1DTranspose", dict(filters=2, kernel_size=3, strides=2), steps(), unknown=[[0, 1]])
    case("Conv1DTranspose", dict(filters=2, kernel_size=2, dilation_rate=2, padding="same", **first), normal(2, 3, 5))
    case("Conv2DTranspose", dict(filters=4, kernel_size=3, strides=2, padding="same", activation="tanh"), images(), unknown=[[0, 1, 2]])
    case("Conv2DTranspose", dict(filters=2, kernel_size=(2, 3), strides=(2, 3), output_padding=1, use_bias=False), images())
    case("Conv2DTranspose", dict(filters=2, kernel_size=3, strides=2, padding="same", output_padding=(0, 1), **first), normal(1, 2, 3, 4))
    case("Conv3DTranspose", dict(filters=2, kernel_size=2, strides=(1, 2, 1)), normal(1, 2, 3, 2, 2), unknown=[[0, 2]])
    case("DepthwiseConv1D", dict(kernel_size=2, depth_multiplier=2, activation="tanh"), steps(), unknown=[[0, 1]])
    case("DepthwiseConv1D", dict(kernel_size=3, strides=2, padding="same", **first), normal(2, 3, 6))
    case("DepthwiseConv2D", dict(kernel_size=(2, 3), padding="same", depth_multiplier=2), images(), unknown=[[0, 1, 2]])
    case("DepthwiseConv2D", dict(kernel_size=2, dilation_rate=2, use_bias=False, depthwise_regularizer="l1"), images())
    case("SeparableConv1D", dict(filters=4, kernel_size=2, depth_multiplier=2), steps(), unknown=[[0, 1]])
    case("SeparableConv2D", dict(filters=2, kernel_size=3, padding="same", activation="relu"), images(), unknown=[[0, 1, 2]])
    case("SeparableConv2D", dict(filters=3, kernel_size=2, strides=2, pointwise_initializer="ones", **first), normal(1, 2, 4, 5))

    for kind in ["Max", "Average"]:
        size = {"Max": {}, "Average": dict(pool_size=2)}[kind]
        case(f"{kind}Pooling1D", size, steps(), unknown=[[0, 1]])
        case(f"{kind}Pooling1D", dict(pool_size=3, strides=1, padding="same", **first), normal(2, 3, 5), masks=[mask(2, 3)])
        case(f"{kind}Pooling2D", size, images(), unknown=[[0, 1, 2]])
        case(f"{kind}Pooling2D", dict(pool_size=(3, 2), strides=(1, 2), padding="same"), images(), unknown=[[0, 2]])
        case(f"{kind}Pooling2D", dict(pool_size=2, **first), normal(1, 2, 4, 5))
        case(f"{kind}Pooling3D", size, volumes(), unknown=[[0, 1, 2, 3]])
        case(f"{kind}Pooling3D", dict(pool_size=(1, 2, 3), padding="same", **first), normal(1, 2, 3, 4, 4))
        case(f"Adaptive{kind}Pooling1D", dict(output_size=3), steps())
        case(f"Adaptive{kind}Pooling2D", dict(output_size=(3, 2)), images())
        case(f"Adaptive{kind}Pooling2D", dict(output_size=2, **first), normal(1, 2, 4, 5))
        case(f"Adaptive{kind}Pooling3D", dict(output_size=(2, 3, 2)), volumes())

    late, early = np.array([[0, 0, 1, 1, 1], [0, 1, 0, 1, 1]], bool), np.array([[1, 1, 1, 0, 0], [1, 1, 0, 1, 0]], bool)
    state = lambda: normal(2, 4)
    for cls, own in [("SimpleRNN", dict(activation="relu", use_bias=False)), ("LSTM", dict(recurrent_activation="hard_sigmoid", unit_forget_bias=False)),
                     ("GRU", dict(reset_after=False, recurrent_activation="hard_sigmoid"))]:
        states = [state() for _ in range(2 if cls == "LSTM" else 1)]
        case(cls, dict(units=4), steps(), unknown=[[0, 1]])
        case(cls, dict(units=4, return_sequences=True, **own), steps(), masks=[early], unknown=[[0, 1]])
        case(cls, dict(units=4, return_sequences=True, return_state=True, go_backwards=True, dropout=0.25, seed=None if cls == "SimpleRNN" else 3), steps(), masks=[late])
        case(cls, dict(units=4, return_state=True, recurrent_dropout=0.5), steps(), *states, form="states")
        case(cls, dict(units=4, go_backwards=True, kernel_regularizer="l2", recurrent_constraint="unit_norm", activity_regularizer="l1"), steps(), masks=[early])
        case(cls, dict(units=3, stateful=True), steps(), unknown=[[1]])
        case(f"{cls}Cell", dict(units=4), normal(2, 3), *states, form="cell")
        case(f"{cls}Cell", dict(units=4, recurrent_dropout=0.5, dropout=0.5, seed=1, **own), normal(2, 3), *states, form="cell")
    case("GRU", dict(units=4, use_bias=False, return_sequences=True), steps(), masks=[late], unknown=[[0, 1]])
    case("GRU", dict(units=4, reset_after=False, use_bias=False, recurrent_dropout=0.25), steps())
    case("LSTM", dict(units=3, return_sequences=True, return_state=True, zero_output_for_mask=True), steps(), masks=[early])
    case("LSTM", dict(units=3, unroll=True, return_state=True), steps(), masks=[early])
    lstm, gru = ("LSTMCell", dict(units=4, name="first")), ("GRUCell", dict(units=3, name="second"))
    case("RNN", dict(cell=lstm, return_sequences=True), steps(), masks=[early], unknown=[[0, 1]])
    case("RNN", dict(cell=[lstm, gru], return_sequences=True), steps(), masks=[late], unknown=[[0, 1]])
    case("RNN", dict(cell=("StackedRNNCells", dict(cells=[gru, lstm], name="both")), go_backwards=True), steps())
    case("StackedRNNCells", dict(cells=[lstm]), normal(2, 3), state(), state(), form="stack")
    inner = dict(units=3, name="inner")
    case("Bidirectional", dict(layer=("LSTM", inner)), steps(), unknown=[[0, 1]])
    case("Bidirectional", dict(layer=("GRU", inner | dict(return_sequences=True)), merge_mode="ave"), steps(), masks=[early], unknown=[[0, 1]])
    case("Bidirectional", dict(layer=("SimpleRNN", inner | dict(return_sequences=True, return_state=True)), merge_mode=None), steps())
    case("Bidirectional", dict(layer=("LSTM", inner), backward_layer=("LSTM", dict(units=3, go_backwards=True, activation="relu", name="other")), merge_mode="mul"),
         steps(), masks=[late])
    case("Bidirectional", dict(layer=("GRU", inner | dict(return_state=True)), merge_mode="sum"), steps(), normal(2, 3), normal(2, 3), form="states")
    case("TimeDistributed", dict(layer=("Dense", dict(units=4, name="inner"))), steps(), masks=[early], unknown=[[0]])
    case("TimeDistributed", dict(layer=("Conv2D", dict(filters=2, kernel_size=2, name="inner"))), normal(2, 3, 4, 5, 2))
    case("TimeDistributed", dict(layer=("BatchNormalization", dict(momentum=0.5, name="inner"))), normal(4, 3, 2), training=True)

    case("EinsumDense", dict(equation="abc,cde->abde", output_shape=(None, 2, 4), bias_axes="de"), steps(), unknown=[[0, 1]])
    case("EinsumDense", dict(equation="...x,xy->...y", output_shape=4, activation="tanh", bias_axes="y"), images(), unknown=[[0, 1]])
    case("EinsumDense", dict(equation="ab...,bc->ac...", output_shape=4, bias_axes="c", kernel_initializer="he_normal"), normal(2, 5, 3))

    tokens = lambda: normal(2, 5, 6)
    few = lambda: normal(2, 3, 6)
    scores, causal = dict(return_attention_scores=True), dict(use_causal_mask=True)
    for cls in ["Attention", "AdditiveAttention"]:
        case(cls, {}, few(), tokens(), unknown=[[0, 1], [0, 1]])
        case(cls, dict(use_scale=cls == "Attention", dropout=0.25, seed=1), few(), tokens(), tokens(), masks=[mask(2, 3), early, None], call=scores)
        case(cls, {}, tokens(), tokens(), masks=[None, early | (np.arange(5) == 0)], call=causal)
    case("Attention", dict(score_mode="concat", use_scale=True), few(), tokens())
    heads = dict(num_heads=2, key_dim=3)
    case("MultiHeadAttention", heads, few(), tokens(), form="args", unknown=[[0, 1], [0, 1]])
    case("MultiHeadAttention", heads | dict(value_dim=4, output_shape=5, use_bias=False), few(), tokens(), normal(2, 5, 4), form="args",
         masks=[None, early, None], unknown=[[0], [0], [0]], call=scores)
    case("MultiHeadAttention", heads | dict(dropout=0.5, seed=3, kernel_initializer="ones"), tokens(), tokens(), form="args", masks=[early, early])
    case("MultiHeadAttention", heads, tokens(), tokens(), form="args", call=causal)
    case("MultiHeadAttention", heads | dict(use_gate=True, sliding_window=2, kernel_regularizer="l2"), tokens(), tokens(), form="args", call=scores | causal)
    case("MultiHeadAttention", heads, few(), tokens(), form="args", named=dict(attention_mask=mask(2, 3, 5)))
    case("MultiHeadAttention", heads | dict(attention_axes=2), normal(2, 2, 3, 4), normal(2, 2, 5, 4), form="args")
    case("MultiHeadAttention", heads, normal(2, 2, 3, 4), normal(2, 2, 3, 4), form="args", call=scores)
    grouped = dict(head_dim=3, num_query_heads=4, num_key_value_heads=2)
    case("GroupQueryAttention", grouped, few(), tokens(), form="args", unknown=[[0, 1], [0, 1]])
    case("GroupQueryAttention", grouped | dict(use_gate=True, use_bias=False), tokens(), tokens(), form="args", masks=[None, early], call=scores | causal)


def make_layer(keras, spec, name):
    def made(value):
        if isinstance(value, list):
            return [made(v) for v in value]
        if isinstance(value, tuple) and value and isinstance(value[0], str):
            return getattr(keras.layers, value[0])(**{k: made(v) for k, v in value[1].items()})
        return value

    return getattr(keras.layers, spec["class"])(name=name, **{k: made(v) for k, v in spec["kwargs"].items()})


def run_case(keras, spec, floatx, arrays):
    import jax
    from keras.src import backend

    cid = spec["id"]
    name = cid.lower()
    probe = make_layer(keras, spec, name)
    floats = [x.dtype.kind == "f" for x in spec["x"]]
    symbols = [keras.Input(batch_shape=[None if i in open_ else n for i, n in enumerate(x.shape)], dtype=x.dtype.name
                           if x.dtype.kind == "i" else floatx) for x, open_ in zip(spec["x"], spec["unknown"])]
    form = spec["form"] if len(symbols) > 1 else "one"

    def given(xs):
        """The inputs as arguments by place and by name."""
        return {"one": lambda: (xs, {}), "list": lambda: ([xs], {}), "args": lambda: (xs, {}),
                "states": lambda: ([xs[0]], {"initial_state": xs[1:]}), "cell": lambda: ([xs[0], xs[1:]], {}),
                "stack": lambda: ([xs[0], [xs[1:]]], {})}[form]()

    args, kwargs = given(symbols)
    symbolic = [list(t.shape) for t in keras.tree.flatten(probe(*args, **kwargs, **spec["call"]))]
    config = probe.get_config()
    build_config = keras.saving.serialize_keras_object(probe).get("build_config")

    layer = make_layer(keras, spec, name)
    xs = [np.asarray(x, floatx) if f else x for x, f in zip(spec["x"], floats)]
    shapes = [x.shape for x in xs]
    layer.build(*{"list": [shapes], "args": shapes}.get(form, shapes[:1]))
    g = np.random.default_rng(len(cid))
    before = []
    for w in layer.weights:
        value = np.round(g.uniform(0.25, 1.75, w.shape) * 64) / 64
        w.assign(value.astype(floatx))
        before.append(np.asarray(w.value))

    def tensors(xs):
        made = [keras.ops.convert_to_tensor(x) for x in xs]
        # A tensor of its own, as masks are kept by identity.
        made = [x + 0 if m is not None else x for x, m in zip(made, spec["masks"])]
        for x, m in zip(made, spec["masks"]):
            if m is not None:
                backend.set_keras_mask(x, keras.ops.convert_to_tensor(m))
        return made

    def call(xs):
        made = tensors(xs)
        kwargs = {"training": spec["training"]} if layer._call_has_training_arg else {}
        args, more = given(made)
        return keras.tree.flatten(layer(*args, **kwargs, **more, **spec["call"], **named))

    named = {k: keras.ops.convert_to_tensor(v) for k, v in spec["named"].items()}
    y = call(xs)
    out_mask = backend.get_keras_mask(y[0])
    losses = [np.asarray(l) for l in layer.losses]
    y = [np.asarray(one) for one in y]
    g = np.random.default_rng(1)
    c = [(np.round(g.normal(size=one.shape) * 16) / 16).astype(one.dtype) for one in y]
    for i, (one, along) in enumerate(zip(y, c)):
        arrays[f"{cid}/y{i or ''}"], arrays[f"{cid}/c{i or ''}"] = one, along
    if losses:
        arrays[f"{cid}/losses"] = np.stack(losses)
    call(xs)
    after = [np.asarray(w.value) for w in layer.weights]
    for i, w in enumerate(before):
        arrays[f"{cid}/w{i}"] = w
        if not np.array_equal(after[i], w):
            arrays[f"{cid}/a{i}"] = after[i]
    for w, value in zip(layer.weights, before):
        w.assign(value)

    for i, x in enumerate(xs):
        arrays[f"{cid}/x{i}"] = x
    # Spectral normalization changes the kernel outside of the gradient (as on TensorFlow), so none are compared.
    gradients = not (spec["class"] == "SpectralNormalization" and spec["training"])
    if spec["kwargs"].get("stateful"):
        layer.reset_state()
    if gradients and y[0].dtype.kind == "f":
        trainable = [v.value for v in layer.trainable_variables]
        fixed = [v.value for v in layer.non_trainable_variables]
        which = [i for i, f in enumerate(floats) if f]

        def total(trainable, chosen):
            all_xs = list(xs)
            for i, x in zip(which, chosen):
                all_xs[i] = x
            made = tensors(all_xs)
            kwargs = {"training": spec["training"]} if layer._call_has_training_arg else {}
            # Only a full call finds the masks on the tensors, and none beside initial states.
            masks = [m if m is None else keras.ops.convert_to_tensor(m) for m in spec["masks"]]
            if form == "args":
                kwargs |= {f"{n}_mask": m for n, m in zip(["query", "value", "key"], masks) if m is not None}
            elif layer._call_has_mask_arg and any(m is not None for m in masks) and form != "states":
                kwargs["mask"] = masks[0] if form == "one" else masks
            args, more = given(made)
            out, _ = layer.stateless_call(trainable, fixed, *args, **kwargs, **more, **spec["call"], **named)
            return sum((one * along).sum() for one, along in zip(keras.tree.flatten(out), c))

        gw, gx = jax.grad(total, argnums=(0, 1))(trainable, [xs[i] for i in which])
        names = [w.path for w in layer.weights]
        for v, g in zip(layer.trainable_variables, gw):
            arrays[f"{cid}/gw{names.index(v.path)}"] = np.asarray(g)
        for i, g in zip(which, gx):
            arrays[f"{cid}/gx{i}"] = np.asarray(g)
    if out_mask is not None:
        arrays[f"{cid}/mask"] = np.asarray(out_mask).astype("int32")
    for i, m in enumerate(spec["masks"]):
        if m is not None:
            arrays[f"{cid}/m{i}"] = m.astype("int32")
    for key, m in spec["named"].items():
        arrays[f"{cid}/m{key}"] = m.astype("int32")
    return {
        "id": cid, "class": spec["class"], "config": config, "training": spec["training"],
        "inputs": [{"dtype": "float" if f else "int32", "batch": list(s.shape)} for f, s in zip(floats, symbols)],
        "masks": [m is not None for m in spec["masks"]], "weights": [w.path for w in layer.weights],
        "build_config": build_config, "symbolic": symbolic if len(symbolic) > 1 else symbolic[0], "mask": out_mask is not None,
        "losses": len(losses), "gradients": gradients,
        "form": form, "call": spec["call"], "named": list(spec["named"]),
    }


def random_facts(keras):
    keras.utils.set_random_seed(5)
    facts = []
    for cls, kwargs, shape in [
        ("Dropout", dict(rate=0.3), (20000, 8)),
        ("SpatialDropout1D", dict(rate=0.3), (20000, 2, 4)),
        ("SpatialDropout2D", dict(rate=0.3), (20000, 2, 1, 4)),
        ("SpatialDropout3D", dict(rate=0.3, data_format="channels_first"), (20000, 4, 2, 1, 1)),
        ("GaussianDropout", dict(rate=0.3), (20000, 8)),
        ("GaussianNoise", dict(stddev=0.7), (20000, 8)),
        ("AlphaDropout", dict(rate=0.3), (20000, 8)),
    ]:
        layer = getattr(keras.layers, cls)(**kwargs, name="noise")
        x = np.random.default_rng(3).normal(size=shape).astype("float32") + 1
        y = np.asarray(layer(x, training=True))
        fact = {"class": cls, "config": layer.get_config(), "shape": list(shape), "mean": float(y.mean()),
                "std": float(y.std()), "zeros": float((y == 0).mean())}
        if cls.startswith("Spatial"):
            axes = tuple(range(2, len(shape))) if kwargs.get("data_format") else tuple(range(1, len(shape) - 1))
            fact["dropped_together"] = bool(((y == 0).all(axes) == (y == 0).any(axes)).all())
            fact["spatial_axes"] = list(axes)
        facts.append(fact)
    return facts


def make(keras, precision):
    declare()
    arrays = {}
    cases = [run_case(keras, spec, golden.PRECISIONS[precision], arrays) for spec in CASES]
    return arrays, {"cases": cases, "random": random_facts(keras) if precision == "f32" else []}


def write(made):
    arrays = {}
    for precision, (own, _) in made.items():
        for key, value in own.items():
            part = key.rsplit("/", 1)[1]
            shared = part[0] == "m" or value.dtype == np.int32
            # Inputs, weights and cotangents are the same numbers in both precisions.
            if part[0] in "xwc" and precision == "f32":
                continue
            arrays[key if shared or part[0] in "xwc" else f"{precision}/{key}"] = value
    golden.save_npz("layers.npz", arrays)
    golden.save_json("layers.json", made["f32"][1])


if __name__ == "__main__":
    golden.run(__file__, make, write)
