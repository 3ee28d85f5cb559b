//! The training runs of testkit/golden/optimizers.py and optimizers_rest.py: 100 steps of a model of two layers with each optimizer.

mod common;

use common::{assert_close, config, floatx, json, npz, precision, text};
use rhyton_nn::Config;
use rhyton_nn::losses::{SparseCategoricalCrossentropy, compute};
use rhyton_nn::optimizers::{self, Optimizer, schedules};
use rhyton_tensor::{DType, GradientTape, Tensor, Variable, ops};
use serde_json::Value;

/// Probabilities that know nothing of their logits, as those of Keras on JAX, which made the files.
fn predict(x: &Tensor, w: &[Variable]) -> Tensor {
    let hidden = (x.matmul(&w[0].value()).unwrap() + w[1].value()).relu();
    (hidden.matmul(&w[2].value()).unwrap() + w[3].value()).softmax(-1).unwrap() * 1.0
}

/// The batch at a place of the first axis.
fn batch(all: &Tensor, i: usize) -> Tensor {
    ops::squeeze(&ops::narrow(all, 0, i, i + 1).unwrap(), 0).unwrap()
}

/// The arguments of a case, with schedules and inner optimizers as files describe them.
fn arguments(facts: &Value) -> Config {
    let mut all = config(facts);
    for value in all.values_mut() {
        let Some(object) = value.as_object() else { continue };
        let class = object.get("schedule").or_else(|| object.get("inner")).unwrap().clone();
        let mut inner = object.clone();
        inner.retain(|key, _| key != "schedule" && key != "inner");
        *value = serde_json::json!({"class_name": class, "config": inner});
    }
    all
}

/// The runs of one golden file; `file` is `"optimizers"` or `"optimizers_rest"`.
fn runs(file: &str, dtype: DType, tolerance: fn(usize) -> (f64, f64), loss_tolerance: (f64, f64)) {
    let _floatx = floatx(dtype);
    let data = npz("optimizers_data.npz");
    let golden = npz(&format!("{file}_{}.npz", precision(dtype)));
    let (x, y) = (data.at("x", dtype), data.get("y"));
    let facts = json(&format!("{file}.json"));
    for (case, facts) in facts["cases"].as_object().unwrap() {
        let made = optimizers::from_config(text(facts, "class"), &arguments(&facts["arguments"]));
        let optimizer = made.unwrap();
        let w: Vec<Variable> = (0..4).map(|i| Variable::new(data.at(&format!("w{i}"), dtype))).collect();
        optimizer.build(&w).unwrap();
        let loss = SparseCategoricalCrossentropy::new();
        let mut losses = Vec::new();
        for step in 0..100 {
            let tape = GradientTape::new();
            let value = compute(&loss, &batch(&y, step), &predict(&batch(&x, step), &w), None).unwrap();
            let gradients = tape.gradients(&optimizer.scale_loss(&value).unwrap(), &w).unwrap();
            optimizer.apply(&gradients, &w).unwrap();
            losses.push(value);
            for (i, w) in w.iter().enumerate() {
                let key = format!("{case}/step{}/w{i}", step + 1);
                if golden.has(&key) {
                    let (relative, absolute) = tolerance(step + 1);
                    let what = format!("{} {key}", precision(dtype));
                    assert_close(&what, &w.value(), &golden.get(&key), relative, absolute, &[]);
                }
            }
        }
        let losses = ops::stack(&losses.iter().collect::<Vec<_>>(), 0).unwrap();
        let what = format!("{} {case} losses", precision(dtype));
        let (relative, absolute) = loss_tolerance;
        assert_close(&what, &losses, &golden.get(&format!("{case}/loss")), relative, absolute, &[]);
        assert_eq!(optimizer.iterations().value().item::<i32>().unwrap(), 100);
        check_state(case, &*optimizer, facts, dtype);
        let again = optimizers::from_config(optimizer.class_name(), &optimizer.config()).unwrap();
        assert_eq!(again.config(), optimizer.config(), "{case}");
    }
}

/// Number and order of the state, the types of its first two, and the arguments as Keras writes them.
fn check_state(case: &str, optimizer: &dyn Optimizer, facts: &Value, dtype: DType) {
    let state = optimizer.variables();
    let expected = facts["variables"].as_array().unwrap();
    assert_eq!(state.len(), expected.len(), "{case}: number of variables");
    for (i, (v, name)) in state.iter().zip(expected).enumerate() {
        let name = name.as_str().unwrap();
        if let Some(shapes) = facts["shapes"].as_array() {
            let shape: Vec<u64> = v.shape().iter().map(|&n| n as u64).collect();
            assert_eq!(serde_json::json!(shape), shapes[i], "{case}: shape of {name}");
        }
        // Some of Keras's variables are named after the weight alone.
        if ["kernel", "bias", "variable"].contains(&name) {
            continue;
        }
        let slot = ["velocity_hat", "average_gradient", "accumulated_delta_var", "gradient_accumulator"];
        let slot = slot.into_iter().find(|s| name.ends_with(s));
        let slot = slot.unwrap_or_else(|| name.rsplit('_').next().unwrap());
        assert!(v.name().ends_with(slot), "{case}: {} for {name}", v.name());
    }
    assert_eq!(state[0].dtype(), DType::I32, "{case}");
    if expected.get(1).is_some_and(|name| name == "learning_rate") {
        assert_eq!(state[1].dtype(), dtype, "{case}");
    }
    same_arguments(case, &facts["config"], &Value::Object(optimizer.config()));
}

