//! Scalar expressions flattened to a tape of vector instructions over numbered registers.

use crate::update::{Mean, Root, recognised};
use rhyton_base::{DType, Element, Scalar, bf16, f16};
use rhyton_ops::{BinaryFn, Expr, ExprKind, UnaryFn};
use std::collections::{HashMap, HashSet};

/// The types that registers hold; narrower elements are widened to these and wrapped after each operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// `float32`, and `float16` and `bfloat16` rounded after each operation.
    F32,
    /// `float64`.
    F64,
    /// `bool` as 0 and 1, integers of up to 16 bits, `int32`.
    I32,
    /// `uint32`, `int64`.
    I64,
    /// `uint64`.
    U64,
}

impl Class {
    pub fn of(dtype: DType) -> Class {
        use DType::*;
        match dtype {
            F16 | BF16 | F32 => Class::F32,
            F64 => Class::F64,
            Bool | U8 | U16 | I8 | I16 | I32 => Class::I32,
            U32 | I64 => Class::I64,
            U64 => Class::U64,
        }
    }

    /// Bytes an element takes in a register.
    pub fn size(self) -> usize {
        match self {
            Class::F32 | Class::I32 => 4,
            _ => 8,
        }
    }

    /// Whether elements of `dtype` lie in memory as they do in a register.
    pub fn is_native(dtype: DType) -> bool {
        matches!(dtype, DType::F32 | DType::F64 | DType::I32 | DType::I64 | DType::U64)
    }
}

/// A register's number.
pub type Reg = usize;

/// One vector instruction; `dst` is never one of the sources. (What they stand for may be the same memory where
/// [`Instr::works_in_place`] says so.)
#[derive(Clone, Copy, Debug)]
pub enum Instr {
    /// The chunk of an input.
    Load { dst: Reg, input: usize },
    /// A function of one register.
    Unary { f: UnaryFn, class: Class, dst: Reg, a: Reg },
    /// The other truth value.
    NotBool { dst: Reg, a: Reg },
    /// A function of two registers.
    Binary { f: BinaryFn, class: Class, dst: Reg, a: Reg, b: Reg },
    /// Two functions of floats at once: `g(f(a, b), c)`, or `g(c, f(a, b))` if `turned`. Rounded after each.
    Chain { f: Arithmetic, g: Arithmetic, turned: bool, class: Class, dst: Reg, a: Reg, b: Reg, c: Reg },
    /// Two steps with numbers at once: `g(f(a))`, between bounds of `a` and of the result. Rounded after each.
    Affine { f: Step, g: Step, bounds: Option<[Bounds; 2]>, class: Class, dst: Reg, a: Reg },
    /// The larger, or smaller, of `a` and a number that is not NaN.
    Bound { least: bool, k: f64, class: Class, dst: Reg, a: Reg },
    /// A running mean `a` that takes in `b`, or its square. Rounded after each function.
    Mean { how: Mean, squared: bool, class: Class, dst: Reg, a: Reg, b: Reg },
    /// `a - b * c / root(d)`. Rounded after each function.
    Descent { root: Root, class: Class, dst: Reg, a: Reg, b: Reg, c: Reg, d: Reg },
    /// `a` where the register `c` is not 0, `b` elsewhere.
    Select { class: Class, dst: Reg, c: Reg, a: Reg, b: Reg },
    /// From one type to another, with the rules of a cast.
    Convert { from: Class, to: DType, dst: Reg, a: Reg },
    /// Wrapped to the range, or rounded to the precision, of a narrow type.
    Wrap { to: DType, dst: Reg, a: Reg },
    /// Random bits; `index` is an affine input.
    Random { stream: u32, dst: Reg, seed: Reg, counter: Reg, index: Reg },
}

/// The least number and the largest; infinite where there is none. Neither is NaN.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub low: f64,
    pub high: f64,
}

