//! `Attention` and `AdditiveAttention`: attention without projections.

use super::{both, causal};
use crate::arguments::config;
use crate::initializers::Ones;
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters, unbuilt};
use crate::layers::reader::ConfigReader;
use crate::numbers::like;
use crate::spec::{Config, Spec};
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_tensor::{SeedGenerator, Tensor, Variable, ops};
use serde_json::{Value, json};

/// What both layers are told, and their weights.
#[derive(Clone, Debug, Default)]
struct Core {
    use_scale: bool,
    dropout: f64,
    seed: Option<i64>,
    built: Option<Built>,
}

#[derive(Clone, Debug)]
struct Built {
    scale: Option<Variable>,
    concat: Option<Variable>,
    generator: SeedGenerator,
}

impl Core {
    fn read(r: &mut ConfigReader, use_scale: bool) -> Result<Core> {
        Ok(Core {
            use_scale: r.bool("use_scale")?.unwrap_or(use_scale),
            dropout: r.f64("dropout")?.unwrap_or(0.0),
            seed: r.i64("seed")?,
            built: None,
        })
    }

    fn config(&self) -> Config {
        config([
            ("use_scale", Value::from(self.use_scale)),
            ("dropout", Value::from(self.dropout)),
            ("seed", json!(self.seed)),
        ])
    }

    fn built(&self) -> Result<&Built> {
        self.built.as_ref().ok_or_else(unbuilt)
    }

    fn keep(&mut self, scale: Option<Variable>, concat: Option<Variable>) {
        // Streams are told apart by 32 bits.
        let generator = SeedGenerator::new(self.seed.map(|s| s as u32));
        self.built = Some(Built { scale, concat, generator });
    }

    fn shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
        if !(0.0..=1.0).contains(&self.dropout) {
            return Err(Error::value(format!("expected dropout in [0, 1], got {}", self.dropout)));
        }
        if !(2..=3).contains(&inputs.len()) {
            return Err(Error::value(format!(
                "expected [query, value] or [query, value, key], got {} tensors",
                inputs.len()
            )));
        }
        match inputs.iter().find(|s| s.rank() < 2) {
            Some(s) => Err(Error::shape(format!(
                "expected inputs of at least 2 axes (places, features), got shape {s}"
            ))),
            None => Ok(None),
        }
    }

    /// The weighted sums of values, and the weights, from scores.
    fn attend(&self, scores: &Tensor, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        let (rows, columns) = (scores.shape()[scores.rank() - 2], scores.shape()[scores.rank() - 1]);
        let mask = |i: usize| inputs[i].mask().map(|m| ops::cast(m, DType::Bool)).transpose();
        let of_values = mask(1)?.map(|m| ops::expand_dims(&m, -2)).transpose()?;
        let before = if cx.flag("use_causal_mask") { Some(causal(rows, columns)?) } else { None };
        let mut scores = scores.clone();
        if let Some(seen) = both(of_values, before)? {
            let low = if scores.dtype() == DType::F16 { 65504.0 } else { 1e9 };
            scores = ops::r#where(&seen, &scores, &ops::subtract(&scores, &like(&scores, low)?)?)?;
        }
        let mut weights = ops::softmax(&scores, -1)?;
        if cx.training && self.dropout > 0.0 {
            weights = self.built()?.generator.dropout(&weights, self.dropout, None)?;
        }
        let mut y = ops::matmul(&weights, &inputs[1])?;
        if let Some(mask) = mask(0)? {
            y = ops::r#where(&ops::expand_dims(&mask, -1)?, &y, &like(&y, 0.0)?)?;
        }
        Ok(if cx.flag("return_attention_scores") { vec![y, weights] } else { vec![y] })
    }
}

/// The query and the key with an axis for each other's places.
fn apart(inputs: &[Tensor]) -> Result<Tensor> {
    let key = inputs.get(2).unwrap_or(&inputs[1]);
    ops::add(&ops::expand_dims(&inputs[0], -2)?, &ops::expand_dims(key, -3)?)
}

macro_rules! core_setters {
    ($Layer:ident) => {
        $crate::layers::dropout_setters::dropout_setters!($Layer: "the attention that training drops");

        impl $Layer {
            /// Whether scores are multiplied by weights.
            #[must_use]
            pub fn use_scale(mut self, use_scale: bool) -> $Layer {
                self.core.use_scale = use_scale;
                self
            }
        }
    };
}

macro_rules! core_methods {
    () => {
        fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
            self.core.shapes(inputs)
        }

        fn call_arguments(&self) -> &'static [&'static str] {
            &["return_attention_scores", "use_causal_mask"]
        }

        fn supports_masking(&self) -> bool {
            true
        }

        fn compute_masks(&self, inputs: &[Tensor], outputs: &[Tensor]) -> Result<Vec<Option<Tensor>>> {
            let mut masks = vec![None; outputs.len()];
            masks[0] = inputs[0].mask().cloned();
            Ok(masks)
        }
    };
}

