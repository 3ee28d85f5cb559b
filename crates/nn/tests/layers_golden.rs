//! Layers against Keras: results, gradients, weights, masks, shapes and configurations.

mod common;

use common::{Arrays, assert_close, config, floatx, json, npz, precision, text};
use rhyton_base::{Dim, Shape};
use rhyton_graph::Function;
use rhyton_nn::layers::{AnyLayer, CallCx, LayerCall, LossSink, from_config};
use rhyton_ops::Meta;
use rhyton_tensor::{Attr, DType, GradientTape, Tensor, Unconnected, ops};
use serde_json::Value;
use std::panic::AssertUnwindSafe;

/// Keys that Keras got after 3.0 or that mean nothing here; they are left out of files at their defaults.
const NEWER: [&str; 7] = [
    "quantization_config",
    "renorm",
    "renorm_clipping",
    "renorm_momentum",
    "sliding_window",
    "synchronized",
    "use_gate",
];

/// Keras's configuration without what is left out on purpose.
fn known(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let newer = |key: &String| NEWER.contains(&key.as_str());
            let kept = map.iter().filter(|(key, v)| !newer(key) || v.is_u64() || **v == Value::Bool(true));
            // Layers inside others are built when they are first called.
            let kept = kept.filter(|(key, _)| *key != "build_config");
            // The scaling initializers of Keras 3.15 have two axes more.
            let kept = kept.filter(|(key, v)| !(v.is_null() && key.ends_with("put_axes")));
            Value::Object(kept.map(|(k, v)| (k.clone(), known(v))).collect())
        }
        Value::Array(list) => list.iter().map(known).collect(),
        // Whole numbers that stand for fractions.
        Value::Number(n) => Value::from(n.as_f64().unwrap()),
        other => other.clone(),
    }
}

/// Gives layers inside of a configuration an element type. Keras writes the numbers of regularizers as `float32` has them; the
/// run in double precision was given the numbers themselves.
fn suit(value: &mut Value, dtype: DType) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|v| suit(v, dtype)),
        Value::Object(map) => {
            if map.contains_key("dtype") {
                map.insert("dtype".into(), Value::from(dtype.name()));
            }
            map.values_mut().for_each(|v| suit(v, dtype));
        }
        Value::Number(n) if n.is_f64() && dtype == DType::F64 => {
            let x = n.as_f64().unwrap();
            if f64::from(x as f32) == x {
                *value = Value::from((x as f32).to_string().parse::<f64>().unwrap());
            }
        }
        _ => (),
    }
}

/// The layer of a case, in a precision.
fn make(case: &Value, dtype: DType) -> AnyLayer {
    let mut config = config(&case["config"]);
    config.values_mut().for_each(|value| suit(value, dtype));
    config.insert("dtype".into(), Value::from(dtype.name()));
    let mut warnings = Vec::new();
    let layer = from_config(text(case, "class"), &config, &mut warnings).unwrap();
    assert!(
        warnings.iter().all(|w| w.contains("_axes") || NEWER.iter().any(|k| w.contains(k))),
        "{warnings:?}"
    );
    layer
}

fn flag(case: &Value, key: &str) -> bool {
    case[key].as_bool().unwrap()
}

/// The call of a case: what it is given by name beside the inputs.
fn call(case: &Value, layer: &AnyLayer, with_named: bool) -> LayerCall {
    let count = case["inputs"].as_array().unwrap().len();
    let (args, mut kwargs) = layer.call_form(count);
    let flags = case["call"].as_object().unwrap();
    kwargs.extend(flags.iter().map(|(key, value)| (key.clone(), Attr::Bool(value.as_bool().unwrap()))));
    let named = case["named"].as_array().unwrap().iter().filter(|_| with_named).enumerate();
    kwargs.extend(named.map(|(i, key)| (key.as_str().unwrap().to_string(), Attr::Tensor(count + i))));
    let training = Some(flag(case, "training"));
    LayerCall { training, arguments: Some((args, kwargs)), ..LayerCall::new(layer) }
}

fn inputs(case: &Value, arrays: &Arrays, dtype: DType) -> Vec<Tensor> {
    let id = text(case, "id");
    let masks = case["masks"].as_array().unwrap();
    let input = |(i, masked): (usize, &Value)| {
        let mask = masked.as_bool().unwrap().then(|| arrays.get(&format!("{id}/m{i}")).cast(DType::Bool));
        arrays.at(&format!("{id}/x{i}"), dtype).with_mask(mask)
    };
    let named = case["named"].as_array().unwrap().iter();
    let named = named.map(|key| arrays.get(&format!("{id}/m{}", key.as_str().unwrap())).cast(DType::Bool));
    masks.iter().enumerate().map(input).chain(named).collect()
}

