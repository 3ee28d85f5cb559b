//! `BackupAndRestore`.

use super::model_checkpoint::BatchCounter;
use super::{Callback, CallbackCx};
use crate::training::{Logs, Place};
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_io::{Array, Compression, Npz, write_npz};
use rhyton_tensor::{Tensor, Variable};
use std::path::{Path, PathBuf};

/// Lets training that was killed go on where it was: the same call of `fit` on the same model takes up the last
/// backup, and ends with the same weights, bit for bit, as training without a break.
///
/// A backup holds everything that a step of training reads or changes (weights, the optimizer's state and learning
/// rate, random generators, metrics), the place in the data and the seed of its order, also in the middle of an epoch,
/// and what other callbacks remember ([`Callback::state`]), such as the patience of an [`super::EarlyStopping`]. It is made
/// after the others' hooks, wherever this callback stands among them.
///
/// It is one file in a folder of its own, written beside and renamed, so that there is always a whole one (Keras keeps
/// two files and, on request, a second pair). When training ends, it is deleted.
///
/// | option | default |
/// |---|---|
/// | `save_freq` | after each epoch |
/// | `delete_checkpoint` | true |
///
/// # Errors
/// `fit` fails where the backup cannot be written or read, or is that of another model.
///
/// Source: `keras/src/callbacks/backup_and_restore.py`.
///
/// ```
/// use rhyton_base::{Error, Result};
/// use rhyton_model::{BackupAndRestore, Callback, CallbackCx, Fit, Sequential};
/// # use rhyton_nn::layers::Dense;
/// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
/// # let mut model = Sequential::from([Dense::new(2)]);
/// # let folder = std::env::temp_dir().join(format!("rhyton-backup-{}", std::process::id()));
/// struct PowerCut;
/// impl Callback for PowerCut {
///     fn on_epoch_begin(&mut self, _cx: &CallbackCx, epoch: usize) -> Result<()> {
///         if epoch == 4 { Err(Error::state("no power")) } else { Ok(()) }
///     }
/// }
///
/// model.compile("sgd", "mse", ())?;
/// let fit = || Fit::epochs(10).verbose(0).callback(BackupAndRestore::new(&folder));
/// model.fit(&x, &x, fit().callback(PowerCut)).unwrap_err();
/// let history = model.fit(&x, &x, fit())?;
/// assert_eq!(history.epochs(), [4, 5, 6, 7, 8, 9]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct BackupAndRestore {
    folder: PathBuf,
    /// Batches between two backups; none for one an epoch.
    save_freq: Option<usize>,
    delete_checkpoint: bool,
    counter: BatchCounter,
}

/// The array that tells the place; variables are numbered.
const PLACE: &str = "place";
/// What the arrays of callbacks begin with.
const CALLBACK: &str = "callback/";

impl BackupAndRestore {
    /// Keeps the backup in this folder, which is created.
    pub fn new(backup_dir: impl AsRef<Path>) -> BackupAndRestore {
        BackupAndRestore {
            folder: backup_dir.as_ref().to_path_buf(),
            save_freq: None,
            delete_checkpoint: true,
            counter: BatchCounter::default(),
        }
    }

    /// Makes a backup every so many batches instead of after each epoch.
    #[must_use]
    pub fn save_freq(self, batches: usize) -> BackupAndRestore {
        BackupAndRestore { save_freq: Some(batches), ..self }
    }

    /// Whether the backup is deleted when training has ended.
    #[must_use]
    pub fn delete_checkpoint(self, delete: bool) -> BackupAndRestore {
        BackupAndRestore { delete_checkpoint: delete, ..self }
    }

    /// The file of the backup.
    pub fn path(&self) -> PathBuf {
        self.folder.join("latest.npz")
    }

    fn save(&self, cx: &CallbackCx) -> Result<()> {
        std::fs::create_dir_all(&self.folder)
            .map_err(Error::from)
            .at(|| format!("folder {:?}", self.folder.display().to_string()))?;
        let Place { epoch, step, pass, batch, seed } = cx.place.get();
        let place = Array::from_slice([5], &[epoch as u64, step as u64, pass, batch as u64, seed])?;
        let mut arrays = vec![(PLACE.to_string(), place)];
        for (i, v) in (cx.state)()?.iter().enumerate() {
            arrays.push((i.to_string(), array(&v.concrete_value())?));
        }
        for (i, state) in cx.remembered.borrow().iter().enumerate() {
            for (j, x) in state.iter().enumerate() {
                arrays.push((format!("{CALLBACK}{i}/{j}"), array(x)?));
            }
        }
        let arrays: Vec<(&str, &Array)> = arrays.iter().map(|(name, array)| (name.as_str(), array)).collect();
        write_npz(self.path(), &arrays, Compression::Stored)
    }

