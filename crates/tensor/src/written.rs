//! How a call on symbolic tensors is written down, in the terms of Keras's files.

use crate::axes::Axes;
use rhyton_ops::{Op, elementwise, index, reduce, shape};
use std::any::Any;

/// An argument of a call: a plain value, a tensor by its place among the inputs of the call, or several of these.
#[derive(Clone, Debug, PartialEq)]
pub enum Attr {
    /// Nothing.
    None,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
    /// A range of places along an axis: start, stop and step.
    Slice([Option<i64>; 3]),
    /// All axes that are not named.
    Ellipsis,
    /// Several in order.
    List(Vec<Attr>),
    /// Several by name.
    Dict(Vec<(String, Attr)>),
    /// An input of the call, by its place.
    Tensor(usize),
}

impl Attr {
    /// The places of the inputs that it names, in order.
    pub fn places(&self) -> Vec<usize> {
        match self {
            Attr::Tensor(place) => vec![*place],
            Attr::List(all) => all.iter().flat_map(Attr::places).collect(),
            Attr::Dict(all) => all.iter().flat_map(|(_, a)| a.places()).collect(),
            _ => Vec::new(),
        }
    }
}

macro_rules! plain {
    ($($T:ty, $x:ident => $attr:expr;)*) => {$(
        impl From<$T> for Attr {
            fn from($x: $T) -> Attr {
                $attr
            }
        }
    )*};
}
plain! {
    bool, x => Attr::Bool(x);
    i64, x => Attr::Int(x);
    isize, x => Attr::Int(x as i64);
    usize, x => Attr::Int(x as i64);
    i32, x => Attr::Int(x.into());
    f64, x => Attr::Float(x);
    &str, x => Attr::Text(x.to_string());
    String, x => Attr::Text(x);
}

impl<T: Into<Attr>> From<Option<T>> for Attr {
    fn from(x: Option<T>) -> Attr {
        x.map_or(Attr::None, Into::into)
    }
}

impl<T: Into<Attr>> From<Vec<T>> for Attr {
    fn from(x: Vec<T>) -> Attr {
        Attr::List(x.into_iter().map(Into::into).collect())
    }
}

impl<T: Clone + Into<Attr>> From<&[T]> for Attr {
    fn from(x: &[T]) -> Attr {
        x.to_vec().into()
    }
}

/// The text of a call: a class of Keras's operations, its own arguments, and those of the call.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The class: `"Mean"`.
    pub class: String,
    /// Its name, where it was given one.
    pub name: Option<String>,
    /// The arguments that it was made with.
    pub config: Vec<(String, Attr)>,
    /// The arguments that it is called with.
    pub args: Vec<Attr>,
    /// Those by name.
    pub kwargs: Vec<(String, Attr)>,
}

impl Written {
    /// A class called with the inputs one after the other.
    pub fn new(class: impl Into<String>, inputs: usize) -> Written {
        let args = (0..inputs).map(Attr::Tensor).collect();
        Written { class: class.into(), name: None, config: Vec::new(), args, kwargs: Vec::new() }
    }

    /// A class called with all inputs as one list.
    pub fn of_list(class: impl Into<String>, inputs: usize) -> Written {
        let args = vec![Attr::List((0..inputs).map(Attr::Tensor).collect())];
        Written { args, ..Written::new(class, 0) }
    }

    /// With an argument of the class.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Attr>) -> Written {
        self.config.push((key.to_string(), value.into()));
        self
    }

    /// With one more argument of the call.
    #[must_use]
    pub fn and(mut self, value: impl Into<Attr>) -> Written {
        self.args.push(value.into());
        self
    }
}

impl Written {
    /// With axes, and whether they are kept.
    #[must_use]
    pub(crate) fn over(self, axes: &Axes) -> Written {
        self.with("axis", along(axes)).with("keepdims", axes.keeps())
    }
}

