//! Pipelines, windows and folders of texts against `tf.data` and Keras (golden/pipelines.py).

use rhyton_data::{
    Cardinality, Dataset, DirectoryOptions, Element, FileLabels, LabelMode, Subset, Timeseries,
    text_dataset_from_directory, timeseries_dataset_from_array,
};
use rhyton_tensor::{DType, Tensor, ops};
use serde_json::{Value, json};
use std::path::PathBuf;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/pipelines.json")).unwrap()
}

/// Nested lists of the numbers.
fn listed(x: &Tensor) -> Value {
    fn nest(shape: &[usize], numbers: &mut dyn Iterator<Item = f64>) -> Value {
        match shape {
            [] => json!(numbers.next().unwrap()),
            [n, rest @ ..] => (0..*n).map(|_| nest(rest, numbers)).collect(),
        }
    }
    nest(x.shape(), &mut x.to_f64s().unwrap().into_iter())
}

/// JSON with all numbers as floats.
fn floats(v: &Value) -> Value {
    match v {
        Value::Number(n) => json!(n.as_f64().unwrap()),
        Value::Array(a) => a.iter().map(floats).collect(),
        other => other.clone(),
    }
}

fn elements(dataset: &Dataset) -> Value {
    dataset.iter().map(|e| e.unwrap().iter().map(listed).collect::<Value>()).collect()
}

#[test]
fn as_tensorflow_does() {
    let r = Dataset::range;
    let range = |a: i64, b: i64, s: i64| Dataset::range_with(a, b, s).unwrap();
    let copies = |n: usize| move |x: Tensor| Ok(Dataset::from_tensors(x).repeat(n));
    let below = |x: Tensor| Ok(Dataset::range(x.item::<i64>()? as usize));
    let made = [
        ("batch", r(10).batch(4)),
        ("batch_exact", r(10).batch_exact(4)),
        ("batch_batch", r(8).batch(2).batch(3)),
        ("unbatch", r(10).batch(4).unbatch()),
        ("take", r(10).take(3)),
        ("take_more", r(3).take(30)),
        ("skip", r(10).skip(7)),
        ("skip_more", r(3).skip(30)),
        ("shard_0", r(10).shard(3, 0).unwrap()),
        ("shard_2", r(10).shard(3, 2).unwrap()),
        ("repeat", r(3).repeat(2)),
        ("repeat_take", r(3).repeat(None).take(8)),
        ("repeat_batch", r(5).repeat(2).batch(4)),
        ("batch_repeat", r(5).batch(4).repeat(2)),
        ("concatenate", r(3).concatenate(&range(5, 9, 1))),
        ("zip", Dataset::zip([&r(3), &range(10, 20, 1)])),
        ("enumerate", range(5, 9, 1).enumerate(2)),
        ("filter", r(10).filter(|x: Tensor| Ok(x.item::<i64>()? % 3 == 1))),
        ("map", r(5).map(|x: Tensor| Ok((x.clone(), &x * &x)))),
        ("range_down", range(10, 1, -3)),
        ("interleave_2_4", range(1, 6, 1).interleave(copies(6), 2, 4)),
        (
            "interleave_3_1",
            range(1, 6, 1).interleave(
                |x: Tensor| {
                    let n = x.item::<i64>()? as usize;
                    Ok(Dataset::from_tensors(x).repeat(n))
                },
                3,
                1,
            ),
        ),
        ("interleave_7_2", range(1, 4, 1).interleave(below, 7, 2)),
        ("flat_map", r(4).flat_map(below)),
        ("window_3_1_1", r(7).window(3, 1, 1, true)),
        ("window_3_2_1", r(8).window(3, 2, 1, false)),
        ("window_2_3_2", r(11).window(2, 3, 2, false)),
        ("window_2_3_2_drop", r(11).window(2, 3, 2, true)),
        ("window_2_5_1", r(11).window(2, 5, 1, false)),
        ("cache_repeat", r(3).cache().repeat(2)),
        ("prefetch", r(4).prefetch(2)),
    ];
    let golden = golden();
    let expected = golden["pipelines"].as_object().unwrap();
    assert_eq!(made.len(), expected.len());
    for (name, dataset) in &made {
        // Twice: cached and repeated ones, too.
        for _ in 0..2 {
            assert_eq!(elements(dataset), floats(&expected[*name]["elements"]), "{name}");
        }
        // Beginning in the middle is as leaving out what comes before.
        let all: Vec<Element> = dataset.pass(0).map(Result::unwrap).collect();
        for start in 0..all.len() + 2 {
            let rest: Vec<Element> = dataset.pass_from(0, start).map(Result::unwrap).collect();
            assert_eq!(rest.len(), all.len().saturating_sub(start), "{name} from {start}");
            let pairs = rest.iter().zip(all.iter().skip(start));
            assert!(
                pairs.flat_map(|(a, b)| a.iter().zip(b)).all(|(a, b)| a.bit_equal(b)),
                "{name} from {start}"
            );
        }
        // TensorFlow does not know some numbers that can be known.
        match (dataset.cardinality(), expected[*name]["cardinality"].as_u64()) {
            (Cardinality::Known(n), Some(m)) => assert_eq!(n as u64, m, "{name}"),
            (Cardinality::Known(n), None) => assert_eq!(n, all.len(), "{name}"),
            (other, known) => assert_eq!((other, known), (Cardinality::Unknown, None), "{name}"),
        }
    }
}

