//! What attention with projections has in common: arguments, inputs, masks, projections, and the attention itself.

use super::{both, causal, nearby};
use crate::layers::activations::Softmax;
use crate::layers::any::{AnyLayer, CallArguments};
use crate::layers::axes::LayerAxes;
use crate::layers::build::BuildCx;
use crate::layers::core::EinsumDense;
use crate::layers::dense::{BIAS, KERNEL};
use crate::layers::layer::{CallCx, Layer, LayerOptions, unbuilt};
use crate::layers::reader::{ConfigReader, regularizer_json};
use crate::layers::weight_spec::WeightSpec;
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_tensor::ops::AttentionOptions;
use rhyton_tensor::{Attr, SeedGenerator, Tensor, ops};
use serde_json::{Value, json};

/// The names of the arguments that may follow query, value and key.
pub(super) const ARGUMENTS: &[&str] = &[
    "key",
    "query_mask",
    "value_mask",
    "key_mask",
    "attention_mask",
    "return_attention_scores",
    "use_causal_mask",
];

/// What the layers are told alike, and their projections.
pub(super) struct Core {
    pub dropout: f64,
    pub use_bias: bool,
    pub use_gate: bool,
    pub sliding_window: Option<usize>,
    pub seed: Option<i64>,
    pub kernel: WeightSpec,
    pub bias: WeightSpec,
    pub built: Option<Built>,
}

pub(super) struct Built {
    pub query: AnyLayer,
    pub key: AnyLayer,
    pub value: AnyLayer,
    pub gate: Option<AnyLayer>,
    pub output: AnyLayer,
    pub shapes: Vec<Shape>,
    generator: SeedGenerator,
}

/// A projection: its equation, the sizes of its result, the axes of its bias.
pub(super) type Projection = (String, Vec<Option<usize>>, String);

/// The projections of a layer.
pub(super) struct Projections {
    pub query: Projection,
    pub key: Projection,
    pub value: Projection,
    pub gate: Projection,
    pub output: Projection,
    /// The shape that the output projection is given.
    pub attended: Shape,
}

impl Core {
    pub fn new() -> Core {
        Core {
            dropout: 0.0,
            use_bias: true,
            use_gate: false,
            sliding_window: None,
            seed: None,
            kernel: WeightSpec::new("glorot_uniform"),
            bias: WeightSpec::new("zeros"),
            built: None,
        }
    }

    pub fn read(r: &mut ConfigReader) -> Result<Core> {
        let mut core = Core::new();
        core.dropout = r.f64("dropout")?.unwrap_or(0.0);
        core.use_bias = r.bool("use_bias")?.unwrap_or(true);
        core.use_gate = r.bool("use_gate")?.unwrap_or(false);
        core.sliding_window = r.usize("sliding_window")?;
        core.seed = r.i64("seed")?;
        core.kernel.read(r, KERNEL)?;
        core.bias.read(r, BIAS)?;
        // How a graphics processor computes it, and not what.
        r.value("flash_attention");
        Ok(core)
    }

    pub fn config(&self, options: &LayerOptions) -> Config {
        let mut config = crate::arguments::config([
            ("dropout", Value::from(self.dropout)),
            ("use_bias", Value::from(self.use_bias)),
            ("seed", json!(self.seed)),
            ("activity_regularizer", regularizer_json(options.activity_regularizer.as_ref())),
        ]);
        // Versions of Keras before these arguments refuse them.
        if self.use_gate {
            config.insert("use_gate".into(), Value::from(true));
        }
        if let Some(window) = self.sliding_window {
            config.insert("sliding_window".into(), Value::from(window));
        }
        self.kernel.write(&mut config, KERNEL);
        self.bias.write(&mut config, BIAS);
        config
    }

    pub fn built(&self) -> Result<&Built> {
        self.built.as_ref().ok_or_else(unbuilt)
    }

