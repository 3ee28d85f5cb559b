"""What tf.data and Keras's data utilities do with small inputs: pipelines.json, images.json, images.npz, images/,
sounds.json, sounds/.

Run with an interpreter that has tensorflow, keras and pillow; writes beside itself.
"""

import json
import os
import pathlib
import tempfile
import wave

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

HERE = pathlib.Path(__file__).parent
D = tf.data.Dataset


def elements(dataset):
    """Every element as a list of its tensors, each as nested lists."""
    return [[np.asarray(t).tolist() for t in tf.nest.flatten(e)] for e in dataset]


def windows(dataset, size, shift, stride, drop):
    return dataset.window(size, shift, stride, drop).flat_map(lambda w: w.batch(size))


def pipelines():
    r = D.range
    return {
        "batch": r(10).batch(4),
        "batch_exact": r(10).batch(4, drop_remainder=True),
        "batch_batch": r(8).batch(2).batch(3),
        "unbatch": r(10).batch(4).unbatch(),
        "take": r(10).take(3),
        "take_more": r(3).take(30),
        "skip": r(10).skip(7),
        "skip_more": r(3).skip(30),
        "shard_0": r(10).shard(3, 0),
        "shard_2": r(10).shard(3, 2),
        "repeat": r(3).repeat(2),
        "repeat_take": r(3).repeat().take(8),
        "repeat_batch": r(5).repeat(2).batch(4),
        "batch_repeat": r(5).batch(4).repeat(2),
        "concatenate": r(3).concatenate(r(5, 9)),
        "zip": D.zip((r(3), r(10, 20))),
        "enumerate": r(5, 9).enumerate(start=2),
        "filter": r(10).filter(lambda x: x % 3 == 1),
        "map": r(5).map(lambda x: (x, x * x)),
        "range_down": r(10, 1, -3),
        "interleave_2_4": r(1, 6).interleave(lambda x: D.from_tensors(x).repeat(6), cycle_length=2, block_length=4),
        "interleave_3_1": r(1, 6).interleave(lambda x: D.from_tensors(x).repeat(x), cycle_length=3, block_length=1),
        "interleave_7_2": r(1, 4).interleave(lambda x: D.range(x), cycle_length=7, block_length=2),
        "flat_map": r(4).flat_map(lambda x: D.range(x)),
        "window_3_1_1": windows(r(7), 3, 1, 1, True),
        "window_3_2_1": windows(r(8), 3, 2, 1, False),
        "window_2_3_2": windows(r(11), 2, 3, 2, False),
        "window_2_3_2_drop": windows(r(11), 2, 3, 2, True),
        "window_2_5_1": windows(r(11), 2, 5, 1, False),
        "cache_repeat": r(3).cache().repeat(2),
        "prefetch": r(4).prefetch(2),
    }


def cardinality(dataset):
    n = int(dataset.cardinality())
    return {-1: "infinite", -2: "unknown"}.get(n, n)


def specs():
    x = np.zeros((10, 3), "float32")
    s = D.from_tensor_slices((x, np.zeros(10, "int32")))
    made = {
        "slices": s,
        "batch": s.batch(4),
        "batch_even": s.batch(5),
        "batch_exact": s.batch(4, drop_remainder=True),
        "enumerate": s.enumerate(),
        "map": s.map(lambda x, y: tf.reduce_sum(x)),
    }
    return {k: [[t.dtype.name, list(t.shape)] for t in tf.nest.flatten(v.element_spec)] for k, v in made.items()}


def timeseries():
    cases = []
    data = np.arange(60, dtype="float32").reshape(20, 3)
    targets = np.arange(20, dtype="int64") * 10
    for options in [
        dict(sequence_length=4),
        dict(sequence_length=4, targets=True),
        dict(sequence_length=4, targets=True, sequence_stride=3),
        dict(sequence_length=3, targets=True, sampling_rate=4),
        dict(sequence_length=5, targets=True, batch_size=4, start_index=2, end_index=15),
        dict(sequence_length=5, batch_size=6, start_index=3),
        dict(sequence_length=2, targets=12, batch_size=5, sequence_stride=2),
        dict(sequence_length=2, targets=True, sampling_rate=2, batch_size=None, end_index=9),
        dict(sequence_length=4, targets=True, shuffle=True, seed=5, batch_size=3),
    ]:
        o = dict(options)
        t = o.pop("targets", None)
        t = targets if t is True else (targets[:t] if t else None)
        dataset = keras.utils.timeseries_dataset_from_array(data, t, **o)
        got = elements(dataset)
        if o.get("shuffle"):
            # Only which windows there are, and the sizes of batches, follow from the seed.
            rows = sorted((r, y) for e in got for r, y in zip(*e))
            got = {"sizes": [len(e[0]) for e in got], "rows": rows}
        cases.append({"options": options, "elements": got})
    return cases


