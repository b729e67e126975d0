//! Where the program is.

use std::{
    env::{self, consts},
    path::{Path, PathBuf},
};

/// The environment variable that names the program.
pub const ANVIL_VARIABLE: &str = "ENTENTE_ANVIL";

/// The program that [`ANVIL_VARIABLE`] names, else the one that npm installed for the checkout around the present folder,
/// else the one in the checkout that this was built from.
pub fn find() -> Option<PathBuf> {
    if let Some(named) = env::var_os(ANVIL_VARIABLE) {
        return Some(named.into());
    }
    let here = env::current_dir().ok();
    let built = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.into_iter().chain([built]).find_map(|from| installed_above(&from))
}

fn installed_above(from: &Path) -> Option<PathBuf> {
    // The launcher that npm links to loses exit codes: take the platform's own package.
    let program = format!("node_modules/@foundry-rs/anvil-{}/bin/anvil{}", platform(), consts::EXE_SUFFIX);
    from.ancestors().map(|folder| folder.join(&program)).find(|path| path.is_file())
}

fn platform() -> String {
    let system = match consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let machine = match consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{system}-{machine}")
}
