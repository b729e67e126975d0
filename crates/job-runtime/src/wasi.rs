//! WASI preview 1, as far as a job can have it and still be the same everywhere.
//!
//! There are arguments, two folders, and two places to print. The environment is empty, every clock stands at zero,
//! waiting takes no time, chance is made from the job's own hash, and there are no sockets, links or signals.

mod call;
mod errno;
mod open_files;
mod paths;
mod process;

use wasmtime::{Caller, Linker};

use self::{
    call::{Answer, Call, answer},
    errno::Errno,
    paths::How,
};
use crate::{end::End, host::Host};

const MODULE: &str = "wasi_snapshot_preview1";

/// Offers a function by a name, with so many arguments of such types.
macro_rules! offer {
    ($linker:ident, $name:literal, |$call:ident $(, $argument:ident: $kind:ty)*| $body:expr) => {
        $linker.func_wrap(MODULE, $name, |mut caller: Caller<'_, Host> $(, $argument: $kind)*| {
            answer(&mut caller, |$call: &mut Call<'_>| -> Answer { $body })
        })?;
    };
}

/// Offers all functions to a module.
pub fn offer(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    offer_process(linker)?;
    offer_open_files(linker)?;
    offer_paths(linker)?;
    offer_nothing(linker)
}

fn offer_process(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    offer!(linker, "args_sizes_get", |call, count: u32, bytes: u32| call.argument_sizes(count, bytes));
    offer!(linker, "args_get", |call, pointers: u32, bytes: u32| call.arguments(pointers, bytes));
    offer!(linker, "environ_sizes_get", |call, count: u32, bytes: u32| {
        call.put_u32(count, 0)?;
        call.put_u32(bytes, 0)
    });
    offer!(linker, "environ_get", |_call, _pointers: u32, _bytes: u32| Ok(()));
    offer!(linker, "clock_res_get", |call, _clock: u32, out: u32| call.put_u64(out, 1));
    offer!(linker, "clock_time_get", |call, _clock: u32, _precision: u64, out: u32| call.put_u64(out, 0));
    offer!(linker, "random_get", |call, address: u32, length: u32| call.random(address, length));
    offer!(linker, "poll_oneoff", |call, subscriptions: u32, events: u32, count: u32, out: u32| {
        call.poll(subscriptions, events, count, out)
    });
    offer!(linker, "sched_yield", |_call| Ok(()));
    linker.func_wrap(MODULE, "proc_exit", |code: i32| -> wasmtime::Result<()> { Err(End::Exit(code).into()) })?;
    Ok(())
}

fn offer_open_files(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    offer!(linker, "fd_close", |call, number: u32| call.close(number));
    offer!(linker, "fd_renumber", |call, from: u32, to: u32| call.renumber(from, to));
    offer!(linker, "fd_fdstat_get", |call, number: u32, out: u32| call.number_stat(number, out));
    offer!(linker, "fd_fdstat_set_flags", |call, number: u32, flags: u32| call.set_flags(number, flags));
    offer!(linker, "fd_filestat_get", |call, number: u32, out: u32| call.file_stat(number, out));
    offer!(linker, "fd_filestat_set_size", |call, number: u32, size: u64| call.set_size(number, size));
    offer!(linker, "fd_allocate", |call, number: u32, offset: u64, length: u64| call.allocate(number, offset, length));
    offer!(linker, "fd_prestat_get", |call, number: u32, out: u32| call.preopened(number, out));
    offer!(linker, "fd_prestat_dir_name", |call, number: u32, out: u32, length: u32| {
        call.preopened_name(number, out, length)
    });
    offer!(linker, "fd_read", |call, number: u32, at: u32, count: u32, out: u32| {
        call.read(number, (at, count), None, out)
    });
    offer!(linker, "fd_pread", |call, number: u32, at: u32, count: u32, offset: u64, out: u32| {
        call.read(number, (at, count), Some(offset), out)
    });
    offer!(linker, "fd_write", |call, number: u32, at: u32, count: u32, out: u32| {
        call.write(number, (at, count), None, out)
    });
    offer!(linker, "fd_pwrite", |call, number: u32, at: u32, count: u32, offset: u64, out: u32| {
        call.write(number, (at, count), Some(offset), out)
    });
    offer!(linker, "fd_seek", |call, number: u32, by: i64, from: u32, out: u32| call.seek(number, by, from, out));
    offer!(linker, "fd_tell", |call, number: u32, out: u32| call.tell(number, out));
    offer!(linker, "fd_readdir", |call, number: u32, address: u32, length: u32, cookie: u64, out: u32| {
        call.read_folder(number, (address, length), cookie, out)
    });
    offer!(linker, "fd_advise", |call, number: u32, _offset: u64, _length: u64, _advice: u32| {
        call.open(number).map(|_| ())
    });
    offer!(linker, "fd_datasync", |call, number: u32| call.open(number).map(|_| ()));
    offer!(linker, "fd_sync", |call, number: u32| call.open(number).map(|_| ()));
    // Files have no times, so that setting one changes nothing.
    offer!(linker, "fd_filestat_set_times", |call, number: u32, _read: u64, _written: u64, _flags: u32| {
        call.open(number).map(|_| ())
    });
    Ok(())
}

