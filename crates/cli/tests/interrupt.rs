//! Ctrl-C, as a user presses it.
#![cfg(unix)]

use rhyton::io::{Array, Compression, KerasArchive, write_npz};
use rhyton::{Sequential, layers};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder for the test");
    path
}

fn start(arguments: &[&str]) -> Child {
    let program = Command::new(env!("CARGO_BIN_EXE_rhyton"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    program.expect("the program starts")
}

fn start_example(arguments: &[&str], out: &Path) -> Child {
    start(&[arguments, &["--out", out.to_str().expect("a readable path")]].concat())
}

fn press_ctrl_c(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill is there").success());
}

/// How it ended, which must be soon.
fn ended(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(60) {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            return status;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().expect("a child of ours");
    panic!("it did not end within a minute");
}

#[test]
fn training_ends_after_its_step_with_130() {
    let mut child = start_example(&["run", "linear-keras", "--epochs", "1000000"], &folder("interrupt-fit"));
    // A line of an epoch: training is under way.
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let line = lines.next().expect("a line").expect("text");
    assert!(line.contains("Epoch 1/1000000"), "{line}");
    press_ctrl_c(&child);
    assert_eq!(ended(&mut child).code(), Some(130));
    // Whole lines, and one word of why.
    for line in lines.map(|l| l.expect("text")) {
        assert!(line.starts_with("Epoch ") && line.contains(" - loss: "), "{line}");
    }
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
    assert_eq!(said, "rhyton: run linear-keras: fit: interrupted\n");
}

#[test]
fn a_loop_by_hand_ends_at_once_with_130() {
    if std::env::var_os("RHYTON_DATA_DIR").is_none() {
        println!("skipped: RHYTON_DATA_DIR does not name a folder with mnist.npz");
        return;
    }
    let mut child = start_example(&["run", "naive-mnist", "--epochs", "1000000"], &folder("interrupt-loop"));
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    lines.next().expect("a line").expect("text");
    press_ctrl_c(&child);
    assert_eq!(ended(&mut child).code(), Some(130));
}

#[test]
fn the_last_checkpoint_is_whole() {
    if std::env::var_os("RHYTON_DATA_DIR").is_none() {
        println!("skipped: RHYTON_DATA_DIR does not name a folder with mnist.npz");
        return;
    }
    let folder = folder("interrupt-checkpoint");
    let checkpoint = folder.join("checkpoint_path.keras");
    let mut child = start_example(&["run", "callbacks", "--batch-size", "1024", "--epochs", "1000"], &folder);
    let start = Instant::now();
    while !checkpoint.exists() {
        assert!(start.elapsed() < Duration::from_secs(60), "no checkpoint within a minute");
        std::thread::sleep(Duration::from_millis(5));
    }
    press_ctrl_c(&child);
    assert_eq!(ended(&mut child).code(), Some(130));
    let model = rhyton::load_model(&checkpoint).expect("a whole file");
    assert_eq!(model.count_params(), 784 * 512 + 512 + 512 * 10 + 10);
    let left: Vec<_> = std::fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a readable name"))
        .collect();
    assert!(left.iter().all(|name| name == "checkpoint_path.keras" || name == "training.csv"), "{left:?}");
}

/// A model file with dropout and Adam, its data, and how to train it. An epoch's line is so long that 400 of them do
/// not fit into a pipe: a run that nobody reads to the end does not end.
struct Trained {
    folder: PathBuf,
    model: String,
    data: String,
}

impl Trained {
    const EPOCHS: usize = 400;

    fn new(name: &str) -> Trained {
        let folder = folder(name);
        let path = |name: &str| folder.join(name).to_str().expect("a readable path").to_string();
        let (model, data) = (path("model.keras"), path("data.npz"));
        let mut net = Sequential::from((
            layers::Dense::new(8).activation("relu"),
            layers::Dropout::new(0.5),
            layers::Dense::new(1),
        ));
        net.compile("adam", "mse", ["mae", "mape", "msle", "cosine_similarity", "hinge"]).expect("options");
        net.build([None, Some(3)]).expect("a shape");
        net.save(&model).expect("a file");
        let x: Vec<f32> = (0..60).map(|i| (i as f32 * 0.7).sin()).collect();
        // What is learned is wrong for the last four samples, so that the first epochs are the best on them.
        let target =
            |(i, row): (usize, &[f32])| row[0] - 2.0 * row[1] * row[2] + if i < 16 { 5.0 } else { -5.0 };
        let y: Vec<f32> = x.chunks(3).enumerate().map(target).collect();
        let write = |path: &str, from: usize| {
            let x = Array::from_slice([20 - from, 3], &x[3 * from..]).expect("numbers");
            let y = Array::from_slice([20 - from, 1], &y[from..]).expect("numbers");
            write_npz(path, &[("x", &x), ("y", &y)], Compression::Stored).expect("a file");
        };
        write(&data, 0);
        write(&path("held-out.npz"), 16);
        Trained { folder, model, data }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn train(&self, name: &str, epochs: usize, more: &[&str]) -> Child {
        let path = |name: String| self.path(&name).to_str().expect("a readable path").to_string();
        let (best, output) = (path(format!("{name}-best.keras")), path(format!("{name}.keras")));
        let epochs = epochs.to_string();
        let mut all =
            vec!["train", &self.model, "--data", &self.data, "--epochs", &epochs, "--batch-size", "8"];
        all.extend(["--validation-split", "0.2", "--seed", "7", "--json"]);
        all.extend(["--checkpoint", &best, "--output", &output]);
        all.extend(more);
        start(&all)
    }

    /// The lines of epochs, and what goes to standard error, of a run that goes to its end.
    fn whole(&self, name: &str, epochs: usize, more: &[&str]) -> (Vec<String>, String) {
        let out = self.train(name, epochs, more).wait_with_output().expect("a child of ours");
        let error = String::from_utf8(out.stderr).expect("text");
        assert!(out.status.success(), "{error}");
        assert!(!self.path(&format!("{name}-best.keras.backup")).join("latest.npz").exists());
        (String::from_utf8(out.stdout).expect("text").lines().map(str::to_string).collect(), error)
    }

    /// The lines of a run that is ended after some epochs, its code and what goes to standard error.
    fn ended(&self, name: &str, end: impl Fn(&mut Child)) -> (Vec<String>, Option<i32>, String) {
        let mut child = self.train(name, Trained::EPOCHS, &[]);
        let mut lines =
            BufReader::new(child.stdout.take().expect("a pipe")).lines().map(|l| l.expect("text"));
        let mut all: Vec<String> = lines.by_ref().take(2).collect();
        end(&mut child);
        // One that waits for a reader goes on to its next step.
        all.extend(lines);
        let code = ended(&mut child).code();
        let mut error = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut error).expect("text");
        assert!(self.path(&format!("{name}-best.keras.backup")).join("latest.npz").exists());
        (all, code, error)
    }

    /// Everything in a model file: description, weights, the optimizer's state, the state of dropout.
    fn content(&self, name: &str) -> (String, Vec<u8>) {
        let archive = KerasArchive::load(self.path(&format!("{name}.keras"))).expect("a whole file");
        (archive.config, archive.weights.expect("weights"))
    }
}

#[test]
fn training_that_was_ended_is_resumed_to_the_same_bits() {
    let trained = Trained::new("interrupt-resume");
    let (expected, said) = trained.whole("whole", Trained::EPOCHS, &["--resume"]);
    assert_eq!(expected.len(), Trained::EPOCHS);
    assert!(expected.iter().map(String::len).sum::<usize>() > 1 << 17, "a pipe could hold all lines");
    assert!(said.contains("nothing to resume") && said.contains("starting afresh"), "{said}");

    let (mut lines, code, said) = trained.ended("interrupted", |child| press_ctrl_c(child));
    assert_eq!(code, Some(130));
    assert!(said.ends_with("go on with --resume\nrhyton: fit: interrupted\n"), "{said}");
    rhyton::load_model(trained.path("interrupted-best.keras")).expect("a whole file");
    assert!(!trained.path("interrupted.keras").exists());
    let (rest, said) = trained.whole("interrupted", Trained::EPOCHS, &["--resume"]);
    assert!(said.contains("going on with the training in"), "{said}");
    lines.extend(rest);
    assert_eq!(lines, expected);

    // Killed, also in the middle of an epoch, and perhaps after an epoch was told and before it was kept.
    let (lines, code, _) = trained.ended("killed", |child| child.kill().expect("a child of ours"));
    assert_eq!(code, None);
    let (rest, _) = trained.whole("killed", Trained::EPOCHS, &["--resume"]);
    assert!(rest.len() < expected.len() && rest.len() + lines.len() >= expected.len());
    assert_eq!(rest, expected[expected.len() - rest.len()..]);

    for name in ["interrupted", "killed"] {
        assert!(trained.content(name) == trained.content("whole"), "{name}");
        assert!(trained.content(&format!("{name}-best")) == trained.content("whole-best"), "{name}");
    }

    // The best is that of the epoch with the smallest loss on the samples held out, which came before the end.
    let number = |line: &str, name: &str| -> f64 {
        let object: serde_json::Value = serde_json::from_str(line).expect("JSON");
        object[name].as_f64().expect("a number")
    };
    let losses: Vec<f64> = expected.iter().map(|line| number(line, "val_loss")).collect();
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(least < losses[Trained::EPOCHS - 1]);
    let [best, data] = ["killed-best.keras", "held-out.npz"].map(|name| trained.path(name));
    let child = start(&["evaluate", best.to_str().unwrap(), "--data", data.to_str().unwrap(), "--json"]);
    let out = child.wait_with_output().expect("a child of ours");
    let loss = number(&String::from_utf8(out.stdout).expect("text"), "loss");
    assert!((loss - least).abs() < 1e-6 * least, "{loss} {least}");
}

#[test]
fn training_begins_afresh_without_resume() {
    let trained = Trained::new("interrupt-afresh");
    trained.ended("afresh", |child| press_ctrl_c(child));
    let (lines, said) = trained.whole("afresh", 1, &[]);
    assert!(said.contains("starting afresh, without --resume"), "{said}");
    assert_eq!(lines.len(), 1);
    let (expected, said) = trained.whole("expected", 1, &[]);
    assert_eq!((lines, said), (expected, String::new()));
    assert!(trained.content("afresh") == trained.content("expected"));
}

#[test]
fn training_whose_epochs_are_done_is_saved_on_resuming() {
    let trained = Trained::new("interrupt-done");
    let (lines, ..) = trained.ended("done", |child| press_ctrl_c(child));
    let (rest, _) = trained.whole("done", lines.len(), &["--resume"]);
    assert_eq!(rest.len(), 0);
    trained.whole("expected", lines.len(), &[]);
    assert!(trained.content("done") == trained.content("expected"));
}

#[test]
fn comparing_ends_with_all_that_it_started() {
    let file = folder("interrupt-compare").join("pid");
    let peer = format!("asleep=sleep 600 & echo $! > {}; wait", file.display());
    let mut child = start(&["bench", "compare", "w1first", "--peer", &peer]);
    let begin = Instant::now();
    let pid = loop {
        match std::fs::read_to_string(&file) {
            Ok(pid) if pid.ends_with('\n') => break pid.trim().to_string(),
            _ => assert!(begin.elapsed() < Duration::from_secs(60), "the peer does not begin"),
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    press_ctrl_c(&child);
    assert_eq!(ended(&mut child).code(), Some(130));
    // The peer's child has ended, or is about to.
    let is_alive = || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        status.contains("State:") && !status.contains("State:\tZ")
    };
    let begin = Instant::now();
    while is_alive() {
        assert!(begin.elapsed() < Duration::from_secs(10), "process {pid} is left behind");
        std::thread::sleep(Duration::from_millis(10));
    }
}
