//! Servers of fair mining.

use crate::world::Place;

#[test]
fn a_server_that_is_asked_to_terminate_ends_well() {
    let place = Place::new();
    place.write("nobody.json", "{}");
    place.write("token", "a token of an operator\n");
    for words in ["fog --miners nobody.json --diary diary", "cloud --fogs nobody.json"] {
        let wallet = words.split(' ').next().expect("a word");
        place.json(&format!("wallet new {wallet}"));
        let server = place.start(&format!("mint {words} --token-file token --wallet {wallet} --listen 127.0.0.1:0"));
        let listening = server.stop();
        assert!(listening.contains("listening at http://127.0.0.1:"), "{listening}");
    }
}
