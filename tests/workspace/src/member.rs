//! The workspace's packages, as `cargo metadata` sees them.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, Node, PackageId};

/// One package of the workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// The layer its manifest states.
    pub layer: Option<String>,
    /// Packages of the workspace that it imports, in whatever kind of dependency.
    pub imports: BTreeSet<String>,
    /// All packages that it imports itself, in whatever kind of dependency.
    pub direct: BTreeSet<String>,
    /// All packages that are built into it.
    pub closure: BTreeSet<String>,
}

impl Member {
    /// The members of a workspace, in its order; none where the metadata was made without dependencies.
    pub fn all(metadata: &Metadata) -> Vec<Self> {
        let nodes: BTreeMap<&PackageId, &Node> =
            metadata.resolve.iter().flat_map(|resolve| &resolve.nodes).map(|node| (&node.id, node)).collect();
        let names: BTreeMap<&PackageId, String> =
            metadata.packages.iter().map(|package| (&package.id, package.name.to_string())).collect();
        let in_words = |ids: BTreeSet<&PackageId>| ids.iter().filter_map(|id| names.get(id).cloned()).collect();
        let member = |id: &PackageId| {
            let package = metadata.packages.iter().find(|package| package.id == *id)?;
            let direct: BTreeSet<&PackageId> = nodes.get(id)?.deps.iter().map(|dep| &dep.pkg).collect();
            let imports = direct.iter().copied().filter(|id| metadata.workspace_members.contains(id)).collect();
            let layer = package.metadata.get("entente").and_then(|entente| entente.get("layer"));
            Some(Self {
                name: package.name.to_string(),
                layer: layer.and_then(|layer| layer.as_str()).map(str::to_owned),
                imports: in_words(imports),
                direct: in_words(direct),
                closure: in_words(closure(id, &nodes)),
            })
        };
        metadata.workspace_members.iter().filter_map(member).collect()
    }
}

/// Everything reachable over normal dependencies, the start left out.
fn closure<'a>(start: &'a PackageId, nodes: &BTreeMap<&'a PackageId, &'a Node>) -> BTreeSet<&'a PackageId> {
    let (mut found, mut open) = (BTreeSet::new(), vec![start]);
    while let Some(node) = open.pop().and_then(|id| nodes.get(id)) {
        let normal =
            node.deps.iter().filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
        for dep in normal {
            if found.insert(&dep.pkg) {
                open.push(&dep.pkg);
            }
        }
    }
    found
}
