//! CIFAR against the real Keras. The published archives are not at hand, so `with_keras.py` makes files of their form and size
//! with random pictures, lets Keras load them, and prints digests. Runs where `RHYTON_PYTHON` names a Python with Keras.
#![cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]

use graviola::hashing::{Hash, HashContext, Sha256};
use rhyton_data::{Options, TrainTest, cifar10, cifar100};
use rhyton_tensor::Tensor;
use std::path::Path;
use std::process::Command;

fn digest(x: &Tensor) -> String {
    let mut hash = Sha256::new();
    x.with_bytes(|b| hash.update(b)).unwrap();
    let hex: String = hash.finish().as_ref().iter().map(|b| format!("{b:02x}")).collect();
    format!("{} {:?} {hex}", x.dtype(), x.shape())
}

fn digests(((x, y), (x_test, y_test)): &TrainTest) -> Vec<String> {
    [x, y, x_test, y_test].map(digest).to_vec()
}

#[test]
fn cifar_is_what_keras_loads() {
    let Some(python) = std::env::var_os("RHYTON_PYTHON") else {
        println!("skipped: RHYTON_PYTHON does not name a Python with Keras");
        return;
    };
    let folder = std::env::temp_dir().join(format!("rhyton-cifar-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/with_keras.py");
    let output = Command::new(python).arg(script).arg(&folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let keras = |name: &str| -> Vec<String> {
        said.lines().filter_map(|l| l.strip_prefix(&format!("{name}: "))).map(str::to_string).collect()
    };
    let archives = || Options::new().data_dir(&folder).download(false);
    let unpacked = || Options::new().data_dir(folder.join("unpacked")).download(false);

    let ten = || cifar10::LoadData::new().options(archives());
    assert_eq!(digests(&ten().load().unwrap()), keras("cifar10"));
    assert_eq!(digests(&ten().options(unpacked()).load().unwrap()), keras("cifar10"));
    assert_eq!(
        digests(&ten().data_format("channels_first").load().unwrap()),
        keras("cifar10 channels_first")
    );
    let hundred = || cifar100::LoadData::new().options(archives());
    assert_eq!(digests(&hundred().load().unwrap()), keras("cifar100"));
    assert_eq!(digests(&hundred().label_mode("coarse").load().unwrap()), keras("cifar100 coarse"));
    let first = hundred().options(unpacked()).data_format("channels_first");
    assert_eq!(digests(&first.load().unwrap()), keras("cifar100 channels_first"));

    // The other archive under this name, and one that ends early.
    let archive = folder.join("cifar-10-python.tar.gz");
    let whole = std::fs::read(&archive).unwrap();
    std::fs::write(&archive, &whole[..whole.len() / 2]).unwrap();
    let e = ten().load().unwrap_err().to_string();
    assert!(e.contains("cifar-10-python.tar.gz") && e.contains("not a whole .tar.gz archive"), "{e}");
    std::fs::copy(folder.join("cifar-100-python.tar.gz"), &archive).unwrap();
    let e = ten().load().unwrap_err().to_string();
    assert!(e.contains("there is no member \"cifar-10-batches-py/data_batch_1\""), "{e}");
    std::fs::remove_dir_all(&folder).unwrap();
}
