//! How much is cut away from, or put around, each spatial axis.

use crate::layers::reader::ConfigReader;
use rhyton_base::{Error, Result};
use serde_json::{Value, json};

/// Places before and after each of `N` axes.
///
/// One number is for all sides, one number an axis for both of its sides, one pair an axis says all:
/// `1`, `(1, 2)` or `[1, 2]`, `((1, 2), (3, 4))` or `[(1, 2), (3, 4)]`. With a single axis, `(1, 2)` is before and
/// after.
///
/// ```
/// use rhyton_nn::layers::Margins;
/// assert_eq!(Margins::<2>::from((1, 2)), Margins::from([(1, 1), (2, 2)]));
/// assert_eq!(Margins::<1>::from((1, 2)), Margins::from([(1, 2)]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margins<const N: usize>(pub(in crate::layers) [(usize, usize); N]);

impl<const N: usize> From<usize> for Margins<N> {
    fn from(n: usize) -> Margins<N> {
        Margins([(n, n); N])
    }
}

impl<const N: usize> From<[usize; N]> for Margins<N> {
    fn from(sizes: [usize; N]) -> Margins<N> {
        Margins(sizes.map(|n| (n, n)))
    }
}

impl<const N: usize> From<[(usize, usize); N]> for Margins<N> {
    fn from(pairs: [(usize, usize); N]) -> Margins<N> {
        Margins(pairs)
    }
}

impl From<(usize, usize)> for Margins<1> {
    fn from(pair: (usize, usize)) -> Margins<1> {
        Margins([pair])
    }
}

impl From<(usize, usize)> for Margins<2> {
    fn from((a, b): (usize, usize)) -> Margins<2> {
        Margins::from([a, b])
    }
}

impl From<(usize, usize, usize)> for Margins<3> {
    fn from((a, b, c): (usize, usize, usize)) -> Margins<3> {
        Margins::from([a, b, c])
    }
}

type Pair = (usize, usize);

impl From<(Pair, Pair)> for Margins<2> {
    fn from((a, b): (Pair, Pair)) -> Margins<2> {
        Margins([a, b])
    }
}

impl From<(Pair, Pair, Pair)> for Margins<3> {
    fn from((a, b, c): (Pair, Pair, Pair)) -> Margins<3> {
        Margins([a, b, c])
    }
}

impl<const N: usize> Margins<N> {
    /// As files have them: a pair for each axis, and just the pair where there is one axis.
    pub(super) fn json(&self) -> Value {
        match self.0.as_slice() {
            [(before, after)] => json!([before, after]),
            many => json!(many),
        }
    }

    pub(super) fn read(r: &mut ConfigReader, key: &'static str) -> Result<Option<Margins<N>>> {
        let Some(value) = r.value(key) else { return Ok(None) };
        let wrong = || Error::format(format!("key {key:?}: expected sizes or pairs of sizes, got {value}"));
        Margins::parse(value).map(Some).ok_or_else(wrong)
    }

    fn parse(value: &Value) -> Option<Margins<N>> {
        let size = |v: &Value| v.as_u64().and_then(|n| usize::try_from(n).ok());
        let pair = |v: &Value| match v.as_array().map(Vec::as_slice) {
            Some([a, b]) => Some((size(a)?, size(b)?)),
            Some(_) => None,
            None => size(v).map(|n| (n, n)),
        };
        let pairs = match value.as_array() {
            None => vec![pair(value)?; N],
            Some(_) if N == 1 => vec![pair(value)?],
            Some(list) => list.iter().map(pair).collect::<Option<Vec<_>>>()?,
        };
        pairs.try_into().ok().map(Margins)
    }
}

/// A layer with margins around the axes between batch and channels: its type, its builder, its file form. `$call` makes
/// the result, `$shape` its shape.
macro_rules! margin_layer {
    ($(#[$doc:meta])* $Layer:ident $class:literal $N:literal $field:ident = $default:literal, $call:path, $shape:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Layer {
            $field: Margins<$N>,
            data_format: DataFormat,
            pub(in crate::layers) options: LayerOptions,
        }

        common_options!($Layer);
        setters! {
            $Layer;
            /// Where the channels stand.
            set data_format: DataFormat;
        }

        impl $Layer {
            /// A layer with these margins: one number for all sides, or as [`Margins`] says.
            pub fn new($field: impl Into<Margins<$N>>) -> $Layer {
                let ($field, data_format) = ($field.into(), image_data_format());
                $Layer { $field, data_format, options: LayerOptions::default() }
            }

            pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<$Layer> {
                let layer = $Layer::new(Margins::read(r, stringify!($field))?.unwrap_or(Margins::from($default)));
                let data_format = r.data_format("data_format")?.unwrap_or(layer.data_format);
                Ok(layer.data_format(data_format))
            }
        }

        impl Layer for $Layer {
            basics!($class);

            fn config(&self) -> Config {
                let data_format = Value::from(self.data_format.to_string());
                config([(stringify!($field), self.$field.json()), ("data_format", data_format)])
            }

            fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
                $call(x, &self.$field, self.data_format)
            }

            fn output_shape(&self, input: &Shape) -> Result<Shape> {
                $shape(input, &self.$field, self.data_format)
            }
        }
    };
}
pub(super) use margin_layer;
