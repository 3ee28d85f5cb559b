//! Intersection over union of classes.

use super::Metric;
use super::mean::reset;
use crate::arguments::{Argument, Arguments, config, finite};
use crate::layers::auto_name;
use crate::numbers::{filled, is_diagonal, like, plus, shapes_differ};
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result};
use rhyton_tensor::{Tensor, Variable, no_gradient, ops};

/// The arguments and the state that all metrics of this kind share.
#[derive(Clone, Debug)]
struct Matrix {
    name: String,
    num_classes: usize,
    targets: Vec<i64>,
    ignore_class: Option<i64>,
    sparse_y_true: bool,
    sparse_y_pred: bool,
    axis: isize,
    /// Rows are classes of targets, columns those of predictions.
    total: Variable,
}

impl Matrix {
    fn new(class: &str, num_classes: usize, targets: Vec<i64>, sparse: bool) -> Matrix {
        let made = Matrix::made(auto_name(class), num_classes, targets, DType::I32);
        Matrix {
            sparse_y_true: sparse,
            sparse_y_pred: sparse,
            ..made.expect("there is memory for the state")
        }
    }

    fn made(name: String, num_classes: usize, targets: Vec<i64>, dtype: DType) -> Result<Matrix> {
        let zeros = filled(&[num_classes, num_classes], 0.0, dtype)?;
        let total = Variable::named(zeros, "total_confusion_matrix", false);
        Ok(Matrix {
            name,
            num_classes,
            targets,
            ignore_class: None,
            sparse_y_true: true,
            sparse_y_pred: true,
            axis: -1,
            total,
        })
    }

    fn with_dtype(self, dtype: DType) -> Matrix {
        let made = Matrix::made(self.name.clone(), self.num_classes, self.targets.clone(), dtype);
        Matrix { total: made.expect("there is memory for the state").total, ..self }
    }

    fn check(&self) -> Result<()> {
        let n = self.num_classes;
        match self.targets.iter().find(|t| !(0..n as i64).contains(t)) {
            Some(t) => Err(Error::value(format!("expected target_class_ids in 0..{n}, got {t}"))),
            None => Ok(()),
        }
    }

    /// The arguments in a file, and the threshold of two classes.
    fn read(config: &Config, class: &'static str, kind: Kind) -> Result<(Matrix, f64)> {
        let mut a = Arguments::new(class, config);
        let name = a.optional_text("name")?.map_or_else(|| auto_name(class), str::to_string);
        let dtype = match a.value("dtype").and_then(|v| v.as_str()) {
            Some("int") => DType::I32,
            _ => a.optional_dtype("dtype")?.unwrap_or(DType::I32),
        };
        let missing = |what: &str| Error::value(format!("expected {what}, which has no default")).at(class);
        let num_classes = match kind.binary {
            true => 2,
            false => {
                Option::<usize>::read(&mut a, "num_classes", None)?.ok_or_else(|| missing("num_classes"))?
            }
        };
        // The matrix takes memory at once.
        if num_classes > 10_000 {
            let message = format!("expected num_classes of at most 10000, got {num_classes}");
            return Err(Error::value(message).at(class));
        }
        let all = || (0..num_classes as i64).collect::<Vec<_>>();
        let targets = match kind.mean {
            true => all(),
            false => {
                let given = Option::<Vec<i64>>::read(&mut a, "target_class_ids", kind.binary.then(all))?;
                given.ok_or_else(|| missing("target_class_ids"))?
            }
        };
        let mut matrix = Matrix::made(name, num_classes, targets, dtype).at(|| class)?;
        let mut threshold = 0.5;
        if kind.binary {
            threshold = a.number("threshold", 0.5)?;
        } else {
            matrix.ignore_class = Argument::read(&mut a, "ignore_class", None)?;
            matrix.sparse_y_true = !kind.one_hot && a.flag("sparse_y_true", true)?;
            matrix.sparse_y_pred = a.flag("sparse_y_pred", !kind.one_hot)?;
            matrix.axis = Argument::read(&mut a, "axis", -1)?;
        }
        a.finish()?;
        matrix.check().at(|| class)?;
        Ok((matrix, threshold))
    }

