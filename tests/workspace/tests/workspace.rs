//! This workspace, judged.

use std::path::Path;

use anyhow::{Context as _, Result};
use cargo_metadata::MetadataCommand;
use workspace::{Member, clock_faults, faults, setup_commands};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn no_package_imports_upward() -> Result<()> {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).exec()?;
    let members = Member::all(&metadata);
    assert_eq!(members.len(), metadata.workspace_members.len());
    let units = members.iter().find(|member| member.name == "units").context("units is a member")?;
    assert!(units.closure.contains("serde"), "dependencies were not resolved");
    let faults = faults(&members);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

#[test]
fn nobody_but_those_whose_work_it_is_asks_the_machine_for_the_time() -> Result<()> {
    let faults = clock_faults(root())?;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

#[test]
fn every_crate_stands_in_the_crate_map() -> Result<()> {
    let map = std::fs::read_to_string(root().join("crates/README.md"))?;
    for entry in std::fs::read_dir(root().join("crates"))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            assert!(map.contains(&format!("`{name}`")), "crates/README.md lacks a line for `{name}`");
        }
    }
    Ok(())
}

#[test]
fn setting_up_takes_the_two_commands_of_the_readme() -> Result<()> {
    let readme = std::fs::read_to_string(root().join("README.md"))?;
    let commands = setup_commands(&readme).context("README.md has no section on setting up")?;
    assert_eq!(commands, ["make demo", "make test"]);
    Ok(())
}
