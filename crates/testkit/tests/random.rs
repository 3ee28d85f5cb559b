//! Random numbers: moments and distributions at fixed seeds, repeatability, threads, bad arguments.

use rhyton::random::{self, SeedGenerator};
use rhyton::{DType, Function, Meta, Result, Tensor, ops, set_threads};
use rhyton::{DType::F32, DType::F64, DType::I32, DType::I64};

const N: usize = 100_000;

fn numbers(x: Result<Tensor>) -> Vec<f64> {
    let x = x.unwrap();
    assert_eq!(x.len(), N);
    x.to_f64s().unwrap()
}

/// Mean and variance within five standard errors.
fn assert_moments(what: &str, x: &[f64], mean: f64, variance: f64, kurtosis: f64) {
    let n = x.len() as f64;
    let m = x.iter().sum::<f64>() / n;
    let v = x.iter().map(|x| (x - m).powi(2)).sum::<f64>() / n;
    assert!((m - mean).abs() < 5.0 * (variance / n).sqrt(), "{what}: mean {m}, expected {mean}");
    let error = variance * ((kurtosis - 1.0) / n).sqrt();
    assert!((v - variance).abs() < 5.0 * error, "{what}: variance {v}, expected {variance}");
}

/// The Kolmogorov-Smirnov distance, at a level that one in a million fails.
fn assert_distribution(what: &str, mut x: Vec<f64>, cdf: impl Fn(f64) -> f64) {
    x.sort_by(f64::total_cmp);
    let n = x.len() as f64;
    let far = |(i, &v): (usize, &f64)| {
        let c = cdf(v);
        (c - i as f64 / n).abs().max(((i + 1) as f64 / n - c).abs())
    };
    let distance = x.iter().enumerate().map(far).fold(0.0, f64::max);
    assert!(distance < 2.7 / n.sqrt(), "{what}: distance {distance}");
}

/// Pearson's statistic of counts against probabilities, at some five standard deviations.
fn assert_counts(what: &str, counts: &[usize], chances: &[f64]) {
    let n: usize = counts.iter().sum();
    let (mut statistic, mut places) = (0.0, 0.0);
    for (&c, &p) in counts.iter().zip(chances).filter(|(_, p)| **p * n as f64 > 5.0) {
        let expected = p * n as f64;
        statistic += (c as f64 - expected).powi(2) / expected;
        places += 1.0;
    }
    assert!(
        statistic < places + 6.0 * (2.0f64 * places).sqrt() + 12.0,
        "{what}: {statistic} over {places} places"
    );
}

/// The error function by its series and its continued fraction.
fn normal_cdf(x: f64) -> f64 {
    let t = Tensor::from(x / std::f64::consts::SQRT_2);
    0.5 * (1.0 + ops::erf(&t).unwrap().item::<f64>().unwrap())
}

/// The regularised lower incomplete gamma function by its series.
fn gamma_cdf(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let (mut term, mut total, mut k) = (1.0 / a, 1.0 / a, a);
    while term > total * 1e-17 {
        k += 1.0;
        term *= x / k;
        total += term;
    }
    total * (a * x.ln() - x - log_gamma(a)).exp()
}

fn log_gamma(x: f64) -> f64 {
    // Stirling's series from 10 on, the recurrence below.
    let (mut x, mut shift) = (x, 0.0);
    while x < 10.0 {
        shift += x.ln();
        x += 1.0;
    }
    let i = 1.0 / (x * x);
    (x - 0.5) * x.ln() - x
        + 0.5 * std::f64::consts::TAU.ln()
        + (1.0 / 12.0 - i * (1.0 / 360.0 - i / 1260.0)) / x
        - shift
}

fn binomial_chance(n: f64, p: f64, k: f64) -> f64 {
    let choose = log_gamma(n + 1.0) - log_gamma(k + 1.0) - log_gamma(n - k + 1.0);
    (choose + k * p.ln() + (n - k) * (1.0 - p).ln()).exp()
}