/// Numbers may differ by the rounding to single precision, and in being integers or not.
fn same_arguments(what: &str, theirs: &Value, ours: &Value) {
    match (theirs, ours) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, value) in a {
                same_arguments(&format!("{what}.{key}"), value, b.get(key).unwrap_or(&Value::Null));
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).for_each(|(a, b)| same_arguments(what, a, b));
        }
        _ => match (theirs.as_f64(), ours.as_f64()) {
            (Some(a), Some(b)) => assert!((a - b).abs() <= 1e-7 * a.abs(), "{what} is {b}, expected {a}"),
            _ => assert_eq!(theirs, ours, "{what}"),
        },
    }
}

#[test]
fn schedules_at_many_steps() {
    for (dtype, relative) in [(DType::F64, 1e-12), (DType::F32, 2e-6)] {
        let _floatx = floatx(dtype);
        let golden = npz("schedules.npz");
        let steps = golden.get("steps").to_vec::<i32>().unwrap();
        for (case, facts) in json("schedules.json")["cases"].as_object().unwrap() {
            let schedule =
                schedules::from_config(text(facts, "class"), &config(&facts["arguments"])).unwrap();
            let at = |step: &i32| schedule.call(&Tensor::from(*step)).unwrap();
            let rates: Vec<Tensor> = steps.iter().map(at).collect();
            let rates = ops::stack(&rates.iter().collect::<Vec<_>>(), 0).unwrap();
            let key = format!("{}/{case}", precision(dtype));
            assert_close(&key, &rates, &golden.get(&key), relative, relative * 0.1, &[]);
            same_arguments(case, &facts["config"], &Value::Object(schedule.config()));
        }
    }
}

#[test]
fn runs_in_double_precision() {
    runs("optimizers", DType::F64, |_| (1e-9, 1e-12), (1e-9, 1e-12));
    runs("optimizers_rest", DType::F64, |_| (1e-9, 1e-12), (1e-9, 1e-12));
}

#[test]
fn runs_in_single_precision() {
    let tolerance = |step| if step == 1 { (1e-5, 1e-7) } else { (1e-3, 1e-6) };
    runs("optimizers", DType::F32, tolerance, (1e-5, 1e-6));
    runs(
        "optimizers_rest",
        DType::F32,
        |step| if step == 1 { (1e-4, 1e-6) } else { (1e-3, 1e-4) },
        (1e-4, 1e-5),
    );
}

/// Weights after each step are as Keras's formulas give them in plain numbers.
#[test]
fn arguments_that_all_optimizers_have() {
    let step = |optimizer: optimizers::SGD, gradients: &[[f64; 2]]| -> Vec<Vec<f64>> {
        let w: Vec<Variable> = gradients.iter().map(|_| Variable::from([1.0, 2.0])).collect();
        let g: Vec<Tensor> = gradients.iter().map(|g| Tensor::from(*g)).collect();
        optimizer.apply(&g, &w).unwrap();
        w.iter().map(|w| w.value().to_vec().unwrap()).collect()
    };
    let _floatx = floatx(DType::F64);
    let sgd = || optimizers::SGD::new(0.5);
    assert_eq!(step(sgd().weight_decay(0.5), &[[1.0, 0.0]]), [[0.25, 1.5]]);
    assert_eq!(step(sgd().clipvalue(2.0), &[[4.0, -1.0]]), [[0.0, 2.5]]);
    // Norms 5 and 1: the first is scaled to 2.5, the second left alone.
    assert_eq!(step(sgd().clipnorm(2.5), &[[3.0, 4.0], [1.0, 0.0]]), [[0.25, 1.0], [0.5, 2.0]]);
    // The norm of all together is 13, twice the limit.
    assert_eq!(step(sgd().global_clipnorm(6.5), &[[3.0, 4.0], [0.0, 12.0]]), [[0.25, 1.0], [1.0, -1.0]]);
    // Below the limit nothing changes, and zeros stay zeros.
    assert_eq!(step(sgd().global_clipnorm(6.5), &[[0.0, 0.0]]), [[1.0, 2.0]]);
    assert_eq!(step(sgd().clipnorm(6.5), &[[0.0, 0.0]]), [[1.0, 2.0]]);
    let lost = step(sgd().global_clipnorm(1.0), &[[f64::INFINITY, 0.0]]);
    assert!(lost[0].iter().all(|w| w.is_nan()));
}

