//! What training does beyond the numbers of Keras's runs: seeds, callbacks, threads, words for metrics.

mod common;

use rhyton_base::Result;
use rhyton_base::Shape;
use rhyton_model::{Callback, CallbackCx, Compile, Evaluate, Fit, Logs, Model, OnBatch, Predict, Sequential};
use rhyton_nn::layers::{Activation, AnyLayer, BuildCx, CallCx, Dense, Dropout, Flatten, Input, Layer};
use rhyton_nn::metrics::MeanAbsoluteError;
use rhyton_nn::optimizers::SGD;
use rhyton_runtime::{Generator, set_threads};
use rhyton_tensor::{DType, Tensor, Variable, ops, set_random_seed};
use std::sync::{Arc, Mutex};

/// One test at a time: seeds and threads are the process's.
static ONE: Mutex<()> = Mutex::new(());

fn alone() -> std::sync::MutexGuard<'static, ()> {
    let guard = ONE.lock().unwrap_or_else(|e| e.into_inner());
    set_random_seed(1);
    guard
}

fn random(shape: &[usize], seed: u64) -> Tensor {
    let mut g = Generator::new(seed);
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| g.normal() as f32).collect();
    Tensor::from_slice(&values, shape).unwrap()
}

fn labels(n: usize, classes: usize) -> Tensor {
    Tensor::from((0..n).map(|i| (i % classes) as i32).collect::<Vec<_>>())
}

fn with_dropout(eagerly: bool) -> Sequential {
    let mut model = Sequential::from((
        Input::new([20]),
        Dense::new(32).activation("relu"),
        Dropout::new(0.4),
        Dense::new(4).activation("softmax"),
    ));
    let compile =
        Compile::new("adam", "sparse_categorical_crossentropy").metrics(["accuracy"]).run_eagerly(eagerly);
    model.compile_with(compile).unwrap();
    model
}

fn bits(model: &Model) -> Vec<Vec<u8>> {
    model.get_weights().unwrap().iter().map(|w| w.to_bytes().unwrap()).collect()
}

#[test]
fn the_same_seed_gives_the_same_bits_on_any_number_of_threads() {
    let _alone = alone();
    let (x, y) = (random(&[300, 20], 1), labels(300, 4));
    let run = |seed: u64, threads: usize| {
        set_threads(threads);
        set_random_seed(seed);
        let mut model = with_dropout(false);
        let history = model.fit(&x, &y, Fit::epochs(3).batch_size(64).verbose(0)).unwrap();
        (bits(&model), history["loss"].to_vec())
    };
    let first = run(7, 1);
    assert_eq!(run(7, 2), first);
    assert_eq!(run(7, 5), first);
    assert_ne!(run(8, 2), first);
    set_threads(2);
}

#[test]
fn training_resumed_from_a_file_is_the_same_training() {
    let _alone = alone();
    let folder = common::folder("resume");
    let (x, y) = (random(&[100, 20], 1), labels(100, 4));
    let plain = || {
        set_random_seed(5);
        let mut model = Sequential::from((Input::new([20]), Dense::new(9).activation("relu"), Dense::new(4)));
        let loss = rhyton_nn::losses::SparseCategoricalCrossentropy::new().from_logits(true);
        model.compile("adam", loss, ()).unwrap();
        model
    };
    let mut whole = plain();
    whole.fit(&x, &y, Fit::epochs(5).seed(11).verbose(0)).unwrap();
    let mut first = plain();
    first.fit(&x, &y, Fit::epochs(2).seed(11).verbose(0)).unwrap();
    first.save(folder.join("m.keras")).unwrap();
    let mut second = rhyton_model::load_model(folder.join("m.keras")).unwrap();
    second.fit(&x, &y, Fit::epochs(5).initial_epoch(2).seed(11).verbose(0)).unwrap();
    assert_eq!(bits(&second), bits(&whole));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn models_can_be_shared_among_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Sequential>();
    shared::<AnyLayer>();
}

