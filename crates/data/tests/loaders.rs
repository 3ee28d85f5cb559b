//! The loaders against Keras's, on the published files, where `RHYTON_DATA_DIR` is set.
//!
//! `golden/loaders.txt` holds digests of what Keras returns for many arguments; `golden/make_loaders.py` makes it.
#![cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]

use graviola::hashing::{Hash, HashContext, Sha256};
use rhyton_base::DType;
use rhyton_data::{Options, Sequences, TextTrainTest, boston_housing, imdb, reuters};
use rhyton_tensor::Tensor;
use std::time::Instant;

fn options(what: &str) -> Option<Options> {
    match std::env::var_os("RHYTON_DATA_DIR") {
        Some(folder) => Some(Options::new().data_dir(folder).download(false)),
        None => {
            println!("skipped: {what} (RHYTON_DATA_DIR is not set)");
            None
        }
    }
}

fn hex(hash: <Sha256 as Hash>::Context) -> String {
    hash.finish().as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

/// Of each list its length and its ids.
fn digest(x: &Sequences) -> String {
    let mut hash = Sha256::new();
    for list in x.iter() {
        let numbers = std::iter::once(list.len() as i32).chain(list.iter().copied());
        hash.update(&numbers.flat_map(i32::to_le_bytes).collect::<Vec<u8>>());
    }
    hex(hash)
}

fn digest_of(x: &Tensor) -> String {
    let mut hash = Sha256::new();
    x.with_bytes(|b| hash.update(b)).unwrap();
    hex(hash)
}

fn digests(((x, y), (x_test, y_test)): &TextTrainTest) -> String {
    let half = |x: &Sequences, y: &Tensor| format!("{} {} {}", x.len(), digest(x), digest_of(y));
    format!("{} {}", half(x, y), half(x_test, y_test))
}

/// Applies Python's keyword arguments to a builder of either loader of texts.
macro_rules! with_arguments {
    ($loader:expr, $arguments:expr) => {
        $arguments.iter().fold($loader, |loader, (key, value)| {
            let number = || value.parse::<i64>().unwrap();
            let or_none = |v: &str| (v != "None").then(number);
            match *key {
                "num_words" => loader.num_words(number() as usize),
                "skip_top" => loader.skip_top(number() as usize),
                "maxlen" => loader.maxlen(number() as usize),
                "seed" => loader.seed(number() as u32),
                "start_char" => loader.start_char(or_none(value).map(|n| n as i32)),
                "oov_char" => loader.oov_char(or_none(value).map(|n| n as i32)),
                "index_from" => loader.index_from(number() as i32),
                other => panic!("unknown argument {other}"),
            }
        })
    };
}

#[test]
fn every_argument_gives_what_keras_gives() {
    let Some(options) = options("every_argument_gives_what_keras_gives") else { return };
    let golden = include_str!("golden/loaders.txt");
    for line in golden.lines() {
        let (call, expected) = line.split_once(" | ").unwrap();
        let mut words = call.split(' ');
        let name = words.next().unwrap();
        let mut arguments: Vec<(&str, &str)> = words.map(|a| a.split_once('=').unwrap()).collect();
        let split: f64 = match arguments.iter().position(|(key, _)| *key == "test_split") {
            Some(at) => arguments.remove(at).1.parse().unwrap(),
            None => 0.2,
        };
        let received = match name {
            "imdb" => {
                let loader = with_arguments!(imdb::LoadData::new().options(options.clone()), arguments);
                digests(&loader.load().unwrap())
            }
            "reuters" => {
                let loader = reuters::LoadData::new().options(options.clone()).test_split(split);
                digests(&with_arguments!(loader, arguments).load().unwrap())
            }
            _ => {
                let loader = boston_housing::LoadData::new().options(options.clone()).test_split(split);
                let seed = arguments.first().map_or(113, |(_, seed)| seed.parse().unwrap());
                let ((x, y), (x_test, y_test)) = loader.seed(seed).load().unwrap();
                let half =
                    |x: &Tensor, y: &Tensor| format!("{} {} {}", x.shape()[0], digest_of(x), digest_of(y));
                format!("{} {}", half(&x, &y), half(&x_test, &y_test))
            }
        };
        assert_eq!(received, expected, "{call}");
    }
    println!("{} calls", golden.lines().count());
}

#[test]
fn imdb_is_imdb() {
    let Some(options) = options("imdb_is_imdb") else { return };
    let start = Instant::now();
    let data = imdb::LoadData::new().options(options.clone()).load().unwrap();
    println!("imdb: {:?}", start.elapsed());
    let ((x, y), (x_test, y_test)) = &data;
    assert_eq!((y.dtype(), y.shape(), y_test.shape()), (DType::I64, &[25_000][..], &[25_000][..]));
    // Published digests.
    assert_eq!(digest(x), "48a4865f6793c4e4e97224b4ca8f750a6f0184767f24503cdf1506a252b7258b");
    assert_eq!(digest(x_test), "511722cb07e611976369ae16d52378cb0737a4c34c04e8e33db17ec545a63074");
    assert_eq!((x[0].len(), x.ids().len(), x_test.ids().len()), (218, 5_967_841, 5_770_105));
    assert_eq!(y.to_vec::<i64>().unwrap()[..10], [1, 0, 0, 1, 0, 0, 1, 0, 1, 0]);
    let start = Instant::now();
    let index = imdb::get_word_index_with(&options).unwrap();
    println!("word index: {:?}", start.elapsed());
    assert_eq!(index.len(), 88_584);
    let text = index.decode(&x[0][..13]);
    assert_eq!(
        text,
        "[START] this film was just brilliant casting location scenery story direction everyone's really"
    );
    // A text goes back to the ids it came from.
    let words = index.decode(&x[0][1..]).replace("? ", "");
    assert_eq!(index.encode(&words), x[0]);
    assert_eq!(index.encode("This film was JUST brilliant; casting,location"), x[0][..8]);
}

#[test]
fn reuters_is_reuters() {
    let Some(options) = options("reuters_is_reuters") else { return };
    let start = Instant::now();
    let ((x, y), (x_test, _)) =
        reuters::LoadData::new().options(options.clone()).num_words(10_000).load().unwrap();
    println!("reuters: {:?}", start.elapsed());
    assert_eq!((x.len(), x_test.len()), (8_982, 2_246));
    assert_eq!(x[0][..10], [1, 2, 2, 8, 43, 10, 447, 5, 25, 207]);
    assert_eq!(digest(&x), "45e0a8f57ef1b108cc7b0e18af6a4477ff166876666258aa7f9aeb297eaf01fc");
    let mut counts = [0; 46];
    y.to_vec::<i64>().unwrap().iter().for_each(|topic| counts[*topic as usize] += 1);
    assert_eq!((counts[3], counts[4], counts[45]), (3159, 1949, 18));
    assert_eq!(reuters::get_word_index_with(&options).unwrap().len(), 30_979);
    assert_eq!(reuters::get_label_names()[19], "money-fx");
}

#[test]
fn boston_housing_is_boston_housing() {
    let Some(options) = options("boston_housing_is_boston_housing") else { return };
    let start = Instant::now();
    let ((x, y), (x_test, y_test)) = boston_housing::LoadData::new().options(options).load().unwrap();
    println!("boston_housing: {:?}", start.elapsed());
    assert_eq!((x.dtype(), x.shape(), x_test.shape()), (DType::F64, &[404, 13][..], &[102, 13][..]));
    let first = [1.23247, 0.0, 8.14, 0.0, 0.538, 6.142, 91.7, 3.9769, 4.0, 307.0, 21.0, 396.9, 18.72];
    assert_eq!(x.to_vec::<f64>().unwrap()[..13], first);
    let mean = |t: &Tensor| t.mean(..).unwrap().item::<f64>().unwrap();
    assert!((mean(&y) - 22.395_049_504_950_492).abs() < 1e-12);
    assert!((mean(&y_test) - 23.078_431_372_549_02).abs() < 1e-12);
}
