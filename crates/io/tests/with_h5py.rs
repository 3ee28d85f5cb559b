//! h5py, NumPy and (if it is there) Keras open what this crate writes. Runs where `RHYTON_PYTHON` names a Python
//! that has them.

use rhyton_base::{DType, Result};
use rhyton_io::{Array, Compression, KerasArchive, WeightsWriter, npy, write_npz};
use std::path::Path;
use std::process::Command;

const SHAPES: [&[usize]; 5] = [&[], &[0], &[3], &[2, 3], &[2, 0, 2]];

fn count(shape: &[usize], dtype: DType) -> Result<Array> {
    let step = if dtype.is_float() { 0.5 } else { 1.0 };
    let n: usize = shape.iter().product();
    Array::from_slice(shape, &(0..n).map(|i| i as f64 * step).collect::<Vec<_>>())?.cast(dtype)
}

fn kinds() -> impl Iterator<Item = DType> {
    DType::ALL.into_iter().filter(|d| *d != DType::BF16)
}

fn write_all(folder: &Path) -> Result<()> {
    let mut tree = WeightsWriter::new();
    let mut arrays = Vec::new();
    for dtype in kinds() {
        for (i, shape) in SHAPES.iter().enumerate() {
            tree.dataset(&format!("types/{dtype}/vars/{i}"), count(shape, dtype)?)?;
            arrays.push((format!("{dtype}_{i}"), count(shape, dtype)?));
        }
        tree.set_name(&format!("types/{dtype}/vars"), &format!("schön {dtype}"))?;
    }
    tree.dataset("brain/vars/0", count(&[2, 3], DType::BF16)?)?;
    for i in 0..1500 {
        tree.dataset(&format!("many/vars/{i}"), Array::scalar(i))?;
    }
    tree.group("empty/vars")?;
    tree.set_text("", "config", &"k".repeat(100_000))?;
    tree.save(folder.join("tree.h5"))?;
    let arrays: Vec<(&str, &Array)> = arrays.iter().map(|(name, array)| (name.as_str(), array)).collect();
    write_npz(folder.join("arrays.npz"), &arrays, Compression::Deflated)?;
    npy::save(folder.join("one.npy"), &count(&[2, 3], DType::F32)?)?;

    let mut weights = WeightsWriter::new();
    weights.dataset("layers/dense/vars/0", count(&[4, 3], DType::F32)?)?;
    weights.dataset("layers/dense/vars/1", count(&[3], DType::F32)?)?;
    weights.set_name("layers/dense/vars", "hidden")?;
    weights.set_name("vars", "small")?;
    let config = r#"{"module": "keras", "class_name": "Sequential", "registered_name": null, "config": {"name": "small",
        "layers": [
            {"module": "keras.layers", "class_name": "InputLayer", "registered_name": null,
             "config": {"batch_shape": [null, 4], "dtype": "float32", "name": "in"}},
            {"module": "keras.layers", "class_name": "Dense", "registered_name": null,
             "config": {"name": "hidden", "units": 3}}]}}"#;
    let archive = KerasArchive {
        config: config.to_string(),
        metadata: Some("{}".to_string()),
        weights: Some(weights.finish()?),
        assets: vec![("lookup/vocabulary.txt".to_string(), b"a\nb\n".to_vec())],
    };
    archive.save(folder.join("model.keras"))
}

#[test]
fn python_reads_what_we_write() {
    let Some(python) = std::env::var_os("RHYTON_PYTHON") else {
        println!("skipped: RHYTON_PYTHON does not name a Python with numpy and h5py");
        return;
    };
    let folder = std::env::temp_dir().join(format!("rhyton-h5py-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    write_all(&folder).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check_with_h5py.py");
    let output = Command::new(python).arg(script).arg(&folder).output().unwrap();
    println!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_dir_all(&folder).unwrap();
}
