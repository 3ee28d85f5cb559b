//! Ctrl-C: what trains ends after its step, so that the terminal and files are left in order; all else ends at once.

use rhyton::{Result, idle_flag, interrupt_flag};
use signal_hook::consts::SIGINT;
use signal_hook::flag;
use std::sync::atomic::Ordering;

/// What the program exits with: 128 and the number of the signal, as a shell says it.
pub const CODE: u8 = 130;

/// From here on, the first Ctrl-C asks for the end, and the second does not ask.
pub fn listen() -> Result<()> {
    flag::register_conditional_shutdown(SIGINT, i32::from(CODE), idle_flag())?;
    flag::register_conditional_shutdown(SIGINT, i32::from(CODE), interrupt_flag())?;
    flag::register(SIGINT, interrupt_flag())?;
    Ok(())
}

/// Whether Ctrl-C was pressed and nothing has ended for it.
pub fn asked() -> bool {
    interrupt_flag().load(Ordering::Relaxed)
}
