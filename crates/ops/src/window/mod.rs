//! Operations over windows that slide along spatial axes: convolution and pooling.
//!
//! All of them take `[batch, spatial…, channels]`; other layouts are transposed before.

mod conv;
mod extremum;
mod sum;

pub use conv::Conv;
pub use extremum::{WindowArgMax, WindowMax};
pub use sum::WindowSum;

use rhyton_base::{Dim, Error, Result, Shape};

/// How windows slide along one spatial axis.
///
/// The input is first spread out, with `spread - 1` zeros between neighbours, then padded. A window takes elements
/// `dilation` apart, and begins `stride` after the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slide {
    /// Steps from one window to the next.
    pub stride: usize,
    /// What is added in front; negative cuts away.
    pub low: isize,
    /// What is added behind; negative cuts away.
    pub high: isize,
    /// Steps from one input element to the next.
    pub spread: usize,
    /// Steps from one element of the window to the next.
    pub dilation: usize,
}

/// Longest axis, window or step: small enough that no arithmetic over them overflows.
const LONGEST: usize = 1 << 40;

impl Slide {
    /// Windows that begin at every place that they fit in.
    pub const PLAIN: Slide = Slide { stride: 1, low: 0, high: 0, spread: 1, dilation: 1 };

    /// The places that a window of `size` elements spans.
    pub fn span(&self, size: usize) -> isize {
        if size == 0 { 0 } else { ((size - 1) * self.dilation + 1) as isize }
    }

    /// The places that `n` elements span once they are spread out.
    pub fn spread_out(&self, n: usize) -> isize {
        if n == 0 { 0 } else { ((n - 1) * self.spread + 1) as isize }
    }

    /// How many windows of `size` elements there are over `n`.
    pub fn count(&self, n: usize, size: usize) -> usize {
        let room = self.spread_out(n) + self.low + self.high - self.span(size);
        if room < 0 { 0 } else { room as usize / self.stride + 1 }
    }

    fn check(&self, size: usize) -> Result<()> {
        if self.stride == 0 || self.spread == 0 || self.dilation == 0 {
            return Err(Error::value("expected strides and dilations of 1 or more, got 0"));
        }
        let parts = [
            self.stride,
            self.spread,
            self.dilation,
            size,
            self.low.unsigned_abs(),
            self.high.unsigned_abs(),
        ];
        let product = size.checked_mul(self.dilation);
        if parts.iter().any(|&p| p > LONGEST) || product.is_none_or(|p| p > LONGEST) {
            return Err(Error::value("a window, its steps or its padding are too large"));
        }
        Ok(())
    }
}

/// The spatial axes of `x` after windows of these sizes have passed over them.
fn slid(x: &Shape, sizes: &[usize], slides: &[Slide]) -> Result<Vec<Dim>> {
    if !(3..=5).contains(&x.rank()) || x.rank() != sizes.len() + 2 || slides.len() != sizes.len() {
        return Err(Error::shape(format!(
            "expected a batch axis, 1 to 3 spatial axes and channels, with a window size and a stride each; got shape \
             {x} and {} window sizes",
            sizes.len()
        )));
    }
    let each = |((dim, &size), slide): ((&Dim, &usize), &Slide)| {
        slide.check(size)?;
        let Some(n) = dim.known() else { return Ok(Dim::Unknown) };
        if n.checked_mul(slide.spread).is_none_or(|n| n > LONGEST) {
            return Err(Error::shape(format!("an axis of {n} elements is too long")));
        }
        Ok(Dim::Known(slide.count(n, size)))
    };
    x.dims()[1..].iter().zip(sizes).zip(slides).map(each).collect()
}
