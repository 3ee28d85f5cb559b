//! `CSVLogger`.

use super::numbers::shortest;
use super::{Callback, CallbackCx};
use crate::training::Logs;
use rhyton_base::{Context, Error, Result};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// Writes the numbers of each epoch to a file: a line of names, then a line an epoch.
///
/// The columns are `epoch` (from 0) and the names of the first epoch's logs, sorted; what an epoch does not have is
/// `NA`. Where the first epoch was not validated, there are columns for validation too. Each line is on disk when its
/// epoch has ended. Lines end with `\r\n` as in RFC 4180.
///
/// | option | default |
/// |---|---|
/// | `separator` | `','` |
/// | `append` | false: a file that exists is written anew; where true, the line of names is left out of it |
///
/// # Errors
/// `fit` fails where the file cannot be written.
///
/// Source: `keras/src/callbacks/csv_logger.py`.
///
/// ```
/// use rhyton_model::{CSVLogger, Fit, Sequential};
/// # use rhyton_nn::layers::Dense;
/// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
/// # let mut model = Sequential::from([Dense::new(2)]);
/// # let path = std::env::temp_dir().join(format!("rhyton-csv-{}.csv", std::process::id()));
/// model.compile("sgd", "mse", ["mae"])?;
/// model.fit(&x, &x, Fit::epochs(2).verbose(0).callback(CSVLogger::new(&path)))?;
/// let text = std::fs::read_to_string(&path)?;
/// assert_eq!(text.lines().next(), Some("epoch,loss,mae,val_loss,val_mae"));
/// assert_eq!(text.lines().count(), 3);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Debug)]
pub struct CSVLogger {
    path: PathBuf,
    separator: char,
    append: bool,
    file: Option<File>,
    /// Whether the line of names is still to be written.
    untitled: bool,
    keys: Option<Vec<String>>,
}

impl CSVLogger {
    /// Writes to this file.
    pub fn new(path: impl AsRef<Path>) -> CSVLogger {
        let path = path.as_ref().to_path_buf();
        CSVLogger { path, separator: ',', append: false, file: None, untitled: true, keys: None }
    }

    /// What stands between two columns.
    #[must_use]
    pub fn separator(self, separator: char) -> CSVLogger {
        CSVLogger { separator, ..self }
    }

    /// Whether lines are added to a file that exists.
    #[must_use]
    pub fn append(self, append: bool) -> CSVLogger {
        CSVLogger { append, ..self }
    }

    fn open(&mut self) -> Result<()> {
        self.untitled = true;
        if self.append && self.path.exists() {
            let mut first = String::new();
            BufReader::new(File::open(&self.path)?).read_line(&mut first)?;
            self.untitled = first.is_empty();
        }
        let mut how = OpenOptions::new();
        how.create(true);
        match self.append {
            true => how.append(true),
            false => how.write(true).truncate(true),
        };
        self.file = Some(how.open(&self.path)?);
        self.keys = None;
        Ok(())
    }

    /// A text as a column: in quotes where it would be read wrongly without.
    fn quoted(&self, text: &str) -> String {
        match text.contains([self.separator, '"', '\r', '\n']) {
            true => format!("\"{}\"", text.replace('"', "\"\"")),
            false => text.to_string(),
        }
    }

    fn line(&self, columns: impl Iterator<Item = String>) -> String {
        let columns: Vec<String> = columns.map(|c| self.quoted(&c)).collect();
        columns.join(&self.separator.to_string()) + "\r\n"
    }

    fn write(&mut self, epoch: usize, logs: &Logs) -> Result<()> {
        let keys = self.keys.take().unwrap_or_else(|| columns(logs));
        let mut text = String::new();
        if std::mem::take(&mut self.untitled) {
            text += &self.line(std::iter::once("epoch".to_string()).chain(keys.iter().cloned()));
        }
        let value = |key: &String| logs.get(key).map_or("NA".to_string(), shortest);
        text += &self.line(std::iter::once(epoch.to_string()).chain(keys.iter().map(value)));
        self.keys = Some(keys);
        match &mut self.file {
            Some(file) => Ok(file.write_all(text.as_bytes())?),
            None => Ok(()),
        }
    }

    fn who(&self) -> String {
        format!("CSVLogger: {:?}", self.path.display().to_string())
    }
}

/// The names of logs, sorted, and those of validation where there are none of it.
fn columns(logs: &Logs) -> Vec<String> {
    let mut keys: Vec<String> = logs.iter().map(|(name, _)| name.to_string()).collect();
    keys.sort();
    if !keys.iter().any(|key| key.starts_with("val_")) {
        keys.extend(keys.clone().iter().map(|key| format!("val_{key}")));
    }
    keys
}

impl Callback for CSVLogger {
    fn on_train_begin(&mut self, _cx: &CallbackCx) -> Result<()> {
        if ['"', '\r', '\n'].contains(&self.separator) {
            let message =
                format!("expected another separator than {:?}; use a comma or a tab", self.separator);
            return Err(Error::value(message).at("CSVLogger"));
        }
        self.open().at(|| self.who())
    }

    fn on_epoch_end(&mut self, _cx: &CallbackCx, epoch: usize, logs: &mut Logs) -> Result<()> {
        self.write(epoch, logs).at(|| self.who())
    }

    fn on_train_end(&mut self, _cx: &CallbackCx, _logs: &Logs) -> Result<()> {
        self.file = None;
        Ok(())
    }
}
