#![doc = include_str!("../README.md")]

mod device;
mod path;

pub use device::{DeviceError, HardwareWallet, Maker};
pub use path::{DerivationPath, PathError};
