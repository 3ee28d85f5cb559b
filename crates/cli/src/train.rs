//! `rhyton train`: a model file trained without writing code.

use crate::arrays;
use crate::models::{load, text};
use crate::report::Report;
use clap::ArgMatches;
use rhyton::callbacks::{Callback, CallbackCx};
use rhyton::{Compile, Error, Fit, Logs, Model, Result, Validation, set_random_seed};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Runs the command.
pub fn run(matches: &ArgMatches) -> Result<()> {
    let report = Report::new(matches.get_flag("json"));
    let seed = matches.get_one::<u64>("seed").copied();
    if let Some(seed) = seed {
        set_random_seed(seed);
    }
    let mut model = load(matches, true)?;
    compile(&mut model, matches)?;
    let output = output(matches);
    // Training first and failing to save then would waste the user's time.
    check_output(&output)?;

    let epochs = matches.get_one::<usize>("epochs").copied().unwrap_or(1);
    let data = arrays::labelled(text(matches, "data"), &model)?;
    let mut fit = Fit::epochs(epochs).callback(Epochs { report, epochs });
    if report.is_json() {
        fit = fit.verbose(0);
    }
    if let Some(&size) = matches.get_one::<usize>("batch-size") {
        fit = fit.batch_size(size);
    }
    if matches.get_flag("no-shuffle") {
        fit = fit.shuffle(false);
    }
    if let Some(seed) = seed {
        fit = fit.seed(u32::try_from(seed).unwrap_or(u32::MAX));
    }
    if let Some(weight) = &data.weight {
        fit = fit.sample_weight(weight);
    }
    if let Some(&part) = matches.get_one::<f64>("validation-split") {
        fit = fit.validation_split(part);
    }
    if let Some(path) = matches.get_one::<String>("validation-data") {
        let held = arrays::labelled(path, &model)?;
        fit = fit.validation_data(match &held.weight {
            Some(weight) => Validation::from((&held.x, &held.y, weight)),
            None => Validation::from((&held.x, &held.y)),
        });
    }
    model.fit(&data.x, &data.y, fit)?;
    model.save(&output)?;
    report.line(format_args!("the trained model is in {}", output.display()));
    Ok(())
}

/// What the file was compiled with, changed by what is given.
fn compile(model: &mut Model, matches: &ArgMatches) -> Result<()> {
    let optimizer = matches.get_one::<String>("optimizer");
    let loss = matches.get_one::<String>("loss");
    let metrics: Option<Vec<&String>> = matches.get_many("metrics").map(Iterator::collect);
    let mut compile = match (model.compiled_with(), loss) {
        (Some(compile), None) => compile,
        (Some(compile), Some(loss)) => compile.loss(loss),
        (None, Some(loss)) => Compile::new("rmsprop", loss),
        (None, None) => {
            let message = "the model was saved without being compiled; say what to train it with: --loss, and if \
                           need be --optimizer and --metrics";
            return Err(Error::state(message).at(text(matches, "model")));
        }
    };
    if let Some(optimizer) = optimizer {
        compile = compile.optimizer(optimizer);
    }
    if let Some(metrics) = &metrics {
        compile = compile.metrics(metrics.clone());
    }
    match optimizer.is_some() || loss.is_some() || metrics.is_some() {
        true => model.compile_with(compile),
        false => Ok(()),
    }
}

/// Where the trained model goes.
fn output(matches: &ArgMatches) -> PathBuf {
    if let Some(output) = matches.get_one::<String>("output") {
        return output.into();
    }
    let model = Path::new(text(matches, "model"));
    let stem = model.file_stem().unwrap_or_default().to_string_lossy();
    model.with_file_name(format!("{stem}-trained.keras"))
}

fn check_output(output: &Path) -> Result<()> {
    let who = || output.display().to_string();
    if output.extension().is_none_or(|e| !e.eq_ignore_ascii_case("keras")) {
        return Err(Error::value("expected a name that ends in .keras; give one with --output").at(who()));
    }
    let folder = output.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match folder.is_dir() {
        true => Ok(()),
        false => {
            Err(Error::value("the folder is not there; make it first, or choose another with --output")
                .at(who()))
        }
    }
}

/// One object an epoch.
struct Epochs {
    report: Report,
    epochs: usize,
}

impl Callback for Epochs {
    fn on_epoch_end(&mut self, _cx: &CallbackCx, epoch: usize, logs: &mut Logs) -> Result<()> {
        let mut object: Map<String, Value> = [("epoch", epoch + 1), ("epochs", self.epochs)]
            .map(|(k, n)| (k.to_string(), json!(n)))
            .into_iter()
            .collect();
        object.extend(logs.iter().map(|(name, value)| (name.to_string(), json!(value))));
        self.report.object(&Value::Object(object));
        Ok(())
    }
}
