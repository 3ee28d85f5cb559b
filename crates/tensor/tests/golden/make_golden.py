"""Writes print.txt and index.txt: what NumPy 2.4 prints for arrays, and what its indexing gives.

    python make_golden.py

print.txt holds cases of one header line, `case <dtype> <shape> <precision or -> <bytes in hex>`, and the lines of
the expected text, each behind a `|`. NumPy has no bfloat16: those cases come from NumPy's own layout code with the
digit generation replaced by the one below, which is checked against NumPy's for the types that NumPy has.

index.txt holds a line for each index expression into `arange` of a shape: `<shape> <expression> -> <shape> <values>`,
or `error` for what is out of bounds.
"""

from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy._core import arrayprint

HERE = Path(__file__).parent


def dragon4(x, bits, lowest, max_digits, min_digits, fractional):
    """Digits and exponent of a positive number, as NumPy's dragon4.c generates them."""
    v = Fraction(float(x))
    exponent = np.frexp(np.float64(x))[1] - 1
    ulp = Fraction(2) ** (max(int(exponent), lowest) - bits)
    m = v / ulp
    assert m.denominator == 1
    high_margin = ulp / 2
    low_margin = ulp / 4 if m == 2**bits and exponent > lowest else ulp / 2
    even = m % 2 == 0
    first = 0  # such that v < 10^first
    while v >= Fraction(10) ** first:
        first += 1
    while v < Fraction(10) ** (first - 1):
        first -= 1
    if max_digits is not None and fractional and first <= -max_digits:
        first = -max_digits + 1
    last = -(10**6) if max_digits is None else (-max_digits if fractional else first - max_digits)
    least = first if not min_digits else min(first, -min_digits if fractional else first - min_digits)
    digits, place, rest = [], first, v
    while True:
        place -= 1
        unit = Fraction(10) ** place
        digit = rest // unit
        rest -= digit * unit
        low = rest <= low_margin if even else rest < low_margin
        high = rest + high_margin >= unit if even else rest + high_margin > unit
        digits.append(int(digit))
        if ((low or high) and place <= least) or place == last:
            break
    down = low
    if low == high:
        down = 2 * rest < unit or (2 * rest == unit and digits[-1] % 2 == 0)
    number = int("".join(map(str, digits))) + (0 if down else 1)
    text = str(number).rjust(len(digits), "0")
    return text.rstrip("0") or "0", first - 1 + len(text) - len(digits)


def scientific(bits, lowest):
    def write(x, precision=-1, min_digits=None, unique=True, trim="k", sign=False, pad_left=0, exp_digits=2):
        assert unique and not sign
        if x == 0:
            text, e = "0", 0
        else:
            most = None if precision < 0 else precision + 1
            text, e = dragon4(abs(x), bits, lowest, most, (min_digits or -1) + 1, False)
        fraction = text[1:]
        if trim == "k":
            fraction = fraction.ljust(min_digits or 0, "0")
        else:
            fraction = fraction.rstrip("0")
        whole = ("-" if np.signbit(x) else "") + text[0]
        power = str(abs(e)).rjust(max(exp_digits, 2), "0")
        return f"{whole.rjust(pad_left)}.{fraction}e{'-' if e < 0 else '+'}{power}"

    return write


def positional(bits, lowest):
    def write(x, precision=-1, unique=True, fractional=True, trim="k", sign=False, pad_left=0, pad_right=0, **_):
        assert unique and fractional and trim == "." and not sign
        if x == 0:
            whole, fraction = "0", ""
        else:
            text, e = dragon4(abs(x), bits, lowest, None if precision < 0 else precision, 0, True)
            if e < 0:
                text, e = "0" * -e + text, 0
            text = text.ljust(e + 1, "0")
            whole, fraction = text[: e + 1], text[e + 1 :]
        fraction = fraction.rstrip("0")
        whole = ("-" if np.signbit(x) else "") + whole
        return f"{whole.rjust(pad_left)}.{fraction.ljust(pad_right)}"

    return write


