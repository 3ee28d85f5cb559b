//! The cases of testkit/golden/activations.py: values and gradients of every activation.

mod common;

use common::{assert_close, json, npz, precision, text};
use rhyton_base::Result;
use rhyton_nn::activations as a;
use rhyton_tensor::{DType, GradientTape, Tensor, ops};
use serde_json::Value;

fn call(facts: &Value, x: &Tensor) -> Result<Tensor> {
    let arguments = &facts["arguments"];
    let number = |key: &str| arguments[key].as_f64();
    if let Some(axis) = arguments["axis"].as_i64() {
        let axis = axis as isize;
        return match text(facts, "function") {
            "softmax" => a::softmax_with(x, axis),
            "log_softmax" => a::log_softmax_with(x, axis),
            "sparsemax" => a::sparsemax_with(x, axis),
            "glu" => a::glu_with(x, axis),
            other => panic!("{other} with an axis"),
        };
    }
    match text(facts, "function") {
        "elu" => a::elu_with(x, number("alpha").unwrap_or(1.0)),
        "gelu" => a::gelu_with(x, arguments["approximate"].as_bool().unwrap_or(false)),
        "leaky_relu" => a::leaky_relu_with(x, number("negative_slope").unwrap_or(0.2)),
        "relu" => a::relu_with(
            x,
            number("negative_slope").unwrap_or(0.0),
            number("max_value"),
            number("threshold").unwrap_or(0.0),
        ),
        "threshold" => a::threshold(x, number("threshold").unwrap(), number("default_value").unwrap()),
        name => {
            assert_eq!(*arguments, Value::Object(Default::default()), "{name}: arguments that nobody reads");
            a::get(name)?.call(x)
        }
    }
}

/// What a difference of nearly equal numbers loses: these are computed as `x ± something near x`, so their error is
/// that of `x` (`gelu` has `1 + erf`).
fn cancels(function: &str) -> bool {
    matches!(function, "tanh_shrink" | "squareplus" | "gelu" | "sparsemax" | "log_softmax")
}

fn values(dtype: DType, ulp: f64, ulps: f64) {
    let arrays = npz("activations.npz");
    for facts in json("activations.json")["cases"].as_array().unwrap() {
        let (case, function) = (text(facts, "case"), text(facts, "function"));
        let x = arrays.at(&format!("in/{}", text(facts, "input")), dtype);
        let got = call(facts, &x).unwrap();
        let expected = arrays.get(&format!("{}/{case}", precision(dtype)));
        assert_eq!(got.dtype(), dtype, "{case}");
        let (e, near) = (ulps * ulp, x.abs().max(..).unwrap().to_f64s().unwrap()[0]);
        if cancels(function) {
            assert_close(case, &got, &expected, e, e * near, &[]);
        } else {
            assert_close(case, &got, &expected, e, e, &[]);
        }
    }
}

#[test]
fn values_in_double_precision() {
    values(DType::F64, f64::EPSILON, 8.0);
}

#[test]
fn values_in_single_precision() {
    values(DType::F32, f64::from(f32::EPSILON), 8.0);
}

#[test]
fn gradients() {
    let arrays = npz("activations.npz");
    let all = json("activations.json");
    for facts in all["cases"].as_array().unwrap() {
        let case = text(facts, "case");
        let input = text(facts, "input");
        let x = arrays.get(&format!("in/{input}"));
        let tape = GradientTape::new();
        tape.watch(&x);
        let y = call(facts, &x).unwrap();
        let target = if facts["elementwise"].as_bool().unwrap() {
            y
        } else {
            let mut cotangent = arrays.get(&format!("in/cotangent_{input}"));
            for (axis, &n) in y.shape().iter().enumerate() {
                cotangent = ops::narrow(&cotangent, axis as isize, 0, n).unwrap();
            }
            ops::multiply(&y, &cotangent).unwrap()
        };
        let got = tape.gradients_of(&target, &[(&x).into()], rhyton_tensor::Unconnected::Zero).unwrap();
        let kinks: Vec<usize> = all["kinks"][case]
            .as_array()
            .map(|k| k.iter().map(|i| i.as_u64().unwrap() as usize).collect())
            .unwrap_or_default();
        let expected = arrays.get(&format!("grad/{case}"));
        assert_close(&format!("grad/{case}"), got[0].as_ref().unwrap(), &expected, 1e-11, 1e-13, &kinks);
    }
}

#[test]
fn every_name_of_keras_is_there() {
    for name in json("activations.json")["names"].as_array().unwrap() {
        let name = name.as_str().unwrap();
        match a::get(name) {
            Ok(activation) => assert!(a::NAMES.contains(&activation.name())),
            Err(e) => assert_eq!(name, "threshold", "{e}"),
        }
    }
}

#[test]
fn functions_stand_for_themselves() {
    fn wave(x: &Tensor) -> Result<Tensor> {
        ops::sin(x)
    }
    let spec: a::ActivationSpec = a::relu.into();
    let relu = spec.resolve().unwrap();
    assert_eq!((relu.name(), relu.is_custom()), ("relu", false));
    let own = a::ActivationSpec::from(wave).resolve().unwrap();
    assert_eq!((own.name(), own.is_custom()), ("wave", true));
    assert_eq!(a::get("swish").unwrap().name(), "silu");
}
