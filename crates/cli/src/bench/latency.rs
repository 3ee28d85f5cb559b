//! How long two threads take to talk: whether their cores share a cache.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Messages and answers a figure is of.
const ROUND_TRIPS: u32 = 1000;
const FIGURES: usize = 9;
/// Whatever the machine is busy with, it takes no longer.
const PATIENCE: Duration = Duration::from_millis(200);

/// Nanoseconds that a message takes from one thread to another and back: the median of some tries. Nothing where there
/// is one core only, or the threads were not left to run at once.
pub fn round_trip_ns() -> Option<f64> {
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        return None;
    }
    // Even: a message; odd: its answer; the largest: the end.
    let ball = AtomicU32::new(1);
    let start = Instant::now();
    let mut figures = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            loop {
                match ball.load(Ordering::Acquire) {
                    u32::MAX => break,
                    message if message.is_multiple_of(2) => ball.store(message + 1, Ordering::Release),
                    _ => std::hint::spin_loop(),
                }
            }
        });
        let mut answer = 1;
        'tries: while figures.len() < FIGURES {
            let begin = Instant::now();
            for _ in 0..ROUND_TRIPS {
                ball.store(answer + 1, Ordering::Release);
                answer += 2;
                let mut spins = 0u32;
                while ball.load(Ordering::Acquire) != answer {
                    std::hint::spin_loop();
                    spins += 1;
                    if spins.is_multiple_of(4096) && start.elapsed() > PATIENCE {
                        break 'tries;
                    }
                }
            }
            figures.push(begin.elapsed().as_secs_f64() * 1e9 / f64::from(ROUND_TRIPS));
        }
        ball.store(u32::MAX, Ordering::Release);
    });
    (!figures.is_empty()).then(|| super::median(&figures))
}
