//! What all convolutions have in common: their arguments, weights, files and shapes.

use crate::activations::Activation;
use crate::config::{DataFormat, image_data_format};
use crate::layers::build::BuildCx;
use crate::layers::dense::{BIAS, KERNEL};
use crate::layers::layer::{LayerOptions, expect_rank, unbuilt};
use crate::layers::reader::{ConfigReader, activation_json, regularizer_json};
use crate::layers::reshaping::{axes_of, first_spatial};
use crate::layers::weight_spec::{Keys, WeightSpec};
use crate::layers::windows::{padding, read_sizes, sizes_json, sizes_of, span, windows};
use crate::spec::{Config, Spec};
use rhyton_base::{Dim, Error, Result, Shape};
use rhyton_tensor::ops::{ConvOptions, PadMode, Padding, Sizes};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::Value;
use std::sync::Arc;

/// How windows become numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Each filter sees all channels of its group.
    Plain,
    /// The other way: each place is spread over a window.
    Transposed,
    /// Each channel has filters of its own.
    Depthwise,
    /// Each channel has filters of its own, and all of those are mixed.
    Separable,
}

/// The arguments and weights of a convolution.
pub(super) struct Core {
    kind: Kind,
    axes: usize,
    filters: usize,
    kernel_size: Sizes,
    pub depth_multiplier: usize,
    pub strides: Sizes,
    pub padding: String,
    pub output_padding: Option<Sizes>,
    pub data_format: DataFormat,
    pub dilation_rate: Sizes,
    pub groups: usize,
    pub activation: Spec<Activation>,
    pub use_bias: bool,
    pub kernel: WeightSpec,
    pub pointwise: WeightSpec,
    pub bias: WeightSpec,
    built: Option<Built>,
}

struct Built {
    kernel: Variable,
    pointwise: Option<Variable>,
    bias: Option<Variable>,
    activation: Arc<Activation>,
    channels: usize,
}

const DEPTHWISE: Keys = ["depthwise_initializer", "depthwise_regularizer", "depthwise_constraint"];
const POINTWISE: Keys = ["pointwise_initializer", "pointwise_regularizer", "pointwise_constraint"];

/// Sizes and steps along each axis, checked.
struct Steps {
    sizes: Vec<usize>,
    strides: Vec<usize>,
    dilations: Vec<usize>,
    extra: Option<Vec<usize>>,
}

impl Core {
    pub fn new(kind: Kind, axes: usize, filters: usize, kernel_size: Sizes) -> Core {
        Core {
            kind,
            axes,
            filters,
            kernel_size,
            depth_multiplier: 1,
            strides: Sizes::from(1),
            padding: "valid".into(),
            output_padding: None,
            data_format: image_data_format(),
            dilation_rate: Sizes::from(1),
            groups: 1,
            activation: Spec::from("linear"),
            use_bias: true,
            kernel: WeightSpec::new("glorot_uniform"),
            pointwise: WeightSpec::new("glorot_uniform"),
            bias: WeightSpec::new("zeros"),
            built: None,
        }
    }

    /// Whether channels have filters of their own.
    fn by_channel(&self) -> bool {
        matches!(self.kind, Kind::Depthwise | Kind::Separable)
    }

    fn kernel_keys(&self) -> Keys {
        if self.by_channel() { DEPTHWISE } else { KERNEL }
    }

    pub fn read(kind: Kind, axes: usize, r: &mut ConfigReader) -> Result<Core> {
        let filters = if kind == Kind::Depthwise { 0 } else { r.required_usize("filters")? };
        let size = read_sizes(r, "kernel_size")?;
        let size = size.ok_or_else(|| Error::format("key \"kernel_size\" is missing"))?;
        let mut core = Core::new(kind, axes, filters, size);
        core.strides = read_sizes(r, "strides")?.unwrap_or(core.strides);
        core.dilation_rate = read_sizes(r, "dilation_rate")?.unwrap_or(core.dilation_rate);
        core.padding = r.text("padding")?.unwrap_or(core.padding);
        core.data_format = r.data_format("data_format")?.unwrap_or(core.data_format);
        core.activation = r.activation("activation")?;
        core.use_bias = r.bool("use_bias")?.unwrap_or(true);
        core.kernel.read(r, core.kernel_keys())?;
        core.bias.read(r, BIAS)?;
        if core.by_channel() {
            core.depth_multiplier = r.usize("depth_multiplier")?.unwrap_or(1);
        }
        // Old files have this key for all convolutions.
        core.groups = r.usize("groups")?.unwrap_or(1);
        match kind {
            Kind::Plain => r.refuse_unless_null("lora_rank")?,
            Kind::Transposed => core.output_padding = read_sizes(r, "output_padding")?,
            Kind::Depthwise => (),
            Kind::Separable => core.pointwise.read(r, POINTWISE)?,
        }
        if kind != Kind::Plain && core.groups != 1 {
            return Err(Error::unsupported(format!("key \"groups\": expected 1, got {}", core.groups)));
        }
        Ok(core)
    }

