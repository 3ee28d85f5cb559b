//! What the TensorBoard callback writes: as Keras's, and shown by TensorBoard itself where `RHYTON_PYTHON` has it.

mod common;

use common::{difference, folder};
use rhyton_io::encode_png;
use rhyton_io::events::{Event, SummaryValue, event::What, read_events};
use rhyton_model::tensorboard::{self as summary, Projector, create_file_writer};
use rhyton_model::{Evaluate, Fit, Model, Sequential, TensorBoard};
use rhyton_nn::layers::{Dense, Embedding, Flatten, Input};
use rhyton_nn::optimizers::SGD;
use rhyton_tensor::{DType, Tensor, ops};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// Samples as the script makes them.
fn samples() -> (Tensor, Tensor) {
    let x: Vec<f32> = (0..240).map(|i| (f64::from(i * 37 % 101) / 101.0) as f32).collect();
    let y: Vec<i32> = (0..40).map(|i| i % 3).collect();
    (Tensor::from_slice(&x, [40, 6]).unwrap(), Tensor::from(y))
}

fn network() -> Sequential {
    let mut model = Sequential::from((
        Input::new([6]).name("x"),
        Dense::new(5).activation("relu").name("hidden"),
        Dense::new(3).activation("softmax").name("classes"),
    ))
    .named("net");
    model.compile(SGD::new(0.01), "sparse_categorical_crossentropy", ["accuracy"]).unwrap();
    model
}

/// The numbers of nested lists.
fn numbers(v: &Value) -> Vec<f64> {
    match v.as_array() {
        Some(all) => all.iter().flat_map(numbers).collect(),
        None => vec![v.as_f64().unwrap()],
    }
}

/// All events of the only file of a run.
fn events(run: &Path) -> Vec<Event> {
    let names = std::fs::read_dir(run).unwrap().map(|e| e.unwrap().path());
    let files: Vec<PathBuf> = names.filter(|p| p.to_string_lossy().contains("tfevents")).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    read_events(&std::fs::read(&files[0]).unwrap()).unwrap()
}

/// Steps and values of its summaries.
fn values(run: &Path) -> Vec<(i64, SummaryValue)> {
    let of = |e: Event| match e.what {
        Some(What::Summary(s)) => s.value.into_iter().map(|v| (e.step, v)).collect(),
        _ => Vec::new(),
    };
    events(run).into_iter().flat_map(of).collect()
}

/// Compares with an event of the real callback: step, tag, part, content, type, shape, values.
fn compare(run: &str, expected: &Value, step: i64, got: &SummaryValue) {
    let who = format!("{run}: {} at {step}", got.tag);
    let (metadata, tensor) = (got.metadata.as_ref().unwrap(), got.tensor.as_ref().unwrap());
    let plugin = metadata.plugin_data.as_ref().unwrap();
    let shape: Vec<i64> = tensor.tensor_shape.as_ref().unwrap().dim.iter().map(|d| d.size).collect();
    let content = String::from_utf8_lossy(&plugin.content);
    let said = json!([step, got.tag, plugin.plugin_name, content, tensor.dtype, shape]);
    assert_eq!(said.as_array().unwrap()[..], expected.as_array().unwrap()[..6], "{who}");
    let value = &expected[6];
    match tensor.dtype {
        1 if got.tag.ends_with("steps_per_second") => (),
        1 => {
            let got = f32::from_le_bytes(tensor.tensor_content[..].try_into().unwrap());
            assert!(difference(&[f64::from(got)], &numbers(value)) < 1e-6, "{who}: {got} and {value}");
        }
        2 => {
            let got = tensor.tensor_content.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b));
            let d = difference(&got.collect::<Vec<_>>(), &numbers(value));
            assert!(d < 1e-6, "{who}: {d}");
        }
        _ if plugin.plugin_name == "images" => {
            let size = |i: usize| value[i].as_str().unwrap().parse::<usize>().unwrap();
            let (width, height) = (size(0), size(1));
            assert_eq!(tensor.string_val[0], width.to_string().as_bytes(), "{who}");
            assert_eq!(tensor.string_val[1], height.to_string().as_bytes(), "{who}");
            let pixels: Vec<u8> = numbers(&value[2]).iter().map(|p| *p as u8).collect();
            assert_eq!(tensor.string_val[2], encode_png(height, width, 1, &pixels).unwrap(), "{who}");
        }
        _ => {
            let model = |text: &[u8]| serde_json::from_slice::<Value>(text).unwrap();
            let (got, expected) =
                (model(&tensor.string_val[0]), model(value[0].as_str().unwrap().as_bytes()));
            let names = |m: &Value| -> Vec<Value> {
                let layers = m["config"]["layers"].as_array().unwrap();
                layers.iter().map(|l| json!([l["class_name"], l["config"]["name"]])).collect()
            };
            assert_eq!(names(&got), names(&expected), "{who}");
        }
    }
}

