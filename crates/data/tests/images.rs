//! Folders of images against Keras (golden/pipelines.py), and what damage does.

use rhyton_data::{ColorMode, DirectoryOptions, image_dataset_from_directory, image_datasets_from_directory};
use rhyton_io::Npz;
use rhyton_tensor::ops::image::Interpolation;
use rhyton_tensor::{DType, Tensor};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn numbers(npz: &mut Npz, name: &str) -> (Vec<usize>, DType, Vec<f64>) {
    let array = npz.read(name).unwrap();
    let x = Tensor::from_bytes(&array.data, array.dtype, &array.shape).unwrap();
    (array.shape, array.dtype, x.to_f64s().unwrap())
}

/// How far apart two lists are at most, and where.
fn furthest(got: &[f64], expected: &[f64]) -> (f64, usize) {
    let far = got.iter().zip(expected).map(|(a, b)| (a - b).abs()).enumerate();
    far.fold((0.0, 0), |most, (i, d)| if d > most.0 { (d, i) } else { most })
}

#[test]
fn as_keras_reads_them() {
    let cases: Value = serde_json::from_slice(&std::fs::read(golden("images.json")).unwrap()).unwrap();
    let mut npz = Npz::open(golden("images.npz")).unwrap();
    let mut wrong = Vec::new();
    for case in cases.as_array().unwrap() {
        let (name, o) = (case["name"].as_str().unwrap(), &case["options"]);
        let size = |i: usize| o["image_size"][i].as_u64().unwrap() as usize;
        let mut options = DirectoryOptions::new()
            .shuffle(false)
            .verbose(false)
            .batch_size(5)
            .image_size([size(0), size(1)])
            .crop_to_aspect_ratio(o["crop_to_aspect_ratio"] == true)
            .pad_to_aspect_ratio(o["pad_to_aspect_ratio"] == true);
        if let Some(how) = o["interpolation"].as_str() {
            options = options.interpolation(how.parse::<Interpolation>().unwrap());
        }
        if let Some(mode) = o["color_mode"].as_str() {
            options = options.color_mode(mode.parse::<ColorMode>().unwrap());
        }
        if let Some(names) = o["class_names"].as_array() {
            options = options.class_names(names.iter().map(|n| n.as_str().unwrap()));
        }
        let dataset = image_dataset_from_directory(golden("images"), options).unwrap();
        let paths: Vec<String> = dataset
            .file_paths()
            .iter()
            .map(|p| p.strip_prefix(golden("images")).unwrap().to_str().unwrap().to_string())
            .collect();
        assert_eq!(serde_json::json!(paths), case["paths"], "{name}");
        assert_eq!(serde_json::json!(dataset.class_names()), case["class_names"], "{name}");
        let (shape, dtype, x) = numbers(&mut npz, &format!("{name}/x"));
        let (_, label_type, y) = numbers(&mut npz, &format!("{name}/y"));
        let each = x.len() / shape[0];
        let mut at = 0;
        for (batch, size) in dataset.iter().zip(case["sizes"].as_array().unwrap()) {
            let batch = batch.unwrap();
            let count = batch[0].shape()[0];
            assert_eq!(count as u64, size.as_u64().unwrap(), "{name}");
            assert_eq!(
                (batch[0].dtype(), batch[1].dtype(), &batch[0].shape()[1..]),
                (dtype, label_type, &shape[1..])
            );
            assert_eq!(batch[1].to_f64s().unwrap(), y[at..at + count], "{name}");
            let got = batch[0].to_f64s().unwrap();
            for (i, path) in paths[at..at + count].iter().enumerate() {
                let expected = &x[(at + i) * each..(at + i + 1) * each];
                let mut got = got[i * each..(i + 1) * each].to_vec();
                // TensorFlow takes 1 for opaque where the file has one bit a pixel.
                if name == "rgba" && path.ends_with("bits.png") {
                    got.iter_mut().skip(3).step_by(4).for_each(|alpha| *alpha /= 255.0);
                }
                let (far, place) = furthest(&got, expected);
                let more = got.iter().zip(expected).filter(|(a, b)| (*a - *b).abs() > 2.001).count();
                let fits = match (path.starts_with("jpeg"), o["color_mode"].as_str()) {
                    // The transform may round the other way in each of three channels at once.
                    (true, _) => far <= 3.0 && more * 50 <= each,
                    (false, Some("grayscale")) => far <= 1.001,
                    // TensorFlow looks weights up in a table of 1024.
                    _ if name == "bicubic" => far <= 0.2,
                    _ => far <= 2e-3,
                };
                if !fits {
                    wrong.push(format!("{name}, {path}: {far} apart at {place}, {more} of {each}"));
                }
            }
            at += count;
        }
        assert_eq!(at, shape[0], "{name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Pixels as they are in the files, for all kinds but JPEG to the bit.
#[test]
fn pixels() {
    let mut npz = Npz::open(golden("images.npz")).unwrap();
    let names: Vec<String> = npz.names().iter().filter(|n| n.starts_with("raw/")).cloned().collect();
    assert!(names.len() > 12);
    let folder = Folder::new("pixels");
    for name in names {
        let (shape, _, expected) = numbers(&mut npz, &name);
        let file = &name["raw/".len()..];
        let copy = folder.0.join("c").join(Path::new(file).file_name().unwrap());
        std::fs::create_dir_all(folder.0.join("c")).unwrap();
        std::fs::copy(golden("images").join(file), &copy).unwrap();
        let options = DirectoryOptions::new()
            .verbose(false)
            .image_size([shape[0], shape[1]])
            .interpolation(Interpolation::Nearest)
            .batch_size(0);
        let got = image_dataset_from_directory(&folder.0, options).unwrap().iter().next().unwrap().unwrap();
        std::fs::remove_file(copy).unwrap();
        assert_eq!((got[0].dtype(), got[0].shape()), (DType::U8, &shape[..]), "{file}");
        let got = got[0].to_f64s().unwrap();
        let (far, place) = furthest(&got, &expected);
        if !file.starts_with("jpeg") {
            assert_eq!(far, 0.0, "{file}: at {place}");
            continue;
        }
        // The transform may round the other way in each of three channels at once.
        let more = got.iter().zip(&expected).filter(|(a, b)| (*a - *b).abs() > 2.0).count();
        assert!(
            far <= 3.0 && more * 1000 <= got.len(),
            "{file}: {far} apart at {place}, {more} of {}",
            got.len()
        );
    }
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("rhyton-images-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn both_parts_at_once() {
    let o = || DirectoryOptions::new().verbose(false).image_size([4, 4]).validation_split(0.25).seed(7);
    let (training, validation) = image_datasets_from_directory(golden("images"), o()).unwrap();
    let part =
        |s: &str| image_dataset_from_directory(golden("images"), o().subset(s.parse().unwrap())).unwrap();
    assert_eq!(training.file_paths(), part("training").file_paths());
    assert_eq!(validation.file_paths(), part("validation").file_paths());
    assert_eq!((training.file_paths().len(), validation.file_paths().len()), (12, 4));
    // Two passes in different orders, and each of them the same again.
    let labels =
        |pass| training.pass(pass).map(|b| b.unwrap()[1].to_vec::<i32>().unwrap()).collect::<Vec<_>>();
    assert_eq!(labels(3), labels(3));
    assert_ne!(labels(0), labels(1));
}

/// Files cut anywhere and bytes turned over are errors that name the file, or other pictures, but never a panic.
#[test]
fn damage() {
    let folder = Folder::new("damage");
    std::fs::create_dir_all(folder.0.join("c")).unwrap();
    let options = || DirectoryOptions::new().verbose(false).image_size([8, 8]).shuffle(false).batch_size(0);
    let (mut refused, mut taken) = (0, 0);
    for (i, file) in [
        "png/palette.png",
        "png/sixteen.png",
        "jpeg/progressive.jpg",
        "jpeg/grey.jpg",
        "other/moving.gif",
        "other/grey.bmp",
    ]
    .iter()
    .enumerate()
    {
        let bytes = std::fs::read(golden("images").join(file)).unwrap();
        let ending = file.rsplit_once('.').unwrap().1;
        let mut count = 0;
        for step in 0..bytes.len().min(60) {
            let at = step * bytes.len() / bytes.len().min(60);
            let mut turned = bytes.clone();
            turned[at] ^= 1 << ((step + i) % 8);
            for bad in [bytes[..at].to_vec(), turned] {
                std::fs::write(folder.0.join(format!("c/{i}-{count:04}.{ending}")), bad).unwrap();
                count += 1;
            }
        }
    }
    let dataset = image_dataset_from_directory(&folder.0, options()).unwrap();
    for (element, path) in dataset.iter().zip(dataset.file_paths()) {
        match element {
            Ok(element) => {
                assert_eq!(element[0].shape(), [8, 8, 3]);
                taken += 1;
            }
            Err(e) => {
                let e = e.to_string();
                assert!(e.contains(path.file_name().unwrap().to_str().unwrap()), "{e}");
                assert!(!e.contains("panicked"), "{e}");
                refused += 1;
            }
        }
    }
    assert!(refused > 200 && taken > 20, "{refused} refused, {taken} taken");
    assert_eq!(Some(refused + taken), dataset.len());
}
