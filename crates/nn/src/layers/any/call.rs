//! Calling a layer.

use super::build::without_masks;
use super::remat::call_again;
use super::{AnyLayer, CallArguments, LayerCall};
use crate::layers::inputs::{CallArgument, LayerInputs};
use crate::layers::layer::{CallCx, LossSink};
use crate::layers::registry::is_built_in;
use crate::numerics::look;
use rhyton_base::{Context, Error, Result, Shape, did_you_mean};
use rhyton_ops::Meta;
use rhyton_tensor::{Attr, Tensor, infer_by_running, with_autocast};
use std::cell::RefCell;
use std::collections::HashSet;

/// A layer that is being called.
struct Frame {
    training: bool,
    collects_losses: bool,
    /// The layers that it has called so far.
    called: Vec<AnyLayer>,
    /// What they added to the loss where it did not pass its `CallCx` on.
    losses: Vec<Tensor>,
}

thread_local! {
    /// The layers being called on this thread, the outermost first.
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

impl AnyLayer {
    /// The shape of the result for inputs of this shape.
    ///
    /// # Errors
    /// Where such inputs do not fit, with the layer's name.
    pub fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let ruled = self.read().layer.output_shape(input).at(|| self.who())?;
        // A layer of one's own may leave the question to a run.
        if is_built_in(self.class_name()) || ruled != *input || self.read().built.is_none() {
            return Ok(ruled);
        }
        let meta = Meta { dtype: self.dtype(), shape: input.clone() };
        let run = self.infer(&[meta], None).ok().filter(|results| results.len() == 1);
        Ok(run.map_or(ruled, |mut results| results.swap_remove(0).shape))
    }

    /// The result for a tensor (or several), with numbers or symbolic; builds the layer at the first call.
    ///
    /// Inside of another layer's `call` it is training if that layer is; elsewhere it is inference. On symbolic tensors
    /// the model that is made of them says whether it is training.
    ///
    /// # Errors
    /// Where a tensor does not fit, with the layer's name; where the layer has several results.
    pub fn call(&self, x: impl LayerInputs) -> Result<Tensor> {
        self.one(self.call_all(x)?)
    }

    /// All results for any number of tensors; as [`AnyLayer::call`].
    ///
    /// # Errors
    /// Where a tensor does not fit, with the layer's name.
    pub fn call_all(&self, x: impl LayerInputs) -> Result<Vec<Tensor>> {
        self.in_frame(&x.into_tensors(), None)
    }

    /// [`AnyLayer::call_all`] with further arguments by name: flags, and tensors such as masks and initial states.
    ///
    /// ```
    /// use rhyton_nn::layers::{AnyLayer, GRU};
    /// use rhyton_tensor::{DType, ops};
    /// let gru = AnyLayer::from(GRU::new(4));
    /// let (x, state) = (ops::ones([2, 5, 3], DType::F32)?, ops::ones([2, 4], DType::F32)?);
    /// let y = gru.call_with(&x, [("initial_state", (&state).into())])?;
    /// assert_eq!(y[0].shape(), [2, 4]);
    /// let e = gru.call_with(&x, [("initial_stat", (&state).into())]).unwrap_err();
    /// assert!(e.to_string().ends_with("did you mean \"initial_state\"?"));
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the layer has no argument of that name; where a tensor does not fit.
    pub fn call_with<'a>(
        &self,
        x: impl LayerInputs,
        arguments: impl IntoIterator<Item = (&'a str, CallArgument)>,
    ) -> Result<Vec<Tensor>> {
        let mut inputs = x.into_tensors();
        let (args, mut kwargs) = self.call_form(inputs.len());
        let known = self.read().layer.call_arguments();
        for (name, argument) in arguments {
            if !known.contains(&name) {
                let message =
                    format!("it is not called with an argument {name:?}{}", did_you_mean(name, known));
                return Err(Error::name(message).at(self.who()));
            }
            let value = match argument {
                CallArgument::Flag(value) => Attr::Bool(value),
                CallArgument::Tensors(all, single) => {
                    let places: Vec<Attr> = (0..all.len()).map(|i| Attr::Tensor(inputs.len() + i)).collect();
                    inputs.extend(all);
                    match <[Attr; 1]>::try_from(places) {
                        Ok([one]) if single => one,
                        Ok(one) => Attr::List(one.to_vec()),
                        Err(many) => Attr::List(many),
                    }
                }
            };
            kwargs.retain(|(key, _)| key != name);
            kwargs.push((name.to_string(), value));
        }
        self.in_frame(&inputs, Some((args, kwargs)))
    }

    /// How files write a call on so many inputs.
    pub fn call_form(&self, inputs: usize) -> CallArguments {
        self.read().layer.call_form(inputs).unwrap_or_else(|| {
            let form = match inputs {
                1 => Attr::Tensor(0),
                many => Attr::List((0..many).map(Attr::Tensor).collect()),
            };
            (vec![form], Vec::new())
        })
    }

    /// Whether a call may have an argument of this name.
    pub fn takes_argument(&self, name: &str) -> bool {
        self.read().layer.call_arguments().contains(&name)
    }

    /// Has it and the layers below begin anew with what they keep from batch to batch, such as the states of a recurrent layer
    /// with `stateful(true)`.
    ///
    /// # Errors
    /// Where there is no memory.
    pub fn reset_state(&self) -> Result<()> {
        self.flattened().iter().try_for_each(|l| l.read().layer.reset_state().at(|| l.who()))
    }

    /// The results as a part of what is being called on this thread.
    fn in_frame(&self, inputs: &[Tensor], arguments: Option<CallArguments>) -> Result<Vec<Tensor>> {
        let around = FRAMES.with_borrow(|f| f.last().map(|f| (f.training, f.collects_losses)));
        let Some((training, collects)) = around else {
            return self.apply(inputs, &CallCx::INFERENCE, None, arguments);
        };
        let sink = LossSink::default();
        let mut cx = if training { CallCx::TRAINING } else { CallCx::INFERENCE };
        if collects {
            cx = cx.collecting(&sink);
        }
        let results = self.apply(inputs, &cx, None, arguments);
        FRAMES.with_borrow_mut(|f| f.last_mut().map(|f| f.losses.extend(sink.take())));
        results
    }

    fn one(&self, mut results: Vec<Tensor>) -> Result<Tensor> {
        match results.len() {
            1 => Ok(results.swap_remove(0)),
            n => Err(Error::value(format!("has {n} results; use call_all")).at(self.who())),
        }
    }

    /// The result for a tensor (or several), for training or inference; builds the layer at the first call.
    ///
    /// Floating-point inputs are cast to the type that the layer computes in, others are left alone. On symbolic
    /// tensors the choice stays: `base.call_in(&x, &CallCx::INFERENCE)` is inference in a model that is training too.
    ///
    /// # Errors
    /// Where a tensor does not fit, with the layer's name; where the layer has several results.
    pub fn call_in(&self, x: impl LayerInputs, cx: &CallCx) -> Result<Tensor> {
        self.one(self.call_all_in(&x.into_tensors(), cx)?)
    }

    /// All results for any number of tensors.
    ///
    /// # Errors
    /// Where a tensor does not fit, with the layer's name.
    pub fn call_all_in(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        self.apply(inputs, cx, Some(cx.training), None)
    }

    fn apply(
        &self,
        inputs: &[Tensor],
        cx: &CallCx,
        training: Option<bool>,
        arguments: Option<CallArguments>,
    ) -> Result<Vec<Tensor>> {
        self.note_call();
        if inputs.iter().any(Tensor::is_symbolic) {
            return LayerCall { training, arguments, ..LayerCall::new(self) }.apply(inputs);
        }
        self.call_noted(inputs, cx, arguments.as_ref())
    }

    /// Has the layer that is being called on this thread know that it calls this one.
    pub(super) fn note_call(&self) {
        FRAMES.with_borrow_mut(|f| f.last_mut().map(|f| f.called.push(self.clone())));
    }

    /// The results for tensors that are not symbolic; builds the layer for them.
    pub(in crate::layers) fn call_noted(
        &self,
        inputs: &[Tensor],
        cx: &CallCx,
        arguments: Option<&CallArguments>,
    ) -> Result<Vec<Tensor>> {
        let metas: Vec<Meta> = inputs.iter().map(Tensor::meta).collect();
        self.build_for(&metas, arguments)?;
        self.run(inputs, cx, arguments).at(|| self.who())
    }

    /// Types and shapes of the results for inputs of these types and shapes; builds the layer for them.
    ///
    /// # Errors
    /// Where such inputs do not fit, with the layer's name.
    pub fn output_metas(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        self.build_for(inputs, None)?;
        self.infer(inputs, None).at(|| self.who())
    }

    pub(super) fn infer(&self, inputs: &[Meta], arguments: Option<&CallArguments>) -> Result<Vec<Meta>> {
        // The layer's own rule knows the shapes as the user wrote them.
        let metas: Vec<Meta> = without_masks(inputs, arguments).cloned().collect();
        let shapes: Vec<Shape> = metas.iter().map(|m| m.shape.clone()).collect();
        self.read().layer.output_shapes(&shapes)?;
        if let Some(known) = self.read().layer.infer(&metas, self.dtype())? {
            return Ok(known);
        }
        infer_by_running(inputs, |x| self.run(x, &CallCx::INFERENCE, arguments))
    }

    fn run(&self, inputs: &[Tensor], cx: &CallCx, arguments: Option<&CallArguments>) -> Result<Vec<Tensor>> {
        let body = self.read();
        let shapes: Vec<Shape> = without_masks(inputs, arguments).map(|x| x.meta().shape).collect();
        let results = body.layer.output_shapes(&shapes)?;
        let again = cx.training && self.0.remat.asks(|| self.name(), results.as_deref());
        let compute = self.dtype();
        let cast = |x: &Tensor| match x.dtype().is_float() && body.layer.autocast() && x.dtype() != compute {
            true => Ok(rhyton_tensor::ops::cast(x, compute)?.with_mask(x.mask().cloned())),
            false => Ok(x.clone()),
        };
        let inputs = inputs.iter().map(cast).collect::<Result<Vec<_>>>()?;
        let mixed = compute != self.0.policy.variable_dtype();
        let cx = &cx.of_layer(!self.trainable(), arguments);
        let frame = Frame {
            training: cx.training,
            collects_losses: cx.collects_losses(),
            called: Vec::new(),
            losses: Vec::new(),
        };
        FRAMES.with_borrow_mut(|f| f.push(frame));
        let call = || {
            self.within(|| match again {
                true => call_again(&*body.layer, &inputs, cx),
                false => body.layer.call_all(&inputs, cx),
            })
        };
        let outputs = with_autocast(mixed.then_some(compute), call);
        if let Some(frame) = FRAMES.with_borrow_mut(Vec::pop) {
            self.take_note(frame.called);
            frame.losses.into_iter().for_each(|loss| cx.add_loss(loss));
        }
        let outputs = outputs?;
        look(|| self.who(), &outputs);
        if let (Some(regularizer), true) = (&body.activity, cx.collects_losses()) {
            outputs.iter().try_for_each(|y| per_sample(regularizer.call(y)?, y).map(|l| cx.add_loss(l)))?;
        }
        let masks = body.layer.compute_masks(&inputs, &outputs)?;
        Ok(outputs.iter().zip(masks).map(|(y, mask)| y.with_mask(mask)).collect())
    }

    /// Keeps the layers that it called.
    fn take_note(&self, called: Vec<AnyLayer>) {
        let mut found = self.0.found.lock().unwrap_or_else(|e| e.into_inner());
        let mut known: HashSet<usize> = found.iter().map(|(_, l)| l.id()).collect();
        let new = called.into_iter().filter(|l| known.insert(l.id()));
        found.extend(new.map(|l| (l.name(), l)));
    }
}

/// The losses that layers inside of the one being called have added so far.
pub(super) fn drain_losses() -> Vec<Tensor> {
    FRAMES.with_borrow_mut(|f| f.last_mut().map(|f| std::mem::take(&mut f.losses))).unwrap_or_default()
}

/// What a layer's results add to the loss does not depend on the batch size.
fn per_sample(loss: Tensor, y: &Tensor) -> Result<Tensor> {
    match y.shape().first() {
        Some(&batch) => rhyton_tensor::ops::divide(&loss, &crate::numbers::like(&loss, batch.max(1) as f64)?),
        None => Ok(loss),
    }
}
