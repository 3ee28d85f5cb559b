//! Files of TensorBoard's embedding projector: `projector_config.pbtxt`, and tables with tabs between columns.

use rhyton_base::{Context, Error, Result, Shape};
use rhyton_io::write_atomic;
use rhyton_tensor::Tensor;
use std::fmt::Write;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// One embedding of a configuration.
#[derive(Clone, Debug)]
pub(crate) struct Embedding {
    /// What it is called.
    pub tensor_name: String,
    /// Its table, seen from the folder of the configuration.
    pub tensor_path: String,
    /// The names of its rows.
    pub metadata_path: Option<String>,
}

/// Points in many dimensions for TensorBoard's projector: word vectors, the outputs of a layer.
///
/// ```
/// use rhyton_model::tensorboard::Projector;
/// use rhyton_tensor::Tensor;
/// # let logs = std::env::temp_dir().join(format!("rhyton-projector-{}", std::process::id()));
/// let vectors = Tensor::from([[0.1f32, 0.2, 0.3], [0.1, 0.2, 0.4], [0.9, -0.5, 0.0]]);
/// Projector::new(&logs).embedding("words", &vectors, Some(&["good", "great", "bad"]))?;
/// let config = std::fs::read_to_string(logs.join("projector_config.pbtxt"))?;
/// assert!(config.contains("tensor_path: \"words.tsv\""));
/// # std::fs::remove_dir_all(&logs)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Projector {
    folder: PathBuf,
    embeddings: Vec<Embedding>,
}

impl Projector {
    /// Files go to this folder, that of a run.
    pub fn new(folder: impl AsRef<Path>) -> Projector {
        Projector { folder: folder.as_ref().to_path_buf(), embeddings: Vec::new() }
    }

    /// Writes the rows of a matrix, and what each is called.
    ///
    /// # Errors
    /// Where it is no matrix, the names are not as many as its rows, or files cannot be written.
    pub fn embedding(
        &mut self,
        name: &str,
        rows: &Tensor,
        labels: Option<&[&str]>,
    ) -> Result<&mut Projector> {
        let mut write = || -> Result<()> {
            std::fs::create_dir_all(&self.folder)?;
            let stem: String = name
                .chars()
                .map(|c| if c.is_alphanumeric() || "_.-".contains(c) { c } else { '_' })
                .collect();
            let tensor_path = format!("{stem}.tsv");
            write_tensor(&self.folder.join(&tensor_path), rows)?;
            let metadata_path = labels.map(|_| format!("{stem}-labels.tsv"));
            if let (Some(labels), Some(path)) = (labels, &metadata_path) {
                let count = rows.shape()[0];
                if labels.len() != count {
                    let fact = format!("expected a label for each of {count} rows, got {}", labels.len());
                    return Err(Error::value(fact));
                }
                let lines =
                    labels.iter().map(|l| l.replace(['\t', '\n', '\r'], " ") + "\n").collect::<String>();
                write_atomic(self.folder.join(path), |out| Ok(out.write_all(lines.as_bytes())?))?;
            }
            self.embeddings.retain(|e| e.tensor_name != name);
            self.embeddings.push(Embedding { tensor_name: name.to_string(), tensor_path, metadata_path });
            write_config(&self.folder, &self.embeddings)
        };
        write().at(|| format!("Projector: {name:?}"))?;
        Ok(self)
    }
}

/// The configuration in protocol buffers' text form.
pub(crate) fn write_config(folder: &Path, embeddings: &[Embedding]) -> Result<()> {
    let mut text = String::new();
    for e in embeddings {
        let _ = writeln!(text, "embeddings {{\n  tensor_name: {}", quoted(&e.tensor_name));
        let _ = writeln!(text, "  tensor_path: {}", quoted(&e.tensor_path));
        if let Some(path) = &e.metadata_path {
            let _ = writeln!(text, "  metadata_path: {}", quoted(path));
        }
        text.push_str("}\n");
    }
    write_atomic(folder.join("projector_config.pbtxt"), |out| Ok(out.write_all(text.as_bytes())?))
}

/// A matrix, a row a line.
pub(crate) fn write_tensor(path: &Path, rows: &Tensor) -> Result<()> {
    let &[_, width] = rows.shape() else {
        return Err(Error::shape(format!(
            "expected a matrix of rows, got shape {}",
            Shape::from(rows.shape())
        )));
    };
    let values = rows.to_f64s()?;
    write_atomic(path, |out| {
        for row in values.chunks_exact(width.max(1)) {
            // As short as a float32 can be written.
            let line: Vec<String> = row.iter().map(|v| (*v as f32).to_string()).collect();
            writeln!(out, "{}", line.join("\t"))?;
        }
        Ok(())
    })
}

/// Text as protocol buffers' text form quotes it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(out, "\\{:03o}", c as u32);
            }
            c => out.push(c),
        }
    }
    out + "\""
}
