//! Finds the enum, document, newtype or table that a path in the source means.
//!
//! Kontract does not follow `use`: a path is matched by its end. Among several items of the same
//! name one in the same module wins; otherwise the source has to write more of the path. The derive's
//! assertions prove that it is the type that the compiler sees.

use std::collections::BTreeMap;

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::intent::VariantRename;
use crate::model::types::{Member, Type};
use crate::model::{SqlKind, SqlType};
use crate::source::raw::{
    RawDocument, RawEnum, RawField, RawNewtype, RawTable, RawType, fingerprint,
};

/// An item with its place in the package.
#[derive(Clone, Debug)]
pub struct Item<T> {
    /// The item as the source writes it.
    pub raw: T,
    /// The modules above it, from the crate root.
    pub module: Vec<String>,
    /// File and line for messages, `src/models.rs:12`.
    pub place: String,
}

/// All items of a package.
#[derive(Clone, Debug, Default)]
pub struct Items {
    /// Structs with `#[derive(Table)]`.
    pub tables: Vec<Item<RawTable>>,
    /// Enums with `#[derive(Enum)]`.
    pub enums: Vec<Item<RawEnum>>,
    /// Structs with `#[derive(Document)]`.
    pub documents: Vec<Item<RawDocument>>,
    /// Structs with `#[derive(Value)]`.
    pub newtypes: Vec<Item<RawNewtype>>,
    /// The names of structs and enums with mistakes, which their derives report, and the first mistake.
    /// The lists above do not have them.
    pub faulty: BTreeMap<String, String>,
}

/// An item that has a name.
pub trait Ident {
    /// The name in the source.
    fn ident(&self) -> &str;
}

impl Ident for RawTable {
    fn ident(&self) -> &str {
        &self.ident
    }
}

impl Ident for RawEnum {
    fn ident(&self) -> &str {
        &self.ident
    }
}

impl Ident for RawDocument {
    fn ident(&self) -> &str {
        &self.ident
    }
}

impl Ident for RawNewtype {
    fn ident(&self) -> &str {
        &self.ident
    }
}

impl<T: Ident> Item<T> {
    /// `crate::models::User`.
    pub fn path(&self) -> String {
        let mut segments = vec!["crate"];
        segments.extend(self.module.iter().map(String::as_str));
        segments.push(self.raw.ident());
        segments.join("::")
    }
}

/// The items that match a path.
enum Found<T> {
    One(T),
    None,
    Several(Vec<String>),
}

