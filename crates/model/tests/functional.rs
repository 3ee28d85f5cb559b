//! What models made of graphs, of models and of layers of one's own can do, and what is said when something is wrong.

mod common;

use rhyton_base::{Result, Shape};
use rhyton_graph::compiled;
use rhyton_model::{
    Batch, Callback, CallbackCx, CloneModel, Compile, CustomSteps, Evaluate, Fit, Model, Sequential, Shuffle,
    StepCx, clone_model,
};
use rhyton_nn::layers::{AnyLayer, CallCx, Dense, Dropout, Input, Layer, input};
use rhyton_nn::losses::MeanSquaredError;
use rhyton_nn::metrics::{Mean, MeanAbsoluteError, Metric};
use rhyton_nn::optimizers::{Optimizer, SGD};
use rhyton_runtime::Generator;
use rhyton_tensor::{DType, GradientTape, Tensor, ops, set_random_seed};
use std::sync::{Arc, Mutex};

/// One test at a time, from the same seed: seeds are the process's.
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

fn zeros<const N: usize>(shape: [usize; N]) -> Tensor {
    ops::zeros(shape, DType::F32).unwrap()
}

fn named(units: usize, name: &str) -> AnyLayer {
    Dense::new(units).name(name).into()
}

/// Two inputs, two outputs.
fn forked() -> Model {
    let (title, body) = (Input::new([3]).name("title").tensor(), Input::new([2]).name("body").tensor());
    let h = &named(4, "left").call(&title).unwrap() + &named(4, "right").call(&body).unwrap();
    let (price, sold) = (named(1, "price").call(&h).unwrap(), named(1, "sold").call(&h).unwrap());
    Model::new([&title, &body], [&price, &sold]).unwrap().named("forked")
}

#[test]
fn data_by_position_and_by_name_are_the_same() {
    let _alone = alone();
    let model = forked();
    let (t, b) = (random(&[10, 3], 1), random(&[10, 2], 2));
    let listed = model.predict_all([&t, &b]).unwrap();
    let by_name = model.predict_all([("body", &b), ("title", &t)]).unwrap();
    assert!(listed[0].bit_equal(&by_name[0]) && listed[1].bit_equal(&by_name[1]));
    assert_eq!(model.input_names(), ["title", "body"]);
    let called = model.call_all([("body", &b), ("title", &t)]).unwrap();
    common::close("call", &called[1].to_f64s().unwrap(), &listed[1].to_f64s().unwrap(), 1e-6);

    let mut model = model;
    model.compile("sgd", [("sold", "mse"), ("price", "mae")], [("sold", ["mae", "mse"])]).unwrap();
    let y = random(&[10, 1], 3);
    let report =
        model.evaluate_with([&t, &b], [("price", &y), ("sold", &y)], Evaluate::new().verbose(0)).unwrap();
    let names: Vec<&str> = report.iter().map(|(n, _)| n).collect();
    assert_eq!(names, ["loss", "price_loss", "sold_loss", "sold_mae", "sold_mse"]);
    assert_eq!(model.metrics_names(), names);
    let parts = report["price_loss"] + report["sold_loss"];
    assert!((report.loss() - parts).abs() < 1e-6 * parts, "{report}");
    assert!((report["sold_mse"] - report["sold_loss"]).abs() < 1e-6 * parts, "{report}");
}

#[test]
fn an_output_without_a_loss_needs_no_targets() {
    let _alone = alone();
    let mut model = forked();
    model.compile_with(Compile::new("sgd", [Some("mse"), None])).unwrap();
    let x = [random(&[8, 3], 1), random(&[8, 2], 2)];
    let history = model.fit(&x, random(&[8, 1], 3), Fit::epochs(2).verbose(0)).unwrap();
    assert_eq!(history.names().collect::<Vec<_>>(), ["loss"]);
    assert!(history["loss"][1] < history["loss"][0]);
}