#[test]
fn eager_and_compiled_training_agree() {
    let _alone = alone();
    let (x, y) = (random(&[100, 20], 1), labels(100, 4));
    let run = |eagerly: bool| {
        set_random_seed(3);
        let mut model = with_dropout(eagerly);
        let history = model.fit(&x, &y, Fit::epochs(2).verbose(0)).unwrap();
        let y = model.predict(&x).unwrap().to_f64s().unwrap();
        (history["loss"].to_vec(), y)
    };
    let (compiled, eager) = (run(false), run(true));
    common::close("loss", &compiled.0, &eager.0, 1e-5);
    common::close("predict", &compiled.1, &eager.1, 1e-5);
}

#[test]
fn each_epoch_has_an_order_of_its_own_and_every_sample_once() {
    let _alone = alone();
    // A model whose weight remembers the order of samples: with learning rate 1 and loss (w - y)² / 2 per
    // sample.
    let n = 50;
    let y = Tensor::from_slice(&(0..n).map(|i| i as f32).collect::<Vec<_>>(), [n, 1]).unwrap();
    let x = ops::ones([n, 1], DType::F32).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    struct Watch(Arc<Mutex<Vec<f32>>>);
    impl Callback for Watch {
        fn on_train_batch_end(&mut self, cx: &CallbackCx, _batch: usize) -> Result<()> {
            self.0.lock().unwrap().push(cx.model().get_weights()?[0].to_vec::<f32>()?[0]);
            Ok(())
        }
    }
    let mut model = Sequential::from((Input::new([1]), Dense::new(1).use_bias(false)));
    // The step of size 1/2 against the gradient 2 (w - y) sets the weight to the target.
    model.compile(SGD::new(0.5), "mse", ()).unwrap();
    let watch = Watch(seen.clone());
    model.fit(&x, &y, Fit::epochs(2).batch_size(1).verbose(0).callback(watch)).unwrap();
    let seen = seen.lock().unwrap().clone();
    let sorted = |part: &[f32]| {
        let mut part: Vec<i32> = part.iter().map(|v| v.round() as i32).collect();
        part.sort_unstable();
        part
    };
    let all: Vec<i32> = (0..n as i32).collect();
    assert_eq!(sorted(&seen[..n]), all);
    assert_eq!(sorted(&seen[n..]), all);
    assert_ne!(seen[..n], seen[n..]);
}

#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, what: String) -> Result<()> {
        self.0.lock().unwrap().push(what);
        Ok(())
    }
}

impl Callback for Diary {
    fn on_train_begin(&mut self, cx: &CallbackCx) -> Result<()> {
        self.note(format!("train begin, {} epochs of {}", cx.params().epochs, cx.params().steps.unwrap()))
    }
    fn on_train_end(&mut self, _: &CallbackCx, logs: &Logs) -> Result<()> {
        self.note(format!("train end {:?}", logs.iter().map(|(n, _)| n).collect::<Vec<_>>()))
    }
    fn on_epoch_begin(&mut self, _: &CallbackCx, epoch: usize) -> Result<()> {
        self.note(format!("epoch {epoch}"))
    }
    fn on_epoch_end(&mut self, _: &CallbackCx, epoch: usize, logs: &mut Logs) -> Result<()> {
        logs.set("extra", epoch as f64);
        self.note(format!("epoch end {epoch}"))
    }
    fn on_train_batch_begin(&mut self, _: &CallbackCx, batch: usize) -> Result<()> {
        self.note(format!("batch {batch}"))
    }
    fn on_train_batch_end(&mut self, cx: &CallbackCx, batch: usize) -> Result<()> {
        assert!(cx.logs()?.get("loss").is_some());
        if batch == 0 && self.0.lock().unwrap().contains(&"epoch 2".to_string()) {
            cx.stop_training();
        }
        self.note(format!("batch end {batch}"))
    }
    fn on_test_begin(&mut self, _: &CallbackCx) -> Result<()> {
        self.note("test".into())
    }
    fn on_test_end(&mut self, _: &CallbackCx, logs: &Logs) -> Result<()> {
        self.note(format!("test end {:?}", logs.iter().map(|(n, _)| n).collect::<Vec<_>>()))
    }
    fn on_test_batch_end(&mut self, _: &CallbackCx, batch: usize) -> Result<()> {
        self.note(format!("test batch end {batch}"))
    }
    fn on_predict_batch_end(&mut self, _: &CallbackCx, batch: usize) -> Result<()> {
        self.note(format!("predict batch end {batch}"))
    }
}

