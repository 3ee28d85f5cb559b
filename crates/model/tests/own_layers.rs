//! Layers and models of one's own: as short as Keras's, and found, named, trained and saved like them.

use rhyton_base::{Result, Shape};
use rhyton_model::{Compile, Fit, Model, Sequential, load_model};
use rhyton_nn::layers::{
    AnyLayer, BuildCx, CallCx, Dense, Dropout, Input, Layer, Weight, clear_session, exactly, input,
    register_layer,
};
use rhyton_nn::{Config, activations, layer_config, sublayers};
use rhyton_tensor::{DType, Tensor, ops, set_random_seed};
use std::sync::Mutex;

/// One test at a time: automatic names are the process's.
static ONE: Mutex<()> = Mutex::new(());

fn alone() -> std::sync::MutexGuard<'static, ()> {
    let guard = ONE.lock().unwrap_or_else(|e| e.into_inner());
    clear_session();
    set_random_seed(1);
    guard
}

#[derive(Default)]
struct SimpleDense {
    units: usize,
    activation: String,
    w: Weight,
    b: Weight,
}

impl SimpleDense {
    fn new(units: usize, activation: &str) -> SimpleDense {
        SimpleDense { units, activation: activation.to_string(), ..SimpleDense::default() }
    }
}

impl Layer for SimpleDense {
    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        self.w = cx.add_weight("W", [cx.last_axis(input)?, self.units], "random_normal")?;
        self.b = cx.add_weight("b", [self.units], "zeros")?;
        Ok(())
    }

    fn call(&self, x: &Tensor, _: &CallCx) -> Result<Tensor> {
        activations::get(&self.activation)?.call(&(x.matmul(&self.w.value()?)? + self.b.value()?))
    }

    fn config(&self) -> Config {
        layer_config!(self.units, self.activation)
    }
}

struct Block {
    inner: AnyLayer,
    own: AnyLayer,
    more: Vec<AnyLayer>,
}

impl Layer for Block {
    fn call(&self, x: &Tensor, _: &CallCx) -> Result<Tensor> {
        let x = self.own.call(&self.inner.call(x)?)?;
        self.more.iter().try_fold(x, |x, layer| layer.call(&x))
    }

    fn sublayers(&self) -> Vec<(String, AnyLayer)> {
        sublayers!(self.inner, self.own, self.more)
    }
}

struct Whole {
    block: AnyLayer,
    head: AnyLayer,
}

impl Layer for Whole {
    fn call(&self, x: &Tensor, _: &CallCx) -> Result<Tensor> {
        self.head.call(&self.block.call(x)?)
    }

    fn sublayers(&self) -> Vec<(String, AnyLayer)> {
        sublayers!(self.block, self.head)
    }
}

fn whole() -> Model {
    let block = Block {
        inner: Dense::new(3).into(),
        own: SimpleDense::new(2, "linear").into(),
        more: vec![Dense::new(2).into(), Dense::new(2).into()],
    };
    Model::from_layer(Whole { block: block.into(), head: Dense::new(1).into() })
}

/// A part of what Keras says of the same model.
fn golden(title: &str) -> Vec<&'static str> {
    let text = include_str!("golden/shown.txt").split("=== ").find(|s| s.starts_with(title)).unwrap();
    text.lines().skip(1).collect()
}

#[test]
fn weights_have_the_paths_of_keras() {
    let _alone = alone();
    let model = whole();
    assert_eq!(model.weights().len(), 0);
    model.call(ops::zeros([2, 4], DType::F32).unwrap()).unwrap();
    let paths: Vec<String> = model.weights().iter().map(|w| w.name()).collect();
    assert_eq!(paths, golden("paths"));

    // Fields are known by the names that Keras's files have for them; there, layers in a list are called by their classes.
    fn leaves(layer: &AnyLayer, path: &str, all: &mut Vec<String>) {
        let inner = layer.sublayers();
        let own = if inner.is_empty() { layer.weights().len() } else { 0 };
        all.extend((0..own).map(|i| format!("{path}vars/{i}")));
        for (name, l) in inner {
            let name = name.replace("[0]", "/dense").replace("[1]", "/dense_1");
            leaves(&l, &format!("{path}{name}/"), all);
        }
    }
    let mut all = Vec::new();
    leaves(model.as_layer(), "", &mut all);
    all.sort();
    assert_eq!(all, golden("files"));
    assert_eq!(model.as_layer().clone().named("again").weights()[2].name(), "again/block/simple_dense/W");
}

/// Adds a loss, and drops out, in a layer that calls without saying how it is called.
struct Inner {
    dropout: AnyLayer,
}

impl Layer for Inner {
    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        cx.add_loss(x.square().mean(..)?);
        self.dropout.call(x)
    }
}

struct Outer {
    inner: AnyLayer,
}

impl Layer for Outer {
    fn call(&self, x: &Tensor, _: &CallCx) -> Result<Tensor> {
        self.inner.call(x)
    }
}

