//! One picture: grayscale or RGB pixels.

use crate::colormap::Colormap;
use rhyton_base::{Error, Result, Shape, element_count};

/// A picture's pixels, row by row from the top, each row from the left.
///
/// ```
/// use rhyton_viz::Image;
/// let gray = Image::gray(2, 3, &[0, 50, 100, 150, 200, 250])?;
/// assert_eq!((gray.height(), gray.width()), (2, 3));
/// let e = Image::rgb(2, 3, &[0; 6]).unwrap_err();
/// assert_eq!(e.to_string(), "Image: expected 18 bytes for shape (2, 3, 3), got 6");
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    height: usize,
    width: usize,
    pixels: Pixels,
}

#[derive(Clone, Debug, PartialEq)]
enum Pixels {
    Gray(Vec<u8>),
    Rgb(Vec<u8>),
}

impl Image {
    /// A grayscale picture of shape (height, width), 0 to 255.
    pub fn gray(height: usize, width: usize, pixels: &[u8]) -> Result<Image> {
        check(&[height, width], pixels.len(), "bytes")?;
        Ok(Image { height, width, pixels: Pixels::Gray(pixels.to_vec()) })
    }

    /// An RGB picture of shape (height, width, 3), 0 to 255.
    pub fn rgb(height: usize, width: usize, pixels: &[u8]) -> Result<Image> {
        check(&[height, width, 3], pixels.len(), "bytes")?;
        Ok(Image { height, width, pixels: Pixels::Rgb(pixels.to_vec()) })
    }

    /// A grayscale picture of shape (height, width) from numbers of any range, such as a feature map: the smallest
    /// becomes 0, the largest 255. NaN counts as the smallest; where all numbers are equal, all become 0.
    ///
    /// ```
    /// use rhyton_viz::Image;
    /// assert_eq!(Image::values(1, 3, &[-1.0, 0.0, 1.0])?, Image::gray(1, 3, &[0, 128, 255])?);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn values(height: usize, width: usize, values: &[f32]) -> Result<Image> {
        check(&[height, width], values.len(), "numbers")?;
        let finite = || values.iter().filter(|v| v.is_finite()).map(|v| f64::from(*v));
        let low = finite().fold(f64::INFINITY, f64::min);
        let range = finite().fold(f64::NEG_INFINITY, f64::max) - low;
        let byte = |v: f32| match range > 0.0 {
            // The cast saturates, and takes NaN to 0.
            true => ((f64::from(v) - low) / range * 255.0).round() as u8,
            false => 0,
        };
        let pixels = values.iter().map(|v| byte(*v)).collect();
        Ok(Image { height, width, pixels: Pixels::Gray(pixels) })
    }

    /// A picture of shape (h, w), (h, w, 1) or (h, w, 3).
    ///
    /// ```
    /// use rhyton_viz::Image;
    /// assert_eq!(Image::from_shape(&[1, 2, 1], &[7, 8])?, Image::gray(1, 2, &[7, 8])?);
    /// let e = Image::from_shape(&[1, 1, 4], &[1, 2, 3, 4]).unwrap_err();
    /// assert_eq!(e.to_string(), "Image: expected shape (h, w), (h, w, 1) or (h, w, 3), got (1, 1, 4)");
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn from_shape(shape: &[usize], pixels: &[u8]) -> Result<Image> {
        match *shape {
            [h, w] | [h, w, 1] => Image::gray(h, w, pixels),
            [h, w, 3] => Image::rgb(h, w, pixels),
            _ => {
                let got = Shape::from(shape);
                let fact = format!("expected shape (h, w), (h, w, 1) or (h, w, 3), got {got}");
                Err(Error::shape(fact).at("Image"))
            }
        }
    }

    /// Rows of pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The picture in colour, `height` by `width` pixels large: each pixel repeated where that is larger (so that
    /// edges stay sharp), neighbours averaged where it is smaller.
    pub(crate) fn render(&self, cmap: Colormap, height: usize, width: usize) -> Vec<u8> {
        let colors = match &self.pixels {
            Pixels::Gray(bytes) => {
                let table = cmap.table().map(|c| [c.r, c.g, c.b]);
                bytes.iter().map(|b| table[usize::from(*b)]).collect()
            }
            Pixels::Rgb(bytes) => bytes.as_chunks::<3>().0.to_vec(),
        };
        let rows: Vec<_> = (0..height).map(|y| span(y, height, self.height)).collect();
        let columns: Vec<_> = (0..width).map(|x| span(x, width, self.width)).collect();
        let mut out = Vec::with_capacity(3 * height * width);
        for (top, bottom) in rows {
            for &(left, right) in &columns {
                let count = ((bottom - top) * (right - left)) as u64;
                let mut sum = [0u64; 3];
                for y in top..bottom {
                    for color in &colors[y * self.width + left..y * self.width + right] {
                        (0..3).for_each(|k| sum[k] += u64::from(color[k]));
                    }
                }
                out.extend(sum.map(|s| ((s + count / 2) / count) as u8));
            }
        }
        out
    }
}

/// The pixels, out of `from`, that place `i` out of `to` shows: at least one, first and past the last.
fn span(i: usize, to: usize, from: usize) -> (usize, usize) {
    let first = i * from / to;
    (first, ((i + 1) * from / to).max(first + 1))
}

fn check(shape: &[usize], got: usize, what: &str) -> Result<()> {
    let count = element_count(shape).map_err(|e| e.at("Image"))?;
    let text = Shape::from(shape);
    if count == 0 {
        return Err(Error::shape(format!("expected at least one pixel, got shape {text}")).at("Image"));
    }
    if count != got {
        return Err(Error::shape(format!("expected {count} {what} for shape {text}, got {got}")).at("Image"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enlarges_by_repeating() {
        let image = Image::gray(1, 2, &[10, 200]).unwrap();
        let red: Vec<u8> = image.render(Colormap::Gray, 2, 5).iter().step_by(3).copied().collect();
        assert_eq!(red, [10, 10, 10, 200, 200, 10, 10, 10, 200, 200]);
    }

    #[test]
    fn shrinks_by_averaging() {
        let image = Image::rgb(2, 2, &[0, 0, 0, 100, 0, 0, 0, 40, 0, 100, 40, 0]).unwrap();
        assert_eq!(image.render(Colormap::Gray, 1, 1), [50, 20, 0]);
    }

    #[test]
    fn odd_numbers_do_not_panic() {
        let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN];
        assert_eq!(Image::values(1, 5, &odd).unwrap(), Image::gray(1, 5, &[0, 255, 0, 255, 0]).unwrap());
        assert_eq!(Image::values(1, 2, &[3.0; 2]).unwrap(), Image::gray(1, 2, &[0; 2]).unwrap());
        assert!(Image::gray(usize::MAX, 2, &[]).is_err());
        let e = Image::gray(0, 28, &[]).unwrap_err().to_string();
        assert_eq!(e, "Image: expected at least one pixel, got shape (0, 28)");
    }
}
