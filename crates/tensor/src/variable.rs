//! Variables: the state that training changes.

use crate::eager;
use crate::index::{Change, TensorIndex, TensorIndices, changed, masks_as_places};
use crate::tape;
use crate::tensor::{Tensor, fresh_id};
use crate::tracer::current_tracer;
use rhyton_base::{Context, DType, Error, Layout, Result, Shape};
use rhyton_runtime::Storage;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

/// A tensor that can be given new values, of one type and shape for its whole life.
///
/// Cloning a variable gives another handle to the same state.
///
/// ```
/// use rhyton_tensor::{Tensor, Variable};
/// let v = Variable::new(Tensor::from([1.0f32, 2.0]));
/// v.assign_add(&Tensor::from([0.5f32, 0.5])).unwrap();
/// assert_eq!(v.value().to_vec::<f32>().unwrap(), [1.5, 2.5]);
/// let e = v.assign(&Tensor::from([1.0f32, 2.0, 3.0])).unwrap_err();
/// assert_eq!(e.to_string(), "variable \"variable\": expected shape (2,), got (3,)");
/// ```
#[derive(Clone)]
pub struct Variable(Arc<Inner>);

struct Inner {
    id: u64,
    name: RwLock<String>,
    trainable: AtomicBool,
    dtype: DType,
    shape: Vec<usize>,
    state: Mutex<State>,
}

/// The current value; `tensor` is the handle given out for it.
struct State {
    storage: Arc<Storage>,
    tensor: Option<Tensor>,
}

thread_local! {
    static AUTOCAST: Cell<Option<DType>> = const { Cell::new(None) };
}

/// Runs `f` in a scope in which the values of float variables are cast to a type, as mixed precision needs it;
/// `None` ends an outer scope.
pub fn with_autocast<R>(dtype: Option<DType>, f: impl FnOnce() -> R) -> R {
    struct Restore(Option<DType>);
    impl Drop for Restore {
        fn drop(&mut self) {
            AUTOCAST.set(self.0);
        }
    }
    let _restore = Restore(AUTOCAST.replace(dtype));
    f()
}

/// Sole access to a variable's memory, for compiled functions that update it in place.
pub struct VariableGuard<'a>(MutexGuard<'a, State>);

impl VariableGuard<'_> {
    /// The memory to write to. If handed-out tensors still show the value, it is copied first, so that they keep
    /// it.
    ///
    /// # Errors
    /// Where there is no memory for the copy.
    pub fn storage_mut(&mut self) -> Result<&mut Storage> {
        self.0.tensor = None;
        // Nobody takes another handle while the variable is locked. (There are no weak ones.)
        if Arc::strong_count(&self.0.storage) > 1 {
            self.0.storage = Arc::new(Storage::from_bytes(self.0.storage.bytes())?);
        }
        Ok(Arc::get_mut(&mut self.0.storage).expect("it was just made sure"))
    }

    /// The memory to read.
    pub fn storage(&self) -> &Storage {
        &self.0.storage
    }
}

impl Variable {
    /// A trainable variable with this first value.
    pub fn new(value: Tensor) -> Variable {
        Variable::named(value, "variable", true)
    }

    /// A variable with a name.
    ///
    /// # Panics
    /// If the value belongs to a function being traced: variables are made outside of compiled functions.
    pub fn named(value: Tensor, name: impl Into<String>, trainable: bool) -> Variable {
        let name = name.into();
        assert!(value.has_numbers(), "variable {name:?}: make variables outside of compiled functions");
        let value = eager::contiguous(&value).expect("there is memory for a copy");
        let (storage, layout) = eager::parts(&value);
        let whole = layout.offset() == 0 && storage.len() == value.nbytes();
        let storage = if whole {
            storage.clone()
        } else {
            let mut own = Storage::new(value.nbytes()).expect("there is memory for a copy");
            eager::copy_into(&value, &mut own).expect("a copy of a tensor");
            Arc::new(own)
        };
        let (dtype, shape) = (value.dtype(), value.shape().to_vec());
        Variable(Arc::new(Inner {
            id: fresh_id(),
            name: RwLock::new(name),
            trainable: AtomicBool::new(trainable),
            dtype,
            shape,
            state: Mutex::new(State { storage, tensor: None }),
        }))
    }

    /// The current value. Tapes that record take note of trainable variables. Inside [`with_autocast`] floats are
    /// cast.
    pub fn value(&self) -> Tensor {
        let value = self.stored_value();
        match AUTOCAST.get() {
            Some(dtype) if self.dtype().is_float() => {
                crate::ops::cast(&value, dtype).expect("there is memory for a copy")
            }
            _ => value,
        }
    }

    /// [`Variable::value`] in the variable's own type, whatever the scope.
    pub fn stored_value(&self) -> Tensor {
        let value = match current_tracer() {
            Some(t) => t.read(self).expect("a trace can read any variable"),
            None => self.concrete_value(),
        };
        tape::meet_variable(self, &value);
        value
    }

    /// The value in memory, also while a function is being traced, unnoticed by tapes.
    pub fn concrete_value(&self) -> Tensor {
        let mut state = self.lock();
        if state.tensor.is_none() {
            let layout = Layout::contiguous(self.shape());
            state.tensor = Some(Tensor::from_storage(state.storage.clone(), self.dtype(), layout));
        }
        state.tensor.clone().expect("just made")
    }

