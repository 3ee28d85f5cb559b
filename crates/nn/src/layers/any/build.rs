//! Building a layer, and where its weights get their paths from.

use super::{AnyLayer, CallArguments};
use crate::layers::build::BuildCx;
use crate::spec::Spec;
use rhyton_base::{Context, Dim, Error, Result, Shape};
use rhyton_ops::Meta;
use rhyton_tensor::{no_gradient, scope, without_tracer};
use std::cell::RefCell;

thread_local! {
    /// The names of the layers that are being built or called on this thread, the outermost first.
    static SCOPES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

impl AnyLayer {
    /// Creates the weights for inputs of this shape. Nothing happens where they exist.
    ///
    /// # Errors
    /// Where the layer refuses such inputs, with the layer's name.
    pub fn build(&self, input: &Shape) -> Result<()> {
        self.build_all(std::slice::from_ref(input))
    }

    /// [`AnyLayer::build`] for any number of inputs.
    ///
    /// # Errors
    /// As [`AnyLayer::build`].
    pub fn build_all(&self, inputs: &[Shape]) -> Result<()> {
        let mut body = self.write();
        if body.built.is_some() {
            return Ok(());
        }
        let cx = self.within(|| {
            let path = SCOPES.with_borrow(|s| s.join("/"));
            let mut cx = BuildCx::new(path, self.0.policy, !self.trainable());
            // Weights are made at once, whatever is being traced or recorded.
            no_gradient(|| without_tracer(|| body.layer.build_all(&mut cx, inputs))).at(|| self.who())?;
            Ok::<BuildCx, Error>(cx)
        })?;
        let activity = self.0.activity_regularizer.as_ref().map(Spec::resolve).transpose();
        body.activity = activity.at(|| self.who())?;
        body.built = Some(inputs.to_vec());
        let BuildCx { trainable, non_trainable, regularized, constrained, .. } = cx;
        (body.trainable, body.non_trainable) = (trainable, non_trainable);
        (body.regularized, body.constrained) = (regularized, constrained);
        Ok(())
    }

    /// Builds it for such inputs, if it is not built; another batch may be of another size.
    pub(super) fn build_for(&self, inputs: &[Meta], arguments: Option<&CallArguments>) -> Result<()> {
        if self.read().built.is_some() {
            return Ok(());
        }
        let keeps_batch = self.read().layer.needs_batch_size();
        let open = |m: &Meta| -> Shape {
            let dims = m.shape.dims().iter().enumerate();
            dims.map(|(axis, d)| if axis == 0 && !keeps_batch { Dim::Unknown } else { *d }).collect()
        };
        self.build_all(&without_masks(inputs, arguments).map(open).collect::<Vec<_>>())
    }

    /// Runs `f` with this layer's name in the paths of all weights that are made meanwhile.
    pub fn within<R>(&self, f: impl FnOnce() -> R) -> R {
        struct Left;
        impl Drop for Left {
            fn drop(&mut self) {
                SCOPES.with_borrow_mut(Vec::pop);
            }
        }
        let name = self.name();
        let inner = || {
            let _left = Left;
            f()
        };
        SCOPES.with_borrow_mut(|s| s.push(name.clone()));
        scope(&name, inner)
    }
}

/// The inputs of a call without those that are masks given by name: layers are built for the others, and rules of shapes are
/// for them.
pub(super) fn without_masks<'a, T>(
    inputs: &'a [T],
    arguments: Option<&'a CallArguments>,
) -> impl Iterator<Item = &'a T> {
    let named = arguments.into_iter().flat_map(|(_, kwargs)| kwargs);
    let masks: Vec<usize> =
        named.filter(|(name, _)| name.ends_with("mask")).flat_map(|(_, value)| value.places()).collect();
    inputs.iter().enumerate().filter(move |(i, _)| !masks.contains(i)).map(|(_, x)| x)
}
