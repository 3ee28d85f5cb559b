//! Who is compared: names and the commands that print figures.

use rhyton::{Context, Error, Result};
use serde_json::Value;
use std::path::Path;

/// A program that does the same work.
#[derive(Clone, Debug, PartialEq)]
pub struct Peer {
    pub name: String,
    /// For a shell, with `{workload}`, `{threads}` and `{repeat}` in it.
    pub command: String,
    /// The workloads it knows, if not all.
    pub workloads: Option<Vec<String>>,
}

impl Peer {
    /// `NAME=COMMAND`.
    pub fn parse(text: &str) -> Result<Peer> {
        match text.split_once('=').map(|(name, command)| (name.trim(), command.trim())) {
            Some((name, command)) if !name.is_empty() && !command.is_empty() => {
                Ok(Peer { name: name.to_string(), command: command.to_string(), workloads: None })
            }
            _ => Err(Error::value(format!("expected NAME=COMMAND, got {text:?}")).at("--peer")),
        }
    }

    /// Whether it is to do a workload.
    pub fn knows(&self, workload: &str) -> bool {
        self.workloads.as_ref().is_none_or(|all| all.iter().any(|w| w.eq_ignore_ascii_case(workload)))
    }

    /// The command for the shell.
    pub fn command(&self, workload: &str, threads: usize, repeat: usize) -> String {
        self.command
            .replace("{workload}", workload)
            .replace("{threads}", &threads.to_string())
            .replace("{repeat}", &repeat.to_string())
    }
}

/// The peers of a file: `{"NAME": "COMMAND", "NAME": {"command": "COMMAND", "workloads": ["W1"]}}`.
pub fn read(path: &Path) -> Result<Vec<Peer>> {
    let who = || format!("--peers {}", path.display());
    let text = std::fs::read_to_string(path).at(who)?;
    parse(&text).at(who)
}

fn parse(text: &str) -> Result<Vec<Peer>> {
    let value: Value = serde_json::from_str(text).map_err(|e| Error::format(e.to_string()))?;
    let Value::Object(peers) = value else {
        return Err(Error::format("expected an object of names and commands"));
    };
    peers.into_iter().map(|(name, value)| peer(&name, &value)).collect()
}

fn peer(name: &str, value: &Value) -> Result<Peer> {
    let expected = || {
        Error::format(format!(
            "expected a command or {{\"command\": .., \"workloads\": [..]}} as {name:?}, got {value}"
        ))
    };
    let command = value.as_str().or_else(|| value.get("command")?.as_str()).ok_or_else(expected)?;
    let workloads = match value.get("workloads") {
        None => None,
        Some(all) => {
            let names = all.as_array().ok_or_else(expected)?.iter();
            let names = names.map(|n| n.as_str().map(str::to_string).ok_or_else(expected));
            Some(names.collect::<Result<Vec<_>>>()?)
        }
    };
    Ok(Peer { name: name.to_string(), command: command.to_string(), workloads })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_filled_in() {
        let peer = Peer::parse("keras = python3 'w_keras.py' {workload} -t {threads} --reps {repeat} --x=1")
            .unwrap();
        assert_eq!(peer.name, "keras");
        assert_eq!(peer.command("W1", 2, 5), "python3 'w_keras.py' W1 -t 2 --reps 5 --x=1");
        assert!(peer.knows("W4"));
        for wrong in ["keras", "=x", "keras="] {
            assert!(Peer::parse(wrong).unwrap_err().to_string().contains("NAME=COMMAND"), "{wrong}");
        }
    }

    #[test]
    fn files_hold_names_and_commands() {
        let peers = parse(r#"{"a": "run a", "b": {"command": "run b", "workloads": ["w1", "W5"]}}"#).unwrap();
        assert_eq!((peers[0].name.as_str(), peers[0].command.as_str()), ("a", "run a"));
        assert!(peers[1].knows("W1") && peers[1].knows("W5") && !peers[1].knows("W2"));
        for wrong in ["[]", "{", r#"{"a": 1}"#, r#"{"a": {"command": "x", "workloads": "W1"}}"#] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
