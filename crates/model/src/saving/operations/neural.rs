//! Activations, normalization and other functions of networks; linear algebra.

use super::Row;
use super::arguments::Arguments;
use rhyton_base::Result;
use rhyton_tensor::{Tensor, ops};

macro_rules! one {
    ($class:literal $f:path) => {
        ($class, "nn", |a| Ok(vec![$f(&a.only()?)?]))
    };
}

fn pool_options(a: &Arguments) -> Result<ops::PoolOptions> {
    let options = ops::PoolOptions::new().padding(a.parsed("padding")?).data_format(a.parsed("data_format")?);
    Ok(match a.maybe_ints("strides")? {
        Some(_) => options.strides(a.sizes("strides")?),
        None => options,
    })
}

fn conv_options(a: &Arguments) -> Result<ops::ConvOptions> {
    let mut options =
        ops::ConvOptions::new().padding(a.parsed("padding")?).data_format(a.parsed("data_format")?);
    if a.maybe_ints("strides")?.is_some() {
        options = options.strides(sizes(a, "strides")?);
    }
    if a.maybe_ints("dilation_rate")?.is_some() {
        options = options.dilation_rate(sizes(a, "dilation_rate")?);
    }
    if a.maybe_ints("output_padding")?.is_some() {
        options = options.output_padding(sizes(a, "output_padding")?);
    }
    Ok(options)
}

/// One size for all axes, or one for each.
fn sizes(a: &Arguments, key: &str) -> Result<ops::Sizes> {
    let all = a.sizes(key)?;
    Ok(match (a.own(key), all.as_slice()) {
        (rhyton_tensor::Attr::Int(_), [one]) => (*one).into(),
        _ => all.into(),
    })
}

fn pair((a, b): (Tensor, Tensor)) -> Vec<Tensor> {
    vec![a, b]
}

