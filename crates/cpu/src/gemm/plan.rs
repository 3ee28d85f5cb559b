//! What to do about a product, decided from its shape, its strides and the instruction set alone.

use super::Problem;
use super::kernel::{Element, Isa};
pub(super) use rhyton_runtime::cut;
use std::ops::Range;

/// Longest block of `k`: a strip of B that long stays in the first cache, and sums round less than one long chain.
pub(super) const K_BLOCK: usize = 512;

/// Bytes of B that a second cache will not hold next to everything else.
const FAR: usize = 3 << 20;

/// Multiply-adds below which a parallel section costs more than it gains.
pub(super) const ALONE: usize = if cfg!(miri) { 1 << 9 } else { 1 << 18 };

/// Elements of B that stay in the first cache while they are turned.
const TURNED: usize = 8192;

/// Elements of C that are one tile where one thread computes them.
pub(super) const SMALL: usize = 4096;

/// A product prepared for `drive`.
pub(super) struct Plan<T> {
    /// The product, turned round where that is faster: `Cᵀ = Bᵀ·Aᵀ`.
    pub p: Problem<T>,
    pub swapped: bool,
    pub pack_a: bool,
    pub pack_b: bool,
    /// C is not stored, or its columns are not contiguous: tiles are computed elsewhere and, if C is stored, copied.
    pub copy_c: bool,
    /// Index of the widest family of kernels to use.
    pub family: usize,
    /// Most rows a kernel of that family takes.
    pub height: usize,
    /// Columns of a strip of that family.
    pub strip: usize,
    /// Number of blocks of `k`.
    pub k_blocks: usize,
    /// Number of tiles down and across.
    pub tiles: (usize, usize),
    /// B is not likely to be in the second cache when it is needed.
    pub far_b: bool,
    pub parallel: bool,
    /// So few rows that reading B is all the work: its blocks of rows are shared out rather than its columns.
    pub by_blocks: bool,
}

impl<T: Element> Plan<T> {
    pub fn new(isa: &Isa<T>, p: &Problem<T>) -> Plan<T> {
        let turned = turned(p);
        let swapped = cost(isa, &turned) < cost(isa, p);
        let p = if swapped { turned } else { *p };
        let Problem { m, n, k, .. } = p;
        let a_unit = p.a_strides.0 == 1 || m == 1;
        let height =
            |f: usize| if a_unit { isa.families[f].unit.len() } else { isa.families[f].strided.len() };
        let vectors = isa.vectors(n);
        let fits = |f: usize| isa.families[f].vectors <= vectors && (f < 2 || height(f) >= m);
        let family = (0..isa.families.len()).rev().find(|&f| fits(f)).unwrap_or(0);
        let strip = isa.families[family].vectors * isa.lanes;
        let total = m.saturating_mul(n).saturating_mul(k);
        let a_step = size_of::<T>() * if a_unit { p.a_strides.1 } else { p.a_strides.0 }.unsigned_abs();
        let pack_a =
            !a_unit && p.a_strides.1 != 1 && k > 1 || m > 4 && n >= 4 * strip && a_step.is_multiple_of(4096);
        let height = if pack_a { isa.families[family].unit.len() } else { height(family) };
        let strips = n.div_ceil(strip);
        let tiles = tiles(total, (m, height), (n, strips), pack_a);
        let pack_b = !b_contiguous(&p) || m >= 16 * height;
        let (k_blocks, parallel) = (k.div_ceil(K_BLOCK).max(1), total > ALONE);
        Plan {
            swapped,
            height,
            pack_a,
            pack_b,
            copy_c: p.c.is_null() || p.c_strides.1 != 1 && n > 1,
            family,
            strip,
            k_blocks,
            tiles,
            far_b: m <= 6 * height || k * n * size_of::<T>() > FAR,
            parallel,
            by_blocks: parallel && k_blocks > 1 && m <= height && !pack_a && !pack_b,
            p,
        }
    }

