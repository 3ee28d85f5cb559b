//! What optimizers keep per variable.

use crate::numbers::filled;
use rhyton_base::{Error, Result};
use rhyton_tensor::Variable;
use std::sync::{Mutex, MutexGuard};

/// A number that an optimizer keeps for each element of each variable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    /// The name, which follows the variable's: `"momentum"`.
    pub name: &'static str,
    /// The first value.
    pub initial: f64,
}

impl Slot {
    /// One that starts with 0.
    pub const fn new(name: &'static str) -> Slot {
        Slot { name, initial: 0.0 }
    }
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
    /// All of them in the order of files.
    in_order: Vec<Variable>,
}

const OTHER: &str = "it was built for other variables; make a new optimizer for a new list of variables";

/// Zeros or another number of the shape and type of a variable, named after it.
fn beside(v: &Variable, name: &str, initial: f64) -> Result<Variable> {
    let name = format!("{}_{name}", v.name().replace(['/', ':'], "_"));
    Ok(Variable::named(filled(v.shape(), initial, v.dtype())?, name, false))
}

impl Slots {
    fn lock(&self) -> MutexGuard<'_, Option<Built>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    pub fn is_built(&self) -> bool {
        self.lock().is_some()
    }

    /// Makes the slots, or makes sure that they are for the same variables.
    pub fn make(&self, groups: &[Vec<Slot>], variables: &[Variable], averaged: bool) -> Result<()> {
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
        let averages = match averaged {
            true => variables.iter().map(|v| beside(v, "average", 0.0)).collect::<Result<Vec<_>>>()?,
            false => Vec::new(),
        };
        let mut slots = vec![Vec::new(); variables.len()];
        let mut in_order = averages.clone();
        for group in groups {
            for (v, own) in variables.iter().zip(&mut slots) {
                for slot in group {
                    let made = beside(v, slot.name, slot.initial)?;
                    own.push(made.clone());
                    in_order.push(made);
                }
            }
        }
        *built = Some(Built { variables: variables.to_vec(), slots, averages, in_order });
        Ok(())
    }

    /// The slots of each of these variables.
    pub fn of(&self, variables: &[Variable]) -> Result<Vec<Vec<Variable>>> {
        let built = self.lock();
        let built = built.as_ref().ok_or_else(|| Error::state("it is not built; call build first"))?;
        let find = |(i, v): (usize, &Variable)| -> Result<Vec<Variable>> {
            let is_v = |known: &Variable| known.id() == v.id();
            // Nearly always the variables come in the order of `build`.
            let place = if built.variables.get(i).is_some_and(is_v) {
                Some(i)
            } else {
                built.variables.iter().position(is_v)
            };
            let place = place.ok_or_else(|| Error::state(OTHER).at(format!("variable {:?}", v.name())))?;
            Ok(built.slots[place].clone())
        };
        variables.iter().enumerate().map(find).collect()
    }

    /// All slots in the order of files: averages first, then group after group.
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
