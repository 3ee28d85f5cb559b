//! Names and objects as one kind of argument: everything that takes a name takes an object too.

use rhyton_base::Result;
use std::fmt;
use std::sync::Arc;

/// The arguments of an object as they stand in a model file: what Keras's `get_config` returns.
pub type Config = serde_json::Map<String, serde_json::Value>;

/// What can be had by name: initializers, activations, losses, metrics, optimizers.
pub trait Named {
    /// The object of that name with default arguments.
    ///
    /// # Errors
    /// Where nobody knows the name; the message suggests the nearest one.
    fn by_name(name: &str) -> Result<Arc<Self>>;
}

/// A name to be resolved later, or the object itself.
///
/// Functions take `impl Into<Spec<…>>`, so that callers write `"he_normal"` or `HeNormal::new().seed(7)`.
///
/// ```
/// use rhyton_nn::Spec;
/// use rhyton_nn::initializers::{HeNormal, Initializer};
/// let by_name: Spec<dyn Initializer> = "he_normal".into();
/// let by_object: Spec<dyn Initializer> = HeNormal::new().seed(7).into();
/// assert_eq!(by_name.resolve().unwrap().class_name(), by_object.resolve().unwrap().class_name());
///
/// let unknown: Spec<dyn Initializer> = "he_norml".into();
/// let e = unknown.resolve().unwrap_err();
/// assert_eq!(e.to_string(), "unknown initializer \"he_norml\"; did you mean \"he_normal\"?");
/// ```
pub enum Spec<T: ?Sized> {
    /// A name, looked up by [`Spec::resolve`].
    Name(String),
    /// The object.
    Object(Arc<T>),
}

impl<T: ?Sized + Named> Spec<T> {
    /// The object: the one given, or a new one of the given name.
    ///
    /// # Errors
    /// Where nobody knows the name.
    pub fn resolve(&self) -> Result<Arc<T>> {
        match self {
            Spec::Name(name) => T::by_name(name),
            Spec::Object(object) => Ok(object.clone()),
        }
    }
}

impl<T: ?Sized> Clone for Spec<T> {
    fn clone(&self) -> Spec<T> {
        match self {
            Spec::Name(name) => Spec::Name(name.clone()),
            Spec::Object(object) => Spec::Object(object.clone()),
        }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Spec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spec::Name(name) => name.fmt(f),
            Spec::Object(object) => object.fmt(f),
        }
    }
}

impl<T: ?Sized> From<&str> for Spec<T> {
    fn from(name: &str) -> Spec<T> {
        Spec::Name(name.to_string())
    }
}

impl<T: ?Sized> From<String> for Spec<T> {
    fn from(name: String) -> Spec<T> {
        Spec::Name(name)
    }
}

impl<T: ?Sized> From<&String> for Spec<T> {
    fn from(name: &String) -> Spec<T> {
        Spec::Name(name.clone())
    }
}

impl<T: ?Sized> From<Arc<T>> for Spec<T> {
    fn from(object: Arc<T>) -> Spec<T> {
        Spec::Object(object)
    }
}
