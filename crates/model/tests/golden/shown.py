"""What `keras.utils.model_to_dot` and `summary` show of models in models, for tests to compare with.

    python shown.py

writes shown.txt. Sections that begin with `=== diagram MODEL, options` have a line for each node (the clusters around
it, its heading, its cells) and a line for each edge; a stand-in for pydot keeps what Keras draws. Sections that begin
with `=== summary MODEL, width, options` have the table without the lines between its rows. The section `=== paths`
has the paths of the weights of a model of one's own, `=== files` where a file keeps them.
Made with keras 3.15.1 on its JAX backend.
"""
import os
import pathlib
import re
import sys
import types

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")


class Thing:
    def __init__(self, *args, **kwargs):
        self.args, self.kwargs, self.nodes, self.parts, self.edges = args, kwargs, [], [], []

    def set(self, *_, **__):
        pass

    set_node_defaults = create = set

    def get_edge(self, source, target):
        return [e for e in self.edges if e.args == (source, target)]

    def add_node(self, node):
        self.nodes.append(node)
        self.parts.append(node)

    def add_subgraph(self, part):
        self.parts.append(part)

    def add_edge(self, edge):
        self.edges.append(edge)

    @staticmethod
    def create(_):
        pass


pydot = types.ModuleType("pydot")


class Dot(Thing):
    pass


class Cluster(Thing):
    def set(self, key, value):
        if key == "label":
            self.label = value


pydot.Dot, pydot.Cluster, pydot.Node, pydot.Edge = Dot, Cluster, Thing, Thing
sys.modules["pydot"] = pydot
import h5py
import keras
from keras import layers as L


def tickets():
    inputs = [keras.Input((20,), name="title"), keras.Input((20,), name="text_body"), keras.Input((5,), name="tags")]
    x = L.Dense(64, activation="relu", name="dense_features")(L.Concatenate(name="features")(inputs))
    return keras.Model(inputs, [L.Dense(1, activation="sigmoid", name="priority")(x), L.Dense(4, activation="softmax", name="department")(x)], name="tickets")


def encoder(name):
    x = keras.Input((16,), name=f"{name}_in")
    chain = keras.Sequential([keras.Input((16,)), L.Dense(8, name=f"{name}_a"), L.Dense(8, name=f"{name}_b")], name=f"{name}_chain")
    y = L.Add(name=f"{name}_sum")([chain(x), L.Dense(8, name=f"{name}_side", trainable=False)(x)])
    return keras.Model(x, y, name=name)


def nested():
    x, z = keras.Input((16,), name="query"), keras.Input((16,), name="answer")
    joined = L.Concatenate(name="joined")([encoder("query_encoder")(x), encoder("answer_encoder")(z)])
    return keras.Model([x, z], L.Dense(1, name="score")(joined), name="ranker")


def siamese():
    x, z = keras.Input((16,), name="left"), keras.Input((16,), name="right")
    shared = encoder("encoder")
    difference = L.Subtract(name="difference")([shared(x), shared(z)])
    return keras.Model([x, z], L.Dense(1, name="same")(difference), name="siamese")


def chain():
    return keras.Sequential([keras.Input((6,)), L.Dense(5, name="one"), L.Dropout(0.5, name="drop"), L.Dense(3, dtype="float64", name="two")], name="chain")


def chain_in_chain():
    inner = keras.Sequential([keras.Input((6,)), L.Dense(5, name="one"), L.Dense(4, name="two")], name="inner")
    return keras.Sequential([inner, L.Dense(3, name="three")], name="outer")


FLAGS = ["show_shapes", "show_dtype", "show_layer_names", "expand_nested", "show_layer_activations", "show_trainable"]
out = []


def write(graph, clusters, labels):
    for part in graph.parts:
        if isinstance(part, Cluster):
            write(part, clusters + [part.label], labels)
            continue
        key = part.args[0]
        label = part.kwargs["label"]
        rows = [re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", label)]
        labels[key] = rows[0]
        out.append(" / ".join(clusters + [rows[0]]) + "".join(f" | {cell}" for cell in rows[1:]) + "\n")


def edges(graph):
    found = [e.args for e in graph.edges]
    for part in graph.parts:
        if isinstance(part, Cluster):
            found += edges(part)
    return found


for make in [tickets, nested, siamese, chain, chain_in_chain]:
    for options in [FLAGS[2:3], FLAGS[:3], FLAGS[2:4], FLAGS[1:], FLAGS]:
        keras.utils.clear_session()
        graph = keras.utils.model_to_dot(make(), **{f: f in options for f in FLAGS})
        out.append(f"=== diagram {make.__name__}, {' '.join(options)}\n")
        labels = {}
        write(graph, [], labels)
        out.extend(sorted(f"{labels[a]} -> {labels[b]}\n" for a, b in edges(graph)))

RANGES = {"nested": ("query_encoder", "joined"), "siamese": ("diff", "enc"), "chain": ("drop", "t.*"), "chain_in_chain": ("inner", "inner"), "tickets": ("text", "d")}
for make in [tickets, nested, siamese, chain, chain_in_chain]:
    for width, options in [(100, {}), (120, {"expand_nested": True}), (110, {"expand_nested": True, "show_trainable": True}), (90, {"layer_range": RANGES[make.__name__], "expand_nested": True})]:
        keras.utils.clear_session()
        lines = []
        model = make()
        model.summary(line_length=width, print_fn=lambda text, **_: lines.append(text), **options)
        words = [k if v is True else f"{v[0]}:{v[1]}" for k, v in options.items()]
        out.append(f"=== summary {make.__name__}, {width}, {' '.join(words)}\n")
        out.extend(line for line in "".join(lines).splitlines(True) if line[0] not in "├┏┡└")


class SimpleDense(L.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, input_shape):
        self.W = self.add_weight(shape=(input_shape[-1], self.units), name="W")
        self.b = self.add_weight(shape=(self.units,), name="b")

    def call(self, x):
        return keras.ops.matmul(x, self.W) + self.b


class Block(L.Layer):
    def __init__(self):
        super().__init__()
        self.inner = L.Dense(3)
        self.own = SimpleDense(2)
        self.more = [L.Dense(2), L.Dense(2)]

    def call(self, x):
        x = self.own(self.inner(x))
        for layer in self.more:
            x = layer(x)
        return x


class Whole(keras.Model):
    def __init__(self):
        super().__init__()
        self.block = Block()
        self.head = L.Dense(1)

    def call(self, x):
        return self.head(self.block(x))


keras.utils.clear_session()
model = Whole()
model(keras.ops.zeros((2, 4)))
out.append("=== paths\n" + "".join(f"{w.path}\n" for w in model.weights))
model.save_weights("/tmp/own.weights.h5")
held = []
h5py.File("/tmp/own.weights.h5").visititems(lambda path, item: held.append(f"{path}\n") if isinstance(item, h5py.Dataset) else None)
out.append("=== files\n" + "".join(held))
pathlib.Path(__file__).with_name("shown.txt").write_text("".join(out))