    /// Classes as a flat list of integers.
    fn classes(&self, x: &Tensor, sparse: bool) -> Result<Tensor> {
        let x = if sparse { x.clone() } else { ops::argmax(x, self.axis)? };
        ops::reshape(&ops::cast(&x, DType::I64)?, [x.len()])
    }

    fn update(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
        self.check()?;
        let mask = y_pred.mask().cloned();
        let dtype = self.total.dtype();
        let (t, p) = (self.classes(y_true, self.sparse_y_true)?, self.classes(y_pred, self.sparse_y_pred)?);
        if t.len() != p.len() {
            return Err(shapes_differ(y_true, y_pred, "; expected one class for each target"));
        }
        let within = |x: &Tensor| {
            let above = ops::greater_equal(x, &like(x, 0.0)?)?;
            ops::logical_and(&above, &ops::less(x, &like(x, self.num_classes as f64)?)?)
        };
        let mut counts = ops::logical_and(&within(&t)?, &within(&p)?)?;
        if let Some(class) = self.ignore_class {
            counts = ops::logical_and(&counts, &ops::not_equal(&t, &ops::full([], class, DType::I64)?)?)?;
        }
        let flat = |w: &Tensor| -> Result<Tensor> {
            let w = ops::cast(&ops::cast(w, dtype)?, DType::F64)?;
            if w.len() == t.len() || w.rank() == 0 {
                let n = w.len();
                return if w.rank() == 0 { Ok(w) } else { ops::reshape(&w, [n]) };
            }
            // One weight a sample, for all of its positions.
            let rows = w.len().max(1);
            if t.len() % rows != 0 {
                return Err(shapes_differ(&w, y_true, "; give one sample_weight a target or a sample"));
            }
            let spread = ops::broadcast_to(&ops::reshape(&w, [rows, 1])?, &[rows, t.len() / rows])?;
            ops::reshape(&spread, [t.len()])
        };
        let mut w = ops::cast(&counts, DType::F64)?;
        for given in weight.iter().copied().chain(mask.as_ref()) {
            w = ops::multiply(&w, &flat(given)?)?;
        }
        let one_hot =
            |x: &Tensor| ops::cast(&ops::one_hot(x, self.num_classes, -1, DType::Bool)?, DType::F64);
        let weighted = ops::multiply(&one_hot(&p)?, &ops::expand_dims(&w, 1)?)?;
        let batch = ops::matmul(&ops::transpose(&one_hot(&t)?, None)?, &weighted)?;
        self.total.assign_add(&ops::cast(&batch, dtype)?)
    }

