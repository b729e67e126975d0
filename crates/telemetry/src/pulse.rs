//! Holding a process by stopping and continuing it, where there are no control groups.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::process;

/// How often it is looked whether the process has used what it may.
const LOOK: Duration = Duration::from_millis(10);
/// What the process may use at once after it was idle, nanoseconds of CPU time.
const BURST_NS: u64 = 50_000_000;

/// A thread that stops a process group whenever it has used more than it may, and continues it when it may go on.
#[derive(Debug)]
pub struct Pulse {
    limits: Sender<Option<u32>>,
    thread: Option<JoinHandle<()>>,
}

impl Pulse {
    /// Watches the group that `pid` leads; without a limit at first.
    pub fn new(pid: u32) -> Self {
        let (limits, received) = channel();
        Self { limits, thread: Some(thread::spawn(move || hold(pid, &received))) }
    }

    /// Holds it to `millicores` from now on; `None` lifts the limit.
    pub fn limit_cpu(&self, millicores: Option<u32>) {
        // The thread ends before this does only if the process is gone.
        let _ = self.limits.send(millicores);
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        // Without a sender, the thread ends.
        self.limits = channel().0;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn hold(pid: u32, limits: &Receiver<Option<u32>>) {
    let Some(group) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return };
    let mut limit: Option<u32> = None;
    let mut since = (Instant::now(), 0);
    let mut is_stopped = false;
    loop {
        match limits.recv_timeout(LOOK) {
            Ok(new) => {
                limit = new;
                since = (Instant::now(), process::usage(pid).map_or(0, |usage| usage.cpu_ns));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let Ok(usage) = process::usage(pid) else { break };
        let used = usage.cpu_ns.saturating_sub(since.1);
        let earned = limit.map(|limit| earned_ns(since.0.elapsed(), limit));
        let must_stop = earned.is_some_and(|earned| used > earned);
        if let Some(earned) = earned.filter(|earned| *earned > used.saturating_add(BURST_NS)) {
            // What was not used is not kept.
            since.1 = since.1.saturating_sub(earned - used - BURST_NS);
        }
        if must_stop != is_stopped {
            let _ = kill_process_group(group, if must_stop { Signal::STOP } else { Signal::CONT });
            is_stopped = must_stop;
        }
    }
    if is_stopped {
        let _ = kill_process_group(group, Signal::CONT);
    }
}

/// What may have been used after so long.
fn earned_ns(elapsed: Duration, millicores: u32) -> u64 {
    let earned = elapsed.as_nanos().saturating_mul(millicores.into()) / 1_000;
    u64::try_from(earned).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_a_core_earns_a_quarter_of_the_time() {
        assert_eq!(earned_ns(Duration::from_secs(2), 250), 500_000_000);
    }
}
