//! What functions of images say of wrong calls.

use rhyton::ops::image::{
    self, FillMode, Frame, Interpolation, PatchOptions, ResizeOptions, SsimOptions, TransformOptions,
};
use rhyton::ops::{self, DataFormat, Padding};
use rhyton::{DType, Result, SeedGenerator, Tensor};

fn x(shape: &[usize]) -> Tensor {
    ops::zeros(shape, DType::F32).unwrap()
}

#[test]
fn wrong_calls() {
    let last = DataFormat::ChannelsLast;
    let (a, flat) = (x(&[4, 5, 3]), x(&[4, 5]));
    let bytes = ops::zeros([4, 5, 3], DType::U8).unwrap();
    let (resize, transform, patches) = (ResizeOptions::new, TransformOptions::new, PatchOptions::new);
    let seed = SeedGenerator::new(Some(1));
    let points = x(&[4, 2]);
    let corners = Frame::new().top(1).bottom(1).left(1);
    let scale = x(&[2]);
    let shift = |t: &Tensor| {
        image::scale_and_translate(&flat, &[4, 6], t, &scale, &[0, 1], Interpolation::Bilinear, true)
    };
    let cases: Vec<(Result<Tensor>, &str)> = vec![
        (
            image::rgb_to_grayscale(&flat, last),
            "rgb_to_grayscale: expected an image (rank 3) or a batch of images (rank 4), got shape (4, 5)",
        ),
        (
            image::rgb_to_grayscale(&x(&[4, 5, 2]), last),
            "rgb_to_grayscale: expected 1 or 3 channels (channels_last), got 2 (shape (4, 5, 2))",
        ),
        (
            image::rgb_to_hsv(&bytes, last),
            "rgb_to_hsv: expected a float type, got uint8; cast to float32 and divide by 255",
        ),
        (
            image::rgb_to_hsv(&x(&[4, 5, 1]), last),
            "rgb_to_hsv: expected 3 channels (channels_last), got 1 (shape (4, 5, 1))",
        ),
        (
            image::hsv_to_rgb(&a, DataFormat::ChannelsFirst),
            "hsv_to_rgb: expected 3 channels (channels_first), got 4 (shape (4, 5, 3))",
        ),
        (
            image::resize(&flat, [2, 2], resize()),
            "resize: expected an image (rank 3) or a batch of images (rank 4), got shape (4, 5)",
        ),
        (
            image::resize(&a, [0, 2], resize()),
            "resize: expected a height and a width of 1 to 1073741824, got [0, 2]",
        ),
        (
            image::resize(&a, [1 << 50, 2], resize()),
            "resize: expected a height and a width of 1 to 1073741824, got [1125899906842624, 2]",
        ),
        (
            image::resize(&a, [1 << 40, 1 << 40], resize()),
            "resize: expected a height and a width of 1 to 1073741824, got [1099511627776, 1099511627776]",
        ),
        (
            image::resize(&a, [2, 2], resize().fill_mode(FillMode::Wrap)),
            "resize: expected fill_mode \"constant\", got \"wrap\"",
        ),
        (
            image::resize(&a, [2, 2], resize().pad_to_aspect_ratio(true).crop_to_aspect_ratio(true)),
            "resize: expected one of pad_to_aspect_ratio and crop_to_aspect_ratio, got both",
        ),
        (
            image::resize(&x(&[0, 5, 3]), [2, 2], resize()),
            "resize: expected images with pixels, got shape (1, 0, 5, 3)",
        ),
        (
            shift(&x(&[3])),
            "scale_and_translate: expected a scale and a translation of shape (2,), got (3,) and (2,)",
        ),
        (
            image::scale_and_translate(
                &flat,
                &[4, 6],
                &scale,
                &scale,
                &[0, 2],
                Interpolation::Bilinear,
                true,
            ),
            "scale_and_translate: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (
            image::scale_and_translate(
                &flat,
                &[4, 6],
                &x(&[1]),
                &x(&[1]),
                &[0],
                Interpolation::Bilinear,
                true,
            ),
            "scale_and_translate: expected an output shape that differs from (4, 5) along the axes [0] only, got (4, 6)",
        ),
        (
            image::scale_and_translate(&flat, &[4, 6], &scale, &scale, &[0, 1], Interpolation::Nearest, true),
            "scale_and_translate: nearest neighbours are not weighed; use resize",
        ),
        (image::pad_images(&a, corners), "pad_images: expected exactly two of left, right and target_width"),
        (
            image::pad_images(&a, corners.target_width(3)),
            "pad_images: left 1 and target_width 3 do not fit images of size 5 there",
        ),
        (
            image::pad_images(&a, corners.right(usize::MAX)),
            "pad_images: left 1 and right 18446744073709551615 do not fit images of size 5 there",
        ),
        (
            image::pad_images(&flat, corners.right(1)),
            "pad_images: expected an image (rank 3) or a batch of images (rank 4), got shape (4, 5)",
        ),
        (
            image::crop_images(&a, corners.right(5)),
            "crop_images: left 1 and right 5 do not fit images of size 5 there",
        ),
        (
            image::crop_images(&a, Frame::new().top(1).target_height(4).left(0).right(0)),
            "crop_images: top 1 and target_height 4 do not fit images of size 4 there",
        ),
        (
            image::crop_images(&a, corners.right(1).target_width(3)),
            "crop_images: expected exactly two of left, right and target_width",
        ),
        (
            image::extract_patches(&flat, 2, patches()),
            "extract_patches: expected rank 3 or, for a batch, 4, got shape (4, 5)",
        ),
        (
            image::extract_patches(&a, 0, patches()),
            "extract_patches: expected a patch size of 1 to 1073741824, got [0, 0]",
        ),
        (
            image::extract_patches(&a, 5, patches()),
            "extract_patches: a window of 5 elements in steps of 1 does not fit into 4 elements; use padding or a smaller window",
        ),
        (
            image::extract_patches(&a, [1, 1, 1, 1], patches()),
            "extract_patches: expected a number or 2 numbers, got [1, 1, 1, 1]",
        ),
        (
            image::extract_patches(&a, 2, patches().strides(0)),
            "extract_patches: expected strides of 1 to 1073741824, got [0, 0]",
        ),
        (
            image::extract_patches_3d(&a, 2, patches()),
            "extract_patches_3d: expected rank 4 or, for a batch, 5, got shape (4, 5, 3)",
        ),
        (
            image::reconstruct_patches(&x(&[2, 2, 5]), 2, &[4, 4], Padding::Valid, last),
            "reconstruct_patches: expected patches of a multiple of 4 numbers, got 5",
        ),
        (
            image::reconstruct_patches(&x(&[2, 2, 4]), 2, &[4, 5], Padding::Valid, last),
            "reconstruct_patches: 2 patches of 2 cover 4 elements along axis 2, and an output of 5 with padding \"valid\" is not what they were taken from",
        ),
        (
            image::reconstruct_patches(&x(&[2, 2, 4]), 2, &[2, 3], Padding::Same, last),
            "reconstruct_patches: 2 patches of 2 cover 4 elements along axis 1, and an output of 2 with padding \"same\" is not what they were taken from",
        ),
        (
            image::reconstruct_patches(&x(&[2, 2, 4]), 2, &[4], Padding::Same, last),
            "reconstruct_patches: expected 2 output sizes, got [4]",
        ),
        (
            image::map_coordinates(&flat, &x(&[3, 2]), 1, FillMode::Constant, 0.0),
            "map_coordinates: expected coordinates of rank 2 or more, with one entry of the first axis for each axis (1 to 8) of inputs (4, 5); got shape (3, 2)",
        ),
        (
            image::map_coordinates(&flat, &x(&[2]), 1, FillMode::Constant, 0.0),
            "map_coordinates: expected coordinates of rank 2 or more, with one entry of the first axis for each axis (1 to 8) of inputs (4, 5); got shape (2,)",
        ),
        (
            image::map_coordinates(&flat, &x(&[2, 2]), 2, FillMode::Constant, 0.0),
            "map_coordinates: expected order 0 or 1, got 2",
        ),
        (
            image::map_coordinates(&x(&[0]), &x(&[1, 2]), 1, FillMode::Constant, 0.0),
            "map_coordinates: expected elements to interpolate between, got an axis of size 0",
        ),
        (
            image::affine_transform(&a, &x(&[6]), transform()),
            "affine_transform: expected a transform of shape (8,) or [batch, 8], got (6,)",
        ),
        (
            image::affine_transform(&a, &x(&[2, 8]), transform()),
            "affine_transform: expected one transform, or one for each of 1 images, got 2",
        ),
        (
            image::affine_transform(&a, &x(&[8]), transform().interpolation(Interpolation::Bicubic)),
            "affine_transform: expected interpolation \"nearest\" or \"bilinear\", got \"bicubic\"",
        ),
        (
            image::perspective_transform(&a, &points, &x(&[4, 3]), transform()),
            "perspective_transform: expected start and end points of shape (4, 2) or [batch, 4, 2], got (4, 2) and (4, 3)",
        ),
        (
            image::perspective_transform(&a, &points, &x(&[1, 4, 2]), transform()),
            "perspective_transform: expected start and end points of shape (4, 2) or [batch, 4, 2], got (4, 2) and (1, 4, 2)",
        ),
        (
            image::perspective_transform(&a, &x(&[2, 4, 2]), &x(&[2, 4, 2]), transform()),
            "perspective_transform: expected one transform, or one for each of 1 images, got 2",
        ),
        (
            image::elastic_transform(&a, f64::NAN, 1.0, &seed, transform()),
            "elastic_transform: expected a finite alpha and a sigma up to 1e4, got NaN and 1",
        ),
        (
            image::elastic_transform(&a, 1.0, 0.0, &seed, transform()),
            "elastic_transform: expected a kernel size of 1 or more and a positive sigma, got 1 and 0",
        ),
        (
            image::elastic_transform(&a, 1.0, f64::INFINITY, &seed, transform()),
            "elastic_transform: expected a finite alpha and a sigma up to 1e4, got 1 and inf",
        ),
        (
            image::gaussian_blur(&a, [0, 3], [1.0, 1.0], last),
            "gaussian_blur: expected a kernel size of 1 or more and a positive sigma, got 0 and 1",
        ),
        (
            image::gaussian_blur(&a, [3, 3], [1.0, f64::NAN], last),
            "gaussian_blur: expected a kernel size of 1 or more and a positive sigma, got 3 and NaN",
        ),
        (
            image::gaussian_blur(&bytes, [3, 3], [1.0, 1.0], last),
            "gaussian_blur: expected a float type, got uint8; cast to float32",
        ),
        (
            image::sobel_edges(&a, last),
            "sobel_edges: expected a batch of images (rank 4), got shape (4, 5, 3)",
        ),
        (
            image::ssim(&a, &flat, SsimOptions::new()),
            "ssim: expected images of one shape, got (4, 5, 3) and (4, 5)",
        ),
        (
            image::ssim(&a, &a, SsimOptions::new()),
            "ssim: a filter of size 11 does not fit into images of 4 by 5; use a smaller filter_size",
        ),
        (
            image::ssim(&a, &a, SsimOptions::new().filter_size(0)),
            "ssim: expected a kernel size of 1 or more and a positive sigma, got 0 and 1.5",
        ),
        (
            "cubic".parse::<Interpolation>().map(|_| flat.clone()),
            "expected the interpolation \"nearest\" or \"bilinear\" or \"bicubic\" or \"lanczos3\" or \"lanczos5\" or \"area\" or \"gaussian\" or \"mitchellcubic\", got \"cubic\"",
        ),
        (
            "black".parse::<FillMode>().map(|_| flat.clone()),
            "expected the fill mode \"constant\" or \"nearest\" or \"wrap\" or \"mirror\" or \"reflect\", got \"black\"",
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
