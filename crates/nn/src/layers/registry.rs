//! Layers by the names of their classes, for files.

use super::reader::ConfigReader;
use super::{Activation, AnyLayer, Dense, Dropout, Flatten, Input, LayerOptions};
use crate::spec::Config;
use rhyton_base::{Context, Error, Result, did_you_mean};
use std::collections::BTreeMap;
use std::sync::Mutex;

type Make = Box<dyn Fn(&mut ConfigReader) -> Result<AnyLayer> + Send + Sync>;

static OWN: Mutex<BTreeMap<String, Make>> = Mutex::new(BTreeMap::new());

/// The classes of this crate.
const BUILT_IN: [&str; 5] = ["Activation", "Dense", "Dropout", "Flatten", "InputLayer"];

/// Makes a class of one's own known, so that files can name it. `make` reads the layer's own arguments.
///
/// ```
/// use rhyton_base::Result;
/// use rhyton_nn::layers::{CallCx, Layer, from_config, register_layer};
/// use rhyton_tensor::Tensor;
/// struct Double;
/// impl Layer for Double {
///     fn class_name(&self) -> &'static str {
///         "Double"
///     }
///     fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
///         Ok(x * 2)
///     }
/// }
///
/// register_layer("Double", |_arguments| Ok(Double.into()));
/// let layer = from_config("Double", &Default::default(), &mut Vec::new())?;
/// assert_eq!(layer.class_name(), "Double");
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn register_layer(
    class_name: impl Into<String>,
    make: impl Fn(&mut ConfigReader) -> Result<AnyLayer> + Send + Sync + 'static,
) {
    OWN.lock().unwrap_or_else(|e| e.into_inner()).insert(class_name.into(), Box::new(make));
}

/// The names of all classes that files may name.
pub fn registered_layers() -> Vec<String> {
    let own = OWN.lock().unwrap_or_else(|e| e.into_inner());
    BUILT_IN.iter().map(|s| s.to_string()).chain(own.keys().cloned()).collect()
}

/// A layer from its class and configuration. What the configuration says beyond what the layer knows is
/// ignored and added to the warnings.
///
/// # Errors
/// Where no layer has the class, or a key does not hold what it should.
///
/// ```
/// use rhyton_nn::layers::from_config;
/// let config = serde_json::json!({"name": "head", "units": 10, "activation": "softmax", "color": "red"});
/// let mut warnings = Vec::new();
/// let head = from_config("Dense", config.as_object().unwrap(), &mut warnings)?;
/// assert_eq!(head.name(), "head");
/// assert_eq!(warnings, ["Dense \"head\": unknown key \"color\" was ignored"]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn from_config(class_name: &str, config: &Config, warnings: &mut Vec<String>) -> Result<AnyLayer> {
    let name = config.get("name").and_then(|n| n.as_str());
    let who = match name {
        Some(name) => format!("{class_name} {name:?}"),
        None => class_name.to_string(),
    };
    let mut reader = ConfigReader::new(config);
    let layer = make(class_name, &mut reader).at(|| who.clone())?;
    warnings.extend(reader.into_warnings(&who));
    Ok(layer)
}

fn make(class_name: &str, r: &mut ConfigReader) -> Result<AnyLayer> {
    let options = LayerOptions {
        name: r.text("name")?,
        frozen: r.bool("trainable")? == Some(false),
        dtype: r.dtype("dtype")?,
    };
    macro_rules! built_in {
        ($Layer:ident) => {{
            let mut layer = $Layer::from_reader(r)?;
            layer.options = options;
            Ok(layer.into())
        }};
    }
    match class_name {
        "Activation" => built_in!(Activation),
        "Dense" => built_in!(Dense),
        "Dropout" => built_in!(Dropout),
        "Flatten" => built_in!(Flatten),
        "InputLayer" => built_in!(Input),
        own => {
            let makers = OWN.lock().unwrap_or_else(|e| e.into_inner());
            let Some(make) = makers.get(own) else {
                let known: Vec<&str> =
                    BUILT_IN.into_iter().chain(makers.keys().map(String::as_str)).collect();
                return Err(Error::name(format!(
                    "there is no layer of class {own:?}{}; a layer of one's own must be registered first with \
                     register_layer",
                    did_you_mean(own, &known)
                )));
            };
            let layer = make(r)?;
            layer.set_trainable(!options.frozen);
            Ok(match options.name {
                Some(name) => layer.named(name),
                None => layer,
            })
        }
    }
}

impl Input {
    pub(super) fn from_reader(r: &mut ConfigReader) -> Result<Input> {
        // Keras 2 wrote `batch_input_shape`.
        let shape = match r.shape("batch_shape")? {
            Some(shape) => Some(shape),
            None => r.shape("batch_input_shape")?,
        };
        for key in ["sparse", "ragged", "optional"] {
            if r.bool(key)? == Some(true) {
                return Err(Error::unsupported(format!("key {key:?}: this version has plain inputs only")));
            }
        }
        let shape = shape.ok_or_else(|| Error::format("key \"batch_shape\" is missing"))?;
        Ok(Input::with_batch_shape(shape))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhyton_base::{DType, Shape};

    /// One layer of each class, with arguments that are not the default ones.
    fn every_class() -> Vec<AnyLayer> {
        vec![
            Activation::new("gelu").name("a").into(),
            Dense::new(3)
                .activation("relu")
                .use_bias(false)
                .kernel_initializer("he_normal")
                .trainable(false)
                .into(),
            Dropout::new(0.25).seed(7).noise_shape([None, Some(1)]).into(),
            Flatten::new().dtype(DType::F64).into(),
            Input::new([2, 3]).batch_size(8).into(),
        ]
    }

    #[test]
    fn configurations_are_read_as_they_are_written() {
        let layers = every_class();
        assert_eq!(layers.iter().map(AnyLayer::class_name).collect::<Vec<_>>(), BUILT_IN);
        for layer in layers {
            let mut warnings = Vec::new();
            let again = from_config(layer.class_name(), &layer.config(), &mut warnings).unwrap();
            assert_eq!(warnings, [""; 0]);
            assert_eq!(again.config(), layer.config());
            assert_eq!((again.dtype(), again.trainable()), (layer.dtype(), layer.trainable()));
            assert_eq!(again.input_shape(), layer.input_shape());
        }
    }

    #[test]
    fn keras_2_spellings() {
        let json = serde_json::json!({"batch_input_shape": [null, 4], "dtype": "float32", "name": "x"});
        let input = from_config("InputLayer", json.as_object().unwrap(), &mut Vec::new()).unwrap();
        assert_eq!(input.input_shape(), Some(Shape::from([None, Some(4)])));
    }
}
