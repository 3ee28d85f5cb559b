//! The uses of a layer on symbolic tensors.

use super::AnyLayer;
use crate::layers::layer::CallCx;
use rhyton_base::{Error, Result};
use rhyton_ops::Meta;
use rhyton_tensor::{Attr, SymbolicCall, SymbolicOp, Tensor, apply_symbolic};
use std::any::Any;
use std::sync::{Arc, Weak};

impl AnyLayer {
    /// Its uses on symbolic tensors, in order; `None` for one whose results nobody holds any more.
    pub fn nodes(&self) -> Vec<Option<Arc<SymbolicCall>>> {
        self.0.nodes.lock().unwrap_or_else(|e| e.into_inner()).iter().map(Weak::upgrade).collect()
    }

    /// Has a layer that stands for a model's input give this symbolic tensor from now on, unless it has one.
    pub fn stand_for(&self, tensor: Tensor) {
        self.0.tensor.get_or_init(|| tensor);
    }

    /// A use that still exists: the first, or one of all by its number.
    fn node(&self, number: Option<usize>) -> Result<Arc<SymbolicCall>> {
        let nodes = self.nodes();
        let alive = nodes.iter().flatten().next().cloned().ok_or_else(|| {
            Error::state(
                "it is not part of a model of symbolic tensors; call it on one, or add it to a Sequential that \
                 begins with an Input",
            )
            .at(self.who())
        })?;
        let Some(number) = number else { return Ok(alive) };
        nodes.get(number).cloned().flatten().ok_or_else(|| {
            let known: Vec<String> =
                (0..nodes.len()).filter(|&i| nodes[i].is_some()).map(|i| i.to_string()).collect();
            Error::value(format!(
                "there is no use {number} of it on symbolic tensors; those that exist are {}",
                known.join(", ")
            ))
            .at(self.who())
        })
    }

    /// The symbolic tensors that it was first called on, in a model that still exists.
    ///
    /// # Errors
    /// Where it was never called on a symbolic tensor.
    pub fn inputs(&self) -> Result<Vec<Tensor>> {
        match self.0.tensor.get() {
            Some(tensor) => Ok(vec![tensor.clone()]),
            None => Ok(self.node(None)?.inputs.clone()),
        }
    }

    /// The symbolic tensors that its first call gave, in a model that still exists.
    ///
    /// # Errors
    /// Where it was never called on a symbolic tensor.
    pub fn outputs(&self) -> Result<Vec<Tensor>> {
        match self.0.tensor.get() {
            Some(tensor) => Ok(vec![tensor.clone()]),
            None => Ok(results_of(&self.node(None)?)),
        }
    }

    /// The symbolic tensors that it was called on for the `number`th time, counted from 0: of a shared layer, one of its
    /// places.
    ///
    /// ```
    /// use rhyton_nn::layers::{AnyLayer, Dense, input};
    /// let (left, right) = (input([3]), input([3]));
    /// let shared = AnyLayer::from(Dense::new(4));
    /// let y = [shared.call(&left)?, shared.call(&right)?];
    /// assert_eq!(shared.inputs_at(1)?[0].id(), right.id());
    /// assert!(shared.outputs_at(2).unwrap_err().to_string().contains("those that exist are 0, 1"));
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where it was not called so often, or nobody holds the results of that call any more.
    pub fn inputs_at(&self, number: usize) -> Result<Vec<Tensor>> {
        Ok(self.node(Some(number))?.inputs.clone())
    }

    /// The symbolic tensors that its `number`th call gave, counted from 0.
    ///
    /// # Errors
    /// As [`AnyLayer::inputs_at`].
    pub fn outputs_at(&self, number: usize) -> Result<Vec<Tensor>> {
        Ok(results_of(&self.node(Some(number))?))
    }