#[test]
fn averages_of_weights() {
    let _floatx = floatx(DType::F64);
    let w = [Variable::from([1.0])];
    let g = [Tensor::from([1.0])];
    let sgd = optimizers::SGD::new(1.0).use_ema(true).ema_momentum(0.5);
    for _ in 0..3 {
        sgd.apply(&g, &w).unwrap();
    }
    // Weights 0, -1, -2; averages 0, -0.5, -1.25.
    assert_eq!(w[0].value().to_vec::<f64>().unwrap(), [-2.0]);
    assert_eq!(sgd.variables().len(), 3);
    sgd.finalize_variable_values(&w).unwrap();
    assert_eq!(w[0].value().to_vec::<f64>().unwrap(), [-1.25]);

    let w = [Variable::from([1.0])];
    let sgd = optimizers::SGD::new(1.0).use_ema(true).ema_momentum(0.5).ema_overwrite_frequency(2);
    let mut seen = Vec::new();
    for _ in 0..4 {
        sgd.apply(&g, &w).unwrap();
        seen.push(w[0].value().item::<f64>().unwrap());
    }
    // 0; -1 becomes its average -0.5; -1.5 with average -1; -2.5 becomes -1.75.
    assert_eq!(seen, [0.0, -0.5, -1.5, -1.75]);
}

#[test]
fn learning_rate_can_be_changed() {
    let _floatx = floatx(DType::F32);
    let sgd = optimizers::SGD::new(0.5);
    let w = [Variable::from([1.0f32])];
    sgd.apply(&[Tensor::from([1.0f32])], &w).unwrap();
    sgd.set_learning_rate(0.25).unwrap();
    sgd.apply(&[Tensor::from([1.0f32])], &w).unwrap();
    assert_eq!(w[0].value().item::<f32>().unwrap(), 0.25);
    assert_eq!(sgd.learning_rate().unwrap(), 0.25);
    assert_eq!(optimizers::SGD::new(0.01).config()["learning_rate"].as_f64().unwrap(), 0.009999999776482582);
}

#[test]
fn decay_can_leave_variables_out() {
    let _floatx = floatx(DType::F64);
    let w = ["dense/kernel", "dense/bias", "bias_layer/kernel"]
        .map(|name| Variable::named(Tensor::from([1.0]), name, true));
    let g = [Tensor::from([0.0]), Tensor::from([0.0]), Tensor::from([0.0])];
    let sgd = optimizers::SGD::new(0.5).weight_decay(0.5).exclude_from_weight_decay(["bias"]);
    sgd.apply(&g, &w).unwrap();
    assert_eq!(w.each_ref().map(|w| w.value().item::<f64>().unwrap()), [0.75, 1.0, 0.75]);
    let sgd = optimizers::SGD::new(0.5).weight_decay(1.0).exclude_variables_from_weight_decay(&w[..2]);
    sgd.apply(&g, &w).unwrap();
    assert_eq!(w.map(|w| w.value().item::<f64>().unwrap()), [0.75, 1.0, 0.375]);
}

#[test]
fn several_optimizers_in_one() {
    let _floatx = floatx(DType::F64);
    let map =
        || optimizers::OptimizerMap::new(optimizers::Adam::new(0.1)).with("a.*", optimizers::SGD::new(0.5));
    let multi = optimizers::MultiOptimizer::new(map());
    let w = ["abc", "b"].map(|name| Variable::named(Tensor::from([1.0]), name, true));
    multi.build(&w).unwrap();
    multi.apply(&[Tensor::from([1.0]), Tensor::from([1.0])], &w).unwrap();
    assert_eq!(w[0].value().item::<f64>().unwrap(), 0.5);
    assert!((w[1].value().item::<f64>().unwrap() - 0.9).abs() < 1e-6);
    let names: Vec<String> = multi.variables().iter().map(Variable::name).collect();
    let expected = ["iteration", "learning_rate", "iteration", "learning_rate", "iteration", "learning_rate"];
    assert_eq!(names[..6], expected);
    assert_eq!(names[6..], ["b_momentum", "b_velocity"]);
    let again = optimizers::from_config("MultiOptimizer", &multi.config()).unwrap();
    assert_eq!(again.config(), multi.config());
    let both = optimizers::MultiOptimizer::new(map().with(".bc", optimizers::SGD::new(0.1)));
    assert!(both.apply(&[Tensor::from([1.0])], &w[..1]).unwrap_err().to_string().contains("both fit"));
}