fn check(case: &Value, arrays: &Arrays, dtype: DType) {
    let id = text(case, "id");
    let layer = make(case, dtype);
    let xs = inputs(case, arrays, dtype);
    let own = |part: &str| format!("{}/{id}/{part}", precision(dtype));
    // In single precision, Keras's own numbers of these are further from those in double precision than others.
    let class = text(case, "class");
    let rough = class.ends_with("HeadAttention") || ["Bidirectional", "GroupQueryAttention"].contains(&class);
    let tolerance = match dtype {
        DType::F64 => 1e-9,
        _ if rough => 2e-4,
        _ => 1e-5,
    };
    let close = |what: &str, got: &Tensor, want: &Tensor| {
        assert_close(&format!("{} {what}", own("")), got, want, tolerance, tolerance, &[]);
    };

    let count = case["inputs"].as_array().unwrap().len();
    layer.build_all(&xs[..count].iter().map(|x| x.meta().shape).collect::<Vec<_>>()).unwrap();
    let weights = layer.weights();
    let names: Vec<String> =
        case["weights"].as_array().unwrap().iter().map(|w| w.as_str().unwrap().to_string()).collect();
    let last = |n: &String| n.rsplit('/').next().unwrap_or_default().to_string();
    assert_eq!(
        weights.iter().map(|w| last(&w.name())).collect::<Vec<_>>(),
        names.iter().map(last).collect::<Vec<_>>()
    );
    let values: Vec<Tensor> = (0..weights.len()).map(|i| arrays.at(&format!("{id}/w{i}"), dtype)).collect();
    layer.set_weights(&values).unwrap();

    // At once, on a tape.
    let sink = LossSink::default();
    let cx = if flag(case, "training") { CallCx::TRAINING } else { CallCx::INFERENCE };
    let tape = GradientTape::persistent();
    xs.iter().filter(|x| x.dtype().is_float()).for_each(|x| tape.watch(x));
    let all = call(case, &layer, true).call_in(&xs, &cx.collecting(&sink)).unwrap();
    let part = |letter: &str, i: usize| if i == 0 { letter.to_string() } else { format!("{letter}{i}") };
    for (i, y) in all.iter().enumerate() {
        close(&part("y", i), y, &arrays.get(&own(&part("y", i))));
        assert_eq!(y.dtype(), dtype, "{id}");
    }
    assert!(!arrays.has(&own(&format!("y{}", all.len()))), "{id}: there are more results");
    let y = &all[0];
    assert_eq!(y.mask().is_some(), flag(case, "mask"), "{id}: mask");
    if let Some(mask) = y.mask() {
        close("mask", &mask.cast(DType::F64), &arrays.at(&format!("{id}/mask"), dtype).cast(DType::F64));
    }
    let mut losses = sink.take();
    losses.extend(layer.regularization().unwrap());
    assert_eq!(losses.len(), case["losses"].as_u64().unwrap() as usize, "{id}: losses");
    if !losses.is_empty() {
        close(
            "losses",
            &ops::stack(&losses.iter().collect::<Vec<_>>(), 0).unwrap(),
            &arrays.get(&own("losses")),
        );
    }
    let weighed = all.iter().enumerate().map(|(i, y)| {
        let along = arrays.at(&format!("{id}/{}", part("c", i)), dtype);
        ops::sum(&ops::multiply(y, &along).unwrap(), ..).unwrap()
    });
    let total = weighed.reduce(|a, b| ops::add(&a, &b).unwrap()).unwrap();
    drop(losses);
    if flag(case, "gradients") {
        for (i, x) in xs.iter().enumerate().filter(|(_, x)| x.dtype().is_float()) {
            let g =
                tape.gradients_of(&total, &[x.into()], Unconnected::Zero).unwrap().swap_remove(0).unwrap();
            close(&format!("gx{i}"), &g, &arrays.get(&own(&format!("gx{i}"))));
        }
        let trainable = layer.trainable_weights();
        for (i, w) in weights.iter().enumerate() {
            let expected = arrays.has(&own(&format!("gw{i}")));
            assert_eq!(trainable.iter().any(|t| t.id() == w.id()), expected, "{id}: {}", w.name());
            if expected {
                let g = tape.gradients_of(&total, &[w.into()], Unconnected::Zero).unwrap();
                close(&format!("gw{i}"), g[0].as_ref().unwrap(), &arrays.get(&own(&format!("gw{i}"))));
            }
        }
    }

    // Weights after a second call.
    call(case, &layer, true).call_in(&xs, &cx).unwrap();
    for (i, (w, before)) in weights.iter().zip(&values).enumerate() {
        let key = own(&format!("a{i}"));
        close(&key, &w.value(), &if arrays.has(&key) { arrays.get(&key) } else { before.clone() });
    }

    layer.reset_state().unwrap();
    compiled(case, &layer, &xs, &values, y);
    symbolic(case, &all, dtype);
}

/// Compiled, from the same weights: the same numbers.
fn compiled(case: &Value, layer: &AnyLayer, xs: &[Tensor], values: &[Tensor], y: &Tensor) {
    let id = text(case, "id");
    layer.set_weights(values).unwrap();
    let metas: Vec<Meta> = xs.iter().map(Tensor::meta).collect();
    let training = flag(case, "training");
    let masks: Vec<Option<Tensor>> = xs.iter().map(|x| x.mask().cloned()).collect();
    let function = Function::trace(&metas, |x| {
        let cx = if training { CallCx::TRAINING } else { CallCx::INFERENCE };
        let x: Vec<Tensor> = x.iter().zip(&masks).map(|(x, m)| x.with_mask(m.clone())).collect();
        call(case, layer, true).call_in(&x, &cx)
    })
    .unwrap();
    let got = function.call(&xs.iter().collect::<Vec<_>>()).unwrap().swap_remove(0);
    let tolerance = if y.dtype() == DType::F64 { 1e-12 } else { 2e-6 };
    assert_close(&format!("{id} compiled"), &got, y, tolerance, tolerance, &[]);
}

