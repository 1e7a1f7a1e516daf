//! The module tree of the package → every struct and enum in it that derives one of ours.
//!
//! What rustc would compile is followed, nothing else: from the root of each target along `mod`
//! declarations, with both rules of `#[path]`, `#[cfg]` decided as [`crate::cfg`] says. A file that
//! has neither a `mod` declaration nor a derive of ours in its text is read but not parsed. What
//! only a macro would reveal (`macro_rules!`, `include!`) is not seen; the derive refuses such a
//! struct, because no verdicts exist for it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream};
use syn::{DeriveInput, ItemUse, Visibility};

use crate::cfg::{Attributes, Cfg, Conditional, Stripped, Undecided};

mod attributes;
mod items;
mod lex;
mod names;
mod text;

use attributes::{derives, foreign_derives, parse_attributes, path_attribute};
use items::Kind;
use lex::lex;
use names::Names;
use text::{body, interest};

/// The derives that a scan looks for.
pub const DERIVES: [&str; 3] = ["Table", "Enum", "Document"];

/// The crate root of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The name of the crate, as rustc knows it.
    pub krate: String,
    /// Whether it is a program; else the library.
    pub is_bin: bool,
    /// Its file, below the package.
    pub file: PathBuf,
}

/// What was found.
#[derive(Default)]
pub struct Scan {
    /// The structs and enums, in the order of the source.
    pub items: Vec<Item>,
    /// Every file of the module tree.
    pub sources: Vec<Source>,
    /// Files, modules and structs that cannot be read.
    pub broken: Vec<Problem>,
    /// Conditions that cannot be decided.
    pub undecided: Vec<Problem>,
    /// Tables and modules that a condition switches off in this build.
    pub off: Vec<Off>,
    /// Whether `storage!` stands in one of the files.
    pub has_storage: bool,
}

/// A struct or enum that derives one of ours.
pub struct Item {
    /// Which derive.
    pub derive: &'static str,
    /// The item as the derive sees it.
    pub input: DeriveInput,
    /// Where it stands.
    pub place: Place,
    /// The conditions under which it is there, its own and those of the modules around it.
    pub conditions: Vec<String>,
    /// The fields under conditions that are there.
    pub on: Vec<Conditional>,
    /// The fields that a condition switches off in this build.
    pub off: Vec<Conditional>,
    /// The crates it belongs to: more than one where two targets share a file.
    pub homes: Vec<Home>,
}

/// Something that a condition switches off in this build.
pub struct Off {
    /// What it is.
    pub what: OffItem,
    /// The condition, as it is written: `cfg(feature = "extra")`.
    pub cfg: String,
    /// Where it stands.
    pub place: Place,
}

/// What can be switched off.
pub enum OffItem {
    /// The struct of a table.
    Table(Box<DeriveInput>),
    /// A module.
    Module(String),
}

/// An item's place in one crate.
pub struct Home {
    /// The index of the root.
    pub root: usize,
    /// The path of its module below the crate root.
    pub module: Vec<String>,
    /// The path by which the crate root can name it, `crate::models::User`; `None` if it cannot.
    pub path: Option<String>,
    /// Whether it is `pub` everywhere, so that it can stand in a public signature.
    pub is_pub: bool,
}

/// A file of the module tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Below the package where it stands there.
    pub path: PathBuf,
    /// A hash of its text; `None` for a file without `mod` declarations and derives.
    pub hash: Option<u64>,
}

/// A place in the source, `src/models.rs:12:5`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Below the package where it stands there.
    pub file: PathBuf,
    /// From 1; 0 for the whole file.
    pub line: usize,
    /// From 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The same text on every system.
        let file = self.file.to_string_lossy().replace('\\', "/");
        match self.line {
            0 => f.write_str(&file),
            _ => write!(f, "{file}:{}:{}", self.line, self.column),
        }
    }
}

/// Something wrong at a place.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What.
    pub what: String,
}

/// Scans the crates of a package.
pub fn scan(package: &Path, roots: &[Root], cfg: &Cfg) -> Scan {
    let mut scanner = Scanner { package, cfg, scan: Scan::default(), files: HashMap::new() };
    for (index, root) in roots.iter().enumerate() {
        let mut krate = Crate { root: index, ..Crate::default() };
        let file = scanner.load(&package.join(&root.file));
        let dir = Dir::of(&package.join(&root.file), None);
        let module = Module {
            path: Vec::new(),
            dir,
            file,
            chain: Vec::new(),
            conditions: Vec::new(),
            undecided: None,
        };
        scanner.file(module, true, true, &mut krate);
        scanner.name(krate);
    }
    scanner.scan
}

