//! Discrete Fourier transforms of any length.

use super::spread::{each, parts};
use super::{Input, Output, Plain};
use rhyton_base::DType;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftNum, FftPlanner};
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Prepared transforms are kept until there are this many.
const KEPT: usize = 64;

/// Transforms every line of the last axis.
pub fn run(inverse: bool, re: &Input, im: &Input, out_re: &mut Output, out_im: &mut Output) {
    match re.dtype {
        DType::F64 => lines::<f64>(inverse, re, im, out_re, out_im),
        _ => lines::<f32>(inverse, re, im, out_re, out_im),
    }
}

/// A transform made ready, one for each type, length and direction.
fn plan<T: FftNum>(length: usize, inverse: bool) -> Arc<dyn Fft<T>> {
    type Key = (TypeId, usize, bool);
    type Plans = Mutex<Option<HashMap<Key, Box<dyn Any + Send>>>>;
    static PLANS: Plans = Mutex::new(None);
    let key = (TypeId::of::<T>(), length, inverse);
    let mut plans = PLANS.lock().unwrap_or_else(|e| e.into_inner());
    let plans = plans.get_or_insert_with(HashMap::new);
    if let Some(ready) = plans.get(&key).and_then(|p| p.downcast_ref::<Arc<dyn Fft<T>>>()) {
        return ready.clone();
    }
    let mut planner = FftPlanner::<T>::new();
    let made = if inverse { planner.plan_fft_inverse(length) } else { planner.plan_fft_forward(length) };
    if plans.len() >= KEPT {
        plans.clear();
    }
    plans.insert(key, Box::new(made.clone()));
    made
}

fn lines<T: FftNum + Plain>(inverse: bool, re: &Input, im: &Input, out_re: &mut Output, out_im: &mut Output) {
    let n = re.shape.last().copied().unwrap_or(0);
    let (re, im) = (re.of::<T>(), im.of::<T>());
    if re.is_empty() {
        return;
    }
    let fft = plan::<T>(n, inverse);
    let count = re.len() / n;
    let jobs = parts(out_re.of::<T>(), count).into_iter().zip(parts(out_im.of::<T>(), count));
    let cost = n.saturating_mul(4 * (usize::BITS - n.leading_zeros()) as usize);
    let done = each(jobs.collect(), cost, |i, (to_re, to_im)| {
        let line = i * n..(i + 1) * n;
        let pairs = re[line.clone()].iter().zip(&im[line]);
        let mut work: Vec<Complex<T>> = pairs.map(|(&re, &im)| Complex { re, im }).collect();
        fft.process(&mut work);
        for ((re, im), z) in to_re.iter_mut().zip(to_im).zip(work) {
            (*re, *im) = (z.re, z.im);
        }
        Ok(())
    });
    done.expect("transforms do not fail");
}