TREE = [
    "b/2.txt", "b/10.txt", "b/1.txt", "a/x.txt", "a/X.txt", "a/notes.md", "a/deep/er/1.txt", "a/deep-er/0.txt",
    "a/deep/2.TXT", "C/1.txt", "C/ü.txt", ".hidden/1.txt", "top.txt", "b/b.txt", "a/y.txt", "a/z.txt",
]


def directories():
    cases = []
    with tempfile.TemporaryDirectory() as folder:
        for name in TREE:
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"text of {name}")
        for options in [
            dict(shuffle=False),
            dict(shuffle=False, label_mode="categorical"),
            dict(shuffle=False, label_mode=None),
            dict(shuffle=False, labels=None),
            dict(shuffle=False, class_names=["b", "a"], label_mode="binary"),
            dict(shuffle=False, class_names=["b"]),
            dict(shuffle=False, labels=list(range(15)), batch_size=4),
            dict(seed=3),
            dict(seed=113),
            dict(seed=113, validation_split=0.3, subset="training"),
            dict(seed=113, validation_split=0.3, subset="validation"),
            dict(shuffle=False, validation_split=0.2, subset="validation"),
            dict(shuffle=False, max_length=9),
        ]:
            from keras.src.utils import dataset_utils

            index = dict(options)
            split, subset = index.pop("validation_split", None), index.pop("subset", None)
            labelled = index.get("labels", "inferred")
            if index.get("label_mode", "int") is None:
                labelled = None
            paths, labels, names = dataset_utils.index_directory(
                folder, labelled, formats=(".txt",), class_names=index.get("class_names"),
                shuffle=index.get("shuffle", True), seed=index.get("seed"), verbose=False,
            )
            paths, labels = dataset_utils.get_training_or_validation_split(paths, labels, split, subset)
            case = {
                "options": options,
                "paths": [os.path.relpath(p, folder) for p in paths],
                "labels": None if labels is None else [int(l) for l in labels],
                "class_names": names or [],
            }
            if not options.get("shuffle", True):
                dataset = keras.utils.text_dataset_from_directory(folder, verbose=False, **options)
                case["batches"] = [
                    [np.asarray(t).tolist() if i else [s.decode() for s in np.asarray(t).tolist()]
                     for i, t in enumerate(tf.nest.flatten(e))]
                    for e in dataset
                ]
            cases.append(case)
    return {"tree": TREE, "cases": cases}


def draw(width, height, channels, seed):
    rng = np.random.RandomState(seed)
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([128 + 100 * np.sin((x * (c + 1) + 2 * y) / 9 + seed) for c in range(channels)], -1)
    return np.clip(smooth + rng.normal(0, 6, smooth.shape), 0, 255).astype("uint8")


def make_images(folder):
    def save(array, name, mode=None, **options):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(array.squeeze())
        if mode:
            image = image.convert(mode)
        image.save(path, **options)

    save(draw(20, 14, 3, 1), "png/rgb.png")
    save(draw(15, 22, 1, 2), "png/grey.png")
    save(draw(9, 11, 4, 3), "png/rgba.png")
    save(draw(16, 16, 2, 4), "png/grey_alpha.png")
    save(draw(17, 13, 3, 5), "png/palette.png", mode="P")
    save(draw(12, 12, 1, 6), "png/bits.png", mode="1")
    wide = draw(10, 8, 1, 7).astype("uint16") * 255 + 77
    Image.fromarray(wide.squeeze()).save(folder / "png/sixteen.png")
    save(draw(24, 24, 3, 8), "other/plain.bmp")
    save(draw(13, 9, 1, 9), "other/grey.bmp")
    save(draw(18, 12, 3, 10), "other/still.gif")
    frames = [Image.fromarray(draw(10, 10, 3, 20 + i)) for i in range(3)]
    frames[0].save(folder / "other/moving.gif", save_all=True, append_images=frames[1:], duration=50)
    save(draw(40, 30, 3, 11), "jpeg/plain.jpg", quality=90)
    save(draw(37, 29, 3, 12), "jpeg/subsampled.jpeg", quality=75, subsampling=2)
    save(draw(33, 31, 3, 13), "jpeg/full.JPG", quality=95, subsampling=0)
    save(draw(26, 35, 1, 14), "jpeg/grey.jpg", quality=85)
    save(draw(48, 40, 3, 15), "jpeg/progressive.jpg", quality=80, progressive=True)


