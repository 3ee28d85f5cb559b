//! What control flow is made of: functions written down on the side, and running them at once.

mod interpret;
mod recorder;

pub(crate) use interpret::run;
pub(crate) use recorder::{Outer, Recorder, record, record_with};
