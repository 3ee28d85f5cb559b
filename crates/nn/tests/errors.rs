//! What users are told when names, arguments or shapes are wrong.

use rhyton_base::{Result, Shape};
use rhyton_nn::losses::{self, Reduction, compute};
use rhyton_nn::metrics::{Mean, Metric};
use rhyton_nn::optimizers::{Adagrad, Adam, Optimizer, RMSprop, SGD};
use rhyton_nn::{Config, Spec, activations, initializers, initializers::Initializer, metrics, optimizers};
use rhyton_tensor::{DType, Tensor, Variable, ops};
use serde_json::{Value, json};

#[track_caller]
fn says<T>(result: Result<T>, expected: &str) {
    match result {
        Ok(_) => panic!("expected an error: {expected}"),
        Err(e) => assert_eq!(e.to_string(), expected),
    }
}

fn object(value: Value) -> Config {
    value.as_object().expect("an object").clone()
}

#[test]
fn unknown_names() {
    says(
        initializers::get("glorot_unifrom"),
        "unknown initializer \"glorot_unifrom\"; did you mean \"glorot_uniform\"?",
    );
    says(activations::get("sofmax"), "unknown activation \"sofmax\"; did you mean \"softmax\"?");
    says(losses::get("Mse"), "unknown loss \"Mse\"; did you mean \"mse\"?");
    says(
        losses::get("categorical_cross_entropy"),
        "unknown loss \"categorical_cross_entropy\"; did you mean \"categorical_crossentropy\"?",
    );
    says(metrics::get("acuracy"), "unknown metric \"acuracy\"; did you mean \"accuracy\"?");
    says(optimizers::get("rmspop"), "unknown optimizer \"rmspop\"; did you mean \"rmsprop\"?");
    says(
        optimizers::get("magic"),
        &format!("unknown optimizer \"magic\"; known names: {}", optimizers::NAMES.join(", ")),
    );
    says("adm".parse::<Reduction>(), "unknown reduction \"adm\"; did you mean \"sum\"?");
    says(
        "average".parse::<Reduction>(),
        "unknown reduction \"average\"; known names: sum_over_batch_size, sum, mean_with_sample_weight, none, mean",
    );
    let spec: Spec<dyn Optimizer> = "sdg".into();
    says(spec.resolve(), "unknown optimizer \"sdg\"; did you mean \"sgd\"?");
}

#[test]
fn arguments_of_optimizers() {
    let w = [Variable::from([1.0f32])];
    let build = |o: &dyn Optimizer| o.build(&w);
    says(build(&SGD::new(0.1).momentum(1.5)), "SGD: expected momentum to be in [0, 1], got 1.5");
    says(build(&SGD::new(f64::NAN)), "SGD: expected learning_rate to be a finite number, got NaN");
    says(build(&Adam::new(0.1).beta_1(1.0)), "Adam: expected beta_1 to be in [0, 1), got 1");
    says(build(&Adam::new(0.1).epsilon(-1.0)), "Adam: expected epsilon to be a number of at least 0, got -1");
    says(build(&RMSprop::new(0.1).rho(-0.5)), "RMSprop: expected rho to be in [0, 1], got -0.5");
    says(
        build(&Adagrad::new(0.1).initial_accumulator_value(-1.0)),
        "Adagrad: expected initial_accumulator_value to be a number of at least 0, got -1",
    );
    says(
        build(&SGD::new(0.1).clipnorm(1.0).clipvalue(0.5)),
        "SGD: clipnorm = 1 and clipvalue = 0.5 are set; set at most one way of clipping",
    );
    says(
        build(&SGD::new(0.1).global_clipnorm(0.0)),
        "SGD: expected global_clipnorm to be a number greater than 0, got 0",
    );
    says(build(&SGD::new(0.1).ema_momentum(2.0)), "SGD: expected ema_momentum to be in [0, 1], got 2");
    // The same without a call of build.
    let late = SGD::new(0.1).momentum(-1.0).apply(&[Tensor::from([1.0f32])], &w);
    says(late, "SGD: expected momentum to be in [0, 1], got -1");
    says(
        Adam::new(0.1).set_learning_rate(f64::INFINITY),
        "Adam: expected learning_rate to be a finite number, got inf",
    );
}

