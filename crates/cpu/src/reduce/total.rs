//! Running totals: what they start as and how two become one.

use crate::tape::Class;
use rhyton_ops::ReduceFn;

/// A running total.
#[derive(Clone, Copy)]
pub union Total {
    pub float: f64,
    pub int: i64,
}

/// The total of nothing.
pub fn neutral(f: ReduceFn, class: Class) -> Total {
    let float = matches!(class, Class::F32 | Class::F64);
    match f {
        ReduceFn::Sum if float => Total { float: 0.0 },
        ReduceFn::Prod if float => Total { float: 1.0 },
        ReduceFn::Max if float => Total { float: f64::NEG_INFINITY },
        ReduceFn::Min if float => Total { float: f64::INFINITY },
        ReduceFn::Sum => Total { int: 0 },
        ReduceFn::Prod => Total { int: 1 },
        ReduceFn::Max if class == Class::U64 => Total { int: 0 },
        ReduceFn::Min if class == Class::U64 => Total { int: -1 },
        ReduceFn::Max => Total { int: i64::MIN },
        ReduceFn::Min => Total { int: i64::MAX },
    }
}

/// The larger; NaN if either is.
#[inline(always)]
pub fn larger<F: PartialOrd + std::ops::Add<Output = F>>(a: F, b: F) -> F {
    if a >= b {
        a
    } else if b > a {
        b
    } else {
        a + b
    }
}

/// The smaller; NaN if either is.
#[inline(always)]
pub fn smaller<F: PartialOrd + std::ops::Add<Output = F>>(a: F, b: F) -> F {
    if a <= b {
        a
    } else if b < a {
        b
    } else {
        a + b
    }
}

#[inline(always)]
pub fn float(f: ReduceFn) -> fn(f64, f64) -> f64 {
    match f {
        ReduceFn::Sum => |a, b| a + b,
        ReduceFn::Prod => |a, b| a * b,
        ReduceFn::Max => larger,
        ReduceFn::Min => smaller,
    }
}

#[inline(always)]
pub fn int(f: ReduceFn, unsigned: bool) -> fn(i64, i64) -> i64 {
    match (f, unsigned) {
        (ReduceFn::Sum, _) => |a, b| a.wrapping_add(b),
        (ReduceFn::Prod, _) => |a, b| a.wrapping_mul(b),
        (ReduceFn::Max, false) => |a, b| a.max(b),
        (ReduceFn::Min, false) => |a, b| a.min(b),
        (ReduceFn::Max, true) => |a, b| (a as u64).max(b as u64) as i64,
        (ReduceFn::Min, true) => |a, b| (a as u64).min(b as u64) as i64,
    }
}

pub fn combine(f: ReduceFn, class: Class, a: Total, b: Total) -> Total {
    // SAFETY: totals of a float class hold floats, those of others integers.
    unsafe {
        match class {
            Class::F32 | Class::F64 => Total { float: float(f)(a.float, b.float) },
            _ => Total { int: int(f, class == Class::U64)(a.int, b.int) },
        }
    }
}
