//! A call from the job into the host: the job's memory, and what the host keeps for it.

use std::ops::Range;

use wasmtime::{AsContextMut, Caller, Extern, Trap};

use super::errno::{Errno, Stop};
use crate::{
    host::{Host, Open, Opened},
    meter::{HOST_BYTE_COST, HOST_CALL_COST},
};

/// Whether a call succeeds.
pub type Answer<T = ()> = Result<T, Stop>;

/// What a call can touch.
pub struct Call<'a> {
    /// The job's memory.
    memory: &'a mut [u8],
    /// The state of the run.
    pub host: &'a mut Host,
}

/// Answers a call, and charges for it.
pub fn answer(caller: &mut Caller<'_, Host>, body: impl FnOnce(&mut Call<'_>) -> Answer) -> wasmtime::Result<i32> {
    let memory = match caller.data().memory {
        Some(memory) => memory,
        None => match caller.get_export("memory") {
            Some(Extern::Memory(memory)) => *caller.data_mut().memory.insert(memory),
            _ => return Ok(Errno::Fault as i32),
        },
    };
    let (memory, host) = memory.data_and_store_mut(caller.as_context_mut());
    host.moved = 0;
    let answered = body(&mut Call { memory, host });
    let cost = host.moved.saturating_mul(HOST_BYTE_COST).saturating_add(HOST_CALL_COST);
    let left = caller.get_fuel()?.checked_sub(cost);
    caller.set_fuel(left.unwrap_or(0))?;
    match answered {
        Err(Stop::End(end)) => Err(end.into()),
        _ if left.is_none() => Err(Trap::OutOfFuel.into()),
        Ok(()) => Ok(0),
        Err(Stop::Errno(errno)) => Ok(errno as i32),
    }
}

impl Call<'_> {
    /// Bytes of the memory, to be read; they are charged for.
    pub fn bytes(&mut self, address: u32, length: u32) -> Answer<&[u8]> {
        Ok(self.bytes_and_host(address, length)?.0)
    }

    /// Bytes of the memory to be filled, with the state; they are charged for.
    pub fn buffer(&mut self, address: u32, length: u32) -> Answer<(&mut [u8], &mut Host)> {
        self.host.moved += u64::from(length);
        Ok((self.memory.get_mut(range(address, length)).ok_or(Errno::Fault)?, self.host))
    }

    /// Bytes of the memory, with the state; they are charged for.
    pub fn bytes_and_host(&mut self, address: u32, length: u32) -> Answer<(&[u8], &mut Host)> {
        self.host.moved += u64::from(length);
        Ok((self.memory.get(range(address, length)).ok_or(Errno::Fault)?, self.host))
    }

    /// Puts bytes into the memory.
    pub fn put(&mut self, address: u32, bytes: &[u8]) -> Answer {
        let length = u32::try_from(bytes.len()).map_err(|_| Errno::Fault)?;
        self.buffer(address, length)?.0.copy_from_slice(bytes);
        Ok(())
    }

    /// Puts a number of 32 bits into the memory.
    pub fn put_u32(&mut self, address: u32, number: u32) -> Answer {
        self.put(address, &number.to_le_bytes())
    }

    /// Puts a number of 64 bits into the memory.
    pub fn put_u64(&mut self, address: u32, number: u64) -> Answer {
        self.put(address, &number.to_le_bytes())
    }

    /// A list of address and length, as reads and writes take it.
    pub fn vectors(&mut self, address: u32, count: u32) -> Answer<Vec<(u32, u32)>> {
        let length = count.checked_mul(8).ok_or(Errno::Inval)?;
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
        let pairs = self.bytes(address, length)?.chunks_exact(8);
        Ok(pairs.map(|pair| (number(&pair[..4]), number(&pair[4..]))).collect())
    }

    /// What a number for an open file stands for.
    pub fn open(&mut self, number: u32) -> Answer<&mut Open> {
        let index = usize::try_from(number).map_err(|_| Errno::Badf)?;
        Ok(self.host.open.get_mut(index).and_then(Option::as_mut).ok_or(Errno::Badf)?)
    }

    /// What is open under a number.
    pub fn opened(&mut self, number: u32) -> Answer<Opened> {
        Ok(self.open(number)?.what.clone())
    }
}

fn range(address: u32, length: u32) -> Range<usize> {
    let start = usize::try_from(address).unwrap_or(usize::MAX);
    start..start.saturating_add(usize::try_from(length).unwrap_or(usize::MAX))
}
