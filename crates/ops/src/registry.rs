//! The list of all operations, for the tests that walk it.

use crate::sample::Sample;
use crate::{control, elementwise, index, linalg, random, reduce, shape, signal, sort, window};

/// One operation: its name and its test cases.
pub struct Entry {
    /// The name that [`crate::Op::name`] gives.
    pub name: &'static str,
    /// Its cases.
    pub samples: fn() -> Vec<Sample>,
}

macro_rules! entries {
    ($($module:ident { $($name:literal $Type:ident)* })*) => {
        &[$($(Entry { name: $name, samples: $module::$Type::samples },)*)*]
    };
}

/// Every operation, one line each.
pub static ALL: &[Entry] = entries! {
    elementwise {
        "abs" Abs
        "acos" Acos
        "acosh" Acosh
        "add" Add
        "arctan2" Atan2
        "asin" Asin
        "asinh" Asinh
        "atan" Atan
        "atanh" Atanh
        "bitwise_and" BitwiseAnd
        "bitwise_not" BitwiseNot
        "bitwise_or" BitwiseOr
        "bitwise_xor" BitwiseXor
        "ceil" Ceil
        "cos" Cos
        "cosh" Cosh
        "divide" Div
        "equal" Equal
        "erf" Erf
        "exp" Exp
        "expm1" Expm1
        "floor" Floor
        "floor_divide" FloorDivide
        "greater" Greater
        "greater_equal" GreaterEqual
        "cbrt" Cbrt
        "erfc" Erfc
        "erfinv" Erfinv
        "fmod" Fmod
        "gamma_density" GammaDensity
        "gammainc" GammaInc
        "gcd" Gcd
        "hypot" Hypot
        "i0" BesselI0
        "i1" BesselI1
        "nextafter" NextAfter
        "signbit" SignBit
        "isfinite" IsFinite
        "isinf" IsInf
        "isnan" IsNan
        "left_shift" LeftShift
        "less" Less
        "less_equal" LessEqual
        "log" Log
        "log10" Log10
        "log1p" Log1p
        "log2" Log2
        "logical_and" LogicalAnd
        "logical_not" LogicalNot
        "logical_or" LogicalOr
        "logical_xor" LogicalXor
        "maximum" Maximum
        "minimum" Minimum
        "mod" Rem
        "multiply" Mul
        "neg" Neg
        "not_equal" NotEqual
        "power" Pow
        "reciprocal" Reciprocal
        "relu" Relu
        "right_shift" RightShift
        "round" Round
        "rsqrt" Rsqrt
        "sigmoid" Sigmoid
        "sign" Sign
        "sin" Sin
        "sinh" Sinh
        "sqrt" Sqrt
        "square" Square
        "subtract" Sub
        "tan" Tan
        "tanh" Tanh
        "trunc" Trunc
        "cast" Cast
        "stop_gradient" StopGradient
        "where" Where
    }
    reduce {
        "sum" Sum
        "prod" Prod
        "max" Max
        "min" Min
        "argmax" ArgMax
        "argmin" ArgMin
        "softmax" Softmax
        "log_softmax" LogSoftmax
    }
    linalg {
        "matmul" MatMul
        "cholesky" Cholesky
        "det" Det
        "eigh" Eigh
        "lu_factor" LuFactor
        "pinv" Pinv
        "qr" Qr
        "slogdet" SlogDet
        "solve" Solve
        "solve_triangular" SolveTriangular
        "svd" Svd
    }
    index {
        "gather" Gather
        "scatter_add" ScatterAdd
        "concatenate" Concat
        "slice" Slice
        "embed" Embed
        "overwrite" Overwrite
        "take_along_axis" TakeAlong
        "add_along_axis" AddAlong
        "ravel_index" RavelIndex
        "scatter_max" ScatterMax
        "scatter_min" ScatterMin
        "scatter_prod" ScatterProd
        "scatter_set" ScatterSet
        "hash_bucket" HashBucket
    }
    shape {
        "full" Full
        "iota" Iota
        "reshape" Reshape
        "transpose" Transpose
        "broadcast_to" BroadcastTo
        "view" Bitcast
    }
    sort {
        "sort" Sort
        "argsort" ArgSort
        "searchsorted" SearchSorted
        "cumsum" CumSum
        "cumprod" CumProd
    }
    control {
        "switch" Cond
        "while_loop" While
        "scan" Scan
        "unstack" Unstack
    }
    window {
        "conv" Conv
        "window_sum" WindowSum
        "window_max" WindowMax
        "window_argmax" WindowArgMax
    }
    random {
        "random_bits" RandomBits
        "random_uniform" RandomUniform
        "random_normal" RandomNormal
        "truncated_normal" TruncatedNormal
        "random_gamma" RandomGamma
        "random_binomial" RandomBinomial
        "random_integers" RandomIntegers
        "random_permutation" RandomPermutation
    }
    signal {
        "fft" Fft
    }
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Domain;
    use crate::{Lowered, Meta};
    use rhyton_base::DType;

    fn metas(sample: &Sample) -> Vec<Meta> {
        let meta = |d: &Domain| match d {
            Domain::Uniform { shape, .. } => Meta::new(DType::F64, shape),
            Domain::Exact { dtype, shape, .. } => Meta::new(*dtype, shape),
        };
        sample.inputs.iter().map(meta).collect()
    }

    #[test]
    fn names_are_unique_and_match_the_operations() {
        let mut seen = std::collections::HashSet::new();
        for entry in ALL {
            assert!(seen.insert(entry.name), "{} stands twice in the registry", entry.name);
            let samples = (entry.samples)();
            assert!(!samples.is_empty(), "{} has no samples", entry.name);
            for s in samples {
                assert_eq!(s.op.name(), entry.name);
            }
        }
    }

    #[test]
    fn expressions_have_the_inferred_type() {
        for entry in ALL {
            for s in (entry.samples)() {
                let inputs = metas(&s);
                let out = s.op.infer(&inputs).unwrap_or_else(|e| panic!("{}: {e}", entry.name));
                if let Lowered::Map(e) = s.op.lower(&inputs) {
                    assert_eq!(e.dtype(), out[0].dtype, "{}", entry.name);
                }
            }
        }
    }

    #[test]
    fn wrong_numbers_of_arguments_are_errors() {
        for entry in ALL.iter().filter(|e| e.name != "concatenate") {
            for s in (entry.samples)() {
                let mut inputs = metas(&s);
                inputs.push(Meta::new(DType::F32, [1]));
                assert!(s.op.infer(&inputs).is_err(), "{}", entry.name);
            }
        }
    }
}
