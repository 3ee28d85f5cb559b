use super::*;
use crate::mnist;
use std::fs;

/// A folder of this test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("rhyton-data-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn put(&self, path: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Looks nowhere but in sub-folders of this folder.
    fn options(&self) -> Options {
        Options {
            data_dir: Some(self.0.join("given")),
            variable: Some(self.0.join("variable")),
            home: Some(self.0.join("home")),
            download: false,
            address: None,
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_archive_may_have_been_unpacked() {
    let folder = Folder::new("unpacked");
    let options = folder.options();
    let found = || fetch("cifar10", &options).map(|paths| paths[0].clone());
    assert!(found().is_err());
    for path in [
        "home/.keras/datasets/cifar-10-batches-py-target/cifar-10-batches-py/data_batch_1",
        "home/.rhyton/datasets/cifar-10-python.tar.gz",
        "given/cifar-10-batches-py/data_batch_1",
        "given/cifar-10-python.tar.gz",
    ] {
        let path = folder.put(path, b"x");
        assert_eq!(found().unwrap(), path);
    }
    let e = fetch("cifar100", &options).unwrap_err().to_string();
    assert!(e.contains("https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"), "{e}");
}

#[test]
fn the_order_of_the_places() {
    let folder = Folder::new("order");
    let options = folder.options();
    let found = || fetch("mnist", &options).map(|paths| paths[0].clone());
    assert!(found().is_err());
    for path in [
        "home/.keras/datasets/mnist.npz",
        "home/.rhyton/datasets/mnist.npz",
        "variable/mnist.npz",
        "given/mnist.npz",
    ] {
        let path = folder.put(path, b"x");
        assert_eq!(found().unwrap(), path);
    }
    let places: Vec<Place> = describe("mnist", &options).unwrap().iter().map(|l| l.place).collect();
    assert_eq!(places, Place::ALL);
}

#[test]
fn the_sub_folder_comes_before_its_parent() {
    let folder = Folder::new("sub");
    let options = folder.options();
    let names = dataset("fashion_mnist").unwrap().files.iter().map(|f| f.name);
    names.clone().for_each(|n| drop(folder.put(&format!("variable/{n}"), b"x")));
    let first = |sub: &str| folder.0.join(sub).join("train-labels-idx1-ubyte.gz");
    assert_eq!(fetch("fashion_mnist", &options).unwrap()[0], first("variable"));
    names.for_each(|n| drop(folder.put(&format!("variable/fashion-mnist/{n}"), b"x")));
    assert_eq!(fetch("fashion-mnist", &options).unwrap()[0], first("variable/fashion-mnist"));
    assert_eq!(describe("fashion_mnist", &options).unwrap().iter().filter(|l| l.found()).count(), 8);
}

#[test]
fn the_error_lists_every_place() {
    let folder = Folder::new("error");
    fs::create_dir_all(folder.0.join("given").join("mnist.npz")).unwrap();
    fs::create_dir_all(folder.0.join("home/.keras/datasets")).unwrap();
    let options = Options { variable: None, ..folder.options() };
    let e = fetch("mnist", &options).unwrap_err().to_string().replace(&folder.0.display().to_string(), "");
    assert_eq!(
        e.replace('\\', "/"),
        "mnist: mnist.npz was not found. Looked in
  data dir: /given/mnist.npz (not a file)
  $RHYTON_DATA_DIR: (not set)
  ~/.rhyton/datasets: /home/.rhyton/datasets/mnist.npz (no such folder)
  ~/.keras/datasets: /home/.keras/datasets/mnist.npz (no such file)
  https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz (downloads were not asked for)
Put the file into one of these folders, or set RHYTON_DATA_DIR to the folder that holds it."
    );
}

#[test]
fn nothing_is_set() {
    let options = Options { data_dir: None, variable: None, home: None, download: true, address: None };
    let looked = describe("imdb", &options).unwrap();
    assert!(looked.len() == 6 && looked.iter().all(|l| l.outcome == Outcome::NotSet));
    let e = fetch("imdb", &options).unwrap_err().to_string();
    assert!(e.contains("no home folder"), "{e}");
    assert!(describe("minst", &options).is_err());
}

#[test]
fn the_folder_of_the_process() {
    set_data_dir(Some("somewhere".into()));
    assert_eq!(Options::new().data_dir.as_deref(), Some(Path::new("somewhere")));
    assert_eq!(Options::new().data_dir("else").data_dir.as_deref(), Some(Path::new("else")));
    set_data_dir(None);
    assert_eq!(Options::new().data_dir, None);
}

#[test]
fn digits_are_drawn_only_where_mnist_is_nowhere() {
    let folder = Folder::new("drawn");
    let (((x, y), (x_test, y_test)), origin) = mnist::load_or_draw_with(&folder.options()).unwrap();
    assert_eq!([x.shape(), x_test.shape()], [[60_000, 28, 28], [10_000, 28, 28]]);
    assert_eq!([y.shape(), y_test.shape()], [[60_000], [10_000]]);
    let text = origin.to_string();
    assert!(
        !origin.is_real() && text.starts_with("NOT MNIST") && text.contains("$RHYTON_DATA_DIR"),
        "{text}"
    );
    // A damaged file is to be repaired, not to be passed over.
    folder.put("variable/mnist.npz", b"PK\x03\x04 and no more");
    let e = mnist::load_or_draw_with(&folder.options()).unwrap_err().to_string();
    assert!(e.contains("mnist.npz") && e.contains("truncated"), "{e}");
}

#[cfg(all(feature = "download", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod downloads {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    const BODY: &[u8] = b"handwritten digits, in a manner of speaking";
    const FILE: DataFile = DataFile {
        name: "mnist.npz",
        bytes: BODY.len() as u64,
        sha256: "e7583ee7f4a4e6a7ae19d7f99839edcd61785dc49fab79716a34d4610750246f",
        address: "http://127.0.0.1/",
        unpacked: &[],
    };

    /// Answers one request on this machine with these bytes, and gives the address.
    fn serve(answer: Vec<u8>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/mnist.npz", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|l| l.is_ok_and(|l| !l.is_empty())) {}
            let _ = stream.write_all(&answer);
        });
        address
    }

    fn ok(length: usize, body: &[u8]) -> Vec<u8> {
        [format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").as_bytes(), body].concat()
    }

    /// What comes of an answer: the bytes kept, or the error and nothing else in the folder.
    fn fetched(name: &str, answer: Vec<u8>) -> std::result::Result<Vec<u8>, String> {
        let folder = Folder::new(name);
        let options = Options { download: true, address: Some(serve(answer)), ..folder.options() };
        let result = find(dataset("mnist").unwrap(), &FILE, &options);
        let kept = folder.0.join("home/.rhyton/datasets");
        let count = fs::read_dir(&kept).map_or(0, Iterator::count);
        assert_eq!(count, usize::from(result.is_ok()));
        result.map(|path| fs::read(path).unwrap()).map_err(|e| e.download)
    }

    #[test]
    fn a_whole_file_is_kept() {
        assert_eq!(fetched("whole", ok(BODY.len(), BODY)).unwrap(), BODY);
    }

    #[test]
    fn damage_is_noticed_and_nothing_is_kept() {
        let mut other = BODY.to_vec();
        other[3] ^= 1;
        let e = fetched("other", ok(other.len(), &other)).unwrap_err();
        assert!(e.contains("expected SHA-256") && e.contains(FILE.sha256), "{e}");
        let e = fetched("cut", ok(BODY.len(), &BODY[..10])).unwrap_err();
        assert!(e.contains("broke after 10 of 43 bytes"), "{e}");
        let e = fetched("short", ok(10, &BODY[..10])).unwrap_err();
        assert!(e.contains("expected 43 bytes, received 10"), "{e}");
        let long = [BODY, b"!"].concat();
        let e = fetched("long", ok(long.len(), &long)).unwrap_err();
        assert!(e.contains("expected 43 bytes, received more"), "{e}");
    }

    #[test]
    fn refusals_are_explained() {
        let e = fetched("404", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec()).unwrap_err();
        assert_eq!(e, "the server has no such file (404)");
        let e = fetched("500", b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".to_vec()).unwrap_err();
        assert_eq!(e, "the server refused with status 500");
        assert!(fetched("noise", b"\x00\x01\x02\x03\r\n\r\n".to_vec()).is_err());
        assert!(fetched("empty", Vec::new()).is_err());
    }

    #[test]
    fn a_server_that_does_not_speak_tls() {
        let folder = Folder::new("plain");
        let address = serve(ok(BODY.len(), BODY)).replace("http:", "https:");
        let options = Options { download: true, address: Some(address), ..folder.options() };
        let e = find(dataset("mnist").unwrap(), &FILE, &options).unwrap_err();
        assert!(!e.download.contains("network"), "{e}");
    }

    #[test]
    fn nobody_listens() {
        let folder = Folder::new("nobody");
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let options =
            Options { download: true, address: Some(format!("http://{closed}/x")), ..folder.options() };
        let start = std::time::Instant::now();
        let e = find(dataset("mnist").unwrap(), &FILE, &options).unwrap_err();
        assert!(start.elapsed().as_secs() < 10 && !e.download.is_empty(), "{e}");
    }
}