def accurate(contents, channels, expand_animations):
    """What TensorFlow decodes, JPEG with the accurate transform that Pillow uses; its default is a coarser one."""
    return tf.cond(
        tf.io.is_jpeg(contents),
        lambda: tf.io.decode_jpeg(contents, channels=channels, dct_method="INTEGER_ACCURATE"),
        lambda: tf.io.decode_image(contents, channels=channels, expand_animations=expand_animations),
    )


def images():
    tf.image.decode_image = accurate
    folder = HERE / "images"
    make_images(folder)
    arrays, cases = {}, []
    sizes = {"small": (11, 7), "large": (30, 45)}
    for name, options in {
        "default": dict(image_size=sizes["small"]),
        "larger": dict(image_size=sizes["large"]),
        "crop": dict(image_size=(12, 12), crop_to_aspect_ratio=True),
        "pad": dict(image_size=(16, 10), pad_to_aspect_ratio=True),
        "nearest": dict(image_size=(10, 13), interpolation="nearest"),
        "bicubic": dict(image_size=(10, 13), interpolation="bicubic"),
        "lanczos3": dict(image_size=(10, 13), interpolation="lanczos3"),
        "lanczos5": dict(image_size=(30, 13), interpolation="lanczos5"),
        "area": dict(image_size=(11, 13), interpolation="area"),
        "area_larger": dict(image_size=(30, 45), interpolation="area"),
        # With 16 no pixel lies exactly at the edge of the kernel, which ends abruptly: rounding would decide whether it counts.
        "gaussian": dict(image_size=(16, 16), interpolation="gaussian"),
        "mitchellcubic": dict(image_size=(10, 30), interpolation="mitchellcubic"),
        "grey": dict(image_size=(12, 12), color_mode="grayscale", class_names=["png"]),
        "grey_jpeg": dict(image_size=(12, 12), color_mode="grayscale", class_names=["jpeg"]),
        "rgba": dict(image_size=(12, 12), color_mode="rgba", class_names=["png"]),
    }.items():
        dataset = keras.utils.image_dataset_from_directory(folder, shuffle=False, verbose=False, batch_size=5, **options)
        batches = list(dataset)
        arrays[f"{name}/x"] = np.concatenate([np.asarray(b[0]) for b in batches])
        arrays[f"{name}/y"] = np.concatenate([np.asarray(b[1]) for b in batches])
        cases.append({
            "name": name, "options": options, "class_names": dataset.class_names,
            "sizes": [len(b[0]) for b in batches],
            "paths": [os.path.relpath(p, folder) for p in dataset.file_paths],
        })
    # Pixels as they are.
    for path in sorted(folder.rglob("*.*")):
        raw = accurate(tf.io.read_file(str(path)), 3, False)
        arrays[f"raw/{path.relative_to(folder)}"] = np.asarray(raw)
    np.savez_compressed(HERE / "images.npz", **arrays)
    (HERE / "images.json").write_text(json.dumps(cases, indent=1) + "\n")


def sound(path, channels, samples, rate, rng):
    numbers = rng.integers(-32768, 32768, (samples, channels), dtype=np.int16)
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(numbers.astype("<i2").tobytes())


def sounds():
    """What Keras reads from folders of sounds."""
    rng, folder = np.random.default_rng(11), HERE / "sounds"
    for i, samples in enumerate([5, 9, 2, 7, 1]):
        sound(folder / "mono" / "ab"[i % 2] / f"{i}.wav", 1, samples, 8000, rng)
        sound(folder / "stereo" / "abc"[i % 3] / f"{i}.wav", 2, samples, 44100 if i == 1 else 16000, rng)
    cases = []
    for name, options in {
        "mono": {},
        "mono_long": dict(output_sequence_length=8, batch_size=2),
        "mono_short": dict(output_sequence_length=3, label_mode="binary"),
        "stereo": dict(label_mode="categorical", batch_size=3),
        "stereo_ragged": dict(ragged=False, label_mode=None, batch_size=2),
    }.items():
        of = folder / name.split("_")[0]
        dataset = keras.utils.audio_dataset_from_directory(of, shuffle=False, verbose=False, **options)
        batches = [[np.asarray(t).tolist() for t in tf.nest.flatten(b)] for b in dataset]
        cases.append({"name": name, "options": options, "batches": batches, "class_names": dataset.class_names})
    (HERE / "sounds.json").write_text(json.dumps(cases) + "\n")


def main():
    made = pipelines()
    out = {
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "pipelines": {k: {"elements": elements(v), "cardinality": cardinality(v)} for k, v in made.items()},
        "specs": specs(),
        "timeseries": timeseries(),
        "directories": directories(),
    }
    (HERE / "pipelines.json").write_text(json.dumps(out) + "\n")
    images()
    sounds()


main()
