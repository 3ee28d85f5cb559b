//! The cases of testkit/golden/initializers.py: mean, spread and bounds of what initializers draw.

mod common;

use common::{config, json, text};
use rhyton_nn::initializers::{self, Initializer};
use rhyton_tensor::{DType, set_random_seed};

#[test]
fn samples_look_like_their_distribution() {
    for facts in json("initializers.json")["cases"].as_array().unwrap() {
        let shape: Vec<usize> =
            facts["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
        let draws = (20_000 / shape.iter().product::<usize>()).max(1);
        let number = |key: &str| facts[key].as_f64();
        let (mean, std) = (number("mean").unwrap(), number("std").unwrap());
        let mut arguments = config(&facts["arguments"]);
        let mut x = Vec::new();
        for seed in 1..=draws {
            arguments.insert("seed".to_string(), seed.into());
            let initializer = initializers::from_config(text(facts, "initializer"), &arguments).unwrap();
            x.extend(initializer.init(&shape, DType::F32).unwrap().to_f64s().unwrap());
        }
        let n = x.len() as f64;
        let got = x.iter().sum::<f64>() / n;
        assert!((got - mean).abs() < 5.0 * std / n.sqrt(), "mean {got}: {facts}");
        let got = (x.iter().map(|v| (v - got) * (v - got)).sum::<f64>() / n).sqrt();
        assert!((got - std).abs() < 5.0 * std / (2.0 * n).sqrt(), "std {got}: {facts}");
        let slack = 1e-6 * std + 1e-7;
        let (least, most) = x.iter().fold((f64::MAX, f64::MIN), |(a, b), &v| (a.min(v), b.max(v)));
        assert!(number("low").is_none_or(|low| low - slack <= least), "{least}: {facts}");
        assert!(number("high").is_none_or(|high| most <= high + slack), "{most}: {facts}");
        // The bounds are nearly reached where there are any.
        if let (Some(low), Some(high)) = (number("low"), number("high")) {
            assert!(most - least > 0.95 * (high - low), "{least} to {most}: {facts}");
        }
    }
}

#[test]
fn seeds() {
    let draw = |i: &dyn Initializer| i.init(&[4, 4], DType::F32).unwrap();
    let seeded = initializers::GlorotUniform::new().seed(3);
    assert!(draw(&seeded).bit_equal(&draw(&seeded)));
    assert!(!draw(&seeded).bit_equal(&draw(&initializers::GlorotUniform::new().seed(4))));
    let unseeded = initializers::GlorotUniform::new();
    set_random_seed(12);
    let (first, second) = (draw(&unseeded), draw(&unseeded));
    assert!(!first.bit_equal(&second));
    set_random_seed(12);
    assert!(draw(&unseeded).bit_equal(&first));
}

#[test]
fn names_and_arguments_survive_the_trip_to_a_file() {
    for name in initializers::NAMES {
        let made = initializers::get(name).unwrap();
        let again = initializers::from_config(made.class_name(), &made.config()).unwrap();
        assert_eq!((made.class_name(), made.config()), (again.class_name(), again.config()));
    }
    for dtype in [DType::F16, DType::BF16, DType::F32, DType::F64] {
        let x = initializers::get("he_normal").unwrap().init(&[3, 5], dtype).unwrap();
        assert_eq!((x.dtype(), x.shape()), (dtype, [3, 5].as_slice()));
    }
}

#[test]
fn orthogonal_matrices() {
    for shape in [vec![6, 4], vec![4, 6], vec![2, 3, 5], vec![5, 5]] {
        let q = initializers::Orthogonal::new().gain(2.0).seed(5).init(&shape, DType::F64).unwrap();
        let columns = shape[shape.len() - 1];
        let rows = shape.iter().product::<usize>() / columns;
        let q = q.reshape([rows, columns]).unwrap();
        let product = if rows < columns { q.matmul(&q.t()) } else { q.t().matmul(&q) }.unwrap();
        let n = rows.min(columns);
        for (i, value) in product.to_vec::<f64>().unwrap().into_iter().enumerate() {
            let expected = if i % (n + 1) == 0 { 4.0 } else { 0.0 };
            assert!((value - expected).abs() < 1e-12, "{shape:?}: {value}");
        }
    }
    // All directions are as likely: the mean of many first elements is near 0, of their squares near 1 / rows.
    let first = |seed| {
        let q = initializers::Orthogonal::new().seed(seed).init(&[4, 4], DType::F64).unwrap();
        q.to_vec::<f64>().unwrap()[0]
    };
    let drawn: Vec<f64> = (0..4000).map(first).collect();
    let mean = drawn.iter().sum::<f64>() / 4000.0;
    let square = drawn.iter().map(|x| x * x).sum::<f64>() / 4000.0;
    assert!(mean.abs() < 0.04 && (square - 0.25).abs() < 0.02, "{mean} {square}");
}

#[test]
fn axes_of_inputs_and_outputs() {
    let wide = initializers::GlorotUniform::new().seed(1).fan_axes(&[0], &[1, 2]);
    let plain = initializers::GlorotUniform::new().seed(1);
    // 2 inputs and 15 outputs, or 6 and 10.
    let (a, b) = (wide.init(&[2, 3, 5], DType::F64).unwrap(), plain.init(&[2, 3, 5], DType::F64).unwrap());
    let ratio = a.to_vec::<f64>().unwrap()[0] / b.to_vec::<f64>().unwrap()[0];
    assert!((ratio - (16.0f64 / 17.0).sqrt()).abs() < 1e-12, "{ratio}");
    let again = initializers::from_config("GlorotUniform", &wide.config()).unwrap();
    assert_eq!(again.config(), wide.config());
}
