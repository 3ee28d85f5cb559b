//! Layers that act while training only: random noise, and losses of activations.

mod activity;
mod alpha_dropout;
mod gaussian;
mod spatial_dropout;

pub use activity::ActivityRegularization;
pub use alpha_dropout::AlphaDropout;
pub use gaussian::{GaussianDropout, GaussianNoise};
pub use spatial_dropout::{SpatialDropout1D, SpatialDropout2D, SpatialDropout3D};

use rhyton_base::{Error, Result};
use rhyton_tensor::SeedGenerator;

/// The generator of a layer that draws something; streams are told apart by 32 bits.
fn generator(wanted: bool, seed: Option<i64>) -> Option<SeedGenerator> {
    wanted.then(|| SeedGenerator::new(seed.map(|s| s as u32)))
}

fn check_unit(name: &str, value: f64) -> Result<()> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(Error::value(format!("expected {name} to be in [0, 1], got {value}")))
}
