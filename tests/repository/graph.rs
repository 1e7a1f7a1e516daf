//! The modules of a crate and which of them use which.
//!
//! A file is a module. It uses another one where a path of it (`crate::…`, `super::…`, `self::…`, in a `use` or in the
//! code) leads there; a path to a name that a module re-exports leads to the module that has it. Code under
//! `#[cfg(test)]` and the crate's root file are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The path of a module, `["driver", "sqlite"]`; empty for the crate's root.
pub type Module = Vec<String>;

/// A path as the source has it, `["crate", "driver", "Statement"]`.
type SourcePath = Vec<String>;

/// Which modules each module uses.
pub type Graph = BTreeMap<Module, BTreeSet<Module>>;

/// Reads the modules below a crate's `src`.
pub fn read(src: &Path) -> Graph {
    let mut files = BTreeMap::new();
    collect(src, &mut Vec::new(), &mut files);
    let paths: BTreeMap<Module, Paths> = files
        .into_iter()
        .map(|(module, text)| {
            let tokens = TokenStream::from_str(&text).expect("a source file of the workspace");
            let mut paths = Paths::default();
            paths.scan(tokens);
            (module, paths)
        })
        .collect();
    let exports = exports(&paths);
    let mut graph = Graph::new();
    for (module, found) in &paths {
        let used = found.uses.iter().filter_map(|path| target(&paths, &exports, module, path));
        let used = used.filter(|target| target != module && !target.is_empty()).collect();
        graph.insert(module.clone(), used);
    }
    graph.remove(&Module::new());
    graph
}

/// The text of each module's file.
fn collect(dir: &Path, prefix: &mut Module, files: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(dir).expect("a directory of sources").flatten() {
        let path = entry.path();
        let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        if path.is_dir() && !(prefix.is_empty() && stem == "bin") {
            prefix.push(stem.to_owned());
            collect(&path, prefix, files);
            prefix.pop();
        } else if path.extension().is_some_and(|extension| extension == "rs") && stem != "main" {
            let mut module = prefix.clone();
            if !(prefix.is_empty() && stem == "lib") {
                module.push(stem.to_owned());
            }
            files.insert(module, fs::read_to_string(&path).expect("a source file"));
        }
    }
}

/// The paths that a file has.
#[derive(Default)]
struct Paths {
    uses: Vec<SourcePath>,
    /// Those of `pub use`, with the name that they give.
    exports: Vec<(String, SourcePath)>,
}

impl Paths {
    fn scan(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let (mut at, mut is_public) = (0, false);
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' && is_test(tokens.get(at)) => {
                    at = after_item(&tokens, at + 1);
                }
                TokenTree::Ident(word) if word == "pub" => {
                    is_public = true;
                    let is_restricted = matches!(tokens.get(at), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
                    at += usize::from(is_restricted);
                    continue;
                }
                TokenTree::Ident(word) if word == "use" => {
                    let end = (at..tokens.len()).find(|end| is_punct(&tokens[*end], ';'));
                    let end = end.unwrap_or(tokens.len());
                    self.add_use(&tokens[at..end], &[], is_public);
                    at = end;
                }
                TokenTree::Ident(word) if word == "crate" || word == "super" || word == "self" => {
                    let mut path = vec![word.to_string()];
                    while let Some(TokenTree::Ident(next)) = segment(&tokens, at) {
                        path.push(next.to_string());
                        at += 3;
                    }
                    if path.len() > 1 {
                        self.uses.push(path);
                    }
                }
                TokenTree::Group(group) => self.scan(group.stream()),
                _ => {}
            }
            is_public = false;
        }
    }

    /// Adds the paths of a `use`, whose tokens these are.
    fn add_use(&mut self, tokens: &[TokenTree], prefix: &[String], is_public: bool) {
        let mut path = prefix.to_vec();
        let mut name = None;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    name = tokens.get(at + 1).map(ToString::to_string);
                    at += 1;
                }
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for part in inner.split(|token| is_punct(token, ',')) {
                        if !part.is_empty() {
                            self.add_use(part, &path, is_public);
                        }
                    }
                    return;
                }
                _ => {}
            }
            at += 1;
        }
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        if let (true, Some(name)) = (is_public, name.or_else(|| path.last().cloned())) {
            self.exports.push((name, path.clone()));
        }
        self.uses.push(path);
    }
}

