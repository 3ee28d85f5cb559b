//! Trees that are written are read back as they were: odd shapes, odd names, and many of them.

use rhyton_base::DType;
use rhyton_io::{Array, WeightsFile, WeightsWriter};

fn round_trip(out: WeightsWriter) -> WeightsFile {
    WeightsFile::from_bytes(out.finish().unwrap()).unwrap()
}

#[test]
fn every_type_and_rank() {
    let mut out = WeightsWriter::new();
    let shapes = [vec![], vec![0], vec![3], vec![2, 0, 2], vec![2, 3], vec![1, 2, 1, 3, 1]];
    let mut wanted = Vec::new();
    for dtype in DType::ALL {
        for shape in &shapes {
            let count: usize = shape.iter().product();
            let values: Vec<u8> = (0..count as u8).collect();
            let array = Array::from_slice(shape.clone(), &values).unwrap().cast(dtype).unwrap();
            let path = format!("{dtype}/vars/{}", wanted.len());
            out.dataset(&path, array.clone()).unwrap();
            wanted.push((path, array));
        }
    }
    let file = round_trip(out);
    assert_eq!(file.datasets().count(), wanted.len());
    for (path, array) in wanted {
        let info = file.info(&path).unwrap();
        assert_eq!((info.dtype, &info.shape), (array.dtype, &array.shape));
        assert_eq!(file.read(&path).unwrap(), array, "{path}");
    }
}

#[test]
fn thousands_of_datasets_in_one_group_and_in_many() {
    let mut out = WeightsWriter::new();
    for i in 0..1500 {
        out.dataset(&format!("one/vars/{i}"), Array::scalar(i)).unwrap();
        out.dataset(&format!("layers/dense_{i}/vars/0"), Array::scalar(i as f32)).unwrap();
        out.set_name(&format!("layers/dense_{i}/vars"), &format!("layer {i}")).unwrap();
        out.group(&format!("layers/dropout_{i}/vars")).unwrap();
    }
    let file = round_trip(out);
    assert_eq!(file.datasets().count(), 3000);
    assert_eq!(file.groups_in("layers").len(), 3000);
    assert_eq!(file.datasets_in("one/vars")[1499], "1499");
    for i in 0..1500 {
        assert_eq!(file.read(&format!("one/vars/{i}")).unwrap().to_vec::<i32>().unwrap(), [i]);
        assert_eq!(
            file.read(&format!("layers/dense_{i}/vars/0")).unwrap().to_vec::<f32>().unwrap(),
            [i as f32]
        );
        assert_eq!(file.name(&format!("layers/dense_{i}/vars")), Some(&*format!("layer {i}")));
        assert!(file.has_group(&format!("layers/dropout_{i}/vars")));
    }
}

#[test]
fn empty_trees_long_texts_and_same_bytes() {
    let file = round_trip(WeightsWriter::new());
    assert_eq!((file.groups().count(), file.datasets().count()), (1, 0));
    let make = || {
        let mut out = WeightsWriter::new();
        out.set_text("", "model_config", &"ä".repeat(200_000)).unwrap();
        out.set_name("a/b", "").unwrap();
        out.dataset("x", Array::from_slice([100_000], &[0.25f32; 100_000]).unwrap()).unwrap();
        out
    };
    let bytes = make().finish().unwrap();
    assert_eq!(bytes, make().finish().unwrap());
    let mut streamed = Vec::new();
    make().write(&mut streamed).unwrap();
    assert_eq!(bytes, streamed);
    let file = WeightsFile::from_bytes(bytes).unwrap();
    assert_eq!(file.text("", "model_config").unwrap().chars().count(), 200_000);
    assert_eq!(file.name("a/b"), Some(""));
    assert!(file.groups().eq(["", "a", "a/b"]));
}

#[test]
fn paths_that_cannot_be() {
    let x = || Array::scalar(1f32);
    let mut out = WeightsWriter::new();
    out.dataset("a/0", x()).unwrap();
    for path in ["", "/", "a", "a/0", "a/0/b", "b//c", "b/./c", "b/\0"] {
        let e = out.dataset(path, x()).unwrap_err().to_string();
        assert!(e.starts_with(&format!("dataset {path:?}: ")), "{e}");
    }
    assert!(out.group(&"g/".repeat(100)).is_err());
    assert!(out.set_name("a/0", "name").is_err());
    let broken = Array { dtype: DType::F32, shape: vec![3], data: vec![0; 4] };
    assert!(out.dataset("c", broken).is_err());
    let file = round_trip(out);
    assert_eq!(file.datasets().collect::<Vec<_>>(), ["a/0"]);
    assert!(file.read("a").unwrap_err().to_string().contains("this is a group"));
}

#[test]
fn saved_and_opened_by_path() {
    let path = std::env::temp_dir().join(format!("rhyton-{}.weights.h5", std::process::id()));
    let mut out = WeightsWriter::new();
    out.dataset("vars/0", Array::scalar(1u8)).unwrap();
    out.save(&path).unwrap();
    let file = WeightsFile::open(&path).unwrap();
    let e = file.read("vars/1").unwrap_err().to_string();
    assert!(e.contains(".weights.h5\": dataset \"vars/1\": no such dataset; "), "{e}");
    std::fs::write(&path, b"PK\x03\x04").unwrap();
    assert!(WeightsFile::open(&path).err().unwrap().to_string().contains("not an HDF5 file"));
    std::fs::remove_file(&path).unwrap();
}
