//! What a miner may use.

use std::time::Duration;

use mint::Share;
use telemetry::Usage;

/// What is allotted to a miner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allotment {
    /// CPU, thousandths of a core.
    pub millicores: u32,
    /// Memory, bytes.
    pub memory_bytes: u64,
    /// I/O, bytes a second.
    pub io_bytes_per_second: u64,
}

impl Allotment {
    /// CPU, memory and I/O used from `before` to `after`, a time of `elapsed` later, in parts of the allotment.
    pub fn shares(&self, before: &Usage, after: &Usage, elapsed: Duration) -> [Share; 3] {
        let nanoseconds = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        let scaled = |per_second: u64, parts: u64| {
            let allotted = u128::from(per_second) * u128::from(nanoseconds) / u128::from(parts);
            u64::try_from(allotted).unwrap_or(u64::MAX)
        };
        [
            Share::of(after.cpu_ns.saturating_sub(before.cpu_ns), scaled(self.millicores.into(), 1_000)),
            Share::of(after.memory_bytes, self.memory_bytes),
            Share::of(after.io_bytes.saturating_sub(before.io_bytes), scaled(self.io_bytes_per_second, 1_000_000_000)),
        ]
    }

    /// A part of the allotted CPU, thousandths of a core, at least one.
    pub fn part_of_cpu(&self, part: Share) -> u32 {
        let millicores = u64::from(self.millicores) * u64::from(part.ppm()) / u64::from(Share::WHOLE.ppm());
        u32::try_from(millicores).unwrap_or(u32::MAX).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_is_in_parts_of_what_is_allotted() {
        let allotment = Allotment { millicores: 500, memory_bytes: 1_000, io_bytes_per_second: 100 };
        let before = Usage { cpu_ns: 1_000_000_000, memory_bytes: 0, io_bytes: 50 };
        let after = Usage { cpu_ns: 3_000_000_000, memory_bytes: 250, io_bytes: 150 };
        let [cpu, memory, io] = allotment.shares(&before, &after, Duration::from_secs(2));
        assert_eq!((cpu.ppm(), memory.ppm(), io.ppm()), (2_000_000, 250_000, 500_000));
        assert_eq!(allotment.part_of_cpu(Share::WHOLE), 500);
        assert_eq!(allotment.part_of_cpu(Share::NONE), 1);
    }
}