/// The item that is the type of a field.
enum TypeItem<'a> {
    Enum(&'a Item<RawEnum>),
    Document(&'a Item<RawDocument>),
    Newtype(&'a Item<RawNewtype>),
}

/// The column type on PostgreSQL that a Rust type implies.
pub(super) struct ImpliedColumn {
    pub(super) sql_type: SqlType,
    /// Whether it is an enum type that the migrations create.
    pub(super) native: bool,
}

pub(super) struct Resolver<'a> {
    items: &'a Items,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(items: &'a Items) -> Resolver<'a> {
        Resolver { items }
    }

    /// The table that a reference names.
    pub(super) fn find_table(
        &self,
        path: &str,
        from: &Item<RawTable>,
    ) -> Option<&'a Item<RawTable>> {
        match find(&self.items.tables, path, &from.module) {
            Found::One(item) => Some(item),
            _ => None,
        }
    }

    /// Whether a path names a struct or enum with mistakes.
    pub(super) fn is_faulty(&self, path: &str) -> bool {
        self.find_mistake(path).is_some()
    }

    /// The first mistake of the struct or enum that a path names.
    fn find_mistake(&self, path: &str) -> Option<&'a String> {
        self.items.faulty.get(path.rsplit("::").next()?)
    }

    /// The item that the type of a field names.
    fn find_item(&self, path: &str, module: &[String]) -> Found<TypeItem<'a>> {
        let items = self.items;
        let found = [
            find(&items.enums, path, module).map(TypeItem::Enum),
            find(&items.documents, path, module).map(TypeItem::Document),
            find(&items.newtypes, path, module).map(TypeItem::Newtype),
        ];
        found.into_iter().fold(Found::None, Found::or)
    }

    /// The enum that the type of a field names, itself or inside of newtypes.
    pub(super) fn find_enum(&self, ty: &RawType, from: &Item<RawTable>) -> Option<&'a RawEnum> {
        let (mut ty, mut module) = (ty, &from.module[..]);
        // A newtype that contains itself does not compile.
        for _ in 0..=self.items.newtypes.len() {
            let RawType::Named(path, _) = ty else { return None };
            match self.find_item(path, module) {
                Found::One(TypeItem::Enum(item)) => return Some(&item.raw),
                Found::One(TypeItem::Newtype(item)) => (ty, module) = (&item.raw.ty, &item.module),
                _ => return None,
            }
        }
        None
    }

    /// Whether the type of a field is a newtype.
    pub(super) fn is_newtype(&self, ty: &RawType, from: &Item<RawTable>) -> bool {
        let RawType::Named(path, _) = ty else { return false };
        matches!(self.find_item(path, &from.module), Found::One(TypeItem::Newtype(_)))
    }

    /// The fingerprint of the enum, document or newtype that the type of a field names.
    pub(super) fn fingerprint(&self, ty: &RawType, from: &Item<RawTable>) -> Option<u64> {
        let path = match ty {
            RawType::Known(_) | RawType::Text(_) => return None,
            RawType::List(element) => return self.fingerprint(element, from),
            RawType::Named(path, _) => path,
        };
        match self.find_item(path, &from.module) {
            Found::One(TypeItem::Enum(item)) => Some(fingerprint(&item.raw)),
            Found::One(TypeItem::Document(item)) => Some(fingerprint(&item.raw)),
            Found::One(TypeItem::Newtype(item)) => Some(fingerprint(&item.raw)),
            _ => None,
        }
    }

    /// The type of a field. A type that cannot be resolved is reported; [`Type::Sql`] replaces it.
    pub(super) fn resolve_type(
        &self,
        ty: &RawType,
        from: &Item<RawTable>,
        table: &str,
        field: &str,
        problems: &mut Diagnostics,
    ) -> Type {
        self.resolve(ty, &from.module, &mut Vec::new()).unwrap_or_else(|problem| {
            problems.push((*problem).on(table, Some(field)));
            Type::Sql
        })
    }

    /// Whether the type of a field, or of the elements of its list, is known.
    pub(super) fn resolves(&self, ty: &RawType, from: &Item<RawTable>) -> bool {
        self.resolve(ty, &from.module, &mut Vec::new()).is_ok()
    }

    /// The column type on PostgreSQL that the type of a field implies, where it is not that of its
    /// [`Type`]: of an enum with `native`, and of types that travel as text.
    pub(super) fn implied_column(
        &self,
        ty: &RawType,
        from: &Item<RawTable>,
    ) -> Option<ImpliedColumn> {
        // A newtype that contains itself is reported by `resolve`.
        self.implied_kind(ty, &from.module, self.items.newtypes.len())
    }

    fn implied_kind(&self, ty: &RawType, module: &[String], depth: usize) -> Option<ImpliedColumn> {
        match ty {
            RawType::Known(_) => None,
            RawType::Text(kind) => {
                Some(ImpliedColumn { sql_type: SqlType::new(kind.clone()), native: false })
            }
            RawType::List(element) => {
                let ImpliedColumn { sql_type, native } =
                    self.implied_kind(element, module, depth)?;
                // A list of lists is JSON.
                let is_list = matches!(sql_type.kind(), SqlKind::Array(_));
                let list = SqlType::new(SqlKind::Array(Box::new(sql_type.kind().clone())));
                (!is_list).then_some(ImpliedColumn { sql_type: list, native })
            }
            RawType::Named(path, _) => match self.find_item(path, module) {
                Found::One(TypeItem::Enum(item)) => {
                    let sql_type = item.raw.native.clone()?;
                    Some(ImpliedColumn { sql_type, native: true })
                }
                Found::One(TypeItem::Newtype(item)) => {
                    self.implied_kind(&item.raw.ty, &item.module, depth.checked_sub(1)?)
                }
                _ => None,
            },
        }
    }

    /// The variants under new names in the type of a field.
    pub(super) fn renamed_variants(
        &self,
        ty: &RawType,
        from: &Item<RawTable>,
    ) -> Vec<VariantRename> {
        let mut found = Vec::new();
        self.collect_renamed(ty, &from.module, &mut Vec::new(), &mut Vec::new(), &mut found);
        found
    }

    fn collect_renamed(
        &self,
        ty: &RawType,
        module: &[String],
        path: &mut Vec<String>,
        inside: &mut Vec<String>,
        found: &mut Vec<VariantRename>,
    ) {
        let name = match ty {
            RawType::Known(_) | RawType::Text(_) => return,
            // `resolve` reports it.
            _ if inside.len() > NESTING_LIMIT => return,
            RawType::List(element) => {
                return self.collect_renamed(element, module, path, inside, found);
            }
            RawType::Named(name, _) => name,
        };
        match self.find_item(name, module) {
            Found::One(TypeItem::Enum(item)) => {
                found.extend(item.raw.renamed.iter().map(|(from, to)| VariantRename {
                    path: path.clone(),
                    from: from.clone(),
                    to: to.clone(),
                }));
            }
            // `resolve` reports an item that contains itself.
            Found::One(TypeItem::Newtype(item)) if !inside.contains(&item.path()) => {
                inside.push(item.path());
                self.collect_renamed(&item.raw.ty, &item.module, path, inside, found);
                inside.pop();
            }
            Found::One(TypeItem::Document(item)) if !inside.contains(&item.path()) => {
                inside.push(item.path());
                for field in &item.raw.fields {
                    path.push(field.json.clone());
                    self.collect_renamed(&field.ty, &item.module, path, inside, found);
                    path.pop();
                }
                inside.pop();
            }
            _ => {}
        }
    }

    fn resolve(
        &self,
        ty: &RawType,
        module: &[String],
        inside: &mut Vec<String>,
    ) -> Result<Type, Box<Diagnostic>> {
        match ty {
            RawType::Known(known) => Ok(known.clone()),
            // In a document; a column has its own type.
            RawType::Text(_) => Ok(Type::String),
            RawType::List(element) => {
                enter(LIST.to_owned(), inside)?;
                let element = self.resolve(element, module, inside);
                inside.pop();
                Ok(Type::Array(Box::new(element?)))
            }
            RawType::Named(path, _) => self.resolve_named(path, module, inside),
        }
    }

    fn resolve_named(
        &self,
        path: &str,
        module: &[String],
        inside: &mut Vec<String>,
    ) -> Result<Type, Box<Diagnostic>> {
        match self.find_item(path, module) {
            Found::One(TypeItem::Enum(item)) => {
                let stored = item.raw.variants.iter().map(|(_, stored)| stored.clone());
                Ok(Type::Enum(stored.collect()))
            }
            Found::One(TypeItem::Newtype(item)) => {
                enter(item.path(), inside)?;
                let ty = self.resolve(&item.raw.ty, &item.module, inside);
                inside.pop();
                ty
            }
            Found::One(TypeItem::Document(item)) => {
                enter(item.path(), inside)?;
                let members: Result<Vec<Member>, _> =
                    item.raw.fields.iter().map(|field| self.resolve_member(field, item, inside)).collect();
                inside.pop();
                members.map(Type::Object)
            }
            Found::None => Err(Box::new(match self.find_mistake(path) {
                Some(mistake) => Diagnostic::new(code::UNKNOWN_TYPE, format!("`{path}` has no column type"))
                    .note(format!("its derive reports a mistake in it: {mistake}"))
                    .help("correct that mistake first"),
                None => Diagnostic::new(code::UNKNOWN_TYPE, format!("`{path}` has no column type"))
                    .note("this package has no enum or struct of that name with `#[derive(Enum)]`, `#[derive(Document)]` or `#[derive(Value)]`; type aliases are not followed")
                    .help("derive one of them, write the aliased type, or give `#[column(sql_type = \"…\")]`"),
            })),
            Found::Several(all) => Err(Box::new(
                Diagnostic::new(code::AMBIGUOUS_TYPE, format!("`{path}` may be {}", all.join(" or ")))
                    .help("write more of its path"),
            )),
        }
    }

    fn resolve_member(
        &self,
        field: &RawField,
        document: &Item<RawDocument>,
        inside: &mut Vec<String>,
    ) -> Result<Member, Box<Diagnostic>> {
        Ok(Member {
            name: field.json.clone(),
            ty: self.resolve(&field.ty, &document.module, inside)?,
            optional: field.optional || field.serde_default,
        })
    }
}

