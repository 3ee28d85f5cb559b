//! Preprocessing layers against Keras on TensorFlow: results, vocabularies, configurations; at once and compiled.

mod common;

use common::{assert_close, config, json, text};
use rhyton_graph::Function;
use rhyton_nn::layers::{
    AnyLayer, CallCx, Column, Discretization, Feature, FeatureSpace, HashedCrossing, Hashing, IntegerLookup,
    Normalization, StringLookup, Strings, TextVectorization, from_config,
};
use rhyton_ops::Meta;
use rhyton_tensor::{DType, Tensor, ops};
use serde_json::{Value, json};
use std::panic::AssertUnwindSafe;

fn shape(packed: &Value) -> Vec<usize> {
    packed["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect()
}

fn column(packed: &Value) -> Column {
    let values = packed["values"].as_array().unwrap();
    match text(packed, "dtype") {
        "string" => {
            let texts = values.iter().map(|v| v.as_str().unwrap().to_string()).collect();
            Column::Texts(Strings::new(texts, shape(packed)).unwrap())
        }
        name => {
            let dtype: DType = name.parse().unwrap();
            let x = match dtype.is_float() {
                true => Tensor::from_slice(
                    &values.iter().map(|v| v.as_f64().unwrap()).collect::<Vec<_>>(),
                    shape(packed),
                ),
                false => Tensor::from_slice(
                    &values.iter().map(|v| v.as_i64().unwrap()).collect::<Vec<_>>(),
                    shape(packed),
                ),
            };
            Column::Numbers(ops::cast(&x.unwrap(), dtype).unwrap())
        }
    }
}

fn tensor(packed: &Value) -> Tensor {
    match column(packed) {
        Column::Numbers(x) => x,
        Column::Texts(_) => panic!("texts where numbers are expected"),
    }
}

fn strings(packed: &Value) -> Strings {
    match column(packed) {
        Column::Texts(x) => x,
        Column::Numbers(_) => panic!("numbers where texts are expected"),
    }
}

/// The layer has learnt or been given what Keras's was.
fn taught(case: &Value, layer: &AnyLayer) -> Option<Vec<Value>> {
    let batches = case["adapt"].as_array().cloned().unwrap_or_default();
    let (set, weights) = (&case["set_vocabulary"][0], &case["set_vocabulary"][1]);
    let weights: Option<Vec<f64>> =
        weights.as_array().map(|w| w.iter().map(|w| w.as_f64().unwrap()).collect());
    macro_rules! teach {
        ($description:expr, $batch:expr) => {
            match batches.as_slice() {
                [] => {}
                [one] => $description.adapt(&$batch(one)).unwrap(),
                many => $description.adapt_batches(many.iter().map($batch).map(Ok)).unwrap(),
            }
        };
    }
    macro_rules! vocabulary {
        ($description:expr) => {{
            if let Some(list) = set.as_array() {
                let tokens: Vec<String> = list.iter().map(|t| t.as_str().unwrap().to_string()).collect();
                $description.set_vocabulary(&tokens, weights.as_deref()).unwrap();
            }
            let all = $description.get_vocabulary().unwrap();
            assert_eq!($description.vocabulary_size(), all.len());
            Some(all.into_iter().map(Value::from).collect())
        }};
    }
    match layer.class_name() {
        "Normalization" => teach!(Normalization::of(layer).unwrap(), tensor),
        "Discretization" => {
            let description = Discretization::of(layer).unwrap();
            teach!(description, tensor);
            let ours = description.bin_boundaries().unwrap();
            let keras: Vec<f64> =
                case["bin_boundaries"].as_array().unwrap().iter().map(|b| b.as_f64().unwrap()).collect();
            assert_eq!(ours.len(), keras.len());
            assert!(
                ours.iter().zip(&keras).all(|(a, b)| (a - b).abs() < 1e-5),
                "{ours:?}, Keras has {keras:?}"
            );
        }
        "IntegerLookup" => {
            let description = IntegerLookup::of(layer).unwrap();
            teach!(description, tensor);
            return Some(description.get_vocabulary().unwrap().into_iter().map(Value::from).collect());
        }
        "StringLookup" => {
            let description = StringLookup::of(layer).unwrap();
            teach!(description, strings);
            return vocabulary!(description);
        }
        "TextVectorization" => {
            let description = TextVectorization::of(layer).unwrap();
            teach!(description, strings);
            return vocabulary!(description);
        }
        _ => {}
    }
    None
}

/// Numbers as they are compared: what Keras gives as `int64` for vectors is a float here, as its own descriptions say.
fn close(id: &str, got: &Tensor, case: &Value) {
    let expected = tensor(&case["output"]);
    let vectors = case["config"]["output_mode"].as_str().is_some_and(|m| m != "int");
    assert_eq!(got.dtype(), if vectors { DType::F32 } else { expected.dtype() }, "{id}");
    // Pixels are interpolated between places that are rounded to `float32`.
    let image = case.get("training").is_some();
    if image && !got.dtype().is_float() {
        // Bytes halfway between two are rounded either way.
        assert_close(id, got, &expected, 0.0, 1.0, &[]);
        return;
    }
    assert_close(id, got, &expected, if image { 1e-4 } else { 2e-6 }, if image { 2e-3 } else { 1e-6 }, &[]);
}

fn check(case: &Value) {
    let id = text(case, "id");
    let mut warnings = Vec::new();
    let layer = from_config(text(case, "cls"), &config(&case["config"]), &mut warnings).unwrap();
    assert!(warnings.is_empty(), "{id}: {warnings:?}");
    if let Some(vocabulary) = taught(case, &layer) {
        assert_eq!(Value::from(vocabulary), case["vocabulary"], "{id}");
    }
    let mut inputs: Vec<Column> = case["inputs"].as_array().unwrap().iter().map(column).collect();
    inputs.extend(case.get("count_weights").map(column));
    let texts = inputs.iter().any(|c| matches!(c, Column::Texts(_)));
    if texts {
        let only = || strings(&case["inputs"][0]);
        let got = match layer.class_name() {
            "Hashing" => Hashing::of(&layer).unwrap().call_strings(only()),
            "HashedCrossing" => HashedCrossing::of(&layer).unwrap().call_columns(inputs),
            "StringLookup" => StringLookup::of(&layer).unwrap().call_strings(only()),
            "TextVectorization" => TextVectorization::of(&layer).unwrap().call_strings(only()),
            other => panic!("{other} takes no texts"),
        };
        close(id, &got.unwrap(), case);
    } else if text(&case["output"], "dtype") == "string" {
        let got = StringLookup::of(&layer).unwrap().call_indices(&tensor(&case["inputs"][0])).unwrap();
        assert_eq!(got, strings(&case["output"]), "{id}");
    } else {
        let xs: Vec<Tensor> = case["inputs"].as_array().unwrap().iter().map(tensor).collect();
        let xs: Vec<Tensor> = xs.into_iter().chain(case.get("count_weights").map(tensor)).collect();
        let cx = if case["training"] == true { CallCx::TRAINING } else { CallCx::INFERENCE };
        close(id, &layer.call_in(&xs, &cx).unwrap(), case);
        let metas: Vec<Meta> = xs.iter().map(Tensor::meta).collect();
        let function = Function::trace(&metas, |x| Ok(vec![layer.call_in(x, &cx)?])).unwrap();
        close(&format!("{id} compiled"), &function.call(&xs.iter().collect::<Vec<_>>()).unwrap()[0], case);
        if xs[0].rank() > 1 && xs[0].rank() != 3 {
            // Symbolic, with any number of samples.
            let open = |m: &Meta| {
                let rest = m.shape.dims().iter().skip(1).map(|d| d.known());
                Tensor::symbolic_input(
                    Meta::new(m.dtype, [None].into_iter().chain(rest).collect::<Vec<_>>()),
                    "x",
                )
            };
            let symbols: Vec<Tensor> = metas.iter().map(open).collect();
            let expected = shape(&case["output"]);
            if expected.len() >= xs[0].rank() {
                let y = layer.call(&symbols).unwrap().meta();
                let sizes: Vec<Option<usize>> = y.shape.dims().iter().map(|d| d.known()).collect();
                let expected = [None].into_iter().chain(expected[1..].iter().copied().map(Some));
                assert_eq!(sizes, expected.collect::<Vec<_>>(), "{id}: symbolic shape");
            }
        }
    }
    let plain = |v: &Value| match v {
        Value::Object(all) => {
            json!(all.iter().map(|(k, v)| (k.clone(), numbers(v))).collect::<serde_json::Map<_, _>>())
        }
        v => v.clone(),
    };
    if id != "discretization batches"
        && id != "discretization adapted"
        && id != "discretization adapted finely"
    {
        assert_eq!(plain(&Value::Object(layer.config())), plain(&case["after"]), "{id}: configuration");
    }
}

/// Whole numbers that stand for fractions, and fractions as `float32` has them.
fn numbers(value: &Value) -> Value {
    match value {
        Value::Number(n) => Value::from(n.as_f64().unwrap() as f32),
        Value::Array(list) => list.iter().map(numbers).collect(),
        Value::Object(all) => {
            json!(all.iter().map(|(k, v)| (k.clone(), numbers(v))).collect::<serde_json::Map<_, _>>())
        }
        other => other.clone(),
    }
}

#[test]
fn preprocessing_gives_what_keras_gives() {
    let facts = json("preprocessing.json");
    let cases = facts["cases"].as_array().unwrap();
    let mut wrong = Vec::new();
    for case in cases {
        if let Err(e) = std::panic::catch_unwind(AssertUnwindSafe(|| check(case))) {
            let text = e.downcast_ref::<String>().cloned();
            let text = text.or_else(|| e.downcast_ref::<&str>().map(|s| s.to_string()));
            wrong.push(format!("{}: {}", case["id"], text.unwrap_or_default()));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases fail:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn a_space_of_features_gives_what_keras_gives() {
    let facts = &json("preprocessing.json")["feature_space"];
    let space = FeatureSpace::new([
        ("age", Feature::float_normalized()),
        ("size", Feature::float_discretized(3)),
        ("weight", Feature::float_rescaled(0.01, 0.5)),
        ("raw", "float".into()),
        ("rooms", "integer_categorical".into()),
        ("city", Feature::string_categorical().max_tokens(3)),
        ("street", Feature::string_hashed(4)),
        ("zip", Feature::integer_hashed(5)),
    ])
    .cross(["city", "rooms"], 7)
    .cross(["zip", "street"], 7);
    let table: Vec<(&str, Column)> =
        facts["table"].as_object().unwrap().iter().map(|(name, c)| (name.as_str(), column(c))).collect();
    space.adapt(&table).unwrap();
    assert_close("space", &space.call(&table).unwrap(), &tensor(&facts["output"]), 2e-6, 1e-6, &[]);
    assert_eq!(space.call_dict(&table).unwrap()["city_X_rooms"].shape(), [5, 7]);

    // As the beginning of a model.
    let width = space.call(&table).unwrap().shape()[1];
    assert_eq!(space.get_encoded_features().unwrap().meta().shape.to_string(), format!("(None, {width})"));

    let e = space.call(&table[1..]).unwrap_err().to_string();
    assert!(e.contains("FeatureSpace: the table has no column \"age\""), "{e}");
    let e = FeatureSpace::new([("a", "float_normalised")]).adapt(&table).unwrap_err().to_string();
    assert!(e.contains("did you mean \"float_normalized\""), "{e}");
}
