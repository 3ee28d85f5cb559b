//! `SpectralNormalization`: a layer whose kernel has spectral norm 1.

use crate::arguments::config;
use crate::initializers::TruncatedNormal;
use crate::layers::any::AnyLayer;
use crate::layers::build::BuildCx;
use crate::layers::envelope::envelope;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters, unbuilt};
use crate::layers::reader::ConfigReader;
use crate::numbers::like;
use crate::spec::{Config, Spec};
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_tensor::{Tensor, Variable, no_gradient, ops};
use serde_json::Value;

/// Wraps a layer and divides its kernel by its largest singular value at each step of training, before the call.
///
/// The singular value is found by power iteration, which goes on from step to step with the weight `vector_u`. The
/// kernel itself is given the new value; gradients are those of the new value.
///
/// - Shape: that of the layer. Weights: the kernel, `vector_u` `(1, outputs)`, untrained, then the others of the layer.
/// - Default: one iteration a step. Masks are dropped.
/// - Errors: 0 iterations; a layer with neither `kernel` nor `embeddings`.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, CallCx, Dense, SpectralNormalization};
/// use rhyton_tensor::Tensor;
/// let dense = AnyLayer::from(Dense::new(2).kernel_initializer("ones").use_bias(false));
/// let layer = AnyLayer::from(SpectralNormalization::new(&dense).power_iterations(20));
/// layer.call_in(&Tensor::from([[1.0f32, 2.0]]), &CallCx::TRAINING)?;
/// assert!((dense.weights()[0].value().to_vec::<f32>()?[0] - 0.5).abs() < 1e-6);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Miyato et al., "Spectral normalization for generative adversarial networks", ICLR 2018;
/// `keras/src/layers/normalization/spectral_normalization.py`.
pub struct SpectralNormalization {
    layer: AnyLayer,
    power_iterations: usize,
    pub(in crate::layers) options: LayerOptions,
    built: Option<Built>,
}

struct Built {
    vector_u: Variable,
    kernel: Variable,
}

common_options!(SpectralNormalization);
setters! {
    SpectralNormalization;
    /// How many iterations are made at each step.
    set power_iterations: usize;
}

impl SpectralNormalization {
    /// This layer with such a kernel.
    pub fn new(layer: impl Into<AnyLayer>) -> SpectralNormalization {
        let (layer, options) = (layer.into(), LayerOptions::default());
        SpectralNormalization { layer, power_iterations: 1, options, built: None }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<SpectralNormalization> {
        let layer = r.layer("layer")?;
        Ok(SpectralNormalization::new(&layer).power_iterations(r.usize("power_iterations")?.unwrap_or(1)))
    }

    /// The next `vector_u`, and the kernel divided by what it says is the largest singular value.
    fn normalized(&self, built: &Built) -> Result<(Tensor, Tensor)> {
        let kernel = built.kernel.stored_value();
        let columns = built.kernel.shape().last().copied().unwrap_or(1);
        let weights = ops::reshape(&kernel, [built.kernel.len() / columns.max(1), columns])?;
        let across = ops::transpose(&weights, None)?;
        let old = built.vector_u.stored_value();
        let mut u = ops::cast(&old, kernel.dtype())?;
        let mut v = unit(&ops::matmul(&u, &across)?)?;
        for step in 0..self.power_iterations {
            if step > 0 {
                v = unit(&ops::matmul(&u, &across)?)?;
            }
            u = unit(&ops::matmul(&v, &weights)?)?;
        }
        let sigma = ops::matmul(&ops::matmul(&v, &weights)?, &ops::transpose(&u, None)?)?;
        let divided = ops::divide(&kernel, &ops::reshape(&sigma, [0usize; 0])?)?;
        // A kernel of zeros stays as it is.
        let zero = ops::all(&ops::equal(&kernel, &like(&kernel, 0.0)?)?, ..)?;
        Ok((ops::r#where(&zero, &old, &u)?, ops::r#where(&zero, &kernel, &divided)?))
    }
}

fn unit(x: &Tensor) -> Result<Tensor> {
    let inverse = ops::rsqrt(&ops::sum(&ops::square(x)?, ..)?)?;
    ops::multiply(x, &ops::minimum(&inverse, &like(&inverse, 1.0 / crate::config::epsilon())?)?)
}

impl Layer for SpectralNormalization {
    basics!("SpectralNormalization");

    fn config(&self) -> Config {
        config([("layer", envelope(&self.layer)), ("power_iterations", Value::from(self.power_iterations))])
    }

    fn build_all(&mut self, cx: &mut BuildCx, inputs: &[Shape]) -> Result<()> {
        if self.power_iterations == 0 {
            return Err(Error::value("expected power_iterations to be 1 or more, got 0"));
        }
        self.layer.build_all(inputs)?;
        let named = |w: &Variable| matches!(w.name().rsplit('/').next(), Some("kernel" | "embeddings"));
        let kernel = self.layer.weights().into_iter().find(named).ok_or_else(|| {
            Error::value(format!("{} has neither a kernel nor embeddings to normalize", self.layer.who()))
        })?;
        let columns = kernel.shape().last().copied().unwrap_or(1);
        let begin = Spec::from(TruncatedNormal::new().stddev(0.02));
        cx.adopt(&kernel);
        let vector_u = cx.non_trainable("vector_u", [1, columns], &begin)?;
        self.built = Some(Built { vector_u, kernel });
        Ok(())
    }

    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        let built = self.built.as_ref().ok_or_else(unbuilt)?;
        if cx.training {
            no_gradient(|| {
                let (u, kernel) = self.normalized(built)?;
                built.vector_u.assign(&u)?;
                built.kernel.assign(&kernel)
            })?;
        }
        // As Keras does, the inner layer is not told that the model learns.
        let y = self.layer.call(x)?;
        let dtype: DType = if x.dtype().is_float() { x.dtype() } else { y.dtype() };
        ops::cast(&y, dtype)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.layer.output_shape(input)
    }

    fn sublayers(&self) -> Vec<(String, AnyLayer)> {
        vec![("layer".into(), self.layer.clone())]
    }
}
