use super::*;
use crate::registry::dataset;
use rhyton_io::Npz;

/// Five pictures in a batch as the author pickled his, and what Keras reads from it (`tests/golden/make_small.py`).
const BATCH: &[u8] = include_bytes!("../../tests/golden/cifar_batch.bin");
const KERAS: &[u8] = include_bytes!("../../tests/golden/cifar_batch.npz");

fn format() -> Format {
    Format { folder: "", labels: "labels", per_file: 5, classes: 10, label_type: DType::U8 }
}

fn read(bytes: &[u8], format: &Format, channels: Channels) -> Result<Split> {
    split(&[("data_batch_1", bytes.to_vec())], format, channels, dataset("cifar10").unwrap())
}

#[test]
fn a_batch_as_keras_reads_it() {
    let mut keras = Npz::from_bytes(KERAS).unwrap();
    let (x, y) = read(BATCH, &format(), Channels::Last).unwrap();
    let expected = keras.read("x").unwrap();
    assert_eq!((x.shape(), x.to_bytes().unwrap()), (&expected.shape[..], expected.data));
    assert_eq!((y.dtype(), y.shape()), (DType::U8, &[5, 1][..]));
    let labels: Vec<i64> = keras.read("y").unwrap().to_vec().unwrap();
    assert_eq!(y.cast(DType::I64).to_vec::<i64>().unwrap(), labels);
    let (first, _) = read(BATCH, &format(), Channels::First).unwrap();
    assert!(first.transpose(&[0, 2, 3, 1]).unwrap().bit_equal(&x));
}

#[test]
fn batches_of_other_making() {
    let e = |format: &Format| read(BATCH, format, Channels::Last).unwrap_err().to_string();
    assert_eq!(
        e(&Format { per_file: 6, ..format() }),
        "file \"data_batch_1\": \"data\": expected uint8 (6, 3072), received an array, uint8 (5, 3072); this is not \
         Keras's cifar10, move it away or look elsewhere"
    );
    let missing = e(&Format { labels: "fine_labels", ..format() });
    assert!(missing.contains("expected a dictionary with \"fine_labels\""), "{missing}");
    let classes = e(&Format { classes: 1, ..format() });
    assert!(classes.contains("expected labels from 0 to 0, received"), "{classes}");
    assert!(
        read(b"\x80\x02N.", &format(), Channels::Last).unwrap_err().to_string().contains("received None")
    );
    for end in 0..BATCH.len().min(400) {
        assert!(read(&BATCH[..end], &format(), Channels::Last).is_err());
    }
    for at in 0..400 {
        let mut bad = BATCH.to_vec();
        bad[at] ^= 0x3F;
        let _ = read(&bad, &format(), Channels::Last);
    }
}
