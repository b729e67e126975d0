//! Journals in databases.

mod damage;
mod file;
mod leading;
mod outbox;
mod places;
mod postgres;
mod sharing;
