//! `rhyton run`: the worked examples.

mod boston;
mod callbacks;
mod capacity_mnist;
mod custom_loop;
mod custom_metric;
mod custom_train_step;
mod digits;
mod early_stopping;
mod figures;
mod functional_tour;
mod geometry;
mod gradients;
mod imdb;
mod imdb_variants;
mod learning_rate;
mod linear_classifier;
mod linear_keras;
mod loss_history;
mod mnist;
mod naive_mnist;
mod noise_channels;
mod reuters;
mod sequential_tour;
mod shuffled_labels;
mod simple_dense;
mod subclassing;
mod tape;
mod tape_tour;
mod tensor_ops;
mod tensorboard;
mod tensors;
mod tensors_tour;
mod tickets;
mod validation;
mod workflow;

use crate::profile;
use crate::report::Report;
use clap::ArgMatches;
use rhyton::profile::Profiler;
use rhyton::viz::{Figure, show};
use rhyton::{Context, Error, Fit, Result, datasets, set_random_seed};
use std::path::PathBuf;

/// What an example can be told.
pub struct Cx {
    /// Where words go.
    pub report: Report,
    /// How often to go through the data, if not as often as the example does.
    pub epochs: Option<usize>,
    /// Samples a step, if not as many as in the example.
    pub batch_size: Option<usize>,
    /// Another optimizer.
    pub optimizer: Option<String>,
    /// Where pictures and models go; it exists.
    pub out: PathBuf,
}

impl Cx {
    /// How to train: so many epochs of batches of this size, unless the user said otherwise; without words beside
    /// objects.
    pub fn fit(&self, epochs: usize, batch_size: usize) -> Fit {
        let fit =
            Fit::epochs(self.epochs.unwrap_or(epochs)).batch_size(self.batch_size.unwrap_or(batch_size));
        if self.report.is_json() { fit.verbose(0) } else { fit }
    }

    /// Draws a plot on the terminal, for people.
    pub fn show(&self, figure: &dyn Figure) -> Result<()> {
        if self.report.is_json() { Ok(()) } else { show(figure) }
    }

    /// Draws a plot into a file of the output folder, and on the terminal for people; where the file is.
    pub fn picture(&self, figure: &dyn Figure, file: &str) -> Result<String> {
        let path = self.out.join(file);
        figure.save(&path)?;
        self.show(figure)?;
        self.report.line(format!("picture: {}", path.display()));
        Ok(path.display().to_string())
    }
}

struct Example {
    name: &'static str,
    about: &'static str,
    run: fn(&Cx) -> Result<()>,
}

