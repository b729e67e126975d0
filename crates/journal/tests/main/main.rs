//! Journals in databases.

mod damage;
mod leading;
mod outbox;
mod places;
mod postgres;