#[test]
fn hooks_are_called_in_keras_s_order() {
    let _alone = alone();
    let (x, y) = (random(&[10, 3], 1), random(&[10, 1], 2));
    let mut model = Sequential::from([Dense::new(1)]);
    model.compile("sgd", "mse", ["mae"]).unwrap();
    let diary = Diary::default();
    let options = Fit::epochs(5).batch_size(4).validation_split(0.2).validation_freq(2).verbose(0);
    let history = model.fit(&x, &y, options.callback(diary.clone())).unwrap();
    let epoch = |e: usize| {
        ["epoch E", "batch 0", "batch end 0", "batch 1", "batch end 1"]
            .map(|t| t.replace('E', &e.to_string()))
    };
    let mut expected = vec!["train begin, 5 epochs of 2".to_string()];
    expected.extend(epoch(0));
    expected.push("epoch end 0".into());
    expected.extend(epoch(1));
    let tested = ["test", "test batch end 0", "test end [\"loss\", \"mae\"]", "epoch end 1"];
    expected.extend(tested.map(String::from));
    // Stopped in the third epoch, after its first batch.
    expected.extend(["epoch 2", "batch 0", "batch end 0", "epoch end 2"].map(String::from));
    expected.push("train end [\"loss\", \"mae\", \"extra\"]".into());
    assert_eq!(*diary.0.lock().unwrap(), expected);
    assert_eq!(history["extra"], [0.0, 1.0, 2.0]);
    assert_eq!(history.names().collect::<Vec<_>>(), ["loss", "mae", "extra", "val_loss", "val_mae"]);
    assert_eq!(history.epochs(), [0, 1, 2]);
    assert_eq!(history["val_loss"].len(), 1);

    let diary = Diary::default();
    model.predict_with(&x, Predict::new().batch_size(8).callback(diary.clone())).unwrap();
    model.evaluate_with(&x, &y, Evaluate::new().batch_size(10).callback(diary.clone())).unwrap();
    let expected = [
        "predict batch end 0",
        "predict batch end 1",
        "test",
        "test batch end 0",
        "test end [\"loss\", \"mae\"]",
    ];
    assert_eq!(*diary.0.lock().unwrap(), expected);
}

#[test]
fn errors_of_callbacks_end_the_run() {
    let _alone = alone();
    struct Refuse;
    impl Callback for Refuse {
        fn on_epoch_end(&mut self, _: &CallbackCx, _: usize, _: &mut Logs) -> Result<()> {
            Err(rhyton_base::Error::value("enough"))
        }
    }
    let mut model = Sequential::from([Dense::new(1)]);
    model.compile("sgd", "mse", ()).unwrap();
    let x = random(&[4, 2], 1);
    let e = model.fit(&x, random(&[4, 1], 2), Fit::epochs(3).verbose(0).callback(Refuse)).unwrap_err();
    assert_eq!(e.to_string(), "fit: enough");
}

#[test]
fn a_loss_that_is_not_a_number_is_told_and_does_not_end_training() {
    let _alone = alone();
    let mut model = Sequential::from([Dense::new(1)]);
    model.compile(SGD::new(1e30), "mse", ()).unwrap();
    let history =
        model.fit(random(&[8, 2], 1), random(&[8, 1], 2), Fit::epochs(6).batch_size(2).verbose(0)).unwrap();
    assert_eq!(history["loss"].len(), 6);
    let (epoch, name) = history.first_nan().unwrap();
    assert_eq!(name, "loss");
    assert!(history["loss"][epoch].is_nan() && history["loss"][..epoch].iter().all(|l| !l.is_nan()));
}

