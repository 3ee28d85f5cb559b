//! `Lambda`: a function as a layer.

use crate::arguments::config;
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, only};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{DType, Error, Result, Shape, did_you_mean};
use rhyton_ops::Meta;
use rhyton_tensor::{Tensor, infer_by_running};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

type Function = dyn Fn(&[Tensor], bool) -> Result<Vec<Tensor>> + Send + Sync;

static REGISTERED: Mutex<BTreeMap<String, Arc<Function>>> = Mutex::new(BTreeMap::new());

/// A function of tensors as a layer without weights.
///
/// - Shape: what the function makes of it. Masks are dropped.
/// - Files keep the function's name. To load such a file, a function must be registered under that name:
///   [`register_function`].
/// - Errors: what the function returns.
///
/// ```
/// use rhyton_nn::layers::Lambda;
/// use rhyton_tensor::Tensor;
/// let y = Lambda::new("double", |x| Ok(x * 2)).call(&Tensor::from([[1.0f32, 2.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [2.0, 4.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/core/lambda_layer.py`.
#[derive(Clone)]
pub struct Lambda {
    function_name: String,
    function: Arc<Function>,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Lambda);

/// Makes a function known by its name, so that files can name it.
///
/// ```
/// use rhyton_nn::layers::{from_config, register_function};
/// use rhyton_tensor::Tensor;
/// register_function("halve", |x, _training| Ok(vec![&x[0] * 0.5]));
/// let config = serde_json::json!({"function": "halve"});
/// let layer = from_config("Lambda", config.as_object().unwrap(), &mut Vec::new())?;
/// assert_eq!(layer.call(&Tensor::from([[1.0f32, 2.0]]))?.to_vec::<f32>()?, [0.5, 1.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn register_function(
    name: impl Into<String>,
    function: impl Fn(&[Tensor], bool) -> Result<Vec<Tensor>> + Send + Sync + 'static,
) {
    REGISTERED.lock().unwrap_or_else(|e| e.into_inner()).insert(name.into(), Arc::new(function));
}

impl Lambda {
    /// A layer that applies a function of one tensor. The name is what files keep.
    pub fn new(
        name: impl Into<String>,
        function: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> Lambda {
        Lambda::of_several(name, move |x, _training| Ok(vec![function(only(x)?)?]))
    }

    /// A layer that applies a function of any number of tensors, and of whether the model learns.
    pub fn of_several(
        name: impl Into<String>,
        function: impl Fn(&[Tensor], bool) -> Result<Vec<Tensor>> + Send + Sync + 'static,
    ) -> Lambda {
        let (function_name, function) = (name.into(), Arc::new(function));
        Lambda { function_name, function, options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Lambda> {
        let Some(value) = r.value("function") else {
            return Err(Error::format("key \"function\" is missing"));
        };
        if value.get("class_name").and_then(Value::as_str) == Some("__lambda__") {
            return Err(Error::unsupported(
                "key \"function\": the file holds Python code, which this program cannot run; save the model with a \
                 named function, and register one of that name with register_function",
            ));
        }
        let name = value.as_str().or_else(|| value.get("config")?.as_str());
        let name = name.ok_or_else(|| {
            Error::format(format!("key \"function\": expected the name of a function, got {value}"))
        })?;
        for key in ["output_shape", "mask"] {
            r.refuse_unless_null(key)?;
        }
        if r.value("arguments").and_then(Value::as_object).is_some_and(|a| !a.is_empty()) {
            return Err(Error::unsupported("key \"arguments\": put them into the function itself"));
        }
        let registered = REGISTERED.lock().unwrap_or_else(|e| e.into_inner());
        let Some(function) = registered.get(name) else {
            let known: Vec<&str> = registered.keys().map(String::as_str).collect();
            let hint = if known.is_empty() { String::new() } else { did_you_mean(name, &known) };
            return Err(Error::name(format!(
                "no function is registered as {name:?}{hint}; call register_function before the file is loaded"
            )));
        };
        let (function_name, function) = (name.to_string(), function.clone());
        Ok(Lambda { function_name, function, options: LayerOptions::default() })
    }
}

impl Layer for Lambda {
    basics!("Lambda");

    fn config(&self) -> Config {
        let function = json!({"module": "builtins", "class_name": "function", "config": self.function_name,
            "registered_name": "function"});
        config([("function", function), ("arguments", json!({}))])
    }

    fn build_all(&mut self, _cx: &mut BuildCx, _inputs: &[Shape]) -> Result<()> {
        Ok(())
    }

    fn call_all(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        (self.function)(inputs, cx.training).map_err(|e| e.at(self.function_name.clone()))
    }

    /// Only the function knows.
    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let dtype = self.options.dtype.map_or(DType::F32, |p| p.compute_dtype());
        let meta = Meta { dtype, shape: input.clone() };
        let metas = infer_by_running(&[meta], |x| self.call_all(x, &CallCx::INFERENCE))?;
        Ok(only(&metas)?.shape.clone())
    }

    fn output_shapes(&self, _inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
        Ok(None)
    }
}