#[test]
fn parts_of_models_are_models() {
    let _alone = alone();
    let x = input([3]);
    let hidden = named(5, "hidden");
    let y = named(1, "out").call(&hidden.call(&x).unwrap().relu()).unwrap();
    let model = Model::new(&x, &y).unwrap();
    let features = Model::new(model.inputs().unwrap(), hidden.output().unwrap()).unwrap();
    let head = Model::new(hidden.output().unwrap(), model.output().unwrap()).unwrap();
    let data = random(&[4, 3], 1);
    let whole = model.predict(&data).unwrap();
    assert!(head.predict(features.predict(&data).unwrap()).unwrap().bit_equal(&whole));
    assert_eq!(features.weights()[0].id(), hidden.weights()[0].id());
    assert_eq!(hidden.input().unwrap().meta().shape, Shape::from([None, Some(3)]));

    // The layers of a sequential model have symbolic outputs too.
    let chain = Sequential::from((Input::new([3]), named(4, "one"), named(2, "two")));
    let inner = chain.get_layer("one").unwrap().output().unwrap();
    let part = Model::new(chain.inputs().unwrap(), [&inner, &chain.output().unwrap()]).unwrap();
    let both = part.predict_all(&data).unwrap();
    assert!(both[1].bit_equal(&chain.predict(&data).unwrap()));
    assert_eq!(both[0].shape(), [4, 4]);
}

#[test]
fn freezing_reaches_into_models_inside() {
    let _alone = alone();
    let base = Sequential::from((Input::new([3]), named(4, "base_1"), named(4, "base_2")));
    let x = input([3]);
    let y = named(1, "head").call(&base.call(&x).unwrap()).unwrap();
    let mut model = Model::new(&x, &y).unwrap();
    base.set_trainable(false);
    assert_eq!((model.trainable_weights().len(), model.non_trainable_weights().len()), (2, 4));
    model.compile("sgd", "mse", ()).unwrap();
    let (data, target) = (random(&[8, 3], 1), random(&[8, 1], 2));
    let before = base.get_weights().unwrap();
    model.fit(&data, &target, Fit::epochs(2).verbose(0)).unwrap();
    let same = |a: &[Tensor], b: &[Tensor]| a.iter().zip(b).all(|(a, b)| a.bit_equal(b));
    assert!(same(&base.get_weights().unwrap(), &before));
    base.set_trainable(true);
    let e = model.fit(&data, &target, Fit::epochs(1).verbose(0)).unwrap_err().to_string();
    assert!(e.ends_with("call compile again"), "{e}");
    model.compile("sgd", "mse", ()).unwrap();
    model.fit(&data, &target, Fit::epochs(1).verbose(0)).unwrap();
    assert!(!same(&base.get_weights().unwrap(), &before));
}

#[test]
fn training_is_passed_on_unless_a_use_says_otherwise() {
    let _alone = alone();
    let x = input([50]);
    let dropped = AnyLayer::from(Dropout::new(0.5));
    let free = Model::new(&x, dropped.call(&x).unwrap()).unwrap();
    let never = Model::new(&x, dropped.call_in(&x, &CallCx::INFERENCE).unwrap()).unwrap();
    let always = Model::new(&x, dropped.call_in(&x, &CallCx::TRAINING).unwrap()).unwrap();
    let ones = ops::ones([4, 50], DType::F32).unwrap();
    let zeros = |y: Tensor| y.to_vec::<f32>().unwrap().iter().filter(|v| **v == 0.0).count() > 0;
    assert!(!zeros(free.predict(&ones).unwrap()) && zeros(free.call_in(&ones, &CallCx::TRAINING).unwrap()));
    assert!(!zeros(never.call_in(&ones, &CallCx::TRAINING).unwrap()));
    assert!(zeros(always.predict(&ones).unwrap()));
}

