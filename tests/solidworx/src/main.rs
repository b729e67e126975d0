//! `SolidWorx`'s agents: what they decide, and that no cycle is lost with any of them.

mod directory;
mod kills;
mod market;
mod prosumer;
mod solver;
mod world;
