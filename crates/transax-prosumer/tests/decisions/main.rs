//! What the prosumer's agent decides, on markets of the rules crate.

mod assets;
mod home;
mod moves;
mod record;
mod stage;

use bindings::Call;
use stage::{METER, Stage, certified, recorded};
use transax_prosumer::Settings;

#[test]
fn who_is_not_registered_registers_with_its_certificate_and_does_nothing_else() {
    let mut stage = Stage::unregistered();
    let mut agent = recorded(&[stage::sale(0, 0)], 4, certified());
    let certificate = vec![7; 65].into();
    assert_eq!(stage.act(&mut agent), [Call::RegisterProsumer { meter: METER, certificate }]);
    let then = stage.act(&mut agent);
    assert!(!then.is_empty() && !then.iter().any(|call| matches!(call, Call::RegisterProsumer { .. })));
}

#[test]
fn without_a_certificate_it_waits_to_be_registered() {
    let stage = Stage::unregistered();
    assert_eq!(stage.ask(&mut recorded(&[stage::sale(0, 0)], 4, Settings::default())), []);
}
