//! Arrays in npz files as the inputs and targets of a model, and back.

use rhyton::io::{Array, Compression, Npz, write_npz};
use rhyton::{Context, Data, Error, Model, Result, Tensor};
use std::path::Path;

/// Samples, targets and, if they are there, sample weights.
pub struct Labelled {
    pub x: Data,
    pub y: Data,
    pub weight: Option<Tensor>,
}

/// The samples of a file: for one input the only array, `x`, or the input's name; for several an array for each.
pub fn samples(path: &str, model: &Model) -> Result<Data> {
    Arrays::open(path).and_then(|mut file| file.inputs(model, true)).at(|| path.to_string())
}

/// Samples and targets of a file: targets are `y`, or an array for each output.
pub fn labelled(path: &str, model: &Model) -> Result<Labelled> {
    let read = || -> Result<Labelled> {
        let mut file = Arrays::open(path)?;
        let (x, y) = (file.inputs(model, false)?, file.targets(model)?);
        let weight = file.has("sample_weight").then(|| file.get("sample_weight")).transpose()?;
        Ok(Labelled { x, y, weight })
    };
    read().at(|| path.to_string())
}

/// A file whose errors name what it holds.
struct Arrays {
    file: Npz,
    names: Vec<String>,
}

impl Arrays {
    fn open(path: &str) -> Result<Arrays> {
        let file = Npz::open(path)?;
        let names = file.names().to_vec();
        Ok(Arrays { file, names })
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|n| n == name)
    }

    fn get(&mut self, name: &str) -> Result<Tensor> {
        let array = self.file.read(name)?;
        Tensor::from_bytes(&array.data, array.dtype, &array.shape)
    }

    fn expected(&self, what: impl std::fmt::Display) -> Error {
        Error::name(format!("expected {what}, got {}", self.names.join(", ")))
    }

    /// Arrays for all of these names.
    fn all(&mut self, names: &[String]) -> Result<Data> {
        let pairs = names.iter().map(|n| Ok((n.clone(), self.get(n)?))).collect::<Result<Vec<_>>>()?;
        Ok(pairs.into())
    }

    fn inputs(&mut self, model: &Model, alone: bool) -> Result<Data> {
        let inputs = model.input_names();
        if inputs.len() > 1 {
            return match inputs.iter().all(|n| self.has(n)) {
                true => self.all(&inputs),
                false => Err(self.expected(format_args!("an array for each input ({})", inputs.join(", ")))),
            };
        }
        let name = match (self.names.as_slice(), inputs.first()) {
            (names, _) if names.iter().any(|n| n == "x") => "x".to_string(),
            (_, Some(own)) if self.has(own) => own.clone(),
            ([only], _) if alone => only.clone(),
            _ if alone => return Err(self.expected("one array, or one named x")),
            _ => return Err(self.expected("arrays x and y")),
        };
        Ok(self.get(&name)?.into())
    }

    fn targets(&mut self, model: &Model) -> Result<Data> {
        let outputs = model.output_names();
        if outputs.len() > 1 {
            // Outputs without a loss need no targets.
            let there: Vec<String> = outputs.iter().filter(|n| self.has(n)).cloned().collect();
            return match there.is_empty() {
                false => self.all(&there),
                true => Err(self.expected(format_args!("an array for each output ({})", outputs.join(", ")))),
            };
        }
        let name = match outputs.first() {
            _ if self.has("y") => "y".to_string(),
            Some(own) if self.has(own) => own.clone(),
            _ => return Err(self.expected("arrays x and y")),
        };
        Ok(self.get(&name)?.into())
    }
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
