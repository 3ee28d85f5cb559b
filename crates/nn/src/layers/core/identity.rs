//! `Identity`: nothing.

use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options};
use crate::layers::reader::ConfigReader;
use rhyton_base::{Result, Shape};
use rhyton_tensor::Tensor;

/// Passes its inputs on unchanged, with their masks.
///
/// ```
/// use rhyton_nn::layers::Identity;
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[1.0f32, 2.0]]);
/// assert!(Identity::new().call(&x)?.bit_equal(&x));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/core/identity.py`.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Identity);

impl Identity {
    /// The layer.
    pub fn new() -> Identity {
        Identity::default()
    }

    pub(in crate::layers) fn from_reader(_r: &mut ConfigReader) -> Result<Identity> {
        Ok(Identity::new())
    }
}

impl Layer for Identity {
    basics!("Identity");

    fn build_all(&mut self, _cx: &mut BuildCx, _inputs: &[Shape]) -> Result<()> {
        Ok(())
    }

    fn call_all(&self, inputs: &[Tensor], _cx: &CallCx) -> Result<Vec<Tensor>> {
        Ok(inputs.to_vec())
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
        Ok(Some(inputs.to_vec()))
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_masks(&self, inputs: &[Tensor], _outputs: &[Tensor]) -> Result<Vec<Option<Tensor>>> {
        Ok(inputs.iter().map(|x| x.mask().cloned()).collect())
    }

    fn needs_build(&self) -> bool {
        false
    }
}
