//! A compiled training step allocates nothing. The test stands alone: it counts for the whole process.

use rhyton_graph::Function;
use rhyton_ops::Meta;
use rhyton_runtime::{Arg, Generator, Storage};
use rhyton_tensor::{DType, GradientTape, Tensor, Variable, ops};
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

fn random(shape: &[usize], seed: u64) -> Tensor {
    let mut g = Generator::new(seed);
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| (g.uniform() - 0.5) as f32).collect();
    Tensor::from_slice(&values, shape).unwrap()
}

#[test]
fn a_training_step_allocates_nothing() {
    rhyton_runtime::set_threads(2);
    let w = [random(&[200, 300], 1), random(&[300], 2), random(&[300, 10], 3)].map(Variable::new);
    let v = [&[200, 300][..], &[300], &[300, 10]].map(|s| Variable::new(ops::zeros(s, DType::F32).unwrap()));
    let step = Function::trace(&[Meta::new(DType::F32, [64, 200]), Meta::new(DType::I32, [64])], |a| {
        let tape = GradientTape::new();
        let h = (a[0].matmul(&w[0].value())? + w[1].value()).relu();
        let p = h.matmul(&w[2].value())?.softmax(-1)?;
        let loss = -(ops::one_hot(&a[1], 10, -1, DType::F32)? * (p + 1e-7).log()).sum(-1)?.mean(..)?;
        for ((w, v), g) in w.iter().zip(&v).zip(tape.gradients(&loss, &w)?) {
            let average = v.value() * 0.9 + g.square() * 0.1;
            v.assign(&average)?;
            w.assign_sub(&(g * 0.01 / (average + 1e-7).sqrt()))?;
        }
        Ok(vec![loss])
    })
    .unwrap();
    let x = Storage::zeroed(64 * 200 * 4).unwrap();
    let y = Storage::zeroed(64 * 4).unwrap();
    let mut loss = Storage::zeroed(4).unwrap();
    for _ in 0..50 {
        step.run([Arg::Read(&x, 0), Arg::Read(&y, 0)], &mut [&mut loss]).unwrap();
    }
    let before = COUNT.load(Ordering::Relaxed);
    for _ in 0..200 {
        step.run([Arg::Read(&x, 0), Arg::Read(&y, 0)], &mut [&mut loss]).unwrap();
    }
    let allocations = COUNT.load(Ordering::Relaxed) - before;
    // The other thread may meet a kernel for the first time late and then make room for its registers once.
    assert!(allocations <= 8, "{allocations} allocations in 200 steps");
}