/// Whether a token is the brackets of `#[cfg(test)]`.
pub fn is_test(token: Option<&TokenTree>) -> bool {
    token.is_some_and(|token| token.to_string().replace(' ', "") == "[cfg(test)]")
}

/// The place after the item that begins at a place: behind its braces or its semicolon.
pub fn after_item(tokens: &[TokenTree], from: usize) -> usize {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        token => is_punct(token, ';'),
    };
    (from..tokens.len()).find(|at| is_end(&tokens[*at])).map_or(tokens.len(), |at| at + 1)
}

pub fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

/// The name after `::`, where there is one at that place.
fn segment(tokens: &[TokenTree], at: usize) -> Option<&TokenTree> {
    let colons = is_punct(tokens.get(at)?, ':') && is_punct(tokens.get(at + 1)?, ':');
    if colons { tokens.get(at + 2) } else { None }
}

/// Where the names lead that modules re-export.
fn exports(paths: &BTreeMap<Module, Paths>) -> BTreeMap<(Module, String), Module> {
    let mut found = BTreeMap::new();
    for (module, file) in paths {
        for (name, path) in &file.exports {
            if let Some((target, _)) = resolve(paths, module, path) {
                found.insert((module.clone(), name.clone()), target);
            }
        }
    }
    found
}

/// The module to which a path leads, through re-exports.
fn target(
    paths: &BTreeMap<Module, Paths>,
    exports: &BTreeMap<(Module, String), Module>,
    from: &Module,
    path: &SourcePath,
) -> Option<Module> {
    let (mut module, rest) = resolve(paths, from, path)?;
    let Some(name) = rest.first() else { return Some(module) };
    for _ in 0..paths.len() {
        match exports.get(&(module.clone(), name.clone())) {
            Some(next) if *next != module => module = next.clone(),
            _ => break,
        }
    }
    Some(module)
}

/// The module to which the beginning of a path leads, and the names after it. `None` where the path leads out of the
/// crate.
fn resolve(
    paths: &BTreeMap<Module, Paths>,
    from: &Module,
    path: &SourcePath,
) -> Option<(Module, SourcePath)> {
    let mut segments = path.iter().peekable();
    let mut module = from.clone();
    match segments.peek()?.as_str() {
        "crate" => {
            module.clear();
            segments.next();
        }
        "self" => {
            segments.next();
        }
        "super" => {
            while segments.next_if(|segment| *segment == "super").is_some() {
                module.pop();
            }
        }
        // A child that is named without `self::`.
        first => {
            module.push((*first).to_owned());
            let is_child = paths.contains_key(&module);
            module.pop();
            if !is_child {
                return None;
            }
        }
    }
    while let Some(segment) = segments.peek() {
        module.push((*segment).clone());
        if !paths.contains_key(&module) {
            module.pop();
            break;
        }
        segments.next();
    }
    Some((module, segments.cloned().collect()))
}

/// The graph of the top-level modules.
pub fn top_level(graph: &Graph) -> Graph {
    let mut top = Graph::new();
    for (module, used) in graph {
        let targets = top.entry(vec![module[0].clone()]).or_default();
        let others = used.iter().filter(|target| target[0] != module[0]);
        targets.extend(others.map(|target| vec![target[0].clone()]));
    }
    top
}

/// The circles: sets of modules that all use each other, directly or through others.
pub fn circles(graph: &Graph) -> Vec<BTreeSet<Module>> {
    let reach: BTreeMap<&Module, BTreeSet<&Module>> =
        graph.keys().map(|module| (module, reachable(graph, module))).collect();
    let mut found = BTreeSet::new();
    for (module, targets) in &reach {
        let circle: BTreeSet<Module> = targets
            .iter()
            .filter(|target| reach.get(*target).is_some_and(|back| back.contains(module)))
            .map(|target| (*target).clone())
            .collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    found.into_iter().collect()
}

fn reachable<'a>(graph: &'a Graph, from: &'a Module) -> BTreeSet<&'a Module> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        for target in graph.get(module).into_iter().flatten() {
            if found.insert(target) {
                open.push(target);
            }
        }
    }
    found
}

/// Whether a circle is one of a parent with its own children.
pub fn is_family(circle: &BTreeSet<Module>) -> bool {
    circle.iter().any(|parent| circle.iter().all(|module| module.starts_with(parent)))
}
