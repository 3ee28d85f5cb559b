//! `Embedding`: a vector for each index.

use crate::arguments::config;
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters, unbuilt};
use crate::layers::reader::{ConfigReader, regularizer_json};
use crate::layers::weight_spec::{Keys, WeightSpec, weight_setters};
use crate::spec::Config;
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::Value;

const EMBEDDINGS: Keys = ["embeddings_initializer", "embeddings_regularizer", "embeddings_constraint"];

/// Turns indices into vectors: index `i` becomes row `i` of a table of weights.
///
/// - Shapes: any shape `s` of integers becomes `(...s, output_dim)`. Weight: `embeddings` `(input_dim, output_dim)`.
/// - Defaults: rows begin with numbers drawn evenly from -0.05 to 0.05; nothing is masked.
/// - With `mask_zero`, index 0 stands for nothing: the results come with a mask that leaves such places out.
/// - Indices that are not integers are cast to `int32`; negative ones count from the end of the table.
/// - Errors: sizes of 0; when it runs, an index outside the table.
///
/// ```
/// use rhyton_nn::layers::Embedding;
/// use rhyton_tensor::Tensor;
/// let y = Embedding::new(1000, 64).mask_zero(true).call(&Tensor::from([[5, 7, 0], [9, 0, 0]]))?;
/// assert_eq!(y.shape(), [2, 3, 64]);
/// assert_eq!(y.mask().unwrap().to_vec::<bool>()?, [true, true, false, true, false, false]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/core/embedding.py`.
#[derive(Clone, Debug)]
pub struct Embedding {
    input_dim: usize,
    output_dim: usize,
    embeddings: WeightSpec,
    mask_zero: bool,
    pub(in crate::layers) options: LayerOptions,
    built: Option<(Variable, DType)>,
}

common_options!(Embedding);
setters! {
    Embedding;
    /// Whether index 0 stands for nothing and is masked.
    set mask_zero: bool;
}
weight_setters!(Embedding.embeddings: embeddings_initializer embeddings_regularizer embeddings_constraint);

impl Embedding {
    /// A table of `input_dim` rows (the largest index plus 1) of `output_dim` numbers.
    pub fn new(input_dim: usize, output_dim: usize) -> Embedding {
        Embedding {
            input_dim,
            output_dim,
            embeddings: WeightSpec::new("uniform"),
            mask_zero: false,
            options: LayerOptions::default(),
            built: None,
        }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Embedding> {
        let mut layer = Embedding::new(r.required_usize("input_dim")?, r.required_usize("output_dim")?);
        layer.embeddings.read(r, EMBEDDINGS)?;
        layer.mask_zero = r.bool("mask_zero")?.unwrap_or(false);
        // Keras 2 wrote it; nothing depends on it.
        r.value("input_length");
        for key in ["quantization_config", "lora_rank"] {
            r.refuse_unless_null(key)?;
        }
        Ok(layer)
    }
}

impl Layer for Embedding {
    basics!("Embedding");

    fn config(&self) -> Config {
        let mut config = config([
            ("input_dim", Value::from(self.input_dim)),
            ("output_dim", Value::from(self.output_dim)),
            ("mask_zero", Value::from(self.mask_zero)),
            ("activity_regularizer", regularizer_json(self.options.activity_regularizer.as_ref())),
        ]);
        self.embeddings.write(&mut config, EMBEDDINGS);
        config
    }

    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        self.output_shape(input)?;
        let table = self.embeddings.build(cx, "embeddings", [self.input_dim, self.output_dim])?;
        self.built = Some((table, cx.compute_dtype()));
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let (table, compute) = self.built.as_ref().ok_or_else(unbuilt)?;
        let indices = if x.dtype().is_integer() { x.clone() } else { ops::cast(x, DType::I32)? };
        ops::cast(&ops::take(&table.stored_value(), &indices, 0)?, *compute)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        if self.input_dim == 0 || self.output_dim == 0 {
            return Err(Error::value(format!(
                "expected input_dim and output_dim to be 1 or more, got {} and {}",
                self.input_dim, self.output_dim
            )));
        }
        Ok(input.with_axis(input.rank(), self.output_dim))
    }

    fn supports_masking(&self) -> bool {
        self.mask_zero
    }

    fn compute_masks(&self, inputs: &[Tensor], outputs: &[Tensor]) -> Result<Vec<Option<Tensor>>> {
        match inputs {
            [x] if self.mask_zero => Ok(vec![Some(ops::not_equal(x, &ops::zeros([], x.dtype())?)?)]),
            _ => Ok(vec![None; outputs.len()]),
        }
    }

    fn autocast(&self) -> bool {
        false
    }
}