#[test]
fn gradients_and_variables_that_do_not_fit() {
    let w = [Variable::named(Tensor::from([1.0f32, 2.0]), "kernel", true)];
    let g = [Tensor::from([1.0f32, 1.0])];
    let sgd = SGD::new(0.1);
    sgd.build(&w).unwrap();
    sgd.build(&w).unwrap();
    says(sgd.apply(&g, &[]), "SGD: got 1 gradients for 0 variables");
    says(
        sgd.apply(&[Tensor::from([1.0f32])], &w),
        "SGD: variable \"kernel\": expected a gradient of shape (2,), got (1,)",
    );
    let other = [Variable::named(Tensor::from([1.0f32, 2.0]), "bias", true)];
    let advice = "it was built for other variables; make a new optimizer for a new list of variables";
    says(sgd.build(&other), &format!("SGD: {advice}"));
    says(sgd.apply(&g, &other), &format!("SGD: variable \"bias\": {advice}"));
    let whole = [Variable::named(Tensor::from([1i32]), "count", true)];
    says(SGD::new(0.1).build(&whole), "SGD: variable \"count\" is of type int32; only floats can be trained");
}

#[test]
fn arguments_in_files() {
    let sgd = |value: Value| optimizers::from_config("SGD", &object(value));
    says(sgd(json!({"nestrov": true})), "SGD: unknown argument \"nestrov\"; did you mean \"nesterov\"?");
    says(sgd(json!({"momentum": "much"})), "SGD: expected momentum to be a number, got \"much\"");
    says(sgd(json!({"nesterov": 1})), "SGD: expected nesterov to be true or false, got 1");
    says(
        sgd(json!({"gradient_accumulation_steps": 1})),
        "SGD: expected gradient_accumulation_steps to be at least 2, got 1",
    );
    says(
        sgd(json!({"learning_rate": {"class_name": "CosineDecay", "config": {}}})),
        "SGD: CosineDecay: expected initial_learning_rate, which has no default",
    );
    says(
        losses::from_config("MeanSquaredError", &object(json!({"reduction": "average"}))),
        "MeanSquaredError: unknown reduction \"average\"; known names: sum_over_batch_size, sum, \
         mean_with_sample_weight, none, mean",
    );
    says(
        losses::from_config("BinaryCrossentropy", &object(json!({"label_smoothing": 1.5}))),
        "BinaryCrossentropy: expected label_smoothing in [0, 1], got 1.5",
    );
    says(
        metrics::from_config("Mean", &object(json!({"dtype": "float31"}))),
        "Mean: unknown dtype \"float31\"; did you mean \"float32\"?",
    );
    says(
        initializers::from_config("VarianceScaling", &object(json!({"mode": "fan_inn"}))),
        "VarianceScaling: unknown mode \"fan_inn\"; did you mean \"fan_in\"?",
    );
    says(
        initializers::from_config("RandomNormal", &object(json!({"stddev": -1}))),
        "RandomNormal: expected a finite mean and stddev >= 0, got mean 0 and stddev -1",
    );
}

/// Configurations as Keras 3.15 writes them.
#[test]
fn files_of_keras_are_read() {
    let common = json!({"name": "sgd_1", "learning_rate": 0.05000000074505806, "weight_decay": null, "clipnorm": null,
        "global_clipnorm": null, "clipvalue": null, "use_ema": false, "ema_momentum": 0.99,
        "ema_overwrite_frequency": null, "loss_scale_factor": null, "gradient_accumulation_steps": null,
        "momentum": 0.9, "nesterov": true});
    let sgd = optimizers::from_config("SGD", &object(common.clone())).unwrap();
    assert_eq!(Value::from(sgd.config()), common);
    let loss = json!({"name": "sparse_categorical_crossentropy", "reduction": "sum_over_batch_size",
        "from_logits": true, "ignore_class": null});
    let read = losses::from_config("SparseCategoricalCrossentropy", &object(loss.clone())).unwrap();
    assert_eq!(Value::from(read.config()), loss);
    let metric = json!({"name": "hits", "dtype": "float32", "threshold": 0.4});
    let read = metrics::from_config("BinaryAccuracy", &object(metric.clone())).unwrap();
    assert_eq!(Value::from(read.config()), metric);
    let glorot = json!({"seed": null, "input_axes": null, "output_axes": null});
    initializers::from_config("GlorotUniform", &object(glorot)).unwrap();
    let seeded =
        json!({"seed": {"module": "keras.random", "class_name": "SeedGenerator", "config": {"seed": 7}}});
    assert_eq!(initializers::from_config("HeNormal", &object(seeded)).unwrap().config()["seed"], json!(7));
    let policy =
        json!({"dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float64"}}});
    assert_eq!(metrics::from_config("Mean", &object(policy)).unwrap().config()["dtype"], json!("float64"));
}

