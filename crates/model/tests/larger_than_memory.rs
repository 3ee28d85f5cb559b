//! Training from files that are larger than the memory that may be used.

use rhyton_data::{AUTOTUNE, Dataset};
use rhyton_io::{Array, npy};
use rhyton_model::{Fit, Sequential};
use rhyton_nn::layers::{Dense, Input};
use rhyton_tensor::Tensor;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

const WIDTH: usize = 1024;
const CLASSES: usize = 10;

/// Writes an array whose rows come from a function.
fn write(path: &Path, rows: usize, shape: &str, descr: &str, row: impl Fn(usize, &mut Vec<u8>)) {
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(path).unwrap());
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let header = format!("{header:<117}\n");
    out.write_all(b"\x93NUMPY\x01\x00").unwrap();
    out.write_all(&(header.len() as u16).to_le_bytes()).unwrap();
    out.write_all(header.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    for i in 0..rows {
        bytes.clear();
        row(i, &mut bytes);
        out.write_all(&bytes).unwrap();
    }
    out.flush().unwrap();
}

/// Peak memory of this process, in kB.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The peak of memory in kB while one epoch is trained on five files of which each has a fifth of so many bytes, read as one shuffled set.
fn train(bytes: usize) -> usize {
    let folder = Folder(std::env::temp_dir().join(format!("rhyton-large-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0).unwrap();
    let rows = bytes / 5 / (WIDTH * 4);
    let file = |kind: &str, i: usize| folder.0.join(format!("{kind}-{i}.npy"));
    for i in 0..5 {
        write(&file("x", i), rows, &format!("({rows}, {WIDTH})"), "<f4", |row, out| {
            // The class shows in every tenth number.
            let class = row % CLASSES;
            let number = |j: usize| {
                let noise = (row.wrapping_mul(31).wrapping_add(j.wrapping_mul(17)) % 101) as f32 / 101.0;
                if j % CLASSES == class { noise + 1.0 } else { noise }
            };
            out.extend((0..WIDTH).flat_map(|j| number(j).to_le_bytes()));
        });
        write(&file("y", i), rows, &format!("({rows},)"), "<i4", |row, out| {
            out.extend(((row % CLASSES) as i32).to_le_bytes());
        });
    }
    let paths = folder.0.clone();
    let dataset = Dataset::range(5)
        .shuffle(5, 1)
        .flat_map(move |i: Tensor| {
            let i = i.item::<i64>()?;
            let file = |kind: &str| paths.join(format!("{kind}-{i}.npy"));
            Ok(Dataset::from_npy(&[file("x"), file("y")])?.shuffle(rows, 2).batch(256))
        })
        .prefetch(AUTOTUNE);
    let mut model = Sequential::from((
        Input::new([WIDTH]),
        Dense::new(512).activation("relu"),
        Dense::new(CLASSES).activation("softmax"),
    ));
    model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"]).unwrap();
    let history = model.fit(&dataset, (), Fit::epochs(1).verbose(0)).unwrap();
    assert!(history["accuracy"][0] > 0.9);
    // What was written can be read as a whole, too.
    let y: Array = npy::load(file("y", 0)).unwrap();
    assert_eq!(y.shape, [rows]);
    peak()
}

/// A scaled-down run: 160 MB with far less memory than that.
#[test]
fn a_small_one() {
    let before = peak();
    let peak = train(160 << 20);
    assert!(peak.saturating_sub(before) < 100 << 10, "{before} kB before, {peak} kB at most");
}
