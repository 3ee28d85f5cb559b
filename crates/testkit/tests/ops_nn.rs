//! Normalization, attention, crossentropies and connectionist temporal classification against Keras.

use rhyton::ops::{self, AttentionOptions, CtcStrategy};
use rhyton::{Axes, Result, Tensor};
use rhyton_testkit::cases::{Kw, run};

fn axes(kw: &Kw, name: &str) -> Axes {
    match kw.get(name) {
        None => Axes::from(..),
        Some(v) => match v.as_i64() {
            Some(axis) => Axes::from(axis as isize),
            None => Axes::from(kw.ints(name).expect("axes").as_slice()),
        },
    }
}

fn attention(x: &[Tensor], kw: &Kw) -> Result<Tensor> {
    let mut o = AttentionOptions::new().is_causal(kw.flag("is_causal"));
    let mut extra = x[3..].iter();
    if kw.flag("bias") {
        o = o.bias(extra.next().expect("a bias"));
    }
    if kw.flag("mask") {
        o = o.mask(extra.next().expect("a mask"));
    }
    if let Some(scale) = kw.float("scale") {
        o = o.scale(scale);
    }
    ops::dot_product_attention(&x[0], &x[1], &x[2], o)
}

fn dispatch(name: &str, x: &[Tensor], kw: &Kw) -> Result<Vec<Tensor>> {
    let axis = kw.get("axis").and_then(|v| v.as_i64()).unwrap_or(-1) as isize;
    let epsilon = kw.float("epsilon");
    let logits = kw.flag("from_logits");
    let y = match name {
        "softmax" => ops::softmax(&x[0], axes(kw, "axis")),
        "log_softmax" => ops::log_softmax(&x[0], axes(kw, "axis")),
        "moments" => {
            let axes = axes(kw, "axes");
            let axes = if kw.flag("keepdims") { axes.keepdims() } else { axes };
            let (mean, variance) = ops::moments(&x[0], axes)?;
            return Ok(vec![mean, variance]);
        }
        "batch_normalization" => {
            let epsilon = epsilon.unwrap_or(1e-3);
            ops::batch_normalization(&x[0], &x[1], &x[2], axis, x.get(3), x.get(4), epsilon)
        }
        "layer_normalization" => {
            ops::layer_normalization(&x[0], x.get(1), x.get(2), axes(kw, "axis"), epsilon)
        }
        "rms_normalization" => ops::rms_normalization(&x[0], x.get(1), axes(kw, "axis"), epsilon),
        "normalize" => {
            ops::normalize(&x[0], axes(kw, "axis"), kw.int("order").expect("an order") as usize, epsilon)
        }
        "psnr" => ops::psnr(&x[0], &x[1], kw.float("max_val").expect("a number")),
        "dot_product_attention" => attention(x, kw),
        "binary_crossentropy" => ops::binary_crossentropy(&x[0], &x[1], logits),
        "categorical_crossentropy" => ops::categorical_crossentropy(&x[0], &x[1], logits, axis),
        "sparse_categorical_crossentropy" => ops::sparse_categorical_crossentropy(&x[0], &x[1], logits, axis),
        "ctc_loss" => ops::ctc_loss(&x[0], &x[1], &x[2], &x[3], kw.int("mask_index").unwrap_or(0) as usize),
        "ctc_decode" => {
            let strategy = match kw.text("strategy") {
                Some("beam_search") => CtcStrategy::BeamSearch {
                    beam_width: kw.int("beam_width").unwrap_or(100) as usize,
                    top_paths: kw.int("top_paths").unwrap_or(1) as usize,
                },
                _ => CtcStrategy::Greedy {
                    merge_repeated: !kw.has("merge_repeated") || kw.flag("merge_repeated"),
                },
            };
            let mask = kw.int("mask_index").unwrap_or(0) as usize;
            let (labels, scores) = ops::ctc_decode(&x[0], &x[1], strategy, mask)?;
            return Ok(vec![labels, scores]);
        }
        other => panic!("a function called {other}"),
    };
    Ok(vec![y?])
}

#[test]
fn nn() {
    run("nn", dispatch);
}

#[test]
fn wrong_calls_are_errors() {
    rhyton_testkit::fuzz::run("nn", dispatch);
}
