//! Files of the data sets of texts and houses that are cut, damaged, foreign or hostile.

use rhyton_data::{Options, boston_housing, california_housing, cifar10, cifar100, imdb, reuters};
use rhyton_io::npz::to_bytes;
use rhyton_io::{Array, Compression, npy};
use std::fs;
use std::path::PathBuf;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("rhyton-data-bad-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn options(&self) -> Options {
        Options::new().data_dir(&self.0).download(false)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.join(name), bytes).unwrap();
    }

    /// An error without the path.
    fn text<T: std::fmt::Debug>(&self, result: rhyton_base::Result<T>) -> String {
        result.unwrap_err().to_string().replace(&self.0.display().to_string(), "")
    }

    fn reuters(&self) -> String {
        self.text(reuters::LoadData::new().options(self.options()).load())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The published `npz` as Python's encoders write them today: three texts of reuters.
const SMALL: &[u8] = include_bytes!("golden/small_reuters.npz");
/// A `.npy` file whose pickle calls `os.system`, as `numpy.save` writes it for an object whose class says so.
const HOSTILE: &[u8] = include_bytes!("golden/hostile.npz");

fn i64s(values: &[i64]) -> Array {
    Array::from_slice([values.len()], values).unwrap()
}

fn npz(arrays: &[(&str, &Array)]) -> Vec<u8> {
    to_bytes(arrays, Compression::Stored).unwrap()
}

#[test]
fn newer_encoders_are_read() {
    let folder = Folder::new("small");
    folder.put("reuters.npz", SMALL);
    let loader =
        reuters::LoadData::new().options(folder.options()).test_split(0.0).start_char(None).index_from(0);
    let ((x, y), (none, _)) = loader.oov_char(-1).load().unwrap();
    let mut lists: Vec<(i64, Vec<i32>)> = y.to_vec::<i64>().unwrap().into_iter().zip(x.to_vecs()).collect();
    lists.sort();
    // 70,000 is the largest id, which Keras does not keep.
    assert_eq!(lists, [(0, vec![1, 300, -1]), (3, vec![5]), (45, vec![7, 8])]);
    assert!(none.is_empty());
}

#[test]
fn a_hostile_pickle_is_refused_and_never_run() {
    let folder = Folder::new("hostile");
    folder.put("reuters.npz", HOSTILE);
    let e = folder.reuters();
    assert!(e.contains("posix.system") && e.contains("not run"), "{e}");
    assert!(!std::path::Path::new("/tmp/rhyton-hostile-was-run").exists());
}

#[test]
fn cut_and_damaged_files() {
    let folder = Folder::new("cut");
    for end in [0, 1, 100, SMALL.len() / 2, SMALL.len() - 1] {
        folder.put("reuters.npz", &SMALL[..end]);
        let e = folder.reuters();
        assert!(e.starts_with("reuters: ") && e.contains("/reuters.npz"), "{e}");
    }
    for at in 0..SMALL.len() {
        let mut bad = SMALL.to_vec();
        bad[at] ^= 0x55;
        folder.put("reuters.npz", &bad);
        let _ = reuters::LoadData::new().options(folder.options()).load();
    }
    folder.put("imdb.npz", b"<html>404</html>");
    let e = folder.text(imdb::LoadData::new().options(folder.options()).load());
    assert!(e.contains("imdb: ") && e.contains("not a zip archive"), "{e}");
}

#[test]
fn files_of_other_making() {
    let folder = Folder::new("foreign");
    let foreign = "this is not Keras's reuters, move it away or look elsewhere";
    let x = i64s(&[1, 2, 3]);
    folder.put("reuters.npz", &npz(&[("x", &x), ("y", &x)]));
    let e = folder.reuters();
    assert!(e.contains("expected lists of whole numbers (dtype object), received int64 (3,)"), "{e}");
    assert!(e.ends_with(foreign), "{e}");
    folder.put("reuters.npz", &npz(&[("text", &x)]));
    let e = folder.reuters();
    assert!(e.contains("no array \"x\"") && e.ends_with(foreign), "{e}");
    // imdb's arrays are named otherwise.
    folder.put("imdb.npz", SMALL);
    let e = folder.text(imdb::LoadData::new().options(folder.options()).load());
    assert!(e.contains("no array \"x_train\""), "{e}");
}

#[test]
fn arguments_that_do_not_fit() {
    let folder = Folder::new("arguments");
    folder.put("reuters.npz", SMALL);
    let reuters = || reuters::LoadData::new().options(folder.options());
    for split in [-0.1, 1.5, f64::NAN] {
        let e = folder.text(reuters().test_split(split).load());
        assert!(e.contains("expected test_split from 0 to 1, received"), "{e}");
    }
    let e = folder.text(reuters().maxlen(1).load());
    assert!(e.contains("no text is shorter than maxlen 1"), "{e}");
    let ((x, _), (x_test, _)) = reuters().maxlen(1).num_words(10).load().unwrap();
    assert!(x.is_empty() && x_test.is_empty());
    let e = folder.text(reuters().index_from(i32::MAX).load());
    assert!(e.contains("beyond 32 bits"), "{e}");
    let boston = boston_housing::LoadData::new().options(folder.options());
    let e = folder.text(boston.test_split(1.0).load());
    assert!(e.contains("expected test_split from 0 to less than 1, received 1"), "{e}");
    let e = folder.text(california_housing::LoadData::new().version("smal").load());
    assert_eq!(
        e,
        "california_housing: expected version \"small\" or \"large\", received \"smal\"; did you mean \"small\"?"
    );
    let e = folder.text(cifar100::LoadData::new().label_mode("corse").load());
    assert!(e.contains("did you mean \"coarse\"?"), "{e}");
    let e = folder.text(cifar10::LoadData::new().data_format("channels").load());
    assert!(e.contains("expected data_format"), "{e}");
    let e = folder.text(cifar10::LoadData::new().options(folder.options()).load());
    assert!(e.contains("cifar-10-python.tar.gz was not found") && e.contains("cifar-10-batches-py"), "{e}");
}

#[test]
fn houses_of_other_making() {
    let folder = Folder::new("houses");
    let load = || folder.text(boston_housing::LoadData::new().options(folder.options()).load());
    let y = Array::from_slice([506], &[1f64; 506]).unwrap();
    folder.put("boston_housing.npz", &npz(&[("x", &y), ("y", &y)]));
    let e = load();
    assert!(e.contains("member \"x\": expected float64 (506, 13), received float64 (506,)"), "{e}");
    let x = Array::from_slice([506, 13], &[1f32; 506 * 13]).unwrap();
    folder.put("boston_housing.npz", &npz(&[("x", &x), ("y", &y)]));
    assert!(load().contains("expected float64 (506, 13), received float32 (506, 13)"));
    folder.put("boston_housing.npz", &npz(&[("x", &x)])[..500]);
    assert!(load().contains("truncated"));
    folder.put("boston_housing.npz", &npy::to_bytes(&y).unwrap());
    assert!(load().contains("not a zip archive"));
}

/// The published file is not at hand: this one has its form, and rows that say which they are.
#[test]
fn california_housing_in_its_form() {
    let folder = Folder::new("california");
    let rows = 20_640u32;
    let x: Vec<f32> = (0..rows * 8).map(|i| i as f32).collect();
    let y: Vec<f32> = (0..rows).map(|i| i as f32).collect();
    let x = Array::from_slice([rows as usize, 8], &x).unwrap();
    let y = Array::from_slice([rows as usize], &y).unwrap();
    folder.put("california_housing.npz", &npz(&[("x", &x), ("y", &y)]));
    let loader = california_housing::LoadData::new().options(folder.options());
    let ((x, y), (x_test, y_test)) = loader.load().unwrap();
    assert_eq!((x.shape(), x_test.shape()), (&[16_512, 8][..], &[4_128, 8][..]));
    // RandomState(113).shuffle(arange(20640)).
    assert_eq!(y.to_vec::<f32>().unwrap()[..4], LARGE);
    assert_eq!(x.i(0).unwrap().to_vec::<f32>().unwrap()[7], LARGE[0] * 8.0 + 7.0);
    assert_eq!(y_test.len(), 4_128);
    let ((_, y), (_, y_test)) = loader.version("small").load().unwrap();
    assert_eq!((y.len(), y_test.len()), (480, 120));
    assert_eq!(y.to_vec::<f32>().unwrap()[..4], SMALL_VERSION);
}

const LARGE: [f32; 4] = [4380.0, 8381.0, 15859.0, 10108.0];
const SMALL_VERSION: [f32; 4] = [568.0, 505.0, 59.0, 71.0];

#[test]
fn word_indexes_of_other_making() {
    let folder = Folder::new("words");
    let index = || imdb::get_word_index_with(&folder.options());
    folder.put("imdb_word_index.json", br#"{"the": 1, "caf\u00e9": 2, "huge": 9007199254740993}"#);
    let words = index().unwrap();
    assert_eq!((words.get("caf\u{e9}"), words.word(1), words.len()), (Some(2), Some("the"), 3));
    assert_eq!(words.encode("huge the"), [1, 4]);
    for (text, part) in [
        (&b""[..], "EOF"),
        (b"{\"the\": 1", "EOF"),
        (b"[1, 2]", "expected a map"),
        (b"{\"the\": -1}", "expected usize"),
        (b"{\"the\": 1.5}", "expected usize"),
        (b"\xff\xfe", "line 1 column"),
    ] {
        folder.put("imdb_word_index.json", text);
        let e = folder.text(index());
        assert!(e.contains(part) && e.contains("/imdb_word_index.json"), "{text:?}: {e}");
    }
    let deep = [b"{\"a\":".repeat(100_000), b"1".to_vec()].concat();
    folder.put("imdb_word_index.json", &deep);
    assert!(index().is_err());
}
