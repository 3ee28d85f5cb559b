//! Layers by the names of their classes, for files.

use super::reader::ConfigReader;
use super::*;
use crate::spec::Config;
use rhyton_base::{Context, Error, Result, did_you_mean};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

type Make = Arc<dyn Fn(&mut ConfigReader) -> Result<AnyLayer> + Send + Sync>;

static OWN: Mutex<BTreeMap<String, Make>> = Mutex::new(BTreeMap::new());

macro_rules! built_in {
    ($($class:literal $Layer:ident;)*) => {
        /// The classes of this crate.
        const BUILT_IN: &[&str] = &[$($class),*];

        /// A layer of one of them; nothing for another class.
        fn make_built_in(class_name: &str, r: &mut ConfigReader, options: &LayerOptions) -> Option<Result<AnyLayer>> {
            match class_name {
                $($class => Some($Layer::from_reader(r).map(|mut layer| {
                    layer.options = options.clone();
                    layer.into()
                })),)*
                _ => None,
            }
        }
    };
}

built_in! {
    "Activation" Activation;
    "ActivityRegularization" ActivityRegularization;
    "AdaptiveAveragePooling1D" AdaptiveAveragePooling1D;
    "AdaptiveAveragePooling2D" AdaptiveAveragePooling2D;
    "AdaptiveAveragePooling3D" AdaptiveAveragePooling3D;
    "AdaptiveMaxPooling1D" AdaptiveMaxPooling1D;
    "AdaptiveMaxPooling2D" AdaptiveMaxPooling2D;
    "AdaptiveMaxPooling3D" AdaptiveMaxPooling3D;
    "Add" Add;
    "AdditiveAttention" AdditiveAttention;
    "AlphaDropout" AlphaDropout;
    "Attention" Attention;
    "Average" Average;
    "AveragePooling1D" AveragePooling1D;
    "AveragePooling2D" AveragePooling2D;
    "AveragePooling3D" AveragePooling3D;
    "BatchNormalization" BatchNormalization;
    "Bidirectional" Bidirectional;
    "CategoryEncoding" CategoryEncoding;
    "CenterCrop" CenterCrop;
    "Concatenate" Concatenate;
    "Conv1D" Conv1D;
    "Conv1DTranspose" Conv1DTranspose;
    "Conv2D" Conv2D;
    "Conv2DTranspose" Conv2DTranspose;
    "Conv3D" Conv3D;
    "Conv3DTranspose" Conv3DTranspose;
    "Cropping1D" Cropping1D;
    "Cropping2D" Cropping2D;
    "Cropping3D" Cropping3D;
    "Dense" Dense;
    "DepthwiseConv1D" DepthwiseConv1D;
    "DepthwiseConv2D" DepthwiseConv2D;
    "Discretization" Discretization;
    "Dot" Dot;
    "Dropout" Dropout;
    "ELU" ELU;
    "EinsumDense" EinsumDense;
    "Embedding" Embedding;
    "Flatten" Flatten;
    "GRU" GRU;
    "GRUCell" GRUCell;
    "GaussianDropout" GaussianDropout;
    "GaussianNoise" GaussianNoise;
    "GlobalAveragePooling1D" GlobalAveragePooling1D;
    "GlobalAveragePooling2D" GlobalAveragePooling2D;
    "GlobalAveragePooling3D" GlobalAveragePooling3D;
    "GlobalMaxPooling1D" GlobalMaxPooling1D;
    "GlobalMaxPooling2D" GlobalMaxPooling2D;
    "GlobalMaxPooling3D" GlobalMaxPooling3D;
    "GroupNormalization" GroupNormalization;
    "GroupQueryAttention" GroupedQueryAttention;
    "GroupedQueryAttention" GroupedQueryAttention;
    "HashedCrossing" HashedCrossing;
    "Hashing" Hashing;
    "Identity" Identity;
    "InputLayer" Input;
    "IntegerLookup" IntegerLookup;
    "LSTM" LSTM;
    "LSTMCell" LSTMCell;
    "Lambda" Lambda;
    "LayerNormalization" LayerNormalization;
    "LeakyReLU" LeakyReLU;
    "Masking" Masking;
    "MaxPooling1D" MaxPooling1D;
    "MaxPooling2D" MaxPooling2D;
    "MaxPooling3D" MaxPooling3D;
    "Maximum" Maximum;
    "Minimum" Minimum;
    "MultiHeadAttention" MultiHeadAttention;
    "Multiply" Multiply;
    "Normalization" Normalization;
    "PReLU" PReLU;
    "Permute" Permute;
    "RMSNormalization" RMSNormalization;
    "RNN" RNN;
    "RandomBrightness" RandomBrightness;
    "RandomContrast" RandomContrast;
    "RandomCrop" RandomCrop;
    "RandomFlip" RandomFlip;
    "RandomRotation" RandomRotation;
    "RandomTranslation" RandomTranslation;
    "RandomZoom" RandomZoom;
    "ReLU" ReLU;
    "RepeatVector" RepeatVector;
    "Rescaling" Rescaling;
    "Reshape" Reshape;
    "Resizing" Resizing;
    "SeparableConv1D" SeparableConv1D;
    "SeparableConv2D" SeparableConv2D;
    "SimpleRNN" SimpleRNN;
    "SimpleRNNCell" SimpleRNNCell;
    "Softmax" Softmax;
    "SpatialDropout1D" SpatialDropout1D;
    "SpatialDropout2D" SpatialDropout2D;
    "SpatialDropout3D" SpatialDropout3D;
    "SpectralNormalization" SpectralNormalization;
    "StackedRNNCells" StackedRNNCells;
    "StringLookup" StringLookup;
    "Subtract" Subtract;
    "TextVectorization" TextVectorization;
    "TimeDistributed" TimeDistributed;
    "UnitNormalization" UnitNormalization;
    "UpSampling1D" UpSampling1D;
    "UpSampling2D" UpSampling2D;
    "UpSampling3D" UpSampling3D;
    "ZeroPadding1D" ZeroPadding1D;
    "ZeroPadding2D" ZeroPadding2D;
    "ZeroPadding3D" ZeroPadding3D;
}

