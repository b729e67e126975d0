#![doc = include_str!("../README.md")]

mod diary;
mod fog;
mod report;
mod server;
mod twin;

pub use diary::{Diary, DiaryError, Entry};
pub use fog::{Fog, FogError, Refused, Setting};
pub use report::report_to_cloud;
pub use server::{OPENAPI, ROUTES, router};
pub use twin::{Status, Twin};