    /// Gives it a new value, cast to its type.
    ///
    /// # Errors
    /// Where the shape differs.
    pub fn assign(&self, value: &Tensor) -> Result<()> {
        let who = || format!("variable {:?}", self.name());
        if value.shape() != self.shape() {
            let (expected, got) = (Shape::from(self.shape()), Shape::from(value.shape()));
            return Err(Error::shape(format!("expected shape {expected}, got {got}")).at(who()));
        }
        let value = tape::without_recording(|| crate::ops::cast(value, self.dtype())).at(who)?;
        if let Some(t) = current_tracer() {
            return t.assign(self, &value).at(who);
        }
        value.expect_numbers().at(who)?;
        let mut storage = Storage::new(value.nbytes())?;
        eager::copy_into(&value, &mut storage)?;
        *self.lock() = State { storage: Arc::new(storage), tensor: None };
        Ok(())
    }

    /// Adds to it.
    ///
    /// # Errors
    /// Where the sum has another shape.
    pub fn assign_add(&self, delta: &Tensor) -> Result<()> {
        let sum = tape::without_recording(|| crate::ops::add(&self.stored_value(), delta))?;
        self.assign(&sum)
    }

    /// Subtracts from it.
    ///
    /// # Errors
    /// Where the difference has another shape.
    pub fn assign_sub(&self, delta: &Tensor) -> Result<()> {
        let difference = tape::without_recording(|| crate::ops::subtract(&self.stored_value(), delta))?;
        self.assign(&difference)
    }

    /// The part of the current value that an index names; see [`Tensor::i`].
    ///
    /// # Errors
    /// Where the index does not fit.
    pub fn i(&self, indices: impl TensorIndices) -> Result<Tensor> {
        self.value().i(indices)
    }

    /// Gives the elements that an index names (see [`Tensor::i`]) a new value, which is cast to the variable's type
    /// and broadcast. If the index names a place several times, the last value stays.
    ///
    /// ```
    /// use rhyton_tensor::{Tensor, Variable};
    /// let v = Variable::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// v.assign_at((.., 1), &Tensor::from(0.0f32)).unwrap();
    /// v.assign_at(([1, 0], 0), &Tensor::from([8.0f32, 9.0])).unwrap();
    /// assert_eq!(v.value().to_vec::<f32>().unwrap(), [9.0, 0.0, 8.0, 0.0]);
    /// ```
    ///
    /// # Errors
    /// Where the index does not fit, or the value cannot be broadcast to what it names.
    pub fn assign_at(&self, indices: impl TensorIndices, value: &Tensor) -> Result<()> {
        self.change_at(indices.parts(), value, Change::Set)
    }

    /// Adds to the elements that an index names. If it names a place several times, everything is added.
    ///
    /// ```
    /// use rhyton_tensor::{Tensor, Variable};
    /// let v = Variable::from([1.0f32, 2.0, 3.0]);
    /// v.assign_add_at([0, 2, 0], &Tensor::from(10.0f32)).unwrap();
    /// assert_eq!(v.value().to_vec::<f32>().unwrap(), [21.0, 2.0, 13.0]);
    /// ```
    ///
    /// # Errors
    /// As [`Variable::assign_at`].
    pub fn assign_add_at(&self, indices: impl TensorIndices, delta: &Tensor) -> Result<()> {
        self.change_at(indices.parts(), delta, Change::Add)
    }

    /// Subtracts from the elements that an index names. If it names a place several times, everything is subtracted.
    ///
    /// # Errors
    /// As [`Variable::assign_at`].
    pub fn assign_sub_at(&self, indices: impl TensorIndices, delta: &Tensor) -> Result<()> {
        let delta = tape::without_recording(|| crate::ops::negative(delta))?;
        self.change_at(indices.parts(), &delta, Change::Add)
    }

    fn change_at(&self, parts: Vec<TensorIndex>, value: &Tensor, change: Change) -> Result<()> {
        let after = tape::without_recording(|| {
            let before = self.stored_value();
            changed(&before, masks_as_places(parts, &before)?, value, change)
        });
        self.assign(&after.at(|| format!("variable {:?}", self.name()))?)
    }

    /// Sole access to the memory.
    pub fn guard(&self) -> VariableGuard<'_> {
        VariableGuard(self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// A number that no other variable of the process has.
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// The name: `"kernel"`.
    pub fn name(&self) -> String {
        self.0.name.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// Gives it another name.
    pub fn set_name(&self, name: impl Into<String>) {
        *self.0.name.write().unwrap_or_else(|e| e.into_inner()) = name.into();
    }

    /// Whether tapes watch it and optimizers change it.
    pub fn trainable(&self) -> bool {
        self.0.trainable.load(Ordering::Relaxed)
    }

    /// Says whether tapes watch it and optimizers change it.
    pub fn set_trainable(&self, trainable: bool) {
        self.0.trainable.store(trainable, Ordering::Relaxed);
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.0.dtype
    }

    /// The sizes, outermost first.
    pub fn shape(&self) -> &[usize] {
        &self.0.shape
    }

    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.0.shape.iter().product()
    }

    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Into<Tensor>> From<T> for Variable {
    fn from(value: T) -> Variable {
        Variable::new(value.into())
    }
}

impl std::fmt::Debug for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<Variable {:?}, shape={}, dtype={}>", self.name(), Shape::from(self.shape()), self.dtype())
    }
}
