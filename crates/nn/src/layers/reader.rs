//! Reading a layer's configuration from a file.

use super::any::AnyLayer;
use crate::arguments::Arguments;
use crate::config::DataFormat;
use crate::constraints::{self, Constraint};
use crate::initializers::{self, Initializer};
use crate::regularizers::{self, Regularizer};
use crate::spec::{Config, Named, Spec};
use crate::{activations, layers::snake_case, policy::DTypePolicy};
use rhyton_base::{Context, Dim, Error, Result, Shape};
use serde_core::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

/// A layer's configuration while it is read: it knows which keys have been looked at, so that what is left
/// over can be reported.
pub struct ConfigReader<'a> {
    arguments: Arguments<'a>,
    warnings: Vec<String>,
}

impl<'a> ConfigReader<'a> {
    /// A reader of a layer's configuration.
    pub fn new(config: &'a Config) -> ConfigReader<'a> {
        ConfigReader { arguments: Arguments::of_layer(config), warnings: Vec::new() }
    }

    /// The value of a key; nothing for a missing key and for null.
    pub fn value(&mut self, key: &'static str) -> Option<&'a Value> {
        self.arguments.value(key)
    }

    /// A value of any type that can be read from JSON, such as numbers, texts, lists and options.
    ///
    /// ```
    /// use rhyton_nn::layers::ConfigReader;
    /// let config = serde_json::json!({"units": 3, "names": ["a", "b"]});
    /// let mut r = ConfigReader::new(config.as_object().unwrap());
    /// let (units, names): (usize, Vec<String>) = (r.get("units")?, r.get("names")?);
    /// assert_eq!((units, names.len()), (3, 2));
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the key is missing, unless an option is asked for, or holds something else.
    pub fn get<T: DeserializeOwned>(&mut self, key: &'static str) -> Result<T> {
        let value = self.value(key);
        T::deserialize(value.unwrap_or(&Value::Null)).map_err(|e| match value {
            Some(_) => Error::format(format!("key {key:?}: {e}")),
            None => missing(key),
        })
    }

    /// A text.
    ///
    /// # Errors
    /// Where the key holds something else, as for the other readers.
    pub fn text(&mut self, key: &'static str) -> Result<Option<String>> {
        self.arguments.read(key, "a text", |v| v.as_str().map(str::to_string))
    }

    /// A truth value.
    ///
    /// # Errors
    /// Where the key holds something else.
    pub fn bool(&mut self, key: &'static str) -> Result<Option<bool>> {
        self.arguments.read(key, "true or false", Value::as_bool)
    }

    /// An integer.
    ///
    /// # Errors
    /// Where the key holds something else.
    pub fn i64(&mut self, key: &'static str) -> Result<Option<i64>> {
        self.arguments.read(key, "an integer", Value::as_i64)
    }

    /// A size.
    ///
    /// # Errors
    /// Where the key holds something else.
    pub fn usize(&mut self, key: &'static str) -> Result<Option<usize>> {
        self.arguments.read(key, "a size", |v| v.as_u64().and_then(|n| usize::try_from(n).ok()))
    }

    /// A size that must be there.
    ///
    /// # Errors
    /// Where the key is missing or holds something else.
    pub fn required_usize(&mut self, key: &'static str) -> Result<usize> {
        self.usize(key)?.ok_or_else(|| missing(key))
    }

    /// A number.
    ///
    /// # Errors
    /// Where the key holds something else.
    pub fn f64(&mut self, key: &'static str) -> Result<Option<f64>> {
        self.arguments.read(key, "a number", Value::as_f64)
    }

    /// A number that must be there.
    ///
    /// # Errors
    /// Where the key is missing or holds something else.
    pub fn required_f64(&mut self, key: &'static str) -> Result<f64> {
        self.f64(key)?.ok_or_else(|| missing(key))
    }

    /// A shape: a list of sizes and nulls.
    ///
    /// # Errors
    /// Where the key holds something else.
    pub fn shape(&mut self, key: &'static str) -> Result<Option<Shape>> {
        self.arguments.read(key, "a list of sizes", parse_shape)
    }

    /// An element type: a name, or the envelope of a dtype policy.
    ///
    /// # Errors
    /// Where the policy is not one that computes and stores in one type.
    pub fn dtype(&mut self, key: &'static str) -> Result<Option<DTypePolicy>> {
        let Some(v) = self.value(key) else { return Ok(None) };
        let name = v.as_str().or_else(|| v.get("config")?.get("name")?.as_str());
        let name = name.ok_or_else(|| self.arguments.error(key, "a dtype", v))?;
        let policy = v.as_str().is_some() || v.get("class_name").is_none_or(|c| c == "DTypePolicy");
        if !policy {
            let class = v.get("class_name").cloned().unwrap_or_default();
            return Err(Error::unsupported(format!("key {key:?}: dtype policy of class {class}")));
        }
        name.parse().map(Some).map_err(|e: Error| e.at(format!("key {key:?}")))
    }

    /// An activation: a name, the envelope of a function, or nothing (`linear`).
    ///
    /// # Errors
    /// Where no activation has the name.
    pub fn activation(&mut self, key: &'static str) -> Result<Spec<activations::Activation>> {
        let Some(v) = self.value(key) else { return Ok(Spec::from("linear")) };
        // A function is an envelope with its name as config; an activation layer has its class as name.
        let name = v.as_str().map(str::to_string).or_else(|| match v.get("class_name")?.as_str()? {
            "function" => v.get("config")?.as_str().map(str::to_string),
            class => Some(snake_case(class)),
        });
        let name = name.ok_or_else(|| self.arguments.error(key, "an activation", v))?;
        activations::get(&name).at(|| format!("key {key:?}"))?;
        Ok(Spec::Name(name))
    }

    /// An initializer: a name or an envelope.
    ///
    /// # Errors
    /// Where no initializer has the name, or it does not take the configuration.
    pub fn initializer(&mut self, key: &'static str) -> Result<Option<Spec<dyn Initializer>>> {
        let Some(v) = self.value(key) else { return Ok(None) };
        if let Some(name) = v.as_str() {
            initializers::get(name).at(|| format!("key {key:?}"))?;
            return Ok(Some(Spec::Name(name.to_string())));
        }
        let class = v.get("class_name").and_then(Value::as_str);
        let class = class.ok_or_else(|| self.arguments.error(key, "an initializer", v))?;
        let config = v.get("config").and_then(Value::as_object).cloned().unwrap_or_default();
        let read = initializers::from_config(class, &config);
        let read = read.or_else(|e| self.known_only(key, class, &config).ok_or(e));
        Ok(Some(Spec::Object(read.at(|| format!("key {key:?}"))?)))
    }

    /// The initializer without the arguments that this version does not know. What one with default arguments
    /// would write is all that can be read. Nothing where that is not what was wrong.
    fn known_only(&mut self, key: &str, class: &str, config: &Config) -> Option<Arc<dyn Initializer>> {
        let known = initializers::get(class).ok()?.config();
        let (kept, unknown): (Config, Config) =
            config.clone().into_iter().partition(|(name, _)| known.contains_key(name));
        let initializer = (!unknown.is_empty()).then(|| initializers::from_config(class, &kept).ok())??;
        let told = unknown.keys().map(|name| format!("{key:?}: unknown key {name:?} was ignored"));
        self.warnings.extend(told);
        Some(initializer)
    }

    /// A regularizer: a name or an envelope. One that nobody knows is left out with a warning.
    pub fn regularizer(&mut self, key: &'static str) -> Option<Spec<dyn Regularizer>> {
        self.training_only(key, regularizers::from_config)
    }

    /// A constraint: a name or an envelope. One that nobody knows is left out with a warning.
    pub fn constraint(&mut self, key: &'static str) -> Option<Spec<dyn Constraint>> {
        self.training_only(key, constraints::from_config)
    }

    fn training_only<T: ?Sized + Named>(
        &mut self,
        key: &'static str,
        make: impl Fn(&str, &Config) -> Result<Arc<T>>,
    ) -> Option<Spec<T>> {
        let value = self.value(key)?;
        let read = match (value.as_str(), value.get("class_name").and_then(Value::as_str)) {
            (Some(name), _) => T::by_name(name),
            (None, Some(class)) => {
                make(class, &value.get("config").and_then(Value::as_object).cloned().unwrap_or_default())
            }
            (None, None) => Err(Error::format(format!("expected a name or a class, got {value}"))),
        };
        match read {
            Ok(object) => Some(Spec::Object(object)),
            Err(e) => {
                self.warnings.push(format!("{key:?} was left out, it matters for training only: {e}"));
                None
            }
        }
    }

    /// A layout of axes.
    ///
    /// # Errors
    /// Where the key holds something else.
    pub fn data_format(&mut self, key: &'static str) -> Result<Option<DataFormat>> {
        self.text(key)?.map(|t| t.parse().at(|| format!("key {key:?}"))).transpose()
    }

    /// Whole numbers: a list of them, or one alone.
    ///
    /// # Errors
    /// Where the key holds something else.
    pub fn integers(&mut self, key: &'static str) -> Result<Option<Vec<isize>>> {
        let one = |v: &Value| v.as_i64().and_then(|n| isize::try_from(n).ok());
        self.arguments.read(key, "an integer or a list of integers", |v| match v.as_array() {
            Some(list) => list.iter().map(one).collect(),
            None => Some(vec![one(v)?]),
        })
    }

    /// A layer inside this one: an envelope with its class and configuration.
    ///
    /// # Errors
    /// Where the key is missing or holds something else, or the layer cannot be made.
    pub fn layer(&mut self, key: &'static str) -> Result<AnyLayer> {
        let value = self.value(key).ok_or_else(|| missing(key))?;
        self.layer_from(value).at(|| format!("key {key:?}"))
    }

    /// Layers inside this one: a list of envelopes.
    ///
    /// # Errors
    /// As [`ConfigReader::layer`].
    pub fn layers(&mut self, key: &'static str) -> Result<Vec<AnyLayer>> {
        let list = self.value(key).ok_or_else(|| missing(key))?;
        let list = list.as_array().ok_or_else(|| self.arguments.error(key, "a list of layers", list))?;
        list.iter().map(|value| self.layer_from(value).at(|| format!("key {key:?}"))).collect()
    }

    /// A layer from its envelope; what is left over is reported with this layer's.
    ///
    /// # Errors
    /// Where the value is no envelope, or the layer cannot be made.
    pub fn layer_from(&mut self, envelope: &Value) -> Result<AnyLayer> {
        super::envelope::from_envelope(envelope, &mut self.warnings)
    }

    /// A key that must be null or missing, because the layer would be another one with it.
    ///
    /// # Errors
    /// Where it is not.
    pub fn refuse_unless_null(&mut self, key: &'static str) -> Result<()> {
        match self.value(key) {
            None => Ok(()),
            Some(_) => {
                Err(Error::unsupported(format!("key {key:?}: this version has no layers of that kind")))
            }
        }
    }

    /// What the reading left over, as sentences; `who` is the layer.
    pub fn into_warnings(self, who: &str) -> Vec<String> {
        let told = self.warnings.iter().map(|w| format!("{who}: {w}"));
        let unknown = self.arguments.unknown().filter(|(_, value)| !value.is_null());
        told.chain(unknown.map(|(key, _)| format!("{who}: unknown key {key:?} was ignored"))).collect()
    }
}

fn missing(key: &str) -> Error {
    Error::format(format!("key {key:?} is missing"))
}

/// A shape from a list of sizes and nulls.
pub fn parse_shape(v: &Value) -> Option<Shape> {
    let dim = |v: &Value| match v {
        Value::Null => Some(Dim::Unknown),
        v => v.as_u64().and_then(|n| usize::try_from(n).ok()).map(Dim::Known),
    };
    v.as_array()?.iter().map(dim).collect()
}

/// An initializer's envelope.
pub(super) fn initializer_json(spec: &Spec<dyn Initializer>) -> Value {
    match (spec.resolve(), spec) {
        (Ok(i), _) => {
            json!({"module": "keras.initializers", "class_name": i.class_name(), "config": i.config(),
            "registered_name": null})
        }
        (Err(_), Spec::Name(name)) => Value::from(name.clone()),
        (Err(_), Spec::Object(_)) => Value::Null,
    }
}

/// The envelope of a regularizer, or null.
pub(super) fn regularizer_json(spec: Option<&Spec<dyn Regularizer>>) -> Value {
    match spec.map(|s| (s, s.resolve())) {
        Some((_, Ok(r))) => {
            json!({"module": "keras.regularizers", "class_name": r.class_name(), "config": r.config(),
            "registered_name": null})
        }
        Some((Spec::Name(name), Err(_))) => Value::from(name.clone()),
        _ => Value::Null,
    }
}

/// The envelope of a constraint, or null.
pub(super) fn constraint_json(spec: Option<&Spec<dyn Constraint>>) -> Value {
    match spec.map(|s| (s, s.resolve())) {
        Some((_, Ok(c))) => {
            json!({"module": "keras.constraints", "class_name": c.class_name(), "config": c.config(),
            "registered_name": null})
        }
        Some((Spec::Name(name), Err(_))) => Value::from(name.clone()),
        _ => Value::Null,
    }
}

/// The name of an activation, as files have it.
pub(super) fn activation_json(spec: &Spec<activations::Activation>) -> Value {
    Value::from(match (spec, spec.resolve()) {
        (_, Ok(a)) => a.name().to_string(),
        (Spec::Object(a), _) => a.name().to_string(),
        (Spec::Name(name), _) => name.clone(),
    })
}
