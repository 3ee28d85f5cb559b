//! Elementwise functions against NumPy and SciPy: the cases of golden/ops/elementwise.py.

use rhyton::{Error, Result, Tensor, ops};
use rhyton_testkit::cases::{Kw, run};

macro_rules! by_name {
    ($name:expr; unary $($u:ident)*; binary $($b:ident)*; more $x:ident, $($key:literal => $value:expr,)*) => {
        match ($name, &$x[..]) {
            $((stringify!($u), [x]) => ops::$u(x),)*
            $((stringify!($b), [x, y]) => ops::$b(x, y),)*
            $(($key, _) => $value,)*
            (other, _) => Err(Error::name(format!("no function {other} of {} tensors", $x.len()))),
        }
    };
}

fn dispatch(name: &str, x: &[Tensor], kw: &Kw) -> Result<Vec<Tensor>> {
    let number = |key: &str, default: f64| kw.float(key).unwrap_or(default);
    let axis = kw.int("axis").unwrap_or(-1);
    let all: Vec<&Tensor> = x.iter().collect();
    let close = || ops::Closeness {
        relative: number("rtol", 1e-5),
        absolute: number("atol", 1e-8),
        equal_nan: kw.flag("equal_nan"),
    };
    let result = by_name! {
        name;
        unary abs absolute angle arccos arccosh arcsin arcsinh arctan arctanh bitwise_invert bitwise_not cbrt ceil conj conjugate
            copy cos cosh deg2rad erf erfc erfinv exp exp2 expm1 fabs floor hard_sigmoid hard_silu hard_swish hard_tanh i0 imag
            isfinite isinf isnan isneginf isposinf isreal log log10 log1p log2 log_sigmoid logical_not negative rad2deg real
            reciprocal relu relu6 rsqrt selu sigmoid sign signbit silu sin sinc sinh softplus softsign sparse_plus sparse_sigmoid
            sqrt square stop_gradient swish tan tanh tanh_shrink trunc;
        binary add arctan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor divide divide_no_nan equal
            floor_divide fmax fmin fmod gammainc gcd greater greater_equal heaviside hypot lcm ldexp left_shift less less_equal
            logaddexp logaddexp2 logical_and logical_or logical_xor maximum minimum multiply nextafter not_equal power
            right_shift subtract true_divide;
        more all,
            "allclose" => ops::allclose(all[0], all[1], close()),
            "cast" => ops::cast(all[0], kw.dtype("dtype").unwrap()),
            "celu" => ops::celu(all[0], number("alpha", 1.0)),
            "clip" => ops::clip(all[0], number("x_min", 0.0), number("x_max", 0.0)),
            "elu" => ops::elu(all[0], number("alpha", 1.0)),
            "gelu" => ops::gelu(all[0], kw.flag("approximate")),
            "glu" => ops::glu(all[0], axis),
            "hard_shrink" => ops::hard_shrink(all[0], number("threshold", 0.5)),
            "isclose" => ops::isclose(all[0], all[1], close()),
            "isin" => ops::isin(all[0], all[1], kw.flag("invert")),
            "leaky_relu" => ops::leaky_relu(all[0], number("negative_slope", 0.2)),
            "mod" => ops::r#mod(all[0], all[1]),
            "nan_to_num" => ops::nan_to_num(all[0], number("nan", 0.0), kw.float("posinf"), kw.float("neginf")),
            "round" => ops::round_with(all[0], kw.int("decimals").unwrap_or(0) as i32),
            "saturate_cast" => ops::saturate_cast(all[0], kw.dtype("dtype").unwrap()),
            "select" => {
                // The default stands at the end, whatever a case says.
                let n = kw.int("n").unwrap().unsigned_abs().min(all.len().saturating_sub(1) / 2);
                ops::select(&all[..n], &all[n..2 * n], all[2 * n])
            },
            "soft_shrink" => ops::soft_shrink(all[0], number("threshold", 0.5)),
            "sparsemax" => ops::sparsemax(all[0], axis),
            "squareplus" => ops::squareplus(all[0], number("b", 4.0)),
            "threshold" => ops::threshold(all[0], number("threshold", 0.0), number("default_value", 0.0)),
            "where" => ops::r#where(all[0], all[1], all[2]),
    };
    Ok(vec![result?])
}

#[test]
fn elementwise() {
    run("elementwise", dispatch);
}

#[test]
fn wrong_calls_are_errors() {
    rhyton_testkit::fuzz::run("elementwise", dispatch);
}
