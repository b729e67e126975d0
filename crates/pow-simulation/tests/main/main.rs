//! The protocol on a simulated network.

mod attackers;
mod experiments;
mod membership;
mod restart;
mod schedules;
mod takeover;
