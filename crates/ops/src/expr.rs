//! Scalar expressions: what happens to one element, written once for every kind of kernel.

use rhyton_base::{DType, Scalar};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // Each is the mathematical function of its name.
pub enum UnaryFn {
    Neg,
    Abs,
    /// -1, 0 or 1; NaN stays NaN.
    Sign,
    Exp,
    /// `exp(x) - 1`, accurate near 0.
    Expm1,
    Log,
    /// `log(1 + x)`, accurate near 0.
    Log1p,
    Log2,
    Log10,
    Sqrt,
    /// The cube root, of negative numbers too.
    Cbrt,
    /// `1 / sqrt(x)`.
    Rsqrt,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Erf,
    /// `1 - erf(x)`, accurate where that is small.
    Erfc,
    /// The inverse of `Erf`; NaN beyond ±1.
    Erfinv,
    /// The modified Bessel function of the first kind of order 0.
    BesselI0,
    /// The modified Bessel function of the first kind of order 1.
    BesselI1,
    /// `1 / (1 + exp(-x))`, without overflow.
    Sigmoid,
    Floor,
    Ceil,
    Trunc,
    /// To nearest, ties to even.
    Round,
    /// Logical not for `bool`, bitwise not for integers.
    Not,
    IsNan,
    IsInf,
    IsFinite,
    /// Whether the sign is minus, that of -0.0 and NaN too.
    SignBit,
}

/// A function of two numbers of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // Each is the operation of its name.
pub enum BinaryFn {
    /// Integers wrap around; `bool` is "or".
    Add,
    Sub,
    /// `bool` is "and".
    Mul,
    /// True division of floats. Integers: towards minus infinity, 0 when dividing by 0.
    Div,
    /// The remainder with the divisor's sign; 0 for integers when dividing by 0.
    Rem,
    /// The remainder with the dividend's sign; 0 for integers when dividing by 0.
    TruncRem,
    Pow,
    /// NaN if either is NaN.
    Max,
    /// NaN if either is NaN.
    Min,
    Atan2,
    /// `√(x² + y²)` without overflow; of floats.
    Hypot,
    /// The float next to the first towards the second.
    NextAfter,
    /// The same among the numbers of `float16`.
    NextAfterF16,
    /// The same among the numbers of `bfloat16`.
    NextAfterBF16,
    /// The regularised lower incomplete gamma function `P(x, y)`.
    GammaInc,
    /// The density `yˣ⁻¹ e⁻ʸ / Γ(x)` of the gamma distribution, the slope of `GammaInc` by `y`.
    GammaDensity,
    /// The greatest common divisor of integers, not negative.
    Gcd,
    /// Logical for `bool`, bitwise for integers.
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl UnaryFn {
    /// The type of the result for an argument of type `dtype`.
    pub fn result(self, dtype: DType) -> DType {
        match self {
            UnaryFn::IsNan | UnaryFn::IsInf | UnaryFn::IsFinite | UnaryFn::SignBit => DType::Bool,
            _ => dtype,
        }
    }
}

impl BinaryFn {
    /// Whether the result is a truth value.
    pub fn is_comparison(self) -> bool {
        use BinaryFn::*;
        matches!(self, Eq | Ne | Lt | Le | Gt | Ge)
    }

    /// The type of the result for arguments of type `dtype`.
    pub fn result(self, dtype: DType) -> DType {
        if self.is_comparison() { DType::Bool } else { dtype }
    }

    /// Whether the arguments may be swapped.
    pub fn commutes(self) -> bool {
        use BinaryFn::*;
        matches!(self, Add | Mul | Max | Min | And | Or | Xor | Gcd | Eq | Ne)
    }
}

/// One node of a scalar expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ExprKind {
    /// The element of the kernel's input number `.0` at the current place.
    Input(usize),
    /// The same number everywhere.
    Const(Scalar),
    /// The current place's coordinate along an axis of the kernel's iteration space; an `int64`.
    Index(usize),
    /// A function of one number.
    Unary(UnaryFn, Expr),
    /// A function of two numbers of one type.
    Binary(BinaryFn, Expr, Expr),
    /// The second where the first is true, the third elsewhere.
    Select(Expr, Expr, Expr),
    /// The same number in this expression's type.
    Cast(Expr),
    /// 32 random bits: Philox4x32-10 with key `(seed, stream)`, block `(counter, index / 4)`, word `index % 4`.
    Random {
        /// `uint32`: which generator.
        seed: Expr,
        /// `uint32`: which draw of that generator.
        counter: Expr,
        /// `int64`: which number of that draw.
        index: Expr,
        /// Which of several independent streams of one draw.
        stream: u32,
    },
}

/// A scalar expression with its type. Cheap to clone; equal when built the same way.
///
/// ```
/// use rhyton_base::DType::F32;
/// use rhyton_ops::Expr;
/// let x = Expr::input(0, F32);
/// let relu = x.clone().max(Expr::constant(0.0, F32));
/// assert_eq!(relu.to_string(), "max(%0, 0)");
/// ```
#[derive(Clone, Debug)]
pub struct Expr(Arc<Node>);

#[derive(Debug)]
struct Node {
    kind: ExprKind,
    dtype: DType,
    /// Of the whole expression below, so that large shared expressions are hashed and compared quickly.
    hash: u64,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.hash == other.0.hash && self.0.dtype == other.0.dtype && self.0.kind == other.0.kind)
    }
}

impl Eq for Expr {}