#[test]
fn types_and_shapes() {
    let (x, y) = (ops::zeros([10, 3], DType::F32).unwrap(), ops::zeros([10], DType::I32).unwrap());
    let s = Dataset::from_tensor_slices((&x, &y)).unwrap();
    let made = [
        ("slices", s.clone()),
        ("batch", s.batch(4)),
        ("batch_even", s.batch(5)),
        ("batch_exact", s.batch_exact(4)),
        ("enumerate", s.enumerate(0)),
        ("map", s.map(|(x, _): (Tensor, Tensor)| ops::sum(&x, 0))),
    ];
    let golden = golden();
    for (name, dataset) in made {
        let got: Vec<String> = dataset.element_spec().unwrap().iter().map(|s| s.to_string()).collect();
        let expected: Vec<String> = golden["specs"][name]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| {
                let dims: Vec<String> = s[1]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|d| d.as_u64().map_or("None".to_string(), |d| d.to_string()))
                    .collect();
                let shape = match &dims[..] {
                    [one] => format!("({one},)"),
                    dims => format!("({})", dims.join(", ")),
                };
                format!("{}{shape}", s[0].as_str().unwrap())
            })
            .collect();
        // Ten slices make two batches of five; TensorFlow says "None" all the same.
        if name == "batch_even" {
            assert_eq!(got, ["float32(5, 3)", "int32(5,)"]);
            continue;
        }
        assert_eq!(got, expected, "{name}");
    }
}

#[test]
fn windows_of_time_series() {
    let data = ops::arange(60, DType::F32).unwrap().reshape([20, 3]).unwrap();
    let all_targets = ops::arange(20, DType::I64).unwrap() * 10;
    for case in golden()["timeseries"].as_array().unwrap() {
        let o = &case["options"];
        let number = |name: &str| o[name].as_u64().map(|n| n as usize);
        let mut options = Timeseries::new(number("sequence_length").unwrap());
        if let Some(n) = number("sequence_stride") {
            options = options.sequence_stride(n);
        }
        if let Some(n) = number("sampling_rate") {
            options = options.sampling_rate(n);
        }
        if let Some(n) = number("start_index") {
            options = options.start_index(n);
        }
        if let Some(n) = number("end_index") {
            options = options.end_index(n);
        }
        if let Some(size) = o.get("batch_size") {
            options = options.batch_size(size.as_u64().unwrap_or(0) as usize);
        }
        let shuffled = o["shuffle"] == true;
        if shuffled {
            options = options.shuffle(true).seed(o["seed"].as_u64().unwrap() as u32);
        }
        let targets = match &o["targets"] {
            Value::Null => None,
            Value::Bool(_) => Some(all_targets.clone()),
            n => Some(ops::narrow(&all_targets, 0, 0, n.as_u64().unwrap() as usize).unwrap()),
        };
        let dataset = timeseries_dataset_from_array(&data, targets.as_ref(), options).unwrap();
        if !shuffled {
            assert_eq!(elements(&dataset), floats(&case["elements"]), "{o}");
            continue;
        }
        let batches: Vec<Element> = dataset.iter().map(Result::unwrap).collect();
        let sizes: Value = batches.iter().map(|b| json!(b[0].shape()[0])).collect();
        assert_eq!(sizes, case["elements"]["sizes"]);
        let mut rows: Vec<Value> =
            dataset.unbatch().iter().map(|e| e.unwrap().iter().map(listed).collect()).collect();
        rows.sort_by(|a, b| a[1].as_f64().unwrap().total_cmp(&b[1].as_f64().unwrap()));
        assert_eq!(Value::from(rows), floats(&case["elements"]["rows"]));
    }
}

