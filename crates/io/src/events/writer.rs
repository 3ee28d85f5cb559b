//! Event files as they grow.

use super::{Event, SourceMetadata, event::What, record::record};
use crate::files::{explain, shown};
use prost::Message;
use rhyton_base::{Context, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// What is written reaches the file this often, if nobody asks for it earlier.
const FLUSH: Duration = Duration::from_secs(120);

/// Appends events to a new file in a folder, `events.out.tfevents.SECONDS.HOST.PROCESS.NUMBER.v2`. What is left
/// reaches the file when the writer is dropped.
///
/// ```
/// use rhyton_io::events::{EventWriter, read_events};
/// # let folder = std::env::temp_dir().join(format!("rhyton-events-{}", std::process::id()));
/// let writer = EventWriter::create(&folder)?;
/// let path = writer.path().to_path_buf();
/// drop(writer);
/// assert_eq!(read_events(&std::fs::read(&path)?)?.len(), 1);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Debug)]
pub struct EventWriter {
    path: PathBuf,
    file: BufWriter<File>,
    flushed: Instant,
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |t| t.as_secs_f64())
}

/// The name of the machine, as far as it may stand in the name of a file.
fn host() -> String {
    let name =
        fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| std::env::var("HOSTNAME").ok());
    let name = name.unwrap_or_default();
    let safe: String =
        name.trim().chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    if safe.is_empty() { "localhost".to_string() } else { safe }
}

impl EventWriter {
    /// A new file; the folder is created where it is missing.
    ///
    /// # Errors
    /// Where the folder or the file cannot be written.
    pub fn create(folder: impl AsRef<Path>) -> Result<EventWriter> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let folder = folder.as_ref();
        let open = || -> Result<EventWriter> {
            fs::create_dir_all(folder).map_err(|e| explain(&e))?;
            let (process, number) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
            let name =
                format!("events.out.tfevents.{:010.0}.{}.{process}.{number}.v2", now().floor(), host());
            let path = folder.join(name);
            let file =
                OpenOptions::new().write(true).create_new(true).open(&path).map_err(|e| explain(&e))?;
            let mut writer = EventWriter { path, file: BufWriter::new(file), flushed: Instant::now() };
            let source_metadata = Some(SourceMetadata { writer: "rhyton".to_string() });
            let what = Some(What::FileVersion("brain.Event:2".to_string()));
            writer.append(&Event { wall_time: now().floor(), step: 0, source_metadata, what })?;
            writer.flush()?;
            Ok(writer)
        };
        open().at(|| shown(folder))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes an event of now.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&mut self, step: i64, what: What) -> Result<()> {
        self.append(&Event { wall_time: now(), step, source_metadata: None, what: Some(what) })?;
        if self.flushed.elapsed() >= FLUSH { self.flush() } else { Ok(()) }
    }

    fn append(&mut self, event: &Event) -> Result<()> {
        let data = record(&event.encode_to_vec());
        self.file.write_all(&data).map_err(|e| explain(&e)).at(|| shown(&self.path))
    }

    /// Makes what was written reach the file.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        self.flushed = Instant::now();
        self.file.flush().map_err(|e| explain(&e)).at(|| shown(&self.path))
    }
}
