//! `rhyton train`: a model file trained without writing code.

use crate::arrays;
use crate::models::{load, text};
use crate::profile;
use crate::report::Report;
use clap::ArgMatches;
use rhyton::callbacks::{BackupAndRestore, Callback, CallbackCx, ModelCheckpoint, TensorBoard};
use rhyton::profile::Profiler;
use rhyton::{Compile, Context, Error, Fit, Logs, Model, Result, Validation, set_random_seed};
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
    check_output(&output, "--output")?;
    let checkpoint = Checkpoint::new(matches, &output)?;

    let epochs = matches.get_one::<usize>("epochs").copied().unwrap_or(1);
    let data = arrays::labelled(text(matches, "data"), &model)?;
    let mut fit = Fit::epochs(epochs);
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
    if let Some(checkpoint) = &checkpoint {
        checkpoint.begin(matches.get_flag("resume"), report)?;
        let validates = ["validation-data", "validation-split"].iter().any(|name| matches.contains_id(name));
        let best = ModelCheckpoint::new(&checkpoint.best)
            .monitor(if validates { "val_loss" } else { "loss" })
            .save_best_only(true);
        fit = fit.callback(best).callback(checkpoint.backup.clone());
    }
    if let Some(logdir) = matches.get_one::<String>("logdir") {
        fit = fit.callback(TensorBoard::new(logdir).histogram_freq(1));
    }
    // Told after the best model is kept.
    fit = fit.callback(Epochs { report, epochs });
    let profiler = matches.get_flag("profile").then(Profiler::start);
    if let Err(e) = model.fit(&data.x, &data.y, fit) {
        checkpoint.iter().for_each(Checkpoint::tell);
        return Err(e);
    }
    let profile = profiler.map(|p| p.report());
    model.save(&output)?;
    if let Some(checkpoint) = &checkpoint {
        checkpoint.delete()?;
        report.line(format_args!("the best model is in {}", checkpoint.best.display()));
    }
    if let Some(profile) = profile {
        profile::tell(&profile, report, &output.with_file_name("trace.json"))?;
    }
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

fn check_output(output: &Path, option: &str) -> Result<()> {
    let who = || output.display().to_string();
    if output.extension().is_none_or(|e| !e.eq_ignore_ascii_case("keras")) {
        return Err(
            Error::value(format!("expected a name that ends in .keras; give one with {option}")).at(who())
        );
    }
    let folder = output.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match folder.is_dir() {
        true => Ok(()),
        false => {
            let message = format!("the folder is not there; make it first, or choose another with {option}");
            Err(Error::value(message).at(who()))
        }
    }
}

/// The best model so far, and beside it what training that was ended goes on with.
struct Checkpoint {
    best: PathBuf,
    folder: PathBuf,
    backup: BackupAndRestore,
}

impl Checkpoint {
    fn new(matches: &ArgMatches, output: &Path) -> Result<Option<Checkpoint>> {
        let Some(best) = matches.get_one::<String>("checkpoint") else { return Ok(None) };
        let folder = PathBuf::from(format!("{best}.backup"));
        let best = PathBuf::from(best);
        check_output(&best, "--checkpoint")?;
        if best == output {
            let message = "the best model and the trained one would be one file; choose another with --checkpoint or \
                           --output";
            return Err(Error::value(message).at(best.display().to_string()));
        }
        // The backup is needed until the trained model is saved.
        let backup = BackupAndRestore::new(&folder).delete_checkpoint(false);
        Ok(Some(Checkpoint { best, folder, backup }))
    }

    /// Leaves a backup to go on with only where that is wanted, and says what is done.
    fn begin(&self, resume: bool, report: Report) -> Result<()> {
        let folder = self.folder.display();
        match (self.backup.path().exists(), resume) {
            (true, true) => report.loud(format_args!("going on with the training in {folder}")),
            (false, true) => report.loud(format_args!("nothing to resume in {folder}; starting afresh")),
            (true, false) => {
                report.loud(format_args!(
                    "starting afresh, without --resume; deleting the training in {folder}"
                ));
                self.delete()?;
            }
            (false, false) => (),
        }
        Ok(())
    }

    /// Says how to go on with training that has been ended.
    fn tell(&self) {
        if self.backup.path().exists() {
            eprintln!(
                "rhyton: training up to the last whole epoch is in {}; go on with --resume",
                self.folder.display()
            );
        }
    }

    fn delete(&self) -> Result<()> {
        let path = self.backup.path();
        if path.exists() {
            std::fs::remove_file(&path).map_err(Error::from).at(|| path.display().to_string())?;
        }
        // The folder stays where it holds something else.
        let _ = std::fs::remove_dir(&self.folder);
        Ok(())
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