impl Bounds {
    const NONE: Bounds = Bounds { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// These and one more behind them, where it is all the same which comes first.
    fn and(self, least: bool, k: f64) -> Option<Bounds> {
        match (least, self.low, self.high) {
            (true, low, f64::INFINITY) if low <= k => Some(Bounds { low, high: k }),
            (false, f64::NEG_INFINITY, high) if k <= high => Some(Bounds { low: k, high }),
            _ => None,
        }
    }
}

/// Arithmetic with a number.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// `x * k`.
    Mul(f64),
    /// `x + k`.
    Add(f64),
    /// `k - x`.
    From(f64),
}

impl Step {
    /// `f` of two registers, one of which is a number, and the other one. `x - k` is `x + (-k)`, to the last bit.
    fn of(f: Arithmetic, [a, b]: [Reg; 2], number: impl Fn(Reg) -> Option<f64>) -> Option<(Step, Reg)> {
        match (f, number(a), number(b)) {
            (Arithmetic::Mul, None, Some(k)) => Some((Step::Mul(k), a)),
            (Arithmetic::Mul, Some(k), None) => Some((Step::Mul(k), b)),
            (Arithmetic::Add, None, Some(k)) => Some((Step::Add(k), a)),
            (Arithmetic::Add, Some(k), None) => Some((Step::Add(k), b)),
            (Arithmetic::Sub, None, Some(k)) => Some((Step::Add(-k), a)),
            (Arithmetic::Sub, Some(k), None) => Some((Step::From(k), b)),
            _ => None,
        }
    }
}

/// The functions that instructions are chained of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Sub,
    Mul,
    Div,
}

impl Arithmetic {
    fn of(f: BinaryFn) -> Option<Arithmetic> {
        match f {
            BinaryFn::Add => Some(Arithmetic::Add),
            BinaryFn::Sub => Some(Arithmetic::Sub),
            BinaryFn::Mul => Some(Arithmetic::Mul),
            BinaryFn::Div => Some(Arithmetic::Div),
            _ => None,
        }
    }
}

/// What a `Load` reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The loop's input of this number.
    Input(usize),
    /// `Σ coordinate · stride` over the loop's axes, an `int64`.
    Affine(Vec<i64>),
    /// A number.
    Const(Scalar, DType),
}

/// A tape: its inputs, its instructions, and where its results are.
#[derive(Clone, Debug)]
pub struct Tape {
    /// What each `Load` reads, in the order of first use.
    pub sources: Vec<Source>,
    /// The instructions in order; loads come where they are first needed.
    pub instrs: Vec<Instr>,
    /// The register of each result, valid at the end.
    pub results: Vec<Reg>,
    /// How many registers there are.
    pub registers: usize,
}

impl Tape {
    /// Whether a result may be written where an input of the loop lies, in the same order: what makes it works in place,
    /// and nothing reads the input later.
    pub fn may_overwrite(&self, input: usize, result: Reg) -> bool {
        let mut code = self.instrs.iter().skip_while(|i| i.dst() != result);
        let works = code.next().is_some_and(Instr::works_in_place);
        let reads = |i: &Instr| match i {
            Instr::Load { input: from, .. } if self.sources[*from] == Source::Input(input) => Some(i.dst()),
            _ => None,
        };
        let register = self.instrs.iter().find_map(reads);
        works && register.is_none_or(|r| code.all(|i| i.dst() != r && !i.sources().contains(&r)))
    }
}

/// Flattens expressions over a space of `rank` axes; equal parts are computed once.
pub fn flatten(exprs: &[Expr], rank: usize) -> Tape {
    let mut f = Flatten { rank, known: HashMap::new(), sources: Vec::new(), code: Vec::new(), next: 0 };
    let results: Vec<Reg> = exprs.iter().map(|e| f.emit(e)).collect();
    let code = recognised(f.code, &f.sources, &results);
    let instrs = with_numbers(chain(code, &results), &f.sources, &results);
    let instrs = with_bounds(instrs, &results);
    assign(Tape { sources: f.sources, instrs, results, registers: f.next })
}

