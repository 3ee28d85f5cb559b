//! What gradients are taken with respect to: tensors and variables, alone or in structures.

use crate::tensor::Tensor;
use crate::variable::Variable;
use std::collections::{BTreeMap, HashMap};

/// What a gradient may be taken with respect to: tensors and variables.
pub enum Source {
    /// A watched tensor.
    Tensor(Tensor),
    /// A variable.
    Variable(Variable),
}

impl From<&Tensor> for Source {
    fn from(x: &Tensor) -> Source {
        Source::Tensor(x.clone())
    }
}

impl From<&&Tensor> for Source {
    fn from(x: &&Tensor) -> Source {
        Source::Tensor((*x).clone())
    }
}

impl From<&&Variable> for Source {
    fn from(v: &&Variable) -> Source {
        Source::Variable((*v).clone())
    }
}

impl From<&Variable> for Source {
    fn from(v: &Variable) -> Source {
        Source::Variable(v.clone())
    }
}

/// Tensors and variables in a structure; their gradients come in the same structure.
///
/// Implemented for a [`Tensor`], a [`Variable`], and for references, `Vec`s, arrays, tuples and maps of what
/// implements it.
pub trait Sources {
    /// The structure with an `Option<Tensor>` for each tensor or variable.
    type Gradients;

    /// Adds all of them to a list.
    fn list(&self, into: &mut Vec<Source>);

    /// The structure of the gradients, which come in the order of the list.
    fn gradients(&self, from: &mut dyn Iterator<Item = Option<Tensor>>) -> Self::Gradients;
}

macro_rules! leaf {
    ($($Leaf:ident)*) => {$(
        impl Sources for $Leaf {
            type Gradients = Option<Tensor>;
            fn list(&self, into: &mut Vec<Source>) {
                into.push(self.into());
            }
            fn gradients(&self, from: &mut dyn Iterator<Item = Option<Tensor>>) -> Option<Tensor> {
                from.next().flatten()
            }
        }
    )*};
}
leaf! { Tensor Variable }

impl<S: Sources + ?Sized> Sources for &S {
    type Gradients = S::Gradients;
    fn list(&self, into: &mut Vec<Source>) {
        (**self).list(into);
    }
    fn gradients(&self, from: &mut dyn Iterator<Item = Option<Tensor>>) -> S::Gradients {
        (**self).gradients(from)
    }
}

macro_rules! sequence {
    ($([$($generics:tt)*] $Sequence:ty;)*) => {$(
        impl<$($generics)*> Sources for $Sequence {
            type Gradients = Vec<S::Gradients>;
            fn list(&self, into: &mut Vec<Source>) {
                self.iter().for_each(|s| s.list(into));
            }
            fn gradients(&self, from: &mut dyn Iterator<Item = Option<Tensor>>) -> Vec<S::Gradients> {
                self.iter().map(|s| s.gradients(from)).collect()
            }
        }
    )*};
}
sequence! {
    [S: Sources] Vec<S>;
    [S: Sources] [S];
}

impl<S: Sources, const N: usize> Sources for [S; N] {
    type Gradients = [S::Gradients; N];
    fn list(&self, into: &mut Vec<Source>) {
        self.iter().for_each(|s| s.list(into));
    }
    fn gradients(&self, from: &mut dyn Iterator<Item = Option<Tensor>>) -> [S::Gradients; N] {
        self.each_ref().map(|s| s.gradients(from))
    }
}

macro_rules! tuple {
    ($($S:ident $i:tt),+) => {
        impl<$($S: Sources),+> Sources for ($($S,)+) {
            type Gradients = ($($S::Gradients,)+);
            fn list(&self, into: &mut Vec<Source>) {
                $(self.$i.list(into);)+
            }
            fn gradients(&self, from: &mut dyn Iterator<Item = Option<Tensor>>) -> Self::Gradients {
                ($(self.$i.gradients(from),)+)
            }
        }
    };
}
tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);

macro_rules! map {
    ($($Map:ident)*) => {$(
        impl<S: Sources> Sources for $Map<String, S> {
            type Gradients = $Map<String, S::Gradients>;
            fn list(&self, into: &mut Vec<Source>) {
                self.values().for_each(|s| s.list(into));
            }
            fn gradients(&self, from: &mut dyn Iterator<Item = Option<Tensor>>) -> Self::Gradients {
                self.iter().map(|(name, s)| (name.clone(), s.gradients(from))).collect()
            }
        }
    )*};
}
map! { HashMap BTreeMap }
