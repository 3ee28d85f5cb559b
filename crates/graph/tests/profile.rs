//! What a profiler takes down. These tests see all kernels of the process, so they take turns.

use rhyton_graph::Function;
use rhyton_ops::Meta;
use rhyton_runtime::profile::{Profiler, begin, span};
use rhyton_runtime::{Arg, Generator, Storage, set_threads};
use rhyton_tensor::{DType, Tensor, ops, scope};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(|e| e.into_inner())
}

fn product(m: usize, k: usize, n: usize) -> Function {
    let meta = [Meta::new(DType::F32, [m, k]), Meta::new(DType::F32, [k, n])];
    scope("my step", || Function::trace(&meta, |x| Ok(vec![x[0].matmul(&x[1])?.relu().sum(0)?]))).unwrap()
}

fn run(f: &Function, times: usize, share: f64) {
    let mut g = Generator::new(1);
    let memory: Vec<Storage> = f
        .inputs()
        .iter()
        .map(|m| {
            let numbers = (0..m.dims().iter().product::<usize>())
                .map(|_| if g.uniform() < share { g.uniform() as f32 + 0.1 } else { 0.0 });
            Storage::from_bytes(&numbers.flat_map(f32::to_ne_bytes).collect::<Vec<u8>>()).unwrap()
        })
        .collect();
    let bytes = |m: &Meta| m.dims().iter().product::<usize>() * m.dtype.size();
    let mut out: Vec<Storage> = f.outputs().iter().map(|m| Storage::new(bytes(m)).unwrap()).collect();
    for _ in 0..times {
        f.run(memory.iter().map(|m| Arg::Read(m, 0)), &mut out.iter_mut().collect::<Vec<_>>()).unwrap();
    }
}

#[test]
fn calls_times_and_names() {
    let _turn = turn();
    set_threads(2);
    let f = product(64, 200, 96);
    run(&f, 3, 1.0);
    let profiler = Profiler::start();
    run(&f, 10, 1.0);
    let profile = profiler.report();
    drop(profiler);
    run(&f, 5, 1.0);
    assert_eq!(profile.kernels.len(), f.kernels().len());
    for k in &profile.kernels {
        assert_eq!((k.calls, k.program.as_str()), (10, "my step"));
        assert!(k.total > Duration::ZERO && k.total >= k.longest && k.threads() <= 2.0 + 1e-9);
    }
    assert!(profile.in_kernels() + profile.rest <= profile.wall);
    let k = profile.kernels.iter().find(|k| k.label.operations.starts_with("matmul")).unwrap();
    assert_eq!((k.extent.as_str(), k.cost.flops), ("64x200x96", 2 * 64 * 200 * 96 + 64 * 96));
    let rate = k.cost.flops as f64 * 10.0 / k.total.as_secs_f64() * 1e-9;
    assert!((k.gflops() / rate - 1.0).abs() < 1e-9);
    let text = profile.to_string();
    assert!(
        text.contains("matmul+relu 64x200x96") && text.contains("outside of kernels: the rest"),
        "{text}"
    );
}

#[test]
fn operations_that_zeros_make_unnecessary() {
    let _turn = turn();
    let f = product(128, 512, 128);
    let share = |share: f64| {
        let profiler = Profiler::start();
        run(&f, 2, share);
        let profile = profiler.report();
        let k = profile.kernels.iter().find(|k| k.label.operations.starts_with("matmul")).unwrap();
        k.skipped as f64 / (2.0 * (2 * 128 * 512 * 128) as f64)
    };
    assert_eq!(share(1.0), 0.0);
    let left_out = share(0.1);
    assert!((left_out - 0.9).abs() < 0.01, "{left_out}");
}

#[test]
fn spans_hold_what_is_not_inside_others() {
    let _turn = turn();
    let profiler = Profiler::start();
    let nap = Duration::from_millis(5);
    for i in 0..3 {
        let _step = begin("outer", Some(i));
        std::thread::sleep(nap);
        span("inner", || std::thread::sleep(2 * nap));
    }
    let profile = profiler.report();
    let of = |name: &str| profile.spans.iter().find(|s| s.name == name).unwrap().clone();
    let (outer, inner) = (of("outer"), of("inner"));
    assert_eq!((outer.calls, inner.calls), (3, 3));
    assert!(inner.total >= 6 * nap && outer.total >= 3 * nap, "{outer:?} {inner:?}");
    assert!(outer.longest >= 3 * nap);
    assert!(outer.total + inner.total + profile.rest <= profile.wall + Duration::from_micros(1));
}

#[test]
fn operations_by_themselves_and_loops() {
    let _turn = turn();
    let x = Tensor::from(vec![1.0f32; 1000]);
    let f = Function::trace(&[Meta::new(DType::F32, [4])], |x| {
        ops::fori_loop(0, 5, |_, c| Ok(vec![(&c[0] * 2.0).tanh()]), &[x[0].clone()])
    })
    .unwrap();
    let profiler = Profiler::start();
    for _ in 0..4 {
        let _ = (&x * 2.0).exp();
    }
    run(&f, 3, 1.0);
    let profile = profiler.report();
    let calls = |operations: &str| {
        let found = profile.kernels.iter().filter(|k| k.label.operations == operations);
        found.map(|k| k.calls).sum::<u64>()
    };
    assert_eq!((calls("mul"), calls("exp")), (4, 4), "{profile}");
    let inside = profile.kernels.iter().filter(|k| k.label.operations.contains("tanh")).map(|k| k.calls);
    assert_eq!(inside.sum::<u64>(), 15, "{profile}");
}

#[test]
fn traces_hold_the_last_events() {
    let _turn = turn();
    set_threads(2);
    let f = product(256, 256, 256);
    let profiler = Profiler::keeping(40);
    for i in 0..100 {
        let _step = begin("step \"x\"", Some(i));
        run(&f, 1, 1.0);
    }
    let profile = profiler.report();
    let mut text = Vec::new();
    profile.write_trace(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text.matches("\"ph\": \"X\"").count(), 40);
    assert!(text.contains("\"step \\\"x\\\" 99\"") && !text.contains("\"step \\\"x\\\" 0\""), "{text}");
}
