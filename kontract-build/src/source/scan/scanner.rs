//! The walk along the modules of each crate.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, SourceRange};
use proc_macro2::{Span, TokenStream};
use syn::parse::Parser as _;
use syn::{Attribute, DeriveInput, ItemUse, Meta, Visibility};

use super::item_tokens::{ItemKind, ItemTokens, split_items};
use super::lex::lex_text;
use super::re_exports::{ReExports, is_visible_from_root};
use super::{DisabledByCfg, DisabledItem, Home, Scan, ScannedItem};
use crate::cargo::targets::CrateRoot;
use crate::source::cfg::{Attributes, Cfg, StrippedItem, Undecided};
use crate::source::derives::{DERIVES, find_derives, find_foreign_derives};
use crate::source::source_file::{SourceFile, hash_if_relevant, strip_shebang};
use crate::source::tokens::{is_too_deep, mentions};

/// Modules nested deeper than this are an error.
const MAX_MODULE_DEPTH: usize = 64;

/// How to fix a condition that cannot be decided.
const UNDECIDED_HELP: &str =
    "remove the condition, or use one on a cargo feature or the target instead";

/// Scans the crates of a package.
pub fn scan_crates(package: &Path, roots: &[CrateRoot], cfg: &Cfg) -> Scan {
    let mut scanner = Scanner { package, cfg, scan: Scan::default(), files: HashMap::new() };
    for (index, root) in roots.iter().enumerate() {
        let mut krate = Crate { root: index, ..Crate::default() };
        let file = scanner.load_file(&package.join(&root.file));
        let dir = ModuleDir::new(&package.join(&root.file), None);
        let module = Module {
            path: Vec::new(),
            dir,
            file,
            chain: Vec::new(),
            conditions: Vec::new(),
            undecided: None,
        };
        scanner.walk_file(module, true, true, &mut krate);
        scanner.resolve_paths(krate);
    }
    scanner.scan
}

struct Scanner<'a> {
    package: &'a Path,
    cfg: &'a Cfg,
    scan: Scan,
    files: HashMap<PathBuf, Option<TokenStream>>,
}

/// What the walk collects for one crate.
#[derive(Default)]
struct Crate {
    root: usize,
    re_exports: ReExports,
    /// For each module: whether the crate root can see it, and whether it is public.
    modules: BTreeMap<Vec<String>, (bool, bool)>,
    /// The items found: index, module, visibility of the item itself.
    found: Vec<(usize, Vec<String>, Visibility)>,
}

/// Where the files of submodules are.
#[derive(Clone)]
struct ModuleDir {
    /// The directory of the file, with the inline modules below it.
    path: PathBuf,
    /// For `foo.rs`: `foo`, where its submodules live.
    relative: Option<String>,
}

impl ModuleDir {
    fn new(file: &Path, relative: Option<String>) -> ModuleDir {
        ModuleDir { path: file.parent().unwrap_or(Path::new("")).to_owned(), relative }
    }
}

/// A module about to be walked.
struct Module {
    path: Vec<String>,
    dir: ModuleDir,
    file: PathBuf,
    /// The files around it, to detect cycles.
    chain: Vec<PathBuf>,
    /// Its conditions and those of the modules around it.
    conditions: Vec<String>,
    /// The first of them that cannot be decided.
    undecided: Option<Undecided>,
}

