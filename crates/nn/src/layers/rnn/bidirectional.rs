//! `Bidirectional`: a recurrent layer in both directions.

use super::parts::*;
use super::run::shapes_beside_states;
use crate::layers::envelope::envelope;
use crate::layers::registry::from_config;
use crate::numbers::like;
use rhyton_base::{Context, Dim, Error};
use rhyton_tensor::ops;
use serde_json::{Value, json};

/// How the results of both directions become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MergeMode {
    /// One behind the other along the last axis.
    #[default]
    Concat,
    /// Their sum.
    Sum,
    /// Their product.
    Mul,
    /// Their mean.
    Ave,
    /// Not at all: both are given.
    None,
}

const NAMES: [(MergeMode, &str); 4] = [
    (MergeMode::Concat, "concat"),
    (MergeMode::Sum, "sum"),
    (MergeMode::Mul, "mul"),
    (MergeMode::Ave, "ave"),
];

/// Goes through sequences from both ends with two layers, and merges what they give.
///
/// - The layer given is copied: once as it is, once the other way round; both have weights of their own. So it must be a
///   class that files may name. Copies are called `forward_` and `backward_` with the name.
/// - Shapes: those of the layer; with [`MergeMode::Concat`] the last axis is twice as long, with [`MergeMode::None`] there
///   are two results. Results of all steps of the way back are turned round first. With `return_state` the last states of
///   both follow. Weights: those of the forward layer, then the others.
/// - Initial states can be given behind the input, half of them for each direction.
/// - Masked steps give 0 with `return_sequences`, and the mask goes on.
/// - Errors: a layer that cannot be copied or has no `go_backwards`; directions that do not go together.
///
/// ```
/// use rhyton_nn::layers::{Bidirectional, LSTM, MergeMode};
/// use rhyton_tensor::{DType, ops};
/// let x = ops::ones([2, 5, 3], DType::F32)?;
/// assert_eq!(Bidirectional::new(LSTM::new(4)).call(&x)?.shape(), [2, 8]);
/// let sums = Bidirectional::new(LSTM::new(4).return_sequences(true)).merge_mode(MergeMode::Sum);
/// assert_eq!(sums.call(&x)?.shape(), [2, 5, 4]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Schuster and Paliwal, "Bidirectional recurrent neural networks", IEEE Transactions on Signal Processing 45,
/// 1997; `keras/src/layers/rnn/bidirectional.py`.
pub struct Bidirectional {
    sides: Result<Sides>,
    merge_mode: MergeMode,
    built: Vec<Shape>,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Bidirectional);

/// The layers of both directions.
struct Sides {
    layers: [AnyLayer; 2],
    return_sequences: bool,
    stateful: bool,
}

impl Sides {
    /// An error where the directions do not go together.
    fn new(layers: [AnyLayer; 2]) -> Result<Sides> {
        let [forward, backward] = &layers;
        for key in ["stateful", "return_sequences", "return_state"] {
            if told(forward, key) != told(backward, key) {
                return Err(Error::value(format!(
                    "both directions must have the same {key}, got {} forward and {} backward",
                    told(forward, key),
                    told(backward, key)
                )));
            }
        }
        if told(forward, "go_backwards") == told(backward, "go_backwards") {
            return Err(Error::value(
                "both layers go the same way; one of them needs go_backwards(true) and the other none",
            ));
        }
        let (return_sequences, stateful) = (told(forward, "return_sequences"), told(forward, "stateful"));
        Ok(Sides { layers, return_sequences, stateful })
    }
}

/// Whether a layer was told so.
fn told(layer: &AnyLayer, key: &str) -> bool {
    layer.config().get(key).and_then(Value::as_bool) == Some(true)
}

/// A copy for one direction.
fn side(layer: &AnyLayer, prefix: &str, change: impl FnOnce(&mut Config)) -> Result<AnyLayer> {
    let mut config = layer.config();
    for key in ["go_backwards", "return_sequences"] {
        if config.get(key).and_then(Value::as_bool).is_none() {
            return Err(Error::value(format!("{} has no {key}; give it a recurrent layer", layer.who())));
        }
    }
    let name = layer.name();
    config.insert("name".into(), json!(format!("{prefix}{}", name.strip_prefix(prefix).unwrap_or(&name))));
    if config.contains_key("zero_output_for_mask") {
        config.insert("zero_output_for_mask".into(), config["return_sequences"].clone());
    }
    change(&mut config);
    from_config(layer.class_name(), &config, &mut Vec::new()).at(|| layer.who())
}