#[test]
fn copies_have_weights_of_their_own() {
    let _alone = alone();
    let x = Input::new([3]).name("x").tensor();
    let block = Sequential::from((Input::new([3]), named(3, "inner"))).named("block");
    let y = ops::relu(&block.call(block.call(&x).unwrap()).unwrap()).unwrap();
    let model = Model::new(&x, &y).unwrap().named("original");
    let copy = clone_model(&model).unwrap();
    assert_eq!(copy.name(), "original");
    assert_eq!((copy.weights().len(), copy.weights()[0].name()), (2, "inner/kernel".to_string()));
    assert_ne!(copy.weights()[0].id(), model.weights()[0].id());
    copy.set_weights(&model.get_weights().unwrap()).unwrap();
    let data = random(&[5, 3], 1);
    assert!(copy.predict(&data).unwrap().bit_equal(&model.predict(&data).unwrap()));
}

#[test]
fn copies_may_have_other_layers_and_inputs() {
    let _alone = alone();
    let x = Input::new([3]).name("x").tensor();
    let block =
        Sequential::from((Input::new([3]), named(3, "inner"), Dropout::new(0.5).name("drop"))).named("block");
    let model = Model::new(&x, named(1, "head").call(&block.call(&x).unwrap()).unwrap()).unwrap();
    let mut asked = Vec::new();
    let other = |layer: &AnyLayer| match layer.class_name() {
        "Dropout" => Ok(Dropout::new(0.25).name(layer.name()).into()),
        _ => layer.copied(),
    };
    let whole = CloneModel::new().recursive(true).clone_function(|layer| {
        asked.push(layer.name());
        other(layer)
    });
    let copy = whole.clone_model(&model).unwrap();
    assert_eq!(asked, ["inner", "drop", "head"]);
    let inner = copy.get_layer("block").unwrap().sublayers();
    assert_eq!(inner[1].1.config()["rate"], 0.25);
    // Models inside are asked for as wholes unless told otherwise.
    let mut asked = Vec::new();
    let shared = CloneModel::new().clone_function(|layer| {
        asked.push(layer.name());
        if layer.name() == "block" { Ok(layer.clone()) } else { layer.copied() }
    });
    let copy = shared.clone_model(&model).unwrap();
    assert_eq!(asked, ["block", "head"]);
    assert!(copy.get_layer("block").unwrap().is_same(block.as_layer()));

    // A copy that begins with a tensor of another model.
    let wide = Input::new([5]).name("wide").tensor();
    let narrow = named(3, "narrow").call(&wide).unwrap();
    for original in [&model, &*block] {
        let copy = CloneModel::new().input_tensors(&narrow).clone_model(original).unwrap();
        let whole = Model::new(&wide, copy.outputs().unwrap()).unwrap();
        assert_eq!(whole.predict(random(&[4, 5], 1)).unwrap().shape()[0], 4);
        assert_eq!(copy.name(), original.name());
    }
    let e = CloneModel::new().input_tensors(&wide).clone_model(&model).unwrap_err().to_string();
    assert_eq!(
        e,
        "clone_model: input \"x\": expected an input of shape (None, 3), got (None, 5); the first axis is the batch"
    );
    let e = clone_model(&deep()).unwrap_err().to_string();
    assert!(e.contains("a layer of one's own must be registered first with register_layer"), "{e}");
}