#[test]
fn training_and_losses_reach_through_layers_of_ones_own() {
    let _alone = alone();
    let inner = Inner { dropout: Dropout::new(0.5).into() };
    let outer = AnyLayer::from(Outer { inner: inner.into() });
    let ones = ops::ones([4, 50], DType::F32).unwrap();
    let zeros = |y: Tensor| y.to_vec::<f32>().unwrap().iter().filter(|v| **v == 0.0).count();
    assert_eq!(zeros(outer.call(&ones).unwrap()), 0);
    assert!(zeros(outer.call_in(&ones, &CallCx::TRAINING).unwrap()) > 20);

    // The same in a graph, compiled and not; the loss of the inner layer is 1 everywhere.
    for eagerly in [false, true] {
        let x = input([50]);
        let mut model = Model::new(&x, outer.call(&x).unwrap()).unwrap();
        model.compile_with(Compile::new("sgd", "mse").run_eagerly(eagerly)).unwrap();
        let history = model.fit(&ones, &ones, Fit::epochs(1).verbose(0)).unwrap();
        assert!(history["loss"][0] > 1.5, "{:?}", history["loss"]);
        assert!((model.evaluate(&ones, &ones).unwrap().loss() - 1.0).abs() < 1e-6);
    }
}

#[test]
fn layers_of_ones_own_are_saved_and_loaded() {
    let _alone = alone();
    register_layer("SimpleDense", |r| {
        Ok(SimpleDense::new(r.get("units")?, &r.get::<String>("activation")?).into())
    });
    let layers = (Input::new([4]), SimpleDense::new(3, "relu"), SimpleDense::new(2, "softmax"));
    let model = Sequential::from(layers);
    assert_eq!(model.output_shape().unwrap(), Shape::from([None, Some(2)]));
    let folder = std::env::temp_dir().join(format!("rhyton-own-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("own.keras");
    model.save(&file).unwrap();
    let again = load_model(&file).unwrap();
    let x = ops::ones([5, 4], DType::F32).unwrap();
    assert!(again.predict(&x).unwrap().bit_equal(&model.predict(&x).unwrap()));
    std::fs::remove_dir_all(folder).unwrap();

    // Shapes of results need no rule.
    let layer = &model.layers()[0];
    assert_eq!(layer.output_shape(&Shape::from([None, Some(4)])).unwrap(), Shape::from([None, Some(3)]));
    assert!(model.summary().contains("(None, 3)"));
}

/// Two inputs and two results, by name.
struct Tickets {
    mixing: AnyLayer,
    priority: AnyLayer,
    department: AnyLayer,
}

impl Layer for Tickets {
    fn call_all(&self, inputs: &[Tensor], _: &CallCx) -> Result<Vec<Tensor>> {
        let [title, body] = exactly(inputs)?;
        let features = self.mixing.call(&ops::concatenate(&[title, body], -1)?)?;
        Ok(vec![self.priority.call(&features)?, self.department.call(&features)?])
    }

    fn input_names(&self) -> Vec<&'static str> {
        vec!["title", "body"]
    }

    fn output_names(&self) -> Vec<&'static str> {
        vec!["priority", "department"]
    }
}

#[test]
fn inputs_and_results_of_ones_own_models_have_names() {
    let _alone = alone();
    let mut model = Model::from_layer(Tickets {
        mixing: Dense::new(8).activation("relu").into(),
        priority: Dense::new(1).activation("sigmoid").into(),
        department: Dense::new(4).activation("softmax").into(),
    });
    let (title, body) = (ops::ones([6, 3], DType::F32).unwrap(), ops::zeros([6, 2], DType::F32).unwrap());
    let (y, k) = (ops::ones([6, 1], DType::F32).unwrap(), ops::zeros([6], DType::I32).unwrap());
    let losses = [("department", "sparse_categorical_crossentropy"), ("priority", "mse")];
    model.compile("adam", losses, [("priority", ["mae"])]).unwrap();
    let fit = Fit::epochs(1).verbose(0);
    let history =
        model.fit([("body", &body), ("title", &title)], [("department", &k), ("priority", &y)], fit).unwrap();
    let names: Vec<&str> = history.names().collect();
    assert_eq!(names, ["department_loss", "loss", "priority_loss", "priority_mae"]);
    let e = model.call([("body", &body)]).unwrap_err().to_string();
    assert_eq!(e, "Tickets \"tickets\": input \"title\" is missing");
    let e = model.call_all([&title]).unwrap_err().to_string();
    assert_eq!(e, "Tickets \"tickets\": expected 2 inputs, got 1");
}

struct Forgetful {
    w: Weight,
}

impl Layer for Forgetful {
    fn call(&self, x: &Tensor, _: &CallCx) -> Result<Tensor> {
        Ok(x * self.w.value()?)
    }
}

#[test]
fn a_weight_that_is_not_made_is_an_error() {
    let _alone = alone();
    let layer = AnyLayer::from(Forgetful { w: Weight::default() });
    let e = layer.call(&ops::ones([1, 2], DType::F32).unwrap()).unwrap_err().to_string();
    assert_eq!(
        e,
        "Forgetful \"forgetful\": a weight is used that build has not made; make it there with cx.add_weight(..), or in \
         build_all where the layer takes several inputs"
    );
}
