//! Calls about the job itself: what it is told, the time that it has none of, chance that is none.

use jobs::ContentHash;

use super::{
    call::{Answer, Call},
    errno::Errno,
};

impl Call<'_> {
    /// `args_sizes_get`.
    pub fn argument_sizes(&mut self, count: u32, bytes: u32) -> Answer {
        let arguments = &self.host.arguments;
        let (many, long) = (arguments.len(), arguments.iter().map(Vec::len).sum::<usize>());
        self.put_u32(count, u32::try_from(many).map_err(|_| Errno::Inval)?)?;
        self.put_u32(bytes, u32::try_from(long).map_err(|_| Errno::Inval)?)
    }

    /// `args_get`.
    pub fn arguments(&mut self, mut pointers: u32, mut bytes: u32) -> Answer {
        for argument in self.host.arguments.clone() {
            self.put_u32(pointers, bytes)?;
            self.put(bytes, &argument)?;
            pointers = pointers.checked_add(4).ok_or(Errno::Fault)?;
            bytes = bytes.checked_add(u32::try_from(argument.len()).map_err(|_| Errno::Fault)?).ok_or(Errno::Fault)?;
        }
        Ok(())
    }

    /// `random_get`: SHA-256 of the job's hash and a counter, the same in every run of the job.
    pub fn random(&mut self, address: u32, length: u32) -> Answer {
        let (buffer, host) = self.buffer(address, length)?;
        let (seed, taken) = &mut host.chance;
        for bytes in buffer.chunks_mut(32) {
            let block = ContentHash::of(&[&seed.0[..], &taken.to_le_bytes()].concat());
            bytes.copy_from_slice(&block.0[..bytes.len()]);
            *taken += 1;
        }
        Ok(())
    }

    /// `poll_oneoff`: whatever is waited for is there at once, as no time passes.
    pub fn poll(&mut self, subscriptions: u32, events: u32, count: u32, out: u32) -> Answer {
        if count == 0 {
            return Err(Errno::Inval.into());
        }
        for index in 0..count {
            let from = index.checked_mul(48).and_then(|by| subscriptions.checked_add(by)).ok_or(Errno::Fault)?;
            let to = index.checked_mul(32).and_then(|by| events.checked_add(by)).ok_or(Errno::Fault)?;
            let asked = self.bytes(from, 48)?;
            let mut event = [0; 32];
            event[..8].copy_from_slice(&asked[..8]);
            event[10] = asked[8];
            self.put(to, &event)?;
        }
        self.put_u32(out, count)
    }
}
