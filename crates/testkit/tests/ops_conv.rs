//! Convolution and pooling against Keras.

use rhyton::ops::{self, ConvOptions, DataFormat, Padding, PoolOptions, Sizes, UnfoldOptions};
use rhyton::{Result, Tensor};
use rhyton_testkit::cases::{Kw, run};
use rhyton_testkit::fuzz::skipped;

fn sizes(kw: &Kw, name: &str) -> Option<Sizes> {
    kw.get(name).map(|v| match v.as_i64() {
        Some(n) => Sizes::from(n as usize),
        None => Sizes::from(kw.sizes(name).expect("sizes")),
    })
}

fn format(kw: &Kw) -> Result<DataFormat> {
    kw.text("data_format").map_or(Ok(DataFormat::ChannelsLast), str::parse)
}

fn padding(kw: &Kw) -> Result<Padding> {
    kw.text("padding").map_or(Ok(Padding::Valid), str::parse)
}

fn conv_options(kw: &Kw) -> Result<ConvOptions> {
    let mut o = ConvOptions::new().padding(padding(kw)?).data_format(format(kw)?);
    if let Some(s) = sizes(kw, "strides") {
        o = o.strides(s);
    }
    if let Some(d) = sizes(kw, "dilation_rate") {
        o = o.dilation_rate(d);
    }
    if let Some(p) = sizes(kw, "output_padding") {
        o = o.output_padding(p);
    }
    Ok(o)
}

fn pool_options(kw: &Kw) -> Result<PoolOptions> {
    let o = PoolOptions::new().padding(padding(kw)?).data_format(format(kw)?);
    Ok(match sizes(kw, "strides") {
        Some(s) => o.strides(s),
        None => o,
    })
}

fn unfold_options(kw: &Kw) -> UnfoldOptions {
    let mut o = UnfoldOptions::new();
    if let Some(s) = sizes(kw, "stride") {
        o = o.stride(s);
    }
    if let Some(s) = sizes(kw, "padding") {
        o = o.padding(s);
    }
    if let Some(s) = sizes(kw, "dilation") {
        o = o.dilation(s);
    }
    o
}

fn wide(kw: &Kw, name: &str) -> bool {
    let numbers = kw.ints(name).or_else(|| kw.int(name).map(|n| vec![n]));
    numbers.is_some_and(|n| n.contains(&100))
}

fn dispatch(name: &str, x: &[Tensor], kw: &Kw) -> Result<Vec<Tensor>> {
    let size = |name: &str| sizes(kw, name).expect("a size");
    let y = match name {
        "conv" => ops::conv(&x[0], &x[1], conv_options(kw)?),
        // Wide strides make large results.
        "conv_transpose" if wide(kw, "strides") || wide(kw, "output_padding") => skipped(),
        "conv_transpose" => ops::conv_transpose(&x[0], &x[1], conv_options(kw)?),
        "depthwise_conv" => ops::depthwise_conv(&x[0], &x[1], conv_options(kw)?),
        "separable_conv" => ops::separable_conv(&x[0], &x[1], &x[2], conv_options(kw)?),
        "max_pool" => ops::max_pool(&x[0], size("pool_size"), pool_options(kw)?),
        "average_pool" => ops::average_pool(&x[0], size("pool_size"), pool_options(kw)?),
        "adaptive_max_pool" => ops::adaptive_max_pool(&x[0], size("output_size"), format(kw)?),
        "adaptive_average_pool" => ops::adaptive_average_pool(&x[0], size("output_size"), format(kw)?),
        "unfold" => ops::unfold(&x[0], size("kernel_size"), unfold_options(kw)),
        "fold" => ops::fold(&x[0], size("output_size"), size("kernel_size"), unfold_options(kw)),
        other => panic!("a function called {other}"),
    };
    Ok(vec![y?])
}

#[test]
fn conv() {
    run("conv", dispatch);
}

#[test]
fn wrong_calls_are_errors() {
    rhyton_testkit::fuzz::run("conv", dispatch);
}
