//! A function that has been compiled for one signature.

use crate::freeze::{Snapshot, freeze};
use crate::graph::Graph;
use crate::plan::plan;
use crate::trace::trace;
use rhyton_base::{Context, Error, Layout, Result};
use rhyton_ops::Meta;
use rhyton_runtime::profile::{KernelInfo, ProgramInfo};
use rhyton_runtime::{Arg, Cost, Program, SparseSlot, Storage};
use rhyton_tensor::{Tensor, Variable, VariableGuard, backend};
use smallvec::SmallVec;
use std::sync::{Arc, Mutex};

/// A function of tensors compiled for arguments of given types and shapes.
///
/// Variables that it reads or assigns are its state: they are updated in place each time it runs.
///
/// ```
/// use rhyton_graph::Function;
/// use rhyton_ops::Meta;
/// use rhyton_tensor::{DType, Tensor};
/// let f = Function::trace(&[Meta::new(DType::F32, [3])], |x| Ok(vec![(&x[0] * 2.0 + 1.0).relu()])).unwrap();
/// let y = f.call(&[&Tensor::from([-1.0f32, 0.0, 1.0])]).unwrap();
/// assert_eq!(y[0].to_vec::<f32>().unwrap(), [0.0, 1.0, 3.0]);
/// ```
pub struct Function {
    inputs: Vec<Meta>,
    outputs: Vec<Meta>,
    /// In rising order of their ids, so that functions running at once never wait for each other in a circle.
    variables: Vec<Variable>,
    /// Where each variable, in the order of `variables`, stands among the program's states.
    state_slots: Vec<usize>,
    written: Vec<bool>,
    constants: Vec<(Arc<Storage>, usize)>,
    arena: Mutex<Storage>,
    /// What stands in the place of a state until it is locked.
    empty: Storage,
    program: Arc<dyn Program>,
    graph: Graph,
    info: ProgramInfo,
}

impl Function {
    /// Runs `f` once on tensors without numbers, and compiles what it does.
    ///
    /// # Errors
    /// What `f` returns; and where it mixes tensors of different traces.
    pub fn trace(inputs: &[Meta], f: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>) -> Result<Function> {
        Function::of_graph(inputs, trace(inputs, f)?)
    }

    /// [`Function::trace`] with variables that `f` only reads as they are in a snapshot, for ever. What depends on
    /// them alone is computed now, and a scale or an offset next to a product with constant weights becomes part of
    /// these, so that results may differ by rounding. Variables that `f` assigns stay its state.
    ///
    /// # Errors
    /// As [`Function::trace`].
    ///
    /// ```
    /// use rhyton_graph::{Function, Snapshot};
    /// use rhyton_ops::Meta;
    /// use rhyton_tensor::{DType, Tensor, Variable};
    /// let w = Variable::from([[1.0f32], [2.0]]);
    /// let snapshot = Snapshot::new(&[w.clone()]);
    /// let f = |x: &[Tensor]| Ok(vec![x[0].matmul(&w.value())? * 3.0]);
    /// let f = Function::frozen(&[Meta::new(DType::F32, [1, 2])], f, &snapshot).unwrap();
    /// w.assign(&Tensor::from([[0.0f32], [0.0]])).unwrap();
    /// assert_eq!(f.call(&[&Tensor::from([[1.0f32, 1.0]])]).unwrap()[0].item::<f32>().unwrap(), 9.0);
    /// assert_eq!(f.kernels().len(), 1);
    /// ```
    pub fn frozen(
        inputs: &[Meta],
        f: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>,
        snapshot: &Snapshot,
    ) -> Result<Function> {
        Function::of_graph(inputs, freeze(&trace(inputs, f)?, snapshot)?)
    }

    fn of_graph(inputs: &[Meta], graph: Graph) -> Result<Function> {
        let plan = plan(&graph)?;
        let info = ProgramInfo::new(&plan.program);
        let program = backend().compile(plan.program)?;
        let mut order: Vec<usize> = (0..graph.states.len()).collect();
        order.sort_by_key(|&i| graph.states[i].variable.id());
        let variables = order.iter().map(|&i| graph.states[i].variable.clone()).collect();
        let written = order.iter().map(|&i| plan.written[i]).collect();
        let mut constants = Vec::new();
        for c in &plan.constants {
            constants.push(c.memory()?);
        }
        Ok(Function {
            inputs: inputs.to_vec(),
            outputs: graph.outputs.iter().map(|&v| graph.meta_of(v).clone()).collect(),
            variables,
            state_slots: order,
            written,
            constants,
            arena: Mutex::new(Storage::new(plan.arena)?),
            empty: Storage::new(0)?,
            program,
            graph,
            info,
        })
    }

