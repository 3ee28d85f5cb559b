//! Damaged and malicious files end in an error or in numbers; never in a panic, a hang or a flood of memory.

use rhyton_base::{DType, Result};
use rhyton_io::{Array, Compression, KerasArchive, Npz, WeightsFile, WeightsWriter, idx, npy, npz};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Counts what is allocated, and the most there ever was.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged; the counters are atomic.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: `at` came from `alloc` above with this layout.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The counters are shared, so one test at a time.
static ONE: Mutex<()> = Mutex::new(());

/// xorshift64*: the same damage in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

fn damage(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bad = bytes.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bad.len());
        match random.below(6) {
            0 => bad.truncate(at.max(1)),
            1 => bad[at] = random.next() as u8,
            2 => bad[at] ^= 1 << random.below(8),
            3 => bad[at] = [0, 1, 0x7F, 0x80, 0xFF][random.below(5)],
            4 => {
                // An address or a size that means something, or nothing at all.
                let values =
                    [0, u64::MAX, 1 << 31, 1 << 40, 1 << 62, random.next() % bytes.len() as u64, at as u64];
                let value = values[random.below(values.len())].to_le_bytes();
                let end = bad.len().min(at + 8);
                bad[at..end].copy_from_slice(&value[..end - at]);
            }
            _ => {
                // A piece of the file in another place.
                let (from, length) = (random.below(bad.len()), random.below(64));
                let piece = bad[from..bad.len().min(from + length)].to_vec();
                let end = bad.len().min(at + piece.len());
                bad[at..end].copy_from_slice(&piece[..end - at]);
            }
        }
    }
    bad
}

/// Damages `bytes` so many times (a hundred times more where `RHYTON_FUZZ` is set) and reads the result.
fn fuzz(name: &str, bytes: &[u8], times: usize, read: impl Fn(Vec<u8>) -> Result<()>) {
    let _one = ONE.lock().unwrap_or_else(|e| e.into_inner());
    let times = if std::env::var_os("RHYTON_FUZZ").is_some() { times * 100 } else { times };
    read(bytes.to_vec()).unwrap_or_else(|e| panic!("{name}, undamaged: {e}"));
    let mut random = Random(bytes.len() as u64 | 1);
    let (mut errors, mut most, mut longest) = (0, 0, Duration::ZERO);
    for round in 0..times {
        let bad = damage(bytes, &mut random);
        let before = NOW.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        let start = Instant::now();
        if let Err(e) = read(bad) {
            errors += 1;
            assert!(!e.to_string().contains("gave up"), "{name}, round {round}: the parser panicked: {e}");
        }
        longest = longest.max(start.elapsed());
        let peak = PEAK.load(Ordering::Relaxed).saturating_sub(before);
        most = most.max(peak);
        assert!(peak < (128 << 20) + 1100 * bytes.len(), "{name}, round {round}: {peak} bytes allocated");
        assert!(start.elapsed() < Duration::from_secs(20), "{name}, round {round}: {:?}", start.elapsed());
    }
    println!("{name}: {errors} of {times} refused; at most {most} bytes and {longest:?}");
}