/// Joins arithmetic whose only use is in other arithmetic: what lies between never leaves the processor.
fn chain(code: Vec<Instr>, results: &[Reg]) -> Vec<Instr> {
    let uses = uses(&code, results);
    let mut out: Vec<Option<Instr>> = Vec::with_capacity(code.len());
    let mut maker: HashMap<Reg, usize> = HashMap::new();
    for instr in code {
        let joined = match instr {
            Instr::Binary { f: g, class: class @ (Class::F32 | Class::F64), dst, a, b } => {
                let inner = |r: Reg| {
                    let at = *maker.get(&r).filter(|_| uses[&r] == 1)?;
                    match out[at] {
                        Some(Instr::Binary { f, a, b, .. }) => Some((at, Arithmetic::of(f)?, a, b)),
                        _ => None,
                    }
                };
                Arithmetic::of(g).and_then(|g| match (inner(a), inner(b)) {
                    (Some((at, f, x, y)), _) => {
                        Some((at, Instr::Chain { f, g, turned: false, class, dst, a: x, b: y, c: b }))
                    }
                    (None, Some((at, f, x, y))) => {
                        Some((at, Instr::Chain { f, g, turned: true, class, dst, a: x, b: y, c: a }))
                    }
                    _ => None,
                })
            }
            _ => None,
        };
        let instr = match joined {
            Some((at, chained)) => {
                out[at] = None;
                chained
            }
            None => instr,
        };
        maker.insert(instr.dst(), out.len());
        out.push(Some(instr));
    }
    out.into_iter().flatten().collect()
}

/// Numbers that arithmetic can take along need no registers.
fn with_numbers(code: Vec<Instr>, sources: &[Source], results: &[Reg]) -> Vec<Instr> {
    let numbers = numbers(&code, sources);
    let number = |r: Reg| numbers.get(&r).copied();
    let code: Vec<Instr> = code
        .into_iter()
        .map(|instr| match instr {
            Instr::Chain { f, g, turned, class, dst, a, b, c } => {
                let pair = if turned { [c, dst] } else { [dst, c] };
                match (Step::of(f, [a, b], number), Step::of(g, pair, number)) {
                    (Some((f, a)), Some((g, _))) => Instr::Affine { f, g, bounds: None, class, dst, a },
                    _ => instr,
                }
            }
            Instr::Binary { f: f @ (BinaryFn::Max | BinaryFn::Min), class, dst, a, b } => {
                let least = f == BinaryFn::Min;
                match (number(a), number(b)) {
                    (None, Some(k)) => Instr::Bound { least, k, class, dst, a },
                    // Of two equal numbers the first counts, which matters for zeros.
                    (Some(k), None) if k != 0.0 => Instr::Bound { least, k, class, dst, a: b },
                    _ => instr,
                }
            }
            _ => instr,
        })
        .collect();
    let read: HashSet<Reg> = code.iter().flat_map(Instr::sources).chain(results.iter().copied()).collect();
    let is_needed = |i: &Instr| !matches!(i, Instr::Load { dst, .. } if !read.contains(dst));
    code.into_iter().filter(is_needed).collect()
}

/// Bounds join the steps with numbers next to them, where nothing else reads what lies between.
fn with_bounds(code: Vec<Instr>, results: &[Reg]) -> Vec<Instr> {
    let uses = uses(&code, results);
    let mut out: Vec<Option<Instr>> = Vec::with_capacity(code.len());
    let mut maker: HashMap<Reg, usize> = HashMap::new();
    for instr in code {
        let joined = instr.sources().first().and_then(|a| {
            let at = *maker.get(a).filter(|_| uses[a] == 1)?;
            let joined = match (out[at]?, instr) {
                (Instr::Affine { f, g, bounds, class, a, .. }, Instr::Bound { least, k, dst, .. }) => {
                    let [before, after] = bounds.unwrap_or([Bounds::NONE; 2]);
                    Instr::Affine { f, g, bounds: Some([before, after.and(least, k)?]), class, dst, a }
                }
                (Instr::Bound { least, k, a, .. }, Instr::Affine { f, g, class, dst, bounds: None, .. }) => {
                    let before = Bounds::NONE.and(least, k)?;
                    Instr::Affine { f, g, bounds: Some([before, Bounds::NONE]), class, dst, a }
                }
                _ => return None,
            };
            Some((at, joined))
        });
        let instr = joined.map_or(instr, |(at, joined)| {
            out[at] = None;
            joined
        });
        maker.insert(instr.dst(), out.len());
        out.push(Some(instr));
    }
    out.into_iter().flatten().collect()
}

