//! The paths of weights, and the names of an optimizer's variables, are those that Keras gives.

mod common;

use common::folder;
use rhyton_base::{Result, Shape};
use rhyton_model::{Fit, Model, Sequential, clone_model, load_model};
use rhyton_nn::layers::{
    AnyLayer, BatchNormalization, BuildCx, CallCx, Dense, Input, Layer, SpectralNormalization, Weight,
    clear_session, input, register_layer,
};
use rhyton_nn::sublayers;
use rhyton_tensor::{DType, Tensor, Variable, ops};
use serde_json::Value;

/// A layer that builds the one in it.
struct Block {
    inner: AnyLayer,
    scale: Weight,
}

impl Block {
    fn new() -> Block {
        Block { inner: Dense::new(3).into(), scale: Weight::default() }
    }
}

impl Layer for Block {
    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        self.scale = cx.add_weight("scale", [3], "ones")?;
        self.inner.build(input)
    }

    fn call(&self, x: &Tensor, _: &CallCx) -> Result<Tensor> {
        Ok(self.inner.call(x)? * self.scale.value()?)
    }

    fn sublayers(&self) -> Vec<(String, AnyLayer)> {
        sublayers!(self.inner)
    }
}

/// A model of one's own with a layer and a model in it.
struct Pair {
    first: AnyLayer,
    rest: Sequential,
}

impl Pair {
    fn new() -> Pair {
        Pair { first: Dense::new(3).into(), rest: Sequential::from([Dense::new(2)]) }
    }
}

impl Layer for Pair {
    fn call(&self, x: &Tensor, _: &CallCx) -> Result<Tensor> {
        self.rest.as_layer().call(&self.first.call(x)?)
    }

    fn sublayers(&self) -> Vec<(String, AnyLayer)> {
        sublayers!(self.first, self.rest)
    }
}

fn zeros(columns: usize) -> Tensor {
    ops::zeros([4, columns], DType::F32).unwrap()
}

fn fitted(model: impl Into<Model>) -> Model {
    let mut model = model.into();
    model.compile("adam", "mse", ()).unwrap();
    model.fit(zeros(3), zeros(2), Fit::epochs(1).verbose(0)).unwrap();
    model
}

fn loaded(model: impl Into<Model>) -> Model {
    let folder = folder("weight-paths");
    let path = folder.join("model.keras");
    model.into().save(&path).unwrap();
    let loaded = load_model(&path).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    loaded
}

fn called(model: impl Into<Model>) -> Model {
    let model = model.into();
    model.call(zeros(3)).unwrap();
    model
}

fn graph(layer: impl Into<AnyLayer>) -> Model {
    let x = input([3]);
    Model::new(&x, layer.into().call(&x).unwrap()).unwrap()
}

fn block() -> AnyLayer {
    AnyLayer::from(Block::new()).named("block")
}

fn pair() -> AnyLayer {
    AnyLayer::from(Pair::new()).named("pair")
}

fn make(name: &str) -> Model {
    let inner = || Sequential::from([Dense::new(2)]).named("inner");
    match name {
        "sequential_with_input" => Sequential::from((Input::new([3]), Dense::new(2), Dense::new(2))).into(),
        "sequential_named" => {
            Sequential::from((Input::new([3]), Dense::new(2).name("head"))).named("net").into()
        }
        "sequential_built" => {
            let mut model = Sequential::from([Dense::new(2)]);
            model.build([None, Some(3)]).unwrap();
            model.into()
        }
        "sequential_called" => called(Sequential::from((Dense::new(2), BatchNormalization::new()))),
        "sequential_fitted" => fitted(Sequential::from([Dense::new(2)])),
        "sequential_loaded" => loaded(fitted(Sequential::from((Input::new([3]), Dense::new(2))))),
        "sequential_in_sequential" => {
            Sequential::from((Input::new([3]), inner(), Dense::new(1))).named("outer").into()
        }
        "sequential_of_built_sequential" => {
            let inner = Sequential::from((Input::new([3]), Dense::new(2))).named("inner");
            Sequential::from((inner, Dense::new(1))).named("outer").into()
        }
        "sequential_of_unbuilt_sequential" => {
            called(Sequential::from((inner(), Dense::new(1))).named("outer"))
        }
        "sequential_of_a_built_layer" => {
            let dense = AnyLayer::from(Dense::new(2));
            dense.build(&Shape::from([None, Some(3)])).unwrap();
            called(Sequential::from([dense]))
        }
        "sequential_extended" => {
            let mut model = Sequential::from((Input::new([3]), Dense::new(2))).named("net");
            model.add(Dense::new(4));
            model.into()
        }
        "sequential_cloned" => {
            let model = Sequential::from((Input::new([3]), Dense::new(2))).named("net");
            clone_model(&model).unwrap()
        }
        "functional" => {
            let x = input([3]);
            let hidden = Dense::new(4).name("hidden");
            let last = Dense::new(2);
            fitted(Model::new(&x, last.call(&hidden.call(&x).unwrap()).unwrap()).unwrap())
        }
        "functional_of_a_sequential" => graph(inner()),
        "functional_of_a_functional" => {
            let inside = graph(Dense::new(2)).named("inner");
            let x = input([3]);
            let h = AnyLayer::from(&inside).call(&x).unwrap();
            Model::new(&x, Dense::new(1).call(&h).unwrap()).unwrap()
        }
        "functional_of_own_layers" => graph(block()),
        "functional_of_own_model" => graph(pair()),
        "functional_of_own_layers_loaded" => loaded(graph(block())),
        "sequential_of_own_layers" => Sequential::from((Input::new([3]), block())).into(),
        "own_model" => called(Model::from_layer(pair())),
        "own_model_fitted" => fitted(Model::from_layer(pair())),
        "own_model_loaded" => loaded(fitted(Model::from_layer(pair()))),
        "normalized_layer" => graph(SpectralNormalization::new(Dense::new(2))),
        other => panic!("no model {other}"),
    }
}

/// One test: automatic names are the process's.
#[test]
fn paths_are_those_of_keras() {
    register_layer("Block", |_| Ok(block()));
    register_layer("Pair", |_| Ok(pair()));
    let text = include_str!("golden/weight_paths.json");
    let Value::Object(expected) = serde_json::from_str(text).unwrap() else { panic!() };
    assert!(expected.len() >= 12);
    let mut wrong = Vec::new();
    for (name, facts) in &expected {
        clear_session();
        let model = make(name);
        let names = |all: Vec<Variable>| all.iter().map(|v| Value::from(v.name())).collect::<Value>();
        let weights = names(model.weights());
        let slots = model.optimizer().map_or(Value::Array(Vec::new()), |o| names(o.variables()));
        for (got, expected) in [(weights, &facts["weights"]), (slots, &facts["optimizer"])] {
            if got != *expected {
                wrong.push(format!("{name}\n     got {got}\nexpected {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
