//! A module in the engine, and nothing else: no files, no limits, no result; what it prints is dropped.

use std::{fs, path::Path};

use job_runtime::engine_config;
use wasmtime::{Caller, Engine, Extern, Linker, Module, Store};

const MODULE: &str = "wasi_snapshot_preview1";

/// Its arguments, each ended by a zero.
type Words = Vec<Vec<u8>>;

fn put(caller: &mut Caller<'_, Words>, at: u32, bytes: &[u8]) {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else { panic!("the module has no memory") };
    memory.write(caller, at as usize, bytes).expect("an address of its own");
}

fn get(caller: &mut Caller<'_, Words>, at: u32) -> u32 {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else { panic!("the module has no memory") };
    let mut bytes = [0; 4];
    memory.read(caller, at as usize, &mut bytes).expect("an address of its own");
    u32::from_le_bytes(bytes)
}

fn length(count: usize) -> [u8; 4] {
    u32::try_from(count).expect("few").to_le_bytes()
}

fn offer(linker: &mut Linker<Words>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "args_sizes_get", |mut caller: Caller<'_, Words>, count: u32, bytes: u32| {
        let (words, all) = (caller.data().len(), caller.data().concat().len());
        put(&mut caller, count, &length(words));
        put(&mut caller, bytes, &length(all));
        0_i32
    })?;
    linker.func_wrap(MODULE, "args_get", |mut caller: Caller<'_, Words>, mut pointers: u32, mut at: u32| {
        for word in caller.data().clone() {
            put(&mut caller, pointers, &at.to_le_bytes());
            put(&mut caller, at, &word);
            pointers += 4;
            at += u32::try_from(word.len()).expect("short");
        }
        0_i32
    })?;
    let write = |mut caller: Caller<'_, Words>, _: u32, vectors: u32, count: u32, out: u32| {
        let written: u32 = (0..count).map(|n| get(&mut caller, vectors + n * 8 + 4)).sum();
        put(&mut caller, out, &written.to_le_bytes());
        0_i32
    };
    linker.func_wrap(MODULE, "fd_write", write)?;
    linker.func_wrap(MODULE, "fd_fdstat_get", |_: u32, _: u32| 0_i32)?;
    linker.func_wrap(MODULE, "fd_close", |_: u32| 0_i32)?;
    linker.func_wrap(MODULE, "fd_seek", |_: u32, _: i64, _: u32, _: u32| 70_i32)?;
    linker.func_wrap(MODULE, "proc_exit", |code: i32| -> wasmtime::Result<()> { std::process::exit(code) })?;
    Ok(())
}

/// Runs a module with what it is told.
pub fn run(module: &Path, told: &[String]) {
    let engine = Engine::new(&engine_config()).expect("the settings fit this machine");
    let module = Module::from_binary(&engine, &fs::read(module).expect("the module")).expect("a module");
    let words = std::iter::once("job").chain(told.iter().map(String::as_str));
    let mut store = Store::new(&engine, words.map(|word| [word.as_bytes(), b"\0"].concat()).collect());
    store.set_fuel(u64::MAX).expect("fuel is counted");
    store.set_epoch_deadline(1);
    let mut linker = Linker::new(&engine);
    offer(&mut linker).expect("each has its name");
    let instance = linker.instantiate(&mut store, &module).expect("it asks for no more");
    let main = instance.get_typed_func::<(), ()>(&mut store, "_start").expect("a command");
    main.call(&mut store, ()).expect("it ends well");
}