/// The registers that hold numbers.
pub fn numbers(code: &[Instr], sources: &[Source]) -> HashMap<Reg, f64> {
    let number = |i: &Instr| match i {
        Instr::Load { dst, input } => match sources[*input] {
            Source::Const(k, dtype) if dtype.is_float() && !k.as_f64().is_nan() => Some((*dst, k.as_f64())),
            _ => None,
        },
        _ => None,
    };
    code.iter().filter_map(number).collect()
}

/// How often each register is read.
pub fn uses(code: &[Instr], results: &[Reg]) -> HashMap<Reg, usize> {
    let mut uses: HashMap<Reg, usize> = HashMap::new();
    let read = code.iter().flat_map(Instr::sources).chain(results.iter().copied());
    read.for_each(|r| *uses.entry(r).or_default() += 1);
    uses
}

struct Flatten {
    rank: usize,
    known: HashMap<Expr, Reg>,
    sources: Vec<Source>,
    code: Vec<Instr>,
    next: Reg,
}

impl Flatten {
    fn fresh(&mut self) -> Reg {
        self.next += 1;
        self.next - 1
    }

    fn load(&mut self, source: Source) -> Reg {
        let input = self.sources.iter().position(|s| *s == source).unwrap_or_else(|| {
            self.sources.push(source);
            self.sources.len() - 1
        });
        let dst = self.fresh();
        self.code.push(Instr::Load { dst, input });
        dst
    }

    fn emit(&mut self, e: &Expr) -> Reg {
        if let Some(&r) = self.known.get(e) {
            return r;
        }
        let r = self.emit_new(e);
        self.known.insert(e.clone(), r);
        r
    }

    fn emit_new(&mut self, e: &Expr) -> Reg {
        if e.dtype() == DType::I64
            && let Some((strides, 0)) = affine(e, self.rank)
            && strides.iter().any(|&s| s != 0)
        {
            return self.load(Source::Affine(strides));
        }
        let class = Class::of(e.dtype());
        match e.kind() {
            ExprKind::Input(i) => self.load(Source::Input(*i)),
            ExprKind::Const(c) => self.load(Source::Const(rounded(*c, e.dtype()), e.dtype())),
            ExprKind::Index(axis) => {
                let mut strides = vec![0; self.rank];
                strides[*axis] = 1;
                self.load(Source::Affine(strides))
            }
            ExprKind::Unary(UnaryFn::Not, a) if e.dtype() == DType::Bool => {
                let a = self.emit(a);
                let dst = self.fresh();
                self.code.push(Instr::NotBool { dst, a });
                dst
            }
            ExprKind::Unary(f, a) => {
                let class = Class::of(a.dtype());
                let a = self.emit(a);
                let dst = self.fresh();
                self.code.push(Instr::Unary { f: *f, class, dst, a });
                self.wrap(dst, e.dtype())
            }
            ExprKind::Binary(f, a, b) => {
                let (dtype, class) = (a.dtype(), Class::of(a.dtype()));
                let (a, b) = (self.emit(a), self.emit(b));
                let f = match (dtype, f) {
                    (DType::Bool, BinaryFn::Add | BinaryFn::Max) => BinaryFn::Or,
                    (DType::Bool, BinaryFn::Mul | BinaryFn::Min) => BinaryFn::And,
                    (DType::Bool, BinaryFn::Sub) => BinaryFn::Xor,
                    _ => *f,
                };
                let dst = self.fresh();
                self.code.push(Instr::Binary { f, class, dst, a, b });
                self.wrap(dst, e.dtype())
            }
            ExprKind::Select(c, a, b) => {
                let (c, a, b) = (self.emit(c), self.emit(a), self.emit(b));
                let dst = self.fresh();
                self.code.push(Instr::Select { class, dst, c, a, b });
                dst
            }
            // A half float in a register is the same `float32`.
            ExprKind::Cast(a) if e.dtype() == DType::F32 && class == Class::of(a.dtype()) => self.emit(a),
            ExprKind::Cast(a) => {
                let (from, to) = (a.dtype(), e.dtype());
                let a = self.emit(a);
                let dst = self.fresh();
                self.code.push(Instr::Convert { from: Class::of(from), to, dst, a });
                dst
            }
            ExprKind::Random { seed, counter, index, stream } => {
                let (seed, counter, index) = (self.emit(seed), self.emit(counter), self.emit(index));
                let dst = self.fresh();
                self.code.push(Instr::Random { stream: *stream, dst, seed, counter, index });
                dst
            }
        }
    }