    /// The symbolic tensor that it was first called on: where a model can begin that is a part of another.
    ///
    /// ```
    /// use rhyton_nn::layers::{AnyLayer, Dense, input};
    /// let hidden = AnyLayer::from(Dense::new(4));
    /// let y = hidden.call(&input([3]))?;
    /// assert_eq!(hidden.input()?.meta().shape.to_string(), "(None, 3)");
    /// assert_eq!(hidden.output()?.meta(), y.meta());
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where it was never called on a symbolic tensor, or on several at once.
    pub fn input(&self) -> Result<Tensor> {
        let mut inputs = self.inputs()?;
        match inputs.len() {
            1 => Ok(inputs.swap_remove(0)),
            n => Err(Error::value(format!("has {n} inputs; use inputs()")).at(self.who())),
        }
    }

    /// The symbolic tensor that its first call gave.
    ///
    /// # Errors
    /// Where it was never called on a symbolic tensor, or has several results.
    pub fn output(&self) -> Result<Tensor> {
        let mut outputs = self.outputs()?;
        match outputs.len() {
            1 => Ok(outputs.swap_remove(0)),
            n => Err(Error::value(format!("has {n} results; use outputs()")).at(self.who())),
        }
    }
}

fn results_of(call: &Arc<SymbolicCall>) -> Vec<Tensor> {
    (0..call.outputs.len()).filter_map(|i| call.output(i)).collect()
}

/// The arguments of a call: those by place, then those by name.
pub type CallArguments = (Vec<Attr>, Vec<(String, Attr)>);

/// One use of a layer in a model that is being written.
#[derive(Clone)]
pub struct LayerCall {
    /// The layer.
    pub layer: AnyLayer,
    /// Whether this use is always one of training, or always one of inference; by default as the model is used.
    pub training: Option<bool>,
    /// The inputs that are given masks; these masks stand behind all inputs, in this order.
    pub masked: Vec<usize>,
    /// The arguments as a file had them: those by place, then those by name.
    pub arguments: Option<CallArguments>,
}

impl LayerCall {
    /// A use as the model is used, with all inputs in order.
    pub fn new(layer: &AnyLayer) -> LayerCall {
        LayerCall { layer: layer.clone(), training: None, masked: Vec::new(), arguments: None }
    }

    /// Applies it to symbolic tensors.
    ///
    /// # Errors
    /// Where a tensor does not fit, with the layer's name.
    pub fn apply(self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let layer = self.layer.clone();
        let results = apply_symbolic(Arc::new(self), inputs)?;
        if let Some(call) = results.first().and_then(|y| y.origin()?.call.as_ref()) {
            let mut nodes = layer.0.nodes.lock().unwrap_or_else(|e| e.into_inner());
            nodes.push(Arc::downgrade(call));
        }
        Ok(results)
    }

    /// How many of the inputs are not masks.
    pub fn plain(&self, inputs: usize) -> usize {
        inputs.saturating_sub(self.masked.len())
    }

    /// Runs it on real or traced tensors, as a part of a model that is called so.
    ///
    /// # Errors
    /// Where a tensor does not fit.
    pub fn call_in(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        let mut cx = *cx;
        cx.training = self.training.unwrap_or(cx.training);
        if inputs.iter().any(Tensor::is_symbolic) {
            return LayerCall { training: Some(cx.training), ..self.clone() }.apply(inputs);
        }
        self.layer.note_call();
        let (plain, masks) = inputs.split_at(self.plain(inputs.len()));
        let mut plain = plain.to_vec();
        for (&place, mask) in self.masked.iter().zip(masks) {
            plain[place] = plain[place].with_mask(Some(mask.clone()));
        }
        self.layer.call_noted(&plain, &cx, self.arguments.as_ref())
    }
}

impl SymbolicOp for LayerCall {
    fn name(&self) -> String {
        self.layer.who()
    }

    fn call(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        self.call_in(inputs, &CallCx::INFERENCE)
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let plain = &inputs[..self.plain(inputs.len())];
        self.layer.build_for(plain, self.arguments.as_ref())?;
        self.layer.infer(plain, self.arguments.as_ref())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