#[test]
fn continuous_distributions() {
    let x = numbers(random::uniform([N], -1.0, 3.0, F64, 1));
    assert_moments("uniform", &x, 1.0, 16.0 / 12.0, 1.8);
    assert_distribution("uniform", x, |v| (v + 1.0) / 4.0);
    let x = numbers(random::normal([N], 2.0, 3.0, F64, 2));
    assert_moments("normal", &x, 2.0, 9.0, 3.0);
    assert_distribution("normal", x[..20_000].to_vec(), |v| normal_cdf((v - 2.0) / 3.0));
    let x = numbers(random::truncated_normal([N], 0.0, 1.0, F64, 3));
    assert!(x.iter().all(|v| v.abs() <= 2.0));
    let tail = normal_cdf(-2.0);
    assert_distribution("truncated", x[..20_000].to_vec(), |v| (normal_cdf(v) - tail) / (1.0 - 2.0 * tail));
    for (seed, alpha) in [0.1, 0.5, 1.0, 2.5, 30.0].into_iter().enumerate() {
        let x = numbers(random::gamma([N], alpha, F64, seed as u32));
        assert_moments("gamma", &x, alpha, alpha, 3.0 + 6.0 / alpha);
        assert_distribution(&format!("gamma {alpha}"), x, |v| gamma_cdf(alpha, v));
    }
    for (a, b) in [(0.5, 0.5), (1.0, 3.0), (2.0, 2.0), (40.0, 20.0)] {
        let x = numbers(random::beta([N], a, b, F64, 9));
        let s: f64 = a + b;
        let variance = a * b / (s * s * (s + 1.0));
        let excess =
            6.0 * ((a - b).powi(2) * (s + 1.0) - a * b * (s + 2.0)) / (a * b * (s + 2.0) * (s + 3.0));
        assert_moments("beta", &x, a / s, variance, 3.0 + excess);
    }
    assert_distribution("beta", numbers(random::beta([N], 1.0, 3.0, F64, 5)), |v| 1.0 - (1.0 - v).powi(3));
    // Variates that underflow leave no NaN.
    let x = numbers(random::beta([N], 1e-4, 1e-4, F32, 5));
    assert!(x.iter().all(|v| (0.0..=1.0).contains(v)));
    assert_moments("beta", &x, 0.5, 0.25 / 1.0002, 1.01);
}

#[test]
fn counts() {
    for (seed, (n, p)) in [(1.0, 0.3), (10.0, 0.5), (40.0, 0.9), (100.0, 0.5), (1000.0, 0.02), (500.0, 0.3)]
        .into_iter()
        .enumerate()
    {
        let x = numbers(random::binomial([N], n, p, F64, seed as u32));
        let variance = n * p * (1.0 - p);
        assert_moments(
            &format!("binomial {n} {p}"),
            &x,
            n * p,
            variance,
            3.0 + (1.0 - 6.0 * p * (1.0 - p)) / variance,
        );
        let mut counts = vec![0; n as usize + 1];
        x.iter().for_each(|&k| counts[k as usize] += 1);
        let chances: Vec<f64> = (0..counts.len()).map(|k| binomial_chance(n, p, k as f64)).collect();
        assert_counts(&format!("binomial {n} {p}"), &counts, &chances);
    }
    let x = numbers(random::randint([N], -3, 7, I32, 4));
    let mut counts = [0; 10];
    x.iter().for_each(|&k| counts[(k + 3.0) as usize] += 1);
    assert_counts("randint", &counts, &[0.1; 10]);
    let logits = Tensor::from([[0.1f64, 0.2, 0.3, 0.4], [0.7, 0.1, 0.0, 0.2]]).log();
    let x = random::categorical(&logits, N, I32, 8).unwrap();
    assert_eq!((x.dtype(), x.shape()), (I32, &[2, N][..]));
    let x = x.to_vec::<i32>().unwrap();
    for (row, chances) in [[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.0, 0.2]].iter().enumerate() {
        let mut counts = [0; 4];
        x[row * N..(row + 1) * N].iter().for_each(|&k| counts[k as usize] += 1);
        assert_counts("categorical", &counts, chances);
        assert!(chances[2] > 0.0 || counts[2] == 0);
    }
}

#[test]
fn dropping_and_shuffling() {
    let x = ops::ones([100, 1000], F32).unwrap();
    let y = numbers(random::dropout(&x, 0.3, None, 1));
    let kept = y.iter().filter(|v| **v != 0.0).count() as f64;
    assert!((kept / N as f64 - 0.7).abs() < 0.008);
    assert!(y.iter().all(|&v| v == 0.0 || (v - 1.0 / 0.7).abs() < 1e-6));
    let rows = random::dropout(&x, 0.5, Some(&[None, Some(1)]), 1).unwrap().sum(1).unwrap();
    assert!(rows.to_vec::<f32>().unwrap().iter().all(|v| *v == 0.0 || *v == 2000.0));
    assert!(random::dropout(&x, 0.0, None, 1).unwrap().bit_equal(&x));
    let numbered = ops::arange(6, I64).unwrap();
    let mut counts = vec![0; 36];
    let g = SeedGenerator::new(Some(5));
    for _ in 0..6000 {
        let y = random::shuffle(&numbered, 0, &g).unwrap().to_vec::<i64>().unwrap();
        let mut sorted = y.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 1, 2, 3, 4, 5]);
        y.iter().enumerate().for_each(|(i, &v)| counts[i * 6 + v as usize] += 1);
    }
    assert_counts("shuffle", &counts, &[1.0 / 36.0; 36]);
    let x = ops::arange(24, F32).unwrap().reshape([2, 3, 4]).unwrap();
    for axis in [0, 1, -1] {
        let y = random::shuffle(&x, axis, 3).unwrap();
        assert_eq!(
            y.sum(axis).unwrap().to_vec::<f32>().unwrap(),
            x.sum(axis).unwrap().to_vec::<f32>().unwrap()
        );
    }
}

