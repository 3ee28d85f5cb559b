"""Golden cases of Fourier transforms and windows: writes signal.json and signal.npz.

Values are computed by NumPy in float64 and rounded; stft and istft by SciPy with Keras's scaling, and some compared with
Keras on JAX. Where we differ:
- istft of frames that do not overlap, or of few, is as long as SciPy's; Keras on JAX cuts it off;
- half floats are transformed in float32 (Keras on JAX refuses them);
- istft of a centred signal with fft_length 1 is not empty.

(The script is not called signal.py because Python has a module of that name.)
Run with: KERAS_BACKEND=jax JAX_PLATFORMS=cpu JAX_ENABLE_X64=1 python signals.py
"""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_ENABLE_X64", "1")
import keras  # noqa: E402
import numpy as np  # noqa: E402
import scipy.signal  # noqa: E402
from cases import BF16, INTS, SHAPES, Cases, numbers  # noqa: E402

C = Cases("signal")
TOLERANCE = {"float32": 2e-6, "float64": 1e-12, "float16": 4e-3, "bfloat16": 3e-2}


def np_type(dtype):
    return BF16 if dtype == "bfloat16" else np.dtype(dtype)


def add(op, xs, want, kw=None, checks="cs", views=None, dtype=None, scale=1.0):
    dtype = dtype or np.asarray(xs[0]).dtype.name
    want = want if isinstance(want, (list, tuple)) else [want]
    C.add(op, xs, [np.asarray(w).astype(np_type(dtype)) for w in want], kw, TOLERANCE[dtype] * scale, checks, views)


def parts(z):
    return [z.real, z.imag]


def complex_of(re, im):
    return re.astype(np.float64) + 1j * im.astype(np.float64)


def padded(window, length, fft):
    """The window over a whole transform."""
    if window is None:
        return np.ones(fft)
    w = scipy.signal.get_window(window, length) if isinstance(window, str) else window
    before = (fft - length) // 2
    return np.pad(w, [before, fft - length - before])


