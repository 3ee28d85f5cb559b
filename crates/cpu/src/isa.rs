//! Which instructions this machine has, and the floating-point mode kernels run in.

use std::sync::OnceLock;

/// Families of vector instructions, narrowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// What every machine of the target has (SSE2, NEON, plain code).
    Portable,
    /// 256-bit vectors with fused multiply-add.
    Avx2,
    /// 512-bit vectors.
    Avx512,
}

/// The best family of this machine. `RHYTON_ISA=portable|avx2|avx512` asks for a narrower one.
pub fn isa() -> Isa {
    static ISA: OnceLock<Isa> = OnceLock::new();
    *ISA.get_or_init(|| {
        let best = detect();
        match std::env::var("RHYTON_ISA").as_deref() {
            Ok("portable") => Isa::Portable,
            Ok("avx2") => best.min(Isa::Avx2),
            _ => best,
        }
    })
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Isa {
    let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl");
    match (avx512 && avx2, avx2) {
        (true, _) => Isa::Avx512,
        (_, true) => Isa::Avx2,
        _ => Isa::Portable,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Isa {
    Isa::Portable
}

/// Defines a function that is `$any`, compiled for the widest vectors of the machine besides those that every one has.
macro_rules! widest {
    ($(#[$doc:meta])* $vis:vis unsafe fn $name:ident($($arg:ident: $t:ty),* $(,)?) $(-> $r:ty)? = $any:ident) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)]
        $vis unsafe fn $name($($arg: $t),*) $(-> $r)? {
            #[cfg(target_arch = "x86_64")]
            #[allow(clippy::too_many_arguments)]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
            unsafe fn wide($($arg: $t),*) $(-> $r)? {
                // SAFETY: the caller's promise.
                unsafe { $any($($arg),*) }
            }
            #[cfg(target_arch = "x86_64")]
            #[allow(clippy::too_many_arguments)]
            #[target_feature(enable = "avx2,fma")]
            unsafe fn half($($arg: $t),*) $(-> $r)? {
                // SAFETY: the caller's promise.
                unsafe { $any($($arg),*) }
            }
            // SAFETY: the caller's promise; `isa` has found the features present.
            unsafe {
                match $crate::isa::isa() {
                    #[cfg(target_arch = "x86_64")]
                    $crate::isa::Isa::Avx512 => wide($($arg),*),
                    #[cfg(target_arch = "x86_64")]
                    $crate::isa::Isa::Avx2 => half($($arg),*),
                    _ => $any($($arg),*),
                }
            }
        }
    };
}
pub(crate) use widest;

/// While it lives, this thread treats subnormal numbers as zero.
///
/// Arithmetic on subnormals costs a hundred times that on other numbers on most machines, and training meets
/// them: averages of gradients that have become zero decay through them for ever. (Miri, which knows no such mode,
/// computes with them.)
pub struct FlushSubnormals {
    #[cfg(all(not(miri), any(target_arch = "x86_64", target_arch = "aarch64")))]
    before: u64,
}

#[cfg(all(not(miri), target_arch = "x86_64"))]
mod control {
    use std::arch::asm;

    /// Flush-to-zero (bit 15) and denormals-are-zero (bit 6).
    pub const FLUSH: u64 = 0x8040;

    pub fn read() -> u64 {
        let mut word = 0u32;
        // SAFETY: stores the control word to a local; every x86-64 has the instruction.
        unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut word, options(nostack, preserves_flags)) };
        u64::from(word)
    }

    pub fn write(word: u64) {
        let word = word as u32;
        // SAFETY: the word is the one read with only the two flush bits changed: no exception is unmasked and
        // rounding stays as it is. What changes is that subnormal operands and results are zeros, which the
        // kernels between `write` and its undoing are specified to do.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const word, options(nostack, preserves_flags)) };
    }
}

#[cfg(all(not(miri), target_arch = "aarch64"))]
mod control {
    use std::arch::asm;

    /// Flush-to-zero (FPCR bit 24).
    pub const FLUSH: u64 = 1 << 24;

    pub fn read() -> u64 {
        let word: u64;
        // SAFETY: reads a control register that is readable everywhere.
        unsafe { asm!("mrs {}, fpcr", out(reg) word, options(nomem, nostack, preserves_flags)) };
        word
    }

    pub fn write(word: u64) {
        // SAFETY: the word is the one read with only the flush bit changed; see the x86-64 twin.
        unsafe { asm!("msr fpcr, {}", in(reg) word, options(nostack, preserves_flags)) };
    }
}

impl FlushSubnormals {
    /// Switches the mode on for this thread.
    pub fn on() -> FlushSubnormals {
        #[cfg(all(not(miri), any(target_arch = "x86_64", target_arch = "aarch64")))]
        {
            let before = control::read();
            if before & control::FLUSH != control::FLUSH {
                control::write(before | control::FLUSH);
            }
            FlushSubnormals { before }
        }
        #[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
        FlushSubnormals {}
    }
}

impl Drop for FlushSubnormals {
    fn drop(&mut self) {
        #[cfg(all(not(miri), any(target_arch = "x86_64", target_arch = "aarch64")))]
        if self.before & control::FLUSH != control::FLUSH {
            control::write(self.before);
        }
    }
}
