//! Training that is ended from outside, or killed, and goes on.

mod common;

use rhyton_base::{ErrorKind, Result};
use rhyton_model::{
    BackupAndRestore, Callback, CallbackCx, Compile, EarlyStopping, Fit, LearningRateScheduler, Logs, Model,
    ModelCheckpoint, ReduceLROnPlateau, Sequential, idle_flag, interrupt_flag, load_model,
};
use rhyton_nn::layers::{BatchNormalization, Dense, Dropout, Input};
use rhyton_runtime::Generator;
use rhyton_tensor::{Tensor, set_random_seed};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

/// One test at a time: the flag is the process's.
static ONE: Mutex<()> = Mutex::new(());

fn data() -> (Tensor, Tensor) {
    let mut g = Generator::new(3);
    let values: Vec<f32> = (0..50 * 6).map(|_| g.normal() as f32).collect();
    let labels: Vec<i32> = (0..50).map(|_| g.below(3) as i32).collect();
    (Tensor::from_slice(&values, [50, 6]).unwrap(), Tensor::from(labels))
}

/// With something of every kind: dropout, statistics, momentum, a metric.
fn model(eagerly: bool) -> Sequential {
    let mut model = Sequential::from((
        Input::new([6]),
        Dense::new(8).activation("relu"),
        BatchNormalization::new(),
        Dropout::new(0.3),
        Dense::new(3).activation("softmax"),
    ));
    let compile = Compile::new("adam", "sparse_categorical_crossentropy").metrics(["accuracy"]);
    model.compile_with(compile.run_eagerly(eagerly)).unwrap();
    model
}

fn bits(model: &Model) -> Vec<Vec<u8>> {
    let mut all = model.weights();
    all.extend(model.optimizer().unwrap().variables());
    all.iter().map(|v| v.concrete_value().to_bytes().unwrap()).collect()
}

/// Ends the process after so many batches, without a word to anybody.
struct PowerCut(usize);

impl Callback for PowerCut {
    fn on_train_batch_end(&mut self, _cx: &CallbackCx, _batch: usize) -> Result<()> {
        self.0 -= 1;
        if self.0 == 0 {
            std::process::abort();
        }
        Ok(())
    }
}

fn options(steps_per_epoch: Option<usize>) -> Fit {
    let fit = Fit::epochs(5).batch_size(8).verbose(0);
    let fit = fit.callback(LearningRateScheduler::new(|_, rate| rate * 0.9));
    steps_per_epoch.into_iter().fold(fit, Fit::steps_per_epoch)
}

const CHILD: &str = "RHYTON_INTERRUPTED_CHILD";

/// Callbacks that change weights by what they remember; where this ends, training ends early.
fn remembering(fit: Fit) -> Fit {
    let stop = EarlyStopping::new().monitor("loss").mode("max").patience(4).restore_best_weights(true);
    let reduce = ReduceLROnPlateau::new().monitor("accuracy").mode("min").patience(2).factor(0.3).cooldown(1);
    fit.callback(stop).callback(reduce)
}

/// Trains with a backup as the words say: every so many batches (0: each epoch), killed after so many (0: not at all).
fn killed(words: &str) {
    let [folder, every, after, steps, eagerly] = words.split(' ').collect::<Vec<_>>()[..] else { panic!() };
    let number = |text: &str| text.parse::<usize>().unwrap();
    let backup = BackupAndRestore::new(folder);
    let backup = if every == "0" { backup } else { backup.save_freq(number(every)) };
    // The backup is the first, and made last all the same.
    let fit = remembering(options(Some(number(steps)).filter(|&s| s > 0)).callback(backup));
    let (x, y) = data();
    // Another seed: everything that is random comes from the backup.
    set_random_seed(if after == "0" { 99 } else { 7 });
    let mut model = model(eagerly == "true");
    let fit = if after == "0" { fit } else { fit.callback(PowerCut(number(after))) };
    let history = model.fit(&x, &y, fit).unwrap();
    let losses: Vec<String> = history["loss"].iter().map(|l| l.to_bits().to_string()).collect();
    println!("<<{};{:?}>>", losses.join(","), bits(&model));
}

