//! Tensors as text, laid out and rounded the way NumPy 2.4 does it.
//!
//! Large tensors are abbreviated to their corners, and only those elements are read.

use crate::convert::scalar_from_bytes;
use crate::eager;
use crate::tensor::{Data, Tensor};
use rhyton_base::{DType, Kind, Scalar, Shape, f16};
use rhyton_ops::Meta;
use std::fmt;
use std::str::FromStr;

/// A tensor with more elements than this is abbreviated.
const THRESHOLD: usize = 1000;
/// So many elements are shown at either end of an abbreviated axis.
const EDGE: usize = 3;
/// Where lines are broken.
const LINE_WIDTH: usize = 75;
/// So many digits are shown after the point unless the caller says otherwise.
const PRECISION: usize = 8;

/// The text of NumPy's `print(array)`.
///
/// Digits are the fewest that give the number back, at most 8 after the point, or as many as the format string
/// asks for. Tensors of more than 1000 elements show three at either end of each axis. A tensor of a function being
/// traced, which has no numbers, shows its shape and element type.
///
/// ```
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[1.0f32, -0.5], [1.0 / 3.0, 10.0]]);
/// assert_eq!(x.to_string(), "[[ 1.         -0.5       ]\n [ 0.33333334 10.        ]]");
/// assert_eq!(format!("{x:.2}"), "[[ 1.   -0.5 ]\n [ 0.33 10.  ]]");
/// ```
impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Meta { dtype, shape } = self.meta();
        match self.data() {
            Data::Concrete { .. } => f.write_str(&text(self, f.precision())),
            Data::Traced { .. } => write!(f, "<Tensor traced shape={shape}, dtype={dtype}>"),
            Data::Symbolic { .. } => write!(f, "<Tensor symbolic shape={shape}, dtype={dtype}>"),
        }
    }
}

/// Shape, element type and the text of `Display`, as TensorFlow shows its tensors.
///
/// ```
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([1.0f32, 2.5]);
/// assert_eq!(format!("{x:?}"), "<Tensor: shape=(2,), dtype=float32, numpy=[1.  2.5]>");
/// let x = Tensor::from([[1, 2], [3, 4]]);
/// assert_eq!(format!("{x:?}"), "<Tensor: shape=(2, 2), dtype=int32, numpy=\n[[1 2]\n [3 4]]>");
/// ```
impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.has_numbers() {
            return fmt::Display::fmt(self, f);
        }
        let text = text(self, f.precision());
        let gap = if text.contains('\n') { "\n" } else { "" };
        write!(f, "<Tensor: shape={}, dtype={}, numpy={gap}{text}>", Shape::from(self.shape()), self.dtype())
    }
}

fn text(x: &Tensor, precision: Option<usize>) -> String {
    if x.is_empty() {
        return "[]".to_string();
    }
    let abridged = x.len() > THRESHOLD;
    let axes: Vec<Axis> =
        x.shape().iter().map(|&size| Axis { size, abridged: abridged && size > 2 * EDGE }).collect();
    let numbers = visible_numbers(x, &axes);
    let cells = match (x.dtype().kind(), precision) {
        (Kind::Bool, _) => numbers.iter().map(|n| bool_text(*n, x.rank())).collect(),
        (Kind::Integer, _) => integer_texts(&numbers),
        // A lone number is shown in full, as in Python.
        (Kind::Float, None) if x.rank() == 0 => vec![Float(x.dtype()).alone(numbers[0].as_f64())],
        (Kind::Float, _) => {
            let numbers: Vec<f64> = numbers.iter().map(|n| n.as_f64()).collect();
            Float(x.dtype()).column(&numbers, precision.unwrap_or(PRECISION))
        }
    };
    block(&axes, 0, &mut cells.into_iter())
}

// ---- What is shown ----

/// One axis and whether only its ends are shown.
struct Axis {
    size: usize,
    abridged: bool,
}

impl Axis {
    /// The places shown; `None` stands for those left out.
    fn places(&self) -> Vec<Option<usize>> {
        match self.abridged {
            false => (0..self.size).map(Some).collect(),
            true => {
                (0..EDGE).map(Some).chain([None]).chain((self.size - EDGE..self.size).map(Some)).collect()
            }
        }
    }
}

