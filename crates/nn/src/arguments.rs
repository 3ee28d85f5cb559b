//! Reading the arguments of an object from a model file, with errors that name the argument.

use crate::spec::Config;
use rhyton_base::{DType, Error, Result, did_you_mean};
use serde_json::Value;

/// The arguments of one object, each read once; those left over are errors.
///
/// ```
/// use rhyton_nn::arguments::Arguments;
/// let config = serde_json::json!({"momentum": 0.9, "nestrov": true});
/// let mut arguments = Arguments::new("SGD", config.as_object().unwrap());
/// assert_eq!(arguments.number("momentum", 0.0).unwrap(), 0.9);
/// assert_eq!(arguments.number("learning_rate", 0.01).unwrap(), 0.01);
/// assert!(!arguments.flag("nesterov", false).unwrap());
/// let e = arguments.finish().unwrap_err();
/// assert_eq!(e.to_string(), "SGD: unknown argument \"nestrov\"; did you mean \"nesterov\"?");
/// ```
#[derive(Debug)]
pub struct Arguments<'a> {
    class_name: String,
    config: &'a Config,
    known: Vec<&'static str>,
}

impl<'a> Arguments<'a> {
    /// The arguments in `config` of an object of this class.
    pub fn new(class_name: &str, config: &'a Config) -> Arguments<'a> {
        Arguments { class_name: class_name.to_string(), config, known: Vec::new() }
    }

    /// Those of a layer, whose class and name whoever makes it puts before errors.
    pub(crate) fn of_layer(config: &'a Config) -> Arguments<'a> {
        Arguments::new("", config)
    }

    /// The class of the object.
    pub fn class_name(&self) -> &str {
        &self.class_name
    }

    /// The value as it stands, `None` where it is missing or null.
    pub fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.config.get(name).filter(|v| !v.is_null())
    }

    /// The value as it stands, also where it is null; `None` where it is missing.
    pub fn given(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.config.get(name)
    }

    /// An error about an argument of this object.
    pub fn error(&self, name: &str, expected: &str, got: &Value) -> Error {
        let mut text = got.to_string();
        if text.chars().count() > 60 {
            text = text.chars().take(57).collect::<String>() + "...";
        }
        match self.class_name.as_str() {
            "" => Error::format(format!("key {name:?}: expected {expected}, got {text}")),
            class => {
                Error::value(format!("expected {name} to be {expected}, got {text}")).at(class.to_string())
            }
        }
    }

    /// The arguments that have not been read.
    pub(crate) fn unknown(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.config.iter().filter(|(key, _)| !self.known.contains(&key.as_str()))
    }

    pub(crate) fn read<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        get: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        get(value).map(Some).ok_or_else(|| self.error(name, expected, value))
    }

    /// A number.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn number(&mut self, name: &'static str, default: f64) -> Result<f64> {
        Ok(self.optional_number(name)?.unwrap_or(default))
    }

    /// A number that may be missing or null.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn optional_number(&mut self, name: &'static str) -> Result<Option<f64>> {
        self.read(name, "a number", Value::as_f64)
    }

    /// A whole number that may be missing or null.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn optional_integer(&mut self, name: &'static str) -> Result<Option<i64>> {
        self.read(name, "an integer", Value::as_i64)
    }

    /// True or false.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn flag(&mut self, name: &'static str, default: bool) -> Result<bool> {
        Ok(self.read(name, "true or false", Value::as_bool)?.unwrap_or(default))
    }

    /// A text that may be missing or null.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn optional_text(&mut self, name: &'static str) -> Result<Option<&'a str>> {
        self.read(name, "a text", Value::as_str)
    }

    /// An element type, given by its name or by a `DTypePolicy`.
    ///
    /// # Errors
    /// Where it is something else, or a policy of two types such as `mixed_float16`.
    pub fn optional_dtype(&mut self, name: &'static str) -> Result<Option<DType>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let text = match value {
            Value::String(text) => Some(text.as_str()),
            Value::Object(policy) => policy.get("config").and_then(|c| c.get("name")).and_then(Value::as_str),
            _ => None,
        };
        let text = text.ok_or_else(|| self.error(name, "the name of a dtype", value))?;
        text.parse().map(Some).map_err(|e: Error| e.at(self.class_name.clone()))
    }

    /// The seed of a random object: null, an integer (of which the low 32 bits count), or a `SeedGenerator`.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn seed(&mut self) -> Result<Option<u32>> {
        let Some(value) = self.value("seed") else { return Ok(None) };
        let number = match value {
            Value::Object(generator) => generator.get("config").and_then(|c| c.get("seed")),
            other => Some(other),
        };
        match number {
            Some(Value::Null) => Ok(None),
            Some(number) => match number.as_i64() {
                Some(seed) => Ok(Some(seed as u32)),
                None => Err(self.error("seed", "an integer or null", value)),
            },
            None => Err(self.error("seed", "an integer or null", value)),
        }
    }

    /// Passes over arguments that change nothing here.
    pub fn ignore(&mut self, names: &[&'static str]) {
        self.known.extend_from_slice(names);
    }

    /// Makes sure that every argument was read.
    ///
    /// # Errors
    /// Where one is left over; the message suggests the nearest known one.
    pub fn finish(self) -> Result<()> {
        let unknown = self.unknown().next();
        match unknown {
            None => Ok(()),
            Some((key, _)) => {
                let message = format!("unknown argument {key:?}{}", did_you_mean(key, &self.known));
                Err(Error::name(message).at(self.class_name))
            }
        }
    }
}