#[test]
fn events_are_those_of_keras() {
    let golden: Value =
        serde_json::from_str(&std::fs::read_to_string(own("tensorboard.json")).unwrap()).unwrap();
    let (x, y) = samples();
    let logs = folder("tensorboard-keras");
    for name in ["default", "all", "three"] {
        let board = TensorBoard::new(logs.join(name));
        let board = match name {
            "all" => {
                board.histogram_freq(2).write_images(true).write_steps_per_second(true).update_freq("batch")
            }
            "three" => board.update_freq(3),
            _ => board,
        };
        let mut model = network();
        let weights = golden["weights"].as_array().unwrap().iter().zip(model.get_weights().unwrap());
        let weights = weights.map(|(w, old)| {
            let values: Vec<f32> = numbers(w).iter().map(|v| *v as f32).collect();
            Tensor::from_slice(&values, old.shape()).unwrap()
        });
        let weights: Vec<Tensor> = weights.collect();
        model.set_weights(&weights).unwrap();
        let fit = Fit::epochs(3).batch_size(8).validation_split(0.2).shuffle(false).verbose(0);
        model.fit(&x, &y, fit.callback(board)).unwrap();
        for run in ["train", "validation"] {
            let run = format!("{name}/{run}");
            let mut got = values(&logs.join(&run));
            let expected = golden["runs"][&run].as_array().unwrap();
            if name == "three" {
                // Keras leaves out what belongs to epochs whose last batch is no multiple of three.
                let known = |step: i64, tag: &str| expected.iter().any(|e| e[0] == step && e[1] == tag);
                assert!(got.iter().all(|(step, v)| known(*step, &v.tag)
                    || v.tag.starts_with("epoch_")
                    || v.tag.starts_with("evaluation_")));
                assert_eq!(got.iter().filter(|(_, v)| v.tag == "epoch_loss").count(), 3, "{run}");
                got.retain(|(step, v)| known(*step, &v.tag));
            }
            assert_eq!(got.len(), expected.len(), "{run}");
            got.iter().zip(expected).for_each(|((step, v), e)| compare(&run, e, *step, v));
        }
    }
    std::fs::remove_dir_all(&logs).unwrap();
}

/// Words as vectors, and whether they are good.
fn words() -> Model {
    let words = Input::new([8]).dtype(DType::I32).name("words").tensor();
    let vectors = Embedding::new(12, 4).name("vectors").call(&words).unwrap();
    let flat = Flatten::new().name("flat").call(&vectors).unwrap();
    let good = Dense::new(1).activation("sigmoid").name("good").call(&flat).unwrap();
    let mut model = Model::new(&words, &good).unwrap().named("reviews");
    model.compile("adam", "binary_crossentropy", ["accuracy"]).unwrap();
    model
}

fn reviews() -> (Tensor, Tensor) {
    let x: Vec<i32> = (0..16 * 8).map(|i| i * 7 % 12).collect();
    let y: Vec<f32> = (0..16).map(|i| f32::from(u8::from(i % 3 == 0))).collect();
    (Tensor::from_slice(&x, [16, 8]).unwrap(), Tensor::from_slice(&y, [16, 1]).unwrap())
}

