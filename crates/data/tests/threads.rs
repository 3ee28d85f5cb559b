//! Threads: the same elements for any number of them, errors and panics in their places, and none left behind.

use rhyton_base::{Error, Result};
use rhyton_data::{AUTOTUNE, Dataset, Element, Sequence};
use rhyton_tensor::{DType, Tensor, ops};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Tests here count the threads of the process, so they run one at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> std::sync::MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(|e| e.into_inner())
}

fn all(dataset: &Dataset) -> Vec<Vec<f64>> {
    dataset.pass(5).map(|e| e.unwrap().iter().flat_map(|x| x.to_f64s().unwrap()).collect()).collect()
}

/// Threads of datasets that are at work.
fn threads() -> usize {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0 };
    let name = |t: std::fs::DirEntry| std::fs::read_to_string(t.path().join("comm")).unwrap_or_default();
    tasks.flatten().map(name).filter(|n| n.starts_with("rhyton-data")).count()
}

/// Rows that take longer the smaller they are.
struct Slow;

impl Sequence for Slow {
    fn len(&self) -> usize {
        40
    }

    fn get(&self, index: usize) -> Result<Element> {
        std::thread::sleep(Duration::from_micros(400 - 10 * index as u64));
        Ok(vec![ops::full([3], index as f64, DType::F32)?, Tensor::from(index as i32)])
    }
}

#[test]
fn the_same_for_any_number_of_threads() {
    let _alone = alone();
    let slices =
        Dataset::from_tensor_slices(ops::arange(97, DType::F32).unwrap().reshape([97, 1]).unwrap()).unwrap();
    let make = |threads: usize| {
        let f = |x: Tensor| {
            std::thread::sleep(Duration::from_micros((x.to_f64s()?[0] as u64 * 37) % 200));
            Ok(&x * &x)
        };
        let mapped = slices.shuffle(50, 3).map_parallel(f, threads).shuffle(10, 4).batch(7);
        let users =
            Dataset::from_sequence(Slow).shuffle(17, 9).map_parallel(Ok::<Element, Error>, threads).batch(8);
        [
            mapped.prefetch(AUTOTUNE).repeat(2),
            users.prefetch(1),
            Dataset::from_sequence(Slow).map_parallel(Ok::<Element, Error>, threads).skip(3).take(30),
        ]
    };
    let expected = make(1).each_ref().map(all);
    for threads in [2, 3, 8, AUTOTUNE] {
        assert!(make(threads).each_ref().map(all) == expected, "{threads} threads");
    }
    for pool in [1, 2, 5] {
        rhyton_runtime::set_threads(pool);
        assert!(make(AUTOTUNE).each_ref().map(all) == expected, "a pool of {pool}");
    }
    // Buffers of elements and of their numbers draw the same order.
    let elements = slices.map(|x: Tensor| Ok(x)).shuffle(20, 11);
    assert_eq!(all(&elements), all(&slices.shuffle(20, 11)));
}

#[test]
fn each_element_once_in_every_order() {
    let order = |d: &Dataset, pass| -> Vec<i64> {
        d.pass(pass).map(|e| e.unwrap()[0].item::<i64>().unwrap()).collect()
    };
    for buffer in [1, 2, 10, 100, 1000] {
        let d = Dataset::range(100).shuffle(buffer, 5);
        let mut sorted = order(&d, 2);
        // Nothing comes earlier than the buffer lets it.
        assert!(sorted.iter().enumerate().all(|(at, &i)| (i as usize) < at + buffer));
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
        assert_eq!(order(&d, 0) == order(&d, 1), buffer == 1);
    }
    let once = Dataset::range(50).shuffle_once(50, 5);
    assert_eq!(order(&once, 0), order(&once, 9));
    // Repeating goes on with the orders of the passes that follow.
    let twice = Dataset::range(30).shuffle(30, 5).repeat(2);
    let each = Dataset::range(30).shuffle(30, 5);
    assert_eq!(order(&twice, 1), [order(&each, 2), order(&each, 3)].concat());
    let for_ever = Dataset::range(30).shuffle(30, 5).repeat(None).take(60);
    assert_eq!(order(&for_ever, 0), order(&twice, 0));
}