/// The elements that are shown, in row-major order.
fn visible_numbers(x: &Tensor, axes: &[Axis]) -> Vec<Scalar> {
    let (storage, layout) = eager::parts(x);
    let mut offsets = vec![layout.offset() as isize];
    for (axis, &stride) in axes.iter().zip(layout.strides()) {
        let places = axis.places();
        offsets = offsets
            .iter()
            .flat_map(|&o| places.iter().flatten().map(move |&i| o + i as isize * stride))
            .collect();
    }
    let (bytes, size) = (storage.bytes(), x.dtype().size());
    let read = |offset: isize| {
        let start = offset as usize * size;
        scalar_from_bytes(x.dtype(), &bytes[start..start + size])
            .expect("the memory holds numbers of this type")
    };
    offsets.into_iter().map(read).collect()
}

// ---- How it is laid out ----

/// The cells of one block in brackets: a line that is broken where it gets too long, or a block per line.
fn block(axes: &[Axis], depth: usize, cells: &mut dyn Iterator<Item = String>) -> String {
    let Some(axis) = axes.get(depth) else { return cells.next().expect("one cell per place") };
    let indent = " ".repeat(depth + 1);
    let places = axis.places();
    let mut items = places.iter().map(|place| match place {
        Some(_) => block(axes, depth + 1, cells),
        None => "...".to_string(),
    });
    let mut out = String::new();
    if depth + 1 == axes.len() {
        // Room for the brackets that close here.
        let width = LINE_WIDTH.saturating_sub(depth + 1);
        let mut line = indent.clone();
        for (k, item) in items.enumerate() {
            if k > 0 {
                line.push(' ');
            }
            if line.len() + item.len() > width && line.len() > indent.len() {
                out.push_str(line.trim_end());
                out.push('\n');
                line.clone_from(&indent);
            }
            line.push_str(&item);
        }
        out.push_str(&line);
    } else {
        let gap = "\n".repeat(axes.len() - depth - 1);
        out.push_str(&indent);
        out.extend(items.next());
        for item in items {
            out.push_str(&gap);
            out.push_str(&indent);
            out.push_str(&item);
        }
    }
    format!("[{}]", &out[indent.len()..])
}

// ---- How one number is written ----

/// `True` is as wide as `False`, except alone.
fn bool_text(b: Scalar, rank: usize) -> String {
    match (b.as_bool(), rank) {
        (false, _) => "False",
        (true, 0) => "True",
        (true, _) => " True",
    }
    .to_string()
}

/// Integers aligned at the right.
fn integer_texts(numbers: &[Scalar]) -> Vec<String> {
    let cells: Vec<String> = numbers.iter().map(Scalar::to_string).collect();
    let width = cells.iter().map(String::len).max().unwrap_or(0);
    cells.iter().map(|c| format!("{c:>width$}")).collect()
}

/// One of the floating-point types, whose numbers are handed around as `f64`.
#[derive(Clone, Copy)]
struct Float(DType);

/// The decimal number d₁.d₂d₃… · 10^`exponent`, without zeros at the end.
struct Decimal {
    digits: String,
    exponent: i32,
}

impl Decimal {
    /// From text like `1.25e-7`.
    fn parse(scientific: &str) -> Decimal {
        let (digits, exponent) = scientific.split_once('e').expect("written with an exponent");
        let digits = digits.replace('.', "");
        let kept = digits.trim_end_matches('0').len().max(1);
        Decimal { digits: digits[..kept].to_string(), exponent: exponent.parse().expect("an integer") }
    }

    /// The exact value of `x` rounded to so many digits, halves to even.
    fn rounded(x: f64, digits: usize) -> Decimal {
        Decimal::parse(&format!("{:.*e}", digits - 1, x.abs()))
    }

    /// How many digits stand after the point when it is written without an exponent.
    fn fraction_digits(&self) -> usize {
        usize::try_from(self.digits.len() as i32 - 1 - self.exponent).unwrap_or(0)
    }

    /// The integer part and the fraction, without an exponent.
    fn positional(&self) -> (String, String) {
        let (d, whole) = (&self.digits, self.exponent + 1);
        match usize::try_from(whole) {
            Ok(whole) if whole >= d.len() => (format!("{d:0<whole$}"), String::new()),
            Ok(whole) if whole > 0 => (d[..whole].to_string(), d[whole..].to_string()),
            _ if d == "0" => ("0".to_string(), String::new()),
            _ => ("0".to_string(), format!("{}{d}", "0".repeat(whole.unsigned_abs() as usize))),
        }
    }

    /// The nearest number of a type.
    fn value<T: FromStr>(&self) -> T {
        let scale = self.exponent - (self.digits.len() as i32 - 1);
        format!("{}e{scale}", self.digits).parse().ok().expect("a decimal number")
    }

