//! Arguments of calls as JSON.

use rhyton_base::{Context, DType, Error, Result, Scalar};
use rhyton_tensor::{Attr, Tensor, ops};
use serde_json::{Map, Value, json};

/// An argument as files have it; `tensor` says what stands for an input.
pub(super) fn to_json(attr: &Attr, tensor: &dyn Fn(usize) -> Value) -> Value {
    match attr {
        Attr::None => Value::Null,
        Attr::Bool(x) => Value::from(*x),
        Attr::Int(x) => Value::from(*x),
        Attr::Float(x) => Value::from(*x),
        Attr::Text(x) => Value::from(x.clone()),
        Attr::Slice([start, stop, step]) => {
            json!({"class_name": "__slice__", "config": {"start": start, "stop": stop, "step": step}})
        }
        Attr::Ellipsis => json!({"class_name": "__ellipsis__", "config": {}}),
        Attr::List(all) => all.iter().map(|a| to_json(a, tensor)).collect(),
        Attr::Dict(all) => all.iter().map(|(key, a)| (key.clone(), to_json(a, tensor))).collect(),
        Attr::Tensor(place) => tensor(*place),
    }
}

/// Numbers that a model was written with: one number as such, several as nested lists.
pub(super) fn constant(x: &Tensor) -> Result<Value> {
    let numbers: Vec<Value> = match x.dtype() {
        DType::Bool => x.to_f64s()?.into_iter().map(|v| Value::from(v != 0.0)).collect(),
        d if d.is_float() => x.to_f64s()?.into_iter().map(Value::from).collect(),
        _ => ops::cast(x, DType::I64)?.to_vec::<i64>()?.into_iter().map(Value::from).collect(),
    };
    if x.rank() == 0 && matches!(x.dtype(), DType::Bool | DType::F32 | DType::I32) {
        return Ok(numbers.into_iter().next().unwrap_or(Value::Null));
    }
    let mut rest = numbers.into_iter();
    Ok(json!({"class_name": "__tensor__", "config": {"value": nested(x.shape(), &mut rest),
        "dtype": x.dtype().name()}}))
}

fn nested(shape: &[usize], numbers: &mut impl Iterator<Item = Value>) -> Value {
    match shape {
        [] => numbers.next().unwrap_or(Value::Null),
        [n, rest @ ..] => (0..*n).map(|_| nested(rest, numbers)).collect(),
    }
}

/// What an argument of a call names: a result of another call of the model, or numbers.
#[derive(Clone, Debug)]
pub(super) enum Named {
    Result { operation: String, node: usize, index: usize },
    Numbers(Tensor),
}

