//! Layers whose values are computed again for their gradients.

use super::call::drain_losses;
use crate::layers::layer::{CallCx, Layer, LossSink};
use rhyton_base::{Result, Shape};
use rhyton_tensor::{Tensor, ops};
use std::cell::{Cell, RefCell};

/// Which layers keep only their inputs and outputs until their gradients are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RematMode {
    /// All.
    #[default]
    Full,
    /// Those whose outputs have more elements than this, those of all samples of a batch together. Layers of several inputs
    /// of one's own tell their shapes by `output_shapes`.
    LargerThan(usize),
    /// Those of these names.
    ListOfLayers(Vec<String>),
    /// None: what a scope around says does not count.
    Off,
}

/// Layers that are made inside of it compute their values again when gradients are taken, instead of keeping them: less
/// memory for more time, with the same results. As `keras.RematScope`.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, Dense, RematMode, RematScope};
/// let wide = RematScope::new(RematMode::LargerThan(1000)).run(|| AnyLayer::from(Dense::new(512).activation("gelu")));
/// # let _ = wide;
/// ```
///
/// It acts where layers are called for training. A model that is made inside is a layer too: with [`RematMode::Full`]
/// it keeps its inputs and outputs only, and so do the layers in it while it computes them again. The `"activations"` of
/// Keras is `Activation` layers of their own inside of a scope.
#[derive(Clone, Debug, Default)]
pub struct RematScope {
    mode: RematMode,
}

thread_local! {
    static MODES: RefCell<Vec<RematMode>> = const { RefCell::new(Vec::new()) };
}

impl RematScope {
    /// A scope for layers as the mode says.
    pub fn new(mode: RematMode) -> RematScope {
        RematScope { mode }
    }

    /// Runs `f`; the layers that it makes are in the scope. The innermost scope counts.
    pub fn run<R>(&self, f: impl FnOnce() -> R) -> R {
        struct Left;
        impl Drop for Left {
            fn drop(&mut self) {
                MODES.with_borrow_mut(Vec::pop);
            }
        }
        MODES.with_borrow_mut(|m| m.push(self.mode.clone()));
        let _left = Left;
        f()
    }
}

/// The mode for layers that are made now.
pub(super) fn current() -> RematMode {
    MODES.with_borrow(|m| m.last().cloned()).unwrap_or(RematMode::Off)
}

impl RematMode {
    /// Whether a layer of this name computes its values again.
    pub(super) fn asks(&self, name: impl FnOnce() -> String, outputs: Option<&[Shape]>) -> bool {
        match self {
            RematMode::Full => true,
            RematMode::LargerThan(limit) => {
                outputs.unwrap_or_default().iter().filter_map(Shape::elements).sum::<usize>() > *limit
            }
            RematMode::ListOfLayers(names) => names.contains(&name()),
            RematMode::Off => false,
        }
    }
}

/// Calls a layer so that it keeps only its inputs and outputs.
pub(super) fn call_again(layer: &dyn Layer, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
    let plain: Vec<Tensor> = inputs.iter().map(|x| x.clone().with_mask(None)).collect();
    let masks: Vec<Option<Tensor>> = inputs.iter().map(|x| x.mask().cloned()).collect();
    let (results, masked) = (Cell::new(0), RefCell::new(Vec::new()));
    let call = ops::remat(|all: &[Tensor]| {
        let (x, mut masks_in) = (&all[..plain.len()], all[plain.len()..].iter().cloned());
        let with = |(x, m): (&Tensor, &Option<Tensor>)| {
            x.clone().with_mask(m.as_ref().and_then(|_| masks_in.next()))
        };
        let x: Vec<Tensor> = x.iter().zip(&masks).map(with).collect();
        let sink = LossSink::default();
        let own = if cx.collects_losses() { cx.collecting(&sink) } else { *cx };
        let mut all = layer.call_all(&x, &own)?;
        results.set(all.len());
        masked.replace(all.iter().map(|y| y.mask().is_some()).collect());
        let masks: Vec<Tensor> = all.iter().filter_map(|y| y.mask().cloned()).collect();
        all.extend(masks);
        all.extend(sink.take());
        all.extend(drain_losses());
        Ok(all)
    });
    let given: Vec<&Tensor> = plain.iter().chain(masks.iter().flatten()).collect();
    let mut out: Vec<Tensor> = call(&given)?;
    let mut more = out.split_off(results.get()).into_iter();
    let with = |(y, &masked): (Tensor, &bool)| if masked { y.with_mask(more.next()) } else { y };
    let out = out.into_iter().zip(masked.borrow().iter()).map(with).collect();
    more.for_each(|loss| cx.add_loss(loss));
    Ok(out)
}
