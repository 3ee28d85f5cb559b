//! What optimizers keep per variable.

use crate::numbers::filled;
use rhyton_base::{DType, Error, Result};
use rhyton_tensor::Variable;
use std::sync::{Mutex, MutexGuard};

/// Something that an optimizer keeps for a variable: as a rule a number for each of its elements.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// The name, which follows the variable's: `"momentum"`.
    pub name: &'static str,
    /// The first value.
    pub initial: Initial,
    /// Another shape than the variable's.
    pub shape: Option<Vec<usize>>,
}

/// The first value of a [`Slot`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initial {
    /// A number everywhere.
    Number(f64),
    /// The variable's own value.
    Variable,
    /// An integer 0 that only holds a place in files.
    Nothing,
}

impl Slot {
    /// One that starts with 0.
    pub const fn new(name: &'static str) -> Slot {
        Slot::starting_with(name, Initial::Number(0.0))
    }

    /// One with another first value.
    pub const fn starting_with(name: &'static str, initial: Initial) -> Slot {
        Slot { name, initial, shape: None }
    }

    /// One of another shape than the variable's.
    pub const fn of_shape(name: &'static str, shape: Vec<usize>) -> Slot {
        Slot { name, initial: Initial::Number(0.0), shape: Some(shape) }
    }

    /// The slot for a variable, named after it.
    fn make(&self, v: &Variable) -> Result<Variable> {
        let name = format!("{}_{}", v.name().replace(['/', ':'], "_"), self.name);
        let shape = self.shape.as_deref().unwrap_or(v.shape());
        let value = match self.initial {
            Initial::Number(number) => filled(shape, number, v.dtype())?,
            Initial::Variable => v.concrete_value(),
            Initial::Nothing => filled(&[], 0.0, DType::I32)?,
        };
        Ok(Variable::named(value, name, false))
    }
}

/// What is kept for a list of variables.
pub(super) struct Wanted<'a> {
    /// The slots of a variable, group by group.
    pub slots: &'a dyn Fn(&Variable) -> Vec<Vec<Slot>>,
    /// What is kept once for all variables.
    pub shared: Vec<Slot>,
    /// Whether averages are kept.
    pub averages: bool,
    /// Whether gradients are gathered.
    pub gradients: bool,
}

/// The slots for a list of variables, once they are made.
#[derive(Debug, Default)]
pub(super) struct Slots(Mutex<Option<Built>>);

#[derive(Debug)]
struct Built {
    variables: Vec<Variable>,
    /// Per variable, in the order of its slots.
    slots: Vec<Vec<Variable>>,
    /// Per variable, where averages are kept.
    averages: Vec<Variable>,
    /// Per variable, where gradients are gathered.
    gradients: Vec<Variable>,
    /// Once for all variables.
    shared: Vec<Variable>,
    /// All of them in the order of files.
    in_order: Vec<Variable>,
}

impl Built {
    /// The place of a variable, which nearly always is the one it had in `build`.
    fn place(&self, (i, v): (usize, &Variable)) -> Result<usize> {
        let is_v = |known: &Variable| known.id() == v.id();
        let place = if self.variables.get(i).is_some_and(is_v) {
            Some(i)
        } else {
            self.variables.iter().position(is_v)
        };
        place.ok_or_else(|| Error::state(OTHER).at(format!("variable {:?}", v.name())))
    }
}

const OTHER: &str = "it was built for other variables; make a new optimizer for a new list of variables";

impl Slots {
    fn lock(&self) -> MutexGuard<'_, Option<Built>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    pub fn is_built(&self) -> bool {
        self.lock().is_some()
    }

    /// Makes the slots, or makes sure that they are for the same variables.
    pub fn make(&self, wanted: Wanted<'_>, variables: &[Variable]) -> Result<()> {
        let mut built = self.lock();
        if let Some(built) = &*built {
            let same = built.variables.len() == variables.len()
                && built.variables.iter().zip(variables).all(|(a, b)| a.id() == b.id());
            return if same { Ok(()) } else { Err(Error::state(OTHER)) };
        }
        if let Some(v) = variables.iter().find(|v| !v.dtype().is_float()) {
            let message =
                format!("variable {:?} is of type {}; only floats can be trained", v.name(), v.dtype());
            return Err(Error::dtype(message));
        }
        let beside = |asked: bool, name: &'static str| -> Result<Vec<Variable>> {
            let slot = Slot::new(name);
            variables.iter().filter(|_| asked).map(|v| slot.make(v)).collect()
        };
        let averages = beside(wanted.averages, "average")?;
        let gradients = beside(wanted.gradients, "gradient_accumulator")?;
        let mut slots = vec![Vec::new(); variables.len()];
        let mut in_order: Vec<Variable> = averages.iter().chain(&gradients).cloned().collect();
        let groups: Vec<Vec<Vec<Slot>>> = variables.iter().map(wanted.slots).collect();
        for group in 0..groups.iter().map(Vec::len).max().unwrap_or(0) {
            for ((v, own), groups) in variables.iter().zip(&mut slots).zip(&groups) {
                for slot in groups.get(group).into_iter().flatten() {
                    let made = slot.make(v)?;
                    own.push(made.clone());
                    in_order.push(made);
                }
            }
        }
        let shared = match variables.first() {
            Some(first) => wanted.shared.iter().map(|s| s.make(first)).collect::<Result<Vec<_>>>()?,
            None => Vec::new(),
        };
        in_order.extend(shared.iter().cloned());
        *built = Some(Built { variables: variables.to_vec(), slots, averages, gradients, shared, in_order });
        Ok(())
    }

    fn pick<T>(&self, pick: impl FnOnce(&Built) -> Result<T>) -> Result<T> {
        let built = self.lock();
        pick(built.as_ref().ok_or_else(|| Error::state("it is not built; call build first"))?)
    }

    /// The slots of each of these variables.
    pub fn of(&self, variables: &[Variable]) -> Result<Vec<Vec<Variable>>> {
        self.pick(|b| {
            variables.iter().enumerate().map(|v| b.place(v).map(|place| b.slots[place].clone())).collect()
        })
    }

    /// Where the gradients of these variables are gathered.
    pub fn gradients_of(&self, variables: &[Variable]) -> Result<Vec<Variable>> {
        self.pick(|b| {
            variables.iter().enumerate().map(|v| b.place(v).map(|place| b.gradients[place].clone())).collect()
        })
    }

    /// What is kept once for all variables.
    pub fn shared(&self) -> Vec<Variable> {
        self.lock().as_ref().map(|b| b.shared.clone()).unwrap_or_default()
    }

    /// All slots in the order of files: averages first, then gathered gradients, then group after group, then what is
    /// kept once.
    pub fn in_order(&self) -> Vec<Variable> {
        self.lock().as_ref().map(|b| b.in_order.clone()).unwrap_or_default()
    }

    /// The variables with their averages, where those are kept.
    pub fn averages(&self) -> Vec<(Variable, Variable)> {
        let built = self.lock();
        let pairs = |b: &Built| b.variables.iter().cloned().zip(b.averages.iter().cloned()).collect();
        built.as_ref().map(pairs).unwrap_or_default()
    }
}
