//! `rhyton datasets`.

use clap::ArgMatches;
use rhyton::datasets::{Options, lookup, registry};
use rhyton::{Context, Result};

/// Runs the command.
pub fn run(matches: &ArgMatches) -> Result<()> {
    let mut options = Options::new();
    let folder = |m: &ArgMatches| m.get_one::<String>("data-dir").cloned();
    let inner = matches.subcommand().and_then(|(_, m)| folder(m));
    if let Some(folder) = inner.or_else(|| folder(matches)) {
        options = options.data_dir(folder);
    }
    match matches.subcommand() {
        None | Some(("list", _)) => list(&options),
        Some(("show", m)) => show(name(m), &options),
        Some((_, m)) => fetch(name(m), &options),
    }
}

fn name(matches: &ArgMatches) -> &str {
    matches.get_one::<String>("name").map_or("", String::as_str)
}

/// One line a dataset: there or missing.
fn list(options: &Options) -> Result<()> {
    for dataset in registry::DATASETS {
        let looked = lookup::describe(dataset.name, options)?;
        let there =
            dataset.files.iter().filter(|f| looked.iter().any(|l| l.file == f.name && l.found())).count();
        let state = match there {
            0 => "missing".to_string(),
            n if n == dataset.files.len() => "there".to_string(),
            n => format!("{n} of {} files", dataset.files.len()),
        };
        crate::report::print(format_args!("{:<16} {state:<14} {}", dataset.name, dataset.about));
    }
    Ok(())
}

/// Files, addresses and every place looked at.
fn show(name: &str, options: &Options) -> Result<()> {
    let dataset = registry::dataset(name)?;
    crate::report::print(format_args!("{}: {}\nterms: {}", dataset.name, dataset.about, dataset.terms));
    let looked = lookup::describe(dataset.name, options)?;
    for file in dataset.files {
        crate::report::print(format_args!(
            "\n{} ({} bytes, SHA-256 {})\n  from {}",
            file.name,
            file.bytes,
            file.sha256,
            file.url()
        ));
        looked
            .iter()
            .filter(|l| l.file == file.name)
            .for_each(|l| crate::report::print(format_args!("  {l}")));
    }
    Ok(())
}

fn fetch(name: &str, options: &Options) -> Result<()> {
    let paths = lookup::fetch(name, options).at(|| "datasets fetch")?;
    paths.iter().for_each(|p| crate::report::print(p.display()));
    Ok(())
}
