//! `--profile`: where the time of a command went.

use crate::report::Report;
use rhyton::Result;
use rhyton::io::write_atomic;
use rhyton::profile::{KernelProfile, Profile};
use serde_json::{Value, json};
use std::path::Path;

/// Shows what has been taken down, and writes what happened when to a trace file.
pub fn tell(profile: &Profile, report: Report, trace: &Path) -> Result<()> {
    write_atomic(trace, |out| profile.write_trace(out))?;
    report
        .line(format_args!("\n{profile}trace for ui.perfetto.dev or chrome://tracing: {}", trace.display()));
    let mut object = figures(profile);
    object["trace"] = json!(trace.display().to_string());
    report.object(&json!({ "profile": object }));
    Ok(())
}

/// The table as an object: times in seconds.
fn figures(profile: &Profile) -> Value {
    let spans = profile.spans.iter().map(|s| {
        json!({"name": s.name, "calls": s.calls, "seconds": s.total.as_secs_f64(), "share": profile.share(s.total)})
    });
    json!({
        "wall": profile.wall.as_secs_f64(),
        "in_kernels": profile.in_kernels().as_secs_f64(),
        "flops": profile.flops().0,
        "flops_left_out": profile.flops().1,
        "bytes": profile.bytes(),
        "kernels": profile.kernels.iter().map(|k| kernel(profile, k)).collect::<Vec<_>>(),
        "outside_of_kernels": spans.collect::<Vec<_>>(),
        "rest": profile.rest.as_secs_f64(),
    })
}

fn kernel(profile: &Profile, k: &KernelProfile) -> Value {
    json!({
        "function": k.program, "operations": k.label.operations, "layers": k.label.scopes, "size": k.extent,
        "calls": k.calls, "seconds": k.total.as_secs_f64(), "mean": k.mean(), "longest": k.longest.as_secs_f64(),
        "share": profile.share(k.total), "threads": k.threads(), "flops": k.cost.flops,
        "flops_left_out": k.skipped, "bytes_read": k.cost.read, "bytes_written": k.cost.written,
        "gflops_per_s": k.gflops(), "gbytes_per_s": k.gbytes(),
    })
}