#[test]
fn inputs_are_taken_as_they_come() {
    let _alone = alone();
    // Bytes are cast to floats inside of the model.
    let pixels = Tensor::from_slice(&[0u8, 255, 3, 7, 128, 9], [3, 2]).unwrap();
    let model = Sequential::from((Input::new([2]), Dense::new(4).kernel_initializer("ones")));
    assert_eq!(model.predict(&pixels).unwrap().to_vec::<f32>().unwrap()[..4], [255.0; 4]);
    // A vector stands for a column, as in Keras.
    let column = Sequential::from((Input::new([1]), Dense::new(1).kernel_initializer("ones")));
    assert_eq!(column.predict(Tensor::from([1.0f32, 2.0])).unwrap().to_vec::<f32>().unwrap(), [1.0, 2.0]);
    // Views are read as what they show.
    let x = random(&[2, 5], 1);
    let turned = model.predict(x.t()).unwrap();
    let copied = model.predict(Tensor::from_slice(&x.t().to_vec::<f32>().unwrap(), [5, 2]).unwrap()).unwrap();
    assert!(turned.bit_equal(&copied));
    // Predictions do not depend on the batch size.
    let many = random(&[70, 2], 2);
    let by_default = model.predict(&many).unwrap();
    assert_eq!(by_default.shape(), [70, 4]);
    let whole = model.predict_with(&many, Predict::new().batch_size(100)).unwrap();
    common::close("batches", &by_default.to_f64s().unwrap(), &whole.to_f64s().unwrap(), 1e-6);
    assert!(model.predict_on_batch(&many).unwrap().bit_equal(&whole));
    assert!(model.call(&many).unwrap().shape() == [70, 4]);
}

/// A layer of a user's: the squared distance to learned points, with a count of calls that training leaves
/// alone.
#[derive(Default)]
struct Distance {
    points: Option<Variable>,
    calls: Option<Variable>,
}

impl Layer for Distance {
    fn class_name(&self) -> &'static str {
        "Distance"
    }
    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        let features = cx.last_axis(input)?;
        self.calls = Some(cx.non_trainable("calls", [], &"zeros".into())?);
        self.points = Some(cx.weight("points", [3, 1, features], &"random_normal".into())?);
        Ok(())
    }
    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        if cx.training {
            self.calls.as_ref().unwrap().assign_add(&Tensor::from(1.0f32))?;
        }
        Ok((x - self.points.as_ref().unwrap().value()).square().sum(-1)?.t())
    }
    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.with_last(3usize))
    }
}

#[test]
fn a_layer_of_ones_own_trains_like_any_other() {
    let _alone = alone();
    let mut model = Sequential::new();
    model.add(Flatten::new()).add(Distance::default()).add(Dense::new(2)).add(Activation::new("softmax"));
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"]).unwrap();
    let (x, y) = (random(&[40, 2, 2], 1), labels(40, 2));
    let history = model.fit(&x, &y, Fit::epochs(4).batch_size(10).verbose(0)).unwrap();
    assert!(history["loss"][3] < history["loss"][0]);
    let layer = &model.layers()[1];
    let names: Vec<String> = layer.weights().iter().map(Variable::name).collect();
    // Those that training changes first, whatever the order in which they were made.
    let path = format!("{}/{}", model.name(), layer.name());
    assert_eq!(names, [format!("{path}/points"), format!("{path}/calls")]);
    assert_eq!(layer.weights()[1].value().to_f64s().unwrap(), [16.0]);
    assert_eq!((layer.trainable_weights().len(), layer.non_trainable_weights().len()), (1, 1));
}

