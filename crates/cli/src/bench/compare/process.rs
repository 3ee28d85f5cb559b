//! One run of a program: what it printed, and the state of the machine around it.

use super::super::clock::Noise;
use super::super::latency::round_trip_ns;
use crate::interrupt;
use rhyton::{Error, ErrorKind, Result};
use serde_json::Value;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How often to look at the program and at Ctrl-C.
const GLANCE: Duration = Duration::from_millis(10);
/// How long to wait for the rest of what a dead program wrote.
const REST: Duration = Duration::from_secs(2);

/// What came of a run.
pub struct Run {
    /// The JSON objects with a `median`, or what went wrong.
    pub lines: Result<Vec<Value>, String>,
    /// The share of the machine that others used.
    pub foreign: f64,
    /// Nanoseconds from core to core and back, before and after.
    pub latency: [Option<f64>; 2],
}

/// Runs a program to its end.
///
/// # Errors
/// On Ctrl-C, with none of its processes left.
pub fn run(command: Command, limit: Duration) -> Result<Run> {
    let before = round_trip_ns();
    let noise = Noise::start();
    let lines = watched(command, limit)?;
    let foreign = noise.share();
    Ok(Run { lines, foreign, latency: [before, round_trip_ns()] })
}

/// A command line for the system's shell.
pub fn shell(line: &str) -> Command {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(shell);
    command.args([flag, line]);
    command
}

fn watched(mut command: Command, limit: Duration) -> Result<Result<Vec<Value>, String>> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(e) => return Ok(Err(format!("does not start: {e}"))),
    };
    let (out, err) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let start = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Ok(status),
            Err(e) => break Err(e.to_string()),
            Ok(None) if interrupt::asked() => {
                end(&mut child);
                return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
            }
            Ok(None) if start.elapsed() > limit => break Err(format!("took over {} s", limit.as_secs())),
            Ok(None) => std::thread::sleep(GLANCE),
        }
    };
    // Also what it may have left behind.
    end(&mut child);
    let status = match status {
        Ok(status) => status,
        Err(e) => return Ok(Err(e)),
    };
    let (out, err) = (out.recv_timeout(REST).unwrap_or_default(), err.recv_timeout(REST).unwrap_or_default());
    if !status.success() {
        let said = out.lines().chain(err.lines()).rfind(|l| !l.trim().is_empty());
        return Ok(Err(format!("ended with {status}: {}", said.unwrap_or("nothing said").trim())));
    }
    let lines: Vec<Value> = out
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|v: &Value| v["median"].is_number())
        .collect();
    Ok(match lines.is_empty() {
        true => Err("printed no JSON object with a number as its median".to_string()),
        false => Ok(lines),
    })
}

/// Ends a program and all that it started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    let _ = rustix::process::kill_process_group(
        rustix::process::Pid::from_child(child),
        rustix::process::Signal::KILL,
    );
    let _ = child.kill();
    let _ = child.wait();
}

/// What comes out of a pipe, read on the side.
fn collect(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}
