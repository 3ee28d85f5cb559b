//! Random numbers that take several words of the generator each.
//!
//! Element (or line) `i` of a draw has a stream of its own, so that results do not depend on threads. Every rejection
//! loop is bounded; the bound is so large that it is never reached.

use super::spread::{each, parts};
use super::{Input, Output, around};
use rhyton_ops::random::Draw;
use rhyton_runtime::philox4x32;
use std::f64::consts::TAU;

/// Rounds of a rejection method; each succeeds with a probability above 3/4.
const ROUNDS: usize = 128;
/// Elements in a parallel piece of work.
const PIECE: usize = 1024;

/// The random words of one element.
struct Stream {
    key: [u32; 2],
    counter: [u32; 4],
    words: [u32; 4],
    used: usize,
}

impl Stream {
    fn new(seed: u32, counter: u32, element: u64) -> Stream {
        // The fourth word is 0 in draws that take one word an element.
        let counter = [element as u32, (element >> 32) as u32, counter, 1];
        Stream { key: [seed, 0], counter, words: [0; 4], used: 4 }
    }

    fn word(&mut self) -> u64 {
        if self.used == 4 {
            self.words = philox4x32(self.key, self.counter);
            self.counter[3] = self.counter[3].wrapping_add(1);
            self.used = 0;
        }
        self.used += 1;
        u64::from(self.words[self.used - 1])
    }

    fn wide(&mut self) -> u64 {
        self.word() << 32 | self.word()
    }

    /// Even in `(0, 1)`, both ends excluded.
    fn open(&mut self) -> f64 {
        ((self.wide() >> 12) as f64 + 0.5) * 2f64.powi(-52)
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.open().ln()).sqrt() * (TAU * self.open()).cos()
    }

    /// Even in `0..n` without bias, `0` standing for 2⁶⁴ (Lemire, "Fast random integer generation in an interval").
    fn below(&mut self, n: u64) -> u64 {
        let bits = self.wide();
        if n == 0 {
            return bits;
        }
        let mut product = u128::from(bits) * u128::from(n);
        for _ in 0..ROUNDS {
            if product as u64 >= n.wrapping_neg() % n {
                break;
            }
            product = u128::from(self.wide()) * u128::from(n);
        }
        (product >> 64) as u64
    }
}

/// Fills a tensor.
pub fn run(kind: Draw, inputs: &[Input], out: &mut Output) {
    let (seed, counter) = (inputs[0].of::<u32>()[0], inputs[1].of::<u32>()[0]);
    let stream = |i: usize| Stream::new(seed, counter, i as u64);
    match kind {
        Draw::Gamma { log } => {
            let alpha = inputs[2].of::<f64>();
            fill(out.of::<f64>(), |i| {
                let value = log_gamma_variate(&mut stream(i), alpha[i]);
                if log { value } else { value.exp() }
            });
        }
        Draw::Binomial => {
            let (n, p) = (inputs[2].of::<f64>(), inputs[3].of::<f64>());
            fill(out.of::<f64>(), |i| binomial(&mut stream(i), n[i].floor(), p[i]));
        }
        Draw::Integers { low, span } => {
            fill(out.of::<i64>(), |i| low.wrapping_add(stream(i).below(span) as i64));
        }
        Draw::Permutation { axis } => permutations(axis, out, stream),
    }
}

fn fill<T: Send>(out: &mut [T], element: impl Fn(usize) -> T + Sync) {
    let done = each(out.chunks_mut(PIECE).collect(), 64 * PIECE, |piece, chunk| {
        for (i, x) in chunk.iter_mut().enumerate() {
            *x = element(piece * PIECE + i);
        }
        Ok(())
    });
    done.expect("draws do not fail");
}