    fn result(&self) -> Result<Tensor> {
        let total = ops::cast(&self.total.value(), DType::F64)?;
        let zero = like(&total, 0.0)?;
        let diagonal = is_diagonal(self.num_classes, self.num_classes)?;
        let right = ops::sum(&ops::r#where(&diagonal, &total, &zero)?, 0)?;
        let both = ops::add(&ops::sum(&total, 0)?, &ops::sum(&total, 1)?)?;
        let targets = Tensor::from(self.targets.clone());
        let chosen = |x: &Tensor| ops::cast(&ops::take(x, &targets, 0)?, DType::F32);
        let (right, union) = (chosen(&right)?, chosen(&ops::subtract(&both, &right)?)?);
        let present = ops::greater(&union, &like(&union, 1e-9)?)?;
        let epsilon = crate::config::epsilon();
        let share = ops::divide(&right, &plus(&union, epsilon)?)?;
        let share = ops::r#where(&present, &share, &like(&share, 0.0)?)?;
        let n = ops::sum(&ops::cast(&present, DType::F32)?, ..)?;
        ops::divide(&ops::sum(&share, ..)?, &plus(&n, epsilon)?)
    }
}

/// What sets the classes apart.
#[derive(Clone, Copy)]
struct Kind {
    /// All classes are targets.
    mean: bool,
    /// Targets have a number per class.
    one_hot: bool,
    /// Two classes, by a threshold.
    binary: bool,
}

macro_rules! intersections {
    ($($(#[$doc:meta])* $Name:ident $class:literal mean $mean:literal one_hot $one_hot:literal
        ($num_classes:ident $(, $argument:ident: $t:ty)?) $targets:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name {
            matrix: Matrix,
        }

        impl $Name {
            /// Of so many classes.
            pub fn new($num_classes: usize $(, $argument: $t)?) -> $Name {
                let targets: Vec<i64> = $targets;
                $Name { matrix: Matrix::new($class, $num_classes, targets, !$one_hot) }
            }

            /// The name under which it appears.
            #[must_use]
            pub fn name(self, name: impl Into<String>) -> $Name {
                $Name { matrix: Matrix { name: name.into(), ..self.matrix } }
            }

            /// The type of the counts, `int32` by default; weights are cast to it.
            #[must_use]
            pub fn dtype(self, dtype: DType) -> $Name {
                $Name { matrix: self.matrix.with_dtype(dtype) }
            }

            /// A class whose targets do not count.
            #[must_use]
            pub fn ignore_class(self, class: i64) -> $Name {
                $Name { matrix: Matrix { ignore_class: Some(class), ..self.matrix } }
            }

            /// Whether predictions are class numbers; if not, they have a number per class.
            #[must_use]
            pub fn sparse_y_pred(self, sparse: bool) -> $Name {
                $Name { matrix: Matrix { sparse_y_pred: sparse, ..self.matrix } }
            }

            /// The axis of the classes, where there is one; the last by default.
            #[must_use]
            pub fn axis(self, axis: isize) -> $Name {
                $Name { matrix: Matrix { axis, ..self.matrix } }
            }

            pub(super) fn from_config(config: &Config) -> Result<$Name> {
                let kind = Kind { mean: $mean, one_hot: $one_hot, binary: false };
                Ok($Name { matrix: Matrix::read(config, $class, kind)?.0 })
            }
        }

        impl Metric for $Name {
            fn name(&self) -> String {
                self.matrix.name.clone()
            }

            fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
                no_gradient(|| self.matrix.update(y_true, y_pred, weight))
                    .at(|| format!("metric {:?}", self.matrix.name))
            }

            fn result(&self) -> Result<Tensor> {
                no_gradient(|| self.matrix.result()).at(|| format!("metric {:?}", self.matrix.name))
            }

            fn reset_state(&self) -> Result<()> {
                reset(&self.matrix.total)
            }

            fn variables(&self) -> Vec<Variable> {
                vec![self.matrix.total.clone()]
            }

            fn class_name(&self) -> &'static str {
                $class
            }

            fn config(&self) -> Config {
                let m = &self.matrix;
                let mut config = config([
                    ("name", m.name.as_str().into()),
                    ("dtype", m.total.dtype().name().into()),
                    ("num_classes", m.num_classes.write()),
                    ("ignore_class", m.ignore_class.write()),
                    ("sparse_y_pred", m.sparse_y_pred.into()),
                    ("axis", m.axis.write()),
                ]);
                if !$mean {
                    config.insert("target_class_ids".to_string(), m.targets.write());
                }
                if !$one_hot {
                    config.insert("sparse_y_true".to_string(), m.sparse_y_true.into());
                }
                config
            }
        }
    )*};
}

intersections! {
    /// For some classes, the share of positions of the class in targets or predictions that are in both, on average.
    ///
    /// Targets and predictions are class numbers by default. Classes that appear in neither are left out. Numbers outside
    /// the classes do not count.
    ///
    /// # Errors
    /// `update_state` fails where shapes do not fit or a target class is not one of the classes.
    ///
    /// ```
    /// use rhyton_nn::metrics::{IoU, Metric};
    /// use rhyton_tensor::Tensor;
    /// let iou = IoU::new(2, [0]);
    /// iou.update_state(&Tensor::from([0, 0, 1, 1]), &Tensor::from([0, 1, 0, 1]), None).unwrap();
    /// assert!((iou.result().unwrap().item::<f32>().unwrap() - 1.0 / 3.0).abs() < 1e-6);
    /// ```
    IoU "IoU" mean false one_hot false (num_classes, target_class_ids: impl Into<Vec<i64>>)
        target_class_ids.into();
    /// [`IoU`] of all classes.
    ///
    /// # Errors
    /// As [`IoU`].
    MeanIoU "MeanIoU" mean true one_hot false (num_classes) (0..num_classes as i64).collect();
    /// [`IoU`] for targets, and as a rule predictions, with a number per class.
    ///
    /// # Errors
    /// As [`IoU`].
    OneHotIoU "OneHotIoU" mean false one_hot true (num_classes, target_class_ids: impl Into<Vec<i64>>)
        target_class_ids.into();
    /// [`OneHotIoU`] of all classes.
    ///
    /// # Errors
    /// As [`IoU`].
    OneHotMeanIoU "OneHotMeanIoU" mean true one_hot true (num_classes) (0..num_classes as i64).collect();
}

