//! `Add`, `Subtract`, `Multiply`, `Average`, `Maximum`, `Minimum`.

use super::rules::{aligned, merged_mask, merged_shape, spread};
use crate::layers::build::BuildCx;
use crate::layers::inputs::LayerInputs;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, kept};
use crate::layers::reader::ConfigReader;
use crate::numbers::like;
use rhyton_base::{DType, Error, Result, Shape, promote_all};
use rhyton_ops::Meta;
use rhyton_tensor::{Tensor, ops};

type Operation = fn(&Tensor, &Tensor) -> Result<Tensor>;

fn fold(inputs: &[Tensor], operation: Operation) -> Result<Tensor> {
    let [first, rest @ ..] = inputs else { return Err(Error::value("expected at least 1 input, got 0")) };
    rest.iter().try_fold(first.clone(), |y, x| operation(&y, x))
}

/// The mean over the inputs; integers are divided in floating point.
fn mean(inputs: &[Tensor]) -> Result<Tensor> {
    let sum = fold(inputs, ops::add)?;
    ops::divide(&sum, &like(&sum, inputs.len() as f64)?)
}

/// What is masked in one input is taken from the others.
fn choose(inputs: &[Tensor], operation: Operation) -> Result<Tensor> {
    let [first, rest @ ..] = inputs else { return Err(Error::value("expected at least 1 input, got 0")) };
    let (mut y, mut y_mask) = (first.clone(), spread(first)?);
    for x in rest {
        let mask = spread(x)?;
        let mut x = x.clone();
        if let Some(mask) = &mask {
            x = ops::r#where(mask, &x, &y)?;
        }
        if let Some(y_mask) = &y_mask {
            y = ops::r#where(y_mask, &y, &x)?;
        }
        y_mask = match (y_mask, mask) {
            (Some(a), Some(b)) => Some(ops::logical_or(&a, &b)?),
            _ => None,
        };
        y = operation(&y, &x)?;
    }
    Ok(y)
}

/// Masked places are factors of 1, and 0 where all inputs are masked.
fn product(inputs: &[Tensor]) -> Result<Tensor> {
    let mut masks = Vec::new();
    let mut factors = Vec::new();
    for x in inputs {
        let mask = spread(x)?;
        factors.push(match &mask {
            Some(mask) => ops::r#where(mask, x, &like(x, 1.0)?)?,
            None => x.clone(),
        });
        masks.extend(mask);
    }
    let y = fold(&factors, ops::multiply)?;
    if masks.len() < inputs.len() {
        return Ok(y);
    }
    ops::r#where(&fold(&masks, ops::logical_or)?, &y, &like(&y, 0.0)?)
}

fn difference(inputs: &[Tensor]) -> Result<Tensor> {
    fold(inputs, ops::subtract)
}

macro_rules! merge {
    ($(#[$doc:meta])* $Layer:ident $class:literal $short:ident: $of:expr, divides $divides:literal, only $only:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $Layer {
            pub(in crate::layers) options: LayerOptions,
        }

        common_options!($Layer);

        impl $Layer {
            /// The layer.
            pub fn new() -> $Layer {
                $Layer::default()
            }

            pub(in crate::layers) fn from_reader(_r: &mut ConfigReader) -> Result<$Layer> {
                Ok($Layer::new())
            }
        }

        impl Layer for $Layer {
            basics!($class);

            fn build_all(&mut self, _cx: &mut BuildCx, inputs: &[Shape]) -> Result<()> {
                self.output_shapes(inputs).map(|_| ())
            }

            fn call_all(&self, inputs: &[Tensor], _cx: &CallCx) -> Result<Vec<Tensor>> {
                let of: fn(&[Tensor]) -> Result<Tensor> = $of;
                Ok(vec![of(&aligned(inputs)?)?])
            }

            fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
                let only: Option<usize> = $only;
                if let Some(n) = only.filter(|&n| n != inputs.len()) {
                    return Err(Error::value(format!("expected exactly {n} inputs, got {}", inputs.len())));
                }
                Ok(Some(vec![merged_shape(inputs)?]))
            }

            /// Sizes tried in the place of unknown ones need not fit known ones.
            fn infer(&self, inputs: &[Meta], compute: DType) -> Result<Option<Vec<Meta>>> {
                let shapes: Vec<Shape> = inputs.iter().map(|m| m.shape.clone()).collect();
                let shape = merged_shape(&shapes)?;
                let dtype = promote_all(inputs.iter().map(|m| kept(m.dtype, compute))).unwrap_or(compute);
                let dtype = if $divides { dtype.to_float() } else { dtype };
                Ok(Some(vec![Meta { dtype, shape }]))
            }

            fn supports_masking(&self) -> bool {
                true
            }

            fn compute_masks(&self, inputs: &[Tensor], _outputs: &[Tensor]) -> Result<Vec<Option<Tensor>>> {
                Ok(vec![merged_mask(inputs)?])
            }
        }

        #[doc = concat!("[`", $class, "`] of tensors, with numbers or symbolic.")]
        ///
        /// # Errors
        /// Where their shapes do not fit together.
        pub fn $short(inputs: impl LayerInputs) -> Result<Tensor> {
            $Layer::new().call(inputs)
        }
    };
}