    /// Types and shapes of the arguments.
    pub fn inputs(&self) -> &[Meta] {
        &self.inputs
    }

    /// Types and shapes of the results.
    pub fn outputs(&self) -> &[Meta] {
        &self.outputs
    }

    /// The operations it was traced to.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The kernels in the order in which they run, with what one run of each costs.
    pub fn kernels(&self) -> &[KernelInfo] {
        self.info.kernels()
    }

    /// What one run costs, where every branch and every body of a loop runs once.
    pub fn cost(&self) -> Cost {
        self.kernels().iter().map(|k| k.cost).sum()
    }

    /// Bytes of working memory.
    pub fn working_memory(&self) -> usize {
        self.arena.lock().unwrap_or_else(|e| e.into_inner()).len()
    }

    /// Runs it on tensors.
    ///
    /// # Errors
    /// Where the arguments do not have the traced types and shapes, or data is at fault (an index out of range).
    pub fn call(&self, inputs: &[&Tensor]) -> Result<Vec<Tensor>> {
        self.check(inputs)?;
        let mut memory = Vec::with_capacity(inputs.len());
        for x in inputs {
            memory.push(x.memory()?);
        }
        let inputs = memory.iter().map(|(storage, start)| Arg::Read(storage, *start));
        let mut outputs = Vec::with_capacity(self.outputs.len());
        for m in &self.outputs {
            outputs.push(Storage::new(m.dims().iter().product::<usize>() * m.dtype.size())?);
        }
        {
            let mut places: SmallVec<[&mut Storage; 8]> = outputs.iter_mut().collect();
            self.run(inputs, &mut places)?;
        }
        let tensor = |(s, m): (Storage, &Meta)| {
            Tensor::from_storage(Arc::new(s), m.dtype, Layout::contiguous(&m.dims()))
        };
        Ok(outputs.into_iter().zip(&self.outputs).map(tensor).collect())
    }

    /// Whether these are arguments of the traced types and shapes.
    pub fn takes(&self, inputs: &[&Tensor]) -> bool {
        let known = |m: &Meta, x: &Tensor| {
            let dims = m.shape.dims().iter().map(|d| d.known());
            x.has_numbers() && m.dtype == x.dtype() && dims.eq(x.shape().iter().copied().map(Some))
        };
        inputs.len() == self.inputs.len() && self.inputs.iter().zip(inputs).all(|(m, x)| known(m, x))
    }

    fn check(&self, inputs: &[&Tensor]) -> Result<()> {
        if self.takes(inputs) {
            return Ok(());
        }
        let who = || "compiled function";
        if inputs.len() != self.inputs.len() {
            let message = format!("expected {} arguments, got {}", self.inputs.len(), inputs.len());
            return Err(Error::value(message).at(who()));
        }
        for (i, (x, m)) in inputs.iter().zip(&self.inputs).enumerate() {
            if x.meta() != *m {
                let message = format!("expected {m} as argument {i}, got {}", x.meta());
                return Err(Error::shape(message).at(who()));
            }
        }
        Ok(())
    }

    /// What an argument is if it may be given as rows of a sparse matrix.
    pub fn sparse(&self, input: usize) -> Option<SparseSlot> {
        // Arguments are the first slots of the program.
        if input < self.inputs.len() { self.program.sparse(input) } else { None }
    }

    /// Runs it on memory, without allocating: the arguments and results row-major, in the traced types and shapes.
    ///
    /// # Errors
    /// Where memory is too small, or data is at fault (an index out of range).
    pub fn run<'a>(
        &self,
        inputs: impl IntoIterator<Item = Arg<'a>>,
        outputs: &mut [&mut Storage],
    ) -> Result<()> {
        let mut arena = self.arena.lock().unwrap_or_else(|e| e.into_inner());
        let mut guards: SmallVec<[VariableGuard; 64]> = SmallVec::new();
        self.variables.iter().for_each(|v| guards.push(v.guard()));
        // Written where they stay: moving all these lists would cost more than a small kernel.
        let mut args: SmallVec<[Arg; 96]> = SmallVec::new();
        inputs.into_iter().for_each(|input| args.push(input));
        let first = args.len();
        guards.iter().for_each(|_| args.push(Arg::Read(&self.empty, 0)));
        for ((guard, &slot), &written) in guards.iter_mut().zip(&self.state_slots).zip(&self.written) {
            args[first + slot] =
                if written { Arg::Write(guard.storage_mut()?) } else { Arg::Read(guard.storage(), 0) };
        }
        args.extend(outputs.iter_mut().map(|s| Arg::Write(s)));
        args.push(Arg::Write(&mut arena));
        args.extend(self.constants.iter().map(|(c, start)| Arg::Read(c, *start)));
        self.program.run(&mut args).at(|| "compiled function")
    }
}
