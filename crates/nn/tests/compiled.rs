//! A step of training gives the same numbers at once and compiled.

mod common;

use common::assert_close;
use rhyton_graph::compiled;
use rhyton_nn::initializers::{GlorotUniform, Initializer};
use rhyton_nn::losses::{self, compute};
use rhyton_nn::metrics::{self, Metric};
use rhyton_nn::optimizers::schedules::{CosineDecay, CosineDecayRestarts};
use rhyton_nn::optimizers::{
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, LossScaleOptimizer, Muon, Nadam,
    Optimizer, RMSprop, SGD, ScheduleFreeAdamW,
};
use rhyton_nn::{Spec, activations};
use rhyton_tensor::{DType, GradientTape, SeedGenerator, Tensor, Variable, ops};
use std::sync::Arc;

const STEPS: usize = 5;

/// Losses, weights, optimizer state and metrics after a few steps.
fn train(optimizer: Arc<dyn Optimizer>, compile: bool) -> Vec<Tensor> {
    let weight = |shape: &[usize], seed: u32| {
        Variable::new(GlorotUniform::new().seed(seed).init(shape, DType::F32).unwrap())
    };
    let w = [weight(&[6, 8], 1), weight(&[8], 2), weight(&[8, 3], 3)];
    optimizer.build(&w).unwrap();
    let loss = losses::get("sparse_categorical_crossentropy").unwrap();
    let watched = [
        metrics::get("sparse_categorical_accuracy").unwrap(),
        metrics::get("sparse_categorical_crossentropy").unwrap(),
        metrics::get("sparse_top_k_categorical_accuracy").unwrap(),
    ];
    let by_class: [Arc<dyn Metric>; 5] = [
        Arc::new(metrics::AUC::new().multi_label(true)),
        Arc::new(metrics::Precision::new().top_k(2)),
        Arc::new(metrics::PrecisionAtRecall::new(0.5)),
        Arc::new(metrics::F1Score::new().average(metrics::Average::Macro)),
        Arc::new(metrics::OneHotMeanIoU::new(3)),
    ];
    let step = |x: &[Tensor]| {
        let tape = GradientTape::new();
        let hidden = activations::relu(&ops::add(&ops::matmul(&x[0], &w[0].value())?, &w[1].value())?)?;
        let y_pred = activations::softmax(&ops::matmul(&hidden, &w[2].value())?)?;
        let value = compute(&*loss, &x[1], &y_pred, Some(&x[2]))?;
        let gradients = tape.gradients(&optimizer.scale_loss(&value)?, &w)?;
        optimizer.apply(&gradients, &w)?;
        for metric in &watched {
            metric.update_state(&x[1], &y_pred, Some(&x[2]))?;
        }
        let one_hot = ops::one_hot(&x[1], 3, -1, DType::F32)?;
        for metric in &by_class {
            metric.update_state(&one_hot, &y_pred, Some(&x[2]))?;
        }
        Ok(vec![value])
    };
    let random = SeedGenerator::new(Some(9));
    let labels = Tensor::from([0, 1, 2, 2]);
    let batches: Vec<[Tensor; 3]> = (0..STEPS)
        .map(|_| {
            let x = random.normal([4, 6], 0.0, 1.0, DType::F32).unwrap();
            [x, labels.clone(), random.uniform([4], 0.5, 2.0, DType::F32).unwrap()]
        })
        .collect();
    let function = compiled(step);
    let mut seen = Vec::new();
    for batch in &batches {
        seen.extend(if compile { function.call(batch).unwrap() } else { step(batch).unwrap() });
    }
    seen.extend(w.iter().map(Variable::value));
    seen.extend(optimizer.variables().iter().map(Variable::value));
    seen.extend(watched.iter().chain(&by_class).map(|m| m.result().unwrap()));
    seen
}

fn same(make: impl Fn() -> Spec<dyn Optimizer>) {
    let name = format!("{:?}", make().resolve().unwrap().class_name());
    let (at_once, in_one) = (train(make().resolve().unwrap(), false), train(make().resolve().unwrap(), true));
    for (i, (a, b)) in at_once.iter().zip(&in_one).enumerate() {
        assert_close(&format!("{name}: value {i}"), b, a, 2e-5, 1e-6, &[]);
    }
}

#[test]
fn sgd() {
    same(|| SGD::new(0.1).into());
    same(|| SGD::new(0.1).momentum(0.9).nesterov(true).clipnorm(0.1).into());
}

#[test]
fn rmsprop() {
    same(|| RMSprop::new(0.01).momentum(0.5).centered(true).global_clipnorm(0.1).into());
}

#[test]
fn adam() {
    same(|| Adam::new(0.01).amsgrad(true).weight_decay(0.01).into());
}

#[test]
fn adagrad() {
    same(|| Adagrad::new(0.1).clipvalue(0.01).into());
}

#[test]
fn averages() {
    same(|| Adam::new(0.01).use_ema(true).ema_momentum(0.5).ema_overwrite_frequency(2).into());
}

#[test]
fn the_rest() {
    same(|| AdamW::new(0.01).into());
    same(|| Adadelta::new(1.0).into());
    same(|| Adamax::new(0.01).into());
    same(|| Nadam::new(0.01).gradient_accumulation_steps(2).into());
    same(|| Ftrl::new(0.1).l1_regularization_strength(0.01).into());
    same(|| Lion::new(0.01).into());
    same(|| Lamb::new(0.01).into());
    same(|| Adafactor::new(0.1).into());
    same(|| Muon::new(0.01).into());
    same(|| ScheduleFreeAdamW::new(0.01).warmup_steps(3).into());
}

#[test]
fn schedules() {
    same(|| SGD::new(CosineDecay::new(0.01, 4).warmup_target(0.1).warmup_steps(2.0)).into());
    same(|| Adam::new(CosineDecayRestarts::new(0.1, 2)).into());
}

#[test]
fn scaled_losses() {
    same(|| LossScaleOptimizer::new(Adam::new(0.01)).initial_scale(1e38).dynamic_growth_steps(2).into());
}
