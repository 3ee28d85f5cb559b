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
