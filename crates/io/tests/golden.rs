//! Files that NumPy, h5py and Keras wrote (`golden/make_golden.py`) are read as they were meant.

use rhyton_base::{DType, DType::*, ErrorKind};
use rhyton_io::{Array, KerasArchive, Npz, WeightsFile, idx, npy};
use std::path::PathBuf;

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// What the generating script calls `count`: 0, 1, 2, ..., halved where it is a float.
#[track_caller]
fn check(array: &Array, dtype: DType, shape: &[usize]) {
    assert_eq!((array.dtype, &array.shape[..]), (dtype, shape));
    let step = if dtype.is_float() { 0.5 } else { 1.0 };
    let wanted: Vec<f64> = (0..array.count().unwrap()).map(|i| i as f64 * step).collect();
    assert_eq!(array.cast(F64).unwrap().to_vec::<f64>().unwrap(), wanted);
}

fn kinds() -> [(&'static str, DType); 11] {
    [
        ("f2", F16),
        ("f4", F32),
        ("f8", F64),
        ("i1", I8),
        ("i2", I16),
        ("i4", I32),
        ("i8", I64),
        ("u1", U8),
        ("u2", U16),
        ("u4", U32),
        ("u8", U64),
    ]
}

#[test]
fn npy_of_numpy() {
    for (kind, dtype) in kinds() {
        check(&npy::load(golden(&format!("npy_{kind}.npy"))).unwrap(), dtype, &[2, 3]);
    }
    for (name, dtype, shape) in [
        ("big_f8", F64, &[2, 3][..]),
        ("big_u2", U16, &[2, 3]),
        ("fortran", I32, &[2, 3, 4]),
        ("scalar", F32, &[]),
        ("empty", F32, &[0, 3]),
        ("v2", F32, &[2, 3]),
        ("v3", F32, &[2, 3]),
    ] {
        check(&npy::load(golden(&format!("npy_{name}.npy"))).unwrap(), dtype, shape);
    }
    let b = npy::load(golden("npy_b1.npy")).unwrap();
    assert_eq!(b.to_vec::<bool>().unwrap(), [false, true, false, true, false, true]);
}

#[test]
fn npy_without_numbers() {
    for (name, word) in
        [("object", "objects"), ("text", "strings"), ("complex", "complex"), ("record", "structured")]
    {
        let e = npy::load(golden(&format!("npy_{name}.npy"))).unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Unsupported);
        let e = e.to_string();
        assert!(e.contains(word) && e.contains(".npy\": npy header: "), "{e}");
    }
}

/// Our bytes are those of NumPy up to the padding of the header.
#[test]
fn npy_as_numpy_writes_it() {
    for (kind, _) in kinds() {
        let theirs = std::fs::read(golden(&format!("npy_{kind}.npy"))).unwrap();
        assert_eq!(npy::to_bytes(&npy::from_bytes(&theirs).unwrap()).unwrap(), theirs, "{kind}");
    }
}

#[test]
fn npz_of_numpy() {
    for (name, shape) in [("stored.npz", [2, 3]), ("deflated.npz", [50, 40])] {
        let mut npz = Npz::open(golden(name)).unwrap();
        assert_eq!(npz.names(), ["x", "y"]);
        check(&npz.read("x").unwrap(), F32, &shape);
        check(&npz.read("y").unwrap(), I64, &[4]);
        assert_eq!(npz.read_all().unwrap().len(), 2);
    }
}

#[test]
fn idx_plain_and_gzipped() {
    for name in ["images.idx", "images.idx.gz"] {
        check(&idx::load(golden(name)).unwrap(), U8, &[2, 3, 4]);
    }
}

#[test]
fn trees_of_h5py_old_and_new() {
    for name in ["tree_v0.h5", "tree_v110.h5"] {
        let file = WeightsFile::open(golden(name)).unwrap();
        let many: Vec<String> = (0..12).map(|i| i.to_string()).collect();
        assert_eq!(file.datasets_in("many/vars"), many);
        for i in 0..12 {
            check(&file.read(&format!("/many/vars/{i}")).unwrap(), F32, &[i]);
        }
        assert_eq!(file.name("many/vars"), Some("Zwölf"));
        assert!(file.has_group("empty/vars") && file.datasets_in("empty/vars").is_empty());
        for (kind, dtype) in kinds() {
            check(&file.read(&format!("types/{kind}")).unwrap(), dtype, &[2, 3]);
        }
        check(&file.read("types/big_f4").unwrap(), F32, &[2, 3]);
        check(&file.read("types/big_i8").unwrap(), I64, &[2, 3]);
        check(&file.read("types/bfloat16").unwrap(), BF16, &[2, 3]);
        let b = file.read("types/bool").unwrap();
        assert_eq!(b.to_vec::<bool>().unwrap(), [false, true, false, true, false, true]);
        check(&file.read("scalar").unwrap(), I32, &[]);
        check(&file.read("never").unwrap(), F32, &[0, 3]);
        check(&file.read("packed").unwrap(), F32, &[40, 30]);
        check(&file.read("checked").unwrap(), F32, &[40]);
        assert_eq!(file.read("unwritten").unwrap().to_vec::<f32>().unwrap(), [7.0; 4]);
        assert_eq!(file.texts("types", "layer_names").unwrap(), ["first", "second"]);
        assert_eq!(file.text("types", "config").unwrap().len(), 500);
        assert_eq!(file.text("types", "number"), None);
        let e = file.read("words").unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Unsupported, "{e}");
        let e = file.read("scalr").unwrap_err().to_string();
        assert!(e.ends_with("dataset \"scalr\": no such dataset; did you mean \"scalar\"?"), "{e}");
    }
}

