//! `RandomTranslation`, `RandomRotation`, `RandomZoom`: images moved, turned and zoomed at random.

use super::{Factor, cast, generator, spatial};
use crate::arguments::config;
use crate::config::{DataFormat, image_data_format};
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters, unbuilt};
use crate::layers::reader::ConfigReader;
use crate::numbers::{minus, times};
use crate::spec::Config;
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_tensor::ops::image::{FillMode, Interpolation, TransformOptions, affine_transform};
use rhyton_tensor::{SeedGenerator, Tensor, ops};
use serde_json::{Value, json};

/// How pixels between and outside of the image's are found.
#[derive(Clone, Debug)]
struct Pixels {
    fill_mode: String,
    interpolation: String,
    fill_value: f64,
    data_format: DataFormat,
}

impl Pixels {
    fn new() -> Pixels {
        let (fill_mode, interpolation) = ("reflect".to_string(), "bilinear".to_string());
        Pixels { fill_mode, interpolation, fill_value: 0.0, data_format: image_data_format() }
    }

    fn read(&mut self, r: &mut ConfigReader) -> Result<()> {
        self.fill_mode = r.text("fill_mode")?.unwrap_or_else(|| self.fill_mode.clone());
        self.interpolation = r.text("interpolation")?.unwrap_or_else(|| self.interpolation.clone());
        self.fill_value = r.f64("fill_value")?.unwrap_or(self.fill_value);
        self.data_format = r.data_format("data_format")?.unwrap_or(self.data_format);
        Ok(())
    }

    fn write(&self, config: &mut Config) {
        config.insert("fill_mode".into(), json!(self.fill_mode));
        config.insert("interpolation".into(), json!(self.interpolation));
        config.insert("fill_value".into(), json!(self.fill_value));
        config.insert("data_format".into(), Value::from(self.data_format.to_string()));
    }

    fn options(&self) -> Result<TransformOptions> {
        Ok(TransformOptions::new()
            .fill_mode(self.fill_mode.parse::<FillMode>()?)
            .interpolation(self.interpolation.parse::<Interpolation>()?)
            .fill_value(self.fill_value)
            .data_format(self.data_format))
    }

    /// Height and width of images.
    fn size(&self, x: &Tensor) -> Result<[f64; 2]> {
        Ok(spatial(&x.meta().shape, self.data_format)?.map(|axis| x.shape()[axis] as f64))
    }

    /// The images under maps `[a0, a1, a2, b0, b1, b2]` of so many numbers each.
    fn transform(&self, x: &Tensor, map: [&Tensor; 6]) -> Result<Tensor> {
        let none = ops::zeros_like(map[0])?;
        let all: Vec<&Tensor> = map.into_iter().chain([&none, &none]).collect();
        let rows = ops::stack(&all, -1)?;
        let rows = if x.rank() == 3 { ops::squeeze(&rows, 0)? } else { rows };
        affine_transform(x, &rows, self.options()?)
    }
}

/// How many images there are.
fn images(x: &Tensor) -> [usize; 1] {
    [if x.rank() == 4 { x.shape()[0] } else { 1 }]
}

macro_rules! affine {
    ($Layer:ident $class:literal) => {
        common_options!($Layer);
        setters! {
            $Layer;
            /// Makes the draws of the layer repeatable on their own.
            some seed: i64;
        }

        impl $Layer {
            /// What stands outside of the image: `"reflect"` (the default), `"wrap"`, `"constant"` or `"nearest"`.
            #[must_use]
            pub fn fill_mode(mut self, fill_mode: impl Into<String>) -> $Layer {
                self.pixels.fill_mode = fill_mode.into();
                self
            }

            /// How numbers between pixels are found: `"bilinear"` (the default) or `"nearest"`.
            #[must_use]
            pub fn interpolation(mut self, interpolation: impl Into<String>) -> $Layer {
                self.pixels.interpolation = interpolation.into();
                self
            }

            /// What stands outside with the fill mode `"constant"`.
            #[must_use]
            pub fn fill_value(mut self, fill_value: f64) -> $Layer {
                self.pixels.fill_value = fill_value;
                self
            }

            /// Where the channels stand.
            #[must_use]
            pub fn data_format(mut self, data_format: DataFormat) -> $Layer {
                self.pixels.data_format = data_format;
                self
            }
        }

        impl Layer for $Layer {
            basics!($class);

            fn config(&self) -> Config {
                let mut config = self.own_config();
                config.insert("seed".into(), json!(self.seed));
                self.pixels.write(&mut config);
                config
            }

            fn build(&mut self, cx: &mut BuildCx, _input: &Shape) -> Result<()> {
                self.built = Some((generator(self.seed), cx.compute_dtype()));
                Ok(())
            }

            fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
                let (generator, compute) = self.built.as_ref().ok_or_else(unbuilt)?;
                let x = cast(x, Some(*compute))?;
                if cx.training { self.moved(&x, generator) } else { Ok(x) }
            }

            fn output_shape(&self, input: &Shape) -> Result<Shape> {
                self.check()?;
                self.pixels.options()?;
                spatial(input, self.pixels.data_format)?;
                Ok(input.clone())
            }
        }
    };
}