    /// An error where arguments make no sense or inputs do not fit.
    pub fn check(&self, inputs: &[Shape], rank: Option<usize>) -> Result<()> {
        if !(0.0..=1.0).contains(&self.dropout) {
            return Err(Error::value(format!("expected dropout in [0, 1], got {}", self.dropout)));
        }
        if self.sliding_window == Some(0) {
            return Err(Error::value("expected sliding_window of 1 or more, got 0"));
        }
        let [query, value, ..] = inputs else {
            return Err(Error::value(format!(
                "expected query and value, and a key if it is another, got {} tensors; for self-attention give the same \
                 tensor twice",
                inputs.len()
            )));
        };
        let fits = |s: &Shape| s.rank() >= 3 && s.rank() <= 12 && rank.is_none_or(|r| s.rank() == r);
        match [query, value].into_iter().find(|s| !fits(s)) {
            Some(s) => Err(Error::shape(format!(
                "expected inputs of 3 axes (batch, places, features), got shape {s}"
            ))),
            None => Ok(()),
        }
    }

    /// Makes and builds the projections.
    pub fn build(
        &mut self,
        cx: &mut BuildCx,
        inputs: &[Shape],
        p: Projections,
        options: &LayerOptions,
    ) -> Result<()> {
        let projection = |name: &str, (equation, sizes, axes): Projection| {
            let mut dense = EinsumDense::new(equation, sizes);
            if self.use_bias {
                dense = dense.bias_axes(axes);
            }
            if name == "gate" {
                dense = dense.activation("sigmoid");
            }
            dense.kernel = self.kernel.clone();
            dense.bias = self.bias.clone();
            dense.options = cx.inner_options(name);
            dense.options.activity_regularizer = options.activity_regularizer.clone();
            AnyLayer::from(dense)
        };
        let key_shape = inputs.get(2).unwrap_or(&inputs[1]);
        let query = projection("query", p.query);
        query.build(&inputs[0])?;
        let key = projection("key", p.key);
        key.build(key_shape)?;
        let gate = self.use_gate.then(|| projection("gate", p.gate));
        gate.iter().try_for_each(|gate| gate.build(&inputs[0]))?;
        let value = projection("value", p.value);
        value.build(&inputs[1])?;
        let output = projection("attention_output", p.output);
        output.build(&p.attended)?;
        // Streams are told apart by 32 bits.
        let generator = SeedGenerator::new(self.seed.map(|s| s as u32));
        let shapes = inputs.iter().take(3).cloned().collect();
        self.built = Some(Built { query, key, value, gate, output, shapes, generator });
        Ok(())
    }

    /// The projections in the order of their weights, by the names that files know them by.
    pub fn projections(&self, names: [&str; 5]) -> Vec<(String, AnyLayer)> {
        let Some(b) = &self.built else { return Vec::new() };
        let all = [Some(&b.query), Some(&b.key), b.gate.as_ref(), Some(&b.value), Some(&b.output)];
        names.iter().zip(all).filter_map(|(name, l)| Some((name.to_string(), l?.clone()))).collect()
    }

    /// What files keep about the shapes that it was built for.
    pub fn build_config(&self) -> Option<Value> {
        let names = ["query_shape", "value_shape", "key_shape"];
        let sizes = |s: &Shape| -> Value { s.dims().iter().map(|d| json!(d.known())).collect() };
        let shapes: Config =
            names.iter().zip(&self.built.as_ref()?.shapes).map(|(n, s)| (n.to_string(), sizes(s))).collect();
        Some(json!({"shapes_dict": shapes}))
    }

