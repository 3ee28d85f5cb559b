"""Reads a folder of logs with TensorBoard: its event reader, and the data that its page asks for.

    python check_tensorboard.py LOGS EXPECTED.json [--seconds-to-serve N]

EXPECTED holds lists of [run, tag] under "scalars", "histograms", "images", "text", lists of runs under "graphs" and
"keras", hyperparameters under "hparams", and the names and shapes of embeddings under "projector".
"""

import json
import sys
import time
import urllib.parse
import urllib.request

from tensorboard import program
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

logs, expected = sys.argv[1], json.load(open(sys.argv[2]))

# The event reader.
readers = {}


def reader(run):
    if run not in readers:
        readers[run] = EventAccumulator(f"{logs}/{run}", size_guidance={"tensors": 0})
        readers[run].Reload()
    return readers[run]


for kind in ["scalars", "histograms", "images", "text"]:
    for run, tag in expected[kind]:
        found = reader(run)
        assert tag in found.Tags()["tensors"], (kind, run, tag, found.Tags())
        plugin = found.SummaryMetadata(tag).plugin_data.plugin_name
        assert plugin == kind, (run, tag, plugin)
        for event in found.Tensors(tag):
            tensor_util.make_ndarray(event.tensor_proto)
for run in expected["graphs"]:
    assert len(reader(run).Graph().node) > 0, run

# The page's data.
board = program.TensorBoard()
board.configure(argv=[None, "--logdir", logs, "--port", "0", "--host", "127.0.0.1", "--load_fast", "false"])
url = board.launch()


def get(path, **query):
    query = "?" + urllib.parse.urlencode(query) if query else ""
    with urllib.request.urlopen(f"{url}data/{path}{query}") as answer:
        return answer.read()


def ask(path, **query):
    return json.loads(get(path, **query))


deadline = time.time() + 60
while True:
    runs = ask("runs")
    needed = {run for kind in ["scalars", "histograms", "images", "text"] for run, _ in expected[kind]}
    if needed <= set(runs):
        break
    assert time.time() < deadline, (runs, needed)
    time.sleep(0.5)
time.sleep(1)
for run, tag in expected["scalars"]:
    points = ask("plugin/scalars/scalars", run=run, tag=tag)
    assert len(points) == len(reader(run).Tensors(tag)) and len(points[0]) == 3, (run, tag, points)
for run, tag in expected["histograms"]:
    series = ask("plugin/histograms/histograms", run=run, tag=tag)
    assert series and all(len(buckets) == 30 for _, _, buckets in series), (run, tag)
    assert ask("plugin/distributions/distributions", run=run, tag=tag), (run, tag)
for run, tag in expected["images"]:
    pictures = ask("plugin/images/images", run=run, tag=tag)
    assert pictures, (run, tag)
    png = get("plugin/images/individualImage?" + pictures[0]["query"])
    assert png[1:4] == b"PNG", (run, tag)
for run, tag in expected["text"]:
    assert ask("plugin/text/text", run=run, tag=tag), (run, tag)
info = ask("plugin/graphs/info")
for run in expected["graphs"]:
    assert info[run]["run_graph"], info
    assert b"node {" in get("plugin/graphs/graph", run=run, conceptual="false")
for run in expected["keras"]:
    assert info[run]["tags"]["keras"]["conceptual_graph"], info
    graph = get("plugin/graphs/graph", run=run, tag="keras", conceptual="true").decode()
    assert all(f'name: "{name}"' in graph for name in expected["layers"]), graph
request = urllib.request.Request(
    f"{url}data/plugin/hparams/experiment", b'{"experimentName": ""}', {"Content-Type": "application/json"}
)
experiment = json.loads(urllib.request.urlopen(request).read())
names = {h["name"] for h in experiment["hparamInfos"]}
assert set(expected["hparams"]) <= names, experiment
for name, shape in expected["projector"].items():
    run = next(r for r in ask("plugin/projector/runs") if any(
        e["tensorName"] == name for e in ask("plugin/projector/info", run=r)["embeddings"]))
    found = next(e for e in ask("plugin/projector/info", run=run)["embeddings"] if e["tensorName"] == name)
    assert found["tensorShape"] == shape, found
    assert len(get("plugin/projector/tensor", run=run, name=name)) == 4 * shape[0] * shape[1]
    if found.get("metadataPath"):
        assert get("plugin/projector/metadata", run=run, name=name)
print(f"TensorBoard shows {sum(len(expected[k]) for k in ['scalars', 'histograms', 'images', 'text'])} tags")
if len(sys.argv) > 4:
    print(url, flush=True)
    time.sleep(float(sys.argv[4]))