pub(super) const TABLE: &[Row] = &[
    one!("Relu" ops::relu),
    one!("Relu6" ops::relu6),
    one!("Sigmoid" ops::sigmoid),
    one!("SparseSigmoid" ops::sparse_sigmoid),
    one!("Softplus" ops::softplus),
    one!("Softsign" ops::softsign),
    one!("SparsePlus" ops::sparse_plus),
    one!("Silu" ops::silu),
    one!("LogSigmoid" ops::log_sigmoid),
    one!("HardSigmoid" ops::hard_sigmoid),
    one!("HardSilu" ops::hard_silu),
    one!("Selu" ops::selu),
    one!("TanhShrink" ops::tanh_shrink),
    one!("HardTanh" ops::hard_tanh),
    ("SoftShrink", "nn", |a| Ok(vec![ops::soft_shrink(&a.only()?, a.float("threshold", 0.5)?)?])),
    ("HardShrink", "nn", |a| Ok(vec![ops::hard_shrink(&a.only()?, a.float("threshold", 0.5)?)?])),
    ("Squareplus", "nn", |a| Ok(vec![ops::squareplus(&a.only()?, a.float("b", 4.0)?)?])),
    ("LeakyRelu", "nn", |a| Ok(vec![ops::leaky_relu(&a.only()?, a.float("negative_slope", 0.2)?)?])),
    ("Elu", "nn", |a| Ok(vec![ops::elu(&a.only()?, a.float("alpha", 1.0)?)?])),
    ("Celu", "nn", |a| Ok(vec![ops::celu(&a.only()?, a.float("alpha", 1.0)?)?])),
    ("Gelu", "nn", |a| Ok(vec![ops::gelu(&a.only()?, a.bool_or("approximate", true)?)?])),
    ("Glu", "nn", |a| Ok(vec![ops::glu(&a.only()?, a.int("axis", -1)?)?])),
    ("Threshold", "nn", |a| {
        Ok(vec![ops::threshold(&a.only()?, a.float("threshold", 0.0)?, a.float("default_value", 0.0)?)?])
    }),
    ("Softmax", "nn", |a| Ok(vec![ops::softmax(&a.only()?, a.axes_or_last()?)?])),
    ("LogSoftmax", "nn", |a| Ok(vec![ops::log_softmax(&a.only()?, a.axes_or_last()?)?])),
    ("Sparsemax", "nn", |a| Ok(vec![ops::sparsemax(&a.only()?, a.int("axis", -1)?)?])),
    ("MaxPool", "nn", |a| Ok(vec![ops::max_pool(&a.only()?, sizes(a, "pool_size")?, pool_options(a)?)?])),
    ("AveragePool", "nn", |a| {
        Ok(vec![ops::average_pool(&a.only()?, sizes(a, "pool_size")?, pool_options(a)?)?])
    }),
    ("Conv", "nn", |a| {
        let (x, kernel) = a.two()?;
        Ok(vec![ops::conv(&x, &kernel, conv_options(a)?)?])
    }),
    ("DepthwiseConv", "nn", |a| {
        let (x, kernel) = a.two()?;
        Ok(vec![ops::depthwise_conv(&x, &kernel, conv_options(a)?)?])
    }),
    ("ConvTranspose", "nn", |a| {
        let (x, kernel) = a.two()?;
        Ok(vec![ops::conv_transpose(&x, &kernel, conv_options(a)?)?])
    }),
    ("OneHot", "nn", |a| {
        let dtype = a.maybe_dtype("dtype")?.unwrap_or_else(rhyton_nn::floatx);
        Ok(vec![ops::one_hot(&a.only()?, a.size("num_classes")?, a.int("axis", -1)?, dtype)?])
    }),
    ("MultiHot", "nn", |a| {
        let dtype = a.maybe_dtype("dtype")?.unwrap_or_else(rhyton_nn::floatx);
        Ok(vec![ops::multi_hot(&a.only()?, a.size("num_classes")?, a.int("axis", -1)?, dtype)?])
    }),
    ("Moments", "nn", |a| {
        let axes = rhyton_tensor::Axes::from(a.ints("axes")?.as_slice());
        let axes = if a.bool("keepdims")? { axes.keepdims() } else { axes };
        Ok(pair(ops::moments(&a.only()?, axes)?))
    }),
    ("Normalize", "nn", |a| {
        let order = a.maybe_size("order")?.unwrap_or(2);
        Ok(vec![ops::normalize(&a.tensor(0, "x")?, a.axes_or_last()?, order, a.maybe_float("epsilon")?)?])
    }),
    ("BatchNorm", "nn", |a| {
        let (offset, scale) = (a.maybe(3, "offset")?, a.maybe(4, "scale")?);
        let (mean, variance) = (a.tensor(1, "mean")?, a.tensor(2, "variance")?);
        let (axis, epsilon) = (a.int("axis", -1)?, a.float("epsilon", 1e-3)?);
        let x = a.tensor(0, "x")?;
        Ok(vec![ops::batch_normalization(
            &x,
            &mean,
            &variance,
            axis,
            offset.as_ref(),
            scale.as_ref(),
            epsilon,
        )?])
    }),
    ("RMSNorm", "nn", |a| {
        let scale = a.maybe(1, "scale")?;
        let epsilon = a.maybe_float("epsilon")?;
        Ok(vec![ops::rms_normalization(&a.tensor(0, "x")?, scale.as_ref(), a.axes_or_last()?, epsilon)?])
    }),
    ("LayerNorm", "nn", |a| {
        let (gamma, beta) = (a.maybe(1, "gamma")?, a.maybe(2, "beta")?);
        let (x, axes) = (a.tensor(0, "x")?, a.axes_or_last()?);
        Ok(vec![ops::layer_normalization(
            &x,
            gamma.as_ref(),
            beta.as_ref(),
            axes,
            a.maybe_float("epsilon")?,
        )?])
    }),
    ("BinaryCrossentropy", "nn", |a| {
        let (target, output) = a.two()?;
        Ok(vec![ops::binary_crossentropy(&target, &output, a.bool("from_logits")?)?])
    }),
    ("CategoricalCrossentropy", "nn", |a| {
        let (target, output) = a.two()?;
        Ok(vec![ops::categorical_crossentropy(&target, &output, a.bool("from_logits")?, a.int("axis", -1)?)?])
    }),
    ("DotProductAttention", "nn", |a| {
        let mut options = ops::AttentionOptions::new().is_causal(a.bool("is_causal")?);
        if let Some(bias) = a.maybe(3, "bias")? {
            options = options.bias(&bias);
        }
        if let Some(mask) = a.maybe(4, "mask")? {
            options = options.mask(&mask);
        }
        if let Some(scale) = a.maybe_float("scale")? {
            options = options.scale(scale);
        }
        let (q, k, v) = (a.tensor(0, "query")?, a.tensor(1, "key")?, a.tensor(2, "value")?);
        Ok(vec![ops::dot_product_attention(&q, &k, &v, options)?])
    }),
    ("DepthToSpace", "nn", |a| {
        let format = a.text("data_format")?.unwrap_or("channels_last");
        Ok(vec![ops::depth_to_space(&a.only()?, a.size("block_size")?, format)?])
    }),
    ("SpaceToDepth", "nn", |a| {
        let format = a.text("data_format")?.unwrap_or("channels_last");
        Ok(vec![ops::space_to_depth(&a.only()?, a.size("block_size")?, format)?])
    }),
    ("Cholesky", "linalg", |a| Ok(vec![ops::cholesky(&a.only()?, a.bool("upper")?)?])),
    ("Det", "linalg", |a| Ok(vec![ops::det(&a.only()?)?])),
    ("Inv", "linalg", |a| Ok(vec![ops::inv(&a.only()?)?])),
    ("Logdet", "math", |a| Ok(vec![ops::logdet(&a.only()?)?])),
    ("Solve", "linalg", |a| {
        let (x, y) = a.two()?;
        Ok(vec![ops::solve(&x, &y)?])
    }),
    ("Norm", "linalg", |a| {
        use rhyton_tensor::Attr;
        let order = match a.own("ord") {
            Attr::None => None,
            Attr::Text(name) if name == "fro" => Some(ops::NormOrder::Frobenius),
            Attr::Text(name) if name == "nuc" => Some(ops::NormOrder::Nuclear),
            _ => Some(ops::NormOrder::P(a.float("ord", 2.0)?)),
        };
        let axes = a.maybe_ints("axis")?;
        Ok(vec![ops::norm(&a.only()?, order, axes.as_deref(), a.bool("keepdims")?)?])
    }),
    ("CDist", "math", |a| {
        let (x, y) = a.two()?;
        Ok(vec![ops::cdist(&x, &y)?])
    }),
];
