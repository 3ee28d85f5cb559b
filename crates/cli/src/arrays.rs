//! Arrays in npz files as tensors, and back.

use rhyton::io::{Array, Compression, Npz, write_npz};
use rhyton::{Context, Error, Result, Tensor};
use std::path::Path;

/// The samples of a file: the array `x`, or the only one.
pub fn samples(path: &str) -> Result<Tensor> {
    let who = || path.to_string();
    let mut file = Npz::open(path)?;
    let names = file.names().to_vec();
    let name = match names.as_slice() {
        [only] => only.clone(),
        all if all.iter().any(|n| n == "x") => "x".to_string(),
        all => {
            let message = format!("expected one array, or one named x, got {}", all.join(", "));
            return Err(Error::name(message).at(who()));
        }
    };
    named(&mut file, &name).at(who)
}

/// Samples, targets and, if they are there, sample weights.
pub fn labelled(path: &str) -> Result<(Tensor, Tensor, Option<Tensor>)> {
    let who = || path.to_string();
    let mut file = Npz::open(path)?;
    let names = file.names().to_vec();
    for wanted in ["x", "y"] {
        if !names.iter().any(|n| n == wanted) {
            let message = format!("expected arrays x and y, got {}", names.join(", "));
            return Err(Error::name(message).at(who()));
        }
    }
    let x = named(&mut file, "x").at(who)?;
    let y = named(&mut file, "y").at(who)?;
    let weight =
        names.iter().any(|n| n == "sample_weight").then(|| named(&mut file, "sample_weight").at(who));
    Ok((x, y, weight.transpose()?))
}

fn named(file: &mut Npz, name: &str) -> Result<Tensor> {
    let array = file.read(name)?;
    Tensor::from_bytes(&array.data, array.dtype, &array.shape)
}

/// Writes named tensors.
pub fn write(path: impl AsRef<Path>, arrays: &[(&str, &Tensor)]) -> Result<()> {
    let mut plain = Vec::new();
    for (name, x) in arrays {
        plain.push((*name, Array::new(x.dtype(), x.shape().to_vec(), x.to_bytes()?)?));
    }
    let parts: Vec<(&str, &Array)> = plain.iter().map(|(n, a)| (*n, a)).collect();
    write_npz(path, &parts, Compression::Deflated)
}
