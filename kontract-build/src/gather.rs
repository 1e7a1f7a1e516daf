//! Scanned items → the raw items of the package, by the one front end of `kontract-schema`.
//!
//! What one struct says wrong its derive reports; here it only means that the package is not fully
//! known, so that nothing may be concluded from what is absent.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kontract_schema::diagnostic::{Diagnostic, Diagnostics, Location};
use kontract_schema::lock::LockFile;
use kontract_schema::source::check::{self, Item, Items};
use kontract_schema::source::parse;
use kontract_schema::source::raw::{self, RawTable};
use kontract_schema::{Schema, Table, code, name};

use crate::scan::{self, Home, OffItem, Place, Scan};

/// The items of the package.
#[derive(Default)]
pub struct Gathered {
    /// What could be read.
    pub items: Items,
    /// The structs of the tables, in the order of the source.
    pub structs: Vec<Struct>,
    /// What is wrong with single structs, each with its file. Their derives report it.
    pub wrong: Vec<(PathBuf, Diagnostic)>,
    /// Whether something could not be read, so that a table that is not here may still exist.
    pub incomplete: bool,
    /// The conditions of tables and fields that are there, by the logical name of the table and the
    /// field; none for the whole table.
    pub conditions: BTreeMap<(String, Option<String>), String>,
    /// What conditions switch off in this build.
    pub off: Vec<Off>,
    /// Whether `storage!()` stands somewhere.
    pub has_storage: bool,
}

/// What a condition switches off: a table, a field of one, or a module with whatever is in it.
pub struct Off {
    /// The logical name of the table; none for a module.
    pub table: Option<String>,
    /// The field; none for the whole table.
    pub field: Option<String>,
    /// What is off, where, under which condition.
    pub fact: String,
}

impl Off {
    /// Whether it is this table, or this field of it.
    pub fn is(&self, table: &str, field: Option<&str>) -> bool {
        self.table.as_deref() == Some(table) && self.field.as_deref() == field
    }
}

/// The struct of a table.
pub struct Struct {
    /// The logical name of the table.
    pub table: String,
    /// The struct itself; none if its derive reports what is wrong with it.
    pub item: Option<Item<RawTable>>,
    /// The file it stands in.
    pub file: PathBuf,
    /// Where it is known under which name: the crate, the path, whether everybody can.
    pub homes: Vec<(usize, Option<String>, bool)>,
}

impl Struct {
    /// The fingerprint of what was read, as the derive computes it.
    pub fn fingerprint(&self) -> Option<u64> {
        self.item.as_ref().map(|item| raw::fingerprint(&item.raw))
    }

    /// The path by which the root of a crate names it, and whether it is public.
    pub fn path_in(&self, root: usize) -> Option<(&str, bool)> {
        let home = self.homes.iter().find(|(home, ..)| *home == root)?;
        Some((home.1.as_deref()?, home.2))
    }
}

impl Gathered {
    /// Whether the derive of a struct shows a problem. Where two structs claim one table, the derive
    /// of the second would find what is said about the first.
    pub fn derive_shows(&self, problem: &Diagnostic) -> bool {
        self.about(problem).is_some_and(|(strukt, _)| {
            self.structs.iter().filter(|other| other.table == strukt.table).count() == 1
        })
    }

    /// Whether `storage!()` shows a problem: one that is about no struct.
    pub fn storage_shows(&self, problem: &Diagnostic) -> bool {
        self.has_storage && self.about(problem).is_none()
    }

    /// Where the source says what a problem is about.
    pub fn place(&self, problem: &Diagnostic) -> Option<Place> {
        let (strukt, field) = self.about(problem)?;
        let raw = &strukt.item.as_ref()?.raw;
        let field = raw.fields.iter().find(|raw| Some(raw.name.as_str()) == field);
        Some(scan::place(&strukt.file, Some(field.map_or(raw.at.start, |field| field.at.start))))
    }

    fn about<'a>(&'a self, problem: &'a Diagnostic) -> Option<(&'a Struct, Option<&'a str>)> {
        let Location::Schema { table, field } = &problem.location else { return None };
        let strukt = by_table(&self.structs).get(table.as_str()).copied()?;
        strukt.item.is_some().then_some((strukt, field.as_deref()))
    }

    /// Where something could not be read: keeps the tables that were not found as they were, so that
    /// nothing is concluded from their absence.
    pub fn keep_unread(&self, old: &LockFile, schema: &mut Schema) {
        if !self.incomplete {
            return;
        }
        for (name, table) in old.schema().tables {
            let renamed = |new: &Table| new.renamed_from.as_ref() == Some(&name);
            if !schema.tables.contains_key(&name) && !schema.tables.values().any(renamed) {
                schema.tables.insert(name, table);
            }
        }
    }

    /// Structs that the registry cannot name.
    pub fn unnameable(&self) -> Diagnostics {
        let mut problems = Diagnostics::new();
        for strukt in &self.structs {
            let Some(item) = &strukt.item else { continue };
            if strukt.homes.iter().all(|(_, path, _)| path.is_none()) {
                problems.push(
                    Diagnostic::new(
                        code::HIDDEN_STRUCT,
                        format!("the crate root cannot name `{}`", item.raw.ident),
                    )
                    .on(&strukt.table, None)
                    .note("the registry stands in the crate root")
                    .help("make it and the modules around it `pub(crate)`, or re-export it"),
                );
            }
        }
        problems
    }
}