/// Axes as files have them: nothing for all, one, or a list.
pub(crate) fn along(axes: &Axes) -> Attr {
    match axes.listed() {
        None => Attr::None,
        Some([one]) => Attr::from(*one),
        Some(all) => Attr::from(all),
    }
}

/// The classes of functions that have no arguments but tensors; how many these are.
const PLAIN: &[(&str, &str, usize)] = &[
    ("abs", "Absolute", 1),
    ("acos", "Arccos", 1),
    ("acosh", "Arccosh", 1),
    ("asin", "Arcsin", 1),
    ("asinh", "Arcsinh", 1),
    ("atan", "Arctan", 1),
    ("atanh", "Arctanh", 1),
    ("bitwise_not", "BitwiseNot", 1),
    ("cbrt", "Cbrt", 1),
    ("ceil", "Ceil", 1),
    ("cos", "Cos", 1),
    ("cosh", "Cosh", 1),
    ("deg2rad", "Deg2rad", 1),
    ("erf", "Erf", 1),
    ("erfc", "Erfc", 1),
    ("erfinv", "Erfinv", 1),
    ("exp", "Exp", 1),
    ("exp2", "Exp2", 1),
    ("expm1", "Expm1", 1),
    ("floor", "Floor", 1),
    ("fliplr", "Fliplr", 1),
    ("flipud", "Flipud", 1),
    ("hard_sigmoid", "HardSigmoid", 1),
    ("hard_silu", "HardSilu", 1),
    ("hard_tanh", "HardTanh", 1),
    ("i0", "I0", 1),
    ("isfinite", "Isfinite", 1),
    ("isinf", "Isinf", 1),
    ("isnan", "Isnan", 1),
    ("isneginf", "Isneginf", 1),
    ("isposinf", "Isposinf", 1),
    ("log", "Log", 1),
    ("log10", "Log10", 1),
    ("log1p", "Log1p", 1),
    ("log2", "Log2", 1),
    ("log_sigmoid", "LogSigmoid", 1),
    ("logical_not", "LogicalNot", 1),
    ("neg", "Negative", 1),
    ("rad2deg", "Rad2deg", 1),
    ("ravel", "Ravel", 1),
    ("reciprocal", "Reciprocal", 1),
    ("relu", "Relu", 1),
    ("relu6", "Relu6", 1),
    ("round", "Round", 1),
    ("rsqrt", "Rsqrt", 1),
    ("selu", "Selu", 1),
    ("sigmoid", "Sigmoid", 1),
    ("sign", "Sign", 1),
    ("signbit", "Signbit", 1),
    ("silu", "Silu", 1),
    ("sin", "Sin", 1),
    ("sinc", "Sinc", 1),
    ("sinh", "Sinh", 1),
    ("softplus", "Softplus", 1),
    ("softsign", "Softsign", 1),
    ("sparse_plus", "SparsePlus", 1),
    ("sparse_sigmoid", "SparseSigmoid", 1),
    ("sqrt", "Sqrt", 1),
    ("square", "Square", 1),
    ("stop_gradient", "StopGradient", 1),
    ("tan", "Tan", 1),
    ("tanh", "Tanh", 1),
    ("tanh_shrink", "TanhShrink", 1),
    ("trunc", "Trunc", 1),
    ("add", "Add", 2),
    ("arctan2", "Arctan2", 2),
    ("bitwise_and", "BitwiseAnd", 2),
    ("bitwise_or", "BitwiseOr", 2),
    ("bitwise_xor", "BitwiseXor", 2),
    ("cdist", "CDist", 2),
    ("divide", "Divide", 2),
    ("divide_no_nan", "DivideNoNan", 2),
    ("dot", "Dot", 2),
    ("equal", "Equal", 2),
    ("floor_divide", "FloorDivide", 2),
    ("fmax", "Fmax", 2),
    ("fmin", "Fmin", 2),
    ("fmod", "Fmod", 2),
    ("gcd", "Gcd", 2),
    ("greater", "Greater", 2),
    ("greater_equal", "GreaterEqual", 2),
    ("heaviside", "Heaviside", 2),
    ("hypot", "Hypot", 2),
    ("inner", "Inner", 2),
    ("kron", "Kron", 2),
    ("lcm", "Lcm", 2),
    ("left_shift", "LeftShift", 2),
    ("less", "Less", 2),
    ("less_equal", "LessEqual", 2),
    ("logaddexp", "Logaddexp", 2),
    ("logaddexp2", "Logaddexp2", 2),
    ("logical_and", "LogicalAnd", 2),
    ("logical_or", "LogicalOr", 2),
    ("logical_xor", "LogicalXor", 2),
    ("matmul", "Matmul", 2),
    ("maximum", "Maximum", 2),
    ("minimum", "Minimum", 2),
    ("mod", "Mod", 2),
    ("multiply", "Multiply", 2),
    ("nextafter", "Nextafter", 2),
    ("not_equal", "NotEqual", 2),
    ("outer", "Outer", 2),
    ("power", "Power", 2),
    ("right_shift", "RightShift", 2),
    ("subtract", "Subtract", 2),
    ("vdot", "Vdot", 2),
    ("where", "Where", 3),
];

