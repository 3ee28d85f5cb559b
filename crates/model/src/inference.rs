//! `InferenceModel`: a model that is only used from now on.

use crate::data::Data;
use crate::model::Model;
use crate::step::{Kind, Step};
use crate::training::{Parts, Predict};
use rhyton_base::{Context, DType, Dim, Error, Result};
use rhyton_graph::{Function, Snapshot};
use rhyton_ops::Meta;
use rhyton_runtime::{Arg, Storage};
use rhyton_tensor::Tensor;
use std::fmt;
use std::sync::{Arc, Mutex};

/// A model made ready for use alone: its weights are constants, and its graph is simplified once for all predictions.
///
/// - What depends on weights alone is computed once.
/// - `BatchNormalization` becomes part of the weights of the dense or convolutional layer before it, or of the
///   dense layer behind it; so do `Rescaling` and other scales and offsets along the last axis.
/// - Layers that only training needs, such as `Dropout`, are gone, as in every prediction.
///
/// Predictions are those of the model up to rounding (about `1e-6` of their size). Training the model goes on
/// without a trace here. The numbers of weights are shared with the model until it changes them.
///
/// What Keras does with `model.export` and a serving program around it is done inside of the program: see
/// [`Model::for_inference`].
///
/// ```
/// use rhyton_model::Sequential;
/// use rhyton_nn::layers::{BatchNormalization, Dense, Dropout, Input};
/// use rhyton_tensor::Tensor;
/// let model = Sequential::from((
///     Input::new([3]),
///     Dense::new(8),
///     BatchNormalization::new(),
///     Dropout::new(0.5),
///     Dense::new(2).activation("softmax"),
/// ));
/// let inference = model.for_inference()?;
/// let x = Tensor::from([[0.1f32, 0.2, 0.3]]);
/// let (y, same) = (model.predict(&x)?.to_vec::<f32>()?, inference.predict(&x)?.to_vec::<f32>()?);
/// assert!(y.iter().zip(&same).all(|(a, b)| (a - b).abs() < 1e-6));
///
/// // From slice to slice, without allocating.
/// let mut out = [0.0; 2];
/// inference.predict_into(&[0.1, 0.2, 0.3], &mut out)?;
/// assert_eq!(same, out);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub struct InferenceModel {
    model: Model,
    slices: Mutex<Option<Slices>>,
}

/// What [`InferenceModel::predict_into`] works with for slices of certain lengths.
struct Slices {
    step: Arc<Step>,
    x: Storage,
    y: Storage,
}

fn compiled(step: &Step) -> Result<&Function> {
    step.function().ok_or_else(|| Error::state("the step is not compiled"))
}

impl Model {
    /// The model as it is now, for predictions alone: see [`InferenceModel`].
    ///
    /// # Errors
    /// Where the model has no weights yet, or an added layer was wrong.
    pub fn for_inference(&self) -> Result<InferenceModel> {
        self.sound()?;
        if !self.is_built() {
            return Err(self.not_built());
        }
        let mut model = Model::from_layer(self.layer.clone());
        model.custom = self.custom.clone();
        model.frozen = Some(Arc::new(Snapshot::new(&self.weights())));
        Ok(InferenceModel { model, slices: Mutex::new(None) })
    }
}

impl InferenceModel {
    /// The model's only output for samples `x`, in batches of 32, as [`Model::predict`] gives it.
    ///
    /// # Errors
    /// As [`Model::predict`].
    pub fn predict(&self, x: impl Into<Data>) -> Result<Tensor> {
        self.model.predict(x)
    }

    /// [`InferenceModel::predict`] with everything there is to say.
    ///
    /// # Errors
    /// As [`Model::predict`].
    pub fn predict_with(&self, x: impl Into<Data>, options: Predict) -> Result<Tensor> {
        self.model.predict_with(x, options)
    }

    /// All outputs for samples `x`, in batches of 32.
    ///
    /// # Errors
    /// As [`Model::predict_all`].
    pub fn predict_all(&self, x: impl Into<Data>) -> Result<Vec<Tensor>> {
        self.model.predict_all(x)
    }

