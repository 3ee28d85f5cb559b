//! The program as a user meets it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn rhyton(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rhyton")).args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The error text of a call that must fail with this code.
fn fails(arguments: &[&str], code: i32) -> String {
    let out = rhyton(arguments);
    let error = text(&out.stderr);
    assert_eq!(out.status.code(), Some(code), "{arguments:?}: {error}");
    error
}

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder for the test");
    path
}

fn golden(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/golden/keras_files").join(name);
    path.to_str().expect("a readable path").to_string()
}

#[test]
fn wrong_usage_exits_with_2_and_bad_input_with_1() {
    assert!(fails(&[], 2).contains("Usage"));
    assert!(fails(&["rum"], 2).contains("run"));
    assert!(fails(&["run", "mnist", "--epochs", "many"], 2).contains("--epochs"));
    assert!(fails(&["run", "minst"], 1).contains("did you mean \"mnist\"?"));
    assert!(fails(&["bench", "w99"], 1).contains("there is no workload"));
    assert!(fails(&["datasets", "show", "minst"], 1).contains("did you mean \"mnist\"?"));
}

#[test]
fn examples_and_datasets_are_listed() {
    let out = rhyton(&["run"]);
    assert!(out.status.success());
    assert!(text(&out.stdout).contains("mnist-one-hot"));
    assert!(text(&rhyton(&["datasets"]).stdout).contains("fashion_mnist"));
    let shown = text(&rhyton(&["datasets", "show", "mnist"]).stdout);
    assert!(shown.contains("mnist.npz") && shown.contains("SHA-256"), "{shown}");
}

#[test]
fn an_output_folder_that_cannot_be_written_is_noticed_before_training() {
    let file = folder("unwritable").join("a-file");
    std::fs::write(&file, b"").expect("a file");
    let inside = file.join("inside");
    let e = fails(&["run", "mnist", "--out", inside.to_str().expect("a readable path")], 1);
    assert!(e.contains("cannot write to the output folder") && e.contains("--out"), "{e}");
}

#[test]
fn damaged_and_foreign_model_files_are_named() {
    let folder = folder("damaged");
    let whole = std::fs::read(golden("adam.keras")).expect("a golden file");
    for (name, bytes) in [
        ("truncated.keras", &whole[..whole.len() / 2]),
        ("empty.keras", &[][..]),
        ("foreign.keras", b"certainly not a model".as_slice()),
    ] {
        let path = folder.join(name);
        std::fs::write(&path, bytes).expect("a file");
        let e = fails(&["summary", path.to_str().expect("a readable path")], 1);
        assert!(e.contains(name), "{e}");
    }
    let e = fails(&["summary", "no-such-model.keras"], 1);
    assert!(e.contains("no-such-model.keras"), "{e}");
}