#[test]
fn windows_that_do_not_fit() {
    let x = ops::arange(10, DType::F32).unwrap();
    let told = |o: Timeseries| timeseries_dataset_from_array(&x, None, o).unwrap_err().to_string();
    let who = "timeseries_dataset_from_array: ";
    assert_eq!(
        told(Timeseries::new(11)),
        format!("{who}no window of 11 time steps, 1 apart, fits into 10 of them")
    );
    assert_eq!(
        told(Timeseries::new(2).sampling_rate(10)),
        format!("{who}expected sampling_rate of 1 to 9, got 10")
    );
    assert!(told(Timeseries::new(0)).contains("sequence_length"));
    assert!(told(Timeseries::new(1).start_index(10)).contains("start_index below 10"));
    assert!(told(Timeseries::new(1).end_index(10)).contains("end_index above start_index 0 and below 10"));
    assert!(told(Timeseries::new(usize::MAX).sampling_rate(9)).contains("no window"));
    assert!(timeseries_dataset_from_array(&Tensor::from(1.0f32), None, Timeseries::new(1)).is_err());
}

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("rhyton-{name}-{}", std::process::id()));
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
fn folders_of_texts() {
    let golden = golden();
    let golden = &golden["directories"];
    let folder = Folder::new("texts");
    for name in golden["tree"].as_array().unwrap() {
        let name = name.as_str().unwrap();
        let path = folder.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("text of {name}")).unwrap();
    }
    for case in golden["cases"].as_array().unwrap() {
        let o = case["options"].as_object().unwrap();
        let mut options = DirectoryOptions::new().verbose(false);
        for (name, value) in o {
            let number = value.as_u64().map(|n| n as usize);
            options = match (name.as_str(), value) {
                ("shuffle", v) => options.shuffle(v.as_bool().unwrap()),
                ("label_mode", Value::Null) => options.label_mode(LabelMode::None),
                ("label_mode", v) => options.label_mode(v.as_str().unwrap().parse().unwrap()),
                ("labels", Value::Null) => options.labels(FileLabels::None),
                ("labels", Value::Array(l)) => {
                    options.labels(FileLabels::List(l.iter().map(|v| v.as_i64().unwrap()).collect()))
                }
                ("class_names", Value::Array(names)) => {
                    options.class_names(names.iter().map(|n| n.as_str().unwrap()))
                }
                ("batch_size", _) => options.batch_size(number.unwrap()),
                ("max_length", _) => options.max_length(number.unwrap()),
                ("seed", _) => options.seed(number.unwrap() as u32),
                ("validation_split", v) => options.validation_split(v.as_f64().unwrap()),
                ("subset", v) => options.subset(v.as_str().unwrap().parse::<Subset>().unwrap()),
                other => panic!("{other:?}"),
            };
        }
        let dataset = text_dataset_from_directory(&folder.0, options).unwrap();
        let paths: Value = dataset
            .file_paths()
            .iter()
            .map(|p| json!(p.strip_prefix(&folder.0).unwrap().to_str().unwrap().replace('\\', "/")))
            .collect();
        assert_eq!(paths, case["paths"], "{o:?}");
        assert_eq!(json!(dataset.class_names()), case["class_names"], "{o:?}");
        if let Some(batches) = case.get("batches") {
            let got: Value = dataset
                .iter()
                .map(|b| {
                    let (texts, labels) = b.unwrap();
                    std::iter::once(json!(texts)).chain(labels.iter().map(listed)).collect::<Value>()
                })
                .collect();
            assert_eq!(got, floats(batches), "{o:?}");
        } else if let Some(labels) = case["labels"].as_array() {
            // Shuffled: labels stay with their files.
            let mut pairs: Vec<(String, i64)> = Vec::new();
            for batch in &dataset {
                let (texts, labels) = batch.unwrap();
                pairs.extend(
                    texts
                        .into_iter()
                        .zip(labels.unwrap().to_vec::<i32>().unwrap().into_iter().map(i64::from)),
                );
            }
            let names = case["paths"].as_array().unwrap().iter();
            let mut expected: Vec<(String, i64)> = names
                .zip(labels)
                .map(|(p, l)| (format!("text of {}", p.as_str().unwrap()), l.as_i64().unwrap()))
                .collect();
            pairs.sort();
            expected.sort();
            assert_eq!(pairs, expected, "{o:?}");
        }
    }
}

#[test]
fn folders_that_cannot_be_read() {
    let folder = Folder::new("bad-texts");
    let told = |o: DirectoryOptions| {
        text_dataset_from_directory(&folder.0, o.verbose(false)).map(|_| ()).unwrap_err().to_string()
    };
    let o = DirectoryOptions::new;
    assert!(told(o()).contains("there are no files in"), "{}", told(o()));
    std::fs::create_dir(folder.0.join("a")).unwrap();
    std::fs::write(folder.0.join("a/1.txt"), [b'x', 0xFF]).unwrap();
    assert!(told(o().class_names(["b"])).contains("class_names has \"b\", which is no folder of"));
    assert!(told(o().label_mode(LabelMode::Binary)).contains("exactly 2 classes"));
    assert!(told(o().labels(FileLabels::List(vec![1, 2]))).contains("a label for each of the 1 files"));
    assert!(told(o().validation_split(0.5)).contains("a subset goes with a validation_split"));
    assert!(told(o().validation_split(0.5).subset(Subset::Training)).contains("give a seed"));
    assert!(told(o().validation_split(1.5)).contains("[0, 1)"));
    assert!(
        told(o().validation_split(0.5).subset(Subset::Validation).seed(1)).contains("no validation files")
    );
    let bad = text_dataset_from_directory(&folder.0, o().verbose(false)).unwrap();
    let told = bad.iter().next().unwrap().unwrap_err().to_string();
    assert!(told.contains("1.txt") && told.contains("not UTF-8 at byte 1"), "{told}");
    let none = text_dataset_from_directory(folder.0.join("none"), o());
    assert!(none.unwrap_err().to_string().contains("no such folder"));
}