    pub fn config(&self, options: &LayerOptions) -> Config {
        let sizes = |s: &Sizes| sizes_json(s, self.axes);
        let mut config = crate::arguments::config([
            ("kernel_size", sizes(&self.kernel_size)),
            ("strides", sizes(&self.strides)),
            ("padding", Value::from(self.padding.to_lowercase())),
            ("data_format", Value::from(self.data_format.to_string())),
            ("dilation_rate", sizes(&self.dilation_rate)),
            ("activation", activation_json(&self.activation)),
            ("use_bias", Value::from(self.use_bias)),
            ("activity_regularizer", regularizer_json(options.activity_regularizer.as_ref())),
        ]);
        self.kernel.write(&mut config, self.kernel_keys());
        self.bias.write(&mut config, BIAS);
        let mut put = |key: &str, value: Value| config.insert(key.to_string(), value);
        if self.kind != Kind::Depthwise {
            put("filters", Value::from(self.filters));
        }
        if self.by_channel() {
            put("depth_multiplier", Value::from(self.depth_multiplier));
        }
        match self.kind {
            Kind::Plain => drop(put("groups", Value::from(self.groups))),
            Kind::Transposed => {
                let padding = self.output_padding.as_ref().map_or(Value::Null, sizes);
                put("output_padding", padding);
            }
            Kind::Depthwise => (),
            Kind::Separable => self.pointwise.write(&mut config, POINTWISE),
        }
        config
    }

    /// Whether the windows of this layer see nothing behind them.
    fn is_causal(&self) -> bool {
        self.kind == Kind::Plain && self.axes == 1 && self.padding.eq_ignore_ascii_case("causal")
    }

    fn padding(&self) -> Result<Padding> {
        if self.is_causal() { Ok(Padding::Same) } else { padding(&self.padding) }
    }

    fn steps(&self) -> Result<Steps> {
        let steps = Steps {
            sizes: sizes_of("kernel_size", &self.kernel_size, self.axes)?,
            strides: sizes_of("strides", &self.strides, self.axes)?,
            dilations: sizes_of("dilation_rate", &self.dilation_rate, self.axes)?,
            extra: self.output_padding.as_ref().map(|p| p.along(self.axes)).transpose()?,
        };
        let wide = |list: &[usize]| list.iter().any(|&n| n > 1);
        if !self.by_channel() && wide(&steps.strides) && wide(&steps.dilations) {
            return Err(Error::value(format!(
                "strides {:?} and a dilation rate {:?} above 1 do not go together",
                steps.strides, steps.dilations
            )));
        }
        if let Some(extra) = &steps.extra
            && extra.iter().zip(&steps.strides).any(|(p, s)| p >= s)
        {
            return Err(Error::value(format!(
                "expected output_padding smaller than strides {:?}, got {extra:?}",
                steps.strides
            )));
        }
        Ok(steps)
    }

    fn channel_axis(&self) -> usize {
        match self.data_format {
            DataFormat::ChannelsLast => self.axes + 1,
            DataFormat::ChannelsFirst => 1,
        }
    }

    /// How many channels the result has, of so many.
    fn results(&self, channels: usize) -> Result<usize> {
        if self.kind != Kind::Depthwise {
            return Ok(self.filters);
        }
        let wide =
            || Error::value(format!("{channels} channels times {} are too many", self.depth_multiplier));
        channels.checked_mul(self.depth_multiplier).ok_or_else(wide)
    }

    /// An error where the arguments make no sense, whatever the input.
    fn check(&self) -> Result<()> {
        if self.kind != Kind::Depthwise && self.filters == 0 {
            return Err(Error::value("expected at least 1 filter, got 0"));
        }
        if self.depth_multiplier == 0 || self.groups == 0 {
            let what = if self.groups == 0 { "groups" } else { "depth_multiplier" };
            return Err(Error::value(format!("expected {what} of 1 or more, got 0")));
        }
        if !self.filters.is_multiple_of(self.groups) {
            return Err(Error::value(format!(
                "expected filters that are a multiple of the {} groups, got {}",
                self.groups, self.filters
            )));
        }
        Ok(())
    }

