//! Layers and a model of one's own; `golden/saved_models.py` has the same ones.
#![allow(dead_code)]

use rhyton_base::{Result, Shape};
use rhyton_model::Sequential;
use rhyton_nn::layers::{
    AnyLayer, BuildCx, CallCx, Dense, Layer, LayerNormalization, only, register_function, register_layer,
};
use rhyton_nn::{Config, Spec};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::Value;

/// A weight for each feature, and an argument.
pub struct Scale {
    pub power: usize,
    factor: Option<Variable>,
    moving: Option<Variable>,
}

impl Scale {
    pub fn new(power: usize) -> Scale {
        Scale { power, factor: None, moving: None }
    }
}

impl Layer for Scale {
    fn class_name(&self) -> &'static str {
        "Scale"
    }

    fn config(&self) -> Config {
        Config::from_iter([("power".to_string(), Value::from(self.power))])
    }

    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        let features = cx.last_axis(input)?;
        self.factor = Some(cx.weight("factor", [features], &Spec::from("ones"))?);
        self.moving = Some(cx.non_trainable("moving", [], &Spec::from("zeros"))?);
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let factor = self.factor.as_ref().expect("built").value();
        let mut power = ops::ones_like(&factor)?;
        for _ in 0..self.power {
            power = ops::multiply(&power, &factor)?;
        }
        ops::add(&ops::multiply(x, &power)?, &self.moving.as_ref().expect("built").value())
    }
}

/// Layers in fields and in a list.
pub struct Residual {
    units: usize,
    project: AnyLayer,
    blocks: Vec<AnyLayer>,
    hidden: AnyLayer,
    act: AnyLayer,
}

impl Residual {
    pub fn new(units: usize, blocks: usize) -> Residual {
        let block = |i| Dense::new(units).activation("tanh").name(format!("block{i}")).into();
        Residual {
            units,
            project: Dense::new(units).name("project").into(),
            blocks: (0..blocks).map(block).collect(),
            hidden: AnyLayer::from(Scale::new(2)).named("hidden"),
            act: Dense::new(units).activation("relu").name("act").into(),
        }
    }
}

impl Layer for Residual {
    fn class_name(&self) -> &'static str {
        "Residual"
    }

    fn config(&self) -> Config {
        let pairs = [("units", self.units), ("blocks", self.blocks.len())];
        pairs.into_iter().map(|(key, n)| (key.to_string(), Value::from(n))).collect()
    }

    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        let mut h = self.project.call_in(x, cx)?;
        for block in &self.blocks {
            h = ops::add(&h, &block.call_in(&h, cx)?)?;
        }
        ops::add(&self.act.call_in(&self.hidden.call_in(&h, cx)?, cx)?, &h)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        input.last()?;
        Ok(input.with_last(self.units))
    }

    fn sublayers(&self) -> Vec<(String, AnyLayer)> {
        let mut all = rhyton_nn::sublayers!(self.project, self.blocks);
        all.extend([("_hidden".to_string(), self.hidden.clone()), ("act".to_string(), self.act.clone())]);
        all
    }
}

/// A model whose fields come before and after `layers` in the alphabet.
pub struct Ranker {
    units: usize,
    body: AnyLayer,
    score: AnyLayer,
    norm: AnyLayer,
    tower: AnyLayer,
}

impl Ranker {
    pub fn new(units: usize) -> Ranker {
        let tower = Sequential::from((Dense::new(units).activation("relu"), Dense::new(units)));
        Ranker {
            units,
            body: AnyLayer::from(Residual::new(units, 1)).named("body"),
            score: Dense::new(2).name("score").into(),
            norm: LayerNormalization::new().name("norm").into(),
            tower: AnyLayer::from(tower).named("tower"),
        }
    }
}

impl Layer for Ranker {
    fn class_name(&self) -> &'static str {
        "Ranker"
    }

    fn config(&self) -> Config {
        Config::from_iter([("units".to_string(), Value::from(self.units))])
    }

    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        let h = self.tower.call_in(&self.body.call_in(x, cx)?, cx)?;
        self.score.call_in(&self.norm.call_in(&h, cx)?, cx)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        input.last()?;
        Ok(input.with_last(2))
    }

    fn sublayers(&self) -> Vec<(String, AnyLayer)> {
        [("body", &self.body), ("score", &self.score), ("_norm", &self.norm), ("tower", &self.tower)]
            .map(|(name, l)| (name.to_string(), l.clone()))
            .into()
    }
}

/// Makes them known under the names that they have in files.
pub fn register() {
    register_layer("shop>Scale", |r| Ok(Scale::new(r.usize("power")?.unwrap_or(1)).into()));
    register_layer("shop>Residual", |r| {
        Ok(Residual::new(r.usize("units")?.unwrap_or(4), r.usize("blocks")?.unwrap_or(2)).into())
    });
    register_layer("shop>Ranker", |r| Ok(Ranker::new(r.usize("units")?.unwrap_or(3)).into()));
    register_function("shop>double", |x, _| Ok(vec![ops::add(only(x)?, only(x)?)?]));
}