fn turned(config: &mut Config) {
    let backwards = config["go_backwards"] == json!(true);
    config.insert("go_backwards".into(), json!(!backwards));
}

impl Bidirectional {
    /// This layer in both directions.
    pub fn new(layer: impl Into<AnyLayer>) -> Bidirectional {
        let layer = layer.into();
        let both = || Sides::new([side(&layer, "forward_", |_| ())?, side(&layer, "backward_", turned)?]);
        Bidirectional {
            sides: both(),
            merge_mode: MergeMode::Concat,
            built: Vec::new(),
            options: LayerOptions::default(),
        }
    }

    /// How the results become one.
    #[must_use]
    pub fn merge_mode(mut self, merge_mode: MergeMode) -> Bidirectional {
        self.merge_mode = merge_mode;
        self
    }

    /// Another layer for the way back, which goes the other way than the first one. It is copied, under its name.
    #[must_use]
    pub fn backward_layer(mut self, layer: impl Into<AnyLayer>) -> Bidirectional {
        let layer = layer.into();
        self.sides = self
            .sides
            .and_then(|Sides { layers: [forward, _], .. }| Sides::new([forward, side(&layer, "", |_| ())?]));
        self
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Bidirectional> {
        let mut both = Bidirectional::new(&r.layer("layer")?);
        if r.value("backward_layer").is_some() {
            both = both.backward_layer(&r.layer("backward_layer")?);
        }
        both.merge_mode = match r.text("merge_mode")? {
            None => MergeMode::None,
            Some(name) => match NAMES.iter().find(|(_, known)| *known == name) {
                Some((mode, _)) => *mode,
                None => {
                    return Err(Error::format(format!(
                        "key \"merge_mode\": expected \"concat\", \"sum\", \"mul\", \"ave\" or null, got {name:?}"
                    )));
                }
            },
        };
        Ok(both)
    }

    fn sides(&self) -> Result<&Sides> {
        self.sides.as_ref().map_err(Clone::clone)
    }

    /// What one side is called on.
    fn inputs_of<T>(inputs: &[T], side: usize) -> Vec<&T> {
        let states = inputs.len().saturating_sub(1);
        let (from, to) = if side == 0 { (0, states / 2) } else { (states / 2, states) };
        inputs.iter().take(1).chain(&inputs[1.min(inputs.len())..][from..to]).collect()
    }

    fn merged(&self, y: &Tensor, back: &Tensor) -> Result<Vec<Tensor>> {
        Ok(vec![match self.merge_mode {
            MergeMode::Concat => ops::concatenate(&[y, back], -1)?,
            MergeMode::Sum => ops::add(y, back)?,
            MergeMode::Mul => ops::multiply(y, back)?,
            MergeMode::Ave => ops::divide(&ops::add(y, back)?, &like(y, 2.0)?)?,
            MergeMode::None => return Ok(vec![y.clone(), back.clone()]),
        }])
    }
}

impl Layer for Bidirectional {
    basics!("Bidirectional");

    fn config(&self) -> Config {
        let name = NAMES.iter().find(|(mode, _)| *mode == self.merge_mode).map(|(_, name)| *name);
        let mut config = crate::arguments::config([("merge_mode", json!(name))]);
        if let Ok(Sides { layers: [forward, backward], .. }) = &self.sides {
            config.insert("layer".into(), envelope(forward));
            config.insert("backward_layer".into(), envelope(backward));
        }
        config
    }

    fn build_all(&mut self, _cx: &mut BuildCx, inputs: &[Shape]) -> Result<()> {
        self.output_shapes(inputs)?;
        for (i, side) in self.sides()?.layers.iter().enumerate() {
            let inputs: Vec<Shape> = Bidirectional::inputs_of(inputs, i).into_iter().cloned().collect();
            side.build_all(&inputs)?;
        }
        self.built = inputs.to_vec();
        Ok(())
    }

