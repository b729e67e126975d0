//! The program as people use it: each test on a node, in a folder and with wallets of its own.

mod agents;
mod broker;
mod browser;
mod config;
mod dashboard;
mod day;
mod demo;
mod deploying;
mod doctor;
mod exchange;
mod groups;
mod job;
mod ledger;
mod metering;
mod mint;
mod modicum;
mod moving;
mod operating;
mod pow;
mod solidworx;
mod solve;
mod unseen;
mod verbs;
mod wallets;
mod world;