    /// The next larger number of so many digits.
    fn next(&self, digits: usize) -> Decimal {
        let n: u64 = format!("{:0<digits$}", self.digits).parse().expect("few digits");
        let text = (n + 1).to_string();
        let exponent = self.exponent + (text.len() - digits) as i32;
        Decimal::parse(&format!("{}.{}e{exponent}", &text[..1], &text[1..]))
    }
}

/// A number without its padding.
struct Cell {
    /// The integer part with its sign, or the whole of `nan` and `inf`.
    whole: String,
    /// The digits after the point.
    fraction: String,
    /// The sign and digits of the exponent, if there is one.
    exponent: Option<i32>,
}

impl Float {
    /// Fraction bits and the exponent of the smallest normal number.
    fn format(self) -> (i32, i32) {
        match self.0 {
            DType::F16 => (10, -14),
            DType::BF16 => (7, -126),
            DType::F32 => (23, -126),
            _ => (52, -1022),
        }
    }

    /// From here on numbers have more digits than the type can tell, and are written with an exponent. The
    /// second is the limit for a number alone.
    fn large(self) -> (f64, f64) {
        match self.0 {
            DType::F16 | DType::BF16 => (1e3, 1e3),
            DType::F32 => (1e6, 1e6),
            _ => (1e8, 1e16),
        }
    }

    /// `x` rounded to the type, for the thresholds, which are compared in it. `bfloat16` is compared in `float32`.
    fn round(self, x: f64) -> f64 {
        match self.0 {
            DType::F16 => f16::from_f32(x as f32).to_f64(),
            DType::F64 => x,
            _ => f64::from(x as f32),
        }
    }

    /// The shortest decimal number that rounds to `x`, and of those the nearest, with an even digit where two are.
    fn shortest(self, x: f64) -> Decimal {
        let x = x.abs();
        let digits = match self.0 {
            DType::F64 => Decimal::parse(&format!("{x:e}")).digits.len(),
            DType::F32 => Decimal::parse(&format!("{:e}", x as f32)).digits.len(),
            _ => 1,
        };
        let candidates = |n| {
            let nearest = Decimal::rounded(x, n);
            // At a power of two the nearest may round to the neighbour below, and only the next one to `x`.
            let next = nearest.next(n);
            [nearest, next]
        };
        (digits..).flat_map(candidates).find(|d| self.gives_back(d, x)).expect("some digits are enough")
    }

    /// Whether the decimal number rounds to `x`.
    fn gives_back(self, d: &Decimal, x: f64) -> bool {
        match self.0 {
            DType::F64 => d.value::<f64>() == x,
            DType::F32 => d.value::<f32>() == x as f32,
            _ => {
                // Between the halfway points to the neighbours; those themselves round to even. Below a power of
                // two the neighbours are twice as close.
                let (bits, lowest) = self.format();
                let exponent = ((x.to_bits() >> 52) as i32 - 1023).max(lowest);
                let spacing = f64::powi(2.0, exponent - bits);
                let significand = x / spacing;
                let narrow = significand == f64::powi(2.0, bits) && exponent > lowest;
                let low = x - spacing * if narrow { 0.25 } else { 0.5 };
                let high = x + spacing * 0.5;
                let d: f64 = d.value();
                (low < d && d < high) || (significand % 2.0 == 0.0 && (d == low || d == high))
            }
        }
    }

    /// A number alone: all its digits, `1.0` with a zero after the point.
    fn alone(self, x: f64) -> String {
        if !x.is_finite() {
            return non_finite(x).whole;
        }
        let (d, sign) = (self.shortest(x), sign(x));
        if x != 0.0 && !(1e-4..self.large().1).contains(&x.abs()) {
            let (first, rest) = d.digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            return format!("{sign}{first}{point}{rest}e{}", exponent_text(d.exponent, 2));
        }
        let (whole, fraction) = d.positional();
        format!("{sign}{whole}.{}", if fraction.is_empty() { "0" } else { &fraction })
    }