#[test]
fn every_layer_of_a_model_has_an_output() {
    let _alone = alone();
    let model = forked();
    let outputs: Vec<Tensor> = model.layers().iter().map(|l| l.output().unwrap()).collect();
    let all = Model::new(model.inputs().unwrap(), &outputs).unwrap();
    let results = all.predict_all([&random(&[4, 3], 1), &random(&[4, 2], 2)]).unwrap();
    assert_eq!(results.len(), model.layers().len());
    assert!(results[0].bit_equal(&random(&[4, 3], 1)));
    assert_eq!(model.get_layer("title").unwrap().output().unwrap().id(), model.inputs().unwrap()[0].id());

    let chain = Sequential::from((Input::new([3]), named(4, "one"), named(2, "two")));
    assert_eq!(chain.input_layer().unwrap().output().unwrap().id(), chain.input().unwrap().id());
    let features: Vec<Tensor> = chain.layers().iter().map(|l| l.output().unwrap()).collect();
    let part = Model::new(chain.inputs().unwrap(), &features).unwrap();
    assert_eq!(part.predict_all(random(&[4, 3], 1)).unwrap().len(), 2);

    // A shared layer has an input and an output for each use.
    let (a, b) = (input([3]), input([3]));
    let shared = named(2, "shared");
    let (left, right) = (shared.call(&a).unwrap(), shared.call(&b).unwrap());
    let both = Model::new([&a, &b], &left + &right).unwrap();
    assert_eq!(shared.inputs_at(1).unwrap()[0].id(), b.id());
    let second = Model::new(&b, shared.outputs_at(1).unwrap()).unwrap();
    assert_eq!(second.predict(random(&[4, 3], 1)).unwrap().shape(), [4, 2]);
    assert_eq!(both.count_params(), 8);
    let e = shared.inputs_at(2).unwrap_err().to_string();
    assert_eq!(e, "Dense \"shared\": there is no use 2 of it on symbolic tensors; those that exist are 0, 1");
}

/// A model of one's own: calls one layer again and again, and itself.
struct Deep {
    cell: AnyLayer,
    head: AnyLayer,
    times: usize,
}

impl Deep {
    fn descend(&self, x: &Tensor, level: usize, cx: &CallCx) -> Result<Tensor> {
        match level {
            0 => Ok(x.clone()),
            n => self.descend(&self.cell.call_in(x, cx)?, n - 1, cx),
        }
    }
}

impl Layer for Deep {
    fn class_name(&self) -> &'static str {
        "Deep"
    }
    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        self.head.call_in(&self.descend(x, self.times, cx)?, cx)
    }
}

fn deep() -> Model {
    let cell = Dense::new(4).activation("tanh");
    Model::from_layer(Deep { cell: cell.into(), head: Dense::new(1).into(), times: 3 })
}

#[test]
fn layers_of_ones_own_are_whole_models() {
    let _alone = alone();
    let (x, y) = (random(&[40, 4], 1), random(&[40, 1], 2));
    let mut model = deep();
    assert!(!model.is_built());
    model.compile(SGD::new(0.1), "mse", ["mae"]).unwrap();
    let history = model.fit(&x, &y, Fit::epochs(5).batch_size(16).verbose(0)).unwrap();
    assert!(history["loss"][4] < history["loss"][0]);
    assert_eq!(model.count_params(), 4 * 4 + 4 + 4 + 1);
    assert_eq!(model.layers().len(), 2);
    assert_eq!(model.predict(&x).unwrap().shape(), [40, 1]);
    assert!(model.summary().contains("dense"), "{}", model.summary());

    // It is a layer of other models too.
    let input = input([4]);
    let outer = Model::new(&input, AnyLayer::from(&model).call(&input).unwrap()).unwrap();
    assert!(outer.predict(&x).unwrap().bit_equal(&model.predict(&x).unwrap()));
}

/// What the built-in step does, written out.
struct WrittenOut(Arc<Mean>);

impl CustomSteps for WrittenOut {
    fn train_step(&self, cx: &StepCx, batch: &Batch) -> Result<()> {
        let tape = GradientTape::new();
        let y_pred = cx.call(batch)?;
        let loss = cx.compute_loss(batch, &y_pred)?;
        cx.minimize(&tape, &loss)?;
        self.0.update_state(&loss, None)?;
        cx.update_metrics(&loss, batch, &y_pred)
    }
    fn metrics(&self) -> Vec<Arc<dyn Metric>> {
        vec![self.0.clone()]
    }
}

