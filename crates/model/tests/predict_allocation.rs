//! Predictions of one sample allocate nothing. The test stands alone: it counts for the whole process.

use rhyton_model::Sequential;
use rhyton_nn::layers::{Dense, Input};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn one_sample_allocates_nothing() {
    rhyton_runtime::set_threads(2);
    let model = Sequential::from((
        Input::new([784]),
        Dense::new(512).activation("relu"),
        Dense::new(10).activation("softmax"),
    ));
    let inference = model.for_inference().unwrap();
    let (x, mut y) = (vec![0.5; 784], vec![0.0; 10]);
    for _ in 0..50 {
        inference.predict_into(&x, &mut y).unwrap();
    }
    let before = COUNT.load(Ordering::Relaxed);
    for _ in 0..1000 {
        inference.predict_into(&x, &mut y).unwrap();
    }
    let allocations = COUNT.load(Ordering::Relaxed) - before;
    // The other thread may meet a kernel for the first time late and then make room for its registers once.
    assert!(allocations <= 8, "{allocations} allocations in 1000 predictions");
    assert!((y.iter().sum::<f32>() - 1.0).abs() < 1e-5);
}