/// Types and shapes for inputs of unknown sizes, configurations to and fro, and what files say about building.
fn symbolic(case: &Value, results: &[Tensor], dtype: DType) {
    let id = text(case, "id");
    let layer = make(case, dtype);
    let symbols: Vec<Tensor> = case["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|input| {
            let dims = input["batch"].as_array().unwrap().iter();
            let shape: Shape = dims.map(|d| Dim::from(d.as_u64().map(|n| n as usize))).collect();
            let dtype = if input["dtype"] == "int32" { DType::I32 } else { dtype };
            Tensor::symbolic_input(Meta { dtype, shape }, "x")
        })
        .collect();
    let y = call(case, &layer, false).apply(&symbols).unwrap();
    let dims = |y: &Tensor| -> Value {
        y.meta().shape.dims().iter().map(|d| serde_json::json!(d.known())).collect()
    };
    let told = |i: usize| if y.len() == 1 { &case["symbolic"] } else { &case["symbolic"][i] };
    let fits = |dims: &Value, y: &Tensor| {
        let dims = dims.as_array().unwrap();
        let fit = |(dim, &n): (&Value, &usize)| dim.as_u64().is_none_or(|d| d as usize == n);
        dims.len() == y.rank() && dims.iter().zip(y.shape()).all(fit)
    };
    assert_eq!(y.len(), results.len(), "{id}: results");
    for (i, (y, result)) in y.iter().zip(results).enumerate() {
        assert!(fits(&dims(y), result), "{id}: result {i} has shape {:?}, not {}", result.shape(), dims(y));
        // What Keras says about shapes counts where its own results agree.
        if fits(told(i), result) {
            assert_eq!(&dims(y), told(i), "{id}: symbolic shape of result {i}");
        }
    }
    assert!(y.iter().all(|y| y.dtype() == dtype), "{id}");
    assert_eq!(layer.build_config().unwrap_or_default(), case["build_config"], "{id}: build_config");
    if dtype == DType::F32 {
        let ours = Value::Object(layer.config());
        assert_eq!(known(&ours), known(&case["config"]), "{id}: config");
        let again = from_config(layer.class_name(), &layer.config(), &mut Vec::new()).unwrap();
        assert_eq!(known(&Value::Object(again.config())), known(&ours), "{id}");
    }
}

fn all(dtype: DType) {
    let _floatx = floatx(dtype);
    let (facts, arrays) = (json("layers.json"), npz("layers.npz"));
    let cases = facts["cases"].as_array().unwrap();
    let mut wrong = Vec::new();
    for case in cases {
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| check(case, &arrays, dtype)));
        if let Err(e) = result {
            let text = e
                .downcast_ref::<String>()
                .cloned()
                .unwrap_or_else(|| e.downcast_ref::<&str>().map(|s| s.to_string()).unwrap_or_default());
            wrong.push(format!("{}: {text}", case["id"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases fail:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn layers_in_double_precision() {
    all(DType::F64);
}

#[test]
fn layers_in_single_precision() {
    all(DType::F32);
}

#[test]
fn noise_has_the_statistics_of_keras() {
    let _floatx = floatx(DType::F32);
    rhyton_tensor::set_random_seed(11);
    let normal = rhyton_tensor::SeedGenerator::new(Some(3));
    for fact in json("layers.json")["random"].as_array().unwrap() {
        let class = text(fact, "class");
        let layer = from_config(class, &config(&fact["config"]), &mut Vec::new()).unwrap();
        let shape: Vec<usize> =
            fact["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
        let x = normal.normal(shape, 1.0, 1.0, DType::F32).unwrap();
        let y = layer.call_in(&x, &CallCx::TRAINING).unwrap();
        let values = y.to_f64s().unwrap();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let std = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
        let zeros = values.iter().filter(|&&v| v == 0.0).count() as f64 / n;
        for (name, got) in [("mean", mean), ("std", std), ("zeros", zeros)] {
            let want = fact[name].as_f64().unwrap();
            assert!((got - want).abs() < 0.025, "{class}: {name} is {got}, expected {want}");
        }
        if let Some(axes) = fact["spatial_axes"].as_array() {
            let axes: Vec<isize> = axes.iter().map(|a| a.as_i64().unwrap() as isize).collect();
            let zero = ops::equal(&y, &ops::zeros([], DType::F32).unwrap()).unwrap();
            let (all, any) = (ops::all(&zero, &axes[..]).unwrap(), ops::any(&zero, &axes[..]).unwrap());
            assert!(all.bit_equal(&any), "{class}: channels are dropped as a whole");
        }
    }
}