    fn call_all(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        let sides = self.sides()?;
        let (x, states) = Loop::parts(inputs, cx);
        let all: Vec<Tensor> = std::iter::once(x.clone()).chain(states).collect();
        let run = |i: usize| {
            let mut inputs: Vec<Tensor> = Bidirectional::inputs_of(&all, i).into_iter().cloned().collect();
            match (all.len(), x.mask()) {
                (2.., Some(mask)) => {
                    let (args, mut kwargs) = sides.layers[i].call_form(inputs.len());
                    kwargs.push(("mask".to_string(), Attr::Tensor(inputs.len())));
                    inputs.push(mask.clone());
                    sides.layers[i].call_noted(&inputs, cx, Some(&(args, kwargs)))
                }
                _ => sides.layers[i].call_all_in(&inputs, cx),
            }
        };
        let (mut y, mut back) = (run(0)?, run(1)?);
        if sides.return_sequences {
            back[0] = ops::flip(&back[0], 1)?;
        }
        let mut results = self.merged(&y.remove(0), &back.remove(0))?;
        results.extend(y);
        results.extend(back);
        Ok(results)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let shapes = self.output_shapes(std::slice::from_ref(input))?;
        Ok(shapes
            .and_then(|mut s| (!s.is_empty()).then(|| s.swap_remove(0)))
            .unwrap_or_else(|| input.clone()))
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
        if inputs.len().is_multiple_of(2) {
            return Err(Error::value(format!(
                "expected an input, and initial states for both directions, got {} tensors",
                inputs.len()
            )));
        }
        let sides = self.sides()?;
        let mut parts = Vec::new();
        for (i, side) in sides.layers.iter().enumerate() {
            let inputs: Vec<Shape> = Bidirectional::inputs_of(inputs, i).into_iter().cloned().collect();
            let Some(shapes) = side.with_layer(|l| l.output_shapes(&inputs)).at(|| side.who())? else {
                return Ok(None);
            };
            parts.push(shapes);
        }
        let (back, mut all) = (parts.swap_remove(1), parts.swap_remove(0));
        match self.merge_mode {
            MergeMode::Concat => {
                let sizes = all[0].last()?.known().zip(back[0].last()?.known());
                let last = sizes.map_or(Dim::Unknown, |(a, b)| Dim::Known(a.saturating_add(b)));
                let rank = all[0].rank();
                all[0] = all[0].dims()[..rank - 1].iter().copied().chain([last]).collect();
            }
            MergeMode::None => all.insert(1, back[0].clone()),
            _ => (),
        }
        all.extend_from_slice(&back[1..]);
        Ok(Some(all))
    }

    fn infer(&self, inputs: &[Meta], compute: DType) -> Result<Option<Vec<Meta>>> {
        let shapes: Vec<Shape> = inputs.iter().map(|m| m.shape.clone()).collect();
        let metas = |all: Vec<Shape>| all.into_iter().map(|shape| Meta { dtype: compute, shape }).collect();
        Ok(self.output_shapes(&shapes)?.map(metas))
    }

    fn call_form(&self, inputs: usize) -> Option<CallArguments> {
        with_states(inputs)
    }

    fn call_arguments(&self) -> &'static [&'static str] {
        STATES_AND_MASK
    }

    fn needs_batch_size(&self) -> bool {
        self.sides.as_ref().is_ok_and(|sides| sides.stateful)
    }

    fn build_config(&self) -> Option<Value> {
        shapes_beside_states(&self.built)
    }

    fn sublayers(&self) -> Vec<(String, AnyLayer)> {
        let Ok(Sides { layers: [forward, backward], .. }) = &self.sides else { return Vec::new() };
        vec![("forward_layer".into(), forward.clone()), ("backward_layer".into(), backward.clone())]
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_masks(&self, inputs: &[Tensor], outputs: &[Tensor]) -> Result<Vec<Option<Tensor>>> {
        let mut masks = vec![None; outputs.len()];
        if self.sides()?.return_sequences {
            let results = if self.merge_mode == MergeMode::None { 2 } else { 1 };
            let mask = inputs.first().and_then(|x| x.mask().cloned());
            masks.iter_mut().take(results).for_each(|m| m.clone_from(&mask));
        }
        Ok(masks)
    }
}
