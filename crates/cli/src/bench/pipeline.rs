//! Training from files that may be larger than memory: how busy the cores are, and how much memory it takes.

use super::{Cx, Measured, clock, training};
use rhyton::data::{AUTOTUNE, DirectoryOptions};
use rhyton::layers::{Conv2D, MaxPooling2D, Rescaling};
use rhyton::prelude::*;
use rhyton::random::Generator;
use rhyton::utils::image_dataset_from_directory;
use rhyton::{Context, io};
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Pixels and classes of the arrays.
const PIXELS: usize = 784;
const CLASSES: usize = 10;
/// Rows of a file of arrays: 25 MB.
const ROWS: usize = 8000;
/// Height and width of the pictures in files.
const SIDE: usize = 160;
/// Batches read alone, and trained on from memory.
const SOME: usize = 100;

/// The network of W1 from `.npy` files of `float32`s.
pub fn npy(cx: &Cx) -> Result<Vec<Measured>> {
    with_files(cx, "npy", write_arrays, train_on_arrays)
}

/// A small convolutional network from folders of PNG files.
pub fn png(cx: &Cx) -> Result<Vec<Measured>> {
    with_files(cx, "png", write_pictures, train_on_pictures)
}

/// Writes files where there are none, and trains on them. They stay where a folder was named for them.
fn with_files(
    cx: &Cx,
    kind: &str,
    write: fn(&Path, usize) -> Result<()>,
    train: fn(&Path, Files) -> Result<Measured>,
) -> Result<Vec<Measured>> {
    let temporary = match cx.folder {
        Some(_) => None,
        None => Some(Folder::new()?),
    };
    let folder =
        cx.folder.as_ref().or(temporary.as_ref().map(|f| &f.0)).map(|f| f.join(kind)).unwrap_or_default();
    let who = || folder.display().to_string();
    if !folder.exists() {
        std::fs::create_dir_all(&folder).at(who)?;
        write(&folder, cx.megabytes * 1_000_000).at(who)?;
    }
    let mut files = Files::default();
    files.forget(&folder).at(who)?;
    train(&folder, files).map(|m| vec![m])
}

/// Files that are there.
#[derive(Default)]
struct Files {
    count: usize,
    bytes: u64,
}

impl Files {
    /// Counts the files of a folder, and has the system forget what it holds of them in memory.
    fn forget(&mut self, folder: &Path) -> Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.forget(&path)?;
                continue;
            }
            let file = File::open(&path)?;
            self.count += 1;
            self.bytes += file.metadata()?.len();
            #[cfg(target_os = "linux")]
            rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)
                .map_err(std::io::Error::from)?;
        }
        Ok(())
    }
}

/// A folder that goes when this does.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Folder> {
        let path = std::env::temp_dir().join(format!("rhyton-pipeline-{}", std::process::id()));
        std::fs::create_dir_all(&path).at(|| path.display().to_string())?;
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Writes a file to the disk.
fn put(path: &Path, content: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    content(&mut file)?;
    Ok(file.into_inner().map_err(|e| e.into_error())?.sync_data()?)
}

fn write_arrays(folder: &Path, bytes: usize) -> Result<()> {
    let mut random = Generator::new(1);
    // What is bright tells the class; the rest is noise.
    let mut row = |class: usize| -> Vec<f32> {
        let pixel = |i: usize| if i % CLASSES == class { 0.3 } else { 0.0 } + 0.7 * random.uniform() as f32;
        (0..PIXELS).map(pixel).collect()
    };
    for file in 0..bytes.div_ceil(ROWS * PIXELS * 4).max(1) {
        let labels: Vec<i32> = (0..ROWS).map(|i| ((i * 7 + file) % CLASSES) as i32).collect();
        let x: Vec<f32> = labels.iter().flat_map(|&class| row(class as usize)).collect();
        let x = io::Array::from_slice([ROWS, PIXELS], &x)?;
        put(&folder.join(format!("x{file}.npy")), |to| io::npy::write(to, &x))?;
        let y = io::Array::from_slice([ROWS], &labels)?;
        put(&folder.join(format!("y{file}.npy")), |to| io::npy::write(to, &y))?;
    }
    Ok(())
}