class digits_of:
    """Within it NumPy prints float32 arrays with the digits of a type of so many fraction bits, but with the
    thresholds of float16."""

    def __init__(self, bits, lowest, precision=None):
        self.bits, self.lowest, self.precision = bits, lowest, precision

    def __enter__(self):
        self.kept = arrayprint.dragon4_scientific, arrayprint.dragon4_positional, np.finfo
        arrayprint.dragon4_scientific = scientific(self.bits, self.lowest)
        arrayprint.dragon4_positional = positional(self.bits, self.lowest)
        if self.precision:
            np.finfo = lambda _: type("finfo", (), {"precision": self.precision})

    def __exit__(self, *_):
        arrayprint.dragon4_scientific, arrayprint.dragon4_positional, np.finfo = self.kept


def text_of(x, precision, bfloat16):
    if bfloat16:
        with digits_of(7, -126, 3):
            if x.shape == () and precision is None:
                value = float(x)
                if not np.isfinite(value):
                    return str(value)
                if value != 0 and not 1e-4 <= abs(value) < 1e3:
                    return scientific(7, -126)(x, trim=".").replace(".e", "e")
                text = positional(7, -126)(x, trim=".")
                return text + "0" if text.endswith(".") else text
            return np.array2string(x, precision=precision)
    # str() shows a lone number in full; array2string would cut it off.
    return str(x) if precision is None else np.array2string(x, precision=precision)