    /// Narrow types do not fill their register's range.
    fn wrap(&mut self, a: Reg, to: DType) -> Reg {
        if Class::is_native(to) || to == DType::Bool {
            return a;
        }
        let dst = self.fresh();
        self.code.push(Instr::Wrap { to, dst, a });
        dst
    }
}

/// The constant as an element of the type holds it.
fn rounded(c: Scalar, dtype: DType) -> Scalar {
    match dtype {
        DType::F32 => f32::from_scalar(c).into(),
        DType::F16 => f16::from_scalar(c).into(),
        DType::BF16 => bf16::from_scalar(c).into(),
        DType::F64 => f64::from_scalar(c).into(),
        DType::Bool => bool::from_scalar(c).into(),
        DType::U8 => u8::from_scalar(c).into(),
        DType::U16 => u16::from_scalar(c).into(),
        DType::U32 => u32::from_scalar(c).into(),
        DType::U64 => u64::from_scalar(c).into(),
        DType::I8 => i8::from_scalar(c).into(),
        DType::I16 => i16::from_scalar(c).into(),
        DType::I32 => i32::from_scalar(c).into(),
        DType::I64 => i64::from_scalar(c).into(),
    }
}

/// `(strides, constant)` of an integer expression that is a sum of coordinates times constants.
fn affine(e: &Expr, rank: usize) -> Option<(Vec<i64>, i64)> {
    match e.kind() {
        ExprKind::Index(axis) => {
            let mut strides = vec![0; rank];
            strides[*axis] = 1;
            Some((strides, 0))
        }
        ExprKind::Const(c) => Some((vec![0; rank], c.as_i64())),
        ExprKind::Binary(BinaryFn::Add, a, b) => {
            let ((x, c), (y, d)) = (affine(a, rank)?, affine(b, rank)?);
            Some((x.iter().zip(&y).map(|(p, q)| p + q).collect(), c.checked_add(d)?))
        }
        ExprKind::Binary(BinaryFn::Mul, a, b) => {
            let ((x, c), (y, d)) = (affine(a, rank)?, affine(b, rank)?);
            let constant = |s: &[i64]| s.iter().all(|&s| s == 0);
            let (linear, factor) = match (constant(&x), constant(&y)) {
                (true, _) => (y, c),
                (_, true) => (x, d),
                _ => return None,
            };
            Some((linear.iter().map(|s| s * factor).collect(), c.checked_mul(d)?))
        }
        _ => None,
    }
}

/// Gives registers anew, so that values whose last use has passed make room. Loads and results have registers of
/// their own: a load's may be filled once for many chunks, and both may stand for memory itself.
fn assign(tape: Tape) -> Tape {
    let mut last = vec![0usize; tape.registers];
    for (at, instr) in tape.instrs.iter().enumerate() {
        instr.sources().into_iter().for_each(|r| last[r] = at);
    }
    tape.results.iter().for_each(|&r| last[r] = usize::MAX);
    let mut own = vec![false; tape.registers];
    tape.results.iter().for_each(|&r| own[r] = true);
    let mut map = vec![usize::MAX; tape.registers];
    let (mut free, mut count) = (Vec::new(), 0);
    let mut instrs = Vec::with_capacity(tape.instrs.len());
    for (at, instr) in tape.instrs.into_iter().enumerate() {
        let dst = instr.dst();
        own[dst] |= matches!(instr, Instr::Load { .. });
        map[dst] = match own[dst] {
            false if !free.is_empty() => free.pop().expect("not empty"),
            _ => {
                count += 1;
                count - 1
            }
        };
        let sources = instr.sources();
        instrs.push(instr.renumbered(&map));
        for r in sources {
            if last[r] == at && !own[r] {
                last[r] = usize::MAX;
                free.push(map[r]);
            }
        }
    }
    Tape { results: tape.results.iter().map(|&r| map[r]).collect(), instrs, registers: count, ..tape }
}

