//! `MultiHeadAttention`.

use super::heads::{
    ARGUMENTS, Call, Core, Projection, Projections, call_form, core_methods, core_setters, masks,
};
use crate::layers::any::{AnyLayer, CallArguments};
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::layers::weight_spec::weight_setters;
use crate::spec::Config;
use rhyton_base::{Dim, Error, Result, Shape};
use rhyton_tensor::Tensor;
use serde_json::{Value, json};

/// Several heads that each let the places of a query look at all places of a value, by projections of their own:
///
/// ```text
/// head[i] = softmax(query · Wq[i] · (key · Wk[i])ᵀ / sqrt(key_dim)) · value · Wv[i]
/// y = Σ head[i] · Wo[i]
/// ```
///
/// - Called on `[query, value]` or `[query, value, key]` of shapes `(batch, queries, features)` and twice
///   `(batch, places, features)`; the value is the key where none is given. Gives the query's shape, or one that ends in
///   `output_shape`. Weights, each with a bias: `query/kernel` `(features, heads, key_dim)`, `key/kernel` alike,
///   `value/kernel` `(features, heads, value_dim)`, `attention_output/kernel` `(heads, value_dim, features)`.
/// - Call arguments ([`AnyLayer::call_with`](crate::layers::AnyLayer::call_with)): `attention_mask`
///   `(batch, queries, places)`, true where attention is allowed; `use_causal_mask`, so that no place sees later ones;
///   `return_attention_scores`, after which the weights `(batch, heads, queries, places)` follow; `key` by name.
/// - Masks of query, value and key leave places out. The query's goes on.
/// - Defaults: `value_dim` as `key_dim`, with biases, no dropout, attention along all axes between batch and features, no
///   gate, no window.
/// - Errors: sizes of 0; a rate outside [0, 1]; one input alone; shapes that do not fit.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, MultiHeadAttention};
/// use rhyton_tensor::{DType, ops};
/// let attention = AnyLayer::from(MultiHeadAttention::new(4, 8));
/// let x = ops::ones([2, 5, 16], DType::F32)?;
/// assert_eq!(attention.call([&x, &x])?.shape(), [2, 5, 16]);
/// let causal = [("use_causal_mask", true.into()), ("return_attention_scores", true.into())];
/// let scores = &attention.call_with([&x, &x], causal)?[1];
/// assert_eq!(scores.shape(), [2, 4, 5, 5]);
/// assert_eq!(scores.to_vec::<f32>()?[..3], [1.0, 0.0, 0.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Vaswani et al., "Attention is all you need", NeurIPS 2017; `keras/src/layers/attention/multi_head_attention.py`.
pub struct MultiHeadAttention {
    num_heads: usize,
    key_dim: usize,
    value_dim: Option<usize>,
    output_shape: Option<Shape>,
    attention_axes: Option<Vec<isize>>,
    core: Core,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(MultiHeadAttention);
core_setters!(MultiHeadAttention);
setters! {
    MultiHeadAttention;
    /// The size of each head's values; by default that of its keys.
    some value_dim: usize;
    /// The last axes of the result; by default the last of the query.
    some_into output_shape: Shape;
    /// The axes along which places look at each other, of inputs with several axes of places; by default all of them.
    some_into attention_axes: Vec<isize>;
}

/// The names of the projections among the fields in Keras.
const FIELDS: [&str; 5] = ["query_dense", "key_dense", "_gate_dense", "value_dense", "output_dense"];

/// The projection of an input of `free` axes whose next `bound` axes become others of these sizes.
fn projection(free: usize, bound: usize, sizes: &[usize]) -> Projection {
    let letters = |from: usize, count: usize| -> String {
        (from..from + count).map(|i| char::from(b'a' + i as u8)).collect()
    };
    let (free_axes, bound_axes) = (letters(0, free), letters(free, bound));
    let new = letters(free + bound, sizes.len());
    let mut shape = vec![None; free - 1];
    shape.extend(sizes.iter().map(|&n| Some(n)));
    (format!("{free_axes}{bound_axes},{bound_axes}{new}->{free_axes}{new}"), shape, new)
}

impl MultiHeadAttention {
    /// A layer with this many heads, with queries and keys of this size in each.
    pub fn new(num_heads: usize, key_dim: usize) -> MultiHeadAttention {
        MultiHeadAttention {
            num_heads,
            key_dim,
            value_dim: None,
            output_shape: None,
            attention_axes: None,
            core: Core::new(),
            options: LayerOptions::default(),
        }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<MultiHeadAttention> {
        let mut layer = MultiHeadAttention::new(r.required_usize("num_heads")?, r.required_usize("key_dim")?);
        layer.value_dim = r.usize("value_dim")?;
        let whole = |sizes: Vec<isize>| {
            sizes.into_iter().map(|n| usize::try_from(n).ok()).collect::<Option<Vec<_>>>()
        };
        layer.output_shape =
            match r.integers("output_shape")? {
                None => None,
                Some(sizes) => Some(Shape::from(whole(sizes).ok_or_else(|| {
                    Error::format("key \"output_shape\": expected a size or a list of sizes")
                })?)),
            };
        layer.attention_axes = r.integers("attention_axes")?;
        layer.core = Core::read(r)?;
        // Old files keep the shapes here that the layer was built for.
        for key in ["query_shape", "key_shape", "value_shape"] {
            r.value(key);
        }
        Ok(layer)
    }

    fn values(&self) -> usize {
        self.value_dim.unwrap_or(self.key_dim)
    }

    /// The axes along which places look at each other, of inputs of this rank.
    fn axes(&self, rank: usize) -> Result<Vec<usize>> {
        let Some(axes) = &self.attention_axes else { return Ok((1..rank - 1).collect()) };
        let place = |&axis: &isize| match axis {
            // Negative ones count from the axis of the heads, which projections have before the last.
            axis if axis < 0 => usize::try_from(rank as isize + axis).ok(),
            axis => usize::try_from(axis).ok(),
        };
        let axes: Option<Vec<usize>> = axes.iter().map(place).collect();
        axes.filter(|a| !a.is_empty() && a.iter().all(|i| (1..rank - 1).contains(i))).ok_or_else(|| {
            Error::value(format!(
                "expected attention_axes between the batch and the features of inputs of {rank} axes, got {:?}",
                self.attention_axes
            ))
        })
    }
}

impl Layer for MultiHeadAttention {
    fn class_name(&self) -> &'static str {
        "MultiHeadAttention"
    }