#[test]
fn errors_and_panics_come_in_their_places() {
    let _alone = alone();
    let f = |x: Tensor| match x.item::<i64>()? {
        3 => Err(Error::value("three is not taken")),
        5 => panic!("five is too much"),
        i => Ok(Tensor::from(i * 10)),
    };
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    for dataset in [
        Dataset::range(8).map(f),
        Dataset::range(8).map_parallel(f, 3),
        Dataset::range(8).map_parallel(f, AUTOTUNE).prefetch(2),
        Dataset::range(8).map(f).prefetch(AUTOTUNE),
    ] {
        let got: Vec<String> = dataset
            .iter()
            .map(|e| e.map_or_else(|e| e.to_string(), |e| e[0].item::<i64>().unwrap().to_string()))
            .collect();
        let expected =
            ["0", "10", "20", "map: three is not taken", "40", "panicked: five is too much", "60", "70"];
        assert_eq!(got, expected);
        // A batch has one error, and the next ones go on.
        let batches: Vec<bool> = dataset.batch(2).iter().map(|b| b.is_ok()).collect();
        assert!(batches.contains(&false) && batches[0], "{batches:?}");
    }
    // A generator that panics ends there.
    let broken = Dataset::from_generator(|| {
        (0..5i32).map(|i| if i == 2 { panic!("no more") } else { Tensor::from(i) })
    });
    let got: Vec<bool> = broken.prefetch(1).iter().map(|e| e.is_ok()).collect();
    assert_eq!(got, [true, true, false]);
    let never = Dataset::from_generator(|| -> Vec<Tensor> { panic!("cannot begin") });
    let told = never.iter().next().unwrap().unwrap_err().to_string();
    assert_eq!(told, "panicked: cannot begin");
    std::panic::set_hook(quiet);
    assert_eq!(threads(), 0);
}

#[test]
fn nothing_is_left_behind() {
    let _alone = alone();
    let made = Arc::new(AtomicUsize::new(0));
    let counted = made.clone();
    let endless = Dataset::range(10).repeat(None).map_parallel(
        move |x: Tensor| {
            counted.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(1));
            Ok(x)
        },
        4,
    );
    let pipeline = endless.batch(2).prefetch(3).map_parallel(|x: Tensor| Ok(x), 2).prefetch(2);
    for taken in [0, 1, 5] {
        let mut elements = pipeline.iter();
        for _ in 0..taken {
            elements.next().unwrap().unwrap();
        }
        drop(elements);
        assert_eq!(threads(), 0, "after {taken}");
    }
    // They do not run far ahead either.
    assert!(made.load(Ordering::Relaxed) < 150, "{}", made.load(Ordering::Relaxed));
    // Nor are they left when all has been read, or in the middle of a loop over passes.
    assert_eq!(Dataset::range(9).map_parallel(|x: Tensor| Ok(x), 3).repeat(3).prefetch(2).iter().count(), 27);
    for batch in &pipeline.take(3) {
        batch.unwrap();
    }
    assert_eq!(threads(), 0);
    let open = pipeline.iter();
    let other = pipeline.iter();
    drop((open, other));
    assert_eq!(threads(), 0);
}

#[test]
fn kept_elements() {
    let _alone = alone();
    let computed = Arc::new(AtomicUsize::new(0));
    let counted = computed.clone();
    let base = Dataset::range(6).map(move |x: Tensor| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok((x.cast(DType::F32) / 2.0, ops::full([2, 2], 1.5, DType::BF16)?))
    });
    let path = std::env::temp_dir().join(format!("rhyton-kept-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    for (name, kept) in [("memory", base.cache()), ("file", base.cache_file(&path))] {
        let before = computed.load(Ordering::Relaxed);
        // What is not read to its end is not kept.
        kept.iter().take(3).for_each(|e| drop(e.unwrap()));
        let first: Vec<Element> = kept.iter().map(Result::unwrap).collect();
        assert_eq!(computed.load(Ordering::Relaxed) - before, 9, "{name}");
        for _ in 0..3 {
            let again: Vec<Element> = kept.iter().map(Result::unwrap).collect();
            let pairs = first.iter().flatten().zip(again.iter().flatten());
            assert!(
                again.len() == 6 && pairs.into_iter().all(|(a, b)| a.bit_equal(b) && a.dtype() == b.dtype())
            );
        }
        assert_eq!(computed.load(Ordering::Relaxed) - before, 9, "{name}");
        assert_eq!(kept.shuffle(6, 1).batch(4).iter().count(), 2);
    }
    assert_eq!(base.cache_file(&path).iter().count(), 6);
    // Nothing else lies beside the file.
    let name = path.file_name().unwrap().to_str().unwrap().to_string();
    let beside = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    let beside: Vec<String> = beside
        .map(|f| f.file_name().to_string_lossy().into_owned())
        .filter(|n| n.starts_with(&name))
        .collect();
    assert_eq!(beside, [name]);
    std::fs::remove_file(&path).unwrap();
    let told = base.cache_file("/no/such/folder/file").iter().next().unwrap().unwrap_err().to_string();
    assert!(told.starts_with("cache \"/no/such/folder/file\": "), "{told}");
}
