//! The helpers of `utils` against Keras's: `golden/utils.npz`, made by `golden/make_utils.py`.

use rhyton_base::DType;
use rhyton_data::Sequences;
use rhyton_data::utils::{
    PadSequences, SplitDataset, SplitSize, normalize, pad_sequences, split_dataset, to_categorical,
};
use rhyton_io::{Array, Npz};
use rhyton_tensor::{Tensor, ops};
use std::collections::HashMap;

const CASES: &str = include_str!("golden/utils.txt");
const ARRAYS: &[u8] = include_bytes!("golden/utils.npz");

/// Function, case, arguments, what Keras gives.
struct Case {
    name: String,
    arguments: HashMap<&'static str, &'static str>,
    expected: Tensor,
}

fn tensor(array: &Array) -> Tensor {
    Tensor::from_bytes(&array.data, array.dtype, &array.shape).unwrap()
}

fn cases(function: &str) -> Vec<Case> {
    let mut npz = Npz::from_bytes(ARRAYS).unwrap();
    let mut cases = Vec::new();
    for line in CASES.lines() {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        if name.split('/').next() == Some(function) {
            cases.push(Case {
                name: name.to_string(),
                arguments: words.map(|w| w.split_once('=').unwrap()).collect(),
                expected: tensor(&npz.read(name).unwrap()),
            });
        }
    }
    assert!(!cases.is_empty());
    cases
}

impl Case {
    fn get<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        self.arguments.get(key).filter(|v| **v != "None").and_then(|v| v.parse().ok())
    }

    fn check(&self, received: &Tensor) {
        assert_eq!(received.shape(), self.expected.shape(), "{}", self.name);
        assert!(received.bit_equal(&self.expected), "{}: {received} and not {}", self.name, self.expected);
    }

    fn pad(&self) -> PadSequences {
        let dtypes = DType::ALL.map(|d| (d.to_string(), d));
        let dtype: String = self.get("dtype").unwrap_or("int32".to_string());
        PadSequences::new()
            .maxlen(self.get::<usize>("maxlen"))
            .dtype(dtypes.iter().find(|(name, _)| *name == dtype).unwrap().1)
            .padding(self.get::<String>("padding").unwrap_or("pre".to_string()))
            .truncating(self.get::<String>("truncating").unwrap_or("pre".to_string()))
            .value(self.get("value").unwrap_or(0.0))
    }
}

#[test]
fn lists_are_padded_as_keras_pads_them() {
    let lists = vec![vec![3, 1, 4], vec![], vec![1, 5, 9, 2, 6, 5], vec![3], vec![5, 8]];
    let sequences = Sequences::from(lists.clone());
    let tensors: Vec<Tensor> = lists.iter().map(|l| Tensor::from_slice(l, [l.len()]).unwrap()).collect();
    for case in cases("pad") {
        case.check(&pad_sequences(&sequences, case.pad()).unwrap());
        case.check(&pad_sequences(&lists, case.pad()).unwrap());
        case.check(&pad_sequences(&tensors, case.pad()).unwrap());
    }
    let floats = vec![vec![0.5f64, -1.5], vec![2.75], vec![1e10, -0.25, 3.5]];
    for case in cases("pad_floats") {
        case.check(&pad_sequences(&floats, case.pad()).unwrap());
    }
    let arange = |from: i64, to: i64| ops::arange(from..to, DType::I64).unwrap().reshape([-1, 2]).unwrap();
    let pairs = vec![arange(0, 6), ops::zeros([0, 2], DType::I64).unwrap(), arange(10, 18)];
    for case in cases("pad_pairs") {
        case.check(&pad_sequences(&pairs, case.pad()).unwrap());
    }
}

