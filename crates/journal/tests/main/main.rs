//! Journals in databases.

mod damage;
mod leading;
mod places;
mod postgres;