#[test]
fn shapes_of_losses() {
    let zeros = |shape: &[usize]| ops::zeros(shape, DType::F32).unwrap();
    let value = |name: &str, t: &[usize], p: &[usize]| {
        compute(&*losses::get(name).unwrap(), &zeros(t), &zeros(p), None)
    };
    says(
        value("mse", &[6, 3], &[6, 1]),
        "loss \"mean_squared_error\": y_true has shape (6, 3), y_pred has shape (6, 1); they must be equal",
    );
    says(
        value("binary_crossentropy", &[6, 4], &[6, 1]),
        "loss \"binary_crossentropy\": y_true has shape (6, 4), y_pred has shape (6, 1); they must be equal",
    );
    says(
        value("categorical_crossentropy", &[6], &[6, 4]),
        "loss \"categorical_crossentropy\": y_true has shape (6,), y_pred has shape (6, 4); they must be equal; for \
         class numbers use sparse_categorical_crossentropy",
    );
    says(
        value("sparse_categorical_crossentropy", &[6, 4], &[6, 4]),
        "loss \"sparse_categorical_crossentropy\": y_true has shape (6, 4), y_pred has shape (6, 4); expected class \
         numbers of shape (6,); for one-hot targets use categorical_crossentropy",
    );
    says(
        value("sparse_categorical_crossentropy", &[5], &[6, 4]),
        "loss \"sparse_categorical_crossentropy\": y_true has shape (5,), y_pred has shape (6, 4); expected class \
         numbers of shape (6,)",
    );
    says(
        compute(&*losses::get("mse").unwrap(), &zeros(&[3, 5, 2]), &zeros(&[3, 5, 2]), Some(&zeros(&[3]))),
        "loss \"mean_squared_error\": sample_weight has shape (3,), the values per sample have shape (3, 5); give one \
         weight per value",
    );
    let smooth = losses::CategoricalCrossentropy::new().label_smoothing(-0.1);
    says(
        compute(&smooth, &zeros(&[6, 4]), &zeros(&[6, 4]), None),
        "loss \"categorical_crossentropy\": expected label_smoothing in [0, 1], got -0.1",
    );
    for (t, p) in [(vec![], vec![]), (vec![0], vec![0, 3]), (vec![1], vec![])] {
        for name in losses::NAMES {
            // Scalars and empty batches are values or errors, not panics.
            let _ = value(name, &t, &p);
        }
    }
}

#[test]
fn shapes_of_metrics() {
    let zeros = |shape: &[usize]| ops::zeros(shape, DType::F32).unwrap();
    says(
        metrics::get("categorical_accuracy").unwrap().update_state(&zeros(&[6]), &zeros(&[6, 4]), None),
        "metric \"categorical_accuracy\": y_true has shape (6,), y_pred has shape (6, 4); they must be equal; for class \
         numbers use sparse_categorical_accuracy",
    );
    says(
        Mean::new("loss").update_state(&zeros(&[3]), Some(&zeros(&[4]))),
        "metric \"loss\": sample_weight has shape (4,), the values have shape (3,); give one weight per value",
    );
    says(
        Metric::update_state(&Mean::new("loss"), &zeros(&[3]), &zeros(&[3]), None),
        "metric \"loss\": Mean takes values, not targets and predictions; wrap a function of both in a \
         MeanMetricWrapper",
    );
    for shape in [vec![], vec![0], vec![0, 3], vec![2, 0]] {
        let given = json!({"num_classes": 2, "target_class_ids": [0, 1]});
        let given = ["IoU", "OneHotIoU"].map(|class| metrics::from_config(class, &object(given.clone())));
        let given = given.into_iter().chain(metrics::NAMES.iter().map(|name| metrics::get(name)));
        for metric in given.flatten() {
            let _ = metric.update_state(&zeros(&shape), &zeros(&shape), None);
            let _ = metric.result();
        }
        let _ = metrics::accuracy_for("acc", &Shape::from(&shape), &Shape::from(&shape));
    }
}

#[test]
fn types_and_shapes_of_initializers_and_activations() {
    let init = |i: &dyn Initializer, dtype: DType| i.init(&[2], dtype);
    says(
        init(&initializers::GlorotUniform::new(), DType::I32),
        "GlorotUniform: expected a float type, got int32",
    );
    says(
        init(&initializers::VarianceScaling::new().scale(0.0), DType::F32),
        "VarianceScaling: expected scale > 0, got 0",
    );
    says(
        init(&initializers::RandomUniform::new().minval(1.0), DType::F32),
        "RandomUniform: expected finite minval <= maxval, got minval 1 and maxval 0.05",
    );
    says(
        activations::get("glu").unwrap().call(&Tensor::from([1.0f32, 2.0, 3.0])),
        "glu: expected an even size of axis -1, got 3 (shape (3,))",
    );
    for name in activations::NAMES {
        for x in [Tensor::from(1.0f32), ops::zeros([0, 4], DType::F32).unwrap(), Tensor::from([1i32, 2])] {
            // Scalars, nothing at all, and integers are values or errors, not panics.
            let _ = activations::get(name).unwrap().call(&x);
        }
    }
}
