//! JPEG.

use super::damaged;
use jpeg_decoder::{Decoder, PixelFormat};
use rhyton_base::{Error, Result};

/// More pixels than any picture should have.
const MOST_PIXELS: usize = 1 << 28;

/// `[height, width]`, channels and pixels.
pub(super) fn decode(bytes: &[u8]) -> Result<([usize; 2], usize, Vec<u8>)> {
    let mut decoder = Decoder::new(bytes);
    decoder.read_info().map_err(damaged)?;
    let info = decoder.info().ok_or_else(|| damaged("it has no size"))?;
    let size = [usize::from(info.height), usize::from(info.width)];
    if size[0] * size[1] > MOST_PIXELS {
        return Err(Error::unsupported(format!("an image of {} by {} pixels", size[0], size[1])));
    }
    let pixels = decoder.decode().map_err(damaged)?;
    Ok(match info.pixel_format {
        PixelFormat::L8 => (size, 1, pixels),
        PixelFormat::L16 => (
            size,
            1,
            pixels.chunks_exact(2).map(|p| p[usize::from(cfg!(target_endian = "little"))]).collect(),
        ),
        PixelFormat::RGB24 => (size, 3, pixels),
        PixelFormat::CMYK32 => {
            let part = |c: u8, k: u8| ((255 - u32::from(c)) * (255 - u32::from(k)) / 255) as u8;
            let rgb =
                pixels.chunks_exact(4).flat_map(|p| [part(p[0], p[3]), part(p[1], p[3]), part(p[2], p[3])]);
            (size, 3, rgb.collect())
        }
    })
}