#[test]
fn steps_of_ones_own_are_as_good_as_the_built_in_ones() {
    let _alone = alone();
    let (x, y) = (random(&[40, 4], 1), random(&[40, 1], 2));
    let start = deep();
    start.predict(&x).unwrap();
    let run = |own: bool| {
        let mut model = deep();
        if own {
            model = model.with_steps(WrittenOut(Arc::new(Mean::new("own"))));
        }
        model.predict(&x).unwrap();
        model.set_weights(&start.get_weights().unwrap()).unwrap();
        model.compile("adam", MeanSquaredError::new(), MeanAbsoluteError::new()).unwrap();
        let history = model.fit(&x, &y, Fit::epochs(3).batch_size(20).shuffle(false).verbose(0)).unwrap();
        (model.get_weights().unwrap(), history)
    };
    let ((built_in, h1), (own, h2)) = (run(false), run(true));
    assert!(built_in.iter().zip(&own).all(|(a, b)| a.bit_equal(b)));
    assert_eq!(h1["mean_absolute_error"], h2["mean_absolute_error"]);
    // A tracker of one's own begins anew with each epoch.
    common::close("own", &h2["own"], &h2["loss"], 1e-6);
}

/// Learns to give what it is given, without targets.
struct Reconstruct;

impl CustomSteps for Reconstruct {
    fn train_step(&self, cx: &StepCx, batch: &Batch) -> Result<()> {
        let tape = GradientTape::new();
        let loss = (cx.call(batch)? - batch.x()?).square().mean(..)?;
        cx.minimize(&tape, &loss)?;
        cx.update_metrics(&loss, batch, Vec::new())
    }
    fn predict_step(&self, cx: &StepCx, batch: &Batch) -> Result<Vec<Tensor>> {
        Ok(vec![(cx.call(batch)? - batch.x()?).square().mean(-1)?])
    }
}

#[test]
fn steps_of_ones_own_need_no_targets() {
    let _alone = alone();
    let x = input([4]);
    let mut model = Model::new(&x, Dense::new(4).call(&x).unwrap()).unwrap().with_steps(Reconstruct);
    model.compile("adam", (), ()).unwrap();
    let data = random(&[30, 4], 1);
    let history = model.fit(&data, (), Fit::epochs(4).verbose(0)).unwrap();
    assert!(history["loss"][3] < history["loss"][0]);
    assert_eq!(model.predict(&data).unwrap().shape(), [30]);
}

#[test]
fn a_loop_written_by_hand() {
    let _alone = alone();
    let (x, y) = (random(&[64, 4], 1), random(&[64, 1], 2));
    let model = deep();
    let optimizer = SGD::new(0.1);
    let loss = Mean::new("loss");
    let step = compiled(|batch: &[Tensor]| {
        let tape = GradientTape::new();
        let y_pred = model.call_in(&batch[0], &CallCx::TRAINING)?;
        let value = (&y_pred - &batch[1]).square().mean(..)?;
        let weights = model.trainable_weights();
        optimizer.apply(&tape.gradients(&value, &weights)?, &weights)?;
        loss.update_state(&value, None)?;
        Ok(vec![])
    });
    let mut losses = Vec::new();
    for _epoch in 0..5 {
        loss.reset_state().unwrap();
        for i in 0..4 {
            let batch = |t: &Tensor| ops::narrow(t, 0, 16 * i, 16 * i + 16).unwrap();
            step.call(&[batch(&x), batch(&y)]).unwrap();
        }
        losses.push(loss.result().unwrap().item::<f32>().unwrap());
    }
    assert!(losses[4] < losses[0], "{losses:?}");
}