/// Reads a file as the scan does, for comparison with an earlier scan.
pub fn source(package: &Path, path: &Path) -> Option<Source> {
    let text = std::fs::read_to_string(package.join(path)).ok()?;
    Some(Source { path: path.to_owned(), hash: interest(&text) })
}

struct Scanner<'a> {
    package: &'a Path,
    cfg: &'a Cfg,
    scan: Scan,
    files: HashMap<PathBuf, Option<TokenStream>>,
}

/// What is gathered while one crate is walked.
#[derive(Default)]
struct Crate {
    root: usize,
    names: Names,
    /// Whether the crate root can see a module, and whether everybody can.
    modules: BTreeMap<Vec<String>, (bool, bool)>,
    /// The items found: index, module, visibility of the item itself.
    found: Vec<(usize, Vec<String>, Visibility)>,
}

/// Where files of submodules are looked for.
#[derive(Clone)]
struct Dir {
    /// The directory of the file, with the inline modules below it.
    path: PathBuf,
    /// For `foo.rs`: `foo`, where its submodules live.
    relative: Option<String>,
}

impl Dir {
    fn of(file: &Path, relative: Option<String>) -> Dir {
        Dir { path: file.parent().unwrap_or(Path::new("")).to_owned(), relative }
    }
}

/// A module about to be walked.
struct Module {
    path: Vec<String>,
    dir: Dir,
    file: PathBuf,
    /// The files around it, to find circles.
    chain: Vec<PathBuf>,
    /// The conditions on it and around it.
    conditions: Vec<String>,
    /// One of them that cannot be decided.
    undecided: Option<Undecided>,
}

/// Deeper than any real tree; recursion ends here.
const DEEPEST: usize = 64;