    /// The attention between projected inputs `[batch, ..., heads, size]`, through the output projection. `axes` are those
    /// along which places look at each other.
    pub fn attend(
        &self,
        call: &Call,
        projected: [Tensor; 3],
        axes: &[usize],
        cx: &CallCx,
    ) -> Result<Vec<Tensor>> {
        let built = self.built()?;
        let [query, key, value] = projected;
        let size = query.shape()[query.rank() - 1];
        let scale = 1.0 / (size as f64).sqrt();
        let wants_scores = cx.flag("return_attention_scores");
        let causal_only = call.is_causal && !call.is_masked() && self.sliding_window.is_none();
        let (mut y, scores) = if self.dropout == 0.0 && !wants_scores && query.rank() == 4 {
            let mut options = AttentionOptions::new().scale(scale).is_causal(causal_only);
            if let (false, Some(mask)) = (causal_only, call.mask(self.sliding_window)?) {
                options = options.mask(&expanded(&mask, 4, 1)?);
            }
            (ops::dot_product_attention(&query, &key, &value, options)?, None)
        } else {
            let (products, sums) = equations(query.rank(), axes);
            let query = ops::multiply(&query, &like(&query, scale)?)?;
            let scores = ops::einsum(&products, &[&key, &query])?;
            let mask = call.mask(self.sliding_window)?;
            let mask = mask.map(|m| expanded(&m, scores.rank(), axes.len())).transpose()?;
            let last: Vec<isize> = (1..=axes.len() as isize).map(|i| -i).rev().collect();
            let softmax = Softmax::new().axis(LayerAxes::from(last));
            let scores = Layer::call(&softmax, &scores.with_mask(mask), cx)?;
            let kept = match cx.training && self.dropout > 0.0 {
                true => built.generator.dropout(&scores, self.dropout, None)?,
                false => scores.clone(),
            };
            (ops::einsum(&sums, &[&kept, &value])?, Some(scores))
        };
        if let Some(gate) = &built.gate {
            y = ops::multiply(&y, &gate.call_in(&call.query, cx)?)?;
        }
        let mut results = vec![built.output.call_in(&y, cx)?];
        if wants_scores {
            results.extend(scores);
        }
        Ok(results)
    }
}

/// A mask of `[batch, queries..., keys...]` with axes for the heads between.
fn expanded(mask: &Tensor, rank: usize, axes: usize) -> Result<Tensor> {
    let mut mask = mask.clone();
    while mask.rank() < rank {
        mask = ops::expand_dims(&mask, -(axes as isize) * 2 - 1)?;
    }
    Ok(mask)
}

/// The equations of scores and of weighted sums, for inputs of so many axes that look at each other along some of them.
///
/// Source: `_build_attention_equation` in `keras/src/layers/attention/multi_head_attention.py`.
fn equations(rank: usize, axes: &[usize]) -> (String, String) {
    let letter = |i: usize| char::from(b'a' + i as u8);
    let target: String = (0..rank).map(letter).collect();
    let batch: Vec<usize> = (0..rank - 1).filter(|i| !axes.contains(i)).collect();
    let mut next = rank;
    let source: Vec<char> = (0..rank)
        .map(|i| match batch.contains(&i) || i == rank - 1 {
            true => letter(i),
            false => {
                next += 1;
                letter(next - 1)
            }
        })
        .collect();
    let product: String = batch
        .iter()
        .map(|&i| letter(i))
        .chain(axes.iter().map(|&i| letter(i)))
        .chain(axes.iter().map(|&i| source[i]))
        .collect();
    let source: String = source.into_iter().collect();
    (format!("{source},{target}->{product}"), format!("{product},{source}->{target}"))
}

/// A call: its inputs, and what it says about who may look where.
pub(super) struct Call {
    pub query: Tensor,
    pub value: Tensor,
    pub key: Tensor,
    masks: [Option<Tensor>; 3],
    attention_mask: Option<Tensor>,
    is_causal: bool,
}

impl Call {
    /// From the inputs of a layer: query, value, and a key if there is one, then what is given by name.
    pub fn new(inputs: &[Tensor], cx: &CallCx) -> Result<Call> {
        let by_place: Vec<usize> = match cx.arguments() {
            Some((args, _)) => args.iter().flat_map(Attr::places).collect(),
            None => (0..inputs.len()).collect(),
        };
        let at = |place: usize| {
            inputs.get(place).ok_or_else(|| Error::value("an argument names a tensor that is not there"))
        };
        let named = |name: &str| cx.places(name).first().map(|&place| at(place)).transpose();
        let key = match by_place.get(2) {
            Some(&place) => Some(at(place)?),
            None => named("key")?,
        };
        let (Some(&q), Some(&v), true) = (by_place.first(), by_place.get(1), by_place.len() <= 3) else {
            return Err(Error::value(format!(
                "expected query, value and perhaps a key, got {} tensors",
                by_place.len()
            )));
        };
        let (query, value) = (at(q)?, at(v)?);
        let mask = |name: &str, x: Option<&Tensor>| -> Result<Option<Tensor>> {
            let given = named(name)?.cloned().or_else(|| x.and_then(|x| x.mask().cloned()));
            given.map(|m| ops::cast(&m, DType::Bool)).transpose()
        };
        let masks =
            [mask("query_mask", Some(query))?, mask("value_mask", Some(value))?, mask("key_mask", key)?];
        let attention_mask = named("attention_mask")?.map(|m| ops::cast(m, DType::Bool)).transpose()?;
        let key = key.unwrap_or(value).with_mask(None);
        let is_causal = cx.flag("use_causal_mask");
        Ok(Call {
            query: query.with_mask(None),
            value: value.with_mask(None),
            key,
            masks,
            attention_mask,
            is_causal,
        })
    }