/// Moves images up and down, and left and right, while training, by parts of their height and width that are drawn for each image.
///
/// - Shape: `(batch, height, width, channels)` or one image, unchanged, of floats.
/// - Defaults: what comes from outside is the image reflected; bilinear.
/// - Errors: an input that is no image; factors outside of -1 to 1; an unknown fill mode or interpolation.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, CallCx, RandomTranslation};
/// use rhyton_tensor::Tensor;
/// let down = AnyLayer::from(RandomTranslation::new((0.5, 0.5), 0.0).fill_mode("constant"));
/// let y = down.call_in(&Tensor::from([[[1.0f32]], [[2.0]]]), &CallCx::TRAINING)?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 1.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/image_preprocessing/random_translation.py`.
#[derive(Clone, Debug)]
pub struct RandomTranslation {
    height_factor: Factor,
    width_factor: Factor,
    seed: Option<i64>,
    pixels: Pixels,
    built: Option<(SeedGenerator, DType)>,
    pub(in crate::layers) options: LayerOptions,
}

affine!(RandomTranslation "RandomTranslation");

impl RandomTranslation {
    /// A layer that moves by these parts: `0.2` for -0.2 to 0.2, `(0.1, 0.3)` for 0.1 to 0.3. Positive ones move down and right.
    pub fn new(height_factor: impl Into<Factor>, width_factor: impl Into<Factor>) -> RandomTranslation {
        RandomTranslation {
            height_factor: height_factor.into(),
            width_factor: width_factor.into(),
            seed: None,
            pixels: Pixels::new(),
            built: None,
            options: LayerOptions::default(),
        }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<RandomTranslation> {
        let [height, width] = ["height_factor", "width_factor"].map(|key| required(r, key));
        let mut layer = RandomTranslation::new(height?, width?);
        layer.seed = r.i64("seed")?;
        layer.pixels.read(r)?;
        Ok(layer)
    }

    fn own_config(&self) -> Config {
        config([
            ("height_factor", self.height_factor.as_given()),
            ("width_factor", self.width_factor.as_given()),
        ])
    }

    fn check(&self) -> Result<()> {
        self.height_factor.check("height_factor", -1.0)?;
        self.width_factor.check("width_factor", -1.0)
    }

    fn moved(&self, x: &Tensor, generator: &SeedGenerator) -> Result<Tensor> {
        let ([height, width], n) = (self.pixels.size(x)?, images(x));
        let down = times(&self.height_factor.draw(generator, &n, DType::F32)?, -height)?;
        let right = times(&self.width_factor.draw(generator, &n, DType::F32)?, -width)?;
        let (one, none) = (ops::ones_like(&down)?, ops::zeros_like(&down)?);
        self.pixels.transform(x, [&one, &none, &right, &none, &one, &down])
    }
}

/// Turns images around their middle while training, by an angle that is drawn for each image.
///
/// - Shape: `(batch, height, width, channels)` or one image, unchanged, of floats.
/// - The factor is a part of a full turn: `0.1` for -36 to 36 degrees. Positive angles turn counter-clockwise.
/// - Defaults: what comes from outside is the image reflected; bilinear.
/// - Errors: an input that is no image; a factor outside of -1 to 1; an unknown fill mode or interpolation.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, CallCx, RandomRotation};
/// use rhyton_tensor::Tensor;
/// let half = AnyLayer::from(RandomRotation::new((0.5, 0.5)).interpolation("nearest"));
/// let y = half.call_in(&Tensor::from([[[1.0f32], [2.0]], [[3.0], [4.0]]]), &CallCx::TRAINING)?;
/// assert_eq!(y.to_vec::<f32>()?, [4.0, 3.0, 2.0, 1.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/image_preprocessing/random_rotation.py`.
#[derive(Clone, Debug)]
pub struct RandomRotation {
    factor: Factor,
    seed: Option<i64>,
    pixels: Pixels,
    built: Option<(SeedGenerator, DType)>,
    pub(in crate::layers) options: LayerOptions,
}

affine!(RandomRotation "RandomRotation");

impl RandomRotation {
    /// A layer that turns by these parts of a full turn: `0.2` for -0.2 to 0.2, `(0.1, 0.3)` for 0.1 to 0.3.
    pub fn new(factor: impl Into<Factor>) -> RandomRotation {
        let options = LayerOptions::default();
        RandomRotation { factor: factor.into(), seed: None, pixels: Pixels::new(), built: None, options }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<RandomRotation> {
        let mut layer = RandomRotation::new(required(r, "factor")?);
        layer.seed = r.i64("seed")?;
        layer.pixels.read(r)?;
        Ok(layer)
    }

    fn own_config(&self) -> Config {
        config([("factor", self.factor.json())])
    }

    fn check(&self) -> Result<()> {
        self.factor.check("factor", -1.0)
    }

    fn moved(&self, x: &Tensor, generator: &SeedGenerator) -> Result<Tensor> {
        let [height, width] = self.pixels.size(x)?;
        let angle = times(&self.factor.draw(generator, &images(x), DType::F32)?, std::f64::consts::TAU)?;
        let (cos, sin) = (ops::cos(&angle)?, ops::sin(&angle)?);
        let against = ops::negative(&sin)?;
        let (cx, cy) = ((width - 1.0) / 2.0, (height - 1.0) / 2.0);
        // The middle stays where it is.
        let rest = |c: f64, a: &Tensor, b: &Tensor| minus(c, &ops::add(&times(a, cx)?, &times(b, cy)?)?);
        let (right, down) = (rest(cx, &cos, &against)?, rest(cy, &sin, &cos)?);
        self.pixels.transform(x, [&cos, &against, &right, &sin, &cos, &down])
    }
}

/// Zooms into images, or out of them, while training, by factors that are drawn for each image.
///
/// - Shape: `(batch, height, width, channels)` or one image, unchanged, of floats.
/// - Negative factors zoom in and positive ones out: with `0.3` the image shows 1.3 times its height. Without a factor for the width, its
///   is that of the height.
/// - Defaults: what comes from outside is the image reflected; bilinear.
/// - Errors: an input that is no image; factors outside of -1 to 1; an unknown fill mode or interpolation.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, CallCx, RandomZoom};
/// use rhyton_tensor::{DType, ops};
/// let zoom = AnyLayer::from(RandomZoom::new(0.2));
/// assert_eq!(zoom.call_in(&ops::ones([4, 9, 9, 3], DType::F32)?, &CallCx::TRAINING)?.shape(), [4, 9, 9, 3]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/image_preprocessing/random_zoom.py`.
#[derive(Clone, Debug)]
pub struct RandomZoom {
    height_factor: Factor,
    width_factor: Option<Factor>,
    seed: Option<i64>,
    pixels: Pixels,
    built: Option<(SeedGenerator, DType)>,
    pub(in crate::layers) options: LayerOptions,
}

affine!(RandomZoom "RandomZoom");

impl RandomZoom {
    /// A layer that zooms by these factors: `0.2` for -0.2 to 0.2, `(0.1, 0.3)` for 0.1 to 0.3.
    pub fn new(height_factor: impl Into<Factor>) -> RandomZoom {
        RandomZoom {
            height_factor: height_factor.into(),
            width_factor: None,
            seed: None,
            pixels: Pixels::new(),
            built: None,
            options: LayerOptions::default(),
        }
    }

