//! Which modules use which: no circles, and the floors of the runtime.

use std::collections::BTreeSet;
use std::path::Path;

use crate::graph::{self, Graph, Module};

/// The crates whose layers are checked.
const CRATES: [&str; 5] =
    ["kontract-schema", "kontract-macros", "kontract-build", "kontract-runtime", "kontract-cli"];

fn modules(name: &str) -> Graph {
    graph::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name).join("src"))
}

/// The circles, and the uses between the files of each.
fn shown(graph: &Graph, circles: &[BTreeSet<Module>], is_top_level: bool) -> String {
    let mut text = String::new();
    for circle in circles {
        let names: Vec<String> = circle.iter().map(|module| module.join("/")).collect();
        text += &format!("\n{}", names.join(", "));
        let of = |module: &Module| if is_top_level { module[..1].to_vec() } else { module.clone() };
        for (module, used) in graph {
            for target in used.iter().filter(|target| of(target) != of(module)) {
                if circle.contains(&of(module)) && circle.contains(&of(target)) {
                    text += &format!("\n    {} uses {}", module.join("/"), target.join("/"));
                }
            }
        }
    }
    text
}

#[test]
fn top_level_modules_have_no_circle() {
    for name in CRATES {
        let graph = modules(name);
        let circles = graph::circles(&graph::top_level(&graph));
        assert!(circles.is_empty(), "import circles in {name}:{}", shown(&graph, &circles, true));
    }
}

#[test]
fn only_parents_and_their_children_use_each_other() {
    for name in CRATES {
        let graph = modules(name);
        let mut circles = graph::circles(&graph);
        circles.retain(|circle| !graph::is_family(circle));
        assert!(circles.is_empty(), "import circles in {name}:{}", shown(&graph, &circles, false));
    }
}

/// The floors of the runtime, from the lowest. A module uses those of its own floor and of lower ones.
const FLOORS: [&[&str]; 6] =
    [&["error"], &["value"], &["driver"], &["sql"], &["migrate"], &["api"]];

#[test]
fn the_runtime_uses_only_lower_floors() {
    let floor = |module: &Module| FLOORS.iter().position(|names| names.contains(&&*module[0]));
    let top = graph::top_level(&modules("kontract-runtime"));
    for (module, used) in &top {
        let own = floor(module).unwrap_or_else(|| panic!("{module:?} has no floor"));
        for target in used {
            assert!(floor(target) <= Some(own), "{module:?} uses {target:?}, which is above it");
        }
    }
}

#[test]
fn a_circle_is_found() {
    let module = |name: &str| vec![name.to_owned()];
    let graph = Graph::from([
        (module("a"), [module("b")].into()),
        (module("b"), [module("c")].into()),
        (module("c"), [module("a")].into()),
        (module("d"), [module("a")].into()),
    ]);
    let circles = graph::circles(&graph);
    assert_eq!(circles, [["a", "b", "c"].map(module).into()]);
    assert!(!graph::is_family(&circles[0]));
}