def stft(x, length, stride, fft, window="hann", center=True):
    w = padded(window, length, fft)
    if center:
        x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(fft // 2, fft // 2)], mode="reflect")
    z = scipy.signal.stft(x, window=w, nperseg=fft, noverlap=fft - stride, nfft=fft, boundary=None, padded=False)[-1]
    return parts(np.swapaxes(z * abs(w.sum()), -1, -2))


def istft(z, length, stride, fft, window="hann", center=True, out=None):
    w = padded(window, length, fft)
    z = z[0] + 1j * z[1]
    x = scipy.signal.istft(z, window=w, nperseg=fft, noverlap=fft - stride, nfft=fft, boundary=False, time_axis=-2,
                           freq_axis=-1)[-1]
    x = x / (stride if window is None else w.sum())
    start = fft // 2 if center else 0
    end = start + out if out is not None else x.shape[-1] - start
    return x[..., start:end]


def agrees(x, *args, **kw):
    """Whether Keras says the same."""
    ours, theirs = stft(x, *args, **kw), keras.ops.stft(x, *args, **kw)
    same = all(np.allclose(a, np.asarray(b)) for a, b in zip(ours, theirs))
    return same and np.allclose(istft(ours, *args, **kw), np.asarray(keras.ops.istft(theirs, *args, **kw)))


for keywords in [{}, {"window": None}, {"window": "hamming", "center": False}, {"window": np.arange(1.0, 5.0)}]:
    assert agrees(numbers((2, 12), "float64"), 4, 2, 4, **keywords), keywords
assert agrees(numbers((2, 32), "float64"), 3, 1, 5)

LINES = [s for s in SHAPES if s] + [(1, 1), (7,), (8,), (16,), (13,), (2, 12), (97,), (60,)]

for dtype in ["float32", "float64"]:
    for s in LINES:
        x = [numbers(s, dtype), numbers(s, dtype, seed=1)]
        z = complex_of(*x)
        # Lengths with a large prime go through a convolution.
        add("fft", x, parts(np.fft.fft(z) if s[-1] else z), scale=10 if s[-1] == 97 else 2)
        if len(s) > 1:
            both = np.fft.fft2(z) if min(s[-2:]) else z
            add("fft2", x, parts(both), scale=3)
            add("ifft2", x, parts(np.fft.ifft2(z) if min(s[-2:]) else z))
        if s[-1]:
            add("rfft", x[:1], parts(np.fft.rfft(x[0].astype(np.float64))), scale=2)
            for n in [1, 2, 3, 4, 6, 9]:
                if s in [(5,), (2, 3), (2, 3, 1, 2), (1,)]:
                    add("rfft", x[:1], parts(np.fft.rfft(x[0].astype(np.float64), n)), {"fft_length": n}, scale=2)
                    add("irfft", x, np.fft.irfft(z, n), {"fft_length": n})
        if s[-1] > 1:
            add("irfft", x, np.fft.irfft(z))
    for s in [(4, 5), (3, 1), (1, 3), (2, 2), (2, 3, 4)]:
        x = [numbers(s, dtype), numbers(s, dtype, seed=1)]
        z = complex_of(*x)
        for view in ["transposed", "reversed", "strided"]:
            add("fft", x, parts(np.fft.fft(z)), views=[view, None], scale=2)
            add("fft2", x, parts(np.fft.fft2(z)), views=[None, view], scale=3)
            add("ifft2", x, parts(np.fft.ifft2(z)), views=[view, view])
for dtype in ["float16", "bfloat16"]:
    x = [numbers((2, 4), dtype), numbers((2, 4), dtype, seed=1)]
    z = complex_of(*x)
    add("fft", x, parts(np.fft.fft(z)))
    add("fft2", x, parts(np.fft.fft2(z)))
    add("ifft2", x, parts(np.fft.ifft2(z)))
    add("rfft", x[:1], parts(np.fft.rfft(x[0].astype(np.float64))))
    add("irfft", x, np.fft.irfft(z))
for dtype in ["int32", "int64", "uint8", "bool"]:
    x = numbers((2, 4), dtype)
    add("rfft", [x], parts(np.fft.rfft(x.astype(np.float64))), dtype="float32")
for s in [(3,), (4,), (2, 2)]:
    x = [numbers(s, "float64"), numbers(s, "float64", seed=1)]
    z = complex_of(*x)
    add("fft", x, parts(np.fft.fft(z)), checks="csg")
    if len(s) == 2:
        add("fft2", x, parts(np.fft.fft2(z)), checks="csg")
        add("ifft2", x, parts(np.fft.ifft2(z)), checks="csg")
    add("rfft", x[:1], parts(np.fft.rfft(x[0])), checks="csg")
    add("irfft", x, np.fft.irfft(z), checks="csg")
add("rfft", [numbers((3,), "float64")], parts(np.fft.rfft(numbers((3,), "float64"), 5)), {"fft_length": 5}, "csg")
add("irfft", [numbers((3,), "float64"), numbers((3,), "float64", seed=1)],
    np.fft.irfft(complex_of(numbers((3,), "float64"), numbers((3,), "float64", seed=1)), 3), {"fft_length": 3}, "csg")
add("fft", [np.array([np.nan, 1.0]), np.zeros(2)], [np.full(2, np.nan), np.full(2, np.nan)][:1] + [np.array([0.0, 0.0])])

FRAMES = [(4, 2, 4), (3, 1, 4), (5, 2, 8), (4, 4, 4), (4, 3, 5), (1, 1, 1), (2, 1, 6), (8, 4, 8)]
for dtype in ["float32", "float64"]:
    for length, stride, fft in FRAMES:
        for s in [(12,), (2, 9), (1, 2, 16)]:
            for window in ["hann", "hamming", None, "given"]:
                for center in [True, False]:
                    if window not in ("hann", "given") and s != (12,):
                        continue
                    x = numbers(s, "float64")
                    w = numbers((length,), "float64", 0.5, 1.5) if window == "given" else window
                    kw = {"sequence_length": length, "sequence_stride": stride, "fft_length": fft, "window": window, "center": center}
                    if length == 1 and window in ("hann", "hamming"):
                        continue
                    xs = [x] + ([w] if window == "given" else [])
                    out = stft(x, length, stride, fft, window=w, center=center)
                    re, im = [np.asarray(o) for o in out]
                    cast = lambda v: v.astype(dtype)  # noqa: E731
                    add("stft", [cast(v) for v in xs], [re, im], kw, scale=4)
                    if fft == 1 and center or (dtype == "float32" and s != (12,)):
                        continue
                    ys = [re, im] + ([w] if window == "given" else [])
                    back = np.asarray(istft((re, im), length, stride, fft, window=w, center=center))
                    add("istft", [cast(v) for v in ys], back, kw, scale=40)
for n in [3, 6, 100]:
    x = numbers((2, 12), "float64")
    out = list(stft(x, 4, 2, 4))
    kw = {"sequence_length": 4, "sequence_stride": 2, "fft_length": 4, "window": "hann", "center": True, "length": n}
    add("istft", out, np.asarray(istft(tuple(out), 4, 2, 4, out=n)), kw, scale=40)
for center in [True, False]:
    x = numbers((6,), "float64")
    out = [np.asarray(o) for o in stft(x, 3, 2, 4, center=center)]
    kw = {"sequence_length": 3, "sequence_stride": 2, "fft_length": 4, "window": "hann", "center": center}
    add("stft", [x], out, kw, "csg")
    add("stft", [x, numbers((3,), "float64", 0.5, 1.5)], [np.asarray(o) for o in stft(x, 3, 2, 4, window=numbers((3,), "float64", 0.5, 1.5), center=center)],
        {**kw, "window": "given"}, "csg", views=["reversed", "strided"])
    out = [o[:2] for o in out]
    kw = {**kw, "window": "hamming"}
    add("istft", out, np.asarray(istft(tuple(out), 3, 2, 4, window="hamming", center=center)), kw, "csg", scale=40)

for name in ["bartlett", "blackman", "hamming", "hanning"]:
    for n in [0, 1, 2, 3, 4, 5, 8, 17]:
        C.add(name, [], [getattr(np, name)(n).astype(np.float32)], {"n": n}, 1e-7, "c" if n else "")
for n in [0, 1, 2, 3, 4, 5, 8, 17]:
    for beta in [0.0, 1.0, 14.0, 60.0, 300.0]:
        C.add("kaiser", [], [np.kaiser(n, beta).astype(np.float32)], {"n": n, "beta": beta}, 1e-7, "c" if n else "")
assert np.allclose(np.asarray(keras.ops.kaiser(5, 3.0)), np.kaiser(5, 3.0), 1e-6)
# The other element types: signals of whole numbers count as float32, and so do windows.
for dtype in INTS + ["bool"]:
    if dtype not in ("int32", "int64", "uint8"):
        x = numbers((2, 4), dtype)
        add("rfft", [x], parts(np.fft.rfft(x.astype(np.float64))), dtype="float32")
kw = {"sequence_length": 4, "sequence_stride": 2, "fft_length": 4, "window": "given", "center": True}
for dtype in [*INTS, "bool", "float16", "bfloat16"]:
    x, w = numbers((2, 12), "float32"), np.array([1, 1, 1, 1] if dtype == "bool" else [1, 2, 3, 1]).astype(np_type(dtype))
    z = [np.asarray(o) for o in stft(x.astype(np.float64), 4, 2, 4, window=w.astype(np.float64))]
    add("stft", [x, w], z, kw, scale=4)
    z32 = [o.astype(np.float32) for o in z]
    add("istft", [*z32, w], istft(tuple(o.astype(np.float64) for o in z32), 4, 2, 4, window=w.astype(np.float64)), kw, scale=40)

# Batches without signals.
kw = {"sequence_length": 4, "sequence_stride": 2, "fft_length": 4, "window": "hann", "center": True}
none = np.zeros((0, 7, 3), np.float32)
C.add("stft", [np.zeros((0, 12), np.float32)], [none, none], kw)
C.add("istft", [none, none], [np.zeros((0, 12), np.float32)], kw)

C.write()
