//! `GroupedQueryAttention`.

use super::heads::{ARGUMENTS, Call, Core, Projections, call_form, core_methods, core_setters, masks};
use crate::layers::any::{AnyLayer, CallArguments};
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, common_options};
use crate::layers::reader::ConfigReader;
use crate::layers::weight_spec::weight_setters;
use crate::spec::Config;
use rhyton_base::{Dim, Error, Result, Shape};
use rhyton_tensor::{Tensor, ops};
use serde_json::{Value, json};

/// [`MultiHeadAttention`](super::MultiHeadAttention) in which several heads of the query share one head of keys and values.
///
/// - Called on `[query, value]` or `[query, value, key]` of shapes `(batch, queries, features)` and twice
///   `(batch, places, features)`; gives the query's shape. Weights, each with a bias: `query/kernel`
///   `(features, query heads, head_dim)`, `key/kernel` and `value/kernel` `(features, key heads, head_dim)`,
///   `attention_output/kernel` `(query heads, head_dim, features)`.
/// - Call arguments, masks and defaults are those of `MultiHeadAttention`.
/// - Errors: sizes of 0; heads of the query that are no multiple of the others; a rate outside [0, 1]; one input alone;
///   shapes that do not fit.
/// - Keras calls it `GroupQueryAttention` too, and so do files.
///
/// ```
/// use rhyton_nn::layers::GroupedQueryAttention;
/// use rhyton_tensor::{DType, ops};
/// let x = ops::ones([2, 5, 16], DType::F32)?;
/// assert_eq!(GroupedQueryAttention::new(8, 4, 2).call([&x, &x])?.shape(), [2, 5, 16]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Ainslie et al., "GQA: training generalized multi-query transformer models from multi-head checkpoints", EMNLP
/// 2023; `keras/src/layers/attention/grouped_query_attention.py`.
pub struct GroupedQueryAttention {
    head_dim: usize,
    num_query_heads: usize,
    num_key_value_heads: usize,
    core: Core,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(GroupedQueryAttention);
core_setters!(GroupedQueryAttention);

/// The names of the projections among the fields in Keras.
const FIELDS: [&str; 5] = ["_query_dense", "_key_dense", "_gate_dense", "_value_dense", "_output_dense"];

impl GroupedQueryAttention {
    /// A layer with heads of this size, so many for the query and so many for keys and values.
    pub fn new(head_dim: usize, num_query_heads: usize, num_key_value_heads: usize) -> GroupedQueryAttention {
        GroupedQueryAttention {
            head_dim,
            num_query_heads,
            num_key_value_heads,
            core: Core::new(),
            options: LayerOptions::default(),
        }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<GroupedQueryAttention> {
        let mut layer = GroupedQueryAttention::new(
            r.required_usize("head_dim")?,
            r.required_usize("num_query_heads")?,
            r.required_usize("num_key_value_heads")?,
        );
        layer.core = Core::read(r)?;
        Ok(layer)
    }
}

impl Layer for GroupedQueryAttention {
    fn class_name(&self) -> &'static str {
        "GroupedQueryAttention"
    }

    /// Its activity regularizer is for the results of its projections, as in Keras.
    fn options(&self) -> LayerOptions {
        LayerOptions { activity_regularizer: None, ..self.options.clone() }
    }

    fn config(&self) -> Config {
        let mut config = self.core.config(&self.options);
        for (key, value) in [
            ("head_dim", self.head_dim),
            ("num_query_heads", self.num_query_heads),
            ("num_key_value_heads", self.num_key_value_heads),
        ] {
            config.insert(key.into(), json!(value));
        }
        config
    }

    fn build_all(&mut self, cx: &mut BuildCx, inputs: &[Shape]) -> Result<()> {
        self.output_shapes(inputs)?;
        let (heads, shared, size) = (self.num_query_heads, self.num_key_value_heads, self.head_dim);
        let features = cx.last_axis(&inputs[0])?;
        let project = |equation: &str, heads: usize, axes: &str| {
            (equation.to_string(), vec![None, Some(heads), Some(size)], axes.to_string())
        };
        let projections = Projections {
            query: project("bqm,muh->bquh", heads, "uh"),
            key: project("bkm,mvh->bkvh", shared, "vh"),
            value: project("bkm,mvh->bkvh", shared, "vh"),
            gate: project("bqm,muh->bquh", heads, "uh"),
            output: ("bquh,uhm->bqm".to_string(), vec![None, Some(features)], "m".to_string()),
            attended: Shape::from(vec![Dim::Unknown, Dim::Unknown, Dim::Known(heads), Dim::Known(size)]),
        };
        self.core.build(cx, inputs, projections, &self.options)
    }

    fn call_all(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        let call = Call::new(inputs, cx)?;
        let built = self.core.built()?;
        let copies = self.num_query_heads / self.num_key_value_heads.max(1);
        let repeated = |x: Tensor| if copies == 1 { Ok(x) } else { ops::repeat(&x, copies, 2) };
        let projected = [
            built.query.call_in(&call.query, cx)?,
            repeated(built.key.call_in(&call.key, cx)?)?,
            repeated(built.value.call_in(&call.value, cx)?)?,
        ];
        self.core.attend(&call, projected, &[1], cx)
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
        let (heads, shared) = (self.num_query_heads, self.num_key_value_heads);
        if self.head_dim == 0 || heads == 0 || shared == 0 || !heads.is_multiple_of(shared) {
            return Err(Error::value(format!(
                "expected head_dim of 1 or more, and num_query_heads that are a multiple of num_key_value_heads, got {}, \
                 {heads} and {shared}",
                self.head_dim
            )));
        }
        self.core.check(inputs, Some(3)).map(|()| None)
    }

    core_methods!(FIELDS);
}