#[test]
fn what_cannot_be_padded() {
    let e = |r: rhyton_base::Result<Tensor>| r.unwrap_err().to_string();
    let x = Sequences::from(vec![vec![1, 300]]);
    let pad = PadSequences::new;
    assert_eq!(
        e(pad_sequences(&x, pad().padding("past"))),
        "pad_sequences: expected padding \"pre\" or \"post\", received \"past\"; did you mean \"post\"?"
    );
    assert!(e(pad_sequences(&x, pad().truncating("left"))).contains("expected truncating"));
    assert!(e(pad_sequences(&x, pad().dtype(DType::U8))).contains("300 does not fit uint8"));
    assert!(e(pad_sequences(&x, pad().dtype(DType::U8).value(-1.0))).contains("does not fit uint8"));
    assert!(e(pad_sequences(&x, pad().value(f64::NAN))).contains("does not fit int32"));
    assert!(e(pad_sequences(&Sequences::new(), pad())).contains("give maxlen"));
    assert_eq!(pad_sequences(&Sequences::new(), pad().maxlen(4)).unwrap().shape(), [0, 4]);
    assert_eq!(pad_sequences(&x, pad().maxlen(0)).unwrap().shape(), [1, 0]);
    assert!(pad_sequences(&x, pad().maxlen(usize::MAX)).is_err());
    let mixed = vec![ops::zeros([2, 3], DType::F32).unwrap(), ops::zeros([2, 4], DType::F32).unwrap()];
    assert!(e(pad_sequences(&mixed, pad())).contains("expected elements of shape (3,) at position 1"));
    assert!(e(pad_sequences(&vec![Tensor::from(1.0f32)], pad())).contains("position 0"));
}

#[test]
fn norms_are_keras_norms() {
    let x = tensor(&Npz::from_bytes(ARRAYS).unwrap().read("normalize/x").unwrap());
    for case in cases("normalize") {
        let received = normalize(&x, case.get("axis").unwrap(), case.get("order").unwrap()).unwrap();
        let (a, b) = (received.to_f64s().unwrap(), case.expected.to_f64s().unwrap());
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-14), "{}", case.name);
    }
}

#[test]
fn categories_are_keras_categories() {
    let labels = [
        Tensor::from([2i64, 0, 1]),
        Tensor::from([2i64, 0, 1]),
        Tensor::from([[1i64], [3]]),
        Tensor::from([[0i64, 1], [2, 2]]),
    ];
    for (case, labels) in cases("categorical").iter().zip(labels) {
        let received = to_categorical(&labels, case.get::<usize>("num_classes")).unwrap();
        // Keras gives float64 for arrays and float32 for tensors.
        case.check(&received.cast(DType::F64));
    }
}

#[test]
fn splits_are_keras_splits() {
    let data = ops::arange(23, DType::I64).unwrap();
    for case in cases("split") {
        let size = |key: &str| {
            let text = case.arguments.get(key)?;
            Some(match text.parse::<usize>() {
                Ok(n) => SplitSize::from(n),
                Err(_) => SplitSize::from(text.parse::<f64>().unwrap()),
            })
        };
        let mut options = SplitDataset::new().shuffle(case.arguments.contains_key("shuffle"));
        options = size("left_size").map_or(options, |s| options.left_size(s));
        options = size("right_size").map_or(options, |s| options.right_size(s));
        options = case.get("seed").map_or(options, |seed| options.seed(seed));
        let (left, right) = split_dataset(&data, options).unwrap();
        case.check(if case.name.ends_with("left") { &left[0] } else { &right[0] });
    }
}

#[test]
fn splits_that_cannot_be() {
    let (x, y) = (ops::zeros([10, 2], DType::F32).unwrap(), ops::zeros([9], DType::F32).unwrap());
    let e = |options: SplitDataset| split_dataset(&x, options).unwrap_err().to_string();
    let new = SplitDataset::new;
    assert!(e(new()).contains("expected left_size or right_size, received neither"));
    for bad in [new().left_size(0), new().left_size(10), new().left_size(-1), new().right_size(0.0)] {
        assert!(e(bad).contains("from 1 to 9 or as a fraction between 0 and 1"), "{bad:?}");
    }
    assert!(e(new().right_size(f64::NAN)).contains("received NaN"));
    assert!(e(new().left_size(6).right_size(5)).contains("at most 10 samples"));
    assert!(e(new().left_size(0.01)).contains("leave no part empty"));
    let e = split_dataset((&x, &y), new().left_size(1)).unwrap_err().to_string();
    assert!(e.contains("expected 10 samples in tensor 1 as in the first, received 9"), "{e}");
    assert!(split_dataset(Tensor::from(1.0f32), new().left_size(1)).is_err());
    assert!(split_dataset(Vec::new(), new().left_size(1)).is_err());
}
