//! Fourier transforms and windows against golden values.

use rhyton::ops::{self, StftFrames, Window};
use rhyton::{Result, Tensor};
use rhyton_testkit::cases::{Kw, run};

/// A size; those that only take time and memory are left out: gigabytes, but not more than there can be.
fn size(kw: &Kw, name: &str) -> Result<usize> {
    let n = kw.int(name).expect("a size") as usize;
    if (1 << 20..1 << 40).contains(&n) {
        return rhyton_testkit::fuzz::skipped();
    }
    Ok(n)
}

fn frames(kw: &Kw, given: Option<&Tensor>) -> Result<StftFrames> {
    let size = |name: &str| size(kw, name);
    let window = match kw.text("window") {
        Some("hann") => Window::Hann,
        Some("hamming") => Window::Hamming,
        Some("given") if given.is_some() => Window::Of(given.expect("a window").clone()),
        _ => Window::Rectangular,
    };
    let frames = StftFrames::new(size("sequence_length")?, size("sequence_stride")?, size("fft_length")?);
    Ok(frames.window(window).center(kw.flag("center")))
}

fn dispatch(name: &str, x: &[Tensor], kw: &Kw) -> Result<Vec<Tensor>> {
    let pair = |(a, b): (Tensor, Tensor)| vec![a, b];
    let n = || size(kw, "n");
    let length = if kw.has("fft_length") { Some(size(kw, "fft_length")?) } else { None };
    let one = match name {
        "fft" => return ops::fft(&x[0], &x[1]).map(pair),
        "fft2" => return ops::fft2(&x[0], &x[1]).map(pair),
        "ifft2" => return ops::ifft2(&x[0], &x[1]).map(pair),
        "rfft" => return ops::rfft(&x[0], length).map(pair),
        "irfft" => ops::irfft(&x[0], &x[1], length),
        "stft" => return ops::stft(&x[0], &frames(kw, x.get(1))?).map(pair),
        "istft" => ops::istft(&x[0], &x[1], &frames(kw, x.get(2))?, kw.int("length").map(|n| n as usize)),
        "bartlett" => ops::bartlett(n()?),
        "blackman" => ops::blackman(n()?),
        "hamming" => ops::hamming(n()?),
        "hanning" => ops::hanning(n()?),
        "kaiser" => ops::kaiser(n()?, kw.float("beta").expect("beta")),
        other => panic!("a function called {other}"),
    };
    Ok(vec![one?])
}

#[test]
fn golden_values() {
    run("signal", dispatch);
}

#[test]
fn random_wrong_calls() {
    rhyton_testkit::fuzz::run("signal", dispatch);
}

#[test]
fn what_was_taken_apart_comes_back() {
    let x = rhyton::random::normal([2, 100], 0.0, 1.0, rhyton::DType::F64, 1).unwrap();
    let frames = StftFrames::new(16, 4, 20);
    let (re, im) = ops::stft(&x, &frames).unwrap();
    let back = ops::istft(&re, &im, &frames, Some(100)).unwrap();
    let gap = (&back - &x).abs().max(..).unwrap().item::<f64>().unwrap();
    assert!(gap < 1e-12, "{gap}");
}

#[test]
fn long_transforms_are_accurate() {
    // A wave of 5 turns has one line in its spectrum; the lengths include a large prime.
    for n in [4096usize, 5003, 6000] {
        let wave: Vec<f64> =
            (0..n).map(|i| (std::f64::consts::TAU * 5.0 * i as f64 / n as f64).cos()).collect();
        let (re, im) = ops::rfft(&Tensor::from(wave), None).unwrap();
        let (re, im) = (re.to_vec::<f64>().unwrap(), im.to_vec::<f64>().unwrap());
        for k in 0..re.len() {
            let want = if k == 5 { n as f64 / 2.0 } else { 0.0 };
            assert!((re[k] - want).abs() < 1e-9 && im[k].abs() < 1e-9, "{n} {k}: {} {}", re[k], im[k]);
        }
    }
}
