//! Keys of the accounts that hold ether on a local node. Everybody knows them.

use alloy::signers::local::{MnemonicBuilder, PrivateKeySigner};

const PHRASE: &str = "test test test test test test test test test test test junk";

/// Keys of the first `count` accounts.
pub fn dev_keys(count: u32) -> Vec<PrivateKeySigner> {
    let parent = MnemonicBuilder::from_phrase(PHRASE).build_parent_key().expect("the phrase is one");
    let key = |index| parent.child(index).expect("a child key is invalid once in 2^127").signer();
    (0..count).map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_is_the_one_everybody_knows() {
        let address = dev_keys(1)[0].address();
        assert_eq!(address.to_string(), "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    }
}
