//! Operations without weights in graphs: what Keras writes for `x + y` and for functions of `keras.ops`.

mod arguments;
mod arithmetic;
mod neural;
mod reductions;
mod shapes;

use super::calls::Call;
use super::values;
use arguments::Arguments;
use rhyton_base::{Context, Error, Result};
use rhyton_tensor::{SymbolicOp, Tensor, Written, apply_symbolic};
use serde_json::Value;
use std::any::Any;
use std::sync::Arc;

/// What an operation does with its arguments.
type Run = fn(&Arguments) -> Result<Vec<Tensor>>;

/// A class, the module of Keras that it is from, and what it does.
type Row = (&'static str, &'static str, Run);

const TABLES: [&[Row]; 4] = [arithmetic::TABLE, neural::TABLE, reductions::TABLE, shapes::TABLE];

fn row(class: &str) -> Option<&'static Row> {
    TABLES.iter().flat_map(|t| t.iter()).find(|(name, ..)| *name == class)
}

/// Whether an entry of a graph is an operation without weights.
pub(super) fn is_operation(json: &Value) -> bool {
    let module = json.get("module").and_then(Value::as_str).unwrap_or_default();
    module.starts_with("keras.src.ops") || module.starts_with("keras.ops")
}

/// Whether there is an operation of this class.
pub(super) fn is_known(class: &str) -> bool {
    row(class).is_some()
}

/// The module of a class, as Keras writes it.
pub(super) fn module_of(class: &str) -> String {
    format!("keras.src.ops.{}", row(class).map_or("numpy", |(_, module, _)| module))
}

/// Applies an operation of a file to symbolic tensors.
pub(super) fn apply(json: &Value, call: &Call, named: &[Tensor]) -> Result<Vec<Tensor>> {
    let class = json.get("class_name").and_then(Value::as_str).unwrap_or_default();
    let (_, _, run) =
        row(class).ok_or_else(|| Error::unsupported(format!("there is no operation of class {class:?}")))?;
    let config = json.get("config").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut config = values::dict(&config).at(|| "config")?;
    config.retain(|(key, _)| key != "name");
    let name = json.get("name").and_then(Value::as_str).map(str::to_string);
    let (args, kwargs) = (call.args.clone(), call.kwargs.clone());
    let written = Written { class: class.to_string(), name, config, args, kwargs };
    apply_symbolic(Arc::new(FromFile { written, run: *run }), named)
}

/// An operation of a file.
struct FromFile {
    written: Written,
    run: Run,
}

impl SymbolicOp for FromFile {
    fn name(&self) -> String {
        self.written.class.clone()
    }

    fn call(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        (self.run)(&Arguments { written: &self.written, inputs })
    }

    fn written(&self) -> Option<Written> {
        Some(self.written.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