/// How deeply documents, newtypes and lists can be nested. The lock file nests its JSON up to three
/// times as deeply, and serde_json reads 128 levels.
const NESTING_LIMIT: usize = 32;

/// What a list is among the items around a type.
const LIST: &str = "Vec";

/// Notes that an item, or a list, is entered.
///
/// # Errors
/// The item contains itself, or is nested too deeply.
fn enter(item: String, inside: &mut Vec<String>) -> Result<(), Box<Diagnostic>> {
    let message = if item != LIST && inside.contains(&item) {
        format!("`{item}` contains itself")
    } else if inside.len() == NESTING_LIMIT {
        format!("`{item}` is nested more than {NESTING_LIMIT} levels deep")
    } else {
        inside.push(item);
        return Ok(());
    };
    Err(Box::new(
        Diagnostic::new(code::RECURSIVE_DOCUMENT, message)
            .help("refer to a table instead, or use a `Json` field"),
    ))
}

impl<T> Found<T> {
    fn map<U>(self, of: impl FnOnce(T) -> U) -> Found<U> {
        match self {
            Found::One(item) => Found::One(of(item)),
            Found::None => Found::None,
            Found::Several(paths) => Found::Several(paths),
        }
    }
}

impl<'a> Found<TypeItem<'a>> {
    /// The items that match here or there.
    fn or(self, other: Found<TypeItem<'a>>) -> Found<TypeItem<'a>> {
        match (self, other) {
            (Found::None, found) | (found, Found::None) => found,
            (one, other) => {
                let mut all = one.paths();
                all.extend(other.paths());
                Found::Several(all)
            }
        }
    }

    /// The paths of the items, as a message names them.
    fn paths(&self) -> Vec<String> {
        match self {
            Found::One(TypeItem::Enum(item)) => vec![format!("`{}`", item.path())],
            Found::One(TypeItem::Document(item)) => vec![format!("`{}`", item.path())],
            Found::One(TypeItem::Newtype(item)) => vec![format!("`{}`", item.path())],
            Found::None => Vec::new(),
            Found::Several(paths) => paths.clone(),
        }
    }
}

fn find<'a, T: Ident>(items: &'a [Item<T>], path: &str, module: &[String]) -> Found<&'a Item<T>> {
    let segments: Vec<&str> =
        path.split("::").filter(|s| !matches!(*s, "crate" | "self" | "super" | "")).collect();
    let Some((last, parents)) = segments.split_last() else { return Found::None };
    let matching: Vec<&Item<T>> = items
        .iter()
        .filter(|item| item.raw.ident() == *last)
        .filter(|item| {
            item.module.iter().map(String::as_str).collect::<Vec<_>>().ends_with(parents)
        })
        .collect();
    match &matching[..] {
        [] => Found::None,
        [one] => Found::One(one),
        several => {
            // A path from the root, or a name in the same module.
            let exact = |item: &&&Item<T>| match path.strip_prefix("crate::") {
                Some(_) => item.module.iter().map(String::as_str).eq(parents.iter().copied()),
                None => parents.is_empty() && item.module == module,
            };
            let exact: Vec<_> = several.iter().filter(exact).collect();
            match &exact[..] {
                [one] => Found::One(one),
                _ => Found::Several(
                    several.iter().map(|item| format!("`{}`", item.path())).collect(),
                ),
            }
        }
    }
}
