//! Pictures as PNG files.

use rhyton_base::{Error, Result};

/// The bytes of a PNG file: rows from the top, pixels of 1 (gray), 2 (gray, alpha), 3 (RGB) or 4 (RGBA) bytes each.
///
/// ```
/// let png = rhyton_io::encode_png(1, 2, 3, &[255, 0, 0, 0, 0, 255])?;
/// assert_eq!(&png[1..4], b"PNG");
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// # Errors
/// Where the bytes are not as many as the sizes say, or a size is 0.
pub fn encode_png(height: usize, width: usize, channels: usize, pixels: &[u8]) -> Result<Vec<u8>> {
    use png::ColorType::{Grayscale, GrayscaleAlpha, Rgb, Rgba};
    let Some(color) = [Grayscale, GrayscaleAlpha, Rgb, Rgba].get(channels.wrapping_sub(1)) else {
        return Err(Error::value(format!("encode_png: expected 1 to 4 channels, got {channels}")));
    };
    let count = height.checked_mul(width).and_then(|n| n.checked_mul(channels));
    let (Ok(w), Ok(h), true) = (u32::try_from(width), u32::try_from(height), count == Some(pixels.len()))
    else {
        let got = pixels.len();
        let fact = format!("{height} rows of {width} pixels of {channels} bytes are not {got} bytes");
        return Err(Error::shape(format!("encode_png: {fact}")));
    };
    let mut out = Vec::new();
    let failed = |e: png::EncodingError| Error::value(format!("encode_png: {height} by {width} pixels: {e}"));
    let mut encoder = png::Encoder::new(&mut out, w, h);
    encoder.set_color(*color);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(out)
}
