//! Each crate leans only on crates below it.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// From the ground up.
const LADDER: [&str; 13] =
    ["base", "ops", "runtime", "cpu", "tensor", "graph", "io", "data", "nn", "model", "viz", "rhyton", "cli"];

/// The workspace's crates that a manifest names as normal dependencies.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut section = "";
    let mut found = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section == "[dependencies]"
            && let Some(name) = line.split(['.', ' ', '=']).next()
            && (name == "rhyton" || name.starts_with("rhyton-"))
        {
            found.push(name.trim_start_matches("rhyton-").to_string());
        }
    }
    found
}

#[test]
fn crates_lean_only_on_crates_below() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("crates lie side by side");
    let rung: HashMap<&str, usize> = LADDER.iter().enumerate().map(|(i, n)| (*n, i)).collect();
    for name in LADDER {
        let manifest = fs::read_to_string(crates.join(name).join("Cargo.toml")).expect("a manifest a rung");
        let needs = dependencies(&manifest);
        assert!(name == "base" || !needs.is_empty(), "{name}: no dependencies were read");
        for other in needs {
            assert!(
                rung[other.as_str()] < rung[name],
                "{name} leans on {other}, which does not stand below it"
            );
        }
    }
}

#[test]
fn unsafe_is_confined() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("crates lie side by side");
    for name in LADDER.into_iter().filter(|n| !["runtime", "cpu"].contains(n)) {
        let root = ["lib.rs", "main.rs"].map(|f| crates.join(name).join("src").join(f));
        let text = root.iter().find_map(|f| fs::read_to_string(f).ok()).expect("a root a crate");
        assert!(text.contains("#![forbid(unsafe_code)]"), "{name} does not forbid unsafe code");
    }
}
