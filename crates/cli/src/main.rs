#![forbid(unsafe_code)]
//! The `rhyton` program: thin commands over the library.

mod arguments;
mod arrays;
mod bench;
mod datasets;
mod interrupt;
mod models;
mod profile;
mod report;
mod run;
mod train;

use clap::ArgMatches;
use rhyton::{ErrorKind, Result};
use std::process::ExitCode;

fn main() -> ExitCode {
    let started = bench::Started::now();
    // Wrong usage exits with code 2 here.
    let matches = arguments::command().get_matches();
    let done = interrupt::listen().and_then(|()| dispatch(&matches, started));
    match done {
        Ok(()) if interrupt::asked() => ExitCode::from(interrupt::CODE),
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("rhyton: {e}");
            ExitCode::from(if e.kind() == ErrorKind::Interrupted { interrupt::CODE } else { 1 })
        }
    }
}

fn dispatch(matches: &ArgMatches, started: bench::Started) -> Result<()> {
    match matches.subcommand() {
        Some(("run", m)) => run::run(m),
        Some(("datasets", m)) => datasets::run(m),
        Some(("summary", m)) => models::summary(m),
        Some(("plot", m)) => models::plot(m),
        Some(("predict", m)) => models::predict(m),
        Some(("evaluate", m)) => models::evaluate(m),
        Some(("train", m)) => train::run(m),
        Some(("convert", m)) => models::convert(m),
        Some(("bench", m)) => bench::run(m, started),
        _ => unreachable!("clap asks for one of the commands"),
    }
}