#[test]
fn killed_training_goes_on_to_the_same_bits() {
    if let Ok(words) = std::env::var(CHILD) {
        return killed(&words);
    }
    let _alone = ONE.lock().unwrap_or_else(|e| e.into_inner());
    let (x, y) = data();
    // 7 batches an epoch: after so many batches a backup is made, after so many the power goes.
    for (every, after, steps, eagerly) in
        [(0, 16, 0, false), (3, 17, 0, false), (5, 11, 4, false), (1, 30, 0, false), (2, 9, 0, true)]
    {
        let folder = common::folder("backup");
        set_random_seed(7);
        let mut whole = model(eagerly);
        let history = whole.fit(&x, &y, remembering(options(Some(steps).filter(|&s| s > 0)))).unwrap();
        let child = |after: usize| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "killed_training_goes_on_to_the_same_bits", "--nocapture"])
                .env(CHILD, format!("{} {every} {after} {steps} {eagerly}", folder.display()))
                .output()
                .unwrap()
        };
        let first = child(after);
        assert!(!first.status.success() && BackupAndRestore::new(&folder).path().exists());
        let second = child(0);
        let said = String::from_utf8_lossy(&second.stdout).into_owned();
        assert!(second.status.success(), "{said}{}", String::from_utf8_lossy(&second.stderr));
        let (losses, weights) =
            said.split_once("<<").unwrap().1.split_once(">>").unwrap().0.split_once(';').unwrap();
        assert_eq!(weights, format!("{:?}", bits(&whole)), "backup every {every}, cut after {after}");
        // The losses of epochs that were taken up, also in their middle, are those of whole ones.
        let losses: Vec<f64> = losses.split(',').map(|l| f64::from_bits(l.parse().unwrap())).collect();
        assert!(losses.len() < 5 && history["loss"].ends_with(&losses), "{losses:?} {:?}", history["loss"]);
        assert!(!folder.exists(), "the backup goes when training has ended");
    }
}

#[test]
fn a_backup_of_another_model_is_refused() {
    let _alone = ONE.lock().unwrap_or_else(|e| e.into_inner());
    let folder = common::folder("other-backup");
    let keep = || BackupAndRestore::new(&folder).delete_checkpoint(false);
    let (x, y) = data();
    model(false).fit(&x, &y, Fit::epochs(2).verbose(0).callback(keep())).unwrap();
    // Finished training is not done again.
    let mut finished = model(false);
    let history = finished.fit(&x, &y, Fit::epochs(2).verbose(0).callback(keep())).unwrap();
    assert!(history.epochs().is_empty());

    let refused = |layers: Sequential| {
        let mut model = layers;
        model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"]).unwrap();
        model.fit(&x, &y, Fit::epochs(3).verbose(0).callback(keep())).unwrap_err().to_string()
    };
    let e = refused(Sequential::from((Input::new([6]), Dense::new(3))));
    assert!(e.starts_with("fit: BackupAndRestore: \"") && e.contains("of another training"), "{e}");
    let wider = (
        Input::new([6]),
        Dense::new(9).activation("relu"),
        BatchNormalization::new(),
        Dropout::new(0.3),
        Dense::new(3).activation("softmax"),
    );
    let e = refused(Sequential::from(wider));
    assert!(e.contains("is float32 of shape (6, 9), it holds float32 of shape (6, 8)"), "{e}");
    std::fs::write(keep().path(), b"certainly no backup").unwrap();
    let e = refused(Sequential::from((Input::new([6]), Dense::new(3))));
    assert!(e.contains("latest.npz"), "{e}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_flag_ends_runs_and_leaves_checkpoints_whole() {
    let _alone = ONE.lock().unwrap_or_else(|e| e.into_inner());
    struct CtrlC;
    impl Callback for CtrlC {
        fn on_epoch_begin(&mut self, _cx: &CallbackCx, epoch: usize) -> Result<()> {
            assert!(!idle_flag().load(Ordering::Relaxed));
            interrupt_flag().store(epoch == 2, Ordering::Relaxed);
            Ok(())
        }
        fn on_train_end(&mut self, _cx: &CallbackCx, _logs: &Logs) -> Result<()> {
            panic!("training has not ended by itself");
        }
    }
    let folder = common::folder("flag");
    let path = folder.join("last.keras");
    let (x, y) = data();
    let mut model = model(false);
    let fit = Fit::epochs(5).batch_size(8).verbose(0).callback(ModelCheckpoint::new(&path));
    let e = model.fit(&x, &y, fit.callback(CtrlC)).unwrap_err();
    assert_eq!((e.kind(), e.to_string().as_str()), (ErrorKind::Interrupted, "fit: interrupted"));
    assert!(idle_flag().load(Ordering::Relaxed) && !interrupt_flag().load(Ordering::Relaxed));
    // Two epochs of seven steps are in the file, and one step more is done.
    let steps = |m: &Model| m.optimizer().unwrap().iterations().value().item::<i32>().unwrap();
    assert_eq!((steps(&load_model(&path).unwrap()), steps(&model)), (14, 15));

    for end in ["evaluate", "predict"] {
        interrupt_flag().store(true, Ordering::Relaxed);
        let e = match end {
            "evaluate" => model.evaluate(&x, &y).unwrap_err(),
            _ => model.predict(&x).unwrap_err(),
        };
        assert_eq!((e.kind(), e.to_string()), (ErrorKind::Interrupted, format!("{end}: interrupted")));
    }
    model.fit(&x, &y, Fit::epochs(1).verbose(0)).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}