/// Every function once, from a seed.
fn all(seed: impl Into<random::Seed> + Clone) -> Vec<Tensor> {
    let s = || seed.clone();
    let x = ops::ones([50, 60], F32).unwrap();
    let logits = ops::zeros([3, 7], F32).unwrap();
    vec![
        random::uniform([3000], 0.0, 1.0, F32, s()).unwrap(),
        random::normal([3000], 0.0, 1.0, F64, s()).unwrap(),
        random::truncated_normal([3000], 0.0, 1.0, DType::F16, s()).unwrap(),
        random::randint([3000], 0, i64::MAX, I64, s()).unwrap(),
        random::categorical(&logits, 1000, I64, s()).unwrap(),
        random::dropout(&x, 0.5, None, s()).unwrap(),
        random::shuffle(&random::normal([60, 50], 0.0, 1.0, F32, 1).unwrap(), 0, s()).unwrap(),
        random::gamma([50, 60], ops::arange(60, F32).unwrap(), F32, s()).unwrap(),
        random::beta([3000], 0.5, 0.5, DType::BF16, s()).unwrap(),
        random::binomial([50, 60], ops::arange(60, F32).unwrap(), 0.5, F32, s()).unwrap(),
    ]
}

#[test]
fn bits_depend_on_the_seed_alone() {
    let threads = rhyton::threads();
    set_threads(1);
    let first = all(7);
    set_threads(2);
    let second = all(7);
    set_threads(threads);
    let other = all(8);
    let generated = all(&SeedGenerator::new(Some(7)));
    for (i, ((a, b), c)) in first.iter().zip(&second).zip(&other).enumerate() {
        assert!(a.bit_equal(b), "function {i} on two threads");
        assert!(!a.bit_equal(c), "function {i} with another seed");
    }
    assert!(first[0].bit_equal(&generated[0]), "the first draw of a generator is that of its seed");
    assert!(!first[1].bit_equal(&generated[1]), "a generator goes on");
}

#[test]
fn the_process_generator_starts_anew_with_a_seed() {
    rhyton::set_random_seed(3);
    let a = all(None);
    let b = all(None);
    rhyton::set_random_seed(3);
    let c = all(None);
    for ((a, b), c) in a.iter().zip(&b).zip(&c) {
        assert!(a.bit_equal(c) && !a.bit_equal(b));
    }
}

#[test]
fn compiled_functions_draw_anew() {
    let alpha = Tensor::from([0.5f32, 2.0, 7.0]);
    let g = SeedGenerator::new(Some(11));
    let draws = |x: &Tensor, g: &SeedGenerator| -> Result<Vec<Tensor>> {
        Ok(vec![
            random::gamma([3], x, F32, g)?,
            random::beta([3], x, 2.0, F32, g)?,
            random::binomial([2, 3], x, 0.5, F32, g)?,
            random::shuffle(x, 0, g)?,
            random::randint([4], 0, 1000, I32, g)?,
            random::normal([4], 0.0, 1.0, F32, 5)?,
        ])
    };
    let f = Function::trace(&[Meta::new(F32, [3])], |x| draws(&x[0], &g)).unwrap();
    let eager = SeedGenerator::new(Some(11));
    let mut fixed = Vec::new();
    for _ in 0..3 {
        let compiled = f.call(&[&alpha]).unwrap();
        for (i, (c, e)) in compiled.iter().zip(draws(&alpha, &eager).unwrap()).enumerate() {
            assert!(c.bit_equal(&e), "draw {i}");
        }
        fixed.push(compiled[5].clone());
    }
    assert!(fixed[0].bit_equal(&fixed[1]) && fixed[1].bit_equal(&fixed[2]));
    let symbol = Tensor::symbolic_input(Meta::new(F32, [None, Some(3)]), "x");
    let y = random::shuffle(&random::dropout(&symbol, 0.5, None, &g).unwrap(), 1, 2).unwrap();
    assert_eq!(y.meta(), symbol.meta());
}

