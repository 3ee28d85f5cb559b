//! How a call on symbolic tensors is written down, in the terms of Keras's files.

use std::fmt;

/// An argument of a call: a plain value, a tensor by its place among the inputs of the call, or several of these.
#[derive(Clone, Debug, PartialEq)]
pub enum Attr {
    /// Nothing.
    None,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
    /// A range of places along an axis: start, stop and step.
    Slice([Option<i64>; 3]),
    /// All axes that are not named.
    Ellipsis,
    /// Several in order.
    List(Vec<Attr>),
    /// Several by name.
    Dict(Vec<(String, Attr)>),
    /// An input of the call, by its place.
    Tensor(usize),
}

impl Attr {
    /// The places of the inputs that it names, in order.
    pub fn places(&self) -> Vec<usize> {
        match self {
            Attr::Tensor(place) => vec![*place],
            Attr::List(all) => all.iter().flat_map(Attr::places).collect(),
            Attr::Dict(all) => all.iter().flat_map(|(_, a)| a.places()).collect(),
            _ => Vec::new(),
        }
    }
}

macro_rules! plain {
    ($($T:ty, $x:ident => $attr:expr;)*) => {$(
        impl From<$T> for Attr {
            fn from($x: $T) -> Attr {
                $attr
            }
        }
    )*};
}
plain! {
    bool, x => Attr::Bool(x);
    i64, x => Attr::Int(x);
    isize, x => Attr::Int(x as i64);
    usize, x => Attr::Int(x as i64);
    i32, x => Attr::Int(x.into());
    f64, x => Attr::Float(x);
    &str, x => Attr::Text(x.to_string());
    String, x => Attr::Text(x);
}

impl<T: Into<Attr>> From<Option<T>> for Attr {
    fn from(x: Option<T>) -> Attr {
        x.map_or(Attr::None, Into::into)
    }
}

impl<T: Into<Attr>> From<Vec<T>> for Attr {
    fn from(x: Vec<T>) -> Attr {
        Attr::List(x.into_iter().map(Into::into).collect())
    }
}

impl<T: Clone + Into<Attr>> From<&[T]> for Attr {
    fn from(x: &[T]) -> Attr {
        x.to_vec().into()
    }
}

/// The text of a call: a class of Keras's operations, its own arguments, and those of the call.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The class: `"Mean"`.
    pub class: String,
    /// Its name, where it was given one.
    pub name: Option<String>,
    /// The arguments that it was made with.
    pub config: Vec<(String, Attr)>,
    /// The arguments that it is called with.
    pub args: Vec<Attr>,
    /// Those by name.
    pub kwargs: Vec<(String, Attr)>,
}

impl Written {
    /// A class called with the inputs one after the other.
    pub fn new(class: impl Into<String>, inputs: usize) -> Written {
        let args = (0..inputs).map(Attr::Tensor).collect();
        Written { class: class.into(), name: None, config: Vec::new(), args, kwargs: Vec::new() }
    }

    /// A class called with all inputs as one list.
    pub fn of_list(class: impl Into<String>, inputs: usize) -> Written {
        let args = vec![Attr::List((0..inputs).map(Attr::Tensor).collect())];
        Written { args, ..Written::new(class, 0) }
    }

    /// With an argument of the class.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Attr>) -> Written {
        self.config.push((key.to_string(), value.into()));
        self
    }

    /// With one more argument of the call.
    #[must_use]
    pub fn and(mut self, value: impl Into<Attr>) -> Written {
        self.args.push(value.into());
        self
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.class)
    }
}
