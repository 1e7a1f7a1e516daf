//! Scanned items → the raw items of the package, by the front end of `kontract-schema`.
//!
//! Mistakes inside one struct are reported by its derive. Here they only make the package
//! incomplete: nothing may be concluded from the absence of an item.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kontract_schema::diagnostic::{Diagnostic, Diagnostics, Location, SourceRange};
use kontract_schema::intent::{Checked, TableIntent};
use kontract_schema::lock::LockFile;
use kontract_schema::source::check::{self, Item, Items};
use kontract_schema::source::parse;
use kontract_schema::source::raw::{self, RawTable};
use kontract_schema::{code, name};

use super::scan::{DisabledByCfg, DisabledItem, Home, Scan, ScannedItem};

/// The items of the package.
#[derive(Default)]
pub struct SourceItems {
    /// The items without mistakes.
    pub items: Items,
    /// The structs of the tables, in the order of the source.
    pub structs: Vec<TableStruct>,
    /// Mistakes inside single structs. Their derives report them.
    pub mistakes: Diagnostics,
    /// Whether something could not be read, so that a table that is missing here may still exist.
    pub incomplete: bool,
    /// The conditions of enabled tables and fields, by the logical name of the table and the field;
    /// without a field for the whole table.
    pub conditions: BTreeMap<(String, Option<String>), String>,
    /// What conditions disable in this build.
    pub disabled: Vec<Disabled>,
    /// Whether the package calls `storage!()`.
    pub has_storage: bool,
}

/// What a condition disables: a table, a field, or a module with whatever it contains.
pub struct Disabled {
    /// The logical name of the table; `None` for a module.
    pub table: Option<String>,
    /// The field; `None` for the whole table.
    pub field: Option<String>,
    /// A sentence with the item, its position and its condition.
    pub note: String,
}

impl Disabled {
    /// Whether it is this table, or this field of it.
    pub fn matches(&self, table: &str, field: Option<&str>) -> bool {
        self.table.as_deref() == Some(table) && self.field.as_deref() == field
    }
}

/// The struct of a table.
pub struct TableStruct {
    /// The logical name of the table.
    pub table: String,
    /// The struct itself; `None` if it has mistakes, which its derive reports.
    pub item: Option<Item<RawTable>>,
    /// Its file.
    pub file: PathBuf,
    /// The crates it belongs to.
    pub homes: Vec<Home>,
}

impl TableStruct {
    /// The fingerprint of the raw struct, as the derive computes it.
    pub fn fingerprint(&self) -> Option<u64> {
        self.item.as_ref().map(|item| raw::fingerprint(&item.raw))
    }

    /// The path by which a crate root names it, and whether it is public.
    pub fn path_in(&self, root: usize) -> Option<(&str, bool)> {
        let home = self.homes.iter().find(|home| home.root == root)?;
        Some((home.path.as_deref()?, home.is_pub))
    }
}

impl SourceItems {
    /// Whether the derive of a struct reports a problem. If two structs map to one table, neither
    /// does: the derive of the second would report the problems of the first.
    pub fn is_shown_by_derive(&self, problem: &Diagnostic) -> bool {
        self.find_subject(problem).is_some_and(|(strukt, _)| {
            self.structs.iter().filter(|other| other.table == strukt.table).count() == 1
        })
    }

    /// Whether `storage!()` reports a problem: one that belongs to no struct.
    pub fn is_shown_by_storage(&self, problem: &Diagnostic) -> bool {
        self.has_storage && self.find_subject(problem).is_none()
    }

    /// Replaces a table or field as the place of a problem by the range of its struct or field in the
    /// source. Without such a struct, the place stays.
    pub fn add_source_range(&self, problem: Diagnostic) -> Diagnostic {
        match self.find_source_range(&problem) {
            Some(range) => problem.in_source(range),
            None => problem,
        }
    }

    fn find_source_range(&self, problem: &Diagnostic) -> Option<SourceRange> {
        let (strukt, field) = self.find_subject(problem)?;
        let raw = &strukt.item.as_ref()?.raw;
        let field = raw.fields.iter().find(|raw| Some(raw.name.as_str()) == field);
        let at = field.map_or(raw.at, |field| field.at);
        Some(SourceRange::of_tokens(&strukt.file, at))
    }

    fn find_subject<'a>(
        &'a self,
        problem: &'a Diagnostic,
    ) -> Option<(&'a TableStruct, Option<&'a str>)> {
        let Location::Schema { table, field } = &problem.location else { return None };
        let strukt = structs_by_table(&self.structs).get(table.as_str()).copied()?;
        strukt.item.is_some().then_some((strukt, field.as_deref()))
    }

    /// If something could not be read, adds the locked tables that were not found, so that none of
    /// them counts as removed.
    pub fn retain_unread(&self, old: &LockFile, source: &mut Checked) {
        if !self.incomplete {
            return;
        }
        for (name, table) in old.schema().tables {
            let is_former = |new: &TableIntent| new.renamed_from.as_ref() == Some(&name);
            let is_renamed = source.intent.tables.values().any(is_former);
            if !source.schema.tables.contains_key(&name) && !is_renamed {
                source.schema.tables.insert(name, table);
            }
        }
    }

    /// Reports the structs that the crate root cannot name.
    pub fn report_hidden_structs(&self) -> Diagnostics {
        let mut problems = Diagnostics::new();
        for strukt in &self.structs {
            let Some(item) = &strukt.item else { continue };
            if strukt.homes.iter().all(|home| home.path.is_none()) {
                problems.push(
                    Diagnostic::new(
                        code::HIDDEN_STRUCT,
                        format!("the crate root cannot name `{}`", item.raw.ident),
                    )
                    .on(&strukt.table, None)
                    .note("`storage!()` in the crate root makes a handle for each table")
                    .help("make it and the modules around it `pub(crate)`, or re-export it"),
                );
            }
        }
        problems
    }
}

