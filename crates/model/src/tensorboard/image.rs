//! Tensors as pictures. Source: `tensorboard/plugins/image/summary_v2.py`, `tf.image.convert_image_dtype`.

use rhyton_base::{DType, Error, Result, Shape};
use rhyton_io::encode_png;
use rhyton_tensor::Tensor;

/// Width and height as texts, then each picture as a PNG.
pub(super) fn parts(data: &Tensor, max_outputs: usize) -> Result<Vec<Vec<u8>>> {
    let shape = data.shape();
    let (count, [height, width, channels]) = match *shape {
        [h, w, c] => (1, [h, w, c]),
        [n, h, w, c] => (n, [h, w, c]),
        _ => return Err(wrong(shape)),
    };
    let size = height * width * channels;
    if size == 0 || !(1..=4).contains(&channels) {
        return Err(wrong(shape));
    }
    let mut parts = vec![width.to_string().into_bytes(), height.to_string().into_bytes()];
    let pixels = bytes(data)?;
    for picture in pixels.chunks_exact(size).take(count.min(max_outputs)) {
        parts.push(encode_png(height, width, channels, picture)?);
    }
    Ok(parts)
}

fn wrong(shape: &[usize]) -> Error {
    Error::shape(format!(
        "expected (pictures, height, width, channels) or (height, width, channels) with 1 to 4 channels, got {}",
        Shape::from(shape)
    ))
}

fn bytes(data: &Tensor) -> Result<Vec<u8>> {
    if data.dtype() == DType::U8 {
        return data.to_vec::<u8>();
    }
    // Each brightness stands for an equal part of 0 to 1; the cast saturates, and takes NaN to 0.
    let scale = if data.dtype().is_float() { 255.5 } else { 1.0 };
    Ok(data.to_f64s()?.into_iter().map(|v| (v * scale) as u8).collect())
}
