//! Layers inside of files: class, configuration, and which of them are one and the same.

use super::any::AnyLayer;
use super::reader::parse_shape;
use super::registry::{from_config, is_built_in, is_registered, registered_name};
use rhyton_base::{Context, Error, Result};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

thread_local! {
    /// The layers that stand in several places of what is being written.
    static SHARED: RefCell<HashSet<usize>> = RefCell::default();
    /// The layers that have been read, by the numbers that files give shared ones.
    static READ: RefCell<Option<HashMap<u64, AnyLayer>>> = const { RefCell::new(None) };
}

/// Runs `f`, which writes layers of which these (by [`AnyLayer::id`]) stand in several places.
pub fn writing_shared<R>(shared: HashSet<usize>, f: impl FnOnce() -> R) -> R {
    let before = SHARED.replace(shared);
    let result = f();
    SHARED.set(before);
    result
}

/// Runs `f`, in which layers that the file marks as one are read once.
pub fn reading_shared<R>(f: impl FnOnce() -> R) -> R {
    if READ.with_borrow(Option::is_some) {
        return f();
    }
    READ.set(Some(HashMap::new()));
    let result = f();
    READ.set(None);
    result
}

/// A layer as files have it: its class, its configuration, and what it takes to build it.
pub fn envelope(layer: &AnyLayer) -> Value {
    let class = layer.class_name();
    let (module, registered) = match class {
        "Sequential" => (Value::from("keras"), Value::Null),
        "Functional" => (Value::from("keras.src.models.functional"), Value::from(class)),
        _ if is_built_in(class) => (Value::from("keras.layers"), Value::Null),
        _ => (Value::Null, Value::from(registered_name(class))),
    };
    // Keras exports this one under another name than that of its class.
    let written = if class == "GroupedQueryAttention" { "GroupQueryAttention" } else { class };
    let mut whole = json!({"module": module, "class_name": written, "config": layer.config(),
        "registered_name": registered});
    if let Some(object) = whole.as_object_mut() {
        if let Some(build) = layer.build_config() {
            object.insert("build_config".into(), build);
        }
        if SHARED.with_borrow(|s| s.contains(&layer.id())) {
            object.insert("shared_object_id".into(), Value::from(layer.id()));
        }
    }
    whole
}

/// The class that an envelope names: under the name it was registered by, if there is such a class.
///
/// # Errors
/// Where there is no class.
pub fn class_of(envelope: &Value) -> Result<&str> {
    let registered = envelope.get("registered_name").and_then(Value::as_str);
    if let Some(name) = registered.filter(|n| is_registered(n)) {
        return Ok(name);
    }
    let class = envelope.get("class_name").and_then(Value::as_str);
    class.ok_or_else(|| Error::format("a layer without a \"class_name\""))
}

/// A layer from its envelope.
///
/// # Errors
/// Where the value is no envelope, no layer has the class, or a key does not hold what it should.
pub fn from_envelope(envelope: &Value, warnings: &mut Vec<String>) -> Result<AnyLayer> {
    let number = envelope.get("shared_object_id").and_then(Value::as_u64);
    let known = |n: u64| READ.with_borrow(|r| r.as_ref()?.get(&n).cloned());
    if let Some(layer) = number.and_then(known) {
        return Ok(layer);
    }
    let class = class_of(envelope)?;
    let config = envelope.get("config").and_then(Value::as_object).cloned().unwrap_or_default();
    let layer = from_config(class, &config, warnings)?;
    if let (Some(number), true) = (number, READ.with_borrow(Option::is_some)) {
        READ.with_borrow_mut(|r| r.as_mut().map(|r| r.insert(number, layer.clone())));
    }
    // A chain of layers without an input is built for what stands beside it.
    if class == "Sequential"
        && !layer.is_built()
        && let Some(shape) = envelope.get("build_config").and_then(|b| parse_shape(b.get("input_shape")?))
        && shape.rank() > 0
    {
        layer.build(&shape).at(|| "build_config")?;
    }
    Ok(layer)
}
