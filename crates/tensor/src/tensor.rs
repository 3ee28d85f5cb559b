//! The tensor handle.

use crate::logits::Logits;
use crate::symbolic::Origin;
use crate::tracer::Tracer;
use rhyton_base::{DType, Error, Layout, Result, Shape};
use rhyton_ops::{Meta, Value};
use rhyton_runtime::Storage;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers of one type in a rectangular arrangement of any rank.
///
/// A tensor never changes. Cloning it, and taking slices, transposes and broadcasts of it, copies a handle and
/// not the numbers.
///
/// ```
/// use rhyton_tensor::{DType, Tensor};
/// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(x.shape(), [2, 2]);
/// assert_eq!(x.dtype(), DType::F32);
/// assert_eq!((&x * 2.0 + 1.0).to_vec::<f32>().unwrap(), [3.0, 5.0, 7.0, 9.0]);
/// ```
#[derive(Clone)]
pub struct Tensor(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    /// Unique among all tensors of the process; tapes know tensors by it.
    pub id: u64,
    pub dtype: DType,
    pub shape: Vec<usize>,
    pub data: Data,
    /// Which places count, for those who ask.
    pub mask: Option<Tensor>,
    /// What it was made of, if it is probabilities.
    pub logits: Option<Logits>,
}

/// Where a tensor's numbers are.
#[derive(Clone)]
pub enum Data {
    /// In memory.
    Concrete {
        /// The memory, shared with other views.
        storage: Arc<Storage>,
        /// How the elements lie in it.
        layout: Layout,
    },
    /// Nowhere yet: it stands for a value of a function being traced.
    Traced {
        /// The trace it belongs to.
        tracer: Arc<dyn Tracer>,
        /// Its number there.
        value: Value,
    },
    /// Nowhere: it stands for data to come, in a model that is being written.
    Symbolic {
        /// The shape; dimensions may be unknown.
        shape: Shape,
        /// What it is a result of.
        origin: Origin,
    },
}

pub(crate) fn fresh_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Tensor {
    /// A tensor over existing memory.
    ///
    /// # Panics
    /// If the layout reaches outside the storage.
    pub fn from_storage(storage: Arc<Storage>, dtype: DType, layout: Layout) -> Tensor {
        if let Some((_, high)) = layout.bounds() {
            assert!((high + 1) * dtype.size() <= storage.len(), "the layout reaches outside the storage");
        }
        let shape = layout.shape().to_vec();
        Tensor(Arc::new(Inner {
            id: fresh_id(),
            dtype,
            shape,
            data: Data::Concrete { storage, layout },
            mask: None,
            logits: None,
        }))
    }

    /// A tensor that stands for value number `value` of a trace.
    pub fn traced(tracer: Arc<dyn Tracer>, value: Value, dtype: DType, shape: Vec<usize>) -> Tensor {
        Tensor(Arc::new(Inner {
            id: fresh_id(),
            dtype,
            shape,
            data: Data::Traced { tracer, value },
            mask: None,
            logits: None,
        }))
    }

    /// A symbolic tensor.
    pub(crate) fn symbolic(meta: Meta, origin: Origin) -> Tensor {
        let shape = meta.shape.known().unwrap_or_default();
        let data = Data::Symbolic { shape: meta.shape, origin };
        Tensor(Arc::new(Inner { id: fresh_id(), dtype: meta.dtype, shape, data, mask: None, logits: None }))
    }

    /// The sizes, outermost first.
    ///
    /// # Panics
    /// If it is symbolic with dimensions that are not known yet; [`Tensor::meta`] shows those.
    pub fn shape(&self) -> &[usize] {
        if let Data::Symbolic { shape, .. } = &self.0.data {
            assert!(
                shape.known().is_some(),
                "the shape {shape} of a symbolic tensor is not known yet; use meta()"
            );
        }
        &self.0.shape
    }

    /// How many axes there are; `ndim` in NumPy.
    pub fn rank(&self) -> usize {
        match &self.0.data {
            Data::Symbolic { shape, .. } => shape.rank(),
            _ => self.0.shape.len(),
        }
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.shape().iter().product()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.0.dtype
    }

    /// The bytes that the elements take when they lie without gaps.
    pub fn nbytes(&self) -> usize {
        self.len() * self.dtype().size()
    }

    /// Type and shape together.
    pub fn meta(&self) -> Meta {
        let shape = match &self.0.data {
            Data::Symbolic { shape, .. } => shape.clone(),
            _ => Shape::from(self.shape()),
        };
        Meta { dtype: self.dtype(), shape }
    }

    /// The mask that came with it: true (or not 0) where a place counts. Operations drop it, layers carry it on.
    pub fn mask(&self) -> Option<&Tensor> {
        self.0.mask.as_ref()
    }

    /// The same tensor with another mask, or none.
    #[must_use]
    pub fn with_mask(&self, mask: Option<Tensor>) -> Tensor {
        if mask.is_none() && self.0.mask.is_none() {
            return self.clone();
        }
        let Inner { id, dtype, shape, data, logits, .. } = &*self.0;
        let (shape, data, logits) = (shape.clone(), data.clone(), logits.clone());
        Tensor(Arc::new(Inner { id: *id, dtype: *dtype, shape, data, mask, logits }))
    }

    /// Where the numbers are.
    pub fn data(&self) -> &Data {
        &self.0.data
    }

    /// Whether this stands for a value of a function being traced.
    pub fn is_traced(&self) -> bool {
        matches!(self.0.data, Data::Traced { .. })
    }

    /// Whether there are numbers in memory: it is neither traced nor symbolic.
    pub fn has_numbers(&self) -> bool {
        matches!(self.0.data, Data::Concrete { .. })
    }

    /// An error where there are no numbers.
    pub(crate) fn expect_numbers(&self) -> Result<()> {
        match &self.0.data {
            Data::Concrete { .. } => Ok(()),
            Data::Traced { .. } => Err(Error::state(
                "a tensor of a function being traced has no numbers yet; read them outside of compiled functions",
            )),
            Data::Symbolic { .. } => Err(Error::state(
                "a symbolic tensor has no numbers; make a model of it and call that with data",
            )),
        }
    }

    /// A number that no other tensor of the process has. Handles to one tensor share it, with whatever mask.
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// Whether nobody else holds this handle or its memory.
    pub(crate) fn is_unique(&mut self) -> bool {
        match Arc::get_mut(&mut self.0) {
            Some(Inner { data: Data::Concrete { storage, .. }, .. }) => Arc::get_mut(storage).is_some(),
            _ => false,
        }
    }
}