/// An argument from JSON. The tensors that it names are put behind the others.
pub(super) fn from_json(value: &Value, named: &mut Vec<Named>) -> Result<Attr> {
    let mut place = |n: Named| {
        named.push(n);
        Attr::Tensor(named.len() - 1)
    };
    Ok(match value {
        Value::Null => Attr::None,
        Value::Bool(x) => Attr::Bool(*x),
        Value::Number(n) => match n.as_i64() {
            Some(i) => Attr::Int(i),
            None => Attr::Float(n.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(x) => Attr::Text(x.clone()),
        Value::Array(all) => Attr::List(all.iter().map(|v| from_json(v, named)).collect::<Result<_>>()?),
        Value::Object(o) => match (o.get("class_name").and_then(Value::as_str), o.get("config")) {
            (Some("__keras_tensor__"), Some(config)) => place(history(config)?),
            (Some("__tensor__" | "__numpy__"), Some(config)) => place(Named::Numbers(numbers(config)?)),
            (Some("__slice__"), Some(config)) => {
                let end = |key: &str| match config.get(key) {
                    None | Some(Value::Null) => Ok(None),
                    Some(v) => v.as_i64().map(Some).ok_or_else(|| {
                        Error::format(format!(
                            "a slice with {key} {v}; only slices between whole numbers are read"
                        ))
                    }),
                };
                Attr::Slice([end("start")?, end("stop")?, end("step")?])
            }
            (Some("__ellipsis__"), _) => Attr::Ellipsis,
            (Some("function"), Some(Value::String(name))) => Attr::Text(name.clone()),
            (Some(class), _) => {
                return Err(Error::unsupported(format!(
                    "an argument of class {class:?} is not read by this version"
                )));
            }
            (None, _) => Attr::Dict(
                o.iter().map(|(k, v)| Ok((k.clone(), from_json(v, named)?))).collect::<Result<_>>()?,
            ),
        },
    })
}

fn history(config: &Value) -> Result<Named> {
    let history = config.get("keras_history").unwrap_or(&Value::Null);
    let (operation, node, index) = triple(history).ok_or_else(|| {
        Error::format(format!("keras_history: expected [name, node, result], got {history}"))
    })?;
    Ok(Named::Result { operation, node, index })
}

/// `["dense", 0, 0]`: an operation, which of its calls, which of the results.
pub(super) fn triple(value: &Value) -> Option<(String, usize, usize)> {
    let [name, node, index] = value.as_array()?.as_slice() else { return None };
    let number = |v: &Value| v.as_u64().and_then(|n| usize::try_from(n).ok());
    Some((name.as_str()?.to_string(), number(node)?, number(index)?))
}

/// Numbers from nested lists.
fn numbers(config: &Value) -> Result<Tensor> {
    let dtype: DType = match config.get("dtype").and_then(Value::as_str) {
        Some(name) => name.parse()?,
        None => DType::F32,
    };
    let value = config.get("value").unwrap_or(&Value::Null);
    let (mut shape, mut at) = (Vec::new(), value);
    while let Value::Array(list) = at {
        shape.push(list.len());
        let Some(first) = list.first() else { break };
        at = first;
    }
    let mut flat = Vec::new();
    flatten(value, &shape, &mut flat)?;
    let whole = if flat.iter().all(Value::is_i64) && !dtype.is_float() {
        Tensor::from_slice(&flat.iter().filter_map(Value::as_i64).collect::<Vec<_>>(), &shape)?
    } else {
        let number = |v: &Value| match v {
            Value::Bool(b) => Ok(f64::from(u8::from(*b))),
            v => v.as_f64().ok_or_else(|| Error::format(format!("an array holds {v}, expected a number"))),
        };
        Tensor::from_slice(&flat.iter().map(number).collect::<Result<Vec<_>>>()?, &shape)?
    };
    ops::cast(&whole, dtype).at(|| "an array")
}

fn flatten(value: &Value, shape: &[usize], flat: &mut Vec<Value>) -> Result<()> {
    match (value, shape) {
        (Value::Array(list), [n, rest @ ..]) if list.len() == *n => {
            list.iter().try_for_each(|v| flatten(v, rest, flat))
        }
        (Value::Array(_), _) | (_, [_, ..]) => {
            Err(Error::format("an array whose rows have different lengths"))
        }
        (v, []) => {
            flat.push(v.clone());
            Ok(())
        }
    }
}

/// A plain number as a tensor beside another of this type: whole numbers take the type, others need a float.
pub(super) fn number_like(value: &Attr, beside: DType) -> Option<Result<Tensor>> {
    let scalar = |x: Scalar, dtype: DType| ops::full([], x, dtype);
    match value {
        Attr::Bool(x) => Some(scalar(Scalar::from(*x), DType::Bool)),
        Attr::Int(x) if beside == DType::Bool => Some(scalar(Scalar::from(*x), DType::I32)),
        Attr::Int(x) => Some(scalar(Scalar::from(*x), beside)),
        Attr::Float(x) if beside.is_float() => Some(scalar(Scalar::from(*x), beside)),
        Attr::Float(x) => Some(scalar(Scalar::from(*x), rhyton_nn::floatx())),
        _ => None,
    }
}

/// Plain arguments by name, from a configuration.
pub(super) fn dict(config: &Map<String, Value>) -> Result<Vec<(String, Attr)>> {
    let mut named = Vec::new();
    let all = config.iter().map(|(k, v)| Ok((k.clone(), from_json(v, &mut named)?)));
    all.collect()
}