/// Lets each place of a query look at all places of a value: `softmax(query · keyᵀ) · value`.
///
/// - Called on `[query, value]` or `[query, value, key]` of shapes `(batch, queries, features)`, `(batch, places, size)`
///   and `(batch, places, features)`; the value is the key where none is given. Gives `(batch, queries, size)`; with the
///   call argument `return_attention_scores` the weights `(batch, queries, places)` follow.
/// - Weights: `scale` `()` with `use_scale`, `concat_score_weight` `()` with the score mode `"concat"`, in which scores are
///   `weight · Σ tanh(scale · (query + key))`.
/// - Defaults: without a scale, score mode `"dot"`, no dropout.
/// - Places that the value's mask leaves out get no attention; those that the query's leaves out give 0. That mask goes
///   on. With the call argument `use_causal_mask` no place sees later ones.
/// - Errors: another number of inputs; another score mode; a rate outside [0, 1]; shapes that do not fit.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, Attention};
/// use rhyton_tensor::Tensor;
/// let attention = AnyLayer::from(Attention::new());
/// let (query, value) = (Tensor::from([[[0.0f32]]]), Tensor::from([[[1.0f32], [3.0]]]));
/// assert_eq!(attention.call([&query, &value])?.to_vec::<f32>()?, [2.0]);
/// let both = attention.call_with([&query, &value], [("return_attention_scores", true.into())])?;
/// assert_eq!(both[1].to_vec::<f32>()?, [0.5, 0.5]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation", EMNLP 2015;
/// `keras/src/layers/attention/attention.py`.
#[derive(Clone, Debug)]
pub struct Attention {
    core: Core,
    score_mode: String,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Attention);
core_setters!(Attention);
setters! {
    Attention;
    /// How scores are computed: `"dot"` or `"concat"`.
    into score_mode: String;
}

impl Default for Attention {
    fn default() -> Attention {
        Attention::new()
    }
}

impl Attention {
    /// The layer.
    pub fn new() -> Attention {
        Attention { core: Core::default(), score_mode: "dot".into(), options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Attention> {
        let mut layer = Attention { core: Core::read(r, false)?, ..Attention::new() };
        layer.score_mode = r.text("score_mode")?.unwrap_or(layer.score_mode);
        Ok(layer)
    }

    fn is_concat(&self) -> Result<bool> {
        match self.score_mode.as_str() {
            "dot" => Ok(false),
            "concat" => Ok(true),
            other => Err(Error::value(format!("expected score_mode \"dot\" or \"concat\", got {other:?}"))),
        }
    }
}

impl Layer for Attention {
    basics!("Attention");

    fn config(&self) -> Config {
        let mut config = self.core.config();
        config.insert("score_mode".into(), Value::from(self.score_mode.clone()));
        config
    }

    fn build_all(&mut self, cx: &mut BuildCx, inputs: &[Shape]) -> Result<()> {
        self.output_shapes(inputs)?;
        let ones = Spec::from(Ones);
        let scale = cx.weight_if(self.core.use_scale, "scale", [0usize; 0], &ones)?;
        let concat = cx.weight_if(self.is_concat()?, "concat_score_weight", [0usize; 0], &ones)?;
        self.core.keep(scale, concat);
        Ok(())
    }

    fn call_all(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        let built = self.core.built()?;
        let scaled = |x: Tensor| match &built.scale {
            Some(scale) => ops::multiply(&x, &scale.value()),
            None => Ok(x),
        };
        let scores = match &built.concat {
            Some(weight) => {
                let sums = ops::sum(&ops::tanh(&scaled(apart(inputs)?)?)?, -1)?;
                ops::multiply(&weight.value(), &sums)?
            }
            None => {
                let key = inputs.get(2).unwrap_or(&inputs[1]);
                scaled(ops::matmul(&inputs[0], &ops::swapaxes(key, -2, -1)?)?)?
            }
        };
        self.core.attend(&scores, inputs, cx)
    }

    core_methods!();
}

/// [`Attention`] whose scores are sums over features: `Σ scale · tanh(query + key)`.
///
/// - Called on `[query, value]` or `[query, value, key]` of shapes `(batch, queries, features)`, `(batch, places, size)`
///   and `(batch, places, features)`; gives `(batch, queries, size)`; with the call argument `return_attention_scores` the
///   weights `(batch, queries, places)` follow. Weight: `scale` `(features,)`.
/// - Defaults: with a scale, no dropout. Masks and call arguments are those of [`Attention`].
/// - Errors: another number of inputs; a rate outside [0, 1]; shapes that do not fit.
///
/// ```
/// use rhyton_nn::layers::AdditiveAttention;
/// use rhyton_tensor::{DType, ops};
/// let (query, value) = (ops::ones([2, 3, 8], DType::F32)?, ops::ones([2, 5, 8], DType::F32)?);
/// assert_eq!(AdditiveAttention::new().call([&query, &value])?.shape(), [2, 3, 8]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and translate", ICLR 2015;
/// `keras/src/layers/attention/additive_attention.py`.
#[derive(Clone, Debug)]
pub struct AdditiveAttention {
    core: Core,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(AdditiveAttention);
core_setters!(AdditiveAttention);

impl Default for AdditiveAttention {
    fn default() -> AdditiveAttention {
        AdditiveAttention::new()
    }
}

impl AdditiveAttention {
    /// The layer.
    pub fn new() -> AdditiveAttention {
        AdditiveAttention {
            core: Core { use_scale: true, ..Core::default() },
            options: LayerOptions::default(),
        }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<AdditiveAttention> {
        Ok(AdditiveAttention { core: Core::read(r, true)?, ..AdditiveAttention::new() })
    }
}

impl Layer for AdditiveAttention {
    basics!("AdditiveAttention");

    fn config(&self) -> Config {
        self.core.config()
    }

    fn build_all(&mut self, cx: &mut BuildCx, inputs: &[Shape]) -> Result<()> {
        self.output_shapes(inputs)?;
        let scale = match self.core.use_scale {
            true => Some(cx.weight("scale", [cx.last_axis(&inputs[0])?], &Spec::from("glorot_uniform"))?),
            false => None,
        };
        self.core.keep(scale, None);
        Ok(())
    }

    fn call_all(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        let mut parts = ops::tanh(&apart(inputs)?)?;
        if let Some(scale) = &self.core.built()?.scale {
            parts = ops::multiply(&scale.value(), &parts)?;
        }
        self.core.attend(&ops::sum(&parts, -1)?, inputs, cx)
    }

    core_methods!();
}
