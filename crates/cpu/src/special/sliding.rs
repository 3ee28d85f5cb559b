//! Windows that slide over `[batch, spatial…, channels]`: which elements each of them holds.

use rhyton_ops::window::Slide;
use std::ops::Range;

/// One spatial axis.
#[derive(Clone, Copy)]
pub struct Axis {
    /// Elements of the input.
    pub n: usize,
    /// Windows.
    pub out: usize,
    /// Elements of a window.
    pub size: usize,
    slide: Slide,
}

impl Axis {
    /// Where window `o` begins among the spread-out elements.
    fn start(&self, o: usize) -> isize {
        (o * self.slide.stride) as isize - self.slide.low
    }

    /// The places of window `o` that lie over the input.
    pub fn inside(&self, o: usize) -> Range<usize> {
        let (start, step) = (self.start(o), self.slide.dilation as isize);
        let up = |places: isize| ((places.max(0) + step - 1) / step) as usize;
        let end = up(self.slide.spread_out(self.n) - start).min(self.size);
        up(-start).min(end)..end
    }

    /// The element that place `k` of window `o`, one of [`Axis::inside`], lies on; `None` between spread elements.
    pub fn at(&self, o: usize, k: usize) -> Option<usize> {
        let place = (self.start(o) + (k * self.slide.dilation) as isize) as usize;
        match self.slide.spread {
            1 => Some(place),
            spread => place.is_multiple_of(spread).then_some(place / spread),
        }
    }

    /// [`Axis::at`] for any place of a window.
    pub fn find(&self, o: usize, k: usize) -> Option<usize> {
        if self.inside(o).contains(&k) { self.at(o, k) } else { None }
    }

    /// Whether neighbouring places of a window lie on neighbouring elements.
    pub fn is_dense(&self) -> bool {
        self.slide.dilation == 1 && self.slide.spread == 1
    }
}

/// All spatial axes, filled up in front to three.
pub struct Windows {
    pub axes: [Axis; 3],
}

impl Windows {
    pub fn new(x: &[usize], out: &[usize], sizes: &[usize], slides: &[Slide]) -> Windows {
        let mut axes = [Axis { n: 1, out: 1, size: 1, slide: Slide::PLAIN }; 3];
        let lead = 3 - slides.len();
        for (i, &slide) in slides.iter().enumerate() {
            axes[lead + i] = Axis { n: x[i + 1], out: out[i + 1], size: sizes[i], slide };
        }
        Windows { axes }
    }

    /// Batch entry and window number along each axis, from the number of the window.
    pub fn place(&self, row: usize) -> (usize, [usize; 3]) {
        let [a, b, c] = &self.axes;
        let (row, o2) = (row / c.out, row % c.out);
        let (row, o1) = (row / b.out, row % b.out);
        (row / a.out, [row % a.out, o1, o2])
    }

    /// Calls `visit(k, element)` for the places of a window that lie on elements, both counted in row-major order
    /// (elements without their channels).
    #[inline(always)]
    pub fn visit(&self, row: usize, mut visit: impl FnMut(usize, usize)) {
        let [a, b, c] = &self.axes;
        let (n, [o0, o1, o2]) = self.place(row);
        let last = c.inside(o2);
        for k0 in a.inside(o0) {
            let Some(i0) = a.at(o0, k0) else { continue };
            for k1 in b.inside(o1) {
                let Some(i1) = b.at(o1, k1) else { continue };
                for k2 in last.clone() {
                    let Some(i2) = c.at(o2, k2) else { continue };
                    visit((k0 * b.size + k1) * c.size + k2, ((n * a.n + i0) * b.n + i1) * c.n + i2);
                }
            }
        }
    }
}
