//! Functions of images against Keras.

use rhyton::ops::image::{
    self, FillMode, Frame, Interpolation, PatchOptions, ResizeOptions, SsimOptions, TransformOptions,
};
use rhyton::ops::{DataFormat, Padding, Sizes};
use rhyton::{Result, SeedGenerator, Tensor};
use rhyton_testkit::cases::{Kw, run};
use rhyton_testkit::fuzz::skipped;

fn format(kw: &Kw) -> Result<DataFormat> {
    kw.text("data_format").map_or(Ok(DataFormat::ChannelsLast), str::parse)
}

fn interpolation(kw: &Kw, name: &str) -> Result<Interpolation> {
    kw.text(name).map_or(Ok(Interpolation::Bilinear), str::parse)
}

fn fill_mode(kw: &Kw) -> Result<FillMode> {
    kw.text("fill_mode").map_or(Ok(FillMode::default()), str::parse)
}

fn padding(kw: &Kw) -> Result<Padding> {
    kw.text("padding").map_or(Ok(Padding::Valid), str::parse)
}

fn sizes(kw: &Kw, name: &str) -> Option<Sizes> {
    kw.get(name).map(|v| match v.as_i64() {
        Some(n) => Sizes::from(n as usize),
        None => Sizes::from(kw.sizes(name).expect("sizes")),
    })
}

/// Two of something: the types of Rhyton leave no room for other numbers.
fn pair<T: Copy>(all: &[T]) -> Result<[T; 2]> {
    all.try_into().or_else(|_| skipped())
}

fn frame(kw: &Kw, what: &str) -> Result<Frame> {
    let given = |side: &str| kw.int(&format!("{side}_{what}")).map(|n| n as usize);
    let mut f = Frame::new().data_format(format(kw)?);
    f = given("top").map_or(f, |n| f.top(n));
    f = given("bottom").map_or(f, |n| f.bottom(n));
    f = given("left").map_or(f, |n| f.left(n));
    f = given("right").map_or(f, |n| f.right(n));
    f = kw.int("target_height").map_or(f, |n| f.target_height(n as usize));
    Ok(kw.int("target_width").map_or(f, |n| f.target_width(n as usize)))
}

fn patch_options(kw: &Kw) -> Result<PatchOptions> {
    let mut o = PatchOptions::new().padding(padding(kw)?).data_format(format(kw)?);
    if let Some(s) = sizes(kw, "strides") {
        o = o.strides(s);
    }
    if let Some(d) = sizes(kw, "dilation_rate") {
        o = o.dilation_rate(d);
    }
    Ok(o)
}

fn resize_options(kw: &Kw) -> Result<ResizeOptions> {
    Ok(ResizeOptions::new()
        .interpolation(interpolation(kw, "interpolation")?)
        .antialias(kw.flag("antialias"))
        .crop_to_aspect_ratio(kw.flag("crop_to_aspect_ratio"))
        .pad_to_aspect_ratio(kw.flag("pad_to_aspect_ratio"))
        .fill_value(kw.float("fill_value").unwrap_or(0.0))
        .data_format(format(kw)?))
}

fn transform_options(kw: &Kw) -> Result<TransformOptions> {
    Ok(TransformOptions::new()
        .interpolation(interpolation(kw, "interpolation")?)
        .fill_mode(fill_mode(kw)?)
        .fill_value(kw.float("fill_value").unwrap_or(0.0))
        .data_format(format(kw)?))
}

fn ssim_options(kw: &Kw) -> Result<SsimOptions> {
    Ok(SsimOptions::new()
        .max_val(kw.float("max_val").unwrap_or(1.0))
        .filter_size(kw.int("filter_size").unwrap_or(11) as usize)
        .filter_sigma(kw.float("filter_sigma").unwrap_or(1.5))
        .k1(kw.float("k1").unwrap_or(0.01))
        .k2(kw.float("k2").unwrap_or(0.03))
        .data_format(format(kw)?))
}

