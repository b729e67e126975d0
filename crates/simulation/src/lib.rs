#![doc = include_str!("../README.md")]

mod queue;
mod random;
mod replicas;
mod summary;
mod time;

pub use queue::EventQueue;
pub use random::Random;
pub use replicas::replicas;
pub use summary::Summary;
pub use time::Micros;