#[test]
fn a_layer_of_ones_own_survives_files() {
    let _alone = alone();
    let folder = common::folder("own-layer");
    let path = folder.join("m.keras");
    let model = Sequential::from((Input::new([2]), AnyLayer::from(Distance::default()), Dense::new(2)));
    model.save(&path).unwrap();
    let e = rhyton_model::load_model(&path).unwrap_err().to_string();
    assert!(e.contains("there is no layer of class \"Distance\""), "{e}");
    rhyton_nn::layers::register_layer("Distance", |_| Ok(Distance::default().into()));
    let again = rhyton_model::load_model(&path).unwrap();
    assert_eq!(bits(&again), bits(&model));
    assert_eq!(again.layers()[0].name(), model.layers()[0].name());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn metrics_are_named_by_keras_s_rules() {
    let _alone = alone();
    let (x, y) = (random(&[8, 2], 1), random(&[8, 1], 2));
    let mut model = Sequential::from([Dense::new(1)]);
    let compile = Compile::new("sgd", "mse")
        .metrics(("mae", MeanAbsoluteError::new(), "mae"))
        .weighted_metrics(["mae", "mae", "mse"]);
    model.compile_with(compile).unwrap();
    let report = model
        .evaluate_with(&x, &y, Evaluate::new().sample_weight(ops::ones([8], DType::F32).unwrap()))
        .unwrap();
    let names: Vec<&str> = report.iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["loss", "mae", "mean_absolute_error", "mae_1", "weighted_mae", "weighted_mae_1", "mse"]
    );
    assert!((report["mse"] - report.loss()).abs() < 1e-6);
    let e = report.get("accuracy").unwrap_err().to_string();
    assert!(e.starts_with("Evaluation: there is no \"accuracy\"; known names: loss, mae"), "{e}");
    assert!(report.to_string().starts_with("loss: "), "{report}");
}

#[test]
fn models_are_put_together_and_taken_apart() {
    let _alone = alone();
    let mut model = Sequential::from((Dense::new(3), Dense::new(2))).named("parts");
    assert_eq!((model.is_built(), model.weights().len()), (false, 0));
    assert!(model.input_shape().is_none() && model.output_shape().is_err());
    model.build([None, Some(4)]).unwrap();
    assert_eq!(model.output_shape().unwrap(), Shape::from([None, Some(2)]));
    let last = model.pop().unwrap();
    assert_eq!(last.built_shape(), Some(Shape::from([None, Some(3)])));
    assert_eq!(model.output_shape().unwrap(), Shape::from([None, Some(3)]));
    model.add(&last);
    assert_eq!(model.count_params(), 4 * 3 + 3 + 3 * 2 + 2);
    let x = random(&[5, 4], 1);
    let y = model.call(&x).unwrap();
    // A layer is shared by its handle.
    let again = Sequential::from([AnyLayer::from(&model.layers()[0]), last]);
    assert!(again.call(&x).unwrap().bit_equal(&y));
    let weights = model.get_weights().unwrap();
    model.set_weights(&weights).unwrap();
    assert!(model.predict(&x).unwrap().shape() == [5, 2]);
    model.set_trainable(false);
    assert_eq!((model.trainable_weights().len(), model.non_trainable_weights().len()), (0, 4));
}

