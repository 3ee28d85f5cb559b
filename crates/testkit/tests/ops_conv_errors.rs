//! What convolution and pooling say of wrong calls.

use rhyton::ops::{self, ConvOptions, DataFormat, Padding, PoolOptions, UnfoldOptions};
use rhyton::{DType, Result, Tensor};

fn x(shape: &[usize]) -> Tensor {
    ops::zeros(shape, DType::F32).unwrap()
}

#[test]
fn wrong_calls() {
    let (conv, pool, columns) = (ConvOptions::new, PoolOptions::new, UnfoldOptions::new);
    let image = x(&[1, 4, 4, 3]);
    let truth = ops::zeros([1, 4, 3], DType::Bool).unwrap();
    let (last, first) = (DataFormat::ChannelsLast, DataFormat::ChannelsFirst);
    let cases: Vec<(Result<Tensor>, &str)> = vec![
        (
            ops::conv(&x(&[4, 3]), &x(&[2, 3]), conv()),
            "conv: expected a batch axis, 1 to 3 spatial axes and channels, got shape (4, 3)",
        ),
        (
            ops::conv(&x(&[1, 2, 2, 2, 2, 1]), &x(&[1, 1, 1, 1, 1, 1]), conv()),
            "conv: expected a batch axis, 1 to 3 spatial axes and channels, got shape (1, 2, 2, 2, 2, 1)",
        ),
        (
            ops::conv(&image, &x(&[2, 3, 4]), conv()),
            "conv: expected a kernel of rank 4 for inputs of shape (1, 4, 4, 3), got shape (2, 3, 4)",
        ),
        (
            ops::conv(&image, &x(&[2, 2, 2, 4]), conv()),
            "conv: expected input channels that are a multiple of the kernel's 2, got 3",
        ),
        (
            ops::conv(&image, &x(&[2, 2, 1, 4]), conv()),
            "conv: expected a number of filters that is a multiple of the 3 groups of channels, got 4",
        ),
        (
            ops::conv(&image, &x(&[2, 2, 5, 4]), conv()),
            "conv: expected input channels that are a multiple of the kernel's 5, got 3",
        ),
        (
            ops::conv(&image, &x(&[5, 2, 3, 4]), conv()),
            "conv: a window of 5 does not fit into axis 1 of 4 elements; use padding \"same\" or a smaller kernel",
        ),
        (
            ops::conv(&image, &x(&[2, 2, 3, 4]), conv().dilation_rate(4)),
            "conv: a window of 5 does not fit into axis 1 of 4 elements; use padding \"same\" or a smaller kernel",
        ),
        (
            ops::conv(&image, &x(&[2, 2, 3, 4]), conv().strides(0)),
            "conv: expected strides of 1 to 1073741824, got [0, 0]",
        ),
        (
            ops::conv(&image, &x(&[2, 2, 3, 4]), conv().strides([1, 1, 1])),
            "conv: expected a number or 2 numbers, got [1, 1, 1]",
        ),
        (
            ops::conv(&image, &x(&[2, 2, 3, 4]), conv().dilation_rate(0)),
            "conv: expected a dilation rate of 1 to 1073741824, got [0, 0]",
        ),
        (
            ops::conv(&image, &x(&[2, 2, 3, 4]), conv().dilation_rate(usize::MAX).padding(Padding::Same)),
            "conv: expected a dilation rate of 1 to 1073741824, got [18446744073709551615, 18446744073709551615]",
        ),
        (
            ops::conv(&image, &x(&[2, 2, 3, 4]), conv().output_padding(1)),
            "conv: output_padding is for conv_transpose only; leave it out",
        ),
        (
            ops::conv(&truth, &truth, conv().padding(Padding::Same)),
            "conv: expected input channels that are a multiple of the kernel's 4, got 3",
        ),
        (
            ops::depthwise_conv(&image, &x(&[2, 2, 4, 1]), conv()),
            "depthwise_conv: expected 4 input channels, as the kernel has, got 3",
        ),
        (
            ops::depthwise_conv(&image, &x(&[2, 2]), conv()),
            "depthwise_conv: expected a kernel of rank 4 for inputs of shape (1, 4, 4, 3), got shape (2, 2)",
        ),
        (
            ops::separable_conv(&image, &x(&[2, 2, 3, 1]), &x(&[1, 1, 4, 2]), conv()),
            "separable_conv: expected 4 input channels, as the kernel has, got 3",
        ),
        (
            ops::separable_conv(&image, &x(&[2, 2, 3, 1]), &x(&[1, 2, 3, 2]), conv()),
            "separable_conv: expected a pointwise kernel with windows of one place, got shape (1, 2, 3, 2)",
        ),
        (
            ops::conv_transpose(&image, &x(&[2, 2, 4, 2]), conv()),
            "conv_transpose: expected 2 input channels, as the kernel has, got 3",
        ),
        (
            ops::conv_transpose(&image, &x(&[2, 2, 4, 3]), conv().output_padding([1])),
            "conv_transpose: expected a number or 2 numbers, got [1]",
        ),
        (
            ops::conv_transpose(&image, &x(&[2, 2, 4, 3]), conv().strides(1 << 62)),
            "conv_transpose: expected strides of 1 to 1073741824, got [4611686018427387904, 4611686018427387904]",
        ),
        (
            ops::max_pool(&x(&[4, 3]), 2, pool()),
            "max_pool: expected a batch axis, 1 to 3 spatial axes and channels, got shape (4, 3)",
        ),
        (
            ops::max_pool(&image, 5, pool()),
            "max_pool: a window of 5 does not fit into axis 1 of 4 elements; use padding \"same\" or a smaller pool size",
        ),
        (ops::max_pool(&image, 0, pool()), "max_pool: expected a pool size of 1 to 1073741824, got [0, 0]"),
        (ops::max_pool(&image, [2], pool()), "max_pool: expected a number or 2 numbers, got [2]"),
        (
            ops::average_pool(&image, 2, pool().strides(0)),
            "average_pool: expected strides of 1 to 1073741824, got [0, 0]",
        ),
        (
            ops::average_pool(&image, usize::MAX, pool().padding(Padding::Same)),
            "average_pool: expected a pool size of 1 to 1073741824, got [18446744073709551615, 18446744073709551615]",
        ),
        (
            ops::adaptive_max_pool(&image, 0, last),
            "adaptive_max_pool: expected an output size of 1 to 1073741824, got [0, 0]",
        ),
        (
            ops::adaptive_average_pool(&x(&[1, 0, 4, 3]), 2, last),
            "adaptive_average_pool: axis 1 has no elements to pool",
        ),
        (
            ops::adaptive_average_pool(&image, [2, 2, 2], first),
            "adaptive_average_pool: expected a number or 2 numbers, got [2, 2, 2]",
        ),
        (
            ops::unfold(&x(&[4, 4, 3]), 2, columns()),
            "unfold: expected [batch, channels, height, width], got shape (4, 4, 3)",
        ),
        (
            ops::unfold(&image, 5, columns()),
            "unfold: a window of 5 elements in steps of 1 does not fit into 4 elements; use padding or a smaller window",
        ),
        (
            ops::unfold(&image, 2, columns().stride(0)),
            "unfold: expected strides of 1 to 1073741824, got [0, 0]",
        ),
        (
            ops::unfold(&image, 2, columns().padding(usize::MAX)),
            "unfold: pad: a padded axis is longer than memory can hold",
        ),
        (
            ops::fold(&x(&[1, 5, 9]), 4, 2, columns()),
            "fold: expected [batch, channels · 4, 9] for an output of 4 by 4, got shape (1, 5, 9)",
        ),
        (
            ops::fold(&x(&[1, 4, 9]), usize::MAX, 2, columns()),
            "fold: shape (18446744073709551614, 18446744073709551614) has more elements than memory can hold",
        ),
        (
            "diagonal".parse::<Padding>().map(|_| image.clone()),
            "expected the padding \"valid\" or \"same\", got \"diagonal\"",
        ),
        (
            "channels_middle".parse::<DataFormat>().map(|_| image.clone()),
            "expected the data format \"channels_last\" or \"channels_first\", got \"channels_middle\"",
        ),
    ];
    let mut wrong = Vec::new();
    for (i, (result, expected)) in cases.iter().enumerate() {
        let got = result.as_ref().map_or_else(|e| e.to_string(), |_| "no error".into());
        if got != *expected {
            wrong.push(format!("{i}: {got}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