    /// [`InferenceModel::predict_all`] with everything there is to say.
    ///
    /// # Errors
    /// As [`Model::predict_all`].
    pub fn predict_all_with(&self, x: impl Into<Data>, options: Predict) -> Result<Vec<Tensor>> {
        self.model.predict_all_with(x, options)
    }

    /// Predicts from a slice into another: one `float32` input and one `float32` output, row by row. The lengths
    /// say how many samples there are; they are one batch. Calls with the same lengths allocate nothing.
    ///
    /// Calls from several threads wait for each other.
    ///
    /// # Errors
    /// Where the model has several inputs or outputs, or others than `float32`, sizes of a sample are not known, or
    /// the slices do not hold whole samples, equally many.
    pub fn predict_into(&self, x: &[f32], y: &mut [f32]) -> Result<()> {
        self.run_slices(x, y).at(|| "predict_into")
    }

    fn run_slices(&self, x: &[f32], y: &mut [f32]) -> Result<()> {
        let mut slices = self.slices.lock().unwrap_or_else(|e| e.into_inner());
        let fits = |s: &Slices| s.x.len() == size_of_val(x) && s.y.len() == size_of_val(y);
        let slices = match &mut *slices {
            Some(slices) if fits(slices) => slices,
            other => other.insert(self.slices_for(x.len(), y.len())?),
        };
        slices.x.bytes_mut().copy_from_slice(bytemuck::cast_slice(x));
        compiled(&slices.step)?.run([Arg::Read(&slices.x, 0)], &mut [&mut slices.y])?;
        bytemuck::cast_slice_mut(y).copy_from_slice(slices.y.bytes());
        Ok(())
    }

    fn slices_for(&self, x: usize, y: usize) -> Result<Slices> {
        let shape = self
            .model
            .input_shape()
            .ok_or_else(|| Error::value("needs a model whose only input has a known shape; use predict"))?;
        let sample: Option<Vec<usize>> =
            shape.dims().get(1..).unwrap_or(&[]).iter().map(|d| d.known()).collect();
        let each: usize = sample.as_ref().map_or(0, |s| s.iter().product());
        let Some(sample) = sample.filter(|_| each > 0) else {
            return Err(Error::shape(format!("samples of shape {shape} have no fixed size; use predict")));
        };
        if x == 0 || !x.is_multiple_of(each) {
            return Err(Error::shape(format!("expected samples of {each} numbers, got {x} numbers")));
        }
        let rows = x / each;
        if let Some(dtype) = self.model.input().ok().map(|x| x.dtype()).filter(|&d| d != DType::F32) {
            return Err(Error::dtype(format!("the input is {dtype}, not float32; use predict")));
        }
        let meta = Meta::new(DType::F32, [&[rows], &sample[..]].concat());
        let any = Meta { dtype: meta.dtype, shape: meta.shape.without_batch().with_axis(0, Dim::Unknown) };
        self.model.output_metas(&[any])?;
        let parts = Parts { inputs: 1, targets: Vec::new(), weights: Vec::new() };
        let step = self.model.step(Kind::Predict, &parts, &[meta], &self.model.own_measures)?;
        let slices = Slices { step, x: Storage::zeroed(4 * x)?, y: Storage::zeroed(4 * y)? };
        let [out] = compiled(&slices.step)?.outputs() else {
            return Err(Error::value("needs a model with one output; use predict_all"));
        };
        let numbers: usize = out.dims().iter().product();
        if out.dtype != DType::F32 {
            return Err(Error::dtype(format!("needs an output of float32, got {}; use predict", out.dtype)));
        }
        if numbers != y {
            let message = format!("expected room for {numbers} numbers of {rows} samples, got {y}");
            return Err(Error::shape(message));
        }
        Ok(slices)
    }
}

impl fmt::Debug for InferenceModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<InferenceModel {:?}>", self.model.name())
    }
}