#[test]
fn files_that_keras_wrote_are_shown_used_and_evaluated() {
    let folder = folder("models");
    let out = rhyton(&["summary", &golden("adam.keras"), "--json"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let shown: serde_json::Value = serde_json::from_slice(&out.stdout).expect("one JSON object");
    assert!(shown["total_params"].as_u64().expect("a number") > 0);
    assert!(text(&rhyton(&["summary", &golden("adam.keras")]).stdout).contains("Total params"));

    // The golden arrays of this file, as a user would have them.
    let all =
        rhyton::io::Npz::open(format!("{}.npz", golden("").trim_end_matches('/'))).expect("golden arrays");
    let mut all = all;
    let mut array = |name: &str| all.read(&format!("adam/{name}")).expect(name);
    let (x, y) = (array("x"), array("y"));
    let input = folder.join("x.npz");
    let output = folder.join("y.npz");
    let stored = rhyton::io::Compression::Stored;
    rhyton::io::write_npz(&input, &[("x", &x)], stored).expect("an input file");
    let path = |p: &Path| p.to_str().expect("a readable path").to_string();
    let out =
        rhyton(&["predict", &golden("adam.keras"), "--input", &path(&input), "--output", &path(&output)]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let predicted = rhyton::io::Npz::open(&output).and_then(|mut f| f.read("y")).expect("predictions");
    let (got, expected) = (predicted.to_vec::<f32>().expect("f32"), y.to_vec::<f32>().expect("f32"));
    assert_eq!(got.len(), expected.len());
    assert!(got.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-6));

    let (eval_x, eval_y, evaluate) = (array("eval_x"), array("eval_y"), array("evaluate"));
    let data = folder.join("d.npz");
    rhyton::io::write_npz(&data, &[("x", &eval_x), ("y", &eval_y)], stored).expect("a data file");
    let out = rhyton(&["evaluate", &golden("adam.keras"), "--data", &path(&data), "--json"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let figures: serde_json::Value = serde_json::from_slice(&out.stdout).expect("one JSON object");
    // Keras reports sorted by name.
    let expected = evaluate.cast(rhyton::DType::F64).and_then(|a| a.to_vec::<f64>()).expect("numbers");
    for (name, expected) in ["accuracy", "loss", "mae"].iter().zip(expected) {
        let got = figures[name].as_f64().expect("a number");
        assert!((got - expected).abs() < 1e-5, "{name}: {got} against {expected}");
    }

    // The wrong arrays.
    let e = fails(&["evaluate", &golden("adam.keras"), "--data", &path(&input)], 1);
    assert!(e.contains("expected arrays x and y, got x"), "{e}");
    let e = fails(&["predict", &golden("adam.keras"), "--input", "none.npz", "--output", &path(&output)], 1);
    assert!(e.contains("none.npz"), "{e}");
}

#[test]
fn the_first_network_on_real_digits() {
    if std::env::var_os("RHYTON_DATA_DIR").is_none() {
        println!("skipped: RHYTON_DATA_DIR does not name a folder with mnist.npz");
        return;
    }
    let folder = folder("mnist");
    let out = folder.to_str().expect("a readable path");
    let run = |threads: &str| {
        rhyton(&["run", "mnist", "--epochs", "1", "--json", "--threads", threads, "--out", out])
    };
    let first = run("1");
    assert!(first.status.success(), "{}", text(&first.stderr));
    let lines = text(&first.stdout);
    let objects: Vec<serde_json::Value> =
        lines.lines().map(|l| serde_json::from_str(l).expect("nothing but JSON")).collect();
    assert_eq!(objects.len(), 2);
    let accuracy = objects[1]["test_acc"].as_f64().expect("a number");
    assert!((0.945..0.98).contains(&accuracy), "{accuracy}");
    assert_eq!(objects[1]["label"], 7);
    assert_eq!(lines, text(&run("2").stdout), "the same figures with 2 threads");
    assert!(folder.join("digits.png").exists() && folder.join("mnist.keras").exists());
}

#[test]
fn models_in_files_are_drawn() {
    let folder = folder("plots");
    let file = |name: &str| folder.join(name).to_str().expect("a readable path").to_string();
    let model = golden("adam.keras");
    let plot = |out: &str, more: &[&str]| rhyton(&[&["plot", &model, "-o", out], more].concat());
    let svg = file("model.svg");
    let out =
        plot(&svg, &["--shapes", "--names", "--activations", "--trainable", "--dtypes", "--rankdir", "LR"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let drawn = std::fs::read_to_string(&svg).expect("the picture");
    for line in
        ["dense (Dense)", "Input shape: (None, 6)", "Activation: relu", "Output dtype: float32", "Trainable"]
    {
        assert!(drawn.contains(&format!(">{line}<")), "{line}");
    }
    assert!(plot(&file("model.png"), &[]).status.success());
    assert_eq!(std::fs::read(file("model.png")).expect("the picture")[1..4], *b"PNG");
    assert!(fails(&["plot", &model, "-o", &file("model.jpg")], 1).contains("use .png or .svg"));
    assert!(fails(&["plot", &model, "-o", &svg, "--rankdir", "UP"], 2).contains("--rankdir"));
    assert!(fails(&["plot", &model, "-o", &svg, "--dpi", "1"], 2).contains("--dpi"));
    assert!(fails(&["plot", "missing.keras", "-o", &svg], 1).contains("no such file"));
}

#[test]
fn tours_say_what_the_book_says() {
    let run = |name: &str| -> serde_json::Value {
        let out = rhyton(&["run", name, "--json", "--out", folder(name).to_str().expect("a readable path")]);
        assert!(out.status.success(), "{name}: {}", text(&out.stderr));
        serde_json::from_str(&text(&out.stdout)).expect("one object")
    };
    let sequential = run("sequential-tour");
    assert_eq!((&sequential["params"], &sequential["grown_params"]), (&906.into(), &906.into()));
    assert!(sequential["before_build"].as_str().is_some_and(|e| e.contains("the model has no weights yet")));
    let functional = run("functional-tour");
    assert_eq!(
        (functional["features"].as_str(), &functional["params"]),
        (Some("float32(None, 64)"), &906.into())
    );
    let tickets = run("tickets");
    assert_eq!(tickets["predicted"], serde_json::json!([[1280, 1], [1280, 4]]));
    assert_eq!(tickets["params"], 20_100 * 64 + 64 + 65 + 260 + 195);
    for picture in ["ticket_classifier", "ticket_classifier_with_shapes", "updated_ticket_classifier"] {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tickets").join(format!("{picture}.png"));
        assert!(path.is_file(), "{picture}");
    }
    let own = run("subclassing");
    assert_eq!((&own["params"], &own["inside_params"]), (&(20_100 * 64 + 64 + 65 + 260).into(), &906.into()));
    let losses: Vec<f64> =
        own["refiner_loss"].as_array().expect("losses").iter().filter_map(|v| v.as_f64()).collect();
    assert!(losses.last() < losses.first(), "{losses:?}");
}

/// The objects that a worked example prints, run with the real datasets; nothing where there are none.
fn example(name: &str, epochs: &str) -> Option<(Vec<serde_json::Value>, PathBuf)> {
    if std::env::var_os("RHYTON_DATA_DIR").is_none() {
        println!("skipped: RHYTON_DATA_DIR does not name a folder with mnist.npz");
        return None;
    }
    let folder = folder(&format!("run-{name}"));
    let out = folder.to_str().expect("a readable path");
    let run = rhyton(&["run", name, "--epochs", epochs, "--batch-size", "128", "--json", "--out", out]);
    assert!(run.status.success(), "{name}: {}", text(&run.stderr));
    let objects =
        text(&run.stdout).lines().map(|l| serde_json::from_str(l).expect("nothing but JSON")).collect();
    Some((objects, folder))
}

#[test]
fn the_examples_of_training_by_hand_learn_the_digits() {
    let number = |v: &serde_json::Value| v.as_f64().unwrap_or_else(|| panic!("no number in {v}"));
    if let Some((told, _)) = example("custom-metric", "1") {
        let (by_metric, by_hand) = (number(&told[0]["test_rmse"]), number(&told[0]["test_rmse_by_hand"]));
        assert!((by_metric - by_hand).abs() < 1e-5 && (0.15..0.3).contains(&by_metric), "{told:?}");
    }
    if let Some((told, folder)) = example("callbacks", "2") {
        let best =
            told[0]["val_loss"].as_array().expect("a list").iter().map(number).fold(f64::MAX, f64::min);
        assert!((number(&told[0]["kept_val_loss"]) - best).abs() < 1e-4, "{told:?}");
        assert_eq!(told[0]["same_after_loading"], true);
        assert!(number(&told[0]["test_acc"]) > 0.95, "{told:?}");
        let log = std::fs::read_to_string(folder.join("training.csv")).expect("a log");
        assert!(log.starts_with("epoch,accuracy,learning_rate,loss,val_accuracy,val_loss\r\n0,"), "{log}");
        assert_eq!(log.lines().count(), 3);
    }
    if let Some((told, folder)) = example("loss-history", "2") {
        assert_eq!(told[0]["pictures"], 2);
        assert!(folder.join("plot_at_epoch_0.png").exists() && folder.join("plot_at_epoch_1.png").exists());
    }
    if let Some((told, _)) = example("compiled-step", "1") {
        assert!(number(&told[0]["val_accuracy"]) > 0.9, "{told:?}");
    }
    if let Some((told, _)) = example("custom-loop", "1") {
        assert!(number(&told[0]["val_accuracy"]) > 0.9, "{told:?}");
    }
    if let Some((told, _)) = example("custom-train-step", "1") {
        assert!(number(&told[0]["own_test_acc"]) > 0.94 && number(&told[0]["test_acc"]) > 0.94, "{told:?}");
        let (own, compiled) = (number(&told[0]["own_loss"][0]), number(&told[0]["loss"][0]));
        assert!((own - compiled).abs() < 0.03, "two ways to one step: {told:?}");
    }
    if let Some((told, folder)) = example("early-stopping", "15") {
        let best = told[0]["best_epoch"].as_u64().expect("a number") as usize;
        let losses = told[0]["val_loss"].as_array().expect("a list");
        assert!(losses.len() < 15 && losses.len() == best + 3, "{told:?}");
        assert!((number(&told[0]["restored_val_loss"]) - number(&losses[best - 1])).abs() < 1e-4, "{told:?}");
        assert!(folder.join("losses.png").exists());
    }
}

/// The workloads that train from files, with few: files that are kept are found again, others go.
#[test]
fn training_from_files() {
    let folder = folder("pipeline");
    let files = folder.join("files");
    let of = files.to_str().expect("a readable path");
    let bench = |name: &str| {
        let out = rhyton(&["bench", name, "--megabytes", "2", "--folder", of, "--json"]);
        assert!(out.status.success(), "{}", text(&out.stderr));
        let told: serde_json::Value = serde_json::from_slice(&out.stdout).expect("an object");
        (told["samples"].as_u64(), told["accuracy"].as_f64().expect("a number"))
    };
    let first = bench("npy");
    assert_eq!(first.0, Some(8000));
    assert!(first.1 > 0.5);
    // The same files in the same order.
    assert_eq!(bench("npy"), first);
    let written = |kind: &str| std::fs::read_dir(files.join(kind)).expect("a folder").count();
    assert_eq!(written("npy"), 2);
    assert!(bench("png").0 > Some(10));
    assert_eq!(written("png"), 10);
}
