//! Keras itself reads our files: run where the environment variable `RHYTON_PYTHON` names an interpreter that
//! has it.

mod common;
mod own;

use common::trial::{self, Trial, array};
use common::{folder, golden};
use rhyton_io::{Compression, write_npz};
use rhyton_model::{Compile, Fit, Model, Sequential};
use rhyton_nn::layers::{
    Activation, Add, AnyLayer, BatchNormalization, CallCx, Concatenate, Dense, Dropout, Embedding, Flatten,
    GlobalAveragePooling1D, Input, LayerNormalization, Masking, input,
};
use rhyton_nn::losses::{Huber, SparseCategoricalCrossentropy};
use rhyton_nn::metrics::{BinaryAccuracy, SparseCategoricalAccuracy};
use rhyton_nn::optimizers::{Adam, AdamW, Nadam, RMSprop, SGD};
use rhyton_runtime::Generator;
use rhyton_tensor::{Tensor, ops, set_random_seed};
use std::process::Command;
use std::sync::{Mutex, MutexGuard};

/// One test at a time draws from the process's seed: a model of unlucky weights may overflow in training.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(|e| e.into_inner());
    set_random_seed(7);
    guard
}

fn random(shape: &[usize], seed: u64) -> Tensor {
    let mut g = Generator::new(seed);
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| g.normal() as f32).collect();
    Tensor::from_slice(&values, shape).unwrap()
}

