//! Asks the linker for a small program, where it is one that can.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let var = |name| std::env::var(name).unwrap_or_default();
    let target = "x86_64-unknown-linux-gnu";
    if var("TARGET") != target || var("PROFILE") != "release" {
        return;
    }
    // At a fixed address the program needs no list of the places that hold addresses (0.9 MB), which would all have to be
    // changed whenever it starts.
    println!("cargo::rustc-link-arg-bins=-no-pie");
    // Functions that came out alike are kept once (0.3 MB), by the linker that comes with the compiler.
    let sysroot = Command::new(var("RUSTC")).args(["--print", "sysroot"]).output();
    let sysroot =
        sysroot.map_or(String::new(), |out| String::from_utf8_lossy(&out.stdout).trim().to_string());
    let folder = Path::new(&sysroot).join("lib/rustlib").join(target).join("bin/gcc-ld");
    let chosen = !var("RUSTC_LINKER").is_empty() || var("CARGO_ENCODED_RUSTFLAGS").contains("link");
    if !chosen && folder.join("ld.lld").exists() {
        println!("cargo::rustc-link-arg-bins=-B{}", folder.display());
        println!("cargo::rustc-link-arg-bins=-fuse-ld=lld");
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}
