#![doc = include_str!("../README.md")]

mod abi;
mod competition;
mod day;
mod documents;
mod events;
mod guard;
mod hub;
mod jobs;
mod market;
mod offers;
mod page;
mod query;
mod resources;
mod serving;
mod trades;
mod watched;

pub use serving::{Dashboard, DashboardError, Followed, Settings};