#[test]
fn steps_per_execution_changes_no_number() {
    let _alone = alone();
    #[derive(Clone, Default)]
    struct Count(Arc<Mutex<Vec<usize>>>);
    impl Callback for Count {
        fn on_train_batch_end(&mut self, _: &CallbackCx, batch: usize) -> Result<()> {
            self.0.lock().unwrap().push(batch);
            Ok(())
        }
    }
    let (x, y) = (random(&[70, 4], 1), random(&[70, 1], 2));
    let run = |together: usize| {
        set_random_seed(4);
        let mut model = deep();
        model.compile_with(Compile::new("adam", "mse").steps_per_execution(together)).unwrap();
        let seen = Count::default();
        let fit = Fit::epochs(2).batch_size(16).validation_split(0.2).verbose(0).callback(seen.clone());
        let history = model.fit(&x, &y, fit).unwrap();
        let seen = seen.0.lock().unwrap().clone();
        (history["loss"].clone(), history["val_loss"].clone(), seen)
    };
    let (one, three) = (run(1), run(3));
    assert_eq!((one.0, one.1), (three.0, three.1));
    assert_eq!((one.2, three.2), (vec![0, 1, 2, 3, 0, 1, 2, 3], vec![2, 3, 2, 3]));
}

#[test]
fn options_of_fit() {
    let _alone = alone();
    let (x, y) = (random(&[40, 4], 1), random(&[40, 1], 2));
    let mut model = deep();
    model.compile("sgd", "mse", ()).unwrap();
    let fit = Fit::epochs(4)
        .batch_size(8)
        .validation_data((&x, &y))
        .validation_steps(2)
        .validation_freq([1, 4])
        .shuffle(Shuffle::WithinBatches)
        .verbose(0);
    let history = model.fit(&x, &y, fit).unwrap();
    assert_eq!((history["loss"].len(), history["val_loss"].len()), (4, 2));
    let first = ops::narrow(&x, 0, 0, 16).unwrap();
    let wanted = model.evaluate(&first, ops::narrow(&y, 0, 0, 16).unwrap()).unwrap().loss();
    assert!((history["val_loss"][1] - wanted).abs() < 1e-6);
    let some = model.evaluate_with(&x, &y, Evaluate::new().batch_size(8).steps(2).verbose(0)).unwrap();
    assert!((some.loss() - wanted).abs() < 1e-6);
}

