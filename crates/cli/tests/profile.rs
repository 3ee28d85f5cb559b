//! `--profile`: the figures and the trace file.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Events as they stand in the file: thread, start and end in nanoseconds, kind and name.
fn events(path: &Path) -> Vec<(u64, i64, i64, String, String)> {
    let trace: Value = serde_json::from_slice(&std::fs::read(path).expect("a trace")).expect("JSON");
    assert_eq!(trace["displayTimeUnit"], "ns");
    let mut events = Vec::new();
    for e in trace["traceEvents"].as_array().expect("a list of events") {
        assert!(e["name"].is_string() && e["pid"] == 1 && e["args"].is_object(), "{e}");
        match e["ph"].as_str().expect("a phase") {
            "M" => assert!(
                ["process_name", "thread_name", "thread_sort_index"].contains(&e["name"].as_str().unwrap())
            ),
            "X" => {
                let nanos = |key: &str| (e[key].as_f64().expect("microseconds") * 1e3).round() as i64;
                let (start, took) = (nanos("ts"), nanos("dur"));
                assert!(start >= 0 && took >= 0, "{e}");
                let kind = e["cat"].as_str().expect("a category").to_string();
                assert_eq!(kind == "kernel", e["args"]["flops"].is_u64(), "{e}");
                let name = e["name"].as_str().unwrap().to_string();
                events.push((e["tid"].as_u64().expect("a thread"), start, start + took, kind, name));
            }
            other => panic!("phase {other}: {e}"),
        }
    }
    events
}

#[test]
fn training_shows_where_its_time_goes() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("profiled");
    let _ = std::fs::remove_dir_all(&out);
    let arguments = ["run", "linear-keras", "--epochs", "3", "--profile", "--json", "--out"];
    let done = Command::new(env!("CARGO_BIN_EXE_rhyton")).args(arguments).arg(&out).output().expect("a run");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let last = String::from_utf8_lossy(&done.stdout).lines().last().unwrap_or_default().to_string();
    let profile = &serde_json::from_str::<Value>(&last).expect("an object")["profile"];

    let number = |v: &Value| v.as_f64().expect("a number");
    let kernels = profile["kernels"].as_array().expect("kernels");
    let all: f64 = kernels.iter().map(|k| number(&k["seconds"])).sum();
    assert!((all - number(&profile["in_kernels"])).abs() < 1e-6 && all < number(&profile["wall"]));
    let training = kernels.iter().filter(|k| k["function"] == "train step");
    assert!(training.clone().any(|k| k["operations"].as_str().unwrap().contains("matmul")), "{profile}");
    assert!(training.clone().any(|k| k["layers"].to_string().contains("optimizer")), "{profile}");
    let outside = profile["outside_of_kernels"].as_array().expect("the rest").iter();
    let names: Vec<&str> = outside.map(|s| s["name"].as_str().unwrap()).collect();
    for name in ["gathering batches", "callbacks", "step", "epoch"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }

    let events = events(&out.join("trace.json"));
    let epochs = events.iter().filter(|e| e.4.starts_with("epoch ")).count();
    let steps: Vec<_> = events.iter().filter(|e| e.4.starts_with("step ")).collect();
    assert!(epochs >= 3 && steps.len() >= 3, "{epochs} {}", steps.len());
    let inside = |e: &(u64, i64, i64, String, String), s: &(u64, i64, i64, String, String)| {
        e.0 == s.0 && s.1 <= e.1 && e.2 <= s.2 + 1
    };
    let within = events.iter().filter(|e| e.3 == "kernel" && steps.iter().any(|s| inside(e, s))).count();
    assert!(within >= 3 * steps.len(), "{within} kernels in {} steps", steps.len());
    // On a thread, events hold one another or do not meet: viewers cannot draw anything else.
    for (i, a) in events.iter().enumerate() {
        for b in events[i + 1..].iter().filter(|b| b.0 == a.0) {
            let apart = a.2 <= b.1 + 1 || b.2 <= a.1 + 1;
            assert!(apart || inside(a, b) || inside(b, a), "{a:?} {b:?}");
        }
    }
}