/// What can stand as an argument in a file.
pub(crate) trait Argument: Sized {
    /// The value of a key, or the default where it is missing or null.
    fn read(a: &mut Arguments<'_>, name: &'static str, default: Self) -> Result<Self>;

    /// The value as it is written.
    fn write(&self) -> Value;

    /// A number in it that is NaN or infinite.
    fn not_finite(&self) -> Option<f64> {
        None
    }
}

/// An error where an argument is, or holds, NaN or infinity.
pub(crate) fn finite<T: Argument>(name: &str, argument: &T) -> Result<()> {
    match argument.not_finite() {
        None => Ok(()),
        Some(got) => Err(Error::value(format!("expected {name} to be a finite number, got {got}"))),
    }
}

macro_rules! argument {
    ($($T:ty, $expected:literal, $get:expr $(, $not_finite:expr)?;)*) => {$(
        impl Argument for $T {
            fn read(a: &mut Arguments<'_>, name: &'static str, default: $T) -> Result<$T> {
                Ok(a.read(name, $expected, $get)?.unwrap_or(default))
            }

            fn write(&self) -> Value {
                Value::from(self.clone())
            }

            $(fn not_finite(&self) -> Option<f64> {
                let find: fn(&$T) -> Option<f64> = $not_finite;
                find(self)
            })?
        }
    )*};
}

argument! {
    f64, "a number", Value::as_f64, |n| (!n.is_finite()).then_some(*n);
    bool, "true or false", Value::as_bool;
    isize, "an integer", |v| v.as_i64().map(|n| n as isize);
    i64, "an integer", Value::as_i64;
    usize, "an integer of at least 0", |v| v.as_u64().and_then(|n| usize::try_from(n).ok());
    u32, "an integer of at least 0", |v| v.as_u64().and_then(|n| u32::try_from(n).ok());
    String, "a text", |v| v.as_str().map(str::to_string);
    Vec<f64>, "a list of numbers", |v| v.as_array()?.iter().map(Value::as_f64).collect(),
        |all| all.iter().find(|n| !n.is_finite()).copied();
    Vec<i64>, "a list of integers", |v| v.as_array()?.iter().map(Value::as_i64).collect();
    Vec<String>, "a list of texts", |v| {
        v.as_array()?.iter().map(|s| s.as_str().map(str::to_string)).collect()
    };
}

impl<T: Argument + Default + Clone> Argument for Option<T> {
    fn read(a: &mut Arguments<'_>, name: &'static str, default: Option<T>) -> Result<Option<T>> {
        match a.given(name) {
            None => Ok(default),
            Some(Value::Null) => Ok(None),
            Some(_) => T::read(a, name, T::default()).map(Some),
        }
    }

    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }

    fn not_finite(&self) -> Option<f64> {
        self.as_ref()?.not_finite()
    }
}

/// An object as it is written inside the arguments of another: `{"module", "class_name", "config", ...}`.
pub(crate) fn envelope(module: &str, class_name: &str, config: Config) -> Value {
    serde_json::json!({
        "module": module, "class_name": class_name, "config": config, "registered_name": null
    })
}

/// Class and arguments of what [`envelope`] wrote.
pub(crate) fn opened(envelope: &Value) -> Option<(&str, Config)> {
    let class = envelope.get("class_name")?.as_str()?;
    match envelope.get("config") {
        Some(Value::Object(config)) => Some((class, config.clone())),
        None | Some(Value::Null) => Some((class, Config::new())),
        Some(_) => None,
    }
}

/// A [`Config`] from pairs.
pub(crate) fn config<const N: usize>(pairs: [(&str, Value); N]) -> Config {
    pairs.into_iter().map(|(k, v)| (k.to_string(), v)).collect()
}

/// The error for a name that is not among the known ones.
pub(crate) fn unknown(what: &str, name: &str, known: &[&str]) -> Error {
    Error::name(format!("unknown {what} {name:?}{}", did_you_mean(name, known)))
}