/// Reads the items that a scan found.
pub fn gather(scan: Scan) -> Gathered {
    let incomplete = !scan.broken.is_empty() || !scan.undecided.is_empty();
    let mut all = Gathered { incomplete, has_storage: scan.has_storage, ..Gathered::default() };
    all.off = scan.off.into_iter().map(off).collect();
    for item in scan.items {
        if item.derive == "Table" {
            let table = probable_name(&item.input);
            all.off.extend(item.off.iter().map(|(field, cfg)| {
                let place = scan::place(&item.place.file, Some(field.span()));
                let field = parse::ident(field);
                let fact = fact(&format!("`{field}`"), &place, cfg);
                Off { table: Some(table.clone()), field: Some(field), fact }
            }));
            all.conditions.extend(
                item.on
                    .iter()
                    .map(|(field, cfg)| ((table.clone(), Some(parse::ident(field))), cfg.clone())),
            );
            if !item.conditions.is_empty() {
                all.conditions.insert((table, None), item.conditions.join(", "));
            }
        }
        match item.derive {
            "Table" => table(item, &mut all),
            // One that cannot be read is perhaps not ours at all; a table that needs it says that it
            // is unknown.
            "Enum" => {
                if let Ok(raw) = parse::enumeration(&item.input) {
                    all.items.enums.push(placed(raw, &item));
                }
            }
            _ => {
                if let Ok(raw) = parse::document(&item.input) {
                    all.items.documents.push(placed(raw, &item));
                }
            }
        }
    }
    all
}

fn off(off: scan::Off) -> Off {
    let (table, name) = match off.what {
        OffItem::Table(input) => (Some(probable_name(&input)), format!("`{}`", input.ident)),
        OffItem::Module(name) => (None, format!("module `{name}`")),
    };
    Off { table, field: None, fact: fact(&name, &off.place, &off.cfg) }
}

fn fact(name: &str, place: &Place, cfg: &str) -> String {
    format!("{name} stands at {place} under `#[{cfg}]`, which is off in this build")
}

fn table(item: scan::Item, all: &mut Gathered) {
    let read = parse::table(&item.input).and_then(|raw| check::local(&raw).or(raw));
    let raw = match read {
        Ok(raw) => Some(raw),
        Err(problems) => {
            let file = &item.place.file;
            all.wrong.extend(problems.into_iter().map(|problem| (file.clone(), problem)));
            None
        }
    };
    if raw.as_ref().is_some_and(|raw| raw.standalone) {
        return;
    }
    let file = item.place.file.clone();
    let homes = item.homes.iter().map(|home| (home.root, home.path.clone(), home.is_pub)).collect();
    match raw {
        Some(raw) => {
            let placed = placed(raw, &item);
            all.structs.push(Struct {
                table: placed.raw.table_name(),
                item: Some(placed.clone()),
                file,
                homes,
            });
            all.items.tables.push(placed);
        }
        None => {
            all.incomplete = true;
            all.structs.push(Struct { table: probable_name(&item.input), item: None, file, homes });
        }
    }
}

fn placed<T>(raw: T, item: &scan::Item) -> Item<T> {
    let plain = |segment: &String| segment.strip_prefix("r#").unwrap_or(segment).to_owned();
    let module = |home: &Home| home.module.iter().map(plain).collect();
    Item {
        raw,
        module: item.homes.first().map(module).unwrap_or_default(),
        place: item.place.to_string(),
    }
}

/// The name of the table of a struct that has errors: so that code which uses its handle has no
/// further ones.
fn probable_name(input: &syn::DeriveInput) -> String {
    let mut given = None;
    for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("table")) {
        let _ = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("name") {
                given = Some(meta.value()?.parse::<syn::LitStr>()?.value());
            }
            Ok(())
        });
    }
    given.unwrap_or_else(|| name::table(&parse::ident(&input.ident)))
}

/// The structs by table; the first of two that claim the same.
pub fn by_table(structs: &[Struct]) -> BTreeMap<&str, &Struct> {
    let mut map = BTreeMap::new();
    for strukt in structs {
        map.entry(strukt.table.as_str()).or_insert(strukt);
    }
    map
}