    fn restore(&self, cx: &CallbackCx) -> Result<()> {
        let path = self.path();
        if !path.exists() {
            return Ok(());
        }
        let mut backup = Npz::open(&path)?;
        let state = (cx.state)()?;
        let read = restored(&mut backup, &state).at(|| format!("{:?}", path.display().to_string()));
        let (place, values) = read?;
        cx.remembered.replace(remembered(&mut backup)?);
        for (v, value) in state.iter().zip(&values) {
            v.assign(value)?;
        }
        cx.place.set(place);
        Ok(())
    }
}

fn array(x: &Tensor) -> Result<Array> {
    Array::new(x.dtype(), x.shape(), x.to_bytes()?)
}

/// What callbacks remembered.
fn remembered(backup: &mut Npz) -> Result<Vec<Vec<Tensor>>> {
    let mut all: Vec<Vec<Tensor>> = Vec::new();
    let names = backup.names().to_vec();
    for name in names.iter().filter(|name| name.starts_with(CALLBACK)) {
        let at = name[CALLBACK.len()..].split_once('/').and_then(|(i, _)| i.parse::<usize>().ok());
        // Callbacks that remember nothing leave numbers out.
        let at =
            at.filter(|&at| at < 1000).ok_or_else(|| Error::format(format!("unexpected array {name:?}")))?;
        all.resize_with(all.len().max(at + 1), Vec::new);
        let array = backup.read(name)?;
        all[at].push(Tensor::from_bytes(&array.data, array.dtype, &array.shape)?);
    }
    Ok(all)
}

/// The place and the values of variables that a backup holds.
fn restored(backup: &mut Npz, state: &[Variable]) -> Result<(Place, Vec<Tensor>)> {
    let other = |what: String| {
        Error::format(format!(
            "the backup is of another training: {what}; delete it, or choose another folder"
        ))
    };
    let place = match backup.read(PLACE)?.to_vec::<u64>()?[..] {
        [epoch, step, pass, batch, seed] => {
            Place { epoch: epoch as usize, step: step as usize, pass, batch: batch as usize, seed }
        }
        ref other => {
            return Err(Error::format(format!("expected five numbers in {PLACE:?}, got {}", other.len())));
        }
    };
    let held = backup.names().iter().filter(|name| *name != PLACE && !name.starts_with(CALLBACK)).count();
    if held != state.len() {
        return Err(other(format!("it holds {held} variables, a step has {}", state.len())));
    }
    let value = |(i, v): (usize, &Variable)| {
        let array = backup.read(&i.to_string())?;
        if array.dtype != v.dtype() || array.shape != v.shape() {
            let (expected, got) = (Shape::from(v.shape()), Shape::from(&array.shape));
            return Err(other(format!(
                "variable {:?} is {} of shape {expected}, it holds {} of shape {got}",
                v.name(),
                v.dtype(),
                array.dtype
            )));
        }
        Tensor::from_bytes(&array.data, v.dtype(), v.shape())
    };
    let values = state.iter().enumerate().map(value).collect::<Result<_>>()?;
    Ok((place, values))
}

impl Callback for BackupAndRestore {
    fn on_train_begin(&mut self, cx: &CallbackCx) -> Result<()> {
        if self.save_freq == Some(0) {
            let message = "expected save_freq to be at least 1, got 0";
            return Err(Error::value(message).at("BackupAndRestore"));
        }
        self.restore(cx).at(|| "BackupAndRestore")
    }

    fn on_train_batch_end(&mut self, cx: &CallbackCx, batch: usize) -> Result<()> {
        match self.save_freq {
            Some(every) if self.counter.is_due(batch, every) => self.save(cx).at(|| "BackupAndRestore"),
            _ => Ok(()),
        }
    }

    fn on_epoch_end(&mut self, cx: &CallbackCx, _epoch: usize, _logs: &mut Logs) -> Result<()> {
        match self.save_freq {
            None => self.save(cx).at(|| "BackupAndRestore"),
            Some(_) => Ok(()),
        }
    }

    fn on_train_end(&mut self, _cx: &CallbackCx, _logs: &Logs) -> Result<()> {
        if self.delete_checkpoint {
            // The folder stays where it holds something else.
            let _ = std::fs::remove_file(self.path());
            let _ = std::fs::remove_dir(&self.folder);
        }
        Ok(())
    }

    fn comes_last(&self) -> bool {
        true
    }
}
