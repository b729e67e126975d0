#![doc = include_str!("../README.md")]

use std::{future::Future, io, panic, sync::Arc, thread};

use tokio::runtime::{Builder, Runtime};

/// Does asynchronous work for those who wait for it. Clones share one runtime.
#[derive(Clone, Debug)]
pub struct Aside(Arc<Own>);

/// Ended without waiting: the last one who drops it may be inside another runtime.
#[derive(Debug)]
struct Own(Option<Runtime>);

impl Aside {
    /// With one thread for all work.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn new() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        Ok(Self(Arc::new(Own(Some(runtime)))))
    }

    /// Blocks until the work is done. What panics in it panics here.
    pub fn wait<T: Send>(&self, work: impl Future<Output = T> + Send) -> T {
        let runtime = self.0.0.as_ref().expect("it is there until it is dropped");
        thread::scope(|scope| match scope.spawn(|| runtime.block_on(work)).join() {
            Ok(done) => done,
            Err(reason) => panic::resume_unwind(reason),
        })
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_may_be_used_and_dropped_inside_another_runtime() {
        let other = Builder::new_current_thread().build().unwrap();
        let answer = other.block_on(async {
            let aside = Aside::new().unwrap();
            let second = aside.clone();
            aside.wait(async { tokio::spawn(async { 1 }).await.unwrap() }) + second.wait(async { 2 })
        });
        assert_eq!(answer, 3);
    }

    #[test]
    fn what_panics_in_the_work_panics_where_it_is_waited_for() {
        let aside = Aside::new().unwrap();
        let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| aside.wait(async { panic!("so it is") })));
        assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"so it is"));
        assert_eq!(aside.wait(async { 7 }), 7, "others go on");
    }
}