fn dispatch(name: &str, x: &[Tensor], kw: &Kw) -> Result<Vec<Tensor>> {
    let size = || sizes(kw, "size").expect("a size");
    let y = match name {
        "rgb_to_grayscale" => image::rgb_to_grayscale(&x[0], format(kw)?),
        "rgb_to_hsv" => image::rgb_to_hsv(&x[0], format(kw)?),
        "hsv_to_rgb" => image::hsv_to_rgb(&x[0], format(kw)?),
        "resize" => image::resize(&x[0], pair(&kw.sizes("size").expect("sizes"))?, resize_options(kw)?),
        "scale_and_translate" => image::scale_and_translate(
            &x[0],
            &kw.sizes("output_shape").expect("a shape"),
            &x[1],
            &x[2],
            &kw.ints("spatial_dims").expect("axes"),
            interpolation(kw, "method")?,
            kw.flag("antialias"),
        ),
        "pad_images" => image::pad_images(&x[0], frame(kw, "padding")?),
        "crop_images" => image::crop_images(&x[0], frame(kw, "cropping")?),
        "extract_patches" => image::extract_patches(&x[0], size(), patch_options(kw)?),
        "extract_patches_3d" => image::extract_patches_3d(&x[0], size(), patch_options(kw)?),
        "reconstruct_patches" => {
            let out = kw.sizes("output_size").expect("sizes");
            image::reconstruct_patches(&x[0], size(), &out, padding(kw)?, format(kw)?)
        }
        "map_coordinates" => image::map_coordinates(
            &x[0],
            &x[1],
            kw.int("order").expect("an order") as usize,
            fill_mode(kw)?,
            kw.float("fill_value").unwrap_or(0.0),
        ),
        "affine_transform" => image::affine_transform(&x[0], &x[1], transform_options(kw)?),
        "perspective_transform" => image::perspective_transform(&x[0], &x[1], &x[2], transform_options(kw)?),
        "elastic_transform" => {
            let seed = SeedGenerator::new(Some(1));
            image::elastic_transform(&x[0], 0.0, 1.0, &seed, transform_options(kw)?)
        }
        "gaussian_blur" => {
            let sigma: Vec<f64> = kw
                .get("sigma")
                .and_then(|v| v.as_array())
                .expect("two")
                .iter()
                .filter_map(|v| v.as_f64())
                .collect();
            image::gaussian_blur(
                &x[0],
                pair(&kw.sizes("kernel_size").expect("sizes"))?,
                pair(&sigma)?,
                format(kw)?,
            )
        }
        "sobel_edges" => image::sobel_edges(&x[0], format(kw)?),
        "ssim" => image::ssim(&x[0], &x[1], ssim_options(kw)?),
        other => panic!("a function called {other}"),
    };
    Ok(vec![y?])
}

#[test]
fn image() {
    run("image", dispatch);
}

#[test]
fn wrong_calls_are_errors() {
    rhyton_testkit::fuzz::run("image", dispatch);
}

#[test]
fn elastic_transforms_are_those_of_their_seed() {
    let x: Vec<f32> = (0..2 * 6 * 5).map(|i| i as f32).collect();
    let x = Tensor::from_slice(&x, [2, 6, 5, 1]).unwrap();
    let bent = |seed| {
        let seed = SeedGenerator::new(Some(seed));
        let first = image::elastic_transform(&x, 3.0, 1.0, &seed, TransformOptions::new()).unwrap();
        let second = image::elastic_transform(&x, 3.0, 1.0, &seed, TransformOptions::new()).unwrap();
        assert!(!first.bit_equal(&second), "a generator gives other numbers every time");
        first
    };
    assert!(bent(1).bit_equal(&bent(1)));
    assert!(!bent(1).bit_equal(&bent(2)));
    // Offsets differ down and across, and between the images.
    let y = bent(1).to_vec::<f32>().unwrap();
    assert!(y.iter().all(|v| (0.0..60.0).contains(v)));
}