impl Scanner<'_> {
    /// Reads a file, once for all crates. Returns its path below the package.
    fn load(&mut self, file: &Path) -> PathBuf {
        // `bin/../models.rs` is `models.rs`: two crates that share a file share its tables.
        let real = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let package = std::fs::canonicalize(self.package);
        let package = package.as_deref().unwrap_or(self.package);
        let path = real.strip_prefix(package).unwrap_or(&real).to_owned();
        if self.files.contains_key(&path) {
            return path;
        }
        let mut tokens = None;
        match std::fs::read(file).map(String::from_utf8) {
            Err(error) => self.broken(&path, None, format!("cannot be read: {error}")),
            Ok(Err(_)) => self.broken(&path, None, "is not UTF-8"),
            Ok(Ok(text)) => {
                let hash = interest(&text);
                self.scan.has_storage |= text.contains("storage!");
                self.scan.sources.push(Source { path: path.clone(), hash });
                if hash.is_some() {
                    let (read, mistake) = lex(body(&text));
                    tokens = read;
                    if mistake.is_some() {
                        self.broken(&path, mistake, "is not valid Rust");
                    }
                }
            }
        }
        self.files.insert(path.clone(), tokens);
        path
    }

    fn broken(&mut self, file: &Path, span: Option<Span>, what: impl Into<String>) {
        let problem = Problem { place: place(file, span), what: what.into() };
        if !self.scan.broken.iter().any(|known| known.place == problem.place) {
            self.scan.broken.push(problem);
        }
    }

    fn file(&mut self, module: Module, seen: bool, is_pub: bool, krate: &mut Crate) {
        match self.files.get(&module.file) {
            Some(Some(tokens)) => self.module(tokens.clone(), module, seen, is_pub, krate),
            _ => drop(krate.modules.insert(module.path, (seen, is_pub))),
        }
    }

    /// Walks the items of a module. `seen`: the crate root can name it; `is_pub`: all can.
    fn module(
        &mut self,
        tokens: TokenStream,
        mut at: Module,
        seen: bool,
        is_pub: bool,
        krate: &mut Crate,
    ) {
        krate.modules.insert(at.path.clone(), (seen, is_pub));
        let (inner, items) = items::split(tokens);
        match self.attributes(inner, &at.file) {
            None => return,
            Some(Ok(Attributes::Off(cfg))) => {
                return self.off_module(at.path.last(), cfg, place(&at.file, None));
            }
            Some(Ok(Attributes::On(_, conditions))) => at.conditions.extend(conditions),
            Some(Err(undecided)) => at.undecided = at.undecided.or(Some(undecided)),
        }
        let (uses, items): (Vec<_>, Vec<_>) =
            items.into_iter().partition(|item| matches!(item.kind, Kind::Use));
        let mut foreign = Vec::new();
        for item in uses {
            let tokens = [item.vis, item.rest].into_iter().collect::<TokenStream>();
            if items::too_deep(&tokens) {
                continue;
            }
            if let Ok(item) = syn::parse2::<ItemUse>(tokens) {
                krate.names.add(&at.path, &item.vis, &item.tree);
                foreign_derives(&item.tree, None, &mut foreign);
            }
        }
        for item in items {
            match item.kind {
                Kind::Module(..) => self.submodule(item, &at, krate),
                _ if items::mentions(&item.attrs, &DERIVES) => {
                    self.item(item, &at, &foreign, krate)
                }
                _ => {}
            }
        }
    }

    fn submodule(&mut self, item: items::Item, at: &Module, krate: &mut Crate) {
        let Kind::Module(ident, body) = item.kind else { return };
        let mut conditions = at.conditions.clone();
        let (attrs, undecided) = match self.attributes(item.attrs.clone(), &at.file) {
            None => return,
            Some(Ok(Attributes::Off(cfg))) => {
                let place = place(&at.file, Some(ident.span()));
                return self.off_module(Some(&ident.to_string()), cfg, place);
            }
            Some(Ok(Attributes::On(attrs, own))) => {
                conditions.extend(own);
                (attrs, None)
            }
            // The path of a module that may not be there is still worth following.
            Some(Err(undecided)) => {
                (parse_attributes(item.attrs).unwrap_or_default(), Some(undecided))
            }
        };
        let name = kontract_schema::source::parse::ident(&ident);
        let mut path = at.path.clone();
        path.push(ident.to_string());
        if path.len() > DEEPEST {
            return self.broken(&at.file, Some(item.span), "modules are nested too deeply");
        }
        let vis = syn::parse2(item.vis).unwrap_or(Visibility::Inherited);
        let seen = krate.modules[&at.path].0 && names::from_root(&vis, &at.path);
        let is_pub = krate.modules[&at.path].1 && matches!(vis, Visibility::Public(_));
        let stated = path_attribute(&attrs).map(|stated| at.dir.path.join(stated));
        let undecided = at.undecided.clone().or(undecided);
        let mut module = Module {
            path,
            dir: at.dir.clone(),
            file: at.file.clone(),
            chain: at.chain.clone(),
            conditions,
            undecided,
        };
        if let Some(body) = body {
            match stated {
                Some(stated) => module.dir = Dir { path: stated, relative: None },
                None => {
                    module.dir.path.extend(module.dir.relative.take());
                    module.dir.path.push(name);
                }
            }
            return self.module(body.stream(), module, seen, is_pub, krate);
        }
        let base = match &at.dir.relative {
            Some(relative) => at.dir.path.join(relative),
            None => at.dir.path.clone(),
        };
        let beside = base.join(format!("{name}.rs"));
        let below = base.join(&name).join("mod.rs");
        // All files of `#[path]` are treated as if they were a `mod.rs`.
        let (file, relative) = match stated {
            Some(stated) => (stated, None),
            None if below.is_file() && !beside.is_file() => (below, None),
            None => (beside, Some(name.clone())),
        };
        if !file.is_file() {
            let what = format!("module `{name}` has no file");
            return self.broken(&at.file, Some(ident.span()), what);
        }
        let real = std::fs::canonicalize(&file).unwrap_or_else(|_| file.clone());
        if at.chain.contains(&real) {
            return self.broken(
                &at.file,
                Some(ident.span()),
                format!("module `{name}` contains itself"),
            );
        }
        module.chain.push(real);
        module.dir = Dir::of(&file, relative);
        module.file = self.load(&file);
        self.file(module, seen, is_pub, krate);
    }

    fn item(&mut self, item: items::Item, at: &Module, foreign: &[String], krate: &mut Crate) {
        let tokens: TokenStream = [item.attrs, item.vis, item.rest].into_iter().collect();
        if items::too_deep(&tokens) {
            return self.broken(&at.file, Some(item.span), "this type is nested too deeply");
        }
        let mut input = match syn::parse2::<DeriveInput>(tokens) {
            Ok(input) => input,
            Err(error) => return self.broken(&at.file, Some(error.span()), error.to_string()),
        };
        let written = std::mem::take(&mut input.attrs);
        let all = derives(&written, foreign, true);
        let mut undecided = at.undecided.clone();
        let mut conditions = at.conditions.clone();
        match self.cfg.attributes(written.clone()) {
            Ok(Attributes::Off(cfg)) => {
                if all.contains(&"Table") {
                    let place = place(&at.file, Some(input.ident.span()));
                    input.attrs = written;
                    self.scan.off.push(Off { what: OffItem::Table(Box::new(input)), cfg, place });
                }
                return;
            }
            Ok(Attributes::On(attrs, own)) => {
                conditions.extend(own);
                input.attrs = attrs;
            }
            Err(condition) => undecided = undecided.or(Some(condition)),
        }
        let derives = if undecided.is_some() { all } else { derives(&input.attrs, foreign, false) };
        if derives.is_empty() {
            return;
        }
        let (mut on, mut off) = (Vec::new(), Vec::new());
        if undecided.is_none() {
            match self.cfg.strip(input.clone()) {
                Ok(stripped) => Stripped { input, on, off } = stripped,
                Err(condition) => undecided = Some(condition),
            }
        }
        if let Some(undecided) = undecided {
            let what = format!(
                "`{}` cannot be decided, and `{}` depends on it",
                undecided.name, input.ident
            );
            let place = place(&at.file, Some(undecided.span));
            return self.scan.undecided.push(Problem { place, what });
        }
        let place = place(&at.file, Some(input.ident.span()));
        for derive in derives {
            let known = |known: &Item| known.place == place && known.derive == derive;
            let elsewhere = |known: &Item| known.homes.iter().all(|home| home.root != krate.root);
            let index = match self.scan.items.iter().position(|i| known(i) && elsewhere(i)) {
                Some(index) => index,
                None => {
                    self.scan.items.push(Item {
                        derive,
                        input: input.clone(),
                        place: place.clone(),
                        conditions: conditions.clone(),
                        on: on.clone(),
                        off: off.clone(),
                        homes: Vec::new(),
                    });
                    self.scan.items.len() - 1
                }
            };
            let (module, root) = (at.path.clone(), krate.root);
            krate.found.push((index, module.clone(), input.vis.clone()));
            self.scan.items[index].homes.push(Home { root, module, path: None, is_pub: false });
        }
    }

    /// Takes note of a module that is not there; modules of tests have no tables anyway.
    fn off_module(&mut self, name: Option<&String>, cfg: String, place: Place) {
        if let Some(name) = name.filter(|_| cfg != "cfg(test)") {
            self.scan.off.push(Off { what: OffItem::Module(name.clone()), cfg, place });
        }
    }

    /// The names of a crate's items, once all its modules are known.
    fn name(&mut self, krate: Crate) {
        for (index, module, vis) in krate.found {
            let item = &mut self.scan.items[index];
            let name = item.input.ident.to_string();
            let seen = names::from_root(&vis, &module);
            let visible = |path: &[String]| krate.modules.get(path).is_some_and(|(seen, _)| *seen);
            let path = krate.names.path_to(&module, &name, seen, visible);
            if let Some(home) = item.homes.iter_mut().find(|home| home.root == krate.root) {
                home.is_pub = matches!(vis, Visibility::Public(_));
                home.path = path.map(|path| format!("crate::{}", path.join("::")));
            }
        }
    }

    /// Attributes with `cfg` decided: `None` if the tokens are no attributes.
    fn attributes(
        &mut self,
        tokens: TokenStream,
        file: &Path,
    ) -> Option<Result<Attributes, Undecided>> {
        if items::too_deep(&tokens) {
            self.broken(file, None, "attributes are nested too deeply");
            return None;
        }
        match parse_attributes(tokens) {
            Ok(attrs) => Some(self.cfg.attributes(attrs)),
            Err(error) => {
                self.broken(file, Some(error.span()), error.to_string());
                None
            }
        }
    }
}

/// The place of a token in a file.
pub fn place(file: &Path, span: Option<Span>) -> Place {
    let start = span.map(|span| span.start());
    Place {
        file: file.to_owned(),
        line: start.map_or(0, |start| start.line),
        column: start.map_or(0, |start| start.column + 1),
    }
}

#[cfg(test)]
mod tests;