impl Instr {
    pub fn dst(&self) -> Reg {
        match *self {
            Instr::Load { dst, .. }
            | Instr::Unary { dst, .. }
            | Instr::NotBool { dst, .. }
            | Instr::Binary { dst, .. }
            | Instr::Select { dst, .. }
            | Instr::Chain { dst, .. }
            | Instr::Affine { dst, .. }
            | Instr::Bound { dst, .. }
            | Instr::Mean { dst, .. }
            | Instr::Descent { dst, .. }
            | Instr::Convert { dst, .. }
            | Instr::Wrap { dst, .. }
            | Instr::Random { dst, .. } => dst,
        }
    }

    /// Whether the result may be written where a source lies, place by place.
    pub fn works_in_place(&self) -> bool {
        matches!(self, Instr::Mean { .. } | Instr::Descent { .. })
    }

    pub fn sources(&self) -> Vec<Reg> {
        match *self {
            Instr::Load { .. } => vec![],
            Instr::Unary { a, .. }
            | Instr::NotBool { a, .. }
            | Instr::Affine { a, .. }
            | Instr::Bound { a, .. }
            | Instr::Convert { a, .. }
            | Instr::Wrap { a, .. } => {
                vec![a]
            }
            Instr::Binary { a, b, .. } | Instr::Mean { a, b, .. } => vec![a, b],
            Instr::Descent { a, b, c, d, .. } => vec![a, b, c, d],
            Instr::Select { c, a, b, .. } | Instr::Chain { c, a, b, .. } => vec![c, a, b],
            Instr::Random { seed, counter, index, .. } => vec![seed, counter, index],
        }
    }

    fn renumbered(self, map: &[Reg]) -> Instr {
        match self {
            Instr::Load { dst, input } => Instr::Load { dst: map[dst], input },
            Instr::Unary { f, class, dst, a } => Instr::Unary { f, class, dst: map[dst], a: map[a] },
            Instr::NotBool { dst, a } => Instr::NotBool { dst: map[dst], a: map[a] },
            Instr::Binary { f, class, dst, a, b } => {
                Instr::Binary { f, class, dst: map[dst], a: map[a], b: map[b] }
            }
            Instr::Select { class, dst, c, a, b } => {
                Instr::Select { class, dst: map[dst], c: map[c], a: map[a], b: map[b] }
            }
            Instr::Chain { f, g, turned, class, dst, a, b, c } => {
                Instr::Chain { f, g, turned, class, dst: map[dst], a: map[a], b: map[b], c: map[c] }
            }
            Instr::Affine { f, g, bounds, class, dst, a } => {
                Instr::Affine { f, g, bounds, class, dst: map[dst], a: map[a] }
            }
            Instr::Bound { least, k, class, dst, a } => {
                Instr::Bound { least, k, class, dst: map[dst], a: map[a] }
            }
            Instr::Mean { how, squared, class, dst, a, b } => {
                Instr::Mean { how, squared, class, dst: map[dst], a: map[a], b: map[b] }
            }
            Instr::Descent { root, class, dst, a, b, c, d } => {
                Instr::Descent { root, class, dst: map[dst], a: map[a], b: map[b], c: map[c], d: map[d] }
            }
            Instr::Convert { from, to, dst, a } => Instr::Convert { from, to, dst: map[dst], a: map[a] },
            Instr::Wrap { to, dst, a } => Instr::Wrap { to, dst: map[dst], a: map[a] },
            Instr::Random { stream, dst, seed, counter, index } => Instr::Random {
                stream,
                dst: map[dst],
                seed: map[seed],
                counter: map[counter],
                index: map[index],
            },
        }
    }
}