fn read_tree(bytes: Vec<u8>) -> Result<()> {
    let file = WeightsFile::from_bytes(bytes)?;
    let paths: Vec<String> = file.datasets().map(str::to_string).collect();
    for path in paths {
        let _ = file.info(&path);
        match file.read(&path) {
            Ok(array) => array.check().unwrap(),
            Err(e) if e.kind() == rhyton_base::ErrorKind::Unsupported => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

fn golden(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn own_tree() -> Vec<u8> {
    let mut out = WeightsWriter::new();
    for (i, dtype) in DType::ALL.into_iter().enumerate() {
        let array = Array::from_slice([3, 2], &[0u8, 1, 2, 3, 4, 5]).unwrap().cast(dtype).unwrap();
        out.dataset(&format!("layers/dense_{i}/vars/0"), array).unwrap();
        out.set_name(&format!("layers/dense_{i}/vars"), "layer").unwrap();
    }
    out.finish().unwrap()
}

#[test]
fn damaged_hdf5() {
    for name in ["tree_v0.h5", "tree_v110.h5", "legacy.h5", "model.weights.h5"] {
        fuzz(name, &golden(name), 2000, read_tree);
    }
    fuzz("our own", &own_tree(), 2000, read_tree);
}

#[test]
fn damaged_archives() {
    fuzz("model.keras", &golden("model.keras"), 2000, |bytes| {
        let archive = KerasArchive::from_bytes(&bytes)?;
        archive.weights.map_or(Ok(()), read_tree)
    });
    fuzz("deflated.npz", &golden("deflated.npz"), 5000, |bytes| {
        Npz::from_bytes(bytes)?.read_all().map(|_| ())
    });
}

#[test]
fn damaged_arrays() {
    fuzz("npy", &golden("npy_fortran.npy"), 20_000, |bytes| npy::from_bytes(&bytes).map(|_| ()));
    fuzz("idx", &golden("images.idx"), 20_000, |bytes| idx::from_bytes(&bytes).map(|_| ()));
    fuzz("idx.gz", &golden("images.idx.gz"), 20_000, |bytes| idx::from_bytes(&bytes).map(|_| ()));
}

/// Two hundred megabytes of zeros in two hundred kilobytes are honest; the size is what is declared.
#[test]
fn zeros_are_no_bomb() {
    let _one = ONE.lock().unwrap_or_else(|e| e.into_inner());
    let zeros = Array::new(DType::U8, [200 << 20], vec![0; 200 << 20]).unwrap();
    let bytes = npz::to_bytes(&[("x", &zeros)], Compression::Deflated).unwrap();
    assert!(bytes.len() < 300_000);
    assert_eq!(Npz::from_bytes(bytes).unwrap().read("x").unwrap(), zeros);
}

/// A type nested as deep as a header can hold it overflows the stack of a recursive parser.
#[test]
fn a_type_nested_eight_thousand_deep() {
    let _one = ONE.lock().unwrap_or_else(|e| e.into_inner());
    let build = || {
        use hdf5_pure::{Datatype, FileBuilder, make_i8_type};
        let mut nested = make_i8_type();
        for _ in 0..8000 {
            nested = Datatype::VariableLength {
                is_string: false,
                padding: None,
                charset: None,
                base_type: Box::new(nested),
            };
        }
        let mut builder = FileBuilder::new();
        builder.create_dataset("deep").with_raw_data(nested, vec![0; 16], 1).with_shape(&[1]);
        builder.create_dataset("flat").with_f32_data(&[1.0]);
        builder.finish().unwrap()
    };
    let big = std::thread::Builder::new().stack_size(400 << 20);
    let bytes = big.spawn(build).unwrap().join().unwrap();
    let file = WeightsFile::from_bytes(bytes).unwrap();
    assert!(file.read("deep").is_err());
    assert_eq!(file.read("flat").unwrap().to_vec::<f32>().unwrap(), [1.0]);
}

/// A B-tree of old groups, sixty levels high, in which every node names the next one many times: walking it takes
/// longer than the sun will shine.
#[test]
fn a_tree_of_shared_branches() {
    let _one = ONE.lock().unwrap_or_else(|e| e.into_inner());
    let mut bytes = golden("cycle.h5");
    let place = bytes.windows(4).rposition(|w| w == b"TREE").unwrap();
    let leaf = place as u64;
    let mut below = leaf;
    for level in 1..=60u8 {
        let here = bytes.len() as u64;
        bytes.extend(b"TREE\0");
        bytes.extend([level, 32, 0]);
        bytes.extend([0xFF; 16]);
        for _ in 0..32 {
            bytes.extend(0u64.to_le_bytes());
            bytes.extend(below.to_le_bytes());
        }
        bytes.extend(0u64.to_le_bytes());
        below = here;
    }
    // Every reference to the old root of the tree becomes one to the new root, except in the nodes just made.
    let old = golden("cycle.h5").len();
    for at in 0..old - 8 {
        if bytes[at..at + 8] == leaf.to_le_bytes() {
            bytes[at..at + 8].copy_from_slice(&below.to_le_bytes());
        }
    }
    let start = Instant::now();
    let e = WeightsFile::from_bytes(bytes).err().unwrap().to_string();
    assert!(e.contains("without an end"), "{e}");
    assert!(start.elapsed() < Duration::from_secs(20));
}