def bfloat16_of(x):
    """float32 numbers rounded to bfloat16, ties to even."""
    u = np.ascontiguousarray(x, np.float32).view(np.uint32)
    rounded = ((u + 0x7FFF + ((u >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)
    special = np.where(np.isnan(x), np.float32(np.nan), np.asarray(x, np.float32))
    return np.where(np.isfinite(x), rounded, special).astype(np.float32).reshape(np.shape(x))


def print_cases():
    r = np.random.default_rng(20250611)
    f16, f32, f64 = np.float16, np.float32, np.float64
    nan, inf = np.nan, np.inf
    special = [
        [0.0], [-0.0], [0.0, -0.0, 1.0], [1.0, 2.0, 3.0], [1.0, 2.5], [0.1, 0.2, 0.3], [-1.5, 22.25, 0.125],
        [nan], [inf], [-inf], [nan, inf], [nan, -inf], [nan, 1.0], [inf, -1.0], [-inf, 1.5], [nan, inf, -inf, 100.25],
        [1e-3, 1.0], [9.99e-4, 1.0], [1e-4], [9e-5], [1e-5, 1.0, nan], [999.0], [1000.0], [1000.0, 1.0], [1001.0, 1.0],
        [1e4, -inf, 1e-4], [1 / 3, 2 / 3, 100 / 3], [1e-8, 1.0], [0.5, 1.5, 2.5], [0.5, 1e-7], [2.0**-14, 2.0**-10],
        [65504.0, 6e-8], [1.0, 1024.0, 2048.0], [0.09997, 12340.0], [-1e-3, 1e3, 0.0], [9.9999, 0.00001], [99.5, 0.75],
    ]  # fmt: skip
    for values in special:
        for dtype in (f16, f32, f64, "bf16"):
            if dtype == f64 or values is special[-1] or len(values) != 2 or dtype == "bf16" or nan in values:
                yield np.array(values, f32 if dtype == "bf16" else dtype), dtype, None
    for v in (999999.0, 1e6, 1.5e7, 99999.0, 16777216.0, 1e-45, 3.4028235e38, 1.1754944e-38, 8388608.5):
        yield np.array([v], f32), f32, None
        yield np.array([v, 1.0], f32), f32, None
    for v in (99999999.0, 1e8, 1e15, 1e16, 1e22, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 1e100):
        yield np.array([v, 1.0]), f64, None
    # Powers of two, where neighbours lie at unequal distances.
    yield np.array([2.0**k for k in range(-24, 16)], f16), f16, None
    yield np.array([2.0**k for k in range(-149, 128, 7)], f32), f32, None
    yield np.array([2.0**k for k in range(-1074, 1024, 31)]), f64, None
    yield np.array([2.0**k for k in range(-133, 128, 5)], f32), "bf16", None
    yield np.array([2.0**k for k in range(-9, 10)], f32), f32, None
    # Two shortest numbers at the same distance.
    yield np.array([2.00390625, 3.98828125, 2.01171875, 2.00390625 + 2**-20], f32), f32, None
    yield np.array([2.00390625, 8.5e7 + 1 / 64]), f64, None
    yield np.array([9007199254740993, 2.0**70, 2.0**77, 2.0**-1060]), f64, None
    # Numbers alone.
    for v in (0.0, -0.0, 1.0, 0.1, -2.5, 1e-4, 9e-5, 999.0, 1000.0, 12345.678, 1e6, 1e15, 1e16, 1 / 3, nan, -inf):
        for dtype in (f16, f32, f64, "bf16"):
            if dtype != f16 or not np.isfinite(v) or abs(v) < 65504:
                yield np.array(v, f32 if dtype == "bf16" else dtype), dtype, None
    # Random numbers of many sizes.
    for dtype in (f16, f32, f64, "bf16"):
        cast = f32 if dtype == "bf16" else dtype
        for shape in ((7,), (3, 4), (2, 3, 4), (2, 1, 2, 3), (2, 2, 1, 2, 2), (33,), (2, 30)):
            yield r.standard_normal(shape).astype(cast), dtype, None
        yield (r.standard_normal((4, 5)) * 10.0 ** r.integers(-6, 4, (4, 5))).astype(cast), dtype, None
        yield r.uniform(0, 1, (3, 3)).astype(cast), dtype, None
        yield (100 * r.standard_normal((2, 6))).astype(cast), dtype, None
        yield r.integers(-50, 50, (3, 7)).astype(cast), dtype, None
        yield (r.integers(0, 99, (30,)) / 4).astype(cast), dtype, None
        for precision in (0, 1, 2, 3, 5, 12):
            yield (r.standard_normal((2, 4)) * 10).astype(cast), dtype, precision
            yield np.array([0.5, 1.5, 2.5, 0.125, 0.375]).astype(cast), dtype, precision
            yield np.array([1e-5, 1.0, 123.456]).astype(cast), dtype, precision
            yield np.array(r.standard_normal()).astype(cast), dtype, precision
        mixed = r.standard_normal((5, 6))
        mixed[1, 2], mixed[3, 4], mixed[0, 0] = nan, inf, -0.0
        yield mixed.astype(cast), dtype, None
        # All bit patterns are as likely.
        noise = np.frombuffer(r.bytes(40 * np.dtype(cast).itemsize), cast)
        yield noise, dtype, None
    # Integers and truth values.
    for dtype in ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8"):
        limits = np.iinfo(dtype)
        yield np.array(7, dtype), dtype, None
        yield np.array([limits.min, limits.max, 0], dtype), dtype, None
        yield r.integers(limits.min, limits.max, (3, 5), dtype=dtype), dtype, None
        yield r.integers(0, 100, (2, 2, 40), dtype=dtype), dtype, None
    for shape in ((), (5,), (2, 3), (40,), (2, 2, 2)):
        yield r.integers(0, 2, shape).astype(bool), "?", None
    # Nothing at all.
    for shape in ((0,), (2, 0), (0, 3), (2, 0, 3), (1, 1, 0)):
        yield np.zeros(shape, f32), f32, None
    yield np.zeros((0,), bool), "?", None
    # Around the size where the middle is left out.
    for shape in ((1000,), (1001,), (10, 100), (7, 143), (3, 3, 112), (11, 7, 13)):
        yield r.integers(-99, 99, shape, dtype="i1"), "i1", None
    yield r.integers(0, 2, (6, 167)).astype(bool), "?", None
    yield r.integers(0, 2, (6, 166)).astype(bool), "?", None
    yield r.integers(0, 2, (8, 8, 16)).astype(bool), "?", None
    for dtype in (f16, f32, "bf16"):
        cast = f32 if dtype == "bf16" else dtype
        shapes = ((1001,), (6, 7, 8, 4)) if dtype == f32 else ((501, 2), (2, 501), (7, 6, 5, 5))
        for shape in shapes:
            yield r.standard_normal(shape).astype(cast), dtype, None
    corners = np.zeros((32, 32), f16)
    corners[16, 16] = 60000  # not shown, and without influence on the rest
    yield corners, f16, None
    yield r.standard_normal((3, 335)).astype(f32), f32, 3
    yield r.standard_normal((1,) * 5).astype(f32), f32, None
    yield r.standard_normal((1, 2, 1, 3, 2)).astype(f64), f64, None
    yield np.arange(24.0).reshape(2, 3, 4), f64, None
    yield np.arange(100.0).astype(f16), f16, None


NAMES = {
    "u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64", "i1": "int8", "i2": "int16", "i4": "int32",
    "i8": "int64", "?": "bool", np.float16: "float16", np.float32: "float32", np.float64: "float64", "bf16": "bfloat16",
}  # fmt: skip


def write_print():
    lines, seen = [], set()
    for x, dtype, precision in print_cases():
        data = x
        if dtype == "bf16":
            x = bfloat16_of(x)
            data = (x.view(np.uint32) >> 16).astype(np.uint16)
        header = f"case {NAMES[dtype]} {','.join(map(str, x.shape)) or '-'} {'-' if precision is None else precision}"
        header += " " + (data.tobytes().hex() or "-")
        if header in seen:
            continue
        seen.add(header)
        lines.append(header)
        with np.errstate(all="ignore"):
            text = text_of(x, precision, dtype == "bf16")
        lines += ["|" + line for line in text.split("\n")]
    (HERE / "print.txt").write_text("\n".join(lines) + "\n")
    return len(seen)


def check_digits():
    """The replacement for dragon4.c gives NumPy's own text where NumPy has one."""
    r = np.random.default_rng(5)
    with np.errstate(all="ignore"):
        for dtype, bits, lowest in ((np.float16, 10, -14), (np.float32, 23, -126)):
            size = np.dtype(dtype).itemsize
            for k in range(3000):
                x = np.frombuffer(r.bytes(3 * size), dtype)
                if k % 3:
                    x = (r.standard_normal(3) * 10.0 ** r.integers(-6, 4)).astype(dtype)
                if k % 7 == 0:
                    x = (2.0 ** r.integers(lowest - bits, -lowest, 3)).astype(dtype)
                precision = None if k % 2 else int(r.integers(0, 10))
                expected = np.array2string(x, precision=precision)
                with digits_of(bits, lowest):
                    got = np.array2string(x, precision=precision)
                assert got == expected, (x, precision, got, expected)


INDEX = {
    (10,): (
        "3", "-1", "0", "9", "-10", "10", "-11", "2:5", "2:", ":4", ":", "-3:", ":-3", "-5:-2", "5:2", "20:", ":20", "-20:3",
        "-20:-15", "8:20", "::2", "1::3", "1:8:2", "::-1", "::-3", "8:2:-1", "8:2:-2", "2:8:-1", "-1:-5:-1", "-2::-2",
        ":3:-1", "20::-4", ":-20:-1", "3:4:100", "::-100", "None", ":,None", "None,2:4", "...", "...,-1", "1,2",
        "None,3,None",
    ),
    (4, 5): (
        "1", "-1", "1,2", "-1,-1", ":,2", "2,:", "1:3,1:4", "::2,::-1", "::-1,::-1", ":,-2:", "1,::2", "...,0", "0,...",
        "...", "None", ":,None,:", "...,None", "None,...,None", "1,None,2:", "4", "0,5", "0,-6", "0,0,0", "3:1,:",
        ":,5:", "2:2,3",
    ),
    (2, 3, 4): (
        "1", "1,2", "1,2,3", "...,1", "0,...,1", ":,1", ":,:,1", "::-1,1,::2", "1,...", "None,1,None,...,2", ":,::-2,1:3",
        "...,None,0", "0,None,1,None,2", "0,0,0,None", "1,1:,-3:-1",
    ),
    (2, 0, 3): ("1", ":,0", "...,1", ":,:,::-1", ":,:5", "None,0"),
    (): ("...", "None", "None,...,None", "0"),
    (2, 1, 2, 1, 2, 2): ("1,0,...", "...,0,1", "0,:,1,:,0,:", "0,0,0,0,0,0", "1,::-1,::-1,:,::-1,0:1"),
}  # fmt: skip


def write_index():
    lines = []
    for shape, expressions in INDEX.items():
        x = np.arange(int(np.prod(shape)), dtype=np.int32).reshape(shape)
        for e in expressions:
            try:
                y = np.asarray(eval(f"x[{e}]", {"x": x}))
                result = f"{','.join(map(str, y.shape)) or '-'} {','.join(map(str, y.ravel().tolist())) or '-'}"
            except IndexError:
                result = "error"
            lines.append(f"{','.join(map(str, shape)) or '-'} {e} -> {result}")
    (HERE / "index.txt").write_text("\n".join(lines) + "\n")
    return len(lines)


if __name__ == "__main__":
    assert np.__version__.startswith("2.4"), "NumPy's rules of printing differ between versions"
    check_digits()
    print(write_print(), "prints and", write_index(), "indices")