    /// Rows of the tiles in row `i` of tiles.
    pub fn tile_rows(&self, i: usize) -> Range<usize> {
        cut(self.p.m, self.tiles.0, i)
    }

    /// Columns of the tiles in column `i` of tiles.
    pub fn tile_columns(&self, i: usize) -> Range<usize> {
        let strips = cut(self.p.n.div_ceil(self.strip), self.tiles.1, i);
        strips.start * self.strip..(strips.end * self.strip).min(self.p.n)
    }

    /// Block `i` of `k`.
    pub fn k_block(&self, i: usize) -> Range<usize> {
        cut(self.p.k, self.k_blocks, i)
    }

    /// Calls `visit(first column, family, columns)` for the strips of `columns`, which start at a strip.
    pub fn strips(&self, isa: &Isa<T>, columns: Range<usize>, mut visit: impl FnMut(usize, usize, usize)) {
        let mut family = self.family;
        let mut at = columns.start;
        while at < columns.end {
            let left = columns.end - at;
            while isa.families[family].vectors > isa.vectors(left) {
                family -= 1;
            }
            let width = left.min(isa.families[family].vectors * isa.lanes);
            visit(at, family, width);
            at += width;
        }
    }
}

/// How many tiles to make, down and across.
fn tiles(
    total: usize,
    (m, height): (usize, usize),
    (n, strips): (usize, usize),
    pack_a: bool,
) -> (usize, usize) {
    if total <= ALONE && m * n <= SMALL && !pack_a {
        return (1, 1);
    }
    // Enough for several threads to share evenly, but none too small to be worth handing out.
    let wanted = (total >> 16).clamp(1, 8).max(total >> 24);
    let groups = m.div_ceil(height);
    // Of a strip of B that has been brought near, a tile should use all it can; packed rows likewise.
    // Of a tall C every tile takes whole rows, so that no two threads write to neighbouring lines of memory.
    let tall = groups.div_ceil(if groups >= 32 { 7 } else { 16 });
    if pack_a {
        let down = groups.div_ceil(18).max(groups.div_ceil(4).min(8));
        return (down, (total >> 29).max(8).div_ceil(down).min(strips));
    }
    // Rows of a tile are long enough for the work behind the product to be done by rows.
    let across = wanted.div_ceil(tall).min(strips).min((n / 128).max(1));
    (tall.max(wanted.div_ceil(across)).min(groups), across)
}

fn b_contiguous<T>(p: &Problem<T>) -> bool {
    p.b_strides.1 == 1 || p.n == 1
}

/// `Cᵀ = Bᵀ·Aᵀ`.
fn turned<T: Copy>(p: &Problem<T>) -> Problem<T> {
    let turn = |(row, column): (isize, isize)| (column, row);
    Problem {
        m: p.n,
        n: p.m,
        k: p.k,
        a: p.b,
        a_strides: turn(p.b_strides),
        b: p.a,
        b_strides: turn(p.a_strides),
        c: p.c,
        c_strides: turn(p.c_strides),
    }
}

/// Roughly the cycles: multiply-adds of whole vectors, and copies where columns are not contiguous.
fn cost<T>(isa: &Isa<T>, p: &Problem<T>) -> f64 {
    let (m, n, k) = (p.m as f64, p.n as f64, p.k as f64);
    let vectors = isa.vectors(p.n) as f64;
    // A small B that lies by columns is turned in registers, many elements at a time.
    let turns = isa.transpose.is_some() && p.b_strides.0 == 1 && p.k * p.n <= TURNED;
    let copy_b = match b_contiguous(p) {
        true => 0.0,
        false if turns => 0.3 * k * n,
        false => k * n,
    };
    let copy_c = match p.c_strides.1 == 1 || p.n == 1 {
        true => 0.0,
        // Somebody will read the tiles by rows.
        false if p.c.is_null() => 16.0 * m * n,
        false => m * n,
    };
    0.5 * (m * k * vectors + copy_b + copy_c)
}
