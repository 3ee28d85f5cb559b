//! `rhyton bench compare`: this program and others in turn, one process a figure, and the ratios of what they reach.

mod figures;
mod peers;
mod process;
mod table;

use crate::report::Report;
use clap::ArgMatches;
use figures::Figures;
use peers::Peer;
use process::Run;
use rhyton::Result;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Runs the command.
pub fn run(matches: &ArgMatches) -> Result<()> {
    let report = Report::new(matches.get_flag("json"));
    let number = |name: &str| matches.get_one::<usize>(name).copied();
    let (rounds, repeat) = (number("rounds").unwrap_or(3).max(1), number("repeat").unwrap_or(5).max(1));
    let threads = number("threads").unwrap_or_else(rhyton::threads).max(1);
    let limit = Duration::from_secs(number("timeout").unwrap_or(900) as u64);
    let mut peers = Vec::new();
    for path in matches.get_many::<PathBuf>("peers").into_iter().flatten() {
        peers.extend(peers::read(path)?);
    }
    for text in matches.get_many::<String>("peer").into_iter().flatten() {
        peers.push(Peer::parse(text)?);
    }
    let names: Vec<&str> = match matches.get_many::<String>("names") {
        Some(names) => names.map(|name| super::workload(name).map(|w| w.0)).collect::<Result<_>>()?,
        None => super::WORKLOADS.iter().map(|w| w.0).filter(|name| name.starts_with('W')).collect(),
    };
    // Ctrl-C is looked for between glances at the program that runs, so that it can be ended first.
    rhyton::idle_flag().store(false, Ordering::SeqCst);
    #[cfg(unix)]
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        signal_hook::flag::register(signal, rhyton::interrupt_flag())?;
    }
    let program = std::env::current_exe()?;
    for workload in names {
        let mut figures = Figures::default();
        // Who takes part: nobody's name is this program.
        let mut parts: Vec<Option<&Peer>> = vec![None];
        parts.extend(peers.iter().filter(|p| p.knows(workload)).map(Some));
        for round in 0..rounds {
            let mut failed = Vec::new();
            for (i, part) in parts.iter().enumerate() {
                let (name, command) = match part {
                    Some(peer) => {
                        (peer.name.as_str(), process::shell(&peer.command(workload, threads, repeat)))
                    }
                    None => {
                        let mut command = Command::new(&program);
                        command.args(["bench", workload, "--json", "--threads", &threads.to_string()]);
                        command.args(["--repeat", &repeat.to_string()]);
                        ("rhyton", command)
                    }
                };
                let run = process::run(command, limit)?;
                tell(round, rounds, workload, name, &run);
                if run.lines.is_err() {
                    failed.push(i);
                }
                figures.add(workload, name, part.is_none(), round, &run);
            }
            // What failed once is not tried again; and nobody is always first.
            let mut i = 0..parts.len();
            parts.retain(|_| i.next().is_none_or(|i| !failed.contains(&i)));
            parts.reverse();
        }
        for figure in &figures.0 {
            report.object(&figure.json(threads));
            report.line(table::table(figure, threads, matches.get_flag("markdown")));
        }
    }
    Ok(())
}

/// A run, on standard error.
fn tell(round: usize, rounds: usize, workload: &str, name: &str, run: &Run) {
    let what = match &run.lines {
        Ok(lines) => {
            let medians = lines.iter().filter_map(|l| l["median"].as_f64()).map(table::number);
            medians.collect::<Vec<_>>().join(", ")
        }
        Err(error) => error.clone(),
    };
    let [before, after] =
        run.latency.map(|ns| ns.map_or_else(|| "?".to_string(), |ns| format!("{ns:.0} ns")));
    eprintln!(
        "round {} of {rounds}: {workload} {name}: {what} (others {:.0} %, core to core {before} before, {after} after)",
        round + 1,
        run.foreign * 100.0
    );
}