const EXAMPLES: &[Example] = &[
    Example {
        name: "mnist",
        about: "the first network: handwritten digits, Dense 512 and 10, rmsprop",
        run: |cx| mnist::run(cx, mnist::Labels::Integers),
    },
    Example {
        name: "mnist-one-hot",
        about: "the same with one-hot labels and categorical crossentropy",
        run: |cx| mnist::run(cx, mnist::Labels::OneHot),
    },
    Example {
        name: "tensors",
        about: "ranks, shapes, types, slices and the shapes of real data",
        run: tensors::run,
    },
    Example {
        name: "tensor-ops",
        about: "whole tensors against loops, broadcasting, products",
        run: tensor_ops::run,
    },
    Example { name: "geometry", about: "pictures of what layers do to points", run: geometry::run },
    Example {
        name: "gradients",
        about: "slopes, descents, momentum, a graph backwards",
        run: gradients::run,
    },
    Example { name: "tape", about: "the gradient tape in three lines each", run: tape::run },
    Example {
        name: "naive-mnist",
        about: "the first network from tensors and gradients alone",
        run: naive_mnist::run,
    },
    Example { name: "tensors-tour", about: "tensors and variables side by side", run: tensors_tour::run },
    Example { name: "tape-tour", about: "constants, nested and persistent tapes", run: tape_tour::run },
    Example {
        name: "linear-classifier",
        about: "two clouds of points, one layer, forty steps by hand",
        run: linear_classifier::run,
    },
    Example { name: "simple-dense", about: "a layer of one's own", run: simple_dense::run },
    Example {
        name: "linear-keras",
        about: "the linear classifier with layers and fit",
        run: linear_keras::run,
    },
    Example {
        name: "imdb",
        about: "two classes: is a film review positive? Where training should stop",
        run: imdb::run,
    },
    Example {
        name: "reuters",
        about: "46 classes: the topic of a newswire; labels of two kinds, a baseline, a bottleneck",
        run: reuters::run,
    },
    Example { name: "boston", about: "a number: house prices, judged by four folds", run: boston::run },
    Example { name: "noise-channels", about: "inputs that say nothing mislead", run: noise_channels::run },
    Example {
        name: "shuffled-labels",
        about: "a network learns anything by heart",
        run: shuffled_labels::run,
    },
    Example { name: "learning-rate", about: "steps that are too long", run: learning_rate::run },
    Example {
        name: "capacity-mnist",
        about: "a model too small for the digits, and one large enough",
        run: capacity_mnist::run,
    },
    Example {
        name: "imdb-capacity",
        about: "small, middle and large models of film reviews",
        run: imdb_variants::capacity,
    },
    Example {
        name: "imdb-l2",
        about: "penalties on weights against overfitting",
        run: imdb_variants::penalties,
    },
    Example { name: "imdb-dropout", about: "dropout against overfitting", run: imdb_variants::dropout },
    Example {
        name: "sequential-tour",
        about: "layers one after the other, and their weights",
        run: sequential_tour::run,
    },
    Example { name: "functional-tour", about: "a model between symbolic tensors", run: functional_tour::run },
    Example {
        name: "tickets",
        about: "three inputs, two outputs, pictures of the graph, a third output",
        run: tickets::run,
    },
    Example {
        name: "subclassing",
        about: "models of one's own, in and around others",
        run: subclassing::run,
    },
    Example {
        name: "early-stopping",
        about: "stop when validation no longer improves, take the best weights back",
        run: early_stopping::run,
    },
    Example {
        name: "custom-metric",
        about: "a metric of one's own in the progress bar",
        run: custom_metric::run,
    },
    Example {
        name: "callbacks",
        about: "stopping, checkpoints, learning rates, logs; models from files",
        run: callbacks::run,
    },
    Example {
        name: "loss-history",
        about: "a callback of one's own that draws the loss of each batch",
        run: loss_history::run,
    },
    Example {
        name: "tensorboard",
        about: "curves, histograms, pictures and the graph for TensorBoard",
        run: tensorboard::run,
    },
    Example {
        name: "custom-loop",
        about: "training and evaluation steps written by hand",
        run: |cx| custom_loop::run(cx, custom_loop::Steps::Eager),
    },
    Example {
        name: "compiled-step",
        about: "the same steps compiled by one added line",
        run: |cx| custom_loop::run(cx, custom_loop::Steps::Compiled),
    },
    Example {
        name: "custom-train-step",
        about: "an own training step under fit, with own and with compiled loss",
        run: custom_train_step::run,
    },
    Example {
        name: "validation",
        about: "hold-out, folds, folds in rounds, and answers without a model",
        run: validation::run,
    },
    Example {
        name: "workflow",
        about: "texts, missing values, features that matter, thresholds, drift: what is around a model",
        run: workflow::run,
    },
];

/// Runs the command.
pub fn run(matches: &ArgMatches) -> Result<()> {
    let Some(name) = matches.get_one::<String>("name") else {
        EXAMPLES.iter().for_each(|e| crate::report::print(format_args!("{:<17} {}", e.name, e.about)));
        return Ok(());
    };
    let example = EXAMPLES.iter().find(|e| e.name == name).ok_or_else(|| {
        let names: Vec<&str> = EXAMPLES.iter().map(|e| e.name).collect();
        Error::name(format!("there is no example {name:?}{}", rhyton::did_you_mean(name, &names))).at("run")
    })?;
    let out = matches
        .get_one::<String>("out")
        .map_or_else(|| PathBuf::from("rhyton-out").join(name), PathBuf::from);
    // Training first and failing to save then would waste the user's time.
    std::fs::create_dir_all(&out).map_err(Error::from).and_then(|()| writable(&out)).at(|| {
        format!("run {name}: cannot write to the output folder {}; choose another with --out", out.display())
    })?;
    if let Some(&threads) = matches.get_one::<usize>("threads") {
        rhyton::set_threads(threads);
    }
    if let Some(folder) = matches.get_one::<String>("data-dir") {
        datasets::set_data_dir(Some(folder.into()));
    }
    if let Some(policy) = matches.get_one::<String>("policy") {
        rhyton::mixed_precision::set_global_policy(policy.as_str()).at(|| "run: --policy")?;
    }
    set_random_seed(matches.get_one::<u64>("seed").copied().unwrap_or(0));
    let cx = Cx {
        report: Report::new(matches.get_flag("json")),
        epochs: matches.get_one("epochs").copied(),
        batch_size: matches.get_one("batch-size").copied(),
        optimizer: matches.get_one::<String>("optimizer").cloned(),
        out,
    };
    let profiler = matches.get_flag("profile").then(Profiler::start);
    (example.run)(&cx).at(|| format!("run {name}"))?;
    profiler.map_or(Ok(()), |p| profile::tell(&p.report(), cx.report, &cx.out.join("trace.json")))
}

fn writable(folder: &std::path::Path) -> Result<()> {
    let probe = folder.join(format!(".rhyton-{}", std::process::id()));
    std::fs::write(&probe, b"")?;
    Ok(std::fs::remove_file(&probe)?)
}