#[test]
fn parameters_out_of_range_give_nan() {
    let bad = Tensor::from([-1.0f64, f64::NAN]);
    assert!(random::gamma([2], &bad, F32, 1).unwrap().to_vec::<f32>().unwrap().iter().all(|v| v.is_nan()));
    assert!(
        random::beta([2], &bad, 1.0, F32, 1).unwrap().to_vec::<f32>().unwrap().iter().all(|v| v.is_nan())
    );
    let x = random::binomial(
        [4],
        Tensor::from([-1.0f64, 5.0, f64::INFINITY, f64::NAN]),
        Tensor::from([0.5f64, 1.5, 0.5, 0.5]),
        F32,
        1,
    );
    assert!(x.unwrap().to_vec::<f32>().unwrap().iter().all(|v| v.is_nan()));
    assert_eq!(random::gamma([1], 0.0, F32, 1).unwrap().to_vec::<f32>().unwrap(), [0.0]);
    assert_eq!(random::normal([0, 3], 0.0, 1.0, F32, 1).unwrap().shape(), [0, 3]);
    assert_eq!(random::shuffle(&ops::zeros([0], F32).unwrap(), 0, 1).unwrap().shape(), [0]);
    assert_eq!(random::gamma([0], 1.0, F32, 1).unwrap().shape(), [0]);
}

#[test]
fn wrong_calls() {
    let x = ops::ones([2, 3], F32).unwrap();
    let cases: Vec<(Result<Tensor>, &str)> = vec![
        (random::normal([2], 0.0, 1.0, I32, 1), "random_normal: expected a float dtype, got int32"),
        (random::uniform([2], 0.0, 1.0, I32, 1), "random_uniform: expected a float dtype, got int32"),
        (
            random::truncated_normal([2], 0.0, 1.0, I32, 1),
            "truncated_normal: expected a float dtype, got int32",
        ),
        (random::gamma([2], 1.0, I32, 1), "gamma: expected a float dtype, got int32"),
        (random::beta([2], 1.0, 1.0, I64, 1), "beta: expected a float dtype, got int64"),
        (random::binomial([2], 1.0, 1.0, I64, 1), "binomial: expected a float dtype, got int64"),
        (random::randint([2], 0, 5, F32, 1), "randint: expected an integer dtype, got float32"),
        (random::randint([2], 5, 5, I32, 1), "randint: expected low < high, got 5 and 5"),
        (
            random::randint([2], 0, 257, DType::U8, 1),
            "randint: uint8 does not hold all of 0..257; use another dtype",
        ),
        (
            random::randint([2], -1, 2, DType::U64, 1),
            "randint: uint64 does not hold all of -1..2; use another dtype",
        ),
        (random::categorical(&x, 2, F32, 1), "categorical: expected an integer dtype, got float32"),
        (
            random::categorical(&ops::ones([3], F32).unwrap(), 2, I32, 1),
            "categorical: expected floats of shape (rows, classes), got float32(3,)",
        ),
        (
            random::categorical(&ops::ones([3, 0], F32).unwrap(), 2, I32, 1),
            "categorical: expected floats of shape (rows, classes), got float32(3, 0)",
        ),
        (random::dropout(&x, 1.5, None, 1), "dropout: expected a rate in [0, 1], got 1.5"),
        (random::dropout(&x, f64::NAN, None, 1), "dropout: expected a rate in [0, 1], got NaN"),
        (random::dropout(&x.cast(I32), 0.5, None, 1), "dropout: expected floats, got int32"),
        (
            random::dropout(&x, 0.5, Some(&[Some(4), Some(3)]), 1),
            "dropout: noise of shape (4, 3) does not broadcast to (2, 3)",
        ),
        (random::shuffle(&x, 2, 1), "shuffle: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1"),
    ];
    for (result, text) in cases {
        assert_eq!(result.map(|_| ()).unwrap_err().to_string(), text);
    }
    for huge in [random::gamma([usize::MAX, 2], 1.0, F32, 1), random::randint([usize::MAX, 2], 0, 2, I32, 1)]
    {
        assert!(huge.unwrap_err().to_string().contains("more elements than memory can hold"));
    }
    assert!(random::gamma([2], Tensor::from([1.0f32, 2.0, 3.0]), F32, 1).is_err());
}
