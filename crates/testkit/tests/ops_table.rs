//! The table of Keras's operations: every name is present and tested, or absent with a reason.
//!
//! With `RHYTON_WRITE=1` the table in `docs/keras-ops.md` is written instead of compared.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn json(file: &Path) -> Value {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

fn object(file: &Path) -> Map<String, Value> {
    json(file).as_object().cloned().expect("an object")
}

/// The checks that the golden cases of each function ask for.
fn checks(folder: &Path) -> BTreeMap<String, BTreeSet<char>> {
    let mut all: BTreeMap<String, BTreeSet<char>> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the folder of golden cases") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        // Lists are cases; objects say other things.
        let Value::Array(cases) = json(&path) else { continue };
        for case in cases {
            let name = case["op"].as_str().expect("a name").to_string();
            let letters = case["checks"].as_str().unwrap_or("").chars();
            all.entry(name).or_default().extend(letters);
        }
    }
    all
}

#[test]
fn every_name_is_present_and_tested_or_absent_with_a_reason() {
    let folder = root().join("crates/testkit/golden/ops");
    let names = json(&folder.join("names.json"));
    let absent = object(&folder.join("absent.json"));
    let elsewhere = object(&folder.join("elsewhere.json"));
    let checks = checks(&folder);
    let (mut present, mut total, mut wrong) = (0, 0, Vec::new());
    let mut table = format!(
        "# Keras's operations in Rhyton\n\nEvery public name of `keras.ops` and `keras.random` of Keras {}. *Golden* values come from NumPy \
         or Keras and are\ncompared eagerly; *traced* results have the bits of eager ones; *gradient* means first and second order \
         against finite\ndifferences (a dash: the function is flat, whole-numbered, or not differentiable). This table is checked by a test.\n",
        names["keras"].as_str().expect("a version")
    );
    for (group, members) in names["groups"].as_object().expect("groups") {
        let _ = write!(
            table,
            "\n## {group}\n\n| name | golden | traced | gradient | note |\n|---|---|---|---|---|\n"
        );
        for name in members.as_array().expect("names").iter().filter_map(Value::as_str) {
            total += 1;
            let known = (checks.get(name), elsewhere.get(name), absent.get(name));
            let (golden, traced, gradient, note) = match known {
                (Some(c), None, None) => {
                    let yes = |letter| if c.contains(&letter) { "yes" } else { "–" };
                    ("yes", yes('c'), yes('g'), String::new())
                }
                (_, Some(other), None) => {
                    let file = other["test"].as_str().expect("a test file");
                    let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
                    if !text.contains(name) {
                        wrong.push(format!("{name}: {file} does not mention it"));
                    }
                    let flag = |key: &str| if other[key] == Value::Bool(true) { "yes" } else { "–" };
                    ("known answers", flag("traced"), flag("gradient"), format!("[tests](../{file})"))
                }
                (None, None, Some(reason)) => {
                    let _ =
                        writeln!(table, "| `{name}` | absent | | | {} |", reason.as_str().expect("a reason"));
                    continue;
                }
                (None, None, None) => {
                    wrong.push(format!("{name}: neither tested nor said to be absent"));
                    continue;
                }
                _ => {
                    wrong.push(format!("{name}: tested and said to be absent"));
                    continue;
                }
            };
            present += 1;
            let _ = writeln!(table, "| `{name}` | {golden} | {traced} | {gradient} | {note} |");
        }
    }
    let _ = write!(table, "\n{present} of {total} names are present.\n");
    for name in absent.keys().chain(elsewhere.keys()) {
        let listed = names["groups"].as_object().expect("groups").values();
        if !listed.flat_map(|g| g.as_array().expect("names")).any(|n| n == name.as_str()) {
            wrong.push(format!("{name}: not a name of Keras"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(present * 100 >= total * 95, "{present} of {total} names are present");
    let file = root().join("docs/keras-ops.md");
    if std::env::var_os("RHYTON_WRITE").is_some() {
        std::fs::write(&file, &table).expect("the table");
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == table, "docs/keras-ops.md is out of date; run this test with RHYTON_WRITE=1");
}