/// The logarithm of a gamma variate; NaN for a shape below zero or NaN.
///
/// Source: Marsaglia and Tsang, "A simple method for generating gamma variables", 2000.
fn log_gamma_variate(s: &mut Stream, alpha: f64) -> f64 {
    if alpha.is_nan() || alpha < 0.0 {
        return f64::NAN;
    }
    if alpha == 0.0 {
        return f64::NEG_INFINITY;
    }
    if alpha == f64::INFINITY {
        return alpha;
    }
    // A shape below 1 is drawn with shape + 1 and scaled by u^(1/shape).
    let boost = if alpha < 1.0 { s.open().ln() / alpha } else { 0.0 };
    let d = if alpha < 1.0 { alpha + 1.0 } else { alpha } - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    for _ in 0..ROUNDS {
        let x = s.normal();
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && s.open().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d.ln() + v.ln() + boost;
        }
    }
    d.ln() + boost
}

/// A binomial variate; NaN for arguments out of range.
fn binomial(s: &mut Stream, n: f64, p: f64) -> f64 {
    if !n.is_finite() || n < 0.0 || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p > 0.5 {
        return n - binomial_of_half(s, n, 1.0 - p);
    }
    binomial_of_half(s, n, p)
}

/// For `p` up to 1/2: the distribution function is searched where few successes are expected, otherwise rejection.
fn binomial_of_half(s: &mut Stream, n: f64, p: f64) -> f64 {
    if n == 0.0 || p == 0.0 {
        return 0.0;
    }
    if n * p >= 10.0 {
        return by_rejection(s, n, p);
    }
    let odds = p / (1.0 - p);
    let mut chance = (n * (-p).ln_1p()).exp();
    let mut rest = s.open();
    let mut k = 0.0;
    // With an expectation below 10, more than 200 has a probability below 1e-150.
    while rest > chance && k < n.min(200.0) {
        rest -= chance;
        k += 1.0;
        chance *= (n - k + 1.0) / k * odds;
    }
    k
}

/// Source: Hörmann, "The generation of binomial random variates", 1993 (algorithm BTRS).
fn by_rejection(s: &mut Stream, n: f64, p: f64) -> f64 {
    let spread = (n * p * (1.0 - p)).sqrt();
    let b = 1.15 + 2.53 * spread;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let centre = n * p + 0.5;
    let sure = 0.92 - 4.2 / b;
    let odds = p / (1.0 - p);
    let alpha = (2.83 + 5.1 / b) * spread;
    let mode = ((n + 1.0) * p).floor();
    for _ in 0..ROUNDS {
        let u = s.open() - 0.5;
        let v = s.open();
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + centre).floor();
        if us >= 0.07 && v <= sure {
            return k;
        }
        if k < 0.0 || k > n {
            continue;
        }
        let height = (v * alpha / (a / (us * us) + b)).ln();
        let bound = (mode + 0.5) * ((mode + 1.0) / (odds * (n - mode + 1.0))).ln()
            + (n + 1.0) * ((n - mode + 1.0) / (n - k + 1.0)).ln()
            + (k + 0.5) * (odds * (n - k + 1.0) / (k + 1.0)).ln()
            + stirling_tail(mode)
            + stirling_tail(n - mode)
            - stirling_tail(k)
            - stirling_tail(n - k);
        if height <= bound {
            return k;
        }
    }
    mode
}

/// What Stirling's formula leaves of `log k!`.
fn stirling_tail(k: f64) -> f64 {
    let m = k + 1.0;
    if k < 10.0 {
        let factorial: f64 = (1..=k as u32).map(f64::from).product();
        return factorial.ln() - (0.5 * TAU.ln() + (k + 0.5) * m.ln() - m);
    }
    let square = m * m;
    (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / square) / square) / m
}

/// For every line along an axis its own order, as places in the flat tensor.
fn permutations(axis: usize, out: &mut Output, stream: impl Fn(usize) -> Stream + Sync) {
    let (outer, size, inner) = around(out.shape, axis);
    let block = size * inner;
    let done = each(parts(out.of::<i64>(), outer), 16 * block, |o, chunk| {
        for r in 0..inner {
            let mut order: Vec<usize> = (0..size).collect();
            let mut s = stream(o * inner + r);
            for i in (1..size).rev() {
                order.swap(i, s.below(i as u64 + 1) as usize);
            }
            for (i, from) in order.into_iter().enumerate() {
                chunk[i * inner + r] = (o * block + from * inner + r) as i64;
            }
        }
        Ok(())
    });
    done.expect("draws do not fail");
}
