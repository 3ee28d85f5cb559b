//! Ctrl-C, as a user presses it.
#![cfg(unix)]

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

fn start(arguments: &[&str], out: &Path) -> Child {
    let program = Command::new(env!("CARGO_BIN_EXE_rhyton"))
        .args(arguments)
        .args(["--out", out.to_str().expect("a readable path")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    program.expect("the program starts")
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
    let mut child = start(&["run", "linear-keras", "--epochs", "1000000"], &folder("interrupt-fit"));
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
    let mut child = start(&["run", "naive-mnist", "--epochs", "1000000"], &folder("interrupt-loop"));
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
    let mut child = start(&["run", "callbacks", "--batch-size", "1024", "--epochs", "1000"], &folder);
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
