//! Where a wallet's password comes from: a file, the environment, or a prompt without echo. Never the command line.

use std::{
    fmt, fs,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use crate::wallet::WalletError;

/// A password. It does not print itself, and is wiped from memory when dropped.
pub struct Password(Zeroizing<String>);

impl Password {
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The password itself, for the key derivation only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

/// Where to take passwords from.
#[derive(Clone, Debug)]
pub struct PasswordSource {
    file: Option<PathBuf>,
}

impl PasswordSource {
    /// The first line of `file`; where there is none what the environment says, and a prompt where it says nothing.
    pub fn new(file: Option<PathBuf>) -> Self {
        Self { file }
    }

    /// The file that passwords come from, if they do.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Whether somebody has to be asked.
    pub fn asks(&self) -> bool {
        self.file.is_none() && in_environment().is_none()
    }

    /// The password of a wallet that exists.
    pub fn existing(&self, wallet: &str) -> Result<Password, WalletError> {
        match (&self.file, in_environment()) {
            (Some(file), _) => first_line(file),
            (None, Some(password)) => Ok(password),
            (None, None) => ask(&format!("Password of wallet {wallet}: ")),
        }
    }

    /// The password for a new wallet; whoever types it, types it twice.
    pub fn fresh(&self, wallet: &str) -> Result<Password, WalletError> {
        let password = match (&self.file, in_environment()) {
            (Some(file), _) => first_line(file)?,
            (None, Some(password)) => password,
            (None, None) => ask_twice(wallet)?,
        };
        if password.expose().is_empty() { Err(WalletError::EmptyPassword) } else { Ok(password) }
    }
}

/// `ENTENTE_PASSWORD`.
fn in_environment() -> Option<Password> {
    std::env::var("ENTENTE_PASSWORD").ok().map(Password::new)
}

fn first_line(file: &Path) -> Result<Password, WalletError> {
    let text = fs::read_to_string(file).map(Zeroizing::new);
    let text = text.map_err(|source| WalletError::PasswordFile { file: file.to_owned(), source })?;
    Ok(Password::new(text.lines().next().unwrap_or_default().to_owned()))
}

fn ask_twice(wallet: &str) -> Result<Password, WalletError> {
    let first = ask(&format!("New password for wallet {wallet}: "))?;
    let second = ask("The same again: ")?;
    if first.expose() == second.expose() { Ok(first) } else { Err(WalletError::PasswordsDiffer) }
}

/// Asks on the terminal, without echo.
pub fn ask(prompt: &str) -> Result<Password, WalletError> {
    if !io::stdin().is_terminal() {
        return Err(WalletError::NobodyToAsk);
    }
    rpassword::prompt_password(prompt).map(Password::new).map_err(WalletError::Prompt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_does_not_print_itself() {
        assert_eq!(format!("{:?}", Password::new("secret".into())), "Password(***)");
    }

    #[test]
    fn the_first_line_of_a_file_is_the_password() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("password");
        fs::write(&file, " two words \nnothing\n").expect("written");
        let source = PasswordSource::new(Some(file.clone()));
        assert_eq!(source.existing("alice").expect("a password").expose(), " two words ");
        fs::write(&file, "\nlate\n").expect("written");
        assert!(matches!(source.fresh("alice"), Err(WalletError::EmptyPassword)));
        fs::remove_file(&file).expect("removed");
        assert!(matches!(source.existing("alice"), Err(WalletError::PasswordFile { .. })));
    }
}