/// All that can be written, in one folder of logs; what a reader should find there.
fn write_all(logs: &Path) -> Value {
    let (x, y) = reviews();
    let labels: String = (0..12).map(|i| format!("word{i}\n")).collect();
    std::fs::write(logs.join("labels.tsv"), labels).unwrap();
    let mut model = words();
    let board = TensorBoard::new(logs)
        .histogram_freq(1)
        .write_images(true)
        .update_freq("batch")
        .profile_batch((2, 5))
        .embeddings_freq(1)
        .embeddings_metadata([("vectors", "labels.tsv")])
        .gradients(&x, &y);
    let fit = Fit::epochs(2).batch_size(4).validation_split(0.25).verbose(0).callback(board);
    model.fit(&x, &y, fit).unwrap();

    let writer = create_file_writer(logs.join("own")).unwrap();
    {
        let _default = writer.as_default();
        (0..5).for_each(|i| assert!(summary::scalar("squares", f64::from(i * i), i64::from(i)).unwrap()));
        summary::histogram("spread", &Tensor::from([0.0f32, 1.0, 1.0, 5.0]), 0).unwrap();
        summary::text("notes", "*Two* epochs", 0).unwrap();
        let gray =
            ops::reshape(&ops::arange((0.0, 1.0, 1.0 / 64.0), DType::F32).unwrap(), [8, 8, 1]).unwrap();
        summary::image("ramp", &gray, 0).unwrap();
        summary::hparams([("units", 16.into()), ("optimizer", "adam".into()), ("ema", false.into())])
            .unwrap();
    }
    assert!(!summary::scalar("nobody listens", 1.0, 0).unwrap());
    writer.hparams_end(true).unwrap();
    writer.flush().unwrap();
    let points = Tensor::from([[0.1f32, 0.2], [0.3, 0.4], [0.5, 0.6]]);
    let names = Some(&["a", "b\tc", "d"][..]);
    Projector::new(logs.join("own")).embedding("points \"of\" view", &points, names).unwrap();

    let weights = ["vectors/embeddings", "good/kernel", "good/bias"];
    let histograms = weights
        .iter()
        .flat_map(|w| [format!("{w}/histogram"), format!("{w}/gradient/histogram")])
        .map(|tag| json!(["train", tag]))
        .chain([json!(["own", "spread"])]);
    let train = ["epoch_loss", "epoch_accuracy", "epoch_learning_rate", "batch_loss", "profile_step_seconds"];
    let validation = ["epoch_loss", "epoch_accuracy", "evaluation_loss_vs_iterations"];
    let scalars = train.map(|t| json!(["train", t])).into_iter();
    let scalars =
        scalars.chain(validation.map(|t| json!(["validation", t]))).chain([json!(["own", "squares"])]);
    json!({
        "scalars": scalars.collect::<Vec<_>>(),
        "histograms": histograms.collect::<Vec<_>>(),
        "images": [["train", "vectors/embeddings/image"], ["train", "good/kernel/image"], ["own", "ramp"]],
        "text": [["own", "notes"]],
        "graphs": ["train"],
        "keras": ["train"],
        "layers": ["reviews/words", "reviews/vectors", "reviews/flat", "reviews/good"],
        "hparams": ["units", "optimizer", "ema"],
        "projector": {"vectors": [12, 4], "points \"of\" view": [3, 2]},
    })
}