    /// Draws a factor of its own for the width.
    #[must_use]
    pub fn width_factor(mut self, width_factor: impl Into<Factor>) -> RandomZoom {
        self.width_factor = Some(width_factor.into());
        self
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<RandomZoom> {
        let mut layer = RandomZoom::new(required(r, "height_factor")?);
        layer.width_factor = Factor::read(r, "width_factor")?;
        layer.seed = r.i64("seed")?;
        layer.pixels.read(r)?;
        Ok(layer)
    }

    fn own_config(&self) -> Config {
        let width = self.width_factor.as_ref().map_or(Value::Null, Factor::as_given);
        config([("height_factor", self.height_factor.as_given()), ("width_factor", width)])
    }

    fn check(&self) -> Result<()> {
        self.height_factor.check("height_factor", -1.0)?;
        self.width_factor.as_ref().map_or(Ok(()), |f| f.check("width_factor", -1.0))
    }

    fn moved(&self, x: &Tensor, generator: &SeedGenerator) -> Result<Tensor> {
        let ([height, width], n) = (self.pixels.size(x)?, images(x));
        let zoom = |f: &Factor| generator.uniform(n, 1.0 + f.low, 1.0 + f.high, DType::F32);
        let high = zoom(&self.height_factor)?;
        let wide = self.width_factor.as_ref().map_or_else(|| Ok(high.clone()), zoom)?;
        let rest = |size: f64, zoom: &Tensor| times(&minus(1.0, zoom)?, (size - 1.0) / 2.0);
        let (right, down, none) = (rest(width, &wide)?, rest(height, &high)?, ops::zeros_like(&high)?);
        self.pixels.transform(x, [&wide, &none, &right, &none, &high, &down])
    }
}

fn required(r: &mut ConfigReader, key: &'static str) -> Result<Factor> {
    Factor::read(r, key)?.ok_or_else(|| Error::format(format!("key {key:?} is missing")))
}