/// The description of a function that has no arguments but tensors.
pub(crate) fn plain(name: &str, inputs: usize) -> Option<Written> {
    let (_, class, _) = PLAIN.iter().find(|(n, _, count)| *n == name && *count == inputs)?;
    Some(Written::new(*class, inputs))
}

/// The description of a single operation.
pub(crate) fn primitive(op: &dyn Op) -> Option<Written> {
    let any: &dyn Any = op;
    let axes = |class: &str, axes: &[usize], keepdims: bool| {
        Written::new(class, 1).with("axis", axes).with("keepdims", keepdims)
    };
    if let Some(sum) = any.downcast_ref::<reduce::Sum>() {
        return Some(axes("Sum", &sum.axes, sum.keepdims));
    }
    if let Some(prod) = any.downcast_ref::<reduce::Prod>() {
        return Some(axes("Prod", &prod.axes, prod.keepdims));
    }
    if let Some(max) = any.downcast_ref::<reduce::Max>() {
        return Some(axes("Max", &max.axes, max.keepdims));
    }
    if let Some(min) = any.downcast_ref::<reduce::Min>() {
        return Some(axes("Min", &min.axes, min.keepdims));
    }
    if let Some(softmax) = any.downcast_ref::<reduce::Softmax>() {
        return Some(Written::new("Softmax", 1).with("axis", one_or_all(&softmax.axes)));
    }
    if let Some(softmax) = any.downcast_ref::<reduce::LogSoftmax>() {
        return Some(Written::new("LogSoftmax", 1).with("axis", one_or_all(&softmax.axes)));
    }
    if let Some(reshape) = any.downcast_ref::<shape::Reshape>() {
        let sizes: Vec<i64> = reshape.shape.iter().map(|d| d.map_or(-1, |n| n as i64)).collect();
        return Some(Written::new("Reshape", 1).with("newshape", sizes));
    }
    if let Some(transpose) = any.downcast_ref::<shape::Transpose>() {
        return Some(Written::new("Transpose", 1).with("axes", transpose.order.as_slice()));
    }
    if let Some(broadcast) = any.downcast_ref::<shape::BroadcastTo>() {
        return Some(Written::new("BroadcastTo", 1).with("shape", broadcast.shape.as_slice()));
    }
    if let Some(cast) = any.downcast_ref::<elementwise::Cast>() {
        return Some(Written::new("Cast", 1).with("dtype", cast.dtype.name()));
    }
    if let Some(gather) = any.downcast_ref::<index::Gather>() {
        return Some(Written::new("Take", 2).with("axis", gather.axis));
    }
    let inputs = PLAIN.iter().find(|(name, ..)| *name == op.name())?.2;
    plain(op.name(), inputs)
}

fn one_or_all(axes: &[usize]) -> Attr {
    match axes {
        [one] => Attr::from(*one),
        all => Attr::from(all),
    }
}