impl Hash for Expr {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl Expr {
    fn new(kind: ExprKind, dtype: DType) -> Expr {
        let mut hasher = DefaultHasher::new();
        (&kind, dtype).hash(&mut hasher);
        Expr(Arc::new(Node { kind, dtype, hash: hasher.finish() }))
    }

    /// The element of input `i`.
    pub fn input(i: usize, dtype: DType) -> Expr {
        Expr::new(ExprKind::Input(i), dtype)
    }

    /// A constant of the given type.
    pub fn constant(value: impl Into<Scalar>, dtype: DType) -> Expr {
        Expr::new(ExprKind::Const(value.into()), dtype)
    }

    /// The coordinate along `axis`, as `int64`.
    pub fn index(axis: usize) -> Expr {
        Expr::new(ExprKind::Index(axis), DType::I64)
    }

    /// 32 random bits; see [`ExprKind::Random`].
    pub fn random(seed: Expr, counter: Expr, index: Expr, stream: u32) -> Expr {
        Expr::new(ExprKind::Random { seed, counter, index, stream }, DType::U32)
    }

    /// What this node is.
    pub fn kind(&self) -> &ExprKind {
        &self.0.kind
    }

    /// The type of its value.
    pub fn dtype(&self) -> DType {
        self.0.dtype
    }

    /// A constant of this expression's type.
    pub fn like(&self, value: impl Into<Scalar>) -> Expr {
        Expr::constant(value, self.dtype())
    }

    /// `f(self)`.
    pub fn unary(self, f: UnaryFn) -> Expr {
        let dtype = f.result(self.dtype());
        Expr::new(ExprKind::Unary(f, self), dtype)
    }

    /// `f(self, other)`; both must be of one type.
    pub fn binary(self, f: BinaryFn, other: Expr) -> Expr {
        assert_eq!(self.dtype(), other.dtype(), "{f:?} takes two numbers of one type");
        let dtype = f.result(self.dtype());
        Expr::new(ExprKind::Binary(f, self, other), dtype)
    }

    /// `yes` where this is true, `no` elsewhere.
    pub fn select(self, yes: Expr, no: Expr) -> Expr {
        assert_eq!(self.dtype(), DType::Bool, "select asks a bool");
        assert_eq!(yes.dtype(), no.dtype(), "both branches of a select are of one type");
        let dtype = yes.dtype();
        Expr::new(ExprKind::Select(self, yes, no), dtype)
    }

    /// The same number in another type.
    pub fn cast(self, dtype: DType) -> Expr {
        if self.dtype() == dtype { self } else { Expr::new(ExprKind::Cast(self), dtype) }
    }

    /// The larger of two; NaN if either is.
    pub fn max(self, other: Expr) -> Expr {
        self.binary(BinaryFn::Max, other)
    }

    /// The smaller of two; NaN if either is.
    pub fn min(self, other: Expr) -> Expr {
        self.binary(BinaryFn::Min, other)
    }

    /// The same expression with every input replaced.
    pub fn map_inputs(&self, f: &mut impl FnMut(usize, DType) -> Expr) -> Expr {
        match self.kind() {
            ExprKind::Input(i) => f(*i, self.dtype()),
            ExprKind::Const(_) | ExprKind::Index(_) => self.clone(),
            ExprKind::Unary(u, a) => {
                let a = a.map_inputs(f);
                a.unary(*u)
            }
            ExprKind::Binary(b, x, y) => {
                let x = x.map_inputs(f);
                let y = y.map_inputs(f);
                x.binary(*b, y)
            }
            ExprKind::Select(c, a, b) => {
                let c = c.map_inputs(f);
                let a = a.map_inputs(f);
                let b = b.map_inputs(f);
                c.select(a, b)
            }
            ExprKind::Cast(a) => a.map_inputs(f).cast(self.dtype()),
            ExprKind::Random { seed, counter, index, stream } => {
                let seed = seed.map_inputs(f);
                let counter = counter.map_inputs(f);
                let index = index.map_inputs(f);
                Expr::random(seed, counter, index, *stream)
            }
        }
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $f:ident),*) => {$(
        impl std::ops::$trait for Expr {
            type Output = Expr;
            fn $method(self, other: Expr) -> Expr {
                self.binary(BinaryFn::$f, other)
            }
        }
    )*};
}
operators!(Add add Add, Sub sub Sub, Mul mul Mul, Div div Div);

impl std::ops::Neg for Expr {
    type Output = Expr;
    fn neg(self) -> Expr {
        self.unary(UnaryFn::Neg)
    }
}

/// Function notation with inputs as `%0`, `%1`: `max(%0, 0)`.
impl std::fmt::Display for Expr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind() {
            ExprKind::Input(i) => write!(f, "%{i}"),
            ExprKind::Const(c) => write!(f, "{c}"),
            ExprKind::Index(axis) => write!(f, "index{axis}"),
            ExprKind::Unary(u, a) => write!(f, "{}({a})", format!("{u:?}").to_lowercase()),
            ExprKind::Binary(b, x, y) => write!(f, "{}({x}, {y})", format!("{b:?}").to_lowercase()),
            ExprKind::Select(c, a, b) => write!(f, "select({c}, {a}, {b})"),
            ExprKind::Cast(a) => write!(f, "{}({a})", self.dtype()),
            ExprKind::Random { seed, counter, index, stream } => {
                write!(f, "random{stream}({seed}, {counter}, {index})")
            }
        }
    }
}
