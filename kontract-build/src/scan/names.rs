//! Under which path the crate root can name a struct.
//!
//! A struct in a private module is often re-exported (`mod user; pub use user::User;`); the
//! registry stands in the crate root and has to use the name that is visible there. Re-exports are
//! followed by path and by glob, through any number of modules; those that a macro makes are not.

use syn::{UseTree, Visibility};

/// What the modules of one crate declare.
#[derive(Default)]
pub struct Names {
    /// `use` declarations that are visible from the crate root: module, path or glob, new name.
    exports: Vec<Export>,
}

struct Export {
    module: Vec<String>,
    path: Vec<String>,
    /// `None` for a glob.
    name: Option<String>,
}

/// Whether an item with this visibility, in this module, can be named from the crate root.
pub fn from_root(vis: &Visibility, module: &[String]) -> bool {
    match vis {
        Visibility::Public(_) => true,
        Visibility::Restricted(restricted) => {
            let path = &restricted.path;
            path.is_ident("crate") || module.len() <= usize::from(path.is_ident("super"))
        }
        Visibility::Inherited => module.is_empty(),
    }
}

impl Names {
    /// Takes note of the `use` declarations of a module that the root can see.
    pub fn add(&mut self, module: &[String], vis: &Visibility, tree: &UseTree) {
        if from_root(vis, module) {
            self.tree(module, &mut Vec::new(), tree);
        }
    }

    fn tree(&mut self, module: &[String], prefix: &mut Vec<String>, tree: &UseTree) {
        let (last, name) = match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.tree(module, prefix, &path.tree);
                prefix.pop();
                return;
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(module, prefix, tree);
                }
                return;
            }
            UseTree::Name(name) => (Some(name.ident.to_string()), Some(name.ident.to_string())),
            UseTree::Rename(rename) => {
                (Some(rename.ident.to_string()), Some(rename.rename.to_string()))
            }
            UseTree::Glob(_) => (None, None),
        };
        if let Some(path) = absolute(module, prefix.iter().chain(&last)) {
            self.exports.push(Export { module: module.to_vec(), path, name });
        }
    }

    /// The shortest path below the crate root that leads to the item `name` of `module` over
    /// modules and re-exports that the root can see. `visible` says whether the root can see a
    /// module, given its path.
    pub fn path_to(
        &self,
        module: &[String],
        name: &str,
        item_visible: bool,
        visible: impl Fn(&[String]) -> bool,
    ) -> Option<Vec<String>> {
        // Every (module, name) under which the item is known, the item's own place first.
        let mut known = vec![(module.to_vec(), name.to_owned())];
        let mut next = 0;
        while let Some((at, called)) = known.get(next).cloned() {
            next += 1;
            for export in &self.exports {
                let here = match &export.name {
                    Some(new) => {
                        let (last, parents) = export.path.split_last()?;
                        (*parents == *at && *last == called).then(|| new.clone())
                    }
                    None => (export.path == at).then(|| called.clone()),
                };
                let here = here.map(|name| (export.module.clone(), name));
                if let Some(here) = here
                    && !known.contains(&here)
                {
                    known.push(here);
                }
            }
        }
        if !item_visible {
            known.remove(0);
        }
        let reachable = known.into_iter().filter(|(module, _)| visible(module));
        reachable.map(|(module, name)| [module, vec![name]].concat()).min_by_key(Vec::len)
    }
}

/// The path below the crate root; `None` where it leads into another crate. A first segment that is
/// neither `crate`, `self` nor `super` is taken as a child of the module: if it is a crate, no
/// module of that name is found later.
fn absolute<'a>(module: &[String], path: impl Iterator<Item = &'a String>) -> Option<Vec<String>> {
    let mut at = module.to_vec();
    for (i, segment) in path.enumerate() {
        match segment.as_str() {
            "crate" if i == 0 => at.clear(),
            "self" => {}
            "super" => drop(at.pop()?),
            _ => at.push(segment.clone()),
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(uses: &[(&str, &str)], public: &[&str], module: &str, name: &str) -> Option<String> {
        let segments = |path: &str| -> Vec<String> {
            path.split("::").filter(|s| !s.is_empty()).map(str::to_owned).collect()
        };
        let mut names = Names::default();
        for (module, text) in uses {
            let item: syn::ItemUse = syn::parse_str(text).expect(text);
            names.add(&segments(module), &item.vis, &item.tree);
        }
        let visible = |module: &[String]| public.contains(&module.join("::").as_str());
        let found = names.path_to(&segments(module), name, true, visible);
        found.map(|path| path.join("::"))
    }

    #[test]
    fn re_exports() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(path(&[], &["", "a"], "a", "X"), some("a::X"));
        assert_eq!(path(&[], &["", "a"], "a::b", "X"), None);
        assert_eq!(path(&[("a", "pub use b::X;")], &["", "a"], "a::b", "X"), some("a::X"));
        assert_eq!(
            path(&[("a", "pub use self::b::{Y, X as Z};")], &["", "a"], "a::b", "X"),
            some("a::Z")
        );
        assert_eq!(path(&[("a", "pub(crate) use b::*;")], &["", "a"], "a::b", "X"), some("a::X"));
        assert_eq!(path(&[("a", "use b::X;")], &["", "a"], "a::b", "X"), None);
        let twice =
            [("a::b", "pub use super::c::X;"), ("a", "pub use b::*;"), ("", "use a::X as U;")];
        assert_eq!(path(&twice, &["", "a"], "a::c", "X"), some("U"));
        assert_eq!(path(&[("a", "pub use other::X;")], &["", "a"], "a::b", "X"), None);
    }
}
