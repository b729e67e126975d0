//! Which layer may import which, and what pure layers must not hold.

use std::collections::BTreeMap;

use crate::Member;

/// Layers with those they may import.
const ARROWS: [(&str, &[&str]); 8] = [
    ("ground", &[]),
    ("rules", &["ground"]),
    ("engine", &["ground", "rules", "engine"]),
    ("adapter", &["ground", "rules", "adapter"]),
    // What several agents have in common, and no other layer may know.
    ("part", &["ground", "rules", "engine", "adapter"]),
    ("agent", &["ground", "rules", "engine", "adapter", "part"]),
    ("program", &["ground", "rules", "engine", "adapter", "part", "agent"]),
    ("test", &["ground", "rules", "engine", "adapter", "part", "agent", "program", "test"]),
];

/// Layers in which nothing may wait, call out or remember.
const PURE: [&str; 3] = ["ground", "rules", "engine"];
/// What would let it.
const IMPURE: [&str; 8] =
    ["alloy-provider", "alloy-transport", "async-std", "hyper", "reqwest", "sqlx", "sqlx-core", "tokio"];

/// What rules must not hold besides: they are exact.
const INEXACT: [&str; 4] = ["coin_cbc", "good_lp", "highs", "optimizer"];

/// The one crate that knows each of these libraries.
const ONLY: [(&str, &str); 1] = [("good_lp", "optimizer")];

/// What is wrong with a workspace, one sentence each; empty where all is well.
pub fn faults(members: &[Member]) -> Vec<String> {
    let layers: BTreeMap<&str, &str> =
        members.iter().filter_map(|member| Some((member.name.as_str(), member.layer.as_deref()?))).collect();
    members.iter().flat_map(|member| faults_of(member, &layers)).collect()
}

fn faults_of(member: &Member, layers: &BTreeMap<&str, &str>) -> Vec<String> {
    let name = &member.name;
    let Some(layer) = member.layer.as_deref() else {
        return vec![format!("{name} states no layer; add `[package.metadata.entente]` with `layer = \"...\"`")];
    };
    let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == layer) else {
        return vec![format!("{name} states the layer `{layer}`, which there is not")];
    };
    let mut faults = Vec::new();
    for import in &member.imports {
        match layers.get(import.as_str()) {
            Some(below) if !allowed.contains(below) => {
                faults.push(format!("{name} ({layer}) imports {import} ({below}), which its layer may not"));
            }
            _ => {}
        }
    }
    let impure = IMPURE.iter().filter(|_| PURE.contains(&layer));
    let inexact = INEXACT.iter().filter(|_| layer == "rules");
    for banned in impure.chain(inexact).filter(|banned| member.closure.contains(**banned)) {
        faults.push(format!("{name} ({layer}) builds on {banned}, which its layer may not"));
    }
    for (library, only) in ONLY.iter().filter(|(library, only)| member.direct.contains(*library) && name != only) {
        faults.push(format!("{name} imports {library}, which only {only} may"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, layer: &str, imports: &[&str], closure: &[&str]) -> Member {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Member {
            name: name.to_owned(),
            layer: Some(layer.to_owned()),
            imports: names(imports),
            direct: names(imports),
            closure: names(closure),
        }
    }

    fn sound() -> Vec<Member> {
        vec![
            member("units", "ground", &[], &["serde"]),
            member("transax", "rules", &["units"], &["units", "serde"]),
            member("matching", "engine", &["units", "transax", "households"], &["units"]),
            member("households", "engine", &["transax"], &["units"]),
            member("chain", "adapter", &["transax", "journal"], &["tokio"]),
            member("journal", "adapter", &["units"], &["tokio"]),
            member("transax-dso", "agent", &["chain", "matching"], &["tokio"]),
            member("transax-solver", "agent", &["chain", "matching"], &["tokio"]),
            member("entente", "program", &["transax-dso", "units"], &["tokio"]),
            member("e2e", "test", &["entente", "chain"], &["tokio"]),
        ]
    }

    fn fault(extra: Member) -> String {
        let mut members = sound();
        members.retain(|member| member.name != extra.name);
        members.push(extra);
        faults(&members).join("; ")
    }

    #[test]
    fn a_sound_workspace_has_no_faults() {
        assert_eq!(faults(&sound()), Vec::<String>::new());
    }

    #[test]
    fn an_upward_import_is_found() {
        for (bad, expected) in [
            (member("units", "ground", &["transax"], &[]), "units (ground) imports transax (rules)"),
            (member("transax", "rules", &["matching"], &[]), "transax (rules) imports matching (engine)"),
            (member("matching", "engine", &["chain"], &[]), "matching (engine) imports chain (adapter)"),
            (member("chain", "adapter", &["matching"], &[]), "chain (adapter) imports matching (engine)"),
            (member("journal", "adapter", &["entente"], &[]), "journal (adapter) imports entente (program)"),
            (member("entente", "program", &["e2e"], &[]), "entente (program) imports e2e (test)"),
        ] {
            let found = fault(bad);
            assert!(found.starts_with(expected), "{found:?}");
        }
    }

    #[test]
    fn agents_that_import_each_other_are_found() {
        let found = fault(member("transax-dso", "agent", &["transax-solver"], &[]));
        assert_eq!(found, "transax-dso (agent) imports transax-solver (agent), which its layer may not");
    }

    #[test]
    fn a_pure_layer_that_builds_on_io_is_found() {
        assert!(fault(member("transax", "rules", &[], &["tokio"])).contains("transax (rules) builds on tokio"));
        assert!(fault(member("transax", "rules", &[], &["good_lp"])).contains("transax (rules) builds on good_lp"));
        assert!(fault(member("matching", "engine", &[], &["sqlx"])).contains("matching (engine) builds on sqlx"));
    }

    #[test]
    fn a_second_user_of_the_solver_library_is_found() {
        let found = fault(member("matching", "engine", &["good_lp"], &["good_lp"]));
        assert_eq!(found, "matching imports good_lp, which only optimizer may");
    }

    #[test]
    fn a_package_without_a_known_layer_is_found() {
        let silent = Member { name: "new".to_owned(), ..Member::default() };
        assert!(fault(silent).starts_with("new states no layer"));
        assert!(fault(member("new", "helpers", &[], &[])).contains("`helpers`, which there is not"));
    }
}
