//! Callbacks do what Keras's do with the same numbers, and say the same.

mod common;

use common::{close, json};
use rhyton_base::Result;
use rhyton_model::{
    CSVLogger, Callback, CallbackCx, EarlyStopping, Evaluate, Fit, LambdaCallback, LearningRateScheduler,
    Logs, ModelCheckpoint, ReduceLROnPlateau, Sequential, SwapEMAWeights,
};
use rhyton_nn::layers::{Dense, Input};
use rhyton_nn::optimizers::SGD;
use rhyton_tensor::Tensor;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

fn number(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| v.as_str().unwrap().parse().unwrap())
}

fn numbers(v: &Value) -> Vec<f64> {
    v.as_array().into_iter().flatten().map(number).collect()
}

fn model() -> Sequential {
    let mut model = Sequential::from((Input::new([1]), Dense::new(1).use_bias(false)));
    model.compile(SGD::new(0.1), "mse", ["accuracy"]).unwrap();
    model
}

/// Puts made-up numbers in place of what training brought.
struct Feed {
    all: Vec<Vec<(String, f64)>>,
    set_weight: bool,
}

impl Callback for Feed {
    fn on_epoch_end(&mut self, cx: &CallbackCx, epoch: usize, logs: &mut Logs) -> Result<()> {
        *logs = self.all[epoch].iter().cloned().collect();
        if self.set_weight {
            cx.model().set_weights(&[Tensor::from([[epoch as f32 + 1.0]])])?;
        }
        Ok(())
    }
}

/// Everything of a builder whose methods have the names of Keras's arguments.
macro_rules! with_arguments {
    ($callback:expr, $arguments:expr; $($name:ident: $read:ident;)*) => {{
        let mut callback = $callback;
        for (name, value) in $arguments.as_object().unwrap() {
            callback = match name.as_str() {
                $(stringify!($name) => callback.$name(value.$read().unwrap() as _),)*
                "monitor" => callback.monitor(value.as_str().unwrap()),
                "mode" => callback.mode(value.as_str().unwrap()),
                "filepath" => callback,
                other => panic!("{other}"),
            };
        }
        callback
    }};
}

/// The callback of a row; files go to a folder.
fn made(row: &Value, folder: &Path) -> Box<dyn Callback> {
    let arguments = &row["arguments"];
    match row["class"].as_str().unwrap() {
        "EarlyStopping" => Box::new(with_arguments!(EarlyStopping::new(), arguments;
            patience: as_u64; verbose: as_u64; restore_best_weights: as_bool; start_from_epoch: as_u64;
            min_delta: as_f64; baseline: as_f64;)),
        "ReduceLROnPlateau" => Box::new(with_arguments!(ReduceLROnPlateau::new(), arguments;
            patience: as_u64; verbose: as_u64; factor: as_f64; cooldown: as_u64; min_lr: as_f64; min_delta: as_f64;)),
        "ModelCheckpoint" => {
            let path = folder.join(arguments["filepath"].as_str().unwrap());
            Box::new(with_arguments!(ModelCheckpoint::new(path), arguments;
                verbose: as_u64; save_best_only: as_bool; save_weights_only: as_bool; save_freq: as_u64;
                initial_value_threshold: as_f64;))
        }
        "LearningRateScheduler" => {
            let schedule: fn(usize, f64) -> f64 = match arguments["schedule"].as_str().unwrap() {
                "halves" => |_, rate| rate * 0.5,
                _ => |epoch, _| if epoch < 2 { 0.3 } else { 1e-5 },
            };
            let verbose = arguments["verbose"].as_u64().unwrap();
            Box::new(LearningRateScheduler::new(schedule).verbose(verbose as usize))
        }
        other => panic!("{other}"),
    }
}

struct Boxed(Box<dyn Callback>);

/// Hands the hooks that these callbacks have on to the one inside.
impl Callback for Boxed {
    fn on_train_begin(&mut self, cx: &CallbackCx) -> Result<()> {
        self.0.on_train_begin(cx)
    }
    fn on_train_end(&mut self, cx: &CallbackCx, logs: &Logs) -> Result<()> {
        self.0.on_train_end(cx, logs)
    }
    fn on_epoch_begin(&mut self, cx: &CallbackCx, epoch: usize) -> Result<()> {
        self.0.on_epoch_begin(cx, epoch)
    }
    fn on_epoch_end(&mut self, cx: &CallbackCx, epoch: usize, logs: &mut Logs) -> Result<()> {
        self.0.on_epoch_end(cx, epoch, logs)
    }
    fn on_train_batch_end(&mut self, cx: &CallbackCx, batch: usize) -> Result<()> {
        self.0.on_train_batch_end(cx, batch)
    }
}