    pub fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.check()?;
        let (steps, padding) = (self.steps()?, self.padding()?);
        expect_rank(input, self.axes + 2, axes_of(self.axes, self.data_format))?;
        let mut dims = input.dims().to_vec();
        let channels = dims[self.channel_axis()];
        if let (Some(built), Some(got)) = (&self.built, channels.known())
            && built.channels != got
        {
            return Err(Error::shape(format!(
                "expected {} channels, got {got} (input shape {input}, {}); give it such data, or make a new layer \
                 for this data",
                built.channels, self.data_format
            )));
        }
        if let Some(n) = channels.known()
            && !n.is_multiple_of(self.groups)
        {
            return Err(Error::shape(format!(
                "expected channels that are a multiple of the {} groups, got {n} (input shape {input}, {})",
                self.groups, self.data_format
            )));
        }
        let first = first_spatial(self.data_format);
        for i in 0..self.axes {
            let (axis, span) = (first + i, span(steps.sizes[i], steps.dilations[i]));
            dims[axis] = match self.kind {
                Kind::Transposed => {
                    spread(dims[axis], span, steps.strides[i], &padding, steps.extra.as_ref().map(|e| e[i]))
                }
                _ => windows(axis, dims[axis], span, steps.strides[i], padding)?,
            };
        }
        dims[self.channel_axis()] = match channels.known() {
            Some(n) => Dim::Known(self.results(n)?),
            None if self.kind == Kind::Depthwise => Dim::Unknown,
            None => Dim::Known(self.filters),
        };
        Ok(Shape::from(dims))
    }

    pub fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        self.output_shape(input)?;
        let channels = cx.axis(input, self.channel_axis())?;
        let activation = self.activation.resolve()?;
        let window = self.steps()?.sizes;
        let with = |last: [usize; 2]| window.iter().copied().chain(last).collect::<Vec<_>>();
        let shape = match self.kind {
            Kind::Plain => with([channels / self.groups, self.filters]),
            Kind::Transposed => with([self.filters, channels]),
            Kind::Depthwise | Kind::Separable => with([channels, self.depth_multiplier]),
        };
        let separable = self.kind == Kind::Separable;
        let kernel = self.kernel.build(cx, if separable { "depthwise_kernel" } else { "kernel" }, shape)?;
        let mut mixing = vec![1; self.axes];
        mixing.extend([channels.saturating_mul(self.depth_multiplier), self.filters]);
        let pointwise = self.pointwise.build_if(separable, cx, "pointwise_kernel", mixing)?;
        let bias = self.bias.build_if(self.use_bias, cx, "bias", [self.results(channels)?])?;
        self.built = Some(Built { kernel, pointwise, bias, activation, channels });
        Ok(())
    }

    pub fn call(&self, x: &Tensor) -> Result<Tensor> {
        let built = self.built.as_ref().ok_or_else(unbuilt)?;
        let steps = self.steps()?;
        let mut options = ConvOptions::new()
            .strides(self.strides.clone())
            .dilation_rate(self.dilation_rate.clone())
            .data_format(self.data_format);
        let kernel = built.kernel.value();
        let mut y = match (&built.pointwise, self.kind) {
            (Some(pointwise), _) => {
                ops::separable_conv(x, &kernel, &pointwise.value(), options.padding(self.padding()?))?
            }
            (None, Kind::Depthwise) => ops::depthwise_conv(x, &kernel, options.padding(self.padding()?))?,
            (None, Kind::Transposed) => {
                options = options.padding(self.padding()?);
                if let Some(extra) = steps.extra {
                    options = options.output_padding(extra);
                }
                ops::conv_transpose(x, &kernel, options)?
            }
            _ if self.is_causal() => {
                let mut around = [(0, 0); 3];
                around[first_spatial(self.data_format)].0 = span(steps.sizes[0], steps.dilations[0]) - 1;
                ops::conv(&ops::pad(x, &around, PadMode::constant(0))?, &kernel, options)?
            }
            _ => ops::conv(x, &kernel, options.padding(self.padding()?))?,
        };
        if let Some(bias) = &built.bias {
            let mut bias = bias.value();
            if self.data_format == DataFormat::ChannelsFirst {
                let mut shape = vec![bias.shape()[0]];
                shape.extend(vec![1; self.axes]);
                bias = ops::reshape(&bias, shape)?;
            }
            y = ops::add(&y, &bias)?;
        }
        built.activation.call(&y)
    }
}

/// The size of an axis after each of its places has been spread over a window.
fn spread(n: Dim, span: usize, stride: usize, padding: &Padding, extra: Option<usize>) -> Dim {
    let Some(n) = n.known() else { return Dim::Unknown };
    let reach = n.saturating_sub(1).saturating_mul(stride);
    Dim::Known(match (padding, extra) {
        (Padding::Valid, None) => reach.saturating_add(span.max(stride)),
        (Padding::Valid, Some(p)) => reach.saturating_add(span).saturating_add(p),
        (Padding::Same, None) => n.saturating_mul(stride),
        (Padding::Same, Some(p)) => reach.saturating_add(span % 2).saturating_add(p),
    })
}