    /// Its activity regularizer is for the results of its projections, as in Keras.
    fn options(&self) -> LayerOptions {
        LayerOptions { activity_regularizer: None, ..self.options.clone() }
    }

    fn config(&self) -> Config {
        let mut config = self.core.config(&self.options);
        let sizes =
            self.output_shape.as_ref().map(|s| s.dims().iter().map(|d| d.known()).collect::<Vec<_>>());
        for (key, value) in [
            ("num_heads", json!(self.num_heads)),
            ("key_dim", json!(self.key_dim)),
            ("value_dim", json!(self.values())),
            ("output_shape", json!(sizes)),
            ("attention_axes", json!(self.attention_axes)),
        ] {
            config.insert(key.into(), value);
        }
        config
    }

    fn build_all(&mut self, cx: &mut BuildCx, inputs: &[Shape]) -> Result<()> {
        self.output_shapes(inputs)?;
        let (query, value) = (&inputs[0], &inputs[1]);
        let key = inputs.get(2).unwrap_or(value);
        let heads = self.num_heads;
        let out: Vec<usize> = match &self.output_shape {
            Some(shape) => shape.expect_known()?,
            None => vec![cx.last_axis(query)?],
        };
        let mut attended: Vec<Dim> = query.dims()[..query.rank() - 1].to_vec();
        attended.extend([Dim::Known(heads), Dim::Known(self.values())]);
        self.axes(query.rank())?;
        let projections = Projections {
            query: projection(query.rank() - 1, 1, &[heads, self.key_dim]),
            key: projection(key.rank() - 1, 1, &[heads, self.key_dim]),
            value: projection(value.rank() - 1, 1, &[heads, self.values()]),
            gate: projection(query.rank() - 1, 1, &[heads, self.values()]),
            output: projection(query.rank() - 1, 2, &out),
            attended: Shape::from(attended),
        };
        self.core.build(cx, inputs, projections, &self.options)?;
        // Keras writes down the axes that it has settled for.
        self.attention_axes = Some(self.axes(query.rank())?.into_iter().map(|a| a as isize).collect());
        Ok(())
    }

    fn call_all(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        let call = Call::new(inputs, cx)?;
        let built = self.core.built()?;
        let projected = [
            built.query.call_in(&call.query, cx)?,
            built.key.call_in(&call.key, cx)?,
            built.value.call_in(&call.value, cx)?,
        ];
        self.core.attend(&call, projected, &self.axes(call.query.rank())?, cx)
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
        for (name, size) in
            [("num_heads", self.num_heads), ("key_dim", self.key_dim), ("value_dim", self.values())]
        {
            if size == 0 {
                return Err(Error::value(format!("expected {name} of 1 or more, got 0")));
            }
        }
        self.core.check(inputs, None).map(|()| None)
    }

    core_methods!(FIELDS);
}