merge! {
    /// The sum of its inputs.
    ///
    /// - Shapes: the same batch size; after the batch axis, shapes are broadcast from the end, and an input of lower rank
    ///   gets new axes after the batch.
    /// - A place of the result counts where it counts in one input; without a mask where one input has none.
    /// - Errors: no inputs; shapes that do not fit together.
    ///
    /// ```
    /// use rhyton_nn::layers::{self, Add};
    /// use rhyton_tensor::Tensor;
    /// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[10.0f32, 20.0]]));
    /// assert_eq!(Add::new().call([&a, &b])?.to_vec::<f32>()?, [11.0, 22.0]);
    /// assert_eq!(layers::add([&a, &b, &b])?.to_vec::<f32>()?, [21.0, 42.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/merging/add.py`.
    Add "Add" add: |x| fold(x, ops::add), divides false, only None
}

merge! {
    /// The first input less the second.
    ///
    /// - Shapes and masks: as for [`Add`].
    /// - Errors: another number of inputs than 2; shapes that do not fit together.
    ///
    /// ```
    /// use rhyton_nn::layers;
    /// use rhyton_tensor::Tensor;
    /// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[10.0f32, 20.0]]));
    /// assert_eq!(layers::subtract([&b, &a])?.to_vec::<f32>()?, [9.0, 18.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/merging/subtract.py`.
    Subtract "Subtract" subtract: difference, divides false, only Some(2)
}

merge! {
    /// The product of its inputs.
    ///
    /// - Shapes and masks: as for [`Add`]. Masked places of an input count as 1; where all are masked, the result is 0.
    /// - Errors: no inputs; shapes that do not fit together.
    ///
    /// ```
    /// use rhyton_nn::layers;
    /// use rhyton_tensor::Tensor;
    /// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[10.0f32, 20.0]]));
    /// assert_eq!(layers::multiply([&a, &b])?.to_vec::<f32>()?, [10.0, 40.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/merging/multiply.py`.
    Multiply "Multiply" multiply: product, divides false, only None
}

merge! {
    /// The mean of its inputs.
    ///
    /// - Shapes and masks: as for [`Add`].
    /// - Errors: no inputs; shapes that do not fit together.
    ///
    /// ```
    /// use rhyton_nn::layers;
    /// use rhyton_tensor::Tensor;
    /// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[3.0f32, 6.0]]));
    /// assert_eq!(layers::average([&a, &b])?.to_vec::<f32>()?, [2.0, 4.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/merging/average.py`.
    Average "Average" average: mean, divides true, only None
}

merge! {
    /// The largest of its inputs at each place.
    ///
    /// - Shapes and masks: as for [`Add`]. Masked places of one input do not take part where another counts.
    /// - Errors: no inputs; shapes that do not fit together.
    ///
    /// ```
    /// use rhyton_nn::layers;
    /// use rhyton_tensor::Tensor;
    /// let (a, b) = (Tensor::from([[1.0f32, 7.0]]), Tensor::from([[3.0f32, 6.0]]));
    /// assert_eq!(layers::maximum([&a, &b])?.to_vec::<f32>()?, [3.0, 7.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/merging/maximum.py`.
    Maximum "Maximum" maximum: |x| choose(x, ops::maximum), divides false, only None
}

merge! {
    /// The smallest of its inputs at each place.
    ///
    /// - Shapes and masks: as for [`Add`]. Masked places of one input do not take part where another counts.
    /// - Errors: no inputs; shapes that do not fit together.
    ///
    /// ```
    /// use rhyton_nn::layers;
    /// use rhyton_tensor::Tensor;
    /// let (a, b) = (Tensor::from([[1.0f32, 7.0]]), Tensor::from([[3.0f32, 6.0]]));
    /// assert_eq!(layers::minimum([&a, &b])?.to_vec::<f32>()?, [1.0, 6.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/merging/minimum.py`.
    Minimum "Minimum" minimum: |x| choose(x, ops::minimum), divides false, only None
}