/// Runs a row; what is said goes to standard output.
fn run(row: &Value, folder: &Path) -> Result<()> {
    let (losses, accuracies) = (numbers(&row["val_loss"]), numbers(&row["val_accuracy"]));
    let constant = [("accuracy", 0.5), ("loss", 0.25)];
    let all = losses.iter().zip(&accuracies).map(|(&loss, &accuracy)| {
        let all = constant.into_iter().chain([("val_accuracy", accuracy), ("val_loss", loss)]);
        all.map(|(name, value)| (name.to_string(), value)).collect()
    });
    let rates = Arc::new(Mutex::new((Vec::new(), Vec::new())));
    let watched = rates.clone();
    let watch = LambdaCallback::new().on_epoch_end(move |cx, _, logs| {
        let mut rates = watched.lock().unwrap();
        rates.0.push(cx.model().optimizer()?.learning_rate()?);
        rates.1.extend(logs.get("learning_rate"));
        Ok(())
    });
    let batches: Vec<usize> = numbers(&row["batches"]).iter().map(|&b| b as usize).collect();
    let steps = batches.last().map_or(1, |b| b + 1);
    let mut model = model();
    if let [first, _, ..] = batches[..] {
        let compile = rhyton_model::Compile::new(SGD::new(0.1), "mse").metrics(["accuracy"]);
        model.compile_with(compile.steps_per_execution(first + 1)).unwrap();
    }
    let x = Tensor::from_slice(&vec![1f32; steps], [steps, 1]).unwrap();
    let fit = Fit::epochs(losses.len())
        .batch_size(1)
        .verbose(0)
        .callback(Feed { all: all.collect(), set_weight: true })
        .callback(Boxed(made(row, folder)))
        .callback(watch);
    let history = model.fit(&x, &x, fit)?;
    let weight = model.get_weights()?[0].item::<f32>()?;
    let rates = rates.lock().unwrap().clone();
    assert_eq!(history.epochs().len() as u64, row["epochs"].as_u64().unwrap(), "epochs of {row}");
    assert_eq!(f64::from(weight), row["weight"].as_f64().unwrap(), "weight of {row}");
    // The reader of JSON is not exact to the last bit of a double.
    let single = |all: &[f64]| all.iter().map(|&x| x as f32).collect::<Vec<f32>>();
    assert_eq!(single(&rates.0), single(&numbers(&row["rates"])), "rates of {row}");
    assert_eq!(single(&rates.1), single(&numbers(&row["logged"])), "logged rates of {row}");

    let mut files: Vec<String> =
        std::fs::read_dir(folder)?.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let name = |save: &Value| save.as_array().unwrap().last().unwrap().as_str().unwrap().to_string();
    let mut expected: Vec<String> = row["saved"].as_array().into_iter().flatten().map(name).collect();
    files.sort();
    expected.sort();
    expected.dedup();
    assert_eq!(files, expected, "files of {row}");
    Ok(())
}

const CHILD: &str = "RHYTON_CALLBACKS_CHILD";

