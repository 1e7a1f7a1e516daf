//! The path by which the crate root can name a struct.
//!
//! A struct in a private module is often re-exported (`mod user; pub use user::User;`). `storage!()`
//! is called in the crate root and needs a name that is visible there. Re-exports are followed by path and
//! by glob, through any number of modules; re-exports that a macro generates are not seen.

use syn::{UseTree, Visibility};

/// The re-exports of one crate.
#[derive(Default)]
pub struct ReExports {
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
pub fn is_visible_from_root(vis: &Visibility, module: &[String]) -> bool {
    match vis {
        Visibility::Public(_) => true,
        Visibility::Restricted(restricted) => {
            let path = &restricted.path;
            path.is_ident("crate") || module.len() <= usize::from(path.is_ident("super"))
        }
        Visibility::Inherited => module.is_empty(),
    }
}

impl ReExports {
    /// Adds a `use` declaration of a module, if the crate root can see it.
    pub fn add(&mut self, module: &[String], vis: &Visibility, tree: &UseTree) {
        if is_visible_from_root(vis, module) {
            self.add_tree(module, &mut Vec::new(), tree);
        }
    }

    fn add_tree(&mut self, module: &[String], prefix: &mut Vec<String>, tree: &UseTree) {
        let (last, name) = match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.add_tree(module, prefix, &path.tree);
                prefix.pop();
                return;
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_tree(module, prefix, tree);
                }
                return;
            }
            UseTree::Name(name) => (Some(name.ident.to_string()), Some(name.ident.to_string())),
            UseTree::Rename(rename) => {
                (Some(rename.ident.to_string()), Some(rename.rename.to_string()))
            }
            UseTree::Glob(_) => (None, None),
        };
        if let Some(path) = resolve_path(module, prefix.iter().chain(&last)) {
            self.exports.push(Export { module: module.to_vec(), path, name });
        }
    }

    /// Finds the shortest path below the crate root that leads to the item `name` of `module` over
    /// modules and re-exports that the root can see. `visible` returns whether the root can see
    /// the module with a path.
    pub fn find_path(
        &self,
        module: &[String],
        name: &str,
        item_visible: bool,
        visible: impl Fn(&[String]) -> bool,
    ) -> Option<Vec<String>> {
        // Every (module, name) of the item, its declaration first.
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

/// Makes a path absolute; `None` if it leads above the crate root. A first segment other than
/// `crate`, `self` and `super` is taken as a child of the module: if it is a crate, no module of that
/// name is found later.
fn resolve_path<'a>(
    module: &[String],
    path: impl Iterator<Item = &'a String>,
) -> Option<Vec<String>> {
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
        let mut names = ReExports::default();
        for (module, text) in uses {
            let item: syn::ItemUse = syn::parse_str(text).expect(text);
            names.add(&segments(module), &item.vis, &item.tree);
        }
        let visible = |module: &[String]| public.contains(&module.join("::").as_str());
        let found = names.find_path(&segments(module), name, true, visible);
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
