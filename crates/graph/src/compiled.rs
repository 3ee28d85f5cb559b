//! A closure that compiles itself.

use crate::function::Function;
use rhyton_base::{DType, Result};
use rhyton_ops::Meta;
use rhyton_tensor::{Tensor, current_tracer};
use smallvec::SmallVec;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

type Cache = HashMap<Vec<(DType, Vec<usize>)>, Arc<Function>>;

/// A function of tensors that is traced and compiled at the first call with new types and shapes.
pub struct Compiled<F> {
    f: F,
    cache: Mutex<Cache>,
    /// The function called last: most calls are like the one before.
    last: Mutex<Option<Arc<Function>>>,
}

/// Wraps a function so that it runs compiled.
///
/// The function is called once for each combination of argument types and shapes. Variables that it reads or
/// assigns stay variables; anything else it captures is fixed when it is traced.
///
/// ```
/// use rhyton_graph::compiled;
/// use rhyton_tensor::{GradientTape, Tensor, Variable};
/// let w = Variable::from(1.0f64);
/// let step = compiled(|x: &[Tensor]| {
///     let tape = GradientTape::new();
///     let loss = (&w.value() * &x[0] - &x[1]).square();
///     let g = tape.gradient(&loss, &w)?;
///     w.assign_sub(&(g * 0.1))?;
///     Ok(vec![loss])
/// });
/// for _ in 0..100 {
///     step.call(&[2.0f64.into(), 6.0f64.into()]).unwrap();
/// }
/// assert!((w.value().item::<f64>().unwrap() - 3.0).abs() < 1e-6);
/// ```
pub fn compiled<F: Fn(&[Tensor]) -> Result<Vec<Tensor>>>(f: F) -> Compiled<F> {
    Compiled { f, cache: Mutex::new(HashMap::new()), last: Mutex::new(None) }
}

impl<F: Fn(&[Tensor]) -> Result<Vec<Tensor>>> Compiled<F> {
    /// Calls the function.
    ///
    /// # Errors
    /// What the function returns.
    pub fn call(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        // Inside another trace it becomes part of that function.
        if current_tracer().is_some() {
            return (self.f)(inputs);
        }
        let inputs: SmallVec<[&Tensor; 8]> = inputs.iter().collect();
        let last = || self.last.lock().unwrap_or_else(|e| e.into_inner());
        let again = last().clone().filter(|f| f.takes(&inputs));
        let function = match again {
            Some(function) => function,
            None => {
                let function = self.function(&inputs.iter().map(|x| x.meta()).collect::<Vec<_>>())?;
                *last() = Some(function.clone());
                function
            }
        };
        function.call(&inputs)
    }

    /// The same as a closure, which is called as the wrapped one is: `let step = compiled(step).into_fn();`
    pub fn into_fn(self) -> impl Fn(&[Tensor]) -> Result<Vec<Tensor>> {
        move |inputs| self.call(inputs)
    }

    /// The compiled function for arguments of these types and shapes.
    ///
    /// # Errors
    /// What the function returns while it is traced.
    pub fn function(&self, inputs: &[Meta]) -> Result<Arc<Function>> {
        let key: Vec<_> = inputs.iter().map(|m| (m.dtype, m.dims())).collect();
        let lock = || self.cache.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(f) = lock().get(&key) {
            return Ok(f.clone());
        }
        let function = Arc::new(Function::trace(inputs, |x| (self.f)(x))?);
        lock().insert(key, function.clone());
        Ok(function)
    }
}