/// One dataset in a layout of a newer HDF5 does not hide the others.
#[test]
fn the_newest_layout() {
    let file = WeightsFile::open(golden("latest.h5")).unwrap();
    check(&file.read("a").unwrap(), F32, &[2, 3]);
    assert_eq!(file.read("packed").unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn nothing_outside_the_file_is_followed() {
    for name in ["soft.h5", "soft_latest.h5", "outside.h5"] {
        match WeightsFile::open(golden(name)) {
            Err(e) => assert_eq!(e.kind(), ErrorKind::Format, "{name}: {e}"),
            Ok(file) => assert!(!file.has_dataset("link") && file.read("a").is_ok(), "{name}"),
        }
    }
    for name in ["outside_data.h5", "virtual.h5", "cycle.h5"] {
        let e = WeightsFile::open(golden(name)).and_then(|f| f.read("a")).unwrap_err().to_string();
        assert!(e.contains("external files") || e.contains("other files") || e.contains("deeper"), "{e}");
    }
}

#[test]
fn models_of_keras() {
    let archive = KerasArchive::load(golden("model.keras")).unwrap();
    assert!(archive.config.contains("\"class_name\": \"Sequential\""));
    assert!(archive.metadata.as_ref().unwrap().contains("keras_version"));
    assert!(archive.assets.is_empty());
    let inside = WeightsFile::from_bytes(archive.weights().unwrap()).unwrap();
    let beside = WeightsFile::open(golden("model.weights.h5")).unwrap();
    for file in [inside, beside] {
        assert_eq!(file.name("layers/dense/vars"), Some("hidden"));
        assert_eq!(file.name("layers/dense_1/vars"), Some("dense"));
        assert_eq!(file.name("layers/dropout/vars"), Some("dropout"));
        assert_eq!(file.name("/vars"), Some("seq"));
        assert_eq!(file.groups_in("layers"), ["dense", "dense_1", "dropout"]);
        check(&file.read("layers/dense/vars/0").unwrap(), F32, &[4, 3]);
        check(&file.read("layers/dense/vars/1").unwrap(), F32, &[3]);
        check(&file.read("layers/dense_1/vars/0").unwrap(), F32, &[3, 2]);
        check(&file.read("optimizer/vars/0").unwrap(), I32, &[]);
        assert_eq!(file.datasets_in("optimizer/vars").len(), 6);
    }
    let unbuilt = KerasArchive::load(golden("unbuilt.keras")).unwrap();
    let file = WeightsFile::from_bytes(unbuilt.weights().unwrap()).unwrap();
    assert_eq!(file.datasets().count(), 0);
    let half = WeightsFile::open(golden("bfloat16.weights.h5")).unwrap();
    check(&half.read_as("layers/dense/vars/0", F32).unwrap(), F32, &[2, 2]);
}

#[test]
fn an_old_whole_model_of_keras() {
    let file = WeightsFile::open(golden("legacy.h5")).unwrap();
    assert!(file.text("", "model_config").unwrap().contains("Sequential"));
    assert!(file.text("/", "keras_version").is_some());
    let layers = file.texts("model_weights", "layer_names").unwrap();
    assert_eq!(layers, ["hidden", "dropout", "dense"]);
    let weights = file.texts("model_weights/hidden", "weight_names").unwrap();
    check(&file.read(&format!("model_weights/hidden/{}", weights[0])).unwrap(), F32, &[4, 3]);
    assert_eq!(file.texts("model_weights/dropout", "weight_names").unwrap().len(), 0);
}

/// Writing what was read gives the same content, through another reader's eyes: our own.
#[test]
fn keras_archives_survive() {
    let archive = KerasArchive::load(golden("model.keras")).unwrap();
    let again = KerasArchive::from_bytes(&archive.to_bytes().unwrap()).unwrap();
    assert_eq!(archive, again);
}