#[test]
fn what_is_wrong_with_graphs_and_their_data_is_said() {
    let _alone = alone();
    let x = Input::new([3]).name("x").tensor();
    let other = Input::new([3]).name("other").tensor();
    let y = named(1, "y").call(&x).unwrap();
    let (t, b, target) = (zeros([8, 3]), zeros([8, 2]), zeros([8, 1]));
    let both = || [&t, &b];
    let targets = || [&target, &target];
    let fresh = || {
        let mut model = forked();
        model.compile("sgd", "mse", ()).unwrap();
        model
    };
    let fit = |x: rhyton_model::Data, y: rhyton_model::Data| {
        fresh().fit(x, y, Fit::epochs(1).verbose(0)).map(|_| ())
    };
    let compiled = |compile: Compile| -> Result<()> {
        let mut model = forked();
        model.compile_with(compile)?;
        model.fit(both(), targets(), Fit::epochs(1).verbose(0)).map(|_| ())
    };
    let unit = |m: Result<Model>| m.map(|_| ());
    let cases: Vec<(Result<()>, &str)> = vec![
        (
            unit(Model::new(&other, &y)),
            "Model::new: Dense \"y\" needs the input \"x\", which is not among the model's inputs (\"other\"); add it \
             to them",
        ),
        (
            unit(Model::new(&t, &y)),
            "Model::new: input 0 has numbers (it is float32(8, 3)); models are made of symbolic tensors, which begin \
             with input(..)",
        ),
        (unit(Model::new((), &y)), "Model::new: expected at least one input, got none"),
        (unit(Model::new(&x, ())), "Model::new: expected at least one output, got none"),
        (
            unit(Model::new(&x, named(1, "y").call(&y).unwrap())),
            "Model::new: two layers are called \"y\"; layers of a model have names of their own, give this Dense \
             another with .name(..)",
        ),
        (
            unit(Model::new([&x, &x], &y)),
            "Model::new: two inputs are called \"x\"; inputs have names of their own",
        ),
        (
            unit(Model::new(&x, [("z", &y), ("z", &y)])),
            "Model::new: two outputs are called \"z\"; give them other names",
        ),
        (
            fit((&t).into(), targets().into()),
            "fit: Functional \"forked\": expected 2 inputs (\"title\", \"body\"), got 1",
        ),
        (
            fit([&b, &t].into(), targets().into()),
            "fit: Functional \"forked\": input \"title\": expected an input of shape (None, 3), got (None, 2); the \
             first axis is the batch",
        ),
        (
            fit([("title", &t), ("bdoy", &b)].into(), targets().into()),
            "fit: Functional \"forked\": the model has no input \"bdoy\"; did you mean \"body\"?",
        ),
        (
            fit([("title", &t)].into(), targets().into()),
            "fit: Functional \"forked\": input \"body\" is missing",
        ),
        (
            fit([&t, &zeros([7, 2])].into(), targets().into()),
            "fit: x[0] has 8 samples, x[1] has 7, y[0] has 8, y[1] has 8",
        ),
        (fit(both().into(), (&target).into()), "fit: y: expected 2 outputs (\"price\", \"sold\"), got 1"),
        (
            fit(both().into(), [("price", &target)].into()),
            "fit: output \"sold\" has a loss but no targets; give y as a list or by the names of outputs",
        ),
        (
            fit(both().into(), [("price", &target), ("solde", &target)].into()),
            "fit: y: the model has no output \"solde\"; did you mean \"sold\"?",
        ),
        (
            fresh().fit(both(), targets(), Fit::epochs(1).class_weight([(0, 1.0)])).map(|_| ()),
            "fit: class_weight is for models of one output with targets, this one has 2; give sample_weight instead",
        ),
        (
            fresh().fit(both(), targets(), Fit::epochs(1).sample_weight([("sole", &zeros([8]))])).map(|_| ()),
            "fit: sample_weight: the model has no output \"sole\"; did you mean \"sold\"?",
        ),
        (
            compiled(Compile::new("sgd", ["mse", "mse", "mse"])),
            "fit: loss: expected one for each of the 2 outputs (\"price\", \"sold\"), got 3; give a list in this order \
             or pairs of names and values",
        ),
        (
            compiled(Compile::new("sgd", [("prize", "mse")])),
            "fit: loss: the model has no output \"prize\"; did you mean \"price\"?",
        ),
        (
            compiled(Compile::new("sgd", "mse").loss_weights(0.5)),
            "fit: loss_weights: expected one for each of the 2 outputs (\"price\", \"sold\"), got 1; give a list in \
             this order or pairs of names and values",
        ),
        (
            compiled(Compile::new("sgd", "mse").metrics("mae")),
            "fit: metrics: expected one for each of the 2 outputs (\"price\", \"sold\"), got 1; give a list in this \
             order or pairs of names and values",
        ),
        (
            compiled(Compile::new("sgd", ())),
            "fit: there is no loss; give compile one, or have a layer add one with cx.add_loss",
        ),
        (
            compiled(Compile::new("sgd", "mse").steps_per_execution(0)),
            "compile: expected steps_per_execution to be at least 1, got 0",
        ),
        (
            forked().predict(both()).map(|_| ()),
            "predict: Functional \"forked\": has 2 outputs; use predict_all",
        ),
        (
            deep().named("deep").predict([("x", &t)]).map(|_| ()),
            "predict: Deep \"deep\": the inputs of this model have no names; give them as a list in order, or name them in Layer::input_names",
        ),
        (
            named(2, "alone").output().map(|_| ()),
            "Dense \"alone\": it is not part of a model of symbolic tensors; call it on one, or add it to a Sequential \
             that begins with an Input",
        ),
    ];
    let mut wrong = Vec::new();
    for (result, expected) in cases {
        let got = result.map_or_else(|e| e.to_string(), |()| "no error".to_string());
        if got != expected {
            wrong.push(format!("     got {got}\nexpected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}