    /// The numbers of one array: all with an exponent or none, and all of one width.
    fn column(self, numbers: &[f64], precision: usize) -> Vec<String> {
        let finite: Vec<f64> = numbers.iter().copied().filter(|x| x.is_finite()).collect();
        let sizes = || finite.iter().map(|x| x.abs()).filter(|&x| x != 0.0);
        let (max, min) = (sizes().fold(0.0, f64::max), sizes().fold(f64::INFINITY, f64::min));
        let scientific = max > 0.0
            && (max >= self.large().0 || min < self.round(1e-4) || self.round(max / min) > self.round(1e3));
        let mut cells: Vec<Cell> = if scientific {
            // First the digits that each needs, then those of the longest for all.
            let fraction = |&x: &f64| self.scientific(x, precision).fraction.len();
            let longest = finite.iter().map(fraction).max().unwrap_or(0);
            numbers.iter().map(|&x| self.scientific_full(x, longest)).collect()
        } else {
            numbers.iter().map(|&x| self.positional(x, precision)).collect()
        };
        // The finite numbers say how wide the parts are; where they are alone, so do `nan` and `inf`.
        let of_finite = |width: &dyn Fn(&Cell) -> usize| {
            cells.iter().zip(numbers).filter(|(_, x)| x.is_finite()).map(|(c, _)| width(c)).max().unwrap_or(0)
        };
        let exponent_digits =
            of_finite(&|c| c.exponent.map_or(0, |e| e.unsigned_abs().to_string().len())).max(2);
        let right = of_finite(&|c| c.fraction.len()) + if scientific { exponent_digits + 2 } else { 0 };
        let left = of_finite(&|c| c.whole.len());
        let width = (left + 1 + right).max(widest_non_finite(numbers));
        let left = width - right - 1;
        let write = |(cell, &x): (&mut Cell, &f64)| {
            let Cell { whole, fraction, exponent } = cell;
            if !x.is_finite() {
                return format!("{whole:>width$}");
            }
            let tail = match exponent {
                Some(e) => format!("{fraction}e{}", exponent_text(*e, exponent_digits)),
                None => fraction.clone(),
            };
            format!("{whole:>left$}.{tail:<right$}")
        };
        cells.iter_mut().zip(numbers).map(write).collect()
    }

    /// Without an exponent, with at most `precision` digits after the point.
    fn positional(self, x: f64, precision: usize) -> Cell {
        if !x.is_finite() {
            return non_finite(x);
        }
        let shortest = self.shortest(x);
        let (whole, fraction) = if shortest.fraction_digits() <= precision {
            shortest.positional()
        } else {
            let text = format!("{:.precision$}", x.abs());
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
            (whole.to_string(), fraction.trim_end_matches('0').to_string())
        };
        Cell { whole: format!("{}{whole}", sign(x)), fraction, exponent: None }
    }

    /// With an exponent and at most `precision` digits after the point.
    fn scientific(self, x: f64, precision: usize) -> Cell {
        let shortest = self.shortest(x);
        let d = if shortest.digits.len() <= precision + 1 {
            shortest
        } else {
            Decimal::rounded(x, precision + 1)
        };
        let (first, rest) = d.digits.split_at(1);
        Cell { whole: format!("{}{first}", sign(x)), fraction: rest.to_string(), exponent: Some(d.exponent) }
    }

    /// With an exponent and `precision` digits after the point. Digits beyond the shortest are those of the exact
    /// value, not zeros.
    fn scientific_full(self, x: f64, precision: usize) -> Cell {
        if !x.is_finite() {
            return non_finite(x);
        }
        let (shortest, exact) = (self.shortest(x), Decimal::rounded(x, precision + 1));
        // At a power of two the nearest number of so many digits may round to the neighbour below.
        let d = if shortest.digits.len() <= precision + 1 && !self.gives_back(&exact, x.abs()) {
            shortest
        } else {
            exact
        };
        let (first, rest) = d.digits.split_at(1);
        Cell {
            whole: format!("{}{first}", sign(x)),
            fraction: format!("{rest:0<precision$}"),
            exponent: Some(d.exponent),
        }
    }
}

fn sign(x: f64) -> &'static str {
    if x.is_sign_negative() { "-" } else { "" }
}

fn non_finite(x: f64) -> Cell {
    let whole = if x.is_nan() { "nan".to_string() } else { format!("{}inf", sign(x)) };
    Cell { whole, fraction: String::new(), exponent: None }
}

/// A column that holds `nan` leaves room for `inf`, and for its sign where it holds `-inf`.
fn widest_non_finite(numbers: &[f64]) -> usize {
    match (numbers.iter().all(|x| x.is_finite()), numbers.contains(&f64::NEG_INFINITY)) {
        (true, _) => 0,
        (_, negative) => 3 + usize::from(negative),
    }
}

/// The exponent with its sign and at least so many digits: `+08`.
fn exponent_text(exponent: i32, digits: usize) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{sign}{:0digits$}", exponent.unsigned_abs())
}