/// Whether a class is one of Keras's that this crate has.
pub fn is_built_in(class_name: &str) -> bool {
    BUILT_IN.contains(&class_name)
}

/// Whether a class of one's own has this name.
pub(super) fn is_registered(name: &str) -> bool {
    OWN.lock().unwrap_or_else(|e| e.into_inner()).contains_key(name)
}

/// The name that a class of one's own is registered by: with its package, `"shop>Residual"`, if it has one.
pub(super) fn registered_name(class_name: &str) -> String {
    let own = OWN.lock().unwrap_or_else(|e| e.into_inner());
    let packaged = |name: &&String| name.rsplit_once('>').is_some_and(|(_, class)| class == class_name);
    match own.contains_key(class_name) {
        true => class_name.to_string(),
        false => own.keys().find(packaged).map_or(class_name, String::as_str).to_string(),
    }
}

/// Makes a class of one's own known, so that files can name it. `make` reads the layer's own arguments.
///
/// In files of Keras a class has the name that it was registered by there, with its package: `"shop>Double"`. A class
/// that is registered here by that name is written under it too.
///
/// ```
/// use rhyton_base::Result;
/// use rhyton_nn::layers::{CallCx, Layer, from_config, register_layer};
/// use rhyton_tensor::Tensor;
/// struct Double;
/// impl Layer for Double {
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
    OWN.lock().unwrap_or_else(|e| e.into_inner()).insert(class_name.into(), Arc::new(make));
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

/// Whether it is an input of texts.
fn is_text(class_name: &str, r: &mut ConfigReader) -> bool {
    class_name == "InputLayer" && r.value("dtype").is_some_and(|d| d == "string")
}

fn make(class_name: &str, r: &mut ConfigReader) -> Result<AnyLayer> {
    let options = LayerOptions {
        name: r.text("name")?,
        frozen: r.bool("trainable")? == Some(false),
        // Texts are no element type; inputs of texts see to it themselves.
        dtype: if is_text(class_name, r) { None } else { r.dtype("dtype")? },
        activity_regularizer: r.regularizer("activity_regularizer"),
    };
    if let Some(layer) = make_built_in(class_name, r, &options) {
        return layer;
    }
    // The lock is free again while the layer is made: it may hold others.
    let makers = OWN.lock().unwrap_or_else(|e| e.into_inner()).clone();
    let Some(make) = makers.get(class_name) else {
        let known: Vec<&str> = BUILT_IN.iter().copied().chain(makers.keys().map(String::as_str)).collect();
        return Err(Error::name(format!(
            "there is no layer of class {class_name:?}{}; a layer of one's own must be registered first with \
             register_layer",
            did_you_mean(class_name, &known)
        )));
    };
    let mut layer = make(r)?;
    if let Some(policy) = options.dtype {
        layer = layer.with_policy(policy);
    }
    if options.frozen {
        layer.set_trainable(false);
    }
    Ok(match options.name {
        Some(name) => layer.named(name),
        None => layer,
    })
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
        let input = Input::with_batch_shape(shape);
        Ok(if is_text("InputLayer", r) { input.text() } else { input })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhyton_base::{DType, Shape};

    #[test]
    fn classes_are_listed_in_order() {
        assert!(BUILT_IN.is_sorted());
    }

    /// Layers with arguments that are not the default ones; the golden values have one of each class.
    fn some_layers() -> Vec<AnyLayer> {
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
        let layers = some_layers();
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