fn check(python: &str, name: &str, mut model: Sequential) {
    let folder = folder(&format!("keras-{name}"));
    let (x, train_x) = (random(&[7, 4, 3], 1), random(&[3, 16, 4, 3], 2));
    let mut g = Generator::new(3);
    let labels: Vec<i32> = (0..48).map(|_| g.below(3) as i32).collect();
    let train_y = Tensor::from_slice(&labels, [3, 16]).unwrap();
    let batch = |x: &Tensor, i: usize| ops::squeeze(&ops::narrow(x, 0, i, i + 1).unwrap(), 0).unwrap();

    // The optimizer has state when the file is written.
    model.fit(batch(&train_x, 0), batch(&train_y, 0), Fit::epochs(2).batch_size(8).verbose(0)).unwrap();
    let path = folder.join("model.keras");
    model.save(&path).unwrap();
    let y = model.predict(&x).unwrap();
    let mut losses = Vec::new();
    for i in 0..3 {
        model.reset_metrics().unwrap();
        losses.push(model.train_on_batch(batch(&train_x, i), batch(&train_y, i)).unwrap().loss());
    }
    let (given, expected) = (folder.join("in.npz"), folder.join("out.npz"));
    let inputs = [("x", &array(&x)), ("train_x", &array(&train_x)), ("train_y", &array(&train_y))];
    write_npz(&given, &inputs, Compression::Stored).unwrap();
    let losses = Tensor::from(losses);
    write_npz(&expected, &[("y", &array(&y)), ("losses", &array(&losses))], Compression::Stored).unwrap();

    let script = golden("check_keras_file.py");
    let run = Command::new(python).arg(script).args([&path, &given, &expected]).output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{name}: {said}");
    println!("{name}: {said}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn keras_reads_our_files() {
    let Ok(python) = std::env::var("RHYTON_PYTHON") else {
        println!("skipped: RHYTON_PYTHON does not name an interpreter with Keras");
        return;
    };
    let _alone = alone();
    let mut model = Sequential::from((
        Input::new([4, 3]),
        Flatten::new(),
        Dense::new(6).kernel_initializer("he_normal").name("hidden"),
        Activation::new("relu"),
        Dropout::new(0.0),
        Dense::new(3).activation("softmax").name("dense"),
    ));
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"]).unwrap();
    check(&python, "adam", model);

    let mut model = Sequential::from((Flatten::new(), Dense::new(5).activation("tanh"), Dense::new(3)));
    let loss = SparseCategoricalCrossentropy::new().from_logits(true);
    model
        .compile(
            RMSprop::new(0.01).momentum(0.9).centered(true),
            loss,
            (SparseCategoricalAccuracy::new(), "acc"),
        )
        .unwrap();
    check(&python, "rmsprop", model);

    let mut model = Sequential::from((
        Flatten::new(),
        Dense::new(5).activation("gelu").trainable(false),
        Dense::new(3).use_bias(false).activation("softmax"),
    ));
    model.compile(SGD::new(0.05).momentum(0.9).nesterov(true), "crossentropy", ()).unwrap();
    check(&python, "sgd", model);

    let mut model = Sequential::from((Flatten::new(), Dense::new(3).activation("softmax")));
    model.compile(Adam::new(0.01).amsgrad(true), "sparse_categorical_crossentropy", ["acc"]).unwrap();
    check(&python, "amsgrad", model);
}

/// A trial of a model with one input of this many features and outputs of so many.
fn simple(name: &str, model: impl Into<Model>, features: usize, outputs: &[usize]) -> Trial {
    Trial {
        name: name.to_string(),
        model: model.into(),
        evaluated: None,
        tolerance: 1e-5,
        x: vec![random(&[5, features], 1)],
        tx: vec![random(&[3, 8, features], 2)],
        ty: outputs.iter().map(|&n| random(&[3, 8, n], n as u64 + 3)).collect(),
        inputs: None,
        outputs: None,
    }
}

/// A model of most functions that files can describe.
fn functions() -> Model {
    type Unary = fn(&Tensor) -> rhyton_base::Result<Tensor>;
    type Binary = fn(&Tensor, &Tensor) -> rhyton_base::Result<Tensor>;
    let unary: [Unary; 47] = [
        ops::abs,
        ops::negative,
        ops::sign,
        ops::exp,
        ops::exp2,
        ops::expm1,
        ops::sin,
        ops::cos,
        ops::tan,
        ops::arcsin,
        ops::arccos,
        ops::arctan,
        ops::sinh,
        ops::cosh,
        ops::tanh,
        ops::arcsinh,
        ops::arctanh,
        ops::erf,
        ops::erfc,
        ops::erfinv,
        ops::sigmoid,
        ops::relu,
        ops::relu6,
        ops::silu,
        ops::softplus,
        ops::softsign,
        ops::selu,
        ops::log_sigmoid,
        ops::hard_sigmoid,
        ops::hard_silu,
        ops::hard_tanh,
        ops::square,
        ops::floor,
        ops::ceil,
        ops::round,
        ops::trunc,
        ops::sparse_plus,
        ops::sparse_sigmoid,
        ops::tanh_shrink,
        ops::cbrt,
        ops::i0,
        ops::sinc,
        ops::deg2rad,
        ops::rad2deg,
        ops::fliplr,
        ops::stop_gradient,
        ops::log1p,
    ];
    let binary: [Binary; 18] = [
        ops::add,
        ops::subtract,
        ops::multiply,
        ops::divide,
        ops::maximum,
        ops::minimum,
        ops::arctan2,
        ops::hypot,
        ops::logaddexp,
        ops::logaddexp2,
        ops::floor_divide,
        ops::r#mod,
        ops::fmod,
        ops::fmax,
        ops::fmin,
        ops::power,
        ops::divide_no_nan,
        ops::heaviside,
    ];
    let truths: [Binary; 6] =
        [ops::greater, ops::greater_equal, ops::less, ops::less_equal, ops::equal, ops::not_equal];
    let f32 = |x: Tensor| ops::cast(&x, rhyton_tensor::DType::F32).unwrap();
    let axes = |axis: isize| rhyton_tensor::Axes::from(axis).keepdims();
    let x = Input::new([6]).name("x").tensor();
    let h = ops::multiply(&ops::tanh(&x).unwrap(), &Tensor::from(0.9f32)).unwrap();
    let y = ops::add(&ops::sigmoid(&x).unwrap(), &Tensor::from(0.25f32)).unwrap();
    let mut all: Vec<Tensor> = unary.iter().map(|f| f(&h).unwrap()).collect();
    all.extend(binary.iter().map(|f| f(&y, &ops::add(&y, &Tensor::from(0.5f32)).unwrap()).unwrap()));
    all.extend(truths.iter().map(|f| f32(f(&h, &Tensor::from(0.1f32)).unwrap())));
    let (cut, wide) = (Tensor::from([4i32, 0, 2]), ops::reshape(&h, vec![-1isize, 2, 3]).unwrap());
    let (large, places) = ops::top_k(&h, 2, true).unwrap();
    let more = [
        ops::elu(&h, 0.5),
        ops::celu(&h, 0.5),
        ops::hard_shrink(&h, 0.3),
        ops::soft_shrink(&h, 0.3),
        ops::squareplus(&h, 2.0),
        ops::glu(&h, -1),
        ops::std(&h, axes(1)),
        ops::var(&h, axes(1)),
        ops::sum(&h, axes(1)),
        ops::max(&h, axes(-1)),
        ops::min(&h, axes(1)),
        ops::prod(&h, axes(1)),
        ops::logsumexp(&h, axes(1)),
        ops::ptp(&h, axes(1)),
        ops::roll(&h, &[2], Some(&[1])),
        ops::tile(&h, &[1, 2]),
        ops::repeat(&h, 2, 1),
        ops::diff(&h, 1, 1),
        ops::sort(&h, 1),
        Ok(f32(ops::argsort(&h, 1).unwrap())),
        Ok(large),
        Ok(f32(places)),
        ops::cumprod(&h, 1, None),
        ops::log_softmax(&h, 1),
        ops::normalize(&h, 1, 2, None),
        ops::take(&h, &cut, 1),
        Ok(ops::unstack(&wide, 1).unwrap().swap_remove(1)),
        Ok(f32(ops::argmax(&h, axes(1)).unwrap())),
        Ok(f32(ops::any(&ops::greater(&h, &Tensor::from(0.5f32)).unwrap(), axes(1)).unwrap())),
        wide.i((.., 0, 1..)),
        ops::hstack(&[&h, &x]),
        Ok(f32(ops::logical_not(&ops::isnan(&h).unwrap()).unwrap())),
        ops::matmul(&h, &Tensor::from([[0.5f32, -1.0]; 6])),
        ops::transpose(&wide, Some(&[0, 2, 1])).and_then(|t| t.i((.., 2))),
        ops::squeeze(&ops::mean(&wide, axes(1)).unwrap(), 1),
        Ok(ops::one_hot(
            &ops::cast(&ops::round(&y).unwrap(), rhyton_tensor::DType::I32).unwrap(),
            3,
            -1,
            rhyton_tensor::DType::F32,
        )
        .unwrap()
        .i((.., 0))
        .unwrap()),
    ];
    all.extend(more.map(|part| part.unwrap()));
    let y = ops::concatenate(&all.iter().collect::<Vec<_>>(), 1).unwrap();
    Model::new(&x, &y).unwrap()
}

fn trials() -> Vec<Trial> {
    let mut all = Vec::new();
    let relu = |units: usize| Dense::new(units).activation("relu");

    // Two inputs and two outputs by name, compiled by name.
    let (title, body) = (Input::new([3]).name("title").tensor(), Input::new([4]).name("body").tensor());
    let h = relu(5).call(&Concatenate::new().call([&title, &body]).unwrap()).unwrap();
    let price = Dense::new(2).call(&h).unwrap();
    let sold = Dense::new(1).activation("sigmoid").call(&h).unwrap();
    let named =
        || Model::new([("title", &title), ("body", &body)], [("price", &price), ("sold", &sold)]).unwrap();
    let bits = ops::cast(
        &ops::greater(&random(&[3, 8, 1], 9), &Tensor::from(0.0f32)).unwrap(),
        rhyton_tensor::DType::F32,
    );
    let names = |all: [&str; 2]| Some(all.map(str::to_string).to_vec());
    let several = |name: &str, model, inputs, outputs| Trial {
        name: name.to_string(),
        model,
        evaluated: None,
        tolerance: 1e-5,
        x: vec![random(&[5, 3], 1), random(&[5, 4], 2)],
        tx: vec![random(&[3, 8, 3], 3), random(&[3, 8, 4], 4)],
        ty: vec![random(&[3, 8, 2], 5), bits.clone().unwrap()],
        inputs,
        outputs,
    };
    let mut model = named();
    let compile = Compile::new(
        Adam::new(0.01).amsgrad(true),
        [
            ("price", Huber::new().into()),
            ("sold", rhyton_nn::Spec::<dyn rhyton_nn::losses::Loss>::from("binary_crossentropy")),
        ],
    );
    let compile = compile.loss_weights([("price", 0.5), ("sold", 2.0)]);
    model.compile_with(compile.metrics([("sold", ["accuracy"]), ("price", ["mae"])])).unwrap();
    all.push(several("by_name", model, names(["title", "body"]), names(["price", "sold"])));

    // The same in lists.
    let (a, b) = (input([3]), input([4]));
    let h = relu(5).call(&Concatenate::new().call([&a, &b]).unwrap()).unwrap();
    let outputs = [
        Dense::new(2).name("price").call(&h).unwrap(),
        Dense::new(1).activation("sigmoid").name("sold").call(&h).unwrap(),
    ];
    let mut model = Model::new([&a, &b], [&outputs[0], &outputs[1]]).unwrap();
    let compile = Compile::new("rmsprop", ["mse", "binary_crossentropy"]).loss_weights([1.0, 0.25]);
    model.compile_with(compile.metrics([vec!["mae"], vec!["accuracy"]])).unwrap();
    all.push(several("in_lists", model, None, None));

    // Shared layers, a layer on its own result, branches of unequal depth, operators and functions.
    let x = Input::new([4]).name("x").tensor();
    let shared = AnyLayer::from(Dense::new(4).activation("tanh").name("dense_9"));
    let deep = shared.call(&relu(4).name("dense_1").call(&shared.call(&x).unwrap()).unwrap()).unwrap();
    let flat = Dense::new(4).name("dense").call(&x).unwrap();
    let sum = &(&deep + &flat) * 2.0 - ops::square(&x).unwrap();
    let parts = [
        ops::softmax(&sum, -1).unwrap(),
        ops::mean(&sum, rhyton_tensor::Axes::from(1).keepdims()).unwrap(),
        sum.i((.., 1..3)).unwrap(),
        ops::reshape(
            &ops::transpose(&ops::reshape(&sum, vec![-1isize, 2, 2]).unwrap(), Some(&[0, 2, 1])).unwrap(),
            vec![-1isize, 4],
        )
        .unwrap(),
        ops::clip(&ops::leaky_relu(&sum, 0.1).unwrap(), -1.0, 1.0).unwrap(),
        ops::r#where(&ops::greater(&sum, &flat).unwrap(), &sum, &flat).unwrap(),
        ops::add(&sum, &Tensor::from([1.0f32, -2.0, 0.5, 0.25])).unwrap(),
        ops::squeeze(&ops::expand_dims(&ops::gelu(&sum, false).unwrap(), 1).unwrap(), 1).unwrap(),
        ops::flip(&ops::cumsum(&sum, 1, None).unwrap(), 1).unwrap(),
        ops::split(&sum, 2, 1).unwrap().swap_remove(1),
        ops::stack(&[&sum, &flat], 1).unwrap().i((.., 0)).unwrap(),
    ];
    let joined = ops::concatenate(&parts.iter().collect::<Vec<_>>(), 1).unwrap();
    let mut model = Model::new(&x, Dense::new(2).name("out").call(&joined).unwrap()).unwrap();
    model.compile(SGD::new(0.002).momentum(0.9), "mse", ["mae"]).unwrap();
    all.push(simple("graph", model, 4, &[2]));

    // Models in models in models, shared, with batch normalization, partly frozen.
    let block = Sequential::from((Input::new([4]), relu(4), BatchNormalization::new(), Dropout::new(0.0)))
        .named("block");
    let i = input([4]);
    let h = block.call(block.call(&i).unwrap()).unwrap();
    let middle = Model::new(
        &i,
        [
            &Dense::new(3).name("p").call(&h).unwrap(),
            &Dense::new(3).trainable(false).name("q").call(&h).unwrap(),
        ],
    );
    let middle = middle.unwrap().named("middle");
    let x = input([4]);
    let ends = AnyLayer::from(&middle).call_all(&relu(4).call(&x).unwrap()).unwrap();
    let out = Dense::new(2).call(&Add::new().call([&ends[0], &ends[1]]).unwrap()).unwrap();
    let mut model = Model::new(&x, [&out, &ends[1]]).unwrap();
    model.compile("adam", ["mse", "mae"], ()).unwrap();
    all.push(simple("nested", model, 4, &[2, 3]));

    // A frozen model inside, called for inference.
    let base = Sequential::from((Input::new([4]), relu(3), BatchNormalization::new())).named("base");
    base.set_trainable(false);
    let x = input([4]);
    let y = Dense::new(2).call(&base.call_in(&x, &CallCx::INFERENCE).unwrap()).unwrap();
    let mut model = Model::new(&x, &y).unwrap();
    model.compile(Nadam::new(0.01), "mse", ()).unwrap();
    all.push(simple("frozen", model, 4, &[2]));

    // A Sequential that begins with a graph.
    let i = input([4]);
    let first = Model::new(&i, Concatenate::new().call([&relu(2).call(&i).unwrap(), &i]).unwrap()).unwrap();
    let mut model = Sequential::from((
        first,
        Sequential::from((relu(4), Dense::new(3))),
        LayerNormalization::new(),
        Dense::new(2),
    ));
    model.compile(AdamW::new(0.01).weight_decay(0.02), "mse", [BinaryAccuracy::new()]).unwrap();
    all.push(simple("sequential", model, 4, &[2]));

    // Masks.
    let ids = Input::new([6]).name("ids").dtype(rhyton_tensor::DType::I32).tensor();
    let h = Embedding::new(8, 4).mask_zero(true).call(&ids).unwrap();
    let y = Dense::new(2).call(&GlobalAveragePooling1D::new().call(&h).unwrap()).unwrap();
    let mut model = Model::new(&ids, &y).unwrap();
    model.compile("adam", "mse", ()).unwrap();
    let mut g = Generator::new(8);
    let mut draw = |shape: &[usize]| {
        let ids: Vec<i32> = (0..shape.iter().product()).map(|_| g.below(8) as i32).collect();
        vec![Tensor::from_slice(&ids, shape).unwrap()]
    };
    let trial = simple("embedding", model, 1, &[2]);
    all.push(Trial { x: draw(&[5, 6]), tx: draw(&[3, 8, 6]), ..trial });
    let x = input([3, 4]);
    let first = Dense::new(4).name("first").call(&x).unwrap();
    let long = GlobalAveragePooling1D::new().call(&Masking::new(0.0).call(&first).unwrap()).unwrap();
    let second = Dense::new(4).name("second").call(&Dense::new(4).name("third").call(&x).unwrap()).unwrap();
    let other = GlobalAveragePooling1D::new().call(&second).unwrap();
    let y = Dense::new(2).name("out").call(&Concatenate::new().call([&other, &long]).unwrap()).unwrap();
    let mut model = Model::new(&x, &y).unwrap();
    model.compile("adam", "mse", ()).unwrap();
    let trial = simple("masking", model, 1, &[2]);
    all.push(Trial { x: vec![random(&[5, 3, 4], 1)], tx: vec![random(&[3, 8, 3, 4], 2)], ..trial });

    // Layers of one's own in a graph, and a whole model of one's own.
    let x = input([5]);
    let h =
        AnyLayer::from(own::Residual::new(4, 2)).call(&AnyLayer::from(own::Scale::new(2)).call(&x).unwrap());
    let y = AnyLayer::from(own::Ranker::new(3)).named("ranker").call(&h.unwrap()).unwrap();
    let mut model = Model::new(&x, &y).unwrap();
    model.compile("adam", "mse", ()).unwrap();
    all.push(simple("own_layers", model, 5, &[2]));
    let mut model = Model::from_layer(own::Ranker::new(3)).named("ranker");
    model.build([None, Some(5)]).unwrap();
    model.compile("sgd", "mse", ()).unwrap();
    all.push(simple("own_model", model, 5, &[2]));

    all.push(simple("functions", functions(), 6, &[]));

    // Not compiled.
    let x = input([4]);
    all.push(simple("plain", Model::new(&x, relu(2).call(&x).unwrap()).unwrap(), 4, &[]));
    all
}

#[test]
fn keras_goes_on_with_our_models_of_every_kind() {
    let Ok(python) = std::env::var("RHYTON_PYTHON") else {
        println!("skipped: RHYTON_PYTHON does not name an interpreter with Keras");
        return;
    };
    let _alone = alone();
    own::register();
    let folder = folder("keras-every-kind");
    trials().into_iter().for_each(|trial| trial::write(&folder, trial));
    trial::check(&python, &folder);
    std::fs::remove_dir_all(folder).unwrap();
}