#[test]
fn weights_survive_files() {
    let _alone = alone();
    let folder = common::folder("weights");
    let path = folder.join("m.weights.h5");
    let (x, y) = (random(&[64, 20], 1), labels(64, 4));
    let mut model = with_dropout(false);
    model.fit(&x, &y, Fit::epochs(2).verbose(0)).unwrap();
    model.save_weights(&path).unwrap();
    let mut other = with_dropout(false);
    other.load_weights(&path).unwrap();
    assert_eq!(bits(&other), bits(&model));
    // The optimizer goes on where it was: the same step from both.
    let iterations = |m: &Model| m.optimizer().unwrap().iterations().value().to_f64s().unwrap();
    assert_eq!(iterations(&other), iterations(&model));
    model.save(folder.join("m.keras")).unwrap();
    let mut third = with_dropout(false);
    third.load_weights(folder.join("m.keras")).unwrap();
    let step = |m: &Model| {
        // Without dropout, which draws from a stream of each model's own.
        let state = m.optimizer().unwrap().variables();
        state.iter().flat_map(|v| v.concrete_value().to_bytes().unwrap()).collect::<Vec<u8>>()
    };
    assert_eq!(step(&third), step(&model));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn half_precision_scales_its_loss() {
    let _alone = alone();
    let (x, y) = (random(&[32, 4], 1), random(&[32, 1], 2));
    rhyton_nn::set_dtype_policy("mixed_float16").unwrap();
    let layers = || (Input::new([4]), Dense::new(8).activation("tanh"), Dense::new(1));
    let mut scaled = Sequential::from(layers());
    let mut plain = Sequential::from(layers());
    rhyton_nn::set_dtype_policy("float32").unwrap();
    plain.set_weights(&scaled.get_weights().unwrap()).unwrap();
    scaled.compile("sgd", "mse", ()).unwrap();
    plain.compile_with(Compile::new("sgd", "mse").auto_scale_loss(false)).unwrap();
    let class = |m: &Model| m.optimizer().unwrap().class_name();
    assert_eq!((class(&scaled), class(&plain)), ("LossScaleOptimizer", "SGD"));
    let fit = || Fit::epochs(3).shuffle(false).verbose(0);
    let (a, b) = (scaled.fit(&x, &y, fit()).unwrap(), plain.fit(&x, &y, fit()).unwrap());
    // The loss that is reported is not scaled.
    common::close("loss", &a["loss"], &b["loss"], 1e-2);
    assert!(a["loss"][2] < a["loss"][0]);
    // Files say what was given; reading one scales anew.
    let folder = common::folder("scaled");
    scaled.save(folder.join("m.keras")).unwrap();
    assert!(scaled.to_json().unwrap().contains("\"class_name\":\"SGD\""));
    std::fs::remove_dir_all(folder).unwrap();

    let mut float32 = Sequential::from(layers());
    float32.compile("sgd", "mse", ()).unwrap();
    assert_eq!(class(&float32), "SGD");
}

#[test]
fn single_batches_count_as_fit_and_evaluate_count_them() {
    let _alone = alone();
    let (x, y) = (random(&[12, 20], 1), labels(12, 4));
    let weight = Tensor::from((0..12).map(|i| i as f32 / 4.0).collect::<Vec<_>>());
    let made = || {
        let mut model = Sequential::from((Input::new([20]), Dense::new(4).activation("softmax")));
        model.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"]).unwrap();
        model
    };
    let (mut by_fit, mut by_batch) = (made(), made());
    by_batch.set_weights(&by_fit.get_weights().unwrap()).unwrap();
    for kind in ["plain", "sample", "class"] {
        let classes = [(1, 2.5), (3, 0.25)];
        let (fit, on_batch) = (Fit::epochs(1).batch_size(12).shuffle(false).verbose(0), OnBatch::new());
        let (fit, on_batch) = match kind {
            "sample" => (fit.sample_weight(&weight), on_batch.sample_weight(&weight)),
            "class" => (fit.class_weight(classes), on_batch.class_weight(classes)),
            _ => (fit, on_batch),
        };
        let history = by_fit.fit(&x, &y, fit).unwrap();
        by_batch.reset_metrics().unwrap();
        let report = by_batch.train_on_batch_with(&x, &y, on_batch.clone()).unwrap();
        assert_eq!(
            [history["loss"][0], history["accuracy"][0]],
            [report.loss(), report["accuracy"]],
            "{kind}"
        );
        assert_eq!(bits(&by_batch), bits(&by_fit), "{kind}");
        by_batch.reset_metrics().unwrap();
        let tested = by_batch.test_on_batch_with(&x, &y, on_batch).unwrap();
        if kind == "sample" {
            let whole = Evaluate::new().batch_size(12).sample_weight(&weight);
            assert_eq!(by_fit.evaluate_with(&x, &y, whole).unwrap(), tested);
        }
    }
    let all = by_fit.predict_all_on_batch(&x).unwrap();
    assert!(all.len() == 1 && all[0].bit_equal(&by_fit.predict_on_batch(&x).unwrap()));
    let e =
        by_batch.train_on_batch_with(&x, &y, OnBatch::new().sample_weight(&weight).class_weight([(0, 1.0)]));
    assert!(e.unwrap_err().to_string().starts_with("train_on_batch: class_weight and sample_weight"));

    // Callbacks of a prediction are told as often as those of training.
    by_fit.compile_with(Compile::new("sgd", "mse").steps_per_execution(2)).unwrap();
    let diary = Diary::default();
    by_fit.predict_with(&x, Predict::new().batch_size(5).callback(diary.clone())).unwrap();
    assert_eq!(*diary.0.lock().unwrap(), ["predict batch end 1", "predict batch end 2"]);
}
