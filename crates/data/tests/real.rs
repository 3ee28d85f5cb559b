//! The published files, where `RHYTON_DATA_DIR` is set.

use rhyton_data::{Options, TrainTest, digits, fashion_mnist, mnist};
use rhyton_tensor::Tensor;
use std::time::Instant;

/// FNV-1a hashes of the published arrays, taken from files that have the published SHA-256.
const MNIST: [u64; 4] =
    [0xB6E6_1966_0867_1562, 0xE3A3_5DEE_6624_74A5, 0x8614_C3E5_5764_D65F, 0xFCA1_A11D_31BD_96BB];
const FASHION: [u64; 4] =
    [0x51AC_53B8_82ED_BA04, 0xB9F7_1C71_BAE5_F277, 0x1B11_FC03_671B_2F71, 0x25BD_F812_3F06_FAC3];

/// Options for the folder of the variable, or `None`, said aloud, where it is not set.
fn options(what: &str) -> Option<Options> {
    match std::env::var_os("RHYTON_DATA_DIR") {
        Some(folder) => Some(Options::new().data_dir(folder).download(false)),
        None => {
            println!("skipped: {what} (RHYTON_DATA_DIR is not set)");
            None
        }
    }
}

fn counts(y: &Tensor) -> [usize; 10] {
    let mut counts = [0; 10];
    y.to_vec::<u8>().unwrap().iter().for_each(|l| counts[usize::from(*l)] += 1);
    counts
}

fn sum(x: &Tensor) -> u64 {
    x.with_bytes(|b| b.iter().map(|p| u64::from(*p)).sum()).unwrap()
}

fn first(y: &Tensor) -> Vec<u8> {
    y.to_vec::<u8>().unwrap()[..10].to_vec()
}

/// FNV-1a, 64 bits.
fn hash(x: &Tensor) -> u64 {
    let step = |h: u64, b: &u8| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01B3);
    x.with_bytes(|bytes| bytes.iter().fold(0xCBF2_9CE4_8422_2325, step)).unwrap()
}

fn shapes(((x, y), (x_test, y_test)): &TrainTest) {
    assert_eq!([x.shape(), x_test.shape()], [[60_000, 28, 28], [10_000, 28, 28]]);
    assert_eq!([y.shape(), y_test.shape()], [[60_000], [10_000]]);
}

#[test]
fn mnist_is_mnist() {
    let Some(options) = options("mnist_is_mnist") else { return };
    let start = Instant::now();
    let data = mnist::load_data_with(&options).unwrap();
    println!("mnist: {:?}", start.elapsed());
    shapes(&data);
    let ((x, y), (x_test, y_test)) = &data;
    assert_eq!(first(y), [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert_eq!(first(y_test), [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    assert_eq!(counts(y), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    assert_eq!(counts(y_test), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    assert_eq!([sum(x), sum(x_test)], [1_567_298_545, 264_923_200]);
    assert_eq!([x, y, x_test, y_test].map(hash), MNIST);
    let (again, origin) = mnist::load_or_draw_with(&options).unwrap();
    assert!(origin.is_real() && again.0.0.bit_equal(x), "{origin}");
}

#[test]
fn fashion_mnist_is_fashion_mnist() {
    let Some(options) = options("fashion_mnist_is_fashion_mnist") else { return };
    let start = Instant::now();
    let data = fashion_mnist::load_data_with(&options).unwrap();
    println!("fashion_mnist: {:?}", start.elapsed());
    shapes(&data);
    let ((x, y), (x_test, y_test)) = &data;
    assert_eq!(first(y), [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]);
    assert_eq!(first(y_test), [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]);
    assert_eq!((counts(y), counts(y_test)), ([6000; 10], [1000; 10]));
    assert_eq!([sum(x), sum(x_test)], [3_431_114_169, 573_469_082]);
    assert_eq!([x, y, x_test, y_test].map(hash), FASHION);
}

#[test]
fn drawn_digits_come_fast() {
    let start = Instant::now();
    let data = digits::load_data().unwrap();
    println!("digits: {:?} on {} threads", start.elapsed(), rhyton_runtime::threads());
    shapes(&data);
    assert_eq!((counts(&data.0.1), counts(&data.1.1)), ([6000; 10], [1000; 10]));
}