impl Scanner<'_> {
    /// Reads a file, once for all crates. Returns its path relative to the package.
    fn load_file(&mut self, file: &Path) -> PathBuf {
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
            Err(error) => self.add_broken(&path, None, format!("the file cannot be read: {error}")),
            Ok(Err(_)) => self.add_broken(&path, None, "the file is not UTF-8"),
            Ok(Ok(text)) => {
                let hash = hash_if_relevant(&text);
                self.scan.has_storage |= text.contains("storage!");
                self.scan.sources.push(SourceFile { path: path.clone(), hash });
                if hash.is_some() {
                    let (read, mistake) = lex_text(strip_shebang(&text));
                    tokens = read;
                    if mistake.is_some() {
                        self.add_broken(&path, mistake, "the file is not valid Rust");
                    }
                }
            }
        }
        self.files.insert(path.clone(), tokens);
        path
    }

    fn add_broken(&mut self, file: &Path, span: Option<Span>, message: impl Into<String>) {
        let range = match span {
            Some(span) => SourceRange::of_tokens(file, span),
            None => SourceRange::whole_file(file),
        };
        if !self.scan.broken.iter().any(|known| known.source_range() == Some(&range)) {
            let problem = Diagnostic::new(code::UNREADABLE_SOURCE, message);
            self.scan.broken.push(problem.in_source(range));
        }
    }

    fn walk_file(&mut self, module: Module, seen: bool, is_pub: bool, krate: &mut Crate) {
        match self.files.get(&module.file) {
            Some(Some(tokens)) => self.walk_module(tokens.clone(), module, seen, is_pub, krate),
            _ => drop(krate.modules.insert(module.path, (seen, is_pub))),
        }
    }

    /// Walks the items of a module. `seen`: the crate root can name it; `is_pub`: it is public.
    fn walk_module(
        &mut self,
        tokens: TokenStream,
        mut at: Module,
        seen: bool,
        is_pub: bool,
        krate: &mut Crate,
    ) {
        krate.modules.insert(at.path.clone(), (seen, is_pub));
        let (inner, items) = split_items(tokens);
        match self.resolve_attributes(inner, &at.file) {
            None => return,
            Some(Ok(Attributes::Disabled(cfg))) => {
                return self.add_disabled_module(
                    at.path.last(),
                    cfg,
                    SourceRange::whole_file(&at.file),
                );
            }
            Some(Ok(Attributes::Enabled(_, conditions))) => at.conditions.extend(conditions),
            Some(Err(undecided)) => at.undecided = at.undecided.or(Some(undecided)),
        }
        let (uses, items): (Vec<_>, Vec<_>) =
            items.into_iter().partition(|item| matches!(item.kind, ItemKind::Use));
        let mut foreign = Vec::new();
        for item in uses {
            let tokens = [item.vis, item.rest].into_iter().collect::<TokenStream>();
            if is_too_deep(&tokens) {
                continue;
            }
            if let Ok(item) = syn::parse2::<ItemUse>(tokens) {
                krate.re_exports.add(&at.path, &item.vis, &item.tree);
                find_foreign_derives(&item.tree, None, &mut foreign);
            }
        }
        for item in items {
            match item.kind {
                ItemKind::Module(..) => self.walk_submodule(item, &at, krate),
                _ if mentions(&item.attrs, &DERIVES) => self.add_item(item, &at, &foreign, krate),
                _ => {}
            }
        }
    }

    fn walk_submodule(&mut self, item: ItemTokens, at: &Module, krate: &mut Crate) {
        let ItemKind::Module(ident, body) = item.kind else { return };
        let mut conditions = at.conditions.clone();
        let (attrs, undecided) = match self.resolve_attributes(item.attrs.clone(), &at.file) {
            None => return,
            Some(Ok(Attributes::Disabled(cfg))) => {
                let place = SourceRange::of_tokens(&at.file, ident.span());
                return self.add_disabled_module(Some(&ident.to_string()), cfg, place);
            }
            Some(Ok(Attributes::Enabled(attrs, own))) => {
                conditions.extend(own);
                (attrs, None)
            }
            // The file of a module with an undecided condition is still read.
            Some(Err(undecided)) => {
                (parse_attributes(item.attrs).unwrap_or_default(), Some(undecided))
            }
        };
        let name = kontract_schema::source::parse::ident(&ident);
        let mut path = at.path.clone();
        path.push(ident.to_string());
        if path.len() > MAX_MODULE_DEPTH {
            return self.add_broken(&at.file, Some(item.span), "modules are nested too deeply");
        }
        let vis = syn::parse2(item.vis).unwrap_or(Visibility::Inherited);
        let seen = krate.modules[&at.path].0 && is_visible_from_root(&vis, &at.path);
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
                Some(stated) => module.dir = ModuleDir { path: stated, relative: None },
                None => {
                    module.dir.path.extend(module.dir.relative.take());
                    module.dir.path.push(name);
                }
            }
            return self.walk_module(body.stream(), module, seen, is_pub, krate);
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
            let message = format!("module `{name}` has no file");
            return self.add_broken(&at.file, Some(ident.span()), message);
        }
        let real = std::fs::canonicalize(&file).unwrap_or_else(|_| file.clone());
        if at.chain.contains(&real) {
            return self.add_broken(
                &at.file,
                Some(ident.span()),
                format!("module `{name}` contains itself"),
            );
        }
        module.chain.push(real);
        module.dir = ModuleDir::new(&file, relative);
        module.file = self.load_file(&file);
        self.walk_file(module, seen, is_pub, krate);
    }

    fn add_item(&mut self, item: ItemTokens, at: &Module, foreign: &[String], krate: &mut Crate) {
        let tokens: TokenStream = [item.attrs, item.vis, item.rest].into_iter().collect();
        if is_too_deep(&tokens) {
            return self.add_broken(&at.file, Some(item.span), "this type is nested too deeply");
        }
        let mut input = match syn::parse2::<DeriveInput>(tokens) {
            Ok(input) => input,
            Err(error) => return self.add_broken(&at.file, Some(error.span()), error.to_string()),
        };
        let written = std::mem::take(&mut input.attrs);
        let all = find_derives(&written, foreign, true);
        let mut undecided = at.undecided.clone();
        let mut conditions = at.conditions.clone();
        match self.cfg.resolve_attributes(written.clone()) {
            Ok(Attributes::Disabled(cfg)) => {
                if all.contains(&"Table") {
                    let place = SourceRange::of_tokens(&at.file, input.ident.span());
                    input.attrs = written;
                    self.scan.disabled.push(DisabledByCfg {
                        item: DisabledItem::Table(Box::new(input)),
                        cfg,
                        place,
                    });
                }
                return;
            }
            Ok(Attributes::Enabled(attrs, own)) => {
                conditions.extend(own);
                input.attrs = attrs;
            }
            Err(condition) => undecided = undecided.or(Some(condition)),
        }
        let derives =
            if undecided.is_some() { all } else { find_derives(&input.attrs, foreign, false) };
        if derives.is_empty() {
            return;
        }
        let (mut on, mut off) = (Vec::new(), Vec::new());
        if undecided.is_none() {
            match self.cfg.strip_item(input.clone()) {
                Ok(stripped) => StrippedItem { input, enabled: on, disabled: off } = stripped,
                Err(condition) => undecided = Some(condition),
            }
        }
        if let Some(undecided) = undecided {
            let message =
                format!("cannot decide the condition `{}` of `{}`", undecided.name, input.ident);
            return self.scan.undecided.push(
                Diagnostic::new(code::CFG, message)
                    .in_source(SourceRange::of_tokens(&at.file, undecided.span))
                    .help(UNDECIDED_HELP),
            );
        }
        let place = SourceRange::of_tokens(&at.file, input.ident.span());
        for derive in derives {
            let known = |known: &ScannedItem| known.place == place && known.derive == derive;
            let elsewhere =
                |known: &ScannedItem| known.homes.iter().all(|home| home.root != krate.root);
            let index = match self.scan.items.iter().position(|i| known(i) && elsewhere(i)) {
                Some(index) => index,
                None => {
                    self.scan.items.push(ScannedItem {
                        derive,
                        input: input.clone(),
                        place: place.clone(),
                        conditions: conditions.clone(),
                        enabled_fields: on.clone(),
                        disabled_fields: off.clone(),
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

    /// Adds a disabled module. Modules of tests are ignored: they cannot have tables.
    fn add_disabled_module(&mut self, name: Option<&String>, cfg: String, place: SourceRange) {
        if let Some(name) = name.filter(|_| cfg != "cfg(test)") {
            self.scan.disabled.push(DisabledByCfg {
                item: DisabledItem::Module(name.clone()),
                cfg,
                place,
            });
        }
    }

    /// Sets the paths of a crate's items, once all its modules are known.
    fn resolve_paths(&mut self, krate: Crate) {
        for (index, module, vis) in krate.found {
            let item = &mut self.scan.items[index];
            let name = item.input.ident.to_string();
            let seen = is_visible_from_root(&vis, &module);
            let visible = |path: &[String]| krate.modules.get(path).is_some_and(|(seen, _)| *seen);
            let path = krate.re_exports.find_path(&module, &name, seen, visible);
            if let Some(home) = item.homes.iter_mut().find(|home| home.root == krate.root) {
                home.is_pub = matches!(vis, Visibility::Public(_));
                home.path = path.map(|path| format!("crate::{}", path.join("::")));
            }
        }
    }

    /// Decides the `cfg` of attributes. Returns `None` if the tokens are not attributes.
    fn resolve_attributes(
        &mut self,
        tokens: TokenStream,
        file: &Path,
    ) -> Option<Result<Attributes, Undecided>> {
        if is_too_deep(&tokens) {
            self.add_broken(file, None, "attributes are nested too deeply");
            return None;
        }
        match parse_attributes(tokens) {
            Ok(attrs) => Some(self.cfg.resolve_attributes(attrs)),
            Err(error) => {
                self.add_broken(file, Some(error.span()), error.to_string());
                None
            }
        }
    }
}

/// Parses attributes from their tokens.
fn parse_attributes(tokens: TokenStream) -> syn::Result<Vec<Attribute>> {
    Attribute::parse_outer.parse2(tokens)
}

/// Returns the path of `#[path = "…"]`.
fn path_attribute(attrs: &[Attribute]) -> Option<String> {
    let attr = attrs.iter().find(|attr| attr.path().is_ident("path"))?;
    let Meta::NameValue(pair) = &attr.meta else { return None };
    match &pair.value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}
