//! Models as types of one's own, inside and around other models.

use super::Cx;
use rhyton::layers::exactly;
use rhyton::prelude::*;
use rhyton::random::{next_seed, randint, uniform};
use serde_json::json;

/// The model of the tickets, as a type.
struct CustomerTicketModel {
    mixing: AnyLayer,
    priority: AnyLayer,
    department: AnyLayer,
}

impl CustomerTicketModel {
    fn new(departments: usize) -> CustomerTicketModel {
        CustomerTicketModel {
            mixing: Dense::new(64).activation("relu").into(),
            priority: Dense::new(1).activation("sigmoid").into(),
            department: Dense::new(departments).activation("softmax").into(),
        }
    }
}

impl Layer for CustomerTicketModel {
    fn call_all(&self, inputs: &[Tensor], _: &CallCx) -> Result<Vec<Tensor>> {
        let [title, text_body, tags] = exactly(inputs)?;
        let features = self.mixing.call(&ops::concatenate(&[title, text_body, tags], -1)?)?;
        Ok(vec![self.priority.call(&features)?, self.department.call(&features)?])
    }

    fn input_names(&self) -> Vec<&'static str> {
        vec!["title", "text_body", "tags"]
    }
}

/// A head for two classes or more.
struct Classifier(AnyLayer);

impl Classifier {
    fn new(classes: usize) -> Classifier {
        Classifier(match classes {
            2 => Dense::new(1).activation("sigmoid").into(),
            n => Dense::new(n).activation("softmax").into(),
        })
    }
}

impl Layer for Classifier {
    fn call(&self, x: &Tensor, _: &CallCx) -> Result<Tensor> {
        self.0.call(x)
    }
}

/// One's own model around a functional one; its forward pass loops.
struct Refiner {
    step: Model,
    classifier: AnyLayer,
    rounds: usize,
}

impl Layer for Refiner {
    fn call(&self, x: &Tensor, _: &CallCx) -> Result<Tensor> {
        let refined =
            (0..self.rounds).try_fold(x.clone(), |x, _| Ok::<_, Error>(&x + self.step.call(&x)?))?;
        self.classifier.call(&refined)
    }
}

/// The same model as in `tickets`, then models in models.
pub fn run(cx: &Cx) -> Result<()> {
    let (n, vocabulary) = (1280, 10_000);
    let words = |size: usize| Ok::<_, Error>(randint([n, size], 0, 2, I32, next_seed())?.cast(F32));
    let data = [words(vocabulary)?, words(vocabulary)?, words(100)?];
    let priority = uniform([n, 1], 0.0, 1.0, F32, next_seed())?;
    let department = utils::to_categorical(&randint([n], 0, 4, I32, next_seed())?, 4)?;
    let fit = |epochs| {
        let fit = Fit::epochs(cx.epochs.unwrap_or(epochs)).batch_size(cx.batch_size.unwrap_or(32));
        if cx.report.is_json() { fit.verbose(0) } else { fit }
    };

    let mut model = Model::from_layer(CustomerTicketModel::new(4));
    cx.report.line(format!("before the first call: {} weights", model.weights().len()));
    let results = model.call_all([("title", &data[0]), ("text_body", &data[1]), ("tags", &data[2])])?;
    cx.report.line(format!("results: {:?} and {:?}; weights:", results[0].shape(), results[1].shape()));
    model.weights().iter().for_each(|w| cx.report.line(format!("  {} {:?}", w.name(), w.shape())));
    // Losses and targets in the order of the results.
    let losses = ["mean_squared_error", "categorical_crossentropy"];
    model.compile("rmsprop", losses, [["mean_absolute_error"], ["accuracy"]])?;
    let history = model.fit(&data, [&priority, &department], fit(1))?;
    cx.report.line(model.summary());

    // A model of one's own inside a functional one.
    let x = input([3]);
    let features = Dense::new(64).activation("relu").call(&x)?;
    let inside = Model::new(&x, AnyLayer::from(Classifier::new(10)).call(&features)?)?;
    cx.report.line(inside.summary());

    // A functional model inside one's own.
    let x = input([16]);
    let step = Model::new(&x, Dense::new(16).activation("tanh").call(&x)?)?;
    let mut refiner = Model::from_layer(Refiner { step, classifier: Classifier::new(2).into(), rounds: 3 });
    refiner.compile("adam", "binary_crossentropy", ["accuracy"])?;
    let points = uniform([n, 16], -1.0, 1.0, F32, next_seed())?;
    let positive = points.sum(1)?.greater(0.0)?.cast(F32).reshape([n, 1])?;
    let refined = refiner.fit(&points, &positive, fit(5))?;
    cx.report.line(refiner.summary());
    cx.report.object(&json!({ "names": history.names().collect::<Vec<_>>(), "params": model.count_params(),
        "inside_params": inside.count_params(), "refiner_loss": refined["loss"] }));
    Ok(())
}