/// Files in mixed order, four read at a time, their rows mixed by a buffer.
fn train_on_arrays(folder: &Path, files: Files) -> Result<Measured> {
    let count = files.count / 2;
    let folder = folder.to_path_buf();
    let open = move |file: Tensor| {
        let file = file.item::<i64>()?;
        Dataset::from_npy(&["x", "y"].map(|part| folder.join(format!("{part}{file}.npy"))))
    };
    let dataset = Dataset::range(count)
        .shuffle(count, 1)
        .interleave(open, 4, 16)
        .assert_cardinality(count * ROWS)
        .shuffle(10_000, 2)
        .batch(128)
        .prefetch(AUTOTUNE);
    train("npy", &mut training::digits_model()?, &dataset, count * ROWS, files)
}

fn write_pictures(folder: &Path, bytes: usize) -> Result<()> {
    let mut random = Generator::new(2);
    let (mut count, mut written) = (0, 0);
    while written < bytes || count < CLASSES {
        let class = count % CLASSES;
        let (period, noise) = (8 + 3 * class, random.uniform() as f32);
        // Waves whose length tells the class, with some noise.
        let value = |i: usize| {
            let (y, x) = (i / 3 / SIDE, i / 3 % SIDE);
            let wave = ((x * (1 + i % 3) + y) % period) as f32 / period as f32;
            (wave * 200.0 + (random.uniform() as f32 + noise) * 25.0) as u8
        };
        let png = io::encode_png(SIDE, SIDE, 3, &(0..SIDE * SIDE * 3).map(value).collect::<Vec<u8>>())?;
        let class = folder.join(format!("class-{class}"));
        std::fs::create_dir_all(&class)?;
        std::fs::write(class.join(format!("{count}.png")), &png)?;
        (count, written) = (count + 1, written + png.len());
    }
    Ok(())
}

/// Pictures decoded and made smaller by all threads.
fn train_on_pictures(folder: &Path, files: Files) -> Result<Measured> {
    let options = DirectoryOptions::new().image_size([64, 64]).batch_size(32).seed(1).verbose(false);
    let dataset = image_dataset_from_directory(folder, options)?;
    let mut model = Sequential::from([
        AnyLayer::from(Rescaling::new(1.0 / 255.0)),
        Conv2D::new(16, 3).activation("relu").into(),
        MaxPooling2D::new(2).into(),
        Conv2D::new(32, 3).activation("relu").into(),
        MaxPooling2D::new(4).into(),
        Flatten::new().into(),
        Dense::new(CLASSES).activation("softmax").into(),
    ]);
    model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])?;
    train("png", &mut model, dataset.dataset(), files.count, files)
}

/// An epoch; then some batches read without training, and trained on from memory.
fn train(
    workload: &'static str,
    model: &mut Model,
    data: &Dataset,
    samples: usize,
    files: Files,
) -> Result<Measured> {
    // What is made once for all.
    model.fit(data.take(1), (), Fit::epochs(1).verbose(0))?;
    let (start, cpu) = (Instant::now(), clock::all_cpu_seconds());
    let history = model.fit(data, (), Fit::epochs(1).verbose(0))?;
    let (wall, cpu) = (start.elapsed().as_secs_f64(), clock::all_cpu_seconds() - cpu);
    let (busy, peak) = (cpu / (wall * rhyton::threads() as f64), clock::peak_rss_mib());

    let start = Instant::now();
    let some = data.take(SOME).iter().collect::<Result<Vec<_>>>()?;
    let read = start.elapsed().as_secs_f64();
    let rows: usize = some.iter().map(|batch| batch[0].shape()[0]).sum();
    let memory = Dataset::from_generator(move || some.clone());
    let start = Instant::now();
    model.fit(memory, (), Fit::epochs(1).verbose(0))?;
    let trained = start.elapsed().as_secs_f64();

    let (gigabytes, accuracy) = (files.bytes as f64 * 1e-9, history["accuracy"][0]);
    let rates = [samples as f64 / wall, rows as f64 / read, rows as f64 / trained];
    Ok(Measured {
        workload,
        metric: "s_per_epoch",
        wall: vec![wall],
        cpu: vec![cpu],
        more: json!({
            "samples": samples, "files": files.count, "gigabytes": gigabytes, "busy": busy, "accuracy": accuracy,
            "peak_rss_mib": peak, "samples_per_s": rates[0], "read_per_s": rates[1], "memory_samples_per_s": rates[2],
        }),
        lines: vec![
            format!("{gigabytes:.3} GB in {} files; accuracy {accuracy:.4}", files.count),
            format!("cores busy {:.1} percent; peak memory {peak:.0} MiB", busy * 100.0),
            format!(
                "samples a second: {:.0}; read alone {:.0}; trained on from memory {:.0}",
                rates[0], rates[1], rates[2]
            ),
        ],
        ..Measured::default()
    })
}