/// [`IoU`] of two classes, for predictions that are the second one where they reach a threshold, 0.5 by default. Both
/// classes count by default.
///
/// # Errors
/// As [`IoU`].
///
/// ```
/// use rhyton_nn::metrics::{BinaryIoU, Metric};
/// use rhyton_tensor::Tensor;
/// let iou = BinaryIoU::new().target_class_ids([1]);
/// iou.update_state(&Tensor::from([0, 1, 0, 1]), &Tensor::from([0.1f32, 0.2, 0.5, 0.7]), None).unwrap();
/// assert!((iou.result().unwrap().item::<f32>().unwrap() - 1.0 / 3.0).abs() < 1e-6);
/// ```
#[derive(Clone, Debug)]
pub struct BinaryIoU {
    matrix: Matrix,
    threshold: f64,
}

impl Default for BinaryIoU {
    fn default() -> BinaryIoU {
        BinaryIoU { matrix: Matrix::new("BinaryIoU", 2, vec![0, 1], true), threshold: 0.5 }
    }
}

impl BinaryIoU {
    /// With Keras's default arguments.
    pub fn new() -> BinaryIoU {
        BinaryIoU::default()
    }

    /// Which classes count: 0, 1 or both.
    #[must_use]
    pub fn target_class_ids(self, classes: impl Into<Vec<i64>>) -> BinaryIoU {
        BinaryIoU { matrix: Matrix { targets: classes.into(), ..self.matrix }, ..self }
    }

    /// What predictions have to reach.
    #[must_use]
    pub fn threshold(self, threshold: f64) -> BinaryIoU {
        BinaryIoU { threshold, ..self }
    }

    /// The name under which it appears.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> BinaryIoU {
        BinaryIoU { matrix: Matrix { name: name.into(), ..self.matrix }, ..self }
    }

    /// The type of the counts, `int32` by default; weights are cast to it.
    #[must_use]
    pub fn dtype(self, dtype: DType) -> BinaryIoU {
        BinaryIoU { matrix: self.matrix.with_dtype(dtype), ..self }
    }

    pub(super) fn from_config(config: &Config) -> Result<BinaryIoU> {
        let kind = Kind { mean: false, one_hot: false, binary: true };
        let (matrix, threshold) = Matrix::read(config, "BinaryIoU", kind)?;
        Ok(BinaryIoU { matrix, threshold })
    }
}

impl Metric for BinaryIoU {
    fn name(&self) -> String {
        self.matrix.name.clone()
    }

    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
        no_gradient(|| {
            finite("threshold", &self.threshold)?;
            let x = ops::cast(y_pred, DType::F32)?;
            let yes = ops::greater_equal(&x, &like(&x, self.threshold)?)?.with_mask(y_pred.mask().cloned());
            self.matrix.update(y_true, &yes, weight)
        })
        .at(|| format!("metric {:?}", self.matrix.name))
    }

    fn result(&self) -> Result<Tensor> {
        no_gradient(|| self.matrix.result()).at(|| format!("metric {:?}", self.matrix.name))
    }

    fn reset_state(&self) -> Result<()> {
        reset(&self.matrix.total)
    }

    fn variables(&self) -> Vec<Variable> {
        vec![self.matrix.total.clone()]
    }

    fn class_name(&self) -> &'static str {
        "BinaryIoU"
    }

    fn config(&self) -> Config {
        config([
            ("name", self.matrix.name.as_str().into()),
            ("dtype", self.matrix.total.dtype().name().into()),
            ("target_class_ids", self.matrix.targets.write()),
            ("threshold", self.threshold.into()),
        ])
    }
}