#[test]
fn each_callback_does_and_says_what_keras_s_does() {
    let facts = json("callbacks.json");
    let rows = facts["fed"].as_array().unwrap();
    if let Ok(child) = std::env::var(CHILD) {
        let (row, folder) = child.split_once(' ').unwrap();
        println!("<<");
        run(&rows[row.parse::<usize>().unwrap()], Path::new(folder)).unwrap();
        println!(">>");
        return;
    }
    for (i, row) in rows.iter().enumerate() {
        let folder = common::folder(&format!("fed-{i}"));
        if row["said"].is_null() {
            run(row, &folder).unwrap();
        } else {
            // What is said goes past the test's own output, so that another process says it.
            let out = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "each_callback_does_and_says_what_keras_s_does", "--nocapture"])
                .env(CHILD, format!("{i} {}", folder.display()))
                .output()
                .unwrap();
            let said = String::from_utf8(out.stdout).unwrap();
            assert!(out.status.success(), "{row}: {said}{}", String::from_utf8_lossy(&out.stderr));
            let said = said.split("<<\n").nth(1).unwrap().split(">>\n").next().unwrap();
            let said = said.replace(&format!("{}/", folder.display()), "");
            assert_eq!(said, row["said"].as_str().unwrap(), "{row}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn csv_files_are_keras_s_to_the_byte() {
    let folder = common::folder("csv");
    let path = folder.join("log.csv");
    for row in json("callbacks.json")["csv"].as_array().unwrap() {
        let _ = std::fs::remove_file(&path);
        if let Some(before) = row["before"].as_str() {
            std::fs::write(&path, before).unwrap();
        }
        let mut logger = CSVLogger::new(&path);
        for (name, value) in row["arguments"].as_object().unwrap() {
            logger = match name.as_str() {
                "separator" => logger.separator(value.as_str().unwrap().chars().next().unwrap()),
                _ => logger.append(value.as_bool().unwrap()),
            };
        }
        let all: Vec<Vec<(String, f64)>> = row["logs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|logs| logs.as_object().unwrap().iter().map(|(k, v)| (k.clone(), number(v))).collect())
            .collect();
        let x = Tensor::from([[1.0f32]]);
        let feed = Feed { all: all.clone(), set_weight: false };
        let fit = Fit::epochs(all.len()).verbose(0).callback(feed).callback(logger);
        model().fit(&x, &x, fit).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), row["written"].as_str().unwrap(), "{row}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn averages_stand_in_for_weights_as_in_keras() {
    let x = Tensor::from_slice(&(0..8).map(|i| i as f32 / 8.0).collect::<Vec<_>>(), [8, 1]).unwrap();
    let y = &x * 3.0 - 1.0;
    for row in json("callbacks.json")["ema"].as_array().unwrap() {
        let mut sgd = SGD::new(0.1).use_ema(true);
        for (name, value) in row["optimizer"].as_object().unwrap() {
            sgd = match name.as_str() {
                "ema_momentum" => sgd.ema_momentum(number(value)),
                "momentum" => sgd.momentum(number(value)),
                _ => sgd.ema_overwrite_frequency(number(value) as u32),
            };
        }
        let mut model = Sequential::from((Input::new([1]), Dense::new(1)));
        model.set_weights(&[Tensor::from([[0.5f32]]), Tensor::from([0.0f32])]).unwrap();
        model.compile(sgd, "mse", ()).unwrap();
        let swap = row["arguments"]["swap_on_epoch"].as_bool().unwrap_or(false);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let watched = seen.clone();
        let watch = LambdaCallback::new().on_epoch_end(move |cx, _, _| {
            watched.lock().unwrap().push(cx.model().get_weights()?[0].to_f64s()?[0]);
            Ok(())
        });
        let epochs = row["fit"]["epochs"].as_u64().unwrap() as usize;
        let fit = Fit::epochs(epochs).batch_size(4).shuffle(false).verbose(0).validation_data((&x, &y));
        let fit = fit.callback(SwapEMAWeights::new().swap_on_epoch(swap)).callback(watch);
        let history = model.fit(&x, &y, fit).unwrap();
        for name in ["loss", "val_loss"] {
            close(name, &history[name], &numbers(&row["history"][name]), 1e-6);
        }
        close("seen", &seen.lock().unwrap(), &numbers(&row["seen"]), 1e-6);
        for (w, expected) in model.get_weights().unwrap().iter().zip(row["weights"].as_array().unwrap()) {
            close("weights", &w.to_f64s().unwrap(), &numbers(expected), 1e-6);
        }
        let evaluate = Evaluate::new().verbose(0).callback(SwapEMAWeights::new());
        let after = model.evaluate_with(&x, &y, evaluate).unwrap();
        close("evaluate", &[after.loss()], &[number(&row["evaluate"])], 1e-6);
    }
}

/// The error of `fit` with a callback.
fn refused(callback: impl Callback + 'static) -> String {
    let x = Tensor::from([[1.0f32], [2.0]]);
    model().fit(&x, &x, Fit::epochs(3).verbose(0).callback(callback)).unwrap_err().to_string()
}

#[test]
fn wrong_callbacks_are_told_before_training() {
    for (e, told) in [
        (
            refused(EarlyStopping::new().mode("up")),
            "EarlyStopping: expected mode \"auto\", \"min\" or \"max\"",
        ),
        (
            refused(ReduceLROnPlateau::new().factor(1.0)),
            "ReduceLROnPlateau: expected a factor below 1, got 1",
        ),
        (refused(ModelCheckpoint::new("a.h5")), "expected a filepath that ends in .keras, got \"a.h5\""),
        (
            refused(ModelCheckpoint::new("a.keras").save_weights_only(true)),
            "expected a filepath that ends in .weights.h5",
        ),
        (refused(ModelCheckpoint::new("{los}.keras")), "there is no number \"los\"; did you mean \"loss\"?"),
        (refused(CSVLogger::new("no/such/folder/log.csv")), "CSVLogger: \"no/such/folder/log.csv\""),
        (
            refused(SwapEMAWeights::new()),
            "SwapEMAWeights: the optimizer keeps no averages; set use_ema(true)",
        ),
    ] {
        assert!(e.starts_with("fit: ") && e.contains(told), "{e}");
    }
    // A name that says nothing about its direction.
    let own = LambdaCallback::new().on_epoch_end(|_, _, logs| {
        logs.set("speed", 1.0);
        Ok(())
    });
    let x = Tensor::from([[1.0f32]]);
    let fit = Fit::epochs(1).verbose(0).callback(own).callback(EarlyStopping::new().monitor("speed"));
    let e = model().fit(&x, &x, fit).unwrap_err().to_string();
    assert!(e.contains("cannot tell whether \"speed\" is better when it is larger or smaller"), "{e}");
}
