//! The examples of chapters 4 to 6 on the real data sets, for an epoch or two each.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What an example says in the end, and the folder of its pictures; nothing where there are no data sets.
fn example(name: &str, epochs: &str, batch_size: &str) -> Option<(Value, PathBuf)> {
    if std::env::var_os("RHYTON_DATA_DIR").is_none() {
        println!("skipped: RHYTON_DATA_DIR does not name a folder with the data sets");
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chapters-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    let out = folder.to_str().expect("a readable path");
    let arguments = ["run", name, "--epochs", epochs, "--batch-size", batch_size, "--json", "--out", out];
    let run =
        Command::new(env!("CARGO_BIN_EXE_rhyton")).args(arguments).output().expect("the program starts");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{name}: {}", String::from_utf8_lossy(&run.stderr));
    let object = serde_json::from_str(said.lines().last().unwrap_or_default());
    Some((object.unwrap_or_else(|e| panic!("{name}: {e} in {said}")), folder))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number in {value}"))
}

fn count(folder: &Path) -> usize {
    let files = std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok);
    files.filter(|f| f.path().extension().is_some_and(|e| e == "png")).count()
}

#[test]
fn reviews() {
    let Some((told, folder)) = example("imdb", "2", "512") else { return };
    assert!(number(&told["test_acc"]) > 0.82 && number(&told["best_val_acc"]) > 0.82, "{told}");
    assert!(told["predictions"].as_array().expect("a list").iter().all(|p| (0.0..=1.0).contains(&number(p))));
    assert!(count(&folder) >= 1);
    let Some((told, _)) = example("imdb-l2", "1", "512") else { return };
    let of = |name: &str| number(&told["models"][name]["best"]);
    assert!(of("no penalty") < of("l2(0.002)"), "what penalties cost counts: {told}");
    let Some((told, _)) = example("imdb-dropout", "1", "512") else { return };
    assert!(number(&told["models"]["dropout 0.5"]["best"]) < 0.69, "{told}");
}

#[test]
fn newswires() {
    let Some((told, folder)) = example("reuters", "3", "128") else { return };
    assert!(number(&told["test_acc"]) > 0.7 && number(&told["integer_test_acc"]) > 0.7, "{told}");
    assert!((0.15..0.22).contains(&number(&told["baseline"])), "{told}");
    assert!((number(&told["probabilities"]) - 1.0).abs() < 1e-5, "{told}");
    assert!(number(&told["bottleneck_val_acc"]) < number(&told["test_acc"]), "{told}");
    assert!(count(&folder) >= 1);
}

#[test]
fn houses() {
    let Some((told, folder)) = example("boston", "10", "8") else { return };
    assert_eq!(told["folds"].as_array().map(Vec::len), Some(4));
    assert!((1.5..6.0).contains(&number(&told["mean"])) && number(&told["test_mae"]) < 8.0, "{told}");
    assert!(count(&folder) >= 1);
}

#[test]
fn generalisation_on_digits() {
    if let Some((told, _)) = example("noise-channels", "1", "256") {
        assert!(number(&told["gap"]) > 0.0, "{told}");
    }
    if let Some((told, _)) = example("shuffled-labels", "1", "512") {
        assert!(number(&told["last_val_acc"]) < 0.15, "{told}");
    }
    if let Some((told, _)) = example("learning-rate", "1", "256") {
        assert!(number(&told["last_rate_0.01"]) > number(&told["last_rate_1"]), "{told}");
    }
    if let Some((told, folder)) = example("capacity-mnist", "1", "256") {
        assert!(number(&told["best"]) < number(&told["stalled"]), "{told}");
        assert!(count(&folder) >= 1);
    }
}

#[test]
fn judging_and_preparing() {
    if let Some((told, _)) = example("validation", "1", "256") {
        assert!(number(&told["k_fold"]) > 5.0 * number(&told["majority"]), "{told}");
    }
    if let Some((told, _)) = example("workflow", "2", "64") {
        assert!(
            ["missing", "normalized", "selected", "reviews", "drift"].iter().all(|k| !told[k].is_null()),
            "{told}"
        );
    }
}
