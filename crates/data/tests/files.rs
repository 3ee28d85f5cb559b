//! Files that are not what they should be: cut, damaged, foreign.

use rhyton_data::{Options, fashion_mnist, mnist};
use rhyton_io::{Array, Compression, write_npz};
use std::fs;
use std::path::PathBuf;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("rhyton-data-files-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn options(&self) -> Options {
        Options::new().data_dir(&self.0).download(false)
    }

    /// What loading this `mnist.npz` says, without the path.
    fn mnist_error(&self) -> String {
        let e = mnist::load_data_with(&self.options()).unwrap_err().to_string();
        assert!(e.contains("mnist.npz\""), "{e}");
        e.replace(&self.0.display().to_string(), "")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn u8s(shape: &[usize]) -> Array {
    let count = shape.iter().product();
    Array::from_slice(shape, &(0..count).map(|i| (i % 10) as u8).collect::<Vec<_>>()).unwrap()
}

fn mnist_arrays() -> [(&'static str, Array); 4] {
    [
        ("x_test", u8s(&[10_000, 28, 28])),
        ("x_train", u8s(&[60_000, 28, 28])),
        ("y_train", u8s(&[60_000])),
        ("y_test", u8s(&[10_000])),
    ]
}

fn save(folder: &Folder, arrays: &[(&str, Array)]) -> PathBuf {
    let path = folder.0.join("mnist.npz");
    let arrays: Vec<(&str, &Array)> = arrays.iter().map(|(n, a)| (*n, a)).collect();
    write_npz(&path, &arrays, Compression::Stored).unwrap();
    path
}

#[test]
fn mnist_whole_cut_and_damaged() {
    let folder = Folder::new("cut");
    let path = save(&folder, &mnist_arrays());
    let ((x, y), _) = mnist::load_data_with(&folder.options()).unwrap();
    assert_eq!((x.shape(), y.shape()), (&[60_000, 28, 28][..], &[60_000][..]));
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(folder.mnist_error().contains("the file is truncated or damaged"));
    let mut damaged = whole;
    damaged[20_000_000] ^= 0x10;
    fs::write(&path, &damaged).unwrap();
    let e = folder.mnist_error();
    assert!(e.contains("x_train") && e.contains("damaged"), "{e}");
    fs::write(&path, b"<html>404</html>").unwrap();
    assert_eq!(
        folder.mnist_error(),
        "mnist: \"/mnist.npz\": not a zip archive; check that this is the file you meant"
    );
    fs::write(&path, b"").unwrap();
    assert!(folder.mnist_error().contains("not a zip archive"));
}

#[test]
fn mnist_of_other_making() {
    let folder = Folder::new("foreign");
    let foreign = "this is not Keras's mnist, move it away or look elsewhere";
    let with = |name: &'static str, array: Array| {
        save(&folder, &mnist_arrays().map(|(n, a)| if n == name { (n, array.clone()) } else { (n, a) }));
        folder.mnist_error()
    };
    assert_eq!(
        with("x_train", u8s(&[100, 784])),
        format!(
            "mnist: \"/mnist.npz\": member \"x_train\": expected uint8 (60000, 28, 28), received uint8 (100, 784); {foreign}"
        )
    );
    assert_eq!(
        with("y_test", Array::from_slice([2], &[1i64, 2]).unwrap()),
        format!(
            "mnist: \"/mnist.npz\": member \"y_test\": expected uint8 (10000,), received int64 (2,); {foreign}"
        )
    );
    let mut labels = u8s(&[60_000]);
    labels.data[77] = 10;
    assert_eq!(
        with("y_train", labels),
        format!(
            "mnist: \"/mnist.npz\": member \"y_train\": expected labels from 0 to 9, received 10 at position 77; {foreign}"
        )
    );
    save(&folder, &[("x", u8s(&[3]))]);
    let e = folder.mnist_error();
    assert!(e.contains("no array \"x_train\"") && e.ends_with(foreign), "{e}");
}

/// An IDX file of labels or pictures, not compressed, which is read as well.
fn idx(shape: &[u32], data: &[u8]) -> Vec<u8> {
    let sizes = shape.iter().flat_map(|n| n.to_be_bytes());
    [0, 0, 8, shape.len() as u8].into_iter().chain(sizes).chain(data.iter().copied()).collect()
}

#[test]
fn fashion_mnist_whole_cut_and_foreign() {
    let folder = Folder::new("fashion");
    let put = |name: &str, bytes: Vec<u8>| fs::write(folder.0.join(name), bytes).unwrap();
    let error = || {
        let e = fashion_mnist::load_data_with(&folder.options()).unwrap_err().to_string();
        e.replace(&folder.0.display().to_string(), "")
    };
    put("train-labels-idx1-ubyte.gz", idx(&[60_000], &u8s(&[60_000]).data));
    put("train-images-idx3-ubyte.gz", idx(&[60_000, 28, 28], &vec![7; 60_000 * 784]));
    put("t10k-labels-idx1-ubyte.gz", idx(&[10_000], &u8s(&[10_000]).data));
    put("t10k-images-idx3-ubyte.gz", idx(&[10_000, 28, 28], &vec![8; 10_000 * 784]));
    let ((x, _), (x_test, y_test)) = fashion_mnist::load_data_with(&folder.options()).unwrap();
    assert_eq!((x.to_bytes().unwrap()[0], x_test.to_bytes().unwrap()[0]), (7, 8));
    assert_eq!(y_test.to_bytes().unwrap()[..3], [0, 1, 2]);

    put("t10k-images-idx3-ubyte.gz", idx(&[10_000, 28, 28], &[8; 5]));
    let e = error();
    assert!(e.contains("t10k-images-idx3-ubyte.gz\": IDX: expected 7840000 bytes"), "{e}");
    put("t10k-images-idx3-ubyte.gz", idx(&[3, 28, 28], &vec![8; 3 * 784]));
    let e = error();
    assert!(e.contains("expected uint8 (10000, 28, 28), received uint8 (3, 28, 28)"), "{e}");
    let mut labels = u8s(&[60_000]).data;
    labels[0] = 5;
    put("train-labels-idx1-ubyte.gz", idx(&[60_000], &labels));
    let e = error();
    assert!(
        e.contains("expected 6000 labels of every class, received [5999, 6000")
            && e.contains("MNIST's digits"),
        "{e}"
    );
    put("train-labels-idx1-ubyte.gz", b"\x1F\x8B\x08 not gzip".to_vec());
    let e = error();
    assert!(e.contains("train-labels-idx1-ubyte.gz") && e.contains("damaged"), "{e}");
}
