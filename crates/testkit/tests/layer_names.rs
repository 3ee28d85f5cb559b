//! The table of Keras's layers in `docs` is complete, and says the truth.

use rhyton::layers::{from_config, is_built_in};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Name, whether it is marked as present, and the remark.
fn table() -> Vec<(String, bool, String)> {
    let text = fs::read_to_string(root().join("docs/keras-names-layers.md")).expect("the table");
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim().strip_prefix("| `")?.split('|').map(str::trim).collect();
        let present = match cells[1] {
            "yes" => true,
            "no" => false,
            other => panic!("{line}: {other:?} is neither yes nor no"),
        };
        Some((cells[0].trim_end_matches('`').to_string(), present, cells[2].to_string()))
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn every_name_of_keras_is_listed_once() {
    let keras = fs::read_to_string(root().join("crates/testkit/golden/layer_names.txt")).expect("the names");
    let keras: BTreeSet<&str> = keras.lines().collect();
    let rows = table();
    let listed: BTreeSet<&str> = rows.iter().map(|(name, _, _)| name.as_str()).collect();
    assert_eq!(listed.len(), rows.len(), "a name is listed twice");
    assert_eq!(listed, keras);
}

#[test]
fn classes_are_present_where_the_table_says_so() {
    let golden = fs::read_to_string(root().join("crates/testkit/golden/layers.json")).expect("golden values");
    let golden: Value = serde_json::from_str(&golden).expect("JSON");
    let cases = golden["cases"].as_array().expect("cases").iter();
    let mut configs: BTreeMap<&str, &Value> =
        cases.map(|c| (c["class"].as_str().expect("a class"), &c["config"])).collect();
    let preprocessing =
        fs::read_to_string(root().join("crates/testkit/golden/preprocessing.json")).expect("golden values");
    let preprocessing: Value = serde_json::from_str(&preprocessing).expect("JSON");
    let cases = preprocessing["cases"].as_array().expect("cases").iter();
    configs.extend(cases.map(|c| (c["cls"].as_str().expect("a class"), &c["config"])));
    for (name, present, remark) in table() {
        if !present {
            assert!(!remark.is_empty(), "{name}: a reason is missing");
            assert!(!is_built_in(&name), "{name} is there, but the table says no");
        } else if remark.is_empty() && !["InputLayer", "Lambda"].contains(&name.as_str()) {
            let config = configs.get(name.as_str()).unwrap_or_else(|| panic!("{name}: no golden values"));
            let layer = from_config(&name, config.as_object().expect("an object"), &mut Vec::new());
            assert_eq!(layer.expect("a layer").class_name(), name);
        } else if let Some(class) = remark.strip_prefix("another name of `") {
            assert!(is_built_in(class.trim_end_matches('`')), "{name}");
        }
    }
}
