//! Who panicked.

use std::{
    panic,
    sync::{Mutex, MutexGuard, Once, PoisonError},
    thread::{self, ThreadId},
};

static SEEN: Mutex<Vec<(ThreadId, bool, String)>> = Mutex::new(Vec::new());
static WATCHING: Once = Once::new();

/// Watches panics from now on, which are told as before.
pub fn watch() {
    WATCHING.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let thread = thread::current();
            let is_runtime = thread.name().is_some_and(|name| name.starts_with("tokio"));
            seen().push((thread.id(), is_runtime, panic.to_string()));
            before(panic);
        }));
    });
}

/// How many panics there have been in all, a place from which to look on.
pub fn count() -> usize {
    seen().len()
}

/// The first panic after so many, on this thread or on one of a runtime: other tests have threads of their own.
pub fn after(count: usize) -> Option<String> {
    let here = thread::current().id();
    let seen = seen();
    let mut ours = seen.iter().skip(count).filter(|(thread, is_runtime, _)| *thread == here || *is_runtime);
    ours.next().map(|(_, _, what)| what.clone())
}

fn seen() -> MutexGuard<'static, Vec<(ThreadId, bool, String)>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}
