//! `fft`: the discrete Fourier transform.

use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result, broadcast_symbolic};

/// `y[k] = Σₜ x[t] · exp(∓2πi·k·t/n)` along the last axis of a complex tensor, given and returned as its real and its
/// imaginary part. The exponent is negative, or positive for `inverse`; neither is scaled.
#[derive(Clone, Copy, Debug)]
pub struct Fft {
    /// The sign of the exponent.
    pub inverse: bool,
}

impl Op for Fft {
    fn name(&self) -> &'static str {
        "fft"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [re, im] = crate::op::arguments(inputs)?;
        crate::elementwise::rules::same_type(re, im)?;
        if !matches!(re.dtype, DType::F32 | DType::F64) {
            return Err(Error::dtype(format!("expected float32 or float64, got {}", re.dtype)));
        }
        if !re.shape.fits(&im.shape) {
            return Err(Error::shape(format!(
                "expected real and imaginary parts of one shape, got {} and {}",
                re.shape, im.shape
            )));
        }
        if re.shape.rank() == 0 {
            return Err(Error::shape("expected rank 1 or more, got a scalar"));
        }
        let shape = broadcast_symbolic(&[&re.shape, &im.shape])?;
        let out = Meta { dtype: re.dtype, shape };
        Ok(vec![out.clone(), out])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Fft { inverse: self.inverse })
    }

    /// The adjoint of the transform is the one with the other sign.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        if a.cotangents.iter().all(Option::is_none) {
            return Ok(vec![None, None]);
        }
        let mut parts = Vec::with_capacity(2);
        for (g, &x) in a.cotangents.iter().zip(a.inputs) {
            let (dims, dtype) = (b.dims(x), b.dtype(x));
            parts.push(match g {
                Some(g) => *g,
                None => b.full(&dims, 0.0, dtype)?,
            });
        }
        let out = b.emit(std::sync::Arc::new(Fft { inverse: !self.inverse }), &parts)?;
        Ok(out.into_iter().map(Some).collect())
    }
}

impl Fft {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let pair = || [Domain::uniform([2, 3], -2.0, 2.0), Domain::uniform([2, 3], -2.0, 2.0)];
        vec![
            Sample::new(Fft { inverse: false }, pair()),
            Sample::new(Fft { inverse: true }, pair()),
            Sample::new(
                Fft { inverse: false },
                [Domain::vector(&[1.0, 2.0, 3.0, 4.0]), Domain::vector(&[0.0; 4])],
            )
            .expect(&[10.0, -2.0, -2.0, -2.0]),
        ]
    }
}