/// Parses and checks the items that a scan found.
pub fn gather_items(scan: Scan) -> SourceItems {
    let incomplete = !scan.broken.is_empty() || !scan.undecided.is_empty();
    let mut all = SourceItems { incomplete, has_storage: scan.has_storage, ..Default::default() };
    all.disabled = scan.disabled.into_iter().map(describe_disabled).collect();
    for item in scan.items {
        match item.derive {
            "Table" => {
                add_conditions(&item, &mut all);
                add_table(item, &mut all);
            }
            // An item with mistakes may belong to another crate; a table that uses it reports that
            // its type is unknown.
            "Enum" => match parse::parse_enum(&item.input) {
                Ok(raw) => all.items.enums.push(with_place(raw, &item)),
                Err(problems) => add_faulty(&item, &problems, &mut all),
            },
            "Value" => match parse::parse_newtype(&item.input) {
                Ok(raw) => all.items.newtypes.push(with_place(raw, &item)),
                Err(problems) => add_faulty(&item, &problems, &mut all),
            },
            _ => match parse::parse_document(&item.input) {
                Ok(raw) => all.items.documents.push(with_place(raw, &item)),
                Err(problems) => add_faulty(&item, &problems, &mut all),
            },
        }
    }
    all
}

/// Adds the conditions of a table and of its fields.
fn add_conditions(item: &ScannedItem, all: &mut SourceItems) {
    let table = guess_table_name(&item.input);
    for (field, cfg) in &item.disabled_fields {
        let place = SourceRange::of_tokens(&item.place.file, field.span());
        let field = parse::ident(field);
        let note = disabled_note(&format!("`{field}`"), &place, cfg);
        all.disabled.push(Disabled { table: Some(table.clone()), field: Some(field), note });
    }
    for (field, cfg) in &item.enabled_fields {
        all.conditions.insert((table.clone(), Some(parse::ident(field))), cfg.clone());
    }
    if !item.conditions.is_empty() {
        all.conditions.insert((table, None), item.conditions.join(", "));
    }
}

fn describe_disabled(disabled: DisabledByCfg) -> Disabled {
    let (table, name) = match disabled.item {
        DisabledItem::Table(input) => {
            (Some(guess_table_name(&input)), format!("`{}`", input.ident))
        }
        DisabledItem::Module(name) => (None, format!("module `{name}`")),
    };
    let note = disabled_note(&name, &disabled.place, &disabled.cfg);
    Disabled { table, field: None, note }
}

fn disabled_note(name: &str, place: &SourceRange, cfg: &str) -> String {
    format!("{name} at {place} is disabled in this build by `#[{cfg}]`")
}

fn add_table(item: ScannedItem, all: &mut SourceItems) {
    let file = item.place.file.clone();
    match parse::parse_table(&item.input).and_then(|raw| check::check_struct(&raw).or(raw)) {
        Ok(raw) if raw.standalone => {}
        Ok(raw) => {
            let placed = with_place(raw, &item);
            all.structs.push(TableStruct {
                table: placed.raw.table_name(),
                item: Some(placed.clone()),
                file,
                homes: item.homes,
            });
            all.items.tables.push(placed);
        }
        Err(problems) => {
            add_faulty(&item, &problems, all);
            all.mistakes
                .extend(problems.into_iter().map(|problem| problem.in_file(&file)).collect());
            all.incomplete = true;
            let table = guess_table_name(&item.input);
            all.structs.push(TableStruct { table, item: None, file, homes: item.homes });
        }
    }
}

/// Adds the name of an item with mistakes, and the first of them.
fn add_faulty(item: &ScannedItem, problems: &Diagnostics, all: &mut SourceItems) {
    let first = problems.iter().next().map(|problem| problem.message.clone());
    all.items.faulty.insert(parse::ident(&item.input.ident), first.unwrap_or_default());
}

fn with_place<T>(raw: T, item: &ScannedItem) -> Item<T> {
    let plain = |segment: &String| segment.strip_prefix("r#").unwrap_or(segment).to_owned();
    let module = |home: &Home| home.module.iter().map(plain).collect();
    Item {
        raw,
        module: item.homes.first().map(module).unwrap_or_default(),
        place: item.place.to_string(),
    }
}

/// Guesses the table name of a struct that may have mistakes. With the right name, code that uses
/// its handle causes no further errors.
fn guess_table_name(input: &syn::DeriveInput) -> String {
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

/// The structs by table; the first one if two map to the same table.
pub fn structs_by_table(structs: &[TableStruct]) -> BTreeMap<&str, &TableStruct> {
    let mut map = BTreeMap::new();
    for strukt in structs {
        map.entry(strukt.table.as_str()).or_insert(strukt);
    }
    map
}
