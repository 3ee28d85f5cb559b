//! `.safetensors`: named arrays and texts in one file, as other frameworks keep weights.
//!
//! Source: <https://github.com/huggingface/safetensors>.

use crate::array::Array;
use crate::atomic::write_atomic;
use crate::files::{read, shown};
use ::safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use rhyton_base::{Context, DType, Error, Result};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// The arrays and texts of a file.
///
/// ```
/// use rhyton_io::{Array, Safetensors};
/// let mut file = Safetensors::default();
/// file.tensors.insert("dense.weight".into(), Array::from_slice([2], &[1f32, 2.0])?);
/// file.metadata.insert("format".into(), "keras".into());
/// assert_eq!(Safetensors::from_bytes(&file.to_bytes()?)?, file);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Safetensors {
    /// The arrays by name.
    pub tensors: BTreeMap<String, Array>,
    /// The texts by name.
    pub metadata: BTreeMap<String, String>,
}

impl Safetensors {
    /// Reads a file. An error names its path.
    pub fn load(path: impl AsRef<Path>) -> Result<Safetensors> {
        let path = path.as_ref();
        Safetensors::from_bytes(&read(path)?).at(|| shown(path))
    }

    /// Reads a file that is already in memory.
    ///
    /// Errors: not such a file, a truncated one, arrays of a type that is not known here.
    pub fn from_bytes(bytes: &[u8]) -> Result<Safetensors> {
        let damaged = |e| Error::format(format!("not a safetensors file, or a damaged one ({e})"));
        let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        let texts = header.metadata().iter().flatten();
        let metadata = texts.map(|(key, value)| (key.clone(), value.clone())).collect();
        let mut tensors = BTreeMap::new();
        for (name, view) in file.tensors() {
            let dtype = dtype_of(view.dtype()).at(|| format!("array {name:?}"))?;
            let array = Array::new(dtype, view.shape().to_vec(), view.data().to_vec());
            tensors.insert(name.clone(), array.at(|| format!("array {name:?}"))?);
        }
        Ok(Safetensors { tensors, metadata })
    }

    /// The bytes of the file that [`Safetensors::save`] writes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let refused = |e| Error::format(format!("the arrays cannot be written ({e})"));
        let mut views: Vec<(String, TensorView)> = Vec::new();
        for (name, a) in &self.tensors {
            let view = TensorView::new(type_of(a.dtype), a.shape.clone(), &a.data).map_err(refused)?;
            views.push((name.clone(), view));
        }
        let texts = self.metadata.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        serialize(views, Some(texts)).map_err(refused)
    }

    /// Writes a file, beside it first and then renamed.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let bytes = self.to_bytes()?;
        write_atomic(path, |w| Ok(w.write_all(&bytes)?))
    }
}

fn dtype_of(dtype: Dtype) -> Result<DType> {
    let known = DType::ALL.iter().find(|&&d| type_of(d) == dtype).copied();
    known.ok_or_else(|| Error::unsupported(format!("elements of type {dtype:?} are not known here")))
}

fn type_of(dtype: DType) -> Dtype {
    match dtype {
        DType::Bool => Dtype::BOOL,
        DType::U8 => Dtype::U8,
        DType::U16 => Dtype::U16,
        DType::U32 => Dtype::U32,
        DType::U64 => Dtype::U64,
        DType::I8 => Dtype::I8,
        DType::I16 => Dtype::I16,
        DType::I32 => Dtype::I32,
        DType::I64 => Dtype::I64,
        DType::F16 => Dtype::F16,
        DType::BF16 => Dtype::BF16,
        DType::F32 => Dtype::F32,
        DType::F64 => Dtype::F64,
    }
}
