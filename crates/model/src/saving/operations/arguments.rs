//! The arguments of an operation of a file.

use crate::saving::values::number_like;
use rhyton_base::{DType, Error, Result};
use rhyton_tensor::{Attr, Axes, Tensor, Written, ops};
use std::str::FromStr;

/// What an operation was made with and is called with.
pub(super) struct Arguments<'a> {
    pub written: &'a Written,
    pub inputs: &'a [Tensor],
}

fn expected(key: &str, what: &str, got: &Attr) -> Error {
    Error::format(format!("{key:?}: expected {what}, got {got:?}"))
}

impl Arguments<'_> {
    /// An argument of the call, by place or by name.
    fn argument(&self, place: usize, name: &str) -> Option<&Attr> {
        let named = || self.written.kwargs.iter().find(|(key, _)| key == name).map(|(_, a)| a);
        self.written.args.get(place).or_else(named).filter(|a| **a != Attr::None)
    }

    fn tensor_of(&self, attr: &Attr) -> Result<Tensor> {
        // Plain numbers take the type of the tensor beside them.
        let beside = self.inputs.first().map_or(DType::F32, Tensor::dtype);
        match attr {
            Attr::Tensor(place) => {
                self.inputs.get(*place).cloned().ok_or_else(|| Error::format("an argument is missing"))
            }
            Attr::List(all) => {
                let all: Vec<Tensor> = all.iter().map(|a| self.tensor_of(a)).collect::<Result<_>>()?;
                ops::stack(&all.iter().collect::<Vec<_>>(), 0)
            }
            other => number_like(other, beside)
                .ok_or_else(|| Error::format(format!("expected a tensor or a number, got {other:?}")))?,
        }
    }

    /// A tensor, or none.
    pub fn maybe(&self, place: usize, name: &str) -> Result<Option<Tensor>> {
        self.argument(place, name).map(|a| self.tensor_of(a)).transpose()
    }

    /// A tensor.
    pub fn tensor(&self, place: usize, name: &str) -> Result<Tensor> {
        self.maybe(place, name)?.ok_or_else(|| Error::format(format!("argument {name:?} is missing")))
    }

    /// The only tensor, whatever it is called.
    pub fn only(&self) -> Result<Tensor> {
        match (self.written.args.first(), self.written.kwargs.first()) {
            (Some(a), _) | (None, Some((_, a))) => self.tensor_of(a),
            (None, None) => Err(Error::format("an argument is missing")),
        }
    }

    /// The first two tensors, whatever they are called.
    pub fn two(&self) -> Result<(Tensor, Tensor)> {
        let named = self.written.kwargs.iter().map(|(_, a)| a);
        let mut all = self.written.args.iter().chain(named).filter(|a| **a != Attr::None);
        match (all.next(), all.next()) {
            (Some(a), Some(b)) => Ok((self.tensor_of(a)?, self.tensor_of(b)?)),
            _ => Err(Error::format("two arguments are needed")),
        }
    }

    /// Several tensors: a list, or one after the other.
    pub fn several(&self) -> Result<Vec<Tensor>> {
        let all = match self.written.args.as_slice() {
            [Attr::List(all)] => all,
            [] => match self.written.kwargs.first() {
                Some((_, Attr::List(all))) => all,
                _ => return Err(Error::format("expected a list of tensors")),
            },
            all => all,
        };
        all.iter().map(|a| self.tensor_of(a)).collect()
    }

    /// The plain value of an argument of the call.
    pub fn plain(&self, place: usize, name: &str) -> &Attr {
        self.argument(place, name).unwrap_or(&Attr::None)
    }

    /// What the operation was made with, under a name; an argument of the call by that name serves too.
    pub fn own(&self, key: &str) -> &Attr {
        let all = self.written.config.iter().chain(&self.written.kwargs);
        all.into_iter().find(|(k, _)| k == key).map_or(&Attr::None, |(_, a)| a)
    }

    pub fn bool(&self, key: &str) -> Result<bool> {
        match self.own(key) {
            Attr::None => Ok(false),
            Attr::Bool(x) => Ok(*x),
            other => Err(expected(key, "true or false", other)),
        }
    }

    /// Whether something holds that holds unless it is said otherwise.
    pub fn bool_or(&self, key: &str, otherwise: bool) -> Result<bool> {
        if *self.own(key) == Attr::None { Ok(otherwise) } else { self.bool(key) }
    }

    pub fn maybe_int(&self, key: &str) -> Result<Option<isize>> {
        match self.own(key) {
            Attr::None => Ok(None),
            attr => int(key, attr).map(Some),
        }
    }

    pub fn int(&self, key: &str, otherwise: isize) -> Result<isize> {
        Ok(self.maybe_int(key)?.unwrap_or(otherwise))
    }

    pub fn size(&self, key: &str) -> Result<usize> {
        let n = self.maybe_int(key)?.ok_or_else(|| Error::format(format!("key {key:?} is missing")))?;
        usize::try_from(n).map_err(|_| Error::format(format!("{key:?}: expected a size, got {n}")))
    }

    pub fn maybe_size(&self, key: &str) -> Result<Option<usize>> {
        if *self.own(key) == Attr::None { Ok(None) } else { self.size(key).map(Some) }
    }

    pub fn maybe_float(&self, key: &str) -> Result<Option<f64>> {
        match self.own(key) {
            Attr::None => Ok(None),
            Attr::Float(x) => Ok(Some(*x)),
            Attr::Int(x) => Ok(Some(*x as f64)),
            other => Err(expected(key, "a number", other)),
        }
    }

    pub fn float(&self, key: &str, otherwise: f64) -> Result<f64> {
        Ok(self.maybe_float(key)?.unwrap_or(otherwise))
    }

    pub fn text(&self, key: &str) -> Result<Option<&str>> {
        match self.own(key) {
            Attr::None => Ok(None),
            Attr::Text(x) => Ok(Some(x)),
            other => Err(expected(key, "a text", other)),
        }
    }

    /// What a text names.
    pub fn parsed<T: FromStr<Err = Error> + Default>(&self, key: &str) -> Result<T> {
        self.text(key)?.map_or(Ok(T::default()), str::parse)
    }

    pub fn maybe_dtype(&self, key: &str) -> Result<Option<DType>> {
        self.text(key)?.map(str::parse).transpose()
    }

    pub fn dtype(&self, key: &str) -> Result<DType> {
        self.maybe_dtype(key)?.ok_or_else(|| Error::format(format!("key {key:?} is missing")))
    }

    /// Whole numbers: a list of them, or one alone; none where the key is missing.
    pub fn maybe_ints(&self, key: &str) -> Result<Option<Vec<isize>>> {
        match self.own(key) {
            Attr::None => Ok(None),
            attr => ints(key, attr).map(Some),
        }
    }

    pub fn ints(&self, key: &str) -> Result<Vec<isize>> {
        self.maybe_ints(key)?.ok_or_else(|| Error::format(format!("key {key:?} is missing")))
    }

    pub fn sizes(&self, key: &str) -> Result<Vec<usize>> {
        let positive = |n: isize| {
            usize::try_from(n).map_err(|_| Error::format(format!("{key:?}: expected a size, got {n}")))
        };
        self.ints(key)?.into_iter().map(positive).collect()
    }

    /// The axes under the keys `axis` and `keepdims`; all where there is none.
    pub fn axes(&self) -> Result<Axes> {
        let axes = match self.maybe_ints("axis")? {
            None => Axes::from(..),
            Some(axes) => Axes::from(axes.as_slice()),
        };
        Ok(if self.bool("keepdims")? { axes.keepdims() } else { axes })
    }

    /// The axes under the key `axis`, the last where there is none.
    pub fn axes_or_last(&self) -> Result<Axes> {
        Ok(match self.maybe_ints("axis")? {
            None => Axes::from(-1),
            Some(axes) => Axes::from(axes.as_slice()),
        })
    }
}

pub(super) fn int(key: &str, attr: &Attr) -> Result<isize> {
    match attr {
        Attr::Int(x) => isize::try_from(*x).map_err(|_| expected(key, "an integer", attr)),
        other => Err(expected(key, "an integer", other)),
    }
}

fn ints(key: &str, attr: &Attr) -> Result<Vec<isize>> {
    match attr {
        Attr::List(all) => all.iter().map(|a| int(key, a)).collect(),
        one => Ok(vec![int(key, one)?]),
    }
}
