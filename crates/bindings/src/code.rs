//! Whether a contract on a chain is the one that this program was built for.

/// `PUSH32`.
const PUSH_32: u8 = 0x7f;
/// `PUSH1`; the others up to `PUSH32` follow it.
const PUSH_1: u8 = 0x60;

/// Whether the code at an address was compiled from the same source as `artifact`, the code that a compiler says will be
/// there (`DEPLOYED_BYTECODE` of a contract). Immutables may differ: the compiler leaves zeros in the operand of a `PUSH32`
/// for each, and the constructor fills them in; what they are, the contract itself has to be asked.
pub fn is_compiled_from(code: &[u8], artifact: &[u8]) -> bool {
    if code.len() != artifact.len() || artifact.is_empty() {
        return false;
    }
    let mut at = 0;
    while let (Some(expected), Some(found)) = (artifact.get(at), code.get(at)) {
        let operand = if (PUSH_1..=PUSH_32).contains(expected) { usize::from(expected - PUSH_1) + 1 } else { 0 };
        // The last operand may be cut off: what looks like code is data there.
        let range = at + 1..(at + 1 + operand).min(artifact.len());
        let (wanted, given) = (&artifact[range.clone()], &code[range]);
        let is_immutable = *expected == PUSH_32 && wanted.len() == 32 && wanted.iter().all(|byte| *byte == 0);
        if expected != found || !is_immutable && wanted != given {
            return false;
        }
        at += 1 + operand;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::{Modicum, PaymentToken, SolidWorx, Transax, TransaxSigned};

    #[test]
    fn immutables_may_differ_and_nothing_else() {
        let mut artifact = vec![0x60, 0x01, PUSH_32];
        artifact.extend([0; 32]);
        artifact.push(0x56);
        let mut code = artifact.clone();
        code[3..35].fill(7);
        assert!(is_compiled_from(&code, &artifact));
        for changed in [0, 1, 2, 35] {
            let mut other = code.clone();
            other[changed] ^= 1;
            assert!(!is_compiled_from(&other, &artifact), "byte {changed}");
        }
        assert!(!is_compiled_from(&code[..35], &artifact));
        assert!(!is_compiled_from(&[], &[]));
    }

    #[test]
    fn contracts_are_told_from_each_other() {
        let all = [
            &Transax::DEPLOYED_BYTECODE,
            &TransaxSigned::DEPLOYED_BYTECODE,
            &SolidWorx::DEPLOYED_BYTECODE,
            &Modicum::DEPLOYED_BYTECODE,
            &PaymentToken::DEPLOYED_BYTECODE,
        ];
        for (number, code) in all.iter().enumerate() {
            for (other, artifact) in all.iter().enumerate() {
                assert_eq!(is_compiled_from(code, artifact), number == other);
            }
        }
    }
}
