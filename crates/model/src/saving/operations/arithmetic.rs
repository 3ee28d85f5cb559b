//! Elementwise operations, comparisons and products.

use super::Row;
use rhyton_tensor::ops;

macro_rules! table {
    ($(one $class1:literal $module1:literal $f1:path;)* $(two $class2:literal $module2:literal $f2:path;)*) => {
        &[
            $(($class1, $module1, |a| Ok(vec![$f1(&a.only()?)?])),)*
            $(($class2, $module2, |a| {
                let (x, y) = a.two()?;
                Ok(vec![$f2(&x, &y)?])
            }),)*
        ]
    };
}

pub(super) const TABLE: &[Row] = table! {
    one "Absolute" "numpy" ops::abs;
    one "Abs" "numpy" ops::abs;
    one "Fabs" "numpy" ops::fabs;
    one "Angle" "numpy" ops::angle;
    one "Arccos" "numpy" ops::arccos;
    one "Arccosh" "numpy" ops::arccosh;
    one "Arcsin" "numpy" ops::arcsin;
    one "Arcsinh" "numpy" ops::arcsinh;
    one "Arctan" "numpy" ops::arctan;
    one "Arctanh" "numpy" ops::arctanh;
    one "BitwiseInvert" "numpy" ops::bitwise_not;
    one "BitwiseNot" "numpy" ops::bitwise_not;
    one "Cbrt" "numpy" ops::cbrt;
    one "Ceil" "numpy" ops::ceil;
    one "Conj" "numpy" ops::conj;
    one "Conjugate" "numpy" ops::conj;
    one "Copy" "numpy" ops::copy;
    one "Cos" "numpy" ops::cos;
    one "Cosh" "numpy" ops::cosh;
    one "Deg2rad" "numpy" ops::deg2rad;
    one "Erf" "math" ops::erf;
    one "Erfc" "math" ops::erfc;
    one "Erfinv" "math" ops::erfinv;
    one "Exp" "numpy" ops::exp;
    one "Exp2" "numpy" ops::exp2;
    one "Expm1" "numpy" ops::expm1;
    one "Floor" "numpy" ops::floor;
    one "I0" "numpy" ops::i0;
    one "Imag" "numpy" ops::imag;
    one "Isfinite" "numpy" ops::isfinite;
    one "Isinf" "numpy" ops::isinf;
    one "Isnan" "numpy" ops::isnan;
    one "Isneginf" "numpy" ops::isneginf;
    one "Isposinf" "numpy" ops::isposinf;
    one "Isreal" "numpy" ops::isreal;
    one "Log" "numpy" ops::log;
    one "Log10" "numpy" ops::log10;
    one "Log1p" "numpy" ops::log1p;
    one "Log2" "numpy" ops::log2;
    one "LogicalNot" "numpy" ops::logical_not;
    one "Negative" "numpy" ops::negative;
    one "Rad2deg" "numpy" ops::rad2deg;
    one "Real" "numpy" ops::real;
    one "Reciprocal" "numpy" ops::reciprocal;
    one "Rsqrt" "math" ops::rsqrt;
    one "Sign" "numpy" ops::sign;
    one "Signbit" "numpy" ops::signbit;
    one "Sin" "numpy" ops::sin;
    one "Sinc" "numpy" ops::sinc;
    one "Sinh" "numpy" ops::sinh;
    one "Sqrt" "numpy" ops::sqrt;
    one "Square" "numpy" ops::square;
    one "StopGradient" "core" ops::stop_gradient;
    one "Tan" "numpy" ops::tan;
    one "Tanh" "numpy" ops::tanh;
    one "Trunc" "numpy" ops::trunc;
    two "Add" "numpy" ops::add;
    two "Arctan2" "numpy" ops::arctan2;
    two "BitwiseAnd" "numpy" ops::bitwise_and;
    two "BitwiseOr" "numpy" ops::bitwise_or;
    two "BitwiseXor" "numpy" ops::bitwise_xor;
    two "BitwiseLeftShift" "numpy" ops::left_shift;
    two "BitwiseRightShift" "numpy" ops::right_shift;
    two "Divide" "numpy" ops::divide;
    two "DivideNoNan" "numpy" ops::divide_no_nan;
    two "Dot" "numpy" ops::dot;
    two "Equal" "numpy" ops::equal;
    two "FloorDivide" "numpy" ops::floor_divide;
    two "Fmax" "numpy" ops::fmax;
    two "Fmin" "numpy" ops::fmin;
    two "Fmod" "numpy" ops::fmod;
    two "Gcd" "numpy" ops::gcd;
    two "Greater" "numpy" ops::greater;
    two "GreaterEqual" "numpy" ops::greater_equal;
    two "Heaviside" "numpy" ops::heaviside;
    two "Hypot" "numpy" ops::hypot;
    two "Inner" "numpy" ops::inner;
    two "Kron" "numpy" ops::kron;
    two "Lcm" "numpy" ops::lcm;
    two "Ldexp" "numpy" ops::ldexp;
    two "LeftShift" "numpy" ops::left_shift;
    two "Less" "numpy" ops::less;
    two "LessEqual" "numpy" ops::less_equal;
    two "Logaddexp" "numpy" ops::logaddexp;
    two "Logaddexp2" "numpy" ops::logaddexp2;
    two "LogicalAnd" "numpy" ops::logical_and;
    two "LogicalOr" "numpy" ops::logical_or;
    two "LogicalXor" "numpy" ops::logical_xor;
    two "Matmul" "numpy" ops::matmul;
    two "Maximum" "numpy" ops::maximum;
    two "Minimum" "numpy" ops::minimum;
    two "Mod" "numpy" ops::r#mod;
    two "Multiply" "numpy" ops::multiply;
    two "Nextafter" "numpy" ops::nextafter;
    two "NotEqual" "numpy" ops::not_equal;
    two "Outer" "numpy" ops::outer;
    two "Power" "numpy" ops::power;
    two "RightShift" "numpy" ops::right_shift;
    two "Subtract" "numpy" ops::subtract;
    two "TrueDivide" "numpy" ops::divide;
    two "Vdot" "numpy" ops::vdot;
};
