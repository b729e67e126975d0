//! Configurations with names.

use crate::config::Config;

/// Names of the presets, with what each is.
pub const PRESETS: [(&str, &str, &str); 4] = [
    (
        "paper-001-figure-5",
        "ten nodes, PBFT, 100 tx/s: figure 5b of 001",
        include_str!("../presets/paper-001-figure-5.toml"),
    ),
    (
        "paper-001-figure-6",
        "fifty nodes, PBFT, 50 tx/s: figure 6 of 001",
        include_str!("../presets/paper-001-figure-6.toml"),
    ),
    ("paper-001-bigfoot", "figure 5b's system under BigFoot", include_str!("../presets/paper-001-bigfoot.toml")),
    (
        "consortium",
        "ten nodes with hash votes and safe quorums: how a chain would be run",
        include_str!("../presets/consortium.toml"),
    ),
];

/// The preset of that name.
pub fn preset(name: &str) -> Option<Config> {
    let (_, _, text) = PRESETS.iter().find(|(known, _, _)| *known == name)?;
    Some(Config::from_toml(text).expect("presets are checked by a test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_can_be_read() {
        for (name, _, text) in PRESETS {
            Config::from_toml(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(preset(name).is_some());
        }
        assert_eq!(preset("none"), None);
    }
}
