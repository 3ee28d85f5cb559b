//! `rhyton bench compare` with peers that are lines of a shell.
#![cfg(unix)]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn compare(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rhyton"))
        .args(["bench", "compare", "w1first", "--repeat", "1", "--threads", "2"])
        .args(arguments)
        .env_remove("BENCH_DATA")
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const SLOW: &str =
    r#"slow=printf '{"workload":"{workload}","median":{repeat}000,"peak_rss_mib":{threads}}\n'"#;

#[test]
fn ratios_of_all_rounds_as_objects() {
    let broken = "broken=echo no such module >&2; exit 3";
    let quiet = "quiet=echo nothing to say";
    let out = compare(&["--rounds", "2", "--json", "--peer", SLOW, "--peer", broken, "--peer", quiet]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let lines: Vec<Value> =
        text(&out.stdout).lines().map(|l| serde_json::from_str(l).expect("an object a line")).collect();
    assert_eq!(lines.len(), 1);
    let figure = &lines[0];
    assert_eq!(
        (figure["workload"].as_str(), figure["figure"].as_str()),
        (Some("W1first"), Some("s_to_first_step"))
    );
    assert_eq!(figure["fastest_peer"], "slow");
    let entry = |name: &str| {
        let entries = figure["entries"].as_array().expect("entries");
        entries.iter().find(|e| e["name"] == name).unwrap_or_else(|| panic!("{name} in {figure}"))
    };
    assert_eq!(entry("rhyton")["rounds"].as_array().map(Vec::len), Some(2));
    assert!(entry("rhyton")["median"].as_f64().is_some_and(|s| s > 0.0 && s < 100.0), "{figure}");
    assert_eq!(entry("slow")["median"], 1000.0);
    assert_eq!(entry("slow")["peak_rss_mib"], 2.0);
    assert!(entry("slow")["times_as_fast"]["min"].as_f64().is_some_and(|r| r > 10.0), "{figure}");
    let error = |name: &str| entry(name)["error"].as_str().expect("an error").to_string();
    assert!(
        error("broken").contains("no such module") && error("broken").contains('3'),
        "{}",
        error("broken")
    );
    assert!(error("quiet").contains("no JSON object"), "{}", error("quiet"));
    // What fails is tried once.
    assert_eq!(text(&out.stderr).matches("broken").count(), 1);
}

#[test]
fn peers_come_from_files_and_tables_can_be_markdown() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers.json");
    let command = SLOW.split_once('=').expect("a name and a command").1;
    let file = serde_json::json!({
        "slow": command,
        "elsewhere": { "command": "exit 1", "workloads": ["W4"] },
    });
    std::fs::write(&path, file.to_string()).expect("a file");
    let path = path.to_str().expect("a readable path");
    let out = compare(&["--rounds", "1", "--markdown", "--peers", path]);
    let (said, errors) = (text(&out.stdout), text(&out.stderr));
    assert!(out.status.success(), "{errors}");
    assert!(said.starts_with("**W1first s_to_first_step, 2 threads"), "{said}");
    assert!(said.contains("| slow | 1000 |") && said.contains("fastest peer: slow; Rhyton is "), "{said}");
    assert!(!said.contains("elsewhere"), "{said}");
    let none = compare(&["--peers", "/nowhere/peers.json"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(text(&none.stderr).contains("--peers /nowhere/peers.json"), "{}", text(&none.stderr));
    assert!(text(&compare(&["--peer", "nameless"]).stderr).contains("NAME=COMMAND"));
}

#[test]
fn a_peer_that_takes_too_long_is_ended() {
    let out = compare(&["--rounds", "1", "--timeout", "1", "--peer", "asleep=sleep 600"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert!(text(&out.stdout).contains("asleep failed: took over 1 s"), "{}", text(&out.stdout));
}