#[test]
fn all_that_is_written_can_be_read() {
    let logs = folder("tensorboard-all");
    let expected = write_all(&logs);
    for kind in ["scalars", "histograms", "images", "text"] {
        for pair in expected[kind].as_array().unwrap() {
            let (run, tag) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
            let all = values(&logs.join(run));
            let of_tag: Vec<_> = all.iter().filter(|(_, v)| v.tag == tag).collect();
            assert!(!of_tag.is_empty(), "{run}: {tag}");
            for (_, v) in of_tag {
                let plugin = v.metadata.as_ref().unwrap().plugin_data.as_ref().unwrap();
                assert_eq!(plugin.plugin_name, kind, "{tag}");
            }
        }
    }
    // Batches 2 to 5 were profiled, and their times are in a file that Perfetto reads.
    let profiles = logs.join("train/plugins/profile");
    let profile = std::fs::read_dir(profiles).unwrap().next().unwrap().unwrap().path();
    let trace: Value =
        serde_json::from_slice(&std::fs::read(profile.join("steps.trace.json")).unwrap()).unwrap();
    let steps: Vec<&Value> =
        trace["traceEvents"].as_array().unwrap().iter().filter(|e| e["ph"] == "X").collect();
    assert_eq!(steps.iter().map(|e| e["args"]["batch"].as_i64().unwrap()).collect::<Vec<_>>(), [2, 3, 4, 5]);
    assert!(steps.windows(2).all(|w| w[0]["ts"].as_f64() < w[1]["ts"].as_f64()));
    assert!(logs.join("train/keras_embedding.ckpt-1.weights.h5").is_file());

    if let Some(python) = python_with_tensorboard() {
        let names = logs.join("expected.json");
        std::fs::write(&names, expected.to_string()).unwrap();
        let run =
            Command::new(&python).arg(own("check_tensorboard.py")).args([&logs, &names]).output().unwrap();
        let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{said}");
        println!("{said}");
        // Its page, where there is a browser to open it.
        match std::env::var_os("CHROMIUM") {
            None => println!("skipped: CHROMIUM does not name a browser for TensorBoard's page"),
            Some(_) => {
                let page = Command::new(&python)
                    .arg(own("browse_tensorboard.py"))
                    .args([&logs, &names])
                    .output()
                    .unwrap();
                let said = String::from_utf8_lossy(&page.stdout).into_owned();
                assert!(page.status.success(), "{said}{}", String::from_utf8_lossy(&page.stderr));
                println!("{said}");
            }
        }
    }
    // For those who want to look at the page.
    if std::env::var_os("RHYTON_KEEP").is_none() {
        std::fs::remove_dir_all(&logs).unwrap();
    }
}

fn python_with_tensorboard() -> Option<String> {
    let skipped = "skipped: RHYTON_PYTHON does not name an interpreter with TensorBoard";
    let Ok(python) = std::env::var("RHYTON_PYTHON") else {
        println!("{skipped}");
        return None;
    };
    let found = Command::new(&python).args(["-c", "import tensorboard"]).output();
    match found.is_ok_and(|o| o.status.success()) {
        true => Some(python),
        false => {
            println!("{skipped}");
            None
        }
    }
}

#[test]
fn evaluation_alone_is_written() {
    let logs = folder("tensorboard-evaluate");
    let (x, y) = samples();
    let model = network();
    model.evaluate_with(&x, &y, Evaluate::new().verbose(0).callback(TensorBoard::new(&logs))).unwrap();
    let tags: Vec<String> = values(&logs.join("validation")).into_iter().map(|(_, v)| v.tag).collect();
    assert_eq!(tags, ["evaluation_accuracy_vs_iterations", "evaluation_loss_vs_iterations"]);
    std::fs::remove_dir_all(&logs).unwrap();
}

#[test]
fn wrong_options_are_told() {
    let logs = folder("tensorboard-wrong");
    let (x, y) = samples();
    let said = |board: TensorBoard| {
        let fit = Fit::epochs(1).verbose(0).callback(board);
        network().fit(&x, &y, fit).unwrap_err().to_string()
    };
    let board = || TensorBoard::new(&logs).write_graph(false);
    let e = said(board().update_freq("epochs"));
    assert!(e.contains("expected \"epoch\", \"batch\" or a number, got \"epochs\""), "{e}");
    assert!(said(board().update_freq(0)).contains("expected at least 1 batch, got 0"));
    assert!(said(board().profile_batch((5, 2))).contains("got 5 to 2"));
    let e = said(board().embeddings_freq(1).embeddings_metadata([("vectors", "labels.tsv")]));
    assert!(e.contains("there is no Embedding layer \"vectors\""), "{e}");
    std::fs::write(logs.join("file"), b"").unwrap();
    let e = said(TensorBoard::new(logs.join("file")));
    assert!(e.contains("TensorBoard: create_file_writer"), "{e}");
    let writer = create_file_writer(&logs).unwrap();
    assert!(writer.image("flat", &Tensor::from([1.0f32]), 0).is_err());
    assert!(writer.histogram("nothing", &Tensor::from([f32::NAN; 3]), 0).is_ok());
    std::fs::remove_dir_all(&logs).unwrap();
}