fn offer_paths(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    linker.func_wrap(
        MODULE,
        "path_open",
        |mut caller: Caller<'_, Host>,
         folder: u32,
         _links: u32,
         address: u32,
         length: u32,
         flags: u32,
         rights: u64,
         _inherited: u64,
         file_flags: u32,
         out: u32| {
            let how = How { flags, rights, file_flags };
            answer(&mut caller, |call| call.path_open(folder, (address, length), how, out))
        },
    )?;
    offer!(linker, "path_filestat_get", |call, folder: u32, _links: u32, address: u32, length: u32, out: u32| {
        call.path_stat(folder, address, length, out)
    });
    offer!(linker, "path_create_directory", |call, folder: u32, address: u32, length: u32| {
        call.path_create_folder(folder, address, length)
    });
    offer!(linker, "path_remove_directory", |call, folder: u32, address: u32, length: u32| {
        call.path_remove_folder(folder, address, length)
    });
    offer!(linker, "path_unlink_file", |call, folder: u32, address: u32, length: u32| {
        call.path_unlink(folder, address, length)
    });
    offer!(linker, "path_rename", |call, from: u32, at: u32, many: u32, to: u32, there: u32, long: u32| {
        call.path_rename((from, at, many), (to, there, long))
    });
    Ok(())
}

/// What a module may name, and is refused when it calls it.
fn offer_nothing(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    offer!(linker, "path_filestat_set_times", |_call,
                                               _folder: u32,
                                               _links: u32,
                                               _path: u32,
                                               _length: u32,
                                               _read: u64,
                                               _written: u64,
                                               _flags: u32| Ok(()));
    offer!(linker, "path_link", |_call, _from: u32, _links: u32, _a: u32, _b: u32, _to: u32, _c: u32, _d: u32| {
        Err(Errno::Notsup.into())
    });
    offer!(linker, "path_symlink", |_call, _a: u32, _b: u32, _folder: u32, _c: u32, _d: u32| Err(Errno::Notsup.into()));
    offer!(linker, "path_readlink", |_call, _folder: u32, _a: u32, _b: u32, _c: u32, _d: u32, _out: u32| {
        Err(Errno::Inval.into())
    });
    offer!(linker, "fd_fdstat_set_rights", |_call, _number: u32, _rights: u64, _inherited: u64| {
        Err(Errno::Notsup.into())
    });
    offer!(linker, "proc_raise", |_call, _signal: u32| Err(Errno::Nosys.into()));
    offer!(linker, "sock_accept", |_call, _socket: u32, _flags: u32, _out: u32| Err(Errno::Nosys.into()));
    offer!(linker, "sock_shutdown", |_call, _socket: u32, _how: u32| Err(Errno::Nosys.into()));
    offer!(linker, "sock_send", |_call, _socket: u32, _at: u32, _count: u32, _flags: u32, _out: u32| {
        Err(Errno::Nosys.into())
    });
    offer!(linker, "sock_recv", |_call, _socket: u32, _at: u32, _count: u32, _flags: u32, _out: u32, _more: u32| {
        Err(Errno::Nosys.into())
    });
    Ok(())
}
