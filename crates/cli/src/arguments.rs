//! The commands and their arguments.

use clap::{Arg, ArgAction, Command, value_parser};
use std::path::PathBuf;

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn text(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn number(name: &'static str, help: &'static str) -> Arg {
    text(name, "N", help).value_parser(value_parser!(usize))
}

fn json() -> Arg {
    flag("json", "Print one JSON object a line on standard output, and nothing else there")
}

fn data_dir() -> Arg {
    text("data-dir", "DIR", "The first folder to look for datasets in")
}

fn model() -> Arg {
    Arg::new("model").value_name("MODEL").required(true).help("A .keras file, written here or by Keras")
}

fn profile() -> Arg {
    flag("profile", "Shows where the time went, kernel by kernel, and writes trace.json to the output folder")
}

/// The whole command line.
pub fn command() -> Command {
    let batch_size = || number("batch-size", "Samples a step");
    let threads = || number("threads", "Threads to compute with [default: all cores]");
    let seed = text("seed", "S", "The seed of everything random")
        .value_parser(value_parser!(u64))
        .default_value("0");
    let data = || {
        let help =
            "Samples and targets: x and y, or an array for each input and output; optionally sample_weight";
        text("data", "D.npz", help).required(true)
    };
    let run = Command::new("run")
        .about("Runs a worked example; without a name, lists them")
        .arg(Arg::new("name").value_name("NAME").help("Which example"))
        .arg(number("epochs", "How many times to go through the data"))
        .arg(batch_size())
        .arg(seed)
        .arg(threads())
        .arg(text("optimizer", "NAME", "Another optimizer than the example's: sgd, rmsprop, adam, adagrad"))
        .arg(text(
            "policy",
            "NAME",
            "What layers compute in: float32, mixed_bfloat16, mixed_float16 and so on",
        ))
        .arg(text("out", "DIR", "Where pictures and models go [default: rhyton-out/NAME]"))
        .arg(data_dir())
        .arg(profile())
        .arg(json());
    let name = || Arg::new("name").value_name("NAME").required(true).help("Which dataset");
    let datasets = Command::new("datasets")
        .about("The standard datasets: where each was looked for, what is there")
        .arg(data_dir().global(true))
        .subcommand(Command::new("list").about("All datasets in a line each (the default)"))
        .subcommand(
            Command::new("show").about("One dataset: its files and where they were looked for").arg(name()),
        )
        .subcommand(Command::new("fetch").about("Downloads a dataset unless it is there").arg(name()));
    let summary = Command::new("summary").about("The layers of a model file").arg(model()).arg(json());
    let plot = Command::new("plot")
        .about("The layers of a model file as a picture")
        .arg(model())
        .arg(
            text("output", "FILE", "Where the picture goes; its ending says how: .svg or .png")
                .short('o')
                .required(true),
        )
        .arg(flag("shapes", "Show the shapes of inputs and outputs"))
        .arg(flag("dtypes", "Show the element types of outputs"))
        .arg(flag("names", "Show the names of layers"))
        .arg(flag("activations", "Show the activations of layers"))
        .arg(flag("trainable", "Show what training changes"))
        .arg(flag("expand-nested", "Show the layers of models inside"))
        .arg(
            text("rankdir", "DIR", "From top to bottom (TB) or from left to right (LR)")
                .value_parser(["TB", "LR"])
                .default_value("TB"),
        )
        .arg(
            text("dpi", "N", "Dots to the inch of a PNG")
                .value_parser(value_parser!(u32).range(48..=768))
                .default_value("200"),
        );
    let predict = Command::new("predict")
        .about("The predictions of a model file")
        .arg(model())
        .arg(
            text("input", "X.npz", "The samples: any single array, x, or one array for each input")
                .required(true),
        )
        .arg(text("output", "Y.npz", "Where the predictions go").required(true))
        .arg(batch_size())
        .arg(threads());
    let evaluate = Command::new("evaluate")
        .about("Loss and metrics of a model file on data")
        .arg(model())
        .arg(data())
        .arg(batch_size())
        .arg(threads())
        .arg(json());
    let train = Command::new("train")
        .about("Trains a model file, with what it was compiled with or with what is given here")
        .arg(model())
        .arg(data())
        .arg(text("validation-data", "V.npz", "Data to evaluate on after each epoch"))
        .arg(
            text("validation-split", "F", "The part of the samples, from the end, to evaluate on instead")
                .value_parser(value_parser!(f64))
                .conflicts_with("validation-data"),
        )
        .arg(number("epochs", "How many times to go through the data").default_value("1"))
        .arg(batch_size())
        .arg(flag("no-shuffle", "Take the samples in the order of the file"))
        .arg(
            text("seed", "S", "The seed of the order of the samples and of everything else random")
                .value_parser(value_parser!(u64)),
        )
        .arg(text("optimizer", "O", "Another optimizer, by name; it begins anew"))
        .arg(text("loss", "L", "Another loss, by name"))
        .arg(text("metrics", "M,..", "Other metrics, by name").value_delimiter(','))
        .arg(text(
            "logdir",
            "DIR",
            "Writes what TensorBoard shows to this folder: curves, histograms, the graph",
        ))
        .arg(text(
            "checkpoint",
            "FILE",
            "Keeps the best model so far in this .keras file, and in FILE.backup what --resume needs",
        ))
        .arg(
            flag(
                "resume",
                "Goes on after the last whole epoch of training that was ended; takes the same arguments",
            )
            .requires("checkpoint"),
        )
        .arg(text(
            "output",
            "OUT",
            "Where the trained model goes, a .keras file [default: MODEL-trained.keras]",
        ))
        .arg(threads())
        .arg(profile())
        .arg(json());
    let convert = Command::new("convert")
        .about("Writes a model or its weights as a file of another kind: .keras, .weights.h5, .safetensors")
        .arg(Arg::new("in").value_name("IN").required(true).help("The file to read"))
        .arg(Arg::new("out").value_name("OUT").required(true).help("The file to write"))
        .arg(text("model", "MODEL", "A .keras file whose description goes with the weights in IN"));
    let repeat = || number("repeat", "How often to measure in a process").default_value("5");
    let compare = Command::new("compare")
        .about("Rhyton and other programs in turn, a process a figure: ratios and their spread")
        .arg(Arg::new("names").value_name("NAME").num_args(0..).help("Which workloads [default: all]"))
        .arg(
            text(
                "peer",
                "NAME=COMMAND",
                "A program that prints a JSON object with a median, by a command with {workload}, {threads} and {repeat}",
            )
            .action(ArgAction::Append),
        )
        .arg(
            text("peers", "FILE", "A JSON file of names and commands")
                .value_parser(value_parser!(PathBuf))
                .action(ArgAction::Append),
        )
        .arg(number("rounds", "How often everyone takes a turn").default_value("3"))
        .arg(repeat())
        .arg(threads())
        .arg(number("timeout", "Seconds a process may take").default_value("900"))
        .arg(flag("markdown", "Print the tables as Markdown").conflicts_with("json"))
        .arg(json());
    let workloads =
        "w1, w1bf16, w1first, w2 to w10; scale and memory show how cost grows, npy and png train from files";
    let bench = Command::new("bench")
        .about("Benchmark workloads, with the fields that other frameworks' programs print")
        .arg(Arg::new("names").value_name("NAME").num_args(1..).required(true).help(workloads))
        .arg(threads())
        .arg(repeat())
        .arg(number("megabytes", "Megabytes of files that npy and png train from").default_value("100"))
        .arg(
            text("folder", "DIR", "Where npy and png find their files, or else write and leave them")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(flag("roofline", "What the machine could do at best, and how much of it w1 to w9 reach"))
        .arg(json())
        .args_conflicts_with_subcommands(true)
        .subcommand_negates_reqs(true)
        .subcommand(compare);
    Command::new("rhyton")
        .about("Keras for Rust: worked examples, datasets, model files and benchmarks")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([run, datasets, summary, plot, predict, evaluate, train, convert, bench])
}