    fn is_masked(&self) -> bool {
        self.masks.iter().any(Option::is_some) || self.attention_mask.is_some()
    }

    /// Who may look where: `[batch, queries, keys]`.
    fn mask(&self, window: Option<usize>) -> Result<Option<Tensor>> {
        let [query, value, key] = &self.masks;
        let rows = query.as_ref().map(|m| ops::expand_dims(m, -1)).transpose()?;
        let mut all = rows;
        for columns in [value, key].into_iter().flatten() {
            all = both(all, Some(ops::expand_dims(columns, -2)?))?;
        }
        let (queries, keys) = (self.query.shape()[1], self.value.shape()[1]);
        if self.is_causal {
            all = both(all, Some(causal(queries, keys)?))?;
        }
        if let Some(window) = window {
            all = both(all, Some(nearby(queries, keys, window)?))?;
        }
        both(all, self.attention_mask.clone())
    }
}

/// How files write a call: query, value and key one after the other.
pub(super) fn call_form(inputs: usize) -> Option<CallArguments> {
    Some(((0..inputs).map(Attr::Tensor).collect(), Vec::new()))
}

/// The masks of the results: the query's, of the first.
pub(super) fn masks(inputs: &[Tensor], outputs: usize) -> Vec<Option<Tensor>> {
    let mut masks = vec![None; outputs];
    masks[0] = inputs.first().and_then(|x| x.mask().cloned());
    masks
}

/// What the layers can be told alike; they keep it in a field `core`.
macro_rules! core_setters {
    ($Layer:ident) => {
        weight_setters!($Layer.core.kernel: kernel_initializer kernel_regularizer kernel_constraint);
        weight_setters!($Layer.core.bias: bias_initializer bias_regularizer bias_constraint);

        $crate::layers::dropout_setters::dropout_setters!($Layer: "the attention that training drops");

        impl $Layer {
            /// Whether projections have biases; true by default.
            #[must_use]
            pub fn use_bias(mut self, use_bias: bool) -> $Layer {
                self.core.use_bias = use_bias;
                self
            }

            /// Whether what is attended to is multiplied by `sigmoid` of another projection of the query; false by default.
            #[must_use]
            pub fn use_gate(mut self, use_gate: bool) -> $Layer {
                self.core.use_gate = use_gate;
                self
            }

            /// Lets places look at those nearer than this only.
            #[must_use]
            pub fn sliding_window(mut self, sliding_window: usize) -> $Layer {
                self.core.sliding_window = Some(sliding_window);
                self
            }
        }
    };
}
pub(super) use core_setters;

/// The methods of [`Layer`] that are alike.
macro_rules! core_methods {
    ($names:expr) => {
        fn call_form(&self, inputs: usize) -> Option<CallArguments> {
            call_form(inputs)
        }

        fn call_arguments(&self) -> &'static [&'static str] {
            ARGUMENTS
        }

        fn sublayers(&self) -> Vec<(String, AnyLayer)> {
            self.core.projections($names)
        }

        fn build_config(&self) -> Option<Value> {
            self.core.build_config()
        }

        fn supports_masking(&self) -> bool {
            true
        }

        fn compute_masks(&self, inputs: &[Tensor], outputs: &[Tensor]) -> Result<Vec<Option<Tensor>>> {
            Ok(masks(inputs, outputs.len()))
        }
    };
}
pub(super) use core_methods;
